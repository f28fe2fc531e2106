"""Finding text again: an index over messages, their editions, comments, letters and cases.

Law: the index lies inside the encrypted store, holds folded words and the rows they stand in, and no text. It
is filled behind, in slices of their own, so that taking in waits for nothing; what is not in it yet is read
through. What it says is a hint: each row is read and compared before it is told, so that what was erased is
found by nobody. Words of what was erased go when the table of messages is written anew: the index is emptied
whole, and filled again behind.

FTS5 has no secure deletion of single rows in a table without content; emptying it clears its pages whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from meshcoal.ids import CampaignId
from meshcoal.log.reader import Finds, FoundRow
from meshcoal.store.database import Database, Row
from meshcoal.text.folding import Question, answers, neighbours, terms
from meshcoal.wire.said import TEXT_KINDS, text_of

SLICE_ROWS: Final = 256  # some 15 ms
_PAGE: Final = 128
_READ_MAX: Final = 4_000  # rows compared for one page of what is found; then the user asks for more

_MESSAGE_COLUMNS: Final = (
    "SELECT o.row, o.id, c.id AS campaign, o.kind, {about} AS about, x.text AS text FROM {table} AS x "
    "CROSS JOIN operations AS o ON o.row = x.row CROSS JOIN channels AS h ON h.number = x.channel "
    "CROSS JOIN campaigns AS c ON c.number = h.campaign"
)
_SAID: Final = _MESSAGE_COLUMNS.format(about="o.id", table="messages")
_EDITED: Final = _MESSAGE_COLUMNS.format(about="x.about", table="marks")
_WRITTEN: Final = (
    "SELECT o.row, o.id, c.id AS campaign, o.kind, x.about AS about, x.body AS text FROM bodies AS x "
    "CROSS JOIN operations AS o ON o.row = x.row CROSS JOIN campaigns AS c ON c.number = x.campaign"
)
_KINDS: Final = ", ".join(str(int(kind)) for kind in sorted(TEXT_KINDS))
_EDIT: Final = "x.act = 'edit'"


class Finding:
    """The index of one store. `note` belongs into a step; `slice` is a step of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._to = 0
        self.reload()

    def reload(self) -> None:
        """What the file says: the store was opened, a step undone, or the index emptied."""
        found = self._database.row("SELECT max(row) FROM found_to")
        self._to = int(found[0] or 0) if found else 0

    def note(self, rows: Sequence[int]) -> None:
        """In a step: these rows can be read now. Those that were passed already are noted for later."""
        late = [(row,) for row in rows if row <= self._to]
        if late:
            self._database.write_many("INSERT OR IGNORE INTO found_late VALUES (?)", late)

    def slice(self) -> bool:
        """Fill a part of what is left into the index. Whether more is left."""
        late = [row for (row,) in self._database.rows("SELECT row FROM found_late LIMIT ?", (SLICE_ROWS,))]
        upto = self._database.row(
            "SELECT max(row), count(*) FROM (SELECT row FROM operations WHERE row > ? ORDER BY row LIMIT ?)",
            (self._to, SLICE_ROWS),
        )
        assert upto is not None
        last, count = upto[0], int(upto[1])
        if not late and last is None:
            return False
        self._database.begin()
        rows = [one for row in late for one in self._readable(row, row)]
        if last is not None:
            rows += self._readable(self._to + 1, last)
            self._database.write("DELETE FROM found_to")
            self._database.write("INSERT INTO found_to VALUES (?)", (last,))
        words = [(found.row, " ".join(terms(found.text))) for found in rows]
        self._database.write_many(
            "INSERT INTO found (rowid, terms) VALUES (?, ?)", [one for one in words if one[1]]
        )
        self._database.write_many("DELETE FROM found_late WHERE row = ?", [(row,) for row in late])
        self._database.commit(lasting=False)
        self._to = last if last is not None else self._to
        return count == SLICE_ROWS or len(late) == SLICE_ROWS

    def _readable(self, first: int, last: int) -> list[FoundRow]:
        """What can be read in these rows, whether anything is looked for in it or not."""
        between = "x.row BETWEEN ? AND ? AND typeof(c.id) = 'blob'"  # else it is being erased
        said = self._database.rows(f"{_SAID} WHERE {between}", (first, last))
        edited = self._database.rows(f"{_EDITED} WHERE {between} AND {_EDIT}", (first, last))
        written = self._database.rows(f"{_WRITTEN} WHERE {between} AND x.kind IN ({_KINDS})", (first, last))
        return [*map(_found, (*said, *edited)), *map(_found_written, written)]

    # --- Reading

    def find(self, campaign: CampaignId | None, asked: Question, *, before: int | None, limit: int) -> Finds:
        """Newest first, as `log.reader.LogReader.find` says."""
        found: list[FoundRow] = []
        for read, one in enumerate(self._candidates(asked, before), 1):
            if (campaign is None or one.campaign == campaign) and answers(one.text, asked):
                found.append(one)
            if len(found) == limit or read == _READ_MAX:
                return Finds(rows=tuple(found), before=one.row)
        return Finds(rows=tuple(found), before=None)

    def left(self) -> tuple[int, int]:
        """How many rows are to be filled in, and of how many."""
        found = self._database.row(
            "SELECT (SELECT count(*) FROM operations WHERE row > ?), (SELECT count(*) FROM operations)",
            (self._to,),
        )
        assert found is not None
        return int(found[0]), int(found[1])

    def _candidates(self, asked: Question, before: int | None) -> Iterator[FoundRow]:
        """Rows that may answer, newest first: what is not in the index yet, then what the index names."""
        end = 2**62 if before is None else before
        while end > self._to + 1:
            rows = self._database.rows(
                "SELECT row FROM operations WHERE row > ? AND row < ? ORDER BY row DESC LIMIT ?",
                (self._to, end, _PAGE),
            )
            if not rows:
                break
            first, last = rows[-1][0], rows[0][0]
            yield from sorted(self._readable(first, last), key=lambda one: -one.row)
            end = first
        end = min(end, self._to + 1)
        late = [row for (row,) in self._database.rows("SELECT row FROM found_late WHERE row < ?", (end,))]
        match = _match(asked)
        while match:
            rows = self._database.rows(
                "SELECT rowid FROM found WHERE found MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
                (match, end, _PAGE),
            )
            least = rows[-1][0] if len(rows) == _PAGE else 0
            named = {row for (row,) in rows} | {row for row in late if least <= row < end}
            for row in sorted(named, reverse=True):
                yield from self._readable(row, row)
            if not least:
                break
            end = least

    # --- Emptying


def empty(database: Database) -> None:
    """In a transaction: nothing is in the index any more, and its pages are wiped."""
    database.write("INSERT INTO found (found) VALUES ('delete-all')")
    database.write("DELETE FROM found_to")
    database.write("DELETE FROM found_late")


def _match(asked: Question) -> str:
    """As FTS5 wants it: terms hold letters, digits and marks only, so that nothing needs escaping."""
    parts = [f'"{word}"*' for word in asked.words]
    for run in asked.runs:
        pairs = neighbours(run)
        parts += [f'"{pair}"' for pair in pairs[:-1]] or [f'"{pairs[0]}"*']
    return " AND ".join(parts)


def _found(row: Row) -> FoundRow:
    number, identifier, campaign, kind, about, text = row
    return FoundRow(row=number, id=identifier, campaign=campaign, kind=kind, about=about, text=text)


def _found_written(row: Row) -> FoundRow:
    number, identifier, campaign, kind, about, body = row
    return FoundRow(
        row=number, id=identifier, campaign=campaign, kind=kind, about=about, text=text_of(kind, body)
    )
