"""Runs of operations packed for the way: without what follows from the rest of the run.

Law: `unpack(campaign, pack(operations))` are exactly these operations, byte for byte, and an operation has
one id in either form. Campaign, author, seq, backlink, hashes and the ids of operations of the same run are
not sent: they are worked out. What does not fit its columns is refused as a whole. Signatures are carried and
not checked here. Specified in docs/protocol/catchup.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, cast

from meshcoal.errors import Malformed, MalformedOperation, OverLimit
from meshcoal.ids import ID_BYTES, AuthorId, CampaignId, OperationId
from meshcoal.limits import (
    BODY_BYTES_MAX,
    DIRECT_BYTES_MAX,
    DIRECTS_MAX,
    OPERATION_BYTES_MAX,
    PACKED_BYTES_MAX,
    PARENTS_MAX,
    RUN_OPERATIONS_MAX,
    SEQ_MAX,
)
from meshcoal.wire import canonical
from meshcoal.wire.operation import (
    DIRECT_TAG_BYTES,
    EPOCH_KINDS,
    NO_CAMPAIGN,
    SALT_BYTES,
    SIGNATURE_BYTES,
    TALK_KINDS,
    VERSION,
    Direct,
    Kind,
    Operation,
    assemble,
    body_hash,
    directs_hash,
    operation_id,
)

_COLUMNS: Final = 15
_BEGINNING: Final = frozenset(map(int, EPOCH_KINDS))
_TALK: Final = frozenset(map(int, TALK_KINDS))
_KINDS: Final = {int(kind): kind for kind in Kind}
_NO_DIRECTS: Final = directs_hash(())


@dataclass(slots=True)
class Chain:
    """What a run holds of one author's log: a stretch without gaps."""

    author: AuthorId
    first: int  # seq
    backlink: bytes  # of the first
    ids: list[OperationId]


@dataclass(slots=True)
class Unpacked:
    """The operations of a run, in its order; their own forms are made where they are needed."""

    chains: list[Chain]  # one for each author
    ids: list[OperationId]
    headers: list[bytes]
    fields: list[Any]  # of the headers, as `assemble` takes them
    signatures: bytes
    bodies: Sequence[bytes]
    directs: dict[int, Any]

    def __len__(self) -> int:
        return len(self.ids)

    def decoded(self) -> list[Operation]:
        """All of them, checked as `wire.operation.decode_operation` does it, without doing it again.

        Raises:
            MalformedOperation: one is larger than an operation may be.
        """
        found = []
        ends = range(SIGNATURE_BYTES, len(self.signatures) + 1, SIGNATURE_BYTES)
        for at, (end, fields, header, identifier, body) in enumerate(
            zip(ends, self.fields, self.headers, self.ids, self.bodies, strict=True)
        ):
            directs: tuple[Direct, ...] = ()
            if at in self.directs:
                directs = tuple([Direct(tag=tag, sealed=sealed) for tag, sealed in self.directs[at]])
            signature = self.signatures[end - SIGNATURE_BYTES : end]
            found.append(assemble(fields, header, identifier, signature, body, directs))
        return found

    def operations(self, start: int = 0, end: int | None = None) -> tuple[bytes, ...]:
        """Encoded, as `wire.operation.decode_operation` takes them.

        Raises:
            MalformedOperation: one is larger than an operation may be.
        """
        encoded = []
        for at in range(start, len(self.ids) if end is None else min(end, len(self.ids))):
            signature = self.signatures[at * SIGNATURE_BYTES : (at + 1) * SIGNATURE_BYTES]
            whole = canonical.encode((self.headers[at], signature, self.bodies[at], self.directs.get(at, ())))
            if len(whole) > OPERATION_BYTES_MAX:
                raise MalformedOperation("an operation of a run is too large")
            encoded.append(whole)
        return tuple(encoded)


