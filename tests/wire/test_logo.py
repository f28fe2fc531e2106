"""Logos: what is one, and what is taken out of a file that somebody chose."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import BadArgument, MalformedPackage
from meshcoal.limits import LOGO_BYTES_MAX, LOGO_SIDE_PIXELS_MAX
from meshcoal.wire.logo import check_logo, clean_logo, is_logo, logo_digest

START = b"\x89PNG\r\n\x1a\n"


def part(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def png(width: int = 2, height: int = 2, *, depth: int = 8, colour: int = 2, between: bytes = b"") -> bytes:
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([depth, colour, 0, 0, 0])
    rows = zlib.compress((b"\0" + bytes(6)) * 2)
    return START + part(b"IHDR", head) + between + part(b"IDAT", rows) + part(b"IEND", b"")


def test_a_small_still_picture_is_a_logo() -> None:
    """Goal: the ordinary works. Method: sizes, kinds of colour, a palette and transparency."""
    assert check_logo(png()) == (2, 2)
    assert check_logo(png(LOGO_SIDE_PIXELS_MAX, 1)) == (LOGO_SIDE_PIXELS_MAX, 1)
    for depth, colour in ((1, 0), (16, 2), (8, 3), (8, 4), (16, 6)):
        assert check_logo(png(depth=depth, colour=colour)) == (2, 2)
    assert check_logo(png(colour=3, between=part(b"PLTE", bytes(6)) + part(b"tRNS", b"\0"))) == (2, 2)
    assert len(logo_digest(png())) == 32


@pytest.mark.parametrize(
    "data",
    [
        b"",
        START,
        b"GIF89a" + bytes(60),
        png(0),
        png(LOGO_SIDE_PIXELS_MAX + 1),
        png(2**31),
        png(depth=3),
        png(colour=1),
        png(depth=16, colour=3),
        png(between=part(b"tEXt", b"Author\0Ana")),
        png(between=part(b"acTL", bytes(8))),
        png()[:-1],
        png() + b"x",
        png() + part(b"IEND", b""),
        START + part(b"IDAT", b"") + png()[8:],
        START + part(b"IHDR", bytes(12)) + part(b"IDAT", b"") + part(b"IEND", b""),
        png()[:33] + part(b"IDAT", bytes(LOGO_BYTES_MAX)) + part(b"IEND", b""),
    ],
    ids=range(17),
)
def test_anything_else_is_none(data: bytes) -> None:
    """Goal: no browser is handed what is large, moves, or hides something. Method: one fault each."""
    assert not is_logo(data)
    with pytest.raises(MalformedPackage):
        check_logo(data)


def test_what_programs_wrote_beside_the_picture_is_taken_out() -> None:
    """Goal: no name or place leaves in a logo. Method: a text, a profile and a time; then nothing of them."""
    hidden = part(b"tEXt", b"Author\0Ana") + part(b"iCCP", b"Anas screen") + part(b"tIME", bytes(7))
    clean = clean_logo(png(between=hidden))
    assert clean == png()
    assert b"Ana" not in clean
    for bad in (b"not a picture", png(LOGO_SIDE_PIXELS_MAX + 1), png()[:-1]):
        with pytest.raises(BadArgument):
            clean_logo(bad)


@given(data=st.binary(max_size=200).map(lambda tail: START + tail) | st.binary(max_size=100))
def test_any_bytes_are_judged(data: bytes) -> None:
    """Goal: the reader is total. Method: arbitrary bytes."""
    assert not is_logo(data)
    with pytest.raises(BadArgument):
        clean_logo(data)
