"""Names out of sight: every field is judged, every screen is clean, and what is stored stays as it is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_tui_snapshots import SCREENS
from tuidouble import FakeDaemon, member
from tuirehearsal import FakeRehearsal
from tuirunning import running

from meshcoal.api import commands as c
from meshcoal.tui import hiding
from meshcoal.tui.widgets.plain import PlainInput

WALKED = ("home", "channel", "campaign", "members", "contacts", "introductions", "holders", "letter")
PEOPLE = re.compile(r"(?<!\w)(Ana|Ben|Chi|Dov|Eli)(?!\w)")


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    hiding.forget()


@pytest.mark.parametrize("name", [name for name in WALKED if name in SCREENS])
async def test_no_name_stands_on_a_screen_while_they_are_hidden(name: str) -> None:
    """Goal: the screen can be shown to others. Method: hide names on screens as they are kept in pictures."""
    make, visit, _words = SCREENS[name]
    async with running(make(), rehearsal=FakeRehearsal()) as run:
        await visit(run)
        await run.press("f8")
        run.app.clear_notifications()
        await run.rest()
        assert hiding.on()
        assert PEOPLE.findall(run.text()) == []


def test_names_are_whole_words_and_keep_their_numbers() -> None:
    """Goal: hidden are names and nothing else. Method: texts in three scripts around them."""
    for name in ("Ana", "Ana Karimi", "علی", "小明"):
        hiding.learn(member(name))
    hiding.switch(True)
    assert hiding.in_text("Ana met Ana Karimi in Anatolia, banana") == (
        "Member 1 met Member 2 in Anatolia, banana"
    )
    assert "علی" not in hiding.in_text("وعلی آمد")
    assert "小明" not in hiding.in_text("昨天小明来了")
    assert hiding.one_line("Ana Karimi", 9) == "Member 2"
    hiding.switch(False)
    assert hiding.in_text("Ana") == "Ana"


async def test_what_is_typed_and_sent_keeps_the_name() -> None:
    """Goal: looking renames nobody. Method: send a form that holds a name while names are hidden."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("m")
        await run.press("f8")
        run.app.clear_notifications()
        await run.press("n")
        assert "Ana" in [field.value for field in run.app.screen.query(PlainInput)]
        assert PEOPLE.findall(run.text()) == []
        await run.click("#submit")
        assert [one.name for one in run.sent(c.SetName)] in ([], ["Ana"])
