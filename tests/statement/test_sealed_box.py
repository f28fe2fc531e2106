"""What a node holds of one round: the same everywhere, in bounds, and open when it should be."""

from __future__ import annotations

import functools
import pathlib
import random
import sys
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from meshcoal.crypto import threshold
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import (
    BadEnvelope,
    BadShare,
    BadSignature,
    DoubledEnvelope,
    OverLimit,
    RemoteError,
    SealExpired,
)
from meshcoal.statement.sealed.box import Box, State, restore
from meshcoal.statement.sealed.envelope import withdraw
from meshcoal.wire.sealed import (
    Envelope,
    EnvelopeWithdrawal,
    LooseItem,
    SealedItem,
    ToldKey,
    ToldShare,
    item_id,
)

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from sealedround import EXPIRES_MS, NOW_MS, Coalition


@functools.cache
def coalition() -> Coalition:
    return Coalition(8)  # 5 sign-ons, 5 shares; 3 may be gone


@functools.cache
def envelope(at: int, seed: str = "") -> Envelope:
    return coalition().seal(at, seed=seed)


@functools.cache
def withdrawal(at: int, seed: str = "") -> EnvelopeWithdrawal:
    key = coalition().members[at].ring
    return withdraw(coalition().round, ring_key=key, entropy=SeededEntropy(f"w {at} {seed}".encode()))


@functools.cache
def junk(at: int) -> Envelope:
    """An envelope by member `at` whose signature holds and whose content is noise."""
    group, member = coalition(), coalition().members[at]
    tag = member.ring.tag(group.terms.event)
    needed = group.terms.shares_needed
    dealt = threshold.deal(b"j" * 32, bytes(1024), group.roster.trustees, needed, group.round.place(tag))
    made = replace(
        envelope(at), commitment=dealt.commitment, ephemeral=dealt.ephemeral, content=dealt.content,
        shares=b"".join(dealt.shares), checks=b"".join(dealt.checks),
    )  # fmt: skip
    signature = member.ring.sign(group.round.ring, group.terms.event, made.signed, SeededEntropy(b"j"))
    return replace(made, signature=signature)


def box(*items: SealedItem, now_ms: int = NOW_MS) -> Box:
    made = Box(coalition().round)
    for item in items:
        made.take(item, now_ms=now_ms)
    return made


def tell(at: int, held: Box, now_ms: int = NOW_MS) -> tuple[ToldShare, ...]:
    """Member `at` (from 0) tells what is due."""
    return held.tell(member=at + 1, trustee=coalition().members[at].trustee, now_ms=now_ms)


def names(held: Box) -> list[str]:
    return [signed.content.fields.name for signed in held.opened()]


def opened(count: int = 5) -> Box:
    """A box in which `count` envelopes were opened by the shares of the first five members."""
    held = box(*[envelope(at) for at in range(count)])
    for at in range(5):
        for share in tell(at, held):
            held.take(share, now_ms=NOW_MS)
    return held


def content(held: Box) -> list[bytes]:
    return sorted(item_id(item) for item in held.items())


def test_five_sign_and_five_members_open() -> None:
    """Goal: the whole way in one box. Method: envelopes one by one; nobody tells before the fifth; then
    shares one by one, and what is left are envelopes and keys."""
    held = Box(coalition().round)
    for at in range(5):
        assert tell(0, held) == ()
        moved = held.take(envelope(at), now_ms=NOW_MS)
        assert moved.added == (envelope(at),)
    for at in range(5):
        told = tell(at, held)
        assert len(told) == 5
        for share in told:
            held.take(share, now_ms=NOW_MS)
        assert tell(at, held) == ()
    assert set(held.states().values()) == {State.OPEN}
    assert sorted(names(held)) == sorted(coalition().members[at].name for at in range(5))
    sixth = tell(5, box(*[envelope(at) for at in range(5)]))[0]
    with pytest.raises(DoubledEnvelope):  # nobody needs it any more
        held.take(sixth, now_ms=NOW_MS)
    kinds = [type(item) for item in held.items()]
    assert (kinds.count(Envelope), kinds.count(ToldKey), kinds.count(ToldShare)) == (5, 5, 0)


