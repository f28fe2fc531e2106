"""What stands in a request to an invitation, and in the answer to it, where both are carried as files.

Law: both say what an Ask, an Offer and a Decided say on a link (`wire.frames`), and prove whose link key
they name. Bytes: docs/protocol/joining.md.
"""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import Annotated, ClassVar, Final, TypeVar

from meshcoal.errors import MalformedRequest, MeshcoalError
from meshcoal.limits import BUNDLE_PART_BYTES, NAME_CHARS_MAX
from meshcoal.wire import record
from meshcoal.wire.bodies import Card, OptionalId32, OptionalSealPublic
from meshcoal.wire.card import Hints, Name
from meshcoal.wire.frames import PEERS_TOLD_MAX, ToldPeer
from meshcoal.wire.record import Chars, Id32, Items, Range, Record
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Seat

_MARK: Final = b"\x80"
PROOF_BYTES: Final = 32

R = TypeVar("R", bound="Proven")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven(Record):
    """Base of both: its proof is over all the rest of it, and what it is bound to."""

    error: ClassVar[type[MeshcoalError]] = MalformedRequest

    proof: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Proven):
    """Who accepts an invitation, and with which persona they ask to be admitted."""

    version: Annotated[int, Range(1, 1)] = 1
    person: Id32  # their link key
    name: Name
    hints: Hints
    pair: Id32  # a secret for the links of these two as contacts
    answer: Id32  # the key of the answer
    card: Card | None  # none: the invitation leads to no campaign
    prekey: OptionalSealPublic  # with a card: a one-time prekey for whoever admits its owner


class Answered(enum.StrEnum):
    CONTACT = "contact"  # the invitation leads to no campaign
    ADMITTED = "admitted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Proven):
    """Who invited, and what became of the request."""

    version: Annotated[int, Range(1, 1)] = 1
    verdict: Answered
    name: Name
    hints: Hints
    pair: Id32  # the secret that the two settle on
    campaign: OptionalId32
    campaign_name: Annotated[str, Chars(0, NAME_CHARS_MAX)]
    seat: Seat
    author: OptionalId32  # of the persona that asked
    peers: Annotated[tuple[ToldPeer, ...], Items(0, PEERS_TOLD_MAX)]


def proven_bytes(carried: Proven, bound_to: bytes) -> bytes:
    """What a proof is over: 32 bytes that it is bound to, then the record with zeros for a proof."""
    return bound_to + record.encode(replace(carried, proof=bytes(PROOF_BYTES)))


def carried_bytes(carried: Proven) -> int:
    """How much room it needs at least."""
    return len(record.encode(carried)) + len(_MARK)


def encode_carried(carried: Proven, room_bytes: int) -> bytes:
    """Exactly `room_bytes`: the record, a mark, zeros. Asserts that it fits."""
    encoded = record.encode(carried) + _MARK
    assert len(encoded) <= room_bytes, "more than there is room for"
    return encoded.ljust(room_bytes, b"\x00")


def decode_carried(cls: type[R], padded: bytes) -> R:
    """Inverse of `encode_carried`. Raises `MalformedRequest`, `OverLimit`."""
    marked = padded.rstrip(b"\x00")
    if not marked.endswith(_MARK):
        raise MalformedRequest("the padding is wrong")
    return record.decode(cls, marked[: -len(_MARK)], bytes_max=BUNDLE_PART_BYTES)
