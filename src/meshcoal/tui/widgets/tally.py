"""The count of a letter as bars, goals and a curve: each says its number; length and colour only help.

Law: as it came from the daemon, with the digest that every node shares. What is drawn is also said in a
sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final

from rich.cells import cell_len

from meshcoal.api.views import SealPhase, StatementView
from meshcoal.text.sanitise import one_line
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.pace import Pace, curve, pace, pace_sentences
from meshcoal.tui.standing import mode_rows, tally_rows
from meshcoal.tui.widgets.plain import Styled, columns, lines, styled

BAR_CELLS_MAX: Final = 30
LABEL_CELLS_MAX: Final = 24
CURVE_ROWS: Final = 4
WIDTH_CELLS: Final = 76  # where nobody says how much room there is


def bar(count: int, most: int, cells_max: int = BAR_CELLS_MAX) -> str:
    """A bar as long as its share of all; anything above nothing shows."""
    if count == 0 or most == 0:
        return ""
    return "█" * max(1, round(cells_max * min(count, most) / most))


def goal_bar(have: int, needed: int, cells_max: int = BAR_CELLS_MAX) -> str:
    """How much of what is needed is there: full blocks, and light ones for what is missing."""
    filled = bar(have, needed, cells_max)
    return filled + "░" * (cells_max - len(filled))


def tally_lines(
    view: StatementView, *, now_ms: int, zone: tzinfo | None, width_cells: int = WIDTH_CELLS
) -> Styled:
    """All counts, how they came in, what is needed, and the digest that equals everyone's."""
    tally = view.tally
    half = (width_cells - 3) // 2
    drawn: list[str | Styled] = [styled((shown.signed(tally.counted), "bold"))]
    drawn += _bars(tally_rows(tally), tally.counted, half)
    modes = mode_rows(view)
    if len(modes) > 1:
        drawn.append(styled((_("How they stand on the letter"), "dim")))
        drawn += _bars(modes, sum(count for _label, count in modes), half)
    found = pace(view, now_ms=now_ms)
    if found is not None:
        drawn = [columns(lines(drawn), _curve(found, half, now_ms, zone), width_cells)]
        drawn.append(styled((" ".join(pace_sentences(found, now_ms=now_ms, zone=zone)), "dim")))
    drawn += _goals(view, width_cells)
    if tally.on_paper:
        told = _("beside them on paper: %(count)d, entered by witnesses: %(witnesses)d (k)")
        drawn.append(styled(told % {"count": tally.on_paper, "witnesses": tally.witnesses}))
    digest = _("Count's digest: %(digest)s") % {"digest": shown.short_digest(tally.digest)}
    return lines([*drawn, styled((digest, "dim"))])


def _bars(rows: Iterable[tuple[str, int]], most: int, width_cells: int) -> list[Styled]:
    label_cells = min(LABEL_CELLS_MAX, width_cells - 16)
    bar_cells = min(BAR_CELLS_MAX, width_cells - label_cells - 6)
    return [
        styled(f"{_padded(label, label_cells)}{count:>4} ", (bar(count, most, bar_cells), "$primary"))
        for label, count in rows
    ]


def _padded(label: str, width_cells: int) -> str:
    label = one_line(label, width_cells - 1)
    return label + " " * (width_cells - cell_len(label))


def _goals(view: StatementView, width_cells: int) -> Iterable[Styled]:
    """Of what a release, or the opening of sealed signatures, waits for."""
    for one in view.quorum:
        label = _("Needed: %(seat)s") % {"seat": shown.SEATS[one.seat]}
        yield _goal(label, one.have, one.needed, width_cells)
    seal = view.seal
    if seal is not None and seal.phase is SealPhase.SHUT:
        yield _goal(_("To open what is sealed"), seal.count, seal.threshold, width_cells)


def _goal(label: str, have: int, needed: int, width_cells: int) -> Styled:
    told = _("of %(needed)d: reached")
    if have < needed:
        told = ngettext("of %(needed)d: %(count)d missing", "of %(needed)d: %(count)d missing", needed - have)
    return styled(
        f"{_padded(label, width_cells // 2)}{have:>4} ",
        (goal_bar(have, needed, min(BAR_CELLS_MAX // 2, width_cells // 6)), "$primary"),
        " " + told % {"needed": needed, "count": needed - have},
    )


def _curve(found: Pace, width_cells: int, now_ms: int, zone: tzinfo | None) -> Styled:
    """The picture, the most beside its top, and the span below it."""
    most = str(len(found.times_ms))
    wide = width_cells - len(most) - 2
    first = shown.moment(found.from_ms, now_ms=now_ms, zone=zone)
    last = shown.moment(found.to_ms, now_ms=now_ms, zone=zone)
    drawn: list[str | Styled] = [styled((_("How they came in"), "dim"))]
    for number, row in enumerate(curve(found.counts(wide), CURVE_ROWS)):
        drawn.append(styled((row, "$primary"), f" {most}" if number == 0 else ""))
    gap = " " * max(1, wide - cell_len(first) - cell_len(last))
    return lines([*drawn, styled((f"{first}{gap}{last}", "dim"))])
