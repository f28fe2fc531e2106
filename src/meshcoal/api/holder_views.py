"""What the daemon shows of who holds what.

Law: as in `api.views`. What is not shown here to hold something may hold it all the same.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Short, SignedMs
from meshcoal.limits import AUTHORS_MAX
from meshcoal.wire.record import Count, Id32, Items, Record
from meshcoal.wire.shape import dataclass


class HeldProof(enum.StrEnum):
    """By what a member is known to hold something; the surest first."""

    ME = "me"
    AUTHOR = "author"  # they wrote it
    CITED = "cited"  # something they wrote stands behind it
    SAID = "said"  # their node told this one so
    NONE = "none"  # nothing shows it: they may hold it all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderView(Record):
    """What one member is known to hold of something, and when this node heard of them. Told to nobody."""

    author: Id32
    name: Short
    me: bool
    proof: HeldProof  # of several operations, that of the least sure one
    lacking: Count  # how many of the operations they are not known to hold
    connected: bool
    last_seen_ms: SignedMs  # when our two nodes last talked; -1: never
    wrote_ms: SignedMs  # the time on the newest thing of theirs that can be read here; -1: nothing is here


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldersView(Record):
    """Who is known to hold a message, a signature, or all of a letter.

    Counted are members of now: of a message, those who were members when it was written, for the others
    cannot open it; of all else, everybody.
    """

    campaign: Id32
    operation: Id32  # of several, the first
    author: Id32
    name: Short  # who wrote it
    operations: Count  # how many it is about: 1, or those of a letter
    held_by: Count  # members known to hold all of it, me included
    held_of: Count
    newcomers: Count  # members who came later, for whom it is not, and who are not counted
    members: Annotated[tuple[HolderView, ...], Items(0, AUTHORS_MAX)]
