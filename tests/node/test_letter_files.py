"""Files of drafts, amendments and comments: as those of messages, but they stay as long as the letter."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import hand_over, some_bytes
from nodework import coalition, refused

from meshcoal.api.commands import (
    AmendStatement,
    CommentStatement,
    DraftStatement,
    FetchAttachment,
    ListAttachments,
    ReadAttachment,
    SetRules,
    ShowStatement,
    StopAttachment,
)
from meshcoal.api.views import (
    AttachedView,
    AttachmentState,
    AttachmentsView,
    AttachmentView,
    CampaignView,
    PartView,
    StatementView,
)
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import OverRule, Unknown
from meshcoal.ids import CampaignId
from meshcoal.limits import ATTACHMENT_UNASKED_BYTES_MAX, KIB, TALK_DAYS, UPLOAD_PART_BYTES_MAX
from meshcoal.node import statement_commands
from meshcoal.sim.world import World

SCAN, NOTE, MAP = some_bytes(9 * KIB), some_bytes(7 * KIB, 1), some_bytes(5 * KIB, 2)
LARGE = some_bytes(ATTACHMENT_UNASKED_BYTES_MAX + 40 * KIB)


def draft(world: World, campaign: CampaignId, *files: bytes) -> StatementView:
    uploads = tuple([hand_over(world, "ana", campaign, data) for data in files])
    command = DraftStatement(
        campaign=campaign, language="en", title="Free them", text="We ask.", attachments=uploads
    )
    return world.command("ana", command, StatementView)


def comment(world: World, name: str, letter: StatementView, *files: bytes) -> StatementView:
    uploads = tuple([hand_over(world, name, CampaignId(letter.campaign), data) for data in files])
    command = CommentStatement(
        campaign=letter.campaign,
        statement=letter.id,
        revision=letter.revisions[0].id,
        paragraph=1,
        text="see the scan",
        attachments=uploads,
    )
    return world.command(name, command, StatementView)


def seen(world: World, name: str, letter: StatementView) -> StatementView:
    return world.look(name, ShowStatement(campaign=letter.campaign, statement=letter.id), StatementView)


def listed(world: World, name: str, campaign: CampaignId) -> tuple[AttachedView, ...]:
    return world.look(name, ListAttachments(campaign=campaign), AttachmentsView).attachments


def read(world: World, name: str, campaign: CampaignId, operation: bytes, size: int) -> bytes:
    return b"".join(
        world.look(
            name,
            ReadAttachment(campaign=campaign, message=operation, number=0, offset=offset),
            PartView,
        ).data
        for offset in range(0, size, UPLOAD_PART_BYTES_MAX)
    )


def files(letter: StatementView) -> list[AttachmentView]:
    found = [file for one in letter.revisions for file in one.attachments]
    return found + [file for one in letter.comments for file in one.attachments]


def test_small_files_of_drafts_amendments_and_comments_come_by_themselves() -> None:
    """Goal: as with messages. Method: one file with each, read back by others; they are listed with who and
    where; after a restart they are still shown."""
    world, campaign = coalition("ana", "ben", "chi")
    letter = draft(world, campaign, SCAN)
    world.run_ms(MINUTE_MS)
    commented = comment(world, "ben", letter, NOTE)
    assert [one.state for one in files(commented)] == [AttachmentState.HERE] * 2
    amend = AmendStatement(
        campaign=campaign,
        statement=letter.id,
        language="en",
        title="Free them all",
        text="We demand.",
        base=letter.revisions[0].id,
        attachments=(hand_over(world, "chi", campaign, MAP),),
    )
    world.run_ms(MINUTE_MS)
    world.command("chi", amend, StatementView)
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben", "chi"):
        view = seen(world, name, letter)
        assert [one.state for one in files(view)] == [AttachmentState.HERE] * 3
        operations = [view.revisions[0].id, view.revisions[1].id, view.comments[0].id]
        for operation, data in zip(operations, (SCAN, MAP, NOTE), strict=True):
            assert read(world, name, campaign, operation, len(data)) == data
        assert [(one.name, one.channel, one.statement) for one in listed(world, name, campaign)] == [
            ("ana", b"", letter.id),
            ("ben", b"", letter.id),
            ("chi", b"", letter.id),
        ]
    before = seen(world, "ben", letter)
    world.crash("ben")
    world.restart("ben")
    world.run_ms(MINUTE_MS)
    after = seen(world, "ben", letter)
    assert [one.attachments for one in after.comments] == [one.attachments for one in before.comments]


def test_a_large_file_of_a_comment_is_fetched_and_stopped_on_demand() -> None:
    """Goal: the same fetching. Method: a file over what comes unasked; ask, stop, ask again."""
    world, campaign = coalition("ana", "ben")
    letter = draft(world, campaign)
    world.run_ms(MINUTE_MS)
    comment(world, "ana", letter, LARGE)
    world.run_ms(MINUTE_MS)
    view = seen(world, "ben", letter)
    operation = view.comments[0].id
    assert [one.state for one in files(view)] == [AttachmentState.ABSENT]
    fetch = FetchAttachment(campaign=campaign, message=operation, number=0)
    asked = world.command("ben", fetch, StatementView)
    assert files(asked)[0].state is AttachmentState.COMING
    stopped = world.command(
        "ben", StopAttachment(campaign=campaign, message=operation, number=0), StatementView
    )
    assert files(stopped)[0].state is AttachmentState.ABSENT
    world.command("ben", fetch, StatementView)
    assert world.run_until(
        lambda: files(seen(world, "ben", letter))[0].state is AttachmentState.HERE, MINUTE_MS
    )
    assert read(world, "ben", campaign, operation, len(LARGE)) == LARGE
    refused(world, "ben", FetchAttachment(campaign=campaign, message=operation, number=1), Unknown)
    refused(world, "ben", FetchAttachment(campaign=campaign, message=letter.id, number=0), Unknown)


def test_files_of_letters_outlive_talk() -> None:
    """Goal: a letter's files stay. Method: longer than messages live, with restarts."""
    world, campaign = coalition("ana", "ben")
    letter = draft(world, campaign, SCAN)
    world.run_ms(MINUTE_MS)
    world.run_ms((TALK_DAYS + 1) * DAY_MS)
    world.crash("ben")
    world.restart("ben")
    world.run_ms(DAY_MS)
    assert read(world, "ben", campaign, letter.id, len(SCAN)) == SCAN


