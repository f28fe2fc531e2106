"""Saving battery and data: what is spared, what goes on, and how a cap is counted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import attach, fetch, read_back, some_bytes, view_of
from nodework import coalition, refused

from meshcoal.api.commands import FetchAttachment, SetSaving, ShowData
from meshcoal.api.views import AttachmentState, DataView, SavingLevel
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import DataCap
from meshcoal.limits import CHUNK_BYTES, DIAL_BACKOFF_SAVING_MS, MIB
from meshcoal.node.effects import Dial, Effect
from meshcoal.node.events import NearbyMoved, Used
from meshcoal.node.node import Node
from meshcoal.node.saving import month_of
from meshcoal.sim.coalition import post, timeline
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import World
from meshcoal.sync.presence import Attempts

SMALL = some_bytes(5_000)


def choose(world: World, name: str, *, saving: bool = False, day: int = 0, month: int = 0) -> DataView:
    command = SetSaving(saving=saving, day_bytes_max=day, month_bytes_max=month)
    return world.command(name, command, DataView)


def shown(world: World, name: str) -> DataView:
    return world.look(name, ShowData(), DataView)


def used(world: World, name: str, count_bytes: int) -> DataView:
    world.deliver(world.machines[name], Used(count_bytes=count_bytes))
    world.run_ms(1_000)
    return shown(world, name)


def test_while_saving_files_wait_to_be_asked_for_and_talk_goes_on() -> None:
    """Goal: nothing unasked. Method: Ben saves; a small file is sent; he asks for it."""
    world, campaign = coalition("ana", "ben")
    assert choose(world, "ben", saving=True).level is SavingLevel.SAVING
    sent = attach(world, "ana", campaign, SMALL)
    post(world, "ana", campaign, "and a word")
    world.run_ms(30_000)
    assert timeline(world, "ben", campaign)[-1] == "and a word"
    assert view_of(world, "ben", campaign, sent.id).state is AttachmentState.ABSENT
    fetch(world, "ben", campaign, sent.id)
    world.run_ms(10_000)
    assert read_back(world, "ben", campaign, sent.id) == SMALL


def test_at_the_cap_no_file_goes_either_way_and_talk_does() -> None:
    """Goal: files stop, words do not. Method: Ben is at his cap; he asks for a file, and is asked for one;
    then the day is over."""
    world, campaign = coalition("ana", "ben")
    choose(world, "ben", day=10 * MIB)
    theirs = attach(world, "ben", campaign, some_bytes(9 * CHUNK_BYTES, 1))
    assert used(world, "ben", 10 * MIB).level is SavingLevel.CAPPED
    sent = attach(world, "ana", campaign, SMALL)
    post(world, "ana", campaign, "heard all the same")
    fetch(world, "ana", campaign, theirs.id)
    world.run_ms(MINUTE_MS)
    assert timeline(world, "ben", campaign)[-1] == "heard all the same"
    ask = FetchAttachment(campaign=campaign, message=sent.id, number=0)
    refused(world, "ben", ask, DataCap)
    assert view_of(world, "ana", campaign, theirs.id).state is not AttachmentState.HERE
    world.run_ms(DAY_MS)
    assert shown(world, "ben").level is SavingLevel.FULL
    fetch(world, "ben", campaign, sent.id)
    world.run_ms(5 * MINUTE_MS)
    assert read_back(world, "ben", campaign, sent.id) == SMALL
    assert view_of(world, "ana", campaign, theirs.id).state is AttachmentState.HERE


def test_sums_and_choice_outlive_a_restart() -> None:
    """Goal: a cap cannot be slept off. Method: use, restart, use; near the cap it is spared by itself."""
    world, _ = coalition("ana", "ben")
    choose(world, "ana", day=MIB, month=2 * MIB)
    assert used(world, "ana", MIB // 2).level is SavingLevel.FULL
    world.run_ms(MINUTE_MS)  # whatever is said next carries it to disk
    world.crash("ana")
    world.restart("ana")
    view = shown(world, "ana")
    assert (view.day_bytes, view.month_bytes, view.day_bytes_max) == (MIB // 2, MIB // 2, MIB)
    assert used(world, "ana", 4 * MIB // 10).level is SavingLevel.SAVING
    assert used(world, "ana", MIB // 5).level is SavingLevel.CAPPED
    world.run_ms(DAY_MS)
    assert shown(world, "ana").day_bytes == 0
    assert shown(world, "ana").month_bytes >= MIB - MIB // 10
    assert used(world, "ana", 8 * MIB // 10).level is SavingLevel.SAVING
    assert used(world, "ana", MIB // 5).level is SavingLevel.CAPPED


def test_while_saving_whoever_is_away_is_dialled_seldom_and_not_forgotten() -> None:
    """Goal: tried rarely, never given up. Method: count dials to somebody who is away, with and without; and
    they come back."""
    counts = {}
    for saving in (False, True):
        world, campaign = coalition("ana", "ben")
        choose(world, "ana", saving=saving)
        world.offline("ben")
        world.run_ms(10 * MINUTE_MS)
        dials = [0]
        act = world.act

        def counting(machine: Machine, effect: Effect, dials: list[int] = dials, act=act) -> None:  # type: ignore[no-untyped-def]
            dials[0] += machine.name == "ana" and isinstance(effect, Dial)
            act(machine, effect)

        world.act = counting  # type: ignore[method-assign]
        world.run_ms(120 * MINUTE_MS)
        counts[saving] = dials[0]
        world.online("ben")
        world.run_ms(20 * MINUTE_MS)
        post(world, "ana", campaign, "back")
        world.run_ms(MINUTE_MS)
        assert timeline(world, "ben", campaign)[-1] == "back"
    assert 0 < 5 * counts[True] < counts[False], counts


def test_another_network_begins_all_tries_anew() -> None:
    """Goal: nobody waits for what failed elsewhere. Method: long away, saving; the machine moves."""
    world, _ = coalition("ana", "ben")
    choose(world, "ana", saving=True)
    world.offline("ben")
    world.run_ms(120 * MINUTE_MS)
    world.online("ben")
    world.deliver(world.machines["ana"], NearbyMoved())
    world.run_ms(5_000)
    node = world.core("ana")
    assert isinstance(node, Node)
    assert [link for link in node._core.links.by_number.values() if link.campaign]


def test_links_that_stand_outlive_saving_on_both_sides() -> None:
    """Goal: slower pings break nothing. Method: both save; an hour of silence; the link is the same."""
    world, _ = coalition("ana", "ben")
    for name in ("ana", "ben"):
        choose(world, name, saving=True)

    def standing() -> list[int]:
        node = world.core("ana")
        assert isinstance(node, Node)
        return [link.number for link in node._core.links.by_number.values() if link.campaign]

    before = standing()
    assert before
    world.run_ms(60 * MINUTE_MS)
    assert standing() == before


@pytest.mark.parametrize("most_ms", [60_000, DIAL_BACKOFF_SAVING_MS])
def test_the_wait_between_tries_is_bounded_and_by_chance(most_ms: int) -> None:
    """Goal: jitter, a bound, and no end. Method: a thousand failures in a row at one address of two."""
    attempts, entropy = Attempts(next_ms=0), SeededEntropy(b"wait")
    waits, now_ms = [], 0
    for _ in range(1_000):
        attempts.failed("one", "dial-failed", now_ms, entropy, most_ms)
        at_ms = attempts.addresses["one"].next_ms
        waits.append(at_ms - now_ms)
        assert attempts.due(("one", "two"), now_ms)[0] == "two", "each address for itself"
        now_ms = at_ms
        assert attempts.due(("one",), now_ms)[0] == "one"
    assert most_ms // 2 <= min(waits[20:])
    assert max(waits) <= 3 * most_ms // 2
    assert len(set(waits[20:])) > 100
    attempts.afresh(now_ms)
    assert attempts.due(("one",), now_ms)[0] == "one", "another network: at once"
    assert "one" not in attempts.addresses


def test_links_that_end_again_and_again_wait_as_long_as_is_spared() -> None:
    """Goal: the longer wait holds for links that stood as well. Method: one that ends thirty times."""
    attempts, entropy, now_ms = Attempts(next_ms=0), SeededEntropy(b"ends"), 0
    for _ in range(30):
        attempts.ended("one", "closed", now_ms, entropy, DIAL_BACKOFF_SAVING_MS)
        waited_ms, now_ms = attempts.next_ms - now_ms, attempts.next_ms
    assert DIAL_BACKOFF_SAVING_MS // 2 <= waited_ms <= 3 * DIAL_BACKOFF_SAVING_MS // 2


def test_months_are_those_of_the_calendar() -> None:
    """Goal: a month's cap begins anew with the month. Method: around the ends of months and years."""
    first = 1_798_761_600_000  # 2027-01-01
    assert month_of(first) == month_of(first - 1) + 1 == 12 * 2027
    assert month_of(first + 31 * DAY_MS - 1) == 12 * 2027
    assert month_of(first + 31 * DAY_MS) == 12 * 2027 + 1
