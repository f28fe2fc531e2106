"""Nodes that knew different things end with the same: verdicts that change leave no trace of the order."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import Role, Seat
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.group.coverage import Began
from meshcoal.group.keyring import EpochKeys
from meshcoal.ids import AuthorId, EpochId
from meshcoal.limits import OPERATION_BYTES_MAX
from meshcoal.node.compose import fitting
from meshcoal.sim.coalition import admit, author_of, campaign_view, members, post, timeline
from meshcoal.sim.convergence import open_campaign

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition


@pytest.mark.parametrize("seed", range(3))
def test_two_freezes_of_one_moment_leave_one_text(seed: int) -> None:
    """Goal: one digest on all nodes. Method: both halves of a partition freeze the same draft at one time."""
    world, campaign = coalition("ana", "ben", "chi", "dov", seed=seed, organisers=("ben",))
    draft = ask.DraftStatement(campaign=campaign, language="en", title="Letter", text="One.\n\nTwo.")
    statement = world.command("ana", draft, show.StatementView).id
    world.run_ms(MINUTE_MS)
    world.partition({"ana", "chi"}, {"ben", "dov"})
    deadline_ms = world.now_ms + DAY_MS
    for name, addressee in (("ana", "The Minister"), ("ben", "The Prosecutor")):
        freeze = ask.FreezeStatement(
            campaign=campaign,
            statement=statement,
            revisions=(),
            addressees=(addressee,),
            deadline_ms=deadline_ms,
        )
        world.submit(name, freeze)
    world.run_ms(MINUTE_MS)
    look = ask.ShowStatement(campaign=campaign, statement=statement)
    apart = {world.look(name, look, show.StatementView).digest for name in ("ana", "ben")}
    assert len(apart) == 2
    world.heal()
    world.run_ms(3 * MINUTE_MS)
    together = [world.look(name, look, show.StatementView) for name in ("ana", "ben", "chi", "dov")]
    assert len({one.digest for one in together}) == 1
    assert len({one.addressees for one in together}) == 1
    assert together[0].digest in apart


def test_messages_of_somebody_whose_admission_comes_and_goes_are_the_same_everywhere() -> None:
    """Goal: no message depends on when it came. Method: Ben admits Eve, who talks, while Ana removes Ben."""
    world, campaign = coalition("ana", "ben", "chi", "dov", organisers=("ben",))
    world.spawn("eve")
    world.partition({"ana", "chi"}, {"ben", "dov", "eve"})
    ben = author_of(world, "ben", campaign)
    admit(world, "ben", "eve", campaign)
    post(world, "eve", campaign, "I have just come")
    world.run_ms(MINUTE_MS)
    post(world, "dov", campaign, "welcome, Eve")
    world.run_ms(MINUTE_MS)
    assert timeline(world, "dov", campaign) == ["I have just come", "welcome, Eve"]
    world.command("ana", ask.RemoveMember(campaign=campaign, author=ben), show.CampaignView)
    world.heal()
    world.run_ms(5 * MINUTE_MS)
    inside = ("ana", "chi", "dov")
    assert all(set(members(world, name, campaign)) == set(inside) for name in inside)
    assert len({tuple(timeline(world, name, campaign)) for name in inside}) == 1
    assert len({campaign_view(world, name, campaign).heads_digest for name in inside}) == 1
    for name in inside:
        world.crash(name)
        world.restart(name)
        assert timeline(world, name, campaign) == timeline(world, "ana", campaign)


def test_an_operation_carries_as_many_epochs_as_fit() -> None:
    """Goal: a rekey is never too large to write. Method: more epochs than fit, for a great many members."""
    world, campaign = coalition("ana", "ben")
    held = open_campaign(world.machines["ana"].disk.copy(), campaign)
    names = [AuthorId(bytes([number]) * 32) for number in range(1, 150)]
    epochs = [EpochId(number.to_bytes(32, "big")) for number in range(1, 400)]
    known = EpochKeys(record=b"r" * 32, proven=True, covered=(), readers=(), lacking=(), superseded_ms=0)
    ring = dataclasses.replace(held.keyring, epochs=dict.fromkeys(epochs, known), chains={})
    began = {epoch: Began(number=number, past=0) for number, epoch in enumerate(reversed(epochs))}
    view = dataclasses.replace(held.view(), began=began)
    _, few = fitting(ring, held.roster().active(), (), view)
    assert few == tuple(epochs), "two members are no trouble"
    _, many = fitting(ring, names, (), view)
    assert 0 < len(many) < len(epochs)
    assert many == tuple(epochs[-len(many) :]), "the oldest first"
    assert len(many) * len(names) * 68 < OPERATION_BYTES_MAX


def test_a_few_who_lack_much_are_not_starved_by_the_many() -> None:
    """Goal: who lacks keys catches up faster than new ones are made. Method: 3 of 150 lack 300 epochs."""
    world, campaign = coalition("ana", "ben")
    held = open_campaign(world.machines["ana"].disk.copy(), campaign)
    names = [AuthorId(bytes([number]) * 32) for number in range(1, 150)]
    epochs = [EpochId(number.to_bytes(32, "big")) for number in range(1, 301)]
    known = EpochKeys(
        record=b"r" * 32,
        proven=True,
        covered=tuple(names[3:]),
        readers=(),
        lacking=(),
        superseded_ms=0,
    )
    ring = dataclasses.replace(held.keyring, epochs=dict.fromkeys(epochs, known), chains={})
    _, carried = fitting(ring, names, (), held.view())
    assert carried == tuple(epochs)


def test_a_role_given_on_one_side_counts_on_both() -> None:
    """Goal: concurrent roles settle the same. Method: two organisers set two roles of Dov apart."""
    world, campaign = coalition("ana", "ben", "dov", organisers=("ben",))
    dov = author_of(world, "dov", campaign)
    world.partition({"ana"}, {"ben", "dov"})
    for name, seat in (("ana", Seat.OBSERVER), ("ben", Seat.INGO)):
        command = ask.SetRole(campaign=campaign, author=dov, seat=seat, role=Role.MEMBER)
        world.command(name, command, show.CampaignView)
    world.heal()
    world.run_ms(3 * MINUTE_MS)
    seats = {
        one.seat
        for name in ("ana", "ben", "dov")
        for one in campaign_view(world, name, campaign).members
        if one.author == dov
    }
    assert len(seats) == 1