def test_moves_say_what_is_held() -> None:
    """Goal: a store that follows the moves holds what the box holds. Method: follow them through doubles,
    shares, keys, withdrawals and the date."""
    held, stored = Box(coalition().round), dict[bytes, LooseItem]()
    items: list[SealedItem] = [envelope(at) for at in range(6)]
    items += [envelope(2, "again"), junk(6), *tells(), withdrawal(1), withdrawal(1, "again")]
    for item in items:
        try:
            moved = held.take(item, now_ms=NOW_MS)
        except RemoteError:
            continue
        for gone in moved.dropped:
            del stored[gone]
        stored.update({item_id(one): one for one in moved.added})
        assert sorted(stored) == content(held)
    for gone in held.expire().dropped:
        del stored[gone]
    assert sorted(stored) == content(held)


@functools.cache
def tells() -> tuple[ToldShare, ...]:
    """All shares that seven members tell once everything stands."""
    held = box(*[envelope(at) for at in range(6)], junk(6))
    best = box(envelope(2))
    if envelope(2, "again").id < envelope(2).id:
        best = box(envelope(2, "again"))
        held.take(envelope(2, "again"), now_ms=NOW_MS)
    assert best.items()[0] in held.items()
    return tuple([share for at in range(7) for share in tell(at, held)])


def test_junk_is_found_out_and_counts_no_more() -> None:
    """Goal: what infiltrators send is told apart once it opens. Method: four honest envelopes and one of
    noise open; then four count, and nothing more opens until a fifth honest one comes."""
    held = box(*[envelope(at) for at in range(4)], junk(6))
    for at in range(5):
        for share in tell(at, held):
            held.take(share, now_ms=NOW_MS)
    assert held.states()[junk(6).id] is State.FALSE
    assert held.standing(NOW_MS).count == 4
    assert len(names(held)) == 4
    held.take(envelope(4), now_ms=NOW_MS)
    assert len(tell(0, held)) == 1


def test_a_key_takes_the_place_of_shares() -> None:
    """Goal: what is needed no more goes. Method: three shares of an envelope, then its key from elsewhere;
    and junk, found out by its key, at the date."""
    held = box(*[envelope(at) for at in range(5)])
    mine = [share for at in range(3) for share in tell(at, held) if share.envelope == envelope(0).id]
    for share in mine:
        held.take(share, now_ms=NOW_MS)
    key = next(one for one in opened().items() if isinstance(one, ToldKey) and one.envelope == envelope(0).id)
    moved = held.take(key, now_ms=NOW_MS)
    assert sorted(moved.dropped) == sorted(item_id(share) for share in mine)
    assert moved.added == (key,)
    assert not any(isinstance(item, ToldShare) for item in held.items())
    with pytest.raises(DoubledEnvelope):
        held.take(key, now_ms=NOW_MS)
    noise = ToldKey(terms=coalition().terms.id, envelope=junk(6).id, key=b"j" * 32)
    held.take(junk(6), now_ms=NOW_MS)
    held.take(noise, now_ms=NOW_MS)
    assert held.states()[junk(6).id] is State.FALSE
    held.expire()
    assert content(held) == sorted([item_id(envelope(0)), item_id(key)])


def test_one_maker_has_one_envelope() -> None:
    """Goal: doubles are bounded and the same everywhere. Method: five by one maker, in both orders; once more
    what is there already."""
    doubles = sorted([envelope(3, str(number)) for number in range(5)], key=lambda one: one.id)
    up, down = Box(coalition().round), Box(coalition().round)
    up.take(doubles[0], now_ms=NOW_MS)
    for one in doubles:
        with pytest.raises(DoubledEnvelope):
            up.take(one, now_ms=NOW_MS)
    for one in reversed(doubles):
        moved = down.take(one, now_ms=NOW_MS)
        assert moved.added == (one,)
    assert content(up) == content(down) == [item_id(doubles[0])]


