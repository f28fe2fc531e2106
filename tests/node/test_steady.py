"""Constant rate in whole nodes: what an onlooker sees of who writes, signs or sleeps is the same."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from nodework import CALM, coalition, refused

from meshcoal.api.commands import (
    Capacity,
    DraftStatement,
    FreezeStatement,
    ListMessages,
    ListPeers,
    ListStatements,
    PostMessage,
    SetSteady,
    ShowCampaign,
    ShowSteady,
    SignStatement,
)
from meshcoal.api.steady import WIRE_BYTES, day_bytes
from meshcoal.api.views import (
    CampaignView,
    MessagesView,
    MessageView,
    PeersView,
    StatementPhase,
    StatementsView,
    StatementView,
    SteadyView,
)
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.crypto.handshake import TAG_BYTES
from meshcoal.errors import WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.limits import STEADY_FRAME_BYTES
from meshcoal.node.node import Node
from meshcoal.sim.coalition import form_campaign
from meshcoal.sim.haste import Hasty, sparse
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import World

FRAME_BYTES = STEADY_FRAME_BYTES + TAG_BYTES
EVERY_S = 5


class Onlooker:
    """Notes each frame that leaves: when, from whom, on which link, how long."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[int, str, int, int]] = []
        send = world.network.send

        def sending(party: Any, number: int, data: bytes) -> None:
            assert isinstance(party, Machine)
            self.seen.append((world.now_ms, party.name, number, len(data)))
            send(party, number, data)

        monkeypatch.setattr(world.network, "send", sending)

    def take(self) -> list[tuple[int, str, int, int]]:
        seen, self.seen = self.seen, []
        return seen


def channel_of(world: World, name: str, campaign: CampaignId) -> bytes:
    return world.look(name, ShowCampaign(campaign=campaign), CampaignView).channels[0].id


def post(world: World, name: str, campaign: CampaignId, text: str) -> None:
    command = PostMessage(campaign=campaign, channel=channel_of(world, name, campaign), text=text)
    world.command(name, command, MessageView)


def texts(world: World, name: str, campaign: CampaignId) -> list[str]:
    command = ListMessages(campaign=campaign, channel=channel_of(world, name, campaign))
    return [one.text for one in world.look(name, command, MessagesView).messages]


def steady(world: World, name: str, every_s: int = EVERY_S) -> SteadyView:
    return world.command(name, SetSteady(every_s=every_s), SteadyView)


def draft(world: World, name: str, campaign: CampaignId) -> StatementView:
    command = DraftStatement(campaign=campaign, language="en", title="Free her", text="Free her now. " * 700)
    return world.command(name, command, StatementView)


def signed(world: World, writer: str, signer: str, campaign: CampaignId) -> None:
    letter = draft(world, writer, campaign)
    freeze = FreezeStatement(
        campaign=campaign,
        statement=letter.id,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + DAY_MS,
    )
    frozen = world.command(writer, freeze, StatementView)

    def counted(name: str) -> list[tuple[StatementPhase, int]]:
        view = world.look(name, ListStatements(campaign=campaign), StatementsView)
        return [(one.phase, one.counted) for one in view.statements]

    assert world.run_until(lambda: counted(signer) == [(StatementPhase.OPEN, 0)], 5 * MINUTE_MS)
    sign = SignStatement(
        campaign=campaign,
        statement=letter.id,
        digest=frozen.digest,
        capacity=Capacity.INDIVIDUAL,
        name="Ben Aziz",
    )
    world.command(signer, sign, StatementView)
    assert world.run_until(lambda: counted(writer) == [(StatementPhase.OPEN, 1)], 2 * MINUTE_MS)


def beats(seen: list[tuple[int, str, int, int]]) -> dict[tuple[str, int], list[int]]:
    """When frames left, by node and link. All are of one size."""
    found: dict[tuple[str, int], list[int]] = {}
    for at_ms, name, link, size in seen:
        assert size == FRAME_BYTES
        found.setdefault((name, link), []).append(at_ms)
    return found


def test_who_writes_and_signs_looks_like_who_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: sizes, times and directions are the same to the millisecond whatever is done. Method: ten minutes
    of silence, ten of talk, a long letter and a signature; each link's frames lie on one grid throughout."""
    world, campaign = coalition("ana", "ben", "chi")
    steady(world, "ana")
    world.run_ms(MINUTE_MS)
    onlooker = Onlooker(world, monkeypatch)
    world.run_ms(10 * MINUTE_MS)
    silent = onlooker.take()
    for number in range(20):
        post(world, ("ana", "ben")[number % 2], campaign, f"gate {number} at nine")
        world.run_ms(7_000)
    signed(world, "ana", "ben", campaign)
    begun_ms = silent[-1][0]
    talking = [one for one in onlooker.take() if one[0] <= begun_ms + 10 * MINUTE_MS]
    first, second = (beats([one for one in seen if one[1] == "ana"]) for seen in (silent, talking))
    assert len(first) == 2, "to each of the others"
    for key in first:
        grid = {at_ms % (1_000 * EVERY_S) for at_ms in (*first[key], *second[key])}
        assert len(grid) == 1, "one beat and no other"
        moments = [*first[key], *second[key]]
        steps = {later - earlier for earlier, later in pairwise(moments)}
        assert steps == {1_000 * EVERY_S}, "none left out, none between"
    assert "gate 19 at nine" in texts(world, "chi", campaign)


