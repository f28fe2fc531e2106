"""Two languages of a letter side by side: which paragraph belongs to which, and what has to be done about it.

Law: every paragraph of both texts is drawn. What was changed since it was translated has a sign and a word,
never a colour alone. A text that runs from right to left stands at the right of its column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from meshcoal.api.views import Direction, RevisionView, StatementView
from meshcoal.text.aligning import Pair, Pairing, aligned
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.plain import Row, Styled, at_right, columns, lines, name, styled

COLUMNS_CELLS_MIN: Final = 100  # below this, one paragraph stands below the other


@dataclass(frozen=True, slots=True)
class Beside:
    """Two texts of one letter, and what is known of how they belong together."""

    view: StatementView
    one: RevisionView
    other: RevisionView

    @property
    def translation(self) -> RevisionView | None:
        """Of the two, the one that translates the other's language, now or before that was changed."""
        for text, source in ((self.other, self.one), (self.one, self.other)):
            translated = self._source(text)
            if translated is not None and translated.language == source.language:
                return text
        return None

    @property
    def exact(self) -> bool:
        """Whether one translates just this wording of the other: only then can the two be said to agree."""
        return self.other.translates == self.one.id or self.one.translates == self.other.id

    def pairs(self) -> tuple[Pair, ...]:
        """The paragraphs, side by side."""
        says = self._says()
        paragraphs = (None, None) if says is None else (says[0].paragraphs, says[1].paragraphs)
        return aligned(len(self.one.paragraphs), len(self.other.paragraphs), *paragraphs)

    def title_changed(self) -> bool:
        """Whether the titles say two wordings."""
        says = self._says()
        return says is not None and says[0].title != says[1].title

    def behind(self) -> int:
        """How many paragraphs and titles are not as they were when they were translated."""
        if self._says() is None:
            return 0
        return self.title_changed() + sum(pair.pairing is not Pairing.SAME for pair in self.pairs())

    def _source(self, text: RevisionView) -> RevisionView | None:
        return next(
            (one for one in self.view.revisions if text.translates and one.id == text.translates), None
        )

    def _says(self) -> tuple[RevisionView, RevisionView] | None:
        """Two wordings in one language, each said by one of the texts; None where no language is common."""
        one, other = self._source(self.one), self._source(self.other)
        if other is not None and other.language == self.one.language:
            return self.one, other
        if one is not None and one.language == self.other.language:
            return one, self.other
        return (
            (one, other) if one is not None and other is not None and one.language == other.language else None
        )


def head_lines(beside: Beside, width_cells: int, *, now_ms: int, zone: tzinfo | None) -> Styled:
    """Of each text: its language and direction, who wrote or translated it, who compared it."""
    heads = [_head(text, now_ms, zone) for text in (beside.one, beside.other)]
    drawn = [columns(heads[0], heads[1], width_cells)] if width_cells >= COLUMNS_CELLS_MIN else heads
    translation, behind = beside.translation, beside.behind()
    if translation is None:
        drawn.append(styled((_("Neither translates the other: paragraphs stand by their number."), "dim")))
    elif behind:
        sentence = ngettext(
            "! %(count)d place is not as it was when %(language)s was translated.",
            "! %(count)d places are not as they were when %(language)s was translated.",
            behind,
        )
        said = sentence % {"count": behind, "language": name(shown.language(translation.language), 16)}
        drawn.append(styled((said, "bold $warning")))
    return lines(drawn)


def _head(text: RevisionView, now_ms: int, zone: tzinfo | None) -> Styled:
    rtl = text.direction is Direction.RIGHT_TO_LEFT
    when = shown.moment(text.at_ms, now_ms=now_ms, zone=zone)
    by = _("translated by %(name)s, %(when)s") if text.translates else _("written by %(name)s, %(when)s")
    said = by % {"name": name(text.name, 24), "when": when}
    if text.credit:
        said += _("; named in public as %(credit)s") % {"credit": name(text.credit, 30)}
    parts: list[str | tuple[str, str] | Styled] = [
        (name(shown.language(text.language), 16), "bold"),
        (_(" (right to left)") if rtl else _(" (left to right)"), "dim"),
        " " + said,
    ]
    if text.checked_by:
        by_whom = ", ".join([name(one, 20) for one in text.checked_by])
        parts.append(_("; compared by %(names)s") % {"names": by_whom})
    elif text.translates:
        parts.append((_("; ! nobody has compared it"), "$warning"))
    return styled(*parts)


def pair_rows(beside: Beside, width_cells: int) -> list[Row]:
    """The titles and each pair of paragraphs.

    A row's key is `ONE,OTHER`: numbers from 1, 0 for the titles, -1 where there is no paragraph.
    """
    titles = [styled((text.title, "bold")) for text in (beside.one, beside.other)]
    mark = _mark(beside, Pairing.CHANGED if beside.title_changed() else Pairing.SAME)
    rows = [Row("0,0", _pair(beside, titles[0], titles[1], width_cells, mark))]
    for pair in beside.pairs():
        numbers = [-1 if at is None else at + 1 for at in (pair.one, pair.other)]
        one, other = _texts(beside, pair)
        drawn = _pair(beside, one, other, width_cells, _mark(beside, pair.pairing))
        rows.append(Row(f"{numbers[0]},{numbers[1]}", drawn))
    return rows


def _texts(beside: Beside, pair: Pair) -> Iterator[Styled]:
    for text, at in ((beside.one, pair.one), (beside.other, pair.other)):
        if at is None:
            yield styled(
                (_("– nothing in %(language)s") % {"language": name(text.language, 16)}, "dim italic")
            )
        else:
            yield styled((f"¶{at + 1} ", "dim"), text.paragraphs[at])


def _pair(beside: Beside, one: Styled, other: Styled, width_cells: int, mark: str) -> Styled:
    sides = [text.direction is Direction.RIGHT_TO_LEFT for text in (beside.one, beside.other)]
    drawn: list[Styled] = [styled((mark, "bold $warning"))] if mark else []
    if width_cells >= COLUMNS_CELLS_MIN:
        drawn.append(columns(one, other, width_cells, at_right=(sides[0], sides[1])))
    else:
        for text, rtl in zip((one, other), sides, strict=True):
            drawn.append(at_right(text, width_cells) if rtl else text)
    return lines([*drawn, ""])


def _mark(beside: Beside, pairing: Pairing) -> str:
    translation = beside.translation
    alone = {Pairing.ONE_ALONE: beside.one, Pairing.OTHER_ALONE: beside.other}.get(pairing)
    if pairing is Pairing.SAME:
        return ""
    if alone is None:
        return _("! changed since it was translated")
    if translation is None:
        return _("! stands in %(language)s only") % {"language": name(alone.language, 16)}
    if alone is translation:
        return _("! stands in the translation only: taken out of the text, or put in here")
    return _("! not translated")
