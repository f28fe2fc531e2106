"""The only widgets that show text: each cleans what it is given and reads no markup in it.

Law: outside this file no screen touches a text widget, content or notification of Textual's own
(tests/test_sanitised.py holds it). A name, a message, a file's text or an error ends up here, and here alone
becomes something to draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, ClassVar, Final, Literal

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.content import Content as _Content
from textual.widgets import (
    Button,
    Checkbox,
    Input,
    Label,
    OptionList,
    RadioButton,
    RadioSet,
    Static,
    TabPane,
    TextArea,
)
from textual.widgets.option_list import Option

from meshcoal.text.sanitise import clean, one_line

Severity = Literal["information", "warning", "error"]
Styled = _Content  # made by `styled` and `plain` alone
_BETWEEN: Final = " │ "


def plain(text: str, *, multiline: bool = True) -> Styled:
    """Text as something to draw."""
    return _Content(clean(text, multiline=multiline))


def styled(*parts: str | tuple[str, str] | Styled) -> Styled:
    """Pieces of text, each with a style of ours or none; the texts may be anybody's."""
    made: list[str | tuple[str, str] | _Content] = []
    for part in parts:
        if isinstance(part, _Content):
            made.append(part)
        elif isinstance(part, str):
            made.append(clean(part, multiline=True))
        else:
            text, style = part
            made.append((clean(text, multiline=True), style))
    return _Content.assemble(*made)


def lines(parts: Iterable[str | Styled]) -> Styled:
    """Pieces one below the other."""
    return _Content("\n").join([plain(part) if isinstance(part, str) else part for part in parts])


def at_right(text: str | Styled, width_cells: int) -> Styled:
    """Wrapped to a width, each line at its right end, as scripts stand that run from right to left."""
    return _Content("\n").join(
        [_padded(line, width_cells, right=True) for line in _wrapped(text, width_cells)]
    )


def columns(
    one: str | Styled, other: str | Styled, width_cells: int, *, at_right: tuple[bool, bool] = (False, False)
) -> Styled:
    """Two texts side by side, each wrapped to its half; `at_right` says which stand at their right end."""
    half = (width_cells - len(_BETWEEN)) // 2
    rows = zip_longest(_wrapped(one, half), _wrapped(other, half), fillvalue=_Content(""))
    return _Content("\n").join(
        [
            _Content.assemble(
                _padded(left, half, right=at_right[0]), _BETWEEN, _padded(right, half, right=at_right[1])
            )
            for left, right in rows
        ]
    )


def _wrapped(text: str | Styled, width_cells: int) -> list[Styled]:
    return [line.rstrip() for line in _drawn(text).wrap(max(1, width_cells))]


def _padded(line: Styled, width_cells: int, *, right: bool) -> Styled:
    blank = max(0, width_cells - line.cell_length)
    return line.pad_left(blank) if right else line.pad_right(blank)


def _drawn(text: str | Styled) -> Styled:
    return plain(text) if isinstance(text, str) else text


def say(app: App[Any], text: str, *, severity: Severity = "information") -> None:
    """A toast: a sentence of ours or an error's, without markup."""
    app.notify(clean(text, multiline=True, limit_chars=300), severity=severity, markup=False, timeout=6)


