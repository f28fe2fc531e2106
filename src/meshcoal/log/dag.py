"""The DAG of one campaign: who wrote what after having seen what.

Law: an operation enters only behind its backlink and all its parents, so insertion order is a causal order
and logs have no gaps. What an operation's past says about membership is kept as a *context*: the set of
control operations in its past, as a bit set over their local numbers. Contexts are local; nothing on the
wire depends on them.

An author may write two different operations at one place. Both enter: others may stand behind either. The
log of such a *forked* author is a tree; its branches end in *tips*.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from meshcoal.errors import MalformedOperation
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import PARENTS_MAX, PENDING_OPERATIONS_MAX, RUN_OPERATIONS_MAX
from meshcoal.log.changes import Change, PutDocument
from meshcoal.log.reader import LogReader, Place
from meshcoal.log.signers import Signers
from meshcoal.wire import canonical
from meshcoal.wire.operation import CONTROL_KINDS, Operation, decode_operation

HEADS: Final = "heads"
CONTROLS: Final = "controls"
CONTEXTS: Final = "contexts"
FORKS: Final = "forks"
MARK_BYTES: Final = 16  # two operations of one mark would keep a fork from being noticed
_RECENT_MAX: Final = 8192  # kept at the least, and no more than twice as many
assert _RECENT_MAX > PENDING_OPERATIONS_MAX + 2 * RUN_OPERATIONS_MAX, "more than one step can insert"


@dataclass(slots=True)
class Fork:
    """A log that is a tree."""

    seq: int  # the first place that holds two operations
    tips: dict[OperationId, int] = field(default_factory=dict)  # ends of the branches, with their places


class Dag:
    """Frontier, heads and contexts of one campaign; what is asked most often is in memory."""

    def __init__(self, campaign: CampaignId, reader: LogReader) -> None:
        self.campaign = campaign
        self._reader = reader
        self.me: AuthorId | None = None  # whose branch, where my own log is forked, is the one I go on with
        # The end of each author's log; of a forked one, the branch that grew last here, or my own.
        self.frontier: dict[AuthorId, tuple[int, OperationId]] = {}
        self.forks: dict[AuthorId, Fork] = {}
        self.signers = Signers(campaign, self)
        self._lines: dict[OperationId, dict[int, OperationId]] = {}  # branches behind tips; see `_line`
        self._heads: dict[OperationId, None] = {}
        self._controls: list[OperationId] = []
        self._control_number: dict[OperationId, int] = {}
        self._contexts: list[int] = [0]
        self._context_number: dict[int, int] = {0: 0}
        # Places and pasts of what was inserted last, among it everything of the step in progress, which
        # the reader does not show yet. Larger than any run of operations.
        self._recent: dict[OperationId, tuple[Place, tuple[OperationId, ...]]] = {}
        self._recent_at: dict[tuple[AuthorId, int], tuple[OperationId, ...]] = {}
        self._heads_moved = False  # since they were written down

    @classmethod
    def recover(cls, campaign: CampaignId, reader: LogReader) -> Dag:
        """Read back what `insert` wrote."""
        dag = cls(campaign, reader)
        dag.frontier = reader.frontier(campaign)
        for key, value in reader.documents(FORKS, campaign):
            seq, main, tips = cast(Any, canonical.decode(value))
            author, places = AuthorId(key[len(campaign) :]), {OperationId(tip): at for tip, at in tips}
            dag.forks[author] = Fork(seq=seq, tips=places)
            dag.frontier[author] = places[main], main
        encoded = reader.document(HEADS, campaign)
        if encoded is not None:
            heads = canonical.decode(encoded)
            assert type(heads) is tuple
            dag._heads = {OperationId(head): None for head in heads if type(head) is bytes}
        for _, value in reader.documents(CONTROLS, campaign):
            dag._control_number[OperationId(value)] = len(dag._controls)
            dag._controls.append(OperationId(value))
        for key, value in reader.documents(CONTEXTS, campaign):
            assert int.from_bytes(key[len(campaign) :], "big") == len(dag._contexts)
            dag._context_number[int.from_bytes(value, "big")] = len(dag._contexts)
            dag._contexts.append(int.from_bytes(value, "big"))
        dag.signers.recover(reader)
        return dag

    @property
    def heads(self) -> tuple[OperationId, ...]:
        """Operations without children, ascending."""
        return tuple(sorted(self._heads))

    @property
    def parents_for_next(self) -> tuple[OperationId, ...]:
        """The heads an operation written now cites; the first `PARENTS_MAX` where there are more."""
        return self.heads[:PARENTS_MAX]

    def context_bits(self, context: int) -> int:
        """The set of control operations behind a context number, as bits over `control_number`."""
        return self._contexts[context]

    def control_number(self, operation: OperationId) -> int:
        """The local number of a control operation."""
        return self._control_number[operation]

    def is_control(self, operation: OperationId) -> bool:
        """Whether this is a control operation that is held."""
        return operation in self._control_number

    def place(self, operation: OperationId) -> Place | None:
        """Where an operation stands, or None if it is not held."""
        recent = self._recent.get(operation)
        return recent[0] if recent else self._reader.place(operation)

    def holds(self, operation: OperationId) -> bool:
        return operation in self._recent or self._reader.place(operation) is not None

    def has(self, operation: Operation) -> bool:
        """Whether an operation is held; asks the disk only where its author's log reaches as far."""
        header = operation.header
        if header.author not in self.forks:
            last = self.frontier.get(header.author)
            if last is None or header.seq > last[0]:
                return False
            if last[1] == operation.id:
                return True
        return self.holds(operation.id)

    def missing(self, operation: Operation) -> tuple[OperationId, ...]:
        """The backlink and parents that are not held yet."""
        recent = self._recent
        past = past_of(operation)
        for one in past:
            if one not in recent:
                return tuple([other for other in dict.fromkeys(past) if not self.holds(other)])
        return ()

    def check_place(self, operation: Operation) -> bool:
        """Whether an operation whose past is held can enter; False where it is held already.

        Raises:
            MalformedOperation: the backlink is not the author's operation at `seq - 1`.
        """
        if self.has(operation):
            return False
        header = operation.header
        if header.backlink:
            before = self.place(OperationId(header.backlink))
            assert before is not None, "its past is held"
            if (before.author, before.seq) != (header.author, header.seq - 1):
                raise MalformedOperation("a backlink names an operation of another place")
        return True

    def operations_at(self, author: AuthorId, seq: int) -> tuple[OperationId, ...]:
        """The operations at one place of an author's log, ascending: one, several, or none."""
        held, last = self.frontier.get(author, (-1, OperationId(b"")))
        if author not in self.forks and seq >= held:
            return (last,) if seq == held else ()
        found = dict.fromkeys(self._reader.operations_at(self.campaign, author, seq))
        found.update(dict.fromkeys(self._recent_at.get((author, seq), ())))
        return tuple(sorted(found))

    def first_at_depth(self, author: AuthorId, depth: int) -> int:
        """The first place in an author's log at this depth or deeper; behind its end if none is."""
        low, high = 0, self.top(author) + 1
        while low < high:
            middle = (low + high) // 2
            places = [self.place(one) for one in self.operations_at(author, middle)]
            if any(place is not None and place.depth >= depth for place in places):
                high = middle
            else:
                low = middle + 1
        return low

    # --- What is held of a log, forked or not

    def authors(self) -> list[AuthorId]:
        """All of whom anything is held, ascending."""
        return sorted(self.frontier)

    def top(self, author: AuthorId) -> int:
        """The highest place held of an author's log; -1: none."""
        fork = self.forks.get(author)
        if fork is not None:
            return max(fork.tips.values())
        return self.frontier.get(author, (-1, b""))[0]

    def tips(self, author: AuthorId) -> tuple[OperationId, ...]:
        """The ends of an author's log, ascending: one, or several if it is forked, or none."""
        fork = self.forks.get(author)
        if fork is not None:
            return tuple(sorted(fork.tips))
        return (self.frontier[author][1],) if author in self.frontier else ()

    def mark(self, author: AuthorId, seq: int) -> bytes:
        """16 bytes that name all that is held of an author's log up to a place, and stand for nothing else.

        Of a plain log, those of the operation there; of a forked one, a hash over the ends of its branches,
        each cut off at that place.
        """
        ends = self.operations_at(author, seq)
        fork = self.forks.get(author)
        if fork is not None:
            ends = tuple(sorted({*ends, *[tip for tip, at in fork.tips.items() if at < seq]}))
        if len(ends) == 1:
            return ends[0][:MARK_BYTES]
        return hashlib.blake2b(b"".join(ends), digest_size=MARK_BYTES, person=b"meshcoal-ends--1").digest()

    def count(self) -> int:
        """How many operations are held: logs have no gaps, so that only those of forked ones are counted."""
        return sum(
            self._reader.operation_count(self.campaign, author) if author in self.forks else seq + 1
            for author, (seq, _) in self.frontier.items()
        )

    def is_forked(self, author: AuthorId) -> bool:
        return author in self.forks

    def agreed(self, author: AuthorId) -> int:
        """Up to where an author's log is one for all who know of its fork as I do; -1 if I know of none."""
        fork = self.forks.get(author)
        return fork.seq - 1 if fork is not None else -1

    def on_line(self, tip: OperationId, operation: OperationId, author: AuthorId, seq: int) -> bool:
        """Whether an operation, at `seq` of an author's log, is this author's `tip` or stands before it."""
        end = self.place(tip)
        if end is None or end.author != author or seq > end.seq:
            return False
        fork = self.forks.get(author)
        return fork is None or seq < fork.seq or self._line(tip, end.seq, fork.seq)[seq] == operation

    def _line(self, tip: OperationId, seq: int, first: int) -> dict[int, OperationId]:
        line = self._lines.get(tip)
        if line is None:
            line = {seq: tip}
            while seq > first:
                seq, tip = seq - 1, self.backlink(tip)
                line[seq] = tip
            self._lines[line[max(line)]] = line
        return line

    def ends_seen(self, past: Iterable[OperationId], author: AuthorId) -> tuple[OperationId, ...]:
        """What these operations and their past hold of a forked log: ends of branches, none below the fork.

        Ascending. Walks back no deeper than the fork.
        """
        fork = self.forks[author]
        places = [self.place(one) for one in self.operations_at(author, fork.seq)]
        floor = min([place.depth for place in places if place is not None])
        found: dict[OperationId, None] = {}
        followed: set[OperationId] = set()
        todo = list(dict.fromkeys(past))
        reached = set(todo)
        while todo:
            current = todo.pop()
            place = self.place(current)
            assert place is not None, "the past of a held operation is held"
            if place.depth < floor:
                continue
            if place.author == author and place.seq >= fork.seq:
                found[current] = None
                if place.seq > fork.seq:
                    followed.add(self.backlink(current))
            for parent in self._past_of(current):
                if parent not in reached:
                    reached.add(parent)
                    todo.append(parent)
        return tuple(sorted([one for one in found if one not in followed]))

    def insert(self, operation: Operation) -> tuple[Place, list[Change]]:
        """Take in an operation whose past is held; returns its place, and what to write beside it.

        Before the step ends `settle` says what else is to be written.
        """
        header = operation.header
        signer = self.signers.behind(header.author, OperationId(header.backlink))
        past = past_of(operation)
        recent = self._recent
        depth, bits, seen = -1, 0, -1
        for parent in past:
            known = recent.get(parent)
            place = known[0] if known is not None else self._reader.place(parent)
            assert place is not None, "a parent is missing"
            if place.depth > depth:
                depth = place.depth
            if place.context != seen:
                seen = place.context
                bits |= self._contexts[seen]
            number = self._control_number.get(parent)
            if number is not None:
                bits |= 1 << number
        changes: list[Change] = []
        same = seen >= 0 and self._contexts[seen] == bits  # as mostly: then no hash over so many bits
        context = seen if same else self._context_number.get(bits)
        if context is None:
            context = len(self._contexts)
            self._contexts.append(bits)
            self._context_number[bits] = context
            value = bits.to_bytes((bits.bit_length() + 7) // 8, "big")
            changes.append(PutDocument(space=CONTEXTS, key=_numbered(self.campaign, context), value=value))
        if header.kind in CONTROL_KINDS:
            number = len(self._controls)
            self._control_number[operation.id] = number
            self._controls.append(operation.id)
            key = _numbered(self.campaign, number)
            changes.append(PutDocument(space=CONTROLS, key=key, value=operation.id))
        place = Place(author=header.author, seq=header.seq, depth=depth + 1, context=context)
        last = self.frontier.get(header.author)
        plain = (last is None or header.backlink == last[1]) and header.author not in self.forks
        if plain and not header.successor:
            self.frontier[header.author] = (header.seq, operation.id)
        else:
            changes += self._extend(operation)
            changes += self.signers.note(operation, signer)
        for parent in past:
            self._heads.pop(parent, None)
        self._heads[operation.id] = None
        self._heads_moved = True
        recent[operation.id] = (place, past)
        at = header.author, header.seq
        self._recent_at[at] = (*self._recent_at.get(at, ()), operation.id)
        if len(self._recent) > 2 * _RECENT_MAX:
            self._forget(len(self._recent) - _RECENT_MAX)
        return place, changes

    def settle(self) -> list[Change]:
        """The step ends: what is written once for all that was inserted in it."""
        if not self._heads_moved:
            return []
        self._heads_moved = False
        return [PutDocument(space=HEADS, key=self.campaign, value=canonical.encode(self.heads))]

    def _forget(self, count: int) -> None:
        """Let go of the oldest, many at a time: to find the first of a dict that lost many takes long."""
        self._recent = dict(itertools.islice(self._recent.items(), count, None))
        self._recent_at = {}
        for identifier, (place, _) in self._recent.items():
            at = place.author, place.seq
            self._recent_at[at] = (*self._recent_at.get(at, ()), identifier)

    def _extend(self, operation: Operation) -> Iterable[Change]:
        """Note an operation in its author's log."""
        author, seq, identifier = operation.header.author, operation.header.seq, operation.id
        fork = self.forks.get(author)
        before = self.frontier.get(author)
        grows = before is None or operation.header.backlink == before[1]
        if fork is None:
            if grows:
                self.frontier[author] = (seq, identifier)
                return ()
            assert before is not None
            fork = self.forks[author] = Fork(seq=seq, tips={before[1]: before[0]})
        elif seq < fork.seq:
            self._lines.clear()  # they reach back to the fork, and no further
        fork.seq = min(fork.seq, seq) if operation.header.backlink not in fork.tips else fork.seq
        fork.tips.pop(OperationId(operation.header.backlink), None)
        fork.tips[identifier] = seq
        if grows or author != self.me:
            self.frontier[author] = (seq, identifier)
        value = canonical.encode((fork.seq, self.frontier[author][1], tuple(sorted(fork.tips.items()))))
        return (PutDocument(space=FORKS, key=self.campaign + author, value=value),)

    def descends(self, operation: Operation, ancestor: OperationId) -> bool:
        """Whether `ancestor` is in the past of `operation`. Walks back no deeper than the ancestor."""
        target = self.place(ancestor)
        if target is None:
            return False
        todo = list(past_of(operation))
        seen = set(todo)
        while todo:
            current = todo.pop()
            if current == ancestor:
                return True
            place = self.place(current)
            assert place is not None, "the past of a held operation is held"
            if place.depth <= target.depth:
                continue
            for parent in self._past_of(current):
                if parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
        return False

    def _past_of(self, operation: OperationId) -> tuple[OperationId, ...]:
        recent = self._recent.get(operation)
        if recent is not None:
            return recent[1]
        encoded = self._reader.operation(operation)
        assert encoded is not None, "the past of a held operation is held"
        return past_of(decode_operation(encoded))

    def backlink(self, operation: OperationId) -> OperationId:
        """The author's operation before one that is held; empty before the first."""
        recent = self._recent.get(operation)
        if recent is not None:  # the backlink stands last
            return recent[1][-1] if recent[0].seq else OperationId(b"")
        encoded = self._reader.operation(operation)
        assert encoded is not None, "the past of a held operation is held"
        return OperationId(decode_operation(encoded).header.backlink)

    def digest_input(self) -> bytes:
        """Bytes that are equal on two nodes exactly when they hold the same operations."""
        return b"".join(self.heads)


def past_of(operation: Operation) -> tuple[OperationId, ...]:
    """What an operation stands behind at once: its parents, and its backlink last."""
    header = operation.header
    return (*header.parents, OperationId(header.backlink)) if header.backlink else header.parents


def _numbered(campaign: CampaignId, number: int) -> bytes:
    return campaign + number.to_bytes(4, "big")
