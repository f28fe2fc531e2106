"""What stands inside one part of a bundle, before it is sealed.

Law: a part says all that is needed to take it in: whatever other part is lost, damaged or comes later costs
this one nothing. What it says of times and numbers is its writer's word and is shown as such; operations,
items and chunks are checked like those that come over a link. Bytes: docs/protocol/bundle.md.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedBundle, MeshcoalError
from meshcoal.limits import (
    BUNDLE_FILES_MAX,
    BUNDLE_ITEMS_MAX,
    BUNDLE_PART_BYTES,
    BUNDLE_RUNS_MAX,
    CHUNK_BYTES,
    CHUNKS_MAX,
    LOOSE_ITEMS_PER_MESSAGE_MAX,
    OPERATION_BYTES_MAX,
    PACKED_BYTES_MAX,
    RUN_OPERATIONS_MAX,
)
from meshcoal.wire import record
from meshcoal.wire.record import Count, Id32, Items, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

BUNDLE_ID_BYTES: Final = 16
MINE_BYTES: Final = 16
PART_NAME_CHARS: Final = 16  # of a file with one part: letters and digits of base 32 (RFC 4648), small
_TAG_BYTES: Final = 16
_MARK: Final = b"\x80"
assert BUNDLE_ITEMS_MAX <= LOOSE_ITEMS_PER_MESSAGE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedChunk(Record):
    """One sealed chunk of an attachment, and its place in the file."""

    error: ClassVar[type[MeshcoalError]] = MalformedBundle

    place: Annotated[int, Range(1, CHUNKS_MAX)]
    sealed: Annotated[bytes, Size(1, CHUNK_BYTES + _TAG_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePiece(Record):
    """Some chunks of one attachment, with its sealed manifest, so that they can be checked by themselves."""

    error: ClassVar[type[MeshcoalError]] = MalformedBundle

    file: Id32  # the manifest's id
    manifest: Annotated[bytes, Size(1, CHUNK_BYTES + _TAG_BYTES)]
    chunks: Annotated[tuple[PlacedChunk, ...], Items(0, BUNDLE_FILES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(Record):
    """One part: of one campaign, of one writing."""

    error: ClassVar[type[MeshcoalError]] = MalformedBundle

    bundle: Annotated[bytes, Size(BUNDLE_ID_BYTES)]  # the same in all parts that were written together
    number: Count  # among them: parts are best taken in in this order
    mine: Annotated[bytes, Size(MINE_BYTES)]  # by which its writer knows it again, and nobody else
    made_ms: TimeMs
    first_ms: TimeMs  # of the operations here, as their authors say; 0: not known
    last_ms: TimeMs
    runs: Annotated[tuple[Annotated[bytes, Size(1, PACKED_BYTES_MAX)], ...], Items(0, BUNDLE_RUNS_MAX)]
    operations: Annotated[
        tuple[Annotated[bytes, Size(1, OPERATION_BYTES_MAX)], ...], Items(0, RUN_OPERATIONS_MAX)
    ]  # of forked logs, which do not pack
    items: Annotated[
        tuple[Annotated[bytes, Size(1, BUNDLE_PART_BYTES)], ...], Items(0, BUNDLE_ITEMS_MAX)
    ]  # of sealed rounds
    files: Annotated[tuple[FilePiece, ...], Items(0, BUNDLE_FILES_MAX)]


def content_bytes(content: Content) -> int:
    """How much room it needs at least."""
    return len(record.encode(content)) + len(_MARK)


def encode_content(content: Content, room_bytes: int) -> bytes:
    """Exactly `room_bytes`: the record, a mark, zeros. Asserts that it fits."""
    encoded = record.encode(content) + _MARK
    assert len(encoded) <= room_bytes, "a part is not filled beyond its room"
    return encoded.ljust(room_bytes, b"\x00")


def decode_content(padded: bytes) -> Content:
    """Inverse of `encode_content`. Raises `MalformedBundle`, `OverLimit`."""
    marked = padded.rstrip(b"\x00")
    if not marked.endswith(_MARK):
        raise MalformedBundle("the padding of a part is wrong")
    return record.decode(Content, marked[: -len(_MARK)], bytes_max=BUNDLE_PART_BYTES)


def padded_parts(parts: int) -> int:
    """How many parts a bundle of so many, one at least, is filled up to: by Padme, at most 12 % more.

    One to eight, ten, twelve, and so on: numbers whose low bits are zero (Nikitin et al., PoPETs
    2019, section 4).
    """
    exponent = parts.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (parts + mask) & ~mask
