"""A part of a bundle, or a text of ours, in many codes, of which four in five are enough.

Law: a slip comes back exactly as it was or not at all, whichever of its codes are lost, in whatever order the
others come. A code says nothing by itself: its text is letters and digits that look like chance.

Ours, unreviewed, though plain: a Reed-Solomon code over GF(256) in the form of Lagrange's polynomial, as
Rabin's information dispersal (1989) has it. Bytes: docs/protocol/slips.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from meshcoal.limits import (
    SLIP_CLASSES_BYTES,
    SLIP_CODES_PER_PAGE,
    SLIP_CODES_READ_MAX,
    SLIP_PIECE_BYTES,
    SLIP_TEXT_BYTES_MAX,
)
from meshcoal.wire.shape import dataclass

_NAME_BYTES: Final = 6
_HEAD_BYTES: Final = _NAME_BYTES + 3  # name, how many are enough, how many there are, which this is
_PERSON_NAME: Final = b"meshcoal-slips-1"
_PERSON_MASK: Final = b"meshcoal-slips-m"
_TEXT_MAGIC: Final = b"meshcoal text 1\n"
_TEXT_NAME_BYTES: Final = 16
_TEXT_HEAD_BYTES: Final = len(_TEXT_MAGIC) + _TEXT_NAME_BYTES + 6  # how many slips, which this is, its bytes
_PERSON_TEXT: Final = b"meshcoal-slips-t"
_CODE_CHARS: Final = -(-(_HEAD_BYTES + SLIP_PIECE_BYTES) * 8 // 5)
_CODE: Final = re.compile(rf"[A-Z2-7]{{{_CODE_CHARS}}}")
_POLYNOMIAL: Final = 0x11B  # x^8 + x^4 + x^3 + x + 1, as sealed sign-ons have it; 3 generates its group


def _powers() -> tuple[list[int], list[int]]:
    powers, logs, value = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value ^= value << 1
        value ^= _POLYNOMIAL if value & 0x100 else 0
    return powers, logs


_POWERS, _LOGS = _powers()
_TIMES: Final = [
    bytes([_POWERS[_LOGS[one] + _LOGS[other]] if one and other else 0 for other in range(256)])
    for one in range(256)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A slip of which too few codes are there."""

    label: str  # as printed on its pages
    held: int
    needed: int
    of: int
    missing: tuple[int, ...]  # which, from 0

    @property
    def pages(self) -> tuple[int, ...]:
        """On which pages of it codes are missing, from 1: those with most of them first."""
        counts = Counter([at // SLIP_CODES_PER_PAGE + 1 for at in self.missing])
        return tuple([page for page, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))])


def label_of(slip: bytes) -> str:
    """Four letters and digits by which people tell the pages of one slip from those of another."""
    return _label(_name(slip))


