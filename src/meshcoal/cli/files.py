"""Files and standard input, as far as the command line reads and writes them.

Law: nothing that exists is overwritten unless that was asked for, nothing half-written stays, and no more
is read than the limit says.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final

from meshcoal.errors import BadArgument, DiskFull, MeshcoalError, OverLimit, ReadOnly

UTF8_BYTES_MAX: Final = 4  # of a character
_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def read_text(source: Path | str, *, bytes_max: int, inline: bool = False) -> str:
    """UTF-8 text of a file; of standard input for `-`; or `source` itself where `inline`.

    Raises:
        BadArgument: it cannot be read, or is not UTF-8.
        OverLimit: it is longer than `bytes_max`.
    """
    if str(source) == "-":
        data = sys.stdin.buffer.read(bytes_max + 1)
    elif inline:
        data = str(source).encode("utf-8", "surrogateescape")
    else:
        data = read_bytes(Path(source), bytes_max=bytes_max)
    if len(data) > bytes_max:
        raise OverLimit(f"The text is longer than {bytes_max} bytes.")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadArgument("The text is not UTF-8.") from None


def read_bytes(path: Path, *, bytes_max: int) -> bytes:
    """Raises `BadArgument` where it cannot be read, `OverLimit` where it is too long."""
    try:
        with path.open("rb") as file:
            data = file.read(bytes_max + 1)
    except OSError as exc:
        raise BadArgument(f"The file cannot be read: {(exc.strerror or 'unknown reason').lower()}.") from None
    if len(data) > bytes_max:
        raise OverLimit(f"The file is longer than {bytes_max} bytes.")
    return data


def refuse_existing(path: Path) -> None:
    """Raises `BadArgument` where something of that name is there already."""
    if os.path.lexists(path):
        raise BadArgument("A file of that name is there already, and is not overwritten.")


def write_new(path: Path, data: bytes, *, private: bool, replace: bool = False) -> None:
    """Write a file whole or not at all.

    Args:
        path: where to.
        data: everything.
        private: readable by its owner only.
        replace: whether something of that name may be replaced.

    Raises:
        BadArgument: something is there already.
        DiskFull, ReadOnly: it cannot be written.
    """
    if not replace:
        refuse_existing(path)
    # A name of our own beside the target: a rename within one folder is whole or not at all.
    part = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                part.replace(path)
            else:
                os.link(part, path)  # unlike a rename, refuses a name that is taken
                part.unlink()
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise BadArgument("A file of that name is there already, and is not overwritten.") from None
    except OSError as exc:
        raise _disk_error(exc) from None


def make_folder(path: Path) -> None:
    """Raises `BadArgument`, `DiskFull`, `ReadOnly`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise BadArgument("There is a file where a folder is needed.") from None
    except OSError as exc:
        raise _disk_error(exc) from None


def write_all(
    folder: Path, named: Iterable[tuple[str, bytes]], *, private: bool = False, replace: bool = False
) -> list[Path]:
    """Write files into a folder, or none where one of that name is there. Returns their paths.

    Raises `BadArgument`, `DiskFull`, `ReadOnly`.
    """
    targets = [(inside(folder, name), data) for name, data in named]
    if not replace:
        for path, _ in targets:
            refuse_existing(path)
    make_folder(folder)
    for path, data in targets:
        write_new(path, data, private=private, replace=replace)
    return [path for path, _ in targets]


def inside(folder: Path, name: str) -> Path:
    """`folder/name`, where `name` is one plain file name. Raises `BadArgument`."""
    if name in ("", ".", "..") or name.startswith(".") or PurePath(name).name != name or "\0" in name:
        raise BadArgument("A file to be written has a name that is not a plain file name.")
    return folder / name


def _disk_error(exc: OSError) -> MeshcoalError:
    if exc.errno in _FULL:
        return DiskFull("The disk is full: nothing was written.")
    if exc.errno in _REFUSED:
        return ReadOnly("That folder cannot be written: nothing was written.")
    return BadArgument(f"The file cannot be written: {(exc.strerror or 'unknown reason').lower()}.")
