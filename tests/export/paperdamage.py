"""Packages with signatures on paper, sound and damaged, of which page and command must say the same."""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from meshcoal.clock import DAY_MS
from meshcoal.statement.publication import build
from meshcoal.wire.package import Package, Release, decode_package, encode_package
from meshcoal.wire.paper import (
    LeftOut,
    PaperLine,
    PaperWithdrawal,
    Sheet,
    SheetHead,
    line_digest,
    line_digests,
    paper_withdrawal_text,
    sheet_text,
    tally_lines,
)
from meshcoal.wire.public_text import (
    TallyLine,
    canonical_text,
    digest_of,
    release_text,
    rules_of,
    sign_on_text,
    tally_text,
)
from meshcoal.wire.terms import NAMED_ALONE, Capacity

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

import damage
from lettering import DEADLINE_MS, START_MS, Desk

Case = tuple[str, bytes]
DAY: int = START_MS - START_MS % DAY_MS


def line(number: int, name: str, **changes: Any) -> PaperLine:
    values: dict[str, Any] = {
        "line": number,
        "salt": bytes([number]) * 32,
        "capacity": Capacity.INDIVIDUAL,
        "name": name,
        "country": "Bahrain",
    }
    return PaperLine(**(values | changes))


def sheet(
    digest: bytes,
    who: str,
    number: int,
    *lines: PaperLine,
    left_out: tuple[PaperLine, ...] = (),
    **changes: Any,
) -> Sheet:
    """Signed by its witness."""
    values: dict[str, Any] = {
        "act_key": damage.key(who).public,
        "witness": "",
        "number": number,
        "scan": bytes([number]) * 32,
        "dated_ms": DAY,
        "entered_ms": START_MS,
    }
    made = Sheet(
        head=SheetHead(**(values | changes)),
        lines=lines,
        left_out=tuple([LeftOut(line=one.line, digest=line_digest(one)) for one in left_out]),
        signature=bytes(64),
    )
    return signed(digest, made, who)


def signed(digest: bytes, made: Sheet, who: str) -> Sheet:
    text = sheet_text(digest, made.head, line_digests(made))
    return dataclasses.replace(made, signature=damage.key(who).sign(text))


def released(package: Package, sheets: tuple[Sheet, ...]) -> Package:
    """The package with these sheets, counted and released anew by an organiser who lies."""
    lines = [
        TallyLine(
            act_key=one.act_key,
            sign_on=digest_of(sign_on_text(package.digest, one.act_key, one.fields)),
            capacity=one.fields.capacity,
            name=one.fields.name,
        )
        for one in package.sign_ons
    ]
    told = tally_lines(
        [
            (
                *one.place,
                digest_of(sheet_text(package.digest, one.head, line_digests(one))),
                [of.line for of in one.lines],
            )
            for one in sheets
        ]
    )
    organiser = damage.key("organiser")
    tally = digest_of(tally_text(package.digest, tuple(lines), told))
    at_ms = package.release.released_ms
    release = Release(
        act_key=organiser.public,
        released_ms=at_ms,
        tally_digest=tally,
        signature=organiser.sign(release_text(package.digest, organiser.public, tally, at_ms)),
    )
    counts = dataclasses.replace(package.counts, on_paper=sum(len(one.lines) for one in sheets))
    return dataclasses.replace(package, paper=sheets, release=release, counts=counts)


def withdrawal(
    package: Package, who: str, witness: str, number: int, *lines: int, at_ms: int = START_MS + 9_000_000
) -> PaperWithdrawal:
    blank = PaperWithdrawal(
        act_key=damage.key(who).public,
        witness=damage.key(witness).public,
        number=number,
        lines=lines,
        withdrawn_ms=at_ms,
        signature=bytes(64),
    )
    text = paper_withdrawal_text(package.digest, blank)
    return dataclasses.replace(blank, signature=damage.key(who).sign(text))