def test_a_withdrawal_outweighs_what_it_withdraws() -> None:
    """Goal: taken back is taken back. Method: before the envelope, after it, after it was opened."""
    first = box(withdrawal(0))
    with pytest.raises(DoubledEnvelope):
        first.take(envelope(0), now_ms=NOW_MS)
    after = box(envelope(0))
    moved = after.take(withdrawal(0), now_ms=NOW_MS)
    assert moved.dropped == (item_id(envelope(0)),)
    assert content(first) == content(after)
    late = opened()
    late.take(withdrawal(0), now_ms=NOW_MS)
    assert coalition().members[0].name not in names(late)
    assert late.standing(NOW_MS).count == 4
    with pytest.raises(DoubledEnvelope):
        late.take(withdrawal(0), now_ms=NOW_MS)
    with pytest.raises(BadSignature):
        late.take(replace(withdrawal(1), signature=envelope(1).signature), now_ms=NOW_MS)


def test_after_the_date_only_what_was_opened_is_left() -> None:
    """Goal: shut stays shut, and who was away still sees the names. Method: one box opened, one not; a late
    node gets everything from the first in any order, and shut envelopes from the second to no effect."""
    done, shut = opened(), box(*[envelope(at) for at in range(5)])
    assert done.expire().dropped == ()
    assert shut.expire().dropped == tuple(item_id(envelope(at)) for at in range(5))
    assert shut.items() == []
    share = tells()[0]
    with pytest.raises(SealExpired):
        shut.take(share, now_ms=EXPIRES_MS)
    for seed in range(4):
        late, order = Box(coalition().round), done.items()
        random.Random(seed).shuffle(order)
        for item in [*order, envelope(6)]:
            late.take(item, now_ms=EXPIRES_MS)
        assert content(late) == content(done)
        assert names(late) == names(done)
        assert tell(0, late, EXPIRES_MS) == ()


def test_a_false_key_opens_nothing_late() -> None:
    """Goal: after the date nobody brings a shut envelope back. Method: an envelope with another's key, and
    with the key of noise, in both orders."""
    done = opened()
    keys = [item for item in done.items() if isinstance(item, ToldKey)]
    wrong = replace(keys[0], envelope=envelope(6).id)
    noise = ToldKey(terms=coalition().terms.id, envelope=junk(6).id, key=b"j" * 32)
    for sealed, key in ((envelope(6), wrong), (junk(6), noise)):
        for order in ((sealed, key), (key, sealed)):
            late, refused = Box(coalition().round), []
            for item in order:
                try:
                    late.take(item, now_ms=EXPIRES_MS)
                except (BadShare, BadEnvelope):
                    refused.append(item)
            assert refused == ([key] if order[1] is key else [])
            assert late.items() == []


def test_late_envelopes_wait_one_by_one() -> None:
    """Goal: envelopes that come too late fill nothing. Method: two of one maker after the date; then the
    key of the first."""
    done, late = opened(), Box(coalition().round)
    key = next(item for item in done.items() if isinstance(item, ToldKey) and item.envelope == envelope(0).id)
    late.take(envelope(0), now_ms=EXPIRES_MS)
    late.take(envelope(0), now_ms=EXPIRES_MS)
    with pytest.raises(OverLimit):
        late.take(envelope(0, "again"), now_ms=EXPIRES_MS)
    late.take(key, now_ms=EXPIRES_MS)
    assert names(late) == [coalition().members[0].name]


def test_what_waits_is_bounded() -> None:
    """Goal: nobody fills memory with shares of nothing. Method: shares and keys of envelopes that are not
    there, until it is too much; a real envelope still comes in."""
    held, share = Box(coalition().round), tells()[0]

    def refused(number: int) -> ToldShare:
        return replace(share, envelope=number.to_bytes(32, "big"))

    for number in range(32):
        assert held.take(refused(number), now_ms=NOW_MS).added == ()
    with pytest.raises(OverLimit):
        held.take(refused(99), now_ms=NOW_MS)
    held.take(refused(0), now_ms=NOW_MS)  # it waits already
    assert held.items() == []
    assert held.take(envelope(0), now_ms=NOW_MS).added == (envelope(0),)


