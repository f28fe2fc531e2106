"""Pressure from inside, on real daemons: what one member does changes nothing for the others."""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

sys.path.insert(0, str(Path(__file__).parent))

from pressurework import (
    GROWTH_KIB_MAX,
    Turncoat,
    channel_of,
    counted,
    ended,
    membership_of,
    party,
    port_of,
    resident_kib,
    texts,
    while_doing,
)
from processwork import RealNode, found, meet, until

from meshcoal.api.commands import (
    AcceptInvitation,
    AppendUpload,
    BeginUpload,
    FetchAttachment,
    ListAttachments,
    PostMessage,
    ShowCampaign,
)
from meshcoal.api.views import (
    AttachmentState,
    AttachmentsView,
    CampaignView,
    IntroductionView,
    MessageView,
    UploadView,
)
from meshcoal.client.connection import Client
from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.daemon.main import now_ms
from meshcoal.limits import (
    ATTACHMENT_BYTES_MAX,
    DIAL_BACKOFF_MIN_MS,
    MIB,
    PACKED_BYTES_MAX,
    UPLOAD_PART_BYTES_MAX,
)
from meshcoal.wire.attachment import file_hash
from meshcoal.wire.frames import MESSAGES, Frontier, Held, Message, PackedRun, Run, Taken, Want, WantChunks
from meshcoal.wire.invitation import Invitation, encode_invitation

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

FLOOD = 6_000
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    yield folder
    shutil.rmtree(folder)


async def say(node: RealNode, campaign: bytes, text: str, *uploads: bytes) -> MessageView:
    channel = await channel_of(node, campaign)
    post = PostMessage(campaign=campaign, channel=channel, text=text, attachments=uploads)
    return await node.ask(post, MessageView)


async def heard(node: RealNode, campaign: bytes, *wanted: str) -> None:
    channel = await channel_of(node, campaign)

    async def lacking() -> str:
        missing = set(wanted) - set(await texts(node, campaign, channel, pages_max=3))
        return f"{node.name} lacks {sorted(missing)}" if missing else ""

    await until(lacking, patience_s=300)


async def all_in(campaign: bytes, *nodes: RealNode) -> None:
    async def lacking() -> str:
        for node in nodes:
            view = await node.ask(ShowCampaign(campaign=campaign), CampaignView)
            if len([one for one in view.members if one.connected or one.me]) != len(nodes):
                return f"{node.name} is not linked to all"
        return ""

    await until(lacking)


async def test_a_member_who_sends_a_byte_a_second_holds_up_nobody(folder: Path) -> None:
    """Goal: a stalled link is that link's affair. Method: behind a true handshake Chi's keys begin a frame
    and send a byte of it a second; Ana and Ben talk all the while, and Ben comes back from a new start."""
    ana, ben, chi = await party(folder, "ana", "ben", "chi")
    campaign = await found(ana)
    for guest in (ben, chi):
        await meet(ana, guest, campaign)
    await all_in(campaign, ana, ben, chi)
    assert await chi.stop() == 0
    member = membership_of(chi, campaign, other="ana")
    async with ClientSession() as client:
        turncoat = await Turncoat.of(client, member, await port_of(ana))
        assert isinstance(turncoat, Turncoat)

        async def work() -> None:
            for number in range(20):
                await say(ana, campaign, f"ana {number}")
                await say(ben, campaign, f"ben {number}")
            both = [f"{name} {number}" for name in ("ana", "ben") for number in range(20)]
            await heard(ana, campaign, *both)
            await heard(ben, campaign, *both)
            await ben.kill()
            await ben.start()
            await ben.unlock()
            await say(ana, campaign, "are you back?")
            await heard(ben, campaign, "are you back?")

        await while_doing(turncoat.dribble(2_048), work)
        assert not turncoat.stream.closed, "it dribbled to the end"
    await ended(ana, ben)


