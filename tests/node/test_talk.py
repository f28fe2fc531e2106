"""Talk vanishes after the campaign's days: by the clock of each device, and without upsetting what stays."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api.commands import FoundCampaign, ListMessages, MarkRead, PostMessage, Seat
from meshcoal.api.views import CampaignView, Done, MessagesView, MessageView, Notice, NoticeKind
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.errors import BadArgument, Unknown
from meshcoal.ids import CampaignId, OperationId
from meshcoal.limits import TALK_DAYS, TALK_DAYS_MAX
from meshcoal.node.talk import AGAIN_MS
from meshcoal.sim.coalition import admit, campaign_view, channel_of, post, timeline
from meshcoal.sim.invariants import Watch
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import World

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import attach, read_back, some_bytes
from nodework import CALM, alone, coalition, world_of


def founded(world: World, talk_days: int = TALK_DAYS) -> CampaignId:
    command = FoundCampaign(
        name="Water", goal="", my_name="", seat=Seat.EXILE, channels=("hall",), talk_days=talk_days
    )
    return CampaignId(world.command("ana", command, CampaignView).id)


def page(world: World, campaign: CampaignId, *, before: bytes = b"", limit: int = 50) -> MessagesView:
    channel = channel_of(world, "ana", campaign)
    command = ListMessages(campaign=campaign, channel=channel, before=before, limit=limit)
    return world.look("ana", command, MessagesView)


def unread(world: World, name: str, campaign: CampaignId) -> tuple[int, int]:
    (channel,) = campaign_view(world, name, campaign).channels
    return channel.messages, channel.unread


@pytest.mark.parametrize("days", [1, 7, TALK_DAYS_MAX])
def test_after_its_days_it_is_gone(days: int) -> None:
    """Goal: the founder's number holds, and not much longer. Method: to both sides of the moment."""
    world, _ = alone()
    campaign = founded(world, days)
    assert campaign_view(world, "ana", campaign).talk_days == days
    assert page(world, campaign).talk_days == days
    post(world, "ana", campaign, "first")
    world.run_ms(HOUR_MS)
    last = post(world, "ana", campaign, "second")
    world.run_ms(days * DAY_MS - HOUR_MS - MINUTE_MS)
    assert timeline(world, "ana", campaign) == ["first", "second"]
    world.run_ms(MINUTE_MS + AGAIN_MS)
    assert timeline(world, "ana", campaign) == ["second"]
    world.run_ms(HOUR_MS)
    assert timeline(world, "ana", campaign) == []
    assert unread(world, "ana", campaign) == (0, 0)
    assert world.machines["ana"].disk.reader.operation(last) is not None, "the sealed operation stays"
    assert campaign_view(world, "ana", campaign).name == "Water"


@pytest.mark.parametrize("days", [0, -1, TALK_DAYS_MAX + 1])
def test_days_out_of_bounds(days: int) -> None:
    """Goal: nobody founds a campaign whose talk is erased at once, or never. Method: build the command."""
    with pytest.raises(BadArgument):
        FoundCampaign(name="x", goal="", my_name="", seat=Seat.EXILE, channels=("hall",), talk_days=days)


def test_the_founders_number_reaches_all() -> None:
    """Goal: one rule in a campaign. Method: two members; what is shown, and what both erase."""
    world, campaign = coalition("ana", "ben")
    post(world, "ana", campaign, "hello")
    world.run_ms(5_000)
    assert timeline(world, "ben", campaign) == ["hello"]
    assert {campaign_view(world, name, campaign).talk_days for name in ("ana", "ben")} == {TALK_DAYS}
    for name in ("ana", "ben"):
        world.crash(name)
    world.run_ms(TALK_DAYS * DAY_MS)
    for name in ("ana", "ben"):
        world.restart(name)
        assert timeline(world, name, campaign) == [], "before anything is shown, right after the start"