def pack(operations: Iterable[bytes]) -> bytes | None:
    """Pack encoded operations that this node has accepted; None where one author's are not one chain.

    A forked log travels unpacked: two of its operations stand at one place.
    """
    authors: dict[bytes, int] = {}
    starts: list[int] = []
    backs: list[int] = []
    before: dict[bytes, int] = {}
    epochs: dict[bytes, int] = {}
    whose: list[int] = []
    kinds = bytearray()
    under: list[int] = []
    indexes: list[int] = []
    parents_of: list[int | tuple[int, ...]] = []
    salts: list[bytes] = []
    signatures: list[bytes] = []
    bodies: list[bytes] = []
    successors: list[tuple[int, bytes]] = []
    directs_of: list[tuple[int, Any]] = []
    places: dict[bytes, int] = {}
    last: dict[bytes, bytes] = {}
    for at, encoded in enumerate(operations):
        header, signature, body, directs = canonical.reread(encoded)
        _, _, author, seq, backlink, parents, kind, epoch, salt, index, successor, _, _ = canonical.reread(
            header
        )
        number = authors.get(author)
        if number is None:
            number = authors[author] = len(authors)
            starts.append(seq)
            backs.append(before.setdefault(backlink, len(before)) + 1 if backlink else 0)
        elif last[author] != backlink:
            return None
        whose.append(number)
        kinds.append(kind)
        under.append(epochs.setdefault(epoch, len(epochs)) + 1 if epoch else 0)
        indexes.append(index)
        references = []
        for parent in parents:
            place = places.get(parent)
            references.append(
                at - place if place is not None else at + 1 + before.setdefault(parent, len(before))
            )
        parents_of.append(references[0] if len(references) == 1 else tuple(references))
        salts.append(salt)
        signatures.append(signature)
        bodies.append(body)
        if successor:
            successors.append((at, successor))
        if directs:
            directs_of.append((at, directs))
        identifier = operation_id(header)
        places[identifier] = at
        last[author] = identifier
    return canonical.encode(
        (
            b"".join(authors),
            tuple(starts),
            tuple(backs),
            b"".join(before),
            b"".join(epochs),
            tuple(whose),
            bytes(kinds),
            tuple(under),
            tuple(indexes),
            tuple(parents_of),
            b"".join(salts),
            b"".join(signatures),
            tuple(bodies),
            tuple(successors),
            tuple(directs_of),
        )
    )


def unpack(campaign: CampaignId, packed: bytes) -> Unpacked:
    """The operations of a packed run that came over a link of `campaign`.

    Raises:
        OverLimit: more than `PACKED_BYTES_MAX` bytes.
        MalformedOperation: anything else that is wrong; signatures are not looked at.
    """
    try:
        value = canonical.decode(packed, bytes_max=PACKED_BYTES_MAX)
    except OverLimit:
        raise
    except Malformed as exc:
        raise MalformedOperation("a packed run does not parse") from exc
    if type(value) is not tuple or len(value) != _COLUMNS:
        raise MalformedOperation(f"a packed run has {_COLUMNS} columns")
    (
        joined_authors,
        starts,
        backs,
        joined_before,
        joined_epochs,
        whose,
        kinds,
        under,
        indexes,
        parents_of,
        salts,
        signatures,
        bodies,
        successors,
        directs_of,
    ) = cast(Any, value)
    authors = _split(joined_authors)
    before = _split(joined_before)
    epochs = [b"", *_split(joined_epochs)]
    if type(kinds) is not bytes or not 1 <= len(kinds) <= RUN_OPERATIONS_MAX:
        raise MalformedOperation(f"a packed run has 1 to {RUN_OPERATIONS_MAX} operations")
    count = len(kinds)
    _check_numbers(whose, count, len(authors) - 1)
    _check_numbers(under, count, len(epochs) - 1)
    _check_numbers(indexes, count, SEQ_MAX)
    _check_numbers(starts, len(authors), SEQ_MAX - RUN_OPERATIONS_MAX)
    _check_numbers(backs, len(authors), len(before))
    if type(parents_of) is not tuple or len(parents_of) != count:
        raise MalformedOperation("a column of a packed run has another length")
    _check_bytes(salts, count * SALT_BYTES)
    _check_bytes(signatures, count * SIGNATURE_BYTES)
    if type(bodies) is not tuple or len(bodies) != count or not all(type(one) is bytes for one in bodies):
        raise MalformedOperation("bodies are bytes, one for each operation")
    successor_at = _sparse(successors, count)
    directs_at = _sparse(directs_of, count)
    hashes_at = {at: _directs_hash(directs) for at, directs in directs_at.items()}

    ids: list[OperationId] = []
    headers: list[bytes] = []
    fields: list[Any] = []
    seq_next = list(starts)
    last = [before[back - 1] if back else b"" for back in backs]
    chains = [
        Chain(author=AuthorId(author), first=start, backlink=backlink, ids=[])
        for author, start, backlink in zip(authors, starts, last, strict=True)
    ]
    if any((not back) != (not start) for back, start in zip(backs, starts, strict=True)):
        raise MalformedOperation("a backlink is missing exactly at the first place of a log")
    for at, (number, kind, epoch_number, index, references, body) in enumerate(
        zip(whose, kinds, under, indexes, parents_of, bodies, strict=True)
    ):
        parents: tuple[bytes, ...]
        if type(references) is int:
            parents = (_referred(ids, before, at, references),)
        else:
            parents = _parents(ids, before, at, references)
        seq = seq_next[number]
        successor = successor_at.get(at, b"")
        if (
            kind not in _KINDS
            or (kind in _BEGINNING) != (not epoch_number)
            or (index and kind not in _TALK)
            or (not parents) != (kind == 1)
            or (kind == 1 and seq)
            or len(body) > BODY_BYTES_MAX
            or (successor and (kind != Kind.REKEY or type(successor) is not bytes or len(successor) != 32))
        ):
            raise MalformedOperation("an operation of a packed run is not well-formed")
        held = (
            campaign if kind != 1 else NO_CAMPAIGN,
            authors[number],
            seq,
            last[number],
            parents,
            _KINDS[kind],
            epochs[epoch_number],
            salts[at * SALT_BYTES : (at + 1) * SALT_BYTES],
            index,
            successor,
            body_hash(body),
            hashes_at.get(at, _NO_DIRECTS),
        )
        header = canonical.encode((VERSION, *held[:5], kind, *held[6:]))
        fields.append(held)
        identifier = operation_id(header)
        ids.append(identifier)
        headers.append(header)
        chains[number].ids.append(identifier)
        last[number] = identifier
        seq_next[number] = seq + 1
    if not all(chain.ids for chain in chains):
        raise MalformedOperation("a packed run names an author of whom it holds nothing")
    return Unpacked(
        chains=chains,
        ids=ids,
        headers=headers,
        fields=fields,
        signatures=signatures,
        bodies=bodies,
        directs=directs_at,
    )


