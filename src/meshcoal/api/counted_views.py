"""What the daemon shows of those who are counted and not named: how many, how safe, never who.

Law: as in `api.views`, of which this is a part. Nothing here tells one of them from another, but for what is
my own.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Short
from meshcoal.limits import AUTHORS_MAX
from meshcoal.wire.record import Count, Items, Record
from meshcoal.wire.shape import dataclass


class CountedMine(enum.StrEnum):
    """Where my own counted sign-on is."""

    NONE = "none"
    LEAVING = "leaving"  # on its way: not seen spread yet
    THERE = "there"
    TAKING_BACK = "taking-back"  # the withdrawal is on its way
    TAKEN_BACK = "taken-back"
    NAMED = "named"  # I signed by name: nobody is counted beside their own name


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedView(Record):
    """Those on a letter who are counted and not named."""

    members: Count  # of the ring; 0: nobody had published keys when the text was frozen
    named: Count  # of these, who stand on the list in another way
    crowd: Count  # the others: each of the counted is among so many
    counted: Count
    withdrawn: Count  # of those on a released list, who took it back
    everybody: bool  # all of the crowd are counted: that each of them signed is no secret
    mine: CountedMine
    over: bool  # nothing more can be signed or taken back so: the keys are gone
    # What a signer is told before signing so; and why I cannot, empty where I can or have.
    sentences: Annotated[tuple[Short, ...], Items(0, 8)]
    refusal: Short
    without_keys: Annotated[tuple[Short, ...], Items(0, AUTHORS_MAX)]  # members who had published none then
