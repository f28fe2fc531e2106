"""A file between two real daemons, both of which are killed in the middle."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import RealNode, found, meet, until

from meshcoal.api.commands import (
    AppendUpload,
    BeginUpload,
    FetchAttachment,
    ListAttachments,
    PostMessage,
    ReadAttachment,
    ShowCampaign,
)
from meshcoal.api.views import (
    AttachedView,
    AttachmentState,
    AttachmentsView,
    CampaignView,
    MessageView,
    PartView,
    UploadView,
)
from meshcoal.client.attaching import Saving, prepare
from meshcoal.limits import MIB

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
DATA = hashlib.shake_256(b"a long scan").digest(16 * MIB)


async def attach(node: RealNode, campaign: bytes, path: Path) -> None:
    file = prepare(path)
    begin = BeginUpload(
        campaign=campaign,
        name=file.name,
        media_type=file.media_type,
        size=len(file.data),
        hash=file.hash,
    )
    view = await node.ask(begin, UploadView)
    for part in file.parts():
        view = await node.ask(AppendUpload(campaign=campaign, upload=view.upload, data=part), UploadView)
    channel = (await node.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id
    post = PostMessage(campaign=campaign, channel=channel, text="see", attachments=(view.upload,))
    await node.ask(post, MessageView)


async def listed(node: RealNode, campaign: bytes) -> tuple[AttachedView, ...]:
    return (await node.ask(ListAttachments(campaign=campaign), AttachmentsView)).attachments


async def held_at_least(node: RealNode, campaign: bytes, chunks: int) -> AttachedView:
    """Wait until so much has come."""
    while True:
        (one,) = await listed(node, campaign)
        if one.attachment.held >= chunks:
            return one
        await asyncio.sleep(0.01)


async def killed_and_back(node: RealNode) -> None:
    await node.kill()
    await node.start()
    await node.unlock()


async def test_both_ends_are_killed_in_the_middle(tmp_path: Path) -> None:
    """Goal: a file survives power cuts at either end. Method: kill -9 while it comes; compare the bytes."""
    ana, ben = RealNode(tmp_path, "ana"), RealNode(tmp_path, "ben")
    try:
        for node in (ana, ben):
            node.make_vault_cheaply()
            await node.start()
            await node.unlock()
        campaign = await found(ana)
        await meet(ana, ben, campaign)
        path = tmp_path / "scan.pdf"
        path.write_bytes(DATA)
        await attach(ana, campaign, path)

        async def lacking() -> str:
            return "" if await listed(ben, campaign) else "the message has not arrived"

        await until(lacking)
        (one,) = await listed(ben, campaign)
        assert one.attachment.state is AttachmentState.ABSENT
        fetch = FetchAttachment(campaign=campaign, message=one.message, number=one.number)
        await ben.ask(fetch, MessageView)
        before = await held_at_least(ben, campaign, 30)
        await killed_and_back(ben)
        (after,) = await listed(ben, campaign)
        assert after.attachment.held >= before.attachment.held, "what was shown as here is here"
        assert after.attachment.state is not AttachmentState.HERE, "killed in the middle"
        await held_at_least(ben, campaign, after.attachment.held + 30)
        await killed_and_back(ana)
        whole = await held_at_least(ben, campaign, one.attachment.of)
        assert whole.attachment.state is AttachmentState.HERE
        with Saving(whole.attachment, tmp_path / "saved") as saving:
            while not saving.complete:
                command = ReadAttachment(
                    campaign=campaign, message=one.message, number=one.number, offset=saving.written
                )
                saving.append((await ben.ask(command, PartView)).data)
            assert saving.finish().read_bytes() == DATA
    finally:
        assert await ana.stop() == 0
        assert await ben.stop() == 0
    assert ana.noise.read_bytes() == b""
    assert ben.noise.read_bytes() == b""
