"""Finding talk and letters again: what is shown, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from meshcoal.api.commands import (
    CommentStatement,
    DraftStatement,
    EditMessage,
    OpenCase,
    PostMessage,
    Search,
    TakeBackMessage,
)
from meshcoal.api.views import CaseView, FoundKind, FoundsView, MessageView, StatementView
from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, Unknown
from meshcoal.ids import CampaignId
from meshcoal.limits import TALK_DAYS
from meshcoal.node.talk import AGAIN_MS
from meshcoal.sim.coalition import author_of, channel_of, post
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.world import World
from meshcoal.wire.post import MENTION

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused


def found(world: World, name: str, text: str, **more: Any) -> FoundsView:
    return world.look(name, Search(text=text, **more), FoundsView)


def kinds(world: World, name: str, text: str) -> list[FoundKind]:
    return [one.kind for one in found(world, name, text).found]


def write_all(world: World, campaign: CampaignId) -> StatementView:
    letter = world.command(
        "ana",
        DraftStatement(
            campaign=campaign, language="en", title="Free Dr. Haddad", text=f"{CANARY}\n\nThe gatekeepers."
        ),
        StatementView,
    )
    world.command(
        "ana",
        CommentStatement(
            campaign=campaign,
            statement=letter.id,
            revision=letter.revisions[0].id,
            paragraph=0,
            text=f"{CANARY} which gate?",
        ),
        StatementView,
    )
    case = OpenCase(campaign=campaign, title=f"{CANARY} at the gate", text="")
    world.command("ana", case, CaseView)
    return letter


def test_all_that_people_write_is_found() -> None:
    """Goal: one question over talk, letters, comments and cases. Method: the word stands in each."""
    world, campaign = coalition("ana", "ben")
    said = post(world, "ana", campaign, "gate 4 at nine")
    letter = write_all(world, campaign)
    world.run_ms(5_000)
    for name in ("ana", "ben"):
        assert kinds(world, name, "GATE") == [
            FoundKind.CASE,
            FoundKind.COMMENT,
            FoundKind.LETTER,
            FoundKind.MESSAGE,
        ]
        (message,) = found(world, name, "gate nine").found
        assert (message.message, message.channel) == (said, channel_of(world, name, campaign))
        assert message.excerpt[message.lit_from : message.lit_to] == "gate"
        assert message.me == (name == "ana")
    (written,) = found(world, "ben", "gatekeepers", campaign=campaign).found
    assert (written.about, written.place) == (letter.id, "Free Dr. Haddad")
    first = found(world, "ben", "gate", limit=3)
    rest = found(world, "ben", "gate", limit=3, before=first.before)
    assert (len(first.found), len(rest.found), rest.before) == (3, 1, 0)
    refused(world, "ben", Search(text="!?"), BadArgument)
    refused(world, "ben", Search(text="gate", campaign=bytes(32)), Unknown)


def test_what_is_not_shown_is_not_found() -> None:
    """Goal: search is no way around taking back and vanishing. Method: change, take back, let vanish."""
    world, campaign = coalition("ana", "ben")
    said = post(world, "ana", campaign, "the old address")
    slip = post(world, "ana", campaign, "her name is Parvin")
    world.command(
        "ana", EditMessage(campaign=campaign, message=said, text=f"{CANARY} a new place"), MessageView
    )
    world.run_ms(5_000)
    for word in ("address", "place"):
        (one,) = found(world, "ben", word).found
        assert (one.kind, one.message) == (FoundKind.EDITION, said)
    assert kinds(world, "ben", "parvin") == [FoundKind.MESSAGE]
    world.command("ana", TakeBackMessage(campaign=campaign, message=slip), MessageView)
    world.run_ms(5_000)
    assert kinds(world, "ben", "parvin") == kinds(world, "ana", "parvin") == []
    world.run_ms(TALK_DAYS * DAY_MS + AGAIN_MS)
    assert kinds(world, "ben", "address") == []


def test_who_is_mentioned_stands_by_name_in_what_is_found() -> None:
    """Goal: an excerpt reads like the message. Method: mention Ben and look for a word beside."""
    world, campaign = coalition("ana", "ben")
    command = PostMessage(
        campaign=campaign,
        channel=channel_of(world, "ana", campaign),
        text=f"{CANARY} ask {MENTION} for keys",
        mentions=(author_of(world, "ben", campaign),),
    )
    world.command("ana", command, MessageView)
    (one,) = found(world, "ana", "keys").found
    assert "ask @ben for keys" in one.excerpt
    assert one.excerpt[one.lit_from : one.lit_to] == "keys"
