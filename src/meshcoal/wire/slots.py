"""What members' nodes pass on for each other so that nobody sees who began it: one frame of one size.

Law: every frame is `SLOT_BYTES` long, full or empty, so that on the wire they cannot be told apart; nothing
in it says how far an item has come. Ours, unreviewed. Specified in docs/design/0020-sealed-in-the-node.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from meshcoal.errors import MalformedFrame
from meshcoal.limits import SLOT_BYTES, SLOT_CARRIED_BYTES_MAX, SLOT_ITEMS_MAX
from meshcoal.wire.message import Message
from meshcoal.wire.record import Family, Items, Size

_ITEM_HEAD_BYTES: Final = 3  # at most, of an item's length
_LONG_HEAD_BYTES: Final = 1  # a filler of 256 bytes or more has a longer head than an empty one


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Message):
    """Items to be carried on or spread, and zeros up to the one size."""

    items: Annotated[tuple[Annotated[bytes, Size(1, SLOT_CARRIED_BYTES_MAX)], ...], Items(0, SLOT_ITEMS_MAX)]
    filler: Annotated[bytes, Size(0, SLOT_BYTES)]

    def __post_init__(self) -> None:
        Message.__post_init__(self)
        if self.filler.strip(b"\x00"):
            raise MalformedFrame("the filler of a slot is zeros")
        if carried_bytes(self.items) > SLOT_CARRIED_BYTES_MAX:
            raise MalformedFrame("a slot carries more than fits")


SLOTS: Final = Family(MalformedFrame, ((70, Slot),))


def carried_bytes(items: tuple[bytes, ...]) -> int:
    """Room that items take in a slot."""
    return sum(len(item) + _ITEM_HEAD_BYTES for item in items)


def encode_slot(items: tuple[bytes, ...]) -> bytes:
    """`SLOT_BYTES` bytes that carry these. Raises `MalformedFrame` where they do not fit."""
    bare = len(SLOTS.encode(Slot(items=items, filler=b"")))
    data = SLOTS.encode(Slot(items=items, filler=bytes(SLOT_BYTES - bare - _LONG_HEAD_BYTES)))
    assert len(data) == SLOT_BYTES, "what a slot may carry leaves room for a filler of 256 bytes"
    return data


def decode_slot(data: bytes) -> tuple[bytes, ...]:
    """Inverse of `encode_slot`: that size, that spelling. Raises `MalformedFrame` or `OverLimit`."""
    if len(data) != SLOT_BYTES:
        raise MalformedFrame("a slot is of one size")
    slot = SLOTS.decode(data, bytes_max=SLOT_BYTES)
    assert isinstance(slot, Slot)
    return slot.items
