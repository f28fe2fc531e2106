"""Drafts are kept under the vault, one a slot, so many and no more."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from nodework import alone, refused

from meshcoal.api.commands import DropDraft, KeepDraft, ListDrafts, ListMessages, PostMessage
from meshcoal.api.views import DraftsView, MessagesView, MessageView
from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, OverLimit, SentAlready
from meshcoal.limits import DRAFT_BYTES_MAX, DRAFTS_MAX
from meshcoal.sim.coalition import channel_of
from meshcoal.sim.world import World


def test_a_draft_outlasts_a_crash_and_goes_when_dropped() -> None:
    """Goal: nothing that was kept is lost. Method: keep, replace, crash, drop; others have none of it."""
    world = World(seed=7)
    world.spawn("ana", "ben")
    world.command("ana", KeepDraft(slot="letter", body=b"one"), DraftsView)
    world.run_ms(1_000)
    world.command("ana", KeepDraft(slot="message", body=b"two"), DraftsView)
    kept = world.command("ana", KeepDraft(slot="letter", body=b"three"), DraftsView).drafts
    assert {one.slot: one.body for one in kept} == {"letter": b"three", "message": b"two"}
    world.crash("ana")
    world.restart("ana")
    assert world.look("ana", ListDrafts(), DraftsView).drafts == kept
    assert world.look("ben", ListDrafts(), DraftsView).drafts == ()
    assert [one.slot for one in world.command("ana", DropDraft(slot="letter"), DraftsView).drafts] == [
        "message"
    ]
    assert len(world.command("ana", DropDraft(slot="letter"), DraftsView).drafts) == 1, "again is allowed"


def test_drafts_are_bounded() -> None:
    """Goal: all of them fit into one answer. Method: the largest, as many as are kept, and one more."""
    world = World(seed=8)
    world.spawn("ana")
    for number in range(DRAFTS_MAX):
        world.command("ana", KeepDraft(slot=str(number), body=bytes(DRAFT_BYTES_MAX)), DraftsView)
    refused(world, "ana", KeepDraft(slot="more", body=b"x"), OverLimit)
    assert len(world.command("ana", KeepDraft(slot="0", body=b"x"), DraftsView).drafts) == DRAFTS_MAX
    with pytest.raises(BadArgument):
        KeepDraft(slot="large", body=bytes(DRAFT_BYTES_MAX + 1))


def test_what_is_sent_from_a_draft_is_sent_once() -> None:
    """Goal: a client may ask again. Method: post from a draft, crash, post again; then without one."""
    world, campaign = alone()
    channel = channel_of(world, "ana", campaign)
    post = PostMessage(campaign=campaign, channel=channel, text="gate four", draft="on its way")
    refused(world, "ana", post, SentAlready)
    world.command("ana", KeepDraft(slot="on its way", body=b"x"), DraftsView)
    world.command("ana", post, MessageView)
    assert world.look("ana", ListDrafts(), DraftsView).drafts == ()
    world.crash("ana")
    world.restart("ana")
    refused(world, "ana", post, SentAlready)
    page = world.look("ana", ListMessages(campaign=campaign, channel=channel), MessagesView)
    assert [one.text for one in page.messages] == ["gate four"]


def test_what_was_to_be_said_vanishes_as_talk_does() -> None:
    """Goal: no draft outlives what it answers. Method: one of talk and one of none; the days pass."""
    world, campaign = alone()
    world.command("ana", KeepDraft(slot="talk", body=b"x", campaign=campaign), DraftsView)
    world.command("ana", KeepDraft(slot="letter", body=b"x"), DraftsView)
    world.run_ms(8 * DAY_MS)
    assert [one.slot for one in world.look("ana", ListDrafts(), DraftsView).drafts] == ["letter"]
