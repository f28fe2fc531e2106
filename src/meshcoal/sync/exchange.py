"""One campaign over one link: who lacks what, and sending it.

Law: a peer is sent what its frontier lacks, in insertion order, a bounded number of runs ahead of what it has
stored; then whatever is new, at once. A cut at any point loses nothing: the next link begins with frontiers
again. Runs are acknowledged only once they are on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import (
    AUTHORS_MAX,
    MESSAGE_BYTES_MAX,
    RUN_BYTES_MAX,
    RUN_OPERATIONS_MAX,
    RUNS_IN_FLIGHT_MAX,
)
from meshcoal.log.reader import LogReader
from meshcoal.wire.frames import Frontier, Held, Message, Run, Taken, Want

_LIVE_IN_FLIGHT_MAX: Final = 256  # runs of new operations a peer may owe before it counts as behind
_WANT_INTERVAL_MS: Final = 1_000
_WANT_INTERVAL_MAX_MS: Final = 60_000

MyFrontier = Mapping[AuthorId, tuple[int, OperationId]]


class Exchange:
    """What one peer holds, what it was sent, and what is on its way."""

    def __init__(self, campaign: CampaignId, reader: LogReader) -> None:
        self._campaign = campaign
        self._reader = reader
        self.theirs: dict[AuthorId, int] = {}  # highest seq the peer is known to hold
        self._announced: dict[AuthorId, int] = {}  # what the peer was told I hold
        self._row = 0
        self._heard = False  # the peer's whole frontier has come
        self._behind = True  # it has not been sent everything
        self._skipped = False  # something new was left to the next pump
        self._sent_runs = 0
        self._taken_runs = 0
        self._stored_runs = 0
        self._wanted_at_ms = -_WANT_INTERVAL_MS
        self._vain_wants = 0
        self.expected = 0  # operations the peer has and I lacked when it last told me
        self.arrived = 0

    # --- Telling

    def announce(self, mine: MyFrontier, *, whole: bool = False) -> list[Message]:
        """What I hold: all of it, or what changed since the peer was last told."""
        changed = [
            Held(author=author, seq=seq)
            for author, (seq, _) in sorted(mine.items())
            if whole or seq > self._announced.get(author, -1)
        ]
        if not changed and not whole:
            return []
        # More authors than can be told: the peer sends what it was not told of, and sends it for nothing.
        del changed[AUTHORS_MAX:]
        self._announced.update({AuthorId(held.author): held.seq for held in changed})
        return [Frontier(whole=whole, held=tuple(changed))]

    # --- Hearing

    def on_frontier(self, message: Frontier, mine: MyFrontier) -> list[Message]:
        """The peer says what it holds."""
        for held in message.held:
            self.note_held(AuthorId(held.author), held.seq)
        if message.whole:
            self._heard = True
            self._row = 0
            self._behind = True
        lacking = sum(max(0, seq - mine.get(author, (-1, b""))[0]) for author, seq in self.theirs.items())
        if lacking > self.expected - self.arrived:
            self.expected = self.arrived + lacking
        return self.pump() if message.whole else []

    def on_want(self, message: Want) -> list[Message]:
        """The peer lacks the past of something it was sent: begin again from what it says it holds."""
        self.theirs = {AuthorId(held.author): held.seq for held in message.held}
        self._row = 0
        self._behind = True
        return self.pump()

    def on_taken(self, message: Taken) -> list[Message]:
        """The peer has stored runs; more may follow."""
        self._taken_runs = max(self._taken_runs, min(message.runs, self._sent_runs))
        return self.pump()

    def note_held(self, author: AuthorId, seq: int) -> None:
        if author not in self.theirs and len(self.theirs) >= AUTHORS_MAX:
            return
        self.theirs[author] = max(seq, self.theirs.get(author, -1))

    # --- Sending

    def pump(self) -> list[Message]:
        """The next runs, as far as the peer keeps up."""
        messages: list[Message] = []
        while self._heard and self._behind and self._sent_runs - self._taken_runs < RUNS_IN_FLIGHT_MAX:
            operations, row = self._reader.after(
                self._campaign,
                self.theirs,
                row=self._row,
                operations_max=RUN_OPERATIONS_MAX,
                bytes_max=RUN_BYTES_MAX,
            )
            if not operations:
                # What was written in this very step is not to be read yet: look again in the next.
                self._behind, self._skipped = self._skipped, False
                break
            self._row = row
            messages.append(self._run(tuple(operations)))
        return messages

    @property
    def stalled(self) -> bool:
        """There is more to send and nothing under way that would set it going again."""
        return self._heard and self._behind and self._sent_runs - self._taken_runs < RUNS_IN_FLIGHT_MAX

    def push(self, encoded: bytes, author: AuthorId, seq: int) -> list[Message]:
        """Something new, at once; left to `pump` while the peer is behind."""
        if self.theirs.get(author, -1) >= seq:
            return []
        if self._sent_runs - self._taken_runs >= _LIVE_IN_FLIGHT_MAX and not self._behind:
            self._behind = True
            self._row = 0
        if self._behind or not self._heard:
            self._skipped = True
            return []
        return [self._run((encoded,))]

    def _run(self, operations: tuple[bytes, ...]) -> Run:
        self._sent_runs += 1
        return Run(operations=operations)

    def lacking(self, mine: MyFrontier) -> list[AuthorId]:
        """Authors of whom the peer holds more than I do."""
        return [author for author, seq in self.theirs.items() if seq > mine.get(author, (-1, b""))[0]]

    # --- Storing

    def on_stored(self, count: int) -> list[Message]:
        """A run of the peer's is about to be on disk: say so, in the same step."""
        self._stored_runs += 1
        self.arrived += count
        if count:
            self._vain_wants = 0
        return [Taken(runs=self._stored_runs)]

    @property
    def want_interval_ms(self) -> int:
        """How long to wait between two requests: longer each time that nothing new came of it."""
        return min(_WANT_INTERVAL_MAX_MS, _WANT_INTERVAL_MS << min(max(0, self._vain_wants - 1), 16))

    def want(self, mine: MyFrontier, now_ms: int) -> list[Message]:
        """Ask for the past of what cannot be taken in; at most once a second, seldom where it is in vain."""
        if now_ms - self._wanted_at_ms < self.want_interval_ms:
            return []
        self._wanted_at_ms = now_ms
        self._vain_wants += 1
        held = tuple(
            [Held(author=author, seq=seq) for author, (seq, _) in sorted(mine.items())[:AUTHORS_MAX]]
        )
        return [Want(held=held)]


assert RUN_BYTES_MAX + 8 * RUN_OPERATIONS_MAX < MESSAGE_BYTES_MAX
