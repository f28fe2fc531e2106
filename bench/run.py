"""Runs the benches one after another, and makes a table and plots of what they say. `make bench` starts it.

Law: a bench that fails, takes too long or says nothing is named, and the others go on; the exit code is the
number of those that failed, at most 99. What was measured is appended to `results.jsonl` and never changed.

    python bench/run.py [live catchup ...] [--quick] [--beside] [--folder DIR] [--minutes N] [--draw]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import series

HERE = Path(__file__).parent
RESULTS = "results.jsonl"
TOOLS = ("run", "stores")  # have arguments of their own, and measure nothing
WHEN_ASKED = ("beside", "big_campaign", "cipher")  # packages of others; some hours
# What a script that has no `--quick` of its own is given instead.
QUICK = {
    "attachments": ("--mib", "2", "--files", "2"),
    "big_campaign": (
        "--members",
        "12",
        "--messages",
        "40",
        "--removals",
        "3",
        "--joins",
        "3",
        "--repeatable",
    ),
    "bundle": ("--operations", "300", "--mib", "2"),
    "catchup": ("--operations", "5000", "--rounds", "1"),
    "counted": ("--ring", "16", "--counted", "4", "--no-page"),
    "epoch_change": ("--members", "8", "32", "--runs", "3"),
    "handshake": ("--handshakes", "10", "--frames", "200"),
    "idle": ("--peers", "3", "--seconds", "10"),
    "lan": ("--tries", "3"),
    "onion": ("--echoes", "50", "--mib", "2", "--rounds", "1"),
    "overlay": ("--nodes", "200", "--rounds", "5"),
    "reconcile": ("--operations", "10000", "--differ", "1", "100", "--runs", "1"),
    "seal": ("--members", "12", "--rings", "16", "--runs", "3"),
    "sealed_round": ("--members", "12", "--threshold", "6"),
    "start": ("--operations", "0", "5000", "--runs", "1"),
    "taking_in": ("--operations", "5000"),
}


def benches() -> list[str]:
    """Every script here that measures something."""
    found = []
    for path in sorted(HERE.glob("*.py")):
        if path.stem not in TOOLS and 'if __name__ == "__main__":' in path.read_text(encoding="utf-8"):
            found.append(path.stem)
    return found


class Bar:
    """How far we are, on stderr: overwritten where somebody watches, a line for each bench elsewhere."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._done = 0
        self._began_s = time.monotonic()
        self._live = sys.stderr.isatty()

    def show(self, name: str, since_s: float) -> None:
        if self._live:
            passed, here = time.monotonic() - self._began_s, time.monotonic() - since_s
            self._write(f"\r\x1b[K{self._picture()} {name} {_span(here)}   {_span(passed)} in all")

    def finish(self, name: str, outcome: str, took_s: float) -> None:
        self._done += 1
        start = "\r\x1b[K" if self._live else ""
        self._write(f"{start}{self._picture()} {name}: {outcome}, {_span(took_s)}\n")

    def _picture(self) -> str:
        count, width = len(self._names), 20
        full = self._done * width // max(1, count)
        return f"[{'#' * full}{'.' * (width - full)}] {self._done}/{count}"

    @staticmethod
    def _write(words: str) -> None:
        sys.stderr.write(words)
        sys.stderr.flush()


def _span(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def command(name: str, *, quick: bool, beside: bool) -> list[str]:
    """How a bench is run. Raises `FileNotFoundError`."""
    path = HERE / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    arguments: list[str] = []
    if quick:
        arguments += ["--quick"] if '"--quick"' in text else QUICK.get(name, ())
    if beside and '"--beside"' in text:
        arguments += ["--beside", "all"]
    return [sys.executable, str(path), *arguments]


def measure(name: str, bar: Bar, *, quick: bool, beside: bool, seconds: float) -> tuple[dict[str, Any], str]:
    """Run one bench: its figures, and what went wrong, if anything did."""
    began_s = time.monotonic()
    try:
        line = command(name, quick=quick, beside=beside)
    except FileNotFoundError:
        return {}, "there is no such bench"
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    told: list[tuple[str, str]] = []
    reader = threading.Thread(target=lambda: told.append(process.communicate()), daemon=True)
    reader.start()
    while reader.is_alive():
        bar.show(name, began_s)
        reader.join(timeout=1.0)
        if time.monotonic() - began_s > seconds:
            os.killpg(process.pid, 9)  # the bench and whatever it started
            reader.join()
            return {}, f"not done after {seconds / 60:.0f} minutes"
    said, complained = told[0]
    figures = last_figures(said)
    if process.returncode:
        reason = complained.strip().splitlines()[-1:] or said.strip().splitlines()[-1:] or ["no reason given"]
        return {}, f"exit code {process.returncode}: {reason[0][:200]}"
    if figures is None:
        return {}, "it printed no line of figures"
    return {**figures, "seconds": round(time.monotonic() - began_s, 1), "quick": quick}, ""


def last_figures(said: str) -> dict[str, Any] | None:
    """The last JSON line of a bench."""
    for line in reversed(said.splitlines()):
        if line.startswith("{"):
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict) and "bench" in found:
                return found
    return None


def kept(folder: Path) -> list[dict[str, Any]]:
    """All results so far, oldest first."""
    path = folder / RESULTS
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def draw(folder: Path) -> None:
    """The table and the plots of the newest result of each bench."""
    newest: dict[str, dict[str, Any]] = {}
    before: dict[str, dict[str, Any]] = {}
    for result in kept(folder):
        name = result["bench"]
        if name in newest and newest[name].get("quick") == result.get("quick"):
            before[name] = newest[name]
        newest[name] = result
    plots = folder / "plots"
    plots.mkdir(exist_ok=True)
    for old in plots.glob("*.svg"):
        old.unlink()
    (folder / "table.md").write_text(series.table(newest, before), encoding="utf-8")
    for name, result in newest.items():
        for title, picture in series.pictures(name, result).items():
            (plots / f"{name}-{title}.svg").write_text(picture, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="BENCH", help=f"of: {', '.join(benches())}")
    parser.add_argument("--quick", action="store_true", help="small sizes: whether all run, not how fast")
    parser.add_argument(
        "--beside", action="store_true", help="live delivery beside other networks, installed for it"
    )
    parser.add_argument("--folder", type=Path, default=HERE / "results", help="for results, table and plots")
    parser.add_argument("--minutes", type=float, default=60.0, help="for each bench, at most")
    parser.add_argument("--draw", action="store_true", help="only the table and the plots of what is there")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    failures: dict[str, str] = {}
    if not chosen.draw:
        names = chosen.names or [name for name in benches() if name not in WHEN_ASKED]
        bar = Bar(names)
        for name in names:
            began_s = time.monotonic()
            figures, wrong = measure(
                name, bar, quick=chosen.quick, beside=chosen.beside, seconds=chosen.minutes * 60
            )
            if wrong:
                failures[name] = wrong
            else:
                figures["at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                with (chosen.folder / RESULTS).open("a", encoding="utf-8") as results:
                    results.write(json.dumps(figures) + "\n")
                print(json.dumps(figures), flush=True)
            bar.finish(name, wrong or "done", time.monotonic() - began_s)
    draw(chosen.folder)
    sys.stderr.write(f"Table and plots: {chosen.folder}\n")
    for name, wrong in failures.items():
        sys.stderr.write(f"Failed: {name}: {wrong}\n")
    return min(99, len(failures))


if __name__ == "__main__":
    sys.exit(main())
