"""The organisers' desk: what those who look after a letter tell each other, sealed to them alone.

Law: every member carries it, and only who was an organiser when it was written reads it: who was asked to
sign, when and by which way, and what was decided on replies from outside that are not on the letter. Nothing
of it decides anything. Specified in docs/protocol/desk.md. Ours, unreviewed.
"""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

from meshcoal.errors import MalformedBody, MeshcoalError
from meshcoal.limits import DESK_CONTENT_BYTES_MAX, MEMBERS_MAX, NOTE_CHARS_MAX, REPLIES_COMMAND_MAX
from meshcoal.wire.body import Body
from meshcoal.wire.record import Chars, Id32, Items, Record, Size
from meshcoal.wire.shape import dataclass


class Way(enum.StrEnum):
    """By which way somebody was asked."""

    NONE = ""  # nobody was
    MEETING = "meeting"
    CALL = "call"
    MESSAGE = "message"
    EMAIL = "e-mail"
    OTHER = "other"


class Review(enum.StrEnum):
    """What was made of replies from outside."""

    NONE = ""  # the note is about none
    WAIT = "wait"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskNote(Record):
    """What is sealed: members who were asked just now, or replies by their ids."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    asked: Annotated[tuple[Id32, ...], Items(0, MEMBERS_MAX)] = ()
    way: Way = Way.NONE
    replies: Annotated[tuple[Id32, ...], Items(0, REPLIES_COMMAND_MAX)] = ()
    review: Review = Review.NONE
    words: Annotated[str, Chars(0, NOTE_CHARS_MAX)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedNote(Record):
    """A padded note, sealed so that each holder opens it alone (`crypto.threshold.Dealt`)."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    commitment: Id32
    ephemeral: Id32
    content: Annotated[bytes, Size(1, DESK_CONTENT_BYTES_MAX)]
    shares: Annotated[tuple[Annotated[bytes, Size(48)], ...], Items(1, MEMBERS_MAX)]
    checks: Annotated[tuple[Annotated[bytes, Size(16)], ...], Items(1, MEMBERS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskBody(Body):
    """A note among organisers about a letter."""

    statement: Id32
    digest: Id32  # of the text that it is about
    holders: Annotated[tuple[Id32, ...], Items(1, MEMBERS_MAX)]  # who can open it
    note: SealedNote
