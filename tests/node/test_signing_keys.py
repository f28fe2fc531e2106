"""Signing keys that change: by place, over crashes, and in the hands of a thief."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import pytest

from meshcoal.api.commands import PostMessage, RemoveMember
from meshcoal.api.views import CampaignView
from meshcoal.clock import DAY_MS, MINUTE_MS, SECOND_MS
from meshcoal.crypto import signing
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import BadSignature, LostKey, MalformedOperation
from meshcoal.ids import CampaignId
from meshcoal.limits import REKEY_AGE_MS
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome
from meshcoal.sim.coalition import admit, channel_of, form_campaign, post, timeline
from meshcoal.sim.convergence import check_converged, open_campaign, settle
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.haste import Hasty
from meshcoal.sim.insider import Insider, replace_signature
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.network import Faults
from meshcoal.sim.world import World
from meshcoal.wire.bodies import PostBody, RekeyBody
from meshcoal.wire.operation import Kind, Operation, signing_input

sys.path.insert(0, str(Path(__file__).parent))

from forgery import COURIER, NOW_MS, SEALER, begin_epoch, held_operations
from nodework import CALM

NAMES = ("ana", "ben", "chi")


def hasty(seed: int = 7, *, faults: Faults = CALM) -> tuple[World, CampaignId]:
    """Ana, Ben and Chi, whose keys change every three messages."""
    world = World(seed, faults, maker=Hasty())
    world.spawn(*NAMES)
    campaign = form_campaign(world, "ana", ("ben", "chi"), organisers=("ben",))
    world.run_ms(10 * SECOND_MS)
    return world, campaign


def talk(world: World, name: str, campaign: CampaignId, count: int) -> None:
    for number in range(count):
        post(world, name, campaign, f"number {number}")
        world.run_ms(SECOND_MS)


def log_of(world: World, name: str, campaign: CampaignId, *, at: str = "") -> list[Operation]:
    """Somebody's own log, as it is held at a machine."""
    me = open_campaign(world.machines[name].disk, campaign).me
    return [one for one in held_operations(world, at or name, campaign) if one.header.author == me]


def door(disk: MemoryDisk, campaign: CampaignId) -> tuple[Acceptor, Campaign, dict[str, int]]:
    """The door of somebody who holds what this disk holds."""
    counters: dict[str, int] = {}
    acceptor = Acceptor(sealer=SEALER, courier=COURIER, counters=counters)
    return acceptor, open_campaign(disk, campaign), counters


