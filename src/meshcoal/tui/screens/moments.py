"""Times as people type them into a form: in their own zone, unless they name another."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from meshcoal.errors import BadArgument
from meshcoal.tui.locale import _


def parse_deadline(text: str, zone: tzinfo | None) -> int:
    """Milliseconds of `2026-11-22 18:00` in the reader's zone, or of a time that names its own.

    Raises:
        BadArgument: it is not a date and time.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone) if zone is not None else moment.astimezone()
        at_ms = int(moment.timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as exc:
        raise BadArgument(_("write the date and time like this: 2026-11-22 18:00")) from exc
    if at_ms < 0:
        raise BadArgument(_("write the date and time like this: 2026-11-22 18:00"))
    return at_ms


def written(at_ms: int, zone: tzinfo | None) -> str:
    """A time as it is typed: `2026-11-22 18:00` in the reader's zone."""
    return f"{datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(zone):%Y-%m-%d %H:%M}"
