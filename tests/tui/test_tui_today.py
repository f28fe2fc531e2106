"""What needs me now, at the top of the first screen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import CAMPAIGN, GENERAL, HOUR_MS, LETTER, NOW_MS, FakeDaemon, draft, identifier
from tuirunning import running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.tui.widgets.timeline import Timeline
from meshcoal.tui.widgets.today import TodayList


def item(kind: v.TodayKind, **changes: Any) -> v.TodayItemView:
    base: dict[str, Any] = {
        "kind": kind,
        "campaign": CAMPAIGN,
        "campaign_name": "Free Dr. Haddad",
        "subject": b"",
        "channel": b"",
        "title": "",
        "since_ms": -1,
        "until_ms": -1,
        "count": 1,
    }
    return v.TodayItemView(**{**base, **changes})


SIGN = item(v.TodayKind.SIGN, subject=LETTER, title="Letter to the Minister", until_ms=NOW_MS + 5 * HOUR_MS)
MENTION = item(
    v.TodayKind.MENTION,
    subject=identifier("message 1"),
    channel=GENERAL,
    title="Ben: @Ana come",
    since_ms=NOW_MS,
)


@pytest.mark.parametrize(
    ("one", "words", "place"),
    [
        (SIGN, "in 5 hours", "statement"),
        (MENTION, "Mentions you", "channel"),
        (item(v.TodayKind.WARNING, count=2), "2 warnings", "warnings"),
        (item(v.TodayKind.INTRODUCTION), "1 wants to come in", "introductions"),
        (item(v.TodayKind.UNCOMPARED, count=3), "3 members with whom", "members"),
        (item(v.TodayKind.GAP, count=4), "4 messages are missing", "campaign"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_enter_goes_to_where_it_is_done(one: v.TodayItemView, words: str, place: str) -> None:
    """Goal: each item is one key from being done. Method: the only item of the list; Enter."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = draft()
    daemon.today = [one]
    async with running(daemon) as run:
        assert run.shows(words)
        await run.press("t", "enter")
        assert run.place == place
        if place == "channel":
            assert run.app.screen.query_one(Timeline).chosen == identifier("message 1").hex()


async def test_the_list_is_hidden_where_nothing_needs_me() -> None:
    """Goal: a calm screen. Method: no item; the list is not drawn, and Enter opens the campaign."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        assert not run.app.screen.query_one(TodayList).display
        await run.press("enter")
        assert run.place == "campaign"
        assert not run.sent(c.SignStatement)
