"""Operations that cannot enter the log yet: their past, or their author's admission, is not held.

Law: bounded in number and bytes; the oldest goes first, and whoever sent it will be asked again. Waiting is a
value, not an error.
"""

from __future__ import annotations

from collections import OrderedDict

from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import PENDING_BYTES_MAX, PENDING_OPERATIONS_MAX
from meshcoal.wire.operation import Operation


class Pending:
    """What waits, and for what."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[OperationId, Operation] = OrderedDict()
        self._by_missing: dict[OperationId, dict[OperationId, None]] = {}
        self._strangers: dict[OperationId, None] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, operation: OperationId) -> bool:
        return operation in self._waiting

    def get(self, operation: OperationId) -> Operation | None:
        """An operation that waits, or None."""
        return self._waiting.get(operation)

    def hold(self, operation: Operation, missing: tuple[OperationId, ...]) -> None:
        """Keep an operation until one of `missing` arrives, or, where none is, until its author is known."""
        if operation.id in self._waiting:
            self._forget(operation.id)
        self._waiting[operation.id] = operation
        self._bytes += len(operation.encoded)
        if missing:
            self._by_missing.setdefault(missing[0], {})[operation.id] = None
        else:
            self._strangers[operation.id] = None
        while len(self._waiting) > PENDING_OPERATIONS_MAX or self._bytes > PENDING_BYTES_MAX:
            self._forget(next(iter(self._waiting)))

    def released_by(self, arrived: OperationId) -> list[Operation]:
        """Take out what waited for this operation; it may wait for another one next."""
        waiting = self._by_missing.pop(arrived, {})
        return [self._take(one) for one in waiting if one in self._waiting]

    def strangers(self) -> list[Operation]:
        """Take out what waited for its author to become known."""
        waiting, self._strangers = self._strangers, {}
        return [self._take(one) for one in waiting if one in self._waiting]

    def highest(self) -> dict[AuthorId, int]:
        """The highest seq of each author among what waits: proof that earlier ones exist."""
        found: dict[AuthorId, int] = {}
        for operation in self._waiting.values():
            header = operation.header
            found[header.author] = max(header.seq, found.get(header.author, -1))
        return found

    def _take(self, operation: OperationId) -> Operation:
        taken = self._waiting.pop(operation)
        self._bytes -= len(taken.encoded)
        return taken

    def _forget(self, operation: OperationId) -> None:
        self._take(operation)
        self._strangers.pop(operation, None)
        for key in [key for key, waiting in self._by_missing.items() if operation in waiting]:
            del self._by_missing[key][operation]
            if not self._by_missing[key]:
                del self._by_missing[key]
