"""Pressure on real daemons: what strangers and bad members do changes nothing for the others."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

sys.path.insert(0, str(Path(__file__).parent))

from pressurework import (
    GROWTH_KIB_MAX,
    Guest,
    Outsider,
    channel_of,
    counted,
    ended,
    party,
    port_of,
    resident_kib,
    texts,
    while_doing,
)
from processwork import RealNode, found, meet, until

from meshcoal.api.commands import (
    Capacity,
    DraftStatement,
    FreezeStatement,
    GetStatus,
    ListCampaigns,
    ListPeers,
    MakeInvitation,
    OpenCase,
    PostMessage,
    Seat,
    ShowCampaign,
    ShowStatement,
    SignStatement,
)
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    CaseView,
    InvitationView,
    MessageView,
    PeersView,
    StatementView,
    StatusView,
)
from meshcoal.client.connection import Client
from meshcoal.clock import DAY_MS
from meshcoal.daemon.main import now_ms
from meshcoal.errors import MalformedFrame, OverLimit
from meshcoal.limits import INVITATION_LIFETIME_MS, LINK_QUEUE_BYTES_MAX
from meshcoal.wire.frames import MESSAGES, Ping

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SOCKETS = 1_000
FLOOD = 8_000


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    yield folder
    shutil.rmtree(folder)


async def post(node: RealNode, campaign: bytes, channel: bytes, text: str) -> None:
    await node.ask(PostMessage(campaign=campaign, channel=channel, text=text), MessageView)


async def arrived(node: RealNode, campaign: bytes, channel: bytes, wanted: set[str]) -> str:
    missing = wanted - set(await texts(node, campaign, channel))
    return f"{node.name} lacks {sorted(missing)}" if missing else ""


async def test_a_thousand_sockets_of_an_outsider_change_nothing(folder: Path) -> None:
    """Goal: members talk, and find each other again, while an outsider holds all the sockets that they can:
    silent ones, ones with a byte a second before and after the upgrade, ones with garbage. Method: real
    daemons; ask for every message, for a link made anew meanwhile, and for memory."""
    ana, ben = await party(folder, "ana", "ben")
    campaign = await found(ana)
    await meet(ana, ben, campaign)
    channel = await channel_of(ana, campaign)
    outsiders = [Outsider(await port_of(node), SOCKETS // 2) for node in (ana, ben)]
    before_kib = resident_kib(ana)
    said: set[str] = set()

    async def talk(name: str) -> None:
        for number in range(10):
            for node in (ana, ben):
                text = f"{node.name} {name} {number}"
                await post(node, campaign, channel, text)
                said.add(text)
        await until(lambda: arrived(ana, campaign, channel, said))
        await until(lambda: arrived(ben, campaign, channel, said))

    async def connected() -> str:
        view = await ben.ask(ListPeers(), PeersView)
        return "" if any(one.connected and one.campaign_name for one in view.peers) else "no link yet"

    async def opened() -> str:
        count = sum(one.opened for one in outsiders)
        return "" if count >= 2 * SOCKETS else f"{count} sockets so far"

    async def attack() -> None:
        await asyncio.gather(*[one.attack() for one in outsiders])

    async def work() -> None:
        await until(opened)
        await talk("in the storm")
        await ben.kill()
        await ben.start()
        await ben.unlock()
        await until(connected)
        await talk("after a new start")
        assert resident_kib(ana) - before_kib < GROWTH_KIB_MAX

    await while_doing(attack(), work)
    codes = await counted(ana)
    assert codes[OverLimit.code] >= SOCKETS // 2, "most of them were pushed out"
    await ended(ana, ben)


async def test_a_member_who_floods_does_not_hold_up_the_others(folder: Path) -> None:
    """Goal: what others write, alerts and sign-ons too, arrives while a flood of 20,000 operations is under
    way; users are answered; in the end nothing is lost, the flooder has a name. Method: real daemons; when
    Ben's message, alert and sign-on are at Ana, count how much of the flood is."""
    ana, ben, chi = await party(folder, "ana", "ben", "chi")
    campaign = await found(ana)
    for guest in (ben, chi):
        await meet(ana, guest, campaign)
    channel = await channel_of(ana, campaign)
    letter = await ana.ask(
        DraftStatement(campaign=campaign, language="en", title="Free Maryam", text="We ask for her release."),
        StatementView,
    )
    letter = await ana.ask(
        FreezeStatement(
            campaign=campaign,
            statement=letter.id,
            revisions=(),
            addressees=("The ministry",),
            deadline_ms=now_ms() + DAY_MS,
        ),
        StatementView,
    )

    async def chi_is_in() -> str:
        view = await chi.ask(ShowCampaign(campaign=campaign), CampaignView)
        return "" if len([one for one in view.members if one.connected]) == 3 else "chi is not linked to all"

    await until(chi_is_in)
    posted = 0
    begun = asyncio.Event()

    async def flood(client: Client, count: int) -> None:
        nonlocal posted
        for number in range(count):
            await client.send(PostMessage(campaign=campaign, channel=channel, text=f"noise {number}"))
            posted += 1
            if posted > FLOOD // 10:
                begun.set()

    async def at_ana() -> str:
        shown = await ana.ask(ShowStatement(campaign=campaign, statement=letter.id), StatementView)
        if shown.tally.counted < 1:
            return "no sign-on yet"
        summaries = (await ana.ask(ListCampaigns(), CampaignsView)).campaigns
        if [one.alerts for one in summaries] != [1]:
            return "no alert yet"
        return await arrived(ana, campaign, channel, {"the bus leaves at six"})

    clients = [await Client.connect(chi.home) for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for client in clients:
            for _ in range(8):
                tasks.create_task(flood(client, FLOOD // 32))
        await begun.wait()
        await post(ben, campaign, channel, "the bus leaves at six")
        await ben.ask(OpenCase(campaign=campaign, title="Maryam was taken"), CaseView)

        async def ben_sees_it() -> str:
            shown = await ben.ask(ShowCampaign(campaign=campaign), CampaignView)
            return "" if any(one.id == letter.id for one in shown.statements) else "no letter at ben's"

        await until(ben_sees_it)
        await ben.ask(
            SignStatement(
                campaign=campaign,
                statement=letter.id,
                digest=letter.digest,
                capacity=Capacity.INDIVIDUAL,
                name="Ben",
            ),
            StatementView,
        )
        await until(at_ana, patience_s=300)
        await ana.ask(GetStatus(), StatusView)
        taken = len([text for text in await texts(ana, campaign, channel) if text.startswith("noise")])
        assert taken < FLOOD, "the flood was under way"
    for client in clients:
        await client.close()

    async def all_equal() -> str:
        views = [await node.ask(ShowCampaign(campaign=campaign), CampaignView) for node in (ana, ben, chi)]
        equal = len({view.heads_digest for view in views}) == 1 and not any(view.gaps for view in views)
        return "" if equal else str([view.operations for view in views])

    await until(all_equal, patience_s=600)
    noise = [text for text in await texts(ana, campaign, channel) if text.startswith("noise")]
    assert len(noise) == FLOOD // 32 * 32
    busy = (await ana.ask(ShowCampaign(campaign=campaign), CampaignView)).busy
    assert [one.name for one in busy] == ["chi"]
    await ended(ana, ben, chi)


async def test_bombs_are_refused_with_a_code(folder: Path) -> None:
    """Goal: nothing that a message's bytes say makes the daemon allocate or recurse without bound. Method:
    whoever holds an invitation is through the handshake, and sends nests, lying lengths and wide arrays."""
    (ana,) = await party(folder, "ana")
    campaign = await found(ana)
    before_kib = resident_kib(ana)
    bombs = {
        "a nest of a million arrays": b"\x91" * 1_000_000,
        "arrays of arrays of arrays": b"\xdc\x10\x00" * 300_000,
        "an array of four billion": b"\xdd\xff\xff\xff\xff" + b"\xc0" * 100,
        "four billion bytes": b"\x92\x01\xc6\xff\xff\xff\xff",
        "a map of four billion": b"\xdf\xff\xff\xff\xff",
        "a message of no kind": MESSAGES.encode(Ping()).replace(b"\x01", b"\x7f"),
        "a message as large as may be": b"\x91" + b"\x93" * 16 + b"\xc0" * 1_000_000,
    }
    async with ClientSession() as client:
        for bomb in bombs.values():
            before = await counted(ana)
            invitation = await ana.ask(
                MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=INVITATION_LIFETIME_MS),
                InvitationView,
            )
            guest = await Guest.enter(client, invitation.text)
            await guest.say_raw(bomb)
            await guest.end()
            after = await counted(ana)
            grown = {code for code, count in after.items() if count > before.get(code, 0)}
            assert grown & {MalformedFrame.code, OverLimit.code}, (bomb[:8], grown)
    assert resident_kib(ana) - before_kib < GROWTH_KIB_MAX
    await ended(ana)


async def test_a_peer_that_reads_nothing_is_dropped_and_delays_nobody(folder: Path) -> None:
    """Goal: a peer that asks and never reads is cut off within bounded memory, while others talk. Method: a
    guest with a tiny window sends pings, each of which wants an answer, until it is cut off."""
    ana, ben = await party(folder, "ana", "ben")
    campaign = await found(ana)
    await meet(ana, ben, campaign)
    channel = await channel_of(ana, campaign)
    before_kib = resident_kib(ana)
    invitation = await ana.ask(
        MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=INVITATION_LIFETIME_MS), InvitationView
    )
    async with ClientSession() as client:
        guest = await Guest.enter(client, invitation.text)
        transport = guest.stream._writer.transport  # the one way to stop reading
        transport.pause_reading()
        sent = 0

        async def ask_on() -> None:
            nonlocal sent
            while not transport.is_closing():
                await guest.say_raw(MESSAGES.encode(Ping()))
                sent += 1

        asking = asyncio.create_task(ask_on())
        said = set()
        for number in range(20):
            said.add(f"meanwhile {number}")
            await post(ana, campaign, channel, f"meanwhile {number}")
        await until(lambda: arrived(ben, campaign, channel, said))

        async def cut_off() -> str:
            return "" if OverLimit.code in await counted(ana) else f"{sent} pings so far"

        await until(cut_off, patience_s=300)
        await asyncio.wait({asking})
        guest.stream._response.close()  # who reads nothing does not hear of the end
    assert sent < 20 * LINK_QUEUE_BYTES_MAX // 512
    assert resident_kib(ana) - before_kib < GROWTH_KIB_MAX
    await post(ben, campaign, channel, "still here")
    await until(lambda: arrived(ana, campaign, channel, {"still here"}))
    await ended(ana, ben)
