"""Members who meet at blind relays alone: everything comes, by no other way."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from random import Random

import pytest

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.ways import SetWays
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.errors import NotPermitted, Unknown
from meshcoal.ids import CampaignId
from meshcoal.limits import BOARDS_MAX, ENVELOPE_CLASSES_BYTES, PADDING_CLASSES_BYTES, PLACES_POLLED
from meshcoal.node.node import Node
from meshcoal.node.step import Step
from meshcoal.relay.desk import Visit
from meshcoal.sim.coalition import found
from meshcoal.sim.network import Faults
from meshcoal.sim.relaying import TRICKS, HostileRelay, RelayParty, run_now
from meshcoal.sim.world import World
from meshcoal.wire.message import Message
from meshcoal.wire.record import Record
from meshcoal.wire.relay_text import encode_relay
from meshcoal.wire.relaying import RELAYING, Deposit, Poll

sys.path.insert(0, str(Path(__file__).parent))

from nodework import CALM, coalition


def relays(world: World, name: str, campaign: CampaignId) -> tuple[show.RelayView, ...]:
    return world.look(name, ask.ListRelays(campaign=campaign), show.RelaysView).relays


def digest(world: World, name: str, campaign: CampaignId) -> bytes:
    return world.look(name, ask.ShowCampaign(campaign=campaign), show.CampaignView).heads_digest


def post(world: World, name: str, campaign: CampaignId, text: str) -> None:
    view = world.look(name, ask.ShowCampaign(campaign=campaign), show.CampaignView)
    command = ask.PostMessage(campaign=campaign, channel=view.channels[0].id, text=text)
    world.command(name, command, show.MessageView)


def boards_in_use(world: World, name: str, campaign: CampaignId) -> set[bytes]:
    core = world.core(name)
    assert isinstance(core, Node)
    boards = core._core.campaigns[campaign].boards.boards
    return {tag for tag, one in boards.items() if not one.until_ms}


def texts(world: World, name: str, campaign: CampaignId) -> list[str]:
    view = world.look(name, ask.ShowCampaign(campaign=campaign), show.CampaignView)
    command = ask.ListMessages(campaign=campaign, channel=view.channels[0].id)
    return [one.text for one in world.look(name, command, show.MessagesView).messages]


def with_relay(*names: str, seed: int = 5) -> tuple[World, CampaignId, RelayParty]:
    """Members of whom the first has added a relay; all have heard of it."""
    world, campaign = coalition(*names, seed=seed)
    relay = RelayParty(world, "relay")
    world.command(names[0], ask.AddRelay(campaign=campaign, text=relay.text), show.RelaysView)
    world.run_ms(30_000)
    return world, campaign, relay


def test_all_members_look_at_a_relay_that_one_added() -> None:
    """Goal: what one adds serves all. Method: one of three adds it; what each shows."""
    world, campaign, relay = with_relay("ana", "ben", "chi")
    for name in ("ana", "ben", "chi"):
        (view,) = relays(world, name, campaign)
        assert view.address == relay.address
        assert view.state is show.RelayState.WORKING
        assert view.mine == (name == "ana")
        assert view.named_by == "ana"
        assert view.fault is show.RelayFault.NONE


def test_one_relay_is_reached_by_whichever_of_its_addresses_works() -> None:
    """Goal: a relay with a plain address and one in Tor serves those of either. Method: ana names it where
    nobody answers, ben where it is; then they have nothing but the relay."""
    world, campaign = coalition("ana", "ben")
    relay = RelayParty(world, "relay")
    nowhere = encode_relay(dataclasses.replace(relay.relay, address=world.stranger_address()))
    for name, text in (("ana", nowhere), ("ben", relay.text)):
        world.command(name, ask.AddRelay(campaign=campaign, text=text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben"):
        assert [one.state for one in relays(world, name, campaign)] == [show.RelayState.WORKING] * 2
    world.partition(("ana", "relay"))
    post(world, "ana", campaign, "by the other door")
    world.run_ms(5 * MINUTE_MS)
    world.partition(("ben", "relay"))
    world.run_ms(5 * MINUTE_MS)
    assert texts(world, "ben", campaign) == ["by the other door"]


def test_two_who_are_never_online_together_end_with_equal_stores() -> None:
    """Goal: a relay stands in for meeting. Method: they take turns being online, and write each time."""
    world, campaign, _ = with_relay("ana", "ben")
    world.partition(("ana", "relay"))
    for turn in range(4):
        name = ("ana", "ben")[turn % 2]
        world.partition((name, "relay"))
        world.run_ms(2 * MINUTE_MS)
        for number in range(5):
            post(world, name, campaign, f"{name} {turn} {number}")
        world.run_ms(5 * MINUTE_MS)
    for name in ("ana", "ben", "ana"):
        world.partition((name, "relay"))
        world.run_ms(5 * MINUTE_MS)
    assert digest(world, "ana", campaign) == digest(world, "ben", campaign)
    view = world.look("ana", ask.ShowCampaign(campaign=campaign), show.CampaignView)
    found = world.look(
        "ana", ask.ListMessages(campaign=campaign, channel=view.channels[0].id), show.MessagesView
    )
    assert len(found.messages) == 20
    assert all(one.fault is show.RelayFault.NONE for one in relays(world, "ben", campaign))


def take_turns(world: World, relays_there: tuple[str, ...], names: tuple[str, ...], turns: int) -> None:
    for turn in range(turns):
        world.partition((names[turn % len(names)], *relays_there))
        world.run_ms(10 * MINUTE_MS)


def test_a_newcomer_reads_the_whole_log_from_the_relay() -> None:
    """Goal: what some member is not known to hold is posted, old things too. Method: ana alone holds much;
    ben comes by relay only, with ana offline."""
    world, campaign = coalition("ana", "ben")
    relay = RelayParty(world, "relay")
    world.command("ana", ask.AddRelay(campaign=campaign, text=relay.text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    world.partition(("ana", "relay"))
    for number in range(300):
        post(world, "ana", campaign, f"a rather long text that says nothing much {number}" * 4)
    world.run_ms(5 * MINUTE_MS)
    world.partition(("ben", "relay"))
    world.run_ms(5 * MINUTE_MS)
    assert digest(world, "ana", campaign) == digest(world, "ben", campaign)


def test_what_a_relay_lost_is_posted_again_and_said() -> None:
    """Goal: a relay that forgets loses time, not letters. Method: its store is emptied between two turns."""
    world, campaign, relay = with_relay("ana", "ben")
    world.partition(("ana", "relay"))
    post(world, "ana", campaign, "one")
    world.run_ms(5 * MINUTE_MS)
    run_now(_emptied(relay))
    post(world, "ana", campaign, "two")
    take_turns(world, ("relay",), ("ana", "ben"), 8)
    assert digest(world, "ana", campaign) == digest(world, "ben", campaign)
    (view,) = relays(world, "ana", campaign)
    assert view.fault is show.RelayFault.LOST


async def _emptied(relay: RelayParty) -> None:
    await relay.store.expire(2**60)


def test_a_relay_that_is_not_there_is_shown_as_such_and_another_serves() -> None:
    """Goal: several at once. Method: two relays, one goes down; turns at the other; then views."""
    world, campaign, relay = with_relay("ana", "ben")
    second = RelayParty(world, "second")
    world.command("ben", ask.AddRelay(campaign=campaign, text=second.text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    relay.go_down()
    world.partition(("ana", "second"))
    post(world, "ana", campaign, "one")
    world.run_ms(5 * MINUTE_MS)
    world.partition(("ben", "second"))
    world.run_ms(10 * MINUTE_MS)
    assert digest(world, "ana", campaign) == digest(world, "ben", campaign)
    states = {one.address: one.state for one in relays(world, "ben", campaign)}
    assert states == {
        relay.address: show.RelayState.UNREACHED,
        second.address: show.RelayState.WORKING,
    }


def test_who_was_removed_does_not_know_the_topics_of_after() -> None:
    """Goal: a fresh secret once somebody is out. Method: chi is removed; which boards each has then."""
    world, campaign, _ = with_relay("ana", "ben", "chi")
    before = boards_in_use(world, "ana", campaign)
    view = world.look("ana", ask.ShowCampaign(campaign=campaign), show.CampaignView)
    chi = next(one.author for one in view.members if one.name == "chi")
    world.command("ana", ask.RemoveMember(campaign=campaign, author=chi), show.CampaignView)
    world.run_ms(5 * MINUTE_MS)
    after = {name: boards_in_use(world, name, campaign) for name in ("ana", "ben", "chi")}
    assert len(after["ana"]) == 1
    assert after["ana"] == after["ben"]
    assert not after["ana"] & before
    assert not after["ana"] & after["chi"]
    world.partition(("ana", "relay"))
    post(world, "ana", campaign, "one")
    take_turns(world, ("relay",), ("ana", "ben"), 4)
    assert digest(world, "ana", campaign) == digest(world, "ben", campaign)


def test_a_relay_that_was_removed_is_read_to_its_end_and_written_no_more() -> None:
    """Goal: RemoveRelay. Method: ana removes it; it is closing for two weeks, then gone."""
    world, campaign, relay = with_relay("ana", "ben")
    world.command("ana", ask.RemoveRelay(campaign=campaign, address=relay.address), show.RelaysView)
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben"):
        (view,) = relays(world, name, campaign)
        assert view.closing
    for name in ("ana", "ben"):
        world.crash(name)
    world.run_ms(16 * DAY_MS)
    for name in ("ana", "ben"):
        world.restart(name)
    world.run_ms(MINUTE_MS)
    assert relays(world, "ana", campaign) == relays(world, "ben", campaign) == ()
    with pytest.raises(Unknown):
        world.command("ana", ask.RemoveRelay(campaign=campaign, address=relay.address), show.RelaysView)


@pytest.mark.parametrize("trick", TRICKS)
def test_a_hostile_relay_changes_nothing_but_time(trick: str) -> None:
    """Goal: whatever a relay does, stores end equal where an honest one serves too, and it is named.
    Method: each trick on everything it hands out, most of the time; ana and ben take turns."""
    world, campaign, _ = with_relay("ana", "ben")
    hostile = HostileRelay(world, "hostile", trick, chance=0.8)
    world.command("ana", ask.AddRelay(campaign=campaign, text=hostile.text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    named: set[tuple[str, show.RelayFault]] = set()
    for turn in range(8):
        name = ("ana", "ben")[turn % 2]
        world.partition((name, "relay", "hostile"))
        world.run_ms(MINUTE_MS)
        for number in range(4):
            post(world, name, campaign, f"{turn} {number}")
            world.run_ms(30_000)
        for _ in range(10):
            world.run_ms(MINUTE_MS)
            named |= {(one.address, one.fault) for one in relays(world, name, campaign)}
    take_turns(world, ("relay", "hostile"), ("ana", "ben"), 6)
    assert digest(world, "ana", campaign) == digest(world, "ben", campaign)
    named |= {(one.address, one.fault) for one in relays(world, "ana", campaign)}
    assert {fault for address, fault in named if address != hostile.address} == {show.RelayFault.NONE}
    faults = {fault for address, fault in named if address == hostile.address}
    assert faults != {show.RelayFault.NONE}
    warned = {
        (one.name, one.campaign, one.subject)
        for name in ("ana", "ben")
        for one in world.look(name, ask.ListWarnings(), show.WarningsView).warnings
        if one.kind is show.WarningKind.RELAY
    }
    certain = bool(faults & {show.RelayFault.LOST, show.RelayFault.FALSE})
    assert warned == ({(hostile.address, campaign, hostile.relay.key)} if certain else set())


def test_a_relay_holds_and_sees_nothing_of_anybody() -> None:
    """Goal: no content, name, address or stable identifier, only size classes. Method: all that it
    received, searched; frames are opened as the relay opens them."""
    world, campaign, relay = with_relay("ana", "ben")
    heard: list[Message] = []
    hear = relay.hear

    def note(visit: Visit, message: Message) -> None:
        heard.append(message)
        hear(visit, message)

    relay.hear = note  # type: ignore[method-assign]
    world.partition(("ana", "relay"), ("ben",))
    post(world, "ana", campaign, "kestrel meets at nine")
    world.run_ms(3 * MINUTE_MS)
    world.partition(("ben", "relay"), ("ana",))
    world.run_ms(3 * MINUTE_MS)
    world.run_ms(DAY_MS // 4)
    post(world, "ben", campaign, "kestrel comes")
    world.run_ms(3 * MINUTE_MS)
    view = world.look("ana", ask.ShowCampaign(campaign=campaign), show.CampaignView)
    people = [world.look(name, ask.ShowIdentity(), show.IdentityView).person for name in ("ana", "ben")]
    secrets = [b"kestrel", b"ana", b"ben", view.name.encode(), campaign, view.channels[0].id, *people]
    secrets += [one.author for one in view.members]
    secrets += [machine.address.encode() for machine in world.machines.values()]
    for machine in ("ana", "ben"):
        core = world.core(machine)
        assert isinstance(core, Node)
        inside = core._core.campaigns[campaign]
        secrets += [inside.persona.link.public, *[one.secret for one in inside.boards.boards.values()]]
        secrets += list(inside.boards.boards)
    long = [secret for secret in secrets if len(secret) > 3]
    said = [RELAYING.encode(message) for message in heard]
    seen = b"".join([*relay.frames, *said])
    assert not [secret for secret in long if secret in seen or secret.hex().encode() in seen]
    assert {len(frame) for frame in relay.frames} <= {size + 16 for size in PADDING_CLASSES_BYTES}
    deposits = [message for message in heard if isinstance(message, Deposit)]
    assert {len(one.envelope) for one in deposits} <= set(ENVELOPE_CLASSES_BYTES)
    polls = [message for message in heard if isinstance(message, Poll)]
    assert {len(one.places) for one in polls} == {PLACES_POLLED}
    assert all(list(one.places) == sorted(one.places, key=lambda place: place.topic) for one in polls)
    assert len(relay.statics) >= 2
    assert len(set(relay.statics)) == len(relay.statics), "a link has a key of its own"


def test_all_members_ask_for_the_same_all_day() -> None:
    """Goal: nothing shows by comparing two questions. Method: the polls of two members, minutes apart."""
    world, _, relay = with_relay("ana", "ben")
    polls: list[Poll] = []
    hear = relay.hear

    def note(visit: Visit, message: Message) -> None:
        if isinstance(message, Poll):
            polls.append(message)
        hear(visit, message)

    relay.hear = note  # type: ignore[method-assign]
    world.partition(("ana", "relay"))
    world.run_ms(5 * MINUTE_MS)
    first = {place.topic for place in polls[-1].places}
    kept = [{place.topic for place in poll.places} == first for poll in polls[-3:]]
    assert all(kept), "the same all the time: nothing shows by comparing two questions"
    world.partition(("ben", "relay"))
    world.run_ms(5 * MINUTE_MS)
    others = {place.topic for place in polls[-1].places}
    assert others == first, "two members ask for the same"


def test_no_member_takes_all_the_places_for_relays() -> None:
    """Goal: a member who names many leaves room for others. Method: all name four; who is in use then."""
    world, campaign = coalition("ana", "ben", "chi", "dov")
    for name in ("ana", "ben", "chi", "dov"):
        for number in range(4):
            relay = RelayParty(world, f"{name} {number}")
            command = ask.AddRelay(campaign=campaign, text=relay.text)
            if len(relays(world, name, campaign)) < 8:
                world.command(name, command, show.RelaysView)
        world.run_ms(100)
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben", "chi", "dov"):
        shown = relays(world, name, campaign)
        assert len([one for one in shown if not one.closing]) == 8
    with pytest.raises(NotPermitted):
        world.command("dov", command, show.RelaysView)


def test_honest_relays_are_never_named() -> None:
    """Goal: no false alarm. Method: links that break, nodes that crash, two relays that come and go, a night
    between; no fault is shown at any time, and all end equal."""
    names = ("ana", "ben", "chi")
    world, campaign, first = with_relay(*names)
    second = RelayParty(world, "second")
    world.command("ben", ask.AddRelay(campaign=campaign, text=second.text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    chance = Random(5)
    world.set_faults(
        Faults(delay_ms=(5, 900), loss=0.002, duplicate=0.001, breaking_ms=(0, 60_000), unsaid=0.3)
    )
    for turn in range(12):
        name = chance.choice(names)
        there = [one.name for one in (first, second) if chance.random() < 0.8]
        world.partition([name, *there])
        if chance.random() < 0.2:
            world.crash(name)
            world.run_ms(1_000)
            world.restart(name)
        if chance.random() < 0.6:
            post(world, name, campaign, f"{turn} " * chance.choice((1, 1, 50)))
        world.run_ms(chance.choice((30_000, 5 * MINUTE_MS, 20 * MINUTE_MS)))
        for one in names:
            assert {relay.fault for relay in relays(world, one, campaign)} == {show.RelayFault.NONE}
        if turn == 5:
            for one in names:
                world.crash(one)
            world.run_ms(18 * HOUR_MS)
            for one in names:
                world.restart(one)
    world.set_faults(CALM)
    take_turns(world, ("relay", "second"), names, 9)
    assert len({digest(world, name, campaign) for name in names}) == 1


def test_several_tricks_at_once_and_no_honest_relay() -> None:
    """Goal: with nothing but a liar between them, time is lost and nothing else. Method: a relay that drops,
    delays, swaps, replays and invents; both stay on until they are equal."""
    world, campaign = coalition("ana", "ben")
    liar = HostileRelay(world, "liar", "drop", "delay", "swap", "replay", "invent", chance=0.25)
    world.command("ana", ask.AddRelay(campaign=campaign, text=liar.text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    world.network.lay([("ana", "liar"), ("ben", "liar")])
    for number in range(10):
        post(world, ("ana", "ben")[number % 2], campaign, f"{number}")
        world.run_ms(MINUTE_MS)

    def equal() -> bool:
        return digest(world, "ana", campaign) == digest(world, "ben", campaign)

    assert world.run_until(equal, 12 * HOUR_MS)
    world.run_ms(MINUTE_MS)
    assert equal()
    assert relays(world, "ana", campaign)[0].fault is not show.RelayFault.NONE
    assert sorted(texts(world, "ana", campaign)) == sorted(str(number) for number in range(10))


def test_a_campaign_that_goes_through_tor_alone_leaves_a_relay_that_is_not_there() -> None:
    """Goal: the user's choice of ways holds for relays. Method: chosen while it stands; taken back."""
    world, campaign, _ = with_relay("ana", "ben")
    world.command("ana", SetWays(campaign=campaign, only_tor=True, nearby=False), Record)
    world.run_ms(5 * MINUTE_MS)
    assert relays(world, "ana", campaign)[0].state is not show.RelayState.WORKING
    assert relays(world, "ben", campaign)[0].state is show.RelayState.WORKING
    world.command("ana", SetWays(campaign=campaign, only_tor=False, nearby=True), Record)
    world.run_ms(5 * MINUTE_MS)
    assert relays(world, "ana", campaign)[0].state is show.RelayState.WORKING


