"""Forked logs in a whole coalition: liars and old disks split nobody, and people decide what counts."""

from __future__ import annotations

import pytest

from meshcoal.api.commands import (
    Capacity,
    DraftStatement,
    FreezeStatement,
    ListForks,
    RemoveMember,
    RestoreMember,
    ShowStatement,
    SignStatement,
)
from meshcoal.api.views import (
    CampaignView,
    ForkState,
    ForksView,
    MemberState,
    StatementView,
)
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import NotPermitted, WrongPhase
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.log.fork import decode_fork, verify_fork
from meshcoal.sim.coalition import author_of, campaign_view, channel_of, form_campaign, post
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.portrait import messages
from meshcoal.sim.run import FAULTS
from meshcoal.sim.tongues import TwoTongues, back_up, forked, put_back, run_tongues
from meshcoal.sim.world import World
from meshcoal.wire.bodies import PostBody
from meshcoal.wire.operation import Kind

NAMES = ("ana", "ben", "chi", "dov")


def coalition(seed: int) -> tuple[World, CampaignId]:
    """Ana and Ben are organisers; Chi and Dov are not; all have talked."""
    world = World(seed)
    world.spawn(*NAMES)
    campaign = form_campaign(world, "ana", NAMES[1:], organisers=("ben",))
    for name in NAMES:
        post(world, name, campaign, f"hello from {name}")
    world.run_ms(MINUTE_MS)
    return world, campaign


def story(world: World, campaign: CampaignId, text: str) -> PostBody:
    channel = channel_of(world, "ana", campaign)
    return PostBody(at_ms=world.now_ms, channel=channel, text=f"{CANARY} {text}", reply_to=b"")


def shown(world: World, name: str, campaign: CampaignId) -> dict[str, bool]:
    """Messages of the first channel, and whether each is doubted."""
    channel = channel_of(world, name, campaign)
    found = messages(world.core(name), campaign, channel, world.clock_ms(world.machines[name]))
    return {message.text.removeprefix(f"{CANARY} "): message.doubted for message in found}


def same_for_all(world: World, campaign: CampaignId, author: AuthorId, state: ForkState) -> None:
    for name in world.machines:
        assert forked(world, name, campaign) == {author: state}
    check_converged(world)


@pytest.mark.parametrize("faults", ["none", "lossy", "harsh"])
@pytest.mark.parametrize("seed", range(4))
def test_a_coalition_with_a_liar_and_an_old_disk_agrees_in_the_end(seed: int, faults: str) -> None:
    """Goal: no fork splits anybody. Method: random stories to random members, an old disk put back,
    decisions by organisers; partitions and crashes; then calm."""
    done = run_tongues(seed, nodes=5, steps=40, faults=FAULTS[faults])
    assert done["told"] > 0


def test_whoever_is_caught_is_halted_and_let_go_on() -> None:
    """Goal: the plain way through. Method: Chi's copied device; halt by a node, restore by a person."""
    world, campaign = coalition(71)
    chi = author_of(world, "chi", campaign)
    copy = TwoTongues(world, "chi", campaign)
    post(world, "chi", campaign, "from chi herself")
    world.run_ms(MINUTE_MS)
    copy.tell("ben", Kind.POST, story(world, campaign, "from the copy"), back=1)
    world.run_ms(MINUTE_MS)
    same_for_all(world, campaign, chi, ForkState.HALTED)
    for name in NAMES:
        doubts = shown(world, name, campaign)
        assert doubts["from the copy"]
        assert doubts["from chi herself"]
        assert not doubts["hello from chi"]
    with pytest.raises(NotPermitted):
        draft(world, "chi", campaign)
    post(world, "chi", campaign, "I can talk")
    with pytest.raises(NotPermitted):
        world.command("dov", RestoreMember(campaign=campaign, author=chi), CampaignView)
    with pytest.raises(NotPermitted):
        world.command("chi", RestoreMember(campaign=campaign, author=chi), CampaignView)
    world.command("ana", RestoreMember(campaign=campaign, author=chi), CampaignView)
    with pytest.raises(WrongPhase):
        world.command("ana", RestoreMember(campaign=campaign, author=chi), CampaignView)
    world.run_ms(MINUTE_MS)
    same_for_all(world, campaign, chi, ForkState.RESTORED)
    assert draft(world, "chi", campaign)
    post(world, "chi", campaign, "heard again")
    world.run_ms(MINUTE_MS)
    assert shown(world, "dov", campaign)["I can talk"]
    assert not shown(world, "dov", campaign)["heard again"]


