"""What an action is: a name, places, keys, words.

Law: as in `tui.actions`, which lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`name` is the method `action_NAME` of the screen or the app; the first key is the one shown."""

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    places: tuple[str, ...]
    footer: bool = True
    priority: bool = False  # works while a text is being written

    @property
    def shown_key(self) -> str:
        return shown_key(self.keys[0]) if self.keys else ""


_KEY_NAMES: Final = {
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "question_mark": "?",
    "comma": ",",
    "full_stop": ".",
    "tab": "Tab",
    "f1": "F1",
    "f2": "F2",
    "f3": "F3",
    "f4": "F4",
    "f8": "F8",
    "f9": "F9",
    "slash": "/",
}


def shown_key(key: str) -> str:
    """How a key is written for people."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    return _KEY_NAMES.get(key, key)


def at(
    places: str,
    name: str,
    keys: str,
    label: str,
    sentence: str,
    *,
    footer: bool = True,
    priority: bool = False,
) -> Action:
    return Action(
        name=name,
        keys=tuple(keys.split()),
        label=label,
        help=sentence,
        places=tuple(places.split()),
        footer=footer,
        priority=priority,
    )
