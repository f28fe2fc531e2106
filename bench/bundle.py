"""A bundle: written by one real daemon, carried in a folder, and read by another that was never linked to it
since it was admitted. Prints one JSON line.

Attachments are spread over campaigns, since each device keeps 200 MiB of one. What is lacking is written once
whole and once without files. MB are 10^6 bytes of what lies on the stick.

    PYTHONPATH=src python bench/bundle.py [--operations 10000] [--mib 480]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

from common import report
from processwork import RealNode, found, meet, until

from meshcoal.api.commands import (
    AppendUpload,
    BeginBundle,
    BeginUpload,
    BundleFor,
    ListCampaigns,
    PostMessage,
    ShowCampaign,
)
from meshcoal.api.views import CampaignsView, CampaignView, MessageView, UploadView
from meshcoal.client.carrying import Pause, Said, Stick, T, looking, taking, writing
from meshcoal.limits import BUNDLE_PART_BYTES, MIB, UPLOAD_PART_BYTES_MAX
from meshcoal.wire.attachment import file_hash
from meshcoal.wire.record import Record

FILE_MIB = 20
CAMPAIGN_MIB = 160  # of files in one campaign
AT_ONCE = 30  # commands on their way


def rss_mib(node: RealNode) -> float:
    """The most memory that the daemon has held."""
    assert node.process is not None
    status = Path(f"/proc/{node.process.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


async def drive(node: RealNode, said: Said[T]) -> T:
    answer: Record | None = None
    while True:
        try:
            asked = said.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        if isinstance(asked, Pause):
            await asyncio.sleep(asked.wait_ms / 1_000)
            answer = None
        else:
            answer = await node.ask(asked, Record)


async def attach(node: RealNode, campaign: bytes, channel: bytes, size: int) -> None:
    data = os.urandom(size)
    begin = BeginUpload(campaign=campaign, name="a", media_type="b/c", size=size, hash=file_hash(data))
    view = await node.ask(begin, UploadView)
    for at in range(0, size, UPLOAD_PART_BYTES_MAX):
        part = data[at : at + UPLOAD_PART_BYTES_MAX]
        await node.ask(AppendUpload(campaign=campaign, upload=view.upload, data=part), UploadView)
    post = PostMessage(campaign=campaign, channel=channel, text="", attachments=(view.upload,))
    await node.ask(post, MessageView)


async def fill(node: RealNode, campaigns: list[bytes], operations: int, mib: int) -> int:
    """Messages of 200 characters and files of chance. Returns the bytes of the files."""
    files = 0
    for number, campaign in enumerate(campaigns):
        channel = (await node.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id
        share = operations // len(campaigns)
        post = PostMessage(campaign=campaign, channel=channel, text="m" * 200)
        for start in range(0, share, AT_ONCE):
            posts = [node.ask(post, MessageView) for _ in range(min(AT_ONCE, share - start))]
            await asyncio.gather(*posts)
        left = min(CAMPAIGN_MIB, mib - number * CAMPAIGN_MIB)
        while left > 0:
            await attach(node, campaign, channel, min(FILE_MIB, left) * MIB)
            files += min(FILE_MIB, left) * MIB
            left -= FILE_MIB
    return files


async def operations_of(node: RealNode, campaigns: list[bytes]) -> int:
    views = [await node.ask(ShowCampaign(campaign=one), CampaignView) for one in campaigns]
    return sum([view.operations for view in views])


async def written(node: RealNode, campaigns: list[bytes], stick: Path, *, files: bool) -> tuple[float, int]:
    """Seconds, and bytes on the stick."""
    await asyncio.to_thread(stick.mkdir)
    command = BeginBundle(campaigns=tuple([BundleFor(campaign=one) for one in campaigns]), files=files)
    began_s = time.perf_counter()
    parts = await drive(node, writing(Stick(stick), command, lambda view: None, lambda *one: None))
    return time.perf_counter() - began_s, parts * BUNDLE_PART_BYTES


async def measure(folder: Path, operations: int, mib: int) -> dict[str, Any]:
    ana, ben = RealNode(folder, "ana"), RealNode(folder, "ben")
    for node in (ana, ben):
        node.make_vault_cheaply()
        await node.start()
        await node.unlock()
    campaigns = []
    for number in range(-(-mib // CAMPAIGN_MIB) or 1):
        campaigns.append(await found(ana, f"bench {number}"))
        await meet(ana, ben, campaigns[-1])

        async def lacking() -> str:
            listed = (await ben.ask(ListCampaigns(), CampaignsView)).campaigns
            return "" if sum([one.members == 2 for one in listed]) == len(campaigns) else "not in yet"

        await until(lacking)
    await ben.stop()
    before = await operations_of(ana, campaigns)
    files = await fill(ana, campaigns, operations, mib)
    wrote = await operations_of(ana, campaigns) - before
    talk_s, talk_bytes = await written(ana, campaigns, folder / "talk", files=False)
    shutil.rmtree(folder / "talk")
    write_s, total = await written(ana, campaigns, folder / "stick", files=True)
    writer_mib = rss_mib(ana)
    await ana.stop()
    await ben.start()
    await ben.unlock()
    began_s = time.perf_counter()
    looked = await drive(ben, looking(folder / "stick", lambda *one: None))
    look_s = time.perf_counter() - began_s
    began_s = time.perf_counter()
    view = await drive(ben, taking(looked, lambda *one: None))
    take_s = time.perf_counter() - began_s
    reader_mib = rss_mib(ben)
    again = await drive(ben, looking(folder / "stick", lambda *one: None))
    await ben.stop()
    return {
        "operations": wrote,
        "files_bytes": files,
        "bundle_bytes": total,
        "overhead_bytes": total - files,
        "operations_bundle_bytes": talk_bytes,
        "write_s": write_s,
        "write_mb_s": total / write_s / 1e6,
        "write_operations_per_s": wrote / talk_s,
        "look_mb_s": total / look_s / 1e6,
        "take_s": take_s,
        "take_mb_s": total / take_s / 1e6,
        "taken": view.taken,
        "lacking_afterwards": sum([one.new_operations + one.new_files for one in again.view.news]),
        "writer_rss_mib": writer_mib,
        "reader_rss_mib": reader_mib,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--mib", type=int, default=480)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report("bundle", **asyncio.run(measure(Path(folder), chosen.operations, chosen.mib)))


if __name__ == "__main__":
    main()
