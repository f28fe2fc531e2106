"""Goal: nobody changes what travels without seeing it. Method: runs before and after a change on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshcoal.node import pace
from meshcoal.sim import __main__ as command
from meshcoal.sim import baseline
from meshcoal.sim.baseline import Case

SMALL = Case(name="small", seeds=(3,), nodes=3, steps=25, faults="none", kills=0)


def test_a_change_of_what_is_said_is_noticed_and_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Goal: it bites. Method: write it down; run again; then members say what they hold far more often."""
    stored = tmp_path / "baseline.json"
    monkeypatch.setattr(baseline, "CASES", (SMALL,))
    monkeypatch.setattr(baseline, "STORED", stored)
    monkeypatch.setattr(baseline.stored, "__defaults__", (stored,))
    monkeypatch.setattr(baseline.write, "__defaults__", (stored,))
    assert command.main(["--baseline", "write"]) == 0
    assert command.main(["--baseline", "compare"]) == 0
    assert "nothing moved" in capsys.readouterr().out
    monkeypatch.setattr(pace, "ANNOUNCE_EVERY_MS", 0)
    monkeypatch.setattr(pace, "ANNOUNCE_AFTER_MS", 1)
    assert command.main(["--baseline", "compare"]) == 0
    printed = capsys.readouterr().out
    assert "nothing moved" not in printed
    (frames,) = [line for line in printed.splitlines() if line.startswith("moved: small: frames ")][:1]
    before, after = frames.partition("frames ")[2].partition(",")[0].split(" -> ")
    assert float(after.replace(",", "")) > float(before.replace(",", ""))


def test_what_moved_is_told_figure_by_figure() -> None:
    """Goal: by how much. Method: one figure up, one from nothing, a case that is new, one that is gone."""
    before = {"calm": {"frames": 200.0, "redundancy": 0.0, "bytes": 5.0}, "gone": {"frames": 1.0}}
    now = {"calm": {"frames": 150.0, "redundancy": 0.5, "bytes": 5.0}, "new": {"frames": 1.0}}
    assert baseline.moved(before, now) == [
        "calm: frames 200 -> 150, -25.0%",
        "calm: redundancy 0 -> 0.5",
        "new: not in the baseline",
        "gone: in the baseline alone",
    ]
    assert baseline.moved(before, before) == []


def test_the_baseline_in_the_tree_is_of_these_cases() -> None:
    """Goal: it is renewed when the cases change. Method: names, and every figure there."""
    found = baseline.stored()
    assert list(found) == [case.name for case in baseline.CASES]
    for figures in found.values():
        assert 0 < figures["deliveries"] <= figures["deliveries"] * (1 + figures["redundancy"])
        assert figures["frames"] > figures["operations"] > 0
