"""Operations without a node: real headers and hashes, bodies that nobody opens, and a disk for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from meshcoal.ids import NO_EPOCH, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.log.changes import PutOperation
from meshcoal.log.dag import Dag
from meshcoal.sim.disk import MemoryDisk
from meshcoal.wire.operation import (
    EPOCH_KINDS,
    NO_CAMPAIGN,
    Header,
    Kind,
    Operation,
    body_hash,
    directs_hash,
)

KINDS = (Kind.POST, Kind.POST, Kind.ADD, Kind.LEAVE, Kind.REKEY, Kind.DRAFT)
EPOCH = EpochId(bytes(32))


def author(number: int) -> AuthorId:
    return AuthorId(hashlib.sha256(b"author %d" % number).digest())


def operation(
    who: AuthorId,
    *,
    campaign: CampaignId,
    seq: int = 0,
    backlink: bytes = b"",
    parents: Iterable[OperationId] = (),
    kind: Kind = Kind.POST,
    body: bytes = b"sealed",
    successor: bytes = b"",
) -> Operation:
    """An operation that is well-formed but for its signature, which the log does not look at."""
    header = Header(
        campaign=NO_CAMPAIGN if kind is Kind.CREATE else campaign,
        author=who,
        seq=seq,
        backlink=backlink,
        parents=tuple(sorted(set(parents))),
        kind=kind,
        epoch=NO_EPOCH if kind in EPOCH_KINDS else EPOCH,
        salt=bytes(16),
        successor=successor,
        body_hash=body_hash(body),
        directs_hash=directs_hash(()),
    )
    return Operation(header=header, sealed_body=body, directs=(), signature=bytes(64))


def create(body: bytes = b"sealed") -> Operation:
    return operation(author(0), campaign=NO_CAMPAIGN, kind=Kind.CREATE, body=body)


class Log:
    """A DAG on a disk; each `take` is a step of its own."""

    def __init__(self, disk: MemoryDisk | None = None, campaign: CampaignId | None = None) -> None:
        self.disk = disk if disk is not None else MemoryDisk()
        self.first = create()
        self.campaign = campaign or self.first.campaign
        self.dag = Dag(self.campaign, self.disk.reader)

    def take(self, *operations: Operation) -> None:
        """All of these in one step: the reader sees none of them before its end."""
        changes = []
        for one in operations:
            place, beside = self.dag.insert(one)
            changes += [
                PutOperation(
                    campaign=self.campaign,
                    id=one.id,
                    author=one.header.author,
                    seq=one.header.seq,
                    depth=place.depth,
                    context=place.context,
                    kind=int(one.header.kind),
                    epoch=one.epoch,
                    encoded=one.encoded,
                    opened=True,
                ),
                *beside,
            ]
        self.disk.commit([*changes, *self.dag.settle()])

    def next(self, who: AuthorId, parents: Iterable[OperationId], kind: Kind = Kind.POST) -> Operation:
        """The author's next operation, standing behind `parents` and their own log."""
        seq, last = self.dag.frontier.get(who, (-1, OperationId(b"")))
        return operation(who, campaign=self.campaign, seq=seq + 1, backlink=last, parents=parents, kind=kind)


def past_of(operations: Sequence[Operation]) -> dict[OperationId, frozenset[OperationId]]:
    """Everything behind each operation, by brute force; parents come first in the sequence."""
    found: dict[OperationId, frozenset[OperationId]] = {}
    for one in operations:
        behind: set[OperationId] = set()
        for parent in (*one.header.parents, OperationId(one.header.backlink)):
            if parent:
                behind |= {parent} | found[parent]
        found[one.id] = frozenset(behind)
    return found


@st.composite
def logs(draw: st.DrawFn, most: int = 25) -> tuple[Log, list[Operation]]:
    """A log that grew by one operation a step, each behind any that are held."""
    log = Log()
    written = [log.first]
    log.take(log.first)
    for _ in range(draw(st.integers(0, most))):
        who = author(draw(st.integers(0, 4)))
        parents = draw(st.lists(st.sampled_from([one.id for one in written]), min_size=1, max_size=3))
        one = log.next(who, parents, draw(st.sampled_from(KINDS)))
        log.take(one)
        written.append(one)
    return log, written


@st.composite
def trees(draw: st.DrawFn, most: int = 25) -> tuple[Log, list[Operation]]:
    """As `logs`, of authors who write behind any operation of their own, or begin anew."""
    log = Log()
    written = [log.first]
    log.take(log.first)
    for number in range(draw(st.integers(0, most))):
        who = author(draw(st.integers(0, 2)))
        parents = draw(st.lists(st.sampled_from([one.id for one in written]), min_size=1, max_size=3))
        own = [one for one in written if one.header.author == who]
        anew = who != log.first.header.author and draw(st.integers(0, 9)) == 0
        behind = draw(st.sampled_from([*own, *own[-1:] * 2])) if own and not anew else None
        kind = draw(st.sampled_from(KINDS))
        rotates = kind is Kind.REKEY and draw(st.booleans())
        one = operation(
            who,
            campaign=log.campaign,
            seq=behind.header.seq + 1 if behind else 0,
            backlink=behind.id if behind else b"",
            parents=parents,
            kind=kind,
            body=b"%d" % number,
            successor=author(100 + draw(st.integers(0, number))) if rotates else b"",
        )
        log.take(one)
        written.append(one)
    return log, written


def in_causal_order(operations: Sequence[Operation], order: Sequence[int]) -> list[Operation]:
    """The operations as `order` would have them, each behind its past."""
    waiting = [operations[index] for index in order]
    placed: dict[OperationId, Operation] = {}
    while waiting:
        for one in waiting:
            past = [parent for parent in (*one.header.parents, OperationId(one.header.backlink)) if parent]
            if all(parent in placed for parent in past):
                placed[one.id] = one
                waiting.remove(one)
                break
    return list(placed.values())
