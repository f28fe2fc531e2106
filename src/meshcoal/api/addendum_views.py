"""What the daemon shows of addenda: those that are out, and who waits for the next.

Law: as in `api.views`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Short
from meshcoal.limits import ACCEPTED_MAX, ADDENDA_MAX, SIGNATORIES_MAX
from meshcoal.wire.record import Count, Id32, Items, Record
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AddendumView(Record):
    """One that holds."""

    number: Count  # from 1
    at_ms: Count  # when it was published, as its author's clock said
    name: Short  # who published it
    organisations: Count
    individuals: Count
    outside: Count  # of both, from outside the campaign
    withdrawals: Count  # that it tells of


@dataclass(frozen=True, slots=True, kw_only=True)
class LateView(Record):
    """Who would stand in an addendum that is published now."""

    sign_ons: Annotated[tuple[Id32, ...], Items(0, SIGNATORIES_MAX)]  # ids of entries of the tally
    outside: Count  # they are listed by `ListOutside`
    withdrawals: Annotated[tuple[Short, ...], Items(0, ACCEPTED_MAX)]  # whose, as they stand on the list


Addenda = Annotated[tuple[AddendumView, ...], Items(0, ADDENDA_MAX)]
