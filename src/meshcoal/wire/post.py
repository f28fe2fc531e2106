"""The body of talk: a message, or what somebody does about one.

Law: one kind and one shape for all talk. Whoever holds the sealed operations, and has no keys, cannot tell a
message from a reaction to it or from its taking back, and all of it is padded, ratcheted and erased alike.
Members are mentioned by key: each device shows its own name for them. Specified in docs/protocol/talk.md.
"""

from __future__ import annotations

from typing import Annotated, Final

from meshcoal.errors import MalformedBody, MeshcoalError
from meshcoal.ids import ID_BYTES
from meshcoal.limits import MENTIONS_MAX, MESSAGE_CHARS_MAX
from meshcoal.wire import canonical
from meshcoal.wire.body import CHANNEL_ID_BYTES, Attachments, Body, ChannelId
from meshcoal.wire.emoji import is_emoji
from meshcoal.wire.record import TIME_MS_MAX, Chars, Id32, Items, OptionalId32
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import TalkAct

MENTION: Final = "\ufffc"  # stands in a text for a member: the first for the first of `mentions`, and so on

Mentions = Annotated[tuple[Id32, ...], Items(0, MENTIONS_MAX)]

_FIELDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PostBody(Body):
    """A message, or an act about one. A message's text is empty where only files go with it."""

    channel: ChannelId
    text: Annotated[str, Chars(0, MESSAGE_CHARS_MAX)]  # of a reaction: an emoji, or empty
    reply_to: OptionalId32  # the message that it answers; of an act: that it is about
    attachments: Attachments = ()
    thread: OptionalId32 = b""  # the first message of the conversation that it belongs to
    mentions: Mentions = ()
    act: TalkAct = TalkAct.SAY

    def __post_init__(self) -> None:
        """Raises `MalformedBody`: an act about nothing, or with what only a message has."""
        Body.__post_init__(self)
        if self.act is TalkAct.SAY:
            return
        if not self.reply_to:
            raise MalformedBody("an act is about a message")
        if self.attachments or self.thread:
            raise MalformedBody("only a message has files and a thread")
        if self.act is TalkAct.EDIT:
            return
        if self.mentions:
            raise MalformedBody("only a text mentions members")
        if self.text and not (self.act is TalkAct.REACT and is_emoji(self.text)):
            raise MalformedBody("a reaction is one emoji, and all else that is done to a message has no text")


def plain_post(data: bytes) -> PostBody | None:
    """A message that brings no keys and no files, as nearly all do; None: for the codec to decide.

    What a record checks of itself is checked here: it is made without its constructor.
    """
    try:
        fields = canonical.parse(data)
    except MeshcoalError:
        return None
    if type(fields) is not tuple or len(fields) != _FIELDS:
        return None
    at_ms, handed, carried, channel, text, reply_to, attachments, thread, mentions, act = fields
    if not (
        act == TalkAct.SAY.value
        and type(handed) is type(carried) is type(attachments) is type(mentions) is tuple
        and not (handed or carried or attachments or mentions)
        and type(at_ms) is int
        and 0 <= at_ms <= TIME_MS_MAX
        and type(channel) is bytes
        and len(channel) == CHANNEL_ID_BYTES
        and type(text) is str
        and len(text) <= MESSAGE_CHARS_MAX
        and type(reply_to) is type(thread) is bytes
        and len(reply_to) in (0, ID_BYTES)
        and len(thread) in (0, ID_BYTES)
    ):
        return None
    body = object.__new__(PostBody)
    put = object.__setattr__
    put(body, "at_ms", at_ms)
    put(body, "handed", ())
    put(body, "carried", ())
    put(body, "channel", channel)
    put(body, "text", text)
    put(body, "reply_to", reply_to)
    put(body, "attachments", ())
    put(body, "thread", thread)
    put(body, "mentions", ())
    put(body, "act", TalkAct.SAY)
    return body
