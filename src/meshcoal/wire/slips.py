"""A small part of a bundle in several codes, of which any few are enough.

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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from meshcoal.limits import SLIP_CLASSES_BYTES, SLIP_CODES_READ_MAX, SLIP_PIECE_BYTES

_NAME_BYTES: Final = 6
_HEAD_BYTES: Final = _NAME_BYTES + 3  # name, how many are enough, how many there are, which this is
_PERSON_NAME: Final = b"meshcoal-slips-1"
_PERSON_MASK: Final = b"meshcoal-slips-m"
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

    held: int
    needed: int
    of: int


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
            lacking.append(Lacking(held=min(len(held), enough - 1), needed=enough, of=count))
    return tuple(whole), tuple(lacking)


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
