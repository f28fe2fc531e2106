"""Pictures freed of what cameras and programs wrote beside the picture: place, time, device, owner, previews.

Law: of the formats known here (JPEG, PNG, WebP) only what is needed to draw the picture stays; a file that
claims to be one of them and does not parse is refused, never passed on as it is. Nothing is decoded: the
pixels stay as they were, and so does whatever can be seen, or is hidden, in them.

What stays: how to turn the picture (in an EXIF block of our own that holds nothing else), transparency,
gamma, animation. What goes: EXIF, XMP, IPTC, comments, colour profiles (they can name a screen or camera),
thumbnails, maker notes, private blocks, and whatever stands behind the picture's end.
"""

from __future__ import annotations

import struct
from typing import Final

from meshcoal.errors import BadArgument

_JPEG: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_STANDALONE: Final = frozenset((0x01, *range(0xD0, 0xD8)))
_JPEG_DRAWS: Final = frozenset((0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF)) | frozenset(
    marker for marker in range(0xC0, 0xD0) if marker not in (0xC4, 0xC8, 0xCC)
)
_PNG_DRAWS: Final = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD",
     b"cICP", b"acTL", b"fcTL", b"fdAT")
)  # fmt: skip
_WEBP_DRAWS: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"))
_WEBP_FRAME_DRAWS: Final = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_WEBP_FLAGS_KEPT: Final = 0x12  # transparency, animation; not: profile, EXIF, XMP
_ORIENTATION: Final = 0x0112
_BROKEN: Final = "This picture does not parse, so what is hidden in it cannot be taken out."


def is_picture(data: bytes) -> bool:
    """Whether `cleaned` knows this format, by its first bytes."""
    return data.startswith((_JPEG, _PNG)) or _is_webp(data)


def cleaned(data: bytes) -> bytes:
    """The same picture without what is beside it; a file of another format as it is.

    Raises:
        BadArgument: it claims to be a picture of a format known here, and does not parse.
    """
    try:
        if data.startswith(_JPEG):
            return _jpeg(data)
        if data.startswith(_PNG):
            return _png(data)
        if _is_webp(data):
            return _webp(data)
    except (IndexError, struct.error) as exc:
        raise BadArgument(_BROKEN) from exc
    return data


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _need(fits: bool) -> None:
    if not fits:
        raise BadArgument(_BROKEN)


# --- JPEG: ITU-T T.81, annex B; EXIF 2.32


def _jpeg(data: bytes) -> bytes:
    out = [_JPEG]
    turned = 1
    at = 2
    while True:
        _need(data[at] == 0xFF)
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker == 0xD9:
            break
        if marker in _STANDALONE:
            out.append(bytes((0xFF, marker)))
            continue
        (length,) = struct.unpack_from(">H", data, at)
        _need(length >= 2 and at + length <= len(data))
        segment = data[at + 2 : at + length]
        at += length
        if marker == 0xE0 and segment.startswith(b"JFIF\x00"):
            _need(len(segment) >= 14)
            segment = segment[:12] + b"\x00\x00"  # no thumbnail
        elif marker == 0xE1 and segment.startswith(b"Exif\x00\x00"):
            turned = _turned(segment[6:])
            continue
        elif marker == 0xEE and segment.startswith(b"Adobe"):
            segment = segment[:12]  # how colours are coded: without it some are drawn wrongly
        elif marker not in _JPEG_DRAWS:
            continue
        out.append(struct.pack(">BBH", 0xFF, marker, len(segment) + 2) + segment)
        if marker == 0xDA:
            end = _scan_end(data, at)
            out.append(data[at:end])
            at = end
    if turned != 1:
        out.insert(1, _exif(turned))
    return b"".join(out) + b"\xff\xd9"


def _scan_end(data: bytes, at: int) -> int:
    """Where the coded pixels end that begin here: at the next marker that is none of theirs."""
    while True:
        at = data.find(b"\xff", at)
        _need(at >= 0)
        if data[at + 1] != 0 and data[at + 1] not in _STANDALONE:
            return at
        at += 2


def _turned(tiff: bytes) -> int:
    """The orientation that an EXIF block names, 1 to 8; 1 where there is none or it does not parse."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, values, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
            if (tag, kind, values) == (_ORIENTATION, 3, 1) and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return 1
    return 1


def _exif(turned: int) -> bytes:
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)
    segment = b"Exif\x00\x00" + tiff
    return struct.pack(">BBH", 0xFF, 0xE1, len(segment) + 2) + segment


# --- PNG, third edition, section 5


def _png(data: bytes) -> bytes:
    out = [_PNG]
    at = len(_PNG)
    while True:
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        end = at + 12 + length
        _need(len(kind) == 4 and end <= len(data))
        if kind in _PNG_DRAWS:
            out.append(data[at:end])
        else:
            _need(bool(kind[0] & 0x20))  # a part that must be understood, and is not
        at = end
        if kind == b"IEND":
            return b"".join(out)


# --- WebP: RFC 9649


def _webp(data: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", data, 4)
    _need(8 + length <= len(data))
    body = _webp_chunks(data[12 : 8 + length], _WEBP_DRAWS)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WEBP") + body


def _webp_chunks(data: bytes, drawn: frozenset[bytes]) -> bytes:
    out = []
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        payload = data[at + 8 : at + 8 + length]
        _need(len(payload) == length)
        at += 8 + length + length % 2
        if kind not in drawn:
            continue
        if kind == b"VP8X":
            _need(length == 10)
            payload = bytes((payload[0] & _WEBP_FLAGS_KEPT,)) + payload[1:]
        elif kind == b"ANMF":
            _need(length >= 16)
            payload = payload[:16] + _webp_chunks(payload[16:], _WEBP_FRAME_DRAWS)
        out.append(struct.pack("<4sI", kind, len(payload)) + payload + b"\x00" * (len(payload) % 2))
    return b"".join(out)
