"""Goal: strangers and bad members change nothing but counters. Method: let them try, then look."""

from __future__ import annotations

from random import Random

import pytest

from meshcoal.api.commands import (
    AmendStatement,
    Capacity,
    DraftStatement,
    FreezeStatement,
    GetCounters,
    Role,
    Seat,
    ShowStatement,
    SignStatement,
)
from meshcoal.api.views import CountersView, StatementView
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import LocalError
from meshcoal.ids import NO_EPOCH, AuthorId, CampaignId, OperationId
from meshcoal.sim.adversary import TRICKS, Stranger
from meshcoal.sim.coalition import (
    author_of,
    campaign_view,
    channel_of,
    form_campaign,
    members,
    post,
    timeline,
)
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.insider import Insider, replace_signature
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.network import Faults
from meshcoal.sim.world import World
from meshcoal.wire.bodies import (
    AmendBody,
    Body,
    ChannelBody,
    ChannelSeed,
    FreezeBody,
    LeaveBody,
    PostBody,
    RemoveBody,
    RoleBody,
    SignBody,
)
from meshcoal.wire.frames import Frontier, Held, Message, Ping, Run, Taken, Want
from meshcoal.wire.operation import Kind

NAMES = ("ana", "ben", "chi")


def coalition(seed: int, *, faults: Faults | None = None) -> tuple[World, CampaignId]:
    """Ana, Ben and Chi, who have talked a little."""
    world = World(seed, faults or Faults())
    world.spawn(*NAMES)
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    for name in (*NAMES, *NAMES, *NAMES):
        post(world, name, campaign, "hello")
        world.run_ms(1_000)
    world.run_ms(MINUTE_MS)
    return world, campaign


def counted(world: World, name: str) -> dict[str, int]:
    view = world.look(name, GetCounters(), CountersView)
    return {one.code: one.count for one in view.counters}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_stranger_learns_and_breaks_nothing(trick: str) -> None:
    """Goal: garbage, half handshakes, floods and replays are cut off. Method: one trick, many times over."""
    world, campaign = coalition(21)
    world.network.recording = True
    world.set_faults(Faults(replay=1.0 if trick == "replay" else 0.0))
    stranger = Stranger(world, "mallory")
    before = campaign_view(world, "ana", campaign).operations
    for round_ in range(12):
        for name in NAMES:
            stranger.trick(world.machines[name].address, trick)
        if trick == "replay":
            world.offline("ben")
            world.run_ms(50_000)  # longer than it takes to notice, so that links end and are replayed
            world.online("ben")
        world.run_ms(10_000 + round_)
    assert stranger.frames_received == 0, "nothing is said to a stranger"
    post(world, "ben", campaign, "still here")
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    assert campaign_view(world, "ana", campaign).operations == before + 1
    if trick in ("garbage", "half"):
        refused = ("bad-handshake", "handshake-truncated", "knock-unknown")
        assert sum(counted(world, "ana").get(code, 0) for code in refused) >= 12


def test_a_changed_byte_ends_the_link_and_nothing_else() -> None:
    """Goal: tampering is noticed and survived. Method: one frame in ten is changed while people talk."""
    world, campaign = coalition(22)
    world.set_faults(Faults(tamper=0.1, breaking_ms=(0, 500)))
    for index in range(10):
        post(world, NAMES[index % 3], campaign, f"number {index}")
        world.run_ms(5_000)
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    assert len(timeline(world, "chi", campaign)) == 19
    codes = {code for name in NAMES for code in counted(world, name)}
    assert codes & {"bad-seal", "bad-handshake", "knock-unknown"}


# --- A member with a member's keys


def post_body(insider: Insider, channel: bytes, text: str = "false") -> PostBody:
    return PostBody(at_ms=1_800_000_000_000, channel=channel, text=f"{CANARY} {text}", reply_to=b"")


class Story:
    """Chi is switched off and somebody else speaks with Chi's keys to Ana."""

    def __init__(self, seed: int) -> None:
        self.world, self.campaign = coalition(seed)
        self.channel = channel_of(self.world, "ana", self.campaign)
        self.world.crash("chi")
        self.world.run_ms(MINUTE_MS)
        self.insider = Insider(self.world, "chi", self.campaign)
        self.before = self.operations()

    def operations(self) -> int:
        return campaign_view(self.world, "ana", self.campaign).operations

    def give(self, *operations: bytes) -> None:
        self.insider.give("ana", *operations)
        self.world.run_ms(MINUTE_MS)
        assert self.insider.links_up > 0, "the insider is let in, for it has a member's keys"

    def refused(self, code: str) -> None:
        """Ana did not take it, counted it, and goes on with Ben."""
        assert self.operations() == self.before
        assert counted(self.world, "ana").get(code, 0) >= 1
        post(self.world, "ben", self.campaign, "we go on")
        self.world.run_ms(2 * MINUTE_MS)
        assert timeline(self.world, "ana", self.campaign)[-1] == "we go on"
        views = [campaign_view(self.world, name, self.campaign) for name in ("ana", "ben")]
        assert views[0].heads_digest == views[1].heads_digest


