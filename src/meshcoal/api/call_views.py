"""What the daemon shows of sign-ons from outside: calls, replies to review, who was accepted.

Law: as in `api.views`, of which this is a part.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.call_commands import ReplyState
from meshcoal.api.fields import Short
from meshcoal.api.statement_views import EntryState
from meshcoal.limits import API_PAGE_MAX, CALL_BYTES_MAX, LANGUAGES_MAX, MEMBERS_MAX, REPLIES_COMMAND_MAX
from meshcoal.wire.record import Count, Id32, Items, OptionalId32, Record, Size
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity

CALLS_SHOWN_MAX = 8  # the newest of one letter


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHolderView(Record):
    name: Short
    mine: bool
    granted: bool  # agreed that replies are read


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView(Record):
    """A call: what is given out, and who can read what comes back."""

    id: Id32
    name: Short  # who opened it
    digest: Id32  # of the letter
    code: Short  # to compare
    until_ms: Count
    needed: Count
    holders: Annotated[tuple[CallHolderView, ...], Items(0, MEMBERS_MAX)]
    readable: bool  # this device can read replies
    current: bool  # the letter's text is still the one that the call has
    text: Annotated[bytes, Size(0, CALL_BYTES_MAX)]  # what is given out


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsView(Record):
    campaign: Id32
    statement: Id32
    calls: Annotated[tuple[CallView, ...], Items(0, CALLS_SHOWN_MAX)]  # newest last
    # Replies on this device, by what was decided; and sign-ons from outside on the letter.
    waiting: Count
    asked: Count
    refused: Count
    accepted: Count


class Imported(enum.StrEnum):
    """What became of one reply that was read."""

    NEW = "new"
    FURTHER = "further"  # another sign-on by a key of which one is here
    KNOWN = "known"  # the same sign-on is here, on the letter, or was refused before
    WITHDRAWAL = "withdrawal"  # takes back a sign-on; no review is needed
    REFUSED = "refused"  # see its code


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedOneView(Record):
    outcome: Imported
    code: Short  # of the error, where it was refused
    id: OptionalId32  # of the reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedView(Record):
    """In the order in which they were given."""

    outcomes: Annotated[tuple[ImportedOneView, ...], Items(0, REPLIES_COMMAND_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView(Record):
    """A reply that waits for a decision. Its signature holds; who is behind it is for people to know."""

    id: Id32  # half of its key, half of the digest of its text
    key: Id32
    capacity: Capacity
    name: Short
    title: Short
    affiliation: Short
    country: Short
    languages_read: Annotated[tuple[Short, ...], Items(0, LANGUAGES_MAX)]
    signed_ms: Count
    state: ReplyState
    note: Short
    late: bool  # dated behind the deadline
    double: bool  # somebody of a name like this one is here under another key
    further: bool  # the same key has signed another way
    decided_by: Short = ""  # whose word that is, where more than one hold the key


@dataclass(frozen=True, slots=True, kw_only=True)
class RepliesView(Record):
    replies: Annotated[tuple[ReplyView, ...], Items(0, API_PAGE_MAX)]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedView(Record):
    done: Count
    gone: Count  # not here any more, or decided so already


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsiderView(Record):
    """A sign-on from outside that was accepted. That it is from outside stays in the campaign."""

    key: Id32
    capacity: Capacity
    name: Short
    title: Short
    affiliation: Short
    country: Short
    signed_ms: Count
    accepted_by: Short
    state: EntryState


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsidersView(Record):
    outsiders: Annotated[tuple[OutsiderView, ...], Items(0, API_PAGE_MAX)]
    more: bool
