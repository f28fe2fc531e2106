"""What members post for each other on the boards at relays: numbered records, one to a parcel.

Law: bounded, and means the same whatever came before it. Nothing here says who posted it. Specified in
docs/protocol/relay.md. Ours, unreviewed.
"""

from __future__ import annotations

from typing import Annotated, Final

from meshcoal.errors import MalformedFrame
from meshcoal.limits import (
    BOARD_BEAT_CLASSES_BYTES,
    CHUNKS_MAX,
    LOOSE_NAMES_PER_MESSAGE_MAX,
)
from meshcoal.wire.frames import Chunk, Frontier, PackedRun, Run
from meshcoal.wire.loose import LooseItems
from meshcoal.wire.message import Message
from meshcoal.wire.record import Family, Id32, Items, Size
from meshcoal.wire.shape import dataclass

_SEAL_BYTES: Final = 16
PLACES_BYTES_MAX: Final = (CHUNKS_MAX + 1 + 7) // 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBeat(Message):
    """A beat for one member, whom nobody else can tell: full or empty, of one size in a campaign."""

    ephemeral: Id32  # X25519, of this beat alone
    box: Annotated[
        bytes, Size(BOARD_BEAT_CLASSES_BYTES[0] + _SEAL_BYTES, BOARD_BEAT_CLASSES_BYTES[-1] + _SEAL_BYTES)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsHeld(Message):
    """The sender holds these things that stand in no log, and has read the board: post what is lacking."""

    names: Annotated[tuple[Id32, ...], Items(0, LOOSE_NAMES_PER_MESSAGE_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunksWanted(Message):
    """Somebody wants these places of a file: bit 7 of the first byte is place 0, its manifest."""

    file: Id32  # id of its manifest
    places: Annotated[bytes, Size(1, PLACES_BYTES_MAX)]

    def __post_init__(self) -> None:
        Message.__post_init__(self)
        if not any(self.places):
            raise MalformedFrame("nothing is wanted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover(Message):
    """Nothing: posted so that it does not show when something is."""


POSTED: Final = Family(
    MalformedFrame,
    (
        (3, Frontier),
        (4, Run),
        (7, PackedRun),
        (63, Chunk),
        (73, LooseItems),
        (80, SealedBeat),
        (81, ItemsHeld),
        (82, ChunksWanted),
        (83, Cover),
    ),
)


def places_of(wanted: ChunksWanted) -> tuple[int, ...]:
    """The places that are wanted, ascending."""
    return tuple([at for at in range(8 * len(wanted.places)) if wanted.places[at // 8] >> (7 - at % 8) & 1])


def places_field(places: tuple[int, ...]) -> bytes:
    """Inverse of `places_of`: as many bytes as the last place needs."""
    assert places, "something is wanted"
    found = bytearray(max(places) // 8 + 1)
    for at in places:
        found[at // 8] |= 1 << (7 - at % 8)
    return bytes(found)
