"""A signatory's logo: a small PNG with nothing in it but the picture.

Law: its head is read here before any program draws it. What is larger than its bounds, moves, or holds
anything beside the picture is no logo. Nothing is decoded. Source: PNG (ISO/IEC 15948), sections 5.3 and 11.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import Final

from meshcoal.errors import BadArgument, MalformedPackage
from meshcoal.ids import Digest
from meshcoal.limits import LOGO_BYTES_MAX, LOGO_SIDE_PIXELS_MAX

_START: Final = b"\x89PNG\r\n\x1a\n"
_DRAWS: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}  # by colour type


def check_logo(data: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises `MalformedPackage` for what is no logo."""
    if len(data) > LOGO_BYTES_MAX:
        raise MalformedPackage("a logo is too large")
    chunks = list(_chunks(data))
    kinds = [kind for kind, _ in chunks]
    if not set(kinds) <= set(_DRAWS) or kinds != sorted(kinds, key=_DRAWS.index):
        raise MalformedPackage("a logo holds something beside its picture")
    if any(kinds.count(kind) != 1 for kind in (b"IHDR", b"IEND")) or b"IDAT" not in kinds:
        raise MalformedPackage("a logo is not a PNG")
    return _size(chunks[0][1])


def is_logo(data: bytes) -> bool:
    try:
        check_logo(data)
    except MalformedPackage:
        return False
    return True


def clean_logo(data: bytes) -> bytes:
    """A PNG that somebody chose, less what programs wrote beside the picture.

    Raises:
        BadArgument: it is no PNG, or too large in bytes or pixels.
    """
    try:
        kept = [(kind, body) for kind, body in _chunks(data) if kind in _DRAWS]
    except MalformedPackage as exc:
        raise BadArgument("A logo is a PNG file, and this is none that can be read.") from exc
    clean = _START + b"".join([_spelled(kind, body) for kind, body in kept])
    if len(clean) > LOGO_BYTES_MAX:
        raise BadArgument(f"A logo has at most {LOGO_BYTES_MAX} bytes; this one has {len(clean)}.")
    try:
        check_logo(clean)
    except MalformedPackage as exc:
        raise BadArgument(
            f"A logo is a still PNG of at most {LOGO_SIDE_PIXELS_MAX} by {LOGO_SIDE_PIXELS_MAX} pixels."
        ) from exc
    return clean


def logo_digest(data: bytes) -> Digest:
    """SHA-256 of the file: what a signatory signs."""
    return Digest(hashlib.sha256(data).digest())


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each part, up to the end. Raises `MalformedPackage`."""
    if not data.startswith(_START):
        raise MalformedPackage("a logo is not a PNG")
    at = len(_START)
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + size
        if end > len(data):
            raise MalformedPackage("a logo ends too soon")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at = end


def _spelled(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _size(head: bytes) -> tuple[int, int]:
    if len(head) != 13:
        raise MalformedPackage("a logo is not a PNG")
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    if not (1 <= width <= LOGO_SIDE_PIXELS_MAX and 1 <= height <= LOGO_SIDE_PIXELS_MAX):
        raise MalformedPackage("a logo has too many pixels")
    depth, colour, packing, filtering, interlace = head[8:]
    if depth not in _DEPTHS.get(colour, ()) or packing or filtering or interlace > 1:
        raise MalformedPackage("a logo is not a PNG")
    return width, height
