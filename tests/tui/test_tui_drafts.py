"""What is being written: kept under the vault, there again after a crash, sent once and never lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import CAMPAIGN, GENERAL, LETTER, FakeDaemon
from tuirunning import Running, running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.api.commands import Command
from meshcoal.errors import DaemonUnreachable, Locked, OverLimit
from meshcoal.limits import DRAFT_BYTES_MAX
from meshcoal.tui.drafts import DraftKey, Drafts
from meshcoal.tui.session import Session
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainText
from meshcoal.wire.record import Record

KEY: DraftKey = ("message", CAMPAIGN.hex(), GENERAL.hex())
POST = c.PostMessage(campaign=CAMPAIGN, channel=GENERAL, text="gate four")


class Losing(FakeDaemon):
    """Carries a posting out, and is gone before it answers."""

    losing = False

    def answer(self, command: Command) -> Record:
        answered = super().answer(command)
        if self.losing and isinstance(command, c.PostMessage):
            self.losing = False
            self.vault = v.VaultState.LOCKED  # as a daemon that was killed and started again
            for client in list(self.clients):
                client.end()
            raise DaemonUnreachable("it went away")
        return answered


def drafts() -> Drafts:
    return Drafts(lambda: None)


def said(daemon: FakeDaemon) -> list[str]:
    return [one.text for one in daemon.messages[GENERAL]]


async def test_what_is_written_is_there_in_another_window() -> None:
    """Goal: a crash loses nothing. Method: keep in one, fetch in another; empty it, fetch again."""
    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    first = drafts()
    first[KEY] = "half a sentence"
    first["write", "ab", "", "", "False", ""] = "en\nTitle\n\nText"
    await first.put(session)
    assert not first.unkept
    second = drafts()
    assert set(await second.fetch(session)) == set(first)
    assert dict(second) == dict(first)
    assert second.came_back(KEY)
    assert not second.came_back(KEY), "it is told once"
    del second[KEY]
    await second.put(session)
    third = drafts()
    await third.fetch(session)
    assert list(third) == [("write", "ab", "", "", "False", "")]
    await session.close()


async def test_talk_is_kept_as_talk_and_letters_until_they_are_dropped() -> None:
    """Goal: what was to be said vanishes as talk does. Method: whose talk a draft is said to be."""
    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    mine = drafts()
    mine[KEY] = "one"
    mine["alert", CAMPAIGN.hex()] = "two"
    await mine.put(session)
    kept = [one for one in daemon.sent if isinstance(one, c.KeepDraft)]
    assert [one.campaign for one in kept] == [CAMPAIGN, b""]
    await session.close()


async def test_a_lost_answer_to_a_posting_sends_nothing_twice() -> None:
    """Goal: neither lost nor doubled. Method: the daemon posts, dies, and comes back locked."""
    daemon = Losing.with_campaign()
    assert isinstance(daemon, Losing)
    session = Session(daemon.connect)
    mine = drafts()
    daemon.losing = True
    with pytest.raises(Locked):
        await mine.send(session, KEY, "gate four", POST)
    mine[KEY] = "gate four"  # it stands on the line again: nobody knows yet
    daemon.vault = v.VaultState.UNLOCKED
    assert await mine.fetch(session) == [KEY]
    assert KEY not in mine, "it was sent"
    assert said(daemon).count("gate four") == 1
    await session.close()


async def test_whoever_is_quicker_than_the_answer_sends_nothing_twice() -> None:
    """Goal: pressing Enter again does no harm. Method: the same again before the drafts were fetched."""
    daemon = Losing.with_campaign()
    assert isinstance(daemon, Losing)
    session = Session(daemon.connect)
    mine = drafts()
    daemon.losing = True
    with pytest.raises(Locked):
        await mine.send(session, KEY, "gate four", POST)
    daemon.vault = v.VaultState.UNLOCKED
    assert await mine.send(session, KEY, "gate four", POST) is None
    assert said(daemon).count("gate four") == 1
    await session.close()


async def test_a_window_that_dies_while_sending_loses_nothing() -> None:
    """Goal: what was on its way and not sent stands on the line again. Method: kept, then another window."""
    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    daemon.refuse[c.PostMessage] = Locked("just now")
    with pytest.raises(Locked):
        await drafts().send(session, KEY, "gate four", POST)
    later = drafts()
    assert await later.fetch(session) == [KEY]
    assert later[KEY] == "gate four"
    assert [slot.split(" ")[:2] for slot in daemon.drafts] == [["tui", "message"]]
    assert (await later.send(session, KEY, "gate four", POST)) is not None
    assert said(daemon).count("gate four") == 1
    await session.close()


async def test_two_on_their_way_do_not_disturb_each_other() -> None:
    """Goal: fast writers lose nothing. Method: the second begins before the first is answered."""
    import asyncio

    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    mine = drafts()
    both = [mine.send(session, KEY, "gate four", POST), mine.send(session, KEY, "gate four", POST)]
    assert all(await asyncio.gather(*both))
    assert said(daemon).count("gate four") == 2
    assert not daemon.drafts
    await session.close()


async def test_what_is_too_long_to_be_kept_is_sent_all_the_same() -> None:
    """Goal: the net is no fetter. Method: a text beyond the bound of a draft, kept and sent."""
    daemon = FakeDaemon.with_campaign()
    session = Session(daemon.connect)
    mine = drafts()
    mine[KEY] = "x" * DRAFT_BYTES_MAX
    with pytest.raises(OverLimit):
        await mine.put(session)
    assert mine[KEY]
    assert (await mine.send(session, KEY, mine[KEY], POST)) is not None
    await session.close()


async def again(daemon: FakeDaemon) -> None:
    """A window, in which something is written and which closes."""
    async with running(daemon) as run:
        await run.open_channel()
        await run.write("they are at the door")


async def test_the_line_is_there_again_and_says_so() -> None:
    """Goal: closing a window loses nothing. Method: write, close, open again; send; nothing is left."""
    daemon = FakeDaemon.with_campaign()
    await again(daemon)
    async with running(daemon) as run:
        await run.open_channel()
        assert run.app.screen.query_one(Composer).text == "they are at the door"
        assert run.toasts() == ["What you were writing is here again."]
        await run.press("enter")
        assert said(daemon)[-1] == "they are at the door"
    assert not daemon.drafts


async def form_text(run: Running) -> str:
    await run.open_statement(LETTER)
    await run.press("c")
    return run.app.screen.query_one(PlainText).text


async def test_a_form_that_was_left_goes_on() -> None:
    """Goal: a comment is not lost with its form. Method: write, leave, come back in a window; enter."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        assert await form_text(run) == ""
        await run.write("The date is wrong.")
        await run.press("escape")
    async with running(daemon) as run:
        assert await form_text(run) == "The date is wrong."
        await run.click("#submit")
        assert [one.text for one in run.sent(c.CommentStatement)] == ["The date is wrong."]
    assert not daemon.drafts


async def test_locking_keeps_what_was_just_written() -> None:
    """Goal: the last second counts too. Method: write, lock at once; unlock in another window."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        await run.write("quick")
        await run.press("ctrl+l")
        await run.until(lambda: daemon.vault is v.VaultState.LOCKED)
        assert not run.app.drafts, "nothing of it is in memory"
    assert [one.body for one in daemon.drafts.values()] == [b'{"text": ["quick"]}']
