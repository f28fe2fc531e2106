"""A campaign's cases. Their bodies stay on disk, and are folded when somebody looks.

Law: cases are few, and each is short. What folding gave holds while two things are what they were: how many
operations of cases are opened here, and the verdicts, as for statements (`node.shelf`).
"""

from __future__ import annotations

from collections.abc import Callable

from meshcoal.ids import CampaignId, OperationId
from meshcoal.log.reader import BodyRow, LogReader
from meshcoal.statement.case import CASE_KINDS, Case, fold
from meshcoal.statement.model import Row
from meshcoal.wire.bodies import decode_body
from meshcoal.wire.operation import Kind


class Cases:
    """The cases of one campaign.

    Args:
        judge: whether an operation of a case counts, where it stands in the log.
        verdicts: 32 bytes, equal exactly when `judge` answers as before.
    """

    def __init__(
        self,
        campaign: CampaignId,
        reader: LogReader,
        *,
        judge: Callable[[BodyRow], bool],
        verdicts: Callable[[], bytes],
    ) -> None:
        self._campaign = campaign
        self._reader = reader
        self._judge = judge
        self._verdicts = verdicts
        self._count = 0  # operations of cases that were opened
        self._rows_now: list[BodyRow] = []  # of these, of the step in progress
        self._folded: tuple[bytes, int, tuple[Case, ...]] = (b"", -1, ())

    def recover(self) -> None:
        """Read how much there is. No body is read."""
        counts = self._reader.body_counts(self._campaign)
        self._count = sum(count for (_, kind), count in counts.items() if kind in CASE_KINDS)

    def add(self, row: BodyRow) -> None:
        """An operation of a case was opened in this step."""
        self._count += 1
        self._rows_now.append(row)

    def end_step(self) -> None:
        """What was opened in this step is on disk from now on."""
        self._rows_now.clear()

    def all(self) -> tuple[Case, ...]:
        """Oldest first."""
        if not self._count:
            return ()
        verdicts = self._verdicts()
        if self._folded[:2] != (verdicts, self._count):
            rows = [*self._reader.bodies(self._campaign, CASE_KINDS), *self._rows_now]
            self._folded = verdicts, self._count, fold([(_plain(row), self._judge(row)) for row in rows])
        return self._folded[2]

    def get(self, case: OperationId) -> Case | None:
        """One case, or None where there is no effective alert of that id."""
        return next((one for one in self.all() if one.id == case), None)


def _plain(row: BodyRow) -> Row:
    kind = Kind(row.kind)
    body = decode_body(kind, row.body)
    return Row(id=row.id, author=row.author, seq=row.seq, depth=row.depth, kind=kind, body=body)
