"""What is asked and shown of relays: which serve a campaign, whether they work, what they may keep back.

Law: as in `api.commands` and `api.views`, which is where clients take these from.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command
from meshcoal.limits import BOARDS_MAX, COVER_MINUTES_MAX, HINT_CHARS_MAX, NAME_CHARS_MAX
from meshcoal.wire.record import Chars, Count, Id32, Items, Range, Record
from meshcoal.wire.shape import dataclass


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
    through_tor: bool  # an onion address: it does not see from where this device asks
    kept_days: Count  # so long it says it keeps what is put there; 0: it is not known now


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaysView(Record):
    relays: Annotated[tuple[RelayView, ...], Items(0, BOARDS_MAX)]
    cover_minutes: Annotated[int, Range(0, COVER_MINUTES_MAX)] = 0  # 0: this device posts as it comes


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
class CheckRelay(Command):
    """Ask a relay now whether it works, and for what is new. Answered by `RelaysView`, as it stands before.

    What comes of it is told by notices about relays.
    """

    campaign: Id32
    address: Annotated[str, Chars(1, HINT_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverRelays(Command):
    """Post on the relays of a campaign once in so many minutes, whether or not there is anything to say.

    0 minutes: as it comes. Answered by `RelaysView`.
    """

    campaign: Id32
    minutes: Annotated[int, Range(0, COVER_MINUTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRelays(Command):
    """The relays of a campaign. Answered by `RelaysView`."""

    campaign: Id32
