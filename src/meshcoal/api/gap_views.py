"""What the daemon shows of what is not here: what is missing, what waits for it, and who keeps it back.

Law: as in `api.views`. What a member merely claims is said as their claim.
"""

from __future__ import annotations

import enum
from typing import Annotated, Final

from meshcoal.api.fields import Short, SignedMs
from meshcoal.wire.record import Count, Id32, Items, Record, Size
from meshcoal.wire.shape import dataclass

_OptionalAuthor = Annotated[bytes, Size(0, 32)]
_NAMED_MAX: Final = 8
_Names = Annotated[tuple[Short, ...], Items(0, _NAMED_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapView(Record):
    """Operations of one member that are known to exist, or said to, and are not here."""

    author: Id32
    name: Short
    missing: Count
    since_ms: SignedMs = -1  # when it was noticed; -1: just now
    said_by: _Names = ()  # members whose nodes say they hold them; at most 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitView(Record):
    """Operations that are here and wait for something before them that is not."""

    author: _OptionalAuthor  # whose it is; empty: that is not known before it comes
    name: Short
    operations: Count  # that wait
    since_ms: SignedMs  # when the first was noticed; -1: just now
    cited_by: _Names  # who wrote what waits


class ShownBy(enum.StrEnum):
    """By what a member's node shows that it holds what it does not pass on."""

    SAID = "said"  # it says so
    SENT = "sent"  # it passed on what stands behind it
    HID = "hid"  # it says that it lacks it, and that it holds what stands behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldView(Record):
    """A member's node that does not pass on what it shows to hold. A broken node does the same."""

    peer: Id32
    peer_name: Short
    author: _OptionalAuthor  # whose operations they are; empty: that is not known before they come
    name: Short
    count: Count
    shown_by: ShownBy
    certain: bool  # see docs/design/0016-withholding.md; else a suspicion
    since_ms: SignedMs
    came_ms: SignedMs  # when the last of them came by another way; -1: not yet
