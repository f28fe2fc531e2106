"""Two ways to use the interface: by keys alone, and by the mouse, with the keyboard for texts only.

Law: both do the same acts, and both go by what stands on the screen. What a key or a label is comes from the
registry of actions; a test that names neither holds whatever they are called.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final

sys.path.insert(0, str(Path(__file__).parent))

from panes import Pane, Screen, Spot

from meshcoal.tui.actions import ACTIONS, EVERYWHERE, Action

_TRIES: Final = 40
_BESIDE: Final = 25  # columns from a label to its field, see `.field > PlainLabel` in tui/theme.py
_CHANGES_S: Final = 10.0
_END_CHARS: Final = 20
_FORM_S: Final = 1.5
_AGAIN_S: Final = 3.0
_AIM_S: Final = 0.3  # that it takes to click where one looks
_SOON_S: Final = 1.0  # then it is further down
_TMUX_KEYS: Final = {
    "escape": "Escape",
    "enter": "Enter",
    "tab": "Tab",
    "pageup": "PPage",
    "question_mark": "?",
    "comma": ",",
    "full_stop": ".",
    "slash": "/",
}


def action_at(place: str, name: str) -> Action:
    """An action that can be done at a place, or everywhere."""
    return next(
        one for one in ACTIONS if one.name == name and (place in one.places or EVERYWHERE in one.places)
    )


def tmux_key(key: str) -> str:
    """A key of the registry as tmux calls it."""
    if key.startswith("ctrl+"):
        return "C-" + key.removeprefix("ctrl+")
    return _TMUX_KEYS.get(key, key.upper() if key[0] == "f" and key[1:].isdecimal() else key)


def _field(seen: Screen, label: str, *, beside: bool, below: int) -> Spot | None:
    """Where a field begins, if its label is seen."""
    spot = seen.label(label)
    return Spot(spot.x + (_BESIDE if beside else 0), spot.y + below) if spot is not None else None


def _foot(seen: Screen) -> int:
    """The row that names the keys."""
    return len(seen.text.split("\n")) - 1


class Hand(ABC):
    """Somebody at a window."""

    kind: ClassVar[str]

    def __init__(self, pane: Pane) -> None:
        self.pane = pane

    @abstractmethod
    def do(self, place: str, name: str) -> None:
        """One action of the registry."""

    @abstractmethod
    def push(self, label: str) -> None:
        """A button."""

    @abstractmethod
    def into(self, label: str, *, beside: bool = True, below: int = 0) -> int:
        """Go to a field: beside its label, in its place (`beside` false), or so many rows below it.

        Returns the row.
        """

    @abstractmethod
    def open(self, words: str) -> None:
        """A row of the list in front."""

    @abstractmethod
    def choose(self, words: str) -> None:
        """One of several, in the first question of a form."""

    def write(
        self,
        label: str,
        text: str,
        *,
        beside: bool = True,
        below: int = 0,
        anew: bool = False,
        secret: bool = False,
    ) -> None:
        """Fill in a field; `anew` erases what stands there."""
        row = self.into(label, beside=beside, below=below)
        if anew:
            self.pane.press("C-u", "C-k")  # a click may have come between two letters
            self.pane.still(_AIM_S)  # they climb from the field to the app; letters do not
        self.pane.type(text)
        # What is not drawn yet would look like what the next key does.
        drawn = "•" * len(text) if secret else text[-_END_CHARS:]
        self.pane.until(lambda seen: drawn in seen.rows[row], lambda: f"{label} takes no text")

    def say(self, text: str) -> None:
        """A message in the channel in front."""
        self.pane.type(text)
        self.pane.shows(text)
        self.do("channel", "send")

    def _changes(self, seen: Screen, act: Callable[[], None], what: str) -> Screen:
        """The screen once an act has changed it, when it stood still as `seen` before."""
        before = seen.state
        act()
        self.pane.until(
            lambda seen: seen.state != before, lambda: f"{what} changes nothing", patience_s=_CHANGES_S
        )
        return self.pane.still()


class Keys(Hand):
    """No mouse at all."""

    kind = "keys"

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self._wrote = False  # since the last form: then another field has the focus

    def _press(self, seen: Screen, key: str) -> Screen:
        return self._changes(seen, lambda: self.pane.press(key), key)

    def do(self, place: str, name: str) -> None:
        self._wrote = False
        self.pane.press(tmux_key(action_at(place, name).keys[0]))

    def push(self, label: str) -> None:
        def focused(seen: Screen) -> bool:
            spot = seen.button(label)
            return spot is not None and seen.look(spot).reverse

        self.pane.shows(label)
        seen = self.pane.still()
        for _ in range(_TRIES):
            if focused(seen):
                self._wrote = False
                self.pane.press("Enter")
                return
            seen = self._press(seen, "Tab")
        raise AssertionError(f"Tab never comes to {label}\n{seen.text}")

    def into(self, label: str, *, beside: bool = True, below: int = 0) -> int:
        def row(seen: Screen) -> int:
            field = _field(seen, label, beside=beside, below=below)
            return field.y if field is not None and seen.caret(field) else -1

        seen = self.pane.still()
        if not self._wrote:  # a form that has just come up shows last where one writes
            seen, _came = self.pane.soon(lambda seen: row(seen) >= 0, _FORM_S)
            seen = self.pane.still(_AIM_S)
        self._wrote = True
        for _ in range(_TRIES):
            if row(seen) >= 0:
                return row(seen)
            seen = self._press(seen, "Tab")
        raise AssertionError(f"Tab never comes to {label}\n{seen.text}")

    def open(self, words: str) -> None:
        self.pane.shows(words)
        seen = self.pane.still()
        for key in ("Down",) * _TRIES + ("Up",) * _TRIES:
            spot = seen.find(words, last=True)  # home names first what needs somebody
            if spot is not None and seen.lit(spot):
                self.pane.press("Enter")
                return
            seen = self._press(seen, key)
        raise AssertionError(f"the arrows never come to {words}\n{seen.text}")

    def choose(self, words: str) -> None:
        self.pane.shows(words)
        seen = self.pane.still()
        for _ in range(_TRIES):
            if seen.has(f"(●) {words}"):
                return
            seen = self._press(seen, "Down")
        raise AssertionError(f"the arrows never come to {words}\n{seen.text}")


class Mouse(Hand):
    """The keyboard only for what is written."""

    kind = "mouse"

    def do(self, place: str, name: str) -> None:
        action = action_at(place, name)
        words = f"{action.shown_key} {action.label}"

        def where(seen: Screen) -> Spot | None:
            spot = seen.find(words, last=True)
            return spot if spot is not None and spot.y == _foot(seen) else None

        self.pane.soon(lambda seen: seen.mouse and where(seen) is not None, _SOON_S)
        seen = self.pane.still(_AIM_S)  # the last row is drawn last, and anew
        for _ in range(_TRIES):
            spot = where(seen)
            if spot is None:
                seen = self._roll(seen, Spot(20, _foot(seen)))
                continue
            if self._click_changes(seen, spot):
                return
        raise AssertionError(f"the row of keys does not show {words}\n{seen.text}")

    def _click_changes(self, seen: Screen, spot: Spot) -> bool:
        """Whether it did something: the row is made anew when what can be done changes, and a click in that
        moment is lost; people click again."""
        before = seen.rows[: spot.y]  # the row itself shows where the mouse is
        self.pane.click(spot)
        _seen, came = self.pane.soon(lambda seen: seen.rows[: spot.y] != before, _AGAIN_S)
        return came

    def push(self, label: str) -> None:
        self.pane.click(self._bring(label, Screen.button))

    def into(self, label: str, *, beside: bool = True, below: int = 0) -> int:
        def find(seen: Screen, label: str) -> Spot | None:
            return _field(seen, label, beside=beside, below=below)

        field = self._bring(label, find)
        self.pane.click(field)
        seen, came = self.pane.soon(lambda seen: seen.caret(field), _AGAIN_S)
        assert came, f"a click on {label} brings no cursor\n{seen.text}"
        return field.y

    def open(self, words: str) -> None:
        self.pane.click(self._bring(words, lambda seen, words: seen.find(words, last=True)))

    def choose(self, words: str) -> None:
        self.pane.click(self._bring(f"( ) {words}", Screen.find))
        self.pane.shows(f"(●) {words}")

    def _roll(self, seen: Screen, spot: Spot) -> Screen:
        return self._changes(seen, lambda: self.pane.wheel(spot), "the wheel")

    def _bring(self, words: str, find: Callable[[Screen, str], Spot | None]) -> Spot:
        """Roll until the words are seen; where."""

        def where(seen: Screen) -> Spot | None:
            return find(seen, words)

        def there(seen: Screen) -> bool:
            return where(seen) is not None

        self.pane.soon(there, _SOON_S)
        seen = self.pane.still(_AIM_S)
        for _ in range(_TRIES):
            spot = where(seen)
            if spot is not None:
                return spot
            seen = self._roll(seen, Spot(40, 12))
        raise AssertionError(f"the wheel never brings {words}\n{seen.text}")


HANDS: Final[tuple[type[Hand], ...]] = (Keys, Mouse)
