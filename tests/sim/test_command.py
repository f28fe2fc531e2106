"""Goal: `python -m meshcoal.sim` is what CI and developers use. Method: run it as they do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from meshcoal.sim import __main__ as command
from meshcoal.sim import run as running
from meshcoal.sim.broken import Broken

SOURCE = Path(__file__).parents[2] / "src"


def simulate(hash_seed: str) -> dict[str, object]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(SOURCE)}
    arguments = ["--seed", "5", "--nodes", "4", "--steps", "25", "--kill", "5", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "meshcoal.sim", *arguments],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    printed = json.loads(done.stdout)
    assert isinstance(printed, dict)
    return printed


def test_two_hash_seeds_give_one_trace() -> None:
    """Goal: no set or dict order leaks into behaviour. Method: one seed in two processes."""
    first, second = simulate("1"), simulate("77")
    assert first == second
    assert len(str(first["trace"])) == 64


def test_it_says_that_all_held_and_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    """Goal: a readable line for each seed. Method: two small seeds."""
    assert command.main(["--seeds", "1-2", "--nodes", "3", "--steps", "5", "--faults", "none"]) == 0
    printed = capsys.readouterr().out
    assert "seed 1: held" in printed
    assert "2 of 2 seeds held all invariants" in printed


def test_it_names_seed_and_invariant_and_exits_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: a failure can be replayed. Method: a run that breaks an invariant on one of two seeds."""
    honest = running.run

    def breaking(seed: int, *args: object, **kwargs: object) -> object:
        if seed == 2:
            raise Broken("same heads", "ana and ben differ")
        return honest(seed, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(command, "run", breaking)
    assert command.main(["--seeds", "1-2", "--nodes", "2", "--steps", "1"]) == 1
    printed = capsys.readouterr().out
    assert "seed 2: BROKEN same heads: ana and ben differ" in printed
    assert "failed: 2" in printed
