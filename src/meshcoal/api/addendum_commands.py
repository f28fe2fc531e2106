"""What a user can ask about addenda: to publish the next one.

Law: as in `api.commands`, of which this is a part.
"""

from __future__ import annotations

from meshcoal.api.fields import Command
from meshcoal.wire.record import Id32
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishAddendum(Command):
    """Add who signed since the release, and tell who withdrew. Answered by `StatementView`."""

    campaign: Id32
    statement: Id32
