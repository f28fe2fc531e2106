"""`python -m meshcoal.sim`: run seeded worlds and say whether every invariant held.

Law: what is printed for a seed depends on the seed and the sizes alone, but for the time it took. Exit code
0: all held; 1: a seed failed, and it is named with the invariant.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from functools import partial

from meshcoal.node.node import Node
from meshcoal.node.pace import USUAL
from meshcoal.sim import baseline
from meshcoal.sim.broken import Broken
from meshcoal.sim.haste import HASTE, Hasty, sparse
from meshcoal.sim.leisure import leisurely
from meshcoal.sim.machine import Maker
from meshcoal.sim.run import FAULTS, Outcome, run
from meshcoal.sim.world import World


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m meshcoal.sim",
        description="Run simulated coalitions from seeds and check every invariant.",
    )
    parser.add_argument("--seed", type=int, default=0, help="the one seed to run")
    parser.add_argument("--seeds", type=_span, help="run all seeds from A to B, as A-B")
    parser.add_argument("--nodes", type=int, default=8, help="how many nodes (2 to 64)")
    parser.add_argument("--steps", type=int, default=100, help="how many things users do")
    parser.add_argument("--faults", choices=sorted(FAULTS), default="harsh", help="what goes wrong")
    parser.add_argument(
        "--kill", type=int, default=0, help="also kill nodes at random effects this many times"
    )
    parser.add_argument(
        "--hasty", action="store_true", help="nodes that change and publish their signing keys in minutes"
    )
    parser.add_argument(
        "--sparse", action="store_true", help="few links each: a campaign of five or more counts as large"
    )
    parser.add_argument(
        "--leisure",
        action="store_true",
        help="minutes between what users do; nobody honest may be named as keeping things back",
    )
    parser.add_argument("--json", action="store_true", help="one JSON line for each seed, nothing else")
    parser.add_argument(
        "--baseline",
        choices=("compare", "write"),
        help="run a fixed set instead, and say what moved since it was written down; or write it down",
    )
    chosen = parser.parse_args(arguments)
    if chosen.baseline is not None:
        return _baseline(renew=chosen.baseline == "write")
    if not 2 <= chosen.nodes <= 64 or chosen.steps < 0 or chosen.kill < 0:
        parser.error("2 to 64 nodes, and no negative numbers")
    first, last = chosen.seeds or (chosen.seed, chosen.seed)
    failed = []
    started = time.monotonic()
    maker = _maker(hasty=chosen.hasty, few_links=chosen.sparse)
    for seed in range(first, last + 1):
        began = time.monotonic()
        try:
            if chosen.leisure:
                watching = partial(_show_progress, seed, chosen.steps)
                world = leisurely(seed, chosen.nodes, chosen.steps, maker=maker, progress=watching)
                _say_leisurely(seed, world, time.monotonic() - began, as_json=chosen.json)
                continue
            outcome = run(
                seed,
                chosen.nodes,
                chosen.steps,
                faults=FAULTS[chosen.faults],
                kills=chosen.kill,
                maker=maker,
                progress=partial(_show_progress, seed, chosen.steps),
            )
        except Broken as broken:
            failed.append(seed)
            _say_broken(seed, broken, as_json=chosen.json)
            continue
        _say(outcome, time.monotonic() - began, as_json=chosen.json)
    count = last - first + 1
    if not chosen.json:
        took_s = time.monotonic() - started
        _line(f"{count - len(failed)} of {count} seeds held all invariants in {took_s:.1f} s")
        if failed:
            _line("failed: " + " ".join(str(seed) for seed in failed))
    return 1 if failed else 0


def _maker(*, hasty: bool, few_links: bool) -> Maker:
    pace = HASTE if hasty else USUAL
    return Hasty(pace=sparse(pace) if few_links else pace) if hasty or few_links else Node


def _baseline(*, renew: bool) -> int:
    """The fixed set. Exit code 1 only if an invariant broke: that a figure moved is news, and no failure."""
    now: dict[str, baseline.Figures] = {}
    failed = False
    for case in baseline.CASES:
        began = time.monotonic()
        try:
            now[case.name], outcomes = baseline.measure(
                case, progress=partial(_show_progress, case.seeds[0], case.steps)
            )
        except Broken as broken:
            failed = True
            _line(f"{case.name}: BROKEN {broken}")
            continue
        figures = now[case.name]
        _line(
            f"{case.name}: held; {len(outcomes)} seeds, {figures['operations']:,g} operations, "
            f"{figures['frames a delivery']:g} frames and {figures['bytes a delivery']:,.0f} bytes each, "
            f"redundancy {figures['redundancy']:g}; {time.monotonic() - began:.1f} s"
        )
    if failed:
        return 1
    if renew:
        baseline.write(now)
        _line(f"written: {baseline.STORED.name}")
        return 0
    changes = baseline.moved(baseline.stored(), now)
    for change in changes:
        _line(f"moved: {change}")
    _line("nothing moved since the baseline" if not changes else "to renew it: --baseline write")
    return 0


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    span = int(first), int(last or first)
    if span[0] > span[1]:
        raise ValueError("a span of seeds goes upwards")
    return span


def _show_progress(seed: int, steps: int, step: int) -> None:
    """A line for who waits at a terminal; files and pipes get results only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\rseed {seed}: step {step + 1} of {steps} ")
        if step + 1 == steps:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _say(outcome: Outcome, took_s: float, *, as_json: bool) -> None:
    if as_json:
        _line(json.dumps(outcome.plain(), sort_keys=True))
        return
    _line(
        f"seed {outcome.seed}: held; trace {outcome.trace}; {outcome.events} events, "
        f"{outcome.frames} frames, {outcome.operations} operations, {outcome.crashes} crashes, "
        f"{outcome.promises} promises kept; "
        f"{outcome.virtual_ms / 60_000:.0f} min in {took_s:.1f} s",
    )


def _say_leisurely(seed: int, world: World, took_s: float, *, as_json: bool) -> None:
    if as_json:
        _line(
            json.dumps({"seed": seed, "named": 0, "crashes": world.crashes, "virtual_ms": world.elapsed_ms})
        )
    else:
        _line(
            f"seed {seed}: nobody named; {world.crashes} crashes; "
            f"{world.elapsed_ms / 60_000:.0f} min in {took_s:.1f} s"
        )


def _say_broken(seed: int, broken: Broken, *, as_json: bool) -> None:
    if as_json:
        _line(json.dumps({"seed": seed, "invariant": broken.name, "detail": broken.detail}))
    else:
        _line(f"seed {seed}: BROKEN {broken}")
    if broken.__cause__ is not None:
        traceback.print_exception(broken.__cause__, file=sys.stderr)


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
