"""Files where members meet at relays alone: asked for, brought by themselves, resumed, bounded."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.views import AttachmentState
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.ids import CampaignId
from meshcoal.limits import ENVELOPE_CLASSES_BYTES
from meshcoal.relay.desk import DeskLimits, Visit
from meshcoal.sim.relaying import RelayParty
from meshcoal.sim.world import World
from meshcoal.wire.message import Message
from meshcoal.wire.relaying import Deposit

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import attach, fetch, here, read_back, some_bytes, view_of
from nodework import coalition

SMALL = some_bytes(40_000)
LARGE = some_bytes(400_000)


def apart(*names: str, **limits: int) -> tuple[World, CampaignId, RelayParty]:
    """Members who all reach a relay, and none of them another."""
    world, campaign = coalition(*names)
    relay = RelayParty(world, "relay", limits=DeskLimits(work_bits=4, **limits))
    world.command(names[0], ask.AddRelay(campaign=campaign, text=relay.text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    world.network.lay([(name, relay.name) for name in names])
    world.run_ms(MINUTE_MS)
    return world, campaign, relay


def sizes_of(relay: RelayParty) -> list[int]:
    """Of all that is deposited from now on."""
    sizes: list[int] = []
    hear = relay.hear

    def note(visit: Visit, message: Message) -> None:
        if isinstance(message, Deposit):
            sizes.append(len(message.envelope))
        hear(visit, message)

    relay.hear = note  # type: ignore[method-assign]
    return sizes


def test_a_small_file_comes_by_itself_over_a_relay() -> None:
    """Goal: a picture goes with its message though nobody is linked. Method: ana and ben take turns at being
    on; nothing is asked for."""
    world, campaign, relay = apart("ana", "ben")
    sizes = sizes_of(relay)
    world.offline("ben")
    sent = attach(world, "ana", campaign, SMALL)
    world.run_ms(5 * MINUTE_MS)
    world.offline("ana")
    world.online("ben")
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 5 * MINUTE_MS)
    assert read_back(world, "ben", campaign, sent.id) == SMALL
    assert set(sizes) <= set(ENVELOPE_CLASSES_BYTES)


def test_a_large_file_comes_when_it_is_asked_for() -> None:
    """Goal: nothing large moves unasked, and what is asked for comes, later too. Method: ben asks while ana
    is off, and is off when she answers; chi, who did not ask, gets nothing."""
    world, campaign, relay = apart("ana", "ben", "chi")
    sizes = sizes_of(relay)
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(5 * MINUTE_MS)
    assert sum(sizes) < 50_000
    world.offline("ana")
    fetch(world, "ben", campaign, sent.id)
    world.run_ms(2 * MINUTE_MS)
    assert view_of(world, "ben", campaign, sent.id).state is AttachmentState.RELAYED
    world.offline("ben")
    world.online("ana")
    world.run_ms(5 * MINUTE_MS)
    world.offline("ana")
    world.online("ben")
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 5 * MINUTE_MS)
    assert read_back(world, "ben", campaign, sent.id) == LARGE
    assert view_of(world, "chi", campaign, sent.id).state is AttachmentState.ABSENT


def test_what_came_stays_and_only_the_rest_is_asked_for() -> None:
    """Goal: resumable. Method: ben crashes while it comes, twice; how much is deposited in all."""
    world, campaign, relay = apart("ana", "ben")
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(MINUTE_MS)
    sizes = sizes_of(relay)
    fetch(world, "ben", campaign, sent.id)
    for part in (4, 9):
        assert comes_to(world, campaign, sent.id, part)
        world.crash("ben")
        world.run_ms(10_000)
        world.restart("ben")
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 3 * HOUR_MS)
    assert read_back(world, "ben", campaign, sent.id) == LARGE
    assert sum(size > 8_192 for size in sizes) <= 2 * 14, "thirteen chunks, some of them twice at most"


def comes_to(world: World, campaign: CampaignId, message: bytes, part: int) -> bool:
    """Whether ben soon has so many chunks."""
    return world.run_until(lambda: view_of(world, "ben", campaign, message).held >= part, 5 * MINUTE_MS)


def test_of_several_who_hold_it_few_post_the_same() -> None:
    """Goal: a board is not filled by all at once. Method: four hold the file, dov asks; count chunks."""
    names = ("ana", "ben", "chi", "eli", "dov")
    world, campaign = coalition(*names)
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(10_000)
    for name in ("ben", "chi", "eli"):
        fetch(world, name, campaign, sent.id)
    world.run_ms(MINUTE_MS)
    relay = RelayParty(world, "relay")
    world.command("ana", ask.AddRelay(campaign=campaign, text=relay.text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    world.network.lay([(name, "relay") for name in names])
    world.run_ms(MINUTE_MS)
    sizes = sizes_of(relay)
    fetch(world, "dov", campaign, sent.id)
    assert world.run_until(lambda: here(world, "dov", campaign, sent.id), 10 * MINUTE_MS)
    world.run_ms(5 * MINUTE_MS)
    assert 13 <= sum(size > 8_192 for size in sizes) <= 20


def test_talk_goes_before_files() -> None:
    """Goal: a message does not wait for a file. Method: ana says something while her device posts chunks;
    ben has it long before the file."""
    world, campaign, _ = apart("ana", "ben")
    sent = attach(world, "ana", campaign, some_bytes(2_000_000))
    world.run_ms(MINUTE_MS)
    fetch(world, "ben", campaign, sent.id)
    assert world.run_until(lambda: view_of(world, "ben", campaign, sent.id).held >= 5, 5 * MINUTE_MS)
    say(world, "ana", campaign, "now")
    assert world.run_until(lambda: "now" in texts(world, "ben", campaign), 15_000)
    one = view_of(world, "ben", campaign, sent.id)
    assert one.held < one.of // 2


def test_files_leave_half_of_a_topic_to_talk() -> None:
    """Goal: files never make a relay refuse talk. Method: a relay with small topics, of which a file would
    fill more than one: half is filled; what is said then comes; the file goes on the next day."""
    world, campaign, relay = apart("ana", "ben", topic_bytes_max=400_000)
    sizes = sizes_of(relay)
    file = some_bytes(300_000)
    sent = attach(world, "ana", campaign, file)
    world.run_ms(MINUTE_MS)
    fetch(world, "ben", campaign, sent.id)
    world.run_ms(HOUR_MS // 2)
    assert 2 <= view_of(world, "ben", campaign, sent.id).held <= 7
    assert sum(sizes) < 260_000
    say(world, "ana", campaign, "later")
    assert world.run_until(lambda: "later" in texts(world, "ben", campaign), MINUTE_MS)
    for name in ("ana", "ben"):
        world.offline(name)
    world.run_ms(DAY_MS)
    for name in ("ana", "ben"):
        world.online(name)
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), HOUR_MS)
    assert read_back(world, "ben", campaign, sent.id) == file


def say(world: World, name: str, campaign: CampaignId, text: str) -> None:
    view = world.look(name, ask.ShowCampaign(campaign=campaign), show.CampaignView)
    command = ask.PostMessage(campaign=campaign, channel=view.channels[0].id, text=text)
    world.command(name, command, show.MessageView)


def texts(world: World, name: str, campaign: CampaignId) -> list[str]:
    view = world.look(name, ask.ShowCampaign(campaign=campaign), show.CampaignView)
    command = ask.ListMessages(campaign=campaign, channel=view.channels[0].id)
    return [one.text for one in world.look(name, command, show.MessagesView).messages]
