"""Attachments from one node to another, in a kind network."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import attach, fetch, hall, hand_over, here, message_of, read_back, some_bytes, view_of
from nodework import alone, coalition, counted, refused

from meshcoal.api.commands import (
    AppendUpload,
    BeginUpload,
    DropUpload,
    FetchAttachment,
    ListAttachments,
    PostMessage,
    ReadAttachment,
    StopAttachment,
)
from meshcoal.api.views import AttachmentState, AttachmentsView, Done, MessageView, UploadView
from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, OverLimit, Unknown, WrongPhase
from meshcoal.limits import ATTACHMENT_UNASKED_BYTES_MAX, CHUNK_BYTES, TALK_DAYS, UPLOADS_MAX
from meshcoal.wire.attachment import file_hash

SMALL = some_bytes(5_000)
LARGE = some_bytes(ATTACHMENT_UNASKED_BYTES_MAX + 3 * CHUNK_BYTES + 17)


def test_a_small_file_comes_by_itself() -> None:
    """Goal: a small attachment is with all members soon, and all know it. Method: send, wait, read back."""
    world, campaign = coalition("ana", "ben", "chi")
    sent = attach(world, "ana", campaign, SMALL)
    assert sent.attachments[0].state is AttachmentState.HERE
    world.run_ms(10_000)
    for name in ("ben", "chi"):
        assert read_back(world, name, campaign, sent.id) == SMALL
    for name in ("ana", "ben", "chi"):
        view = view_of(world, name, campaign, sent.id)
        assert (view.held_by, view.held_of) == (3, 3), name


def test_a_large_file_comes_when_asked_for() -> None:
    """Goal: nothing large moves unasked. Method: wait, then fetch at one of two members."""
    world, campaign = coalition("ana", "ben", "chi")
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(60_000)
    view = view_of(world, "ben", campaign, sent.id)
    assert (view.state, view.held, view.held_by) == (AttachmentState.ABSENT, 0, 1)
    refused(
        world,
        "ben",
        ReadAttachment(campaign=campaign, message=sent.id, number=0, offset=0),
        WrongPhase,
    )
    fetch(world, "ben", campaign, sent.id)
    assert view_of(world, "ben", campaign, sent.id).state is AttachmentState.COMING
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 20_000)
    assert read_back(world, "ben", campaign, sent.id) == LARGE
    world.run_ms(2_000)
    assert view_of(world, "chi", campaign, sent.id).held_by == 2
    assert view_of(world, "chi", campaign, sent.id).state is AttachmentState.ABSENT
    assert counted(world, "ana").get("chunk-unasked", 0) == 0


def test_sizes_at_the_edges() -> None:
    """Goal: no size is special. Method: nothing, one byte, both sides of a chunk's end."""
    world, campaign = coalition("ana", "ben")
    files = [some_bytes(size) for size in (0, 1, 1_024, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1)]
    sent = attach(world, "ana", campaign, *files, text="")
    world.run_ms(10_000)
    for number, data in enumerate(files):
        assert read_back(world, "ben", campaign, sent.id, number) == data


def test_a_fetch_goes_on_after_the_holder_went() -> None:
    """Goal: the bytes come from whoever holds them. Method: the author goes off; another fetched before."""
    world, campaign = coalition("ana", "ben", "chi")
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(2_000)
    fetch(world, "ben", campaign, sent.id)
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 20_000)
    world.offline("ana")
    fetch(world, "chi", campaign, sent.id)
    assert world.run_until(lambda: here(world, "chi", campaign, sent.id), 120_000)
    assert read_back(world, "chi", campaign, sent.id) == LARGE


def test_nobody_reachable_holds_it() -> None:
    """Goal: whoever asks learns that nobody at hand has it, and gets it later. Method: the author is away."""
    world, campaign = coalition("ana", "ben", "chi")
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(2_000)
    world.offline("ana")
    fetch(world, "ben", campaign, sent.id)
    world.run_ms(60_000)
    assert view_of(world, "ben", campaign, sent.id).state is AttachmentState.NOBODY
    world.online("ana")
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 180_000)
    assert read_back(world, "ben", campaign, sent.id) == LARGE


def test_a_crash_in_the_middle_loses_no_chunk() -> None:
    """Goal: what came stays. Method: crash while it comes; count the chunks that are asked for again."""
    world, campaign = coalition("ana", "ben")
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(2_000)
    fetch(world, "ben", campaign, sent.id)
    assert world.run_until(lambda: view_of(world, "ben", campaign, sent.id).held >= 5, 20_000)
    world.crash("ben")
    world.restart("ben")
    assert view_of(world, "ben", campaign, sent.id).held >= 5
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 60_000)
    assert read_back(world, "ben", campaign, sent.id) == LARGE


def test_stopped_and_taken_up_again() -> None:
    """Goal: a fetch can be stopped, and goes on where it stopped. Method: stop in the middle, fetch again."""
    world, campaign = coalition("ana", "ben")
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(2_000)
    fetch(world, "ben", campaign, sent.id)
    assert world.run_until(lambda: view_of(world, "ben", campaign, sent.id).held >= 3, 20_000)
    view = world.command("ben", StopAttachment(campaign=campaign, message=sent.id, number=0), MessageView)
    held = view.attachments[0].held
    assert view.attachments[0].state is AttachmentState.ABSENT
    world.run_ms(20_000)
    assert view_of(world, "ben", campaign, sent.id).held == held
    fetch(world, "ben", campaign, sent.id)
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 20_000)
    assert counted(world, "ben").get("chunk-unasked", 0) == 0


