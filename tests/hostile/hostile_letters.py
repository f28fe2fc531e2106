"""Attacks on letters: what members sign, withdraw and release, and the package that strangers check.

Here a refusal is a finding or the reason why an act counts for nothing; both have codes that never change.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from meshcoal.statement.model import Row as Entry
from meshcoal.statement.publication import build, verify
from meshcoal.wire.addendum import AddendumBody
from meshcoal.wire.bodies import Body, ReleaseBody, SignBody, WithdrawBody, decode_body, encode_body
from meshcoal.wire.operation import Kind
from meshcoal.wire.package import Addendum, Package, Withdrawal, decode_package, encode_package
from meshcoal.wire.paper import Sheet
from meshcoal.wire.paper_bodies import PaperBody, StrikeBody
from meshcoal.wire.public_text import parse_canonical_text

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from lettering import Desk, added_desk, folded, released_desk
from refusalwork import Apart, Harmless, Refused, Row

ACTS: Final = "Acts on letters"
PACKAGES: Final = "What the public gets"
KIND: Final[dict[type[Body], Kind]] = {
    SignBody: Kind.SIGN,
    WithdrawBody: Kind.WITHDRAW,
    ReleaseBody: Kind.RELEASE,
    AddendumBody: Kind.ADDENDUM,
    PaperBody: Kind.PAPER,
    StrikeBody: Kind.STRIKE,
}


def open_desk() -> tuple[Desk, Entry]:
    """A letter that is open for signing, which Ana and Mallory have signed."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.sign(draft, "mallory")
    return desk, draft


def reason(desk: Desk, draft: Entry, entry: Entry) -> str:
    """Why an act counts for nothing, or that it counts."""
    return dict(desk.view(draft.id).ineffective).get(entry.id, "taken")


def last(desk: Desk, kind: Kind, who: int = -1) -> Any:
    return [row for row in desk.rows if row.kind is kind][who].body


def written_again(desk: Desk, draft: Entry, name: str, body: Body, **changes: Any) -> str:
    """Somebody writes an act that was written before."""
    return reason(desk, draft, desk.write(name, KIND[type(body)], dataclasses.replace(body, **changes)))


def sign_on_twice() -> str:
    desk, draft = open_desk()
    return written_again(desk, draft, "ana", last(desk, Kind.SIGN, 0))


def sign_on_copied() -> str:
    desk, draft = open_desk()
    return written_again(desk, draft, "ben", last(desk, Kind.SIGN, 0))


def to_another_letter(kind: Kind) -> Callable[[], str]:
    """The act, with the other letter's id written over this one's."""

    def attack() -> str:
        desk, draft = open_desk()
        if kind is Kind.WITHDRAW:
            desk.withdraw(draft, "ana")
        elif kind is not Kind.SIGN:
            desk.release(draft)
        if kind is Kind.ADDENDUM:
            late_addendum(desk, draft)
        other = desk.draft(title="Free Ms. Salman")
        desk.freeze(other)
        return written_again(desk, other, "ana", last(desk, kind, 0), statement=other.id)

    return attack


def act_cut(kind: Kind) -> Callable[[], object]:
    def attack() -> object:
        desk, draft = open_desk()
        desk.withdraw(draft, "mallory")
        desk.release(draft)
        late_addendum(desk, draft)
        return decode_body(kind, encode_body(last(desk, kind))[:-1])

    return attack


def acts_in_another_order() -> None:
    """Whatever order operations come in, the count is one."""
    desk, draft = open_desk()
    forwards, backwards = folded(desk.rows).get(draft.id), folded(desk.rows[::-1]).get(draft.id)
    assert forwards == backwards


def withdrawal_of_an_earlier_sign_on() -> str:
    """Ana signs anew after her withdrawal, which is then written once more."""
    desk, draft = open_desk()
    desk.withdraw(draft, "ana")
    withdrawal = last(desk, Kind.WITHDRAW)
    desk.sign(draft, "ana", name="Ana's other centre")
    return written_again(desk, draft, "ana", withdrawal)


def withdrawal_early() -> str:
    desk, draft = open_desk()
    desk.withdraw(draft, "ana")
    return written_again(desk, draft, "ben", last(desk, Kind.WITHDRAW))


def withdrawal_of_another() -> str:
    desk, draft = open_desk()
    desk.withdraw(draft, "ana")
    return written_again(desk, draft, "mallory", last(desk, Kind.WITHDRAW))


