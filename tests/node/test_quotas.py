"""Members who write more than their quota: others go first, nothing is refused, and the user is told."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.api.commands import PostMessage
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import (
    BACKLOG_BYTES_MAX,
    BACKLOG_LINK_BYTES_MAX,
    QUOTA_DAY_OPERATIONS,
    QUOTA_EPOCH_OPERATIONS,
    QUOTA_HOUR_OPERATIONS,
    QUOTA_MINUTE_BYTES,
    QUOTA_MINUTE_OPERATIONS,
    SLICE_OPERATIONS,
)
from meshcoal.node import backlog as backlog_module
from meshcoal.node import quota as quota_module
from meshcoal.node.backlog import Backlog
from meshcoal.node.quota import DAY, HOUR, MINUTE, Quotas, Written
from meshcoal.sim.coalition import campaign_view, channel_of, members, timeline

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, counted

CHI = AuthorId(b"\x03" * 32)
BEN = AuthorId(b"\x02" * 32)
NOW_MS = 1_800_000_000_000


def test_a_quota_is_spent_by_its_author_alone() -> None:
    """Goal: one member's zeal slows that member. Method: one operation over the minute's quota."""
    quotas = Quotas()
    for _ in range(QUOTA_MINUTE_OPERATIONS):
        quotas.note(CHI, Written(operations=1, bytes=300), NOW_MS)
    assert not quotas.slow(CHI, NOW_MS)
    quotas.note(CHI, Written(operations=1, bytes=300), NOW_MS)
    assert quotas.slow(CHI, NOW_MS)
    assert not quotas.slow(BEN, NOW_MS)
    assert not quotas.slow(CHI, NOW_MS + MINUTE.span_ms)


def test_bytes_count_as_well() -> None:
    """Goal: few large operations weigh like many small ones. Method: the minute's bytes in operations of
    128 KiB, and one more."""
    quotas = Quotas()
    for _ in range(QUOTA_MINUTE_BYTES // (128 * 1024)):
        quotas.note(CHI, Written(operations=1, bytes=128 * 1024), NOW_MS)
    assert not quotas.slow(CHI, NOW_MS)
    quotas.note(CHI, Written(operations=1, bytes=128 * 1024), NOW_MS)
    assert quotas.slow(CHI, NOW_MS)


def test_epochs_weigh_more() -> None:
    """Goal: whoever begins epochs without end is slow soon, because their keys stay. Method: epochs alone."""
    quotas = Quotas()
    for _ in range(QUOTA_MINUTE_OPERATIONS // QUOTA_EPOCH_OPERATIONS + 1):
        quotas.note(CHI, Written(epochs=1, bytes=3_000), NOW_MS)
    assert quotas.slow(CHI, NOW_MS)


def test_the_user_is_told_once_an_hour() -> None:
    """Goal: one notice, not thousands; and it ends. Method: twice the hour's quota, then the next hour."""
    quotas = Quotas()
    told = [
        quotas.note(CHI, Written(operations=1, bytes=300), NOW_MS) for _ in range(2 * QUOTA_HOUR_OPERATIONS)
    ]
    assert told.count(True) == 1
    assert quotas.unusual(NOW_MS) == ((CHI, 2 * QUOTA_HOUR_OPERATIONS),)
    assert quotas.unusual(NOW_MS + HOUR_MS) == ()


def test_a_days_quota_ends_with_the_day() -> None:
    """Goal: nobody walks for ever, even if a clock is set back. Method: a spent day, later, and earlier."""
    quotas = Quotas()
    for _ in range(QUOTA_DAY_OPERATIONS + 1):
        quotas.note(CHI, Written(operations=1, bytes=1), NOW_MS)
    assert quotas.spent_day(CHI, NOW_MS)
    assert not quotas.spent_day(CHI, NOW_MS + DAY_MS)
    assert not quotas.spent_day(CHI, NOW_MS - 1)


def campaign(number: int) -> CampaignId:
    return CampaignId(bytes([number]) * 32)


def test_runs_that_wait_are_taken_in_slices_and_in_turns() -> None:
    """Goal: campaigns take turns, links keep their order. Method: two links of one, one of another."""
    waiting = Backlog()
    runs = {link: tuple([bytes([link, at]) for at in range(3 * SLICE_OPERATIONS)]) for link in (1, 2, 3)}
    for link, place in ((1, campaign(1)), (2, campaign(1)), (3, campaign(2))):
        assert waiting.add(place, link, runs[link])
    got: dict[int, list[bytes]] = {1: [], 2: [], 3: []}
    order = []
    ends = []
    while (piece := waiting.take(NOW_MS)) is not None:
        order.append(piece.link)
        got[piece.link] += piece.operations
        if piece.ends_run:
            ends.append((piece.link, piece.new_before))
        waiting.taken(piece.link, new=2, not_before_ms=NOW_MS)
    assert order[:6] == [1, 3, 2, 3, 1, 3]
    assert {link: tuple(seen) for link, seen in got.items()} == runs
    assert sorted(ends) == [(1, 4), (2, 4), (3, 4)]
    assert waiting.size_bytes == 0
    assert waiting.due_ms(NOW_MS) is None


