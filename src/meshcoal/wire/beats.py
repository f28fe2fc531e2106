"""What members' nodes pass on for each other so that nobody sees who began it: one frame of one size.

Law: every frame is `BEAT_BYTES` long, full or empty, so that on the wire they cannot be told apart; nothing
in it says how far an item has come. Ours, unreviewed. Specified in docs/design/0020-sealed-in-the-node.md.
"""

from __future__ import annotations

from typing import Annotated, Final

from meshcoal.errors import MalformedFrame
from meshcoal.limits import BEAT_BYTES, BEAT_CARRIED_BYTES_MAX, BEAT_ITEMS_MAX
from meshcoal.wire.message import Message
from meshcoal.wire.record import Family, Items, Size
from meshcoal.wire.shape import dataclass

_ITEM_HEAD_BYTES: Final = 3  # at most, of an item's length
_LONG_HEAD_BYTES: Final = 1  # a filler of 256 bytes or more has a longer head than an empty one


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat(Message):
    """Items to be carried on or spread, and zeros up to the one size."""

    items: Annotated[tuple[Annotated[bytes, Size(1, BEAT_CARRIED_BYTES_MAX)], ...], Items(0, BEAT_ITEMS_MAX)]
    filler: Annotated[bytes, Size(0, BEAT_BYTES)]

    def __post_init__(self) -> None:
        Message.__post_init__(self)
        if self.filler.strip(b"\x00"):
            raise MalformedFrame("the filler of a beat is zeros")
        if carried_bytes(self.items) > BEAT_CARRIED_BYTES_MAX:
            raise MalformedFrame("a beat carries more than fits")


BEATS: Final = Family(MalformedFrame, ((70, Beat),))


def carried_bytes(items: tuple[bytes, ...]) -> int:
    """Room that items take in a beat."""
    return sum(len(item) + _ITEM_HEAD_BYTES for item in items)


def beat_room_bytes(size: int) -> int:
    """Of a beat of this size, what items may take (`carried_bytes`)."""
    return size - (BEAT_BYTES - BEAT_CARRIED_BYTES_MAX)


def encode_beat(items: tuple[bytes, ...], size: int = BEAT_BYTES) -> bytes:
    """`size` bytes that carry these. Raises `MalformedFrame` where they do not fit."""
    if carried_bytes(items) > beat_room_bytes(size):
        raise MalformedFrame("a beat carries more than fits")
    bare = len(BEATS.encode(Beat(items=items, filler=b"")))
    data = BEATS.encode(Beat(items=items, filler=bytes(size - bare - _LONG_HEAD_BYTES)))
    assert len(data) == size, "what a beat may carry leaves room for a filler of 256 bytes"
    return data


def decode_beat(data: bytes) -> tuple[bytes, ...]:
    """Inverse of `encode_beat`: that size, that spelling. Raises `MalformedFrame` or `OverLimit`."""
    if len(data) != BEAT_BYTES:
        raise MalformedFrame("a beat is of one size")
    beat = BEATS.decode(data, bytes_max=BEAT_BYTES)
    assert isinstance(beat, Beat)
    return beat.items
