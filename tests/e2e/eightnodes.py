"""The machines of the eight: a daemon in a namespace, what its owner types, and a relay.

Law: each process lives in one namespace, and ends with the play.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "net" / "tor"))

from eightmap import RELAY
from processwork import RealNode, environment, until
from tornet import program

from meshcoal.api.views import StatementPhase

RELAY_PORT: Final = 7700
_DOTS_PER_INCH: Final = 150
_STAIN_MM: Final = (14, 24, 60, 70)  # left, top, right, bottom: over the first code of a page
_PATH: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


class Node(RealNode):
    """One of the eight: a home, a daemon in a namespace, and what they type."""

    def __init__(self, folder: Path, name: str, inside: tuple[str, ...], *, leash: int) -> None:
        super().__init__(folder, name)
        self.inside = inside
        self._leash = leash
        self.held: Held | None = None  # when it was looked at last

    def launch(self) -> None:
        with self.noise.open("ab") as noise:
            self.process = subprocess.Popen(
                [
                    *(*self.inside, sys.executable, "-m", "meshcoal.daemon"),
                    *("--home", str(self.home), "--leash-fd", str(self._leash)),
                ],
                pass_fds=(self._leash,),
                stdin=subprocess.DEVNULL,
                stdout=noise,
                stderr=noise,
                env=environment(self.folder) | _PATH,
                start_new_session=True,
            )

    async def wake(self) -> None:
        await self.start()
        await self.unlock()

    async def type(self, *words: str, allow: tuple[int, ...] = (0,)) -> str:
        """A command as people type it, where they are. Returns what it printed; nothing where it refused.

        Args:
            allow: exit codes that are no failure.
        """
        process = await asyncio.create_subprocess_exec(
            *(*self.inside, sys.executable, "-m", "meshcoal", "--home", str(self.home), *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(self.folder) | _PATH,
            cwd=self.folder,
        )
        told, error = await process.communicate()
        code = process.returncode
        assert code in allow, f"{self.name}: meshcoal {' '.join(words)}: {(told + error).decode()}"
        return "" if code else told.decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What must be equal in the end."""

    operations: int
    heads: bytes  # equal exactly where the same operations are held
    phase: StatementPhase
    names: tuple[str, ...]  # counted
    tally: bytes  # its digest


class Relay:
    """`meshcoal relay serve` behind an onion service and an address, as its guide says."""

    def __init__(self, folder: Path, inside: tuple[str, ...], settings: Path) -> None:
        self._folder = folder / "relay"
        self._inside = inside
        self._settings = settings
        self._processes: list[subprocess.Popen[bytes]] = []
        self.texts: tuple[str, str] = ("", "")  # for its address, and for its onion service

    async def start(self) -> None:
        service = self._folder / "service"
        service.mkdir(mode=0o700, parents=True)
        (self._folder / "defaults").write_text("")
        (self._folder / "torrc").write_text(
            f"DataDirectory {self._folder}/tor\n%include {self._settings}\nSocksPort 0\n"
            f"__OwningControllerProcess {os.getpid()}\nLog notice file {self._folder}/notice.log\n"
            f"HiddenServiceDir {service}\nHiddenServicePort {RELAY_PORT} 127.0.0.1:{RELAY_PORT}\n"
        )
        files = ("--defaults-torrc", str(self._folder / "defaults"), "-f", str(self._folder / "torrc"))
        self._run(program("tor"), *files, "--quiet")

        async def unnamed() -> str:
            return "" if (service / "hostname").exists() else "the relay has no onion address"

        await until(unnamed)
        onion = (service / "hostname").read_text().strip()
        served = self._run(
            *(sys.executable, "-m", "meshcoal", "relay", "serve", "--data", str(self._folder / "data")),
            *("--listen", f"0.0.0.0:{RELAY_PORT}", "--behind-onion"),
            *("--public", f"{RELAY.address}:{RELAY_PORT}", "--public", f"{onion}:{RELAY_PORT}"),
        )
        assert served.stdout is not None
        texts = [await asyncio.to_thread(served.stdout.readline) for _ in range(2)]
        self.texts = (texts[0].decode().strip(), texts[1].decode().strip())
        assert all(self.texts), (self._folder / "noise").read_text()

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        with (self._folder / "noise").open("ab") as noise:
            process = subprocess.Popen(
                [*self._inside, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=noise,
                env=environment(self._folder) | _PATH,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            process.wait(30)
            assert process.stdout is not None
            process.stdout.close()


def print_pages(sheet: Path) -> list[Path]:
    """What a printer makes of a sheet of codes, and a camera of that: one picture a page, coffee on one."""
    from PIL import Image

    pages = sheet.with_suffix(".pdf")
    rooted = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to run as root otherwise
    _run(
        *(program("chromium"), "--headless", "--disable-gpu", "--no-pdf-header-footer", *rooted),
        *(f"--user-data-dir={sheet.with_suffix('.profile')}", f"--print-to-pdf={pages}", sheet.as_uri()),
    )
    dots = str(_DOTS_PER_INCH)
    _run(program("pdftoppm"), "-gray", "-r", dots, "-png", str(pages), str(sheet.with_suffix("")))
    photos = sorted(sheet.parent.glob(f"{sheet.stem}-*.png"))
    with Image.open(photos[0]) as opened:
        photo = opened.convert("L")
    left, top, right, bottom = (round(one * _DOTS_PER_INCH / 25.4) for one in _STAIN_MM)
    photo.paste(90, (left, top, right, bottom))
    photo.save(photos[0])
    return photos


def _run(*words: str) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{words[0]}: {done.stderr}"
