"""Milliseconds, and how they are written for people.

Law: time is an `int` of Unix milliseconds in UTC and arrives as an argument; only the shell reads a clock.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

TIME_MS_MAX: Final = 253_402_300_799_000  # the last second of the year 9999


def to_second(at_ms: int) -> int:
    """Cut off what is below the second: it is published, and nobody needs more of it."""
    return at_ms - at_ms % SECOND_MS


def iso_utc(at_ms: int) -> str:
    """RFC 3339 in UTC to the second, such as `2026-11-22T18:00:00Z`; the sub-second part is cut off."""
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> int:
    """Milliseconds of an RFC 3339 or ISO 8601 time **with a zone**.

    Raises:
        ValueError: it does not parse, lacks a zone, or lies outside the years 1970 to 9999.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time needs a zone, such as Z or +04:00")
    at_ms = int(moment.timestamp() * 1000)
    if not 0 <= at_ms <= TIME_MS_MAX:
        raise ValueError("the time is out of range")
    return at_ms
