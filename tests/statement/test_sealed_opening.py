"""Which envelopes count, when they open, and that everybody comes to the same."""

from __future__ import annotations

import functools
import itertools
import pathlib
import random
import sys
from dataclasses import replace

import pytest

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadEnvelope, BadShare, DoubledEnvelope, SealExpired
from meshcoal.statement.sealed.envelope import Checked, Round, check, seal
from meshcoal.statement.sealed.opening import (
    Standing,
    admit,
    check_share,
    open_with_key,
    open_with_shares,
    stand,
    tell_share,
)
from meshcoal.statement.sealed.terms import make_terms
from meshcoal.wire.sealed import SEALED, SealedRoster, ToldKey, ToldShare

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from sealedround import EXPIRES_MS, NOW_MS, Coalition


@functools.cache
def coalition() -> Coalition:
    return Coalition(12)


@functools.cache
def checked(at: int, floor: int = 0, seed: str = "") -> Checked:
    return coalition().checked(at, floor=floor, seed=seed)


def standing(*envelopes: Checked, withdrawn: tuple[bytes, ...] = (), now_ms: int = NOW_MS) -> Standing:
    return stand(coalition().round, envelopes, withdrawn, now_ms=now_ms)


def test_four_open_nothing_and_five_open_all() -> None:
    """Goal: nothing before the threshold. Method: one envelope more each time."""
    for count in range(1, 8):
        seen = standing(*[checked(at) for at in range(count)])
        assert seen.count == count
        assert len(seen.openable) == (count if count >= 5 else 0)


def test_a_floor_below_the_threshold_opens_nothing() -> None:
    """Goal: the threshold holds by itself. Method: envelopes that say one, which no check lets through."""
    low = [replace(checked(at), envelope=replace(checked(at).envelope, floor=1)) for at in range(4)]
    assert standing(*low).openable == ()


def test_a_higher_floor_waits() -> None:
    """Goal: a signer's own number holds. Method: one of six asks for seven; the seventh comes."""
    six = [checked(at) for at in range(5)] + [checked(5, floor=7)]
    assert [one.tag for one in standing(*six).openable] == sorted(one.tag for one in six[:5])
    assert len(standing(*six, checked(6)).openable) == 7


def test_the_order_of_arrival_is_of_no_consequence() -> None:
    """Goal: every node counts the same. Method: shuffled, doubled and repeated envelopes and withdrawals."""
    several = [checked(at) for at in range(6)] + [
        checked(2, seed="again"),
        checked(2, seed="third"),
        checked(4),
    ]
    gone = (checked(5).tag, checked(9).tag)
    wanted = standing(*several, withdrawn=gone)
    assert wanted.doubled == (checked(2).tag,)
    assert wanted.count == 5
    shuffle = random.Random(5)
    for _ in range(20):
        shuffle.shuffle(several)
        assert standing(*several, withdrawn=tuple(reversed(gone))) == wanted


def test_doubles_are_one() -> None:
    """Goal: nobody makes up the number alone. Method: five envelopes of one member count as one; the least id
    is the one that counts, and the others are refused with their code."""
    doubles = [checked(1, seed=str(number)) for number in range(5)]
    seen = standing(*doubles)
    assert seen.count == 1
    assert seen.standing[0].id == min(one.id for one in doubles)
    held: dict[bytes, Checked] = {}
    refused = 0
    for one in doubles:
        try:
            admit(held, one)
        except DoubledEnvelope:
            refused += 1
        else:
            held[one.tag] = one
    assert held[seen.standing[0].tag].id == seen.standing[0].id
    assert refused >= 1
    with pytest.raises(DoubledEnvelope):
        admit(held, held[seen.standing[0].tag])


def test_withdrawn_do_not_count_and_do_not_open() -> None:
    """Goal: before the opening a sign-on can be taken back. Method: withdraw one of five, then of six."""
    five = [checked(at) for at in range(5)]
    assert standing(*five, withdrawn=(five[0].tag,)).openable == ()
    seen = standing(*five, checked(5), withdrawn=(five[0].tag,))
    assert five[0].tag not in [one.tag for one in seen.openable]
    assert len(seen.openable) == 5


def told_by(at: int, seen: Standing) -> list[ToldShare]:
    group = coalition()
    trustee = group.members[at - 1].trustee
    return [tell_share(group.round, one, member=at, trustee=trustee, now_ms=NOW_MS) for one in seen.openable]


def test_members_open_together() -> None:
    """Goal: shares as they travel give every name. Method: five members tell theirs, over the wire, and each
    envelope opens; then once more from the key alone."""
    group, envelopes = coalition(), [checked(at) for at in range(6)]
    by_id = {one.id: one for one in envelopes}
    collected: dict[bytes, dict[int, bytes]] = {one.id: {} for one in envelopes}
    for at in (2, 5, 8, 11, 12):
        for share in told_by(at, standing(*envelopes)):
            told = SEALED.decode(SEALED.encode(share))
            assert isinstance(told, ToldShare)
            check_share(group.round, by_id[told.envelope], told)
            collected[told.envelope][told.member] = told.share
    for at, one in enumerate(envelopes):
        signed, key = open_with_shares(group.round, one, collected[one.id])
        assert signed.content.fields.name == group.members[at].name
        again = SEALED.decode(SEALED.encode(key))
        assert isinstance(again, ToldKey)
        assert open_with_key(group.round, one, again) == signed


