"""The day of a time in the reader's calendar: Persian, Islamic, Ethiopian, Buddhist.

Law: shown beside the Gregorian date and never instead of it; nothing is read back from it. Which calendar is
the locale's affair; where it asks for none, there is none.

Sources: Persian by the leap years of Borkowski, "The Persian calendar for 3000 years" (1996), as the official
one from 1178 to 1633 (Gregorian 1799 to 2254); Islamic by the tabular calendar (Reingold and Dershowitz,
"Calendrical Calculations", chapter 7), from which the one that is observed can differ by a day or two;
Ethiopian by the same, chapter 4; Buddhist years are those of Thailand since 1941.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date
from typing import Final

YEARS: Final = range(1800, 2251)  # Gregorian, in which all of them hold


class Calendar(enum.StrEnum):
    """Beside the Gregorian one."""

    PERSIAN = "Persian"
    ISLAMIC = "Islamic, about"
    ETHIOPIAN = "Ethiopian"
    BUDDHIST = "Buddhist"


_BY_LANGUAGE: Final = {
    "fa": Calendar.PERSIAN,
    "ckb_IR": Calendar.PERSIAN,
    "ps": Calendar.PERSIAN,
    "am": Calendar.ETHIOPIAN,
    "ti": Calendar.ETHIOPIAN,
    "om_ET": Calendar.ETHIOPIAN,
    "th": Calendar.BUDDHIST,
    "ar_SA": Calendar.ISLAMIC,
    "ar_AE": Calendar.ISLAMIC,
    "ar_KW": Calendar.ISLAMIC,
    "ar_QA": Calendar.ISLAMIC,
    "ar_YE": Calendar.ISLAMIC,
}
_JULIAN_DAY_OF_ORDINAL_0: Final = 1_721_425  # at noon; Python numbers days from 1, the first of January of 1
_BREAKS: Final = (
    -61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060, 2097, 2192, 2262, 2324, 2394, 2456,
    3178,
)  # fmt: skip


def calendar_of(locale: str) -> Calendar | None:
    """The calendar of a locale such as `fa_IR.UTF-8`, `am_ET`, `th`; None where it is the Gregorian one."""
    place = locale.partition(".")[0].partition("@")[0].replace("-", "_")
    return _BY_LANGUAGE.get(place) or _BY_LANGUAGE.get(place.partition("_")[0])


def calendar_in(environment: Mapping[str, str]) -> Calendar | None:
    """That of the system's locale of times, as POSIX has it: `LC_ALL`, else `LC_TIME`, else `LANG`."""
    locale = next((environment[one] for one in ("LC_ALL", "LC_TIME", "LANG") if environment.get(one)), "")
    return calendar_of(locale)


def beside(day: date, environment: Mapping[str, str]) -> str:
    """The day as the reader's calendar has it, such as ` (1405-09-02 Persian)`; or nothing."""
    calendar = calendar_in(environment)
    return f" ({spelled(day, calendar)})" if calendar and day.year in YEARS else ""


def spelled(day: date, calendar: Calendar) -> str:
    """Year, month and day of that calendar, and its name, such as `1405-09-02 Persian`."""
    year, month, number = in_calendar(day, calendar)
    return f"{year:04}-{month:02}-{number:02} {calendar.value}"


def in_calendar(day: date, calendar: Calendar) -> tuple[int, int, int]:
    """Year, month, day; for days from 1799 to 2254."""
    julian_day = day.toordinal() + _JULIAN_DAY_OF_ORDINAL_0
    match calendar:
        case Calendar.PERSIAN:
            return _persian(day)
        case Calendar.ISLAMIC:
            return _islamic(julian_day)
        case Calendar.ETHIOPIAN:
            return _ethiopian(julian_day)
        case Calendar.BUDDHIST:
            return day.year + 543, day.month, day.day


def _persian(day: date) -> tuple[int, int, int]:
    year = day.year - 621
    march, since_leap = _persian_new_year(year)
    past = day.toordinal() - date(day.year, 3, march).toordinal()
    if past >= 0:
        if past <= 185:
            return year, 1 + past // 31, past % 31 + 1
        past -= 186
    else:
        year -= 1
        past += 179 + (since_leap == 1)
    return year, 7 + past // 30, past % 30 + 1


def _persian_new_year(year: int) -> tuple[int, int]:
    """The day of March on which a Persian year begins, and how many years ago the last leap year was."""
    leaps, before = -14, _BREAKS[0]
    jump = 0
    for following in _BREAKS[1:]:
        jump = following - before
        if year < following:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        before = following
    rest = year - before
    leaps += rest // 33 * 8 + (rest % 33 + 3) // 4
    if jump % 33 == 4 and jump - rest == 4:
        leaps += 1
    gregorian = year + 621
    march = 20 + leaps - (gregorian // 4 - (gregorian // 100 + 1) * 3 // 4 - 150)
    if jump - rest < 6:
        rest = rest - jump + (jump + 4) // 33 * 33
    return march, ((rest + 1) % 33 - 1) % 4 if (rest + 1) % 33 else 4


def _islamic(julian_day: int) -> tuple[int, int, int]:
    left = julian_day - 1_948_440 + 10_632
    cycles = (left - 1) // 10_631
    left = left - 10_631 * cycles + 354
    year = (10_985 - left) // 5_316 * (50 * left // 17_719) + left // 5_670 * (43 * left // 15_238)
    left = left - (30 - year) // 15 * (17_719 * year // 50) - year // 16 * (15_238 * year // 43) + 29
    month = 24 * left // 709
    return 30 * cycles + year - 30, month, left - 709 * month // 24


def _ethiopian(julian_day: int) -> tuple[int, int, int]:
    rest = (julian_day - 1_723_856) % 1_461
    of_year = rest % 365 + 365 * (rest // 1_460)
    year = 4 * ((julian_day - 1_723_856) // 1_461) + rest // 365 - rest // 1_460
    return year, of_year // 30 + 1, of_year % 30 + 1