class PlainStatic(Static):
    """Text to read."""

    def __init__(self, text: str | Styled = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(_drawn(text), markup=False, id=id, classes=classes)

    def show(self, text: str | Styled) -> None:
        """Replace the text."""
        self.update(_drawn(text))


class PlainLabel(Label):
    """A short text beside something."""

    def __init__(self, text: str | Styled = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(_drawn(text), markup=False, id=id, classes=classes)

    def show(self, text: str | Styled) -> None:
        """Replace the text."""
        self.update(_drawn(text))


class PlainButton(Button):
    """A button in one row."""

    def __init__(
        self,
        text: str,
        *,
        id: str | None = None,
        variant: Literal["default", "primary", "warning", "error"] = "default",
    ) -> None:
        super().__init__(plain(text, multiline=False), variant, id=id, compact=True)
        self.active_effect_duration = 0  # else it is deaf while it shows that it was pressed

    def caption(self, text: str) -> None:
        """Replace what stands on it."""
        self.label = plain(text, multiline=False)


class PlainRadio(RadioButton):
    """One of several."""

    def __init__(self, text: str, value: bool = False, *, id: str | None = None) -> None:
        super().__init__(plain(text, multiline=False), value, id=id, compact=True)

    @property
    def _button(self) -> _Content:
        # Textual tells chosen from not chosen by colour alone.
        return _Content("(●)" if self.value else "( )")


class PlainChoice(RadioSet):
    """Several to choose one from. Arrows choose at once; Enter goes on."""

    BINDINGS: ClassVar = [
        Binding("down,right", "step(1)", show=False),
        Binding("up,left", "step(-1)", show=False),
        Binding("enter", "app.focus_next", show=False),
    ]

    def __init__(self, choices: Sequence[tuple[str, bool]], *, id: str | None = None) -> None:
        super().__init__(*[PlainRadio(words, picked) for words, picked in choices], id=id, compact=True)

    def action_step(self, by: int) -> None:
        """Choose the neighbour."""
        buttons = list(self.query(PlainRadio))
        if buttons:
            buttons[(self.pressed_index + by) % len(buttons)].value = True


class PlainCheck(Checkbox):
    """Yes or no."""

    def __init__(self, text: str, value: bool = False, *, id: str | None = None) -> None:
        super().__init__(plain(text, multiline=False), value, id=id, compact=True)

    @property
    def _button(self) -> _Content:
        return _Content("[×]" if self.value else "[ ]")


class PlainPane(TabPane):
    """One tab; its title is ours."""

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(plain(title, multiline=False), id=id)


class PlainInput(Input):
    """One line to write. What is pasted is cleaned first: the clipboard is foreign."""

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        secret: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(
            clean(text, multiline=False),
            placeholder=clean(placeholder, multiline=False),
            password=secret,
            id=id,
            compact=True,
            select_on_focus=False,
        )

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        # Several lines, as a mail program may wrap an invitation, become one.
        self.insert_text_at_cursor(clean(event.text, multiline=False).strip())


class PlainText(TextArea):
    """Several lines to write. What is pasted, or loaded from somebody, is cleaned first."""

    def __init__(self, text: str = "", *, id: str | None = None, placeholder: str = "") -> None:
        super().__init__(
            clean(text, multiline=True),
            id=id,
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            compact=True,
            placeholder=plain(placeholder, multiline=False),
        )

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.replace(clean(event.text, multiline=True), *self.selection)

    def fill(self, text: str) -> None:
        """Replace everything, and put the cursor at the end."""
        self.load_text(clean(text, multiline=True))
        self.move_cursor(self.document.end)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list; rows that are not `live` are headings and cannot be chosen."""

    key: str
    text: Styled
    live: bool = True


class PlainOptions(OptionList):
    """A list to choose from. Filling it anew keeps the choice."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    @property
    def chosen(self) -> str | None:
        """Key of the highlighted row."""
        at = self.highlighted
        if at is None or not 0 <= at < len(self._rows) or not self._rows[at].live:
            return None
        return self._rows[at].key

    def fill(self, rows: Sequence[Row]) -> None:
        """Show these rows."""
        if tuple(rows) == self._rows:
            return
        before, scroll_y = self.chosen, self.scroll_offset.y
        self._rows = tuple(rows)
        self.set_options([Option(row.text, disabled=not row.live) for row in rows])
        if not self.choose(before):
            self.action_first()
        else:
            self.scroll_to(y=scroll_y, animate=False)

    def choose(self, key: str | None) -> bool:
        """Highlight the row with this key, if it is there."""
        for at, row in enumerate(self._rows):
            if row.key == key and row.live:
                self.highlighted = at
                return True
        return False


def name(text: str, width_cells: int | None = None) -> str:
    """A name in one line; a dash where nothing readable is left."""
    return one_line(text, width_cells) or "–"
