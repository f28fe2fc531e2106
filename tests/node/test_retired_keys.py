"""Published keys: anybody can have used them, and what they sign anew counts for nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from meshcoal.api.commands import DraftStatement, ListForks, ListMessages, ShowCampaign
from meshcoal.api.views import CampaignView, ForkState, ForksView, MessagesView, StatementView
from meshcoal.clock import DAY_MS, MINUTE_MS, SECOND_MS
from meshcoal.crypto import signing
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import LogClosed
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import REKEY_AGE_MS, RETIRE_AFTER_MS
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.records import SEEDS
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome
from meshcoal.sim.coalition import channel_of, form_campaign, post
from meshcoal.sim.convergence import check_converged, open_campaign, settle
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.haste import HASTE, Hasty
from meshcoal.sim.insider import Insider
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.world import World
from meshcoal.wire.bodies import ChannelBody, ChannelSeed, PostBody, RekeyBody, RetireBody
from meshcoal.wire.operation import Kind, Operation, signing_input

sys.path.insert(0, str(Path(__file__).parent))

from forgery import COURIER, SEALER, held_operations
from nodework import CALM, coalition

NAMES = ("ana", "ben", "chi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A campaign in which Ana closed and published her first key."""

    world: World
    campaign: CampaignId
    ana: AuthorId
    before: MemoryDisk  # Ben's, from the time in which that key was in force
    seed: bytes
    published: Operation

    def open(self, name: str) -> Campaign:
        return open_campaign(self.world.machines[name].disk, self.campaign, pace=HASTE)

    def log(self, name: str) -> list[Operation]:
        """Ana's, as a machine holds it."""
        held = held_operations(self.world, name, self.campaign)
        return [one for one in held if one.header.author == self.ana]

    @property
    def now_ms(self) -> int:
        return self.world.now_ms


def story(seed: int) -> Story:
    world = World(seed, CALM, maker=Hasty())
    world.spawn(*NAMES)
    campaign = form_campaign(world, "ana", ("ben", "chi"), organisers=("ben",))
    first = open_campaign(world.machines["ana"].disk, campaign)
    # Her first rekey closed her first key while the others joined: look at the one in force now.
    key = first.seeds.public
    held = first.seeds.get(key)
    assert held is not None
    post(world, "ana", campaign, "before")
    world.run_ms(SECOND_MS)
    before = world.machines["ben"].disk.copy()
    for number in range(7):
        post(world, "ana", campaign, f"number {number}")
        world.run_ms(SECOND_MS)

    def published() -> Operation | None:
        for one in held_operations(world, "ben", campaign):
            if one.header.kind is Kind.RETIRE and one.header.author == first.me:
                opened = open_campaign(world.machines["ben"].disk, campaign, pace=HASTE)
                if opened.retired.holds(first.me, key):
                    return one
        return None

    for _ in range(40):
        world.run_ms(15 * SECOND_MS)
        found = published()
        if found is not None:
            world.run_ms(MINUTE_MS)
            return Story(
                world=world,
                campaign=campaign,
                ana=first.me,
                before=before,
                seed=held.seed,
                published=found,
            )
    raise AssertionError("nothing was published")


def door(campaign: Campaign) -> tuple[Acceptor, dict[str, int]]:
    counters: dict[str, int] = {}
    return Acceptor(sealer=SEALER, courier=COURIER, counters=counters), counters


