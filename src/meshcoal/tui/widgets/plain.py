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
from textual.content import Span
from textual.filter import LineFilter
from textual.strip import Strip
from textual.visual import Visual
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
from textual.widgets.text_area import Location

from meshcoal.text.sanitise import clean
from meshcoal.tui import bidi, breaking, hiding
from meshcoal.tui.hiding import one_line

Severity = Literal["information", "warning", "error"]
Styled = _Content  # made by `styled` and `plain` alone
_BETWEEN: Final = " │ "
breaking.begin()


def plain(text: str, *, multiline: bool = True) -> Styled:
    """Text as something to draw."""
    return _Content(bidi.directed(clean(text, multiline=multiline)))


def styled(*parts: str | tuple[str, str] | Styled) -> Styled:
    """Pieces of text, each with a style of ours or none; the texts may be anybody's."""
    made: list[str | tuple[str, str] | _Content] = []
    for part in parts:
        if isinstance(part, _Content):
            made.append(part)
        elif isinstance(part, str):
            made.append(bidi.directed(clean(part, multiline=True)))
        else:
            text, style = part
            made.append((bidi.directed(clean(text, multiline=True)), style))
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
    if bidi.interface_from_right() or bidi.runs_from_right(line.plain):
        # Its own way, whatever stands beside it.
        line = _Content.assemble("\u2067" if right else "\u2066", line, "\u2069")
    # In an interface that runs from the right the whole line is turned: what comes first stands at the right.
    before = right != bidi.interface_from_right()
    return line.pad_left(blank) if before else line.pad_right(blank)


def _drawn(text: str | Styled) -> Styled:
    return plain(text) if isinstance(text, str) else text


def _content(drawn: object) -> Styled:
    assert isinstance(drawn, _Content), "made by `_drawn`"
    return drawn


def _hidden(content: Styled) -> Styled:
    """Something to draw, with stand-ins for names, which look as the names did."""
    parts: list[Styled] = []
    done = 0
    for start, end, words in hiding.found(content.plain):
        styles = [Span(0, len(words), one.style) for one in content[start:end].spans if one.start == 0]
        parts += [content[done:start], _Content(words, spans=styles)]
        done = end
    return _Content("").join([*parts, content[done:]]) if parts else content


def say(app: App[Any], text: str, *, severity: Severity = "information") -> None:
    """A toast: a sentence of ours or an error's, without markup."""
    app.notify(
        clean(hiding.in_text(text), multiline=True, limit_chars=300),
        severity=severity,
        markup=False,
        timeout=6,
    )


