"""Writes operations, opened bodies and messages, and erases talk and campaigns.

Law: rows of operations are numbered upwards and never twice while the store is open, so that a place in
the order of insertion stays a place. Bodies and messages belong to an operation that is held.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from meshcoal.ids import OperationId
from meshcoal.log.changes import (
    BlankMessage,
    EraseMessages,
    MarkOpened,
    PutBody,
    PutMark,
    PutMessage,
    PutOperation,
)
from meshcoal.store.database import Database, Row
from meshcoal.store.erasing import Erasing
from meshcoal.store.finding import Finding
from meshcoal.store.names import Names

_INSERT_OPERATION: Final = "INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_BODY: Final = (
    "INSERT INTO bodies VALUES (?, ?, ?, ?, ?) ON CONFLICT (row) DO UPDATE SET "
    "campaign = excluded.campaign, kind = excluded.kind, about = excluded.about, body = excluded.body"
)
_INSERT_MESSAGE: Final = (
    "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (row) DO UPDATE SET channel = excluded.channel, depth = excluded.depth, "
    "at_ms = excluded.at_ms, received_ms = excluded.received_ms, reply_to = excluded.reply_to, "
    "thread = excluded.thread, mentions = excluded.mentions, bearing = excluded.bearing, text = excluded.text"
)
_INSERT_MARK: Final = "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CHANNELS: Final = (
    "(SELECT number FROM channels WHERE campaign = (SELECT number FROM campaigns WHERE id = ?))"
)


class Operations:
    """The writing half of the log's tables. Call inside a transaction; after one is undone, `forget`."""

    def __init__(self, database: Database, names: Names, erasing: Erasing, finding: Finding) -> None:
        self._database = database
        self._names = names
        self._erasing = erasing
        self._finding = finding
        # Above what is named as well: what stands below is looked for in the tree alone.
        found = database.row(
            "SELECT max(coalesce((SELECT max(row) FROM operations), 0), "
            "coalesce((SELECT max(row) FROM named), 0))"
        )
        assert found is not None
        self._row_next: int = found[0] + 1
        self._row_first = self._row_next  # of this transaction
        self._campaigns: dict[bytes, int] = {}
        # By campaign and id: what it is numbered as.
        self._authors: dict[tuple[bytes, bytes], int] = {}
        self._epochs: dict[tuple[bytes, bytes], int] = {}
        self._channels: dict[tuple[bytes, bytes], int] = {}
        self._said: dict[int, int] = {}  # of this transaction: the channels of its messages, by row
        self._tops: dict[int, int] = {}

    def forget(self) -> None:
        """Drops what was learnt in a transaction that was undone, or of campaigns that were erased."""
        for numbers in (self._authors, self._epochs, self._channels):
            numbers.clear()
        self._campaigns.clear()
        self._said.clear()
        self._tops.clear()
        self._row_first = self._row_next

    def settle(self) -> None:
        """The transaction is committed: lets go of what only it needed."""
        self._said.clear()
        self._row_first = self._row_next

    def put(self, changes: Sequence[PutOperation]) -> None:
        """Appends operations in the order given. An operation that is held already is a bug."""
        self._erasing.make_way([change.id for change in changes])
        rows: list[Row] = []
        for change in changes:
            campaign = change.campaign
            author = self._authors.get((campaign, change.author)) or self._number(
                self._authors, "authors", campaign, change.author
            )
            epoch = self._epochs.get((campaign, change.epoch)) or self._number(
                self._epochs, "epochs", campaign, change.epoch
            )
            if change.seq > self._top(author):
                self._tops[author] = change.seq
            else:
                assert self._names.row(change.id) is None, "the operation is held already"
            row = self._row_next
            self._row_next = row + 1
            self._names.add(change.id, row)
            rows.append(
                (
                    row,
                    author,
                    change.seq,
                    change.depth,
                    change.context,
                    change.kind,
                    epoch,
                    change.opened,
                    change.id,
                    change.encoded,
                )
            )
        self._database.write_many(_INSERT_OPERATION, rows)

    def _top(self, author: int) -> int:
        """The highest place held of an author's log: what stands above it is not held."""
        top = self._tops.get(author)
        if top is None:
            found = self._database.row(
                "SELECT coalesce(max(seq), -1) FROM operations WHERE author = ?", (author,)
            )
            assert found is not None
            top = self._tops[author] = int(found[0])
        return top

    def mark_opened(self, change: MarkOpened) -> None:
        changed = self._database.write(
            "UPDATE operations SET opened = 1 WHERE row = ?", (self._names.row(change.id),)
        )
        assert changed == 1, "only an operation that is held is opened"

    def put_bodies(self, changes: Sequence[PutBody]) -> None:
        rows: list[Row] = [
            (
                self._row(change.id),
                self._campaign(change.campaign),
                int(change.kind),
                change.about,
                change.body,
            )
            for change in changes
        ]
        self._database.write_many(_INSERT_BODY, rows)
        self._finding.note([row for row, *_ in rows])

    def put_messages(self, changes: Sequence[PutMessage]) -> None:
        rows: list[Row] = []
        more: dict[int, int] = {}  # messages of each channel
        for change in changes:
            campaign = change.campaign
            row = self._row(change.id)
            channel = self._channels.get((campaign, change.channel)) or self._number(
                self._channels, "channels", campaign, change.channel
            )
            before = self._channel_of(row)
            if before is not None:
                more[before] = more.get(before, 0) - 1
            more[channel] = more.get(channel, 0) + 1
            self._said[row] = channel
            rows.append(
                (
                    row,
                    channel,
                    change.depth,
                    change.at_ms,
                    change.received_ms,
                    change.reply_to,
                    change.thread,
                    change.mentions,
                    change.bearing,
                    change.text,
                )
            )
        self._database.write_many(_INSERT_MESSAGE, rows)
        self._finding.note([row for row, *_ in rows])
        self._count_messages(more)

    def put_mark(self, change: PutMark) -> None:
        campaign = change.campaign
        channel = self._number(self._channels, "channels", campaign, change.channel)
        row: Row = (
            self._row(change.id),
            channel,
            change.depth,
            change.at_ms,
            change.received_ms,
            change.act,
            change.about,
            change.mentions,
            change.text,
        )
        self._database.write(_INSERT_MARK, row)
        self._finding.note([row[0]])

    def blank(self, change: BlankMessage) -> None:
        row = self._row(change.id)
        self._database.write("UPDATE messages SET text = '', mentions = x'' WHERE row = ?", (row,))
        # Of a message alone: whoever names a letter here does not take its files away.
        self._database.write(
            "DELETE FROM attached WHERE row IN (SELECT row FROM messages WHERE row = ?)",
            (row,),
        )
        self._database.write(
            "UPDATE marks SET text = '', mentions = x'' WHERE about = ? AND act = 'edit' AND channel IN "
            "(SELECT c.number FROM channels AS c JOIN authors AS a ON a.campaign = c.campaign "
            "JOIN operations AS o ON o.author = a.number WHERE o.row = ?)",
            (change.id, row),
        )

    def _channel_of(self, row: int) -> int | None:
        """The channel of a message that is there already."""
        if row in self._said or row >= self._row_first:
            return self._said.get(row)
        found = self._database.row("SELECT channel FROM messages WHERE row = ?", (row,))
        return None if found is None else int(found[0])

    def _count_messages(self, more: dict[int, int]) -> None:
        self._database.write_many(
            "UPDATE channels SET messages = messages + ? WHERE number = ?",
            [(count, channel) for channel, count in more.items()],
        )

    def erase_messages(self, change: EraseMessages) -> None:
        # Tables and conditions are constants. What was attached goes first: it is found by the message.
        going = f"messages WHERE channel IN {_CHANNELS} AND received_ms < ?"
        parameters = (change.campaign, change.before_ms)
        self._database.write(f"DELETE FROM attached WHERE row IN (SELECT row FROM {going})", parameters)  # noqa: S608
        about = f"SELECT o.id FROM operations AS o WHERE o.row IN (SELECT row FROM {going})"  # noqa: S608
        self._database.write(
            f"DELETE FROM marks WHERE about IN ({about}) AND channel IN {_CHANNELS}",  # noqa: S608
            (*parameters, change.campaign),
        )
        late = f"DELETE FROM marks WHERE channel IN {_CHANNELS} AND received_ms < ?"  # noqa: S608
        self._database.write(late, parameters)
        counts = self._database.rows(f"SELECT channel, count(*) FROM {going} GROUP BY channel", parameters)  # noqa: S608
        self._database.write(f"DELETE FROM {going}", parameters)  # noqa: S608
        self._count_messages({channel: -count for channel, count in counts})
        here = "SELECT m.row, m.channel FROM json_each(?) AS w JOIN messages AS m ON m.row = w.value"
        self._said = dict(self._database.rows(here, (json.dumps(sorted(self._said)),)))

    def _row(self, operation: OperationId) -> int:
        row = self._names.row(operation)
        assert row is not None, "a body or message belongs to an operation that is held"
        return row

    def _campaign(self, campaign: bytes) -> int:
        number = self._campaigns.get(campaign)
        if number is None:
            self._database.write("INSERT INTO campaigns (id) VALUES (?) ON CONFLICT DO NOTHING", (campaign,))
            found = self._database.row("SELECT number FROM campaigns WHERE id = ?", (campaign,))
            assert found is not None
            number = self._campaigns[campaign] = int(found[0])
        return number

    def _number(
        self, numbers: dict[tuple[bytes, bytes], int], table: str, campaign: bytes, own: bytes
    ) -> int:
        number = numbers.get((campaign, own))
        if number is None:
            of = self._campaign(campaign)
            # `table` is one of three names written in this file.
            self._database.write(
                f"INSERT INTO {table} (campaign, id) VALUES (?, ?) ON CONFLICT DO NOTHING",  # noqa: S608
                (of, own),
            )
            found = self._database.row(
                f"SELECT number FROM {table} WHERE campaign = ? AND id = ?",  # noqa: S608
                (of, own),
            )
            assert found is not None
            number = numbers[campaign, own] = int(found[0])
        return number
