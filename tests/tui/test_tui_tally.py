"""The live count of a letter: bars, goals, the curve, the time that is left."""

from __future__ import annotations

import dataclasses
import sys
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import DAY_MS, HOUR_MS, LETTER, NOW_MS, FakeDaemon, counting, entry, opened, sealing, tally
from tuirunning import running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.tui.countdown import countdown, next_tick_s, time_left
from meshcoal.tui.pace import STEPS, curve, pace, pace_sentences
from meshcoal.tui.screens.statement import StatementScreen
from meshcoal.tui.widgets.tally import goal_bar, tally_lines

MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("left_ms", "motion", "words"),
    [
        (2 * DAY_MS + 4 * HOUR_MS + 59 * MINUTE_MS, True, "2 days 4 hours"),
        (DAY_MS, True, "1 day"),
        (3 * HOUR_MS + 20 * MINUTE_MS, True, "3 hours 20 minutes"),
        (10 * MINUTE_MS, True, "10 minutes"),
        (9 * MINUTE_MS + 5_000, True, "9 minutes 5 seconds"),
        (9 * MINUTE_MS + 5_000, False, "9 minutes"),
        (1_000, True, "1 second"),
        (1_000, False, "less than a minute"),
    ],
)
def test_time_left_is_calm_until_it_is_short(left_ms: int, motion: bool, words: str) -> None:
    """Goal: no seconds before the last ten minutes, none without motion. Method: spans of each size."""
    assert time_left(left_ms, motion=motion) == words


def test_the_countdown_says_what_the_deadline_does() -> None:
    """Goal: a grace period is no further time to sign. Method: before, within it, behind it, released."""
    letter = opened(deadline_ms=NOW_MS + 2 * HOUR_MS, grace_ms=6 * HOUR_MS)

    def at(later_ms: int) -> str:
        return countdown(letter, now_ms=NOW_MS + later_ms, motion=True)

    assert at(0) == "2 hours left"
    assert at(3 * HOUR_MS) == "closed; what was signed in time is waited for, 5 hours more"
    assert at(9 * HOUR_MS) == "closed: the time for signing is over"
    released = dataclasses.replace(letter, phase=v.StatementPhase.RELEASED)
    assert countdown(released, now_ms=NOW_MS, motion=True) == ""
    ticks = [next_tick_s(letter, now_ms=NOW_MS + ms, motion=True) for ms in (0, 115 * MINUTE_MS, 9 * HOUR_MS)]
    assert ticks == [20.0, 1.0, 0.0]
    assert next_tick_s(letter, now_ms=NOW_MS + 115 * MINUTE_MS, motion=False) == 20.0


async def test_the_countdown_goes_on_without_asking_the_daemon() -> None:
    """Goal: it ticks, and nothing is fetched for it. Method: let time pass, let its timer fire."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened(deadline_ms=NOW_MS + 2 * HOUR_MS)
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        assert run.shows("2 hours left")
        asked = len(daemon.sent)
        run.app.now_ms = lambda: NOW_MS + 30 * MINUTE_MS
        screen = run.app.screen
        assert isinstance(screen, StatementScreen)
        screen._count_down()
        await run.rest()
        assert run.shows("1 hour 30 minutes left")
        assert len(daemon.sent) == asked


def test_goals_show_what_is_missing() -> None:
    """Goal: what a release waits for is seen at a glance and in words. Method: one seat short, one there."""
    quorum = (
        v.QuorumView(seat=c.Seat.IN_COUNTRY, needed=3, have=1),
        v.QuorumView(seat=c.Seat.EXILE, needed=1, have=2),
    )
    drawn = tally_lines(opened(quorum=quorum, seal=sealing()), now_ms=NOW_MS, zone=UTC).plain
    assert "of 3: 2 missing" in drawn
    assert "of 1: reached" in drawn
    assert "of 5: 2 missing" in drawn  # sealed ones
    assert goal_bar(1, 3, 9) == "███░░░░░░"
    assert goal_bar(5, 3, 9) == "█" * 9
    assert goal_bar(0, 3, 3) == "░░░"


def test_each_way_to_stand_on_the_letter_has_its_bar() -> None:
    """Goal: how many are named, and how many are not, is seen. Method: one of each."""
    entries = (
        entry("Ben"),
        entry("Chi", mode=c.NameMode.ROLE),
        entry("Dov", mode=c.NameMode.ADDRESSEE),
        entry("Eve", state=v.EntryState.WITHDRAWN),
    )
    letter = opened(tally=tally(entries), unnamed=counting(), seal=sealing())
    drawn = tally_lines(letter, now_ms=NOW_MS, zone=UTC, width_cells=116).plain.split("\n")
    counts = {}
    for line in drawn:
        for label in (
            "With their name",
            "By role",
            "To the addressee only",
            "Counted, not named",
            "Sealed as",
        ):
            if line.startswith(label):
                counts[label] = int(line.split("█")[0].split()[-1])
    assert list(counts.values()) == [1, 1, 1, 4, 3]


def test_the_curve_only_grows_and_is_said_in_words() -> None:
    """Goal: nobody needs to see it. Method: five signatures in two days, one of them sealed; two outside."""
    hours = (1, 2, 3, 40, 47)
    entries = [
        entry(f"m{hour}", at_ms=NOW_MS - 2 * DAY_MS + hour * HOUR_MS, sealed=hour == 3) for hour in hours
    ]
    count = dataclasses.replace(tally(tuple(entries)), outside=2)
    found = pace(opened(tally=count), now_ms=NOW_MS)
    assert found is not None
    counts = found.counts(24)
    assert counts[-1] == 5
    assert list(counts) == sorted(counts)
    assert pace_sentences(found, now_ms=NOW_MS, zone=UTC) == (
        "The first signed 20 Nov 15:00, half of 5 by 20 Nov 17:00, the last 13:00.",
        "2 of them in the last 24 hours.",
        "By the signers' own clocks.",
        "1 was sealed, and is drawn by its day.",
        "2 more have no time here: from outside, on paper, or not named.",
    )
    assert pace(opened(tally=tally((entry("Ben"),))), now_ms=NOW_MS) is None


@given(st.lists(st.integers(0, 500), max_size=60), st.integers(1, 6))
def test_a_column_is_as_high_as_its_count(steps: list[int], rows: int) -> None:
    """Goal: the picture does not lie. Method: any counts; columns are ordered as counts are, nothing above
    nothing vanishes, the most fills the height."""
    drawn = curve(steps, rows)
    assert len(drawn) == rows
    heights = [sum(STEPS.index(row[at]) for row in drawn) for at in range(len(steps))]
    for count, height in zip(steps, heights, strict=True):
        assert (count == 0) == (height == 0)
        if count == max(steps) and count:
            assert height == rows * (len(STEPS) - 1)
    ordered = [height for _count, height in sorted(zip(steps, heights, strict=True))]
    assert ordered == sorted(ordered)
