"""What comes of a peer's word while two stores are reconciled: something to say, and something learned.

Law: what is learned only grows more careful. A peer may hold more than is said here, never less, unless it
lied; then it is its own store that stays behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from meshcoal.ids import AuthorId, OperationId
from meshcoal.wire.frames import Message


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Of one step. The node sends `say`, and then, in runs, what the peer lacks."""

    say: list[Message] = field(default_factory=list)
    # Up to where the peer's log of an author is mine, or goes on from mine; -1: it may hold nothing of it.
    # Everything of mine behind that is to be sent. A later outcome can put an author further back.
    holds: dict[AuthorId, int] = field(default_factory=dict)
    # Operations without a log that the peer lacks.
    send: list[OperationId] = field(default_factory=list)
