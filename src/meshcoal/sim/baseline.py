"""What a fixed set of runs came to when it was last written down, and what has moved since.

Law: nothing here says that a figure is good; it says that it changed, in which runs, and by how much, so that
nobody changes what travels between nodes without seeing it. Figures of a seed follow from the seed and the
code alone: where nothing changed, nothing moves, to the last byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meshcoal.node.node import Node
from meshcoal.node.pace import USUAL
from meshcoal.sim.haste import Hasty, sparse
from meshcoal.sim.run import FAULTS, Outcome, run

STORED: Final = Path(__file__).with_name("baseline.json")
Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Some seeds of one size; their figures are added up."""

    name: str
    seeds: tuple[int, ...]
    nodes: int
    steps: int
    faults: str
    kills: int
    few_links: bool = False  # as in a campaign too large for a full mesh


CASES: Final = (
    Case(name="calm, 4 nodes", seeds=(1, 2, 3), nodes=4, steps=100, faults="none", kills=0),
    Case(name="calm, 12 nodes", seeds=(1,), nodes=12, steps=60, faults="none", kills=0),
    Case(name="few links, 10 nodes", seeds=(1,), nodes=10, steps=60, faults="none", kills=0, few_links=True),
    Case(name="lossy, 6 nodes", seeds=(1, 2), nodes=6, steps=80, faults="lossy", kills=0),
    Case(name="harsh, 4 nodes", seeds=(1, 2, 3), nodes=4, steps=100, faults="harsh", kills=10),
    Case(name="harsh, 8 nodes", seeds=(1, 2), nodes=8, steps=60, faults="harsh", kills=10),
)


def measure(case: Case, *, progress: Callable[[int], None] | None = None) -> tuple[Figures, list[Outcome]]:
    """Run a case: its figures, and each seed's outcome. Raises `Broken`."""
    outcomes = []
    for seed in case.seeds:
        outcomes.append(
            run(
                seed,
                case.nodes,
                case.steps,
                faults=FAULTS[case.faults],
                kills=case.kills,
                maker=Hasty(pace=sparse(USUAL)) if case.few_links else Node,
                progress=progress,
            )
        )
    return figures_of(outcomes), outcomes


def figures_of(outcomes: Sequence[Outcome]) -> Figures:
    """What is compared."""
    deliveries = max(1, sum(one.deliveries for one in outcomes))
    frames = sum(one.frames for one in outcomes)
    frame_bytes = sum(one.frame_bytes for one in outcomes)
    return {
        "events": sum(one.events for one in outcomes),
        "operations": sum(one.operations for one in outcomes),
        "deliveries": sum(one.deliveries for one in outcomes),
        "frames": frames,
        "bytes": frame_bytes,
        "frames a delivery": round(frames / deliveries, 3),
        "bytes a delivery": round(frame_bytes / deliveries, 1),
        "redundancy": round(sum(one.copies for one in outcomes) / deliveries - 1, 3),
        "settling ms": sum(one.settling_ms for one in outcomes),
    }


def moved(before: Mapping[str, Mapping[str, float]], now: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A line for each figure that is not what it was, and for each case that is new or gone."""
    told = []
    for name, figures in now.items():
        if name not in before:
            told.append(f"{name}: not in the baseline")
            continue
        old = before[name]
        for key, value in figures.items():
            if key not in old:
                told.append(f"{name}: {key} {value:,.10g}, not in the baseline")
            elif old[key] != value:
                change = f", {(value - old[key]) / abs(old[key]):+.1%}" if old[key] else ""
                told.append(f"{name}: {key} {old[key]:,.10g} -> {value:,.10g}{change}")
    told += [f"{name}: in the baseline alone" for name in before if name not in now]
    return told


def stored(path: Path = STORED) -> dict[str, Figures]:
    """The baseline; empty where none was written."""
    if not path.exists():
        return {}
    found: dict[str, Figures] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(figures: Mapping[str, Figures], path: Path = STORED) -> None:
    """From now on this is the baseline. One figure a line, so that a change can be read in a diff."""
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
