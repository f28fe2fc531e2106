"""The boards of a campaign at its relays: what was read there, what stands there, what a relay did wrong.

Law: a relay is believed in nothing. What it shows is taken only with the signature of the day's key; what it
took from here it has to show; what members say they saw is compared with what it shows here. Nothing follows
from a relay's fault but that its owner's users are told: everything else comes later, or another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from meshcoal.api.relay_views import RelayFault
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import (
    AUTHORS_MAX,
    BOARD_ITEMS_SHOWN_MAX,
    BOARDS_MAX,
    RELAYS_TOLD_MAX,
    REQUESTS_KEPT_MAX,
    SEQ_MAX,
    SHELF_LIFE_DAYS,
)
from meshcoal.log.reader import LogReader
from meshcoal.node.records import Document, load_all
from meshcoal.node.step import Step
from meshcoal.sync.board import NO_HEAD, POSTER_BYTES, Anchor, Assembly, board_tag, day_of, head_after
from meshcoal.wire import shape
from meshcoal.wire.bodies import HintsBody, OptionalId32
from meshcoal.wire.record import Count, Id32, Items, Range, Size
from meshcoal.wire.relay_text import Relay
from meshcoal.wire.relaying import Head

RELAYS: Final = "relays"
BOARDS: Final = "boards"
COVERS: Final = "relay-covers"
COVERED_FOR_MS: Final = 7 * DAY_MS  # then posted again, for whoever is not known to hold it
LATE_FOR_MS: Final = 7 * DAY_MS  # so long it is said of a relay that it was late
ITEM_AGAIN_MS: Final = HOUR_MS  # before something without a log is posted again because it is lacking
READ_FOR_MS: Final = (SHELF_LIFE_DAYS + 1) * DAY_MS  # a board nobody posts to any more
_HEADS_KEPT_MAX: Final = 4_096  # of one day
_DAYS_KEPT_MAX: Final = 2 * SHELF_LIFE_DAYS
_SHORT_FOR_MS: Final = MINUTE_MS
_SHORT_POLLS: Final = 2
_WORSE: Final = list(RelayFault)

Span = tuple[AuthorId, int, int]  # of an author's log: first and last place


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class RelaysRecord(Document):
    """The relays that a member named last; kept under campaign and author."""

    seq: Count
    relays: Annotated[tuple[Relay, ...], Items(0, RELAYS_TOLD_MAX)]
    board: OptionalId32


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class ReadTo(Document):
    """How far one day's topic was read, and what is known to stand there at least."""

    day: Annotated[int, Range(0, 2**32)]
    serial: Count
    head: Head
    acked: Count  # of mine, the highest that the relay took
    acked_head: Head
    size_bytes: Count  # of what is known to stand there


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class CoveredTo(Document):
    author: Id32
    first: Annotated[int, Range(0, SEQ_MAX)]
    last: Annotated[int, Range(0, SEQ_MAX)]


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class BoardRecord(Document):
    """A board as it is kept, under campaign and tag."""

    relay: Relay
    secret: Id32
    author: Id32  # who named the relay
    poster: Annotated[bytes, Size(POSTER_BYTES)]
    until_ms: Count  # 0: in use
    limits: Annotated[tuple[CoveredTo, ...], Items(0, AUTHORS_MAX)]  # once not
    reads: Annotated[tuple[ReadTo, ...], Items(0, _DAYS_KEPT_MAX)]
    covered: Annotated[tuple[CoveredTo, ...], Items(0, AUTHORS_MAX)]
    covered_ms: Count
    answered_ms: Count
    taken_ms: Count
    fault: RelayFault
    fault_ms: Count
    keeps_back: Count


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class CoverRecord(Document):
    """At what pace this device posts on the boards of a campaign, whatever there is to post."""

    every_ms: Count


@dataclass(slots=True)
class Reading:
    """One day's topic."""

    serial: int = 0
    head: bytes = NO_HEAD
    acked: int = 0
    acked_head: bytes = NO_HEAD
    size_bytes: int = 0
    ends: int = -1  # what the relay said last how far it goes; -1: nothing yet
    heads: dict[int, bytes] = field(default_factory=dict)  # of late
    seen: set[bytes] = field(default_factory=set)  # hashes of envelopes; never iterated
    said: int = 0  # a member says that it goes as far as this
    said_ms: int = 0
    said_polls: int = 0
    done: bool = False  # nobody can write there any more, and it is read

    def begin_again(self) -> None:
        """The relay counts anew: what it shows from now on is read from the beginning."""
        self.serial = self.acked = self.said = 0
        self.head = self.acked_head = NO_HEAD
        self.heads.clear()
        self.seen.clear()

    def go_to(self, serial: int, head: bytes) -> None:
        self.serial, self.head = serial, head
        self.heads[serial] = head
        while len(self.heads) > _HEADS_KEPT_MAX:
            del self.heads[next(iter(self.heads))]


