"""What came in packed runs of one campaign and is on disk, but not taken in yet.

Law: what is here counts as held towards peers, so that it does not travel twice; it counts for nothing else.
Runs are taken in in the order in which they came. Only such runs are kept as go on from what is held or
spooled, log by log; whatever does not is taken in at once or asked for again. Signatures are checked when a
run is taken in: until then somebody can have put words into others' mouths here, and no effect comes of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from meshcoal.ids import ID_BYTES, AuthorId, CampaignId
from meshcoal.log.changes import Change, EraseSpooled, PutSpooled
from meshcoal.log.dag import MARK_BYTES, Dag
from meshcoal.log.reader import LogReader
from meshcoal.wire import canonical
from meshcoal.wire.packing import Unpacked

COURIER: Final = b"bundle"  # in place of a member: nobody's node, but a bundle
RELAY: Final = b"relay"  # or a relay: no link is to blame


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run that waits."""

    number: int
    peer: bytes  # the member whose node brought it; or empty, `COURIER`, `RELAY`
    size_bytes: int
    operations: int  # that were new when it came
    authors: tuple[AuthorId, ...]

    @property
    def member(self) -> AuthorId | None:
        """Whose node brought it over a link; None: nobody known, or a bundle."""
        return AuthorId(self.peer) if len(self.peer) == ID_BYTES else None


@dataclass(slots=True)
class _Log:
    """What is spooled of one author's log: pieces without a gap, each with a mark for each place."""

    numbers: list[int] = field(default_factory=list)  # of the runs
    firsts: list[int] = field(default_factory=list)
    marks: list[bytes] = field(default_factory=list)

    @property
    def top(self) -> int:
        return self.firsts[-1] + len(self.marks[-1]) // MARK_BYTES - 1

    def mark(self, seq: int) -> bytes:
        piece = bisect_right(self.firsts, seq) - 1
        at = (seq - self.firsts[piece]) * MARK_BYTES
        return self.marks[piece][at : at + MARK_BYTES]


class Spool:
    """The runs of one campaign. What it says is held, it has on disk once the step is committed."""

    def __init__(self, campaign: CampaignId, dag: Dag) -> None:
        self._campaign = campaign
        self._dag = dag
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._logs: dict[AuthorId, _Log] = {}
        self._next = 1
        self.size_bytes = 0
        self.operations = 0  # that wait
        self.received = 0  # in all since catching up began

    @classmethod
    def recover(cls, campaign: CampaignId, dag: Dag, reader: LogReader) -> Spool:
        """Read back what `add` wrote."""
        spool = cls(campaign, dag)
        for kept in reader.spooled(campaign):
            ends = cast(Any, canonical.reread(kept.ends))
            spool._note(kept.number, kept.peer, kept.size_bytes, ends)
        return spool

    def __len__(self) -> int:
        """How many runs wait."""
        return len(self._rows)

    def first(self, operations_max: int) -> list[Row]:
        """The runs to take in next, by one member's node; one at least."""
        found: list[Row] = []
        for row in self._rows.values():
            operations_max -= row.operations
            if found and (operations_max < 0 or row.peer != found[0].peer):
                break
            found.append(row)
        return found

    def size_of(self, peer: bytes) -> int:
        """How many bytes wait that one member's node brought."""
        return sum(row.size_bytes for row in self._rows.values() if row.peer == peer)

    # --- What is held of logs: as `log.dag.Dag` says it, and beyond

    def authors(self) -> list[AuthorId]:
        """All of whom anything is held or spooled, ascending."""
        return sorted({*self._dag.authors(), *self._logs}) if self._logs else self._dag.authors()

    def top(self, author: AuthorId) -> int:
        """The highest place held or spooled; -1: none."""
        log = self._logs.get(author)
        return self._dag.top(author) if log is None else max(log.top, self._dag.top(author))

    def mark(self, author: AuthorId, seq: int) -> bytes:
        """What is held or spooled up to a place."""
        log = self._logs.get(author)
        return self._dag.mark(author, seq) if log is None or seq <= self._dag.top(author) else log.mark(seq)

    def agreed(self, author: AuthorId) -> int:
        """Up to where all who know of this author's fork hold the same."""
        return self._dag.agreed(author)

    def beyond(self) -> int:
        """How many operations stand behind the ends of what is taken in."""
        return sum(max(0, log.top - self._dag.top(author)) for author, log in self._logs.items())

    # --- Coming and going

    def news(self, run: Unpacked) -> int | None:
        """How many operations of a run are neither held nor spooled; None where it does not go on from that.

        It does not where a log is forked, has a gap before the run, or is another one.
        """
        news = 0
        for chain in run.chains:
            author, first = chain.author, chain.first
            top, last = self.top(author), first + len(chain.ids) - 1
            if first > top + 1 or self._dag.is_forked(author):
                return None
            if first and self.mark(author, first - 1) != chain.backlink[:MARK_BYTES]:
                return None
            if first <= top:
                both = min(top, last)  # up to here it must be the same log
                if self.mark(author, both) != chain.ids[both - first][:MARK_BYTES]:
                    return None
            news += max(0, last - top)
        return news

    def add(self, run: Unpacked, packed: bytes, *, peer: bytes) -> tuple[int, Change]:
        """Keep a run that has `news`. Returns its number too."""
        ends = []
        for chain in run.chains:
            known = max(0, self.top(chain.author) + 1 - chain.first)
            if known < len(chain.ids):
                marks = b"".join([one[:MARK_BYTES] for one in chain.ids[known:]])
                ends.append((chain.author, chain.first + known, marks))
        number = self._next
        self._note(number, peer, len(packed), tuple(ends))
        change = PutSpooled(
            campaign=self._campaign,
            number=number,
            peer=peer,
            ends=canonical.encode(tuple(ends)),
            packed=packed,
        )
        return number, change

    def _note(
        self, number: int, peer: bytes, size_bytes: int, ends: Sequence[tuple[bytes, int, bytes]]
    ) -> None:
        operations = 0
        for author, first, marks in ends:
            log = self._logs.setdefault(AuthorId(author), _Log())
            log.numbers.append(number)
            log.firsts.append(first)
            log.marks.append(marks)
            operations += len(marks) // MARK_BYTES
        self._rows[number] = Row(
            number=number,
            peer=peer,
            size_bytes=size_bytes,
            operations=operations,
            authors=tuple([AuthorId(author) for author, _, _ in ends]),
        )
        self._next = number + 1
        self.size_bytes += size_bytes
        self.operations += operations
        self.received += operations

    def rest(self) -> None:
        """Catching up has ended."""
        if not self._rows:
            self.received = 0

    def leave(self, row: Row) -> Change:
        """A run was taken in, or what could be of it.

        Of a log that did not come in as far as the run went, nothing further is claimed to be held.
        """
        del self._rows[row.number]
        self.size_bytes -= row.size_bytes
        self.operations -= row.operations
        for author in row.authors:
            log = self._logs.get(author)
            if log is None or log.numbers[0] != row.number:
                continue  # it broke off before
            end = log.firsts[0] + len(log.marks[0]) // MARK_BYTES - 1
            del log.numbers[0], log.firsts[0], log.marks[0]
            if not log.firsts or self._dag.top(author) < end:
                del self._logs[author]
        return EraseSpooled(campaign=self._campaign, number=row.number)
