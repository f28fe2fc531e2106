"""The checks of captures themselves: each finds what it is there to find, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import struct
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from capturework import (
    LINK_FRAME_BYTES,
    OPENING,
    Stream,
    canaries,
    check_links,
    in_both,
    line,
    odd_sizes,
    secrets_of,
    spellings,
    streams,
    twice,
    websocket,
)

from meshcoal.daemon.backing import HomeBacking
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB
from meshcoal.net.packets import Packet, PacketKind

KEY = hashlib.sha256(b"a key").digest()
NAME = "Анахита kestrel4711".encode()
ASKED = (
    b"GET /link HTTP/1.1\r\nHost: 10.99.0.1:7401\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def noise(name: str, size: int) -> bytes:
    return hashlib.shake_256(name.encode()).digest(size)


def message(data: bytes, mask: bytes = b"") -> bytes:
    """A binary message of RFC 6455."""
    bit = 0x80 if mask else 0
    head = b"\x82" + (bytes([bit | len(data)]) if len(data) < 126 else bytes([bit | 126]))
    size = b"" if len(data) < 126 else struct.pack(">H", len(data))
    hidden = bytes([byte ^ mask[at % 4] for at, byte in enumerate(data)]) if mask else data
    return head + size + mask + hidden


@pytest.mark.parametrize("secret", [KEY, NAME])
def test_a_secret_is_found_in_every_spelling(secret: bytes) -> None:
    """Goal: a silent search would prove nothing. Method: each spelling amid noise, at each offset of a
    group; a half of a key; then noise alone."""
    wanted = {"it": secret}
    for number, spelled in enumerate(spellings(secret)):
        amid = noise(f"a{number}", 50) + spelled + noise(f"b{number}", 50)
        assert canaries([amid], wanted) == {"it"}
    for offset in range(7):
        for encode in (base64.b64encode, base64.urlsafe_b64encode, base64.b32encode):
            assert canaries([encode(bytes(offset) + secret + b"tail")], wanted) == {"it"}
    assert canaries([noise("c", 30) + secret[:16]], wanted) == {"it"}
    assert canaries([noise("d", 30) + secret[8:20]], wanted) == {"it"}
    assert canaries([noise("e", 100_000)], wanted) == set()


def test_what_comes_twice_is_found() -> None:
    """Goal: an identifier of eight bytes is seen, at any place. Method: one in two streams, one in a single
    stream, seven bytes, noise; the cheap way to look finds all that is longer than its stride."""
    mark = b"\x01\x02\x03\x05\x07\x0b\x0d\x11"
    one, other = noise("one", 5_001) + mark + noise("two", 100), noise("three", 77) + mark
    assert twice([one, other]) == {mark}
    assert twice([one + other]) == {mark}
    assert twice([one, noise("three", 77) + mark[:7]]) == set()
    assert in_both([one], [other]) == {mark}
    assert in_both([one, one], [noise("four", 100)]) == set()
    long = noise("long", 23)
    for shift in range(17):
        assert twice([noise("f", 1_000) + long, noise("g", 900 + shift) + long], stride=16)
    assert twice([noise("f", 100_000), noise("g", 100_000)], stride=16) == set()


def test_a_size_of_no_class_is_found() -> None:
    """Goal: a frame that is not padded is seen. Method: each class, and one byte more."""
    assert odd_sizes([bytes(size) for size in LINK_FRAME_BYTES]) == set()
    assert odd_sizes([bytes(2_064), bytes(2_065)]) == {2_065}


def test_a_websocket_is_taken_apart_to_the_last_byte() -> None:
    """Goal: nothing hides between frames. Method: masked and plain messages; a header more, a text, a
    reason in the goodbye."""
    frames = [noise("x", 2_064), noise("y", 528)]
    asked = ASKED + b"".join([message(one, b"\x01\x02\x03\x04") for one in frames]) + b"\x88\x80abcd"
    opened = websocket(asked)
    assert opened.frames == frames
    assert opened.sealed != frames
    assert opened.closed
    assert websocket(asked[: len(ASKED) + 1_000]).frames == []
    for broken in (
        ASKED.replace(b"Host", b"User-Agent: meshcoal\r\nHost"),
        ASKED + b"\x81\x04anna",
        ASKED + b"\x88\x06\x03\xe8anna",
        ASKED + b"\x88\x00" + message(b"anna"),
    ):
        with pytest.raises(AssertionError):
            websocket(broken)
    assert all(constant.reason for constant in OPENING)


def test_a_link_that_shows_something_does_not_pass() -> None:
    """Goal: the three checks stand together. Method: a sound connection; a key in it; a frame twice; a
    frame of another size."""

    def connection(*frames: bytes) -> Stream:
        data = ASKED + b"".join([message(one, b"\x09\x08\x07\x06") for one in frames])
        return Stream(source="a", source_port=1, target="b", target_port=2, data=data)

    first, second = noise("first", 2_064), noise("second", 2_064)
    assert check_links([connection(first), connection(second)], {"key": KEY}) == [first, second]
    with_key = first[:100] + KEY + first[132:]
    for bad in ([with_key], [first, first], [first[:-1]], [first, second[:40] + first[40:48] + second[48:]]):
        with pytest.raises(AssertionError):
            check_links([connection(*bad)], {"key": KEY})


def segment(port: int, sequence: int, flags: int, data: bytes) -> bytes:
    """An Ethernet frame with IPv4 and TCP, as the kernel sends it."""
    tcp = struct.pack(">HHIIBBHHH", port, 7401, sequence % 2**32, 0, 5 << 4, flags, 0, 0, 0) + data
    packet = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, b"\x0a\x63\0\1", b"\x0a\x63\0\2"
    )
    return bytes(12) + b"\x08\x00" + packet + tcp


def test_connections_are_put_together_from_their_segments() -> None:
    """Goal: what was sent is read as it was sent. Method: segments out of order, sent again, overlapping,
    past the end of the numbers; two connections from one port."""
    begun = 2**32 - 3
    frames = [
        segment(1, begun, 2, b""),
        segment(1, begun + 4, 16, b"defg"),
        segment(1, begun + 1, 16, b"abc"),
        segment(1, begun + 1, 16, b"abcd"),
        segment(1, begun + 7, 16, b"ghi"),
        b"\xff" * 60,
        segment(1, 500, 2, b""),
        segment(1, 501, 16, b"again"),
        segment(1, 510, 16, b"behind a gap"),
        segment(2, 9, 16, b"whose beginning was not seen"),
    ]
    assert [one.data for one in streams(frames)] == [b"abcdefghi", b"again"]


def test_a_line_is_taken_apart_to_the_last_byte() -> None:
    """Goal: nothing hides in packets. Method: a frame in two parts; a packet with a word too much."""
    link = b"\x01\x02\x03\x04"
    parts = [
        Packet(kind=PacketKind.OPEN, link=link),
        Packet(kind=PacketKind.PART, link=link, payload=bytes(4) + b"\x00" + b"abc"),
        Packet(kind=PacketKind.PART, link=link, payload=bytes(3) + b"\x01\x01" + b"def"),
        Packet(kind=PacketKind.ANNOUNCE, link=bytes(4), payload=bytes(80)),
    ]
    data = b"".join([one.encode() for one in parts])
    seen = line(data)
    assert (seen.frames, seen.numbers, seen.announced) == ([b"abcdef"], [link], [bytes(80)])
    with pytest.raises(AssertionError):
        line(data + Packet(kind=PacketKind.END, link=link, payload=b"anna").encode())
    with pytest.raises(AssertionError):
        line(data + b"anna\x00")


def test_what_a_store_keeps_is_known(tmp_path: Path) -> None:
    """Goal: the list of secrets is not empty by mistake. Method: a fresh vault; its name and keys are
    among them."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    backing = HomeBacking(home, memory_kib=ARGON2_MEMORY_MIN_KIB)
    backing.create(name="Anahita kestrel4711", passphrase="correct horse", now_ms=1).close()
    secrets = secrets_of(home, "correct horse")
    assert b"Anahita kestrel4711" in secrets.values()
    assert any(len(one) == 32 for one in secrets.values()), "keys, too"
    assert len(secrets) > 1
