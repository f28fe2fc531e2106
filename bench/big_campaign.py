"""A campaign as large as they come, in the simulator: 150 members form it, 1,000 messages, 20 removals and
20 joins while a fifth of them is cut off, then all is whole again and must agree. One process, real keys.

    python bench/big_campaign.py [--members N] [--messages N] [--removals N] [--joins N] [--seed N]
                                 [--repeatable]
"""

from __future__ import annotations

import resource
import sys
import time

from common import arguments, report

from meshcoal.sim.crowd import Crowd, Plan
from meshcoal.sim.world import real, repeatable


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--members", type=int, default=150)
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--removals", type=int, default=20)
    parser.add_argument("--joins", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeatable", action="store_true", help="cheap keys that a seed can repeat")
    chosen = parser.parse_args()
    plan = Plan(
        members=chosen.members,
        messages=chosen.messages,
        removals=chosen.removals,
        joins=chosen.joins,
        seed=chosen.seed,
    )
    stages: dict[str, float] = {}
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()

    def tell(stage: str, done: int, total: int) -> None:
        took_s = time.perf_counter() - began
        stages.setdefault(stage.partition(" for ")[0], took_s)
        sys.stderr.write(f"{took_s:8.1f} s  {stage} {done} of {total}\n")

    crowd = Crowd(plan, means=repeatable if chosen.repeatable else real, tell=tell)
    figures = crowd.run()
    took_s = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    nodes = len(crowd.world.machines)
    report(
        "big_campaign",
        keys="repeatable" if chosen.repeatable else "real",
        **figures.plain(),
        nodes=nodes,
        wall_s=took_s,
        cpu_s=used.ru_utime + used.ru_stime,
        began_s={stage: round(at_s, 1) for stage, at_s in stages.items()},
        peak_rss_mib=used.ru_maxrss / 1024,
        mib_per_node=(used.ru_maxrss - before_kib) / 1024 / nodes,
    )


if __name__ == "__main__":
    main()
