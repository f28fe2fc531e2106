"""Shortcuts for tests of attachments: hand a file over, send it, fetch it, read it back."""

from __future__ import annotations

from meshcoal.api.commands import (
    AppendUpload,
    BeginUpload,
    FetchAttachment,
    ListMessages,
    PostMessage,
    ReadAttachment,
    ShowCampaign,
)
from meshcoal.api.views import (
    AttachmentState,
    AttachmentView,
    CampaignView,
    MessagesView,
    MessageView,
    PartView,
    UploadView,
)
from meshcoal.ids import CampaignId
from meshcoal.limits import UPLOAD_PART_BYTES_MAX
from meshcoal.sim.world import World
from meshcoal.wire.attachment import file_hash


def some_bytes(size: int, seed: int = 0) -> bytes:
    """A file of this size that does not repeat itself."""
    import hashlib

    return hashlib.shake_256(f"{seed}".encode()).digest(size)


def hall(world: World, name: str, campaign: CampaignId) -> bytes:
    return world.look(name, ShowCampaign(campaign=campaign), CampaignView).channels[0].id


def hand_over(world: World, name: str, campaign: CampaignId, data: bytes, called: str = "scan.bin") -> bytes:
    """The whole file, in parts; its upload."""
    begun = world.command(
        name,
        BeginUpload(
            campaign=campaign,
            name=called,
            media_type="application/octet-stream",
            size=len(data),
            hash=file_hash(data),
        ),
        UploadView,
    )
    for start in range(0, len(data), UPLOAD_PART_BYTES_MAX):
        part = data[start : start + UPLOAD_PART_BYTES_MAX]
        done = world.command(
            name, AppendUpload(campaign=campaign, upload=begun.upload, data=part), UploadView
        )
        assert done.received == min(len(data), start + UPLOAD_PART_BYTES_MAX)
    return begun.upload


def attach(
    world: World, name: str, campaign: CampaignId, *files: bytes, text: str = "see the file"
) -> MessageView:
    """A message with these files."""
    uploads = tuple([hand_over(world, name, campaign, data) for data in files])
    channel = hall(world, name, campaign)
    return world.command(
        name, PostMessage(campaign=campaign, channel=channel, text=text, attachments=uploads), MessageView
    )


def message_of(world: World, name: str, campaign: CampaignId, message: bytes) -> MessageView | None:
    page = world.look(
        name, ListMessages(campaign=campaign, channel=hall(world, name, campaign)), MessagesView
    )
    return next((one for one in page.messages if one.id == message), None)


def view_of(world: World, name: str, campaign: CampaignId, message: bytes, number: int = 0) -> AttachmentView:
    found = message_of(world, name, campaign, message)
    assert found is not None, "the message has arrived"
    return found.attachments[number]


def fetch(world: World, name: str, campaign: CampaignId, message: bytes, number: int = 0) -> None:
    world.command(name, FetchAttachment(campaign=campaign, message=message, number=number), MessageView)


def read_back(world: World, name: str, campaign: CampaignId, message: bytes, number: int = 0) -> bytes:
    """The whole file as a client reads it."""
    data = b""
    while True:
        part = world.look(
            name,
            ReadAttachment(campaign=campaign, message=message, number=number, offset=len(data)),
            PartView,
        )
        data += part.data
        if len(data) >= part.size:
            return data
        assert part.data, "reading goes on"


def here(world: World, name: str, campaign: CampaignId, message: bytes, number: int = 0) -> bool:
    found = message_of(world, name, campaign, message)
    return found is not None and found.attachments[number].state is AttachmentState.HERE
