"""What the core reads of talk, over SQLite: timelines, threads, what was done about messages.

Law: as `store.reader`: a page costs what it shows, however long the channel is. Counting unread messages
walks over an index, and reads none of them but those that came late to an old place.
"""

# ruff: noqa: S608 - SQL is put together from constants of this file only

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Final

from meshcoal.ids import CampaignId, OperationId
from meshcoal.log.reader import CALLS_ME, OWN, MarkRow, MessageRow
from meshcoal.store.database import Database, Row

_CAMPAIGN: Final = "(SELECT number FROM campaigns WHERE id = ?)"
_CHANNEL: Final = (
    "(SELECT channels.number FROM channels JOIN campaigns ON campaigns.number = channels.campaign "
    "WHERE campaigns.id = ? AND channels.id = ?)"
)
_CHANNELS: Final = f"(SELECT number FROM channels WHERE campaign = {_CAMPAIGN})"
_MESSAGE: Final = (
    "SELECT o.id, a.id, o.seq, m.depth, o.context, m.at_ms, m.text, m.reply_to, m.thread, m.mentions, "
    "(SELECT id FROM channels WHERE number = m.channel), m.received_ms, m.bearing "
    "FROM messages AS m CROSS JOIN operations AS o ON o.row = m.row "
    "CROSS JOIN authors AS a ON a.number = o.author"
)
_MARK: Final = (
    "o.id, a.id AS author, o.seq, k.depth, o.context, k.at_ms, k.act, "
    "(SELECT id FROM channels WHERE number = k.channel), k.about, k.text, k.mentions"
)
_OF_MARK: Final = "CROSS JOIN operations AS o ON o.row = k.row CROSS JOIN authors AS a ON a.number = o.author"
_NEWEST_FIRST: Final = "ORDER BY m.depth DESC, o.id DESC LIMIT ?"


class TalkReader:
    """A part of `log.reader.LogReader`."""

    _database: Database

    def _row(self, operation: OperationId) -> int | None:
        """The row of an operation that is held: `store.reader` knows."""
        raise NotImplementedError

    def _count(self, sql: str, parameters: Sequence[object]) -> int:
        raise NotImplementedError

    def messages(
        self,
        campaign: CampaignId,
        channel: bytes,
        *,
        before: tuple[int, bytes] | None,
        limit: int,
    ) -> Sequence[MessageRow]:
        assert limit > 0
        where = f"WHERE m.channel = {_CHANNEL}"
        if before is None:
            rows = self._database.rows(f"{_MESSAGE} {where} {_NEWEST_FIRST}", (campaign, channel, limit))
        else:
            rows = self._database.rows(
                # The depth once more, for the index; ties of one depth are few, and told apart by ids.
                f"{_MESSAGE} {where} AND m.depth <= ? AND (m.depth, o.id) < (?, ?) {_NEWEST_FIRST}",
                (campaign, channel, before[0], *before, limit),
            )
        return [_message(found) for found in reversed(rows)]

    def messages_after(
        self, campaign: CampaignId, channel: bytes, *, after: tuple[int, bytes], limit: int
    ) -> Sequence[MessageRow]:
        assert limit > 0
        rows = self._database.rows(
            f"{_MESSAGE} WHERE m.channel = {_CHANNEL} AND m.depth >= ? AND (m.depth, o.id) > (?, ?) "
            "ORDER BY m.depth, o.id LIMIT ?",
            (campaign, channel, after[0], *after, limit),
        )
        return [_message(found) for found in rows]

    def thread(
        self,
        campaign: CampaignId,
        channel: bytes,
        root: bytes,
        *,
        before: tuple[int, bytes] | None,
        limit: int,
    ) -> Sequence[MessageRow]:
        assert limit > 0
        depth, operation = before or (2**62, b"")
        rows = self._database.rows(
            f"{_MESSAGE} WHERE m.thread = ? AND m.thread <> x'' AND m.channel = {_CHANNEL} "
            f"AND (m.depth, o.id) < (?, ?) {_NEWEST_FIRST}",
            (root, campaign, channel, depth, operation, limit),
        )
        return [_message(found) for found in reversed(rows)]

    def thread_counts(self, campaign: CampaignId, roots: Collection[bytes]) -> dict[bytes, int]:
        rows = self._database.rows(
            "SELECT m.thread, count(*) FROM json_each(?) AS w "
            "JOIN messages AS m ON m.thread = unhex(w.value) AND m.thread <> x'' "
            f"WHERE m.channel IN {_CHANNELS} GROUP BY m.thread ORDER BY m.thread",
            (_hexed(roots), campaign),
        )
        return dict(rows)

    def message(self, operation: OperationId) -> MessageRow | None:
        found = self._database.row(f"{_MESSAGE} WHERE m.row = ?", (self._row(operation),))
        return None if found is None else _message(found)

    def message_count(self, campaign: CampaignId, channel: bytes) -> int:
        counted = f"SELECT coalesce(sum(messages), 0) FROM channels WHERE number = {_CHANNEL}"
        return self._count(counted, (campaign, channel))

    def messages_behind(
        self,
        campaign: CampaignId,
        channel: bytes,
        *,
        after: tuple[int, bytes] | None,
        since_ms: int,
        limit: int,
        calling: bool = False,
    ) -> int:
        behind, parameters = _joined(_behind(campaign, channel, after, since_ms, "1", calling=calling))
        return self._count(f"SELECT count(*) FROM ({behind} LIMIT ?)", (*parameters, limit))

    def first_behind(
        self, campaign: CampaignId, channel: bytes, *, after: tuple[int, bytes] | None, since_ms: int
    ) -> OperationId | None:
        parts = _behind(campaign, channel, after, since_ms, "m.depth AS depth", calling=False)
        # Each part for itself: the least depth of those behind stands first in the index.
        firsts = [self._database.rows(f"{query} ORDER BY depth LIMIT 1", values) for query, values in parts]
        depths = [rows[0][0] for rows in firsts if rows]
        if not depths:
            return None
        beside, values = _joined(
            _behind(campaign, channel, after, since_ms, "m.row AS row", calling=False),
            "AND m.depth = ?",
            min(depths),
        )
        rows = self._database.rows(
            f"SELECT o.id FROM ({beside}) AS f JOIN operations AS o ON o.row = f.row ORDER BY o.id LIMIT 1",
            values,
        )
        return OperationId(rows[0][0])

    def calling(
        self,
        campaign: CampaignId,
        channel: bytes,
        *,
        after: tuple[int, bytes] | None,
        since_ms: int,
        limit: int,
    ) -> Sequence[MessageRow]:
        found, parameters = _joined(_behind(campaign, channel, after, since_ms, "m.row AS row", calling=True))
        rows = self._database.rows(
            f"{_MESSAGE} WHERE m.row IN (SELECT row FROM ({found})) {_NEWEST_FIRST}", (*parameters, limit)
        )
        return [_message(row) for row in reversed(rows)]

    def marks(self, campaign: CampaignId, messages: Collection[bytes], *, each: int) -> Sequence[MarkRow]:
        rows = self._database.rows(
            f"SELECT * FROM (SELECT {_MARK}, row_number() OVER "
            "(PARTITION BY k.about, o.author ORDER BY o.seq DESC, o.id DESC) AS nth "
            f"FROM json_each(?) AS w CROSS JOIN marks AS k ON k.about = unhex(w.value) {_OF_MARK} "
            f"WHERE k.channel IN {_CHANNELS}) WHERE nth <= ? ORDER BY seq, id",
            (_hexed(messages), campaign, each),
        )
        return [_mark(row[:-1]) for row in rows]

    def pins(self, campaign: CampaignId, channel: bytes, *, limit: int) -> Sequence[MarkRow]:
        rows = self._database.rows(
            f"SELECT {_MARK} FROM marks AS k {_OF_MARK} WHERE k.channel = {_CHANNEL} "
            "AND k.act IN ('pin', 'unpin') ORDER BY k.depth DESC, o.id DESC LIMIT ?",
            (campaign, channel, limit),
        )
        return [_mark(row) for row in reversed(rows)]

    def oldest_message_ms(self, campaign: CampaignId) -> int | None:
        # Two looks into indexes for each channel.
        found = self._database.row(
            "SELECT min(min(coalesce((SELECT min(m.received_ms) FROM messages AS m "
            "WHERE m.channel = c.number), ?), coalesce((SELECT min(k.received_ms) FROM marks AS k "
            f"WHERE k.channel = c.number), ?))) FROM channels AS c WHERE c.campaign = {_CAMPAIGN}",
            (_NEVER, _NEVER, campaign),
        )
        assert found is not None
        return None if found[0] is None or found[0] == _NEVER else int(found[0])


