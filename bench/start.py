"""Cold start: from the command to the first painted screen, beside a bare Textual screen in the same
run; from unlock to an answered command; and the daemon's memory, with an empty and with a full store.

    python bench/start.py [--operations 0 100000] [--runs N]
"""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import tempfile
import time
from pathlib import Path

from common import Daemon, Maker, arguments, free_ports, median, progress, report

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


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--operations", type=int, nargs="+", default=[0, 100_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--authors", type=int, default=8)
    chosen = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as folder:
        nowhere = Path(folder) / "fresh"
        ours, bare = [], []
        for _ in range(chosen.runs):
            bare.append(first_paint_s([sys.executable, "-c", _BARE], b"painted", nowhere))
            ours.append(first_paint_s([sys.executable, "-m", "meshcoal", "tui"], b"ehearse", nowhere))
        figures["bare_textual_first_paint_ms"] = median(bare) * 1000
        figures["first_run_first_paint_ms"] = median(ours) * 1000
        figures["first_paint_ratio_to_bare"] = median(ours) / median(bare)
        for operations in chosen.operations:
            maker = Maker(Path(folder) / str(operations), members=chosen.authors, ports=free_ports(1))
            maker.write(operations, tell=progress("writing"))
            maker.finish()
            daemon = Daemon(maker.homes[0], maker.hints[0])
            try:
                began = time.perf_counter()
                daemon.unlock()
                daemon.operations()
                figures[f"operations_{operations}_unlock_to_answer_ms"] = (time.perf_counter() - began) * 1000
                figures[f"operations_{operations}_daemon_rss_mib"] = daemon.rss_mib()
                figures[f"operations_{operations}_daemon_peak_rss_mib"] = daemon.peak_rss_mib()
                command = [sys.executable, "-m", "meshcoal", "tui"]
                paints = [first_paint_s(command, b"bench", maker.homes[0]) for _ in range(chosen.runs)]
                figures[f"operations_{operations}_first_paint_ms"] = median(paints) * 1000
            finally:
                daemon.stop()
    report("start", runs=chosen.runs, authors=chosen.authors, **figures)


if __name__ == "__main__":
    main()
