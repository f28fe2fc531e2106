"""What a node and a blind relay say to each other.

Law: a relay is told nothing that holds longer than a day, but its own address: topics change daily, envelopes
are of five sizes, and whoever asks gives no name. A message is bounded and means the same whatever came
before it. Specified in docs/protocol/relay.md. Ours, unreviewed.
"""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedFrame, MeshcoalError
from meshcoal.limits import (
    ANSWERS_AT_ONCE_MAX,
    DEPOSITS_AT_ONCE_MAX,
    ENVELOPE_CLASSES_BYTES,
    FOUND_ENVELOPES_MAX,
    PLACES_ASKED_MAX,
    SHELF_LIFE_DAYS_MAX,
    WORK_BITS_MAX,
)
from meshcoal.wire.frames import Ping, Pong
from meshcoal.wire.message import Message
from meshcoal.wire.record import Count, Family, Id32, Items, Range, Record, Size
from meshcoal.wire.shape import dataclass

HEAD_BYTES: Final = 16
NONCE_BYTES: Final = 8

Head = Annotated[bytes, Size(HEAD_BYTES)]
Envelope = Annotated[bytes, Size(ENVELOPE_CLASSES_BYTES[0], ENVELOPE_CLASSES_BYTES[-1])]


class Refusal(enum.StrEnum):
    """Why an envelope was not taken."""

    NONE = ""
    WORK = "work"  # the topic is new here, and no work or too little came with it
    FULL = "full"  # the relay has no room
    TOPIC_FULL = "topic-full"  # the topic has had its share
    FAST = "fast"  # too much on one link in too little time
    SIGNATURE = "signature"  # the envelope is not signed by the topic's key
    SIZE = "size"  # of no size class


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(Message):
    """First words of a relay: what it takes, and for how long."""

    days: Annotated[int, Range(1, SHELF_LIFE_DAYS_MAX)]  # an envelope is kept
    work_bits: Annotated[int, Range(0, WORK_BITS_MAX)]  # that a new topic costs now
    topic_bytes_max: Count
    places_max: Annotated[int, Range(1, PLACES_ASKED_MAX)]  # that may be asked for at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit(Message):
    """Keep this envelope under this topic. Answered by `Deposited`."""

    topic: Id32  # the public half of the key that signs
    envelope: Envelope
    signature: Annotated[bytes, Size(64)]
    work: Annotated[bytes, Size(0, NONCE_BYTES, between=False)]  # for a topic that is new there


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited(Message):
    """What became of an envelope: on disk at this place of its topic, or why not."""

    envelope: Id32  # its hash
    serial: Count  # from 1; 0: refused
    head: Head  # of the topic, this envelope being the last
    refusal: Refusal
    work_bits: Annotated[int, Range(0, WORK_BITS_MAX)]  # that a new topic costs now


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralDeposits(Message):
    """Several at once. Each is answered for itself, by `Deposited` or among `Answers`."""

    deposits: Annotated[tuple[Deposit, ...], Items(2, DEPOSITS_AT_ONCE_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers(Message):
    """What became of several envelopes, in the order in which that was known."""

    answers: Annotated[tuple[Deposited, ...], Items(2, ANSWERS_AT_ONCE_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Record):
    """A topic, and up to which serial the sender has read it."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    topic: Id32
    after: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll(Message):
    """What is new under these topics? `stay`: say so from now on, when it comes. Some topics are dummies."""

    places: Annotated[tuple[Place, ...], Items(1, PLACES_ASKED_MAX)]
    stay: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Record):
    """An envelope with the signature under which it was put there."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    envelope: Envelope
    signature: Annotated[bytes, Size(64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Message):
    """Envelopes of one topic, in the order of their serials and without a gap."""

    topic: Id32
    first: Annotated[int, Range(1, 2**62)]  # serial of the first of them
    before: Head  # of the topic, in front of them
    envelopes: Annotated[tuple[Stored, ...], Items(1, FOUND_ENVELOPES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Record):
    """How far a topic goes."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    last: Count  # 0: nothing there
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled(Message):
    """The answer to a `Poll` is complete: how far each topic goes, in the order in which they were asked."""

    ends: Annotated[tuple[Ended, ...], Items(1, PLACES_ASKED_MAX)]


RELAYING: Final = Family(
    MalformedFrame,
    (
        (1, Ping),
        (2, Pong),
        (3, Terms),
        (4, Deposit),
        (5, Deposited),
        (6, Poll),
        (7, Found),
        (8, Polled),
        (9, SeveralDeposits),
        (10, Answers),
    ),
)
