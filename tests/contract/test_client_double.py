"""What the interface relies on in a client, and that the double of its tests keeps to it.

The suite is a function of a way to connect, so that the same lines can be run against a real daemon.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))

from tuidouble import FakeDaemon

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.client.autostart import ensure_daemon
from meshcoal.client.connection import Client
from meshcoal.errors import Locked, MeshcoalError, NoVault, Unknown, VaultExists, WrongPassphrase, WrongPhase
from meshcoal.tui.session import ClientLike

Connect = Callable[[], Awaitable[ClientLike]]
NO_SUCH = bytes(32)


async def refused(client: ClientLike, command: c.Command, error: type[MeshcoalError]) -> None:
    with pytest.raises(error):
        await client.send(command)


async def check_vault(client: ClientLike) -> None:
    """Absent, made, locked, wrongly and rightly unlocked."""
    await refused(client, c.ListCampaigns(), NoVault)
    status = await client.send(c.CreateVault(name="Ana", passphrase="gate four at nine"))
    assert isinstance(status, v.StatusView)
    assert (status.vault, status.name) == (v.VaultState.UNLOCKED, "Ana")
    await refused(client, c.CreateVault(name="Ana", passphrase="gate four at nine"), VaultExists)
    locked = await client.send(c.Lock())
    assert isinstance(locked, v.StatusView)
    assert (locked.vault, locked.name) == (v.VaultState.LOCKED, "")
    await refused(client, c.ListCampaigns(), Locked)
    await refused(client, c.Unlock(passphrase="wrong"), WrongPassphrase)
    opened = await client.send(c.Unlock(passphrase="gate four at nine"))
    assert isinstance(opened, v.StatusView)
    assert opened.vault == v.VaultState.UNLOCKED
    assert await client.send(c.ChangePassphrase(old="gate four at nine", new="gate five at ten")) == v.Done()


async def check_campaign(client: ClientLike) -> v.CampaignView:
    """Founded, listed, talked in, read in pages."""
    founded = await client.send(
        c.FoundCampaign(name="Water", goal="", my_name="", seat=c.Seat.EXILE, channels=("general", "alerts"))
    )
    assert isinstance(founded, v.CampaignView)
    assert [channel.name for channel in founded.channels] == ["general", "alerts"]
    assert [(member.me, member.role) for member in founded.members] == [(True, c.Role.ORGANISER)]
    listed = await client.send(c.ListCampaigns())
    assert isinstance(listed, v.CampaignsView)
    assert [campaign.id for campaign in listed.campaigns] == [founded.id]
    await refused(client, c.ShowCampaign(campaign=NO_SUCH), Unknown)
    channel = founded.channels[0].id
    posted = []
    for text in ("one", "two", "three"):
        message = await client.send(c.PostMessage(campaign=founded.id, channel=channel, text=text))
        assert isinstance(message, v.MessageView)
        assert message.me
        posted.append(message.id)
    page = await client.send(c.ListMessages(campaign=founded.id, channel=channel, limit=2))
    assert isinstance(page, v.MessagesView)
    assert [message.text for message in page.messages] == ["two", "three"]
    assert page.more
    first = await client.send(c.ListMessages(campaign=founded.id, channel=channel, before=posted[1], limit=2))
    assert isinstance(first, v.MessagesView)
    assert [message.text for message in first.messages] == ["one"]
    assert not first.more
    read = c.MarkRead(campaign=founded.id, channel=channel, message=posted[-1])
    assert await client.send(read) == v.Done()
    return founded


async def check_offices(client: ClientLike, campaign: v.CampaignView) -> None:
    """Made, listed, and one put in the place of another."""
    me = campaign.members[0].author
    step = c.OfficeStep(name="director", holders=(me,), wait_ms=0)
    made = await client.send(c.MakeOffice(campaign=campaign.id, name="The Centre", steps=(step,)))
    assert isinstance(made, v.OfficesView)
    assert [(one.name, one.mine, one.steps[0].holders) for one in made.offices] == [
        ("The Centre", True, ("Ana",))
    ]
    await refused(
        client,
        c.MakeOffice(campaign=campaign.id, name="The Centre", steps=(step,), replaces=NO_SUCH),
        Unknown,
    )
    change = c.MakeOffice(campaign=campaign.id, name="The Forum", steps=(step,), replaces=made.offices[0].id)
    assert isinstance(await client.send(change), v.OfficesView)
    listed = await client.send(c.ListOffices(campaign=campaign.id))
    assert isinstance(listed, v.OfficesView)
    assert [one.name for one in listed.offices] == ["The Forum"]


async def check_statement(client: ClientLike, campaign: v.CampaignView) -> None:
    """Drafted, amended, frozen, signed, withdrawn, signed again, released, exported."""
    drafted = await client.send(
        c.DraftStatement(campaign=campaign.id, language="en", title="Water", text="One.\n\nTwo.")
    )
    assert isinstance(drafted, v.StatementView)
    assert drafted.phase == v.StatementPhase.DRAFT
    assert drafted.revisions[0].paragraphs == ("One.", "Two.")
    amended = await client.send(
        c.AmendStatement(
            campaign=campaign.id,
            statement=drafted.id,
            language="en",
            title="Water",
            text="One.\n\nTwo!",
            base=drafted.revisions[0].id,
        )
    )
    assert isinstance(amended, v.StatementView)
    assert [revision.current for revision in amended.revisions] == [False, True]
    sign = c.SignStatement(
        campaign=campaign.id,
        statement=drafted.id,
        digest=NO_SUCH,
        capacity=c.Capacity.ORGANISATION,
        name="A League",
    )
    await refused(client, sign, WrongPhase)
    frozen = await client.send(
        c.FreezeStatement(
            campaign=campaign.id,
            statement=drafted.id,
            revisions=(amended.revisions[1].id,),
            addressees=("The Minister",),
            deadline_ms=4_000_000_000_000,
        )
    )
    assert isinstance(frozen, v.StatementView)
    assert frozen.phase == v.StatementPhase.OPEN
    assert v.Action.SIGN in frozen.actions
    assert "Two!" in frozen.canonical_text
    sign = c.SignStatement(
        campaign=campaign.id,
        statement=drafted.id,
        digest=frozen.digest,
        capacity=c.Capacity.ORGANISATION,
        name="A League",
    )
    for counted, command in (
        (1, sign),
        (0, c.WithdrawSignature(campaign=campaign.id, statement=drafted.id)),
        (1, sign),
    ):
        view = await client.send(command)
        assert isinstance(view, v.StatementView)
        assert view.tally.counted == counted
    released = await client.send(c.ReleaseStatement(campaign=campaign.id, statement=drafted.id))
    assert isinstance(released, v.StatementView)
    assert released.phase == v.StatementPhase.RELEASED
    assert v.Action.EXPORT in released.actions
    files = await client.send(c.ExportStatement(campaign=campaign.id, statement=drafted.id))
    assert isinstance(files, v.FilesView)
    assert files.files


async def check_notices(connect: Connect) -> None:
    """A change made on one connection is told on another, without content."""
    watcher, actor = await connect(), await connect()
    campaigns = await actor.send(c.ListCampaigns())
    assert isinstance(campaigns, v.CampaignsView)
    campaign = await actor.send(c.ShowCampaign(campaign=campaigns.campaigns[0].id))
    assert isinstance(campaign, v.CampaignView)
    notices = watcher.notices()
    channel = campaign.channels[0].id
    # Subscribing takes effect with the first step of the iterator: post until it is told.
    waiting = asyncio.ensure_future(anext(notices))
    while not waiting.done():
        await actor.send(c.PostMessage(campaign=campaign.id, channel=channel, text="heard?"))
        await asyncio.sleep(0)
    notice = await waiting
    while notice.kind != v.NoticeKind.MESSAGES:
        notice = await anext(notices)
    assert (notice.campaign, notice.subject, notice.by_me) == (campaign.id, channel, True)
    await watcher.close()
    await actor.close()


async def check_client(connect: Connect) -> None:
    """The whole suite, on a daemon without a vault."""
    client = await connect()
    status = await client.send(c.GetStatus())
    assert isinstance(status, v.StatusView)
    assert status.vault == v.VaultState.ABSENT
    await check_vault(client)
    campaign = await check_campaign(client)
    await check_offices(client, campaign)
    await check_statement(client, campaign)
    await client.close()
    await check_notices(connect)


@pytest.mark.e2e
async def test_a_real_daemon_does_it_too(tmp_path: Path) -> None:
    """Goal: the suite is true. Method: the same lines on a daemon of its own."""
    home = tmp_path / "home"
    await asyncio.to_thread(ensure_daemon, home, "127.0.0.1:0")
    try:
        await check_client(lambda: Client.connect(home))
    finally:
        client = await Client.connect(home)
        await client.send(c.StopDaemon())
        await client.close()


async def test_the_double_does_what_a_client_does() -> None:
    """Goal: tests of the interface stand on something true. Method: the suite on the double."""
    await check_client(FakeDaemon(vault=v.VaultState.ABSENT).connect)
