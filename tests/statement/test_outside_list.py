"""Sign-ons from outside: one list, whatever was accepted when, how often and by whom."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from callwork import key_of, signs
from lettering import DEADLINE_MS, START_MS, Desk, Row, act_key, author, folded

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import OperationId
from meshcoal.limits import ACCEPTED_BYTES_MAX, ACCEPTED_MAX
from meshcoal.statement import outside, replies
from meshcoal.statement.model import EntryState, Reason
from meshcoal.statement.publication import build
from meshcoal.statement.verification import verify
from meshcoal.wire import record
from meshcoal.wire.bodies import AcceptBody, CallBody, GrantBody, ReleaseBody
from meshcoal.wire.call import Call
from meshcoal.wire.operation import Kind
from meshcoal.wire.outsider import ListedOutside, Outsider, OutsiderWithdrawal, listed_outside, said_digest
from meshcoal.wire.package import decode_package

NAMES = ("Forum", "Union", "Circle", "League")


def opened() -> tuple[Desk, Row, Call]:
    """A frozen letter with one member's signature, and a call's letter to sign."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ben")
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    call = Call(
        until_ms=DEADLINE_MS,
        needed=1,
        holders=1,
        asks="Us",
        reply_to=("here",),
        data=("All is published.",),
        key=bytes(1216),
        canonical_text=frozen.canonical_text.decode(),
    )
    return desk, draft, call


def accepts(
    desk: Desk,
    draft: Row,
    call: Call,
    *said: Outsider | OutsiderWithdrawal,
    who: str = "ana",
    seen: list[Row] | None = None,
) -> Row:
    body = AcceptBody(
        at_ms=desk.now_ms,
        statement=draft.id,
        digest=call.digest,
        sign_ons=tuple([one for one in said if isinstance(one, Outsider)]),
        withdrawals=tuple([one for one in said if isinstance(one, OutsiderWithdrawal)]),
    )
    return desk.write(who, Kind.ACCEPT, body, seen)


def back(call: Call, said: Outsider, *, key: str = "", at_ms: int = START_MS + 9_000) -> OutsiderWithdrawal:
    taken = said_digest(call.digest, said)
    return replies.make_withdrawal(call.digest, key_of(key or said.fields.name), taken, at_ms)


def states(desk: Desk, draft: Row) -> dict[str, str]:
    return {one.sign_on.said.fields.name: one.state.value for one in desk.view(draft.id).outside}


# What may be accepted: two sign-ons of each of four keys, and withdrawals of some of them.
@st.composite
def histories(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[int]]:
    """Batches of things accepted, an order in which a node receives them, and which are received twice."""
    batches = draw(st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=5), min_size=1, max_size=6))
    order = draw(st.permutations(range(len(batches))))
    return batches, list(order), draw(st.lists(st.integers(0, len(batches) - 1), max_size=4))


@settings(max_examples=60, deadline=None)
@given(histories())
def test_any_order_and_doubling_of_imports_gives_the_same_list(
    history: tuple[list[list[int]], list[int], list[int]],
) -> None:
    """Goal: every node has one list. Method: batches in any cut, order and number."""
    batches, order, again = history
    desk, draft, call = opened()
    things: list[Outsider | OutsiderWithdrawal] = []
    for name in NAMES:
        first = signs(call, name, at_ms=START_MS + 1_000)
        later = signs(call, f"{name} Trust", key=name, at_ms=START_MS + 2_000)
        things += [first, later, back(call, later, key=name, at_ms=START_MS + 12_000)]
        things += [back(call, later, key=name)]
    before = list(desk.rows)
    whole: list[Outsider | OutsiderWithdrawal] = [
        things[at] for at in sorted({at for batch in batches for at in batch})
    ]
    for number, batch in enumerate(batches):
        who = "ana" if number % 2 else "dov"
        accepts(desk, draft, call, *[things[at] for at in batch], who=who, seen=before)
    arrived = [desk.rows[len(before) + at] for at in [*order, *again]]
    there = folded([*before, *arrived]).get(OperationId(draft.id))
    here = folded([*reversed(desk.rows)]).get(OperationId(draft.id))
    assert there is not None
    assert here is not None
    assert there == here
    # One organiser who accepted everything at once has the same list.
    other, other_draft, other_call = opened()
    assert other_call == call
    accepts(other, other_draft, call, *whole)
    once = other.view(other_draft.id)
    assert once.tally_digest == there.tally_digest
    assert [(one.state, one.withdrawal) for one in once.outside] == [
        (one.state, one.withdrawal) for one in there.outside
    ]
    assert [one.said for one in once.counted_outside()] == [one.said for one in there.counted_outside()]


