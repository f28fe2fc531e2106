"""The operation: signed, immutable unit of a campaign's log; a header and a sealed body.

Law: one spelling. The id is a hash over the header, the header holds hashes over the sealed body and the
directs, the signature covers the id. A `create` operation names no campaign: its own id is the campaign.
Specified in docs/protocol/operation.md.
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import Final

from meshcoal.errors import Malformed, MalformedOperation
from meshcoal.ids import ID_BYTES, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import (
    BODY_BYTES_MAX,
    DIRECT_BYTES_MAX,
    DIRECTS_MAX,
    OPERATION_BYTES_MAX,
    PARENTS_MAX,
    SEQ_MAX,
)
from meshcoal.wire import canonical
from meshcoal.wire.canonical import Value

VERSION: Final = 2
SALT_BYTES: Final = 16
SIGNATURE_BYTES: Final = 64
DIRECT_TAG_BYTES: Final = 8
_HEADER_BYTES_MAX: Final = 4096
NO_CAMPAIGN: Final = CampaignId(bytes(ID_BYTES))

# BLAKE2b takes 16 bytes of personalisation: the context of each hash (docs/protocol/contexts.md).
_PERSON_ID: Final = b"meshcoal-op-id-1"
_PERSON_BODY: Final = b"meshcoal-body--1"
_PERSON_DIRECTS: Final = b"meshcoal-direc-1"


class Kind(enum.IntEnum):
    """What an operation does. Numbers are for the wire: never reuse one."""

    CREATE = 1
    ADD = 2
    REMOVE = 3
    LEAVE = 4
    ROLE = 5
    REKEY = 6
    CHANNEL = 7
    HINTS = 8
    HALT = 9
    RESTORE = 10
    RETIRE = 11
    RULES = 12
    WEEK = 13
    POST = 16
    OFFICE = 20
    MANDATE = 21
    REVOKE = 22
    DRAFT = 32
    AMEND = 33
    COMMENT = 34
    FREEZE = 35
    SIGN = 36
    WITHDRAW = 37
    RELEASE = 38
    AFTERMATH = 39
    CALL = 44
    GRANT = 45
    ACCEPT = 46
    PAPER = 48
    STRIKE = 49
    REQUEST = 50
    APPROVAL = 51
    ADDENDUM = 54
    DESK = 55
    CASE = 60
    REPORT = 61


CONTROL_KINDS: Final = frozenset(
    {
        Kind.CREATE,
        Kind.ADD,
        Kind.REMOVE,
        Kind.LEAVE,
        Kind.ROLE,
        Kind.REKEY,
        Kind.CHANNEL,
        Kind.HALT,
        Kind.RESTORE,
        Kind.RULES,
        Kind.WEEK,
        Kind.OFFICE,
        Kind.MANDATE,
        Kind.REVOKE,
    }
)
EPOCH_KINDS: Final = frozenset({Kind.CREATE, Kind.REMOVE, Kind.REKEY})  # each begins an epoch
TALK_KINDS: Final = frozenset({Kind.POST})  # sealed in the talk lane; all others in the record lane
_KINDS: Final = {int(kind): kind for kind in Kind}


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """A few bytes for one member, sealed to that member's key and carried by an operation."""

    tag: bytes  # 8 bytes, tells the recipient that this one is theirs
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The signed part of an operation. Field order is wire order: only append."""

    campaign: CampaignId  # 32 bytes; zeros exactly for `create`
    author: AuthorId  # 32 bytes, Ed25519 public key
    seq: int  # 0-based place in the author's log
    backlink: bytes  # 32 bytes, id at seq - 1; empty exactly at seq 0
    parents: tuple[OperationId, ...]  # heads the author had seen, ascending; empty exactly for `create`
    kind: Kind
    epoch: EpochId  # whose key seals the body; empty where the operation begins the epoch itself
    salt: bytes  # 16 fresh bytes, so that no message key is used twice
    index: int = 0  # of talk: place in the author's chain of this epoch
    successor: bytes = b""  # 32 bytes: the Ed25519 key that signs this author's later operations
    body_hash: bytes  # 32 bytes, over the sealed body
    directs_hash: bytes  # 32 bytes, over the directs

    def __post_init__(self) -> None:
        kind, parents, seq = self.kind, self.parents, self.seq
        if type(kind) is not Kind:
            raise MalformedOperation("kind is unknown")
        if type(seq) is not int or not 0 <= seq <= SEQ_MAX:
            raise MalformedOperation(f"seq is 0 to {SEQ_MAX}")
        if type(parents) is not tuple or len(parents) > PARENTS_MAX:
            raise MalformedOperation(f"parents is an array of at most {PARENTS_MAX}")
        for one in (self.campaign, self.author, self.body_hash, self.directs_hash, *parents):
            if type(one) is not bytes or len(one) != ID_BYTES:
                raise MalformedOperation("every hash is 32 bytes")
        if type(self.salt) is not bytes or len(self.salt) != SALT_BYTES:
            raise MalformedOperation("salt is 16 bytes")
        if type(self.backlink) is not bytes or len(self.backlink) != (ID_BYTES if seq else 0):
            raise MalformedOperation("backlink is 32 bytes, and empty exactly at seq 0")
        if len(parents) > 1 and tuple(sorted(set(parents))) != parents:
            raise MalformedOperation("parents ascend and differ")
        is_talk = kind is Kind.POST  # the only kind of the talk lane, and most of all that is written
        begins_epoch = not is_talk and kind in EPOCH_KINDS
        if type(self.epoch) is not bytes or len(self.epoch) != (0 if begins_epoch else ID_BYTES):
            raise MalformedOperation("epoch is 32 bytes, and empty exactly where the operation begins one")
        if type(self.index) is not int or not 0 <= self.index <= (SEQ_MAX if is_talk else 0):
            raise MalformedOperation(f"index is 0 to {SEQ_MAX}, and 0 unless the operation is talk")
        if type(self.successor) is not bytes or len(self.successor) not in (
            (0, ID_BYTES) if kind is Kind.REKEY else (0,)
        ):
            raise MalformedOperation("a successor is 32 bytes, and only a rekey names one")
        is_create = kind is Kind.CREATE
        if is_create != (self.campaign == NO_CAMPAIGN) or is_create != (not parents):
            raise MalformedOperation("exactly `create` has no campaign and no parents")
        if is_create and seq != 0:
            raise MalformedOperation("`create` is the first operation of its author")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Header, signature, sealed body and directs. `id` and `encoded` are derived, never given."""

    header: Header
    sealed_body: bytes
    directs: tuple[Direct, ...]
    signature: bytes  # 64 bytes, Ed25519 over `signing_input(id)`
    id: OperationId = field(init=False)
    encoded: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        header = encode_header(self.header)
        encoded = canonical.encode((header, self.signature, self.sealed_body, _plain_directs(self.directs)))
        self._complete(header, encoded)

    def _complete(self, header: bytes, encoded: bytes) -> None:
        """Check all but the header's own fields, and note what follows from the bytes."""
        if type(self.signature) is not bytes or len(self.signature) != SIGNATURE_BYTES:
            raise MalformedOperation("signature is 64 bytes")
        if type(self.sealed_body) is not bytes or len(self.sealed_body) > BODY_BYTES_MAX:
            raise MalformedOperation(f"body is at most {BODY_BYTES_MAX} bytes")
        if len(self.directs) > (0 if self.header.kind is Kind.CREATE else DIRECTS_MAX):
            raise MalformedOperation("too many directs, or some where there is nobody to send one to")
        for direct in self.directs:
            if len(direct.tag) != DIRECT_TAG_BYTES or len(direct.sealed) > DIRECT_BYTES_MAX:
                raise MalformedOperation("a direct is out of bounds")
        if body_hash(self.sealed_body) != self.header.body_hash:
            raise MalformedOperation("body does not match its hash")
        if directs_hash(self.directs) != self.header.directs_hash:
            raise MalformedOperation("directs do not match their hash")
        if len(encoded) > OPERATION_BYTES_MAX:
            raise MalformedOperation(f"operation is at most {OPERATION_BYTES_MAX} bytes")
        object.__setattr__(self, "id", operation_id(header))
        object.__setattr__(self, "encoded", encoded)

    @property
    def campaign(self) -> CampaignId:
        """The campaign this belongs to; a `create` operation's own id."""
        return CampaignId(self.id) if self.header.kind is Kind.CREATE else self.header.campaign

    @property
    def epoch(self) -> EpochId:
        """The epoch whose key seals the body; an epoch's first operation is sealed under its own."""
        return self.header.epoch or EpochId(self.id)


