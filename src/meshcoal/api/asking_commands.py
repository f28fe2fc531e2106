"""What a user can ask about asking: to note who was asked to sign, and by which way.

Law: as in `api.commands`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command
from meshcoal.limits import MEMBERS_MAX
from meshcoal.wire.desk import Way as Way
from meshcoal.wire.record import Id32, Items
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAsked(Command):
    """Note, for organisers alone, that these members were asked just now. Answered by `ChaseView`."""

    campaign: Id32
    statement: Id32
    members: Annotated[tuple[Id32, ...], Items(1, MEMBERS_MAX)]
    way: Way
    again: bool = False  # although somebody else asked one of them less than a day ago