def test_a_second_lie_halts_again() -> None:
    """Goal: a decision is about what was known. Method: as before, and the copy goes on after the restore."""
    world, campaign = coalition(72)
    chi = author_of(world, "chi", campaign)
    copy = TwoTongues(world, "chi", campaign)
    copy.tell("ben", Kind.POST, story(world, campaign, "one"), back=1)
    world.run_ms(MINUTE_MS)
    world.command("ana", RestoreMember(campaign=campaign, author=chi), CampaignView)
    world.run_ms(MINUTE_MS)
    post(world, "chi", campaign, "chi goes on")
    world.run_ms(MINUTE_MS)
    same_for_all(world, campaign, chi, ForkState.RESTORED)
    copy.tell("ben", Kind.POST, story(world, campaign, "two"), back=1)
    world.run_ms(MINUTE_MS)
    same_for_all(world, campaign, chi, ForkState.HALTED)


def test_a_halted_organiser_changes_nothing_and_loses_nothing_old() -> None:
    """Goal: later operations are void, earlier ones stand. Method: the founder's log is forked
    before all her admissions; then she tries to remove Dov, before and after Ben decides."""
    world, campaign = coalition(73)
    ana = author_of(world, "ana", campaign)
    copy = TwoTongues(world, "ana", campaign)
    copy.tell("chi", Kind.POST, story(world, campaign, "an old place"), back=99)
    world.run_ms(MINUTE_MS)
    same_for_all(world, campaign, ana, ForkState.HALTED)
    view = campaign_view(world, "chi", campaign)
    assert [one.state for one in view.members] == [MemberState.ACTIVE] * 4, "nobody's admission is undone"
    with pytest.raises(NotPermitted):
        world.command(
            "ana", RemoveMember(campaign=campaign, author=author_of(world, "dov", campaign)), CampaignView
        )
    world.command("ben", RestoreMember(campaign=campaign, author=ana), CampaignView)
    world.run_ms(MINUTE_MS)
    same_for_all(world, campaign, ana, ForkState.RESTORED)
    world.command(
        "ana", RemoveMember(campaign=campaign, author=author_of(world, "dov", campaign)), CampaignView
    )
    world.run_ms(MINUTE_MS)
    assert len(forked(world, "ben", campaign)) == 1


def test_a_signature_after_the_fork_leaves_the_tally_until_signed_anew() -> None:
    """Goal: acts are set aside where everybody sees it. Method: Chi signs while Ben's node, which
    knows of the fork, is out of reach; then Ben is back; then Chi is let go on."""
    world, campaign = coalition(74)
    chi = author_of(world, "chi", campaign)
    statement = draft(world, "ana", campaign)
    frozen = freeze(world, "ana", campaign, statement)
    world.run_ms(MINUTE_MS)
    copy = TwoTongues(world, "chi", campaign)
    world.partition(("ana", "chi", "dov"), ("ben", copy.name))
    post(world, "chi", campaign, "apart")
    copy.tell("ben", Kind.POST, story(world, campaign, "one"), back=1)
    copy.tell("ben", Kind.POST, story(world, campaign, "two"), back=2)
    world.run_ms(MINUTE_MS)
    assert forked(world, "ben", campaign) == {chi: ForkState.HALTED}
    sign(world, "chi", campaign, frozen)
    world.run_ms(MINUTE_MS)
    assert tally(world, "dov", campaign, statement) == (1, ())
    world.heal()
    assert settle(world, limit_ms=10 * MINUTE_MS)
    same_for_all(world, campaign, chi, ForkState.HALTED)
    for name in NAMES:
        assert tally(world, name, campaign, statement) == (0, ("chi",))
    world.command("ana", RestoreMember(campaign=campaign, author=chi), CampaignView)
    world.run_ms(MINUTE_MS)
    assert tally(world, "dov", campaign, statement) == (0, ("chi",))
    sign(world, "chi", campaign, frozen)
    world.run_ms(MINUTE_MS)
    for name in NAMES:
        assert tally(world, name, campaign, statement) == (1, ())


