"""From an empty machine to a first letter, in one go."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import FakeDaemon
from tuirehearsal import FakeRehearsal
from tuirunning import running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.tui.screens.suggest import SuggestScreen
from meshcoal.tui.widgets.plain import PlainInput


async def test_the_first_ten_minutes() -> None:
    """Goal: each step leads to the next. Method: walk by keys, with a rehearsal between."""
    daemon = FakeDaemon(vault=v.VaultState.ABSENT)
    async with running(daemon, rehearsal=FakeRehearsal()) as run:
        await run.press("s")
        await run.write("Ana")
        await run.press("tab", "ctrl+n")
        assert isinstance(run.app.screen, SuggestScreen)
        drawn = " ".join(run.app.screen.words)
        run.app.screen.query_one(PlainInput).value = drawn
        await run.press("enter", "enter")
        assert run.sent(c.CreateVault) == [c.CreateVault(name="Ana", passphrase=drawn)]
        assert run.shows("Whom do you work with?")

        await run.press("r")
        await run.until(lambda: run.place == "home" and run.shows("An arrest was reported"))
        await run.press("e")
        await run.until(lambda: run.place == "home" and not run.app.rehearsing)
        assert run.shows("→ Meet somebody you work with.")

        await run.press("s", "i")
        await run.click("#submit")
        assert run.place == "invitation"
        await run.press("escape", "f")
        await run.write("Water now")
        await run.click("#submit")
        assert run.place == "campaign"
        await run.press("escape", "l")
        await run.write("Water for Basra")
        await run.press("ctrl+o")
        assert run.place == "statement"
        await run.press("escape")
        assert run.shows("✓ Write a first letter.")
        await run.press("escape")
        assert run.shows("First steps: 3 of 5 done.")
