"""Attachments: hand over, store, fetch over loopback, read; and talk meanwhile. Prints one JSON line.

Run: PYTHONPATH=src python bench/attachments.py [--mib 20] [--files 5]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

from common import report
from processwork import RealNode, found, meet, until

from meshcoal.api.commands import (
    AppendUpload,
    BeginUpload,
    FetchAttachment,
    ListAttachments,
    ListMessages,
    PostMessage,
    ReadAttachment,
    ShowCampaign,
)
from meshcoal.api.views import (
    AttachmentState,
    AttachmentsView,
    CampaignView,
    MessagesView,
    MessageView,
    PartView,
    UploadView,
)
from meshcoal.limits import MIB, UPLOAD_PART_BYTES_MAX
from meshcoal.wire.attachment import file_hash


def rss_mib(node: RealNode) -> float:
    """The most memory that the daemon has held."""
    assert node.process is not None
    status = Path(f"/proc/{node.process.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


async def talk(ana: RealNode, ben: RealNode, campaign: bytes, channel: bytes, count: int) -> list[float]:
    """Milliseconds from Ana's command to Ben's screen."""
    took = []
    for number in range(count):
        started = time.perf_counter()
        post = PostMessage(campaign=campaign, channel=channel, text=f"gate {number}")
        sent = await ana.ask(post, MessageView)
        while True:
            page = await ben.ask(ListMessages(campaign=campaign, channel=channel, limit=3), MessagesView)
            if sent.id in [one.id for one in page.messages]:
                break
            await asyncio.sleep(0.001)
        took.append(1000 * (time.perf_counter() - started))
        await asyncio.sleep(0.05)
    return took


async def measure(folder: Path, mib: int, files: int) -> dict[str, object]:
    ana, ben = RealNode(folder, "ana"), RealNode(folder, "ben")
    for node in (ana, ben):
        node.make_vault_cheaply()
        await node.start()
        await node.unlock()
    campaign = await found(ana)
    await meet(ana, ben, campaign)
    channel = (await ana.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id
    calm = await talk(ana, ben, campaign, channel, 20)
    started = time.perf_counter()
    for _ in range(files):
        data = os.urandom(mib * MIB)
        begin = BeginUpload(
            campaign=campaign, name="a", media_type="b/c", size=len(data), hash=file_hash(data)
        )
        view = await ana.ask(begin, UploadView)
        for at in range(0, len(data), UPLOAD_PART_BYTES_MAX):
            part = data[at : at + UPLOAD_PART_BYTES_MAX]
            await ana.ask(AppendUpload(campaign=campaign, upload=view.upload, data=part), UploadView)
        post = PostMessage(campaign=campaign, channel=channel, text="", attachments=(view.upload,))
        await ana.ask(post, MessageView)
    handed_s = time.perf_counter() - started

    async def lacking() -> str:
        seen = (await ben.ask(ListAttachments(campaign=campaign), AttachmentsView)).attachments
        return "" if len(seen) == files else "messages"

    await until(lacking)
    listed = (await ben.ask(ListAttachments(campaign=campaign), AttachmentsView)).attachments
    started = time.perf_counter()
    for one in listed:
        await ben.ask(FetchAttachment(campaign=campaign, message=one.message, number=one.number), MessageView)
    busy = await talk(ana, ben, campaign, channel, 20)
    while True:
        seen = (await ben.ask(ListAttachments(campaign=campaign), AttachmentsView)).attachments
        if all(one.attachment.state is AttachmentState.HERE for one in seen):
            break
        await asyncio.sleep(0.02)
    fetched_s = time.perf_counter() - started
    started = time.perf_counter()
    for one in listed:
        for at in range(0, mib * MIB, UPLOAD_PART_BYTES_MAX):
            command = ReadAttachment(campaign=campaign, message=one.message, number=one.number, offset=at)
            await ben.ask(command, PartView)
    read_s = time.perf_counter() - started
    memory = [rss_mib(ana), rss_mib(ben)]
    await ana.stop()
    await ben.stop()
    total = mib * files
    store = (ben.home / "store.db").stat().st_size / MIB
    return {
        "mib": total,
        "hand_over_mib_s": round(total / handed_s, 1),
        "fetch_mib_s": round(total / fetched_s, 1),
        "read_mib_s": round(total / read_s, 1),
        "store_mib": round(store, 1),
        "memory_mib": [round(one, 1) for one in memory],
        "talk_calm_ms": round(statistics.median(calm), 1),
        "talk_busy_ms": round(statistics.median(busy), 1),
        "talk_busy_worst_ms": round(max(busy), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=20)
    parser.add_argument("--files", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report("attachments", **asyncio.run(measure(Path(folder), chosen.mib, chosen.files)))


if __name__ == "__main__":
    main()
