"""Sheets of codes: what is written on them, and what pictures of them hold, for every interface alike.

Law: whoever reads gives pictures in any order, again and in pieces; what is whole is taken, and what is not
is told by page. Reading changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from meshcoal.api.commands import BeginBundle, EndBundle, NextPart
from meshcoal.api.views import BundlePartView, BundleView
from meshcoal.client.carrying import Found, Said, expected
from meshcoal.client.pictures import codes_in
from meshcoal.errors import BadArgument, OverLimit, Unknown
from meshcoal.limits import MIB
from meshcoal.wire.pictures import is_picture

_TEXT_BYTES_MAX: Final = 4 * MIB
_FILES_MAX: Final = 200


def slips_written(command: BeginBundle, shown: Callable[[BundleView], None]) -> Said[tuple[bytes, ...]]:
    """What goes on paper, part by part.

    Args:
        shown: called with what goes into it and who can open it, before anything is made.

    Raises:
        Unknown: there is nothing to write.
        OverLimit: it is too much for paper.
    """
    begun = expected(BundleView, (yield command))
    shown(begun)
    slips = []
    more = True
    while more:
        part = expected(BundlePartView, (yield NextPart(bundle=begun.bundle)))
        slips += [part.data] if part.data else []
        more = part.more
    yield EndBundle(bundle=begun.bundle)
    if not slips:
        raise Unknown("There is nothing that the others are not known to have. Nothing was written.")
    return tuple(slips)


def texts_in_files(places: Iterable[Path]) -> tuple[str, ...]:
    """The texts of all codes in pictures, lines of texts, and both in folders; in no order that matters.

    Raises:
        BadArgument: a file cannot be read.
        OverLimit, Unsupported: as `codes_in`.
    """
    return tuple([text for path in _files(places) for text in _texts_in(path)])


def _files(places: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for place in places:
        try:
            path = place.expanduser()
            inside = sorted(path.iterdir()) if path.is_dir() else [path]
        except (OSError, RuntimeError) as exc:
            raise _unreadable(exc) from None
        found += [one for one in inside if one == path or (one.is_file() and not one.name.startswith("."))]
    if len(found) > _FILES_MAX:
        raise OverLimit(f"At most {_FILES_MAX} pictures are read at a time.")
    return found


def _texts_in(source: Path) -> tuple[str, ...]:
    try:
        with source.open("rb") as file:
            data = file.read(_TEXT_BYTES_MAX + 1)
    except OSError as exc:
        raise _unreadable(exc) from None
    if is_picture(data):
        return codes_in(source)
    if len(data) > _TEXT_BYTES_MAX:
        raise OverLimit(f"A text with codes has at most {_TEXT_BYTES_MAX // MIB} MiB.")
    return tuple(data.decode("ascii", "replace").splitlines())


def _unreadable(exc: OSError | RuntimeError) -> BadArgument:
    reason = getattr(exc, "strerror", None) or "no such place"
    return BadArgument(f"The file cannot be read: {reason.lower()}.")


def as_found(slips: Sequence[bytes]) -> list[Found]:
    """Slips as parts that can be looked at and taken in."""
    return [Found(path=Path(), at=0, data=slip) for slip in slips]
