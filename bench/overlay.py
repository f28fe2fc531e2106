"""What is new in a campaign of thousands: how many copies, how many hops, how long; and after mass failure.

The machines of the nodes (`sync.overlay`, `sync.broadcast`) run as they are, in one process, on a network of
links with delays: each pair of members has one delay for good, drawn evenly from 10 to 50 ms, as in the
simulations of iroh-gossip; with `--near` members live on a square instead, and a delay is 5 ms, the distance,
and a little chance. Everybody joins within two seconds; after `--warm` seconds messages are sent: all by one
member, each by another, and with half to nine tenths of the members failing at the instant of sending. A
member that fails closes its links, as a process that dies does; with `--silent` it only says nothing more.

Floors, in the same run: the quickest ways over the links there are, and over a random graph with five links
each, which is what views of five make.

    python bench/overlay.py [--nodes 1000,10000] [--rounds N] [--warm S] [--seed N] [--near] [--silent]
"""

from __future__ import annotations

import gc
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence

from common import arguments, report

from meshcoal.sim.swarm import Swarm

PARTS = (50, 70, 80, 90)


def rounds(swarm: Swarm, senders: Sequence[int], *, every_us: int = 2_500_000) -> dict[str, object]:
    """One message after another; means over all, as the reference reports them."""
    copies, hops, took_ms, floors_ms, missed = [], [], [], [], 0
    control = swarm.control
    count = len(swarm.living())
    for sender in senders:
        sent = swarm.send(sender)
        swarm.run_until(swarm.now_us + every_us)
        missed += count - len(sent.arrived)
        copies.append(sent.copies / (count - 1) - 1)
        hops.append(max(hop for _, hop in sent.arrived.values()))
        took_ms.append((max(when for when, _ in sent.arrived.values()) - sent.at_us) / 1000)
    for sender in senders[:3]:
        floors_ms.append(swarm.floor_us(sender) / 1000)
    return {
        "rmr": round(statistics.mean(copies), 4),
        "rmr_first": round(copies[0], 4),
        "ldh": round(statistics.mean(hops), 1),
        "ldh_max": max(hops),
        "ms": round(statistics.mean(took_ms), 1),
        "ms_max": round(max(took_ms), 1),
        "floor_ms": round(statistics.mean(floors_ms), 1),
        "beside_floor": round(statistics.mean(took_ms) / statistics.mean(floors_ms), 2),
        "missed": missed,
        "control_frames_each": round((swarm.control - control) / len(senders) / count, 2),
    }


def failure(swarm: Swarm, percent: int) -> dict[str, object]:
    """Many fail at once; messages are sent at that instant and while the others mend what is left."""
    chance = random.Random(swarm.seed + percent)
    count = len(swarm.nodes)
    gone = chance.sample(range(count), count * percent // 100)
    swarm.fail(gone)
    living = swarm.living()
    began_us = swarm.now_us
    control = swarm.control
    messages = []
    for wait_us in (0, 300_000, 700_000, 1_000_000, 2_000_000):
        swarm.run_until(swarm.now_us + wait_us)
        messages.append(swarm.send(chance.choice(living)))
    swarm.run_until(began_us + 5_000_000)
    reached = [sum(1 for number in living if number in sent.arrived) / len(living) for sent in messages]
    for _ in range(55):  # and a minute at most
        if all(number in sent.arrived for sent in messages for number in living):
            break
        swarm.run_until(swarm.now_us + 1_000_000)
    last_s = []
    for sent in messages:
        there = [sent.arrived.get(number, (1 << 62, 0))[0] for number in living]
        last_s.append(round((max(there) - began_us) / 1e6, 2) if max(there) < 1 << 62 else None)
    links = [len(swarm.nodes[number].links) for number in living]
    return {
        "reached_at_5_s": round(min(reached), 5),
        "first_reached_at_5_s": round(reached[0], 5),
        "all_reached_s": None if None in last_s else max(last for last in last_s if last is not None),
        "each_all_reached_s": last_s,
        "links_least": min(links),
        "links_mean": round(statistics.mean(links), 1),
        "control_frames_each": round((swarm.control - control) / len(living), 1),
    }


def apart(swarm: Swarm, percent: int) -> dict[str, object]:
    """The same in a process of its own, so that each failure begins from one warm swarm."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as stream:
            json.dump(failure(swarm, percent), stream)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    found: dict[str, object] = json.loads(text)
    return found


def measure(count: int, *, warm_s: int, many: int, seed: int, near: bool, silent: bool) -> dict[str, object]:
    """All figures of one size."""
    began = time.perf_counter()
    swarm = Swarm(count, seed=seed, near=near, silent=silent)
    swarm.join()
    for second in range(0, warm_s, 10):
        swarm.run_until(swarm.now_us + 10_000_000)
        sys.stderr.write(
            f"{time.perf_counter() - began:8.1f} s  {count} nodes, warming {second + 10} of {warm_s}\n"
        )
    links = [len(node.links) for node in swarm.nodes]
    found: dict[str, object] = {
        "nodes": count,
        "links_mean": round(statistics.mean(links), 2),
        "links_most": max(links),
        "way_ms_mean": round(
            statistics.mean(
                swarm.delay_us(number, swarm.index[peer]) / 1000
                for number, node in enumerate(swarm.nodes)
                for peer in node.links
            ),
            1,
        ),
        "floor_of_five_ms": round(swarm.floor_of_five_us(0) / 1000, 1),
    }
    chance = random.Random(seed)
    found["one_sender"] = rounds(swarm, [chance.randrange(count)] * many)
    found["random_senders"] = rounds(swarm, [chance.randrange(count) for _ in range(many)])
    sys.stderr.write(f"{time.perf_counter() - began:8.1f} s  {json.dumps(found)}\n")
    for percent in PARTS:
        found[f"failed_{percent}"] = apart(swarm, percent)
        sys.stderr.write(
            f"{time.perf_counter() - began:8.1f} s  {percent} %: {json.dumps(found[f'failed_{percent}'])}\n"
        )
    found["events"] = swarm.events
    found["wall_s"] = round(time.perf_counter() - began, 1)
    return found


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", default="1000")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--warm", type=int, default=120, help="seconds between joining and the first message")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--near", action="store_true", help="delays by distance")
    parser.add_argument("--silent", action="store_true", help="members that fail do not close their links")
    chosen = parser.parse_args()
    gc.disable()  # nothing here goes round in circles, and looking for it takes most of the time
    sizes = [
        measure(
            int(size),
            warm_s=chosen.warm,
            many=chosen.rounds,
            seed=chosen.seed,
            near=chosen.near,
            silent=chosen.silent,
        )
        for size in chosen.nodes.split(",")
    ]
    report("overlay", near=chosen.near, silent=chosen.silent, warm_s=chosen.warm, sizes=sizes)


if __name__ == "__main__":
    main()
