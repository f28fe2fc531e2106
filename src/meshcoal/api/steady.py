"""Sending at a constant rate: commands and view.

Law: as in `api.commands` and `api.views`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated, Final

from meshcoal.api.fields import Command
from meshcoal.clock import DAY_MS
from meshcoal.limits import LINKS_MAX, NAME_CHARS_MAX, STEADY_EVERY_MAX_S
from meshcoal.wire.record import Chars, Count, Items, Range, Record
from meshcoal.wire.shape import dataclass

Every = Annotated[int, Range(0, STEADY_EVERY_MAX_S)]
STEADY_EVERY_S: Final = 5  # unless somebody says otherwise
# A frame of 2,064 bytes with what WebSocket, TCP and IP add, and the acknowledgement that comes back.
WIRE_BYTES: Final = 2_300
REFUSING_SHOWN_MAX: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSteady(Command):
    """Send one frame of one size on each link every so many seconds, full or empty; 0: as there is something
    to say. Kept. Answered by `SteadyView`."""

    every_s: Every


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSteady(Command):
    """Answered by `SteadyView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyView(Record):
    """Whether this device sends at a constant rate, and what that costs."""

    every_s: Every  # as chosen here; 0: it does not
    links: Annotated[int, Range(0, LINKS_MAX)]  # that stand and are steady, those that others asked for too
    people: Count  # to whom links are kept, or would be, in each campaign: what the cost is worked out for
    day_bytes: Count  # both ways, with all of them
    waiting_bytes: Count  # that wait for their frames
    refusing: Annotated[
        tuple[Annotated[str, Chars(0, NAME_CHARS_MAX)], ...], Items(0, REFUSING_SHOWN_MAX)
    ]  # whose devices take no part: nothing is said to them meanwhile
    relays: Count  # that are left alone meanwhile, of all campaigns
    files: Count  # that wait meanwhile


def day_bytes(every_s: int, links: int) -> int:
    """What steady links cost in a day, both ways together. About: packets that are lost come again."""
    return 2 * links * WIRE_BYTES * DAY_MS // (1_000 * every_s) if every_s else 0