async def test_bombs_of_a_member_are_refused_and_change_nothing(folder: Path) -> None:
    """Goal: a member's bytes make nobody allocate or recurse without bound. Method: with Chi's keys: nests,
    lying lengths, runs that claim to unpack to more than they hold, claims of logs without end, requests for
    chunks by the thousand; each on a link of its own; then Ana and Ben talk, and memory is looked at."""
    ana, ben, chi = await party(folder, "ana", "ben", "chi")
    campaign = await found(ana)
    for guest in (ben, chi):
        await meet(ana, guest, campaign)
    await all_in(campaign, ana, ben, chi)
    assert await chi.stop() == 0
    member = membership_of(chi, campaign, other="ana")
    nowhere = tuple([Held(author=os.urandom(32), seq=2**40, mark=bytes(16)) for _ in range(2_000)])
    wide = b"\x92" + b"\xdd\x00\x01\x00\x00" * 60_000
    cut_off = {
        "a nest": b"\x91" * 1_000_000,
        "four billion": b"\x92\x05\xdd\xff\xff\xff\xff",
        "a run of nests": MESSAGES.encode(Run(operations=(b"\x91" * 500_000,))),
        "a packed nest": MESSAGES.encode(PackedRun(packed=b"\x91" * PACKED_BYTES_MAX)),
        "a packed lie": MESSAGES.encode(PackedRun(packed=b"\x98\xdd\xff\xff\xff\xff" * 1_000)),
        "wide arrays, packed": MESSAGES.encode(PackedRun(packed=wide[:PACKED_BYTES_MAX])),
        "zeros, deflated": MESSAGES.encode(PackedRun(packed=zlib.compress(bytes(64 * MIB), 9)[:65_000])),
    }
    borne: dict[str, list[Message]] = {
        "logs without end": [Frontier(whole=True, held=nowhere), Want(held=nowhere), Taken(runs=2**40)],
        "chunks of nothing": [
            WantChunks(chunks=tuple([os.urandom(32) for _ in range(16)])) for _ in range(500)
        ],
    }
    before_kib = resident_kib(ana)
    async with ClientSession() as client:
        for name, bomb in cut_off.items():
            before = await counted(ana)
            turncoat = await Turncoat.of(client, member, await port_of(ana))
            await turncoat.say_raw(bomb)
            async with asyncio.timeout(60):
                await turncoat.end()
            after = await counted(ana)
            assert {code for code, count in after.items() if count > before.get(code, 0)}, name
        for words in borne.values():
            turncoat = await Turncoat.of(client, member, await port_of(ana))
            for word in words:
                await turncoat.say_raw(MESSAGES.encode(word))
            await say(ana, campaign, f"after {len(words)} words")
            await heard(ben, campaign, f"after {len(words)} words")
            await turncoat.stream.close()
    await say(ben, campaign, "still here")
    await heard(ana, campaign, "still here")
    assert resident_kib(ana) - before_kib < GROWTH_KIB_MAX
    await ended(ana, ben)


