"""What a user can ask of talk: messages, what is done about them, and finding them again.

Law: as in `api.commands`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, UploadId
from meshcoal.limits import (
    API_PAGE_MAX,
    ATTACHMENTS_MAX,
    DRAFT_SLOT_CHARS_MAX,
    EMOJI_CHARS_MAX,
    MENTIONS_MAX,
    MESSAGE_CHARS_MAX,
    SHOWN_AGAIN_MAX,
)
from meshcoal.wire.body import ChannelId
from meshcoal.wire.record import Chars, Count, Id32, Items, OptionalId32, Range
from meshcoal.wire.shape import dataclass

Mentions = Annotated[tuple[Id32, ...], Items(0, MENTIONS_MAX)]
MessageText = Annotated[str, Chars(0, MESSAGE_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMessage(Command):
    """Answered by `MessageView`, after the message is on disk.

    Each U+FFFC in the text stands for a member, in the order of `mentions`.
    """

    campaign: Id32
    channel: ChannelId
    text: MessageText  # empty only with attachments
    reply_to: OptionalId32 = b""
    attachments: Annotated[tuple[UploadId, ...], Items(0, ATTACHMENTS_MAX)] = ()  # handed over before
    mentions: Mentions = ()
    # The draft that this sends: erased in the same step. Where it is kept no more nothing is sent, and the
    # answer is `sent-already`: so a client that lost the answer may ask again.
    draft: Annotated[str, Chars(0, DRAFT_SLOT_CHARS_MAX)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditMessage(Command):
    """Say a message of one's own otherwise; what was said before is shown to who asks. `MessageView`."""

    campaign: Id32
    message: Id32
    text: MessageText
    mentions: Mentions = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackMessage(Command):
    """Erase a message of one's own on every device that hears of it, or hide another's. `MessageView`."""

    campaign: Id32
    message: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactToMessage(Command):
    """One emoji of mine on a message, in place of the one before; empty: none. `MessageView`."""

    campaign: Id32
    message: Id32
    emoji: Annotated[str, Chars(0, EMOJI_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinMessage(Command):
    """Keep a message in sight for all members, or no longer. It vanishes in its time. `MessageView`."""

    campaign: Id32
    message: Id32
    pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMessages(Command):
    """A page of a channel, oldest first. `MessagesView`.

    The newest `limit`, unless one of the others says which.
    """

    campaign: Id32
    channel: ChannelId
    before: OptionalId32 = b""  # those before a message; of a thread too
    limit: Annotated[int, Range(1, API_PAGE_MAX)] = 100
    after: OptionalId32 = b""  # those behind a message
    around: OptionalId32 = b""  # a message, and as many before as behind it
    thread: OptionalId32 = b""  # the message that a thread begins with, and those in it
    unread: bool = False  # those around the first that was not read here
    pinned: bool = False  # those that are pinned


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanged(Command):
    """What was said or changed since a page was shown, or since this was asked last. `ChangedView`."""

    campaign: Id32
    channel: ChannelId
    since: Count  # `as_of` of what was shown
    thread: OptionalId32 = b""  # only what stands in this one
    also: Annotated[tuple[Id32, ...], Items(0, SHOWN_AGAIN_MAX)] = ()  # these too, changed or not


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMessage(Command):
    """A message with its editions and who reacted. `MessageDetailView`."""

    campaign: Id32
    message: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead(Command):
    """Everything up to this message has been seen here. Told to nobody. Answered by `Done`."""

    campaign: Id32
    channel: ChannelId
    message: Id32