class PlainStatic(Static):
    """Text to read."""

    def render(self) -> Styled:
        return _hidden(_content(self.content))

    def __init__(self, text: str | Styled = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(_drawn(text), markup=False, id=id, classes=classes)

    def show(self, text: str | Styled) -> None:
        """Replace the text."""
        self.update(_drawn(text))


class PlainLabel(Label):
    """A short text beside something."""

    def render(self) -> Styled:
        return _hidden(_content(self.content))

    def __init__(self, text: str | Styled = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(_drawn(text), markup=False, id=id, classes=classes)

    def show(self, text: str | Styled) -> None:
        """Replace the text."""
        self.update(_drawn(text))


def _caption(text: str) -> Styled:
    """Beside a box or between edges of its own, which stay where they are whatever the text's direction."""
    return plain(bidi.isolated(text), multiline=False)


class PlainButton(Button):
    """A button in one row."""

    def __init__(
        self,
        text: str,
        *,
        id: str | None = None,
        variant: Literal["default", "primary", "warning", "error"] = "default",
    ) -> None:
        super().__init__(_caption(text), variant, id=id, compact=True)
        self.active_effect_duration = 0  # else it is deaf while it shows that it was pressed

    def caption(self, text: str) -> None:
        """Replace what stands on it."""
        self.label = _caption(text)


class PlainRadio(RadioButton):
    """One of several."""

    def __init__(self, text: str, value: bool = False, *, id: str | None = None) -> None:
        super().__init__(_caption(text), value, id=id, compact=True)

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
        super().__init__(_caption(text), value, id=id, compact=True)

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

    @property
    def from_right(self) -> bool:
        """Whether what is written runs from the right."""
        return not self.password and bidi.written_from_right(self.value)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """All but the one that turns lines: here it is done by what is written, with the cursor."""
        return [one for one in super().get_line_filters() if not isinstance(one, bidi.Turner)]

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        strip = super().render_line(y)
        if not self.value:  # a placeholder is ours
            return bidi.turned(strip.crop(0, width), width)
        strip = hiding.dotted(strip)
        return bidi.turned(strip.crop(0, width), width, from_right=self.from_right)

    def _cell_offset_to_index(self, offset: int) -> int:
        if not bidi.turns(self.value, from_right=self.from_right):
            return super()._cell_offset_to_index(offset)
        width = self.scrollable_content_region.width
        start, end = super()._cell_offset_to_index(0), super()._cell_offset_to_index(width)
        seen = self.value[start:end]
        return start + bidi.place_in_line(seen, offset, width, from_right=self.from_right)

    # What is secret goes to no clipboard.

    def action_cut(self) -> None:
        if not self.password:
            super().action_cut()

    def action_copy(self) -> None:
        if not self.password:
            super().action_copy()

    # An arrow goes the way it points in a text that runs from the right, too.

    def action_cursor_left(self, select: bool = False) -> None:
        if self.from_right:
            super().action_cursor_right(select)
        else:
            super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        if self.from_right:
            super().action_cursor_left(select)
        else:
            super().action_cursor_right(select)

    def action_cursor_left_word(self, select: bool = False) -> None:
        if self.from_right:
            super().action_cursor_right_word(select)
        else:
            super().action_cursor_left_word(select)

    def action_cursor_right_word(self, select: bool = False) -> None:
        if self.from_right:
            super().action_cursor_left_word(select)
        else:
            super().action_cursor_right_word(select)

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

    def _paragraph_from_right(self, number: int) -> bool:
        return bidi.written_from_right(self.document.get_line(number))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """All but the one that turns lines: here each paragraph runs its own way, with the cursor."""
        return [one for one in super().get_line_filters() if not isinstance(one, bidi.Turner)]

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        if not self.text:  # a placeholder is ours
            return bidi.turned(strip, self.content_size.width)
        row = self._row(y + int(self.scroll_offset.y))
        if row is None:
            return strip
        strip = hiding.dotted(strip)
        width = self.content_size.width
        return bidi.turned(strip.crop(0, width), width, from_right=self._paragraph_from_right(row[0]))

    def _row(self, y: int) -> tuple[int, str, int] | None:
        """Of a row as it is wrapped: its paragraph, its text, and where in the paragraph it begins."""
        rows = self.wrapped_document._offset_to_line_info
        if not 0 <= y < len(rows):
            return None
        number, section = rows[y]
        sections = self.wrapped_document.get_sections(number)
        return number, sections[section], sum(map(len, sections[:section]))

    def get_target_document_location(self, event: events.MouseEvent) -> Location:
        """The place that a click means."""
        row = self._row(event.y + int(self.scroll_offset.y) - self.gutter.top)
        if row is None:
            return super().get_target_document_location(event)
        number, text, start = row
        from_right = self._paragraph_from_right(number)
        if not bidi.turns(text, from_right=from_right):
            return super().get_target_document_location(event)
        width = self.content_size.width
        return number, start + bidi.place_in_line(
            text, event.x - self.gutter.left, width, from_right=from_right
        )

    # An arrow goes the way it points in a paragraph that runs from the right, too.

    def action_cursor_left(self, select: bool = False) -> None:
        if self._paragraph_from_right(self.cursor_location[0]):
            super().action_cursor_right(select)
        else:
            super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        if self._paragraph_from_right(self.cursor_location[0]):
            super().action_cursor_left(select)
        else:
            super().action_cursor_right(select)

    def action_cursor_word_left(self, select: bool = False) -> None:
        if self._paragraph_from_right(self.cursor_location[0]):
            super().action_cursor_word_right(select)
        else:
            super().action_cursor_word_left(select)

    def action_cursor_word_right(self, select: bool = False) -> None:
        if self._paragraph_from_right(self.cursor_location[0]):
            super().action_cursor_word_left(select)
        else:
            super().action_cursor_word_right(select)

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


class Entry(Option):
    """A row of a list, and how many lines it takes at a width."""

    def __init__(self, row: Row) -> None:
        super().__init__(row.text, disabled=not row.live)
        self.row = row
        self.width_cells = -1  # for which `height_lines` holds; -1: for none
        self.height_lines = 1


class PlainOptions(OptionList):
    """A list to choose from. Filling it anew keeps the choice."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._rows: tuple[Row, ...] = ()

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if self.scrollable_content_region.height:  # else Textual finds no row to come from
            super()._move_page(direction)

    def _get_visual(self, option: Option) -> Visual:
        if not hiding.on():
            return super()._get_visual(option)
        return _hidden(_content(option.prompt))

    def draw_anew(self) -> None:
        """After names were hidden, or are shown again."""
        for option in self.options:
            option._visual = None
        self._clear_caches()

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
    """A name in one line, apart from what stands beside it; a dash where nothing readable is left."""
    return bidi.isolated(one_line(text, width_cells) or "–")
