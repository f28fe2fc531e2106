"""Screens that are done while another lies over them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import FakeDaemon
from tuirunning import running

from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.help import HelpScreen
from meshcoal.tui.screens.home import HomeScreen


async def test_a_form_that_is_done_takes_nothing_else_away() -> None:
    """Goal: what lies over a form stays, be it keys or lock. Method: its act ends while help is shown; then
    leave help."""
    done = asyncio.Event()
    told: list[str | None] = []

    async def act(_values: Values) -> str:
        await done.wait()
        return "done"

    async with running(FakeDaemon.with_campaign()) as run:
        before = run.app.screen
        form: Form[str] = Form("Title", (Field(name="one", label="One"),), act)
        run.app.push_screen(form, told.append)
        await run.pilot.pause()
        form.submit()
        run.app.push_screen(HelpScreen("form"))
        await run.pilot.pause()
        done.set()
        await run.rest()
        assert isinstance(run.app.screen, HelpScreen)
        assert told == []
        await run.press("escape")
        assert run.app.screen is before
        assert told == ["done"]


async def test_a_screen_that_is_gone_takes_nothing_away() -> None:
    """Goal: late news closes no other screen. Method: leave a screen twice."""
    async with running(FakeDaemon.with_campaign()) as run:
        before = run.app.screen
        form: Form[str] = Form("Title", (), _never)
        told: list[str | None] = []
        run.app.push_screen(form, told.append)
        await run.rest()
        form.dismiss("once")
        form.dismiss("twice")
        await run.rest()
        assert run.app.screen is before
        assert told == ["once"]


async def _never(_values: Values) -> str:
    raise AssertionError


async def test_a_key_before_its_screen_is_made_does_nothing() -> None:
    """Goal: who presses Enter twice to unlock is let in. Method: the action of a home that is not made
    yet, and of one that went."""
    async with running(FakeDaemon.with_campaign()) as run:
        early = HomeScreen()
        assert not await run.app.run_action("open", early)
        run.app.push_screen(early)
        await run.rest()
        run.app.pop_screen()
        await run.rest()
        assert not await run.app.run_action("open", early)
        assert await run.app.run_action("open", run.app.screen)


async def test_pages_turn_in_a_window_without_room() -> None:
    """Goal: no size of the window ends the interface. Method: two rows; PageDown in a list and in the
    palette."""
    async with running(FakeDaemon.with_campaign(), size=(40, 2)) as run:
        await run.press("pagedown", "pageup")
        await run.press("ctrl+p", "pagedown", "pageup", "escape")
        assert run.app.is_running
