"""Steady links: one frame of one size each way every so many seconds, whatever there is to say.

Law: how many frames there are, how large, and when, follows from the agreed interval alone. What is to be
said stands in the frames as one stream, each message behind its length; where nothing waits, a frame holds
nothing. Whoever lacks the link's keys cannot tell the two apart. Nothing is sent faster because more waits.

Ours, unreviewed. docs/protocol/session.md, docs/design/0029-constant-rate.md.
"""

from __future__ import annotations

from typing import Final

from meshcoal.errors import BadHandshake, MalformedFrame, OverLimit
from meshcoal.limits import MESSAGE_BYTES_MAX, STEADY_EVERY_MAX_S
from meshcoal.sync.framing import STEADY_PART_BYTES, Incoming, Outgoing
from meshcoal.sync.outbox import Outbox

DECLINED: Final = 255  # said in place of an interval: I take no part in a steady link
_LENGTH_BYTES: Final = 3


def answer_of(mine_s: int, asked_s: int) -> int:
    """What whoever is dialled decides: the interval of both directions; 0: the link is not steady.

    Of two who ask the one who asks for less traffic has it: nobody sends more than they chose to.

    Raises:
        BadHandshake: `asked_s` is nothing that can be asked for.
    """
    check_asked(asked_s)
    return 0 if DECLINED in (mine_s, asked_s) else max(mine_s, asked_s)


def check_asked(asked_s: int) -> None:
    """Raises `BadHandshake`: neither an interval, nor none, nor a refusal."""
    if asked_s > STEADY_EVERY_MAX_S and asked_s != DECLINED:
        raise BadHandshake("an interval that nobody can ask for")


def check_answer(mine_s: int, answer_s: int) -> None:
    """Whether an answer is one to what I asked. Raises `BadHandshake`."""
    if answer_s > STEADY_EVERY_MAX_S or (answer_s and (mine_s == DECLINED or answer_s < mine_s)):
        raise BadHandshake("no answer to what was asked")


class SteadyOutgoing:
    """The direction from us to the peer."""

    __slots__ = ("_outgoing", "_stream")

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._stream = bytearray()

    @property
    def begun_bytes(self) -> int:
        """What of messages that were begun has not been sealed yet."""
        return len(self._stream)

    def frame(self, outbox: Outbox, now_ms: int) -> bytes:
        """The next frame, with as much of what waits as it holds."""
        while len(self._stream) < STEADY_PART_BYTES and (message := outbox.next()) is not None:
            self._stream += len(message).to_bytes(_LENGTH_BYTES, "big") + message
        part = bytes(self._stream[:STEADY_PART_BYTES])
        del self._stream[:STEADY_PART_BYTES]
        return self._outgoing.steady(part, now_ms)


class SteadyIncoming:
    """The direction from the peer to us."""

    __slots__ = ("_incoming", "_stream")

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._stream = bytearray()

    @property
    def partial(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._stream)

    def open(self, frame: bytes) -> list[bytes]:
        """The messages that this frame completes.

        Raises:
            Truncated, BadSeal, MalformedFrame: not the next frame of a steady link.
            OverLimit: a message that is too long.
        """
        self._stream += self._incoming.steady(frame)
        whole = []
        while len(self._stream) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(self._stream[:_LENGTH_BYTES], "big")
            if end > _LENGTH_BYTES + MESSAGE_BYTES_MAX:
                raise OverLimit("a message is too long")
            if end == _LENGTH_BYTES:
                raise MalformedFrame("an empty message")
            if end > len(self._stream):
                break
            whole.append(bytes(self._stream[_LENGTH_BYTES:end]))
            del self._stream[:end]
        return whole
