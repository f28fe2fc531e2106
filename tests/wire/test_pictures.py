"""Pictures lose what their makers wrote beside them, and nothing that is drawn."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.errors import BadArgument
from meshcoal.wire.pictures import cleaned, is_picture

SECRET = b"GPS 35.6892 N 51.3890 E, iPhone of Ana"


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def exif(turned: int, order: str = "<") -> bytes:
    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(f"{order}I", 8)
    return (
        b"Exif\x00\x00" + head + struct.pack(f"{order}HHHIHH", 1, 0x0112, 3, 1, turned, 0)
        + struct.pack(f"{order}I", 0) + SECRET
    )  # fmt: skip


TABLES = segment(0xDB, bytes(65)) + segment(0xC0, bytes(15)) + segment(0xC4, bytes(20))
SCAN = segment(0xDA, bytes(10)) + b"pixels\xff\x00more\xff\xd0pixels"
JFIF = segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x48\x00\x48\x00\x00")
JPEG = b"\xff\xd8" + JFIF + TABLES + SCAN + b"\xff\xd9"


def test_jpeg() -> None:
    """Goal: nothing beside the picture stays. Method: put a secret everywhere that a JPEG has room for it."""
    thumbnail = segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x48\x00\x48\x01\x01" + SECRET)
    dirty = (
        b"\xff\xd8" + thumbnail + segment(0xE0, b"JFXX\x00" + SECRET) + segment(0xE1, exif(1))
        + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + SECRET)
        + segment(0xE2, b"ICC_PROFILE\x00" + SECRET)
        + segment(0xE2, b"MPF\x00" + SECRET) + segment(0xED, b"Photoshop 3.0\x00" + SECRET)
        + segment(0xFE, SECRET) + TABLES + SCAN + segment(0xFE, SECRET) + SCAN + b"\xff\xd9" + SECRET
    )  # fmt: skip
    assert cleaned(dirty) == b"\xff\xd8" + JFIF + TABLES + SCAN + SCAN + b"\xff\xd9"
    assert cleaned(JPEG) == JPEG


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turned", range(1, 9))
def test_jpeg_stays_upright(order: str, turned: int) -> None:
    """Goal: a picture is not shown on its side. Method: each orientation, in both byte orders."""
    dirty = b"\xff\xd8" + segment(0xE1, exif(turned, order)) + TABLES + SCAN + b"\xff\xd9"
    once = cleaned(dirty)
    assert SECRET not in once
    assert cleaned(once) == once
    assert (b"Exif" in once) == (turned != 1)
    if turned != 1:
        assert once[2:] == segment(0xE1, once[6 : 6 + 32]) + TABLES + SCAN + b"\xff\xd9"
        assert struct.unpack(">HHIH", once[22:32]) == (0x0112, 3, 1, turned)


def test_jpeg_with_adobe_colours() -> None:
    """Goal: colours stay as they were coded. Method: an Adobe segment with something behind it."""
    adobe = b"Adobe\x00\x64\x00\x00\x00\x00\x01"
    dirty = b"\xff\xd8" + segment(0xEE, adobe + SECRET) + TABLES + SCAN + b"\xff\xd9"
    assert cleaned(dirty) == b"\xff\xd8" + segment(0xEE, adobe) + TABLES + SCAN + b"\xff\xd9"


def part(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


PNG_HEAD = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", bytes(13))
PNG_TAIL = part(b"IDAT", b"pixels") + part(b"IEND", b"")


def test_png() -> None:
    """Goal: as with JPEG. Method: text, time, EXIF, profile, private parts, and bytes behind the end."""
    hiding = b"".join(
        part(kind, SECRET)
        for kind in (b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf", b"iCCP", b"pHYs", b"caNv")
    )
    kept = part(b"tRNS", b"\x00\x01")
    assert cleaned(PNG_HEAD + hiding + kept + PNG_TAIL + SECRET) == PNG_HEAD + kept + PNG_TAIL
    with pytest.raises(BadArgument):
        cleaned(PNG_HEAD + part(b"CgBI", SECRET) + PNG_TAIL)


def riff(kind: bytes, payload: bytes) -> bytes:
    return struct.pack("<4sI", kind, len(payload)) + payload + b"\x00" * (len(payload) % 2)


def webp(*parts: bytes) -> bytes:
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_webp() -> None:
    """Goal: as with JPEG, in frames too. Method: a moving picture with profile, EXIF and XMP."""
    head = bytes((0x3E,)) + bytes(9)
    frame = bytes(16) + riff(b"VP8 ", b"odd")
    dirty = webp(
        riff(b"VP8X", head), riff(b"ICCP", SECRET), riff(b"ANMF", frame + riff(b"XXXX", SECRET)),
        riff(b"EXIF", SECRET), riff(b"XMP ", SECRET), riff(b"what", SECRET),
    )  # fmt: skip
    clean = webp(riff(b"VP8X", bytes((0x12,)) + bytes(9)), riff(b"ANMF", frame))
    assert cleaned(dirty + SECRET) == clean
    assert cleaned(clean) == clean


@pytest.mark.parametrize("picture", [JPEG, PNG_HEAD + PNG_TAIL, webp(riff(b"VP8L", b"pixels"))])
def test_cut_off(picture: bytes) -> None:
    """Goal: what does not parse is refused. Method: cut a picture at each byte."""
    assert cleaned(picture) == picture
    for end in range(12, len(picture)):
        assert is_picture(picture[:end])
        with pytest.raises(BadArgument):
            cleaned(picture[:end])


def test_other_files_stay_as_they_are() -> None:
    """Goal: only pictures are touched. Method: a PDF and nothing."""
    for data in (b"", b"%PDF-1.7 " + SECRET):
        assert not is_picture(data)
        assert cleaned(data) == data


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=400), kind=st.sampled_from([JPEG, PNG_HEAD + PNG_TAIL, webp(riff(b"VP8 ", b"p"))])
)
def test_nonsense_is_refused_or_cleaned_for_good(data: bytes, kind: bytes) -> None:
    """Goal: total, and once is enough. Method: random bytes at random places of pictures."""
    for at in (2, 8, 20, len(kind) - 2):
        try:
            once = cleaned(kind[:at] + data + kind[at:])
        except BadArgument:
            continue
        assert cleaned(once) == once
