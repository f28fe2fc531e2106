"""What is weak: each finding comes with its fact, goes with it, and stands where its weight puts it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.api.commands import ConfirmMember, SetRole, ShowPosture, ShowToday
from meshcoal.api.posture import weightiest_first
from meshcoal.api.views import (
    CampaignView,
    Danger,
    FindingView,
    MemberWordsView,
    PostureView,
    TodayKind,
    TodayView,
    Weakness,
    Weight,
)
from meshcoal.clock import DAY_MS
from meshcoal.node.posture import CampaignFacts, Facts, facts_of, findings
from meshcoal.sim.coalition import author_of
from meshcoal.sim.world import World
from meshcoal.wire.terms import Role, Seat

sys.path.insert(0, str(Path(__file__).parent))

from nodework import alone, coalition

SOUND = CampaignFacts(id=bytes(32), name="evin", members=5, organisers=2, talk_days=7)


def weak(**changes: Any) -> dict[Weakness, FindingView]:
    """What is found where one campaign is not quite sound."""
    facts = Facts(campaigns=(dataclasses.replace(SOUND, **changes),))
    return {one.weakness: one for one in findings(facts)}


def test_nothing_known_is_nothing_found() -> None:
    """Goal: no false alarm. Method: a device without campaigns, and one with a sound campaign."""
    assert findings(Facts()) == ()
    assert weak() == {}


@pytest.mark.parametrize(
    ("changes", "weakness", "weight"),
    [
        ({"uncompared": 1}, Weakness.UNCOMPARED, Weight.SLIGHT),
        ({"uncompared": 4}, Weakness.UNCOMPARED, Weight.SERIOUS),
        ({"uncompared": 1, "uncompared_organisers": 1}, Weakness.UNCOMPARED_ORGANISER, Weight.SERIOUS),
        ({"silent": 1, "silent_days": 30}, Weakness.SILENT, Weight.SERIOUS),
        ({"organisers": 1}, Weakness.ONE_ORGANISER, Weight.SERIOUS),
        ({"plain": True}, Weakness.PLAIN, Weight.SLIGHT),
        ({"plain": True, "in_country": True}, Weakness.PLAIN, Weight.SERIOUS),
        ({"keys_days": 21}, Weakness.KEYS_OLD, Weight.SERIOUS),
        ({"relays": 2, "relay_namers": 1}, Weakness.ONE_RELAY, Weight.SLIGHT),
        ({"members_exposed": 2}, Weakness.MEMBERS_EXPOSED, Weight.SLIGHT),
        ({"talk_days": 91}, Weakness.TALK_LONG, Weight.SLIGHT),
        ({"talk_days": 365}, Weakness.TALK_LONG, Weight.SERIOUS),
    ],
    ids=str,
)
def test_each_fact_is_one_finding(changes: dict[str, Any], weakness: Weakness, weight: Weight) -> None:
    """Goal: each finding comes with its fact and goes with it. Method: one fact at a time on sound ground."""
    found = weak(**changes)
    assert list(found) == [weakness]
    assert found[weakness].weight is weight
    needs_members = weakness in (Weakness.PLAIN,)
    assert found[weakness].campaign_name == ("" if needs_members else "evin")


@pytest.mark.parametrize(
    ("changes", "weakness", "weight"),
    [
        ({"warnings": 1}, Weakness.WARNED, Weight.GRAVE),
        ({"open_days": 1}, Weakness.OPEN_LONG, Weight.SLIGHT),
        ({"open_days": 7}, Weakness.OPEN_LONG, Weight.SERIOUS),
        ({"invitations": 2}, Weakness.INVITED, Weight.SLIGHT),
        ({"nearby": True}, Weakness.NEARBY, Weight.SLIGHT),
    ],
    ids=str,
)
def test_facts_of_the_device(changes: dict[str, Any], weakness: Weakness, weight: Weight) -> None:
    """Goal: the same of what concerns no campaign. Method: one fact at a time."""
    (found,) = findings(Facts(campaigns=(SOUND,), **changes))
    assert (found.weakness, found.weight, found.campaign) == (weakness, weight, b"")


def test_one_fact_below_its_bound_is_none() -> None:
    """Goal: bounds hold to the day. Method: the last value at which nothing is said."""
    assert weak(keys_days=20, talk_days=90, relays=2, relay_namers=2) == {}
    assert weak(organisers=1, members=2) == {}, "of two people one may well be the only organiser"
    assert weak(plain_relays=1, relays=2, relay_namers=2) == {}, "through Tor alone it is asked through Tor"
    assert Weakness.PLAIN_RELAY in weak(plain_relays=1, relays=2, relay_namers=2, plain=True)


def test_advice_not_followed_is_grave() -> None:
    """Goal: what organisers warn of comes first. Method: Tor alone is advised and not used."""
    facts = Facts(campaigns=(dataclasses.replace(SOUND, advised_tor=True, plain=True, uncompared=4),))
    assert findings(facts)[0].weakness is Weakness.EXPOSED
    assert Weakness.EXPOSED not in weak(advised_tor=True)


@given(st.permutations([FindingView(weakness=one, danger=Danger.TAKEN, weight=weight)
                        for one in (Weakness.PLAIN, Weakness.SILENT) for weight in Weight]))  # fmt: skip
def test_the_order_is_one(shuffled: list[FindingView]) -> None:
    """Goal: the weightiest first, whatever the order of finding. Method: all orders give one."""
    ordered = weightiest_first(shuffled)
    assert [one.weight for one in ordered] == sorted([one.weight for one in shuffled], key=list(Weight).index)
    assert ordered == weightiest_first(ordered)


def posture(world: World, name: str) -> dict[Weakness, FindingView]:
    return {one.weakness: one for one in world.look(name, ShowPosture(), PostureView).findings}


def test_a_node_tells_its_facts_and_forgets_them_when_mended() -> None:
    """Goal: facts come from the node itself. Method: three nodes; compare, make an organiser, wait."""
    world, campaign = coalition("ana", "ben", "chi")
    ben = posture(world, "ben")
    assert ben[Weakness.ONE_ORGANISER].of == 3
    assert (ben[Weakness.UNCOMPARED].count, ben[Weakness.UNCOMPARED].of) == (1, 2)
    assert ben[Weakness.PLAIN].campaign == b""
    assert Weakness.OPEN_LONG not in ben
    chi = author_of(world, "chi", campaign)
    world.command("ben", ConfirmMember(campaign=campaign, author=chi, match=True), MemberWordsView)
    role = SetRole(campaign=campaign, author=chi, seat=Seat.EXILE, role=Role.ORGANISER)
    world.command("ana", role, CampaignView)
    world.run_ms(10_000)
    mended = posture(world, "ben")
    assert Weakness.ONE_ORGANISER not in mended
    assert Weakness.UNCOMPARED not in mended


def test_what_weighs_stands_among_what_needs_me() -> None:
    """Goal: one key from home. Method: seats in exile, then one in the country, on plain addresses."""
    world, campaign = coalition("ana", "ben")

    def told() -> dict[TodayKind, int]:
        return {one.kind: one.count for one in world.look("ana", ShowToday(), TodayView).items}

    assert posture(world, "ana")[Weakness.PLAIN].weight is Weight.SLIGHT
    assert TodayKind.WEAK not in told()
    me = author_of(world, "ana", campaign)
    role = SetRole(campaign=campaign, author=me, seat=Seat.IN_COUNTRY, role=Role.ORGANISER)
    world.command("ana", role, CampaignView)
    assert posture(world, "ana")[Weakness.PLAIN].weight is Weight.SERIOUS
    assert told()[TodayKind.WEAK] == 1


def test_how_long_the_vault_is_open_is_counted_from_its_opening() -> None:
    """Goal: the days are those since the start. Method: a node of its own, asked days later."""
    world, _campaign = alone()
    core = world.machines["ana"].node._core  # type: ignore[union-attr]
    later_ms = core.opened_ms + 9 * DAY_MS
    assert facts_of(core, core.opened_ms + DAY_MS - 1).open_days == 0
    assert facts_of(core, later_ms).open_days == 9
