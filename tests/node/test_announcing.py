"""When members are told who holds what: soon, but not with each message of a conversation."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.sim.coalition import campaign_view, post

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition

NAMES = ("ana", "ben", "chi", "dov")


def test_a_lone_message_is_known_to_be_held_by_all_within_a_moment() -> None:
    """Goal: the truth is quick where it is cheap. Method: quiet, one message, a fifth of a second."""
    world, campaign = coalition(*NAMES)
    world.run_ms(60_000)
    post(world, "ana", campaign, "gate 4 at nine")
    world.run_ms(200)
    for name in NAMES:
        assert all(member.behind == 0 for member in campaign_view(world, name, campaign).members)


def test_a_conversation_costs_little_more_than_its_messages() -> None:
    """Goal: frames for talk, not for telling who holds it. Method: 40 messages in 4 seconds; count frames."""
    world, campaign = coalition(*NAMES)
    world.run_ms(60_000)
    before = world.watch.frames
    for number in range(40):
        post(world, NAMES[number % 4], campaign, f"number {number}")
        world.run_ms(100)
    said = world.watch.frames - before
    pushed, links = 40 * 3, 4 * 3
    assert pushed < said <= pushed + 2 * links * 6  # a word and a frontier on each link, once a second
    world.run_ms(2_000)
    for name in NAMES:
        assert all(member.behind == 0 for member in campaign_view(world, name, campaign).members)