def encode_header(header: Header) -> bytes:
    """Canonical bytes of the signed part."""
    return canonical.encode(
        (
            VERSION,
            header.campaign,
            header.author,
            header.seq,
            header.backlink,
            tuple(header.parents),
            int(header.kind),
            header.epoch,
            header.salt,
            header.index,
            header.successor,
            header.body_hash,
            header.directs_hash,
        )
    )


def decode_header(data: bytes) -> Header:
    """Inverse of `encode_header`. Raises `MalformedOperation`."""
    try:
        fields = canonical.parse(data, bytes_max=_HEADER_BYTES_MAX)
    except Malformed as exc:
        raise MalformedOperation("header does not parse") from exc
    if type(fields) is not tuple or len(fields) != 13:
        raise MalformedOperation("header has 13 fields")
    version, campaign, author, seq, backlink, parents, kind, epoch, salt = fields[:9]
    index, successor, body, directs = fields[9:]
    if type(version) is not int or version != VERSION:
        raise MalformedOperation("header is of an unknown version")
    known = _KINDS.get(kind) if type(kind) is int else None
    if known is None:
        raise MalformedOperation("kind is unknown")
    return Header(
        campaign=campaign,  # type: ignore[arg-type]  # the constructor checks each field's type
        author=author,  # type: ignore[arg-type]
        seq=seq,  # type: ignore[arg-type]
        backlink=backlink,  # type: ignore[arg-type]
        parents=parents,  # type: ignore[arg-type]
        kind=known,
        epoch=epoch,  # type: ignore[arg-type]
        salt=salt,  # type: ignore[arg-type]
        index=index,  # type: ignore[arg-type]
        successor=successor,  # type: ignore[arg-type]
        body_hash=body,  # type: ignore[arg-type]
        directs_hash=directs,  # type: ignore[arg-type]
    )


