"""What members and strangers on a link can do to a node, and what they cannot."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from pathlib import Path

import pytest

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import Role, Seat
from meshcoal.api.views import MemberState
from meshcoal.clock import MINUTE_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadKey, BadSeal
from meshcoal.ids import EpochId
from meshcoal.limits import AUTHORS_MAX, LINKS_MAX
from meshcoal.node.effects import Dial, Effect
from meshcoal.node.events import FrameReceived, LinkUp, TimerFired
from meshcoal.node.inserting import check_card
from meshcoal.node.links import Links, Target
from meshcoal.node.persona import Persona, new_persona
from meshcoal.node.step import Step
from meshcoal.sim.coalition import admit, author_of, campaign_view, members, post, timeline
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.insider import Insider
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import World
from meshcoal.sync.knock import Knocks, Pattern
from meshcoal.sync.session import Tools
from meshcoal.wire.bodies import AddBody, Card, ChannelBody, ChannelSeed, HintsBody, PostBody, RekeyBody
from meshcoal.wire.frames import Frontier, Held, Message, Run
from meshcoal.wire.operation import Kind

sys.path.insert(0, str(Path(__file__).parent))

from forgery import CHANCE, SEALER, begin_epoch, behind, forward, held_operations, unsealed
from nodework import coalition, counted, world_of


def card(*, name: str = "zoe") -> Card:
    return Persona(new_persona(name=name, entropy=CHANCE, sealer=SEALER), SEALER).card(())


@pytest.mark.parametrize("key", ["author", "act", "link"])
@pytest.mark.parametrize("value", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_a_card_with_an_unsound_key_is_refused(key: str, value: bytes) -> None:
    """Goal: keys of small order or of a second spelling. Method: each key of a card, and its sealing key."""
    good = card()
    check_card(good, SEALER)
    with pytest.raises(BadKey):
        check_card(dataclasses.replace(good, **{key: value}), SEALER)  # type: ignore[arg-type]
    with pytest.raises(BadKey):
        check_card(dataclasses.replace(good, seal=bytes(1216)), SEALER)


def test_an_admission_of_an_unsound_card_has_no_effect_anywhere() -> None:
    """Goal: the same at the log's door. Method: an organiser's ADD of a card with a link key of zeros."""
    world, campaign = coalition("ana", "ben", "chi", organisers=("ben",), seed=1)
    insider = Insider(world, "ben", campaign)
    bad = dataclasses.replace(card(), link=bytes(32))
    body = AddBody(at_ms=0, member=bad, seat=Seat.EXILE, role=Role.MEMBER)
    insider.give("ana", insider.forge(Kind.ADD, body).encoded)
    world.run_ms(MINUTE_MS)
    assert counted(world, "ana")["bad-key"] == 1
    for name in ("ana", "chi"):
        assert "zoe" not in members(world, name, campaign)


def test_lanes_that_come_one_after_the_other_in_one_step_open_once() -> None:
    """Goal: no record is opened twice. Method: an epoch kept from Chi, whose lanes come in one run."""
    # In this world Ben's link key is smaller than Chi's, so that Chi takes a new link of his for the old one.
    world, campaign = coalition("ana", "ben", "chi", seed=1)
    insider = Insider(world, "ben", campaign)
    ana = author_of(world, "ana", campaign)
    chi = author_of(world, "chi", campaign)
    secret = begin_epoch(insider, Kind.REKEY, RekeyBody(at_ms=0), to=[ana])
    epoch = EpochId(secret.id)
    seed = ChannelSeed(id=b"\x05" * 16, name="behind Chi's back")
    opened = insider.forge(Kind.CHANNEL, ChannelBody(at_ms=0, channel=seed), epoch=epoch)
    behind(insider, opened)
    hall = campaign_view(world, "ana", campaign).channels[0].id
    before = insider.campaign.keyring
    said = insider.forge(
        Kind.POST, PostBody(at_ms=0, channel=hall, text="not for Chi", reply_to=b""), epoch=epoch
    )
    behind(insider, said)
    insider.say("chi", [Run(operations=(secret.encoded, opened.encoded, said.encoded))])
    world.run_ms(100)
    assert campaign_view(world, "chi", campaign).unopened == 3
    first = begin_epoch(insider, Kind.REKEY, RekeyBody(at_ms=0, carried=(epoch,)))
    ring = dataclasses.replace(insider.campaign.keyring, chains=before.chains)
    talk = HintsBody(at_ms=0, hints=(), handed=(epoch,))
    second = forward(insider, Kind.HINTS, talk, ring=ring, to=[chi], under=epoch)
    insider.say("chi", [Run(operations=(first.encoded, second.encoded))])
    world.run_ms(MINUTE_MS)
    view = campaign_view(world, "chi", campaign)
    assert view.unopened == 0
    assert [one.name for one in view.channels][1:] == ["behind Chi's back"]
    assert timeline(world, "chi", campaign)[-1] == "not for Chi"
    assert open_campaign(world.machines["chi"].disk.copy(), campaign).unopened == {}


def test_keys_that_are_not_the_epochs_are_refused() -> None:
    """Goal: nobody plants keys. Method: a newcomer is carried wrong record keys after the right ones."""
    world, campaign = coalition("ana", "ben", organisers=("ben",), seed=1)
    world.spawn("dov")
    admit(world, "ana", "dov", campaign)
    world.run_ms(MINUTE_MS)
    dov = author_of(world, "dov", campaign)
    insider = Insider(world, "ben", campaign)
    ring = insider.campaign.keyring
    held = [epoch for epoch, known in ring.epochs.items() if known.record]
    wrong = {
        epoch: dataclasses.replace(known, record=b"\x05" * 32, covered=(), readers=())
        for epoch, known in ring.epochs.items()
    }
    body = RekeyBody(at_ms=0, carried=tuple(held))
    forged = begin_epoch(insider, Kind.REKEY, body, ring=dataclasses.replace(ring, epochs=wrong), to=[dov])
    insider.say("dov", [Run(operations=(forged.encoded,))])
    world.run_ms(MINUTE_MS)
    assert counted(world, "dov")["bad-seal"] == len(held)
    post(world, "ana", campaign, "still readable")
    world.run_ms(MINUTE_MS)
    assert timeline(world, "dov", campaign)[-1] == "still readable"


def test_a_flood_of_claims_is_bounded_and_ends_no_step() -> None:
    """Goal: gaps and holders stay small. Method: a newcomer is told of very many authors."""
    world, campaign = coalition("ana", "ben")
    post(world, "ana", campaign, "sealed to the newcomer for ever")
    world.spawn("dov")
    admit(world, "ana", "dov", campaign)
    world.run_ms(MINUTE_MS)
    insider = Insider(world, "ben", campaign)
    flood: list[Message] = []
    for part in range(3):
        numbers = range(part * AUTHORS_MAX, (part + 1) * AUTHORS_MAX)
        names = [hashlib.sha256(b"nobody %d" % number).digest() for number in numbers]
        flood.append(
            Frontier(whole=False, held=tuple([Held(author=name, seq=9, mark=bytes(16)) for name in names]))
        )
    for victim in ("dov", "ana"):
        insider.say(victim, flood)
    world.run_ms(MINUTE_MS)
    for name in ("dov", "ana"):
        view = campaign_view(world, name, campaign)
        assert len(view.gaps) <= AUTHORS_MAX
    world.crash("dov")
    world.restart("dov")
    post(world, "ana", campaign, "onwards")
    world.run_ms(MINUTE_MS)
    assert timeline(world, "dov", campaign)[-1] == "onwards"


def test_garbage_is_counted_and_its_sender_cut_off() -> None:
    """Goal: a peer that sends garbage. Method: noise as first frame, and on links of no number."""
    world, campaign = coalition("ana", "ben")
    ana = world.machines["ana"]
    assert ana.node is not None
    before = counted(world, "ana").get("handshake-truncated", 0)
    now_ms = world.clock_ms(ana)
    ana.node.handle(LinkUp(link=9_001, dial=None, transport="test"), now_ms)
    effects = ana.node.handle(FrameReceived(link=9_001, data=b"x" * 96), now_ms)
    assert [type(effect).__name__ for effect in effects] == ["HangUp"]
    assert counted(world, "ana")["handshake-truncated"] == before + 1
    assert ana.node.handle(FrameReceived(link=9_001, data=b"x" * 96), now_ms) == ()
    assert ana.node.handle(FrameReceived(link=424_242, data=b"x"), now_ms) == ()
    assert timeline(world, "ben", campaign) == timeline(world, "ana", campaign)


@pytest.mark.parametrize("key", ["pump:7", "lack:7", "handshake:7", "dial", "ping"])
def test_timers_that_come_late_do_no_harm(key: str) -> None:
    """Goal: total on timers. Method: fire each for a link or a campaign that is not there."""
    world, campaign = coalition("ana", "ben")
    ana = world.machines["ana"]
    assert ana.node is not None
    ana.node.handle(TimerFired(key=key), world.clock_ms(ana))
    for name in ("announce", "rekey", "hints"):
        for place in (campaign, bytes(32)):
            ana.node.handle(TimerFired(key=f"{name}:{place.hex()}"), world.clock_ms(ana))
    assert campaign_view(world, "ana", campaign).state is MemberState.ACTIVE


@pytest.mark.parametrize("seed", range(6))
def test_two_links_at_once_become_one(seed: int) -> None:
    """Goal: both sides keep the same link. Method: break all links at once, again and again; then count."""
    world, _ = coalition("ana", "ben", "chi", seed=seed)
    for _ in range(5):
        world.partition({"ana"}, {"ben"}, {"chi"})
        world.run_ms(2_000)
        world.heal()
        world.run_ms(MINUTE_MS)
    world.run_ms(2 * MINUTE_MS)
    for name in ("ana", "ben", "chi"):
        peers = world.look(name, ask.ListPeers(), show.PeersView).peers
        inside = [one.name for one in peers if one.connected and one.campaign_name]
        assert sorted(inside) == sorted({"ana", "ben", "chi"} - {name})


def test_a_removed_member_is_hung_up_and_opens_nothing_later_with_all_its_keys() -> None:
    """Goal: removal. Method: remove Chi; try every key Chi ever held on every later operation."""
    world, campaign = coalition("ana", "ben", "chi")
    chi = author_of(world, "chi", campaign)
    post(world, "ana", campaign, "before")
    world.run_ms(MINUTE_MS)
    seen_before = {one.id for one in held_operations(world, "ana", campaign)}
    world.command("ana", ask.RemoveMember(campaign=campaign, author=chi), show.CampaignView)
    world.run_ms(MINUTE_MS)
    post(world, "ben", campaign, "after")
    world.command("ben", ask.OpenChannel(campaign=campaign, name="without Chi"), show.CampaignView)
    world.run_ms(MINUTE_MS)
    later = [one for one in held_operations(world, "ana", campaign) if one.id not in seen_before]
    assert len(later) >= 3
    held = open_campaign(world.machines["chi"].disk.copy(), campaign)
    for one in later:
        assert one.epoch not in held.keyring.chains
        for known in held.keyring.epochs.values():
            if known.record:
                with pytest.raises(BadSeal):
                    unsealed(known.record, one)
    peers = world.look("ana", ask.ListPeers(), show.PeersView).peers
    assert not any(one.name == "chi" and one.connected and one.campaign_name for one in peers)
    assert timeline(world, "chi", campaign) == ["before"]


def test_who_holds_a_message_is_counted_and_gaps_are_shown() -> None:
    """Goal: the numbers on the screen. Method: Chi is away while Ben writes, then catches up."""
    world, campaign = coalition("ana", "ben", "chi")
    world.offline("chi")
    world.run_ms(3 * MINUTE_MS)
    for number in range(3):
        post(world, "ben", campaign, f"message {number}")
    world.run_ms(MINUTE_MS)
    channel = campaign_view(world, "ana", campaign).channels[0].id
    listing = ask.ListMessages(campaign=campaign, channel=channel)
    shown = world.look("ana", listing, show.MessagesView)
    assert {(one.held_by, one.held_of) for one in shown.messages} == {(2, 3)}
    ben = author_of(world, "ben", campaign)
    chi = world.machines["chi"]
    core = world.core("chi")
    inside = core._core.campaigns[campaign]  # type: ignore[attr-defined]
    inside.claim(ben, inside.dag.frontier.get(ben, (-1, b""))[0] + 3)
    gaps = world.look("chi", listing, show.MessagesView).gaps
    assert [(one.author, one.missing) for one in gaps] == [(ben, 3)]
    assert chi.up
    world.online("chi")
    world.run_ms(3 * MINUTE_MS)
    assert world.look("chi", listing, show.MessagesView).gaps == ()
    shown = world.look("ana", listing, show.MessagesView)
    assert {(one.held_by, one.held_of) for one in shown.messages} == {(3, 3)}
    behind = {one.name: one.behind for one in campaign_view(world, "ana", campaign).members}
    assert behind == {"ana": 0, "ben": 0, "chi": 0}


def test_concurrent_admission_and_removal_end_readable_by_all_who_are_in() -> None:
    """Goal: coverage over a partition. Method: one half removes Dov, the other admits Eve; then all talk."""
    world, campaign = coalition("ana", "ben", "chi", "dov", organisers=("chi",))
    world.spawn("eve")
    dov = author_of(world, "dov", campaign)
    world.partition({"ana", "ben"}, {"chi", "dov", "eve"})
    world.run_ms(MINUTE_MS)
    world.command("ana", ask.RemoveMember(campaign=campaign, author=dov), show.CampaignView)
    admit(world, "chi", "eve", campaign)
    world.run_ms(MINUTE_MS)
    world.heal()
    world.run_ms(5 * MINUTE_MS)
    inside = ("ana", "ben", "chi", "eve")
    for name in inside:
        assert set(members(world, name, campaign)) == set(inside)
        post(world, name, campaign, f"from {name}")
        world.run_ms(MINUTE_MS)
    for name in inside:
        assert timeline(world, name, campaign)[-4:] == [f"from {one}" for one in inside]
    assert not [text for text in timeline(world, "dov", campaign) if text.startswith("from")]


def test_nothing_is_asked_of_a_world_where_nobody_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: quiet nodes are quiet. Method: count frames of two members over an hour of silence."""
    world, _ = coalition("ana", "ben")
    world.run_ms(5 * MINUTE_MS)
    sent = 0
    original = world.watch.sent

    def counting(world: World, machine: Machine, link: int, data: bytes) -> None:
        nonlocal sent
        sent += 1
        original(world, machine, link, data)

    monkeypatch.setattr(world.watch, "sent", counting)
    world.run_ms(60 * MINUTE_MS)
    assert sent <= 60 * 60_000 // 25_000 * 2 * 3, "pings and their answers, and nothing else"