@pytest.mark.parametrize("changed", [False, True])
def test_the_campaigns_limits_hold_for_letters(changed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the same limits. Method: a limit lowered between handing over and the comment; then Ben's program
    does not refuse, and the others' do."""
    world, campaign = coalition("ana", "ben")
    letter = draft(world, campaign)
    upload = hand_over(world, "ben", campaign, NOTE)
    world.run_ms(MINUTE_MS)
    rules = SetRules(campaign=campaign, file_bytes_max=KIB, kept_bytes_max=10 * KIB)
    world.command("ana", rules, CampaignView)
    world.run_ms(MINUTE_MS)
    command = CommentStatement(
        campaign=campaign,
        statement=letter.id,
        revision=letter.revisions[0].id,
        paragraph=0,
        text="see",
        attachments=(upload,),
    )
    if not changed:
        refused(world, "ben", command, OverRule)
        return
    held = world.core("ben")._core.campaigns[campaign].files.uploads[upload].attachment  # type: ignore[attr-defined]
    with monkeypatch.context() as program:
        program.setattr(statement_commands, "finished_uploads", lambda *_: (held,))
        world.command("ben", command, StatementView)
    world.run_ms(MINUTE_MS)
    (file,) = files(seen(world, "ana", letter))
    assert (file.state, file.held) == (AttachmentState.OVER, 0)
