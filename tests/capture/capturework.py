"""What crosses a path, taken apart, and the three checks that every path must stand.

Law: a path shows no secret in any common spelling, nothing of eight bytes or more twice (in two sessions, or
in one), and no frame that is not of a size class. What is constant is matched whole by a pattern that stands
here with its reason; a byte that no pattern explains is checked like all others. `test_capture_checks.py`
shows for each check that it finds what it is there to find.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.handshake import TAG_BYTES
from meshcoal.daemon.backing import HomeBacking
from meshcoal.errors import Malformed
from meshcoal.limits import PADDING_CLASSES_BYTES
from meshcoal.net.packets import Packet, PacketKind, Unpacker
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sync.knock import HANDSHAKE_FRAME_BYTES
from meshcoal.wire import canonical

WINDOW_BYTES: Final = 8  # by chance nothing so long comes twice in a few MiB
PIECE_BYTES: Final = 16
LINK_FRAME_BYTES: Final = frozenset(
    {HANDSHAKE_FRAME_BYTES, *[size + TAG_BYTES for size in PADDING_CLASSES_BYTES]}
)


# --- The three checks. Each returns what it found; a test says that it is nothing.


def canaries(parts: Iterable[bytes], secrets: Mapping[str, bytes]) -> set[str]:
    """Names of those secrets of which a piece can be read in `parts`, in any of `spellings`."""
    heads: dict[bytes, list[tuple[bytes, str]]] = {}
    assert len(secrets) > 0, "an empty list would make an empty search"
    for name, secret in secrets.items():
        for piece in pieces(secret):
            heads.setdefault(piece[:WINDOW_BYTES], []).append((piece, name))
    found = set()
    for part in parts:
        for at in range(len(part) - WINDOW_BYTES + 1):
            for piece, name in heads.get(part[at : at + WINDOW_BYTES], ()):
                if part.startswith(piece, at):
                    found.add(name)
    return found


def twice(parts: Iterable[bytes], *, stride: int = 1) -> set[bytes]:
    """Whatever stands in two places of `parts`: every eight bytes; with a longer `stride` every
    7 + `stride`, in a fraction of the memory."""
    kept = list(parts)
    seen: dict[bytes, tuple[int, int]] = {}
    found = set()
    for number, part in enumerate(kept):
        for at in range(0, len(part) - WINDOW_BYTES + 1, stride):
            window = part[at : at + WINDOW_BYTES]
            if seen.setdefault(window, (number, at)) != (number, at):
                found.add(window)
    if stride > 1:
        for number, part in enumerate(kept):
            for at in range(len(part) - WINDOW_BYTES + 1):
                window = part[at : at + WINDOW_BYTES]
                if seen.get(window, (number, at)) != (number, at):
                    found.add(window)
    return found


def in_both(first: Iterable[bytes], second: Iterable[bytes]) -> set[bytes]:
    """Eight bytes that stand in one session and in the other, where one session may repeat itself."""
    windows = [
        {part[at : at + WINDOW_BYTES] for part in parts for at in range(len(part) - WINDOW_BYTES + 1)}
        for parts in (first, second)
    ]
    return windows[0] & windows[1]


def odd_sizes(frames: Iterable[bytes], allowed: frozenset[int] = LINK_FRAME_BYTES) -> set[int]:
    """Lengths that are of no class."""
    return {len(frame) for frame in frames} - allowed


# --- Secrets


def spellings(secret: bytes) -> Iterator[bytes]:
    """The secret as it may stand somewhere: itself, backwards, UTF-16, hexadecimal, base 32 and base 64."""
    plain = [secret, secret[::-1]]
    try:
        text = secret.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        plain += [text.upper().encode(), text.lower().encode(), text.encode("utf-16-le")]
        plain += [text.encode("utf-16-be"), text.encode("unicode_escape")]
    yield from plain
    for data in (secret, secret[::-1]):
        yield data.hex().encode()
        yield data.hex().upper().encode()
    for group, encode in ((3, base64.b64encode), (3, base64.urlsafe_b64encode), (5, base64.b32encode)):
        for offset in range(group):
            # The first and last group also hold bits of what stands beside the secret.
            whole = encode(bytes(offset) + secret)
            letters = 4 if group == 3 else 8
            inner = whole[letters if offset else 0 : len(whole) - letters]
            yield inner
            if group == 5:
                yield inner.lower()


def pieces(secret: bytes) -> set[bytes]:
    """Parts of each spelling of which one is enough to give the secret away."""
    found = set()
    for number, spelled in enumerate(spellings(secret)):
        step = WINDOW_BYTES if number == 0 else PIECE_BYTES
        if len(spelled) < step:
            found.add(spelled)
        found |= {spelled[at : at + step] for at in range(0, len(spelled) - step + 1, step)}
    return {piece for piece in found if len(piece) >= WINDOW_BYTES and len(set(piece)) > 3}


def secrets_of(home: Path, passphrase: str) -> dict[str, bytes]:
    """Everything that a node keeps, key by key and text by text. Its daemon must not run.

    Ids, names, texts, addresses, and the bytes of all its keys: whatever stands in its store as bytes of 16
    and more, or as a text of 8 and more.
    """
    backing = HomeBacking(home)
    store = backing.open(backing.unwrap(passphrase))
    try:
        rows = store._database.rows
        found: dict[str, bytes] = {}
        for table in ("documents", "secrets"):
            for space, key, value in rows(f"SELECT space, key, value FROM {table}"):
                _gather(found, f"{space} key", key)
                _gather(found, space, _value(value))
        for table in ("campaigns", "authors", "channels", "epochs", "operations"):
            for (identifier,) in rows(f"SELECT id FROM {table}"):
                _gather(found, f"{table} id", identifier)
        for (body,) in rows("SELECT body FROM bodies"):
            _gather(found, "body", _value(body))
        for (text,) in rows("SELECT text FROM messages"):
            _gather(found, "message", _value(text) if isinstance(text, bytes) else text)
    finally:
        store.close()
    return found


def disk_secrets(disk: MemoryDisk) -> dict[str, bytes]:
    """The same of a simulated node."""
    found: dict[str, bytes] = {}
    for space, values in disk._spaces.items():
        for key, value in values.items():
            _gather(found, f"{space} key", key)
            _gather(found, space, _value(value))
    assert len(found) > 50, "a store that tells little would make an empty search"
    return found


def _value(data: bytes) -> object:
    try:
        return canonical.reread(data)
    except (ValueError, Malformed):
        return data


def _gather(found: dict[str, bytes], name: str, value: object) -> None:
    if isinstance(value, tuple):
        for number, one in enumerate(value):
            _gather(found, f"{name}.{number}", one)
        return
    if isinstance(value, str):
        value = value.encode("utf-8")
    elif not isinstance(value, bytes) or len(value) < 16:
        return
    if len(value) >= WINDOW_BYTES:
        found.setdefault(f"{name} {len(found)}", value)


# --- Constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """Bytes that may stand in every session, and why."""

    pattern: re.Pattern[bytes]
    reason: str


OPENING: Final = (
    Constant(
        pattern=re.compile(
            rb"GET /link HTTP/1\.1\r\nHost: [a-z0-9.:\[\]-]{1,80}\r\nUpgrade: websocket\r\n"
            rb"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            rb"Sec-WebSocket-Key: [A-Za-z0-9+/]{22}==\r\n\r\n"
        ),
        reason="a WebSocket begins so; the host is the one dialled, the key is drawn for each connection",
    ),
    Constant(
        pattern=re.compile(
            rb"HTTP/1\.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
            rb"Sec-WebSocket-Accept: [A-Za-z0-9+/]{27}=\r\n"
            rb"Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n\r\n"
        ),
        reason="and is answered so; the date is what the clock says",
    ),
)


# --- WebSockets


@dataclass(slots=True)
class Opened:
    """One direction of a WebSocket: its frames, and their bytes as they are on the wire."""

    frames: list[bytes] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)  # under the mask, which a client draws for each
    closed: bool = False


def websocket(stream: bytes) -> Opened:
    """Take apart a direction of a connection. Whatever is not of `docs/protocol/websocket.md` is an error."""
    for constant in OPENING:
        head = constant.pattern.match(stream)
        if head is not None:
            break
    assert head is not None, f"an opening that is not listed: {stream[:400]!r}"
    opened = Opened()
    at = head.end()
    while at + 2 <= len(stream):
        first, second = stream[at], stream[at + 1]
        at += 2
        assert not opened.closed, "nothing follows a goodbye"
        assert first in (0x82, 0x88), f"neither a whole binary message nor a goodbye: {first:#x}"
        size = second & 0x7F
        if size > 125:
            width = 2 if size == 126 else 8
            size = int.from_bytes(stream[at : at + width], "big")
            at += width
        mask = stream[at : at + 4] if second & 0x80 else b""
        at += len(mask)
        raw = stream[at : at + size]
        at += size
        if len(raw) < size:
            break  # it was cut off here
        if first == 0x88:
            opened.closed = True
            assert _unmasked(raw, mask) in (b"", b"\x03\xe8"), "a goodbye tells nothing"
            continue
        opened.frames.append(_unmasked(raw, mask))
        opened.sealed.append(raw)
    return opened


def _unmasked(raw: bytes, mask: bytes) -> bytes:
    if not mask:
        return raw
    long = mask * (len(raw) // 4 + 1)
    return (int.from_bytes(raw, "big") ^ int.from_bytes(long[: len(raw)], "big")).to_bytes(len(raw), "big")


def check_links(streams: Iterable[Stream], secrets: Mapping[str, bytes]) -> list[bytes]:
    """All three checks over connections that carry links. Returns their frames."""
    opened = [websocket(stream.data) for stream in streams]
    frames = [frame for one in opened for frame in one.frames]
    masked = [raw for one in opened for raw in one.sealed]
    assert odd_sizes(frames) == set()
    assert canaries([*frames, *masked], secrets) == set()
    assert twice(frames) == set()
    return frames


# --- TCP


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One direction of one TCP connection."""

    source: str
    source_port: int
    target: str
    target_port: int
    data: bytes


