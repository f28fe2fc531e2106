"""One campaign over one link: who lacks what, and sending it.

Law: a peer is sent what its frontier lacks, in insertion order, a bounded number of runs ahead of what it has
stored; then whatever is new, at once. A cut at any point loses nothing: the next link begins with frontiers
again. Runs are acknowledged only once they are on disk. Where the two hold different operations of one author
up to one place, each sends the other all that can differ; both end with both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import (
    AUTHORS_MAX,
    MESSAGE_BYTES_MAX,
    PAGE_BYTES_MAX,
    RUN_BYTES_MAX,
    RUN_OPERATIONS_MAX,
    RUNS_IN_FLIGHT_MAX,
    STEADY_PAGE_BYTES,
)
from meshcoal.log.reader import LogReader
from meshcoal.wire.frames import Frontier, Held, Message, PackedRun, Run, Taken, Want
from meshcoal.wire.operation import Operation
from meshcoal.wire.packing import pack

_LIVE_IN_FLIGHT_MAX: Final = 256  # runs of new operations a peer may owe before it counts as behind
_SUPPLIED_IN_FLIGHT_MAX: Final = 128  # what a peer asks for beyond that it may ask for again
_OWED_MAX: Final = 32  # runs of one new operation each, stored and not acknowledged yet
UNASKED_OPERATIONS_MAX: Final = 2  # that a peer is sent when a link opens; for more it asks one of its peers
_WANT_INTERVAL_MS: Final = 1_000
_WANT_INTERVAL_MAX_MS: Final = 60_000
_STEADY_PATIENCE_MS: Final = 8_000  # for each second between two frames: an answer is that much later
_VAIN_WANTS_MAX: Final = 10
_AGAIN_MAX: Final = 16  # times that what can differ of one author is sent over one link


class Holdings(Protocol):
    """What I hold of the logs of a campaign; `log.dag.Dag` is one."""

    def authors(self) -> Sequence[AuthorId]:
        """All of whom I hold anything, ascending."""

    def top(self, author: AuthorId) -> int:
        """The highest place held; -1: none."""

    def mark(self, author: AuthorId, seq: int) -> bytes:
        """What I hold up to a place that I hold, as `wire.frames.Held` names it."""

    def agreed(self, author: AuthorId) -> int:
        """Up to where all who know of this author's fork hold the same; -1 where I know of none."""


class Log(Protocol):
    """The same, place by place."""

    def top(self, author: AuthorId) -> int: ...

    def operations_at(self, author: AuthorId, seq: int) -> tuple[OperationId, ...]:
        """The operations at one place, ascending: one, several, or none."""


