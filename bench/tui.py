"""The interface in tmux: start to first paint, and key press to paint, with an empty and a full channel,
while nothing comes and while messages come all the time; beside other terminal programs in the same run.

A key press is a letter that stands nowhere else, typed where text is written: the message being written
here, the text looked for in toolong's log of as many lines, an address in nomadnet, an `Input` above a
growing `Log` in a bare Textual screen. First paint: until the first thing of use stands there, with a
running daemon. Every program is started once before it counts, and finds its modules compiled, as an
installed one does.

    python bench/tui.py [--messages 0 100000] [--keys N] [--rounds N] [--rate N] [--beside all] [--memory]

With `--memory`: the process of the interface with the largest channel open, before and after paging back.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import beside
from common import Daemon, Maker, arguments, free_ports, median, progress, quantile, report
from terminal import Screen

from meshcoal.api.commands import PostMessage
from meshcoal.client.blocking import BlockingClient
from meshcoal.errors import MeshcoalError

OTHERS: Final = ("toolong", "nomadnet")
INTERFACES: Final = Path(__file__).parent / "interfaces"
_LETTERS: Final = "жцщюяфэ"  # stand in no label, date or message here
_SETTLE_S: Final = 1.0
_BETWEEN_S: Final = 0.08
_PAGES: Final = 40
_BARE: Final = """
import sys, time
from textual.app import App
from textual.widgets import Footer, Header, Input, Log
class Bare(App):
    def compose(self):
        yield Header(); yield Input(); yield Log(); yield Footer()
    def on_mount(self):
        log = self.query_one(Log)
        log.write_line("painted")
        self.query_one(Input).focus()
        rate = float(sys.argv[1])
        if rate:
            self.set_interval(1 / rate, lambda: log.write_line(f"{time.time_ns()} 0000"))
