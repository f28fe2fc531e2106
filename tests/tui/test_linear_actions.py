"""Every action of the registry line by line: the scenarios of `test_tui_actions`, by typed words."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import test_tui_actions
from test_tui_actions import SCENARIOS
from tuilinear import speaking
from tuirehearsal import FakeRehearsal

from meshcoal.tui.actions import ACTIONS

# What these scenarios look at exists only where something is drawn.
DRAWN: dict[tuple[str, str], str] = {
    ("everywhere", "command_palette"): "typed words are the palette; it shows the help",
    ("home", "identity"): "looks at the squares of a QR code",
    ("channel", "change"): "writes on at the end of a line; in lines it is said anew (test_linear)",
    ("statement", "export"): "cuts the drawn window apart at its borders",
    ("channel", "newline"): "lines are what is typed anyway",
}
EVERY = [(place, action.name) for action in ACTIONS for place in action.places]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    test_tui_actions.EXPORT_TO[:] = [tmp_path / "out"]


def test_no_action_is_without_a_scenario_in_lines() -> None:
    """Goal: nothing of the registry is left out. Method: compare it with what runs and what is excused."""
    assert set(SCENARIOS) == set(EVERY)
    assert set(DRAWN) <= set(EVERY)
    assert all(DRAWN.values())


# All of them take four minutes of a core: `make soak` asks for them, and each run takes one in four.
SPOKEN = [one for one in EVERY if one not in DRAWN][:: 1 if os.environ.get("MESHCOAL_LINEAR") == "all" else 4]


@pytest.mark.parametrize(("place", "name"), SPOKEN)
async def test_action_by_its_word(place: str, name: str) -> None:
    """Goal: the typed word does what the registry says, and what came of it is said. Method: type it."""
    scenario, make = SCENARIOS[place, name]
    action = next(action for action in ACTIONS if action.name == name and place in action.places)
    async with speaking(make(), rehearsal=FakeRehearsal()) as run:
        await scenario(run, action.keys[0])
