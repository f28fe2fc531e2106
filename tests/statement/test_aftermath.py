"""What happened behind a release: who enters it, what becomes due, and that nothing of it leaves."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, LocalError, Unknown, WrongPhase
from meshcoal.statement import publication
from meshcoal.statement.aftermath import ANSWERS, follow_ups, make_entry
from meshcoal.statement.model import Aftermath, Reason, Row
from meshcoal.statement.view import summary_view
from meshcoal.wire.bodies import AftermathBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import AftermathKind, Means

sys.path.insert(0, str(Path(__file__).parent))

from lettering import START_MS, Desk, author, folded, released_desk

DELIVERY: dict[str, Any] = {
    "entry": AftermathKind.DELIVERY,
    "addressee": "The Minister",
    "means": Means.POST,
}


def enter(desk: Desk, draft: Row, who: str = "ana", *, seen: list[Row] | None = None, **fields: Any) -> Row:
    fields = {**(DELIVERY if "entry" not in fields else {}), **fields}
    body = make_entry(desk.view(draft.id, seen), me=author(who), now_ms=desk.now_ms, **fields)
    return desk.write(who, Kind.AFTERMATH, body, seen)


def log(desk: Desk, draft: Row) -> tuple[Aftermath, ...]:
    return desk.view(draft.id).aftermath


def test_a_delivery_says_to_whom_by_whom_and_how() -> None:
    """Goal: everybody knows that it arrived. Method: enter one, with all fields; and one with the least."""
    desk, draft = released_desk()
    week_ms = desk.now_ms + 7 * DAY_MS
    full = enter(
        desk,
        draft,
        "ben",
        **DELIVERY,
        deliverer=" the  lawyer ",
        happened_ms=START_MS,
        text="The doorman took it.",
        receipt=b"\x07" * 32,
        follow_up_ms=week_ms,
    )
    least = enter(desk, draft, "chi")
    one, two = log(desk, draft)
    assert (one.id, one.author, one.addressee) == (full.id, author("ben"), "The Minister")
    assert (one.deliverer, one.means, one.happened_ms) == ("the lawyer", Means.POST, START_MS)
    assert (one.text, one.receipt, one.due_ms) == ("The doorman took it.", b"\x07" * 32, week_ms)
    assert (two.id, two.deliverer, two.receipt, two.due_ms) == (least.id, "", b"", 0)
    assert START_MS < two.happened_ms < desk.now_ms, "without a time: when it was entered"
    assert not desk.view(draft.id).ineffective


def test_what_is_due_follows_from_the_last_word() -> None:
    """Goal: nobody asks twice, nothing is forgotten. Method: a date, a reply, a later date, done."""
    desk, draft = released_desk()
    day_ms = desk.now_ms + DAY_MS
    delivery = enter(desk, draft, **DELIVERY, follow_up_ms=day_ms)
    other = enter(desk, draft, **DELIVERY, follow_up_ms=day_ms + 1)
    assert follow_ups(desk.view(draft.id)) == (day_ms, day_ms + 1)
    enter(
        desk,
        draft,
        "ben",
        entry=AftermathKind.REPLY,
        about=delivery.id,
        text="Soon.",
        follow_up_ms=day_ms + 5,
    )
    assert follow_ups(desk.view(draft.id)) == (day_ms + 1, day_ms + 5), "a reply that asks for patience"
    enter(desk, draft, "chi", entry=AftermathKind.FOLLOW_UP, about=delivery.id, follow_up_ms=day_ms + 9)
    assert follow_ups(desk.view(draft.id)) == (day_ms + 1, day_ms + 9)
    enter(desk, draft, "ben", entry=AftermathKind.REPLY, about=other.id, text="No.")
    assert follow_ups(desk.view(draft.id)) == (day_ms + 9,), "a reply is the end of it"
    enter(desk, draft, "ana", entry=AftermathKind.FOLLOW_UP, about=delivery.id)
    assert follow_ups(desk.view(draft.id)) == ()
    reprisal = enter(
        desk, draft, entry=AftermathKind.REPRISAL, text="He was summoned.", follow_up_ms=day_ms + 20
    )
    assert summary_view(desk.view(draft.id), me=author("ana")).follow_ups_ms == (day_ms + 20,)
    assert reprisal.id == log(desk, draft)[-1].id


def test_a_mistake_is_mended_and_stays_readable() -> None:
    """Goal: history is not erased. Method: correct a delivery twice, with a reply between; others try."""
    desk, draft = released_desk()
    day_ms = desk.now_ms + DAY_MS
    wrong = enter(desk, draft, **{**DELIVERY, "addressee": "The Ministry"}, follow_up_ms=day_ms)
    reply = enter(desk, draft, "ben", entry=AftermathKind.REPLY, about=wrong.id, text="Thanks.")
    first = enter(desk, draft, **DELIVERY, follow_up_ms=day_ms, corrects=wrong.id)
    second = enter(desk, draft, **DELIVERY, text="at noon", corrects=first.id)
    told = log(desk, draft)
    assert [one.id for one in told] == [wrong.id, first.id, second.id, reply.id]
    assert [one.replaced for one in told] == [True, True, False, False]
    assert [one.corrects for one in told] == [b"", wrong.id, wrong.id, b""]
    assert follow_ups(desk.view(draft.id)) == (), "a correction does not open again what a reply closed"
    lesson: dict[str, Any] = {"entry": AftermathKind.LESSON, "text": "x"}
    for who, entry, corrects in (
        ("ben", DELIVERY, second.id),
        ("ben", lesson, reply.id),
        ("ana", DELIVERY, bytes(32)),
    ):
        with pytest.raises(Unknown):
            enter(desk, draft, who, **entry, corrects=corrects)
    forged = [
        desk.write(who, Kind.AFTERMATH, dataclasses.replace(body, corrects=corrects))
        for who, body, corrects in (
            ("ben", second.body, second.id),
            ("ana", second.body, bytes(32)),
            ("ana", reply.body, second.id),
        )
        if isinstance(body, AftermathBody)
    ]
    assert dict(desk.view(draft.id).ineffective) == dict.fromkeys(
        [one.id for one in forged], Reason.BAD_ENTRY
    )


def test_nothing_is_entered_before_the_release_or_about_another_text() -> None:
    """Goal: the log is about what went out. Method: before the release, beside it, another digest."""
    desk, draft = released_desk()
    before = desk.rows[:-1]
    with pytest.raises(WrongPhase):
        enter(desk, draft, seen=before)
    good = enter(desk, draft)
    assert isinstance(good.body, AftermathBody)
    early = desk.write("dov", Kind.AFTERMATH, good.body, desk.rows[:2])
    other = desk.write("ana", Kind.AFTERMATH, dataclasses.replace(good.body, digest=bytes(32)))
    assert dict(desk.view(draft.id).ineffective) == {
        early.id: Reason.BEFORE_RELEASE,
        other.id: Reason.OTHER_TEXT,
    }
    assert [one.id for one in log(desk, draft)] == [good.id]


def test_an_entry_has_what_its_kind_needs() -> None:
    """Goal: nothing half. Method: leave out and add too much, by the command and by a hostile hand."""
    desk, draft = released_desk()
    delivery = enter(desk, draft)
    outcome = enter(desk, draft, entry=AftermathKind.OUTCOME, text="Released on bail.")
    reply = enter(desk, draft, "ben", entry=AftermathKind.REPLY, about=delivery.id)
    kind = AftermathKind
    tries: tuple[tuple[type[LocalError], dict[str, Any]], ...] = (
        (BadArgument, {**DELIVERY, "addressee": " "}),
        (BadArgument, {**DELIVERY, "means": Means.NONE}),
        (BadArgument, {**DELIVERY, "happened_ms": desk.now_ms + 2 * DAY_MS}),
        (BadArgument, {**DELIVERY, "follow_up_ms": desk.now_ms}),
        (BadArgument, {**DELIVERY, "deliverer": "x" * 81}),
        (BadArgument, {**DELIVERY, "text": "x" * 4_001}),
        (BadArgument, {"entry": kind.OUTCOME}),
        (BadArgument, {"entry": kind.LESSON, "text": "x", "deliverer": "Ben"}),
        (BadArgument, {"entry": kind.REPLY, "text": "x"}),
        (BadArgument, {"entry": kind.OUTCOME, "text": "x", "about": delivery.id}),
        (Unknown, {"entry": kind.REPLY, "about": outcome.id}),
        (Unknown, {"entry": kind.REPLY, "about": reply.id}),
        (Unknown, {"entry": kind.FOLLOW_UP, "about": bytes(32)}),
    )
    for error, fields in tries:
        with pytest.raises(LocalError) as caught:
            enter(desk, draft, **fields)
        assert type(caught.value) is error, fields
    assert isinstance(delivery.body, AftermathBody)
    assert isinstance(reply.body, AftermathBody)
    forged = [
        desk.write("chi", Kind.AFTERMATH, body)
        for body in (
            dataclasses.replace(delivery.body, addressee=""),
            dataclasses.replace(delivery.body, means=Means.NONE),
            dataclasses.replace(delivery.body, about=delivery.id),
            dataclasses.replace(reply.body, about=outcome.id),
            dataclasses.replace(reply.body, about=reply.id),
            dataclasses.replace(reply.body, deliverer="Ben"),
            dataclasses.replace(reply.body, entry=kind.LESSON, about=b""),
        )
    ]
    assert dict(desk.view(draft.id).ineffective) == dict.fromkeys(
        [one.id for one in forged], Reason.BAD_ENTRY
    )


SECRETS = ("Rostami Street", "Behrouz the lawyer", "They took his passport", "Ask her brother first")


def test_nothing_of_it_leaves() -> None:
    """Goal: the log stays inside. Method: fill every field of every kind; no released file has any of it."""
    desk, draft = released_desk()
    before = publication.files(desk.view(draft.id))
    day_ms = desk.now_ms + 37 * DAY_MS
    entered = enter(
        desk,
        draft,
        **{**DELIVERY, "addressee": SECRETS[0]},
        deliverer=SECRETS[1],
        text=SECRETS[2],
        receipt=b"\xab" * 32,
        happened_ms=START_MS + 12_345,
        follow_up_ms=day_ms,
    )
    for entry in AftermathKind:
        answer = entry in (AftermathKind.REPLY, AftermathKind.FOLLOW_UP)
        if entry is not AftermathKind.DELIVERY:
            enter(
                desk,
                draft,
                entry=entry,
                text=SECRETS[3],
                about=entered.id if answer else b"",
                receipt=b"\xcd" * 32,
            )
    enter(desk, draft, **DELIVERY, corrects=entered.id)
    view = desk.view(draft.id)
    assert len(view.aftermath) == 7
    after = publication.files(view)
    assert after == before, "the files are those from before anything was entered"
    whole = b"".join(name.encode() + data for name, data in after)
    needles = [*map(str.encode, SECRETS), b"\xab" * 32, b"ab" * 32, b"cd" * 32, str(day_ms).encode()]
    needles += [one.id.hex().encode() for one in view.aftermath]
    assert not [needle for needle in needles if needle in whole]
    assert view.tally_digest == desk.view(draft.id, desk.rows[: desk.rows.index(entered)]).tally_digest


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_order_of_arrival_gives_one_log(data: st.DataObject) -> None:
    """Goal: all nodes show the same. Method: random entries by three who see some; any order; any part."""
    desk, draft = released_desk()
    start = list(desk.rows)
    for _ in range(data.draw(st.integers(1, 8))):
        who = data.draw(st.sampled_from(("ana", "ben", "chi")))
        seen = [*start, *[row for row in desk.rows[len(start) :] if data.draw(st.booleans())]]
        mine = {row.id for row in desk.rows if row.author == author(who)}
        seen += [row for row in desk.rows if row.id in mine and row not in seen]
        known = [row.id for row in seen[len(start) :]]
        entry = data.draw(st.sampled_from(list(AftermathKind)))
        fields: dict[str, Any] = (
            DELIVERY if entry is AftermathKind.DELIVERY else {"entry": entry, "text": "x"}
        )
        body = AftermathBody(
            at_ms=desk.now_ms,
            statement=draft.id,
            digest=desk.view(draft.id).frozen.digest,  # type: ignore[union-attr]
            happened_ms=desk.now_ms,
            about=data.draw(st.sampled_from([b"", *known])),
            corrects=data.draw(st.sampled_from([b"", *known])),
            follow_up_ms=data.draw(st.sampled_from([0, desk.now_ms + DAY_MS])),
            **fields,
        )
        desk.write(who, Kind.AFTERMATH, body, seen)
    shuffled = data.draw(st.permutations(desk.rows))
    view = desk.view(draft.id)
    assert folded(shuffled).get(draft.id) == view
    assert len(view.aftermath) + len(view.ineffective) == len(desk.rows) - len(start)
    for one in view.aftermath:
        assert not one.due_ms or not (one.replaced or one.entry in ANSWERS)
