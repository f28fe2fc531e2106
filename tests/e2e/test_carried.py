"""Two real daemons of which only one ever runs at a time: what they share goes by a folder of files."""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "capture"))

from capturework import canaries, odd_sizes, secrets_of, twice
from processwork import RealNode, found, meet

from meshcoal.api.commands import (
    AppendUpload,
    BeginBundle,
    BeginUpload,
    BundleFor,
    Capacity,
    DraftStatement,
    FreezeStatement,
    ListAttachments,
    ListMessages,
    PostMessage,
    ReadAttachment,
    ReleaseStatement,
    ShowCampaign,
    ShowStatement,
    SignStatement,
)
from meshcoal.api.views import (
    AttachmentState,
    AttachmentsView,
    CampaignView,
    MessagesView,
    MessageView,
    PartView,
    ReadingView,
    StatementPhase,
    StatementView,
    UploadView,
)
from meshcoal.client.attaching import prepare
from meshcoal.client.carrying import Pause, Said, Stick, looking, taking, writing
from meshcoal.clock import DAY_MS
from meshcoal.daemon.main import now_ms
from meshcoal.limits import BUNDLE_PART_BYTES
from meshcoal.wire.record import Record

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
DATA = hashlib.shake_256(b"a scan").digest(2_500_000)
CANARY = "kestrel4711zug"
HEAD_BYTES = 64 * 1_024  # of a part: its slots, and the beginning of what is sealed


async def drive(node: RealNode, said: Said[Any]) -> Any:
    answer: Record | None = None
    try:
        while True:
            asked = said.send(answer)
            if isinstance(asked, Pause):
                await asyncio.sleep(asked.wait_ms / 1_000)
                answer = None
            else:
                answer = await node.ask(asked, Record)
    except StopIteration as end:
        return end.value


async def alone(node: RealNode) -> None:
    await node.start()
    await node.unlock()


async def write(node: RealNode, campaign: bytes, stick: Path) -> int:
    await asyncio.to_thread(stick.mkdir)
    command = BeginBundle(campaigns=(BundleFor(campaign=campaign),))
    count = await drive(node, writing(Stick(stick), command, lambda view: None, lambda *one: None))
    assert isinstance(count, int)
    return count


async def read(node: RealNode, stick: Path) -> ReadingView:
    looked = await drive(node, looking(stick, lambda *one: None))
    view = await drive(node, taking(looked, lambda *one: None))
    assert isinstance(view, ReadingView)
    return view


async def attach(node: RealNode, campaign: bytes, path: Path, channel: bytes) -> None:
    file = prepare(path)
    begin = BeginUpload(
        campaign=campaign, name=file.name, media_type=file.media_type, size=len(file.data), hash=file.hash
    )
    view = await node.ask(begin, UploadView)
    for part in file.parts():
        view = await node.ask(AppendUpload(campaign=campaign, upload=view.upload, data=part), UploadView)
    post = PostMessage(campaign=campaign, channel=channel, text=f"see {CANARY}", attachments=(view.upload,))
    await node.ask(post, MessageView)


def chi_square(data: bytes) -> float:
    """Over the values of a byte: 255 for random bytes, give or take 23."""
    expected = len(data) / 256
    return sum([(data.count(value) - expected) ** 2 / expected for value in range(256)])


def check_nothing_shows(sticks: list[Path], secrets: dict[str, bytes]) -> None:
    """Names, sizes, times and bytes of all files on all sticks."""
    names: list[str] = []
    parts: list[bytes] = []
    for stick in sticks:
        for path in stick.iterdir():
            data = path.read_bytes()
            names.append(path.name)
            assert re.fullmatch(r"[a-z2-7]{16}", path.name)
            assert int(path.stat().st_mtime) == 315_619_200
            assert chi_square(data) < 255 + 7 * math.sqrt(2 * 255)
            parts.append(data)
    assert len(set(names)) == len(names)
    assert odd_sizes(parts, frozenset({BUNDLE_PART_BYTES})) == set()
    assert twice([part[:HEAD_BYTES] for part in parts]) == set(), "two parts share bytes"
    assert twice(parts, stride=64) == set(), "two parts share bytes"
    assert canaries([part[:HEAD_BYTES] for part in parts], secrets) == set()