def test_any_five_members_will_do() -> None:
    """Goal: a quarter of the members may be gone. Method: each of many fives of nine opens one envelope."""
    group, one = coalition(), checked(0)
    seen = standing(*[checked(at) for at in range(5)])
    shares = {}
    for at in range(1, 10):  # three of twelve are gone
        shares[at] = next(told.share for told in told_by(at, seen) if told.envelope == one.id)
    for chosen in itertools.islice(itertools.combinations(shares, 5), 0, 126, 11):
        signed, _ = open_with_shares(group.round, one, {at: shares[at] for at in chosen})
        assert signed.content.fields.name == group.members[0].name


def test_wrong_shares_are_refused() -> None:
    """Goal: nobody spoils or swaps. Method: another member's share, another envelope's, for other terms; too
    few."""
    group = coalition()
    envelopes = [checked(at) for at in range(5)]
    one, other = told_by(3, standing(*envelopes))[:2]
    held = next(envelope for envelope in envelopes if envelope.id == one.envelope)
    check_share(group.round, held, one)
    for wrong in (replace(one, member=4), replace(one, member=100), replace(one, share=other.share), other):
        with pytest.raises(BadShare):
            check_share(group.round, held, wrong)
    with pytest.raises(BadEnvelope):
        check_share(group.round, held, replace(one, terms=bytes(32)))
    with pytest.raises(BadShare):
        open_with_shares(group.round, held, {3: one.share})


def test_a_false_share_is_told_apart() -> None:
    """Goal: who finds no sound share for them is told so. Method: somebody else's trustee key."""
    with pytest.raises(BadShare):
        tell_share(coalition().round, checked(0), member=1, trustee=AgreementKey(b"s" * 32), now_ms=NOW_MS)


def told_key(at: int) -> ToldKey:
    """The key of member `at`'s envelope."""
    one = checked(at)
    seen = standing(*[checked(other) for other in range(5)])
    shares = {
        place: next(share.share for share in told_by(place, seen) if share.envelope == one.id)
        for place in range(1, 6)
    }
    return open_with_shares(coalition().round, one, shares)[1]


def test_the_key_of_another_envelope_opens_nothing() -> None:
    """Goal: a published key proves itself. Method: keys of other envelopes, terms and bytes."""
    group = coalition()
    one = checked(0)
    told = told_key(0)
    assert open_with_key(group.round, one, told)
    for wrong in (
        replace(told, terms=bytes(32)),
        replace(told, envelope=checked(1).id),
        ToldKey(terms=group.terms.id, envelope=one.id, key=bytes(32)),
        ToldKey(terms=group.terms.id, envelope=checked(1).id, key=bytes(32)),
        ToldKey(terms=bytes(32), envelope=one.id, key=bytes(32)),
    ):
        with pytest.raises(BadShare):
            open_with_key(group.round, one, wrong)


def test_after_the_date_nothing_is_given_out() -> None:
    """Goal: unopened envelopes stay shut. Method: enough envelopes, a moment before and at the date."""
    envelopes = [checked(at) for at in range(6)]
    assert len(standing(*envelopes, now_ms=EXPIRES_MS - 1).openable) == 6
    late = standing(*envelopes, now_ms=EXPIRES_MS)
    assert late.openable == ()
    assert late.count == 6
    with pytest.raises(SealExpired):
        tell_share(
            coalition().round, envelopes[0], member=1,
            trustee=coalition().members[0].trustee, now_ms=EXPIRES_MS,
        )  # fmt: skip


def test_who_copies_another_s_keys_spoils_nothing() -> None:
    """Goal: a member who puts Ana's act key and trustee key beside their own ring key neither stops sealing
    nor makes Ana's envelope false. Method: such rosters, Ana before and after the copier; seal and open."""
    plain = coalition()
    for ana, copier in ((2, 5), (5, 2)):
        entries = list(plain.roster.entries)
        entries[copier] = replace(entries[copier], act=entries[ana].act, trustee=entries[ana].trustee)
        roster = SealedRoster.of(tuple(entries))
        terms = make_terms(
            campaign=bytes(32), statement=bytes(32), roster=roster, threshold=5, expires_ms=EXPIRES_MS
        )
        round_ = Round.of(terms, roster)
        member = plain.members[ana]
        sealed = seal(
            round_, ring_key=member.ring, act_key=member.act, fields=plain.fields(member), floor=5,
            verified=11, now_ms=NOW_MS, entropy=SeededEntropy(b"copied"),
        )  # fmt: skip
        one = check(round_, sealed, now_ms=NOW_MS)
        trustees = [member.trustee if at == copier else plain.members[at].trustee for at in range(12)]
        shares = {
            at: tell_share(round_, one, member=at, trustee=trustees[at - 1], now_ms=NOW_MS).share
            for at in range(2, 7)
        }
        signed, _ = open_with_shares(round_, one, shares)
        assert signed.content.fields.name == member.name
