"""What waits on a node's links: bounded for each and in all, and dropped where a peer takes nothing."""

from __future__ import annotations

from typing import cast

import pytest

from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import LinkClosed, OverLimit
from meshcoal.limits import LINK_IDLE_TIMEOUT_MS, LINK_QUEUE_BYTES_MAX, LINK_QUEUES_BYTES_MAX
from meshcoal.node.effects import HangUp, TellSent
from meshcoal.node.links import Link, Links
from meshcoal.node.step import Step
from meshcoal.sync.knock import Knocks
from meshcoal.sync.outbox import WINDOW_BYTES
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import Run

NOW_MS = 1_800_000_000_000
LARGE = Run(operations=(bytes(200_000),))


class Sealed:
    """A session that stands, and gives each message one frame of its own size."""

    established = True

    def seal(self, encoded: bytes, now_ms: int) -> list[bytes]:
        return [encoded]


@pytest.fixture
def links() -> Links:
    chance = SeededEntropy(b"outboxes")
    tools = Tools(entropy=chance, kem=DeterministicKem(chance), knocks=Knocks())
    return Links(entropy=chance, tools=tools, counters={})


def stand(links: Links, number: int) -> Link:
    link = Link(number=number, transport="test", target=None, opened_ms=NOW_MS, heard_ms=NOW_MS)
    link.session = cast(Session, Sealed())
    links.by_number[number] = link
    return link


def hung_up(step: Step) -> list[tuple[int, str]]:
    return [(one.link, one.code) for one in step.effects() if isinstance(one, HangUp)]


def test_a_peer_that_takes_nothing_is_dropped_when_too_much_waits(links: Links) -> None:
    """Goal: one link's memory is bounded. Method: runs to a link whose shell never says that they left."""
    link, step = stand(links, 1), Step(NOW_MS)
    count = 0
    while not link.closing:
        links.say(step, link, [LARGE])
        count += 1
    assert hung_up(step) == [(1, OverLimit.code)]
    assert count * 200_000 <= LINK_QUEUE_BYTES_MAX + WINDOW_BYTES + 2 * 200_000
    assert links.counters == {OverLimit.code: 1}


def test_all_links_together_are_bounded(links: Links) -> None:
    """Goal: many peers that read nothing do not fill memory. Method: twelve of them."""
    step = Step(NOW_MS)
    made = [stand(links, number) for number in range(1, 13)]
    for _ in range(18):
        for link in made:
            links.say(step, link, [LARGE])
    held = sum(one.outbox.waiting_bytes for one in made if not one.closing)
    assert held <= LINK_QUEUES_BYTES_MAX
    assert 0 < len(hung_up(step)) < 6, "no more than need be"
    assert {code for _, code in hung_up(step)} == {OverLimit.code}


def test_what_waits_goes_out_when_what_was_sealed_has_left(links: Links) -> None:
    """Goal: a slow peer gets everything in the end. Method: ten runs, and an answer to each question."""
    link, step = stand(links, 1), Step(NOW_MS)
    links.say(step, link, [LARGE] * 10)
    for _ in range(40):
        links.sent(step, 1)
    assert link.outbox.waiting_bytes == 0
    assert len([one for one in step.effects() if isinstance(one, TellSent)]) >= 10


def test_a_peer_that_took_nothing_for_long_is_dropped(links: Links) -> None:
    """Goal: a window that stays shut ends the link, though its peer talks on. Method: wait."""
    link, step = stand(links, 1), Step(NOW_MS)
    links.say(step, link, [LARGE])
    late = Step(NOW_MS + LINK_IDLE_TIMEOUT_MS)
    link.heard_ms = late.now_ms
    assert links.timer(late, "ping")
    assert hung_up(late) == [(1, LinkClosed.code)]
