"""Signatures on paper: one list whatever the order, and what a witness or an organiser takes back."""

from __future__ import annotations

import dataclasses
import random
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, Desk, Row, act_key, folded

from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import OperationId
from meshcoal.statement.model import EntryState, Reason, Statement
from meshcoal.statement.publication import build, files
from meshcoal.statement.verification import Severity, verify
from meshcoal.statement.witnessing import doubles, same_scan
from meshcoal.wire.bodies import PaperBody, ReleaseBody, StrikeBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.package import decode_package
from meshcoal.wire.paper import listed_sheet


def opened(**more: Any) -> tuple[Desk, Row]:
    """A letter that takes signatures on paper, with one member's signature."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft, **{"paper": True, **more})
    desk.sign(draft, "ben")
    return desk, draft


def states(statement: Statement) -> dict[str, str]:
    return {one.line.name: one.state.value for one in statement.paper}


def reasons(desk: Desk, draft: Row) -> dict[OperationId, Reason]:
    return dict(desk.view(draft.id).ineffective)


def test_a_sheet_counts_apart_from_keys_and_changes_the_digest() -> None:
    """Goal: lines on paper are on the list. Method: compare before and after a sheet of three."""
    desk, draft = opened()
    before = desk.view(draft.id)
    desk.paper(draft, "chi", "Ana One", "", "Ben Two", "Chi Three")
    after = desk.view(draft.id)
    assert [one.line.line for one in after.counted_on_paper()] == [1, 3, 4]
    assert len(after.counted()) == 1
    assert after.tally_digest != before.tally_digest


def test_a_letter_that_does_not_say_so_takes_no_paper() -> None:
    """Goal: consent covers paper. Method: enter on a letter frozen without, by command and by force."""
    desk, draft = opened(paper=False)
    with pytest.raises(WrongPhase, match="does not take signatures on paper"):
        desk.paper(draft, "chi", "Ana One")
    other, other_draft = opened()
    body = other.paper(other_draft, "chi", "Ana One").body
    assert isinstance(body, PaperBody)
    forced = desk.write("chi", Kind.PAPER, dataclasses.replace(body, statement=draft.id))
    assert reasons(desk, draft)[forced.id] is Reason.OTHER_TEXT
    assert desk.view(draft.id).paper == ()


def test_a_forced_sheet_on_the_same_text_is_refused_by_its_rule() -> None:
    """Goal: the reducer asks the freeze itself. Method: a good signature, and a text without the rule."""
    desk, draft = opened(paper=False)
    other, other_draft = opened()
    given = other.paper(other_draft, "chi", "Ana One").body
    assert isinstance(given, PaperBody)
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    forced = desk.write(
        "chi", Kind.PAPER, dataclasses.replace(given, statement=draft.id, digest=frozen.digest)
    )
    assert reasons(desk, draft)[forced.id] is Reason.NAME_MODE


@pytest.mark.parametrize("field", ["number", "scan", "dated_ms", "witness", "lines"])
def test_nothing_of_a_sheet_can_be_changed(field: str) -> None:
    """Goal: the witness's signature covers it. Method: change one field and keep the signature."""
    desk, draft = opened()
    row = desk.paper(draft, "chi", "Ana One", "Ben Two")
    body = row.body
    assert isinstance(body, PaperBody)
    values: dict[str, Any] = {
        "number": 7,
        "scan": bytes(32),
        "dated_ms": body.dated_ms - DAY_MS,
        "witness": "Somebody",
        "lines": (dataclasses.replace(body.lines[0], name="Mallory"), body.lines[1]),
    }
    changed: dict[str, Any] = {field: values[field]}
    desk.rows.remove(row)
    forged = desk.write("chi", Kind.PAPER, dataclasses.replace(body, **changed))
    assert reasons(desk, draft)[forged.id] is Reason.BAD_ACT
    assert desk.view(draft.id).paper == ()


def test_a_correction_takes_the_place_of_a_sheet() -> None:
    """Goal: the last writing stands. Method: correct a name; then try what is no correction."""
    desk, draft = opened()
    desk.paper(draft, "chi", "Ana One", "Ben Tow")
    desk.paper(draft, "chi", "Ana One", "Ben Two", "Chi Three", number=1, corrects=True)
    assert states(desk.view(draft.id)) == dict.fromkeys(("Ana One", "Ben Two", "Chi Three"), "counted")
    with pytest.raises(WrongPhase, match="already"):
        desk.paper(draft, "chi", "Dov Four", number=1)
    with pytest.raises(Unknown):
        desk.paper(draft, "chi", "Dov Four", number=9, corrects=True)
    desk.paper(draft, "dov", "Eve Five", number=1)
    assert len(desk.view(draft.id).counted_on_paper()) == 4


