"""Replies from outside in files: text with replies in it, or pictures of their QR codes.

Law: one way of reading for the command line and the interface. A file is read in parts, however large; what
cannot be read is told by its place, never passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from meshcoal.client.pictures import codes_in, is_picture_file
from meshcoal.errors import BadArgument
from meshcoal.home import expanded
from meshcoal.limits import KIB
from meshcoal.wire.qr_parts import joined
from meshcoal.wire.reply import Pile
from meshcoal.wire.slips import texts_in

_PART_BYTES: Final = 64 * KIB


def sealed_in(parts: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each reply; of a damaged one no bytes; number 0: there is none."""
    pile = Pile()
    for part in parts:
        for one in pile.feed(part.decode("latin-1")):  # replies are ASCII; what is around them is nothing
            yield one.number, one.sealed
    for one in pile.finish():
        yield one.number, one.sealed
    if not pile.count:
        yield 0, b""


def parts_of_file(path: Path) -> Iterator[bytes]:
    """What stands in a file, or in the codes of a picture. Raises `BadArgument`, and as `codes_in` does."""
    if is_picture_file(path):
        texts, _missing = joined(texts_in(codes_in(path))[0])  # a reply that is not whole is no reply
        yield "\n".join(texts).encode()
        return
    try:
        with expanded(path).open("rb") as file:
            yield from parts_of_stream(file)
    except OSError as exc:
        raise BadArgument(f"A file cannot be read: {(exc.strerror or 'unknown reason').lower()}.") from None


def parts_of_stream(file: IO[bytes]) -> Iterator[bytes]:
    """All of an open file."""
    while part := file.read(_PART_BYTES):
        yield part


def files_in(path: Path) -> list[Path]:
    """A file, or the files of a folder by name, hidden ones left out. Raises `BadArgument`."""
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
    if path.is_file():
        return [path]
    raise BadArgument("There is no such file or folder.")
