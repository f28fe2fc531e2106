"""The reader's calendar beside the Gregorian date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.cli.moments import when_here
from meshcoal.text.calendars import Calendar, beside, calendar_of, in_calendar, spelled

DAYS = st.dates(min_value=date(1800, 1, 1), max_value=date(2250, 12, 31))


@pytest.mark.parametrize(
    ("day", "calendar", "found"),
    [
        (date(2024, 3, 20), Calendar.PERSIAN, (1403, 1, 1)),
        (date(2025, 3, 20), Calendar.PERSIAN, (1403, 12, 30)),  # a leap year
        (date(2025, 3, 21), Calendar.PERSIAN, (1404, 1, 1)),
        (date(2026, 3, 20), Calendar.PERSIAN, (1404, 12, 29)),
        (date(1979, 2, 11), Calendar.PERSIAN, (1357, 11, 22)),
        (date(2022, 9, 16), Calendar.PERSIAN, (1401, 6, 25)),
        (date(2024, 7, 8), Calendar.ISLAMIC, (1446, 1, 1)),
        (date(2000, 4, 6), Calendar.ISLAMIC, (1421, 1, 1)),
        (date(2007, 9, 12), Calendar.ETHIOPIAN, (2000, 1, 1)),
        (date(2026, 9, 11), Calendar.ETHIOPIAN, (2019, 1, 1)),
        (date(2023, 9, 12), Calendar.ETHIOPIAN, (2016, 1, 1)),
        (date(2026, 11, 23), Calendar.BUDDHIST, (2569, 11, 23)),
    ],
)
def test_known_days(day: date, calendar: Calendar, found: tuple[int, int, int]) -> None:
    """Goal: the date on the reader's wall. Method: new years, leap days and days of history."""
    assert in_calendar(day, calendar) == found


@given(DAYS, st.sampled_from(list(Calendar)))
def test_each_day_follows_the_one_before(day: date, calendar: Calendar) -> None:
    """Goal: no day twice, none left out. Method: a day and the next, anywhere in four centuries."""
    year, month, number = in_calendar(day, calendar)
    following = in_calendar(day + timedelta(days=1), calendar)
    assert 1 <= month <= 13
    assert 1 <= number <= 31
    assert following in (
        (year, month, number + 1),
        (year, month + 1, 1),
        (year + 1, 1, 1),
    )
    if following == (year, month + 1, 1):
        assert number >= 28
    if following == (year + 1, 1, 1):
        assert (month, number) >= (12, 29)


def test_the_locale_decides() -> None:
    """Goal: nobody gets a calendar they did not ask for. Method: locales in each spelling."""
    assert calendar_of("fa_IR.UTF-8") is Calendar.PERSIAN
    assert calendar_of("fa-AF") is Calendar.PERSIAN
    assert calendar_of("am_ET") is Calendar.ETHIOPIAN
    assert calendar_of("th_TH@x") is Calendar.BUDDHIST
    assert calendar_of("ar_SA") is Calendar.ISLAMIC
    for locale in ("", "C", "C.UTF-8", "en_GB", "ar_BH", "my_MM", "zh_CN"):
        assert calendar_of(locale) is None
    assert spelled(date(2026, 11, 23), Calendar.PERSIAN) == "1405-09-02 Persian"


def test_it_stands_beside_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: a deadline that a reader in Tehran cannot mistake. Method: locales of times."""
    day = date(2026, 11, 23)
    assert beside(day, {"LC_ALL": "", "LC_TIME": "fa_IR", "LANG": "en_GB"}) == " (1405-09-02 Persian)"
    assert beside(day, {"LC_ALL": "C", "LC_TIME": "fa_IR"}) == ""
    assert beside(date(9999, 1, 1), {"LANG": "fa_IR"}) == ""
    monkeypatch.setenv("LC_ALL", "am_ET.UTF-8")
    assert "(2019-03-14 Ethiopian)" in when_here(1_795_430_000_000)
    monkeypatch.setenv("LC_ALL", "C")
    assert "Ethiopian" not in when_here(1_795_430_000_000)