_NEVER: Final = 2**62
_Part = tuple[str, tuple[object, ...]]


def _behind(
    campaign: CampaignId,
    channel: bytes,
    after: tuple[int, bytes] | None,
    since_ms: int,
    columns: str,
    *,
    calling: bool,
) -> list[_Part]:
    """Queries for the messages of others that were not read here: no message is in two of them."""
    which = f"m.channel = {_CHANNEL} AND " + (f"m.bearing = {CALLS_ME}" if calling else f"m.bearing <> {OWN}")
    plain = f"SELECT {columns} FROM messages AS m WHERE {which}"
    if after is None:
        return [(plain, (campaign, channel))]
    joined = f"SELECT {columns} FROM messages AS m CROSS JOIN operations AS o ON o.row = m.row WHERE {which}"
    depth, operation = after
    return [
        (f"{plain} AND m.depth > ?", (campaign, channel, depth)),
        (f"{joined} AND m.depth = ? AND o.id > ?", (campaign, channel, depth, operation)),
        (
            f"{joined} AND m.received_ms > ? AND (m.depth, o.id) <= (?, ?)",
            (campaign, channel, since_ms, depth, operation),
        ),
    ]


def _joined(parts: list[_Part], condition: str = "", *values: object) -> _Part:
    """All of them in one query, each with a further condition."""
    query = " UNION ALL ".join([f"{query} {condition}" for query, _ in parts])
    return query, tuple([one for _, own in parts for one in (*own, *values)])


def _hexed(ids: Collection[bytes]) -> str:
    return json.dumps(sorted([one.hex() for one in ids]))


def _message(found: Row) -> MessageRow:
    (
        id_,
        author,
        seq,
        depth,
        context,
        at_ms,
        text,
        reply_to,
        thread,
        mentions,
        channel,
        received_ms,
        bearing,
    ) = found
    return MessageRow(
        id=id_,
        author=author,
        seq=seq,
        depth=depth,
        context=context,
        at_ms=at_ms,
        text=text,
        reply_to=reply_to,
        thread=thread,
        mentions=mentions,
        channel=channel,
        received_ms=received_ms,
        bearing=bearing,
    )


def _mark(found: Row) -> MarkRow:
    id_, author, seq, depth, context, at_ms, act, channel, about, text, mentions = found
    return MarkRow(
        id=id_,
        author=author,
        seq=seq,
        depth=depth,
        context=context,
        at_ms=at_ms,
        act=act,
        channel=channel,
        about=about,
        text=text,
        mentions=mentions,
    )