def pages_of(slip_bytes: int) -> int:
    """How many sides of paper a slip of this size takes."""
    return -(-enough_of(slip_bytes)[1] // SLIP_CODES_PER_PAGE)


def enough_of(slip_bytes: int) -> tuple[int, int]:
    """How many codes are enough for a slip of this size, and how many it has."""
    enough = slip_bytes // SLIP_PIECE_BYTES
    return enough, enough + max(2, enough // 4)


def codes_of(slip: bytes) -> tuple[str, ...]:
    """The texts of all codes of a slip, of one of `SLIP_CLASSES_BYTES`."""
    assert len(slip) in SLIP_CLASSES_BYTES, "a slip has one of a few sizes"
    enough, count = enough_of(len(slip))
    rows = {at: slip[at * SLIP_PIECE_BYTES : (at + 1) * SLIP_PIECE_BYTES] for at in range(enough)}
    name = _name(slip)
    texts = []
    for at in range(count):
        piece = rows[at] if at < enough else _row(rows, at)
        head = _masked(name + bytes([enough, count, at]), piece)
        texts.append(base64.b32encode(head + piece).decode().rstrip("="))
    return tuple(texts)


def slips_in(texts: Iterable[str]) -> tuple[tuple[bytes, ...], tuple[Lacking, ...]]:
    """What codes hold, in any order; others than ours, damaged ones and repetitions do no harm.

    Returns:
        The slips that are whole, and how far others are.
    """
    rows: dict[tuple[bytes, int, int], dict[int, bytes]] = {}
    for number, text in enumerate(texts):
        code = "".join(text.split()).upper()
        if number >= SLIP_CODES_READ_MAX or not _CODE.fullmatch(code):
            continue
        try:
            data = base64.b32decode(code + "=" * (-len(code) % 8))
        except binascii.Error:
            continue
        piece = data[_HEAD_BYTES:]
        head = _masked(data[:_HEAD_BYTES], piece)
        enough, count, at = head[_NAME_BYTES:]
        size = enough * SLIP_PIECE_BYTES
        if size in SLIP_CLASSES_BYTES and enough_of(size) == (enough, count) and at < count:
            rows.setdefault((head[:_NAME_BYTES], enough, count), {}).setdefault(at, piece)
    whole = []
    lacking = []
    for (name, enough, count), held in rows.items():
        slip = _joined(held, enough) if len(held) >= enough else b""
        if slip and _name(slip) == name:
            whole.append(slip)
        else:
            lacking.append(
                Lacking(
                    label=_label(name),
                    held=min(len(held), enough - 1),
                    needed=enough,
                    of=count,
                    missing=tuple([at for at in range(count) if at not in held]),
                )
            )
    return tuple(whole), tuple(lacking)


def texts_in(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[Lacking, ...]]:
    """What codes of every kind of ours hold as texts: those as they are, and those put together from slips.

    Returns:
        Texts, each once, those of single codes first; and how far slips are that are not whole.
    """
    single: dict[str, None] = {}
    codes = []
    for text in texts:
        if _CODE.fullmatch("".join(text.split()).upper()):
            codes.append(text)
        else:
            single.setdefault(text)
    slips, lacking = slips_in(codes)
    return (*single, *texts_of(slips)), lacking


def text_slips(text: str) -> tuple[bytes, ...]:
    """A text of ours (an invitation, a call, a reply) as slips: it is not hidden, only made to last.

    Args:
        text: at most `SLIP_TEXT_BYTES_MAX` bytes in UTF-8.
    """
    data = text.encode()
    assert len(data) <= SLIP_TEXT_BYTES_MAX, "bounded by whoever made the text"
    packed = zlib.compress(data, 9)
    name = hashlib.blake2b(data, digest_size=_TEXT_NAME_BYTES, person=_PERSON_TEXT).digest()
    room = SLIP_CLASSES_BYTES[-1] - _TEXT_HEAD_BYTES
    pieces = [packed[at : at + room] for at in range(0, len(packed), room)]
    slips = []
    for number, piece in enumerate(pieces):
        size = next(one for one in SLIP_CLASSES_BYTES if one >= len(piece) + _TEXT_HEAD_BYTES)
        head = _TEXT_MAGIC + name + bytes([len(pieces), number]) + len(piece).to_bytes(4, "big")
        slips.append((head + piece).ljust(size, b"\x00"))
    return tuple(slips)


def texts_of(slips: Iterable[bytes]) -> tuple[str, ...]:
    """The texts that slips hold, each whole; slips that are parts of a bundle are passed over."""
    pieces: dict[tuple[bytes, int], dict[int, bytes]] = {}
    for slip in slips:
        if not slip.startswith(_TEXT_MAGIC):
            continue
        name, rest = slip[len(_TEXT_MAGIC) : _TEXT_HEAD_BYTES - 6], slip[_TEXT_HEAD_BYTES - 6 :]
        count, number, size = rest[0], rest[1], int.from_bytes(rest[2:6], "big")
        if number < count:
            pieces.setdefault((name, count), {})[number] = rest[6 : 6 + size]
    found = []
    for (name, count), held in pieces.items():
        text = _unpacked(b"".join([held[at] for at in sorted(held)])) if len(held) == count else None
        if (
            text is not None
            and name
            == hashlib.blake2b(text.encode(), digest_size=_TEXT_NAME_BYTES, person=_PERSON_TEXT).digest()
        ):
            found.append(text)
    return tuple(found)


def _unpacked(packed: bytes) -> str | None:
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, SLIP_TEXT_BYTES_MAX)
        return data.decode() if unpacking.eof else None
    except (zlib.error, UnicodeDecodeError):
        return None


def _label(name: bytes) -> str:
    return base64.b32encode(name).decode()[:4]


def _joined(held: Mapping[int, bytes], enough: int) -> bytes:
    chosen = {at: held[at] for at in sorted(held)[:enough]}
    return b"".join([chosen[at] if at in chosen else _row(chosen, at) for at in range(enough)])


def _row(rows: Mapping[int, bytes], wanted: int) -> bytes:
    """The value at `wanted` of the polynomials that have these values, one for each byte of a row."""
    total = 0
    for at, row in rows.items():
        exponent = 0
        for other in rows:
            if other != at:
                exponent += _LOGS[wanted ^ other] - _LOGS[at ^ other]
        total ^= int.from_bytes(row.translate(_TIMES[_POWERS[exponent % 255]]), "big")
    return total.to_bytes(SLIP_PIECE_BYTES, "big")


def _name(slip: bytes) -> bytes:
    return hashlib.blake2b(slip, digest_size=_NAME_BYTES, person=_PERSON_NAME).digest()


def _masked(head: bytes, piece: bytes) -> bytes:
    """Put the mask on a head, or take it off."""
    mask = hashlib.blake2b(piece, digest_size=_HEAD_BYTES, person=_PERSON_MASK).digest()
    return bytes([one ^ other for one, other in zip(head, mask, strict=True)])
