"""Where a rehearsal keeps its nodes' files while it lasts.

Law: only this user can look into it, and it is gone afterwards, even if not by the one who made it: what a
killed rehearsal left is removed by the next. A lock tells the living from the dead.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from meshcoal.errors import BadArgument, ReadOnly
from meshcoal.home import is_mine, socket_path

PREFIX: Final = "meshcoal-rehearsal-"
LOCK_NAME: Final = "rehearsal.lock"
PASSPHRASE_NAME: Final = "passphrase.txt"  # noqa: S105  (a file's name)


class Place:
    """A private folder for six homes."""

    def __init__(self, keep: Path | None) -> None:
        """Make it: `keep`, which then stays, or a temporary folder.

        Raises:
            BadArgument: there is something in `keep` already.
            ReadOnly: it cannot be made.
        """
        self.kept = keep is not None
        self._lock: int | None = None
        try:
            if keep is not None:
                self.folder = keep.absolute()
                _make_empty(self.folder)
            else:
                sweep(Path(tempfile.gettempdir()))
                self.folder, self._lock = _temporary()
        except OSError as exc:
            raise ReadOnly(f"The rehearsal has no place for its files: {exc.strerror}.") from exc

    def home(self, name: str) -> Path:
        return self.folder / name.lower()

    def tell_passphrase(self, passphrase: str) -> None:
        """Homes that are kept can be opened again; without this file nobody could."""
        path = self.folder / PASSPHRASE_NAME
        path.touch(mode=0o600)
        path.write_text(passphrase + "\n", encoding="utf-8")

    def clear(self, homes: tuple[Path, ...]) -> None:
        """Remove what is not to be kept. Again is allowed."""
        for home in homes:
            if socket_path(home).parent != home:  # a long path: the socket had a folder of its own
                shutil.rmtree(socket_path(home).parent, ignore_errors=True)
        if not self.kept:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def sweep(base: Path) -> None:
    """Remove the files of rehearsals that ended without doing so."""
    for folder in base.glob(f"{PREFIX}*"):
        if is_mine(folder):
            with _locked(folder) as lock:
                if lock is not None:
                    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[int | None]:
    try:
        lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        yield None  # just being made, or none of ours
        return
    try:
        yield lock if _take(lock) else None
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _temporary() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # Another rehearsal that sweeps may have taken it for a dead one, in between.
        if _take(lock) and folder.exists():
            return folder, lock
        os.close(lock)


def _make_empty(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadArgument("The folder to keep the rehearsal in is not empty. Choose another one.")
    folder.chmod(0o700)
    if not is_mine(folder):
        raise BadArgument("The folder to keep the rehearsal in belongs to somebody else.")
