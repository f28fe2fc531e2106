"""Cases: what counts of what members add, what those concerned agree to, and that order does not matter."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.errors import BadArgument, Unknown
from meshcoal.limits import COMMENT_CHARS_MAX
from meshcoal.statement.case import Case, Publicity, fold, make_case, make_entry
from meshcoal.wire.bodies import ReportBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import CaseKind, Consent, Consenter

sys.path.insert(0, str(Path(__file__).parent))

from lettering import HOUR_MS, START_MS, Desk, Row, author


def alert(desk: Desk, who: str = "ana", **fields: Any) -> Row:
    fields = {"title": "Dr. Haddad was taken", "text": "At dawn, at home.", **fields}
    return desk.write(who, Kind.CASE, make_case(now_ms=desk.now_ms, **fields))


def case_of(desk: Desk, row: Row, seen: list[Row] | None = None) -> Case:
    folded = fold([(one, True) for one in (desk.rows if seen is None else seen)])
    return next(one for one in folded if one.id == row.id)


def enter(
    desk: Desk, row: Row, who: str, entry: CaseKind, seen: list[Row] | None = None, **fields: Any
) -> Row:
    body = make_entry(case_of(desk, row, seen), me=author(who), entry=entry, now_ms=desk.now_ms, **fields)
    return desk.write(who, Kind.REPORT, body, seen)


def consent(desk: Desk, row: Row, who: str, what: Consent, by: Consenter, **fields: Any) -> Row:
    return enter(desk, row, who, CaseKind.CONSENT, consent=what, consenter=by, **fields)


def test_an_alert_opens_a_case() -> None:
    """Goal: everybody knows what happened. Method: give one with all it can say."""
    desk = Desk()
    row = alert(desk, title="  Dr. Haddad  was taken ", country="Iran", answer_by_ms=START_MS + HOUR_MS)
    case = case_of(desk, row)
    assert (case.title, case.text, case.country) == ("Dr. Haddad was taken", "At dawn, at home.", "Iran")
    assert (case.answer_by_ms, case.closed, case.publicity) == (
        START_MS + HOUR_MS,
        False,
        Publicity.UNKNOWN,
    )
    assert case.answered_by(author("ana"))
    assert not case.answered_by(author("ben"))
    enter(desk, row, "ben", CaseKind.ANSWER)
    assert case_of(desk, row).answered_by(author("ben"))


def test_facts_have_sources_and_are_written_anew() -> None:
    """Goal: what is known, from whom. Method: a fact, its source, the fact corrected; what stands."""
    desk = Desk()
    row = alert(desk)
    fact = enter(desk, row, "ben", CaseKind.FACT, text="She is in Evin.")
    source = enter(desk, row, "chi", CaseKind.SOURCE, text="Her brother, by telephone", about=fact.id)
    again = enter(desk, row, "ben", CaseKind.FACT, text="She is in Qarchak.", corrects=fact.id)
    case = case_of(desk, row)
    assert [one.text for one in case.standing(CaseKind.FACT)] == ["She is in Qarchak."]
    assert [one.replaced for one in case.entries] == [True, False, False]
    assert [one.about for one in case.standing(CaseKind.SOURCE)] == [fact.id]
    later = enter(desk, row, "dov", CaseKind.SOURCE, text="A guard", about=again.id)
    known = {one.id: one for one in case_of(desk, row).entries}
    assert known[later.id].about == fact.id  # of the first writing, whichever was named
    with pytest.raises(Unknown):
        enter(desk, row, "chi", CaseKind.FACT, text="No.", corrects=fact.id)
    with pytest.raises(Unknown):
        enter(desk, row, "chi", CaseKind.SOURCE, text="x", about=source.id)
    with pytest.raises(Unknown):
        enter(desk, row, "chi", CaseKind.SOURCE, text="x", about=b"\7" * 32)


def test_a_refusal_stands_until_the_same_side_takes_it_back() -> None:
    """Goal: no name against the family's will. Method: all sides speak, one after another."""
    desk = Desk()
    row = alert(desk)
    consent(desk, row, "ana", Consent.GIVEN, Consenter.LAWYER)
    assert case_of(desk, row).publicity is Publicity.GIVEN
    consent(desk, row, "ben", Consent.LIMITED, Consenter.PERSON, text="No photograph.")
    assert case_of(desk, row).publicity is Publicity.LIMITED
    consent(desk, row, "ben", Consent.REFUSED, Consenter.FAMILY)
    consent(desk, row, "chi", Consent.GIVEN, Consenter.LAWYER)
    consent(desk, row, "chi", Consent.GIVEN, Consenter.PERSON)
    assert case_of(desk, row).publicity is Publicity.REFUSED
    consent(desk, row, "dov", Consent.GIVEN, Consenter.FAMILY)
    assert case_of(desk, row).publicity is Publicity.GIVEN


