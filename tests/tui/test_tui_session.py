"""The conversation with the daemon: what is asked again, what is sent once, and who hears of a loss."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import CAMPAIGN, GENERAL, FakeDaemon

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.errors import DaemonUnreachable, VersionMismatch
from meshcoal.tui.session import HARMLESS, ClientLike, Session


async def test_a_question_is_asked_again_on_a_new_connection() -> None:
    """Goal: a restart is not noticed. Method: break the connection under a question."""
    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    assert isinstance(await session.send(c.ListCampaigns(), v.CampaignsView), v.CampaignsView)
    daemon.clients[0].end()
    view = await session.send(c.ListCampaigns(), v.CampaignsView)
    assert [campaign.id for campaign in view.campaigns] == [CAMPAIGN]
    await session.close()


async def test_an_act_is_sent_once() -> None:
    """Goal: nothing is done twice. Method: break the connection under an act, then act again."""
    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    await session.send(c.GetStatus(), v.StatusView)
    daemon.clients[0].end()
    post = c.PostMessage(campaign=CAMPAIGN, channel=GENERAL, text="once")
    with pytest.raises(DaemonUnreachable):
        await session.send(post, v.MessageView)
    assert post not in daemon.sent
    assert (await session.send(post, v.MessageView)).text == "once"
    assert daemon.sent.count(post) == 1
    await session.close()


async def test_listening_goes_on_after_a_loss() -> None:
    """Goal: notices resume by themselves, and everything is fetched anew. Method: stop and start."""
    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    heard: asyncio.Queue[v.Notice] = asyncio.Queue()
    losses: asyncio.Queue[bool] = asyncio.Queue()
    task = asyncio.create_task(session.listen(heard.put_nowait, losses.put_nowait))
    await session.send(c.GetStatus(), v.StatusView)  # on the same connection: it is up
    daemon.push(v.NoticeKind.PEERS)
    assert (await heard.get()).kind == v.NoticeKind.PEERS
    daemon.stop()
    assert await losses.get() is True
    daemon.up = True
    assert await losses.get() is False
    assert (await heard.get()).kind == v.NoticeKind.OVERRUN
    daemon.push(v.NoticeKind.CONTACTS)
    assert (await heard.get()).kind == v.NoticeKind.CONTACTS
    task.cancel()
    await asyncio.wait({task})
    await session.close()


async def test_questions_at_once_share_one_connection() -> None:
    """Goal: a screen that asks three things opens no three sockets. Method: ask at once."""
    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    await asyncio.gather(*[session.send(c.GetStatus(), v.StatusView) for _ in range(5)])
    assert len(daemon.clients) == 1
    await session.close()


async def test_another_version_is_told_not_retried() -> None:
    """Goal: a mismatch reaches the user. Method: a connector that raises it."""

    async def connect() -> ClientLike:
        raise VersionMismatch("the running daemon is of another version")

    with pytest.raises(VersionMismatch):
        await Session(connect).send(c.GetStatus(), v.StatusView)


def test_what_is_asked_again_changes_nothing() -> None:
    """Goal: the list of harmless commands is right. Method: look at the names."""
    for command in HARMLESS:
        name = command.__name__
        # Twice is as good as once.
        fetching = name in ("FetchAttachment", "StopAttachment", "ReadAttachment", "KeepDraft", "DropDraft")
        assert fetching or name.startswith(("Get", "List", "Show", "Export", "Preview", "MarkRead", "Search"))
    asking = [one for one in c.COMMANDS.classes if one.__name__.startswith(("Get", "List", "Show"))]
    assert set(asking) <= set(HARMLESS)
