"""The store's twin for simulations: the same steps and the same reads, over dicts.

Law: whatever `store.store.Store` answers, this answers; tests/contract/test_log_reader.py runs both through
the same changes. It does no I/O, draws no chance, and no answer depends on the order of a set. Being for
tests, it also checks what the real store takes on trust: logs without gaps, and one truth per operation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.log.changes import (
    BlankMessage,
    Change,
    EraseCampaign,
    EraseDocument,
    EraseFile,
    EraseMessages,
    EraseSpooled,
    MarkOpened,
    PutAttached,
    PutBody,
    PutChunk,
    PutDocument,
    PutMark,
    PutMessage,
    PutOperation,
    PutSpooled,
    RenameFile,
)
from meshcoal.log.reader import AttachedRow, BodyRow, LogReader, Place, SpooledRow
from meshcoal.sim.talk_disk import Position, TalkOnDisk
from meshcoal.sim.undoing import pop_from, put_in


@dataclass(slots=True)
class _Log:
    """What is held of one campaign."""

    rows: list[int] = field(default_factory=list)  # ascending; beside `order`
    order: list[OperationId] = field(default_factory=list)
    operations: dict[OperationId, PutOperation] = field(default_factory=dict)
    authors: dict[AuthorId, list[list[OperationId]]] = field(default_factory=dict)  # by seq, then insertion
    unopened: dict[OperationId, EpochId] = field(default_factory=dict)
    bodies: dict[OperationId, PutBody] = field(default_factory=dict)
    messages: dict[OperationId, PutMessage] = field(default_factory=dict)
    timelines: dict[bytes, list[Position]] = field(default_factory=dict)
    marks: dict[OperationId, PutMark] = field(default_factory=dict)

    def copy(self) -> _Log:
        return _Log(
            rows=list(self.rows),
            order=list(self.order),
            operations=dict(self.operations),
            authors={author: [list(ids) for ids in places] for author, places in self.authors.items()},
            unopened=dict(self.unopened),
            bodies=dict(self.bodies),
            messages=dict(self.messages),
            timelines={channel: list(places) for channel, places in self.timelines.items()},
            marks=dict(self.marks),
        )


class MemoryDisk(TalkOnDisk):
    """A disk that keeps steps until they are committed, and can lose the one in progress.

    Has the methods of `store.store.Store`, and is its own `LogReader`.
    """

    def __init__(self, shared: dict[OperationId, bytes] | None = None) -> None:
        """Empty.

        Args:
            shared: encoded operations of all disks of a world: what they hold alike takes its room once.
        """
        self._shared = shared if shared is not None else {}
        self._logs: dict[CampaignId, _Log] = {}
        self._spaces: dict[str, dict[bytes, bytes]] = {}
        self._attached: dict[OperationId, bytes] = {}
        self._files: dict[CampaignId, dict[bytes, dict[int, PutChunk]]] = {}
        self._spool: dict[CampaignId, dict[int, PutSpooled]] = {}
        self._row_next = 1
        self._undo: list[Callable[[], object]] | None = None  # None between steps
        self._afloat: list[Callable[[], object]] = []  # undoes the steps that need not last yet

    def copy(self) -> MemoryDisk:
        """An independent disk with the same content, for trying two futures of one past."""
        assert self._undo is None, "a step is in progress"
        twin = MemoryDisk(self._shared)
        twin._logs = {campaign: log.copy() for campaign, log in self._logs.items()}
        twin._spaces = {space: dict(values) for space, values in self._spaces.items()}
        twin._attached = dict(self._attached)
        twin._files = {
            campaign: {file: dict(places) for file, places in files.items()}
            for campaign, files in self._files.items()
        }
        twin._spool = {campaign: dict(rows) for campaign, rows in self._spool.items()}
        twin._row_next = self._row_next
        return twin

    @property
    def size_bytes(self) -> int:
        """What the content takes, without indexes: operations, what was opened of them, and documents."""
        total = 0
        for log in self._logs.values():
            total += sum(len(held.encoded) for held in log.operations.values())
            total += sum(len(held.body) for held in log.bodies.values())
            total += sum(len(held.text.encode()) for held in log.messages.values())
            total += sum(len(held.text.encode()) for held in log.marks.values())
        for values in self._spaces.values():
            total += sum(len(key) + len(value) for key, value in values.items())
        total += sum(len(encoded) for encoded in self._attached.values())
        total += sum(len(held.packed) for rows in self._spool.values() for held in rows.values())
        for files in self._files.values():
            total += sum(len(held.sealed) for places in files.values() for held in places.values())
        return total

    def crash(self) -> None:
        """The power goes: a step in progress and all behind the last lasting one never happened."""
        self.rollback()
        for act in reversed(self._afloat):
            act()
        self._afloat = []

    # --- Steps

    @property
    def reader(self) -> LogReader:
        return self

    def commit(self, changes: Sequence[Change]) -> None:
        self.begin()
        try:
            self.apply(changes)
        except BaseException:
            self.rollback()
            raise
        self.commit_step()

    def begin(self) -> None:
        assert self._undo is None, "a step is in progress"
        self._undo = []

    def apply(self, changes: Sequence[Change]) -> None:
        undo = self._undo
        assert undo is not None, "changes belong to a step"
        for change in changes:
            match change:
                case PutOperation():
                    self._put_operation(change, undo)
                case MarkOpened():
                    self._mark_opened(change, undo)
                case PutBody():
                    log = self._holding(change.campaign, change.id)
                    put_in(log.bodies, change.id, change, undo)
                case PutMessage():
                    self._put_message(change, undo)
                case PutMark():
                    log = self._holding(change.campaign, change.id)
                    put_in(log.marks, change.id, change, undo)
                case BlankMessage():
                    self._blank(change, undo)
                case PutAttached():
                    of = self._find(change.id)
                    assert of is not None, "attachments belong to what is held"
                    assert change.id in of.messages or change.id in of.bodies, "a message, or a body"
                    put_in(self._attached, change.id, change.encoded, undo)
                case PutChunk():
                    files = self._files.setdefault(change.campaign, {})
                    if change.file not in files:
                        put_in(files, change.file, {}, undo)
                    if change.place not in files[change.file]:
                        put_in(files[change.file], change.place, change, undo)
                case RenameFile():
                    files = self._files[change.campaign]
                    assert change.to not in files, "the name is free"
                    held = files[change.file]
                    pop_from(files, change.file, undo)
                    put_in(files, change.to, held, undo)
                case EraseFile():
                    pop_from(self._files.get(change.campaign, {}), change.file, undo)
                case PutDocument():
                    values = self._spaces.setdefault(change.space, {})
                    put_in(values, change.key, change.value, undo)
                case EraseDocument():
                    pop_from(self._spaces.get(change.space, {}), change.key, undo)
                case PutSpooled():
                    rows = self._spool.setdefault(change.campaign, {})
                    assert change.number not in rows, "a number is given once"
                    put_in(rows, change.number, change, undo)
                case EraseSpooled():
                    pop_from(self._spool.get(change.campaign, {}), change.number, undo)
                case EraseMessages():
                    self._erase_messages(change, undo)
                case EraseCampaign():
                    pop_from(self._logs, change.campaign, undo)
                    pop_from(self._files, change.campaign, undo)
                    pop_from(self._spool, change.campaign, undo)

    def commit_step(self, *, lasting: bool = True, whole: bool = True) -> None:
        assert self._undo is not None, "no step is in progress"
        assert whole or not lasting, "half of something does not last"
        if lasting:
            self._afloat = []
        else:
            self._afloat += self._undo
        self._undo = None

    def rollback(self) -> None:
        for act in reversed(self._undo or ()):
            act()
        self._undo = None

    def close(self) -> None:
        self.rollback()

    # --- Writing

    def _put_operation(self, change: PutOperation, undo: list[Callable[[], object]]) -> None:
        assert self._find(change.id) is None, "the operation is held already"
        if change.campaign not in self._logs:
            put_in(self._logs, change.campaign, _Log(), undo)
        log = self._logs[change.campaign]
        own = log.authors.setdefault(change.author, [])
        assert change.seq <= len(own), "logs are held without gaps"
        if change.seq == len(own):
            own.append([])
            undo.append(own.pop)
        own[change.seq].append(change.id)
        undo.append(own[change.seq].pop)
        log.rows.append(self._row_next)
        undo.append(log.rows.pop)
        self._row_next += 1  # stays so after an undo: a row number is never given twice
        log.order.append(change.id)
        undo.append(log.order.pop)
        known = self._shared.setdefault(change.id, change.encoded)
        if known is not change.encoded and known == change.encoded:
            change = replace(change, encoded=known)
        put_in(log.operations, change.id, change, undo)
        if not change.opened:
            put_in(log.unopened, change.id, change.epoch, undo)

    def _mark_opened(self, change: MarkOpened, undo: list[Callable[[], object]]) -> None:
        log = self._find(change.id)
        assert log is not None, "only an operation that is held is opened"
        pop_from(log.unopened, change.id, undo)

    def _put_message(self, change: PutMessage, undo: list[Callable[[], object]]) -> None:
        log = self._holding(change.campaign, change.id)
        operation = log.operations[change.id]
        for name in ("author", "seq", "depth", "context"):
            same = getattr(change, name) == getattr(operation, name)
            assert same, f"message and operation differ in {name}"
        old = log.messages.get(change.id)
        if old is not None:
            timeline = log.timelines[old.channel]
            position = (old.depth, bytes(old.id))
            timeline.pop(bisect_left(timeline, position))
            undo.append(lambda: insort(timeline, position))
        put_in(log.messages, change.id, change, undo)
        fresh = log.timelines.setdefault(change.channel, [])
        place = (change.depth, bytes(change.id))
        insort(fresh, place)
        undo.append(lambda: fresh.pop(bisect_left(fresh, place)))

    def _blank(self, change: BlankMessage, undo: list[Callable[[], object]]) -> None:
        log = self._find(change.id)
        assert log is not None, "what is taken back is held"
        if change.id in log.messages:
            put_in(log.messages, change.id, replace(log.messages[change.id], text="", mentions=b""), undo)
            pop_from(self._attached, change.id, undo)
        for id_, mark in list(log.marks.items()):
            if mark.about == change.id and mark.act == "edit":
                put_in(log.marks, id_, replace(mark, text="", mentions=b""), undo)

    def _erase_messages(self, change: EraseMessages, undo: list[Callable[[], object]]) -> None:
        log = self._logs.get(change.campaign)
        if log is None:
            return
        going = {id_ for id_, held in log.messages.items() if held.received_ms < change.before_ms}
        for id_, mark in list(log.marks.items()):
            if mark.received_ms < change.before_ms or mark.about in going:
                pop_from(log.marks, id_, undo)
        for id_, held in list(log.messages.items()):
            if id_ in going:
                pop_from(log.messages, id_, undo)
                pop_from(self._attached, id_, undo)
                timeline, place = log.timelines[held.channel], (held.depth, bytes(id_))
                timeline.pop(bisect_left(timeline, place))
                undo.append(partial(insort, timeline, place))

    def _find(self, operation: OperationId) -> _Log | None:
        for log in self._logs.values():
            if operation in log.operations:
                return log
        return None

    def _holding(self, campaign: CampaignId, operation: OperationId) -> _Log:
        log = self._logs.get(campaign)
        assert log is not None, "a body or message belongs to a campaign that is held"
        assert operation in log.operations, "a body or message belongs to an operation that is held"
        return log

    # --- Reading: see `log.reader.LogReader`

    def _talk(self, campaign: CampaignId) -> _Log | None:
        return self._logs.get(campaign)

    def _talks(self) -> Iterable[tuple[CampaignId, _Log]]:
        return self._logs.items()

    def _talk_holding(self, operation: OperationId) -> _Log | None:
        return self._find(operation)

    def document(self, space: str, key: bytes) -> bytes | None:
        return self._spaces.get(space, {}).get(key)

    def documents(self, space: str, prefix: bytes = b"") -> Sequence[tuple[bytes, bytes]]:
        values = self._spaces.get(space, {})
        return [(key, values[key]) for key in sorted(values) if key.startswith(prefix)]

    def operation(self, operation: OperationId) -> bytes | None:
        log = self._find(operation)
        return None if log is None else log.operations[operation].encoded

    def place(self, operation: OperationId) -> Place | None:
        log = self._find(operation)
        if log is None:
            return None
        held = log.operations[operation]
        return Place(author=held.author, seq=held.seq, depth=held.depth, context=held.context)

    def operations_at(self, campaign: CampaignId, author: AuthorId, seq: int) -> Sequence[OperationId]:
        log = self._logs.get(campaign)
        own = log.authors.get(author, []) if log else []
        return list(own[seq]) if 0 <= seq < len(own) else []

    def frontier(self, campaign: CampaignId) -> dict[AuthorId, tuple[int, OperationId]]:
        log = self._logs.get(campaign)
        if log is None:
            return {}
        return {author: (len(own) - 1, own[-1][-1]) for author, own in log.authors.items() if own}

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
        log = self._logs.get(campaign)
        found: list[bytes] = []
        if log is None:
            return found, row
        room_bytes = bytes_max
        for index in range(bisect_right(log.rows, row), len(log.rows)):
            held = log.operations[log.order[index]]
            if held.seq <= frontier.get(held.author, -1):
                continue
            room_bytes -= len(held.encoded)
            if len(found) == operations_max or (room_bytes < 0 and found):
                break
            found.append(held.encoded)
            row = log.rows[index]
        return found, row

    def spooled(self, campaign: CampaignId) -> Sequence[SpooledRow]:
        rows = self._spool.get(campaign, {})
        return [
            SpooledRow(number=number, peer=held.peer, size_bytes=len(held.packed), ends=held.ends)
            for number, held in sorted(rows.items())
        ]

    def spooled_run(self, campaign: CampaignId, number: int) -> bytes | None:
        held = self._spool.get(campaign, {}).get(number)
        return None if held is None else held.packed

    def unopened(self, campaign: CampaignId, epoch: EpochId) -> Sequence[bytes]:
        log = self._logs.get(campaign)
        if log is None or epoch not in log.unopened.values():
            return []
        return [log.operations[id_].encoded for id_ in log.order if log.unopened.get(id_) == epoch]

    def unopened_counts(self, campaign: CampaignId) -> dict[EpochId, int]:
        log = self._logs.get(campaign)
        counts: dict[EpochId, int] = {}
        for epoch in sorted(log.unopened.values()) if log else ():
            counts[epoch] = counts.get(epoch, 0) + 1
        return counts

    def bodies(self, campaign: CampaignId, kinds: Collection[int], about: bytes = b"") -> Sequence[BodyRow]:
        log = self._logs.get(campaign)
        found: list[BodyRow] = []
        if log is None:
            return found
        for id_ in log.order:
            body = log.bodies.get(id_)
            if body is not None and body.kind in kinds and body.about == about:
                held = log.operations[id_]
                found.append(
                    BodyRow(
                        id=id_,
                        author=held.author,
                        seq=held.seq,
                        depth=held.depth,
                        context=held.context,
                        kind=held.kind,
                        body=body.body,
                    )
                )
        return found

    def body_counts(self, campaign: CampaignId) -> dict[tuple[bytes, int], int]:
        log = self._logs.get(campaign)
        counts: dict[tuple[bytes, int], int] = {}
        for body in log.bodies.values() if log is not None else ():
            key = body.about, body.kind
            counts[key] = counts.get(key, 0) + 1
        return counts

    def row_before(self, campaign: CampaignId, at_ms: int) -> int:
        log = self._logs.get(campaign)
        messages = log.messages if log else {}
        rows = zip(log.rows, log.order, strict=True) if log else ()
        before = [row for row, one in rows if one in messages and messages[one].received_ms < at_ms]
        return max(before, default=0)

    def operation_count(self, campaign: CampaignId, author: AuthorId | None = None) -> int:
        log = self._logs.get(campaign)
        if log is None or author is None:
            return len(log.order) if log else 0
        return sum(len(at) for at in log.authors.get(author, ()))

    def attached(self, campaign: CampaignId, *, limit: int | None = None) -> Sequence[AttachedRow]:
        log = self._logs.get(campaign)
        found = [self.attached_to(id_) for id_ in log.order] if log else []
        rows = [row for row in found if row is not None]
        return rows if limit is None else rows[max(0, len(rows) - limit) :]

    def attached_to(self, message: OperationId) -> AttachedRow | None:
        log = self._find(message)
        encoded = self._attached.get(message)
        if log is None or encoded is None:
            return None
        said, body = log.messages.get(message), log.bodies.get(message)
        channel, about = said.channel if said else b"", body.about if body else b""
        return AttachedRow(message=message, channel=channel, encoded=encoded, about=about)

    def chunk(self, campaign: CampaignId, chunk: bytes) -> bytes | None:
        for places in self._files.get(campaign, {}).values():
            for held in places.values():
                if held.id == chunk:
                    return held.sealed
        return None

    def chunk_at(self, campaign: CampaignId, file: bytes, place: int) -> bytes | None:
        held = self._files.get(campaign, {}).get(file, {}).get(place)
        return None if held is None else held.sealed

    def chunk_places(self, campaign: CampaignId, file: bytes) -> Sequence[int]:
        return sorted(self._files.get(campaign, {}).get(file, {}))

    def files(self, campaign: CampaignId) -> Sequence[bytes]:
        return sorted(self._files.get(campaign, {}))