def forged(story: Story, *, count: int = 3, close: bool = False) -> list[Operation]:
    """Another log of Ana from her first message under the published key on, by Chi's hand.

    A channel, then messages; `close`: then a rekey that closes the key once more, and something behind it.
    """
    chi = Insider(story.world, "chi", story.campaign, forks=False)
    story.world.watch.suspects.add(story.ana)
    key = SigningKey.from_seed(story.seed)
    log = story.log("ben")
    signers = chi.campaign.dag.signers
    first = next(
        one for one in log if one.header.kind is Kind.POST and _signer(chi.campaign, one) == key.public
    )
    seq, last = first.header.seq, OperationId(first.header.backlink)
    parents = first.header.parents
    assert signers.behind(story.ana, last) == key.public
    written = []
    channel = channel_of(story.world, "chi", story.campaign)
    bodies: list[tuple[Kind, ChannelBody | PostBody | RekeyBody]] = [
        (
            Kind.CHANNEL,
            ChannelBody(at_ms=story.now_ms, channel=ChannelSeed(id=bytes(range(16)), name="forged")),
        )
    ]
    bodies += [
        (
            Kind.POST,
            PostBody(at_ms=story.now_ms, channel=channel, text=f"{CANARY} false", reply_to=b""),
        )
    ] * (count - 1)
    if close:
        bodies += [(Kind.REKEY, RekeyBody(at_ms=story.now_ms)), bodies[-1]]
    mine = SigningKey.from_seed(b"chi's own".ljust(32, b"."))
    signer = key
    for kind, body in bodies:
        one = chi.forge(
            kind,
            body,
            author=story.ana,
            key=signer,
            seq=seq,
            backlink=last,
            parents=parents,
            successor=mine.public if kind is Kind.REKEY else b"",
        )
        if kind is Kind.REKEY:
            signer = mine
        written.append(one)
        seq, last, parents = seq + 1, one.id, (one.id,)
    return written


def _signer(campaign: Campaign, one: Operation) -> bytes:
    return campaign.dag.signers.behind(one.header.author, OperationId(one.header.backlink))


def test_closed_keys_are_published_and_no_longer_kept() -> None:
    """Goal: publication. Method: minutes of hurried talk; look at every disk, and into the owner's."""
    told = story(30)
    world = told.world
    key = SigningKey.from_seed(told.seed).public
    assert settle(world, limit_ms=5 * MINUTE_MS)
    check_converged(world)
    for name in NAMES:
        assert told.open(name).retired.holds(told.ana, key)
        assert not told.open(name).retired.holds(told.ana, told.open("ana").seeds.public)
    kept = world.machines["ana"].disk.reader.documents(SEEDS, told.campaign)
    assert kept, "the one in force"
    assert told.seed not in b"".join([value for _, value in kept])
    (closing,) = told.open("ben").dag.signers.closings_of(told.ana, key)
    assert closing.seq < told.published.header.seq


def test_until_when_talk_can_be_denied_is_shown() -> None:
    """Goal: the members screen tells the truth. Method: published keys of Ana; none yet."""
    told = story(30)
    view = told.world.look("ben", ShowCampaign(campaign=told.campaign), CampaignView)
    shown = {member.name: member.deniable_ms for member in view.members}
    closings = told.open("ben").dag.signers.closings(told.ana)
    retired = told.open("ben").retired
    published = [one for one in closings if retired.holds(told.ana, one.key)]
    controls = told.open("ben").membership.controls
    assert published
    assert shown["ana"] == max(controls[one.operation].body.at_ms for one in published)
    assert shown["ana"] > 0
    world, campaign = coalition("ana", "ben")
    fresh = world.look("ben", ShowCampaign(campaign=campaign), CampaignView)
    assert {member.deniable_ms for member in fresh.members} == {-1}