class Exchange:
    """What one peer holds, what it was sent, and what is on its way."""

    def __init__(
        self,
        campaign: CampaignId,
        reader: LogReader,
        *,
        packing: Callable[[Iterable[bytes]], bytes | None] = pack,
        steady_s: int = 0,
    ) -> None:
        """`steady_s`: of the link, seconds between two frames each way; 0: as fast as it can."""
        self._page_bytes_max = STEADY_PAGE_BYTES if steady_s else PAGE_BYTES_MAX
        self._run_bytes_max = min(self._page_bytes_max, RUN_BYTES_MAX)
        self._patience_ms = max(_WANT_INTERVAL_MS, _STEADY_PATIENCE_MS * steady_s)
        self._campaign = campaign
        self._pack = packing
        self._reader = reader
        self.theirs: dict[AuthorId, int] = {}  # highest seq the peer is known to hold
        self._announced: dict[AuthorId, tuple[int, bytes]] = {}  # what the peer was told I hold
        self._ahead: dict[AuthorId, Held] = {}  # what the peer said last and I cannot compare yet
        self._again: dict[AuthorId, list[bytes]] = {}  # what I held each time I sent all that can differ
        self._brought: set[bytes] = set()  # in this step, beside what I held; never iterated
        self._row = 0
        self._heard = False  # the peer's whole frontier has come
        self._behind = True  # it has not been sent everything
        self._skipped = False  # something new was left to the next pump
        self._filling = False  # more is on its way into the store than is there
        self._ran_dry = False  # and all that is there was sent
        self._pushed: dict[AuthorId, int] = {}  # highest seq sent when it was new
        self._sent_runs = 0
        self._taken_runs = 0
        self._stored_runs = 0
        self._told_runs = 0  # of these, the peer knows
        self._wanted_at_ms = -_WANT_INTERVAL_MAX_MS
        self._vain_wants = 0
        self.wants = 0  # how often the peer was asked, in all
        self.past_lacks = False  # something it sent waits here for its past
        self.expected = 0  # operations the peer has and I lacked when it last told me
        self.arrived = 0

    # --- Telling

    def announce(
        self,
        mine: Holdings,
        *,
        whole: bool = False,
        authors: Iterable[AuthorId] | None = None,
        lacking_only: bool = False,
    ) -> list[Message]:
        """What I hold: all of it, or what changed since the peer was last told; and what it then lacks.

        Args:
            authors: of whom something may have changed; everybody unless given.
            lacking_only: leave out what the peer is known to hold, or was sent on this link.
        """
        changed: list[Held] = []
        for author in mine.authors() if authors is None else authors:
            seq = mine.top(author)
            if lacking_only and seq <= max(self.theirs.get(author, -1), self._pushed.get(author, -1)):
                continue
            held = seq, mine.mark(author, seq)
            if (whole or held != self._announced.get(author)) and len(changed) < AUTHORS_MAX:
                changed.append(Held(author=author, seq=seq, mark=held[1]))
                self._announced[author] = held
        owed = self._owed()
        if not changed and not whole:
            return owed
        again = [self._compare(held, mine) for held in list(self._ahead.values())]
        return [*owed, Frontier(whole=whole, held=tuple(changed)), *(self.pump() if any(again) else ())]

    def take_as_told(self, mine: Holdings) -> None:
        """The peer learns what I hold now by other words than `announce`."""
        for author in mine.authors()[:AUTHORS_MAX]:
            seq = mine.top(author)
            self._announced[author] = seq, mine.mark(author, seq)

    # --- Hearing

    def on_compared(
        self, holds: Mapping[AuthorId, int], mine: Holdings, *, done: bool, relayed: bool, parted: bool
    ) -> list[Message]:
        """Our stores are compared: up to where the peer's logs are mine or go on from mine.

        Args:
            holds: of each author; where it was thought further on, it is sent again from here.
            done: nothing more is awaited. It may still turn out later that two logs part.
            relayed: the peer has other links that can bring it what it lacks, and will ask on one of them.
            parted: this is about logs that are not one: the peer may not know what it lacks of them.
        """
        back = False
        for author, seq in holds.items():
            if parted or author not in self.theirs:
                back = back or seq < self.theirs.get(author, -1)
                if author in self.theirs or len(self.theirs) < AUTHORS_MAX:
                    self.theirs[author] = seq
            else:
                self.note_held(author, seq)  # it may have said more since its digest
        lacking = self.coming(mine)
        if lacking > self.expected - self.arrived:
            self.expected = self.arrived + lacking
        if done and not self._heard:
            self._heard = True
            self._start_over()
            # Much is sent by one of those who hold it: by whom it is asked.
            self._behind = parted or (not relayed and self.lacks(mine) <= UNASKED_OPERATIONS_MAX)
        elif back or parted:
            self._start_over()
        return self.pump()

    def on_frontier(self, message: Frontier, mine: Holdings, *, relayed: bool = False) -> list[Message]:
        """The peer says what it holds.

        Args:
            relayed: it has other links that can bring it what it lacks, and will ask on one of them.
        """
        again = [AuthorId(held.author) for held in message.held if self._compare(held, mine)]
        if message.whole:
            self._heard = True
            if relayed and not again:
                self._behind = False
            else:
                self._start_over()
        told_of = self.theirs if message.whole else [AuthorId(held.author) for held in message.held]
        lacking = sum(max(0, self.theirs.get(author, -1) - mine.top(author)) for author in told_of)
        if lacking > self.expected - self.arrived:
            self.expected = self.arrived + lacking
        if not message.whole and not again:
            return []
        # The peer may hold what I lack: it is told what I hold, once for each state of mine.
        told = tuple([held_of(mine, author) for author in again])
        return [*([Frontier(whole=False, held=told)] if told else []), *self.pump()]

    def on_want(self, message: Want, mine: Holdings) -> list[Message]:
        """The peer lacks the past of something it was sent: begin again from what it says it holds."""
        self.theirs = {}
        for held in message.held:
            author = AuthorId(held.author)
            # Where we differ it is sent the whole log: what I take for common need not be.
            if mine.top(author) < held.seq or mine.mark(author, held.seq) == held.mark:
                self.note_held(author, held.seq)
        self._start_over()
        return self.pump()

    def _compare(self, held: Held, mine: Holdings) -> bool:
        """Note what the peer holds of one author; True if there is something to send again.

        A peer that holds otherwise up to a place lacks, for all I know, what I hold behind the last place
        on which all agree who know of the fork that I know of. It is sent that once; and again, but not for
        ever, when I hold something else. If its fork is another, it will lack the past of what it is sent,
        and say so.
        """
        author = AuthorId(held.author)
        top = mine.top(author)
        if top < held.seq:
            self.note_held(author, held.seq)
            if author in self._ahead or len(self._ahead) < AUTHORS_MAX:
                self._ahead[author] = held
            return False
        self._ahead.pop(author, None)
        if mine.mark(author, held.seq) == held.mark:
            self.note_held(author, held.seq)
            return False
        now = mine.mark(author, top)
        sent = self._again.setdefault(author, [])
        if now in sent or len(sent) == _AGAIN_MAX:
            return False
        sent.append(now)
        agreed = mine.agreed(author)
        self.theirs[author] = agreed if agreed < held.seq else -1  # else the peer's fork is below mine
        self._start_over()
        return True

    def _start_over(self) -> None:
        self._row = 0
        self._behind = True
        self._ran_dry = False

    def on_taken(self, message: Taken) -> list[Message]:
        """The peer has stored runs; more may follow."""
        self._taken_runs = max(self._taken_runs, min(message.runs, self._sent_runs))
        return self.pump()

    def note_brought(self, author: AuthorId, seq: int, encoded: bytes, *, branch: bool) -> None:
        """The peer sent something new: it holds it, and needs no echo in this step."""
        self.note_held(author, seq)
        if branch:
            self._brought.add(encoded)

    def end_step(self) -> None:
        self._brought.clear()

    def note_held(self, author: AuthorId, seq: int) -> None:
        if author not in self.theirs and len(self.theirs) >= AUTHORS_MAX:
            return
        self.theirs[author] = max(seq, self.theirs.get(author, -1))

    # --- Sending

    def pump(self) -> list[Message]:
        """The next runs, as far as the peer keeps up."""
        messages: list[Message] = []
        while self._heard and self._behind and self._sent_runs - self._taken_runs < RUNS_IN_FLIGHT_MAX:
            operations, row = self._reader.after(
                self._campaign,
                self.theirs,
                row=self._row,
                operations_max=RUN_OPERATIONS_MAX,
                bytes_max=self._page_bytes_max,
            )
            if not operations and self._filling:
                self._ran_dry = True
                break
            if not operations:
                # What was written in this very step is not to be read yet: look again in the next.
                self._behind, self._skipped = self._skipped, False
                break
            self._row = row
            messages.append(self._page(tuple(operations)))
        return messages

    def _page(self, operations: tuple[bytes, ...]) -> Run | PackedRun:
        packed = self._pack(operations) if len(operations) > 1 else None
        if packed is None:
            return self._run(operations)
        self._sent_runs += 1
        return PackedRun(packed=packed)

    def fill(self, *, filling: bool) -> list[Message]:
        """Something came into the store, or will: a peer that is behind is sent that, too.

        Args:
            filling: more is to come.
        """
        self._filling, self._ran_dry = filling, False
        return self.pump()

    @property
    def heard(self) -> bool:
        """The peer has said what it holds."""
        return self._heard

    @property
    def wanted_at_ms(self) -> int:
        """When the peer was last asked for the past."""
        return self._wanted_at_ms

    @property
    def sending(self) -> bool:
        """The peer is being sent what it lacked."""
        return self._heard and self._behind

    @property
    def stalled(self) -> bool:
        """There is more to send and nothing under way that would set it going again."""
        if self._ran_dry or not (self._heard and self._behind):
            return False
        return self._sent_runs - self._taken_runs < RUNS_IN_FLIGHT_MAX

    def push(self, encoded: bytes, author: AuthorId, seq: int, *, branch: bool = False) -> list[Message]:
        """Something new, at once; left to `pump` while the peer is behind.

        Args:
            branch: it stands beside another operation: a peer whose log reaches as far may lack it.
        """
        lacks = encoded not in self._brought if branch else self.theirs.get(author, -1) < seq
        return [self._run((encoded,))] if lacks and self._may_push(author, seq) else []

    def push_all(self, operations: Iterable[Operation]) -> list[Message]:
        """Several new operations in as few runs as will do."""
        messages: list[Message] = []
        run: list[bytes] = []
        size = 0
        for operation in operations:
            author, seq = operation.header.author, operation.header.seq
            if self.theirs.get(author, -1) >= seq or not self._may_push(author, seq):
                continue
            if run and (
                size + len(operation.encoded) > self._run_bytes_max or len(run) == RUN_OPERATIONS_MAX
            ):
                messages.append(self._page(tuple(run)))
                run, size = [], 0
            run.append(operation.encoded)
            size += len(operation.encoded)
        return [*messages, self._page(tuple(run))] if run else messages

    def _may_push(self, author: AuthorId, seq: int) -> bool:
        """Whether the peer is ready for something new; notes that it is sent then."""
        if self._sent_runs - self._taken_runs >= _LIVE_IN_FLIGHT_MAX and not self._behind:
            self._start_over()
        if self._behind or not self._heard:
            self._skipped = True
            return False
        self._pushed[author] = max(seq, self._pushed.get(author, -1))
        return True

    def supply(self, mine: Log, author: AuthorId, after: int) -> list[Message]:
        """What is held of one log behind a place, as the peer asked for; one run of it."""
        run: list[bytes] = []
        size = 0
        if self._sent_runs - self._taken_runs >= _SUPPLIED_IN_FLIGHT_MAX:
            return []
        for seq in range(after + 1, mine.top(author) + 1):
            for operation in mine.operations_at(author, seq):
                encoded = self._reader.operation(operation)
                if (
                    encoded is None
                    or len(run) == RUN_OPERATIONS_MAX
                    or (run and size > self._run_bytes_max // 2)
                ):
                    return [self._page(tuple(run))] if run else []
                run.append(encoded)
                size += len(encoded)
        return [self._page(tuple(run))] if run else []

    def _run(self, operations: tuple[bytes, ...]) -> Run:
        self._sent_runs += 1
        return Run(operations=operations)

    def lacking(self, mine: Holdings, among: Iterable[AuthorId] | None = None) -> list[AuthorId]:
        """Authors, of all or among some, of whom the peer holds more than I do."""
        some = self.theirs if among is None else among
        return [author for author in some if self.theirs.get(author, -1) > mine.top(author)]

    def lacks(self, mine: Holdings) -> int:
        """How many operations that are here the peer is not known to hold."""
        return sum(max(0, mine.top(author) - self.theirs.get(author, -1)) for author in mine.authors())

    def behind(self, mine: Holdings) -> list[AuthorId]:
        """Authors of whom the peer is known to hold less than I do."""
        return [author for author in mine.authors() if self.theirs.get(author, -1) < mine.top(author)]

    def coming(self, mine: Holdings) -> int:
        """How many operations the peer is known to hold that are not here."""
        return sum(max(0, seq - mine.top(author)) for author, seq in self.theirs.items())

    # --- Storing

    def on_stored(self, count: int, *, lone: bool = False) -> list[Message]:
        """A run of the peer's is about to be on disk: say so, in the same step.

        Args:
            count: how many operations of it were new.
            lone: it was one operation, and new. A frame for each would cost as much as the talk itself: the
                next announcement takes the word along, and one is due whenever something new came.
        """
        self._stored_runs += 1
        self.arrived += count
        if count:
            self._vain_wants = 0
        if lone and self._stored_runs - self._told_runs < _OWED_MAX:
            return []
        self._told_runs = self._stored_runs
        return [Taken(runs=self._stored_runs)]

    def _owed(self) -> list[Message]:
        """The word for runs that were stored and not acknowledged yet."""
        if self._told_runs == self._stored_runs:
            return []
        self._told_runs = self._stored_runs
        return [Taken(runs=self._stored_runs)]

    @property
    def want_interval_ms(self) -> int:
        """How long to wait between two requests: longer each time that nothing new came of it."""
        return min(
            max(_WANT_INTERVAL_MAX_MS, self._patience_ms),
            self._patience_ms << min(max(0, self._vain_wants - 1), 16),
        )

    @property
    def hopeful(self) -> bool:
        """Whether asking this peer has not been in vain so often that it will not have what I lack."""
        return self._vain_wants < _VAIN_WANTS_MAX

    def want(self, mine: Holdings, now_ms: int) -> list[Message]:
        """Ask for the past of what cannot be taken in; at most once a second, seldom where it is in vain."""
        if now_ms - self._wanted_at_ms < self.want_interval_ms:
            return []
        self._wanted_at_ms = now_ms
        self._vain_wants += 1
        self.wants += 1
        self.past_lacks = False
        return [*self._owed(), Want(held=frontier_of(mine))]


def frontier_of(mine: Holdings) -> tuple[Held, ...]:
    """What I hold, in the words of a frontier.

    Of more authors than can be told the peer hears nothing, and sends what I hold of them for nothing.
    """
    told: list[Held] = []
    for author in mine.authors():
        if len(told) == AUTHORS_MAX:
            break
        told.append(held_of(mine, author))
    return tuple(told)


def held_of(mine: Holdings, author: AuthorId) -> Held:
    """My entry for one author of whom I hold something."""
    seq = mine.top(author)
    return Held(author=author, seq=seq, mark=mine.mark(author, seq))


assert PAGE_BYTES_MAX + 8 * RUN_OPERATIONS_MAX < MESSAGE_BYTES_MAX
