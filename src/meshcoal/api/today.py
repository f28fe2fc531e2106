"""What needs me now: the command and its view.

Law: as in `api.commands` and `api.views`, of which this is a part. Items stand in the order in which they
should be looked at; each names what is to be opened.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command, Short, SignedMs
from meshcoal.limits import TODAY_SHOWN_MAX
from meshcoal.wire import shape
from meshcoal.wire.record import Count, Items, OptionalId32, Record, Size


class TodayKind(enum.StrEnum):
    """Why something needs me."""

    ALERT = "alert"  # an open case to which I have said nothing
    SIGN = "sign"  # a letter that I can sign
    APPROVE = "approve"  # an office waits for my decision
    WARNING = "warning"  # names under other keys, devices that keep something back
    INTRODUCTION = "introduction"  # somebody asks to be let in
    MENTION = "mention"
    DUE = "due"  # a date on which to ask again has come
    GAP = "gap"  # what members wrote is missing here
    ALONE = "alone"  # I am the only organiser: nobody could take my place
    UNCOMPARED = "uncompared"  # members with whom nobody here compared words
    WEAK = "weak"  # weak spots of this device that weigh, and are in no other item


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class ShowToday(Command):
    """What needs me now, the most urgent first. Answered by `TodayView`."""


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class TodayItemView(Record):
    kind: TodayKind
    campaign: OptionalId32  # empty: in none
    campaign_name: Short
    subject: Annotated[bytes, Size(0, 32)]  # the case, letter or message; empty: none
    channel: Annotated[bytes, Size(0, 16, between=False)]  # of a mention
    title: Short  # of the case or letter; of a mention who, and what they said
    since_ms: SignedMs  # -1: not known
    until_ms: SignedMs  # by when; -1: no time is set
    count: Count  # of what is counted


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class TodayView(Record):
    items: Annotated[tuple[TodayItemView, ...], Items(0, TODAY_SHOWN_MAX)]