def test_weeks_pass_before_a_key_is_published() -> None:
    """Goal: as the daemon does it, also after weeks without a link. Method: talk; look daily; join again."""
    world = World(31, CALM)
    world.spawn("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    post(world, "ana", campaign, "one")
    world.run_ms(MINUTE_MS)
    world.offline("ben")
    began_ms = world.now_ms
    retired_ms = 0
    while not retired_ms and world.now_ms - began_ms < 40 * DAY_MS:
        world.run_ms(DAY_MS // 2)
        kinds = [one.header.kind for one in held_operations(world, "ana", campaign)]
        if Kind.RETIRE in kinds:
            retired_ms = world.now_ms
    assert REKEY_AGE_MS + RETIRE_AFTER_MS <= retired_ms - began_ms <= 22 * DAY_MS
    world.online("ben")
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    ana = open_campaign(world.machines["ana"].disk, campaign).me
    ben = open_campaign(world.machines["ben"].disk, campaign)
    assert ben.retired.holds(ana, ana)
    world.run_ms(30 * DAY_MS)
    later = [one.header.kind for one in held_operations(world, "ana", campaign)]
    assert later.count(Kind.RETIRE) <= 2, "publishing is nothing that would have to be published"


@pytest.mark.parametrize("boundary", range(4))
def test_a_crash_while_publishing_does_no_harm(boundary: int) -> None:
    """Goal: the seed is kept until it is out. Method: die in the steps around it; publish once or twice."""
    world = World(40 + boundary, CALM, maker=Hasty())
    world.spawn(*NAMES)
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    for number in range(6):
        post(world, "ana", campaign, f"number {number}")
        world.run_ms(SECOND_MS)
    for _ in range(12):
        world.crash_at("ana", boundary, writing=True)
        world.run_ms(25 * SECOND_MS)
        world.calm()
        world.run_ms(5 * SECOND_MS)
    world.run_ms(5 * MINUTE_MS)
    assert settle(world, limit_ms=5 * MINUTE_MS)
    check_converged(world)
    ana = open_campaign(world.machines["ben"].disk, campaign, pace=HASTE)
    me = open_campaign(world.machines["ana"].disk, campaign).me
    closings = ana.dag.signers.closings(me)
    assert closings
    assert all(ana.retired.holds(me, closing.key) for closing in closings)


def test_whoever_holds_the_seed_writes_as_good_a_log() -> None:
    """Goal: it can be denied. Method: Chi writes another log of that time; check both as an outsider would.

    By the public keys, and by the door of somebody who does not know of the publication.
    """
    told = story(32)
    false = forged(told)
    key = SigningKey.from_seed(told.seed).public
    ben = told.open("ben")
    true = [one for one in told.log("ben") if _signer(ben, one) == key]
    true = [one for one in true if one.header.seq >= false[0].header.seq]
    assert len(true) >= 2
    for one in (*true, *false):
        signing.verify(key, signing_input(one.id), one.signature)
    assert false[0].header.seq == true[0].header.seq
    assert false[0].header.backlink == true[0].header.backlink
    before = open_campaign(told.before, told.campaign, pace=HASTE)
    acceptor, counters = door(before)
    for one in false:
        assert acceptor.receive(before, Step(told.now_ms), one.encoded) is Outcome.NEW
    assert not {code for code in counters if code != "equivocation"}


def test_who_knows_of_the_publication_takes_nothing_new() -> None:
    """Goal: only the closed chain counts. Method: the false log at all doors; by hand, and over a link."""
    told = story(33)
    false = forged(told, close=True)
    for name in NAMES:
        campaign = told.open(name)
        acceptor, _ = door(campaign)
        heads = campaign.heads_digest()
        for one in false:
            with pytest.raises(LogClosed):
                acceptor.receive(campaign, Step(told.now_ms), one.encoded)
            assert acceptor.receive(campaign, Step(told.now_ms), one.encoded) is Outcome.KNOWN
        assert campaign.heads_digest() == heads
    chi = Insider(told.world, "chi", told.campaign, forks=False, name="giver")
    told.world.offline("chi")
    told.world.run_ms(30 * SECOND_MS)
    chi.give("ben", *[one.encoded for one in false])
    told.world.run_ms(MINUTE_MS)
    assert told.ana not in told.open("ben").dag.forks
    assert chi.links_ended == 0, "an honest node may hold what it took before it knew"


@pytest.mark.parametrize("close", [False, True])
def test_what_somebody_cites_is_taken_in_and_void(close: bool) -> None:
    """Goal: one DAG for all, and no effect. Method: Chi cites the false log, told before or after it.

    Talk is doubted, the channel is none, nobody is halted, the true log stands.
    """
    told = story(34)
    world, campaign = told.world, told.campaign
    false = forged(told, close=close)
    chi = Insider(world, "chi", campaign, name="citer")
    body = PostBody(
        at_ms=told.now_ms, channel=channel_of(world, "chi", campaign), text=f"{CANARY} look", reply_to=b""
    )
    heads = tuple(sorted([*chi.campaign.dag.heads, false[-1].id]))
    citing = chi.forge(Kind.POST, body, parents=heads)
    digests = set()
    for order in ([*false, citing], [citing, *false], [citing, *false[::-1]]):
        ben = told.open("ben")
        members, channels = ben.roster().active(), dict(ben.roster().channels)
        acceptor, _ = door(ben)
        for one in order:
            try:
                acceptor.receive(ben, Step(told.now_ms), one.encoded)
            except LogClosed:
                acceptor.count(LogClosed.code)  # and taken out again when it is needed
        ben.review_retired(told.now_ms)
        assert all(ben.dag.holds(one.id) for one in (*false, citing))
        digests.add(ben.heads_digest())
        for one in false:
            assert ben.retired.void(told.ana, one.id, one.header.seq)
            place = ben.dag.place(one.id)
            assert place is not None
            assert not ben.act_counts(told.ana, one.id, one.header.seq, place.context)
        for one in told.log("ben"):
            assert not ben.retired.void(told.ana, one.id, one.header.seq)
        assert ben.retired.branches(told.ana) == 1
        assert ben.roster().active() == members
        assert dict(ben.roster().channels) == channels
    assert len(digests) == 1
    world.offline("chi")
    world.run_ms(30 * SECOND_MS)
    chi.give("ben", *[one.encoded for one in false], citing.encoded)
    world.run_ms(2 * MINUTE_MS)
    post(world, "ana", campaign, "as ever")
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben"):
        assert told.ana in told.open(name).dag.forks
        view = world.look(name, ShowCampaign(campaign=campaign), CampaignView)
        states = {one.fork for one in view.members if one.author == told.ana}
        assert states == {ForkState.NONE}
        command = ListMessages(campaign=campaign, channel=channel_of(world, name, campaign), limit=100)
        for message in world.look(name, command, MessagesView).messages:
            if message.author == told.ana:
                assert message.doubted == (message.text == f"{CANARY} false")
        world.crash(name)
        world.restart(name)
        world.run_ms(SECOND_MS)
        assert told.open(name).retired.branches(told.ana) == 1


def test_letters_of_that_time_stand() -> None:
    """Goal: acts carry a key of their own. Method: a draft under the key, before and after publication."""
    world = World(35, CALM, maker=Hasty())
    world.spawn(*NAMES)
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    draft = DraftStatement(campaign=campaign, language="en", title="Free them", text=f"{CANARY} all")
    statement = world.command("ana", draft, StatementView).id
    for number in range(7):
        post(world, "ana", campaign, f"number {number}")
    world.run_ms(10 * MINUTE_MS)
    ben = open_campaign(world.machines["ben"].disk, campaign, pace=HASTE)
    (wrote,) = [one for one in held_operations(world, "ben", campaign) if one.id == statement]
    assert ben.retired.holds(wrote.header.author, _signer(ben, wrote))
    assert ben.statements.get(OperationId(statement)) is not None
    assert not world.look("ben", ListForks(campaign=campaign), ForksView).forks


def test_a_publication_too_early_or_of_no_key_has_no_effect() -> None:
    """Goal: a thief cannot hurry. Method: publish a seed of no key, one too soon, one of the future."""
    told = story(36)
    ben = told.open("ben")
    body = RetireBody(at_ms=told.now_ms, author=told.ana, seeds=(bytes(32),))
    everything = (1 << 10_000) - 1
    assert ben.retired.note(body, everything) == ["wrong-seed"]
    closing = ben.dag.signers.closings(told.ana)[-1]
    held = told.open("ana").seeds.get(closing.key)
    fresh = open_campaign(told.world.machines["ben"].disk, told.campaign)  # at the usual pace: weeks
    early = RetireBody(at_ms=told.now_ms, author=told.ana, seeds=(told.seed,))
    key = SigningKey.from_seed(told.seed).public
    assert fresh.retired.note(early, everything) == ["early-seed"]
    assert not fresh.retired.review(told.now_ms)
    late = RetireBody(at_ms=told.now_ms + RETIRE_AFTER_MS, author=told.ana, seeds=(told.seed,))
    assert fresh.retired.note(late, everything) == []
    assert not fresh.retired.review(told.now_ms), "not before that day, by this clock"
    assert not fresh.retired.holds(told.ana, key)
    assert fresh.retired.review(told.now_ms + RETIRE_AFTER_MS)
    assert fresh.retired.holds(told.ana, key)
    assert fresh.retired.note(RetireBody(at_ms=late.at_ms, author=told.ana, seeds=(told.seed,)), 0) == [
        "wrong-seed"
    ]
    assert held is None or held.closed_ms
