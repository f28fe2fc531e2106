"""The board of a campaign at a relay: topics, envelopes and what is in them.

Law: who does not hold a board's secret can neither read an envelope, nor write one, nor tell which topics
of two days belong together, nor a topic from a dummy. Envelopes have five sizes and are uniform in every
byte. What comes back from a relay opens to what a member put there, or ends in a `RemoteError`.

Ours, unreviewed. docs/protocol/relay.md.
"""

from __future__ import annotations

import functools
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final

from meshcoal.clock import DAY_MS
from meshcoal.crypto import sealing
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import derive
from meshcoal.crypto.signing import SigningKey, verify
from meshcoal.errors import BadSeal, MalformedFrame, MeshcoalError, OverLimit
from meshcoal.limits import (
    ANCHORS_MAX,
    ENVELOPE_CLASSES_BYTES,
    PARCELS_OPEN_MAX,
    PART_BYTES_MAX,
    PARTS_MAX,
)
from meshcoal.wire import record, shape
from meshcoal.wire.record import Count, Items, Range, Record, Size
from meshcoal.wire.relaying import HEAD_BYTES, NONCE_BYTES, Head

SECRET_BYTES: Final = 32
TAG_BYTES: Final = 8
POSTER_BYTES: Final = 16
BUNDLE_BYTES: Final = 8
NO_HEAD: Final = bytes(HEAD_BYTES)
_SALT_BYTES: Final = 16
_LENGTH_BYTES: Final = 3
_OVER_BYTES: Final = _SALT_BYTES + _LENGTH_BYTES + sealing.TAG_BYTES
_RELAY_LABEL: Final = b"meshcoal relay psk 1"
_TAG_LABEL: Final = b"meshcoal board tag 1"
_DAY_LABEL: Final = b"meshcoal board day 1"
_TOPIC_LABEL: Final = b"meshcoal board topic 1"
_DUMMY_LABEL: Final = b"meshcoal board dummy 1"
_ENVELOPE_LABEL: Final = b"meshcoal board envelope 1"
_DEPOSIT_CONTEXT: Final = b"meshcoal deposit 1\x00"
_PERSON_ENVELOPE: Final = b"meshcoal-envel-1"
_PERSON_HEAD: Final = b"meshcoal-shelf-1"
_PERSON_WORK: Final = b"meshcoal-work--1"


def relay_psk(passing: bytes) -> bytes:
    """Of whoever was given a relay's text: 32 bytes from its pass of 16."""
    return derive(passing, _RELAY_LABEL)


def board_tag(secret: bytes, relay: bytes) -> bytes:
    """What members call a board among themselves: 8 bytes that say nothing to others."""
    return derive(secret, _TAG_LABEL, relay, TAG_BYTES)


def day_of(now_ms: int) -> int:
    """Days since 1970 in UTC."""
    return now_ms // DAY_MS


@functools.lru_cache(maxsize=1_024)
def day_keys(secret: bytes, relay: bytes, day: int) -> tuple[bytes, SigningKey]:
    """Of one day: the secret from which the keys of envelopes come, and the key that signs deposits."""
    of_day = derive(secret, _DAY_LABEL, relay + day.to_bytes(8, "big"))
    return of_day, SigningKey.from_seed(derive(of_day, _TOPIC_LABEL))


def topic_of(secret: bytes, relay: bytes, day: int) -> bytes:
    """The topic of one day: 32 bytes, a public key."""
    return day_keys(secret, relay, day)[1].public


@functools.lru_cache(maxsize=512)
def dummies(secret: bytes, relay: bytes, day: int, count: int) -> tuple[bytes, ...]:
    """Topics of the same form that nobody writes under: the same all day, for who asks for them."""
    of_day, _ = day_keys(secret, relay, day)
    return tuple(
        [
            SigningKey.from_seed(derive(of_day, _DUMMY_LABEL, number.to_bytes(2, "big"))).public
            for number in range(count)
        ]
    )


# --- Envelopes


def envelope_hash(envelope: bytes) -> bytes:
    """32 bytes: by this a relay and its clients name an envelope."""
    return hashlib.blake2b(envelope, digest_size=32, person=_PERSON_ENVELOPE).digest()


def head_after(head: bytes, hashed: bytes) -> bytes:
    """The head of a topic once one more envelope stands there."""
    return hashlib.blake2b(head + hashed, digest_size=HEAD_BYTES, person=_PERSON_HEAD).digest()


def deposit_text(relay: bytes, topic: bytes, hashed: bytes) -> bytes:
    """What the topic's key signs: this envelope, under this topic, at this relay."""
    return _DEPOSIT_CONTEXT + relay + topic + hashed


def check_deposit(relay: bytes, topic: bytes, hashed: bytes, signature: bytes) -> None:
    """Raises `BadSignature` or `BadKey`: nobody who may write under this topic put this envelope there."""
    verify(topic, deposit_text(relay, topic, hashed), signature)


def work_done(relay: bytes, topic: bytes, nonce: bytes, bits: int) -> bool:
    """Whether a nonce stands for `bits` bits of work on a topic (Back, "Hashcash", 2002)."""
    if not bits:
        return True
    if len(nonce) != NONCE_BYTES:
        return False
    value = hashlib.blake2b(relay + topic + nonce, digest_size=8, person=_PERSON_WORK).digest()
    return int.from_bytes(value, "big") >> (64 - bits) == 0


