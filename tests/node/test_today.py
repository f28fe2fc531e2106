"""What needs me now: what is in the list, and in which order."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.api.commands import (
    Capacity,
    MarkRead,
    OpenCase,
    PostMessage,
    ShowStatement,
    ShowToday,
    SignStatement,
)
from meshcoal.api.views import (
    CaseView,
    Done,
    MessageView,
    StatementView,
    TodayItemView,
    TodayKind,
    TodayView,
)
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.node.today import in_order
from meshcoal.sim.coalition import author_of, channel_of
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.world import World
from meshcoal.wire.post import MENTION

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, frozen_letter

NOW_MS = 1_800_000_000_000


def item(kind: TodayKind, *, since_ms: int = -1, until_ms: int = -1, title: str = "") -> TodayItemView:
    return TodayItemView(
        kind=kind,
        campaign=b"",
        campaign_name="",
        subject=b"",
        channel=b"",
        title=title,
        since_ms=since_ms,
        until_ms=until_ms,
        count=1,
    )


def today(world: World, name: str) -> dict[TodayKind, TodayItemView]:
    return {one.kind: one for one in world.look(name, ShowToday(), TodayView).items}


def test_what_runs_out_goes_first() -> None:
    """Goal: one order everywhere. Method: a letter that ends today between alerts, mentions and warnings."""
    ends_today = item(TodayKind.SIGN, until_ms=NOW_MS + HOUR_MS)
    ends_later = item(TodayKind.SIGN, until_ms=NOW_MS + 20 * DAY_MS, title="later")
    overdue = item(TodayKind.ALERT, since_ms=NOW_MS - DAY_MS, until_ms=NOW_MS - HOUR_MS)
    old, new = (item(TodayKind.ALERT, since_ms=NOW_MS - age) for age in (9 * DAY_MS, HOUR_MS))
    mention, gap = item(TodayKind.MENTION, since_ms=NOW_MS), item(TodayKind.GAP)
    expected = (overdue, ends_today, old, new, ends_later, mention, gap)
    for turn in range(len(expected)):
        assert in_order([*expected[turn:], *expected[:turn]], NOW_MS) == expected


def test_what_is_done_leaves_the_list() -> None:
    """Goal: each item is there until it is done, and names what to open. Method: mention, alert, letter."""
    world, campaign = coalition("ana", "ben")
    channel = channel_of(world, "ana", campaign)
    said = world.command(
        "ana",
        PostMessage(
            campaign=campaign,
            channel=channel,
            text=f"{CANARY} {MENTION} come",
            mentions=(author_of(world, "ben", campaign),),
        ),
        MessageView,
    )
    case = world.command("ana", OpenCase(campaign=campaign, title=f"{CANARY} taken", text=""), CaseView)
    letter = frozen_letter(world, "ana", campaign, f"{CANARY} Dear Minister,")
    world.run_ms(10_000)
    found = today(world, "ben")
    assert found[TodayKind.MENTION].subject == said.id
    assert found[TodayKind.MENTION].channel == channel
    assert "@ben come" in found[TodayKind.MENTION].title
    assert found[TodayKind.ALERT].subject == case.id
    assert found[TodayKind.SIGN].subject == letter.id
    assert found[TodayKind.SIGN].until_ms > world.now_ms
    assert TodayKind.MENTION not in today(world, "ana")
    assert TodayKind.ALONE in today(world, "ana"), "the only organiser"
    assert TodayKind.ALONE not in found
    world.command("ben", MarkRead(campaign=campaign, channel=channel, message=said.id), Done)
    view = world.look("ben", ShowStatement(campaign=campaign, statement=letter.id), StatementView)
    sign = SignStatement(
        campaign=campaign,
        statement=letter.id,
        digest=view.digest,
        capacity=Capacity.INDIVIDUAL,
        name=f"{CANARY} Ben",
    )
    world.command("ben", sign, StatementView)
    left = today(world, "ben")
    assert TodayKind.MENTION not in left
    assert TodayKind.SIGN not in left
    assert TodayKind.ALERT in left
