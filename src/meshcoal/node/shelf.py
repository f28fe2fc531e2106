"""A campaign's statements: their bodies stay on disk, and what a list shows of each is kept beside them.

Law: an *outline* is a copy of what folding a statement gives. It holds as long as two things are what they
were when it was made: how many of the statement's operations are opened here, and the *verdicts*, a digest of
all that decides which of them count. Where either differs, it is thrown away and the statement folded anew.
Reading writes nothing: outlines are written some seconds after what changed them, a few at a time.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from meshcoal.api.views import StatementSummaryView
from meshcoal.errors import MeshcoalError
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.log.reader import BodyRow, LogReader
from meshcoal.node.records import Document
from meshcoal.node.rounds import Rounds
from meshcoal.node.step import Step
from meshcoal.statement.checked import Checked
from meshcoal.statement.model import Authority, Roster, Row, Standing, Statement
from meshcoal.statement.reducer import STATEMENT_KINDS, Statements
from meshcoal.statement.view import summary_view
from meshcoal.wire import record, shape
from meshcoal.wire.bodies import decode_body
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Count, Id32

OUTLINES: Final = "outlines"
OPEN_MAX: Final = 8  # statements whole in memory: what somebody looks at
OUTLINE_TIMER: Final = "outline"
_OUTLINE_AFTER_MS: Final = 10_000
_OUTLINE_AGAIN_MS: Final = 200
_ASKS_WHO: Final = frozenset({Kind.RELEASE, Kind.ADDENDUM, Kind.STRIKE})  # was who in its past
_ASKS_AUTHORITY: Final = frozenset({Kind.SIGN, Kind.REQUEST, Kind.APPROVAL})
_SLICE: Final = 4  # statements folded in one step, each some milliseconds


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class OutlineRecord(Document):
    """What folding one statement gave."""

    verdicts: Id32
    rows: Count  # operations of the statement that were opened
    depth: Count  # of the draft
    line: StatementSummaryView | None  # None: no draft that counts is here


class Shelf:
    """The statements of one campaign, as one member sees them.

    Args:
        judge: whether an operation of a statement counts, where it stands in the log.
        roster: act key and seat of an author.
        then: the same in the past of an operation.
        authority: offices and mandates in the past of an operation.
        standing: what the campaign was where an operation stands.
        verdicts: 32 bytes, equal exactly when `judge`, `roster` and `me` answer as before.
        rounds: what came out of envelopes.
    """

    def __init__(
        self,
        campaign: CampaignId,
        reader: LogReader,
        *,
        judge: Callable[[BodyRow], bool],
        roster: Roster,
        then: Callable[[BodyRow], Roster],
        authority: Callable[[BodyRow], Authority],
        standing: Callable[[BodyRow], Standing],
        verdicts: Callable[[], bytes],
        me: Callable[[], AuthorId],
        rounds: Rounds,
    ) -> None:
        self._campaign = campaign
        self._reader = reader
        self._judge = judge
        self._roster = roster
        self._then = then
        self._authority = authority
        self._standing = standing
        self._verdicts = verdicts
        self._me = me
        self._rounds = rounds
        self._checked = Checked()
        self._rows: dict[OperationId, int] = {}  # opened operations of each statement
        self._rows_now: dict[OperationId, list[BodyRow]] = {}  # of these, of the step in progress
        self._outlines: dict[OperationId, OutlineRecord] = {}
        self._unwritten: dict[OperationId, None] = {}  # outlines that differ from what is on disk
        self._timer_is_set = False
        self._open: OrderedDict[OperationId, tuple[bytes, int, Statement | None]] = OrderedDict()

    def recover(self) -> None:
        """Read how much there is of each statement, and the outlines. No body is read."""
        for (about, _), count in self._reader.body_counts(self._campaign).items():
            if about:
                statement = OperationId(about)
                self._rows[statement] = self._rows.get(statement, 0) + count
        for key, value in self._reader.documents(OUTLINES, self._campaign):
            statement = OperationId(key[len(self._campaign) :])
            try:
                outline = record.decode(OutlineRecord, value)
            except MeshcoalError:
                continue  # a copy: it is made anew when asked for
            if outline.rows == self._rows.get(statement) and _names(outline, statement):
                self._outlines[statement] = outline

    def add(self, row: BodyRow, statement: OperationId) -> None:
        """An operation of a statement was opened in this step."""
        self._rows[statement] = self._rows.get(statement, 0) + 1
        self._rows_now.setdefault(statement, []).append(row)

    def get(self, statement: OperationId) -> Statement | None:
        """The statement as it stands, or None where there is no effective draft of that id."""
        rows = self._rows.get(statement, 0)
        if not rows:
            return None
        verdicts = self._with_mark(self._verdicts(), statement)
        known = self._open.pop(statement, None)
        if known is None or known[:2] != (verdicts, rows):
            known = verdicts, rows, self._fold(statement)
        self._open[statement] = known
        while len(self._open) > OPEN_MAX:
            self._open.popitem(last=False)
        return known[2]

    def lines(self) -> list[StatementSummaryView]:
        """One for each statement whose draft is here and counts, oldest first."""
        verdicts = self._verdicts()
        found = []
        for statement, rows in self._rows.items():
            outline = self._outline(statement, verdicts, rows)
            if outline.line is not None:
                found.append((outline.depth, outline.line.id, outline.line))
        return [line for _, _, line in sorted(found, key=lambda one: one[:2])]

    def rows_of(self, statement: OperationId) -> Sequence[BodyRow]:
        """Every opened operation of a statement, whether it counts or not."""
        kept = self._reader.bodies(self._campaign, STATEMENT_KINDS, statement)
        return [*kept, *self._rows_now.get(statement, ())]

    def end_step(self, step: Step, *, moved: bool) -> None:
        """Have outlines written soon where something came; `moved`: a control operation was opened."""
        if moved or self._rows_now:
            self.outline_soon(step)
        self._rows_now.clear()

    def noted(self) -> list[StatementSummaryView]:
        """The lines as they were worked out last, in no order of meaning. Folds nothing: for timers."""
        return [outline.line for outline in self._outlines.values() if outline.line is not None]

    def outline_soon(self, step: Step) -> None:
        """Have outlines written soon, a few at a time, where there is anything."""
        if self._rows and not self._timer_is_set:
            self._timer_is_set = True
            step.timer(f"{OUTLINE_TIMER}:{self._campaign.hex()}", step.now_ms + _OUTLINE_AFTER_MS)

    @property
    def written(self) -> bool:
        """Whether the outlines on disk are those of now."""
        return not self._unwritten and not self._stale(self._verdicts())

    def write(self, step: Step) -> None:
        """The timer came due: write some outlines, and go on soon where there are more."""
        self._timer_is_set = False
        verdicts = self._verdicts()
        stale = self._stale(verdicts)
        for statement in stale[:_SLICE]:
            self._outline(statement, verdicts, self._rows[statement])
        for statement in self._unwritten:
            step.put(OUTLINES, self._campaign + statement, self._outlines[statement])
        self._unwritten.clear()
        if len(stale) > _SLICE:
            self._timer_is_set = True
            step.timer(f"{OUTLINE_TIMER}:{self._campaign.hex()}", step.now_ms + _OUTLINE_AGAIN_MS)

    def _stale(self, verdicts: bytes) -> list[OperationId]:
        return [one for one, rows in self._rows.items() if not self._fits(one, verdicts, rows)]

    def _with_mark(self, verdicts: bytes, statement: OperationId) -> bytes:
        mark = self._rounds.mark(statement)
        return hashlib.blake2b(verdicts + mark, digest_size=32).digest() if mark else verdicts

    def _fits(self, statement: OperationId, verdicts: bytes, rows: int) -> bool:
        outline = self._outlines.get(statement)
        marked = self._with_mark(verdicts, statement)
        return outline is not None and (outline.verdicts, outline.rows) == (marked, rows)

    def _outline(self, statement: OperationId, verdicts: bytes, rows: int) -> OutlineRecord:
        if not self._fits(statement, verdicts, rows):
            folded = self.get(statement)
            self._outlines[statement] = OutlineRecord(
                verdicts=self._with_mark(verdicts, statement),
                rows=rows,
                depth=folded.revisions[0].depth if folded is not None else 0,
                line=summary_view(folded, me=self._me()) if folded is not None else None,
            )
            self._unwritten[statement] = None
        return self._outlines[statement]

    def _fold(self, statement: OperationId) -> Statement | None:
        statements = Statements(
            self._campaign,
            self._roster,
            checked=self._checked,
            opened=self._rounds.sign_ons,
            polled=self._rounds.polls.polled,
        )
        for row in self.rows_of(statement):
            kind = Kind(row.kind)
            body = decode_body(kind, row.body)
            one = Row(
                id=row.id,
                author=row.author,
                seq=row.seq,
                depth=row.depth,
                kind=kind,
                body=body,
                then=self._then(row) if kind in _ASKS_WHO else None,
                authority=self._authority(row) if kind in _ASKS_AUTHORITY else None,
                standing=self._standing(row) if kind is Kind.RELEASE else None,
            )
            statements.apply(one, self._judge(row))
        return statements.get(statement)


def _names(outline: OutlineRecord, statement: OperationId) -> bool:
    return outline.line is None or outline.line.id == statement