def test_a_key_counts_once_and_the_last_word_holds() -> None:
    """Goal: corrections replace, withdrawals take back what they name. Method: each order of the two."""
    desk, draft, call = opened()
    first = signs(call, "Forum", at_ms=START_MS + 1_000)
    later = signs(call, "Forum Trust", key="Forum", at_ms=START_MS + 2_000)
    accepts(desk, draft, call, later)
    accepts(desk, draft, call, first)
    assert states(desk, draft) == {"Forum Trust": "counted"}
    accepts(desk, draft, call, back(call, first))
    assert states(desk, draft) == {"Forum Trust": "counted"}
    accepts(desk, draft, call, back(call, later, key="Forum"))
    assert states(desk, draft) == {"Forum Trust": "withdrawn"}


def test_a_late_correction_does_not_cost_the_place_on_the_list() -> None:
    """Goal: who signed in time counts. Method: a second sign-on dated behind the deadline."""
    desk, draft, call = opened()
    in_time = signs(call, "Forum", at_ms=START_MS)
    late = dataclasses.replace(in_time.fields, name="Forum Trust", signed_ms=DEADLINE_MS + 1_000)
    key = key_of("Forum")
    text = replies.sign_on_text(call.digest, key.public, late)
    too_late = Outsider(act_key=key.public, fields=late, signature=key.sign(text))
    accepts(desk, draft, call, too_late)
    assert states(desk, draft) == {"Forum Trust": "late"}
    accepts(desk, draft, call, in_time)
    assert states(desk, draft) == {"Forum": "counted"}


def test_what_does_not_hold_counts_for_nothing_and_harms_nobody() -> None:
    """Goal: an organiser cannot make up signatories. Method: forged and borrowed ones in a batch."""
    desk, draft, call = opened()
    good = signs(call, "Forum", at_ms=START_MS)
    forged = dataclasses.replace(good, fields=dataclasses.replace(good.fields, name="Forgery"))
    other = dataclasses.replace(good, act_key=key_of("Union").public)
    accepts(desk, draft, call, forged, good, other, back(call, good, key="Mallory"))
    assert states(desk, draft) == {"Forum": "counted"}
    useless = accepts(desk, draft, call, forged)
    assert dict(desk.view(draft.id).ineffective)[useless.id] is Reason.BAD_ACT


def test_a_members_key_counts_as_the_member() -> None:
    """Goal: nobody is counted inside and outside. Method: Ben's act key signs as an outsider too."""
    desk, draft, call = opened()
    key = act_key("ben")
    fields = signs(call, "Ben outside", at_ms=START_MS).fields
    text = replies.sign_on_text(call.digest, key.public, fields)
    accepts(desk, draft, call, Outsider(act_key=key.public, fields=fields, signature=key.sign(text)))
    view = desk.view(draft.id)
    assert view.outside == ()
    assert len(view.counted()) == 1


def test_a_release_lists_exactly_what_stands_and_holds() -> None:
    """Goal: members and outsiders on one list. Method: release, export, verify; then change the list."""
    desk, draft, call = opened()
    kept, gone = signs(call, "Forum", at_ms=START_MS), signs(call, "Union", at_ms=START_MS)
    accepts(desk, draft, call, kept, gone, back(call, gone))
    release = desk.release(draft)
    accepts(desk, draft, call, signs(call, "Circle", at_ms=START_MS), back(call, kept))
    view = desk.view(draft.id)
    assert states(desk, draft) == {
        "Forum": "withdrawn-after-release",
        "Union": "withdrawn",
        "Circle": "after-release",
    }
    package = build(view)
    assert verify(package).sound
    read = decode_package(package)
    accepted = {one.sign_on.accept.hex().encode() for one in view.outside}
    assert not [one for one in accepted if one in package]  # who accepted what stays inside
    assert len(read.sign_ons) == 2
    assert [one.act_key for one in read.withdrawals] == [kept.act_key]
    body = release.body
    assert isinstance(body, ReleaseBody)
    (listed,) = body.outside
    both = listed_outside(listed.accept, (0, 1))
    none: tuple[ListedOutside, ...] = ()
    for changed in ((both,), none, (listed, listed), (listed_outside(bytes(32), (0,)),)):
        rows = [
            dataclasses.replace(row, body=dataclasses.replace(body, outside=changed))
            if row is release
            else row
            for row in desk.rows
        ]
        refused = folded(rows).get(OperationId(draft.id))
        assert refused is not None
        assert refused.released is None
        assert dict(refused.ineffective)[release.id] is Reason.BAD_RELEASE


