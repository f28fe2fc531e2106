"""Files that the interface writes for a person: a released letter, an invitation.

Law: nothing is overwritten, nothing is written outside the folder that was named, and a failure is told in
words. New folders are for the owner only; what was there keeps its rights.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from meshcoal.api.views import FileView
from meshcoal.errors import BadArgument, DiskFull, ReadOnly, StoreError
from meshcoal.home import expanded
from meshcoal.wire.filenames import safe_file_name

_TRIES_MAX: Final = 1_000


def write_files(files: Iterable[FileView], into: str) -> tuple[Path, ...]:
    """Write each file under a free name, in the folder that a person named; `~` is their own.

    Raises:
        BadArgument: a file stands where the folder should be, or all names are taken.
        ReadOnly, DiskFull, StoreError: the disk refused.
    """
    folder = expanded(Path(into)).absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tuple([_write(file, folder) for file in files])
    except (FileExistsError, NotADirectoryError) as exc:
        raise BadArgument("a file stands where the folder should be") from exc
    except OSError as exc:
        raise _explained(exc) from exc


def _write(file: FileView, folder: Path) -> Path:
    name = safe_file_name(file.name, "file.bin")
    stem, dot, suffix = name.partition(".")
    for number in range(1, _TRIES_MAX):
        path = folder / (name if number == 1 else f"{stem}-{number}{dot}{suffix}")
        try:
            with path.open("xb") as out:
                out.write(file.data)
        except FileExistsError:
            if path.is_file() and path.read_bytes() == file.data:
                return path  # exported before, unchanged
            continue
        return path
    raise BadArgument("every name for this file is taken in that folder")


def _explained(exc: OSError) -> StoreError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("the disk is full: make room, then try again")
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ReadOnly("that folder cannot be written: choose another")
    return StoreError("the files could not be written there")
