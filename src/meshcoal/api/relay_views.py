"""What is asked and shown of relays: which serve a campaign, whether they work, what they may keep back.

Law: as in `api.commands` and `api.views`, which is where clients take these from.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated

from meshcoal.api.fields import Command
from meshcoal.limits import BOARDS_MAX, HINT_CHARS_MAX, NAME_CHARS_MAX
from meshcoal.wire.record import Chars, Count, Id32, Items, Range, Record


class RelayState(enum.StrEnum):
    """Whether a relay works, as this device sees it now."""

    UNTRIED = "untried"
    WORKING = "working"  # a link stands, and it answers
    UNREACHED = "unreached"
    REFUSING = "refusing"  # it answers, and takes nothing: it is full, or we are too fast


class RelayFault(enum.StrEnum):
    """What a relay did wrong; of several the worst."""

    NONE = "none"
    SILENT = "silent"  # it takes a link, and leaves what is asked without an answer
    BEHIND = "behind"  # a member says it took more than it shows here; or it did, for a while
    PARTED = "parted"  # a member says it showed them something else than it shows here
    LOST = "lost"  # certain: it does not show what it took from this device, or showed it before
    FALSE = "false"  # certain: it shows what no member put there, or the same twice, or in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayView(Record):
    """A relay of a campaign, as this device knows it."""

    address: Annotated[str, Chars(1, HINT_CHARS_MAX)]
    named_by: Annotated[str, Chars(0, NAME_CHARS_MAX)]  # who added it
    mine: bool
    closing: bool  # nobody posts there any more; it is read to its end
    state: RelayState
    last_error: Annotated[str, Chars(0, 64)]
    answered_ms: Annotated[int, Range(-1, 2**62)]  # when it said something last; -1: never
    taken_ms: Annotated[int, Range(-1, 2**62)]  # when it took something of mine last; -1: never
    waiting: Count  # envelopes of mine that it has not taken yet
    fault: RelayFault
    fault_ms: Annotated[int, Range(-1, 2**62)]  # when that was seen; -1: never
    keeps_back: Count  # with `BEHIND` and `LOST`: so many envelopes, as far as is known


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaysView(Record):
    relays: Annotated[tuple[RelayView, ...], Items(0, BOARDS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRelay(Command):
    """All members post and look at this relay as well, from now on. Answered by `RelaysView`."""

    campaign: Id32
    text: Annotated[str, Chars(1, 500)]  # as whoever runs it hands it on


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRelay(Command):
    """Of a relay that I added: nobody posts there any more. Answered by `RelaysView`."""

    campaign: Id32
    address: Annotated[str, Chars(1, HINT_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRelays(Command):
    """The relays of a campaign. Answered by `RelaysView`."""

    campaign: Id32
