"""Fetching attachments of one campaign from several members at once, chunk by chunk, behind everything else.

Law: nothing is taken that was not asked for, and each chunk is checked before it counts. A peer that is slow,
silent or wrong costs time, never the file: what it owes is asked of another. How much is asked of a peer at
once shrinks as soon as its answers take longer than they need to, so that talk never stands in a queue behind
chunks: the rule is that of LEDBAT (RFC 6817), simplified. Ours, unreviewed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto.chunks import chunk_id
from meshcoal.errors import ChunkUnasked
from meshcoal.ids import AuthorId
from meshcoal.limits import CHUNKS_IN_FLIGHT_MAX, SEEK_FILES_MAX
from meshcoal.wire.frames import Hold, LackChunks, Message, Seek, WantChunks

QUEUE_TARGET_MS: Final = 100  # how much longer than ever an answer may take before less is asked for
OWED_MAX_MS: Final = 20_000  # then a chunk is asked of another
REST_MS: Final = 30_000  # doubled each time: so long a peer is left alone that did not answer
REST_MAX_MS: Final = 15 * 60_000
SEEK_EVERY_MS: Final = 30_000  # while something is lacking


@dataclass(slots=True)
class Source:
    """One peer that may hold what is wanted."""

    author: AuthorId
    holds: dict[bytes, bool] = field(default_factory=dict)  # file -> whole; absent: nothing, or not known
    answered: set[bytes] = field(default_factory=set)  # files it was sought for and spoke of
    without: set[bytes] = field(default_factory=set)  # chunks it said it lacks
    owed: dict[bytes, int] = field(default_factory=dict)  # chunk -> when it was asked for
    late: set[bytes] = field(default_factory=set)  # of these, what was given up on
    window: int = 1
    base_ms: int = -1  # the shortest time an answer took
    rest_until_ms: int = 0
    failures: int = 0

    @property
    def open(self) -> int:
        return len(self.owed) - len(self.late)


@dataclass(slots=True)
class Wanted:
    """A file that is being fetched."""

    missing: dict[bytes, int]  # chunk -> place, in the order in which they are asked for
    asked: bool  # by a person, and not only because it is small


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    file: bytes
    place: int
    chunk: bytes


class Fetching:
    """What is wanted of a campaign's files, who may have it, and what is on its way."""

    def __init__(self) -> None:
        self.wanted: dict[bytes, Wanted] = {}
        self.sources: dict[int, Source] = {}
        self._file_of: dict[bytes, bytes] = {}  # missing chunk -> file
        self._open: set[bytes] = set()  # chunks on their way, from whomever; never iterated
        self._sought_ms = 0

    # --- What is wanted

    def begin(self, file: bytes, missing: dict[bytes, int], *, asked: bool, now_ms: int) -> None:
        """Want a file, of which these chunks lack: at first the manifest alone."""
        self.wanted[file] = Wanted(missing=dict(missing), asked=asked)
        for chunk in missing:
            self._file_of[chunk] = file
        for source in self.sources.values():
            source.answered.discard(file)
        self._sought_ms = now_ms

    def extend(self, file: bytes, missing: dict[bytes, int]) -> None:
        """The manifest is here: these lack."""
        self.wanted[file].missing.update(missing)
        for chunk in missing:
            self._file_of[chunk] = file

    def stop(self, file: bytes) -> None:
        """Want it no longer. What comes of it still is let go."""
        wanted = self.wanted.pop(file, None)
        if wanted is not None:
            for chunk in wanted.missing:
                self._file_of.pop(chunk, None)
                self._open.discard(chunk)

    def unreached(self, file: bytes) -> bool:
        """Whether every peer at hand said that it holds nothing of it, or there is none."""
        return not any(
            file in source.holds or file not in source.answered for source in self.sources.values()
        )

    # --- Peers

    def meet(self, link: int, author: AuthorId) -> list[Message]:
        """A link to a member stands: ask what they hold of what is wanted."""
        if link in self.sources:
            return []
        self.sources[link] = Source(author=author)
        return self._seek()

    def lose(self, link: int) -> None:
        """A link went down: what it owed is asked of others."""
        source = self.sources.pop(link, None)
        if source is not None:
            for chunk in source.owed:
                if chunk not in source.late:
                    self._open.discard(chunk)

    def _seek(self) -> list[Message]:
        files = list(self.wanted)[:SEEK_FILES_MAX]
        return [Seek(files=tuple(files))] if files else []

    def seek_again(self, now_ms: int) -> list[tuple[int, Message]]:
        """Ask everybody once more, now and then: they may hold more than they did."""
        if not self.wanted or now_ms - self._sought_ms < SEEK_EVERY_MS:
            return []
        self._sought_ms = now_ms
        for source in self.sources.values():
            source.without.clear()
        return [(link, message) for link in self.sources for message in self._seek()]

    # --- What peers say

    def on_hold(self, link: int, message: Hold) -> None:
        source = self.sources.get(link)
        if source is None:
            return
        for holding in message.holdings:
            if holding.file not in self.wanted:
                continue
            source.answered.add(holding.file)
            if not holding.held:
                source.holds.pop(holding.file, None)
                continue
            source.holds[holding.file] = holding.held >= holding.of
            if source.holds[holding.file]:
                source.without.difference_update(self.wanted[holding.file].missing)

    def on_lack(self, link: int, message: LackChunks) -> None:
        """Raises `ChunkUnasked`: they were not asked for."""
        source = self.sources.get(link)
        if source is None:
            raise ChunkUnasked("an answer to what was not asked")
        for chunk in message.chunks:
            self._settle(source, chunk)
            if chunk in self._file_of:
                source.without.add(chunk)

    def on_chunk(self, link: int, sealed: bytes, now_ms: int) -> Arrived | None:
        """What a chunk is, or None where it is not wanted any more.

        Raises:
            ChunkUnasked: it is none that this peer was asked for, or was answered before.
        """
        source = self.sources.get(link)
        chunk = chunk_id(sealed)
        if source is None or chunk not in source.owed:
            raise ChunkUnasked("bytes that are no chunk that was asked for")
        asked_ms = source.owed[chunk]
        timely = chunk not in source.late
        self._settle(source, chunk)
        source.failures = 0
        source.rest_until_ms = 0
        if timely:
            self._pace(source, now_ms - asked_ms)
        file = self._file_of.pop(chunk, None)
        if file is None:
            return None
        self._open.discard(chunk)
        place = self.wanted[file].missing.pop(chunk)
        return Arrived(file=file, place=place, chunk=chunk)

    def file_of(self, chunk: bytes) -> bytes | None:
        """Which file a chunk is wanted for."""
        return self._file_of.get(chunk)

    def brought(self, file: bytes, chunk: bytes) -> int | None:
        """A chunk came by another way than a link: its place, or None where it is not wanted.

        Who was asked for it may still send it, and is not distrusted for that.
        """
        wanted = self.wanted.get(file)
        if wanted is None or chunk not in wanted.missing:
            return None
        self._file_of.pop(chunk, None)
        self._open.discard(chunk)
        return wanted.missing.pop(chunk)

    def _settle(self, source: Source, chunk: bytes) -> None:
        if source.owed.pop(chunk, None) is None:
            raise ChunkUnasked("an answer to what was not asked")
        if chunk in source.late:
            source.late.discard(chunk)
        else:
            self._open.discard(chunk)

    @staticmethod
    def _pace(source: Source, took_ms: int) -> None:
        # The base may rise slowly: the way may have become longer.
        source.base_ms = took_ms if source.base_ms < 0 else min(took_ms, source.base_ms + 1)
        if took_ms - source.base_ms > QUEUE_TARGET_MS:
            source.window = max(1, source.window // 2)
        else:
            source.window = min(CHUNKS_IN_FLIGHT_MAX, source.window + 1)

    # --- What to ask

    def requests(self, now_ms: int) -> list[tuple[int, Message]]:
        """What to ask of whom now."""
        found: list[tuple[int, Message]] = []
        if not self._file_of:
            return found
        files = sorted(self.wanted, key=lambda file: not self.wanted[file].asked)  # stable
        for link, source in self.sources.items():
            # What is late counts as well: who owes much gets no more.
            room = min(source.window - source.open, CHUNKS_IN_FLIGHT_MAX - len(source.owed))
            if room <= 0 or source.rest_until_ms > now_ms:
                continue
            chosen: list[bytes] = []
            for file in files:
                if file not in source.holds:
                    continue
                self._choose(source, self.wanted[file].missing, chosen, room)
                if len(chosen) == room:
                    break
            if chosen:
                for chunk in chosen:
                    source.owed[chunk] = now_ms
                    self._open.add(chunk)
                found.append((link, WantChunks(chunks=tuple(chosen))))
        return found

    def _choose(self, source: Source, missing: Iterable[bytes], chosen: list[bytes], room: int) -> None:
        for chunk in missing:
            if len(chosen) == room:
                return
            if chunk not in self._open and chunk not in source.without and chunk not in source.owed:
                chosen.append(chunk)

    def expire(self, now_ms: int) -> None:
        """Give up on what has not come in time, and leave alone for a while who owes it."""
        for source in self.sources.values():
            overdue = [
                chunk
                for chunk, asked_ms in source.owed.items()
                if chunk not in source.late and now_ms - asked_ms >= OWED_MAX_MS
            ]
            if not overdue:
                continue
            for chunk in overdue:
                source.late.add(chunk)
                self._open.discard(chunk)
            source.window = 1
            source.rest_until_ms = now_ms + min(REST_MS << min(source.failures, 16), REST_MAX_MS)
            source.failures += 1

    def due_ms(self, now_ms: int) -> int | None:
        """When to look again, if nothing comes; None where nothing is wanted."""
        if not self.wanted:
            return None
        due = self._sought_ms + SEEK_EVERY_MS
        for source in self.sources.values():
            for chunk, asked_ms in source.owed.items():
                if chunk not in source.late:
                    due = min(due, asked_ms + OWED_MAX_MS)
            if source.rest_until_ms > now_ms:
                due = min(due, source.rest_until_ms)
        return max(due, now_ms + 1)
