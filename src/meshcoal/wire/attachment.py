"""What a message says of a file that goes with it, and the list of the file's chunks.

Law: an attachment names its bytes exactly: who holds its key and the chunks it leads to has this file and no
other. The list (manifest) is sealed as chunk 0 and names the others in order by the hash of what is sealed.
Ours, unreviewed. Bytes: docs/protocol/attachments.md.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedAttachment, MeshcoalError
from meshcoal.limits import (
    ATTACHMENT_BYTES_MAX,
    ATTACHMENT_NAME_CHARS_MAX,
    ATTACHMENTS_MAX,
    CHUNK_BYTES,
    CHUNKS_MAX,
    MEDIA_TYPE_CHARS_MAX,
)
from meshcoal.wire import record
from meshcoal.wire.record import Chars, Id32, Items, Range, Record
from meshcoal.wire.shape import dataclass

PADDED_BYTES_MIN: Final = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment(Record):
    """A file that goes with a message. It travels in the body of the message, and is erased with it."""

    error: ClassVar[type[MeshcoalError]] = MalformedAttachment

    name: Annotated[str, Chars(1, ATTACHMENT_NAME_CHARS_MAX)]  # as its author called it: anything
    media_type: Annotated[str, Chars(1, MEDIA_TYPE_CHARS_MAX)]  # as its author says: for display
    size: Annotated[int, Range(0, ATTACHMENT_BYTES_MAX)]  # bytes, without padding
    key: Id32
    digest: Id32  # `crypto.chunks.digest_of` of the file's hash
    manifest: Id32  # id of chunk 0, and the name of the file among members


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Record):
    """The chunks of a file in order, by id."""

    error: ClassVar[type[MeshcoalError]] = MalformedAttachment

    chunks: Annotated[tuple[Id32, ...], Items(1, CHUNKS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attached(Record):
    error: ClassVar[type[MeshcoalError]] = MalformedAttachment

    attachments: Annotated[tuple[Attachment, ...], Items(0, ATTACHMENTS_MAX)]


def encode_attached(attachments: tuple[Attachment, ...]) -> bytes:
    """All attachments of one message, for the store."""
    return record.encode(_Attached(attachments=attachments))


def decode_attached(data: bytes) -> tuple[Attachment, ...]:
    """Inverse of `encode_attached`. Raises `MalformedAttachment` or `OverLimit`."""
    return record.decode(_Attached, data).attachments


def file_hash(data: bytes) -> bytes:
    """BLAKE2b-256 of a whole file, as the user's programs and the node name its content to each other."""
    return hashlib.blake2b(data, digest_size=32).digest()


def padded_file_bytes(size: int) -> int:
    """How long a file of `size` bytes is once zeros are added: at least 1 KiB, above that Padme.

    Padme (Nikitin et al., PoPETs 2019, section 4) tells O(log log size) bits of the size and adds at most
    12 %.
    """
    least = max(size, PADDED_BYTES_MIN)
    exponent = least.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (least + mask) & ~mask


def chunk_count(size: int) -> int:
    """How many chunks a file of `size` bytes has, without the manifest."""
    return -(-padded_file_bytes(size) // CHUNK_BYTES)


def chunk_bytes(size: int, place: int) -> int:
    """Bytes of the chunk at a place, counted from 1, before it is sealed."""
    return min(CHUNK_BYTES, padded_file_bytes(size) - (place - 1) * CHUNK_BYTES)


assert chunk_count(ATTACHMENT_BYTES_MAX) == CHUNKS_MAX