def test_an_insider_can_speak_lawfully() -> None:
    """Goal: the insider's other failures are not for want of skill. Method: one lawful message."""
    story = Story(30)
    story.give(story.insider.forge(Kind.POST, post_body(story.insider, story.channel, "true")).encoded)
    assert story.operations() == story.before + 1
    assert timeline(story.world, "ana", story.campaign)[-1] == "true"


def test_a_bad_signature_is_refused() -> None:
    """Goal: nothing unsigned enters. Method: a flipped bit in the signature."""
    story = Story(31)
    sound = story.insider.forge(Kind.POST, post_body(story.insider, story.channel))
    flipped = bytes([sound.signature[0] ^ 1]) + sound.signature[1:]
    story.give(replace_signature(sound, flipped).encoded)
    story.refused("bad-signature")


def test_another_members_name_is_refused() -> None:
    """Goal: nobody writes for another. Method: Ben's name and place, Chi's signature."""
    story = Story(32)
    ben = members(story.world, "ana", story.campaign)["ben"]
    key = _Claims(ben, SigningKey.from_seed(bytes(32)))
    forged = story.insider.forge(Kind.POST, post_body(story.insider, story.channel), key=key)  # type: ignore[arg-type]
    story.give(forged.encoded)
    story.refused("bad-signature")


class _Claims:
    """Somebody else's public key with one's own secret."""

    def __init__(self, public: AuthorId, key: SigningKey) -> None:
        self.public = public
        self.sign = key.sign


def test_an_operation_by_a_non_member_is_refused() -> None:
    """Goal: only members write. Method: a fresh key, handed in over a member's link."""
    story = Story(33)
    key = SigningKey.from_seed(bytes(range(32)))
    story.give(story.insider.forge(Kind.POST, post_body(story.insider, story.channel), key=key).encoded)
    story.refused("not-authorized")


def test_two_operations_at_one_place_are_both_kept() -> None:
    """Goal: equivocation is kept as proof. Method: a second operation where Chi's last one stands."""
    story = Story(34)
    insider = story.insider
    seq, last = insider.campaign.dag.frontier[insider.author]
    (before_last,) = insider.campaign.dag.operations_at(insider.author, seq - 1)
    twin = insider.forge(
        Kind.POST,
        post_body(insider, story.channel),
        seq=seq,
        backlink=before_last,
        parents=(OperationId(story.campaign),),
    )
    assert twin.id != last
    story.give(twin.encoded)
    assert story.operations() == story.before + 2, "the twin, and the halt that Ana's node wrote"
    for name in ("ana", "ben"):
        reader = story.world.machines[name].disk.reader
        held = reader.operations_at(story.campaign, insider.author, seq)
        assert sorted(held) == sorted([last, twin.id])
        assert counted(story.world, name)["equivocation"] == 1


def test_who_tells_two_members_two_things_splits_nobody() -> None:
    """Goal: both stories reach everybody, and what honest members wrote on either. Method: yes here, no
    there, while Ana and Ben are apart and go on writing."""
    story = Story(35)
    insider, world = story.insider, story.world
    yes = insider.forge(Kind.POST, post_body(insider, story.channel, "yes"))
    no = insider.forge(Kind.POST, post_body(insider, story.channel, "no"))
    world.partition(("ana", "insider"), ("ben",))
    story.give(yes.encoded)
    world.partition(("ana",), ("ben", "insider"))
    insider.give("ben", no.encoded)
    world.run_ms(MINUTE_MS)
    for name, word in (("ana", "yes"), ("ben", "no")):
        post(world, name, story.campaign, f"{name} heard {word}")
        assert timeline(world, name, story.campaign)[-2:] == [word, f"{name} heard {word}"]
    world.heal()
    world.run_ms(2 * MINUTE_MS)
    heads = {campaign_view(world, name, story.campaign).heads_digest for name in ("ana", "ben")}
    assert len(heads) == 1
    for name in ("ana", "ben"):
        shown = timeline(world, name, story.campaign)
        assert {"yes", "no", "ana heard yes", "ben heard no"} <= set(shown)
        assert counted(world, name)["equivocation"] == 1


