"""Shortcuts for tests of bundles: write one, look at it, take it in, in small worlds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from meshcoal.api.commands import (
    BeginBundle,
    BeginReading,
    BundleFor,
    EndReading,
    HavePart,
    LookAtPart,
    NextPart,
    ShowReading,
    TakePart,
)
from meshcoal.api.views import BundlePartView, BundleView, Done, ReadingView
from meshcoal.ids import CampaignId
from meshcoal.sim.world import World


def begin(
    world: World,
    name: str,
    *campaigns: CampaignId,
    members: tuple[bytes, ...] = (),
    since_ms: int = 0,
    everything: bool = False,
    files: bool = True,
    begun: bool = False,
) -> BundleView:
    command = BeginBundle(
        campaigns=tuple([BundleFor(campaign=campaign, members=members) for campaign in campaigns]),
        since_ms=since_ms,
        everything=everything,
        files=files,
        begun=begun,
    )
    return world.command(name, command, BundleView)


def parts_of(world: World, name: str, bundle: bytes, *, had: Iterable[bytes] = ()) -> list[bytes]:
    """All parts that are still to be written."""
    for part in had:
        world.command(name, HavePart(bundle=bundle, data=part), BundleView)
    parts = []
    while True:
        view = world.command(name, NextPart(bundle=bundle), BundlePartView)
        if view.data:
            parts.append(view.data)
        if not view.more:
            return parts


def write(world: World, name: str, *campaigns: CampaignId, **how: object) -> list[bytes]:
    """A whole bundle."""
    return parts_of(world, name, begin(world, name, *campaigns, **how).bundle)  # type: ignore[arg-type]


def look(world: World, name: str, parts: Sequence[bytes]) -> ReadingView:
    """What the preview says."""
    view = world.command(name, BeginReading(), ReadingView)
    for part in parts:
        view = world.command(name, LookAtPart(reading=view.reading, data=part), ReadingView)
    world.command(name, EndReading(reading=view.reading), Done)
    return view


def take(world: World, name: str, parts: Sequence[bytes]) -> ReadingView:
    """Take parts in, in this order, and wait until all of it is judged."""
    view = world.command(name, BeginReading(), ReadingView)
    for part in parts:
        for _ in range(200):
            view = world.command(name, TakePart(reading=view.reading, data=part), ReadingView)
            if not view.busy:
                break
            world.run_ms(500)
        assert not view.busy, "there is room in the end"
    for _ in range(2_000):
        if not view.waiting:
            break
        world.run_ms(100)
        view = world.look(name, ShowReading(reading=view.reading), ReadingView)
    assert not view.waiting, "all of it is judged in the end"
    world.command(name, EndReading(reading=view.reading), Done)
    return view


def carry(world: World, giver: str, taker: str, *campaigns: CampaignId, **how: object) -> ReadingView:
    """One bundle, by hand."""
    return take(world, taker, write(world, giver, *campaigns, **how))