@functools.cache
def sound_paper() -> Package:
    """Three signatories by key, three sheets of two witnesses, a line left out."""
    text = canonical_text(damage.statement(rules=rules_of(NAMED_ALONE, paper=True))).decode()
    blank = damage.package(text)
    sheets = (
        sheet(
            blank.digest,
            "witness",
            1,
            line(1, "Ana One", title="Teacher"),
            line(3, "مریم رضایی", country="ایران"),
            left_out=(line(2, "Asked To Go"),),
            witness="The Centre",
        ),
        sheet(blank.digest, "witness", 12, line(7, "Org Seven", capacity=Capacity.ORGANISATION)),
        sheet(
            blank.digest,
            "other witness",
            1,
            line(40, "Chi Three", capacity=Capacity.AFFILIATED, affiliation="Open University"),
        ),
    )
    return released(blank, tuple(sorted(sheets, key=lambda one: one.place)))


def paper_cases() -> Iterator[Case]:
    whole = sound_paper()
    yield "paper", encode_package(whole)
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft, paper=True)
    desk.paper(draft, "chi", "Ana One", "Ben Two", "ana one")
    desk.release(draft)
    desk.strike(draft, "chi", 1, 2)
    yield "paper alone, of the desk", build(desk.view(draft.id))
    yield from _sheets_changed(whole)
    yield from _lists_of_sheets(whole)
    yield from _lines_withdrawn(whole)
    yield from _paper_json(whole)


def _with_sheet(whole: Package, at: int, **changes: Any) -> bytes:
    sheets = list(whole.paper)
    sheets[at] = dataclasses.replace(sheets[at], **changes)
    return encode_package(dataclasses.replace(whole, paper=tuple(sheets)))


def _sheets_changed(whole: Package) -> Iterator[Case]:
    heads: tuple[tuple[str, Any], ...] = (
        ("witness", "Another"),
        ("number", 13),
        ("scan", bytes(32)),
        ("dated_ms", DAY - DAY_MS),
        ("dated_ms", DAY + 3 * DAY_MS),
        ("entered_ms", START_MS + 1),
        ("act_key", damage.key("somebody").public),
    )
    lines: tuple[tuple[str, Any], ...] = (
        ("name", "Mallory"),
        ("title", "Other"),
        ("affiliation", "Other"),
        ("country", ""),
        ("salt", bytes(32)),
        ("line", 9),
        ("capacity", Capacity.ORGANISATION),
        ("capacity", Capacity.NETWORK),
        ("capacity", Capacity.AFFILIATED),
    )
    for at, one in enumerate(whole.paper):
        for field, value in heads:
            changed: dict[str, Any] = {field: value}
            head = dataclasses.replace(one.head, **changed)
            yield f"sheet {at}: {field} as {value!r}", _with_sheet(whole, at, head=head)
        for field, value in lines:
            changed = {field: value}
            first = dataclasses.replace(one.lines[0], **changed)
            yield f"line of {at}: {field} as {value!r}", _with_sheet(whole, at, lines=(first, *one.lines[1:]))


def _lists_of_sheets(whole: Package) -> Iterator[Case]:
    first, second, third = whole.paper
    mine = "witness" if first.head.act_key == damage.key("witness").public else "other witness"
    late = DEADLINE_MS - DEADLINE_MS % DAY_MS + DAY_MS
    digest = whole.digest
    plain = damage.sound()
    yield (
        "a letter that takes no paper",
        encode_package(released(plain, (sheet(plain.digest, "witness", 1, line(1, "Ana One")),))),
    )
    lists: tuple[tuple[str, tuple[Sheet, ...]], ...] = (
        ("no sheet", ()),
        ("sheets reversed", (third, second, first)),
        ("a sheet twice", (first, first, second, third)),
        ("one sheet less", (first, third)),
    )
    for name, sheets in lists:
        yield name, encode_package(dataclasses.replace(whole, paper=sheets))
        yield f"{name}, released", encode_package(released(whole, sheets))
    again = sheet(digest, "witness", 3, line(1, "B"), scan=bytes([2]) * 32)
    others: tuple[tuple[str, tuple[Sheet, ...]], ...] = (
        ("late", (sheet(digest, "witness", 2, line(1, "Ana"), dated_ms=late, entered_ms=late),)),
        ("one scan", (sheet(digest, "witness", 2, line(1, "A")), again)),
        ("a name by key too", (sheet(digest, "witness", 2, line(1, "THE CENTRE"), line(2, "the centre")),)),
        ("names beyond ASCII", (sheet(digest, "witness", 2, line(1, "ЦЕНТР"), line(2, "центр")),)),
        ("lines not in order", (sheet(digest, "witness", 2, line(2, "Ana"), line(1, "Ben")),)),
        ("nothing listed", (sheet(digest, "witness", 2, left_out=(line(1, "Ana"),)),)),
        ("forty lines", (sheet(digest, "witness", 2, *[line(at, f"Person {at}") for at in range(1, 41)]),)),
    )  # fmt: skip
    for name, sheets in others:
        yield name, encode_package(released(whole, sheets))
    elsewhere = dataclasses.replace(first, signature=sheet(bytes(32), mine, 1, *first.lines).signature)
    yield (
        "signed for another text",
        encode_package(dataclasses.replace(whole, paper=(elsewhere, second, third))),
    )
    both = dataclasses.replace(first, left_out=(LeftOut(line=first.lines[0].line, digest=bytes(32)),))
    yield "a line told and left out", encode_package(dataclasses.replace(whole, paper=(both, second, third)))
    hidden = _hide(first)
    yield (
        "a line left out behind the release",
        encode_package(dataclasses.replace(whole, paper=(hidden, second, third))),
    )
    yield "a line left out, and released so", encode_package(released(whole, (hidden, second, third)))
    counts = dataclasses.replace(whole.counts, on_paper=9)
    yield "a wrong count", encode_package(dataclasses.replace(whole, counts=counts))


