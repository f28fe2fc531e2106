"""What was said of a screen, so that only what is new is said, and numbers keep their meaning.

Law: a number, once said, means the same thing as long as the screen lives: what comes later gets a new one,
and nothing ever takes the place of what somebody is about to choose. Only `anew` counts from one again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from textual.widget import Widget

from meshcoal.tui.linear.reading import Part
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.plain import PlainOptions
from meshcoal.tui.widgets.timeline import Timeline

ROWS_AT_ONCE: Final = 20  # of a list; the rest is named with a number, and heard on demand
GONE_AT_ONCE: Final = 5
_FIGURES: Final = re.compile(r"\d+")
Key = tuple[object, ...]


@dataclass(slots=True)
class Seen:
    """One screen, as far as it was said."""

    numbers: dict[Key, int] = field(default_factory=dict)
    parts: dict[Key, Part] = field(default_factory=dict)
    texts: dict[int, set[str]] = field(default_factory=dict)  # by widget, what is no item
    fresh: bool = True

    def anew(self) -> None:
        """Say everything again, and count from one."""
        self.numbers.clear()
        self.parts.clear()
        self.texts.clear()
        self.fresh = True

    def item(self, number: int) -> Part | None:
        """What a number means; None where it was never said or is gone."""
        for key, given in self.numbers.items():
            if given == number:
                return self.parts.get(key)
        return None

    def number_of(self, widget: Widget, at: str = "") -> int:
        """The number by which something is chosen; 0 where it has none."""
        for key, part in self.parts.items():
            if part.widget is widget and (not at or part.at == at):
                return self.numbers.get(key, 0)
        return 0

    def tell(self, parts: list[Part]) -> list[str]:
        """What there is to say of these now, and remember it as said."""
        fresh, self.fresh = self.fresh, False
        new: list[Part] = []
        for part in parts:
            if part.item and part.key not in self.numbers:
                self.numbers[part.key] = max(self.numbers.values(), default=0) + 1
            if self._is_new(part):
                new.append(part)
        gone = [] if fresh else self._gone(parts)
        self._remember(parts)
        return [*gone, *self._windowed(new, parts)]

    def rows(self, parts: list[Part], number: int) -> list[str]:
        """A list's rows from this number on."""
        at = next((at for at, part in enumerate(parts) if self.numbers.get(part.key) == number), None)
        if at is None:
            return []
        of = parts[at].widget
        rows = [part for part in parts[at:] if part.widget is of][:ROWS_AT_ONCE]
        return [line for part in rows for line in self.said(part)]

    def said(self, part: Part) -> list[str]:
        """The lines of a part, with its number and whether it is chosen."""
        first, *more = part.lines
        number = self.numbers.get(part.key)
        if number is None or not part.item:
            return [first, *more]
        if part.chosen:
            first = _("%(option)s (chosen)") % {"option": first}
        return [f"{number}. {first}", *more]

    def _is_new(self, part: Part) -> bool:
        before = self.parts.get(part.key)
        if not part.item and not isinstance(part.widget, PlainOptions):
            known = self.texts.get(id(part.widget), set())
            return not known.issuperset(part.lines)
        if before is None:
            return True
        if isinstance(part.widget, Timeline):  # who has it changes all the time
            return [_FIGURES.sub("", line) for line in before.lines] != [
                _FIGURES.sub("", line) for line in part.lines
            ]
        return before.lines != part.lines

    def _gone(self, parts: list[Part]) -> list[str]:
        there = {part.key for part in parts}
        lists = {id(part.widget) for part in parts}
        gone = [
            part
            for key, part in self.parts.items()
            if part.item and part.at and key not in there and id(part.widget) in lists
        ]
        if len(gone) > GONE_AT_ONCE:
            count = len(gone)
            told = ngettext("%(count)d row is gone.", "%(count)d rows are gone.", count)
            return [told % {"count": count}]
        return [_("Gone: %(row)s") % {"row": part.lines[0]} for part in gone]

    def _remember(self, parts: list[Part]) -> None:
        self.parts = {part.key: part for part in parts}
        self.texts = {}
        for part in parts:
            if not part.item:
                self.texts.setdefault(id(part.widget), set()).update(part.lines)

    def _windowed(self, new: list[Part], parts: list[Part]) -> list[str]:
        """Of a long list only what is near the choice."""
        said: list[str] = []
        for part in new:
            rows = [one for one in new if one.widget is part.widget]
            if not isinstance(part.widget, PlainOptions) or len(rows) <= ROWS_AT_ONCE:
                said += self.said(part)
                continue
            near = self._near(rows)
            if part is near[0]:
                count = len([one for one in parts if one.widget is part.widget and one.item])
                told = ngettext(
                    "%(count)d row; more of them by “rows” and a number, such as: rows 1",
                    "%(count)d rows; more of them by “rows” and a number, such as: rows 1",
                    count,
                )
                said.append(told % {"count": count})
            if part in near:
                said += self.said(part)
        return said

    def _near(self, rows: list[Part]) -> list[Part]:
        chosen = next((at for at, part in enumerate(rows) if part.chosen), 0)
        end = min(len(rows), max(chosen + 1 + ROWS_AT_ONCE // 4, ROWS_AT_ONCE // 2))
        return rows[max(0, end - ROWS_AT_ONCE // 2) : end]
