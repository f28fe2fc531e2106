"""A text that is too long for one QR code, in several: read back in any order, from one picture or many.

Law: nothing is put together but what is whole: the parts name how many they are and a digest of all of it,
and what comes out has that digest. A part that does not fit in is left alone, never guessed at. Specified in
docs/protocol/call.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from meshcoal.limits import QR_PART_CHARS, QR_PARTS_MAX

PREFIX: Final = "meshcoal-part-1:"
_Set = tuple[str, int]  # beginning of the digest, and how many parts there are
_PART: Final = re.compile(r"meshcoal-part-1:([0-9a-f]{16}):([1-9][0-9]?)/([1-9][0-9]?):([!-~]+)")


def parts_of(text: str) -> tuple[str, ...]:
    """The texts of the codes, in their order; the text itself where one code is enough.

    Args:
        text: visible ASCII, at most `QR_PARTS_MAX * QR_PART_CHARS` characters.
    """
    assert not re.search(r"[^!-~]", text), "made by us"
    if len(text) <= QR_PART_CHARS:
        return (text,)
    pieces = [text[at : at + QR_PART_CHARS] for at in range(0, len(text), QR_PART_CHARS)]
    assert len(pieces) <= QR_PARTS_MAX, "bounded by whoever made the text"
    name = _name(text)
    return tuple([f"{PREFIX}{name}:{number}/{len(pieces)}:{piece}" for number, piece in enumerate(pieces, 1)])


def joined(texts: Iterable[str]) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    """What codes hold, put together.

    Returns:
        The texts that are whole, each once, in the order of their first code; and of those that are not, by
        the beginning of their digest, the numbers of the parts that are missing: all of them where the parts
        together do not have that digest.
    """
    order: dict[str | _Set, None] = {}
    pieces: dict[_Set, dict[int, str]] = {}
    for text in texts:
        part = _PART.fullmatch(text)
        number, count = (int(part[2]), int(part[3])) if part else (0, 0)
        if part is None or not 1 <= number <= count <= QR_PARTS_MAX:
            order.setdefault(text)
            continue
        order.setdefault((part[1], count))
        pieces.setdefault((part[1], count), {}).setdefault(number, part[4])
    found: dict[str, None] = {}
    missing: dict[str, tuple[int, ...]] = {}
    for one in order:
        if isinstance(one, str):
            found.setdefault(one)
            continue
        name, count = one
        lacking = tuple([number for number in range(1, count + 1) if number not in pieces[one]])
        made = "".join([pieces[one][number] for number in sorted(pieces[one])])
        if not lacking and _name(made) == name:
            found.setdefault(made)
        else:
            missing[name] = lacking or tuple(range(1, count + 1))
    return tuple(found), missing


def _name(text: str) -> str:
    """The first 64 bits of SHA-256: they find what belongs together, and notice what went wrong."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
