"""Control operations as short as membership needs them: what a start reads instead of the log.

Law: a roll says what the operation and its body say, without what it brings to others, and is written in the
step that opens the body. It is a copy: where the rolls do not fit the bodies held, in number, name or form,
they are thrown away and made anew from these.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Annotated, Final

from meshcoal.errors import MeshcoalError
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import BODY_BYTES_MAX
from meshcoal.log.changes import Change, EraseDocument, PutDocument
from meshcoal.log.dag import Dag
from meshcoal.log.reader import BodyRow, LogReader
from meshcoal.node.records import Document
from meshcoal.wire import record, shape
from meshcoal.wire.bodies import Body, RekeyBody, decode_body, encode_body
from meshcoal.wire.operation import CONTROL_KINDS, Kind
from meshcoal.wire.record import Count, Id32, Size

ROLLS: Final = "rolls"


def slim(body: Body) -> Body:
    """A body without what it brings to others: keys, and lists of keys. What its author lacked stays."""
    if isinstance(body, RekeyBody) and (body.handed or body.carried or body.bundle):
        return dataclasses.replace(body, handed=(), carried=(), bundle=b"")
    return dataclasses.replace(body, handed=(), carried=()) if body.handed or body.carried else body


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class RollRecord(Document):
    """One control operation; kept under its campaign and its local number."""

    id: Id32
    author: Id32
    seq: Count
    depth: Count
    context: Count
    kind: Kind
    body: Annotated[bytes, Size(0, BODY_BYTES_MAX)]


def put_roll(dag: Dag, row: BodyRow, body: Body) -> Change:
    """What is to be written beside the body of a control operation."""
    roll = RollRecord(
        id=row.id,
        author=row.author,
        seq=row.seq,
        depth=row.depth,
        context=row.context,
        kind=Kind(row.kind),
        body=encode_body(slim(body)),
    )
    return PutDocument(space=ROLLS, key=_key(dag, row.id), value=record.encode(roll))


def recover_rolls(dag: Dag, reader: LogReader) -> tuple[list[tuple[BodyRow, Body]], list[Change]]:
    """Every opened control operation in the order of insertion, with its slim body; and what mends the rolls.

    Raises `Corrupt`: a body that is held does not decode.
    """
    counts = reader.body_counts(dag.campaign)
    held = sum(count for (about, kind), count in counts.items() if not about and kind in CONTROL_KINDS)
    documents = reader.documents(ROLLS, dag.campaign)
    if len(documents) == held:
        found = _read(dag, documents)
        if found is not None:
            return found, []
    rows = reader.bodies(dag.campaign, CONTROL_KINDS)
    made = [(row, slim(decode_body(Kind(row.kind), row.body))) for row in rows]
    mending: list[Change] = [EraseDocument(space=ROLLS, key=key) for key, _ in documents]
    return made, [*mending, *[put_roll(dag, row, body) for row, body in made]]


def _read(dag: Dag, documents: Sequence[tuple[bytes, bytes]]) -> list[tuple[BodyRow, Body]] | None:
    """None where any of them is not what the log says."""
    authors: dict[bytes, AuthorId] = {}  # one value for each, and not one for each operation
    found: list[tuple[BodyRow, Body]] = []
    for key, value in documents:
        try:
            roll = record.decode(RollRecord, value)
            body = decode_body(roll.kind, roll.body)
        except MeshcoalError:
            return None
        row = BodyRow(
            id=OperationId(roll.id),
            author=authors.setdefault(roll.author, AuthorId(roll.author)),
            seq=roll.seq,
            depth=roll.depth,
            context=roll.context,
            kind=int(roll.kind),
            body=b"",
        )
        if not dag.is_control(row.id) or key != _key(dag, row.id):
            return None
        found.append((row, body))
    return found


def _key(dag: Dag, operation: OperationId) -> bytes:
    return dag.campaign + dag.control_number(operation).to_bytes(4, "big")
