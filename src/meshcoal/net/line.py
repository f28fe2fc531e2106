"""A line: links over a stream of bytes to whoever is at the other end, such as a serial port.

Law: as `net.link`. Several links share the line, a part of a frame each in turn, so a large one holds up no
other. What is under way is bounded by the reader's credit; a line that is slow or still makes its links wait,
and ends them when too much waits. A lost part ends its link: nodes dial anew and catch up. Who is at the
other end is not known here. Specified in docs/protocol/line.md.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import DialFailed, LinkClosed, MalformedFrame, OverLimit
from meshcoal.limits import FRAME_BYTES_MAX, LINKS_PER_LINE_MAX
from meshcoal.net.link import CLOSED, Sink, Tasks
from meshcoal.net.packets import LINK_BYTES, PAYLOAD_BYTES_MAX, Packet, PacketKind, Unpacker
from meshcoal.net.websocket import Patience
from meshcoal.sync.nearby import ANNOUNCEMENT_BYTES
from meshcoal.wire.path import LINE_TRANSPORT

TRANSPORT: Final = LINE_TRANSPORT
ANNOUNCED_EVERY_S: Final = 5.0
CREDIT_BYTES: Final = 4 * FRAME_BYTES_MAX
DIAL_TIMEOUT_S: Final = 20.0
_NOBODY: Final = bytes(LINK_BYTES)
_PART_HEAD_BYTES: Final = 5
_PART_BYTES_MAX: Final = PAYLOAD_BYTES_MAX - _PART_HEAD_BYTES
_PLACES: Final = 2**32
_SAID_MAX: Final = 4 * LINKS_PER_LINE_MAX  # packets that wait, beside parts; then those of links that stand


class Bytes(Protocol):
    """Where bytes come from and go to: a device that was opened, or a test's."""

    async def read(self) -> bytes:
        """Some bytes; empty at the end."""

    async def write(self, data: bytes) -> None:
        """Returns when they are handed over. Raises `OSError`."""

    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class _End:
    """What this side keeps of one link."""

    link: LineLink
    wire: bytes  # its number on the line
    dial: int | None
    accepted: bool
    sent_parts: int = 0
    sent_bytes: int = 0  # of frames
    credit_bytes: int = CREDIT_BYTES
    came_parts: int = 0
    came_bytes: int = 0
    told_bytes: int = CREDIT_BYTES
    coming: bytearray = field(default_factory=bytearray)
    inbox: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)  # bounded by the credit
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)  # after the link was closed: all of it


class LineLink:
    """One end of a link over a line."""

    transport: Final = TRANSPORT

    def __init__(self, number: int, patience: Patience, wake: Callable[[], None]) -> None:
        self.number: Final = number
        self._patience = patience
        self._wake = wake
        self.queue: deque[bytes | Callable[[], None]] = deque()
        self.queued_bytes = 0
        self.offset = 0  # in the frame that is being sent
        self.end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.abrupt = False

    def send(self, frame: bytes) -> None:
        assert 0 < len(frame) <= FRAME_BYTES_MAX, "a frame has 1 to FRAME_BYTES_MAX bytes"
        if self.end.done():
            return
        if self.queued_bytes + len(frame) > self._patience.queue_bytes_max:
            self.cut(OverLimit.code)
            return
        self.queue.append(frame)
        self.queued_bytes += len(frame)
        self._wake()

    def tell_sent(self, tell: Callable[[], None]) -> None:
        if not self.end.done():
            self.queue.append(tell)
            self._wake()

    def close(self, code: str) -> None:
        if not self.end.done():
            self.end.set_result(code)
            self._wake()

    def cut(self, code: str) -> None:
        """End it at once: the peer broke a rule, or does not read."""
        if not self.end.done():
            self.abrupt = True
            self.close(code)


