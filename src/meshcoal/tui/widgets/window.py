"""A long list of which only what has changed is measured, and only what is seen is drawn.

Law: what a person looks at does not jump. Filling the list anew keeps the row at the top of the window where
it is, whatever comes or goes above it; only who stands at the end is taken along with what comes there.
Rows are told apart by their keys, and a row is the same as before if it is the same object.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, cast, overload

from textual import events
from textual.cache import LRUCache
from textual.css.styles import RulesMap
from textual.geometry import Size
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

from meshcoal.tui.widgets.plain import Entry, PlainOptions, Row

_DRAWN_MAX: Final = 256  # rows kept as they were drawn: some screenfuls


class _Lines(Sequence[tuple[int, int]]):
    """For each line of a list its row, and which line of that row it is."""

    def __init__(self, tops: Sequence[int], count: int) -> None:
        self._tops, self._count = tops, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[int, int]]: ...
    def __getitem__(self, at: int | slice) -> tuple[int, int] | Sequence[tuple[int, int]]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(self._count))]
        if not 0 <= at < self._count:
            raise IndexError(at)
        index = bisect_right(self._tops, at) - 1
        return index, at - self._tops[index]


class WindowedOptions(PlainOptions):
    """A list that many rows are added to while somebody reads in it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: list[Entry] = []
        self._tops: list[int] = []
        self._count = 0  # lines
        self._measured_cells = -1  # the width for which `_tops` holds; -1: for none
        self._drawn: LRUCache[tuple[Entry, Style], list[Strip]] = LRUCache(_DRAWN_MAX)
        self._following = True  # the end is seen

    # --- What is shown

    @property
    def at_end(self) -> bool:
        """The end is seen, and nothing else is chosen."""
        last = len(self._entries) - 1
        return self._following and (self.highlighted is None or self.highlighted >= self._last_live(last))

    def _last_live(self, last: int) -> int:
        while last > 0 and not self._rows[last].live:
            last -= 1
        return last

    @property
    def seen(self) -> tuple[str, ...]:
        """Keys of the rows of which at least a line is in the window, from above."""
        if not self._entries or not self._count:
            return ()
        lines = _Lines(self._tops, self._count)
        top = min(int(self.scroll_offset.y), self._count - 1)
        bottom = min(top + max(1, self.scrollable_content_region.height), self._count) - 1
        return tuple([row.key for row in self._rows[lines[top][0] : lines[bottom][0] + 1] if row.live])

    def fill(self, rows: Sequence[Row]) -> None:
        """Show these rows."""
        if len(rows) == len(self._rows) and all(map(lambda a, b: a is b, rows, self._rows)):
            return
        follow, chosen = self.at_end, self.chosen
        held = self._held()
        known = {entry.row.key: entry for entry in self._entries}
        self._rows = tuple(rows)
        entries = []
        for row in self._rows:
            entry = known.get(row.key)
            entries.append(entry if entry is not None and entry.row is row else Entry(row))
        self._entries = entries
        self._options = list(entries)
        self._measured_cells = -1
        self._measure()
        places = {row.key: at for at, row in enumerate(self._rows) if row.live}
        at = places.get(chosen or "")
        if follow or at is None:
            at = max(places.values(), default=None) if follow else _nearest(places, held)
        self.set_reactive(PlainOptions.highlighted, at)
        if follow:
            self._to_end()
        else:
            self._hold(held, places)
        self.refresh()

    def _held(self) -> list[tuple[str, int]]:
        """Rows from the top of the window on, and how far below that top each begins, in lines."""
        if not self._count or not self._tops:
            return []
        top = min(int(self.scroll_offset.y), self._count - 1)
        first = bisect_right(self._tops, top) - 1
        return [
            (entry.row.key, begin - top)
            for entry, begin in zip(self._entries[first:], self._tops[first:], strict=True)
            if entry.row.live
        ]

    def _hold(self, held: Sequence[tuple[str, int]], places: dict[str, int]) -> None:
        """Have the first of these that is still there stand where it stood."""
        for key, below in held:
            at = places.get(key)
            if at is not None and at < len(self._tops):
                self.scroll_to(y=self._tops[at] - below, animate=False, force=True)
                return

    def _to_end(self) -> None:
        self._following = True
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    # --- Lines

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        if not width or width == self._measured_cells:
            return
        tops, count = [], 0
        rules = cast(RulesMap, self.styles)  # as Textual's own list does
        for entry in self._entries:
            if entry.width_cells != width:
                entry.width_cells = width
                entry.height_lines = self._get_visual(entry).get_height(rules, width)
            tops.append(count)
            count += entry.height_lines
        self._tops, self._count, self._measured_cells = tops, count, width
        size = Size(width, count)
        if size != self.virtual_size:
            # Not as a reactive: the place of no other widget depends on it.
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)

    def _update_lines(self) -> None:
        width = self.scrollable_content_region.width
        if not width or width == self._measured_cells:
            return
        held = [] if self._following else self._held()
        self._measure()
        if self._following:
            self._to_end()
        else:
            self._hold(held, {row.key: at for at, row in enumerate(self._rows)})

    @property
    def _lines(self) -> Sequence[tuple[int, int]]:
        self._update_lines()
        return _Lines(self._tops, self._count)

    @property
    def _heights(self) -> dict[int, int]:
        self._update_lines()
        return {at: entry.height_lines for at, entry in enumerate(self._entries)}

    @property
    def _index_to_line(self) -> dict[int, int]:
        self._update_lines()
        return dict(enumerate(self._tops))

    def _clear_caches(self) -> None:
        self._drawn.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        line = self.scroll_offset.y + y
        plain = self.get_visual_style("option-list--option")
        if not 0 <= line < self._count:
            return Strip.blank(width, plain.rich_style)
        at = bisect_right(self._tops, line) - 1
        entry = self._entries[at]
        style = plain
        if entry.disabled:
            style = self.get_visual_style("option-list--option", "option-list--option-disabled")
        elif self.highlighted == at:
            style = self.get_visual_style("option-list--option", "option-list--option-highlighted")
        strips = self._drawn.get((entry, style))
        if strips is None:
            visual = self._get_visual(entry)
            made = Visual.to_strips(self, visual, width, None, style)
            strips = [strip.extend_cell_length(width, style.rich_style) for strip in made]
            self._drawn[entry, style] = strips
        number = line - self._tops[at]
        return strips[number] if number < len(strips) else Strip.blank(width, style.rich_style)

    # --- Moving about

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._following = new_value >= self.max_scroll_y

    def on_resize(self) -> None:
        """A bar that comes or goes below takes its lines at the top, where somebody stands at the end."""
        if self._following:
            self._update_lines()
            self._to_end()

    async def _on_click(self, event: events.Click) -> None:
        at = self._row_at(event)
        event.prevent_default()
        if at is not None and self._rows[at].live:
            self.highlighted = at
            self.action_select()

    def _row_at(self, event: events.MouseEvent) -> int | None:
        place = event.get_content_offset(self)
        line = -1 if place is None else int(self.scroll_offset.y) + place.y
        return bisect_right(self._tops, line) - 1 if 0 <= line < self._count else None

    def _on_mouse_move(self, event: events.MouseMove) -> None:
        event.prevent_default()  # nothing is drawn for where the mouse is


def _nearest(places: dict[str, int], held: Sequence[tuple[str, int]]) -> int | None:
    """The first row seen that is still there; else the first of all."""
    return next((places[key] for key, _below in held if key in places), min(places.values(), default=None))