async def test_a_flood_in_one_campaign_does_not_hold_up_another(folder: Path) -> None:
    """Goal: campaigns take turns. Method: Chi floods the one that she shares with Ana, over one link; what
    Ben says in the other one is at Ana before the flood is, and Ana's answers at Ben."""
    ana, ben, chi = await party(folder, "ana", "ben", "chi")
    calm, loud = await found(ana, "calm"), await found(ana, "loud")
    await meet(ana, ben, calm)
    await meet(ana, chi, loud)
    await all_in(calm, ana, ben)
    await all_in(loud, ana, chi)
    channel = await channel_of(chi, loud)
    begun = asyncio.Event()
    numbers = itertools.count()

    async def flood(client: Client, count: int) -> None:
        for _ in range(count):
            number = next(numbers)
            await client.send(PostMessage(campaign=loud, channel=channel, text=f"noise {number}"))
            if number > FLOOD // 10:
                begun.set()

    client = await Client.connect(chi.home)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(flood(client, FLOOD // 8))
        await begun.wait()
        for number in range(5):
            await say(ben, calm, f"question {number}")
            await heard(ana, calm, f"question {number}")
            await say(ana, calm, f"answer {number}")
            await heard(ben, calm, f"answer {number}")
        view = await ana.ask(ShowCampaign(campaign=loud), CampaignView)
        assert view.channels[0].messages < FLOOD, "the flood was under way"
    await client.close()

    async def lacking() -> str:
        view = await ana.ask(ShowCampaign(campaign=loud), CampaignView)
        return "" if view.channels[0].messages >= FLOOD // 8 * 8 else f"{view.channels[0].messages}"

    await until(lacking, patience_s=300)
    await ended(ana, ben, chi)


async def test_talk_overtakes_a_file(folder: Path) -> None:
    """Goal: files never hold up talk. Method: Ben fetches 20 MiB from Ana; messages both ways arrive while it
    still comes; it comes whole."""
    ana, ben = await party(folder, "ana", "ben")
    campaign = await found(ana)
    await meet(ana, ben, campaign)
    await all_in(campaign, ana, ben)
    data = os.urandom(ATTACHMENT_BYTES_MAX)
    begin = BeginUpload(
        campaign=campaign,
        name="film.bin",
        media_type="application/octet-stream",
        size=len(data),
        hash=file_hash(data),
    )
    upload = await ana.ask(begin, UploadView)
    for start in range(0, len(data), UPLOAD_PART_BYTES_MAX):
        part = AppendUpload(
            campaign=campaign, upload=upload.upload, data=data[start : start + UPLOAD_PART_BYTES_MAX]
        )
        upload = await ana.ask(part, UploadView)
    sent = await say(ana, campaign, "the film", upload.upload)
    await heard(ben, campaign, "the film")
    await ben.ask(FetchAttachment(campaign=campaign, message=sent.id, number=0), MessageView)

    async def file() -> tuple[AttachmentState, int]:
        view = await ben.ask(ListAttachments(campaign=campaign), AttachmentsView)
        return view.attachments[0].attachment.state, view.attachments[0].attachment.held

    async def begun() -> str:
        return "" if (await file())[1] > 10 else "nothing has come"

    await until(begun)
    await say(ana, campaign, "overtaking")
    await heard(ben, campaign, "overtaking")
    await say(ben, campaign, "and back")
    await heard(ana, campaign, "and back")
    assert (await file())[0] is AttachmentState.COMING, "the file was still under way"

    async def whole() -> str:
        state, held = await file()
        return "" if state is AttachmentState.HERE else f"{held} chunks"

    await until(whole, patience_s=300)
    await ended(ana, ben)


async def test_who_cannot_be_reached_is_dialled_less_and_less(folder: Path) -> None:
    """Goal: back-off on the wire. Method: Ana accepts invitations that lead to two sockets which close each
    connection at once; the spans between the dials are at least the rule's, and differ between the two."""
    (ana,) = await party(folder, "ana")
    loop = asyncio.get_running_loop()
    moments: dict[int, list[float]] = {}

    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        moments[writer.get_extra_info("sockname")[1]].append(loop.time())
        writer.close()

    servers = [await asyncio.start_server(slam, "127.0.0.1", 0) for _ in range(2)]
    for server in servers:
        port = server.sockets[0].getsockname()[1]
        moments[port] = []
        invitation = Invitation(
            code=os.urandom(16),
            person=AgreementKey.from_private(os.urandom(32)).public,
            hints=(f"127.0.0.1:{port}",),
            expires_ms=now_ms() + DAY_MS,
        )
        await ana.ask(AcceptInvitation(text=encode_invitation(invitation)), IntroductionView)

    async def enough() -> str:
        count = min(len(one) for one in moments.values())
        return "" if count >= 6 else f"{count} dials"

    await until(enough, patience_s=120)
    spans = [[after - before for before, after in itertools.pairwise(one[:6])] for one in moments.values()]
    for one in spans:
        for number, span_s in enumerate(one):
            assert span_s >= 0.9 * DIAL_BACKOFF_MIN_MS / 1000 * 2**number / 2, one
    assert spans[0] != spans[1]
    for server in servers:
        server.close()
        await server.wait_closed()
    await ended(ana)


async def test_compression_is_not_agreed_and_a_compressed_bomb_ends_the_link(folder: Path) -> None:
    """Goal: nothing is ever inflated. Method: a raw socket asks for permessage-deflate, is not given it, and
    sends 64 MiB of zeros deflated to 64 KiB as a compressed frame."""
    (ana,) = await party(folder, "ana")
    port = await port_of(ana)
    before_kib = resident_kib(ana)
    key = base64.b64encode(os.urandom(16))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET /link HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
        b"Sec-WebSocket-Key: " + key + b"\r\n\r\n"
    )
    answer = await reader.readuntil(b"\r\n\r\n")
    assert b"101" in answer.split(b"\r\n")[0]
    assert b"extensions" not in answer.lower()
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = (deflater.compress(bytes(48 * MIB)) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
    assert len(bomb) < 65_535
    # Final, reserved bit 1 (compressed), binary; masked by zeros.
    writer.write(b"\xc2\xfe" + len(bomb).to_bytes(2, "big") + bytes(4) + bomb)
    async with asyncio.timeout(60):
        while await reader.read(4_096):
            pass
    writer.close()
    assert resident_kib(ana) - before_kib < 16 * 1024
    campaign = await found(ana)
    await say(ana, campaign, "still here")
    await ended(ana)
