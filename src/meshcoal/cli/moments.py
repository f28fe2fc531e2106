"""Times as people type and read them.

Law: a time without a zone is refused, because members read it in different countries.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import Final

from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS, parse_iso
from meshcoal.errors import BadArgument
from meshcoal.text.calendars import beside

_UNITS_MS: Final = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}
_SPAN: Final = re.compile(r"(?:in\s+)?([0-9]{1,5})\s*([mhdw])", re.IGNORECASE)


def parse_moment(text: str, now_ms: int) -> int:
    """Unix milliseconds of a deadline: ISO 8601 with a zone, or a span from now such as `in 24h` or `3d`.

    Raises:
        BadArgument: it is neither.
    """
    if _SPAN.fullmatch(text.strip()):
        return now_ms + parse_span(text)
    try:
        return parse_iso(text.strip())
    except (ValueError, OverflowError):
        raise BadArgument(
            "A time is written with its zone, such as 2026-11-22T18:00+04:00, or as a span from now, "
            "such as `in 24h` or `3d`."
        ) from None


def parse_since(text: str, now_ms: int) -> int:
    """Unix milliseconds of a time that is past: ISO 8601 with a zone, or a span before now such as `3d`.

    Raises:
        BadArgument: it is neither, or is to come.
    """
    span = _SPAN.fullmatch(text.strip())
    at_ms = now_ms - parse_span(text) if span else parse_moment(text, now_ms)
    if not 0 < at_ms <= now_ms:
        raise BadArgument("That time is not past.")
    return at_ms


def parse_span(text: str) -> int:
    """Milliseconds of a span such as `90m`, `24h` or `3d`.

    Raises:
        BadArgument: it is none.
    """
    span = _SPAN.fullmatch(text.strip())
    if not span:
        raise BadArgument("A span is written like `90m`, `24h` or `3d`.")
    return int(span[1]) * _UNITS_MS[span[2].lower()]


def when(at_ms: int) -> str:
    """To the minute, in UTC, which is the same for everybody who reads it; empty for -1."""
    if at_ms < 0:
        return ""
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")


def when_here(at_ms: int) -> str:
    """In UTC and in the reader's own zone, and the day in the reader's calendar."""
    here = datetime.fromtimestamp(at_ms // 1000, tz=UTC).astimezone()
    day = beside(here.date(), os.environ)
    if not here.utcoffset():
        return when(at_ms) + day
    offset = here.strftime("%z")
    return f"{when(at_ms)}, here {here.strftime('%Y-%m-%d %H:%M')} ({offset[:3]}:{offset[3:]}){day}"