@pytest.mark.parametrize("seq", [1, 2, 7, 2**40])
@pytest.mark.parametrize("backlink", ["last", "foreign", "random"])
def test_wrong_places_in_the_log_are_survived(seq: int, backlink: str) -> None:
    """Goal: no combination of seq and backlink enters or raises. Method: all of a small grid."""
    story = Story(36)
    insider = story.insider
    mine, last = insider.campaign.dag.frontier[insider.author]
    links = {
        "last": last,
        "foreign": insider.campaign.dag.frontier[members(story.world, "ana", story.campaign)["ana"]][1],
        "random": Random(1).randbytes(32),
    }
    if (seq, backlink) == (mine + 1, "last"):
        return
    forged = insider.forge(
        Kind.POST, post_body(insider, story.channel), seq=seq, backlink=links[backlink] if seq else b""
    )
    story.give(forged.encoded)
    assert story.operations() == story.before
    post(story.world, "ben", story.campaign, "we go on")
    story.world.run_ms(2 * MINUTE_MS)
    assert timeline(story.world, "ana", story.campaign)[-1] == "we go on"


def test_unknown_parents_wait_and_never_block() -> None:
    """Goal: what cannot be placed is held back, bounded. Method: many operations on parents nobody has."""
    story = Story(37)
    chance = Random(2)
    for _ in range(3):
        story.give(
            *[
                story.insider.forge(
                    Kind.POST,
                    post_body(story.insider, story.channel),
                    parents=(OperationId(chance.randbytes(32)),),
                ).encoded
                for _ in range(40)
            ]
        )
    assert story.operations() == story.before
    post(story.world, "ben", story.campaign, "we go on")
    story.world.run_ms(2 * MINUTE_MS)
    assert timeline(story.world, "ana", story.campaign)[-1] == "we go on"


def test_acts_beyond_a_members_right_count_for_nothing() -> None:
    """Goal: well-formed is not effective. Method: a plain member removes, promotes and opens what is open."""
    story = Story(38)
    insider = story.insider
    people = members(story.world, "ana", story.campaign)
    at_ms = 1_800_000_000_000
    acts: list[tuple[Kind, Body]] = [
        (Kind.ROLE, RoleBody(at_ms=at_ms, member=insider.author, seat=Seat.INGO, role=Role.ORGANISER)),
        (Kind.CHANNEL, ChannelBody(at_ms=at_ms, channel=ChannelSeed(id=story.channel, name="stolen"))),
    ]
    for kind, body in acts:
        story.give(insider.forge(kind, body).encoded)
    view = campaign_view(story.world, "ana", story.campaign)
    assert {one.given_name: one.role for one in view.members}["chi"] is Role.MEMBER
    assert [channel.name for channel in view.channels] == [f"{CANARY} hall"]
    assert set(members(story.world, "ana", story.campaign)) == set(people)


def test_a_removal_by_a_plain_member_counts_for_nothing() -> None:
    """Goal: only organisers remove. Method: a forged removal of Ben by Chi."""
    story = Story(39)
    insider = story.insider
    ben = members(story.world, "ana", story.campaign)["ben"]
    seq, _ = insider.campaign.dag.frontier[ben]
    body = RemoveBody(at_ms=1_800_000_000_000, member=ben, last_seq=seq, carried=())
    story.give(insider.forge(Kind.REMOVE, body, epoch=NO_EPOCH).encoded)
    assert "ben" in members(story.world, "ana", story.campaign)
    post(story.world, "ben", story.campaign, "I am here")
    story.world.run_ms(2 * MINUTE_MS)
    assert timeline(story.world, "ana", story.campaign)[-1] == "I am here"


def test_nonsense_inside_a_session_is_survived() -> None:
    """Goal: lawful frames in any order do no harm. Method: every message, huge and contradictory."""
    story = Story(40)
    chance = Random(3)
    held = tuple([Held(author=chance.randbytes(32), seq=2**40, mark=bytes(16)) for _ in range(300)])
    nonsense: list[Message] = [
        Ping(),
        Taken(runs=2**62),
        Want(held=held),
        Frontier(whole=False, held=held),
        Frontier(whole=True, held=held),
        Frontier(whole=True, held=()),
        Taken(runs=0),
        Want(held=()),
        Run(operations=tuple([chance.randbytes(chance.randint(1, 3_000)) for _ in range(30)])),
    ]
    for message in nonsense:
        story.insider.say("ana", [message])
        story.world.run_ms(10_000)
    for _ in range(10):
        chance.shuffle(nonsense)
        story.insider.say("ana", nonsense)
        story.world.run_ms(10_000)
    assert story.operations() == story.before
    post(story.world, "ben", story.campaign, "we go on")
    story.world.run_ms(2 * MINUTE_MS)
    assert timeline(story.world, "ana", story.campaign)[-1] == "we go on"


