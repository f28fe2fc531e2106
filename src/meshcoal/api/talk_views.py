"""What the daemon shows of talk.

Law: as in `api.views`, of which this is a part. In a text, members who are mentioned stand by the names that
they have here.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.attachment_views import AttachmentView
from meshcoal.api.fields import Short, Text
from meshcoal.api.gap_views import GapView
from meshcoal.limits import (
    API_PAGE_MAX,
    ATTACHMENTS_MAX,
    AUTHORS_MAX,
    EDITIONS_SHOWN_MAX,
    EMOJI_CHARS_MAX,
    MENTIONS_MAX,
    REACTIONS_SHOWN_MAX,
    REACTORS_SHOWN_MAX,
)
from meshcoal.wire.body import ChannelId
from meshcoal.wire.record import Chars, Count, Id32, Items, OptionalId32, Record
from meshcoal.wire.shape import dataclass


class MessageState(enum.StrEnum):
    SAID = "said"
    TAKEN_BACK = "taken-back"  # its author took it back: erased here; copies may exist elsewhere
    HIDDEN = "hidden"  # an organiser took it off the screens


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionView(Record):
    emoji: Annotated[str, Chars(1, EMOJI_CHARS_MAX)]
    count: Count
    mine: bool
    names: Annotated[tuple[Short, ...], Items(0, REACTORS_SHOWN_MAX)]  # of the first who reacted so


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView(Record):
    id: Id32
    author: Id32
    name: Short
    me: bool
    at_ms: Count  # what the author's clock said
    text: Text  # as it was said last; empty where it was taken back
    reply_to: OptionalId32
    doubted: bool  # its author's log is forked: it may be one of two stories
    held_by: Count  # of those whom it is for: known to hold it, me included
    held_of: Count  # whom it is for: members now who were members when it was written
    attachments: Annotated[tuple[AttachmentView, ...], Items(0, ATTACHMENTS_MAX)] = ()
    thread: OptionalId32 = b""  # the message that its thread begins with; empty: it stands in none
    replies: Count = 0  # in the thread that begins with it
    mentions: Annotated[tuple[Id32, ...], Items(0, MENTIONS_MAX)] = ()
    mentions_me: bool = False
    state: MessageState = MessageState.SAID
    hidden_by: Short = ""  # the organiser's name
    edited_ms: Count = 0  # when its author changed it last, their clock says; 0: never
    reactions: Annotated[tuple[ReactionView, ...], Items(0, REACTIONS_SHOWN_MAX)] = ()
    pinned_by: Short = ""
    expires_ms: Count = 0  # when it is erased here
    may_change: bool = False  # I may change it, by the rules
    may_take_back: bool = False  # or hide it
    depth: Count = 0  # its place in the channel; of two at one depth, the lesser id stands first


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesView(Record):
    campaign: Id32
    channel: ChannelId
    messages: Annotated[tuple[MessageView, ...], Items(0, API_PAGE_MAX + 1)]
    more: bool  # there are older ones
    gaps: Annotated[tuple[GapView, ...], Items(0, AUTHORS_MAX)]
    talk_days: Count  # after so many days each is erased here
    later: bool = False  # there are newer ones
    first_unread: OptionalId32 = b""  # of the channel, by place
    unread: Count = 0  # in the channel, of others
    mentions: Count = 0  # of these, that mention me
    pins: Count = 0  # messages of the channel that are pinned
    as_of: Count = 0  # what `ListChanged` is asked with


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedView(Record):
    """What a screen that holds a part of a channel lacks."""

    campaign: Id32
    channel: ChannelId
    as_of: Count
    whole: bool  # too much, or not known: a page is to be asked for anew
    messages: Annotated[tuple[MessageView, ...], Items(0, API_PAGE_MAX)]  # by place; anywhere in the channel
    gone: Annotated[
        tuple[Id32, ...], Items(0, API_PAGE_MAX)
    ]  # of what was asked for or has changed: not here
    gaps: Annotated[tuple[GapView, ...], Items(0, AUTHORS_MAX)]
    first_unread: OptionalId32 = b""
    unread: Count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionView(Record):
    """What a message said at some time."""

    at_ms: Count
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDetailView(Record):
    message: MessageView
    editions: Annotated[tuple[EditionView, ...], Items(0, EDITIONS_SHOWN_MAX)]  # before the last one