def test_the_same_file_twice_is_kept_once() -> None:
    """Goal: equal files are one within a campaign. Method: two members, three messages."""
    world, campaign = coalition("ana", "ben", "chi")
    first = attach(world, "ana", campaign, LARGE)
    world.run_ms(2_000)
    before = world.machines["ana"].disk.size_bytes
    second = attach(world, "ana", campaign, LARGE, text="again")
    assert world.machines["ana"].disk.size_bytes - before < CHUNK_BYTES
    third = attach(world, "ben", campaign, LARGE, text="I have it too")  # never fetched there
    assert first.attachments[0].file == second.attachments[0].file == third.attachments[0].file
    world.run_ms(2_000)
    assert view_of(world, "chi", campaign, first.id).held_by == 2
    fetch(world, "chi", campaign, third.id)
    assert world.run_until(lambda: here(world, "chi", campaign, first.id), 20_000)


def test_campaigns_share_nothing() -> None:
    """Goal: nobody can tell that two campaigns hold the same file. Method: one person, two campaigns."""
    world, campaign = alone()
    from meshcoal.api.commands import FoundCampaign, Seat
    from meshcoal.api.views import CampaignView
    from meshcoal.ids import CampaignId

    other = world.command(
        "ana",
        FoundCampaign(name="Other", goal="", my_name="", seat=Seat.EXILE, channels=("hall",)),
        CampaignView,
    )
    first = attach(world, "ana", campaign, SMALL)
    second = attach(world, "ana", CampaignId(other.id), SMALL)
    assert first.attachments[0].file != second.attachments[0].file


def test_refusals() -> None:
    """Goal: what cannot be sent is refused in words. Method: each way of handing over wrongly."""
    world, campaign = alone()
    channel = hall(world, "ana", campaign)

    def begin(size: int, hash: bytes) -> bytes:
        command = BeginUpload(campaign=campaign, name="a", media_type="b/c", size=size, hash=hash)
        return world.command("ana", command, UploadView).upload

    post = PostMessage(campaign=campaign, channel=channel, text="x")
    refused(world, "ana", replace(post, text=""), BadArgument)
    refused(world, "ana", replace(post, attachments=(bytes(16),)), Unknown)
    upload = begin(5, file_hash(b"hello"))
    refused(world, "ana", replace(post, attachments=(upload,)), WrongPhase)
    refused(world, "ana", AppendUpload(campaign=campaign, upload=upload, data=b"hello!"), BadArgument)
    with pytest.raises(BadArgument):
        world.command("ana", AppendUpload(campaign=campaign, upload=upload, data=b"jello"), UploadView)
    refused(world, "ana", AppendUpload(campaign=campaign, upload=upload, data=b"hello"), Unknown)
    refused(world, "ana", DropUpload(campaign=campaign, upload=upload), Unknown)
    whole = hand_over(world, "ana", campaign, b"hello")
    refused(world, "ana", AppendUpload(campaign=campaign, upload=whole, data=b"!"), WrongPhase)
    for _ in range(UPLOADS_MAX - 1):
        begin(5, file_hash(b"hello"))
    command = BeginUpload(campaign=campaign, name="a", media_type="b/c", size=1, hash=bytes(32))
    refused(world, "ana", command, OverLimit)
    refused(world, "ana", FetchAttachment(campaign=campaign, message=bytes(32), number=0), Unknown)
    reader = world.machines["ana"].disk.reader
    world.command("ana", DropUpload(campaign=campaign, upload=whole), Done)
    assert list(reader.files(campaign)) == []


def test_handed_over_and_never_sent() -> None:
    """Goal: nothing stays of a file that was not sent. Method: crash before sending; and wait for a day."""
    world, campaign = alone()
    hand_over(world, "ana", campaign, LARGE)
    reader = world.machines["ana"].disk.reader
    assert len(reader.files(campaign)) == 1
    world.crash("ana")
    world.restart("ana")
    world.run_ms(DAY_MS)
    assert list(world.machines["ana"].disk.reader.files(campaign)) == []
    hand_over(world, "ana", campaign, SMALL)
    world.run_ms(DAY_MS)
    assert list(world.machines["ana"].disk.reader.files(campaign)) == []


def test_listed() -> None:
    """Goal: attachments of a campaign can be listed. Method: two messages of two members."""
    world, campaign = coalition("ana", "ben")
    first = attach(world, "ana", campaign, SMALL)
    second = attach(world, "ben", campaign, LARGE, SMALL)
    world.run_ms(2_000)
    view = world.look("ana", ListAttachments(campaign=campaign), AttachmentsView)
    found = [(one.message, one.number, one.attachment.size) for one in view.attachments]
    assert found == [(first.id, 0, len(SMALL)), (second.id, 0, len(LARGE)), (second.id, 1, len(SMALL))]
    assert 0 < view.kept_bytes < 2 * len(SMALL) + len(LARGE)
    message = message_of(world, "ana", campaign, second.id)
    assert message is not None
    assert not message.me


def test_files_vanish_with_their_messages() -> None:
    """Goal: no chunk and no key stays once the last message that names a file is gone. Method: let talk
    expire; the same file named again later stays."""
    world, campaign = coalition("ana", "ben")
    first = attach(world, "ana", campaign, SMALL)
    kept = attach(world, "ana", campaign, LARGE)
    world.run_ms(10_000)
    assert read_back(world, "ben", campaign, first.id) == SMALL
    world.run_ms(TALK_DAYS * DAY_MS - 60_000)
    again = attach(world, "ana", campaign, LARGE, text="once more")
    world.run_ms(DAY_MS)
    assert message_of(world, "ana", campaign, first.id) is None
    assert message_of(world, "ana", campaign, kept.id) is None
    files = [list(world.machines[name].disk.reader.files(campaign)) for name in ("ana", "ben")]
    assert files == [[again.attachments[0].file], []]
    assert read_back(world, "ana", campaign, again.id) == LARGE