def test_boards_that_come_and_go_are_bounded() -> None:
    """Goal: nobody makes others keep more and more boards. Method: ben adds and removes many."""
    world, campaign, _ = with_relay("ana", "ben")
    for number in range(20):
        relay = RelayParty(world, f"relay {number}")
        world.command("ben", ask.AddRelay(campaign=campaign, text=relay.text), show.RelaysView)
        world.run_ms(1_000)
        remove = ask.RemoveRelay(campaign=campaign, address=relay.address)
        world.command("ben", remove, show.RelaysView)
        world.run_ms(1_000)
    for name in ("ana", "ben"):
        shown = relays(world, name, campaign)
        assert len(shown) <= BOARDS_MAX
        assert [one.state for one in shown if not one.closing] == [show.RelayState.WORKING]


def test_at_a_steady_pace_a_relay_does_not_see_when_somebody_writes() -> None:
    """Goal: cover. Method: ana posts once in five minutes; an hour in which she writes now and then, and one
    in which she does not, look alike: one envelope of one size in each span; what she wrote comes all the
    same, after a restart too, and when it is switched off at once."""
    world, campaign, relay = with_relay("ana", "ben")
    world.network.lay([("ana", "relay"), ("ben", "relay")])
    world.run_ms(10 * MINUTE_MS)
    command = ask.CoverRelays(campaign=campaign, minutes=5)
    assert world.command("ana", command, show.RelaysView).cover_minutes == 5
    world.run_ms(10 * MINUTE_MS)
    world.partition(("ana", "relay"))
    seen: list[tuple[int, int]] = []
    hear = relay.hear

    def note(visit: Visit, message: Message) -> None:
        if isinstance(message, Deposit):
            seen.append((world.now_ms, len(message.envelope)))
        hear(visit, message)

    relay.hear = note  # type: ignore[method-assign]
    for number in range(6):
        world.run_ms(10 * MINUTE_MS)
        post(world, "ana", campaign, f"a word {number}")
    writing, seen[:] = list(seen), []
    world.run_ms(HOUR_MS)
    silent = list(seen)
    for times in (writing, silent):
        assert 11 <= len(times) <= 13
        assert {size for _, size in times} == {ENVELOPE_CLASSES_BYTES[1]}
        assert all(
            third[0] - first[0] > 5 * MINUTE_MS for first, third in zip(times, times[2:], strict=False)
        )
    world.crash("ana")
    world.restart("ana")
    world.run_ms(30 * MINUTE_MS)
    assert 4 <= len(seen) - len(silent) <= 8
    world.partition(("ana", "ben", "relay"))
    world.run_ms(10 * MINUTE_MS)
    assert "a word 5" in texts(world, "ben", campaign)
    off = ask.CoverRelays(campaign=campaign, minutes=0)
    assert world.command("ana", off, show.RelaysView).cover_minutes == 0
    post(world, "ana", campaign, "at once")
    assert world.run_until(lambda: "at once" in texts(world, "ben", campaign), MINUTE_MS)


