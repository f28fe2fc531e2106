"""What the daemon shows of bundles.

Law: as in `api.views`, which is where clients take these from. What a bundle says of itself is its writer's
word; what is new, and what became of it, is this node's.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Id16, Short
from meshcoal.limits import (
    BUNDLE_PART_BYTES,
    CAMPAIGNS_MAX,
    CONTACTS_MAX,
    INVITATIONS_MAX,
    MEMBERS_MAX,
    SERVED_INVITATIONS_MAX,
)
from meshcoal.wire.bundle import PART_NAME_CHARS
from meshcoal.wire.joining import Answered as Answered
from meshcoal.wire.record import Chars, Count, Id32, Items, Record, Size
from meshcoal.wire.shape import dataclass

_Names = Annotated[tuple[Short, ...], Items(0, MEMBERS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentView(Record):
    """What goes into a bundle of one campaign."""

    campaign: Id32
    name: Short
    operations: Count  # at most
    items: Count  # of rounds of sealed sign-ons
    files: Count
    readers: _Names  # who can open it
    doubtful: _Names  # who may hold no key that opens it


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleView(Record):
    """A bundle that is being written."""

    bundle: Id16
    shipments: Annotated[tuple[ShipmentView, ...], Items(0, CAMPAIGNS_MAX)]
    had: Count  # parts on the stick that I wrote, for the same members
    done: Count  # operations, items and chunks
    total: Count  # of these, at most
    answers: _Names = ()  # to whose requests an answer goes along


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePartView(Record):
    """A part to write down."""

    data: Annotated[bytes, Size(0, BUNDLE_PART_BYTES)]  # empty: nothing to write this time
    name: Annotated[str, Chars(PART_NAME_CHARS, PART_NAME_CHARS)]  # of its file in a folder: all chance
    more: bool  # ask again
    done: Count
    total: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleNewsView(Record):
    """What parts hold of one campaign, as far as they were looked at."""

    campaign: Id32
    name: Short
    made_ms: Count  # when it was written, by its writer's clock
    first_ms: Count  # of the operations, as their authors say; 0: not known
    last_ms: Count
    operations: Count
    new_operations: Count
    new_items: Count
    new_files: Count  # of which something is new
    closed: Count  # parts of this campaign that no key here opens


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestNewsView(Record):
    """A request to an invitation of mine: somebody wants to become a contact, or to be admitted."""

    name: Short  # as they say; empty where it was taken in before
    campaign_name: Short  # to which my invitation leads; empty: to none
    known: bool  # a contact already
    new: bool  # it was not taken in before


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerNewsView(Record):
    """An answer to a request of mine. Taken in, it may make more of the same stick readable: look again."""

    name: Short  # of who invited me, as they say
    campaign_name: Short
    verdict: Answered
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedView(Record):
    code: Short
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingView(Record):
    """A bundle that is being looked at or taken in."""

    reading: Id16
    parts: Count  # looked at
    strange: Count  # of these: of no campaign here, damaged, or there to fill up
    opened: bool  # the last one
    place: Count  # of it: parts are best taken in in ascending order
    news: Annotated[tuple[BundleNewsView, ...], Items(0, CAMPAIGNS_MAX)]
    busy: bool  # the last one was not taken: too much waits
    taken: Count  # new operations, so far
    waiting: Count  # pieces and operations that wait to be judged
    refused: Annotated[tuple[RefusedView, ...], Items(0, 200)]
    requests: Annotated[tuple[RequestNewsView, ...], Items(0, INVITATIONS_MAX + SERVED_INVITATIONS_MAX)] = ()
    answers: Annotated[tuple[AnswerNewsView, ...], Items(0, CONTACTS_MAX)] = ()
