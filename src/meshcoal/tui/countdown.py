"""How much time is left to sign, said so that it can tick while it is read.

Law: worked out from the letter's dates and the clock alone; nothing is fetched. Days and hours, then minutes;
seconds only in the last ten minutes, and not where motion is unwanted. What a date does is said with it.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.views import StatementPhase, StatementView
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from meshcoal.tui.locale import _, ngettext

SECONDS_FROM_MS: Final = 10 * MINUTE_MS
CALM_TICK_S: Final = 20.0
LAST_TICK_S: Final = 1.0


def time_left(left_ms: int, *, motion: bool) -> str:
    """A span that gets shorter: `2 days 4 hours`, `3 hours 20 minutes`, `9 minutes 5 seconds`.

    Args:
        left_ms: at least 0.
        motion: whether seconds may be shown, where few minutes are left.
    """
    days, hours = left_ms // DAY_MS, left_ms % DAY_MS // HOUR_MS
    minutes, seconds = left_ms % HOUR_MS // MINUTE_MS, left_ms % MINUTE_MS // SECOND_MS
    if days:
        return _both(_days(days), _hours(hours) if hours else "")
    if hours:
        return _both(_hours(hours), _minutes(minutes) if minutes else "")
    if motion and left_ms < SECONDS_FROM_MS:
        return _both(_minutes(minutes), _seconds(seconds)) if minutes else _seconds(seconds)
    return _minutes(minutes) if minutes else _("less than a minute")


def _both(large: str, small: str) -> str:
    # Translators: two spans of time, such as “2 days” and “3 hours”; put an “and” between where you say one.
    return _("%(large)s %(small)s") % {"large": large, "small": small} if small else large


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _hours(count: int) -> str:
    return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}


def _minutes(count: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}


def _seconds(count: int) -> str:
    return ngettext("%(count)d second", "%(count)d seconds", count) % {"count": count}


def countdown(view: StatementView, *, now_ms: int, motion: bool) -> str:
    """How long an open letter can be signed; behind that, what is waited for. Empty: it is not open.

    Args:
        motion: as of `time_left`.
    """
    if view.phase is not StatementPhase.OPEN:
        return ""
    if now_ms <= view.deadline_ms:
        # Translators: a span such as “2 days 3 hours”; where it would be declined, say “left: 2 days”.
        return _("%(left)s left") % {"left": time_left(view.deadline_ms - now_ms, motion=motion)}
    over_ms = view.deadline_ms + view.grace_ms
    if now_ms <= over_ms:
        left = time_left(over_ms - now_ms, motion=motion)
        return _("closed; what was signed in time is waited for, %(left)s more") % {"left": left}
    return _("closed: the time for signing is over")


def next_tick_s(view: StatementView, *, now_ms: int, motion: bool) -> float:
    """After how many seconds the countdown may say something else; 0: never."""
    if view.phase is not StatementPhase.OPEN or now_ms > view.deadline_ms + view.grace_ms:
        return 0.0
    end_ms = view.deadline_ms if now_ms <= view.deadline_ms else view.deadline_ms + view.grace_ms
    return LAST_TICK_S if motion and end_ms - now_ms <= SECONDS_FROM_MS + MINUTE_MS else CALM_TICK_S
