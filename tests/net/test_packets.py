"""Packets on a line: whole, or let go of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.net.packets import PAYLOAD_BYTES_MAX, Packet, PacketKind, Unpacker, stuff, unstuff

packets = st.builds(
    Packet,
    kind=st.sampled_from(PacketKind),
    link=st.binary(min_size=4, max_size=4),
    payload=st.one_of(
        st.binary(max_size=600), st.integers(0, PAYLOAD_BYTES_MAX).map(bytes), st.just(b"\xff" * 1_024)
    ),
)


@given(st.one_of(st.binary(max_size=2_000), st.integers(0, 1_100).map(lambda size: b"x" * size)))
def test_stuffing_leaves_no_zero_and_is_undone(plain: bytes) -> None:
    """Goal: a zero ends a packet and nothing else. Method: random bytes, long runs without a zero."""
    stuffed = stuff(plain)
    assert 0 not in stuffed
    assert len(stuffed) <= len(plain) + len(plain) // 254 + 1
    assert unstuff(stuffed) == plain


@given(st.binary(max_size=600))
def test_any_bytes_are_unstuffed_or_refused(data: bytes) -> None:
    """Goal: total. Method: random bytes."""
    plain = unstuff(data)
    assert plain is None or len(plain) <= len(data)


@given(st.lists(packets, max_size=8), st.data())
def test_packets_come_out_whatever_the_pieces(sent: list[Packet], data: st.DataObject) -> None:
    """Goal: pieces of any size. Method: cut the bytes anywhere."""
    whole = b"".join([packet.encode() for packet in sent])
    unpacker = Unpacker()
    got: list[Packet] = []
    while whole:
        size = data.draw(st.integers(1, len(whole)))
        got += unpacker.feed(whole[:size])
        whole = whole[size:]
    assert got == sent
    assert unpacker.damaged == 0


@given(st.lists(packets, min_size=3, max_size=6), st.data())
def test_a_changed_byte_costs_the_packets_it_touches(sent: list[Packet], data: st.DataObject) -> None:
    """Goal: noise is local. Method: change one byte; only a packet or two are missing, none is false."""
    whole = bytearray(b"".join([packet.encode() for packet in sent]))
    at = data.draw(st.integers(0, len(whole) - 2))  # the last zero alone would leave one waiting
    whole[at] ^= data.draw(st.integers(1, 255))
    unpacker = Unpacker()
    got = unpacker.feed(bytes(whole))
    assert all(packet in sent for packet in got)
    assert len(sent) - 2 <= len(got) <= len(sent)
    assert unpacker.damaged >= 1 or len(got) == len(sent)


def test_what_never_ends_is_let_go_of() -> None:
    """Goal: bounded. Method: ten megabytes without a zero, then a packet."""
    unpacker = Unpacker()
    for _ in range(10):
        assert unpacker.feed(b"\x01" * 2**20) == []
        assert len(unpacker._held) < 2_000
    packet = Packet(kind=PacketKind.END, link=b"abcd")
    assert unpacker.feed(b"\x00" + packet.encode()) == [packet]
    assert unpacker.damaged == 1


@given(st.binary(max_size=3_000))
def test_noise_is_no_packet(data: bytes) -> None:
    """Goal: nothing false comes out. Method: random bytes; a false one has a chance of 2^-32."""
    assert Unpacker().feed(data) == []
