"""Packets on a line that carries bytes and nothing else, such as a serial port or a radio modem.

Law: a packet that was damaged is not one: it is let go of, and so is everything up to the next zero byte.
Bounded: what is not ended within the longest packet is let go of. Consistent Overhead Byte Stuffing (Cheshire
and Baker, 1999) keeps zero for the end of a packet; CRC-32 (IEEE 802.3) tells noise, not lies: who lies is
told by the seals above. Specified in docs/protocol/line.md.
"""

from __future__ import annotations

import enum
import zlib
from dataclasses import dataclass
from typing import Final

LINK_BYTES: Final = 4
PAYLOAD_BYTES_MAX: Final = 1_024
_HEAD_BYTES: Final = 1 + LINK_BYTES
_CHECK_BYTES: Final = 4
_PACKET_BYTES_MAX: Final = _HEAD_BYTES + PAYLOAD_BYTES_MAX + _CHECK_BYTES
_RUN_BYTES_MAX: Final = 254  # without a zero, in one block
_STUFFED_BYTES_MAX: Final = _PACKET_BYTES_MAX + _PACKET_BYTES_MAX // _RUN_BYTES_MAX + 1


class PacketKind(enum.IntEnum):
    ANNOUNCE = 1  # payload: an announcement (docs/protocol/nearby.md); link: zeros
    OPEN = 2  # somebody wants a link under this number, which they chose
    ACCEPT = 3
    PART = 4  # of a frame: its place in the link (4 bytes), 1 if the frame ends with it (1 byte), bytes
    CREDIT = 5  # so many bytes of frames may be sent in all, since the link stands (8 bytes)
    END = 6


_KINDS: Final = frozenset(PacketKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """`link` has 4 bytes, `payload` at most 1,024."""

    kind: PacketKind
    link: bytes
    payload: bytes = b""

    def encode(self) -> bytes:
        """With the zero that ends it."""
        assert len(self.link) == LINK_BYTES, "a link's number has four bytes"
        assert len(self.payload) <= PAYLOAD_BYTES_MAX, "a payload is bounded"
        plain = bytes([self.kind]) + self.link + self.payload
        return stuff(plain + zlib.crc32(plain).to_bytes(_CHECK_BYTES, "big")) + b"\x00"


class Unpacker:
    """Bytes in, packets out. `damaged` counts what was let go of."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._lost = False  # too long already: let go of everything up to the next zero
        self.damaged = 0

    def feed(self, data: bytes) -> list[Packet]:
        found = []
        *ended, rest = data.split(b"\x00")
        for part in ended:
            self._hold(part)
            if self._lost:
                self.damaged += 1
            elif self._held:
                packet = _packet(bytes(self._held))
                if packet is None:
                    self.damaged += 1
                else:
                    found.append(packet)
            self._held.clear()
            self._lost = False
        self._hold(rest)
        return found

    def _hold(self, part: bytes) -> None:
        if self._lost:
            return
        if len(self._held) + len(part) > _STUFFED_BYTES_MAX:
            self._held.clear()
            self._lost = True
        else:
            self._held += part


def _packet(stuffed: bytes) -> Packet | None:
    """None: damaged, or of a kind that is not known."""
    plain = unstuff(stuffed)
    if plain is None or len(plain) < _HEAD_BYTES + _CHECK_BYTES:
        return None
    said = plain[:-_CHECK_BYTES]
    if zlib.crc32(said).to_bytes(_CHECK_BYTES, "big") != plain[-_CHECK_BYTES:]:
        return None
    if said[0] not in _KINDS or len(said) > _HEAD_BYTES + PAYLOAD_BYTES_MAX:
        return None
    return Packet(kind=PacketKind(said[0]), link=said[1:_HEAD_BYTES], payload=said[_HEAD_BYTES:])


def stuff(plain: bytes) -> bytes:
    """The same without a zero: one byte longer, and one more for each 254 bytes without a zero."""
    stuffed = bytearray()
    for run in plain.split(b"\x00"):
        while len(run) >= _RUN_BYTES_MAX:
            stuffed.append(_RUN_BYTES_MAX + 1)
            stuffed += run[:_RUN_BYTES_MAX]
            run = run[_RUN_BYTES_MAX:]
        stuffed.append(len(run) + 1)
        stuffed += run
    return bytes(stuffed)


def unstuff(stuffed: bytes) -> bytes | None:
    """Inverse of `stuff`; None where nothing is stuffed so."""
    plain = bytearray()
    place = 0
    while place < len(stuffed):
        code = stuffed[place]
        end = place + code
        if code == 0 or end > len(stuffed):
            return None
        plain += stuffed[place + 1 : end]
        place = end
        if code <= _RUN_BYTES_MAX and place < len(stuffed):
            plain.append(0)
    return bytes(plain)
