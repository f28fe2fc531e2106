"""When members tell each other what they hold."""

from __future__ import annotations

import pytest

from meshcoal.node.pace import (
    ANNOUNCE_AFTER_MS,
    ANNOUNCE_EVERY_MS,
    ANNOUNCE_RELAYED_AFTER_MS,
    announce_ms,
)

NOW_MS = 1_000_000


@pytest.mark.parametrize("members", [2, 5, 8])
def test_few_members_tell_soon_and_every_two_seconds(members: int) -> None:
    """Goal: soon after a silence, rarely in steady talk. Method: told long ago, and just now."""
    assert announce_ms(NOW_MS, 0, members=members, relays=False) == NOW_MS + ANNOUNCE_AFTER_MS
    assert announce_ms(NOW_MS, NOW_MS, members=members, relays=False) == NOW_MS + ANNOUNCE_EVERY_MS


@pytest.mark.parametrize("members", [9, 16, 31, 32])
def test_a_member_of_many_says_no_more_than_one_of_eight(members: int) -> None:
    """Goal: frames a second do not grow with the members. Method: frames of a round over its time."""
    every_ms = announce_ms(NOW_MS, NOW_MS, members=members, relays=False) - NOW_MS
    assert (members - 1) / every_ms <= 8 / ANNOUNCE_EVERY_MS
    assert announce_ms(NOW_MS, 0, members=members, relays=False) > NOW_MS + ANNOUNCE_AFTER_MS


def test_where_all_pass_on_what_is_new_it_is_told_at_leisure() -> None:
    """Goal: announcements of the tree carry the news there. Method: a large campaign."""
    assert announce_ms(NOW_MS, 0, members=150, relays=True) == NOW_MS + ANNOUNCE_RELAYED_AFTER_MS
