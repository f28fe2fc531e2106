"""What everything that peers say to each other inside a session has in common."""

from __future__ import annotations

from typing import ClassVar

from meshcoal.errors import MalformedFrame, MeshcoalError
from meshcoal.wire.record import Record
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Record):
    """Base of what peers say."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame
