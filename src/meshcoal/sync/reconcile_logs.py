"""Which ends of logs two nodes hold differently, said in as few bytes as that takes.

Law: after this, what I believe the peer to hold of a log it does hold, forked or not; so everything that one
of the two lacks is sent. One of them tells the ends of its logs, all of them or a sketch of them; the other
answers with those logs of which it holds less. Where both hold one place differently they find the last place
before their fork. Nothing is kept from one link to the next.

Ours, unreviewed. Specified in docs/protocol/reconciliation.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from meshcoal.crypto.sealing import derive
from meshcoal.errors import MalformedFrame, OverLimit
from meshcoal.ids import AuthorId
from meshcoal.limits import AUTHORS_MAX, CELLS_PER_MESSAGE_MAX, RUNGS_PER_LINK_MAX
from meshcoal.sync.outcome import Outcome
from meshcoal.sync.sketch import Peeling, Scheme, Sketch, State
from meshcoal.wire.reconciling import (
    CHECK_BYTES,
    LOG_HANDLE_BYTES,
    NAME_BYTES,
    TAG_BYTES,
    Agreed,
    Behind,
    Cells,
    Digest,
    More,
    Outline,
    Rung,
    Rungs,
    Subject,
)

LISTED_MAX: Final = 64  # logs that are told one by one at once; of more, cells are sent first
_CELLS_FIRST: Final = 8
_LOGS: Final = b"meshcoal-logs--1"
_AUTHORS: Final = b"meshcoal-authors"
_NAME: Final = b"meshcoal author name 1"
_TAG: Final = b"meshcoal mark tag 1"
_CELLS: Final = b"meshcoal log cells 1"
_SEQ_BYTES: Final = LOG_HANDLE_BYTES - NAME_BYTES - TAG_BYTES


class Holdings(Protocol):
    """What I hold of the logs of a campaign; `log.dag.Dag` is one."""

    def authors(self) -> Iterable[AuthorId]:
        """All of whom I hold anything, ascending."""

    def top(self, author: AuthorId) -> int:
        """The highest place held; -1: none."""

    def mark(self, author: AuthorId, seq: int) -> bytes:
        """16 bytes that name what I hold up to a place that I hold, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Where a log of mine ended when the link began."""

    author: AuthorId
    seq: int
    mark: bytes


def ends_of(mine: Holdings) -> tuple[End, ...]:
    """All of them, in the order of authors."""
    ends = []
    for author in mine.authors():
        seq = mine.top(author)
        ends.append(End(author=author, seq=seq, mark=mine.mark(author, seq)))
    return tuple(ends)


def logs_digest(ends: Iterable[End]) -> bytes:
    """16 bytes over author, seq (8 bytes) and mark of each log."""
    state = hashlib.blake2b(digest_size=16, person=_LOGS)
    for end in ends:
        state.update(end.author + end.seq.to_bytes(8, "big") + end.mark)
    return state.digest()


def authors_digest(ends: Iterable[End]) -> bytes:
    """8 bytes over the authors."""
    joined = b"".join([end.author for end in ends])
    return hashlib.blake2b(joined, digest_size=8, person=_AUTHORS).digest()


def ladder(seq: int) -> list[int]:
    """1, 2, 4 ... places before `seq`, down to 0."""
    places, step = [], 1
    while step <= seq:
        places.append(seq - step)
        step *= 2
    return places


class LogsPart:
    """One node's half. Begins with `on_digest`; `done` once nothing more is owed or awaited."""

    def __init__(self, mine: Holdings, ends: tuple[End, ...], *, secret: bytes) -> None:
        self._mine = mine
        self._ends = ends
        self._secret = secret
        self._authors: dict[bytes, AuthorId | None] = {}  # by name; None: two share it
        self._names: dict[AuthorId, bytes] = {}
        self._told: Sequence[End] = ()  # what the peer was told, in its order
        self._sketch: Sketch | None = None
        self._handles: dict[int, End] = {}
        self._peeling: Peeling | None = None
        self._granted = 0
        self._sent = 0
        self._searching: dict[bytes, int] = {}  # names of forked logs I asked about -> seq
        self._asked = 0  # rungs of mine
        self._answered = 0  # rungs of the peer's, and of those the ones to be looked at
        self._looked = 0
        self._surplus = 0  # how many operations the peer holds more than I
        self._same_authors = False
        self._tells = False
        self.told_ends = False  # the peer told the ends of its logs
        self._awaits_ends = False
        self._awaits_answer = False
        self.expected = 0  # operations of the peer's that I lack, as far as its numbers say

    @property
    def done(self) -> bool:
        return not (self._awaits_ends or self._awaits_answer or self._searching)

    def on_digest(self, mine: Digest, theirs: Digest, *, dialled: bool) -> Outcome:
        """Compare; whoever holds fewer operations tells, or who dialled if they hold as many."""
        outcome = Outcome()
        self._surplus = theirs.operations - mine.operations
        self.expected = max(0, self._surplus)
        if mine.logs == theirs.logs:
            outcome.holds.update({end.author: end.seq for end in self._ends})
            return outcome
        self._same_authors = mine.authors == theirs.authors and len(self._ends) <= AUTHORS_MAX
        self._tells = (mine.operations, not dialled) < (theirs.operations, dialled)
        for end in self._ends:
            name = derive(self._secret, _NAME, end.author, NAME_BYTES)
            self._authors[name] = None if name in self._authors else end.author
            self._names[end.author] = name
        if not self._tells:
            self._awaits_ends = True
            self._granted = _CELLS_FIRST
            return outcome
        self._awaits_answer = True
        if len(self._ends) > LISTED_MAX:
            outcome.say.append(self._more_cells(_CELLS_FIRST))
        else:
            outcome.say.append(self._outline())
        return outcome

    # --- Telling

    def _outline(self) -> Outline:
        # Of these authors more may have come since the digest.
        self._ends = tuple([self._end_now(end) for end in self._ends])
        self._told = self._ends[:AUTHORS_MAX]
        self._sent = -1  # no more cells
        names = b"" if self._same_authors else b"".join([self._names[end.author] for end in self._told])
        return Outline(
            names=names,
            seqs=tuple([end.seq for end in self._told]),
            tags=b"".join([self._tag(end.author, end.seq, end.mark) for end in self._told]),
        )

    def _end_now(self, before: End) -> End:
        seq = self._mine.top(before.author)
        if seq < before.seq:  # what was spooled was not sound: the peer was told of it, and hears more later
            return before
        return End(author=before.author, seq=seq, mark=self._mine.mark(before.author, seq))

    def _more_cells(self, upto: int) -> Cells:
        if self._sketch is None:
            self._sketch = Sketch(self._scheme())
            self._handles = {self._handle(end): end for end in self._ends}
        self._sketch.extend(upto, self._handles)
        start, self._sent = self._sent, upto
        return Cells(
            subject=Subject.LOGS,
            key=b"",
            count=len(self._ends),
            start=start,
            cells=self._sketch.scheme.pack(islice(self._sketch.cells, start, upto)),
        )

    def on_more(self, message: More) -> Outcome:
        """The peer makes nothing of the cells so far."""
        if not self._awaits_answer or self._sent < 0:
            raise MalformedFrame("more cells of logs than were begun")
        if message.upto == 0:
            return Outcome(say=[self._outline()])
        if not self._sent < message.upto <= self._sent + CELLS_PER_MESSAGE_MAX:
            raise OverLimit("more cells at once than are sent")
        if message.upto > _worthwhile(len(self._ends)):
            raise OverLimit("more cells than the outline takes")
        return Outcome(say=[self._more_cells(message.upto)])

    def on_behind(self, message: Behind) -> Outcome:
        """The peer has said where it holds less; everywhere else it holds as much or more."""
        if not self._awaits_answer or bool(message.places and message.names):
            raise MalformedFrame("an answer to ends that were not told")
        self._awaits_answer = False
        outcome = Outcome(holds={end.author: end.seq for end in self._ends})
        tags = _parts(message.tags, TAG_BYTES, len(message.lengths))
        rungs: list[Rung] = []
        for author, length, tag in zip(self._named(message), message.lengths, tags, strict=True):
            if author is None:
                continue  # of two authors under one name; both are sent from their beginning
            seq = length - 1
            if seq > self._mine.top(author):
                raise MalformedFrame("the peer is behind, and ahead")
            if seq < 0 or self._tag_at(author, seq) == tag:
                outcome.holds[author] = seq
            else:
                self._search(author, seq, rungs, outcome)
        outcome.holds.update({end.author: -1 for end in self._ends if self._shared(end.author)})
        self._say_rungs(rungs, outcome)
        lacks = sum(max(0, end.seq - outcome.holds[end.author]) for end in self._ends)
        self.expected = max(0, self._surplus + lacks)
        return outcome

    def _named(self, message: Behind) -> list[AuthorId | None]:
        if message.places:
            if max(message.places) >= len(self._told) or len(message.places) != len(message.lengths):
                raise MalformedFrame("a place behind the end of the outline")
            return [self._told[place].author for place in message.places]
        names = _parts(message.names, NAME_BYTES, len(message.lengths))
        # A name that I never told is nothing that I could send.
        return [self._authors.get(name) for name in names]

    # --- Hearing

    def on_outline(self, message: Outline) -> Outcome:
        """The peer's ends, one by one."""
        self._check_awaited()
        self._awaits_ends = False
        self.told_ends = True
        tags = _parts(message.tags, TAG_BYTES, len(message.seqs))
        if message.names or not self._same_authors:
            names = _parts(message.names, NAME_BYTES, len(message.seqs))
            authors = [self._authors.get(name) for name in names]
        else:
            if len(message.seqs) != len(self._ends):
                raise MalformedFrame("an outline of other authors than were named")
            authors = [end.author for end in self._ends]
        outcome = Outcome(holds={end.author: -1 for end in self._ends})
        self._compare(list(zip(authors, message.seqs, tags, strict=True)), None, outcome)
        return outcome

    def on_cells(self, message: Cells) -> Outcome:
        """Cells of the peer's ends."""
        self._check_awaited()
        if self._peeling is None:
            self._sketch = Sketch(self._scheme())
            self._handles = {self._handle(end): end for end in self._ends}
            self._peeling = Peeling(self._sketch.scheme)
        assert self._sketch is not None
        theirs = self._sketch.scheme.unpack(message.cells)
        held = len(self._peeling)
        if message.start != held:
            raise MalformedFrame("cells with a gap before them")
        if held + len(theirs) > self._granted:
            raise OverLimit("more cells than were asked for")
        self._sketch.extend(held + len(theirs), self._handles)
        state = self._peeling.add(theirs, self._sketch.cells[held : held + len(theirs)])
        if state is State.DONE:
            return self._decoded(self._peeling.found)
        self._granted *= 2
        if state is State.VAIN or self._granted > _worthwhile(message.count):
            self._granted = 0
        return Outcome(say=[More(subject=Subject.LOGS, upto=self._granted)])

    def _decoded(self, found: Iterable[int]) -> Outcome:
        self._awaits_ends = False
        self.told_ends = True
        outcome = Outcome(holds={end.author: end.seq for end in self._ends})
        told: list[tuple[AuthorId | None, int, bytes]] = []
        names: list[bytes] = []
        for handle in found:
            end = self._handles.get(handle)
            if end is not None:
                outcome.holds[end.author] = -1  # unless the peer's own end of it is among the rest
                continue
            packed = handle.to_bytes(LOG_HANDLE_BYTES, "big")
            seq = int.from_bytes(packed[NAME_BYTES:-TAG_BYTES], "big")
            names.append(packed[:NAME_BYTES])
            told.append((self._authors.get(names[-1]), seq, packed[-TAG_BYTES:]))
        if len(told) > AUTHORS_MAX:
            raise OverLimit("more logs than account is kept of")
        self._compare(told, names, outcome)
        return outcome

    def _check_awaited(self) -> None:
        if not self._awaits_ends:
            raise MalformedFrame("ends of logs that nobody waits for")

    def _compare(
        self,
        told: Sequence[tuple[AuthorId | None, int, bytes]],
        names: Sequence[bytes] | None,
        outcome: Outcome,
    ) -> None:
        """Answer the peer's ends: where I hold less, and where it holds something else."""
        behind: list[tuple[int, int, bytes]] = []
        rungs: list[Rung] = []
        self.expected = 0
        for place, (author, seq, tag) in enumerate(told):
            top = -1 if author is None else self._mine.top(author)
            self.expected += max(0, seq - top)
            if author is None or top < 0:
                behind.append((place, 0, bytes(TAG_BYTES)))
            elif seq > top:
                outcome.holds[author] = seq
                behind.append((place, top + 1, self._tag_at(author, top)))
            elif self._tag_at(author, seq) == tag:
                outcome.holds[author] = seq
            else:
                self._search(author, seq, rungs, outcome)
        outcome.holds.update({end.author: -1 for end in self._ends if self._shared(end.author)})
        outcome.say.append(
            Behind(
                places=() if names is not None else tuple([place for place, _, _ in behind]),
                names=b"".join([names[place] for place, _, _ in behind]) if names is not None else b"",
                lengths=tuple([length for _, length, _ in behind]),
                tags=b"".join([tag for _, _, tag in behind]),
            )
        )
        self._say_rungs(rungs, outcome)

    # --- Forks

    def _search(self, author: AuthorId, seq: int, rungs: list[Rung], outcome: Outcome) -> None:
        """Both hold `seq` of a log, and not the same: ask for the last place at which they do."""
        outcome.holds[author] = -1
        name = self._names[author]
        self._searching[name] = seq
        self._asked += 1
        # Of many forks at once, which honest members do not make, the rest is sent whole.
        places = ladder(seq) if self._asked <= RUNGS_PER_LINK_MAX else []
        rungs.append(Rung(name=name, seq=seq, tags=b"".join([self._tag_at(author, at) for at in places])))

    def _say_rungs(self, rungs: list[Rung], outcome: Outcome) -> None:
        for at in range(0, len(rungs), RUNGS_PER_LINK_MAX):
            outcome.say.append(Rungs(rungs=tuple(rungs[at : at + RUNGS_PER_LINK_MAX])))

    def on_rungs(self, message: Rungs) -> Outcome:
        """Where the peer's logs and mine part, of those of which it noticed that they do."""
        self._answered += len(message.rungs)
        self._looked += sum(1 for rung in message.rungs if rung.tags)
        if self._looked > RUNGS_PER_LINK_MAX or self._answered > AUTHORS_MAX:
            raise OverLimit("more forks than are looked for over one link")
        outcome = Outcome()
        lengths = []
        for rung in message.rungs:
            author = self._authors.get(rung.name)
            if author is None or rung.seq > self._mine.top(author):
                raise MalformedFrame("a fork of a log that is not held so far")
            places = ladder(rung.seq) if rung.tags else []
            agreed = -1
            for place, tag in zip(places, _parts(rung.tags, TAG_BYTES, len(places)), strict=True):
                if self._tag_at(author, place) == tag:
                    agreed = place
                    break
            outcome.holds[author] = agreed
            lengths.append(agreed + 1)
        names = b"".join([rung.name for rung in message.rungs])
        outcome.say.append(Agreed(names=names, lengths=tuple(lengths)))
        return outcome

    def on_agreed(self, message: Agreed) -> Outcome:
        """The last places at which we hold the same."""
        outcome = Outcome()
        names = _parts(message.names, NAME_BYTES, len(message.lengths))
        for name, length in zip(names, message.lengths, strict=True):
            seq = self._searching.pop(name, None)
            author = self._authors.get(name)
            if seq is None or author is None or length - 1 not in (-1, *ladder(seq)):
                raise MalformedFrame("an agreement on what was not asked")
            outcome.holds[author] = length - 1
        return outcome

    # --- Names and tags

    def _shared(self, author: AuthorId) -> bool:
        return self._authors[self._names[author]] is None

    def _scheme(self) -> Scheme:
        return Scheme(derive(self._secret, _CELLS), LOG_HANDLE_BYTES)

    def _handle(self, end: End) -> int:
        tag = self._tag(end.author, end.seq, end.mark)
        return int.from_bytes(self._names[end.author] + end.seq.to_bytes(_SEQ_BYTES, "big") + tag, "big")

    def _tag_at(self, author: AuthorId, seq: int) -> bytes:
        return self._tag(author, seq, self._mine.mark(author, seq))

    def _tag(self, author: AuthorId, seq: int, mark: bytes) -> bytes:
        return derive(self._secret, _TAG, author + seq.to_bytes(8, "big") + mark, TAG_BYTES)


def _worthwhile(logs: int) -> int:
    """How many cells are asked for at most: half of what the outline of so many logs takes."""
    return logs * (3 + TAG_BYTES) // (2 * (LOG_HANDLE_BYTES + CHECK_BYTES))


def _parts(packed: bytes, size: int, count: int) -> list[bytes]:
    if len(packed) != size * count:
        raise MalformedFrame("packed entries do not fit their count")
    return [packed[at : at + size] for at in range(0, len(packed), size)]