class Line:
    """All links over one stream of bytes. `run` lives as long as the stream."""

    def __init__(
        self,
        stream: Bytes,
        *,
        sink: Sink,
        tasks: Tasks,
        numbers: Iterator[int],
        patience: Patience,
        entropy: Entropy,
        sighted: Callable[[bytes], None],
    ) -> None:
        self._stream = stream
        self._sink = sink
        self._tasks = tasks
        self._numbers = numbers
        self._patience = patience
        self._entropy = entropy
        self._sighted = sighted
        self._ends: dict[bytes, _End] = {}
        # What goes before parts of frames. One of a kind for a link: the newest credit is all that counts.
        self._said: dict[tuple[PacketKind, bytes], bytes] = {}
        self._turns: deque[_End] = deque()
        self._news = asyncio.Event()
        self._announcement = b""
        self._closed = False
        self.unpacker = Unpacker()

    # --- What the shell asks

    def announce(self, data: bytes) -> None:
        """Say this every few seconds; empty: nothing any more."""
        self._announcement = data
        self._say_announcement()

    async def dial(self, dial: int) -> None:
        """Open a link to whoever is at the other end, and carry it until it ends, or say `dial_failed`."""
        if self._closed or self._crowded or len(self._ends) >= LINKS_PER_LINE_MAX:
            self._sink.dial_failed(dial, DialFailed.code)
            return
        wire = self._entropy.take(LINK_BYTES)
        while wire in self._ends or wire == _NOBODY:
            wire = self._entropy.take(LINK_BYTES)
        end = self._new_end(wire, dial)
        self._say(PacketKind.OPEN, wire)
        try:
            async with asyncio.timeout(DIAL_TIMEOUT_S):
                await end.answered.wait()
        except TimeoutError:
            self._forget(end)
            self._say(PacketKind.END, wire)
            self._sink.dial_failed(dial, DialFailed.code)
            return
        if not end.accepted:
            self._sink.dial_failed(dial, DialFailed.code)
            return
        await self._carry(end)

    async def run(self) -> None:
        """Until the stream ends or `close`."""
        writer = self._tasks.create_task(self._write())
        announcer = self._tasks.create_task(self._announce_now_and_then())
        try:
            while data := await self._stream.read():
                for packet in self.unpacker.feed(data):
                    self._on(packet)
        except OSError:
            pass  # the device was pulled out: it ends like any stream
        finally:
            self._closed = True
            writer.cancel()
            announcer.cancel()
            for end in list(self._ends.values()):
                self._end(end, LinkClosed.code)
            self._stream.close()

    def close(self) -> None:
        """End all links, and the stream once what was said has left."""
        for end in list(self._ends.values()):
            end.link.close(CLOSED)
        self._closed = True
        self._stream.close()

    # --- What comes

    def _on(self, packet: Packet) -> None:
        if packet.kind is PacketKind.ANNOUNCE:
            if len(packet.payload) == ANNOUNCEMENT_BYTES and packet.payload != self._announcement:
                self._sighted(packet.payload)
            return
        end = self._ends.get(packet.link)
        if packet.kind is PacketKind.OPEN:
            self._on_open(packet.link, end)
        elif end is None:
            if packet.kind is not PacketKind.END and not self._crowded:
                self._say(PacketKind.END, packet.link)
        elif packet.kind is PacketKind.ACCEPT:
            if not end.answered.is_set():
                end.accepted = True
                end.answered.set()
        elif packet.kind is PacketKind.PART:
            self._on_part(end, packet.payload)
        elif packet.kind is PacketKind.CREDIT and len(packet.payload) == 8:
            end.credit_bytes = max(end.credit_bytes, int.from_bytes(packet.payload, "big"))
            self._wake()
        elif packet.kind is PacketKind.END:
            self._end(end, CLOSED)

    def _on_open(self, wire: bytes, end: _End | None) -> None:
        if end is not None or wire == _NOBODY or self._crowded:
            return  # repeated, or our own that comes back over a line that echoes; or too many
        if self._announcement == b"" or len(self._ends) >= LINKS_PER_LINE_MAX:
            self._say(PacketKind.END, wire)
            return
        end = self._new_end(wire, None)
        end.accepted = True
        end.answered.set()
        self._say(PacketKind.ACCEPT, wire)
        self._tasks.create_task(self._carry(end))

    def _on_part(self, end: _End, payload: bytes) -> None:
        place, last, data = int.from_bytes(payload[:4], "big"), payload[4:5], payload[_PART_HEAD_BYTES:]
        if place != end.came_parts % _PLACES or last not in (b"\x00", b"\x01") or not data:
            self._end(end, LinkClosed.code)  # a part is lost
            return
        end.came_parts += 1
        end.came_bytes += len(data)
        end.coming += data
        if len(end.coming) > FRAME_BYTES_MAX or end.came_bytes > end.told_bytes:
            end.link.cut(MalformedFrame.code)
            self._end(end, MalformedFrame.code)
            return
        if last == b"\x01":
            end.inbox.put_nowait(bytes(end.coming))
            end.coming.clear()

    # --- A link's life

    def _new_end(self, wire: bytes, dial: int | None) -> _End:
        link = LineLink(next(self._numbers), self._patience, self._wake)
        end = _End(link=link, wire=wire, dial=dial, accepted=False)
        self._ends[wire] = end
        return end

    async def _carry(self, end: _End) -> None:
        link = end.link
        await self._sink.link_up(link, end.dial)
        self._turns.append(end)
        self._wake()
        reader = self._tasks.create_task(self._hand_over(end))
        try:
            await asyncio.shield(link.end)
            if not link.abrupt and not self._closed:
                await self._rest_leaves(end)
        finally:
            reader.cancel()
            if self._ends.get(end.wire) is end:
                self._say(PacketKind.END, end.wire)
            self._forget(end)
            if link.abrupt:
                self._sink.refused(link.end.result())
            self._sink.link_down(link, link.end.result() if link.end.done() else CLOSED)

    async def _rest_leaves(self, end: _End) -> None:
        self._wake()
        try:
            async with asyncio.timeout(self._patience.close_ms / 1000):
                await end.left.wait()
        except TimeoutError:
            return  # the peer does not read: nothing more can be said

    async def _hand_over(self, end: _End) -> None:
        """Frames to the sink, which may let us wait; then more may come."""
        while (frame := await end.inbox.get()) is not None:
            await self._sink.frame(end.link, frame)
            end.told_bytes += len(frame)
            self._say(PacketKind.CREDIT, end.wire, end.told_bytes.to_bytes(8, "big"))
        end.link.close(CLOSED)

    def _end(self, end: _End, code: str) -> None:
        """The other side ended it, or the line did."""
        self._forget(end)
        if not end.answered.is_set():
            end.answered.set()
        elif code == CLOSED:
            end.inbox.put_nowait(None)  # behind what has come
        else:
            self._say(PacketKind.END, end.wire)
            end.link.close(code)

    def _forget(self, end: _End) -> None:
        if self._ends.get(end.wire) is end:
            del self._ends[end.wire]

    # --- What goes

    def _say(self, kind: PacketKind, wire: bytes, payload: bytes = b"") -> None:
        self._said[kind, wire] = payload
        self._wake()

    @property
    def _crowded(self) -> bool:
        """The other end makes us say more than it reads: strangers are not answered until it does."""
        return len(self._said) >= _SAID_MAX

    def _say_announcement(self) -> None:
        if self._announcement:
            self._say(PacketKind.ANNOUNCE, _NOBODY, self._announcement)

    def _wake(self) -> None:
        self._news.set()

    async def _announce_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(ANNOUNCED_EVERY_S)
            self._say_announcement()

    async def _write(self) -> None:
        try:
            while True:
                self._news.clear()
                while (packet := self._next()) is not None:
                    await self._stream.write(packet.encode())
                await self._news.wait()
        except OSError:
            self._stream.close()  # and `run` hears of it

    def _next(self) -> Packet | None:
        """What is short and said first; then a part of a frame, links in turn."""
        if self._said:
            (kind, wire), payload = next(iter(self._said.items()))
            del self._said[kind, wire]
            return Packet(kind=kind, link=wire, payload=payload)
        for _ in range(len(self._turns)):
            end = self._turns.popleft()
            if self._ends.get(end.wire) is not end or (end.link.end.done() and not end.link.queue):
                end.left.set()
                continue
            part = self._part(end)
            self._turns.append(end)
            if part is not None:
                return part
        return None

    def _part(self, end: _End) -> Packet | None:
        link = end.link
        while link.queue and not isinstance(link.queue[0], bytes):
            told = link.queue.popleft()
            assert not isinstance(told, bytes)
            if not link.end.done():
                told()
        if link.end.done() and not link.queue:
            self._wake()  # once more, to be let go of
        room = min(_PART_BYTES_MAX, end.credit_bytes - end.sent_bytes)
        if not link.queue or room <= 0 or link.abrupt:
            return None
        frame = link.queue[0]
        assert isinstance(frame, bytes)
        data = frame[link.offset : link.offset + room]
        link.offset += len(data)
        last = link.offset == len(frame)
        head = (end.sent_parts % _PLACES).to_bytes(4, "big") + (b"\x01" if last else b"\x00")
        end.sent_parts += 1
        end.sent_bytes += len(data)
        if last:
            link.queue.popleft()
            link.queued_bytes -= len(frame)
            link.offset = 0
        return Packet(kind=PacketKind.PART, link=end.wire, payload=head + data)
