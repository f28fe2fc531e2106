"""Limits of files that organisers set: kept by every node, for what was attached after them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import attach, fetch, hall, hand_over, here, read_back, some_bytes, view_of
from nodework import coalition, counted, refused

from meshcoal.api.commands import BeginUpload, FetchAttachment, ListAttachments, PostMessage, SetRules
from meshcoal.api.views import AttachmentState, AttachmentsView, CampaignView, MessageView
from meshcoal.clock import MINUTE_MS
from meshcoal.errors import NotPermitted, OverRule
from meshcoal.ids import CampaignId
from meshcoal.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_CAMPAIGN_BYTES_MAX, KIB
from meshcoal.node import attachment_commands, commands
from meshcoal.node.pace import USUAL
from meshcoal.sim.coalition import campaign_view
from meshcoal.sim.world import World
from meshcoal.wire.attachment import file_hash

LARGE = some_bytes(40 * KIB)
SMALL = some_bytes(10 * KIB)


def allow(
    world: World, campaign: CampaignId, largest: int, kept: int = ATTACHMENTS_CAMPAIGN_BYTES_MAX
) -> None:
    """Ana, an organiser, changes the limits, and all hear of it."""
    command = SetRules(campaign=campaign, file_bytes_max=largest, kept_bytes_max=kept)
    world.command("ana", command, CampaignView)
    world.run_ms(MINUTE_MS)


def begin(campaign: CampaignId, data: bytes) -> BeginUpload:
    return BeginUpload(
        campaign=campaign, name="a", media_type="text/plain", size=len(data), hash=file_hash(data)
    )


def kept_bytes(world: World, name: str, campaign: CampaignId) -> int:
    return world.look(name, ListAttachments(campaign=campaign), AttachmentsView).kept_bytes


def test_a_file_over_the_limit_is_refused_when_it_is_attached() -> None:
    """Goal: a clear refusal, everywhere, also after a restart. Method: known to all; both sides of it; none
    at all; a member tries to change them."""
    world, campaign = coalition("ana", "ben", "chi")
    view = campaign_view(world, "ben", campaign)
    assert (view.file_bytes_max, view.kept_bytes_max) == (
        ATTACHMENT_BYTES_MAX,
        ATTACHMENTS_CAMPAIGN_BYTES_MAX,
    )
    refused(world, "ben", SetRules(campaign=campaign, file_bytes_max=1, kept_bytes_max=1), NotPermitted)
    allow(world, campaign, len(SMALL), 30 * KIB)
    for name in ("ana", "ben", "chi"):
        view = campaign_view(world, name, campaign)
        assert (view.file_bytes_max, view.kept_bytes_max) == (len(SMALL), 30 * KIB)
    world.crash("ben")
    world.restart("ben")
    world.run_ms(1_000)
    refused(world, "ben", begin(campaign, SMALL + b"x"), OverRule)
    sent = attach(world, "ben", campaign, SMALL)
    world.run_ms(MINUTE_MS)
    assert read_back(world, "chi", campaign, sent.id) == SMALL
    listed = world.look("chi", ListAttachments(campaign=campaign), AttachmentsView)
    assert listed.kept_bytes_max == 30 * KIB
    allow(world, campaign, 0)
    refused(world, "ben", begin(campaign, b""), OverRule)
    allow(world, campaign, len(LARGE), len(SMALL))
    refused(world, "ben", begin(campaign, LARGE), OverRule)


def test_a_limit_that_came_between_counts_when_the_message_is_written() -> None:
    """Goal: no way round by haste. Method: hand over, let the limit change, send; then send again."""
    world, campaign = coalition("ana", "ben")
    upload = hand_over(world, "ben", campaign, LARGE)
    allow(world, campaign, len(SMALL))
    post = PostMessage(
        campaign=campaign, channel=hall(world, "ben", campaign), text="", attachments=(upload,)
    )
    refused(world, "ben", post, OverRule)
    allow(world, campaign, len(LARGE))
    world.command("ben", post, MessageView)


def test_what_was_attached_before_stays() -> None:
    """Goal: a rule takes nothing back. Method: a large file, then the limit, then somebody fetches it."""
    world, campaign = coalition("ana", "ben", "chi")
    world.offline("chi")
    sent = attach(world, "ben", campaign, LARGE)
    world.run_ms(MINUTE_MS)
    allow(world, campaign, len(SMALL))
    world.online("chi")
    assert world.run_until(lambda: here(world, "chi", campaign, sent.id), 5 * MINUTE_MS)
    assert view_of(world, "ana", campaign, sent.id).state is AttachmentState.HERE


@pytest.mark.parametrize("largest", [0, len(SMALL)])
def test_a_file_that_a_changed_program_names_is_fetched_by_nobody(
    largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: every node keeps the rule on receipt. Method: Ben's node does not refuse; asked or not, after a
    restart too, the others' do, say so, count it, and keep nothing."""
    world, campaign = coalition("ana", "ben", "chi")
    allow(world, campaign, largest)
    with monkeypatch.context() as changed:
        for module in (attachment_commands, commands):
            changed.setattr(module, "check_file", lambda _campaign, _size: None)
        sent = attach(world, "ben", campaign, LARGE)
    world.run_ms(MINUTE_MS)
    for name in ("ana", "chi"):
        view = view_of(world, name, campaign, sent.id)
        assert (view.state, view.held) == (AttachmentState.OVER, 0)
        assert counted(world, name)["over-rule"] == 1
    world.crash("chi")
    world.restart("chi")
    world.run_ms(MINUTE_MS)
    refused(world, "chi", FetchAttachment(campaign=campaign, message=sent.id, number=0), OverRule)
    allow(world, campaign, ATTACHMENT_BYTES_MAX)
    assert view_of(world, "chi", campaign, sent.id).state is AttachmentState.OVER, "what was, stays so"
    assert kept_bytes(world, "chi", campaign) == 0


def test_what_is_kept_goes_down_with_the_limit() -> None:
    """Goal: each device keeps to it. Method: three files from Ben, then room for one; Ben's own stay,
    so that none is lost; nothing is fetched beyond the limit."""
    world, campaign = coalition("ana", "ben", "chi")
    sent = [attach(world, "ben", campaign, some_bytes(30 * KIB, seed)) for seed in range(3)]
    world.run_ms(MINUTE_MS)
    assert kept_bytes(world, "chi", campaign) >= 90 * KIB
    allow(world, campaign, ATTACHMENT_BYTES_MAX, 40 * KIB)
    world.run_ms(2 * USUAL.keep_every_ms)
    for name in ("ana", "chi"):
        assert kept_bytes(world, name, campaign) <= 40 * KIB
    states = [view_of(world, "chi", campaign, one.id).state for one in sent]
    assert states == [AttachmentState.ABSENT, AttachmentState.ABSENT, AttachmentState.HERE]
    assert all(view_of(world, "ben", campaign, one.id).state is AttachmentState.HERE for one in sent)
    fetch(world, "chi", campaign, sent[0].id)  # a person may want another one of them instead
    assert world.run_until(lambda: here(world, "chi", campaign, sent[0].id), MINUTE_MS)
    assert kept_bytes(world, "chi", campaign) <= 40 * KIB