def test_a_letter_signed_from_outside_alone_can_be_released() -> None:
    """Goal: a coalition may stand behind others. Method: the one member withdraws, an outsider stays."""
    desk, draft, call = opened()
    accepts(desk, draft, call, signs(call, "Forum", at_ms=START_MS))
    desk.withdraw(draft, "ben")
    desk.release(draft)
    view = desk.view(draft.id)
    assert view.released is not None
    assert [entry.state for entry in view.entries] == [EntryState.WITHDRAWN]
    assert verify(build(view)).sound


def test_no_carrying_over_to_the_next_version() -> None:
    """Goal: outsiders signed one text. Method: freeze the next version."""
    desk, draft, call = opened()
    accepts(desk, draft, call, signs(call, "Forum", at_ms=START_MS))
    desk.amend(draft, text="Release her at once.")
    desk.revise(draft)
    assert states(desk, draft) == {}


def test_a_call_that_cannot_be_given_out_counts_for_nothing() -> None:
    """Goal: one bad call keeps nobody from reading the others. Method: break each part of a call."""
    desk, draft, call = opened()
    entropy = SeededEntropy(b"calls")
    shares = replies.deal_key(bytes(32), [AgreementKey(entropy.take(32)).public], 1, call.digest, entropy)
    good = CallBody(
        at_ms=desk.now_ms,
        statement=draft.id,
        digest=call.digest,
        until_ms=DEADLINE_MS,
        asks="Us",
        reply_to=("here",),
        data=("All is published.",),
        key=bytes(1216),
        needed=1,
        holders=(author("ana"),),
        shares=shares,
    )
    held = desk.write("ana", Kind.CALL, good)
    bad = [
        desk.write("ana", Kind.CALL, dataclasses.replace(good, **changed))
        for changed in (
            {"asks": "Us \u202e"},
            {"until_ms": DEADLINE_MS + 1},
            {"needed": 2},
            {"holders": (author("ana"), author("ben"))},
            {"digest": bytes(32)},
        )
    ]
    grant = GrantBody(at_ms=desk.now_ms, statement=draft.id, call=held.id, share=shares)
    stranger = desk.write("dov", Kind.GRANT, grant)
    desk.write("ana", Kind.GRANT, grant)
    desk.write("ana", Kind.GRANT, grant)
    view = desk.view(draft.id)
    assert [one.id for one in view.calls] == [held.id]
    assert [who for who, _ in view.calls[0].grants] == [author("ana")]
    refused = dict(view.ineffective)
    assert {refused[row.id] for row in [*bad, stranger]} == {Reason.BAD_CALL}


@given(st.integers(1, 700), st.integers(0, 40))
@settings(max_examples=20, deadline=None)
def test_batches_hold_all_in_order_and_fit(count: int, taken: int) -> None:
    """Goal: nothing is left out of operations that are not too large. Method: any number of each."""
    _, _, call = opened()
    said = signs(call, "F" * 80, at_ms=START_MS, country="ع" * 80)
    one = back(call, said)
    made = list(outside.batches([said] * count, [one] * taken))
    assert sum(len(sign_ons) for sign_ons, _ in made) == count
    assert sum(len(withdrawals) for _, withdrawals in made) == taken
    for sign_ons, withdrawals in made:
        assert 0 < len(sign_ons) + len(withdrawals) <= ACCEPTED_MAX
        sizes = [len(record.encode(each)) for each in [*sign_ons, *withdrawals]]
        assert sum(sizes) <= ACCEPTED_BYTES_MAX


@given(st.sets(st.integers(0, ACCEPTED_MAX - 1), min_size=1))
def test_places_on_a_list_come_back(places: set[int]) -> None:
    """Goal: one spelling of which ones. Method: any set of places and back."""
    listed = listed_outside(bytes(32), tuple(sorted(places)))
    assert listed.listed() == tuple(sorted(places))
    assert listed.places[-1:] != b"\0"
