"""`make bench` runs what there is, and says what failed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import run

GUARD = '\nif __name__ == "__main__":\n    main()\n'
GOOD = """
import json, sys
def main():
    print("a word before")
    print(json.dumps({"bench": "good", "nodes_2_ms": 1.5, "nodes_4_ms": 2.5, "told": sys.argv[1:]}))
"""
BAD = """
def main():
    raise SystemExit("the disk is made of cheese")
"""
SILENT = """
def main():
    print("nothing to tell")
"""
SLOW = """
import time
def main():
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of benches in the place of ours."""
    for name, text in {"good": GOOD, "bad": BAD, "silent": SILENT, "slow": SLOW}.items():
        (tmp_path / f"{name}.py").write_text(text + GUARD)
    (tmp_path / "helper.py").write_text("VALUE = 1\n")
    monkeypatch.setattr(run, "HERE", tmp_path)
    return tmp_path


def started(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["run.py", "--folder", str(folder / "results"), *words])
    return run.main()


def test_one_that_fails_does_not_stop_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Goal: named failures, and the rest. Method: one that raises, one silent, one missing, one good."""
    assert started(monkeypatch, folder, "bad", "silent", "missing", "good") == 3
    told = capsys.readouterr()
    assert "Failed: bad: exit code 1: the disk is made of cheese" in told.err
    assert "Failed: silent: it printed no line of figures" in told.err
    assert "Failed: missing: there is no such bench" in told.err
    assert "[####################] 4/4 good: done" in told.err
    (line,) = (folder / "results" / run.RESULTS).read_text().splitlines()
    assert json.loads(line)["nodes_4_ms"] == 2.5
    assert "| nodes_2_ms | 1.5 |" in (folder / "results" / "table.md").read_text()
    assert [plot.name for plot in (folder / "results" / "plots").iterdir()] == ["good-ms-by-nodes.svg"]


def test_one_that_takes_too_long_is_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Goal: no bench holds up the others. Method: one that sleeps, and no time."""
    assert started(monkeypatch, folder, "slow", "--minutes", "0.001") == 1
    assert "Failed: slow: not done after 0 minutes" in capsys.readouterr().err


def test_results_are_kept_and_compared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: history. Method: two runs, the second with small sizes, which are compared with their like."""
    monkeypatch.setitem(run.QUICK, "good", ("--few",))
    for words in ((), ("--quick",), ("--quick",)):
        assert started(monkeypatch, folder, "good", *words) == 0
    lines = (folder / "results" / run.RESULTS).read_text().splitlines()
    assert [json.loads(line)["told"] for line in lines] == [[], ["--few"], ["--few"]]
    assert "| nodes_2_ms | 1.5 | 1.5 |" in (folder / "results" / "table.md").read_text()


def test_every_bench_of_ours_is_found() -> None:
    """Goal: none is forgotten. Method: what is found, against what has a line of figures to print."""
    found = run.benches()
    assert {"live", "catchup", "start", "overlay", "reconcile"} <= set(found)
    assert not {"common", "plot", "series", "run"} & set(found)
    assert set(run.QUICK) | set(run.WHEN_ASKED) <= set(found)