def test_what_comes_late_lives_as_long() -> None:
    """Goal: the time of arrival counts, not the author's clock. Method: Ben is off for the whole span."""
    world, campaign = coalition("ana", "ben")
    world.crash("ben")
    post(world, "ana", campaign, "while you were away")
    world.run_ms(2_000)
    world.crash("ana")
    world.run_ms(8 * DAY_MS)
    world.restart("ana")
    world.restart("ben")
    world.run_ms(3 * MINUTE_MS)
    assert timeline(world, "ana", campaign) == []
    assert timeline(world, "ben", campaign) == ["while you were away"]
    world.crash("ana")
    world.crash("ben")
    world.run_ms(7 * DAY_MS)
    world.restart("ben")
    assert timeline(world, "ben", campaign) == []


def test_a_screen_that_is_open_goes_on() -> None:
    """Goal: what stays is counted and paged right, also from a message that is gone. Method: seven
    messages of another's, of which four vanish; mark, page and answer one of those.
    """
    world = world_of("ana", "ben")
    campaign = founded(world, 1)
    admit(world, "ana", "ben", campaign)
    channel = channel_of(world, "ana", campaign)
    world.run_ms(20_000)
    old = [post(world, "ben", campaign, f"old {number}") for number in range(4)]
    world.run_ms(6 * HOUR_MS)
    new = [post(world, "ben", campaign, f"new {number}") for number in range(3)]
    world.run_ms(5_000)
    world.command("ana", MarkRead(campaign=campaign, channel=channel, message=new[0]), Done)
    assert unread(world, "ana", campaign) == (7, 2)
    world.run_ms(18 * HOUR_MS + 2 * AGAIN_MS)
    assert unread(world, "ana", campaign) == (3, 2)
    world.command("ana", MarkRead(campaign=campaign, channel=channel, message=old[3]), Done)
    assert unread(world, "ana", campaign) == (3, 3), "read up to one that has vanished"
    assert page(world, campaign, before=old[3]).messages == ()
    assert [one.id for one in page(world, campaign, before=new[2], limit=2).messages] == new[:2]
    assert not page(world, campaign, before=new[2], limit=2).more
    answer = PostMessage(campaign=campaign, channel=channel, text="to what was said", reply_to=old[0])
    view = world.command("ana", answer, MessageView)
    assert view.reply_to == old[0]
    assert page(world, campaign).messages[-1].text == "to what was said"
    for nothing in (OperationId(campaign), OperationId(bytes(32))):
        with pytest.raises(Unknown):
            page(world, campaign, before=nothing)
        with pytest.raises(Unknown):
            world.command("ana", MarkRead(campaign=campaign, channel=channel, message=nothing), Done)


def test_open_screens_are_told() -> None:
    """Goal: no screen goes on showing what was erased. Method: count notices; none where nothing is due."""

    class Ears(Watch):
        def published(self, world: World, machine: Machine, notice: Notice) -> None:
            heard.append(notice)

    heard: list[Notice] = []
    world = World(5, CALM, watch=Ears())
    world.spawn("ana")
    campaign = founded(world, 1)
    post(world, "ana", campaign, "soon gone")
    world.run_ms(3 * DAY_MS)
    erased = [notice for notice in heard if notice.kind is NoticeKind.ERASED]
    assert erased == [Notice(kind=NoticeKind.ERASED, campaign=campaign)]


def test_files_go_with_their_message() -> None:
    """Goal: no attachment outlives the message that brings its key. Method: one day; one file."""
    world, _ = alone()
    campaign = founded(world, 1)
    data = some_bytes(5_000)
    sent = attach(world, "ana", campaign, data)
    assert read_back(world, "ana", campaign, sent.id) == data
    reader = world.machines["ana"].disk.reader
    assert len(reader.files(campaign)) == 1
    world.run_ms(DAY_MS + AGAIN_MS + MINUTE_MS)
    assert page(world, campaign).messages == ()
    assert list(reader.attached(campaign)) == []
    assert list(reader.files(campaign)) == []
