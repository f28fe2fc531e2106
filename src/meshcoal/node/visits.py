"""A link to a relay, and what is asked for on it.

Law: which topics are asked for follows from the day and from what is read already, never from what anybody
wrote; and however few there are, so many others of the same days are asked for with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.ids import CampaignId, OperationId
from meshcoal.limits import PLACES_POLLED
from meshcoal.node.boards import Board, Span
from meshcoal.node.links import Link
from meshcoal.sync.board import dummies, topic_of
from meshcoal.wire.relaying import Refusal, Terms

_DUMMIES_A_DAY: Final = 16

Topics = dict[bytes, tuple[Board, int] | None]  # None: a dummy


@dataclass(slots=True)
class Bundle:
    """One message of mine on its way: what stands on the board once all of it was taken."""

    spans: tuple[Span, ...]
    left: int
    items: tuple[OperationId, ...] = ()
    chunk: tuple[bytes, int] | None = None  # of a file: which, and which place


@dataclass(slots=True)
class Waiting:
    board: Board
    day: int
    bundle: Bundle
    sent_ms: int
    size_bytes: int


@dataclass(slots=True)
class Visit:
    """A link to a relay, while it stands."""

    link: Link
    campaign: CampaignId
    key: bytes
    terms: Terms | None = None
    topics: Topics = field(default_factory=dict)  # asked for
    asked: tuple[tuple[bytes, int, int], ...] = ()  # of the poll that is open: topic, read and acked then
    asked_ms: int = 0
    poll_due_ms: int = 0
    read: bool = False  # all that stood there has been read once
    stalled: bool = False  # there was no room for what came
    false: int = 0
    waiting: dict[bytes, Waiting] = field(default_factory=dict)
    nonces: dict[bytes, bytes] = field(default_factory=dict)
    tried: dict[bytes, int] = field(default_factory=dict)  # work on these topics is under way
    work_bits: int = 0
    pause_ms: int = 0  # until then nothing is posted
    refusal: Refusal = Refusal.NONE


def topics_of(boards: Sequence[Board], terms: Terms, now_ms: int) -> Topics:
    """What to ask for: the days that are not read to their end, and dummies of the same days."""
    places = [(board, day) for board in boards for day in board.days(now_ms, terms.days)]
    # First what was never asked for on this link, then the newest; the rest is asked for next time.
    places.sort(key=lambda one: (one[0].reading(one[1]).ends >= 0, -one[1]))
    most = min(PLACES_POLLED, terms.places_max)
    places = places[:most]
    if not places:
        return {}
    topics: dict[bytes, tuple[Board, int] | None] = {}
    for board, day in places:
        topics[topic_of(board.secret, board.relay.key, day)] = board, day
    days = list(dict.fromkeys(day for _, day in places))
    first = places[0][0]
    for number in range(_DUMMIES_A_DAY * len(days)):
        if len(topics) >= most:
            break
        day = days[number % len(days)]
        of_day = dummies(first.secret, first.relay.key, day, _DUMMIES_A_DAY)
        topics[of_day[number // len(days)]] = None
    return topics