def decode_operation(data: bytes) -> Operation:
    """Inverse of `Operation.encoded`; checks form and hashes, not the signature.

    Raises:
        OverLimit: more than `OPERATION_BYTES_MAX` bytes.
        MalformedOperation: anything else that is wrong.
    """
    try:
        fields = canonical.parse(data, bytes_max=OPERATION_BYTES_MAX)
    except Malformed as exc:
        raise MalformedOperation("operation does not parse") from exc
    if type(fields) is not tuple or len(fields) != 4:
        raise MalformedOperation("operation has 4 parts")
    header, signature, body, directs = fields
    if type(header) is not bytes or type(directs) is not tuple:
        raise MalformedOperation("operation has parts of the wrong kind")
    parsed: list[Direct] = []
    for direct in directs:
        if type(direct) is not tuple or len(direct) != 2 or not all(type(part) is bytes for part in direct):
            raise MalformedOperation("a direct is a tag and sealed bytes")
        parsed.append(Direct(tag=direct[0], sealed=direct[1]))  # type: ignore[arg-type]  # checked above
    # These bytes are known to be the one spelling: they are not spelled again.
    operation = object.__new__(Operation)
    object.__setattr__(operation, "header", decode_header(header))
    object.__setattr__(operation, "sealed_body", body)
    object.__setattr__(operation, "directs", tuple(parsed))
    object.__setattr__(operation, "signature", signature)
    operation._complete(header, data)
    return operation


def assemble(
    fields: tuple[bytes, bytes, int, bytes, tuple[bytes, ...], Kind, bytes, bytes, int, bytes, bytes, bytes],
    header: bytes,
    identifier: OperationId,
    signature: bytes,
    sealed_body: bytes,
    directs: tuple[Direct, ...],
) -> Operation:
    """An operation of parts that were checked, and hashed, as they were put together (`wire.packing`).

    Args:
        fields: of the header, without the version, in wire order; `header` is their spelling.

    Raises:
        MalformedOperation: it is too large, or a `create` with directs.
    """
    encoded = canonical.encode((header, signature, sealed_body, _plain_directs(directs)))
    if len(encoded) > OPERATION_BYTES_MAX or (directs and fields[5] is Kind.CREATE):
        raise MalformedOperation("an operation is too large, or sends directs where there is nobody")
    put = object.__setattr__
    parsed = object.__new__(Header)
    for put_field, value in zip(_PUT_FIELDS, fields, strict=True):
        put_field(parsed, value)
    operation = object.__new__(Operation)
    put(operation, "header", parsed)
    put(operation, "sealed_body", sealed_body)
    put(operation, "directs", directs)
    put(operation, "signature", signature)
    put(operation, "id", identifier)
    put(operation, "encoded", encoded)
    return operation


_PUT_FIELDS: Final = tuple([getattr(Header, one.name).__set__ for one in fields_of(Header)])


def operation_id(header: bytes) -> OperationId:
    """BLAKE2b-256 (RFC 7693) over the encoded header, personalised."""
    return OperationId(hashlib.blake2b(header, digest_size=ID_BYTES, person=_PERSON_ID).digest())


def signing_input(operation: OperationId) -> bytes:
    """What an author's Ed25519 key signs: context and id."""
    return b"meshcoal operation 1\x00" + operation


def body_hash(sealed_body: bytes) -> bytes:
    """BLAKE2b-256 over the sealed body, personalised."""
    return hashlib.blake2b(sealed_body, digest_size=ID_BYTES, person=_PERSON_BODY).digest()


def directs_hash(directs: tuple[Direct, ...]) -> bytes:
    """BLAKE2b-256 over the canonical spelling of the directs, personalised."""
    if not directs:
        return _NO_DIRECTS_HASH
    data = canonical.encode(_plain_directs(directs))
    return hashlib.blake2b(data, digest_size=ID_BYTES, person=_PERSON_DIRECTS).digest()


def _plain_directs(directs: tuple[Direct, ...]) -> Value:
    return tuple([(direct.tag, direct.sealed) for direct in directs])


_NO_DIRECTS_HASH: Final = hashlib.blake2b(
    canonical.encode(()), digest_size=ID_BYTES, person=_PERSON_DIRECTS
).digest()
