"""The DAG of one campaign: who wrote what after having seen what.

Law: an operation enters only behind its backlink and all its parents, so insertion order is a causal order
and logs have no gaps. What an operation's past says about membership is kept as a *context*: the set of
control operations in its past, as a bit set over their local numbers. Contexts are local; nothing on the
wire depends on them.
"""

from __future__ import annotations

from typing import Final

from meshcoal.errors import Equivocation, MalformedOperation
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import PARENTS_MAX, PENDING_OPERATIONS_MAX, RUN_OPERATIONS_MAX
from meshcoal.log.changes import Change, PutDocument
from meshcoal.log.reader import LogReader, Place
from meshcoal.wire import canonical
from meshcoal.wire.operation import CONTROL_KINDS, Operation, decode_operation

HEADS: Final = "heads"
CONTROLS: Final = "controls"
CONTEXTS: Final = "contexts"
_RECENT_MAX: Final = 8192
assert _RECENT_MAX > PENDING_OPERATIONS_MAX + 2 * RUN_OPERATIONS_MAX, "more than one step can insert"


class Dag:
    """Frontier, heads and contexts of one campaign; what is asked most often is in memory."""

    def __init__(self, campaign: CampaignId, reader: LogReader) -> None:
        self.campaign = campaign
        self._reader = reader
        self.frontier: dict[AuthorId, tuple[int, OperationId]] = {}
        self._heads: dict[OperationId, None] = {}
        self._controls: list[OperationId] = []
        self._control_number: dict[OperationId, int] = {}
        self._contexts: list[int] = [0]
        self._context_number: dict[int, int] = {0: 0}
        # Places and pasts of what was inserted last, among it everything of the step in progress, which
        # the reader does not show yet. Larger than any run of operations.
        self._recent: dict[OperationId, tuple[Place, tuple[OperationId, ...]]] = {}

    @classmethod
    def recover(cls, campaign: CampaignId, reader: LogReader) -> Dag:
        """Read back what `insert` wrote."""
        dag = cls(campaign, reader)
        dag.frontier = reader.frontier(campaign)
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

    def place(self, operation: OperationId) -> Place | None:
        """Where an operation stands, or None if it is not held."""
        recent = self._recent.get(operation)
        return recent[0] if recent else self._reader.place(operation)

    def holds(self, operation: OperationId) -> bool:
        return self.place(operation) is not None

    def missing(self, operation: Operation) -> tuple[OperationId, ...]:
        """The backlink and parents that are not held yet."""
        wanted = dict.fromkeys(operation.header.parents)
        if operation.header.backlink:
            wanted[OperationId(operation.header.backlink)] = None
        return tuple([one for one in wanted if not self.holds(one)])

    def check_next(self, operation: Operation) -> bool:
        """Whether this is the author's next operation; False where it is held already.

        Raises:
            MalformedOperation: the backlink is held, and is not the author's operation at `seq - 1`.
            Equivocation: a different operation stands at its place in the author's log, or its backlink
                names another operation than the one at the place before.
        """
        header = operation.header
        seq, last = self.frontier.get(header.author, (-1, OperationId(b"")))
        if header.seq <= seq:
            if self.operation_at(header.author, header.seq) == operation.id:
                return False
            raise Equivocation("an author wrote two operations at one place")
        if header.seq != seq + 1:
            raise MalformedOperation("a backlink names an operation of another place")
        if header.backlink != last:
            raise Equivocation("a backlink names another operation than the author's last")
        return True

    def operation_at(self, author: AuthorId, seq: int) -> OperationId | None:
        """The operation at one place of an author's log, or None."""
        held, last = self.frontier.get(author, (-1, OperationId(b"")))
        if seq >= held:
            return last if seq == held else None
        for recent, (place, _) in reversed(self._recent.items()):
            if place.author == author and place.seq == seq:
                return recent
        return self._reader.operation_at(self.campaign, author, seq)

    def insert(self, operation: Operation) -> tuple[Place, list[Change]]:
        """Take in an operation whose past is held; returns its place, and what to write beside it."""
        header = operation.header
        depth, bits = -1, 0
        past = _past(operation)
        for parent in past:
            place = self.place(parent)
            assert place is not None, "a parent is missing"
            depth = max(depth, place.depth)
            bits |= self._contexts[place.context]
            number = self._control_number.get(parent)
            if number is not None:
                bits |= 1 << number
        changes: list[Change] = []
        context = self._context_number.get(bits)
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
        self.frontier[header.author] = (header.seq, operation.id)
        for parent in past:
            self._heads.pop(parent, None)
        self._heads[operation.id] = None
        changes.append(PutDocument(space=HEADS, key=self.campaign, value=canonical.encode(self.heads)))
        self._recent[operation.id] = (place, past)
        if len(self._recent) > _RECENT_MAX:
            del self._recent[next(iter(self._recent))]
        return place, changes

    def descends(self, operation: Operation, ancestor: OperationId) -> bool:
        """Whether `ancestor` is in the past of `operation`. Walks back no deeper than the ancestor."""
        target = self.place(ancestor)
        if target is None:
            return False
        todo = list(_past(operation))
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
        return _past(decode_operation(encoded))

    def digest_input(self) -> bytes:
        """Bytes that are equal on two nodes exactly when they hold the same operations."""
        return b"".join(self.heads)


def _past(operation: Operation) -> tuple[OperationId, ...]:
    header = operation.header
    return (*header.parents, OperationId(header.backlink)) if header.backlink else header.parents


def _numbered(campaign: CampaignId, number: int) -> bytes:
    return campaign + number.to_bytes(4, "big")
