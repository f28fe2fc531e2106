"""The package that is attached to a PDF, found without a PDF library.

Law: nothing of the file is believed. Each stream is inflated a little, and whole only where it begins as a
package does; how many streams are looked at and how far they are inflated is bounded. A stream is found by
its keyword (ISO 32000-2 section 7.3.8), not by the file's tables, so a broken file gives its package too.
Ours, unreviewed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from meshcoal.errors import MalformedPackage
from meshcoal.limits import MIB, PACKAGE_BYTES_MAX

PDF_STARTS: Final = b"%PDF-"
_KEYWORD: Final = b"stream"
_BREAKS: Final = (b"\r\n", b"\n")
_BEGINS: Final = b'{"'
_SAYS: Final = b'"format":"meshcoal package '
_INFLATED_BYTES_MAX: Final = min(PACKAGE_BYTES_MAX, 16 * MIB)  # as `wire.package` takes it
_PEEK_BYTES: Final = 512
_STREAMS_MAX: Final = 200_000
_CANDIDATES_MAX: Final = 16


def package_in_pdf(data: bytes) -> bytes:
    """The bytes of the package that is attached to a PDF; not checked.

    Raises:
        MalformedPackage: no package is in it, several that differ, or more than anybody would attach.
    """
    found: set[bytes] = set()
    candidates = 0
    for start in _streams(data):
        if not _begins_so(data, start):
            continue
        candidates += 1
        if candidates > _CANDIDATES_MAX:
            raise MalformedPackage("the PDF holds more attachments than are looked at")
        content = _inflated(data, start)
        if content is not None and _SAYS in content:
            found.add(content)
    if len(found) != 1:
        raise MalformedPackage("the PDF does not hold exactly one package")
    return found.pop()


def _streams(data: bytes) -> Iterator[int]:
    """Where the content of each stream begins."""
    at, seen = 0, 0
    while (at := data.find(_KEYWORD, at)) >= 0:
        at += len(_KEYWORD)
        for ending in _BREAKS:
            if data.startswith(ending, at):
                seen += 1
                if seen > _STREAMS_MAX:
                    raise MalformedPackage("the PDF holds more streams than are looked at")
                yield at + len(ending)
                break


def _begins_so(data: bytes, start: int) -> bool:
    try:
        begin = zlib.decompressobj().decompress(data[start : start + _PEEK_BYTES], len(_BEGINS))
    except zlib.error:
        return False
    return begin == _BEGINS


def _inflated(data: bytes, start: int) -> bytes | None:
    """The stream's content; nothing where it is damaged, cut off or longer than a package can be."""
    inflater = zlib.decompressobj()
    # What cannot be inflated to the limit is not a package: deflate makes at most 5 bytes of 16 KiB more.
    end = start + _INFLATED_BYTES_MAX + _INFLATED_BYTES_MAX // 1_000 + 1_024
    try:
        content = inflater.decompress(data[start:end], _INFLATED_BYTES_MAX + 1)
    except zlib.error:
        return None
    return content if inflater.eof and len(content) <= _INFLATED_BYTES_MAX else None
