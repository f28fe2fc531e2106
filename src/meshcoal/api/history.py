"""What happened in a campaign: the command and its view.

Law: as in `api.commands` and `api.views`, of which this is a part. Only what counts is told; talk and
sign-ons are not: they have lists of their own, and messages vanish.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command, Short
from meshcoal.limits import HISTORY_SHOWN_MAX
from meshcoal.wire import shape
from meshcoal.wire.record import Count, Id32, Items, Record, Size


class Happening(enum.StrEnum):
    """What somebody did."""

    FOUNDED = "founded"  # the campaign
    ADMITTED = "admitted"  # whom: `whom`
    LEFT = "left"
    REMOVED = "removed"
    HALTED = "halted"  # a device that told two stories
    RESTORED = "restored"
    CHANGED = "changed"  # seat or role of `whom`
    CHANNEL = "channel"  # opened one: `title`
    RULES = "rules"
    OFFICE = "office"  # made one: `title`
    MANDATE = "mandate"  # gave one to `whom`
    REVOKED = "revoked"
    ALERT = "alert"  # of a case: `title`
    DRAFTED = "drafted"  # a letter: `title`
    FROZEN = "frozen"
    RELEASED = "released"
    ADDENDUM = "addendum"


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class ShowHistory(Command):
    """What happened in a campaign, the newest first. Answered by `HistoryView`. Raises `Unknown`."""

    campaign: Id32


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItemView(Record):
    what: Happening
    at_ms: Count  # as the clock of whoever did it said
    who: Short
    me: bool  # I did it
    whom: Short  # empty: nobody
    title: Short  # of the channel, office, case or letter; empty: of none
    subject: Annotated[bytes, Size(0, 32, between=False)]  # the case or letter; empty: none


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView(Record):
    items: Annotated[tuple[HistoryItemView, ...], Items(0, HISTORY_SHOWN_MAX)]
    more: bool  # there was more before
