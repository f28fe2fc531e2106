"""Proof that somebody signed two different operations for one place of their log.

Law: it stands by itself. Whoever has the file and nothing else can check it, and learns from it who signed,
in which campaign and where, and nothing of what the operations say.

Ours, unreviewed. Specified in docs/protocol/fork.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from meshcoal.crypto import signing
from meshcoal.errors import BadSignature, MalformedFork, MalformedOperation, MeshcoalError
from meshcoal.ids import OperationId
from meshcoal.limits import FORK_BYTES_MAX
from meshcoal.wire import record
from meshcoal.wire.operation import (
    SIGNATURE_BYTES,
    Header,
    Operation,
    decode_header,
    encode_header,
    operation_id,
    signing_input,
)
from meshcoal.wire.record import Record, Size

FORK_MAGIC: Final = b"meshcoal fork 1\n"

SignedHeader = Annotated[bytes, Size(1, 4096)]
Signature = Annotated[bytes, Size(SIGNATURE_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkProof(Record):
    """Two headers of one author, each under the author's signature; ascending by their ids."""

    error: ClassVar[type[MeshcoalError]] = MalformedFork

    first: SignedHeader
    first_signature: Signature
    second: SignedHeader
    second_signature: Signature


def prove_fork(one: Operation, other: Operation) -> ForkProof:
    """The proof that two operations make. Raises `MalformedFork` where they make none."""
    first, second = sorted((one, other), key=lambda operation: operation.id)
    proof = ForkProof(
        first=encode_header(first.header),
        first_signature=first.signature,
        second=encode_header(second.header),
        second_signature=second.signature,
    )
    verify_fork(proof)
    return proof


def verify_fork(proof: ForkProof) -> tuple[Header, Header]:
    """Check a proof, with nothing but the proof.

    Raises:
        MalformedFork: the headers are not two of one author at one place of one campaign.
        BadSignature: the author signed one of them not.
    """
    try:
        first, second = decode_header(proof.first), decode_header(proof.second)
    except MalformedOperation as exc:
        raise MalformedFork("a header does not parse") from exc
    ids = operation_id(proof.first), operation_id(proof.second)
    if ids[0] >= ids[1]:
        raise MalformedFork("two different operations, ascending by id")
    if (first.author, first.seq) != (second.author, second.seq):
        raise MalformedFork("two operations of one author at one place")
    if _campaign(first, ids[0]) != _campaign(second, ids[1]):
        raise MalformedFork("two operations of one campaign")
    for header, identifier, signature in zip(
        (first, second), ids, (proof.first_signature, proof.second_signature), strict=True
    ):
        try:
            signing.verify(header.author, signing_input(identifier), signature)
        except BadSignature as exc:
            raise BadSignature("a header is not signed by the author it names") from exc
    return first, second


def encode_fork(proof: ForkProof) -> bytes:
    """The proof as a file."""
    return FORK_MAGIC + record.encode(proof)


def decode_fork(data: bytes) -> ForkProof:
    """Inverse of `encode_fork`. Raises `MalformedFork` or `OverLimit`; says nothing on whether it holds."""
    if len(data) > FORK_BYTES_MAX or not data.startswith(FORK_MAGIC):
        raise MalformedFork("not a proof of a fork")
    return record.decode(ForkProof, data.removeprefix(FORK_MAGIC))


def _campaign(header: Header, identifier: OperationId) -> bytes:
    """The campaign of an operation; of a `create` it is the operation's own id."""
    return header.campaign if header.parents else identifier
