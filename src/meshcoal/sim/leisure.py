"""Worlds with time between what users do: nobody honest may be named as keeping anything back.

Law: who keeps something back is looked for over minutes, which the quick worlds of `sim.run` do not have.
Here users wait up to four minutes between two steps, in bad weather, and after each step, and for a quarter
of an hour of calm behind the last, every node's own screen is asked whom it names.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from meshcoal.clock import MINUTE_MS
from meshcoal.node.node import Node
from meshcoal.sim.coalition import form_campaign
from meshcoal.sim.machine import Maker
from meshcoal.sim.network import HARSH, KIND, Faults
from meshcoal.sim.run import kill, names_of
from meshcoal.sim.withholder import check_nobody_named
from meshcoal.sim.workload import Workload
from meshcoal.sim.world import World

# A line on which everything takes seconds; every other seed has it, the others the usual bad weather.
SLOW: Final = Faults(loss=0.01, duplicate=0.01, crash=0.002, delay_ms=(200, 4_000), lateness_ms=(0, 2_000))
PAUSES_MS: Final = (500, 5_000, 60_000, 240_000)
CALM_MINUTES: Final = 15


def leisurely(
    seed: int, nodes: int, steps: int, *, maker: Maker = Node, progress: Callable[[int], None] | None = None
) -> World:
    """One world of honest nodes, the last of whom is not a member at first. Returns it as it ends.

    Raises:
        Broken: somebody was named.
    """
    chance = Random(f"{seed} honest")
    world = World(seed, KIND, maker=maker)
    names = names_of(nodes)
    world.spawn(*names)
    form_campaign(world, names[0], names[1:-1], organisers=(names[1],))
    world.set_faults(HARSH if seed % 2 else SLOW)
    workload = Workload(world, names)
    for step in range(steps):
        if progress is not None:
            progress(step)
        workload.step()
        if step % 7 == 3:
            kill(world, chance)
        world.run_ms(chance.choice(PAUSES_MS))
        check_nobody_named(world)
    world.calm()
    for _minute in range(CALM_MINUTES):
        world.run_ms(MINUTE_MS)
        check_nobody_named(world)
    return world