def test_a_node_alone_keeps_no_timers_for_nobody() -> None:
    """Goal: no alarm is set for ever. Method: a node without links or contacts, after an hour."""
    world = world_of("ana")
    world.run_ms(60 * MINUTE_MS)
    assert world.machines["ana"].timers == {}


def test_a_dial_that_meets_a_full_house_is_tried_again() -> None:
    """Goal: no peer is given up for good. Method: the last free link is taken while a dial is under way."""
    entropy = SeededEntropy(b"links")
    tools = Tools(entropy=entropy, kem=DeterministicKem(entropy), knocks=Knocks())
    links = Links(entropy=entropy, tools=tools, counters={})
    mine, theirs = (AgreementKey.from_private(entropy.take(32)) for _ in range(2))
    target = Target(
        key=("contact", b"", theirs.public),
        pattern=Pattern.KNOWN,
        static=mine,
        remote=theirs.public,
        psk=bytes(32),
        hints=("192.0.2.7:1",),
        delay_ms=0,
    )
    step = Step(1_000)
    links.want(step, [target])
    (dial,) = [one.dial for one in step.effects() if isinstance(one, Dial)]
    for number in range(LINKS_MAX):
        links.up(Step(1_000), number, None, "test")
    links.up(Step(1_000), LINKS_MAX, dial, "test")
    links.down(Step(1_000), 0, "closed")
    later = Step(10_000)
    links.dial_due(later)
    assert [one.hint for one in later.effects() if isinstance(one, Dial)] == ["192.0.2.7:1"]


def test_who_moves_is_dialled_where_they_are_now() -> None:
    """Goal: a new address is used at once. Method: Ben tells one, the link breaks; see where Ana dials."""
    world, campaign = coalition("ana", "ben", seed=1)
    world.command("ben", ask.SetHints(hints=("198.51.100.7:7000",)), show.IdentityView)
    world.run_ms(5_000)
    dialled: list[str] = []
    act = world.act

    def watched(machine: Machine, effect: Effect) -> None:
        if machine.name == "ana" and isinstance(effect, Dial):
            dialled.append(effect.hint)
        act(machine, effect)

    world.act = watched  # type: ignore[method-assign]
    world.offline("ben")
    world.run_ms(2 * MINUTE_MS)
    assert set(dialled) == {"198.51.100.7:7000"}
    world.online("ben")
    post(world, "ben", campaign, "moved")
    world.run_ms(2 * MINUTE_MS)
    assert timeline(world, "ana", campaign)[-1] == "moved", "Ben dials in the other direction"
