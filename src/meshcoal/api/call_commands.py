"""What a user can ask about sign-ons from outside: calls, replies, and what becomes of them.

Law: as in `api.commands`, which is where clients take these from.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command, Name
from meshcoal.limits import API_PAGE_MAX, CALL_LINES_MAX, MEMBERS_MAX, NOTE_CHARS_MAX, REPLIES_COMMAND_MAX
from meshcoal.wire.record import Chars, Id32, Items, OptionalId32, Range, Size, TimeMs
from meshcoal.wire.shape import dataclass

Lines = Annotated[tuple[Annotated[str, Chars(1, 200)], ...], Items(0, CALL_LINES_MAX)]
Replies = Annotated[tuple[Id32, ...], Items(1, REPLIES_COMMAND_MAX)]


class ReplyState(enum.StrEnum):
    """What organisers made of a reply so far."""

    WAITING = "waiting"
    ASKED = "asked"  # somebody is to be asked about it first
    REFUSED = "refused"


class Decision(enum.StrEnum):
    """What becomes of replies."""

    ACCEPT = "accept"  # onto the letter
    ASK = "ask"
    REFUSE = "refuse"
    WAIT = "wait"  # as if nothing had been decided


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall(Command):
    """Make a call for sign-ons from outside on the frozen text. `CallsView`."""

    campaign: Id32
    statement: Id32
    digest: Id32  # of the text, as it was seen
    asks: Name  # who asks, as outsiders shall read it
    reply_to: Lines  # where replies are sent
    data: Lines = ()  # what happens with what is sent; empty: the usual sentences
    until_ms: TimeMs = 0  # 0: until the letter's deadline
    needed: Annotated[int, Range(1, MEMBERS_MAX)] = 1  # 1: I alone hold the key; else that many organisers


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCalls(Command):
    """The calls for a letter, and how many replies are where. `CallsView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCall(Command):
    """As a holder of a part of a call's key: agree that the replies are read. `CallsView`."""

    campaign: Id32
    statement: Id32
    call: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReplies(Command):
    """Open and check replies, and keep them for review. `ImportedView`."""

    campaign: Id32
    statement: Id32
    replies: Annotated[tuple[Annotated[bytes, Size(1, 8_192)], ...], Items(1, REPLIES_COMMAND_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReplies(Command):
    """A page of the replies on this device that are in a state, by name. `RepliesView`."""

    campaign: Id32
    statement: Id32
    state: ReplyState = ReplyState.WAITING
    after: OptionalId32 = b""
    limit: Annotated[int, Range(1, API_PAGE_MAX)] = API_PAGE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReplies(Command):
    """Accept replies onto the letter, or note that they are to be asked about, or refused. `DecidedView`."""

    campaign: Id32
    statement: Id32
    replies: Replies
    decision: Decision
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)] = ""  # for whoever holds the call's key


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOutside(Command):
    """A page of sign-ons from outside that were accepted, by key. `OutsidersView`."""

    campaign: Id32
    statement: Id32
    after: OptionalId32 = b""
    limit: Annotated[int, Range(1, API_PAGE_MAX)] = API_PAGE_MAX
