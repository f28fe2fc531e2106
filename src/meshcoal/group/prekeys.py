"""Prekeys: X-Wing keys that a member publishes so that others can seal to them before they ever answered.

Law: a one-time prekey is sealed to by one member, once. Its secret is erased when it is used, and refused
afterwards; unused it is erased `PREKEY_GRACE_MS` after its bundle's lifetime. There is no server that could
hand keys out one by one, so the owner of each follows from what all can see: the bundle, and who was a member
where it was published. Whoever owns none seals to the bundle's last resort, a dated key that stays after use.

The assignment of prekeys is ours, unreviewed; one-time and last-resort prekeys are those of X3DH (Marlinspike
and Perrin 2016, section 3.2) with X-Wing in place of X25519. docs/protocol/pairwise.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, ClassVar, Final

from meshcoal.crypto.agreement import SEALER_PUBLIC_BYTES, SEALER_SEED_BYTES, Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import MalformedBody, MeshcoalError, PrekeyReused, PrekeyUnknown
from meshcoal.ids import AuthorId
from meshcoal.limits import (
    BUNDLES_MAX,
    PREKEY_GRACE_MS,
    PREKEY_LIFETIME_MS,
    PREKEYS_LOW,
    PREKEYS_MAX,
    PREKEYS_MIN,
    USED_PREKEYS_MAX,
)
from meshcoal.wire import record
from meshcoal.wire.record import Count, Items, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

PREKEY_ID_BYTES: Final = 8
_PERSON_PREKEY: Final = b"meshcoal-prekey1"
_PERSON_OWNER: Final = b"meshcoal-pkowner"

SealPublic = Annotated[bytes, Size(SEALER_PUBLIC_BYTES)]
SealSeed = Annotated[bytes, Size(SEALER_SEED_BYTES)]
PrekeyId = Annotated[bytes, Size(PREKEY_ID_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(Record):
    """What a member publishes: 1,216 bytes a key. A later bundle (higher number) replaces an earlier one."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    number: Count
    expires_ms: TimeMs
    last_resort: SealPublic
    one_time: Annotated[tuple[SealPublic, ...], Items(0, PREKEYS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prekey(Record):
    """A secret that opens what was sealed to one prekey."""

    id: PrekeyId
    seed: SealSeed


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBundle(Record):
    """The secrets of a bundle of mine that are left."""

    number: Count
    expires_ms: TimeMs
    last_resort: Prekey
    one_time: Annotated[tuple[Prekey, ...], Items(0, PREKEYS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prekeys(Record):
    """All my prekeys of one campaign, the newest bundle last; and which were used."""

    bundles: Annotated[tuple[HeldBundle, ...], Items(0, BUNDLES_MAX)]
    spent: Annotated[tuple[PrekeyId, ...], Items(0, USED_PREKEYS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A prekey to seal to."""

    id: bytes
    public: bytes


NO_PREKEYS: Final = Prekeys(bundles=(), spent=())


def prekey_id(public: bytes) -> bytes:
    """Eight bytes by which a prekey is named: BLAKE2b-64 over the public key, personalised."""
    return hashlib.blake2b(public, digest_size=PREKEY_ID_BYTES, person=_PERSON_PREKEY).digest()


def of_identity(seed: bytes, one_time: bytes, *, sealer: Sealer, now_ms: int) -> tuple[Prekeys, Bundle]:
    """Begin with the sealing key of a persona's card as the last resort; `publish` makes the next bundle.

    Args:
        one_time: seed of the one-time prekey for whoever admits me; empty: none.
    """
    bundle = of_card(sealer.public_of(seed))
    prekey = Prekey(id=prekey_id(bundle.last_resort), seed=seed)
    first = (Prekey(id=prekey_id(sealer.public_of(one_time)), seed=one_time),) if one_time else ()
    expires_ms = now_ms + PREKEY_LIFETIME_MS
    held = HeldBundle(number=0, expires_ms=expires_ms, last_resort=prekey, one_time=first)
    return Prekeys(bundles=(held,), spent=()), bundle


def of_request(public: bytes, prekey: bytes, *, now_ms: int) -> Bundle:
    """What the member who admits somebody knows of them: their card's key, and a one-time prekey."""
    one_time = (prekey,) if prekey else ()
    return Bundle(number=0, expires_ms=now_ms + PREKEY_LIFETIME_MS, last_resort=public, one_time=one_time)


def of_card(public: bytes) -> Bundle:
    """What others know of a member who has published nothing but their card: a last resort, number 0."""
    return Bundle(number=0, expires_ms=0, last_resort=public, one_time=())


def publish(
    prekeys: Prekeys, *, sealer: Sealer, entropy: Entropy, now_ms: int, count: int = PREKEYS_MIN
) -> tuple[Prekeys, Bundle]:
    """Make a bundle of `count` one-time prekeys and a last resort. Publish it before anything relies on it.

    Args:
        count: 0 to `PREKEYS_MAX`. With 0 it is a last resort alone, which is what heals a copied state.
    """
    assert 0 <= count <= PREKEYS_MAX
    number = prekeys.bundles[-1].number + 1 if prekeys.bundles else 0
    seeds = [entropy.take(SEALER_SEED_BYTES) for _ in range(count + 1)]
    publics = [sealer.public_of(seed) for seed in seeds]
    made = [Prekey(id=prekey_id(public), seed=seed) for seed, public in zip(seeds, publics, strict=True)]
    expires_ms = now_ms + PREKEY_LIFETIME_MS
    held = HeldBundle(number=number, expires_ms=expires_ms, last_resort=made[0], one_time=tuple(made[1:]))
    bundle = Bundle(number=number, expires_ms=expires_ms, last_resort=publics[0], one_time=tuple(publics[1:]))
    return replace(prekeys, bundles=(*prekeys.bundles, held)[-BUNDLES_MAX:]), bundle


def low(prekeys: Prekeys, *, now_ms: int) -> bool:
    """Whether it is time for a new bundle: few one-time prekeys are left, or a quarter of the lifetime is."""
    if not prekeys.bundles:
        return True
    newest = prekeys.bundles[-1]
    return len(newest.one_time) <= PREKEYS_LOW or now_ms > newest.expires_ms - PREKEY_LIFETIME_MS // 4


def choose(
    bundle: Bundle, *, sender: AuthorId, members: Iterable[AuthorId], now_ms: int, used: bool = False
) -> Target:
    """The prekey that this sender seals to: their own one-time prekey, or the last resort.

    Args:
        members: active members where the bundle was published. The order in which one-time prekeys fall
            to them changes with each bundle, so that in large campaigns everybody's turn comes.
        used: the sender has sealed to theirs before.
    """
    public = bundle.last_resort
    if now_ms <= bundle.expires_ms and not used:
        salt = prekey_id(bundle.last_resort)
        ordered = sorted(members, key=lambda member: _owner_order(salt, member))
        owned = dict(zip(ordered, bundle.one_time, strict=False))
        public = owned.get(sender, public)
    return Target(id=prekey_id(public), public=public)


def find(prekeys: Prekeys, wanted: bytes) -> bytes:
    """The seed of a prekey of mine. Changes nothing: `spend` erases it once the seal has held.

    Raises:
        PrekeyReused: it was made for one use and was used.
        PrekeyUnknown: never made here, or erased with age.
    """
    for bundle in reversed(prekeys.bundles):
        for prekey in (bundle.last_resort, *bundle.one_time):
            if prekey.id == wanted:
                return prekey.seed
    if wanted in prekeys.spent:
        raise PrekeyReused("a one-time prekey was sealed to twice")
    raise PrekeyUnknown("a prekey that is not held")


def spend(prekeys: Prekeys, used: bytes) -> Prekeys:
    """Erase a one-time prekey that was used; a last resort stays until it is too old."""
    bundles = []
    found = False
    for bundle in prekeys.bundles:
        left = tuple([prekey for prekey in bundle.one_time if prekey.id != used])
        found = found or len(left) < len(bundle.one_time)
        bundles.append(bundle if len(left) == len(bundle.one_time) else replace(bundle, one_time=left))
    if not found:
        return prekeys
    return Prekeys(bundles=tuple(bundles), spent=(*prekeys.spent, used)[-USED_PREKEYS_MAX:])


def erase_old(prekeys: Prekeys, *, now_ms: int) -> Prekeys:
    """Erase bundles whose grace is over. The newest stays whole: others may know no other."""
    kept = tuple(
        [
            bundle
            for bundle in prekeys.bundles
            if bundle is prekeys.bundles[-1] or now_ms <= bundle.expires_ms + PREKEY_GRACE_MS
        ]
    )
    return prekeys if len(kept) == len(prekeys.bundles) else replace(prekeys, bundles=kept)


def encode_bundle(bundle: Bundle) -> bytes:
    """Canonical bytes: about 25.6 KB with 20 one-time prekeys, 1.2 KB with none."""
    return record.encode(bundle)


def decode_bundle(data: bytes, sealer: Sealer) -> Bundle:
    """Inverse of `encode_bundle`.

    Raises:
        MalformedBody: it does not parse.
        BadKey: a key is not sound.
    """
    bundle = record.decode(Bundle, data)
    for public in (bundle.last_resort, *bundle.one_time):
        sealer.check_public(public)
    return bundle


def _owner_order(salt: bytes, member: AuthorId) -> bytes:
    return hashlib.blake2b(salt + member, digest_size=16, person=_PERSON_OWNER).digest()
