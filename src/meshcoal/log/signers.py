"""Which key signs at which place of which log.

Law: an author's id is the author's first key, for ever; the key that signs follows from the author's log
alone. A `rekey` that names a successor is signed by the key in force and closes it: everything that stands
behind it in that log, on that branch, is signed by the successor. Nothing depends on who brought what when.

Ours, unreviewed. Specified in docs/protocol/repudiation.md.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.log.changes import Change, PutDocument
from meshcoal.log.reader import LogReader, Place
from meshcoal.wire import canonical
from meshcoal.wire.operation import Operation

CLOSINGS: Final = "closings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """An operation that closes the key that signs it."""

    operation: OperationId
    author: AuthorId
    seq: int
    key: bytes  # 32 bytes: what it closes
    successor: bytes  # 32 bytes: what signs from there on


class Logs(Protocol):
    """What is asked of the DAG."""

    def place(self, operation: OperationId) -> Place | None: ...

    def is_forked(self, author: AuthorId) -> bool: ...

    def on_line(self, tip: OperationId, operation: OperationId, author: AuthorId, seq: int) -> bool: ...


class Signers:
    """The closings of one campaign."""

    def __init__(self, campaign: CampaignId, logs: Logs) -> None:
        self._campaign = campaign
        self._logs = logs
        self._by_author: dict[AuthorId, list[Closing]] = {}  # ascending by seq
        self._by_key: dict[tuple[AuthorId, bytes], list[Closing]] = {}
        # Behind the ends of forked logs, so that a long branch is not walked for each operation on it.
        self._behind: dict[OperationId, bytes] = {}

    def recover(self, reader: LogReader) -> None:
        """Read back what `note` wrote."""
        for key, value in reader.documents(CLOSINGS, self._campaign):
            author, seq, closed, successor = cast(Any, canonical.decode(value))
            operation = OperationId(key[len(self._campaign) :])
            closing = Closing(
                operation=operation, author=AuthorId(author), seq=seq, key=closed, successor=successor
            )
            self._add(closing)

    def behind(self, author: AuthorId, operation: OperationId) -> bytes:
        """The key that signs the operation after this one, which is held and the author's.

        Args:
            operation: empty: the first of the log.
        """
        closings = self._by_author.get(author)
        if not operation or closings is None:
            return author
        known = self._behind.get(operation)
        if known is not None:
            return known
        place = self._logs.place(operation)
        assert place is not None, "asked of what is held"
        assert place.author == author, "asked of what the author wrote"
        for closing in reversed(closings):
            if closing.seq <= place.seq and self._logs.on_line(
                operation, closing.operation, author, closing.seq
            ):
                return closing.successor
        return author

    def closings(self, author: AuthorId) -> tuple[Closing, ...]:
        """All closings of an author, on whatever branch, ascending by their places."""
        return tuple(self._by_author.get(author, ()))

    def closings_of(self, author: AuthorId, key: bytes) -> tuple[Closing, ...]:
        """The closings of one key: more than one only where the log is forked under it."""
        return tuple(self._by_key.get((author, key), ()))

    def note(self, operation: Operation, key: bytes) -> Iterable[Change]:
        """An operation was inserted that `key` signs; what to write beside it."""
        header = operation.header
        if self._logs.is_forked(header.author):
            self._behind.pop(OperationId(header.backlink), None)
            self._behind[operation.id] = header.successor or key
        if not header.successor:
            return ()
        self._add(
            Closing(
                operation=operation.id,
                author=header.author,
                seq=header.seq,
                key=key,
                successor=header.successor,
            )
        )
        value = canonical.encode((header.author, header.seq, key, header.successor))
        return (PutDocument(space=CLOSINGS, key=self._campaign + operation.id, value=value),)

    def _add(self, closing: Closing) -> None:
        closings = self._by_author.setdefault(closing.author, [])
        insort(closings, closing, key=lambda one: (one.seq, one.operation))
        self._by_key.setdefault((closing.author, closing.key), []).append(closing)