def test_a_line_is_taken_back_for_good() -> None:
    """Goal: who asks to be removed is removed. Method: strike, then correct the sheet with the line in it."""
    desk, draft = opened()
    desk.paper(draft, "chi", "Ana One", "Ben Two")
    desk.strike(draft, "chi", 1, 2)
    assert states(desk.view(draft.id)) == {"Ana One": "counted", "Ben Two": "withdrawn"}
    desk.paper(draft, "chi", "Ana One", "Ben Two", number=1, corrects=True)
    assert states(desk.view(draft.id)) == {"Ana One": "counted", "Ben Two": "withdrawn"}
    with pytest.raises(WrongPhase):
        desk.strike(draft, "chi", 1, 2)
    desk.strike(draft, "chi", 1)
    assert desk.view(draft.id).counted_on_paper() == ()


def test_an_organiser_takes_back_before_the_release_and_others_do_not() -> None:
    """Goal: right of removal. Method: an organiser, a member, and a member by force."""
    desk, draft = opened()
    desk.paper(draft, "dov", "Ana One", "Ben Two", "Chi Three")
    desk.strike(draft, "ana", 1, 1, witness="dov")
    with pytest.raises(NotPermitted):
        desk.strike(draft, "ben", 1, 2, witness="dov")
    good = desk.strike(draft, "ana", 1, 3, witness="dov").body
    assert isinstance(good, StrikeBody)
    forced = desk.write("ben", Kind.STRIKE, dataclasses.replace(good, lines=(2,)))
    stolen = desk.write("chi", Kind.STRIKE, dataclasses.replace(good, lines=(2,)))
    assert reasons(desk, draft)[forced.id] is Reason.NOT_AUTHORISED
    assert reasons(desk, draft)[stolen.id] is Reason.BAD_ACT
    assert states(desk.view(draft.id)) == {
        "Ana One": "withdrawn",
        "Ben Two": "counted",
        "Chi Three": "withdrawn",
    }


def test_a_release_holds_with_sheets_and_verifies() -> None:
    """Goal: from paper to the public file. Method: strike one, release, verify, read what was left out."""
    desk, draft = opened()
    desk.paper(draft, "chi", "Ana One", "Ben Two", "Chi Three", note="in the back room")
    desk.paper(draft, "dov", "Dov Four", "Eve Five")
    desk.strike(draft, "chi", 1, 2)
    desk.release(draft)
    statement = desk.view(draft.id)
    assert statement.released is not None
    data = build(statement)
    report = verify(data)
    assert report.sound, report.problems
    assert (report.counts.on_paper, report.counts.witnesses) == (4, 2)
    assert [one.name for one in report.on_paper if one.holds] == [one.name for one in report.on_paper]
    assert b"Ben Two" not in data
    assert b"back room" not in data
    package = decode_package(data)
    assert sum(len(sheet.left_out) for sheet in package.paper) == 1
    assert "paper-left-out" in {finding.code for finding in report.findings}
    listing = dict(files(statement))[f"statement-{report.digest.hex()[:8]}.signatories.txt"].decode()
    assert "On paper (4), entered by 2 witnesses" in listing


