"""What a large campaign costs and how it heals, with whole nodes: their logs, keys, links and gossip.

A campaign forms in the simulator (`sim.crowd`, cheap keys, frames take 5 to 60 ms), members write in turn,
and all that is handed to links is counted. Then some of the nodes die at one instant, once so that their
links close, once without a word (dials to them fail only after seconds), and messages are written at that
instant and after it: how long until every survivor has every message? And a half is kept apart from the other
for ten minutes, and both write: how long after that until all have all? Each begins from one world.

    python bench/gossip.py [--members N] [--messages N] [--seed N] [--parts 50,70]

How far each stage has come is told on standard error, with the time and the memory it took so far. The trials
each run in a copy of the process, one after another.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from common import arguments, report

from meshcoal.ids import CampaignId, OperationId
from meshcoal.limits import MEMBERS_MAX
from meshcoal.log.changes import PutOperation
from meshcoal.node.effects import Effect, Persist
from meshcoal.sim.coalition import post
from meshcoal.sim.crowd import Crowd, Plan
from meshcoal.sim.invariants import Watch
from meshcoal.sim.machine import Machine
from meshcoal.sim.network import Faults
from meshcoal.sim.world import World
from meshcoal.sync.outbox import Outbox
from meshcoal.wire.frames import Frontier, Message, Run

CLOSING: Final = Faults(unsaid=0.0, refusal_ms=(5, 60))
SILENT: Final = Faults(unsaid=1.0, breaking_ms=(600_000, 600_000), refusal_ms=(5_000, 20_000))
Tell = Callable[[str, int, int], None]  # a stage, done, total
WAITS_MS: Final = (0, 300, 700, 1_000, 2_000)  # between the messages that follow a failure
SETTLE_MS: Final = 120_000


class Arrivals(Watch):
    """Notes when which operation came to which node."""

    def __init__(self) -> None:
        super().__init__(recoveries_every=0)
        self.at_ms: dict[OperationId, dict[str, int]] = {}

    def committed(self, world: World, machine: Machine, effects: Iterable[Effect], *, lasting: bool) -> None:
        super().committed(world, machine, effects, lasting=lasting)
        for effect in effects:
            if isinstance(effect, Persist):
                for change in effect.changes:
                    if isinstance(change, PutOperation):
                        self.at_ms.setdefault(change.id, {})[machine.name] = world.now_ms


class Handed:
    """Counts what is handed to links, by kind; operations of runs one by one."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.operations = 0
        add = Outbox.add

        def counting(outbox: Outbox, message: Message) -> bool:
            whole = isinstance(message, Frontier) and message.whole
            self.kinds["Frontier, whole" if whole else type(message).__name__] += 1
            if isinstance(message, Run):
                self.operations += len(message.operations)
            return add(outbox, message)

        Outbox.add = counting  # type: ignore[method-assign, assignment]


