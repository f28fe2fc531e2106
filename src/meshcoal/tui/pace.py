"""How the signatures came in over time: a curve that only grows, and the same in sentences.

Law: drawn from the times that the signers' own devices gave, and says so. Only what stands on the list by an
entry is in it: sealed signatures from when they open, by their day; those from outside, on paper and counted
without a name have no time here, and are told beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from meshcoal.api.views import EntryState, StatementPhase, StatementView
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext

COUNTED: Final = (EntryState.COUNTED, EntryState.ADDED, EntryState.WITHDRAWN_AFTER_RELEASE)
STEPS: Final = " ▁▂▃▄▅▆▇█"
ENTRIES_MIN: Final = 2  # fewer make no curve
_LEAD: Final = 12  # one part in so many is drawn before the first, so that it is seen to come


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Times of signatures, ascending, and the span in which they are drawn."""

    times_ms: tuple[int, ...]
    from_ms: int
    to_ms: int
    sealed: int  # of them, how many are dated by the day
    timeless: int  # on the list, and without a time here

    def counts(self, columns: int) -> tuple[int, ...]:
        """How many had signed at the end of each of so many equal spans."""
        span_ms = max(1, self.to_ms - self.from_ms)
        ends = [self.from_ms + span_ms * (at + 1) // columns for at in range(columns)]
        return tuple([sum(time_ms <= end_ms for time_ms in self.times_ms) for end_ms in ends])


def pace(view: StatementView, *, now_ms: int) -> Pace | None:
    """None where too few have signed to make a curve."""
    entries = [one for one in view.tally.entries if one.state in COUNTED]
    times = sorted([one.at_ms for one in entries])
    if len(times) < ENTRIES_MIN:
        return None
    end_ms = now_ms
    if view.phase is StatementPhase.RELEASED:
        end_ms = view.released_ms
    elif view.deadline_ms >= 0:
        end_ms = min(now_ms, view.deadline_ms)
    unnamed = view.unnamed.counted if view.unnamed is not None else 0
    to_ms = max(end_ms, times[-1])  # a clock may run ahead of mine
    return Pace(
        times_ms=tuple(times),
        from_ms=times[0] - max(MINUTE_MS, (to_ms - times[0]) // _LEAD),
        to_ms=to_ms,
        sealed=sum(one.sealed for one in entries),
        timeless=view.tally.outside + view.tally.on_paper + unnamed,
    )


def curve(counts: Sequence[int], rows: int) -> tuple[str, ...]:
    """The curve as so many lines of blocks, the highest first; each column is as high as its count."""
    most = max(1, max(counts, default=0))
    steps = len(STEPS) - 1
    heights = [-(-count * rows * steps // most) for count in counts]  # anything above nothing shows
    return tuple(
        [
            "".join([STEPS[min(steps, max(0, height - row * steps))] for height in heights])
            for row in reversed(range(rows))
        ]
    )


def pace_sentences(found: Pace, *, now_ms: int, zone: tzinfo | None) -> tuple[str, ...]:
    """What the curve shows, for whoever does not see it, and what it leaves out."""
    times = found.times_ms
    half = times[(len(times) + 1) // 2 - 1]
    told = [
        _("The first signed %(first)s, half of %(count)d by %(half)s, the last %(last)s.")
        % {
            "first": shown.moment(times[0], now_ms=now_ms, zone=zone),
            "count": len(times),
            "half": shown.moment(half, now_ms=now_ms, zone=zone),
            "last": shown.moment(times[-1], now_ms=now_ms, zone=zone),
        }
    ]
    lately = sum(now_ms - DAY_MS < one for one in times)
    if lately:
        said = ngettext(
            "%(count)d of them in the last 24 hours.", "%(count)d of them in the last 24 hours.", lately
        )
        told.append(said % {"count": lately})
    told.append(_("By the signers' own clocks."))
    if found.sealed:
        told.append(
            ngettext(
                "%(count)d was sealed, and is drawn by its day.",
                "%(count)d were sealed, and are drawn by their day.",
                found.sealed,
            )
            % {"count": found.sealed}
        )
    if found.timeless:
        told.append(
            ngettext(
                "%(count)d more has no time here: from outside, on paper, or not named.",
                "%(count)d more have no time here: from outside, on paper, or not named.",
                found.timeless,
            )
            % {"count": found.timeless}
        )
    return tuple(told)