def test_two_campaigns_at_one_relay_are_dialled_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: through Tor each campaign has circuits of its own at each relay. Method: two campaigns of ana's
    that use one relay; what her device asks for when it dials, and that members' links share theirs."""
    dialled: set[tuple[str, bytes]] = set()
    dial = Step.dial

    def note(step: Step, number: int, hint: str, apart: bytes = b"") -> None:
        dialled.add((hint, apart))
        dial(step, number, hint, apart)

    monkeypatch.setattr(Step, "dial", note)
    world, campaign, relay = with_relay("ana", "ben")
    other = found(world, "ana")
    world.command("ana", ask.AddRelay(campaign=other, text=relay.text), show.RelaysView)
    world.run_ms(MINUTE_MS)
    assert {apart for hint, apart in dialled if hint == relay.address} == {bytes(campaign), bytes(other)}
    assert {apart for hint, apart in dialled if hint != relay.address} == {b""}


def test_who_left_a_campaign_asks_no_relay_for_it() -> None:
    """Goal: a relay is not visited for a campaign that is over. Method: ben leaves; whether a link stands."""
    world, campaign, relay = with_relay("ana", "ben")
    assert len(world.network.links_of("relay")) == 2
    world.command("ben", ask.LeaveCampaign(campaign=campaign), Record)
    world.run_ms(5 * MINUTE_MS)
    assert len(world.network.links_of("relay")) == 1
    assert relays(world, "ana", campaign)[0].state is show.RelayState.WORKING
    assert relay.up