def talk(
    crowd: Crowd, campaign: CampaignId, watch: Arrivals, handed: Handed, tell: Tell
) -> dict[str, object]:
    """Members write, one after another."""
    world = crowd.world
    frames, size, kinds, copies = (
        world.network.frames,
        world.network.bytes,
        handed.kinds.copy(),
        handed.operations,
    )
    known = set(watch.at_ms)
    for number in range(crowd.plan.messages):
        if number % 10 == 0:
            tell("talk", number, crowd.plan.messages)
        crowd.write(campaign, crowd.inside)
    world.run_ms(5_000)
    new = [at_ms for operation, at_ms in watch.at_ms.items() if operation not in known]
    count, others = len(new), len(crowd.inside) - 1
    delays = sorted(when - min(at.values()) for at in new for when in at.values() if when > min(at.values()))
    lasts = [max(at.values()) - min(at.values()) for at in new]
    return {
        "operations": count,
        "frames_per_operation": round((world.network.frames - frames) / count, 1),
        "kib_per_operation": round((world.network.bytes - size) / count / 1024, 1),
        "copies_too_many": round((handed.operations - copies) / count / others - 1, 4),
        "by_kind": {
            kind: round((number - kinds[kind]) / count, 1)
            for kind, number in handed.kinds.most_common()
            if number - kinds[kind] >= count // 10
        },
        "delivery_ms_p50": delays[len(delays) // 2],
        "delivery_ms_p99": delays[len(delays) * 99 // 100],
        "last_ms_mean": round(statistics.mean(lasts)),
        "last_ms_max": max(lasts),
        "missed": sum(others + 1 - len(at) for at in new),
    }


def failure(
    crowd: Crowd, campaign: CampaignId, watch: Arrivals, tell: Tell, percent: int, *, silent: bool
) -> dict[str, object]:
    """Many die at once; others write at that instant and while the rest mends what is left."""
    world = crowd.world
    stage = f"{percent} % die, {'silent' if silent else 'closed'}"
    chance = random.Random(f"{crowd.plan.seed} {percent}")
    world.set_faults(SILENT if silent else CLOSING)
    gone = chance.sample(crowd.inside, len(crowd.inside) * percent // 100)
    left = [name for name in crowd.inside if name not in gone]
    for name in gone:
        world.crash(name)
    began_ms = world.now_ms
    written = []
    for number, wait_ms in enumerate(WAITS_MS):
        tell(stage, number, len(WAITS_MS))
        world.run_ms(wait_ms)
        written.append(post(world, chance.choice(left), campaign, f"after {wait_ms}"))

    def there(operation: OperationId) -> bool:
        return all(name in watch.at_ms[operation] for name in left)

    world.run_until(lambda: False, max(0, began_ms + 5_000 - world.now_ms))
    reached = min(len([name for name in left if name in watch.at_ms[one]]) for one in written) / len(left)
    for second in range(SETTLE_MS // 1_000):
        if all(map(there, written)):
            break
        if second % 10 == 0:
            tell(f"{stage}: seconds waited for the last", second, SETTLE_MS // 1_000)
        world.run_ms(1_000)
    done = all(map(there, written))
    waits_ms = [
        max(watch.at_ms[one].get(name, 0) for name in left) - min(watch.at_ms[one].values())
        for one in written
    ]
    return {
        "survivors": len(left),
        "reached_at_5_s": round(reached, 4),
        "all_reached_after_ms": waits_ms if done else None,  # each, since it was written
    }


def split(crowd: Crowd, campaign: CampaignId, watch: Arrivals, tell: Tell) -> dict[str, object]:
    """Two halves for ten minutes; then one network again."""
    world, inside = crowd.world, crowd.inside
    chance = random.Random(f"{crowd.plan.seed} split")
    world.set_faults(CLOSING)
    one = chance.sample(inside, len(inside) // 2)
    world.partition(one, [name for name in inside if name not in one])
    known = set(watch.at_ms)
    for number in range(20):
        tell("split, half minutes apart", number, 20)
        post(world, chance.choice(inside), campaign, "while apart")
        world.run_ms(30_000)
    world.heal()
    healed_ms = world.now_ms
    new = [operation for operation in watch.at_ms if operation not in known]

    def there() -> bool:
        return all(len(watch.at_ms[operation]) == len(inside) for operation in new)

    for second in range(600):
        if there():
            break
        if second % 10 == 0:
            tell("split, seconds since it healed", second, 600)
        world.run_ms(1_000)
    last_ms = max(at for operation in new for at in watch.at_ms[operation].values())
    return {"operations": len(new), "all_have_all_s": (last_ms - healed_ms) / 1000 if there() else None}


def apart(tried: Callable[[], dict[str, object]]) -> dict[str, object]:
    """What comes of this in a process of its own, so that each begins from one world."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as stream:
            json.dump(tried(), stream)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    found: dict[str, object] = json.loads(text)
    return found


def spans(text: str) -> Sequence[int]:
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--members", type=int, default=60)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", type=spans, default="50,70,80", help="percents that die at once")
    chosen = parser.parse_args()
    if not 34 <= chosen.members <= MEMBERS_MAX:
        parser.error(f"--members is 34 to {MEMBERS_MAX}: in smaller campaigns all are linked to all")
    began = time.perf_counter()

    def tell(stage: str, done: int, total: int) -> None:
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        took_s = time.perf_counter() - began
        sys.stderr.write(f"{took_s:8.1f} s  {peak_mib:6,} MiB  {stage}: {done} of {total}\n")
        sys.stderr.flush()

    plan = Plan(members=chosen.members, messages=chosen.messages, removals=0, joins=0, seed=chosen.seed)
    watch, handed = Arrivals(), Handed()
    crowd = Crowd(plan, tell=tell, watch=watch)
    campaign = crowd.form()
    crowd.world.run_ms(60_000)
    found: dict[str, object] = {"talk": talk(crowd, campaign, watch, handed, tell)}
    sys.stderr.write(f"{time.perf_counter() - began:8.1f} s  {json.dumps(found)}\n")
    trials: dict[str, Callable[[], dict[str, object]]] = {
        "split": partial(split, crowd, campaign, watch, tell)
    }
    for percent in chosen.parts:
        for silent in (False, True):
            name = f"{'silent' if silent else 'closed'}_{percent}"
            trials[name] = partial(failure, crowd, campaign, watch, tell, percent, silent=silent)
    for name, tried in trials.items():
        found[name] = apart(tried)
        sys.stderr.write(f"{time.perf_counter() - began:8.1f} s  {name}: {json.dumps(found[name])}\n")
    report("gossip", members=chosen.members, seed=chosen.seed, **found)


if __name__ == "__main__":
    main()
