"""One run: a coalition forms, lives through bad weather, and must end in agreement.

Law: everything that happens follows from the seed and the sizes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from meshcoal.api.commands import ListCampaigns
from meshcoal.api.views import CampaignsView
from meshcoal.clock import MINUTE_MS, SECOND_MS
from meshcoal.ids import CampaignId
from meshcoal.node.node import Node
from meshcoal.sim.adversary import Stranger
from meshcoal.sim.broken import Broken
from meshcoal.sim.coalition import form_campaign
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.machine import Maker
from meshcoal.sim.network import HARSH, KIND, Faults
from meshcoal.sim.withholder import check_nobody_named
from meshcoal.sim.workload import Workload
from meshcoal.sim.world import World

NAMES: Final = ("ana", "ben", "chi", "dov", "eli", "fay", "gus", "hal")
FAULTS: Final = {
    "none": KIND,
    "lossy": Faults(loss=0.01, duplicate=0.01, delay_ms=(5, 400)),
    "harsh": HARSH,
}
SETTLE_MS: Final = 30 * MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to, when nothing broke."""

    seed: int
    trace: str  # hash over all events and effects
    events: int
    effects: int
    frames: int
    frame_bytes: int
    operations: int
    deliveries: int  # operations of others, at each node that holds them
    copies: int  # operations that peers brought to any node
    crashes: int
    promises: int
    closings: int
    virtual_ms: int
    settling_ms: int  # from the last thing that users did until all hold the same
    done: dict[str, int]
    refused: dict[str, int]

    def plain(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def names_of(count: int) -> tuple[str, ...]:
    """Names of the first `count` people."""
    return tuple([*NAMES, *[f"m{index}" for index in range(len(NAMES), count)]][:count])


def run(
    seed: int,
    nodes: int,
    steps: int,
    *,
    faults: Faults = HARSH,
    kills: int = 0,
    maker: Maker = Node,
    progress: Callable[[int], None] | None = None,
) -> Outcome:
    """Form a campaign in calm weather, then `steps` things under `faults`, then calm. Raises `Broken`.

    The last two of the nodes are strangers at first and join, or not, as the users please. `kills` nodes
    die at an effect chosen by lot, spread over the steps. `progress` is told each step's number.
    """
    world = World(seed, KIND, maker=maker)
    names = names_of(nodes)
    world.spawn(*names)
    stranger = Stranger(world, "mallory")
    inside = max(2, nodes - 2)
    form_campaign(world, names[0], names[1:inside], organisers=names[1:3])
    world.set_faults(faults)
    workload = Workload(world, names, stranger=stranger)
    chance = Random(f"{seed} kills")
    killed_at = sorted(chance.randrange(max(1, steps)) for _ in range(kills))
    for step in range(steps):
        while killed_at and killed_at[0] == step:
            killed_at.pop(0)
            kill(world, chance)
        if progress is not None:
            progress(step)
        workload.step()
        world.run_ms(chance.randint(50, 4_000))
        check_nobody_named(world)
    calm_from_ms = world.elapsed_ms
    settled = settle(world, limit_ms=SETTLE_MS, step_ms=SECOND_MS)
    settling_ms = world.elapsed_ms - calm_from_ms
    check_converged(world)  # first, because it says what differs
    check_nobody_named(world)
    if not settled:
        raise Broken("same operations", "the nodes do not agree although the network has long been whole")
    operations, deliveries = _operations(world)
    return Outcome(
        seed=seed,
        trace=world.trace.hexdigest(),
        events=world.trace.events,
        effects=world.trace.effects,
        frames=world.network.frames,
        frame_bytes=world.network.bytes,
        operations=operations,
        deliveries=deliveries,
        copies=sum(machine.offered for machine in world.machines.values()),
        crashes=world.crashes,
        promises=len(world.watch.promises),
        closings=world.watch.closings,
        virtual_ms=world.elapsed_ms,
        settling_ms=settling_ms,
        done=workload.done,
        refused=workload.refused,
    )


def kill(world: World, chance: Random) -> None:
    """Let a running node die in its next step that writes, at a boundary chosen by lot, and come back."""
    running = [name for name, machine in world.machines.items() if machine.up]
    if running:
        name = chance.choice(running)
        world.crash_at(name, chance.randint(0, 6), writing=True)
        world.after(chance.randint(1_000, 20_000), lambda: world.restart(name))


def _operations(world: World) -> tuple[int, int]:
    """Operations that exist, over all campaigns, each counted once; and what nodes hold beyond that."""
    most: dict[CampaignId, int] = {}
    held = 0
    for name, machine in world.machines.items():
        for summary in world.look(name, ListCampaigns(), CampaignsView).campaigns:
            campaign = CampaignId(summary.id)
            count = machine.disk.reader.operation_count(campaign)
            most[campaign] = max(most.get(campaign, 0), count)
            held += count
    return sum(most.values()), held - sum(most.values())
