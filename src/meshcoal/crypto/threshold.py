"""A seal that opens only when enough people put their shares together, made by one of them alone.

Law: everything in it follows from one key K of 32 random bytes, the plaintext and the trustees' public keys.
Fewer than `threshold` trustees learn nothing of K. Whoever knows K makes the whole seal again and compares
every byte: a seal of which one share is false is false for everybody, not for those alone who got that share.

Ours, unreviewed, from published parts: Shamir's shares, X25519 with one ephemeral key for all recipients,
ChaCha20-Poly1305, keyed BLAKE2b. Bytes and reasons: docs/protocol/sealed-signons.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto import sharing
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.sealing import NONCE_BYTES, TAG_BYTES, derive, seal, unseal
from meshcoal.errors import BadEnvelope, BadKey, BadSeal, BadShare

KEY_BYTES: Final = 32
SHARE_BYTES: Final = KEY_BYTES
SEALED_SHARE_BYTES: Final = SHARE_BYTES + TAG_BYTES
CHECK_BYTES: Final = 16  # of one share: it only has to keep its owner from swapping it

_COMMITMENT: Final = b"meshcoal seal commitment 1"
_CONTENT: Final = b"meshcoal seal content 1"
_POLYNOMIAL: Final = b"meshcoal seal polynomial 1"
_EPHEMERAL: Final = b"meshcoal seal ephemeral 1"
_SHARE_KEY: Final = b"meshcoal share key 1"
_CHECK: Final = b"meshcoal share check 1"
_ZERO_NONCE: Final = bytes(NONCE_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """What everybody may see of a seal."""

    commitment: bytes  # 32 bytes: to K
    ephemeral: bytes  # 32 bytes: X25519 public key, of this seal only
    content: bytes  # the plaintext, sealed under K; 16 bytes longer
    shares: tuple[bytes, ...]  # 48 bytes each: share j, sealed to trustee j
    checks: tuple[bytes, ...]  # 16 bytes each: a commitment to share j


def deal(key: bytes, plaintext: bytes, trustees: Sequence[bytes], threshold: int, place: bytes) -> Dealt:
    """Seal `plaintext` so that any `threshold` of the trustees open it together.

    Args:
        key: 32 fresh random bytes, never used for another seal.
        trustees: X25519 public keys, 1 to 255.
        threshold: 1 to the number of trustees.
        place: what the seal belongs to; it opens nowhere else. Of one size for one use.

    Raises:
        BadKey: a trustee's key is of small order or has a second spelling.
    """
    assert len(key) == KEY_BYTES, "a key is 32 bytes"
    assert 1 <= threshold <= len(trustees) <= sharing.SHARES_MAX, "no more are needed than there are"
    ephemeral = AgreementKey(derive(key, _EPHEMERAL, place))
    coefficients = [key]
    coefficients += [derive(key, _POLYNOMIAL, place + at.to_bytes(2, "big")) for at in range(1, threshold)]
    shares, checks = [], []
    for at, trustee in enumerate(trustees, start=1):
        share = sharing.share(coefficients, at)
        sealing = _share_key(ephemeral.exchange(trustee), ephemeral.public, trustee, at, place)
        shares.append(seal(sealing, _ZERO_NONCE, share, place))
        checks.append(_check(share, at, place))
    return Dealt(
        commitment=derive(key, _COMMITMENT, place),
        ephemeral=ephemeral.public,
        content=seal(derive(key, _CONTENT, place), _ZERO_NONCE, plaintext, place),
        shares=tuple(shares),
        checks=tuple(checks),
    )


def open_share(dealt: Dealt, at: int, trustee: AgreementKey, place: bytes) -> bytes:
    """My share: 32 bytes, as trustee `at` (from 1).

    Raises:
        BadShare: what was sealed to me does not open, or is not what the seal says of it.
    """
    try:
        shared = trustee.exchange(dealt.ephemeral)
        sealing = _share_key(shared, dealt.ephemeral, trustee.public, at, place)
        share = unseal(sealing, _ZERO_NONCE, dealt.shares[at - 1], place)
    except (BadKey, BadSeal) as exc:
        raise BadShare("the share does not open") from exc
    check_share(dealt, at, share, place)
    return share


def check_share(dealt: Dealt, at: int, share: bytes, place: bytes) -> None:
    """Return only if these 32 bytes are the share that the seal says trustee `at` (from 1) has.

    Raises:
        BadShare: there is no such trustee, or it is not.
    """
    if not 1 <= at <= len(dealt.checks):
        raise BadShare("a share of nobody")
    if len(share) != SHARE_BYTES or _check(share, at, place) != dealt.checks[at - 1]:
        raise BadShare("the share is not the one that was sealed")


def recover(dealt: Dealt, shares: Mapping[int, bytes], threshold: int, place: bytes) -> bytes:
    """K, from at least `threshold` shares by trustee; each is checked, and the first `threshold` are used.

    Raises:
        BadShare: too few, or one of them is not the one that was sealed.
        BadEnvelope: the shares are those that were sealed, and K does not come out: made to fail.
    """
    for at, share in sorted(shares.items()):
        check_share(dealt, at, share, place)
    if len(shares) < threshold:
        raise BadShare(f"{threshold} shares are needed")
    key = sharing.combine(dict(sorted(shares.items())[:threshold]))
    if derive(key, _COMMITMENT, place) != dealt.commitment:
        raise BadEnvelope("its shares do not give its key")
    return key


def unlock(dealt: Dealt, key: bytes, trustees: Sequence[bytes], threshold: int, place: bytes) -> bytes:
    """The plaintext, once K is known; only if every byte of the seal is what K makes of it.

    Raises:
        BadShare: this is not the seal's key.
        BadEnvelope: the seal was not made as it should be.
    """
    if len(key) != KEY_BYTES or derive(key, _COMMITMENT, place) != dealt.commitment:
        raise BadShare("not the key of this seal")
    try:
        plaintext = unseal(derive(key, _CONTENT, place), _ZERO_NONCE, dealt.content, place)
        again = deal(key, plaintext, trustees, threshold, place)
    except (BadSeal, BadKey) as exc:
        raise BadEnvelope("its key does not open it") from exc
    if again != dealt:
        raise BadEnvelope("it was not made as it should be")
    return plaintext


def _share_key(shared: bytes, ephemeral: bytes, trustee: bytes, at: int, place: bytes) -> bytes:
    return derive(shared, _SHARE_KEY, ephemeral + trustee + at.to_bytes(2, "big") + place)


def _check(share: bytes, at: int, place: bytes) -> bytes:
    return derive(share, _CHECK, at.to_bytes(2, "big") + place, CHECK_BYTES)