def test_a_letter_can_be_released_with_paper_alone() -> None:
    """Goal: paper is enough. Method: nobody signs by key."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft, paper=True)
    desk.paper(draft, "chi", "Ana One")
    desk.release(draft)
    report = verify(build(desk.view(draft.id)))
    assert report.sound, report.problems
    assert report.counts.on_paper == 1


def test_behind_the_release_only_two_keys_tell_the_public() -> None:
    """Goal: a notice beside the list, provable. Method: witness, releaser, another organiser."""
    desk, draft = opened()
    desk.paper(draft, "dov", "Ana One", "Ben Two", "Chi Three")
    before = list(desk.rows)
    desk.release(draft, "ana")
    desk.strike(draft, "dov", 1, 1)
    desk.strike(draft, "ana", 1, 2, witness="dov")
    with pytest.raises(NotPermitted, match="The letter is out"):
        desk.strike(draft, "chi", 1, 3, witness="dov")
    desk.strike(draft, "chi", 1, 3, witness="dov", seen=before)  # had not seen the release
    assert states(desk.view(draft.id)) == {
        "Ana One": "withdrawn-after-release",
        "Ben Two": "withdrawn-after-release",
        "Chi Three": "counted",
    }
    report = verify(build(desk.view(draft.id)))
    assert report.sound, report.problems
    assert {one.name for one in report.on_paper if one.withdrawn} == {"Ana One", "Ben Two"}


def test_what_comes_behind_the_release_is_not_on_its_list() -> None:
    """Goal: the list is fixed. Method: a sheet and a correction made where the release was not known."""
    desk, draft = opened()
    desk.paper(draft, "dov", "Ana One", "Ben Two")
    before = list(desk.rows)
    desk.release(draft, "ana")
    released = build(desk.view(draft.id))
    desk.paper(draft, "chi", "Chi Three", seen=before)
    desk.paper(draft, "dov", "Ana Other", "Ben Two", "Dov Four", number=1, corrects=True, seen=before)
    with pytest.raises(WrongPhase):
        desk.paper(draft, "chi", "Eve Five")
    found = states(desk.view(draft.id))
    assert found == {
        "Ana One": "counted",
        "Ben Two": "counted",
        "Chi Three": "after-release",
        "Dov Four": "after-release",
    }
    assert build(desk.view(draft.id)) == released


def test_a_sheet_dated_behind_the_deadline_is_late() -> None:
    """Goal: late is late on paper too. Method: by command and by force."""
    desk, draft = opened(grace_ms=10 * DAY_MS)
    desk.now_ms = DEADLINE_MS + 3 * DAY_MS
    late_ms = DEADLINE_MS - DEADLINE_MS % DAY_MS + DAY_MS
    with pytest.raises(WrongPhase, match="behind the deadline"):
        desk.paper(draft, "chi", "Ana One", dated_ms=late_ms)
    desk.paper(draft, "chi", "Ana One")  # signed in time, entered late
    assert states(desk.view(draft.id)) == {"Ana One": "counted"}


def test_a_release_that_lists_what_is_not_there_does_not_hold() -> None:
    """Goal: a release lists good lines alone. Method: forge lists of it."""
    desk, draft = opened()
    sheet = desk.paper(draft, "chi", "Ana One", "Ben Two")
    good = desk.release(draft)
    body = good.body
    assert isinstance(body, ReleaseBody)
    for listed in (
        (),
        (listed_sheet(sheet.id, [1, 2, 3]),),
        (listed_sheet(sheet.id, [1]),),
        (listed_sheet(bytes(32), [1, 2]),),
        (*body.paper, *body.paper),
    ):
        desk.rows.remove(good)
        good = desk.write("ana", Kind.RELEASE, dataclasses.replace(body, paper=listed))
        assert reasons(desk, draft)[good.id] is Reason.BAD_RELEASE, listed


def test_doubles_are_shown_and_never_merged() -> None:
    """Goal: people decide about doubles. Method: one name on paper twice, and by a key."""
    desk, draft = opened()
    desk.sign(draft, "dov", name="Ana  One")
    desk.paper(draft, "chi", "ana one", "Ben Two", scan=bytes(32))
    desk.paper(draft, "mallory", "Ana One", scan=bytes(32))
    statement = desk.view(draft.id)
    assert len(statement.counted_on_paper()) == 3
    key = (act_key("chi").public, 1, 1)
    assert set(doubles(statement)[key]) == {"a member's sign-on", "sheet 1, line 1"}
    assert (act_key("chi").public, 1, 2) not in doubles(statement)
    assert len(same_scan(statement)) == 2
    desk.release(draft)
    report = verify(build(desk.view(draft.id)))
    assert report.sound
    notices = {one.code for one in report.findings if one.severity is Severity.NOTICE}
    assert {"paper-same-name", "paper-same-scan"} <= notices


def test_what_does_not_fit_is_refused_in_words_that_name_the_line() -> None:
    """Goal: a witness finds the mistake. Method: empty and long names, a day in the future."""
    desk, draft = opened()
    with pytest.raises(BadArgument, match="Line 2: the name"):
        desk.paper(draft, "chi", "Ana One", "\u200b")
    with pytest.raises(BadArgument, match="no lines"):
        desk.paper(draft, "chi", "")
    with pytest.raises(BadArgument, match="future"):
        desk.paper(draft, "chi", "Ana One", dated_ms=DEADLINE_MS - DEADLINE_MS % DAY_MS + 30 * DAY_MS)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_order_of_arrival_gives_one_list(seed: int) -> None:
    """Goal: nodes agree. Method: random sheets, corrections, strikes and a release; fold in random orders."""
    chance = random.Random(seed)
    desk, draft = opened()
    for _ in range(chance.randrange(2, 9)):
        who = chance.choice(["ana", "chi", "dov"])
        seen = list(desk.rows)[: chance.randrange(3, len(desk.rows) + 1)]
        try:
            match chance.randrange(4):
                case 0 | 1:
                    desk.paper(draft, who, *[f"P{chance.randrange(6)}" for _ in range(4)], seen=seen)
                case 2:
                    desk.paper(draft, who, f"P{chance.randrange(6)}", number=1, corrects=True, seen=seen)
                case 3:
                    desk.strike(draft, who, 1, chance.randrange(1, 4), seen=seen)
        except (WrongPhase, Unknown):
            continue
    if chance.random() < 0.5:
        desk.release(draft, seen=list(desk.rows)[: chance.randrange(3, len(desk.rows) + 1)])
        desk.paper(draft, "dov", "Late Comer", seen=list(desk.rows)[:3])
    expected = desk.view(draft.id)
    for _ in range(4):
        rows = list(desk.rows)
        chance.shuffle(rows)
        assert folded(rows).get(OperationId(draft.id)) == expected
    if expected.released is not None:
        assert verify(build(expected)).sound
    assert all(one.state is not EntryState.LATE for one in expected.paper)