# --- Statements


def frozen_statement(story_world: World, campaign: CampaignId) -> StatementView:
    drafted = story_world.command(
        "ana",
        DraftStatement(
            campaign=campaign, language="en", title=f"{CANARY} letter", text=f"{CANARY} free them"
        ),
        StatementView,
    )
    frozen = story_world.command(
        "ana",
        FreezeStatement(
            campaign=campaign,
            statement=drafted.id,
            revisions=(),
            addressees=(f"{CANARY} minister",),
            deadline_ms=story_world.now_ms + DAY_MS,
        ),
        StatementView,
    )
    story_world.run_ms(MINUTE_MS)
    return frozen


def show(world: World, name: str, view: StatementView) -> StatementView:
    return world.look(name, ShowStatement(campaign=view.campaign, statement=view.id), StatementView)


def test_an_amendment_leaves_the_frozen_text_and_another_digest_is_not_signed() -> None:
    """Goal: what is signed is what was frozen. Method: amend, revise as a plain member, sign another text."""
    world, campaign = coalition(41)
    frozen = frozen_statement(world, campaign)
    amend = AmendStatement(
        campaign=campaign,
        statement=frozen.id,
        language="en",
        title=f"{CANARY} other",
        text=f"{CANARY} other",
        base=frozen.revisions[0].id,
    )
    proposed = world.command("ben", amend, StatementView)
    assert (proposed.digest, proposed.canonical_text) == (frozen.digest, frozen.canonical_text)
    revise = FreezeStatement(
        campaign=campaign,
        statement=frozen.id,
        revisions=(),
        addressees=(),
        deadline_ms=world.now_ms + DAY_MS,
        replaces=frozen.digest,
    )
    with pytest.raises(LocalError):
        world.command("ben", revise, StatementView)
    sign = SignStatement(
        campaign=campaign,
        statement=frozen.id,
        digest=bytes(32),
        capacity=Capacity.INDIVIDUAL,
        name=f"{CANARY} Ben",
    )
    with pytest.raises(LocalError):
        world.command("ben", sign, StatementView)
    assert show(world, "ben", frozen).tally.counted == 0


def test_forged_acts_on_a_statement_count_for_nothing() -> None:
    """Goal: acts are judged by everybody alike. Method: forged amendment, freeze and sign-on by a member."""
    world, campaign = coalition(42)
    frozen = frozen_statement(world, campaign)
    world.crash("chi")
    world.run_ms(MINUTE_MS)
    insider = Insider(world, "chi", campaign)
    at_ms = world.now_ms
    bodies: list[tuple[Kind, Body]] = [
        (
            Kind.AMEND,
            AmendBody(
                at_ms=at_ms,
                statement=frozen.id,
                base=frozen.revisions[0].id,
                language="en",
                title=f"{CANARY} other",
                text=f"{CANARY} other",
            ),
        ),
        (
            Kind.FREEZE,
            FreezeBody(
                at_ms=at_ms,
                statement=frozen.id,
                revisions=(frozen.revisions[0].id,),
                addressees=(),
                deadline_ms=at_ms + DAY_MS,
                digest=bytes(32),
            ),
        ),
        (
            Kind.SIGN,
            SignBody(
                at_ms=at_ms,
                statement=frozen.id,
                digest=frozen.digest,
                capacity=Capacity.ORGANISATION,
                name=f"{CANARY} everybody",
                title="",
                affiliation="",
                country="",
                languages_read=(),
                act_signature=bytes(64),
            ),
        ),
    ]
    for kind, body in bodies:
        insider.give("ana", insider.forge(kind, body).encoded)
        world.run_ms(MINUTE_MS)
    for name in ("ana", "ben"):
        now = show(world, name, frozen)
        assert (now.digest, now.canonical_text) == (frozen.digest, frozen.canonical_text)
        assert now.tally.counted == 0
        assert now.ineffective >= 1
    assert show(world, "ana", frozen).tally.digest == show(world, "ben", frozen).tally.digest


def test_leaving_under_a_stolen_key_is_the_members_own_act() -> None:
    """Goal: who has the keys is the member. Method: a forged leave; the others re-key without them."""
    story = Story(43)
    story.give(story.insider.forge(Kind.LEAVE, LeaveBody(at_ms=1_800_000_000_000)).encoded)
    assert "chi" not in members(story.world, "ana", story.campaign)
    post(story.world, "ana", story.campaign, "without chi")
    story.world.run_ms(MINUTE_MS)
    assert timeline(story.world, "ben", story.campaign)[-1] == "without chi"
    assert author_of(story.world, "ana", story.campaign)
