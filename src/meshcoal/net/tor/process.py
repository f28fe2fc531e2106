"""A tor of our own, where the machine has none that we may use, or the user has bridges.

Law: it opens no TCP port: control and SOCKS are sockets in a folder of ours (0700). It ends with the daemon,
even with a killed one. What it keeps on disk is its list of relays and its guards, in the home; never a
client's key, and no log. Source: tor(1).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meshcoal.errors import BadArgument, TorAbsent, TorForbidden, TorRefused
from meshcoal.limits import BRIDGE_CHARS_MAX
from meshcoal.net.processes import ended

START_TIMEOUT_S: Final = 20.0
STOP_TIMEOUT_S: Final = 5.0
_LOOK_S: Final = 0.05
_BRIDGE: Final = re.compile(
    r"(?:([a-z][a-z0-9_]{1,31}) )?(?:[0-9.]{7,15}|\[[0-9a-fA-F:.]{2,45}\]):[0-9]{1,5}"
    r"(?: [0-9A-Fa-f]{40})?((?: [a-zA-Z0-9_-]{1,32}=[!-~]{1,400})*)",
    re.ASCII,
)
# Programs that carry a kind of bridge; the first that is installed is used.
CARRIERS: Final[dict[str, tuple[str, ...]]] = {
    "obfs4": ("obfs4proxy", "lyrebird"),
    "webtunnel": ("webtunnel-client", "lyrebird"),
    "snowflake": ("snowflake-client", "lyrebird"),
}
_ELSEWHERE: Final = (Path("/usr/sbin"), Path("/usr/local/bin"), Path("/usr/bin"), Path("/opt/homebrew/bin"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTor:
    """What a tor of our own is started with."""

    data: Path  # where it keeps its state, in the home
    sockets: Path  # where its sockets are: a short path of plain characters
    bridges: tuple[str, ...] = ()
    further: Path | None = None  # a file with more of a torrc, such as a proxy to go through


def bridge_line(text: str) -> str:
    """A bridge as tor takes it, as people copy it: with or without `Bridge` before it.

    Raises:
        BadArgument: not a bridge, or of a kind that is not known.
    """
    line = " ".join(text.split()).removeprefix("Bridge ")
    found = _BRIDGE.fullmatch(line) if len(line) <= BRIDGE_CHARS_MAX else None
    if found is None:
        raise BadArgument(
            "A bridge is one line, such as `obfs4 192.0.2.7:443 FINGERPRINT cert=... iat-mode=0`. Copy it "
            "whole."
        )
    if found[1] and found[1] not in CARRIERS:
        raise BadArgument(f"Bridges of this kind are not known here. Known are: {', '.join(CARRIERS)}.")
    return line


def find_program(*names: str) -> str | None:
    """The path of the first of these that is installed; tor stands in a folder that is not on every PATH."""
    for name in names:
        found = shutil.which(name) or next(
            (str(folder / name) for folder in _ELSEWHERE if os.access(folder / name, os.X_OK)), None
        )
        if found:
            return found
    return None


class TorProcess:
    """One running tor. Made by `start`; must be stopped."""

    def __init__(self, process: asyncio.subprocess.Process, control: Path) -> None:
        self._process = process
        self.control = control

    @classmethod
    async def start(cls, own: OwnTor) -> TorProcess:
        """Write the torrc, start tor, and wait for its control socket.

        Raises:
            TorAbsent: tor, or what carries the bridges, is not installed.
            TorForbidden: its folder cannot be made.
            TorRefused: it ends at once, or does not come up.
        """
        program = find_program("tor")
        if program is None:
            raise TorAbsent("Tor is not installed. Install it (on Debian: `sudo apt install tor`).")
        lines = torrc(own, owner=os.getpid())
        control = own.sockets / "control"
        try:
            for folder in (own.data, own.sockets):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
            control.unlink(missing_ok=True)
            written = own.data.parent / "torrc"
            written.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            written.chmod(0o600)
            empty = own.data.parent / "torrc-defaults"
            empty.write_text("", encoding="ascii")
        except OSError as exc:
            raise TorForbidden(f"The folder for tor cannot be written: {exc.strerror}.") from exc
        process = await asyncio.create_subprocess_exec(
            program,
            "--defaults-torrc",
            str(empty),
            "-f",
            str(written),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the daemon, which ends it
            env={"PATH": os.defpath, "HOME": str(own.data)},
        )
        started = cls(process, control)
        try:
            await started._come_up()
        except BaseException:
            await started.stop()
            raise
        return started

    async def _come_up(self) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not self.control.exists():
                    if self._process.returncode is not None:
                        raise TorRefused(
                            "Tor ended at once. A bridge or a further setting may be wrong: "
                            "`tor --verify-config -f` with the torrc in the home's folder `tor` says which."
                        )
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError as exc:
            raise TorRefused("Tor was started and does not come up.") from exc

    async def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        await ended(self._process, STOP_TIMEOUT_S)


def torrc(own: OwnTor, *, owner: int) -> list[str]:
    """The lines of its configuration. `owner`: the process with which it ends.

    Raises:
        TorAbsent: what carries a bridge is not installed.
    """
    lines = [
        f"DataDirectory {_quoted(own.data)}",
        f"ControlSocket unix:{own.sockets / 'control'}",
        f"SocksPort unix:{own.sockets / 'socks'} IsolateSOCKSAuth ExtendedErrors",
        "CookieAuthentication 1",
        f"__OwningControllerProcess {owner}",
        "ClientOnly 1",
        "AvoidDiskWrites 1",
        "SafeLogging 1",
        "Log err stderr",
    ]
    kinds = {line.split(" ")[0] for line in own.bridges} & CARRIERS.keys()
    for kind in sorted(kinds):
        carrier = find_program(*CARRIERS[kind])
        if carrier is None:
            raise TorAbsent(
                f"What carries {kind} bridges is not installed (on Debian: `sudo apt install "
                "{CARRIERS[kind][0]}`)."
            )
        lines.append(f"ClientTransportPlugin {kind} exec {carrier}")
    if own.bridges:
        lines.append("UseBridges 1")
        lines.extend(f"Bridge {line}" for line in own.bridges)
    if own.further is not None:
        lines.append(f"%include {_quoted(own.further)}")
    return lines


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