def release_twice() -> str:
    desk, draft = open_desk()
    desk.release(draft)
    return written_again(desk, draft, "ana", last(desk, Kind.RELEASE))


def release_early() -> str:
    """It lists sign-ons that do not lie before it."""
    desk, draft = open_desk()
    desk.release(draft)
    release = last(desk, Kind.RELEASE)
    desk.rows.pop()
    entry = desk.write("ben", Kind.RELEASE, release, seen=desk.rows[:2])
    return reason(desk, draft, entry)


def release_of_another() -> str:
    desk, draft = open_desk()
    desk.release(draft)
    release = last(desk, Kind.RELEASE)
    desk.rows.pop()
    return written_again(desk, draft, "ben", release)


def late_addendum(desk: Desk, draft: Entry) -> AddendumBody:
    """Chi signs late, and Ana publishes an addendum."""
    desk.sign(draft, "chi", late=True)
    body = desk.addendum(draft).body
    assert isinstance(body, AddendumBody), "as made"
    return body


def addendum_twice() -> str:
    desk, draft = open_desk()
    desk.release(draft)
    return written_again(desk, draft, "ana", late_addendum(desk, draft))


def addendum_early() -> str:
    """It lists a sign-on that does not lie before it."""
    desk, draft = open_desk()
    desk.release(draft)
    seen = list(desk.rows)
    body = late_addendum(desk, draft)
    desk.rows.pop()
    return reason(desk, draft, desk.write("ana", Kind.ADDENDUM, body, seen=seen))


def addendum_of_another() -> str:
    desk, draft = open_desk()
    desk.release(draft)
    body = late_addendum(desk, draft)
    desk.rows.pop()
    return written_again(desk, draft, "ben", body)