def _hide(one: Sheet) -> Sheet:
    gone = LeftOut(line=one.lines[-1].line, digest=line_digest(one.lines[-1]))
    left_out = tuple(sorted((*one.left_out, gone), key=lambda of: of.line))
    return dataclasses.replace(one, lines=one.lines[:-1], left_out=left_out)


def _lines_withdrawn(whole: Package) -> Iterator[Case]:
    good = withdrawal(whole, "witness", "witness", 1, 1, 3)
    by_releaser = withdrawal(whole, "organiser", "witness", 12, 7)
    stranger = withdrawal(whole, "somebody", "witness", 1, 1)
    for name, told in (
        ("by the witness", (good,)),
        ("by both", (good, by_releaser)),
        ("reversed", (by_releaser, good)),
        ("twice", (good, good)),
        ("by a stranger", (stranger,)),
        ("of a line left out", (withdrawal(whole, "witness", "witness", 1, 2),)),
        ("of a line left out too", (withdrawal(whole, "witness", "witness", 1, 1, 2),)),
        ("of no such sheet", (withdrawal(whole, "witness", "witness", 5, 1),)),
        ("forged", (dataclasses.replace(good, lines=(1,)),)),
        ("not in order", (dataclasses.replace(good, lines=(3, 1)),)),
        ("another time", (dataclasses.replace(good, withdrawn_ms=START_MS),)),
        ("another's key", (dataclasses.replace(good, act_key=damage.key("organiser").public),)),
    ):
        yield f"lines withdrawn {name}", encode_package(dataclasses.replace(whole, paper_withdrawals=told))
    yield (
        "lines withdrawn without a sheet",
        encode_package(dataclasses.replace(damage.sound(), paper_withdrawals=(good,))),
    )


def _paper_json(whole: Package) -> Iterator[Case]:
    both = dataclasses.replace(whole, paper_withdrawals=(withdrawal(whole, "witness", "witness", 1, 1),))
    data = json.loads(encode_package(both))
    at = next(place for place, one in enumerate(data["paper"]) if one["left_out"])
    places = (
        data["paper"][at],
        data["paper"][at]["lines"][0],
        data["paper"][at]["left_out"][0],
        data["paper_withdrawals"][0],
    )
    others: tuple[Any, ...] = (
        None,
        0,
        41,
        10_000,
        -1,
        1.5,
        True,
        "",
        "x",
        [],
        {},
        [True],
        "2026-02-30",
        "1969-12-31",
    )
    for number, place in enumerate(places):
        for name in sorted(place):
            kept = place.pop(name)
            yield f"paper: no {name} at {number}", _spelled(data)
            for other in others:
                if other != kept or type(other) is not type(kept):
                    place[name] = other
                    yield f"paper: {name} at {number} as {other!r}", _spelled(data)
            place[name] = kept
        place["extra"] = ""
        yield f"paper: an extra field at {number}", _spelled(data)
        del place["extra"]
    assert decode_package(_spelled(data)) == both


def _spelled(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
