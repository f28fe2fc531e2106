"""Where this home accepts links: chosen once, kept across restarts.

Law: without being told otherwise a node listens on loopback only, on a port of its own that stays the same.
The file `listen` in the home holds `host:port` and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from meshcoal.errors import BadArgument
from meshcoal.net import address

if TYPE_CHECKING:  # it loads what links need
    from meshcoal.net.listener import Listener

FILE_NAME: Final = "listen"
DEFAULT_HOST: Final = "127.0.0.1"


class ListenAddress:
    """The address of a home: as given, else as kept, else loopback with any free port."""

    def __init__(self, home: Path, given: str | None) -> None:
        """Raises `BadArgument`: `given` is not `host:port`."""
        self._file = home / FILE_NAME
        self._wanted = address.parse(given) if given is not None else self._kept()

    async def open(self, listener: Listener) -> tuple[str, ...]:
        """Make `listener` accept links there. Returns the hints.

        Raises:
            OSError: the address cannot be bound. On loopback another free port is taken instead, once.
        """
        host, port = self._wanted
        try:
            bound = await listener.open(host, port)
        except OSError:
            if not port or not address.is_loopback(host):
                raise
            bound = await listener.open(host, 0)
        self._wanted = (host, bound)
        self._keep()
        return address.reachable(host, bound)

    def hints(self) -> tuple[str, ...]:
        """The hints of the address as the machine's network is now."""
        return address.reachable(*self._wanted)

    def _kept(self) -> tuple[str, int]:
        try:
            return address.parse(self._file.read_text(encoding="ascii").strip())
        except (OSError, UnicodeDecodeError, BadArgument):
            return DEFAULT_HOST, 0

    def _keep(self) -> None:
        text = address.join(*self._wanted) + "\n"
        try:
            if self._file.exists() and self._file.read_text(encoding="ascii") == text:
                return
            self._file.write_text(text, encoding="ascii")
            self._file.chmod(0o600)
        except (OSError, UnicodeDecodeError):
            return  # a full or read-only disk: the next start picks another port