def paper_desk(*, struck: bool = False) -> tuple[Desk, Entry]:
    """A letter that takes signatures on paper, with a sheet of two lines that Chi saw signed."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft, paper=True)
    desk.paper(draft, "chi", "Ana One", "Ben Two")
    if struck:
        desk.strike(draft, "chi", 1, 2)
    return desk, draft


def sheet_twice() -> None:
    """The last writing of a sheet stands, and it is the same."""
    desk, draft = paper_desk()
    before = desk.view(draft.id).counted_on_paper()
    desk.write("chi", Kind.PAPER, last(desk, Kind.PAPER))
    assert len(desk.view(draft.id).counted_on_paper()) == len(before) == 2


def paper_in_another_order() -> None:
    desk, draft = paper_desk(struck=True)
    assert folded(desk.rows).get(draft.id) == folded(desk.rows[::-1]).get(draft.id)


def strike_twice() -> None:
    """One line is struck, however often that is written."""
    desk, draft = paper_desk(struck=True)
    desk.write("chi", Kind.STRIKE, last(desk, Kind.STRIKE))
    (left,) = desk.view(draft.id).counted_on_paper()
    assert left.line.name == "Ana One"


def strike_without_a_sheet() -> str:
    desk, draft = paper_desk(struck=True)
    strike = last(desk, Kind.STRIKE)
    del desk.rows[-2:]
    return written_again(desk, draft, "chi", strike)


def paper_by_another(kind: Kind) -> Callable[[], str]:
    """Another member writes it as theirs."""

    def attack() -> str:
        desk, draft = paper_desk(struck=kind is Kind.STRIKE)
        body = last(desk, kind)
        desk.rows.pop()
        return written_again(desk, draft, "dov", body)

    return attack


def paper_to_another_letter(kind: Kind) -> Callable[[], str]:
    def attack() -> str:
        desk, _ = paper_desk(struck=True)
        other = desk.draft(title="Free Ms. Salman")
        desk.freeze(other, paper=True)
        return written_again(desk, other, "chi", last(desk, kind), statement=other.id)

    return attack


def paper_cut(kind: Kind) -> Callable[[], object]:
    def attack() -> object:
        desk, _ = paper_desk(struck=True)
        return decode_body(kind, encode_body(last(desk, kind))[:-1])

    return attack


def paper_rows() -> tuple[Row, ...]:
    return (
        Row(
            name="Sheet of paper",
            part=ACTS,
            page="paper.md",
            cells=(
                Harmless(how="Written once more: the last writing of a sheet stands", attack=sheet_twice),
                Harmless(how="Any order gives one count", attack=paper_in_another_order),
                Refused(how="Cut by a byte", code="malformed-body", attack=paper_cut(Kind.PAPER)),
                Refused(
                    how="Written into another letter, as if signed for that",
                    code="other-text",
                    attack=paper_to_another_letter(Kind.PAPER),
                ),
                Refused(
                    how="Another member writes it as theirs",
                    code="bad-act",
                    attack=paper_by_another(Kind.PAPER),
                ),
            ),
        ),
        Row(
            name="Withdrawal of lines on paper",
            part=ACTS,
            page="paper.md",
            cells=(
                Harmless(how="Written once more: the line is struck once, for good", attack=strike_twice),
                Refused(how="Without the sheet", code="nothing-to-withdraw", attack=strike_without_a_sheet),
                Refused(how="Cut by a byte", code="malformed-body", attack=paper_cut(Kind.STRIKE)),
                Refused(
                    how="Written into another letter",
                    code="other-text",
                    attack=paper_to_another_letter(Kind.STRIKE),
                ),
                Refused(
                    how="Another member writes it as theirs",
                    code="not-authorised",
                    attack=paper_by_another(Kind.STRIKE),
                ),
            ),
        ),
    )


def act_rows() -> tuple[Row, ...]:
    text = Refused(
        how="Written into another letter, as if signed for that",
        code="other-text",
        attack=to_another_letter(Kind.SIGN),
    )
    return (
        Row(
            name="Sign-on",
            part=ACTS,
            page="statement.md",
            cells=(
                Refused(how="Written once more by its author", code="doubled", attack=sign_on_twice),
                Harmless(how="Any order gives one count", attack=acts_in_another_order),
                Refused(how="Cut by a byte", code="malformed-body", attack=act_cut(Kind.SIGN)),
                text,
                Refused(how="Another member writes it as theirs", code="bad-act", attack=sign_on_copied),
            ),
        ),
        Row(
            name="Withdrawal",
            part=ACTS,
            page="statement.md",
            cells=(
                Refused(
                    how="Of an earlier sign-on, against a later one",
                    code="bad-act",
                    attack=withdrawal_of_an_earlier_sign_on,
                    why="The text that was signed names one sign-on; against another it does not hold.",
                ),
                Refused(
                    how="Without a sign-on before it", code="nothing-to-withdraw", attack=withdrawal_early
                ),
                Refused(how="Cut by a byte", code="malformed-body", attack=act_cut(Kind.WITHDRAW)),
                dataclasses.replace(text, attack=to_another_letter(Kind.WITHDRAW)),
                Refused(
                    how="Another signatory writes it as theirs",
                    code="bad-act",
                    attack=withdrawal_of_another,
                    why="The same.",
                ),
            ),
        ),
        Row(
            name="Release",
            part=ACTS,
            page="statement.md",
            cells=(
                Refused(how="Once more", code="later-release", attack=release_twice),
                Refused(
                    how="Before the sign-ons it lists",
                    code="bad-release",
                    attack=release_early,
                    why="A release holds as a whole or not at all.",
                ),
                Refused(how="Cut by a byte", code="malformed-body", attack=act_cut(Kind.RELEASE)),
                dataclasses.replace(text, attack=to_another_letter(Kind.RELEASE)),
                Refused(
                    how="Another organiser writes it as theirs",
                    code="bad-release",
                    attack=release_of_another,
                    why="The same.",
                ),
            ),
        ),
        Row(
            name="Addendum",
            part=ACTS,
            page="statement.md",
            cells=(
                Refused(
                    how="Once more",
                    code="other-chain",
                    attack=addendum_twice,
                    why="At each number one holds, and whom it lists is on the list.",
                ),
                Refused(
                    how="Before the sign-ons it lists",
                    code="bad-addendum",
                    attack=addendum_early,
                    why="An addendum holds as a whole or not at all.",
                ),
                Refused(how="Cut by a byte", code="malformed-body", attack=act_cut(Kind.ADDENDUM)),
                dataclasses.replace(text, code="before-release", attack=to_another_letter(Kind.ADDENDUM)),
                Refused(
                    how="Another organiser writes it as theirs",
                    code="bad-addendum",
                    attack=addendum_of_another,
                    why="The text that was signed names the key.",
                ),
            ),
        ),
    )


# --- The package


@functools.cache
def package() -> Package:
    desk, draft = released_desk()
    return decode_package(build(desk.view(draft.id)))


@functools.cache
def other_package() -> Package:
    """Another letter of the same people."""
    desk, _ = released_desk()
    draft = desk.draft(title="Free Ms. Salman", text="Madam,\n\nFree her.")
    desk.freeze(draft)
    for name in ("ana", "ben"):
        desk.sign(draft, name)
    desk.withdraw(draft, "ben")
    desk.sign(draft, "ben")
    desk.release(draft)
    desk.withdraw(draft, "ben")
    return decode_package(build(desk.view(draft.id)))


def found(wanted: str, **changes: Any) -> Callable[[], str]:
    """`wanted`, if a verifier of the changed package finds it; else all that it finds."""

    def attack() -> str:
        return finding(wanted, dataclasses.replace(package(), **changes))

    return attack


def finding(wanted: str, changed: Package) -> str:
    codes = {one.code for one in verify(encode_package(changed)).problems}
    return wanted if wanted in codes else " ".join(sorted(codes)) or "taken"


def names_swapped() -> str:
    one, two, *rest = package().sign_ons
    swapped = (
        dataclasses.replace(one, fields=dataclasses.replace(one.fields, name=two.fields.name)),
        dataclasses.replace(two, fields=dataclasses.replace(two.fields, name=one.fields.name)),
        *rest,
    )
    return found("swapped-name", sign_ons=swapped)()


def package_cut() -> object:
    return decode_package(encode_package(package())[:-1])


def package_rows() -> tuple[Row, ...]:
    ours, theirs = package(), other_package()
    assert theirs.withdrawals, "the other letter has a withdrawal after its release"
    text = ours.canonical_text
    (notice,) = theirs.withdrawals
    lied = Withdrawal(
        act_key=theirs.sign_ons[0].act_key
        if theirs.sign_ons[0].act_key != notice.act_key
        else theirs.sign_ons[1].act_key,
        withdrawn_ms=notice.withdrawn_ms,
        signature=notice.signature,
    )
    return (
        Row(
            name="List of a package",
            part=PACKAGES,
            page="package.md",
            cells=(
                Refused(
                    how="An entry twice",
                    code="doubled",
                    attack=found("doubled", sign_ons=(*ours.sign_ons, ours.sign_ons[-1])),
                ),
                Refused(
                    how="The entries in another order",
                    code="order",
                    attack=found("order", sign_ons=ours.sign_ons[::-1]),
                ),
                Refused(
                    how="An entry left out (the file cut off: `malformed-package`)",
                    code="tally",
                    attack=found("tally", sign_ons=ours.sign_ons[:-1]),
                ),
                Refused(
                    how="A sign-on of another letter put in",
                    code="signature",
                    attack=found("signature", sign_ons=(*ours.sign_ons[:-1], theirs.sign_ons[0])),
                ),
                Refused(how="Two names exchanged", code="swapped-name", attack=names_swapped),
            ),
        ),
        Row(
            name="Text of a letter",
            part=PACKAGES,
            page="statement.md",
            cells=(
                Apart(why="A text may be shown as often as one likes."),
                Refused(
                    how="Two paragraphs exchanged",
                    code="text-digest",
                    attack=found("text-digest", canonical_text=text.replace("Dear Minister,", "Yours", 1)),
                ),
                Refused(
                    how="Cut by a byte",
                    code="malformed-package",
                    attack=lambda: parse_canonical_text(text.encode()[:-1]),
                ),
                Refused(
                    how="Another letter's text above this list",
                    code="other-text",
                    attack=found("other-text", canonical_text=theirs.canonical_text),
                ),
                Apart(why="A text is for everybody; to whom it speaks is part of it, and of its digest."),
            ),
        ),
        Row(
            name="Release in a package",
            part=PACKAGES,
            page="package.md",
            cells=(
                Apart(why="A package has one; a second package is a second file."),
                Apart(why="The same."),
                Refused(how="The file cut off", code="malformed-package", attack=package_cut),
                Refused(
                    how="The release of another letter",
                    code="release",
                    attack=found("release", release=theirs.release),
                    why="It names digest and list, and one signature is over both: it holds or does not.",
                ),
                Refused(
                    how="Another key's name on it",
                    code="release",
                    attack=found(
                        "release",
                        release=dataclasses.replace(ours.release, act_key=ours.sign_ons[-1].act_key),
                    ),
                    why="The same.",
                ),
            ),
        ),
        addendum_row(),
        paper_in_package_row(),
        Row(
            name="Withdrawal notice in a package",
            part=PACKAGES,
            page="package.md",
            cells=(
                Refused(
                    how="Twice",
                    code="doubled-withdrawal",
                    attack=lambda: finding(
                        "doubled-withdrawal", dataclasses.replace(theirs, withdrawals=(notice, notice))
                    ),
                ),
                Apart(why="Notices out of their order are the finding of the column before."),
                Apart(why="See the row above."),
                Refused(
                    how="Of another letter",
                    code="withdrawal",
                    attack=found("withdrawal", withdrawals=(notice,)),
                    why="One signature is over letter, key, sign-on and time.",
                ),
                Refused(
                    how="Another signatory's key on it",
                    code="withdrawal",
                    attack=lambda: finding("withdrawal", dataclasses.replace(theirs, withdrawals=(lied,))),
                    why="The same.",
                ),
            ),
        ),
    )


@functools.cache
def paper_package(title: str) -> Package:
    """Two witnesses, a sheet each."""
    desk = Desk()
    draft = desk.draft(title=title)
    desk.freeze(draft, paper=True)
    desk.sign(draft, "ana")
    desk.paper(draft, "chi", "Ana One", "Ben Two")
    desk.paper(draft, "dov", "Eve Five")
    desk.release(draft)
    return decode_package(build(desk.view(draft.id)))


def paper_in_package_row() -> Row:
    ours, theirs = paper_package("Free Ms. Rahimi"), paper_package("Free Ms. Salman")
    one, two = ours.paper
    lied = dataclasses.replace(one, head=dataclasses.replace(one.head, act_key=two.head.act_key))

    def given(wanted: str, *sheets: Sheet) -> Callable[[], str]:
        return lambda: finding(wanted, dataclasses.replace(ours, paper=sheets))

    return Row(
        name="Sheet of paper in a package",
        part=PACKAGES,
        page="paper.md",
        cells=(
            Refused(
                how="Twice",
                code="paper-order",
                attack=given("paper-order", one, one, two),
                why="The list ascends: what stands in it twice is out of order.",
            ),
            Refused(
                how="The sheets in another order",
                code="paper-order",
                attack=given("paper-order", two, one),
                why="The same: each witness and number has one place.",
            ),
            Refused(how="A sheet left out", code="tally", attack=given("tally", one)),
            Refused(
                how="Of another letter",
                code="paper-signature",
                attack=given("paper-signature", one, theirs.paper[1]),
                why="A witness signs sheet and letter in one.",
            ),
            Refused(
                how="Another witness's key on it",
                code="paper-signature",
                attack=given("paper-signature", lied, two),
                why="The same.",
            ),
        ),
    )


@functools.cache
def added_package() -> Package:
    desk, draft = added_desk()
    return decode_package(build(desk.view(draft.id)))


def addendum_row() -> Row:
    ours = added_package()
    first, second = ours.addenda
    stolen = dataclasses.replace(first, act_key=second.act_key)

    def added(wanted: str, *addenda: Addendum) -> Callable[[], str]:
        return lambda: finding(wanted, dataclasses.replace(ours, addenda=addenda))

    return Row(
        name="Addendum in a package",
        part=PACKAGES,
        page="package.md",
        cells=(
            Refused(
                how="Twice",
                code="addendum-order",
                attack=added("addendum-order", first, first, second),
                why="See the next cell.",
            ),
            Refused(
                how="Out of order",
                code="addendum-order",
                attack=added("addendum-order", second, first),
                why="Numbers that do not ascend, each once: it is one rule.",
            ),
            Refused(
                how="One left out in the middle",
                code="addendum-missing",
                attack=added("addendum-missing", second),
            ),
            Refused(
                how="Of another release",
                code="addendum-release",
                attack=lambda: finding(
                    "addendum-release", dataclasses.replace(package(), addenda=other_addenda())
                ),
            ),
            Refused(
                how="Another key's name on it",
                code="addendum-signature",
                attack=added("addendum-signature", stolen, second),
            ),
        ),
    )


def other_addenda() -> tuple[Addendum, ...]:
    """Those of another letter."""
    desk, _ = released_desk()
    draft = desk.draft(title="Free Ms. Salman", text="Madam,\n\nFree her.")
    desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.release(draft)
    desk.sign(draft, "dov", late=True)
    desk.addendum(draft)
    return decode_package(build(desk.view(draft.id))).addenda


def rows() -> tuple[Row, ...]:
    return (*act_rows(), *paper_rows(), *package_rows())