@dataclass(slots=True)
class Request:
    """Somebody said what they hold: what they lack is posted, unless it has been since."""

    holds: Mapping[AuthorId, tuple[int, bytes]]  # seq and mark
    due_ms: int
    posted: dict[AuthorId, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Board:
    """One secret at one relay."""

    relay: Relay
    secret: bytes
    author: AuthorId
    poster: bytes
    until_ms: int = 0
    limits: dict[AuthorId, int] = field(default_factory=dict)
    readings: dict[int, Reading] = field(default_factory=dict)
    covered: dict[AuthorId, tuple[int, int]] = field(default_factory=dict)
    covered_ms: int = 0
    answered_ms: int = 0
    taken_ms: int = 0
    fault: RelayFault = RelayFault.NONE
    fault_ms: int = 0
    keeps_back: int = 0
    assembly: Assembly = field(default_factory=Assembly)
    requests: dict[bytes, Request] = field(default_factory=dict)
    forks: dict[AuthorId, bytes] = field(default_factory=dict)  # marks up to which forked logs were posted
    items: dict[OperationId, None] = field(default_factory=dict)  # without a log, to be posted here
    standing: dict[OperationId, None] = field(default_factory=dict)  # of these, what stands here
    chunks: dict[tuple[bytes, int], int] = field(default_factory=dict)  # of files, to be posted; since when
    chunks_seen: dict[bytes, int] = field(default_factory=dict)  # what stands here, seen when
    told: dict[OperationId, int] = field(default_factory=dict)  # and was posted again, and when
    dirty: bool = False

    @property
    def tag(self) -> bytes:
        return board_tag(self.secret, self.relay.key)

    def reading(self, day: int) -> Reading:
        while len(self.readings) > _DAYS_KEPT_MAX - 1:
            del self.readings[min(self.readings)]
        return self.readings.setdefault(day, Reading())

    def days(self, now_ms: int, shelf_days: int) -> Iterator[int]:
        """Whose topics are to be asked for, newest first: today, and what is not read to its end."""
        today = day_of(now_ms)
        if now_ms % DAY_MS >= DAY_MS * 3 // 4:
            yield today + 1  # some clocks are ahead
        for day in range(today, max(-1, today - shelf_days - 1), -1):
            if day not in self.readings or not self.readings[day].done:
                yield day

    # --- What stands there

    def cover(self, author: AuthorId, first: int, last: int, now_ms: int) -> None:
        """A stretch of a log stands on the board."""
        if now_ms - self.covered_ms > COVERED_FOR_MS:
            self.covered.clear()
            self.covered_ms = now_ms
        low, high = self.covered.get(author, (first, last))
        if first <= high + 1 and last >= low - 1:
            self.covered[author] = min(low, first), max(high, last)
        elif first < low and len(self.covered) <= AUTHORS_MAX:
            self.covered[author] = first, last
        for request in self.requests.values():
            low, high = request.posted.get(author, (first, last))
            if first <= high + 1 and last >= low - 1:
                request.posted[author] = min(low, first), max(high, last)
        self.dirty = True

    def lacks(self, author: AuthorId, first: int, top: int, now_ms: int) -> int:
        """From which place on a log is to be posted, for somebody who holds it up to before `first`."""
        if now_ms - self.covered_ms > COVERED_FOR_MS:
            return first
        low, high = self.covered.get(author, (0, -1))
        return high + 1 if low <= first <= high + 1 else first

    def show_items(self, names: Iterable[OperationId]) -> None:
        """Things that have no log stand on the board."""
        for name in names:
            self.items.pop(name, None)
            self.standing[name] = None
        while len(self.standing) > BOARD_ITEMS_SHOWN_MAX:
            del self.standing[next(iter(self.standing))]

    def want_items(self, names: Iterable[OperationId]) -> None:
        """These are to be posted, unless they stand here."""
        for name in names:
            if name not in self.standing and not self.until_ms:
                self.items[name] = None

    def lacks_items(self, names: Iterable[OperationId], now_ms: int) -> bool:
        """Somebody who has read all of the board lacks these: post them again, each once an hour at most."""
        any_ = False
        for name in names:
            if now_ms - self.told.get(name, -ITEM_AGAIN_MS) >= ITEM_AGAIN_MS:
                self.told.pop(name, None)
                self.told[name] = now_ms
                self.standing.pop(name, None)
                self.items[name] = None
                any_ = True
        while len(self.told) > BOARD_ITEMS_SHOWN_MAX:
            del self.told[next(iter(self.told))]
        return any_

    def see_chunk(self, chunk: bytes, now_ms: int) -> None:
        """A chunk of a file stands here."""
        self.chunks_seen.pop(chunk, None)
        self.chunks_seen[chunk] = now_ms
        while len(self.chunks_seen) > BOARD_ITEMS_SHOWN_MAX:
            del self.chunks_seen[next(iter(self.chunks_seen))]

    def ask(self, poster: bytes, holds: Mapping[AuthorId, tuple[int, bytes]], due_ms: int) -> None:
        """A member says what they hold."""
        self.requests.pop(poster, None)
        self.requests[poster] = Request(holds=holds, due_ms=due_ms)
        while len(self.requests) > REQUESTS_KEPT_MAX:
            del self.requests[next(iter(self.requests))]

    # --- What the relay does

    def blame(self, fault: RelayFault, now_ms: int, keeps_back: int = 0) -> bool:
        """Something is wrong; whether that is news."""
        self.keeps_back = keeps_back if fault is RelayFault.BEHIND else max(self.keeps_back, keeps_back)
        if fault is self.fault:
            self.fault_ms, self.dirty = now_ms, True
        if _WORSE.index(fault) <= _WORSE.index(self.fault):
            return False
        self.fault, self.fault_ms, self.dirty = fault, now_ms, True
        return True

    def answers(self) -> None:
        """It says something after all."""
        if self.fault is RelayFault.SILENT:
            self.fault, self.fault_ms, self.dirty = RelayFault.NONE, 0, True

    def has_come(self, now_ms: int) -> None:
        """What was late has come: that it was is remembered for a while."""
        if self.fault is RelayFault.BEHIND:
            self.dirty = self.dirty or self.keeps_back > 0
            self.keeps_back = 0
            if now_ms - self.fault_ms > LATE_FOR_MS:
                self.fault, self.fault_ms, self.dirty = RelayFault.NONE, 0, True

    def acked(self, day: int, serial: int, head: bytes, hashed: bytes) -> bool:
        """The relay took an envelope of mine; False: where it showed another one before."""
        reading = self.reading(day)
        fits = reading.heads.get(serial, head) == head and serial != reading.acked
        if not fits:
            reading.begin_again()
        if serial > reading.acked:
            reading.acked, reading.acked_head = serial, head
        if serial == reading.serial + 1 and head_after(reading.head, hashed) == head:
            reading.seen.add(hashed)
            reading.go_to(serial, head)
        self.dirty = True
        return fits

    def anchors(self) -> Iterator[Anchor]:
        """The last that it took of mine."""
        days = [day for day, reading in self.readings.items() if reading.acked]
        if days:
            day = max(days)
            reading = self.readings[day]
            yield Anchor(board=self.tag, day=day, serial=reading.acked, head=reading.acked_head)

    def compare(self, anchor: Anchor, now_ms: int) -> bool:
        """A member says what it acknowledged to them; False: it shows something else here."""
        reading = self.reading(anchor.day)
        known = reading.heads.get(anchor.serial)
        if known is not None and known != anchor.head:
            return False
        if anchor.serial > max(reading.serial, reading.said):
            reading.said, reading.said_ms, reading.said_polls = anchor.serial, now_ms, 0
        return True

    def short(self, now_ms: int) -> int:
        """How many envelopes it should show and does not, although it was asked several times."""
        return sum(
            reading.said - reading.serial
            for reading in self.readings.values()
            if reading.said > reading.serial
            and reading.said_polls >= _SHORT_POLLS
            and now_ms - reading.said_ms >= _SHORT_FOR_MS
        )

    def to_record(self) -> BoardRecord:
        """As it is kept."""
        return BoardRecord(
            relay=self.relay,
            secret=self.secret,
            author=self.author,
            poster=self.poster,
            until_ms=self.until_ms,
            limits=_spans({author: (0, last) for author, last in self.limits.items()}),
            reads=tuple(
                [
                    ReadTo(
                        day=day,
                        serial=one.serial,
                        head=one.head,
                        acked=one.acked,
                        acked_head=one.acked_head,
                        size_bytes=one.size_bytes,
                    )
                    for day, one in sorted(self.readings.items())
                    if one.serial or one.acked
                ]
            ),
            covered=_spans(self.covered),
            covered_ms=self.covered_ms,
            answered_ms=self.answered_ms,
            taken_ms=self.taken_ms,
            fault=self.fault,
            fault_ms=self.fault_ms,
            keeps_back=self.keeps_back,
        )

    @classmethod
    def of_record(cls, kept: BoardRecord) -> Board:
        """Inverse of `to_record`."""
        board = cls(
            relay=kept.relay,
            secret=kept.secret,
            author=AuthorId(kept.author),
            poster=kept.poster,
            until_ms=kept.until_ms,
            limits={AuthorId(one.author): one.last for one in kept.limits},
            covered={AuthorId(one.author): (one.first, one.last) for one in kept.covered},
            covered_ms=kept.covered_ms,
            answered_ms=kept.answered_ms,
            taken_ms=kept.taken_ms,
            fault=kept.fault,
            fault_ms=kept.fault_ms,
            keeps_back=kept.keeps_back,
        )
        for one in kept.reads:
            reading = Reading(acked=one.acked, acked_head=one.acked_head, size_bytes=one.size_bytes)
            reading.go_to(one.serial, one.head)
            board.readings[one.day] = reading
        return board


class Boards:
    """All boards of one campaign."""

    def __init__(self, campaign: CampaignId) -> None:
        self._campaign = campaign
        self.told: dict[AuthorId, RelaysRecord] = {}
        self.boards: dict[bytes, Board] = {}
        self.moved = False  # what members told has changed
        self.publish_ms = 0  # when to look next what is to be posted; 0: not set
        self.asked_ms = 0  # when it was said last what is held here, because something is lacking
        self.asked_times = 0
        self.cover_ms = 0  # one post in each span of so long, whatever there is to say; 0: as it comes
        self.slot_ms = 0  # when the next of these is due
        self.items_now = False  # something is to be posted that stands in no log

    def recover(self, reader: LogReader) -> None:
        """Read back what was kept."""
        for key, told in load_all(reader, RelaysRecord, RELAYS, self._campaign):
            self.told[AuthorId(key)] = told
        for key, kept in load_all(reader, BoardRecord, BOARDS, self._campaign):
            self.boards[key] = Board.of_record(kept)
        for _, cover in load_all(reader, CoverRecord, COVERS, self._campaign):
            self.cover_ms = cover.every_ms
        self.moved = True

    def set_cover(self, step: Step, every_ms: int) -> None:
        """From now on this pace; 0: none."""
        self.cover_ms, self.slot_ms = every_ms, 0
        if every_ms:
            step.put(COVERS, self._campaign, CoverRecord(every_ms=every_ms))
        else:
            step.erase(COVERS, self._campaign)

    def learn(self, step: Step, author: AuthorId, seq: int, body: HintsBody) -> None:
        """A member said at which relays all are to look."""
        known = self.told.get(author)
        new = RelaysRecord(seq=seq, relays=body.relays, board=body.board if body.relays else b"")
        # Two may stand at one place: the order in which they came leaves no trace.
        if known is not None and (known.seq, known.board) >= (new.seq, new.board):
            return
        if known is None and not body.relays:
            return
        self.told[author] = new
        step.put(RELAYS, self._campaign + author, new)
        self.moved = True

    def named(self, active: Iterable[AuthorId]) -> dict[bytes, tuple[AuthorId, Relay, bytes]]:
        """What the boards of these members are, by tag; half of `BOARDS_MAX` at most.

        The first relay of each, in their order, then the second of each: nobody takes all the places.
        """
        found: dict[bytes, tuple[AuthorId, Relay, bytes]] = {}
        told = [(author, self.told[author]) for author in active if author in self.told]
        for place in range(RELAYS_TOLD_MAX):
            for author, one in told:
                if one.board and place < len(one.relays) and len(found) < BOARDS_MAX // 2:
                    relay = one.relays[place]
                    found[board_tag(one.board, relay.key)] = author, relay, one.board
        return found

    def spread(self, name: OperationId) -> None:
        """Something that stands in no log is held now: boards where it was not seen are to have it."""
        for board in self.boards.values():
            board.want_items((name,))
            self.items_now = self.items_now or name in board.items

    def put(self, step: Step) -> None:
        """Write down what has changed."""
        for tag, board in self.boards.items():
            if board.dirty:
                board.dirty = False
                step.put(BOARDS, self._campaign + tag, board.to_record())

    def drop(self, step: Step, tag: bytes) -> None:
        """A board is over."""
        del self.boards[tag]
        step.erase(BOARDS, self._campaign + tag)


def _spans(spans: Mapping[AuthorId, tuple[int, int]]) -> tuple[CoveredTo, ...]:
    found = [
        CoveredTo(author=author, first=first, last=last)
        for author, (first, last) in sorted(spans.items())
        if 0 <= first <= last
    ]
    return tuple(found[:AUTHORS_MAX])
