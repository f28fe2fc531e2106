"""How what stands in no author's log travels once it is no secret who passes it on: named, asked for, sent.

Law: a name is of 32 bytes and says nothing; what is sent was named or found lacking before. Bounded. Ours,
unreviewed. Specified in docs/protocol/sealed-signons.md#on-links.
"""

from __future__ import annotations

from typing import Annotated, Final

from meshcoal.limits import KIB, LOOSE_ITEMS_PER_MESSAGE_MAX, LOOSE_NAMES_PER_MESSAGE_MAX
from meshcoal.wire.message import Message
from meshcoal.wire.record import Id32, Items, Size
from meshcoal.wire.shape import dataclass

ITEM_BYTES_MAX: Final = 20 * KIB  # an envelope of 150 members is 15.3 KiB
ITEMS_BYTES_MAX: Final = 512 * KIB  # of one message, more or less

Names = Annotated[tuple[Id32, ...], Items(1, LOOSE_NAMES_PER_MESSAGE_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseNames(Message):
    """The sender holds these since a short while."""

    names: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseWant(Message):
    """Send these."""

    names: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseItems(Message):
    """What the receiver asked for, or turned out to lack; envelopes first."""

    items: Annotated[
        tuple[Annotated[bytes, Size(1, ITEM_BYTES_MAX)], ...], Items(1, LOOSE_ITEMS_PER_MESSAGE_MAX)
    ]


LOOSE: Final = ((71, LooseNames), (72, LooseWant), (73, LooseItems))


def parted(items: list[bytes]) -> list[LooseItems]:
    """Items in their order, over as many messages as they need."""
    found: list[LooseItems] = []
    part: list[bytes] = []
    size = 0
    for item in items:
        if part and (size + len(item) > ITEMS_BYTES_MAX or len(part) == LOOSE_ITEMS_PER_MESSAGE_MAX):
            found.append(LooseItems(items=tuple(part)))
            part, size = [], 0
        part.append(item)
        size += len(item)
    return [*found, LooseItems(items=tuple(part))] if part else found
