"""What the simulated disk answers of talk: the twin of `store.talk`.

Law: as `sim.disk`: whatever `store.talk` answers, this answers; the contract tests run both.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from meshcoal.ids import CampaignId, OperationId
from meshcoal.log.changes import PutBody, PutMark, PutMessage, PutOperation
from meshcoal.log.reader import CALLS_ME, OWN, Finds, FoundRow, MarkRow, MessageRow
from meshcoal.text.folding import Question, answers
from meshcoal.wire.said import TEXT_KINDS, text_of

Position = tuple[int, bytes]  # depth and operation id: where a message stands in its timeline


class _TalkLog(Protocol):
    @property
    def messages(self) -> Mapping[OperationId, PutMessage]: ...

    @property
    def timelines(self) -> Mapping[bytes, Sequence[Position]]: ...

    @property
    def rows(self) -> Sequence[int]: ...

    @property
    def order(self) -> Sequence[OperationId]: ...

    @property
    def operations(self) -> Mapping[OperationId, PutOperation]: ...

    @property
    def bodies(self) -> Mapping[OperationId, PutBody]: ...

    @property
    def marks(self) -> Mapping[OperationId, PutMark]: ...


class TalkOnDisk:
    """A part of `log.reader.LogReader`, over dicts."""

    def _talk(self, campaign: CampaignId) -> _TalkLog | None:
        raise NotImplementedError

    def _talks(self) -> Iterable[tuple[CampaignId, _TalkLog]]:
        raise NotImplementedError

    def _talk_holding(self, operation: OperationId) -> _TalkLog | None:
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
        log = self._talk(campaign)
        if log is None:
            return []
        timeline = log.timelines.get(channel, [])
        end = len(timeline) if before is None else bisect_left(timeline, before)
        return [_message(log.messages[OperationId(id_)]) for _, id_ in timeline[max(0, end - limit) : end]]

    def messages_after(
        self, campaign: CampaignId, channel: bytes, *, after: tuple[int, bytes], limit: int
    ) -> Sequence[MessageRow]:
        assert limit > 0
        log = self._talk(campaign)
        if log is None:
            return []
        timeline = log.timelines.get(channel, [])
        start = bisect_right(timeline, after)
        return [_message(log.messages[OperationId(id_)]) for _, id_ in timeline[start : start + limit]]

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
        log = self._talk(campaign)
        found = [one for one in _ordered(log, channel) if root and one.thread == root]
        earlier = [one for one in found if before is None or (one.depth, bytes(one.id)) < before]
        return [_message(one) for one in earlier[-limit:]]

    def thread_counts(self, campaign: CampaignId, roots: Collection[bytes]) -> dict[bytes, int]:
        log = self._talk(campaign)
        counts: dict[bytes, int] = {}
        for one in log.messages.values() if log else ():
            if one.thread and one.thread in roots:
                counts[one.thread] = counts.get(one.thread, 0) + 1
        return dict(sorted(counts.items()))

    def message(self, operation: OperationId) -> MessageRow | None:
        log = self._talk_holding(operation)
        held = log.messages.get(operation) if log else None
        return None if held is None else _message(held)

    def message_count(self, campaign: CampaignId, channel: bytes) -> int:
        log = self._talk(campaign)
        return len(log.timelines.get(channel, [])) if log else 0

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
        unread = self._unread(campaign, channel, after, since_ms)
        return min(limit, sum(not calling or one.bearing == CALLS_ME for one in unread))

    def first_behind(
        self, campaign: CampaignId, channel: bytes, *, after: tuple[int, bytes] | None, since_ms: int
    ) -> OperationId | None:
        unread = self._unread(campaign, channel, after, since_ms)
        return unread[0].id if unread else None

    def calling(
        self,
        campaign: CampaignId,
        channel: bytes,
        *,
        after: tuple[int, bytes] | None,
        since_ms: int,
        limit: int,
    ) -> Sequence[MessageRow]:
        unread = self._unread(campaign, channel, after, since_ms)
        return [_message(one) for one in unread if one.bearing == CALLS_ME][-limit:]

    def _unread(
        self, campaign: CampaignId, channel: bytes, after: tuple[int, bytes] | None, since_ms: int
    ) -> list[PutMessage]:
        return [
            one
            for one in _ordered(self._talk(campaign), channel)
            if one.bearing != OWN
            and (after is None or (one.depth, bytes(one.id)) > after or one.received_ms > since_ms)
        ]

    def marks(self, campaign: CampaignId, messages: Collection[bytes], *, each: int) -> Sequence[MarkRow]:
        log = self._talk(campaign)
        by_author: dict[tuple[bytes, bytes], list[PutMark]] = {}
        for mark in _by_log(log.marks.values() if log else ()):
            if mark.about in messages:
                by_author.setdefault((mark.about, mark.author), []).append(mark)
        return [_mark(one) for one in _by_log(one for marks in by_author.values() for one in marks[-each:])]

    def pins(self, campaign: CampaignId, channel: bytes, *, limit: int) -> Sequence[MarkRow]:
        log = self._talk(campaign)
        found = [
            mark
            for mark in (log.marks.values() if log else ())
            if mark.channel == channel and mark.act in ("pin", "unpin")
        ]
        return [_mark(one) for one in sorted(found, key=lambda one: (one.depth, one.id))[-limit:]]

    def find(self, campaign: CampaignId | None, asked: Question, *, before: int | None, limit: int) -> Finds:
        found: list[FoundRow] = []
        for one in sorted(self._readable(), key=lambda one: (-one.row, one.text)):
            if before is not None and one.row >= before:
                continue
            if (campaign is None or one.campaign == campaign) and answers(one.text, asked):
                found.append(one)
            if len(found) == limit:
                return Finds(rows=tuple(found), before=one.row)
        return Finds(rows=tuple(found), before=None)

    def unindexed(self) -> tuple[int, int]:
        return 0, sum(len(log.rows) for _, log in self._talks())

    def _readable(self) -> Iterator[FoundRow]:
        for campaign, log in self._talks():
            for row, one in zip(log.rows, log.order, strict=True):
                kind = log.operations[one].kind
                said, mark, body = log.messages.get(one), log.marks.get(one), log.bodies.get(one)
                texts: list[tuple[bytes, str]] = []
                if said is not None:
                    texts.append((said.id, said.text))
                if mark is not None and mark.act == "edit":
                    texts.append((mark.about, mark.text))
                if body is not None and body.kind in TEXT_KINDS:
                    texts.append((body.about, text_of(body.kind, body.body)))
                for about, text in texts:
                    yield FoundRow(row=row, id=one, campaign=campaign, kind=kind, about=about, text=text)

    def oldest_message_ms(self, campaign: CampaignId) -> int | None:
        log = self._talk(campaign)
        if log is None:
            return None
        times = [held.received_ms for held in log.messages.values()]
        times += [held.received_ms for held in log.marks.values()]
        return min(times, default=None)


def _by_log(marks: Iterable[PutMark]) -> list[PutMark]:
    return sorted(marks, key=lambda one: (one.seq, one.id))


def _ordered(log: _TalkLog | None, channel: bytes) -> list[PutMessage]:
    return [log.messages[OperationId(id_)] for _, id_ in log.timelines.get(channel, [])] if log else []


def _message(held: PutMessage) -> MessageRow:
    return MessageRow(
        id=held.id,
        author=held.author,
        seq=held.seq,
        depth=held.depth,
        context=held.context,
        at_ms=held.at_ms,
        text=held.text,
        reply_to=held.reply_to,
        thread=held.thread,
        mentions=held.mentions,
        channel=held.channel,
        received_ms=held.received_ms,
        bearing=held.bearing,
    )


def _mark(held: PutMark) -> MarkRow:
    return MarkRow(
        id=held.id,
        author=held.author,
        seq=held.seq,
        depth=held.depth,
        context=held.context,
        at_ms=held.at_ms,
        act=held.act,
        channel=held.channel,
        about=held.about,
        text=held.text,
        mentions=held.mentions,
    )
