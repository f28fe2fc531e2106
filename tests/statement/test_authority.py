"""Organisations that decide step by step, deputies, and standing mandates."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.api.views import RequestState
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import OperationId
from meshcoal.statement.authority import make_approval, make_request
from meshcoal.statement.course import CourseStep, People, course
from meshcoal.statement.model import Authority, EntryState, Reason, Row, Standing, Statement
from meshcoal.statement.office_view import request_views
from meshcoal.wire.authority import MandateBody, MandateScope, OfficeBody, OfficeStep
from meshcoal.wire.bodies import SignBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Verdict

sys.path.insert(0, str(Path(__file__).parent))

from lettering import HOUR_MS, Desk, author, folded, name_of

OFFICE = OperationId(b"office" + bytes(26))
MANDATE = OperationId(b"mandate" + bytes(25))
WAIT_MS = 48 * HOUR_MS


def office() -> OfficeBody:
    """Ben drafts, chi decides policy with dov as a deputy, ana signs with ben as a deputy."""
    policy = OfficeStep(name="policy", holders=(author("chi"), author("dov")), wait_ms=2 * HOUR_MS)
    director = OfficeStep(name="director", holders=(author("ana"), author("ben")), wait_ms=3 * HOUR_MS)
    return OfficeBody(at_ms=0, name="The Centre", steps=(policy, director))


def mandate(**changes: object) -> MandateBody:
    values: dict[str, object] = {
        "at_ms": 0,
        "office": OFFICE,
        "holder": author("dov"),
        "scope": MandateScope(
            words="Death-penalty cases in Iran, no sanctions.",
            topics=("death-penalty",),
            countries=("ir",),
            asks_excluded=("sanctions",),
        ),
        "expires_ms": 2_000_000_000_000,
    }
    return MandateBody(**(values | changes))  # type: ignore[arg-type]


def chain_letter() -> tuple[Desk, Row]:
    desk = Desk()
    desk.authority = Authority(offices={OFFICE: office()}, mandates={MANDATE: mandate()})
    draft = desk.draft()
    desk.freeze(draft, topics=("death-penalty",), countries=("IR",), asks=("release",))
    return desk, draft


def request(desk: Desk, draft: Row, who: str = "ben") -> Row:
    body = make_request(
        desk.view(draft.id),
        me=author(who),
        office=OFFICE,
        authority=desk.authority,
        note="By Friday.",
        now_ms=desk.now_ms,
    )
    return desk.write(who, Kind.REQUEST, body)


def decide(
    desk: Desk, draft: Row, asked: Row, who: str, verdict: Verdict = Verdict.APPROVE, text: str = ""
) -> Row:
    body = make_approval(
        desk.view(draft.id),
        me=author(who),
        request=asked.id,
        verdict=verdict,
        text=text,
        now_ms=desk.now_ms,
    )
    return desk.write(who, Kind.APPROVAL, body)


def state(desk: Desk, draft: Row) -> RequestState:
    return request_views(desk.view(draft.id), name_of, me=author("ana"), now_ms=desk.now_ms)[-1].state


def test_an_office_signs_behind_each_of_its_steps() -> None:
    """Goal: drafter, policy, director, in this order. Method: each too early, then in turn."""
    desk, draft = chain_letter()
    asked = request(desk, draft)
    with pytest.raises(WrongPhase):
        request(desk, draft, "chi")
    with pytest.raises(WrongPhase):
        desk.sign(draft, "ana", name="The Centre", request=asked.id)
    with pytest.raises(NotPermitted):
        decide(desk, draft, asked, "ana")
    decide(desk, draft, asked, "chi", Verdict.ASK, "Is the family informed?")
    assert state(desk, draft) is RequestState.WAITING
    decide(desk, draft, asked, "chi")
    assert state(desk, draft) is RequestState.TO_SIGN
    with pytest.raises(WrongPhase):
        decide(desk, draft, asked, "ana")
    with pytest.raises(NotPermitted):
        desk.sign(draft, "chi", name="The Centre", request=asked.id)
    desk.sign(draft, "ana", name="The Centre", request=asked.id)
    view = desk.view(draft.id)
    assert state(desk, draft) is RequestState.SIGNED
    assert [(one.office_name, one.mandate_giver) for one in view.counted()] == [("The Centre", None)]


def test_who_holds_it_up_and_since_when_is_seen() -> None:
    """Goal: a visible clock. Method: ask, wait, decide, and read what everybody reads."""
    desk, draft = chain_letter()
    asked = request(desk, draft)
    asked_ms = asked.body.at_ms
    [shown] = request_views(desk.view(draft.id), name_of, me=author("dov"), now_ms=asked_ms + HOUR_MS)
    assert (shown.step, shown.waits_for, shown.since_ms) == ("policy", "chi", asked_ms)
    assert (shown.deputies, shown.deputies_from_ms) == (("dov",), asked_ms + 2 * HOUR_MS)
    assert not shown.my_turn
    [shown] = request_views(desk.view(draft.id), name_of, me=author("dov"), now_ms=asked_ms + 2 * HOUR_MS)
    assert shown.my_turn
    decided = decide(desk, draft, asked, "chi")
    [shown] = request_views(desk.view(draft.id), name_of, me=author("ana"), now_ms=desk.now_ms)
    assert (shown.step, shown.waits_for, shown.since_ms) == ("director", "ana", decided.body.at_ms)
    assert shown.my_turn


def test_a_deputy_stands_in_after_the_time_and_is_named() -> None:
    """Goal: nobody blocks for days, and nobody is passed by in secret. Method: before and after the wait."""
    desk, draft = chain_letter()
    asked = request(desk, draft)
    with pytest.raises(NotPermitted):
        decide(desk, draft, asked, "dov")
    desk.now_ms += 2 * HOUR_MS
    decide(desk, draft, asked, "dov")
    with pytest.raises(NotPermitted):
        desk.sign(draft, "ben", name="The Centre", request=asked.id)
    desk.now_ms += 3 * HOUR_MS
    desk.sign(draft, "ben", name="The Centre", request=asked.id)
    [shown] = request_views(desk.view(draft.id), name_of, me=author("ana"), now_ms=desk.now_ms)
    assert [(one.name, one.deputy) for one in shown.decisions] == [("dov", True)]
    assert [one.author for one in desk.view(draft.id).counted()] == [author("ben")]


def test_a_refusal_ends_a_request_and_another_can_be_made() -> None:
    """Goal: no is no. Method: refuse; nobody goes on; ask anew."""
    desk, draft = chain_letter()
    asked = request(desk, draft)
    decide(desk, draft, asked, "chi", Verdict.REFUSE, "Not now.")
    assert state(desk, draft) is RequestState.REFUSED
    with pytest.raises(WrongPhase):
        decide(desk, draft, asked, "chi")
    with pytest.raises(WrongPhase):
        desk.sign(draft, "ana", name="The Centre", request=asked.id)
    again = request(desk, draft)
    assert again.id != asked.id
    with pytest.raises(BadArgument):
        decide(desk, draft, again, "chi", Verdict.ASK, "  ")
    with pytest.raises(NotPermitted):
        request(desk, draft, "mallory")


def forged(desk: Desk, draft: Row, who: str, **changes: object) -> Row:
    """A sign-on for an office, well signed and put into the log without being asked for."""
    body = desk.sign(draft, who, name="The Centre").body
    desk.rows.pop()
    assert isinstance(body, SignBody)
    return desk.write(who, Kind.SIGN, dataclasses.replace(body, **changes))  # type: ignore[arg-type]


def test_a_sign_on_without_authority_counts_for_nothing() -> None:
    """Goal: a changed program gains nothing. Method: too early; others; mandates."""
    for who, approve, changes in (
        ("ana", False, {"request": True}),
        ("ben", True, {"request": True}),  # a deputy, too early
        ("mallory", True, {"request": True}),
        ("ana", True, {"request": bytes(32)}),
        ("ana", False, {"mandate": MANDATE}),
        ("dov", False, {"mandate": bytes(32)}),
        ("dov", True, {"mandate": MANDATE, "request": True}),
    ):
        desk, draft = chain_letter()
        asked = request(desk, draft)
        if approve:
            decide(desk, draft, asked, "chi")
        real = {name: asked.id if value is True else value for name, value in changes.items()}
        row = forged(desk, draft, who, **real)
        view = desk.view(draft.id)
        assert dict(view.ineffective)[row.id] is Reason.NO_AUTHORITY, (who, changes)
        assert view.counted() == ()


def test_a_mandate_covers_what_it_names_until_it_expires() -> None:
    """Goal: scoped, expiring, recorded. Method: letters within and beside it; too late."""
    desk, draft = chain_letter()
    with pytest.raises(NotPermitted):
        desk.sign(draft, "ben", name="The Centre", mandate=MANDATE)
    desk.sign(draft, "dov", name="The Centre", mandate=MANDATE)
    [signed] = desk.view(draft.id).counted()
    assert (signed.office, signed.office_name, signed.mandate_giver) == (OFFICE, "The Centre", author("ana"))
    for matter in (
        {"topics": ("elections",), "countries": ("ir",)},
        {"topics": ("death-penalty", "elections"), "countries": ("ir",)},
        {"topics": ("death-penalty",), "countries": ("ir", "sy")},
        {"topics": ("death-penalty",), "countries": ("ir",), "asks": ("sanctions",)},
        {"topics": ("death-penalty",)},
        {},
    ):
        other = Desk()
        other.authority = desk.authority
        letter = other.draft()
        other.freeze(letter, **matter)
        with pytest.raises(NotPermitted):
            other.sign(letter, "dov", name="The Centre", mandate=MANDATE)
        row = forged(other, letter, "dov", mandate=MANDATE)
        assert dict(other.view(letter.id).ineffective)[row.id] is Reason.NO_AUTHORITY
    late, letter = chain_letter()
    late.authority = Authority(
        offices={OFFICE: office()}, mandates={MANDATE: mandate(expires_ms=late.now_ms - 1)}
    )
    with pytest.raises(NotPermitted):
        late.sign(letter, "dov", name="The Centre", mandate=MANDATE)
    late.authority = Authority(offices={OFFICE: office()}, mandates={})
    with pytest.raises(Unknown):
        late.sign(letter, "dov", name="The Centre", mandate=MANDATE)


def test_an_office_is_on_the_list_once() -> None:
    """Goal: no organisation counts double. Method: two sign for it, cut off from each other."""
    desk, draft = chain_letter()
    asked = request(desk, draft)
    decide(desk, draft, asked, "chi")
    before = list(desk.rows)
    first = desk.sign(draft, "ana", name="The Centre", request=asked.id, seen=before)
    second = desk.sign(draft, "dov", name="The Centre", mandate=MANDATE, seen=before)
    view = desk.view(draft.id)
    earlier = min((first, second), key=lambda row: row.place)
    assert [one.id for one in view.counted()] == [earlier.id]
    assert {entry.state for entry in view.entries} == {EntryState.COUNTED, EntryState.DOUBLED}
    desk.withdraw(draft, "ana" if earlier is first else "dov")
    assert len(desk.view(draft.id).counted()) == 1


@given(data=st.data())
def test_any_order_of_operations_gives_the_same_list_and_digest(data: st.DataObject) -> None:
    """Goal: every node decides alike. Method: random decisions and forgeries, any order."""
    desk, draft = chain_letter()
    asked = request(desk, draft)
    steps = st.sampled_from(["policy", "deputy", "forge", "mandate", "sign", "refuse"])
    for step in data.draw(st.lists(steps)):
        before: Statement = desk.view(draft.id)
        try:
            match step:
                case "policy":
                    decide(desk, draft, asked, "chi")
                case "deputy":
                    desk.now_ms += 3 * HOUR_MS
                    decide(desk, draft, asked, "dov")
                case "refuse":
                    decide(desk, draft, asked, "chi", Verdict.REFUSE)
                case "sign":
                    desk.sign(draft, "ana", name="The Centre", request=asked.id, seen=list(desk.rows))
                case "mandate":
                    desk.sign(draft, "dov", name="The Centre", mandate=MANDATE)
                case "forge":
                    forged(desk, draft, "mallory", request=asked.id)
        except (WrongPhase, NotPermitted):
            assert desk.view(draft.id) == before
    whole = desk.view(draft.id)
    other = folded(data.draw(st.permutations(desk.rows))).get(draft.id)
    assert other == whole
    offices = [one.office for one in whole.counted() if one.office is not None]
    assert len(set(offices)) == len(offices)


def test_the_course_waits_for_whoever_decides_and_not_for_the_others() -> None:
    """Goal: one screen says who holds it up. Method: the step of signing, before and behind steps."""
    desk, draft = chain_letter()
    everybody = tuple([author(name) for name in ("ana", "ben", "chi", "dov", "mallory")])
    people = People(
        organisers=(author("ana"),),
        writers=everybody,
        asked=everybody,
        standing=Standing(needed={}, seats={}),
    )

    def waits() -> list[str]:
        stages = course(None, desk.view(draft.id), people, now_ms=desk.now_ms)
        found = next(stage for stage in stages if stage.step is CourseStep.SIGN)
        return [name_of(one) for one in found.waits_for]

    assert waits() == ["ana", "ben", "chi", "dov", "mallory"]
    asked = request(desk, draft)
    assert waits() == ["mallory", "chi"]
    decide(desk, draft, asked, "chi")
    assert waits() == ["mallory", "ana"]
    desk.sign(draft, "ana", name="The Centre", request=asked.id)
    assert waits() == ["mallory"]


def test_requests_fit_the_socket_whatever_was_written() -> None:
    """Goal: nobody makes a letter unshowable. Method: many requests, questions as long as they may be."""
    desk, draft = chain_letter()
    for _ in range(20):
        asked = request(desk, draft)
        for _ in range(10):
            decide(desk, draft, asked, "chi", Verdict.ASK, "𒀀" * 4_000)
        decide(desk, draft, asked, "chi", Verdict.REFUSE, "No.")
    shown = request_views(desk.view(draft.id), name_of, me=author("ana"), now_ms=desk.now_ms)
    assert len(shown) == 20
    told = sum(len(said.text.encode()) for one in shown for said in one.decisions)
    assert told <= 256 * 1024
    assert shown[-1].decisions[-1].text == "No."
    assert shown[0].decisions[0].text == ""