def work(relay: bytes, topic: bytes, bits: int, *, start: int, tries: int) -> bytes:
    """A nonce that does, tried from `start` on; empty: none of these."""
    for number in range(start, start + tries):
        nonce = number.to_bytes(NONCE_BYTES, "big")
        if work_done(relay, topic, nonce, bits):
            return nonce
    return b""


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Anchor(Record):
    """What a relay acknowledged to the sender: at this place of a topic stood this head."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    board: Annotated[bytes, Size(TAG_BYTES)]
    day: Annotated[int, Range(0, 2**32)]
    serial: Count
    head: Head


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Parcel(Record):
    """What is in one envelope: all, or a part, of a message for all members."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    poster: Annotated[bytes, Size(POSTER_BYTES)]  # drawn by a node for one board; says who of nobody
    bundle: Annotated[bytes, Size(BUNDLE_BYTES)]  # the same in all parts
    part: Annotated[int, Range(0, PARTS_MAX - 1)]
    parts: Annotated[int, Range(1, PARTS_MAX)]
    anchors: Annotated[tuple[Anchor, ...], Items(0, ANCHORS_MAX)]
    content: Annotated[bytes, Size(1, PART_BYTES_MAX)]


def seal_envelope(
    secret: bytes, relay: bytes, day: int, parcel: Parcel, entropy: Entropy, *, least: int = 0
) -> bytes:
    """An envelope of the smallest class that holds the parcel, and has `least` bytes."""
    of_day, signer = day_keys(secret, relay, day)
    plain = record.encode(parcel)
    size = next(one for one in ENVELOPE_CLASSES_BYTES if one >= least and one - _OVER_BYTES >= len(plain))
    salt = entropy.take(_SALT_BYTES)
    key = derive(of_day, _ENVELOPE_LABEL, salt)
    padded = len(plain).to_bytes(_LENGTH_BYTES, "big") + plain
    padded = padded.ljust(size - _SALT_BYTES - sealing.TAG_BYTES, b"\x00")
    return salt + sealing.seal(key, bytes(sealing.NONCE_BYTES), padded, signer.public)


def open_envelope(secret: bytes, relay: bytes, day: int, envelope: bytes) -> Parcel:
    """Inverse of `seal_envelope`.

    Raises:
        RemoteError: of no size class, sealed by somebody else, or not as this page writes it.
    """
    if len(envelope) not in ENVELOPE_CLASSES_BYTES:
        raise MalformedFrame("an envelope is not of a size class")
    of_day, signer = day_keys(secret, relay, day)
    key = derive(of_day, _ENVELOPE_LABEL, envelope[:_SALT_BYTES])
    padded = sealing.unseal(key, bytes(sealing.NONCE_BYTES), envelope[_SALT_BYTES:], signer.public)
    end = _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES], "big")
    if end > len(padded) or padded[end:].strip(b"\x00"):
        raise BadSeal("an envelope's padding is wrong")
    return record.decode(Parcel, padded[_LENGTH_BYTES:end])


def sign_deposit(secret: bytes, relay: bytes, day: int, hashed: bytes) -> bytes:
    """64 bytes, by the key of the day."""
    _, signer = day_keys(secret, relay, day)
    return signer.sign(deposit_text(relay, signer.public, hashed))


def parcels(
    content: bytes, *, poster: bytes, anchors: tuple[Anchor, ...], entropy: Entropy
) -> tuple[Parcel, ...]:
    """A message as parcels; anchors go with the first. Raises `OverLimit`: it needs too many."""
    pieces = [content[at : at + PART_BYTES_MAX] for at in range(0, len(content), PART_BYTES_MAX)]
    if len(pieces) > PARTS_MAX:
        raise OverLimit("a message is too long for a relay")
    bundle = entropy.take(BUNDLE_BYTES)
    return tuple(
        [
            Parcel(
                poster=poster,
                bundle=bundle,
                part=part,
                parts=len(pieces),
                anchors=anchors if part == 0 else (),
                content=piece,
            )
            for part, piece in enumerate(pieces)
        ]
    )


@dataclass(slots=True)
class Assembly:
    """Parts of messages that are not whole yet. Bounded: past `PARCELS_OPEN_MAX` the oldest is let go."""

    _open: OrderedDict[bytes, dict[int, bytes]] = field(default_factory=OrderedDict)

    def add(self, parcel: Parcel) -> bytes | None:
        """The message that this parcel completes, if it does. Raises `MalformedFrame`."""
        if parcel.part >= parcel.parts:
            raise MalformedFrame("a part of a parcel that has fewer")
        if parcel.parts == 1:
            return parcel.content
        key = parcel.poster + parcel.bundle + parcel.parts.to_bytes(1, "big")
        parts = self._open.setdefault(key, {})
        parts[parcel.part] = parcel.content
        if len(parts) < parcel.parts:
            while len(self._open) > PARCELS_OPEN_MAX:
                self._open.popitem(last=False)
            return None
        del self._open[key]
        return b"".join([parts[at] for at in range(parcel.parts)])
