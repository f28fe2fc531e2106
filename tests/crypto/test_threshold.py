"""Seals that open when enough put their shares together."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto import threshold
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.sealing import derive, seal
from meshcoal.crypto.threshold import Dealt
from meshcoal.errors import BadEnvelope, BadKey, BadShare, MeshcoalError

TRUSTEES = [AgreementKey(hashlib.sha256(bytes([number])).digest()) for number in range(7)]
PUBLIC = [trustee.public for trustee in TRUSTEES]
KEY, PLACE, PLAIN = b"k" * 32, b"place", b"what is sealed"
DEALT = threshold.deal(KEY, PLAIN, PUBLIC, 4, PLACE)
SHARES = {at: threshold.open_share(DEALT, at, TRUSTEES[at - 1], PLACE) for at in range(1, 8)}


def test_any_four_of_seven_open_it() -> None:
    """Goal: whoever is left can open. Method: all subsets of four; the plaintext comes back."""
    for chosen in itertools.combinations(SHARES, 4):
        key = threshold.recover(DEALT, {at: SHARES[at] for at in chosen}, 4, PLACE)
        assert key == KEY
    assert threshold.unlock(DEALT, KEY, PUBLIC, 4, PLACE) == PLAIN


def test_three_do_not() -> None:
    """Goal: one too few is too few. Method: all subsets of three, honestly and by passing them for four."""
    for chosen in itertools.combinations(SHARES, 3):
        held = {at: SHARES[at] for at in chosen}
        with pytest.raises(BadShare):
            threshold.recover(DEALT, held, 4, PLACE)
        with pytest.raises(BadEnvelope):
            threshold.recover(DEALT, held, 3, PLACE)


def test_a_share_opens_for_its_trustee_alone() -> None:
    """Goal: no trustee has two shares. Method: each key at each place, and at another place of use."""
    for at, trustee in itertools.product(range(1, 8), TRUSTEES):
        if trustee is not TRUSTEES[at - 1]:
            with pytest.raises(BadShare):
                threshold.open_share(DEALT, at, trustee, PLACE)
    with pytest.raises(BadShare):
        threshold.open_share(DEALT, 1, TRUSTEES[0], b"elsew")


@pytest.mark.parametrize(
    ("at", "share"), [(1, SHARES[2]), (2, bytes(32)), (0, SHARES[1]), (8, SHARES[1]), (1, b"")]
)
def test_a_wrong_share_is_refused(at: int, share: bytes) -> None:
    """Goal: nobody spoils an opening. Method: another's share, junk, places of nobody."""
    with pytest.raises(BadShare):
        threshold.check_share(DEALT, at, share, PLACE)
    with pytest.raises(BadShare):
        threshold.recover(DEALT, {**SHARES, at: share}, 4, PLACE)


def test_false_shares_make_a_false_seal_for_everybody() -> None:
    """Goal: verdicts never differ. Method: a dealer gives two trustees shares that do not fit, with sound
    checks; whoever opens with the others' shares finds the seal false as well, as do those two."""
    false = threshold.deal(b"x" * 32, PLAIN, PUBLIC, 4, PLACE)
    shares, checks = list(DEALT.shares), list(DEALT.checks)
    ephemeral = AgreementKey(derive(KEY, b"meshcoal seal ephemeral 1", PLACE))
    assert ephemeral.public == DEALT.ephemeral
    for at in (1, 2):
        other = threshold.open_share(false, at, TRUSTEES[at - 1], PLACE)
        sealing = threshold._share_key(
            ephemeral.exchange(PUBLIC[at - 1]), ephemeral.public, PUBLIC[at - 1], at, PLACE
        )
        shares[at - 1] = seal(sealing, bytes(12), other, PLACE)
        checks[at - 1] = threshold._check(other, at, PLACE)
    spoilt = replace(DEALT, shares=tuple(shares), checks=tuple(checks))
    held = {at: threshold.open_share(spoilt, at, TRUSTEES[at - 1], PLACE) for at in range(1, 8)}
    with pytest.raises(BadEnvelope):
        threshold.recover(spoilt, {at: held[at] for at in (1, 2, 3, 4)}, 4, PLACE)
    key = threshold.recover(spoilt, {at: held[at] for at in (3, 4, 5, 6)}, 4, PLACE)
    with pytest.raises(BadEnvelope):
        threshold.unlock(spoilt, key, PUBLIC, 4, PLACE)


def test_a_share_beside_its_check_is_told_by_its_owner() -> None:
    """Goal: a trustee knows at once that hers is false. Method: her sealed share beside another's check."""
    crossed = replace(DEALT, checks=(DEALT.checks[1], *DEALT.checks[1:]))
    with pytest.raises(BadShare):
        threshold.open_share(crossed, 1, TRUSTEES[0], PLACE)
    assert threshold.open_share(crossed, 2, TRUSTEES[1], PLACE) == SHARES[2]


@pytest.mark.parametrize("field", ["commitment", "ephemeral", "content", "shares", "checks"])
def test_every_byte_is_bound(field: str) -> None:
    """Goal: whoever opens it has exactly what was sealed. Method: change each part; no way in is left."""
    value = getattr(DEALT, field)
    changed: Any
    if isinstance(value, tuple):
        changed = (bytes([value[0][0] ^ 1]) + value[0][1:], *value[1:])
    else:
        changed = bytes([value[0] ^ 1]) + value[1:]
    spoilt: Dealt = replace(DEALT, **{field: changed})
    with pytest.raises(MeshcoalError) as raised:
        threshold.unlock(spoilt, KEY, PUBLIC, 4, PLACE)
    assert isinstance(raised.value, BadEnvelope | BadShare)


def test_another_key_is_refused() -> None:
    """Goal: a published key proves itself. Method: others."""
    for key in (bytes(32), b"", KEY + b"\x00"):
        with pytest.raises(BadShare):
            threshold.unlock(DEALT, key, PUBLIC, 4, PLACE)


def test_a_trustee_s_bad_key_is_refused() -> None:
    """Goal: no share is sealed to everybody. Method: a key of small order among the trustees."""
    with pytest.raises(BadKey):
        threshold.deal(KEY, PLAIN, [*PUBLIC, bytes(32)], 4, PLACE)


@given(key=st.binary(min_size=32, max_size=32), needed=st.integers(1, 7))
@settings(max_examples=20, deadline=None)
def test_same_key_same_seal(key: bytes, needed: int) -> None:
    """Goal: everything follows from K. Method: deal twice; other keys give other bytes everywhere."""
    one = threshold.deal(key, PLAIN, PUBLIC, needed, PLACE)
    assert one == threshold.deal(key, PLAIN, PUBLIC, needed, PLACE)
    assert threshold.unlock(one, key, PUBLIC, needed, PLACE) == PLAIN
    other = threshold.deal(bytes([key[0] ^ 1]) + key[1:], PLAIN, PUBLIC, needed, PLACE)
    assert not {one.ephemeral, one.commitment, *one.shares, *one.checks} & {
        other.ephemeral, other.commitment, *other.shares, *other.checks
    }  # fmt: skip
