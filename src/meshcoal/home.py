"""Where a user's meshcoal lives on this machine.

Law: `MESHCOAL_HOME` decides, else the platform's folder for application data. One home, one identity, one
daemon. Nothing outside the home is written, except the socket where the home's path is too long for one.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import stat
import struct
import tempfile
from pathlib import Path
from typing import Final, Protocol

from meshcoal.errors import BadArgument

# The kernel's bound on a Unix socket's path is 108 bytes on Linux and 104 elsewhere, with the final zero.
_SOCKET_PATH_BYTES_MAX: Final = 103
_PLAIN: Final = re.compile(r"[A-Za-z0-9/._-]+", re.ASCII)


class Socket(Protocol):
    """As much of a socket as asyncio hands out."""

    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...


def expanded(path: Path) -> Path:
    """A path in which `~` and `~somebody` stand for homes. Raises `BadArgument`: nobody here is called so."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise BadArgument("Nobody on this machine has the name behind `~`.") from None


def default_home() -> Path:
    """The home to use when none was named."""
    named = os.environ.get("MESHCOAL_HOME")
    if named:
        return expanded(Path(named)).absolute()
    import platformdirs  # 10 ms that `--help` need not pay

    return Path(platformdirs.user_data_dir("meshcoal", appauthor=False))


def socket_path(home: Path) -> Path:
    """The local API's socket: in the home, or, where that path is too long, in a private folder elsewhere."""
    path = home / "api.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_BYTES_MAX:
        return path
    return _elsewhere(home) / "api.sock"


def short_folder(home: Path, name: str, longest: str) -> Path:
    """A private folder for sockets: in the home, or elsewhere where that path is too long or not plain.

    `longest` is the longest name that is to stand in it. tor splits its commands at spaces.
    """
    folder = home / name
    fits = len(os.fsencode(folder / longest)) <= _SOCKET_PATH_BYTES_MAX
    return folder if fits and _PLAIN.fullmatch(str(folder)) else _elsewhere(home) / name


def _elsewhere(home: Path) -> Path:
    name = hashlib.blake2b(os.fsencode(home), digest_size=8).hexdigest()
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return base / f"meshcoal-{os.getuid()}-{name}"


def is_mine(folder: Path) -> bool:
    """Whether nobody else can have put anything into `folder`: theirs alone to write, and no link elsewhere.

    A socket in a folder of somebody else would get the passphrase.
    """
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022


def peer_is_me(connection: Socket) -> bool:
    """Whether the process at the other end of a Unix socket is this user's.

    Linux says who it is (`SO_PEERCRED`, unix(7)). Where the system does not, the folder's mode has to do.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    size = struct.calcsize("3i")  # process, user, group
    _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return bool(user == os.getuid())
