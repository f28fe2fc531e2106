"""What of a campaign's log a node posts on one board, and in what pieces.

Law: posted is what some member is not known to hold and what does not stand there already; and, for whoever
says what they hold, what they lack. Each piece is in an order in which operations stand behind their past,
and none is larger than one envelope unless one operation is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import (
    ANCHORS_MAX,
    LOOSE_ITEMS_PER_MESSAGE_MAX,
    PART_BYTES_MAX,
    RUN_OPERATIONS_MAX,
)
from meshcoal.node.boards import Board, Request, Span
from meshcoal.node.campaign import Campaign
from meshcoal.sync.board import Anchor, envelope_hash, parcels, seal_envelope, sign_deposit
from meshcoal.wire.frames import Message, PackedRun, Run
from meshcoal.wire.loose import LooseItems
from meshcoal.wire.operation import Operation, decode_operation
from meshcoal.wire.packing import pack
from meshcoal.wire.posted import POSTED
from meshcoal.wire.sealed import SEALED, Envelope

_PAGE_BYTES: Final = PART_BYTES_MAX - 8_000  # of operations, so that what they come to fits an envelope
_FOREVER: Final = 2**62


class Posting:
    """One look at what is to be posted."""

    def __init__(self, campaign: Campaign, board: Board, *, now_ms: int) -> None:
        self._campaign = campaign
        self._board = board
        self._now_ms = now_ms

    def next(self) -> Iterator[tuple[Message, tuple[Span, ...]]]:
        """The next messages, few of them, with the stretches of logs that each brings."""
        starts = self._starts()
        dag = self._campaign.dag
        vector = {author: starts.get(author, _FOREVER) - 1 for author in dag.authors()}
        if any(vector[author] < dag.top(author) for author in vector):
            encoded, _ = self._campaign.reader.after(
                self._campaign.id, vector, row=0, operations_max=RUN_OPERATIONS_MAX, bytes_max=_PAGE_BYTES
            )
            operations = [one for one in map(decode_operation, encoded) if self._may_post(one)]
            if operations:
                yield _message(operations), _spans(operations)
        for author in dag.forks:
            branches = self._branches(author)
            if branches:
                yield Run(operations=tuple(branches)), ()

    def posted(self, spans: Sequence[Span]) -> None:
        """A message was sent: of a forked log, all its branches are on their way."""
        if not spans:
            dag = self._campaign.dag
            for author in dag.forks:
                self._board.forks[author] = dag.mark(author, dag.top(author))

    def waits_ms(self) -> int:
        """How long until the next answer is due that somebody else may give before; 0: none."""
        due = [one.due_ms for one in self._board.requests.values() if one.due_ms > self._now_ms]
        return min(due) - self._now_ms if due else 0

    def _may_post(self, operation: Operation) -> bool:
        author, seq = operation.header.author, operation.header.seq
        return seq <= self._last(author)

    def _last(self, author: AuthorId) -> int:
        """Up to where a log is posted as one: before its fork, and as far as a closing board may go."""
        dag, board = self._campaign.dag, self._board
        last = dag.agreed(author) if dag.is_forked(author) else dag.top(author)
        return min(last, board.limits.get(author, -1)) if board.until_ms else last

    def _starts(self) -> dict[AuthorId, int]:
        """From which place on each log is to be posted; logs of which nothing is are left out."""
        campaign, board = self._campaign, self._board
        others = [one for one in campaign.roster().active() if one != campaign.me]
        starts: dict[AuthorId, int] = {}
        for author in campaign.dag.authors() if others else ():
            held = [campaign.holders.upto(one, author) for one in others if one != author]
            if not held:
                continue
            last = self._last(author)
            start = board.lacks(author, min(held) + 1, last, self._now_ms)
            if start <= last:
                starts[author] = start
        for poster, request in list(board.requests.items()):
            if request.due_ms > self._now_ms:
                continue
            lacks = self._lacks(request)
            if not lacks:
                del board.requests[poster]
            for author, start in lacks.items():
                starts[author] = min(start, starts.get(author, start))
        return starts

    def _lacks(self, request: Request) -> dict[AuthorId, int]:
        """What somebody lacks who said what they hold, and what has not been posted since."""
        dag = self._campaign.dag
        lacks: dict[AuthorId, int] = {}
        for author in dag.authors():
            seq, mark = request.holds.get(author, (-1, b""))
            last = self._last(author)
            start = min(seq, last) + 1
            if 0 <= seq <= dag.top(author) and dag.mark(author, seq) != mark:
                start = min(start, dag.agreed(author) + 1)
                self._board.forks.pop(author, None)
            low, high = request.posted.get(author, (0, -1))
            if low <= start <= high + 1:
                start = high + 1
            if start <= last:
                lacks[author] = start
        return lacks

    def _branches(self, author: AuthorId) -> list[bytes]:
        """Of a forked log all that stands behind the fork, as far as one message holds it."""
        campaign = self._campaign
        dag = campaign.dag
        top = dag.top(author)
        if self._board.until_ms or self._board.forks.get(author) == dag.mark(author, top):
            return []
        found: list[bytes] = []
        size = 0
        for seq in range(dag.agreed(author) + 1, top + 1):
            for one in dag.operations_at(author, seq):
                encoded = campaign.reader.operation(one)
                if encoded is None or len(found) == RUN_OPERATIONS_MAX or size > 8 * _PAGE_BYTES:
                    return found
                found.append(encoded)
                size += len(encoded)
        return found


def items_message(campaign: Campaign, board: Board) -> tuple[LooseItems | None, tuple[OperationId, ...]]:
    """Things without a log that this board lacks, envelopes first, as many as one envelope holds.

    Returns:
        The message, None where nothing of it is held any more; and the names that are done with then.
    """
    held = campaign.rounds.items
    gone = tuple([name for name in board.items if name not in held])
    waiting = [name for name in board.items if name in held]
    waiting.sort(key=lambda name: not isinstance(held[name], Envelope))  # the rest waits for them
    chosen: list[OperationId] = []
    encoded: list[bytes] = []
    size = 0
    for name in waiting[:LOOSE_ITEMS_PER_MESSAGE_MAX]:
        one = SEALED.encode(held[name])
        if encoded and size + len(one) > _PAGE_BYTES:
            break
        chosen.append(name)
        encoded.append(one)
        size += len(one)
    return (LooseItems(items=tuple(encoded)) if encoded else None), (*gone, *chosen)


def seal_message(
    board: Board,
    day: int,
    message: Message,
    *,
    anchors: Sequence[Anchor],
    poster: bytes,
    entropy: Entropy,
    least: int = 0,
) -> list[tuple[bytes, bytes, bytes]]:
    """The envelopes of a message: hash, envelope, signature of each."""
    secret, relay = board.secret, board.relay.key
    found = []
    for parcel in parcels(
        POSTED.encode(message),
        poster=poster,
        anchors=tuple(anchors[:ANCHORS_MAX]),
        entropy=entropy,
    ):
        envelope = seal_envelope(secret, relay, day, parcel, entropy, least=least)
        hashed = envelope_hash(envelope)
        found.append((hashed, envelope, sign_deposit(secret, relay, day, hashed)))
    return found


def _message(operations: Sequence[Operation]) -> Message:
    encoded = tuple([one.encoded for one in operations])
    packed = pack(encoded) if len(encoded) > 1 else None
    return Run(operations=encoded) if packed is None else PackedRun(packed=packed)


def _spans(operations: Sequence[Operation]) -> tuple[Span, ...]:
    spans: dict[AuthorId, tuple[int, int]] = {}
    for one in operations:
        author, seq = one.header.author, one.header.seq
        first, last = spans.get(author, (seq, seq))
        spans[author] = min(first, seq), max(last, seq)
    return tuple([(author, first, last) for author, (first, last) in spans.items()])