def test_who_walks_does_not_hold_up_others() -> None:
    """Goal: a spent day slows one link. Method: two links, one of them not before a second later."""
    waiting = Backlog()
    for link in (1, 2):
        assert waiting.add(campaign(1), link, (b"x",) * 200)
    first = waiting.take(NOW_MS)
    assert first is not None
    waiting.taken(first.link, new=0, not_before_ms=NOW_MS + 1_000)
    others = []
    while (piece := waiting.take(NOW_MS)) is not None:
        others.append(piece.link)
    assert others == [2, 2, 2, 2]
    assert waiting.due_ms(NOW_MS) == NOW_MS + 1_000
    assert waiting.take(NOW_MS + 1_000) is not None


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "take", "drop"]), st.integers(1, 12), st.integers(1, 700_000)),
        max_size=60,
    )
)
def test_what_waits_is_bounded(moves: list[tuple[str, int, int]]) -> None:
    """Goal: bytes are bounded by link and in all, and counted truly. Method: random runs, slices and ends."""
    waiting = Backlog()
    held: dict[int, int] = {}
    for move, link, size in moves:
        if move == "add":
            if waiting.add(campaign(link % 3), link, (bytes(size),)):
                held[link] = held.get(link, 0) + size
        elif move == "drop":
            waiting.drop(link)
            held.pop(link, None)
        elif (piece := waiting.take(NOW_MS)) is not None:
            held[piece.link] -= sum(map(len, piece.operations))
        assert waiting.size_bytes == sum(held.values()) <= BACKLOG_BYTES_MAX
        assert max(held.values(), default=0) <= BACKLOG_LINK_BYTES_MAX


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotas of twenty operations, and slices of four."""
    few = (replace(MINUTE, operations=20), replace(HOUR, operations=40), replace(DAY, operations=5_000))
    monkeypatch.setattr(quota_module, "QUOTAS", few)
    monkeypatch.setattr(quota_module, "QUOTA_EPOCH_OPERATIONS", 1)
    monkeypatch.setattr(backlog_module, "SLICE_OPERATIONS", 4)


@pytest.mark.usefixtures("small")
def test_others_go_before_a_member_who_floods() -> None:
    """Goal: another's message arrives while a flood is under way, no message is lost, and the user is told
    who it is. Method: three hundred messages of Chi's at once, then one of Ben's."""
    world, place = coalition("ana", "ben", "chi")
    channel = channel_of(world, "chi", place)
    for number in range(300):
        world.submit("chi", PostMessage(campaign=place, channel=channel, text=f"flood {number}"))
    world.submit("ben", PostMessage(campaign=place, channel=channel, text="the bus leaves at six"))
    assert world.run_until(lambda: "the bus leaves at six" in timeline(world, "ana", place), 60_000)
    arrived = len([text for text in timeline(world, "ana", place) if text.startswith("flood")])
    assert arrived < 300, "the flood was under way"
    world.run_ms(120_000)
    for name in ("ana", "ben"):
        texts = timeline(world, name, place)
        assert len(texts) == 301
        assert [text for text in texts if text.startswith("flood")] == [f"flood {n}" for n in range(300)]
    busy = campaign_view(world, "ana", place).busy
    assert [one.author for one in busy] == [members(world, "ana", place)["chi"]]
    assert [one.name for one in busy] == ["chi"]
    assert busy[0].operations > 40
    assert "over-limit" not in counted(world, "ana")


@pytest.mark.usefixtures("small")
def test_history_counts_against_nobody() -> None:
    """Goal: whoever was away catches up at full speed, and nobody is suspected. Method: Dov is away while Chi
    writes more than the quota, and hears of it from Ana and Ben."""
    world, place = coalition("ana", "ben", "chi", "dov")
    channel = channel_of(world, "chi", place)
    world.offline("dov")
    for number in range(60):
        world.submit("chi", PostMessage(campaign=place, channel=channel, text=f"news {number}"))
        world.run_ms(4_000)
    world.offline("chi")
    world.run_ms(5_000)
    world.online("dov")
    world.run_ms(120_000)
    assert len(timeline(world, "dov", place)) == 60
    assert campaign_view(world, "dov", place).busy == ()


@pytest.mark.usefixtures("small")
def test_what_there_was_no_room_for_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: what is let go is asked for again. Method: room for two kilobytes, and two hundred messages."""
    monkeypatch.setattr(backlog_module, "BACKLOG_LINK_BYTES_MAX", 2_000)
    world, place = coalition("ana", "chi")
    channel = channel_of(world, "chi", place)
    for number in range(200):
        world.submit("chi", PostMessage(campaign=place, channel=channel, text=f"flood {number}"))
    assert world.run_until(lambda: len(timeline(world, "ana", place)) == 200, 900_000)