def test_shares_that_come_first_are_used() -> None:
    """Goal: order is of no consequence. Method: all shares of one envelope, two of them wrong, before it."""
    mine = [share for share in tells() if share.envelope == envelope(0).id]
    held = Box(coalition().round)
    for share in [replace(mine[0], member=8), replace(mine[1], share=bytes(32)), *mine]:
        held.take(share, now_ms=NOW_MS)
    held.take(envelope(0), now_ms=NOW_MS)
    assert names(held) == [coalition().members[0].name]


@pytest.mark.parametrize("late", [False, True])
def test_a_box_comes_back_from_the_store(late: bool) -> None:
    """Goal: a restart changes nothing but shares, told anew. Method: what a store keeps, in a random
    order; before the date and after it."""
    held = opened()
    held.take(withdrawal(7), now_ms=NOW_MS)
    if late:
        held.expire()
    else:
        held.take(envelope(5), now_ms=NOW_MS)
        held.take(tell(0, held)[0], now_ms=NOW_MS)
    stored = [item for item in held.items() if not isinstance(item, ToldShare)]
    random.Random(1).shuffle(stored)
    again = restore(coalition().round, stored, held.opened_by_envelope())
    assert sorted(map(item_id, again.items())) == sorted(map(item_id, stored))
    assert names(again) == names(held)
    assert again.states() == held.states()
    assert again.standing(NOW_MS) == held.standing(NOW_MS)
    if not late:
        for share in tell(0, again):
            again.take(share, now_ms=NOW_MS)
        assert content(again) == content(held)
    with pytest.raises(DoubledEnvelope):
        again.take(envelope(7, "again"), now_ms=NOW_MS)


class BoxesAgree(RuleBasedStateMachine):
    """Three nodes get, tell and pass on things in any order, with repeats; they come to the same."""

    @initialize()
    def begin(self) -> None:
        self.boxes = [Box(coalition().round) for _ in range(3)]

    def give(self, to: int, item: SealedItem) -> None:
        try:
            self.boxes[to].take(item, now_ms=NOW_MS)
        except (DoubledEnvelope, OverLimit):
            return

    @rule(to=st.integers(0, 2), at=st.integers(0, 7), seed=st.sampled_from(["", "again"]))
    def seal(self, to: int, at: int, seed: str) -> None:
        self.give(to, envelope(at, seed))

    @rule(to=st.integers(0, 2), at=st.integers(5, 7))
    def seal_junk(self, to: int, at: int) -> None:
        self.give(to, junk(at))

    @rule(to=st.integers(0, 2), at=st.integers(0, 7), seed=st.sampled_from(["", "again"]))
    def take_back(self, to: int, at: int, seed: str) -> None:
        if at in (1, 6):
            self.give(to, withdrawal(at, seed))

    @rule(to=st.integers(0, 2), at=st.integers(0, 6))
    def tell_shares(self, to: int, at: int) -> None:
        for share in tell(at, self.boxes[to]):
            self.give(to, share)

    @rule(one=st.integers(0, 2), other=st.integers(0, 2))
    def pass_on(self, one: int, other: int) -> None:
        for item in reversed(self.boxes[one].items()):
            self.give(other, item)

    @rule()
    def meet(self) -> None:
        for _ in range(3):
            for one, other in ((0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)):
                self.pass_on(one, other)
        assert content(self.boxes[0]) == content(self.boxes[1]) == content(self.boxes[2])
        states = [held.states() for held in self.boxes]
        assert states[0] == states[1] == states[2]
        assert names(self.boxes[0]) == names(self.boxes[1])

    @invariant()
    def bounds_hold(self) -> None:
        for held in getattr(self, "boxes", []):
            assert len(held.items()) <= 8 * (2 + 8)
            tags = [item.tag for item in held.items() if isinstance(item, Envelope)]
            assert len(tags) == len(set(tags))


TestBoxesAgree = BoxesAgree.TestCase
TestBoxesAgree.settings = settings(max_examples=12, stateful_step_count=16, deadline=None)