def test_a_refusal_beside_a_consent_of_another_side_holds_in_any_order() -> None:
    """Goal: what two enter at once errs on the safe side. Method: neither sees the other's entry."""
    desk = Desk()
    row = alert(desk)
    seen = list(desk.rows)
    enter(desk, row, "ben", CaseKind.CONSENT, seen, consent=Consent.REFUSED, consenter=Consenter.FAMILY)
    enter(desk, row, "chi", CaseKind.CONSENT, seen, consent=Consent.GIVEN, consenter=Consenter.LAWYER)
    assert case_of(desk, row).publicity is Publicity.REFUSED
    assert case_of(desk, row, desk.rows[::-1]).publicity is Publicity.REFUSED


def test_a_case_is_closed_and_opened_again() -> None:
    """Goal: what is over makes no noise. Method: close, close again, open, open again."""
    desk = Desk()
    row = alert(desk)
    enter(desk, row, "ben", CaseKind.CLOSE, text="She is home.")
    assert case_of(desk, row).closed
    with pytest.raises(BadArgument):
        enter(desk, row, "chi", CaseKind.CLOSE)
    enter(desk, row, "chi", CaseKind.REOPEN)
    assert not case_of(desk, row).closed
    with pytest.raises(BadArgument):
        enter(desk, row, "chi", CaseKind.REOPEN)


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        (CaseKind.FACT, {}),
        (CaseKind.SOURCE, {}),
        (CaseKind.CONSENT, {}),
        (CaseKind.CONSENT, {"consent": Consent.GIVEN}),
        (CaseKind.CONSENT, {"consenter": Consenter.FAMILY}),
        (CaseKind.CONSENT, {"consent": Consent.LIMITED, "consenter": Consenter.FAMILY}),
        (CaseKind.ANSWER, {"consent": Consent.GIVEN, "consenter": Consenter.FAMILY}),
        (CaseKind.FACT, {"text": "x" * (COMMENT_CHARS_MAX + 1)}),
    ],
)
def test_what_is_half_is_refused(entry: CaseKind, fields: dict[str, Any]) -> None:
    """Goal: every entry says what its kind needs. Method: leave something out, or add another kind's."""
    desk = Desk()
    row = alert(desk)
    with pytest.raises(BadArgument):
        enter(desk, row, "ben", entry, **fields)
    with pytest.raises(BadArgument):
        make_case(title=" ", text="", now_ms=START_MS)
    with pytest.raises(BadArgument):
        make_case(title="x", text="", answer_by_ms=START_MS, now_ms=START_MS)


def test_entries_that_another_node_should_not_have_written_count_for_nothing() -> None:
    """Goal: no trust in who made them. Method: operations that `make_entry` refuses, and a foreign case."""
    desk = Desk()
    row = alert(desk)
    fact = enter(desk, row, "ben", CaseKind.FACT, text="She is in Evin.")
    forged = [
        ReportBody(at_ms=1, case=row.id, entry=CaseKind.FACT, text="No.", corrects=fact.id),
        ReportBody(at_ms=1, case=row.id, entry=CaseKind.FACT),
        ReportBody(at_ms=1, case=row.id, entry=CaseKind.SOURCE, text="x", about=b"\7" * 32),
        ReportBody(at_ms=1, case=row.id, entry=CaseKind.CLOSE, consent=Consent.GIVEN),
        ReportBody(at_ms=1, case=b"\7" * 32, entry=CaseKind.CLOSE),
    ]
    for body in forged:
        desk.write("mallory", Kind.REPORT, body)
    assert [one.id for one in case_of(desk, row).entries] == [fact.id]
    void = fold([(one, one.author != author("ana")) for one in desk.rows])
    assert void == ()  # the alert itself does not count


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_gives_the_same_case(seed: int) -> None:
    """Goal: all nodes show the same. Method: members who see only part of it write; fold in random orders."""
    chance = random.Random(seed)
    desk = Desk()
    row = alert(desk)
    for _ in range(chance.randrange(1, 14)):
        who = chance.choice(("ana", "ben", "chi", "dov"))
        seen = [row, *[one for one in desk.rows[1:] if chance.random() < 0.7 or one.author == author(who)]]
        entry = chance.choice(list(CaseKind))
        fields: dict[str, Any] = {"text": "x"}
        if entry is CaseKind.CONSENT:
            fields["consent"] = chance.choice((Consent.GIVEN, Consent.LIMITED, Consent.REFUSED))
            fields["consenter"] = chance.choice((Consenter.FAMILY, Consenter.LAWYER))
        mine = [
            one
            for one in case_of(desk, row, seen).entries
            if one.author == author(who) and one.entry is entry
        ]
        if mine and chance.random() < 0.5:
            fields["corrects"] = chance.choice(mine).id
        try:
            enter(desk, row, who, entry, seen, **fields)
        except BadArgument:
            continue  # closed twice
    expected = fold([(one, True) for one in desk.rows])
    shuffled = chance.sample(desk.rows, len(desk.rows))
    assert fold([(one, True) for one in shuffled]) == expected