def _split(joined: object) -> list[bytes]:
    if type(joined) is not bytes or len(joined) % ID_BYTES:
        raise MalformedOperation("ids are 32 bytes each")
    found = [joined[at : at + ID_BYTES] for at in range(0, len(joined), ID_BYTES)]
    if len(set(found)) != len(found):
        raise MalformedOperation("an id stands twice in a packed run")
    return found


def _check_numbers(column: object, count: int, most: int) -> None:
    if type(column) is not tuple or len(column) != count or any(type(one) is not int for one in column):
        raise MalformedOperation("a column of a packed run is not so many numbers")
    if count and not 0 <= min(column) <= max(column) <= most:
        raise MalformedOperation("a number in a packed run is out of bounds")


def _check_bytes(column: object, size: int) -> None:
    if type(column) is not bytes or len(column) != size:
        raise MalformedOperation("a column of a packed run has another length")


def _sparse(column: object, count: int) -> dict[int, Any]:
    """A column of (place, value) for the few operations that have one, places ascending."""
    if type(column) is not tuple:
        raise MalformedOperation("a column of a packed run is no list")
    found: dict[int, Any] = {}
    last = -1
    for entry in column:
        if type(entry) is not tuple or len(entry) != 2 or type(entry[0]) is not int:
            raise MalformedOperation("an entry of a packed run is a place and a value")
        if not last < entry[0] < count or not entry[1]:
            raise MalformedOperation("places in a packed run ascend")
        last = entry[0]
        found[last] = entry[1]
    return found


def _directs_hash(directs: object) -> bytes:
    if type(directs) is not tuple or len(directs) > DIRECTS_MAX:
        raise MalformedOperation("too many directs")
    found = []
    for one in directs:
        if type(one) is not tuple or len(one) != 2 or not all(type(part) is bytes for part in one):
            raise MalformedOperation("a direct is a tag and sealed bytes")
        if len(one[0]) != DIRECT_TAG_BYTES or len(one[1]) > DIRECT_BYTES_MAX:
            raise MalformedOperation("a direct is out of bounds")
        found.append(Direct(tag=one[0], sealed=one[1]))
    return directs_hash(tuple(found))


def _referred(ids: list[OperationId], before: list[bytes], at: int, reference: int) -> bytes:
    """1 to `at`: so many operations before this one in the run; above: one that came before the run."""
    if 0 < reference <= at:
        return ids[at - reference]
    if at < reference <= at + len(before):
        return before[reference - at - 1]
    raise MalformedOperation("a parent is neither in the packed run nor named by it")


def _parents(ids: list[OperationId], before: list[bytes], at: int, references: object) -> tuple[bytes, ...]:
    if type(references) is not tuple or len(references) == 1 or len(references) > PARENTS_MAX:
        raise MalformedOperation(f"parents are at most {PARENTS_MAX}, and one stands alone")
    if any(type(one) is not int for one in references):
        raise MalformedOperation("a parent is named by a number")
    parents = tuple([_referred(ids, before, at, one) for one in references])
    if any(former >= latter for former, latter in pairwise(parents)):
        raise MalformedOperation("parents ascend and differ")
    return parents