def test_a_member_with_an_old_disk_goes_on_after_a_decision() -> None:
    """Goal: honest people are not lost. Method: Dov's disk is put back by some messages; he writes before
    he hears of them; all else is the same as for a liar."""
    world, campaign = coalition(75)
    dov = author_of(world, "dov", campaign)
    backup = back_up(world, "dov")
    for index in range(3):
        post(world, "dov", campaign, f"soon forgotten {index}")
    world.run_ms(MINUTE_MS)
    world.offline("dov")
    put_back(world, backup, campaign)
    post(world, "dov", campaign, "what did I say?")
    world.online("dov")
    assert settle(world, limit_ms=10 * MINUTE_MS)
    same_for_all(world, campaign, dov, ForkState.HALTED)
    assert {"soon forgotten 2", "what did I say?"} <= set(shown(world, "dov", campaign))
    world.command("ben", RestoreMember(campaign=campaign, author=dov), CampaignView)
    world.run_ms(MINUTE_MS)
    for index in range(5):
        post(world, "dov", campaign, f"back {index}")
        world.run_ms(MINUTE_MS)
        same_for_all(world, campaign, dov, ForkState.RESTORED)
    assert not shown(world, "ana", campaign)["back 4"]


def test_an_old_disk_that_hears_first_forks_nothing() -> None:
    """Goal: catching up heals by itself. Method: as before, but Dov writes after he caught up."""
    world, campaign = coalition(76)
    backup = back_up(world, "dov")
    post(world, "dov", campaign, "soon forgotten")
    world.run_ms(MINUTE_MS)
    put_back(world, backup, campaign)
    world.run_ms(MINUTE_MS)
    post(world, "dov", campaign, "as if nothing had happened")
    world.run_ms(MINUTE_MS)
    assert forked(world, "ana", campaign) == {}
    check_converged(world)


def test_who_is_put_out_cannot_write_behind_an_old_place() -> None:
    """Goal: removal holds for forked logs. Method: Chi forked and removed; the copy writes at old places."""
    world, campaign = coalition(77)
    chi = author_of(world, "chi", campaign)
    copy = TwoTongues(world, "chi", campaign)
    copy.tell("ben", Kind.POST, story(world, campaign, "one"), back=1)
    world.run_ms(MINUTE_MS)
    world.command("ana", RemoveMember(campaign=campaign, author=chi), CampaignView)
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben", "dov"):
        assert forked(world, name, campaign) == {chi: ForkState.OUT}
    before = campaign_view(world, "ben", campaign).operations
    copy.tell("ben", Kind.POST, story(world, campaign, "late"), back=2)
    world.run_ms(MINUTE_MS)
    assert campaign_view(world, "ben", campaign).operations == before, "no longer let in"


def test_anybody_can_check_the_proof() -> None:
    """Goal: the proof is transferable, and the same everywhere. Method: three branches; each node's file."""
    world, campaign = coalition(78)
    chi = author_of(world, "chi", campaign)
    copy = TwoTongues(world, "chi", campaign)
    for text in ("one", "two"):
        copy.tell("ben", Kind.POST, story(world, campaign, text), back=1)
        world.run_ms(MINUTE_MS)
    proofs = set()
    for name in NAMES:
        (view,) = world.look(name, ListForks(campaign=campaign), ForksView).forks
        assert (view.author, view.name, view.me) == (chi, "chi", name == "chi")
        assert view.operations in (2, 3)
        assert view.noticed_ms > 0
        assert view.told_by or name == "ben"
        proofs.add(view.proof)
        first, second = verify_fork(decode_fork(view.proof))
        assert first.author == second.author == chi
        assert first.seq == second.seq == view.seq
    assert len(proofs) == 1


# --- Letters


def draft(world: World, name: str, campaign: CampaignId) -> bytes:
    command = DraftStatement(campaign=campaign, language="en", title="Free them", text=f"{CANARY} all")
    return world.command(name, command, StatementView).id


def freeze(world: World, name: str, campaign: CampaignId, statement: bytes) -> StatementView:
    command = FreezeStatement(
        campaign=campaign,
        statement=statement,
        revisions=(statement,),
        addressees=("The court",),
        deadline_ms=world.now_ms + 30 * DAY_MS,
    )
    return world.command(name, command, StatementView)


def sign(world: World, name: str, campaign: CampaignId, frozen: StatementView) -> None:
    command = SignStatement(
        campaign=campaign,
        statement=frozen.id,
        digest=frozen.digest,
        capacity=Capacity.INDIVIDUAL,
        name=name,
        title="",
        affiliation="",
        country="",
        languages_read=("en",),
    )
    world.command(name, command, StatementView)


def tally(world: World, name: str, campaign: CampaignId, statement: bytes) -> tuple[int, tuple[str, ...]]:
    """How many count, and whose signatures are set aside."""
    view = world.look(name, ShowStatement(campaign=campaign, statement=statement), StatementView)
    return view.tally.counted, view.set_aside
