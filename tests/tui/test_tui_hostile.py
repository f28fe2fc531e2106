"""Hostile text in every foreign field of every view: shown harmless, and the program lives."""

from __future__ import annotations

import dataclasses
import sys
import typing
from pathlib import Path
from typing import Annotated, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from textual.widgets._toast import Toast
from tuidouble import ALERTS, CAMPAIGN, GENERAL, LETTER, FakeDaemon, identifier, invitation, opened
from tuirehearsal import FakeRehearsal
from tuirunning import Running, running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.errors import NotPermitted
from meshcoal.tui.rehearsal import CoachLine
from meshcoal.tui.screens.channel import ChannelScreen
from meshcoal.tui.screens.invitations import InvitationScreen
from meshcoal.tui.screens.members import MembersScreen
from meshcoal.tui.screens.write import WriteScreen
from meshcoal.tui.widgets.plain import PlainInput, PlainText, Row, styled
from meshcoal.tui.widgets.timeline import Timeline
from meshcoal.wire.record import Chars, Items, Record

EVIL = (
    "A\x1b]0;PWNED\x07B\x1b[2JC\x9b31mD\u202eEFG\u202c [bold red]M[/] "
    "[@click=app.bell]link[/] \x07\x08\x08\x08zz\rR\tT\u2066U\U000e0041V\u2028W\x7fX [/nothing] [Y"
)


def poisoned(value: Any, hint: Any = None) -> Any:
    """The same view with hostile text wherever text is allowed."""
    if isinstance(value, Record):
        hints = typing.get_type_hints(type(value), include_extras=True)
        changes = {
            field.name: poisoned(getattr(value, field.name), hints[field.name])
            for field in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **changes)
    bounds = typing.get_args(hint)[1:] if typing.get_origin(hint) is Annotated else ()
    inner = typing.get_args(hint)[0] if bounds else hint
    if isinstance(value, tuple):
        item = typing.get_args(inner)[0]
        return tuple([poisoned(one, item) for one in value])
    if type(value) is str and inner is str:
        most = next(bound.most for bound in bounds if isinstance(bound, Chars))
        least = next(bound.least for bound in bounds if isinstance(bound, Chars))
        return EVIL[:most] if least or value else value
    assert not any(isinstance(bound, Items) for bound in bounds)
    return value


class HostileDaemon(FakeDaemon):
    """Answers as the daemon does, with every text replaced. Names of languages stay apart, as keys do."""

    def answer(self, command: c.Command) -> Record:
        view = super().answer(command)
        changed: Record = poisoned(view)
        return changed


def hostile() -> HostileDaemon:
    base = FakeDaemon.with_campaign()
    daemon = HostileDaemon()
    daemon.__dict__.update(base.__dict__)
    daemon.statements[LETTER] = opened(ineffective=2, mine=v.EntryState.COUNTED)
    daemon.invitations = {invitation().id: invitation()}
    return daemon


def check_harmless(run: Running) -> None:
    """Nothing that a terminal obeys stands on the screen."""
    strips = run.app.screen._compositor.render_strips()
    text = "".join([segment.text for strip in strips for segment in strip])
    for char in text:
        point = ord(char)
        assert point >= 0x20, hex(point)
        assert not 0x7F <= point <= 0x9F, hex(point)
        assert not 0x202A <= point <= 0x202E, hex(point)
        assert not 0xE0000 <= point <= 0xE0FFF, hex(point)
        assert point not in (0x2028, 0x2029, 0xFEFF), hex(point)
    for row in run.rows():
        assert row.count("\u2066") <= row.count("\u2069") or len(row) >= run.app.size.width - 8
    links = [segment.style.meta for strip in strips for segment in strip if segment.style]
    assert not [meta for meta in links if "app.bell" in str(meta)]
    assert run.app.title == "meshcoal"
    assert run.app.is_running


async def test_every_screen_shows_hostile_text_harmless() -> None:
    """Goal: no view can hurt the terminal. Method: visit all screens with every text field poisoned."""
    async with running(hostile()) as run:
        check_harmless(run)
        assert run.shows("[@click=app.bell]link[/]")
        for keys in (("n",), ("c",), ("m",), ("w",), ("i",), ("i", "enter")):
            await run.press(*keys)
            check_harmless(run)
            await run.press(*["escape"] * len(keys))
        await run.open_campaign()
        check_harmless(run)
        for key in ("i", "x"):
            await run.press(key)
            check_harmless(run)
            await run.press("escape")
        await run.app.push_screen(MembersScreen(CAMPAIGN))
        for key in ("down", "r", "escape", "x", "escape"):
            await run.press(key)
            check_harmless(run)


