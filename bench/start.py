"""Cold start: from the command to the first painted screen, beside a bare Textual screen in the same run;
from unlocking to the answers that the first screens ask for; and the daemon's memory. With an empty store,
and with stores of several campaigns (`bench/stores.py`).

    python bench/start.py [--operations 0 100000 1000000] [--runs N] [--stores FOLDER]

Memory in use is the peak while somebody pages back, reads every statement and writes, counted from the end
of unlocking on: Argon2, which unlocking needs, takes 64 MiB here and gives them back.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from common import Daemon, arguments, free_ports, median, progress, report
from stores import copied, stored

from meshcoal.api.commands import ListCampaigns, ListMessages, PostMessage, ShowStatement, StopDaemon
from meshcoal.api.views import CampaignsView, MessagesView
from meshcoal.client.blocking import BlockingClient

_BARE = """
from textual.app import App
from textual.widgets import Footer, Header, Static
class Bare(App):
    def compose(self):
        yield Header(); yield Static("painted"); yield Footer()
Bare().run()
"""
_PATIENCE_S = 30.0


def first_paint_s(command: list[str], sign: bytes, home: Path) -> float:
    """Seconds until `sign` reaches an 80x24 terminal."""
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", "MESHCOAL_HOME": str(home)}
        os.execv(command[0], command)
    seen = b""
    try:
        while sign not in seen:
            if time.perf_counter() - began > _PATIENCE_S:
                raise SystemExit(f"nothing was painted: {command[-1]}")
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    seen += os.read(terminal, 65_536)
                except OSError as exc:  # the child closed its terminal
                    raise SystemExit(f"it ended before it painted: {seen[-300:]!r}") from exc
        return time.perf_counter() - began
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def stop_daemon(home: Path) -> None:
    """The one that the interface has started."""
    client = BlockingClient(home)
    client.send(StopDaemon())
    client.close()


def reset_peak(daemon: Daemon) -> None:
    """From now on the peak is counted anew: what unlocking took is given back by then."""
    Path(f"/proc/{daemon.process.pid}/clear_refs").write_text("5")


def ask_first_screens(daemon: Daemon) -> bytes:
    """What the interface asks before it can be used, and the newest page. Returns the largest campaign."""
    listed = daemon.send(ListCampaigns())
    assert isinstance(listed, CampaignsView)
    if not listed.campaigns:
        return b""
    views = [daemon.campaign(one.id) for one in listed.campaigns]
    largest = max(views, key=lambda view: view.operations)
    channel = max(largest.channels, key=lambda one: one.messages)
    page = daemon.send(ListMessages(campaign=largest.id, channel=channel.id))
    assert isinstance(page, MessagesView)
    assert page.messages, "a store with operations has messages to show"
    return largest.id


def use(daemon: Daemon, campaign: bytes) -> None:
    """Page back, read every statement, and write: what fills memory after the start."""
    view = daemon.campaign(campaign)
    for channel in view.channels[:3]:
        before = b""
        for _ in range(20):
            page = daemon.send(ListMessages(campaign=campaign, channel=channel.id, before=before))
            assert isinstance(page, MessagesView)
            if not page.more:
                break
            before = page.messages[0].id
        daemon.send(PostMessage(campaign=campaign, channel=channel.id, text="here"))
    for statement in view.statements:
        daemon.send(ShowStatement(campaign=campaign, statement=statement.id))


def measure(made: Path, folder: Path, *, runs: int) -> dict[str, float]:
    """Figures of one store."""
    answers, cpus, paints = [], [], []
    figures: dict[str, float] = {}
    command = [sys.executable, "-m", "meshcoal", "tui"]
    for number in range(runs):
        home = copied(made, folder / f"run-{number}")
        daemon = Daemon(home, f"127.0.0.1:{free_ports(1)[0]}")
        try:
            figures["locked_rss_mib"] = daemon.rss_mib()
            cpu_s, began = daemon.cpu_s(), time.perf_counter()
            daemon.unlock()
            campaign = ask_first_screens(daemon)
            answers.append((time.perf_counter() - began) * 1000)
            cpus.append((daemon.cpu_s() - cpu_s) * 1000)
            figures["rss_mib"] = daemon.rss_mib()
            figures["peak_rss_mib"] = daemon.peak_rss_mib()
            reset_peak(daemon)
            sign = b"campaign 0" if campaign else b"No campaign yet"
            paints.append(first_paint_s(command, sign, home) * 1000)
            if campaign:
                use(daemon, campaign)
            figures["peak_rss_in_use_mib"] = daemon.peak_rss_mib()
        finally:
            daemon.stop()
            shutil.rmtree(home)
    figures["unlock_to_answers_ms"] = median(answers)
    figures["unlock_to_answers_cpu_ms"] = median(cpus)
    figures["first_paint_ms"] = median(paints)
    return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--operations", type=int, nargs="+", default=[0, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stores", type=Path, help="keep the stores made here, and use them again")
    chosen = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as name:
        folder = Path(name)
        ours, bare = [], []
        for number in range(chosen.runs):
            nowhere = folder / f"fresh-{number}"
            bare.append(first_paint_s([sys.executable, "-c", _BARE], b"painted", nowhere))
            ours.append(first_paint_s([sys.executable, "-m", "meshcoal", "tui"], b"ehearse", nowhere))
            stop_daemon(nowhere)
        figures["bare_textual_first_paint_ms"] = median(bare) * 1000
        figures["first_run_first_paint_ms"] = median(ours) * 1000
        figures["first_paint_ratio_to_bare"] = median(ours) / median(bare)
        for operations in chosen.operations:
            made = stored(chosen.stores or folder / "stores", operations, tell=progress("writing"))
            for what, figure in measure(made, folder, runs=chosen.runs).items():
                figures[f"operations_{operations}_{what}"] = figure
    report("start", runs=chosen.runs, **figures)


if __name__ == "__main__":
    main()
