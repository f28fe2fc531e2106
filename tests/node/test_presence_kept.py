"""Presence is told to members, by the links that their campaign needs, and to nobody else."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.api.commands import RemoveMember, SetHints
from meshcoal.api.views import CampaignView
from meshcoal.clock import HOUR_MS, MINUTE_MS
from meshcoal.node.effects import Announce, Dial, Effect
from meshcoal.node.events import DialFailed, FrameReceived, LinkUp
from meshcoal.node.node import Node
from meshcoal.sim.coalition import author_of, post
from meshcoal.sim.machine import Machine
from meshcoal.wire.record import Record

sys.path.insert(0, str(Path(__file__).parent))

from nodework import become_contacts, coalition


def test_contacts_former_members_and_strangers_hear_nothing_of_my_coming_and_going() -> None:
    """Goal: presence is never broadcast. Method: Dov is a contact, Eli was a member, Fay knows nobody; Ana
    restarts, moves and talks with her campaign for hours; what she dials, and what reaches the three."""
    world, campaign = coalition("ana", "ben", "eli")
    world.spawn("dov", "fay")
    world.run_ms(1_000)
    become_contacts(world, "ana", "dov")
    world.run_ms(MINUTE_MS)
    eli = author_of(world, "eli", campaign)
    world.command("ana", RemoveMember(campaign=campaign, author=eli), CampaignView)
    world.run_ms(10 * MINUTE_MS)
    world.offline("eli")  # until now he was told that he is out, and hung up on
    world.run_ms(3 * MINUTE_MS)

    dialled: list[str] = []
    announced: list[bytes] = []
    act = world.act

    def watched(machine: Machine, effect: Effect) -> None:
        if machine.name == "ana":
            if isinstance(effect, Dial):
                dialled.append(effect.hint)
            if isinstance(effect, Announce):
                announced.append(effect.data)
        act(machine, effect)

    world.act = watched  # type: ignore[method-assign]
    heard: list[str] = []
    for name in ("dov", "fay"):
        node = world.core(name)
        assert isinstance(node, Node)
        handle = node.handle

        def listening(event, now_ms, handle=handle, name=name):  # type: ignore[no-untyped-def]
            if isinstance(event, LinkUp | FrameReceived | DialFailed):
                heard.append(name)
            return handle(event, now_ms)

        node.handle = listening  # type: ignore[method-assign]
    for hour in range(3):
        world.command("ana", SetHints(hints=(f"198.51.100.{hour}:7000",)), Record)
        post(world, "ana", campaign, f"hour {hour}")
        world.run_ms(HOUR_MS)
        world.crash("ana")
        world.restart("ana")
    world.run_ms(HOUR_MS)
    assert set(dialled) <= {world.machines["ben"].address}
    assert announced == [], "nothing on a local network that nobody asked for"
    assert heard == []
