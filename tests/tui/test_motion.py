"""How much may move by itself: as chosen, as Textual's variable says, and less over a line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import FakeDaemon
from tuirunning import Running, running

from meshcoal.tui import motion
from meshcoal.tui.settings import Settings, write_settings
from meshcoal.tui.widgets.plain import PlainInput


@pytest.mark.parametrize(
    ("kept", "surroundings", "wanted"),
    [
        ("", {}, False),
        ("", {"SSH_CONNECTION": "::1 1 ::1 2"}, True),
        ("", {"SSH_CONNECTION": ""}, False),
        ("", {"MOSH_CONNECTION": "x"}, True),
        ("full", {"SSH_CONNECTION": "::1 1 ::1 2"}, False),
        ("less", {}, True),
        ("no such thing", {}, False),
    ],
)
def test_when_less_is_to_move(kept: str, surroundings: dict[str, str], wanted: bool) -> None:
    """Goal: what was chosen counts; else how far the terminal is. Method: both."""
    assert motion.is_less(kept, surroundings) is wanted


def blinking(run: Running) -> list[PlainInput]:
    """The fields that have the focus and a cursor that blinks."""
    return [one for one in run.app.screen.query(PlainInput) if one.has_focus and one.cursor_blink]


async def test_less_stops_cursors_and_gliding_at_once_and_back(tmp_path: Path) -> None:
    """Goal: nothing moves by itself. Method: a field with the focus; choose less, then all again."""
    async with running(FakeDaemon.with_campaign()) as run:
        run.app.home = tmp_path
        run.app._moving = "full"
        motion.apply(run.app, "full")
        await run.press("f")
        field = run.app.screen.query(PlainInput).first()
        assert field.has_focus
        assert blinking(run) == [field]
        write_settings(tmp_path, Settings(motion="less"))
        run.app.settings_chosen(anew=False)
        await run.rest()
        assert blinking(run) == []
        assert run.app.animation_level == "none"
        await run.press("tab")
        assert blinking(run) == []
        write_settings(tmp_path, Settings(motion="full"))
        run.app.settings_chosen(anew=False)
        await run.rest()
        field.focus()
        await run.rest()
        assert blinking(run) == [field]