@dataclass(slots=True)
class _Flow:
    begun: int  # sequence number of its first byte
    parts: dict[int, bytes] = field(default_factory=dict)


def streams(frames: Iterable[bytes], *, whole: bool = True) -> list[Stream]:
    """Put together what crossed an Ethernet. A flow whose beginning was not seen is left out.

    Unless `whole` is off: then it begins with what was seen of it first.
    """
    flows: dict[tuple[str, int, str, int], _Flow] = {}
    ended: list[tuple[tuple[str, int, str, int], _Flow]] = []
    for frame in frames:
        segment = _segment(frame)
        if segment is None:
            continue
        key, sequence, flags, data = segment
        if flags & 2:  # SYN
            old = flows.get(key)
            if old is None or old.begun != (sequence + 1) % 2**32:
                if old is not None:
                    ended.append((key, old))
                flows[key] = _Flow((sequence + 1) % 2**32)
        elif data and (key in flows or not whole):
            flow = flows.setdefault(key, _Flow(sequence))
            place = (sequence - flow.begun) % 2**32
            if len(data) > len(flow.parts.get(place, b"")):
                flow.parts[place] = data
    return [
        Stream(source=key[0], source_port=key[1], target=key[2], target_port=key[3], data=_joined(flow))
        for key, flow in [*ended, *flows.items()]
    ]


