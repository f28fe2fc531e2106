"""What infiltrators among the members hold, and what whoever sees all links sees."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from meshcoal.node.rounds import Rounds
from meshcoal.node.sealing import Sealing
from meshcoal.wire.frames import MESSAGES, Message
from meshcoal.wire.operation import Kind

sys.path.insert(0, str(Path(__file__).parent))

from sealwork import Sealers


@dataclass
class Seen:
    """All frames of all links, and every message about sealed sign-ons that reached the infiltrators."""

    frames: list[tuple[str, int, int]] = field(default_factory=list)  # from whom, when, how long
    relayed: list[bytes] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)


def inside(group: Sealers, name: str) -> tuple[Rounds, Sealing]:
    core = group.world.core(name)._core  # type: ignore[attr-defined]
    return core.campaigns[group.campaign].rounds, core.sealing


def watch(group: Sealers, monkeypatch: pytest.MonkeyPatch, spies: tuple[str, ...]) -> Seen:
    """From now on."""
    seen, network = Seen(), group.world.network
    send = network.send

    def recorded(party: object, link: int, data: bytes) -> None:
        seen.frames.append((getattr(party, "name", ""), group.world.now_ms, len(data)))
        seen.relayed.append(data)
        send(party, link, data)  # type: ignore[arg-type]

    monkeypatch.setattr(network, "send", recorded)
    for name in spies:
        _, sealing = inside(group, name)
        hear = sealing.hear

        def spied(step: object, link: object, campaign: object, message: Message, hear: Any = hear) -> None:
            seen.heard.append(MESSAGES.encode(message))
            hear(step, link, campaign, message)

        monkeypatch.setattr(sealing, "hear", spied)
    return seen


def stored(group: Sealers, name: str) -> list[bytes]:
    """Every byte of a node's disk, opened."""
    disk = group.world.machines[name].disk
    found = [value for space in disk._spaces.values() for value in space.values()]
    found += [key for space in disk._spaces.values() for key in space]
    campaign = group.world.core(name)._core.campaigns[group.campaign]  # type: ignore[attr-defined]
    rows = campaign.reader.bodies(group.campaign, tuple(Kind))
    rows += campaign.reader.bodies(group.campaign, tuple(Kind), group.statement)
    return [*found, *[row.body for row in rows]]