def test_keys_change_with_the_weekly_rekey_and_the_author_stays() -> None:
    """Goal: rotation as the daemon does it. Method: talk, eight days, talk; check each signature."""
    world = World(7, CALM)
    world.spawn("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    talk(world, "ana", campaign, 2)
    world.offline("ben")
    world.run_ms(REKEY_AGE_MS + DAY_MS)
    world.online("ben")
    world.run_ms(MINUTE_MS)
    talk(world, "ana", campaign, 1)
    world.run_ms(MINUTE_MS)
    log = log_of(world, "ana", campaign, at="ben")
    (closing,) = [one for one in log if one.header.successor]
    author = log[0].header.author
    for one in log:
        behind = one.header.seq > closing.header.seq
        key = closing.header.successor if behind else author
        other = author if behind else closing.header.successor
        _check(one, key)
        with pytest.raises(BadSignature):
            _check(one, other)
    assert log[-1].header.seq > closing.header.seq
    assert timeline(world, "ben", campaign) == ["number 0"], "the two of eight days ago have vanished"


def _check(one: Operation, key: bytes) -> None:
    signing.verify(key, signing_input(one.id), one.signature)


def test_a_key_that_signed_little_today_stays() -> None:
    """Goal: newcomers cost no rotation each. Method: rekeys of the first day, and after 100 messages."""
    world = World(8, CALM)
    world.spawn("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    assert not any(one.header.successor for one in log_of(world, "ana", campaign))
    talk(world, "ana", campaign, 101)
    assert sum(bool(one.header.successor) for one in log_of(world, "ana", campaign)) == 1


@pytest.mark.parametrize("boundary", range(8))
def test_a_crash_at_any_moment_of_a_rotation_leaves_a_node_that_goes_on(boundary: int) -> None:
    """Goal: disk before wire. Method: die at each boundary of the step that rotates, restart, talk."""
    world, campaign = hasty(20 + boundary)
    talk(world, "ana", campaign, 2)
    closings = len([one for one in log_of(world, "ana", campaign) if one.header.successor])
    for _ in range(4):
        world.crash_at("ana", boundary, writing=True)
        world.submit(
            "ana",
            PostMessage(
                campaign=campaign,
                channel=channel_of(world, "ben", campaign),
                text=f"{CANARY} dying",
                reply_to=b"",
            ),
        )
        world.run_ms(5 * SECOND_MS)
        world.calm()
        world.run_ms(5 * SECOND_MS)
    talk(world, "ana", campaign, 4)
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    assert len([one for one in log_of(world, "ana", campaign) if one.header.successor]) > closings


def test_what_comes_before_its_past_is_verified_when_that_comes() -> None:
    """Goal: one verdict, whatever the order. Method: a log backwards, forged copies before each.

    The copies are signed by the key before, by the one after, and by nobody. None keeps the true one out.
    """
    world, campaign = hasty(9)
    talk(world, "ana", campaign, 2)
    world.run_ms(MINUTE_MS)
    world.offline("chi")
    before = world.machines["chi"].disk.copy()
    talk(world, "ana", campaign, 7)
    known = {one.id for one in held_operations(world, "chi", campaign)}
    news = [one for one in held_operations(world, "ana", campaign) if one.id not in known]
    mine = {one.id for one in log_of(world, "ana", campaign)}
    assert sum(bool(one.header.successor) for one in news if one.id in mine) >= 2
    closed = SigningKey.from_seed(b"any other key".ljust(32, b"."))
    for order in (news[::-1], news[::2] + news[1::2]):
        acceptor, chi, counters = door(before.copy(), campaign)
        step = Step(NOW_MS)
        forgeries = waiting = 0
        for one in order:
            for signature in (closed.sign(signing_input(one.id)), bytes(64)):
                forgeries += 1
                try:
                    outcome = acceptor.receive(chi, step, replace_signature(one, signature).encoded)
                except BadSignature:
                    acceptor.count(BadSignature.code)
                else:
                    waiting += outcome is Outcome.WAITING
            if one.id not in mine or one.id not in chi.pending:
                assert acceptor.receive(chi, step, one.encoded) in (Outcome.NEW, Outcome.WAITING)
        assert waiting, "some forgeries could not be told"
        assert all(chi.dag.holds(one.id) for one in news)
        assert len(chi.pending) == 0
        assert counters[BadSignature.code] == forgeries
        assert set(counters) == {BadSignature.code}


def test_a_closed_key_signs_nothing_behind_its_closing() -> None:
    """Goal: verification by place. Method: the thief of an old key writes at the end of the true chain."""
    world, campaign = hasty(10)
    talk(world, "ana", campaign, 2)
    thief = Insider(world, "ana", campaign, forks=False)
    old = thief.campaign.seeds.signing_key()
    talk(world, "ana", campaign, 5)
    acceptor, ben, _ = door(world.machines["ben"].disk.copy(), campaign)
    seq, last = ben.dag.frontier[thief.author]
    assert ben.dag.signers.behind(thief.author, last) != old.public
    body = PostBody(
        at_ms=NOW_MS, channel=channel_of(world, "ben", campaign), text=f"{CANARY} stolen", reply_to=b""
    )
    following = thief.forge(Kind.POST, body, seq=seq + 1, backlink=last, parents=(last,))
    with pytest.raises(BadSignature):
        acceptor.receive(ben, Step(NOW_MS), following.encoded)
    elsewhere = thief.forge(Kind.POST, body, seq=seq + 2, backlink=last, parents=(last,))
    with pytest.raises((BadSignature, MalformedOperation)):
        acceptor.receive(ben, Step(NOW_MS), elsewhere.encoded)


def test_a_thief_of_the_key_in_force_who_changes_it_forks_the_log() -> None:
    """Goal: what theft comes to. Method: a copy of Ana's keys and Ana both close the key they share."""
    world, campaign = hasty(11)
    talk(world, "ana", campaign, 2)
    thief = Insider(world, "ana", campaign)
    taken = thief.campaign.seeds.signing_key()
    acceptor, ben, _ = door(world.machines["ben"].disk.copy(), campaign)
    theirs = SigningKey.from_seed(b"the thief's own".ljust(32, b"."))
    closing = begin_epoch(thief, Kind.REKEY, RekeyBody(at_ms=NOW_MS), successor=theirs.public)
    step = Step(NOW_MS)
    talk(world, "ana", campaign, 6)
    for one in held_operations(world, "ana", campaign):
        acceptor.receive(ben, step, one.encoded)
    assert thief.author not in ben.dag.forks
    assert acceptor.receive(ben, step, closing.encoded) is Outcome.NEW
    assert thief.author in ben.dag.forks
    closings = ben.dag.signers.closings_of(thief.author, taken.public)
    assert {one.successor for one in closings} >= {theirs.public}
    assert len(closings) == 2
    assert ben.dag.signers.behind(thief.author, closing.id) == theirs.public
    _, mine = open_campaign(world.machines["ana"].disk, campaign).dag.frontier[thief.author]
    assert ben.dag.signers.behind(thief.author, mine) not in (theirs.public, taken.public)


@pytest.mark.parametrize("removed_first", [True, False])
def test_a_device_put_back_in_time_cannot_sign_and_says_so(removed_first: bool) -> None:
    """Goal: no silent second story. Method: restore a disk from before a rotation, post, be invited anew."""
    world, campaign = hasty(15)
    talk(world, "ana", campaign, 2)
    world.run_ms(MINUTE_MS)
    old, shadow = world.machines["ana"].disk.copy(), copy.deepcopy(world.watch._held["ana"])
    talk(world, "ana", campaign, 5)
    assert settle(world, limit_ms=5 * MINUTE_MS)
    before = log_of(world, "ana", campaign)
    world.crash("ana")
    world.machines["ana"].disk = old
    world.watch._held["ana"] = shadow
    world.watch.promises = []
    world.restart("ana")
    world.run_ms(5 * MINUTE_MS)
    assert open_campaign(world.machines["ana"].disk, campaign).seeds.lost
    with pytest.raises(LostKey):
        post(world, "ana", campaign, "who am I")
    world.run_ms(30 * MINUTE_MS)
    assert log_of(world, "ana", campaign, at="ben") == before, "nothing is written by itself either"
    ana = open_campaign(world.machines["ana"].disk, campaign).me
    if removed_first:  # else the new admission comes to the old persona
        world.command("ben", RemoveMember(campaign=campaign, author=ana), CampaignView)
        world.run_ms(MINUTE_MS)
    admit(world, "ben", "ana", campaign)
    world.run_ms(MINUTE_MS)
    assert not open_campaign(world.machines["ana"].disk, campaign).seeds.lost
    talk(world, "ana", campaign, 1)
    world.run_ms(MINUTE_MS)
    assert timeline(world, "ben", campaign)[-1] == timeline(world, "ana", campaign)[-1] == "number 0"
