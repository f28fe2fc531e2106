"""Proof that somebody signed two different operations for one place of their log.

Law: it stands by itself. Whoever has the file and nothing else can check it, and learns from it who signed,
in which campaign and where, and nothing of what the operations say.

Ours, unreviewed. Specified in docs/protocol/fork.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Final

from meshcoal.crypto import signing
from meshcoal.errors import BadSignature, MalformedFork, MalformedOperation, MeshcoalError
from meshcoal.ids import OperationId
from meshcoal.limits import CLOSINGS_MAX, FORK_BYTES_MAX, TAKEN_OPERATIONS_MAX
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
from meshcoal.wire.record import Items, Record, Size
from meshcoal.wire.shape import dataclass

FORK_MAGIC: Final = b"meshcoal fork 1\n"

SignedHeader = Annotated[bytes, Size(1, 4096)]
Signature = Annotated[bytes, Size(SIGNATURE_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedClosing(Record):
    """A rekey's header, that closes the key that signs it and names the next."""

    error: ClassVar[type[MeshcoalError]] = MalformedFork

    header: SignedHeader
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkProof(Record):
    """Two headers of one author, each under one key of the author; ascending by their ids."""

    error: ClassVar[type[MeshcoalError]] = MalformedFork

    first: SignedHeader
    first_signature: Signature
    second: SignedHeader
    second_signature: Signature
    # From the author's first key to the one that signs both: what closed each before, in turn.
    closings: Annotated[tuple[SignedClosing, ...], Items(0, CLOSINGS_MAX)] = ()
    # What stands behind each up to one whose signature vouches for it; the signature is then that one's.
    first_behind: Annotated[tuple[SignedHeader, ...], Items(0, TAKEN_OPERATIONS_MAX)] = ()
    second_behind: Annotated[tuple[SignedHeader, ...], Items(0, TAKEN_OPERATIONS_MAX)] = ()


def prove_fork(
    one: Operation,
    other: Operation,
    closings: Sequence[Operation] = (),
    *,
    behind: Mapping[OperationId, Sequence[Operation]] | None = None,
) -> ForkProof:
    """The proof that two operations make.

    Args:
        closings: the rekeys before them in the author's log that changed the signing key, in their order.
        behind: of either, where its own signature is false: what its author wrote behind it, one after
            another, up to one whose signature holds.

    Raises:
        MalformedFork, BadSignature: they make none.
    """
    first, second = sorted((one, other), key=lambda operation: operation.id)
    first_line, second_line = [(two, *(behind or {}).get(two.id, ())) for two in (first, second)]
    proof = ForkProof(
        first=encode_header(first.header),
        first_signature=first_line[-1].signature,
        second=encode_header(second.header),
        second_signature=second_line[-1].signature,
        closings=tuple(
            [
                SignedClosing(header=encode_header(closing.header), signature=closing.signature)
                for closing in closings[:CLOSINGS_MAX]
            ]
        ),
        first_behind=tuple([encode_header(after.header) for after in first_line[1:]]),
        second_behind=tuple([encode_header(after.header) for after in second_line[1:]]),
    )
    verify_fork(proof)
    return proof


def verify_fork(proof: ForkProof) -> tuple[Header, Header]:
    """Check a proof, with nothing but the proof.

    Raises:
        MalformedFork: the headers are not two of one author at one place of one campaign.
        BadSignature: the author signed one of them not, or did not hand on the key that did.
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
    key = _key_at(proof, first, _campaign(first, ids[0]))
    for identifier, header, behind, signature in (
        (ids[0], first, proof.first_behind, proof.first_signature),
        (ids[1], second, proof.second_behind, proof.second_signature),
    ):
        _verify(key, _end_of(identifier, header, behind), signature)
    return first, second


def _end_of(identifier: OperationId, header: Header, behind: Sequence[bytes]) -> OperationId:
    """The last of what stands behind a header, under one key and each naming the one before."""
    for encoded in behind:
        try:
            after = decode_header(encoded)
        except MalformedOperation as exc:
            raise MalformedFork("a header does not parse") from exc
        if header.successor or (after.author, after.seq, after.backlink) != (
            header.author,
            header.seq + 1,
            identifier,
        ):
            raise MalformedFork("what stands behind a header names it, and is its author's next")
        identifier, header = operation_id(encoded), after
    return identifier


def encode_fork(proof: ForkProof) -> bytes:
    """The proof as a file."""
    return FORK_MAGIC + record.encode(proof)


def decode_fork(data: bytes) -> ForkProof:
    """Inverse of `encode_fork`. Raises `MalformedFork` or `OverLimit`; says nothing on whether it holds."""
    if len(data) > FORK_BYTES_MAX or not data.startswith(FORK_MAGIC):
        raise MalformedFork("not a proof of a fork")
    return record.decode(ForkProof, data.removeprefix(FORK_MAGIC))


def _key_at(proof: ForkProof, first: Header, campaign: bytes) -> bytes:
    """The key that the closings lead to, from the author's first."""
    key: bytes = first.author
    seq = -1
    for closing in proof.closings:
        try:
            header = decode_header(closing.header)
        except MalformedOperation as exc:
            raise MalformedFork("a header does not parse") from exc
        if header.author != first.author or header.campaign != campaign or not header.successor:
            raise MalformedFork("what closes a key is its author's, of the same campaign")
        if not seq < header.seq < first.seq:
            raise MalformedFork("keys are closed one after another, before the fork")
        _verify(key, operation_id(closing.header), closing.signature)
        key, seq = header.successor, header.seq
    return key


def _verify(key: bytes, identifier: OperationId, signature: bytes) -> None:
    try:
        signing.verify(key, signing_input(identifier), signature)
    except BadSignature as exc:
        raise BadSignature("a header is not signed by the author it names") from exc


def _campaign(header: Header, identifier: OperationId) -> bytes:
    """The campaign of an operation; of a `create` it is the operation's own id."""
    return header.campaign if header.parents else identifier