def segment_of(frame: bytes) -> int:
    """How many bytes of a connection are in what crossed an Ethernet."""
    segment = _segment(frame)
    return len(segment[3]) if segment is not None else 0


def _joined(flow: _Flow) -> bytes:
    whole = bytearray()
    for place in sorted(flow.parts):
        if place > len(whole):
            break  # a segment was not seen
        whole += flow.parts[place][len(whole) - place :]
    return bytes(whole)


def _segment(frame: bytes) -> tuple[tuple[str, int, str, int], int, int, bytes] | None:
    """Addresses and ports, sequence number, flags and payload of a TCP segment over IPv4 or IPv6."""
    kind = frame[12:14]
    packet = frame[14:]
    if kind == b"\x08\x00" and packet[9:10] == b"\x06":
        head, size = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big")
        source, target = packet[12:16].hex(), packet[16:20].hex()
    elif kind == b"\x86\xdd" and packet[6:7] == b"\x06":
        head, size = 40, 40 + int.from_bytes(packet[4:6], "big")
        source, target = packet[8:24].hex(), packet[24:40].hex()
    else:
        return None
    tcp = packet[head:size]
    source_port, target_port, sequence, _, offset, flags = struct.unpack(">HHIIBB", tcp[:14])
    return (source, source_port, target, target_port), sequence, flags, tcp[(offset >> 4) * 4 :]


