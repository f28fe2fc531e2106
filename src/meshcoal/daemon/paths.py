"""Which ways out of this machine the node may use: chosen by the user, kept across restarts.

Law: without being told otherwise the node uses plain addresses and no Tor. Where what is kept cannot be read,
no way is open: a damaged file never opens one that the user had closed. The file `paths` in the home holds
one setting a line, and is the user's alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from meshcoal.errors import BadArgument, ReadOnly
from meshcoal.limits import BRIDGES_MAX
from meshcoal.net import address
from meshcoal.net.tor.control import ControlAddress
from meshcoal.net.tor.process import OwnTor, bridge_line
from meshcoal.net.tor.tor import TorSetup

FILE_NAME: Final = "paths"
_UNIX: Final = "unix:"
_SYSTEM_SOCKETS: Final = (Path("/run/tor/control"), Path("/var/run/tor/control"))
_SYSTEM_PORT: Final = ("127.0.0.1", 9_051)
_FILE_BYTES_MAX: Final = 16 * 1024
_BEGIN: Final = "meshcoal paths 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The user's choice."""

    tor: bool = False
    only: bool = False  # nothing but Tor
    own: bool = False  # a tor of our own
    control: str = ""  # the system's control port: `unix:PATH` or `HOST:PORT`; empty: the usual places
    open_port: bool = False  # it may ask for no proof
    bridges: tuple[str, ...] = ()
    further: str = ""  # a file with more of a torrc, for a tor of our own
    damaged: bool = False  # it could not be read: nothing is open

    @property
    def direct(self) -> bool:
        """Whether plain addresses may be dialled and listened on."""
        return not (self.only or self.damaged)

    def setup(self, data: Path, sockets: Path) -> TorSetup:
        """What to do for Tor, with the folders for a tor of our own."""
        if self.own:
            further = Path(self.further) if self.further else None
            return TorSetup(own=OwnTor(data=data, sockets=sockets, bridges=self.bridges, further=further))
        return TorSetup(control=_control(self.control), open_port=self.open_port)


def check_control(text: str) -> str:
    """A control port's address as it is kept. Raises `BadArgument`."""
    if not text.startswith(_UNIX):
        address.parse(text)
    elif not Path(text.removeprefix(_UNIX)).is_absolute() or "\n" in text:
        raise BadArgument(
            "A control socket is written `unix:` and its whole path, such as unix:/run/tor/control."
        )
    return text


def _control(text: str) -> ControlAddress:
    if text.startswith(_UNIX):
        return Path(text.removeprefix(_UNIX))
    if text:
        return address.parse(text)
    found = next((path for path in _SYSTEM_SOCKETS if path.exists()), None)
    return found or _SYSTEM_PORT


class PathsFile:
    """The choice of a home, kept."""

    def __init__(self, home: Path, *, only: bool | None = None) -> None:
        """`only`: from now on nothing but Tor, or everything again; None: as it was. Raises `ReadOnly`."""
        self._file = home / FILE_NAME
        self.paths = self._load()
        if only is not None:
            self.choose(only=only)

    def choose(self, *, only: bool) -> Paths:
        """Nothing but Tor, which switches it on; or plain addresses as well. Raises `ReadOnly`."""
        before = Paths() if self.paths.damaged else self.paths
        return self.keep(replace(before, only=only, tor=before.tor or only))

    def keep(self, paths: Paths) -> Paths:
        """Write it down: whole, or not at all. Raises `ReadOnly`."""
        if paths == self.paths and self._file.exists():
            return paths
        fresh = self._file.with_suffix(".new")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                fresh.chmod(0o600)
                file.write("".join([f"{line}\n" for line in _lines(paths)]))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._file)
        except OSError as exc:
            raise ReadOnly(f"The choice of paths cannot be written in the home: {exc.strerror}.") from exc
        self.paths = paths
        return paths

    def _load(self) -> Paths:
        try:
            with self._file.open("rb") as file:
                data = file.read(_FILE_BYTES_MAX + 1)
        except FileNotFoundError:
            return Paths()
        except OSError:
            return Paths(damaged=True)
        try:
            return _read(data.decode("utf-8"))
        except (UnicodeDecodeError, BadArgument):
            return Paths(damaged=True)


def _lines(paths: Paths) -> list[str]:
    found = [_BEGIN]
    found += ["tor"] if paths.tor else []
    found += ["only"] if paths.only else []
    found += ["own"] if paths.own else []
    found += ["open-port"] if paths.open_port else []
    found += [f"control {paths.control}"] if paths.control else []
    found += [f"torrc {paths.further}"] if paths.further else []
    return [*found, *[f"bridge {line}" for line in paths.bridges], "end"]


def _read(text: str) -> Paths:
    """Raises `BadArgument`: not what `_lines` writes, or cut short."""
    lines = text.splitlines()
    if lines[:1] != [_BEGIN] or lines[-1] != "end":
        raise BadArgument("not a choice of paths")
    said = Paths()
    for line in lines[1:-1]:
        word, _, rest = line.partition(" ")
        match word:
            case "tor":
                said = replace(said, tor=True)
            case "only":
                said = replace(said, only=True)
            case "own":
                said = replace(said, own=True)
            case "open-port":
                said = replace(said, open_port=True)
            case "control":
                said = replace(said, control=check_control(rest))
            case "torrc":
                said = replace(said, further=rest)
            case "bridge":
                said = replace(said, bridges=(*said.bridges, bridge_line(rest)))
            case _:
                raise BadArgument("not a choice of paths")
    if text != "".join([f"{line}\n" for line in _lines(said)]) or len(said.bridges) > BRIDGES_MAX:
        raise BadArgument("not a choice of paths as it is written here")
    return said
