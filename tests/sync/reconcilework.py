"""Two stores and the words between them: logs that may fork, operations without a log, a link to cut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import AuthorId, OperationId
from meshcoal.sync.loose import LooseSet
from meshcoal.sync.outcome import Outcome
from meshcoal.sync.reconcile import Reconciliation
from meshcoal.wire.frames import Message
from meshcoal.wire.reconciling import RECONCILING


def identifier(label: object) -> OperationId:
    return OperationId(hashlib.sha256(repr(label).encode()).digest())


def author(number: int) -> AuthorId:
    return AuthorId(identifier(("author", number)))


@dataclass(frozen=True, order=True)
class Entry:
    """An operation of a log: where it stands, and behind what."""

    seq: int
    id: OperationId
    back: OperationId | None


def chain(who: AuthorId, length: int, *, branch: str = "", after: Entry | None = None) -> list[Entry]:
    """`length` operations of an author, from the beginning or behind another."""
    entries: list[Entry] = []
    for seq in range(after.seq + 1 if after else 0, (after.seq + 1 if after else 0) + length):
        one = Entry(seq=seq, id=identifier((who, seq, branch)), back=after.id if after else None)
        entries.append(one)
        after = one
    return entries


class Trees:
    """Logs of a store, each a tree. Marks are as docs/protocol/catchup.md has them."""

    def __init__(self) -> None:
        self.logs: dict[AuthorId, dict[OperationId, Entry]] = {}
        self._levels: dict[AuthorId, dict[int, list[Entry]]] = {}
        self._ends: dict[AuthorId, dict[OperationId, int]] = {}

    def take(self, who: AuthorId, entries: Iterable[Entry]) -> None:
        """Each behind what it stands on, like a node."""
        log = self.logs.setdefault(who, {})
        for one in sorted(entries):
            assert one.back is None or one.back in log, "an operation came before its past"
            if one.id not in log:
                log[one.id] = one
                self._levels.setdefault(who, {}).setdefault(one.seq, []).append(one)
                ends = self._ends.setdefault(who, {})
                ends[one.id] = one.seq
                if one.back is not None:
                    ends.pop(one.back, None)

    def authors(self) -> list[AuthorId]:
        return sorted(self._levels)

    def top(self, who: AuthorId) -> int:
        return max(self._levels.get(who, {}), default=-1)

    def mark(self, who: AuthorId, seq: int) -> bytes:
        assert 0 <= seq <= self.top(who), "only what is held has a mark"
        ends = {one.id for one in self._levels[who].get(seq, ())}
        ends |= {end for end, at in self._ends[who].items() if at < seq}
        if len(ends) == 1:
            return ends.pop()[:16]
        joined = b"".join(sorted(ends))
        return hashlib.blake2b(joined, digest_size=16, person=b"meshcoal-ends--1").digest()

    def count(self) -> int:
        return sum(len(log) for log in self.logs.values())

    def behind(self, who: AuthorId, seq: int) -> list[Entry]:
        return sorted(one for one in self.logs.get(who, {}).values() if one.seq > seq)

    def all(self) -> set[tuple[AuthorId, OperationId]]:
        return {(who, one) for who, log in self.logs.items() for one in log}


@dataclass
class Side:
    """A store, and what it has to send after talking."""

    trees: Trees = field(default_factory=Trees)
    loose: LooseSet = field(default_factory=LooseSet)
    holds: dict[AuthorId, int] = field(default_factory=dict)
    send: list[OperationId] = field(default_factory=list)
    machine: Reconciliation | None = None

    def begin(self, *, dialled: bool, secret: bytes) -> Reconciliation:
        self.holds, self.send = {}, []
        self.machine = Reconciliation(
            self.trees,
            self.loose,
            operations=self.trees.count(),
            secret=secret,
            dialled=dialled,
            entropy=SeededEntropy(secret + bytes([dialled])),
        )
        return self.machine

    def learn(self, outcome: Outcome) -> None:
        self.holds.update(outcome.holds)
        self.send += outcome.send

    def outgoing(self) -> list[tuple[AuthorId | None, Entry | OperationId]]:
        """What the other lacks as far as this one knows, in an order that can be taken in."""
        out: list[tuple[AuthorId | None, Entry | OperationId]] = []
        for who in self.trees.authors():
            out += [(who, one) for one in self.trees.behind(who, self.holds.get(who, -1))]
        return out + [(None, one) for one in self.send]

    def take(self, who: AuthorId | None, one: Entry | OperationId) -> None:
        if isinstance(one, Entry):
            assert who is not None
            self.trees.take(who, [one])
        else:
            self.loose.add(one)


@dataclass
class Talk:
    """What was said, by each in turn."""

    sizes: list[int] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    trips: int = 0  # one way; what is said in answer to one batch travels together

    @property
    def bytes(self) -> int:
        return sum(self.sizes)


def talk(near: Side, far: Side, *, secret: bytes = bytes(32), bytes_max: int | None = None) -> Talk:
    """One link, from digests to the end, or until so many bytes were carried: the rest is lost."""
    heard = Talk()
    machines = near.begin(dialled=True, secret=secret), far.begin(dialled=False, secret=secret)
    under_way: list[tuple[int, Message]] = [(1, machines[0].digest), (0, machines[1].digest)]
    while under_way:
        heard.trips += 1
        following: list[tuple[int, Message]] = []
        for to, message in under_way:
            data = RECONCILING.encode(message)
            if bytes_max is not None and heard.bytes + len(data) > bytes_max:
                return heard
            heard.sizes.append(len(data))
            heard.said.append(message)
            copy = RECONCILING.decode(data)
            assert isinstance(copy, Message)
            outcome = machines[to].hear(copy)
            (near, far)[to].learn(outcome)
            following += [(1 - to, one) for one in outcome.say]
        under_way = following
    return heard


def exchange(near: Side, far: Side, *, share: float = 1.0) -> int:
    """Carry over what each has found the other to lack, or a part of it; how many that were."""
    batches = [(far, near.outgoing()), (near, far.outgoing())]
    carried = 0
    for side, batch in batches:
        for who, one in batch[: int(len(batch) * share)]:
            side.take(who, one)
            carried += 1
    return carried


def same(near: Side, far: Side) -> bool:
    return near.trees.all() == far.trees.all() and set(near.loose.ids()) == set(far.loose.ids())
