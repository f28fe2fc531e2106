"""Operations that cannot enter the log yet: their past, or their author's admission, is not held.

Law: bounded in number and bytes; where there is no room, the oldest goes of the author who has most here, and
whoever sent it will be asked again. Waiting is a value, not an error. What stands behind an operation that is
nowhere here cannot be verified yet: it waits as *unproven*, goes first when there is no room, speaks for
nobody, and keeps no other copy of itself out. What was refused because its key is published is *parked*: it
enters only if somebody else's operation needs it. What was refused for its signature alone is *doubted*: it
enters only if a later operation of its author vouches for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import (
    DOUBTED_BYTES_MAX,
    DOUBTED_OPERATIONS_MAX,
    GATHERED_OPERATIONS_MAX,
    PARKED_BYTES_MAX,
    PARKED_OPERATIONS_MAX,
    PENDING_BYTES_MAX,
    PENDING_OPERATIONS_MAX,
)
from meshcoal.wire.operation import Operation

K = TypeVar("K", bound=bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An operation that waits."""

    operation: Operation
    key: bytes  # 32 bytes: the key that signs it, and by which it was verified; empty: unproven


class Pending:
    """What waits, and for what."""

    def __init__(self) -> None:
        # By id; an unproven one by id and signature, for the id does not cover the signature.
        self._waiting: OrderedDict[bytes, Waiting] = OrderedDict()
        self._unproven: OrderedDict[bytes, None] = OrderedDict()
        self._behind: dict[bytes, dict[bytes, None]] = {}  # by the operation before them in their log
        self._copies: dict[bytes, dict[bytes, None]] = {}  # unproven ones by their id
        self._by_author: dict[AuthorId, dict[bytes, None]] = {}  # verified ones, in order of arrival
        self._by_missing: dict[OperationId, dict[bytes, None]] = {}
        self._missing: dict[bytes, OperationId] = {}  # what each waits for
        self._strangers: dict[bytes, None] = {}
        self._bytes = 0
        self._parked: OrderedDict[OperationId, Waiting] = OrderedDict()
        self._parked_bytes = 0
        self._wanted: OrderedDict[OperationId, None] = OrderedDict()  # taken out again, and not in yet
        self._doubted: OrderedDict[OperationId, Operation] = OrderedDict()
        self._doubted_bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, operation: OperationId) -> bool:
        """Whether an operation waits that was verified."""
        return operation in self._waiting

    def waits(self, operation: Operation) -> bool:
        """Whether this very copy of an operation waits, or one that was verified."""
        if not self._waiting and not self._parked:
            return False
        return (
            operation.id in self._waiting
            or _name(operation, b"") in self._waiting
            or operation.id in self._parked
        )

    def get(self, operation: OperationId) -> Waiting | None:
        """An operation that waits and was verified, or None."""
        return self._waiting.get(operation)

    def hold(self, operation: Operation, missing: tuple[OperationId, ...], *, key: bytes) -> None:
        """Keep an operation until one of `missing` arrives, or, where none is, until its author is known.

        Args:
            key: by which it was verified; empty where that is not possible yet.
        """
        name = _name(operation, key)
        if name in self._waiting:
            self._forget(name)
        self._waiting[name] = Waiting(operation=operation, key=key)
        if key:
            self._by_author.setdefault(operation.header.author, {})[name] = None
        else:
            self._unproven[name] = None
            self._copies.setdefault(operation.id, {})[name] = None
        self._behind.setdefault(operation.header.backlink, {})[name] = None
        self._bytes += len(operation.encoded)
        if missing:
            self._by_missing.setdefault(missing[0], {})[name] = None
            self._missing[name] = missing[0]
        else:
            self._strangers[name] = None
        while len(self._waiting) > PENDING_OPERATIONS_MAX or self._bytes > PENDING_BYTES_MAX:
            self._forget(next(iter(self._unproven or self._of_most())))

    def _of_most(self) -> dict[bytes, None]:
        # Nobody can push out what others wrote. Unproven ones name an author, but not truly.
        return max(self._by_author.values(), key=len)

    def released_by(self, arrived: OperationId) -> list[Waiting]:
        """Take out what waited for this operation; it may wait for another one next."""
        waiting = self._by_missing.pop(arrived, {})
        return [self._take(one) for one in waiting if one in self._waiting]

    def unproven_behind(self, verified: OperationId) -> list[Waiting]:
        """Take out what could not be verified for want of this operation, the one before it in its log."""
        found = []
        for name in list(self._behind.get(verified, ())):
            if name in self._unproven:
                found.append(self._waiting[name])
                self._forget(name)
        return found

    def goes_on(self, operation: OperationId) -> bool:
        """Whether anything waits that comes next in this operation's log."""
        return operation in self._behind

    def strangers(self) -> list[Waiting]:
        """Take out what waited for its author to become known."""
        waiting, self._strangers = self._strangers, {}
        return [self._take(one) for one in waiting if one in self._waiting]

    def park(self, operation: Operation, *, key: bytes) -> list[Waiting]:
        """Keep an operation that was refused, for the case that others stand behind it. Bounded apart.

        Returns:
            What waited for it, taken out: it can be verified now.
        """
        self._parked[operation.id] = Waiting(operation=operation, key=key)
        self._parked_bytes += len(operation.encoded)
        while len(self._parked) > PARKED_OPERATIONS_MAX or self._parked_bytes > PARKED_BYTES_MAX:
            self._unpark(next(iter(self._parked)))
        return self.released_by(operation.id)

    def parked(self, operation: OperationId) -> Waiting | None:
        """An operation that was refused and is kept for a while, or None."""
        return self._parked.get(operation)

    @property
    def idle(self) -> bool:
        """Whether nothing waits that something new could release, and nothing is parked."""
        return not self._waiting and not self._parked

    @property
    def parks(self) -> bool:
        """Whether anything is kept that was refused under a published key."""
        return bool(self._parked)

    def doubt(self, operation: Operation) -> None:
        """Keep an operation whose signature alone is false. Bounded apart; the oldest go."""
        if operation.id in self._doubted:
            self._undoubt(operation.id)
        self._doubted[operation.id] = operation
        self._doubted_bytes += len(operation.encoded)
        while len(self._doubted) > DOUBTED_OPERATIONS_MAX or self._doubted_bytes > DOUBTED_BYTES_MAX:
            self._undoubt(next(iter(self._doubted)))

    @property
    def doubts(self) -> bool:
        """Whether anything is kept that was refused for its signature alone."""
        return bool(self._doubted)

    def gather(self, run: Iterable[Operation]) -> list[Operation]:
        """A run, and before each operation what is kept here of its past, doubted or waiting: taken out.

        For while anything is doubted: what vouches may come in another run than what needs it.
        """
        found: dict[bytes, Operation] = {}
        for operation in run:
            todo: list[tuple[Operation, bool]] = [(operation, False)]
            while todo:
                one, past_found = todo.pop()
                name = _name(one, b"")
                if name in found:
                    continue
                if past_found:
                    found[name] = one
                    continue
                todo.append((one, True))
                if len(found) + len(todo) < GATHERED_OPERATIONS_MAX:
                    for past in (*one.header.parents, OperationId(one.header.backlink)):
                        todo += [(kept, False) for kept in self._take_kept(past)]
        return list(found.values())

    def _take_kept(self, operation: OperationId) -> list[Operation]:
        kept = [self._undoubt(operation)] if operation in self._doubted else []
        names = [operation] if operation in self._waiting else []
        return kept + [self._forget(name) for name in [*names, *self._copies.get(operation, ())]]

    def _undoubt(self, operation: OperationId) -> Operation:
        taken = self._doubted.pop(operation)
        self._doubted_bytes -= len(taken.encoded)
        return taken

    def wanted(self, operation: OperationId) -> bool:
        """Whether an operation that would be refused is needed, because one that waits stands behind it."""
        if operation in self._wanted:
            return True
        return any(
            operation in waiting.operation.header.parents or operation == waiting.operation.header.backlink
            for waiting in self._waiting.values()
            if waiting.key
        )

    def needed(self, missing: Iterable[OperationId]) -> list[Waiting]:
        """Take out what was refused and is needed now, with what of its own past was refused; that first."""
        found = []
        todo = [one for one in missing if one in self._parked]
        while todo:
            one = todo.pop()
            if one in self._parked:
                self._wanted[one] = None
                found.append(self._unpark(one))
                header = found[-1].operation.header
                todo += [past for past in (*header.parents, OperationId(header.backlink)) if past]
        while len(self._wanted) > PENDING_OPERATIONS_MAX:
            self._wanted.popitem(last=False)
        return sorted(found, key=lambda waiting: waiting.operation.header.seq)

    def _unpark(self, operation: OperationId) -> Waiting:
        taken = self._parked.pop(operation)
        self._parked_bytes -= len(taken.operation.encoded)
        return taken

    def proven(self) -> list[OperationId]:
        """What waits and was verified."""
        return [OperationId(name) for names in self._by_author.values() for name in names]

    def waited_for(self) -> dict[OperationId, tuple[Operation, ...]]:
        """What is waited for, here or not, with what waits for it at once. Each waits for one thing here."""
        return {
            missing: tuple([self._waiting[one].operation for one in waiting])
            for missing, waiting in self._by_missing.items()
            if waiting
        }

    def absent(self, wanted: Iterable[OperationId]) -> list[OperationId]:
        """Of what is waited for, what is not here either: neither waiting itself nor refused."""
        here = {waiting.operation.id for waiting in self._waiting.values()}
        return [one for one in wanted if one not in here and one not in self._parked]

    def highest(self) -> dict[AuthorId, int]:
        """The highest seq of each author among what waits verified: proof that earlier ones exist."""
        found: dict[AuthorId, int] = {}
        for waiting in self._waiting.values():
            if waiting.key:
                header = waiting.operation.header
                found[header.author] = max(header.seq, found.get(header.author, -1))
        return found

    def _take(self, name: bytes) -> Waiting:
        taken = self._waiting.pop(name)
        self._missing.pop(name, None)
        header = taken.operation.header
        _drop(self._behind, header.backlink, name)
        if taken.key:
            _drop(self._by_author, header.author, name)
        else:
            del self._unproven[name]
            _drop(self._copies, taken.operation.id, name)
        self._bytes -= len(taken.operation.encoded)
        return taken

    def _forget(self, name: bytes) -> Operation:
        missing = self._missing.get(name)
        taken = self._take(name)
        self._strangers.pop(name, None)
        waiting = self._by_missing.get(missing, {}) if missing is not None else {}
        waiting.pop(name, None)
        if missing is not None and not waiting:
            self._by_missing.pop(missing, None)
        return taken.operation


def _drop(index: dict[K, dict[bytes, None]], at: K, name: bytes) -> None:
    names = index[at]
    del names[name]
    if not names:
        del index[at]


def _name(operation: Operation, key: bytes) -> bytes:
    return operation.id if key else operation.id + operation.signature