# --- Lines


@dataclass(slots=True)
class OnLine:
    """One direction of a line: frames of its links, and the announcements."""

    frames: list[bytes] = field(default_factory=list)
    announced: list[bytes] = field(default_factory=list)
    numbers: list[bytes] = field(default_factory=list)  # of links that were opened


def line(data: bytes, *, cuts: int = 0) -> OnLine:
    """Take apart what one end of a line sent. Whatever is not of `docs/protocol/line.md` is an error.

    Of a packet nothing is constant but what is looked at here: its kind, the place of a part, a credit.

    Args:
        cuts: how often the sender ended in the middle of a packet, at most.
    """
    unpacker = Unpacker()
    seen = OnLine()
    coming: dict[bytes, tuple[int, bytes]] = {}
    for packet in unpacker.feed(data):
        _hear(seen, coming, packet)
    assert unpacker.damaged <= cuts
    return seen


def _hear(seen: OnLine, coming: dict[bytes, tuple[int, bytes]], packet: Packet) -> None:
    payload = packet.payload
    match packet.kind:
        case PacketKind.ANNOUNCE:
            assert packet.link == bytes(4)
            if payload not in seen.announced[-1:]:
                seen.announced.append(payload)
        case PacketKind.PART:
            place, before = coming.get(packet.link, (0, b""))
            assert int.from_bytes(payload[:4], "big") == place, "parts count from 0"
            whole = before + payload[5:]
            if payload[4]:
                seen.frames.append(whole)
                whole = b""
            coming[packet.link] = place + 1, whole
        case PacketKind.CREDIT:
            assert len(payload) == 8, "a credit is a number"
        case PacketKind.OPEN:
            seen.numbers.append(packet.link)
            assert not payload
        case PacketKind.ACCEPT | PacketKind.END:
            assert not payload, "it has nothing to say"


# --- Views


def record_secrets(name: str, views: Sequence[Any]) -> dict[str, bytes]:
    """What views hold, as `secrets_of` takes it from a store."""
    found: dict[str, bytes] = {}
    for view in views:
        _walk(found, f"{name} {type(view).__name__}", view)
    return found


def _walk(found: dict[str, bytes], name: str, value: Any) -> None:
    if isinstance(value, tuple):
        for one in value:
            _walk(found, name, one)
    elif hasattr(value, "__slots__") and hasattr(value, "__dataclass_fields__"):
        for slot in value.__dataclass_fields__:
            _walk(found, f"{name}.{slot}", getattr(value, slot))
    else:
        _gather(found, name, value)
