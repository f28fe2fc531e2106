"""Files over relays: chunks that somebody asks for on a board, or that a small file brings by itself.

Law: a chunk goes out one at a time, when nothing else waits on that board, so that talk never stands behind
files; of one day's topic files fill half at most. By itself a node posts only small files of its own, and
only where some member is not at hand. Whatever comes is checked as a chunk from a link is, and kept only
where it is wanted.

Ours, unreviewed: docs/protocol/relay.md#files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from meshcoal.clock import HOUR_MS, MINUTE_MS
from meshcoal.crypto.chunks import chunk_id
from meshcoal.ids import CampaignId
from meshcoal.limits import (
    ATTACHMENT_UNASKED_BYTES_MAX,
    BOARD_CHUNKS_DAY_BYTES_MAX,
    BOARD_CHUNKS_EARLY_MAX,
    BOARD_CHUNKS_QUEUED_MAX,
    BOARD_FILE_BYTES_MAX,
)
from meshcoal.node.attachments import Attachments
from meshcoal.node.boards import Board
from meshcoal.node.campaign import Campaign
from meshcoal.node.deposits import Deposits
from meshcoal.node.step import Step
from meshcoal.node.visits import Visit
from meshcoal.sync.board import day_of
from meshcoal.wire.attachment import chunk_count
from meshcoal.wire.frames import Chunk
from meshcoal.wire.posted import ChunksWanted, places_field, places_of

BOARD_FILES: Final = "board-files"
_BEGIN_AFTER_MS: Final = 20_000  # on average, so that of many who hold a file few post the same
_NEXT_AFTER_MS: Final = 1_000  # on average, between two chunks
_BUSY_AGAIN_MS: Final = 5_000
_FULL_AGAIN_MS: Final = 10 * MINUTE_MS  # no relay is at hand, or files have had their share of the day
_LATER_MS: Final = 15_000  # a link has it, or no relay is at hand yet
_ASKED_FIRST_MS: Final = 5_000  # what a person wants is asked for so soon, where no link has it
_UNASKED_FIRST_MS: Final = 3 * MINUTE_MS  # and this is left to whoever attached it
_AGAIN_MS: Final = HOUR_MS  # since it was asked for, or a chunk came; twice as long each time
_AGAIN_TIMES_MAX: Final = 3


@dataclass(slots=True)
class _Asked:
    """A file that is wanted, and no link has."""

    since_ms: int
    due_ms: int
    times: int = 0


@dataclass(slots=True)
class _Moving:
    """What is under way in one campaign. Nothing of it is written down: what lacks is asked for again."""

    asked: dict[bytes, _Asked] = field(default_factory=dict)
    early: dict[bytes, bytes] = field(default_factory=dict)  # chunks that are not wanted, or not yet
    day: int = 0
    day_bytes: int = 0  # that this node posted of files today
    due_ms: int = 0


class BoardFiles:
    """Moves the files of all campaigns over their boards.

    Args:
        at_hand: whether a link to each other member stands.
    """

    def __init__(
        self, *, deposits: Deposits, attachments: Attachments, at_hand: Callable[[Campaign], bool]
    ) -> None:
        self._deposits = deposits
        self._attachments = attachments
        self._at_hand = at_hand
        self._moving: dict[CampaignId, _Moving] = {}

    def _of(self, campaign: Campaign) -> _Moving:
        return self._moving.setdefault(campaign.id, _Moving())

    # --- What is to be posted

    def attached(self, step: Step, campaign: Campaign) -> None:
        """Messages were opened in this step: what small files of mine they bring goes to the boards."""
        if not any(not board.until_ms for board in campaign.boards.boards.values()):
            return
        for author, attachment in campaign.files.attached_now:
            if author != campaign.me or attachment.size > ATTACHMENT_UNASKED_BYTES_MAX:
                continue
            if not self._at_hand(campaign) and not campaign.boards.cover_ms:
                for board in campaign.boards.boards.values():
                    self._queue(step, campaign, board, attachment.manifest)

    def on_wanted(self, step: Step, campaign: Campaign, board: Board, message: ChunksWanted) -> None:
        """Somebody wants places of a file: what is here of them goes out, unless others are quicker."""
        if board.until_ms or message.file not in campaign.files.records:
            return
        self._queue(step, campaign, board, message.file, places_of(message))

    def _queue(
        self, step: Step, campaign: Campaign, board: Board, file: bytes, places: tuple[int, ...] | None = None
    ) -> None:
        here = list(campaign.reader.chunk_places(campaign.id, file))
        wanted = [place for place in here if places is None or place in set(places)]
        # The manifest first, for without it nobody knows what the rest is; then each begins elsewhere.
        rest = [place for place in wanted if place]
        turn = campaign.files.first_place % max(1, len(rest))
        for place in [*[place for place in wanted if not place], *rest[turn:], *rest[:turn]]:
            if len(board.chunks) < BOARD_CHUNKS_QUEUED_MAX:
                board.chunks[file, place] = step.now_ms
        if wanted:
            self._timer(step, campaign, self._deposits.draw(_BEGIN_AFTER_MS))

    def _timer(self, step: Step, campaign: Campaign, after_ms: int) -> None:
        moving = self._of(campaign)
        at_ms = step.now_ms + max(1, after_ms)
        if not step.now_ms < moving.due_ms <= at_ms:
            moving.due_ms = at_ms
            step.timer(f"{BOARD_FILES}:{campaign.id.hex()}", at_ms)

    def timer(self, step: Step, campaign: Campaign) -> None:
        """One chunk for each board that has nothing else to do; and what is to be asked for."""
        moving = self._of(campaign)
        if step.now_ms < moving.due_ms:
            return
        moving.due_ms = 0
        posted = room = False
        for visit, board in self._deposits.usable(step, campaign):
            if self._has_room(step, visit, board, moving):
                room = True
                posted = self._post_next(step, visit, campaign, board, moving) or posted
        self._ask(step, campaign, moving)
        if any(board.chunks for board in campaign.boards.boards.values()):
            busy_ms = _BUSY_AGAIN_MS if room else _FULL_AGAIN_MS
            self._timer(step, campaign, self._deposits.draw(_NEXT_AFTER_MS) if posted else busy_ms)

    def _post_next(self, step: Step, visit: Visit, campaign: Campaign, board: Board, moving: _Moving) -> bool:
        """Post the next chunk that nobody else has posted since it was wanted. Whether one went."""
        if visit.waiting:
            return False
        for (file, place), since_ms in list(board.chunks.items()):
            sealed = campaign.reader.chunk_at(campaign.id, file, place)
            if sealed is None or board.chunks_seen.get(chunk_id(sealed), -1) >= since_ms:
                del board.chunks[file, place]
                continue
            message = Chunk(sealed=sealed)
            if not self._deposits.deposit(
                step, visit, campaign, board, message, chunk=(file, place), veiled=True
            ):
                return False
            del board.chunks[file, place]
            moving.day_bytes += len(sealed)
            return True
        return False

    @staticmethod
    def _has_room(step: Step, visit: Visit, board: Board, moving: _Moving) -> bool:
        """Whether files may have more of today's topic, and of what this node posts of files in a day."""
        today = day_of(step.now_ms)
        if moving.day != today:
            moving.day, moving.day_bytes = today, 0
        terms = visit.terms
        assert terms is not None, "it is read to its end"
        return (
            moving.day_bytes < BOARD_CHUNKS_DAY_BYTES_MAX
            and board.reading(today).size_bytes < terms.topic_bytes_max // 2
        )

    # --- What is wanted

    def asks(self, campaign: Campaign) -> bool:
        """Whether anything is being asked for, or was a moment ago."""
        return bool(self._of(campaign).asked)

    def look(self, step: Step, campaign: Campaign) -> None:
        """Something may be wanted since a short while: it is asked for before long."""
        moving = self._of(campaign)
        files = campaign.files
        for file in [file for file in moving.asked if file not in files.fetching.wanted]:
            del moving.asked[file]
            files.asked_boards.pop(file, None)
        if not any(not board.until_ms for board in campaign.boards.boards.values()):
            return
        for file, wanted in files.fetching.wanted.items():
            if files.records[file].size > BOARD_FILE_BYTES_MAX or file in moving.asked:
                continue
            first_ms = _ASKED_FIRST_MS if wanted.asked else _UNASKED_FIRST_MS
            moving.asked[file] = _Asked(since_ms=step.now_ms, due_ms=step.now_ms + first_ms)
            self._timer(step, campaign, first_ms)
        for file in list(moving.asked):
            self._take_early(step, campaign, moving, file)

    def _take_early(self, step: Step, campaign: Campaign, moving: _Moving, file: bytes) -> None:
        """What came before it was wanted."""
        wanted = campaign.files.fetching.wanted.get(file)
        while wanted is not None:
            chunk = next((one for one in wanted.missing if one in moving.early), None)
            if chunk is None:
                return
            self._attachments.bring(step, campaign, file, chunk, moving.early.pop(chunk))
            wanted = campaign.files.fetching.wanted.get(file)

    def _ask(self, step: Step, campaign: Campaign, moving: _Moving) -> None:
        files = campaign.files
        for file, asked in list(moving.asked.items()):
            wanted = files.fetching.wanted.get(file)
            if wanted is None:
                continue
            if step.now_ms < asked.due_ms or not files.fetching.unreached(file):
                self._timer(step, campaign, max(_LATER_MS, asked.due_ms - step.now_ms))
                continue
            # Before the manifest is here, nothing but its place is known to lack: then all do.
            last = chunk_count(files.records[file].size)
            places = tuple(sorted(wanted.missing.values()))
            places = tuple(range(last + 1)) if places == (0,) else places
            message = ChunksWanted(file=file, places=places_field(places))
            said = [
                self._deposits.deposit(step, visit, campaign, board, message, veiled=True)
                for visit, board in self._deposits.usable(step, campaign)
            ]
            if any(said):
                asked.due_ms = step.now_ms + (_AGAIN_MS << asked.times)
                asked.times = min(asked.times + 1, _AGAIN_TIMES_MAX)
                files.asked_boards[file] = step.now_ms
                self._attachments.tell(step, campaign, file)
            self._timer(step, campaign, _LATER_MS if not any(said) else asked.due_ms - step.now_ms)

    def on_chunk(self, step: Step, campaign: Campaign, board: Board, message: Chunk) -> None:
        """A chunk stands on a board. It is kept where it is wanted."""
        chunk = chunk_id(message.sealed)
        board.see_chunk(chunk, step.now_ms)
        moving = self._of(campaign)
        file = campaign.files.fetching.file_of(chunk)
        if file is None:
            if campaign.reader.chunk(campaign.id, chunk) is None:
                moving.early[chunk] = message.sealed
                while len(moving.early) > BOARD_CHUNKS_EARLY_MAX:
                    del moving.early[next(iter(moving.early))]
            return
        self._attachments.bring(step, campaign, file, chunk, message.sealed)
        if file in moving.asked:
            moving.asked[file].due_ms = max(moving.asked[file].due_ms, step.now_ms + _AGAIN_MS)
            self._take_early(step, campaign, moving, file)