def test_both_directions_are_steady_though_one_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the answer gives nothing away either. Method: Ana asks, Ben does not; Ben writes; what leaves him
    towards Ana lies on a grid too."""
    world, campaign = coalition("ana", "ben")
    assert steady(world, "ana").every_s == EVERY_S
    world.run_ms(MINUTE_MS)
    assert world.look("ben", ShowSteady(), SteadyView).links == 1
    onlooker = Onlooker(world, monkeypatch)
    world.run_ms(MINUTE_MS)
    for number in range(5):
        post(world, "ben", campaign, f"here {number} " * 50)
        world.run_ms(3_000)
    world.run_ms(MINUTE_MS)
    found = beats(onlooker.take())
    assert {name for name, _ in found} == {"ana", "ben"}
    for moments in found.values():
        assert {at_ms % (1_000 * EVERY_S) for at_ms in moments} == {moments[0] % (1_000 * EVERY_S)}
    assert len(texts(world, "ana", campaign)) == 5


def test_everything_comes_only_later() -> None:
    """Goal: talk in seconds, a newcomer's past in minutes, and both end equal. Method: 200 messages while one
    is away; she comes back; how long that and a single message take."""
    world, campaign = coalition("ana", "ben", "chi")
    world.partition(("ana", "ben"), ("chi",))
    for number in range(200):
        post(world, "ana", campaign, f"a message of some length, so that it is like others {number}")
    world.run_ms(MINUTE_MS)
    steady(world, "chi", 2)
    world.heal()

    def digest(name: str) -> bytes:
        return world.look(name, ShowCampaign(campaign=campaign), CampaignView).heads_digest

    assert world.run_until(lambda: digest("ana") == digest("chi"), HOUR_MS)
    world.run_ms(10 * MINUTE_MS)  # what two sent at once has come twice by then
    begun_ms = world.now_ms
    post(world, "ana", campaign, "at last")
    assert world.run_until(lambda: "at last" in texts(world, "chi", campaign), MINUTE_MS)
    assert world.now_ms - begun_ms <= 2 * 2_000 + 500


def test_it_is_kept_shown_and_taken_back() -> None:
    """Goal: a choice holds over restarts, and its cost is said. Method: on, restart, off."""
    world, _ = coalition("ana", "ben", "chi")
    view = steady(world, "ana", 10)
    assert view.day_bytes == day_bytes(10, view.people) == 2 * view.people * WIRE_BYTES * 8_640
    world.run_ms(MINUTE_MS)
    world.crash("ana")
    world.restart("ana")
    world.run_ms(2 * MINUTE_MS)
    view = world.look("ana", ShowSteady(), SteadyView)
    assert (view.every_s, view.links) == (10, 2)
    assert steady(world, "ana", 0).day_bytes == 0
    world.run_ms(2 * MINUTE_MS)
    assert world.look("ana", ShowSteady(), SteadyView).links == 0
    assert all(peer.connected for peer in world.look("ana", ListPeers(), PeersView).peers)


def test_who_takes_no_part_is_told_nothing_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the promise is not broken for convenience. Method: Ben's device saves data; Ana switches it on;
    no frame but of handshakes passes between them, and Ana sees whose device it is."""
    world, campaign = coalition("ana", "ben")
    core = world.core("ben")
    assert isinstance(core, Node)
    core._core.links.steady.declines = True
    refused(world, "ben", SetSteady(every_s=5), WrongPhase)
    steady(world, "ana")
    onlooker = Onlooker(world, monkeypatch)
    post(world, "ana", campaign, "does anybody hear?")
    world.run_ms(5 * MINUTE_MS)
    assert {size for *_, size in onlooker.take()} == {FRAME_BYTES}, "handshakes are of that size, too"
    assert texts(world, "ben", campaign) == []
    assert world.look("ana", ShowSteady(), SteadyView).refusing == ("ben",)
    steady(world, "ana", 0)
    assert world.run_until(lambda: texts(world, "ben", campaign) != [], 2 * MINUTE_MS)


def test_links_that_are_chosen_carry_all_the_same() -> None:
    """Goal: slow answers are not taken for dead links where members keep few of them. Method: eight who
    choose links as large campaigns do, all steady; each writes; all have it, and nobody is given up."""
    names = tuple([f"node{number}" for number in range(8)])
    world = World(5, CALM, maker=Hasty(pace=sparse()))
    world.spawn(*names)
    world.run_ms(100)
    campaign = form_campaign(world, names[0], names[1:])
    world.run_ms(MINUTE_MS)
    for name in names:
        steady(world, name, 2)
    world.run_ms(3 * MINUTE_MS)
    standing = {name: set(world.network.links_of(name)) for name in names}
    assert all(standing.values())
    for name in names:
        post(world, name, campaign, f"here is {name}")
    wanted = {f"here is {name}" for name in names}
    assert world.run_until(
        lambda: all(wanted <= set(texts(world, name, campaign)) for name in names), 3 * MINUTE_MS
    )
    kept = [link for name in names for link in standing[name] & set(world.network.links_of(name))]
    assert len(kept) * 2 > sum(map(len, standing.values())), "most links are those that stood before"
