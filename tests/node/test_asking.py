"""When somebody was last asked, among nodes: every organiser sees it, and nobody else."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused
from test_afterwards import open_letter

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.errors import NotPermitted, Unknown, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.sim.world import World


def chased(world: World, name: str, campaign: CampaignId, letter: bytes) -> dict[str, show.AskedView]:
    view = world.look(name, ask.ShowChase(campaign=campaign, statement=letter), show.ChaseView)
    return {one.name: one for one in view.asked}


def test_every_organiser_sees_who_was_asked_and_nobody_else_does() -> None:
    """Goal: nobody is nagged twice by two people. Method: one organiser notes it; the other looks, and is
    refused for a day; members who are no organisers see nothing; what travels holds no name of it."""
    world, campaign = coalition("ana", "ben", "chi", "dov", organisers=("ben",))
    letter = open_letter(world, campaign)
    people = {name: one.author for name, one in chased(world, "ana", campaign, letter).items()}
    mark = ask.MarkAsked(campaign=campaign, statement=letter, members=(people["chi"],), way=ask.Way.CALL)
    refused(world, "dov", mark, NotPermitted)
    told = world.command("ana", mark, show.ChaseView)
    assert told.may_mark
    world.run_ms(2 * HOUR_MS)
    seen = chased(world, "ben", campaign, letter)["chi"]
    assert (seen.asked_by, seen.asked_way, seen.times) == ("ana", ask.Way.CALL, 1)
    assert world.now_ms - seen.asked_ms >= HOUR_MS
    assert chased(world, "ben", campaign, letter)["dov"].asked_ms == -1
    for name in ("chi", "dov"):
        assert [one.asked_ms for one in chased(world, name, campaign, letter).values()] == [-1] * 3
    mine = ask.MarkAsked(campaign=campaign, statement=letter, members=(people["chi"],), way=ask.Way.MEETING)
    refused(world, "ben", mine, WrongPhase)
    world.command("ana", mark, show.ChaseView)  # one's own asking is one's own business
    world.run_ms(MINUTE_MS)
    again = ask.MarkAsked(
        campaign=campaign, statement=letter, members=(people["chi"],), way=ask.Way.MEETING, again=True
    )
    world.command("ben", again, show.ChaseView)
    world.run_ms(MINUTE_MS)
    seen = chased(world, "ana", campaign, letter)["chi"]
    assert (seen.asked_by, seen.asked_way, seen.times) == ("ben", ask.Way.MEETING, 3)


def test_a_day_later_anybody_may_ask() -> None:
    """Goal: the pause ends. Method: wait a day; then the letter is closed to asking who has signed."""
    world, campaign = coalition("ana", "ben", "chi", organisers=("ben",))
    letter = open_letter(world, campaign)
    people = {name: one.author for name, one in chased(world, "ana", campaign, letter).items()}
    mark = ask.MarkAsked(campaign=campaign, statement=letter, members=(people["chi"],), way=ask.Way.CALL)
    world.command("ana", mark, show.ChaseView)
    world.run_ms(DAY_MS - 2 * MINUTE_MS)
    refused(world, "ben", mark, WrongPhase)
    world.run_ms(3 * MINUTE_MS)
    world.command("ben", mark, show.ChaseView)
    stranger = ask.MarkAsked(campaign=campaign, statement=letter, members=(bytes(32),), way=ask.Way.CALL)
    refused(world, "ben", stranger, Unknown)


def test_what_was_noted_is_there_after_a_restart() -> None:
    """Goal: it lives in the log. Method: a device of an organiser starts again."""
    world, campaign = coalition("ana", "ben", "chi", organisers=("ben",))
    letter = open_letter(world, campaign)
    people = {name: one.author for name, one in chased(world, "ana", campaign, letter).items()}
    mark = ask.MarkAsked(campaign=campaign, statement=letter, members=(people["chi"],), way=ask.Way.OTHER)
    world.command("ana", mark, show.ChaseView)
    world.run_ms(MINUTE_MS)
    world.crash("ben")
    world.restart("ben")
    world.run_ms(MINUTE_MS)
    assert chased(world, "ben", campaign, letter)["chi"].asked_by == "ana"
