"""Choices that several commands share, spelled as the protocol spells them."""

from __future__ import annotations

from typing import Final

import click

from meshcoal.api.commands import Capacity, Role, Seat

SEATS: Final = click.Choice([seat.value for seat in Seat])
ROLES: Final = click.Choice([role.value for role in Role])
# Shorter to type than `individual-affiliation-not-endorsing`; help spells it out.
CAPACITIES: Final = {
    "organisation": Capacity.ORGANISATION,
    "individual": Capacity.INDIVIDUAL,
    "affiliated": Capacity.AFFILIATED,
}