async def test_a_hostile_channel_is_harmless() -> None:
    """Goal: names, messages, replies and gaps cannot hurt. Method: open, choose, answer, go up."""
    async with running(hostile()) as run:
        await run.app.push_screen(ChannelScreen(CAMPAIGN, GENERAL, EVIL))
        await run.rest()
        check_harmless(run)
        assert run.shows("[bold red]M[/]")
        await run.press("tab", "up", "ctrl+r")
        check_harmless(run)
        await run.press("pageup", "pageup")
        check_harmless(run)


async def test_a_hostile_letter_is_harmless() -> None:
    """Goal: text, diff, comments, tally and exact text cannot hurt. Method: all tabs and dialogs."""
    async with running(hostile()) as run:
        await run.open_statement(LETTER)
        for key in ("1", "2", "3", "4", "comma", "full_stop", "1", "enter", "down", "enter", "down", "enter"):
            await run.press(key)
            check_harmless(run)
        for key in ("c", "s", "r"):
            await run.press(key)
            check_harmless(run)
            await run.press("escape")


async def test_hostile_replies_are_harmless() -> None:
    """Goal: what people outside call themselves cannot hurt. Method: list, note, decide."""
    daemon = hostile()
    daemon.replies = FakeDaemon.with_replies().replies
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        for key in ("o", "down", "n", "escape", "A", "escape"):
            await run.press(key)
            check_harmless(run)
        assert run.shows("[bold red]M[/]")


async def test_signing_a_text_that_cannot_be_shown_warns() -> None:
    """Goal: nobody signs unseen letters unwarned. Method: a canonical text with an override in it."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened(canonical_text="Pay \u202e001\u202c rials")
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("4")
        assert run.shows("! This text holds characters that cannot be shown safely")
        check_harmless(run)


async def test_hostile_errors_and_coach_lines_are_harmless() -> None:
    """Goal: sentences from elsewhere cannot hurt. Method: a refusal and a coach line with hostile text."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon, rehearsal=FakeRehearsal()) as run:
        daemon.refuse[c.RevokeInvitation] = NotPermitted(EVIL)
        daemon.invitations = {invitation().id: invitation()}
        await run.press("i", "x")
        assert run.app.screen.query(Toast) or run.toasts()
        check_harmless(run)
        for screen in run.app.mesh_screens():
            screen.tell_coach(CoachLine(text=EVIL, done=1, total=2))
        await run.rest()
        check_harmless(run)


async def test_a_hostile_invitation_is_harmless() -> None:
    """Goal: an invitation's text cannot hurt. Method: show one whose every field is poisoned."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.app.push_screen(InvitationScreen(poisoned(invitation())))
        await run.rest()
        check_harmless(run)


@pytest.mark.parametrize("keys", [("f",), ("a",)])
async def test_the_clipboard_is_cleaned(keys: tuple[str, ...]) -> None:
    """Goal: what is pasted cannot hurt. Method: paste hostile text into a line and into a text."""
    from textual import events

    async with running(FakeDaemon.with_campaign()) as run:
        await run.press(*keys)
        run.app.post_message(events.Paste(EVIL))
        await run.rest()
        focused = run.app.screen.focused
        assert isinstance(focused, (PlainInput, PlainText))
        written = focused.value if isinstance(focused, PlainInput) else focused.text
        assert "PWNED" in written
        assert not [char for char in written if ord(char) < 0x20 and char != "\n"]
        assert "\u202e" not in written
        check_harmless(run)


async def test_amending_a_hostile_text_loads_it_clean() -> None:
    """Goal: an editor cannot hurt. Method: amend a revision whose paragraphs are poisoned."""
    async with running(FakeDaemon.with_campaign()) as run:
        revision = poisoned(opened().revisions[-1])
        await run.app.push_screen(WriteScreen(CAMPAIGN, LETTER, revision))
        await run.rest()
        check_harmless(run)
        assert "\x1b" not in run.app.screen.query_one(PlainText).text


def test_the_poison_reaches_every_text_field() -> None:
    """Goal: the test above is not blind. Method: count poisoned texts in a full letter."""
    view = poisoned(opened())
    assert view.title == EVIL
    assert view.revisions[0].paragraphs[0] == EVIL
    assert view.tally.entries[0].name == EVIL
    assert view.comments[0].text == EVIL
    assert view.addressees == (EVIL,)
    assert identifier("digest") == view.digest
    assert ALERTS != GENERAL


async def test_a_list_of_hostile_rows_keeps_its_choice() -> None:
    """Goal: keys and texts do not mix. Method: fill a timeline with hostile rows twice."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_channel()
        timeline = run.app.screen.query_one(Timeline)
        timeline.fill([Row("a", styled(EVIL)), Row("b", styled(EVIL, (EVIL, "bold")))])
        timeline.choose("b")
        timeline.fill([Row("c", styled(EVIL)), Row("b", styled(EVIL))])
        await run.rest()
        assert timeline.chosen == "b"
        check_harmless(run)
