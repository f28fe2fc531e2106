"""What the core reads, over SQLite. Implements `log.reader.LogReader`, which says what each method means.

Law: reading never changes the store, and costs what is asked for, not what is held: a peer that lacks ten
operations of a hundred thousand is served from ten index entries.
"""

# ruff: noqa: S608 - SQL is put together from constants of this file only

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.log.reader import BodyRow, Finds, Place
from meshcoal.store.chunks import ChunkReader
from meshcoal.store.database import Database
from meshcoal.store.documents import table_of
from meshcoal.store.erasing import Erasing
from meshcoal.store.finding import Finding
from meshcoal.store.names import Names
from meshcoal.store.spool import SpoolReader
from meshcoal.store.talk import TalkReader
from meshcoal.text.folding import Question

PLAN_ROWS_MAX: Final = 16_384
PLANS_MAX: Final = 32  # 4 MiB of row numbers at most, for as many peers catching up at once

_CAMPAIGN: Final = "(SELECT number FROM campaigns WHERE id = ?)"


@dataclass(frozen=True, slots=True)
class _Plan:
    """The next operations of a catch-up: every wanted row behind `start`, up to the last one here."""

    start: int
    rows: array[int]


class Reader(ChunkReader, SpoolReader, TalkReader):
    """A `LogReader` on the connection that also writes: it sees every change that was applied."""

    def __init__(self, database: Database, names: Names, erasing: Erasing, finding: Finding) -> None:
        self._database = database
        self._names = names
        self._erasing = erasing
        self._finding = finding
        self._plans: OrderedDict[tuple[CampaignId, frozenset[tuple[AuthorId, int]]], _Plan] = OrderedDict()

    def forget(self) -> None:
        """Rows were removed or a transaction was undone: what was planned may be wrong."""
        self._plans.clear()

    def document(self, space: str, key: bytes) -> bytes | None:
        found = self._database.row(
            f"SELECT value FROM {table_of(space)} WHERE space = ? AND key = ?", (space, key)
        )
        return None if found is None else found[0]

    def documents(self, space: str, prefix: bytes = b"") -> Sequence[tuple[bytes, bytes]]:
        end = _behind_all(prefix)
        table = table_of(space)
        if end is None:
            rows = self._database.rows(
                f"SELECT key, value FROM {table} WHERE space = ? AND key >= ? ORDER BY key", (space, prefix)
            )
        else:
            rows = self._database.rows(
                f"SELECT key, value FROM {table} WHERE space = ? AND key >= ? AND key < ? ORDER BY key",
                (space, prefix, end),
            )
        return [(key, value) for key, value in rows]

    def operation(self, operation: OperationId) -> bytes | None:
        found = self._database.row("SELECT encoded FROM operations WHERE row = ?", (self._row(operation),))
        return None if found is None else found[0]

    def _row(self, operation: OperationId) -> int | None:
        """The row of an operation, unless it stands in a campaign that is being erased."""
        row = self._names.row(operation)
        if row is None or not self._erasing.going:
            return row
        found = self._database.row(
            "SELECT a.campaign FROM operations AS o JOIN authors AS a ON a.number = o.author WHERE o.row = ?",
            (row,),
        )
        return None if found is not None and found[0] in self._erasing.going else row

    def place(self, operation: OperationId) -> Place | None:
        row = self._row(operation)
        if row is None:
            return None
        found = self._database.row(
            "SELECT a.id, o.seq, o.depth, o.context FROM operations AS o "
            "JOIN authors AS a ON a.number = o.author WHERE o.row = ?",
            (row,),
        )
        assert found is not None, "a name stands for a row"
        author, seq, depth, context = found
        return Place(author=author, seq=seq, depth=depth, context=context)

    def operations_at(self, campaign: CampaignId, author: AuthorId, seq: int) -> Sequence[OperationId]:
        rows = self._database.rows(
            "SELECT o.id FROM authors AS a JOIN operations AS o ON o.author = a.number "
            f"WHERE a.campaign = {_CAMPAIGN} AND a.id = ? AND o.seq = ? ORDER BY o.row",
            (campaign, author, seq),
        )
        return [operation for (operation,) in rows]

    def frontier(self, campaign: CampaignId) -> dict[AuthorId, tuple[int, OperationId]]:
        rows = self._database.rows(
            "SELECT a.id, o.seq, o.id FROM authors AS a JOIN operations AS o ON o.author = a.number "
            f"WHERE a.campaign = {_CAMPAIGN} "
            "AND o.seq = (SELECT max(seq) FROM operations WHERE author = a.number) ORDER BY a.number, o.row",
            (campaign,),
        )
        return {author: (seq, operation) for author, seq, operation in rows}  # the last of a place wins

    def after(
        self,
        campaign: CampaignId,
        frontier: Mapping[AuthorId, int],
        *,
        row: int,
        operations_max: int,
        bytes_max: int,
    ) -> tuple[list[bytes], int]:
        assert operations_max > 0
        assert bytes_max > 0
        wanted = self._wanted(campaign, frontier, row, operations_max)
        found: list[bytes] = []
        room_bytes = bytes_max
        for at, encoded in self._database.first_rows(
            "SELECT o.row, o.encoded FROM json_each(?) AS w CROSS JOIN operations AS o ON o.row = w.value",
            (str(wanted.tolist()),),
        ):
            room_bytes -= len(encoded)
            if room_bytes < 0 and found:
                break
            found.append(encoded)
            row = at
        return found, row

    def unopened(self, campaign: CampaignId, epoch: EpochId) -> Sequence[bytes]:
        rows = self._database.rows(
            "SELECT o.encoded FROM epochs AS e JOIN operations AS o ON o.epoch = e.number AND o.opened = 0 "
            f"WHERE e.campaign = {_CAMPAIGN} AND e.id = ? ORDER BY o.row",
            (campaign, epoch),
        )
        return [encoded for (encoded,) in rows]

    def unopened_counts(self, campaign: CampaignId) -> dict[EpochId, int]:
        rows = self._database.rows(
            "SELECT e.id, count(*) FROM epochs AS e "
            "JOIN operations AS o ON o.epoch = e.number AND o.opened = 0 "
            f"WHERE e.campaign = {_CAMPAIGN} GROUP BY e.number ORDER BY e.number",
            (campaign,),
        )
        return dict(rows)

    def bodies(self, campaign: CampaignId, kinds: Collection[int], about: bytes = b"") -> Sequence[BodyRow]:
        rows = self._database.rows(
            "SELECT o.id, a.id, o.seq, o.depth, o.context, o.kind, b.body FROM json_each(?) AS w "
            "CROSS JOIN bodies AS b INDEXED BY bodies_by_statement "
            f"ON b.campaign = {_CAMPAIGN} AND b.about = ? AND b.kind = w.value "
            "JOIN operations AS o ON o.row = b.row JOIN authors AS a ON a.number = o.author ORDER BY b.row",
            (json.dumps(sorted(kinds)), campaign, about),
        )
        return [
            BodyRow(id=id_, author=author, seq=seq, depth=depth, context=context, kind=kind, body=body)
            for id_, author, seq, depth, context, kind, body in rows
        ]

    def body_counts(self, campaign: CampaignId) -> dict[tuple[bytes, int], int]:
        rows = self._database.rows(
            f"SELECT about, kind, count(*) FROM bodies WHERE campaign = {_CAMPAIGN} GROUP BY about, kind",
            (campaign,),
        )
        return {(about, kind): count for about, kind, count in rows}

    def find(self, campaign: CampaignId | None, asked: Question, *, before: int | None, limit: int) -> Finds:
        return self._finding.find(campaign, asked, before=before, limit=limit)

    def unindexed(self) -> tuple[int, int]:
        return self._finding.left()

    def row_before(self, campaign: CampaignId, at_ms: int) -> int:
        return self._count(
            "SELECT coalesce(max(m.row), 0) FROM messages AS m JOIN channels AS c ON c.number = m.channel "
            f"WHERE c.campaign = {_CAMPAIGN} AND m.received_ms < ?",
            (campaign, at_ms),
        )

    def operation_count(self, campaign: CampaignId, author: AuthorId | None = None) -> int:
        count = (
            "SELECT count(*) FROM authors AS a JOIN operations AS o ON o.author = a.number "
            f"WHERE a.campaign = {_CAMPAIGN}"
        )
        if author is None:
            return self._count(count, (campaign,))
        return self._count(f"{count} AND a.id = ?", (campaign, author))

    def _count(self, sql: str, parameters: Sequence[object]) -> int:
        found = self._database.row(sql, parameters)
        assert found is not None
        return int(found[0])

    def _wanted(
        self, campaign: CampaignId, frontier: Mapping[AuthorId, int], row: int, operations_max: int
    ) -> array[int]:
        # Operations are only ever appended, so a plan stays right up to its last row; one that could fill
        # this page needs no second look for what has arrived since.
        key = (campaign, frozenset(frontier.items()))
        plan = self._plans.pop(key, None)
        begin = bisect_right(plan.rows, row) if plan else 0
        if plan is None or row < plan.start or len(plan.rows) - begin < operations_max:
            rows_max = max(PLAN_ROWS_MAX, operations_max)
            plan = _Plan(start=row, rows=array("q", self._behind(campaign, frontier, row, rows_max)))
            begin = 0
        if begin + operations_max < len(plan.rows):
            self._plans[key] = plan
            if len(self._plans) > PLANS_MAX:
                self._plans.popitem(last=False)
        return plan.rows[begin : begin + operations_max]

    def _behind(
        self, campaign: CampaignId, frontier: Mapping[AuthorId, int], row: int, rows_max: int
    ) -> list[int]:
        behind = []
        for number, author, seq in self._database.rows(
            "SELECT a.number, a.id, (SELECT max(seq) FROM operations WHERE author = a.number) "
            f"FROM authors AS a WHERE a.campaign = {_CAMPAIGN}",
            (campaign,),
        ):
            held = frontier.get(author, -1)
            if seq is not None and seq > held:
                behind.append((number, held))
        if not behind:
            return []
        # Answered from the index on (author, seq), which ends in the row: no operation is read.
        rows = self._database.rows(
            "SELECT o.row FROM json_each(?) AS w CROSS JOIN operations AS o INDEXED BY operations_by_log "
            "ON o.author = json_extract(w.value, '$[0]') AND o.seq > json_extract(w.value, '$[1]') "
            "WHERE o.row > ? ORDER BY o.row LIMIT ?",
            (json.dumps(behind), row, rows_max),
        )
        return [found for (found,) in rows]


def _behind_all(prefix: bytes) -> bytes | None:
    """The least key that is greater than every key with this prefix; None where there is none."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None
