"""Prekeys: each used once, by its owner; replenished, erased with age."""

from __future__ import annotations

import pytest

from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadKey, MalformedBody, PrekeyReused, PrekeyUnknown
from meshcoal.group import prekeys
from meshcoal.group.prekeys import NO_PREKEYS, Bundle, Prekeys, choose, find, spend
from meshcoal.ids import AuthorId
from meshcoal.limits import (
    BUNDLES_MAX,
    PREKEY_GRACE_MS,
    PREKEY_LIFETIME_MS,
    PREKEYS_LOW,
    PREKEYS_MIN,
)
from meshcoal.wire import record

NOW_MS = 1_800_000_000_000
ENTROPY = SeededEntropy(b"prekeys")
SEALER = DeterministicSealer(ENTROPY)
MEMBERS = [AuthorId(bytes([number]) * 32) for number in range(30)]


def made(before: Prekeys = NO_PREKEYS, count: int = PREKEYS_MIN) -> tuple[Prekeys, Bundle]:
    return prekeys.publish(before, sealer=SEALER, entropy=ENTROPY, now_ms=NOW_MS, count=count)


def test_a_bundle_has_twenty_prekeys_and_a_last_resort() -> None:
    """Goal: the stated sizes. Method: make one, encode it, decode it."""
    held, bundle = made()
    assert len(bundle.one_time) == len(held.bundles[0].one_time) == 20
    data = prekeys.encode_bundle(bundle)
    assert len(data) == 25_613
    assert prekeys.decode_bundle(data, SEALER) == bundle
    assert record.decode(Prekeys, record.encode(held)) == held


def test_a_weak_key_in_a_bundle_is_refused() -> None:
    """Goal: keys are checked where they enter. Method: swap one for zeros; cut the bytes."""
    _, bundle = made(count=1)
    good = prekeys.encode_bundle(bundle)
    with pytest.raises(BadKey):
        prekeys.decode_bundle(good.replace(bundle.one_time[0], bytes(1216)), SEALER)
    with pytest.raises(MalformedBody):
        prekeys.decode_bundle(good[:-1], SEALER)


def test_no_two_members_own_one_prekey() -> None:
    """Goal: no collision without a server. Method: thirty members choose; the first twenty get their own, the
    rest the last resort; another bundle falls to others."""
    _, bundle = made()
    chosen = [choose(bundle, sender=one, members=MEMBERS, now_ms=NOW_MS).public for one in MEMBERS]
    owned = [public for public in chosen if public != bundle.last_resort]
    assert len(owned) == len(set(owned)) == 20
    assert chosen.count(bundle.last_resort) == 10
    _, second = made()
    again = [choose(second, sender=one, members=MEMBERS, now_ms=NOW_MS).public for one in MEMBERS]
    without = {one for one, public in zip(MEMBERS, chosen, strict=True) if public == bundle.last_resort}
    without_now = {one for one, public in zip(MEMBERS, again, strict=True) if public == second.last_resort}
    assert without != without_now


def test_a_stranger_and_a_late_sender_take_the_last_resort() -> None:
    """Goal: a one-time prekey is used by its owner, once, within its life. Method: choose as somebody who was
    not a member where it was published, a second time, and after it expired."""
    _, bundle = made()
    late = bundle.expires_ms + 1
    assert choose(bundle, sender=MEMBERS[0], members=MEMBERS[1:], now_ms=NOW_MS).public == bundle.last_resort
    assert choose(bundle, sender=MEMBERS[0], members=MEMBERS[:1], now_ms=NOW_MS).public in bundle.one_time
    assert choose(bundle, sender=MEMBERS[0], members=MEMBERS[:1], now_ms=late).public == bundle.last_resort
    again = choose(bundle, sender=MEMBERS[0], members=MEMBERS[:1], now_ms=NOW_MS, used=True)
    assert again.public == bundle.last_resort


def test_reuse_is_refused() -> None:
    """Goal: one-time means once. Method: find and spend each kind, look again."""
    held, bundle = made()
    one = choose(bundle, sender=MEMBERS[0], members=MEMBERS[:1], now_ms=NOW_MS)
    assert SEALER.public_of(find(held, one.id)) == one.public
    held = spend(held, one.id)
    with pytest.raises(PrekeyReused):
        find(held, one.id)
    last = prekeys.prekey_id(bundle.last_resort)
    assert spend(held, last) is held
    assert SEALER.public_of(find(held, last)) == bundle.last_resort
    with pytest.raises(PrekeyUnknown):
        find(held, bytes(8))
    assert len(held.bundles[0].one_time) == PREKEYS_MIN - 1


def test_a_bundle_is_replenished_when_low_or_old() -> None:
    """Goal: there are always some. Method: spend until few are left; let time pass."""
    assert prekeys.low(NO_PREKEYS, now_ms=NOW_MS)
    held, bundle = made()
    assert not prekeys.low(held, now_ms=NOW_MS)
    assert prekeys.low(held, now_ms=NOW_MS + PREKEY_LIFETIME_MS * 3 // 4 + 1)
    for public in bundle.one_time[: PREKEYS_MIN - PREKEYS_LOW]:
        assert not prekeys.low(held, now_ms=NOW_MS)
        held = spend(held, prekeys.prekey_id(public))
    assert prekeys.low(held, now_ms=NOW_MS)


def test_a_card_is_a_bundle_of_one() -> None:
    """Goal: whoever published nothing can be reached. Method: seal to the card's key, then publish more."""
    held, bundle = prekeys.of_identity(b"i" * 32, b"", sealer=SEALER, now_ms=NOW_MS)
    assert bundle == prekeys.of_card(SEALER.public_of(b"i" * 32))
    target = choose(bundle, sender=MEMBERS[0], members=MEMBERS, now_ms=NOW_MS)
    assert find(held, target.id) == b"i" * 32
    assert prekeys.low(held, now_ms=NOW_MS)
    held, second = made(held)
    assert second.number == 1
    assert find(held, target.id) == b"i" * 32


def test_old_secrets_are_erased() -> None:
    """Goal: a seized device opens nothing old. Method: let grace pass; only the newest bundle stays."""
    held, first = made()
    held, second = made(held)
    assert (first.number, second.number) == (0, 1)
    end_ms = NOW_MS + PREKEY_LIFETIME_MS + PREKEY_GRACE_MS
    assert prekeys.erase_old(held, now_ms=end_ms) is held
    held = prekeys.erase_old(held, now_ms=end_ms + 1)
    with pytest.raises(PrekeyUnknown):
        find(held, prekeys.prekey_id(first.last_resort))
    assert find(held, prekeys.prekey_id(second.last_resort))


def test_what_is_held_is_bounded() -> None:
    """Goal: nothing grows for ever. Method: publish more often than is kept."""
    held = NO_PREKEYS
    for number in range(BUNDLES_MAX + 3):
        held, bundle = made(held, count=0)
        assert bundle.number == number
    assert len(held.bundles) == BUNDLES_MAX
