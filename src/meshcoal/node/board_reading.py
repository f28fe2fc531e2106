"""Reading what a relay shows of a board, envelope by envelope.

Law: nothing is taken but under the signature of the day's key; what else is wrong with an envelope is a
member's fault, is counted, and passed over. What a relay leaves out or puts in is noted as its fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from meshcoal.api.relay_views import RelayFault
from meshcoal.errors import BadKey, BadSignature, RemoteError, WrongLink
from meshcoal.ids import AuthorId
from meshcoal.node.boards import Board, Span
from meshcoal.node.campaign import Campaign
from meshcoal.node.step import Step
from meshcoal.node.visits import Visit
from meshcoal.sync.board import (
    check_deposit,
    day_of,
    envelope_hash,
    head_after,
    open_envelope,
    topic_of,
)
from meshcoal.wire.frames import Chunk, Frontier, PackedRun, Run
from meshcoal.wire.loose import LooseItems
from meshcoal.wire.posted import POSTED, ChunksWanted, ItemsHeld, SealedBeat
from meshcoal.wire.record import Record
from meshcoal.wire.relaying import Found, Stored

_FALSE_MAX: Final = 64  # envelopes that nobody signed, before the link is cut

TakeRun = Callable[[Step, Campaign, Run | PackedRun], tuple[Span, ...] | None]
Answer = Callable[[Step, Campaign], int]  # somebody says what they hold; after how long they are answered


class Blame(Protocol):
    """Something is wrong with a relay."""

    def __call__(
        self, step: Step, campaign: Campaign, board: Board, fault: RelayFault, *, keeps_back: int = 0
    ) -> None: ...


class Loose(Protocol):
    """Takes what stands in no log. Each raises `RemoteError` for what is wrong with it."""

    def on_items(self, step: Step, campaign: Campaign, board: Board, message: LooseItems) -> None: ...

    def on_beat(self, step: Step, campaign: Campaign, message: SealedBeat) -> None: ...

    def on_held(self, step: Step, campaign: Campaign, board: Board, message: ItemsHeld) -> None: ...


class Chunks(Protocol):
    """Takes what is said of files."""

    def on_wanted(self, step: Step, campaign: Campaign, board: Board, message: ChunksWanted) -> None: ...

    def on_chunk(self, step: Step, campaign: Campaign, board: Board, message: Chunk) -> None: ...


def boards_at(campaign: Campaign, key: bytes) -> list[Board]:
    """The boards of a campaign at one relay."""
    return [board for board in campaign.boards.boards.values() if board.relay.key == key]


class BoardReader:
    """Reads for all campaigns. Holds no state of its own."""

    def __init__(
        self,
        *,
        count: Callable[[str], None],
        take_run: TakeRun,
        items: Loose,
        files: Chunks,
        blame: Blame,
        answer: Answer,
    ) -> None:
        self._count = count
        self._take_run = take_run
        self._items = items
        self._files = files
        self._blame = blame
        self._answer = answer

    def read(self, step: Step, visit: Visit, campaign: Campaign, message: Found) -> None:
        """Envelopes of one topic. Raises `RemoteError`: the link is to be cut."""
        if message.topic not in visit.topics:
            raise WrongLink("a topic that was not asked for")
        place = visit.topics[message.topic]
        if place is None:  # a dummy: nobody can have put anything there
            for board in boards_at(campaign, visit.key):
                self._blame(step, campaign, board, RelayFault.FALSE)
            raise BadSignature("an envelope under a topic that nobody writes under")
        board, day = place
        reading = board.reading(day)
        known = reading.serial + 1 - message.first
        if visit.stalled or known >= len(message.envelopes):
            return  # it comes again, or was taken note of when it was acknowledged
        if known < 0 or (not known and message.before != reading.head):
            self._on_gap(step, visit, campaign, board, day, message)
        for stored in message.envelopes[max(0, known) :]:
            hashed = envelope_hash(stored.envelope)
            head = head_after(reading.head, hashed)
            if not self._take(step, visit, campaign, board, day, stored, hashed):
                return
            reading.go_to(reading.serial + 1, head)
            if reading.serial == reading.acked and head != reading.acked_head:
                self._blame(step, campaign, board, RelayFault.FALSE)
            board.dirty = True

    def _on_gap(
        self, step: Step, visit: Visit, campaign: Campaign, board: Board, day: int, message: Found
    ) -> None:
        """Envelopes are left out, or others stood there before. What has expired may be left out."""
        reading = board.reading(day)
        assert visit.terms is not None
        expired = day + visit.terms.days <= day_of(step.now_ms) + 1
        if message.first == reading.serial + 1:
            self._blame(step, campaign, board, RelayFault.FALSE)  # it showed another head before
        elif not expired:
            self._blame(step, campaign, board, RelayFault.LOST, keeps_back=message.first - 1 - reading.serial)
        reading.go_to(message.first - 1, message.before)

    def _take(
        self,
        step: Step,
        visit: Visit,
        campaign: Campaign,
        board: Board,
        day: int,
        stored: Stored,
        hashed: bytes,
    ) -> bool:
        """One envelope. False: there is no room for it now, nor for what follows."""
        reading = board.reading(day)
        reading.size_bytes += len(stored.envelope)
        topic = topic_of(board.secret, board.relay.key, day)
        try:
            check_deposit(board.relay.key, topic, hashed, stored.signature)
        except (BadSignature, BadKey) as refusal:
            self._blame(step, campaign, board, RelayFault.FALSE)
            self._count(refusal.code)
            visit.false += 1
            if visit.false > _FALSE_MAX:
                raise
            return True
        if hashed in reading.seen:
            self._blame(step, campaign, board, RelayFault.FALSE)
            return True
        try:
            parcel = open_envelope(board.secret, board.relay.key, day, stored.envelope)
            content = board.assembly.add(parcel)
            message = POSTED.decode(content) if content is not None else None
        except RemoteError as refusal:  # a member's fault, or of somebody who was one
            self._count(refusal.code)
            reading.seen.add(hashed)
            return True
        if parcel.poster != board.poster:
            for anchor in parcel.anchors:
                other = campaign.boards.boards.get(anchor.board)
                if other is not None and not other.compare(anchor, step.now_ms):
                    self._blame(step, campaign, other, RelayFault.PARTED)
        if isinstance(message, (Run, PackedRun)):
            try:
                spans = self._take_run(step, campaign, message)
            except RemoteError as refusal:
                self._count(refusal.code)
                spans = ()
            if spans is None:
                visit.stalled = True
                return False
            for author, first, last in spans:
                board.cover(author, first, last, step.now_ms)
        elif isinstance(message, Frontier) and parcel.poster != board.poster:
            holds = {AuthorId(one.author): (one.seq, one.mark) for one in message.held}
            board.ask(parcel.poster, holds, step.now_ms + self._answer(step, campaign))
        elif message is not None:
            self._take_loose(step, campaign, board, message)
        reading.seen.add(hashed)
        return True

    def _take_loose(self, step: Step, campaign: Campaign, board: Board, message: Record) -> None:
        """What stands in no log."""
        try:
            match message:
                case LooseItems():
                    self._items.on_items(step, campaign, board, message)
                case SealedBeat():
                    self._items.on_beat(step, campaign, message)
                case ItemsHeld():
                    self._items.on_held(step, campaign, board, message)
                case ChunksWanted():
                    self._files.on_wanted(step, campaign, board, message)
                case Chunk():
                    self._files.on_chunk(step, campaign, board, message)
        except RemoteError as refusal:
            self._count(refusal.code)