async def test_a_letter_is_signed_by_two_who_are_never_connected(tmp_path: Path) -> None:
    """Goal: a stick is enough. Method: a letter, talk and a file go to and fro; stores are compared."""
    ana, ben = RealNode(tmp_path, "ana"), RealNode(tmp_path, "ben")
    sticks: list[Path] = []
    held: list[bytes] = []  # by who gave a stick, when it was written

    async def digest(node: RealNode) -> bytes:
        return (await node.ask(ShowCampaign(campaign=campaign), CampaignView)).heads_digest

    async def carry(giver: RealNode, taker: RealNode) -> ReadingView:
        """The giver's daemon runs already; afterwards the taker's does, and the giver's has ended."""
        sticks.append(tmp_path / f"stick{len(sticks)}")
        await write(giver, campaign, sticks[-1])
        held.append(await digest(giver))
        assert await giver.stop() == 0
        await alone(taker)
        view = await read(taker, sticks[-1])
        assert not view.refused
        return view

    try:
        for node in (ana, ben):
            node.make_vault_cheaply()
            await alone(node)
        campaign = await found(ana, CANARY)
        await meet(ana, ben, campaign)
        assert await ben.stop() == 0
        ben.process = None
        shown = await ana.ask(ShowCampaign(campaign=campaign), CampaignView)
        channel = shown.channels[0].id
        path = tmp_path / "scan.pdf"
        path.write_bytes(DATA)
        await attach(ana, campaign, path, channel)
        letter = await ana.ask(
            DraftStatement(campaign=campaign, language="en", title=f"Free {CANARY}", text=CANARY),
            StatementView,
        )
        frozen = await ana.ask(
            FreezeStatement(
                campaign=campaign,
                statement=letter.id,
                revisions=(),
                addressees=(CANARY,),
                deadline_ms=now_ms() + DAY_MS,
            ),
            StatementView,
        )
        await carry(ana, ben)

        text = SignStatement(
            campaign=campaign,
            statement=letter.id,
            digest=frozen.digest,
            capacity=Capacity.INDIVIDUAL,
            name=f"Ben {CANARY}",
        )
        await ben.ask(text, StatementView)
        await ben.ask(PostMessage(campaign=campaign, channel=channel, text=f"signed {CANARY}"), MessageView)
        (carried,) = (await ben.ask(ListAttachments(campaign=campaign), AttachmentsView)).attachments
        assert carried.attachment.state is AttachmentState.HERE
        data = b""
        while len(data) < len(DATA):
            command = ReadAttachment(
                campaign=campaign, message=carried.message, number=carried.number, offset=len(data)
            )
            data += (await ben.ask(command, PartView)).data
        assert data == DATA
        await carry(ben, ana)

        released = await ana.ask(ReleaseStatement(campaign=campaign, statement=letter.id), StatementView)
        assert [entry.name for entry in released.tally.entries] == [f"Ben {CANARY}"]
        ours = await ana.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
        await carry(ana, ben)

        there = await ben.ask(ShowStatement(campaign=campaign, statement=letter.id), StatementView)
        assert there.phase is StatementPhase.RELEASED
        assert there.tally.digest == released.tally.digest
        theirs = await ben.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
        assert [one.text for one in theirs.messages] == [one.text for one in ours.messages]
        assert (await read(ben, sticks[0])).taken == 0, "an old stick brings nothing"
        giver, taker = ben, ana
        for _ in range(6):  # either may have written something of its own meanwhile, such as new keys
            if held[-1] == await digest(giver):
                break
            await carry(giver, taker)
            giver, taker = taker, giver
        assert held[-1] == await digest(giver), "both hold the same in the end"
    finally:
        for node in (ana, ben):
            assert await node.stop() in (0, -9)
    assert ana.noise.read_bytes() == b""
    assert ben.noise.read_bytes() == b""
    kept = {"canary": CANARY.encode(), "file": DATA[:32]}
    for node in (ana, ben):
        kept |= secrets_of(node.home, node.passphrase)
    check_nothing_shows(sticks, kept)
