"""Files that belong to one person: written whole or not at all, and readable by nobody else.

Law: a file appears under its name only when every byte of it is on the disk; whoever is interrupted
leaves the file that was there before. Files are 0600 and directories 0700 whatever the umask says.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from meshcoal.errors import DiskFull, ReadOnly, StoreError

FILE_MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextlib.contextmanager
def disk_errors(name: str) -> Iterator[None]:
    """Turns what the operating system says about a file into our errors.

    Raises:
        DiskFull: no room, or over quota.
        ReadOnly: not permitted, or a read-only disk.
        StoreError: anything else.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno in _FULL:
            raise disk_full(name) from exc
        if exc.errno in _REFUSED:
            raise read_only(name) from exc
        reason = os.strerror(exc.errno) if exc.errno else "no reason given"
        raise StoreError(
            f"The disk did not do what was asked of {name} ({reason}). What was saved before is unharmed."
        ) from exc


def disk_full(name: str) -> DiskFull:
    """The sentence for a disk without room."""
    return DiskFull(
        f"The disk is full, so {name} was not written. Nothing saved before was harmed; "
        "free some space and try again."
    )


def read_only(name: str) -> ReadOnly:
    """The sentence for a file or directory that cannot be written."""
    return ReadOnly(
        f"{name} cannot be opened and written by you. Nothing was changed; give yourself permission to its "
        "folder (or mount the disk for writing) and try again."
    )


def make_private_directory(directory: Path) -> None:
    """Makes `directory` and its parents if missing; shuts it to everybody else in any case.

    Raises:
        ReadOnly, DiskFull, StoreError: see `disk_errors`.
    """
    with disk_errors(directory.name):
        directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        if stat.S_IMODE(directory.stat().st_mode) != DIRECTORY_MODE:
            directory.chmod(DIRECTORY_MODE)


def create_private(path: Path) -> None:
    """Makes an empty file, 0600. Raises `OSError`, also if it is there."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        os.fchmod(descriptor, FILE_MODE)  # a strict umask may have taken even our own bits
    finally:
        os.close(descriptor)


def write_whole(path: Path, data: bytes, *, replace: bool) -> bool:
    """Puts `data` under `path`: a temporary file, flushed to disk, then moved into place.

    What a replaced file held is overwritten in place as far as the disk allows, unless another name
    (somebody's hard-linked backup) still leads to it.

    Returns:
        False if `path` is there already and `replace` is false; nothing is changed then.

    Raises:
        ReadOnly, DiskFull, StoreError: see `disk_errors`; the file that was there is unharmed.
    """
    temporary = path.with_name(path.name + ".new")
    with disk_errors(path.name):
        remove(temporary)  # of somebody who was interrupted
        try:
            create_private(temporary)
            with temporary.open("r+b") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                put_in_place(temporary, path)
                placed = True
            else:
                placed = _place(temporary, path)
        finally:
            remove(temporary)
        sync_directory(path.parent)
        return placed


def remove(path: Path) -> None:
    """Overwrites a file in place as far as the disk allows, and removes it; nothing if it is not there."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        path.unlink()
        _overwrite(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Makes a file's content outlive a power cut."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Makes renames and removals inside `directory` outlive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_writable(directory: Path, path: Path) -> None:
    """Raises `ReadOnly` unless both can be written; also true for root on a read-only disk."""
    for entry in (directory, path):
        if not os.access(entry, os.W_OK):
            raise read_only(entry.name)


def _place(temporary: Path, path: Path) -> bool:
    # A link, unlike a rename, refuses to step on a file that is there.
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        temporary.rename(path)
    else:
        temporary.unlink()
    return True


def put_in_place(temporary: Path, path: Path) -> None:
    """Moves a finished file over `path`, and overwrites what that held as far as the disk allows.

    Raises `OSError`; `path` then is the old file or the new one, never less.
    """
    try:
        old = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        temporary.rename(path)
        return
    try:
        temporary.rename(path)
        sync_directory(path.parent)  # before the old one goes: a crash now must find the new one
        _overwrite(old)
    finally:
        os.close(old)


def _overwrite(descriptor: int) -> None:
    status = os.fstat(descriptor)
    if status.st_nlink:
        return
    left = status.st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    while left:
        left -= os.write(descriptor, bytes(min(left, 1 << 20)))
    os.fsync(descriptor)