Bare().run()
"""


@contextmanager
def arriving(home: Path, campaign: bytes, channel: bytes, rate: float) -> Iterator[None]:
    """Somebody writes all the time on another node."""
    ended = threading.Event()
    faults: list[MeshcoalError] = []

    def write() -> None:
        client = BlockingClient(home)
        began, number = time.perf_counter(), 0
        while not ended.is_set():
            try:
                client.send(PostMessage(campaign=campaign, channel=channel, text=f"{number} 000"))
            except MeshcoalError as exc:
                faults.append(exc)
                break
            number += 1
            ended.wait(max(0.0, began + number / rate - time.perf_counter()))
        client.close()

    writing = threading.Thread(target=write)
    if rate:
        writing.start()
    try:
        yield
    finally:
        ended.set()
        if rate:
            writing.join()
    if faults:
        raise SystemExit(f"the other node could not write: {faults[0].code}")


def keys_ms(screen: Screen, count: int) -> list[float]:
    """Typing a letter, seeing it, and taking it back, again and again."""
    found = []
    for number in range(count):
        found.append(screen.type(_LETTERS[number % len(_LETTERS)]) * 1000)
        screen.press("BSpace")
        screen.rest(_BETWEEN_S)
    return found


def summary(name: str, paints: list[float], keys: Mapping[str, list[float]]) -> dict[str, float]:
    figures = {f"{name}_first_paint_ms": median(paints) * 1000} if paints else {}
    for when, found in keys.items():
        figures |= {
            f"{name}_{when}_key_p50_ms": median(found),
            f"{name}_{when}_key_p99_ms": quantile(found, 0.99),
        }
    return figures


class Ours:
    """Two daemons: one whose user looks, and one whose user writes."""

    def __init__(self, folder: Path, messages: int) -> None:
        self.maker = Maker(folder, members=2, ports=free_ports(2))
        if messages:
            self.maker.write(messages, bytes_each=60, tell=progress("writing"))
        self.maker.finish()
        self.daemons = [
            Daemon(home, hint) for home, hint in zip(self.maker.homes, self.maker.hints, strict=True)
        ]
        for daemon in self.daemons:
            daemon.unlock()
        end_s = time.monotonic() + 600
        while self.daemons[1].operations() < self.daemons[0].operations():
            if time.monotonic() > end_s:
                raise SystemExit("the other node did not catch up")
            time.sleep(0.2)

    def start(self, screen: Screen) -> float:
        """Seconds to the list of campaigns."""
        command = [sys.executable, "-m", "meshcoal", "tui"]
        return screen.run(command, {"MESHCOAL_HOME": str(self.maker.homes[0])}, "bench")

    def open_channel(self, screen: Screen) -> None:
        screen.rest(_SETTLE_S)
        screen.press("Enter")
        screen.wait_shown("channel0")
        screen.rest(_SETTLE_S)
        screen.press("Enter")
        screen.rest(_SETTLE_S)

    def stop(self) -> None:
        for daemon in self.daemons:
            daemon.stop()


def ours(
    screen: Screen, folder: Path, messages: int, *, keys: int, rounds: int, rate: float
) -> dict[str, float]:
    both = Ours(folder / f"with-{messages}", messages)
    paints: list[float] = []
    found: dict[str, list[float]] = {"quiet": [], "busy": []}
    try:
        both.start(screen)
        for _ in range(rounds):
            paints.append(both.start(screen))
            both.open_channel(screen)
            found["quiet"] += keys_ms(screen, keys)
            with arriving(both.maker.homes[1], both.maker.campaign, both.maker.channel, rate):
                screen.rest(_SETTLE_S)
                found["busy"] += keys_ms(screen, keys)
    finally:
        screen.end()  # first: it would start a daemon again
        both.stop()
    return summary(f"messages_{messages}", paints, found)


def memory(screen: Screen, folder: Path, messages: int) -> dict[str, float]:
    """Resident memory of the interface with a channel open, and after paging back for long."""
    both = Ours(folder / f"memory-{messages}", messages)
    try:
        both.start(screen)
        both.open_channel(screen)
        before = _rss_mib(screen.process())
        for _ in range(_PAGES):
            screen.press("PPage")
            screen.rest(0.15)
        after = _rss_mib(screen.process())
    finally:
        screen.end()  # first: it would start a daemon again
        both.stop()
    return {f"messages_{messages}_rss_mib": before, f"messages_{messages}_paged_back_rss_mib": after}


def _rss_mib(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the kernel does not tell resident memory")


def bare(screen: Screen, folder: Path, *, keys: int, rounds: int, rate: float) -> dict[str, float]:
    program = folder / "bare.py"
    program.write_text(_BARE)
    paints: list[float] = []
    found: dict[str, list[float]] = {"quiet": [], "busy": []}
    screen.run([sys.executable, str(program), "0"], {}, "painted")
    for _ in range(rounds):
        for when, a_second in (("quiet", 0.0), ("busy", rate)):
            took = screen.run([sys.executable, str(program), str(a_second)], {}, "painted")
            if when == "quiet":
                paints.append(took)
            screen.rest(_SETTLE_S)
            found[when] += keys_ms(screen, keys)
    return summary("bare", paints, found)


def toolong(screen: Screen, folder: Path, lines: int, *, keys: int, rounds: int) -> dict[str, float]:
    program = beside.environment(INTERFACES).parent / "tl"
    log = folder / "lines.log"
    log.write_text(
        "".join([f"{number:08} 00:00:00 000000000000\n" for number in range(1, max(lines, 1) + 1)])
    )
    paints: list[float] = []
    found: dict[str, list[float]] = {"quiet": []}
    screen.run([str(program), str(log)], {}, f"{max(lines, 1):08}")
    for _ in range(rounds):
        paints.append(screen.run([str(program), str(log)], {}, f"{max(lines, 1):08}"))
        screen.rest(_SETTLE_S)
        screen.press("/")
        screen.rest(_SETTLE_S)
        found["quiet"] += keys_ms(screen, keys)
    return summary("toolong", paints, found)


def nomadnet(screen: Screen, folder: Path, *, keys: int, rounds: int) -> dict[str, float]:
    program = beside.environment(INTERFACES).parent / "nomadnet"
    home, network = folder / "nomadnet", folder / "reticulum"
    network.mkdir()
    (network / "config").write_text("[reticulum]\nenable_transport = No\nshare_instance = No\n[interfaces]\n")
    command = [str(program), "--config", str(home), "--rnsconfig", str(network)]
    screen.run(command, {}, "Introduction")  # the first start shows a guide
    config = home / "config"
    config.write_text(config.read_text().replace("intro_time = 1", "intro_time = 0"))
    paints: list[float] = []
    found: dict[str, list[float]] = {"quiet": []}
    for _ in range(rounds):
        paints.append(screen.run(command, {}, "No trusted conversations"))
        screen.rest(_SETTLE_S)
        screen.press("C-n")
        screen.rest(_SETTLE_S)
        found["quiet"] += keys_ms(screen, keys)
    return summary("nomadnet", paints, found)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--messages", type=int, nargs="+", default=[0, 100_000])
    parser.add_argument("--keys", type=int, default=60, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=100.0, help="messages a second, where they come")
    parser.add_argument("--beside", nargs="+", default=[], choices=("all", *OTHERS))
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--quick", action="store_true", help="500 messages, 15 keys, one round, no others")
    chosen = parser.parse_args()
    if shutil.which("tmux") is None:
        raise SystemExit("tmux is needed: apt-get install tmux")
    if chosen.quick:
        chosen.messages, chosen.keys, chosen.rounds = [500], 15, 1
    others = OTHERS if "all" in chosen.beside else tuple(chosen.beside)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as name:
        folder = Path(name)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        with Screen(folder) as screen:
            if chosen.memory:
                report("tui_memory", **memory(screen, folder, max(chosen.messages)))
                return
            figures |= bare(screen, folder, keys=chosen.keys, rounds=chosen.rounds, rate=chosen.rate)
            if "toolong" in others:
                most = max(chosen.messages)
                figures |= toolong(screen, folder, most, keys=chosen.keys, rounds=chosen.rounds)
            if "nomadnet" in others:
                figures |= nomadnet(screen, folder, keys=chosen.keys, rounds=chosen.rounds)
            for messages in chosen.messages:
                figures |= ours(
                    screen, folder, messages, keys=chosen.keys, rounds=chosen.rounds, rate=chosen.rate
                )
    for messages in chosen.messages:
        paint = figures[f"messages_{messages}_first_paint_ms"]
        for other in ("bare", *others):
            figures[f"messages_{messages}_first_paint_{other}_ratio"] = (
                paint / figures[f"{other}_first_paint_ms"]
            )
    report("tui", keys=chosen.keys, rounds=chosen.rounds, rate_per_s=chosen.rate, **figures)


if __name__ == "__main__":
    main()
