"""Messages that vanish leave the screen, too; and the founder says after how many days."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import CAMPAIGN, GENERAL, FakeDaemon, message
from tuirunning import Running, running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.tui.screens.channel import ChannelScreen
from meshcoal.tui.widgets.timeline import Timeline


def talked(count: int) -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.messages[GENERAL] = [message(number, text=f"word {number}.") for number in range(count)]
    return daemon


def vanish(daemon: FakeDaemon, count: int) -> None:
    """The oldest go, as the node tells it."""
    del daemon.messages[GENERAL][:count]
    daemon.push(v.NoticeKind.ERASED, campaign=CAMPAIGN)


def drawn(run: Running) -> list[str]:
    return [row.key for row in run.app.screen.query_one(Timeline).rows if row.live]


async def test_older_pages_go_with_their_messages() -> None:
    """Goal: nothing erased stays on screen. Method: two pages fetched, of which the older one vanishes."""
    daemon = talked(150)
    async with running(daemon) as run:
        await run.open_channel()
        await run.press("tab", "home", "pageup")
        await run.until(lambda: len(drawn(run)) == 150)
        vanish(daemon, 60)
        await run.until(lambda: len(drawn(run)) == 90)
        assert drawn(run) == [one.id.hex() for one in daemon.messages[GENERAL]]
        vanish(daemon, 90)
        await run.until(lambda: not drawn(run))
        assert run.shows("Nothing was said here yet.")


async def test_the_answered_message_may_vanish() -> None:
    """Goal: no quotation outlives what it quotes. Method: one answered already, one being answered."""
    daemon = talked(2)
    daemon.messages[GENERAL].append(message(9, text="I agree.", reply_to=daemon.messages[GENERAL][0].id))
    async with running(daemon) as run:
        await run.open_channel()
        screen = run.app.screen
        assert isinstance(screen, ChannelScreen)
        assert run.shows("┆ Ben word 0.")
        screen._answer(daemon.messages[GENERAL][1])
        await run.rest()
        assert run.shows("Answering Ben: word 1.")
        vanish(daemon, 2)
        await run.until(lambda: len(drawn(run)) == 1)
        assert run.shows("┆ a message that is not here any more")
        assert not run.shows("word 0.")
        assert not run.shows("Answering")
        assert screen._reply_to is None


async def test_days_are_shown_and_asked() -> None:
    """Goal: who founds and who reads know how long messages stay. Method: form, campaign and channel."""
    daemon = talked(1)
    async with running(daemon) as run:
        await run.open_channel()
        assert run.shows("messages vanish after 7 days")
        await run.press("escape")
        assert run.shows("Messages vanish after 7 days")


@pytest.mark.parametrize(("written", "sent"), [("30", 30), ("1", 1), ("365", 365)])
async def test_a_number_of_days_is_sent(written: str, sent: int) -> None:
    """Goal: the number that was written counts. Method: found a campaign with it."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await found(run, written)
        (command,) = run.sent(c.FoundCampaign)
        assert command.talk_days == sent


@pytest.mark.parametrize("written", ["", "0", "366", "soon", "-1", "1.5", "²"])
async def test_no_number_of_days_is_said(written: str) -> None:
    """Goal: a slip is said in words, and nothing is founded. Method: what is no number from 1 to 365."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await found(run, written)
        assert run.sent(c.FoundCampaign) == []
        assert run.place == "form"
        assert not written or run.shows("Messages stay from 1 to 365 days: write a number.")


async def found(run: Running, days: str) -> None:
    from meshcoal.tui.widgets.plain import PlainInput

    await run.press("f")
    await run.write("Water")
    run.app.screen.query_one("#field-talk_days", PlainInput).value = days
    await run.rest()
    await run.click("#submit")
