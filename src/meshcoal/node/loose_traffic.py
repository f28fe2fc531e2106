"""What a node remembers, link by link, of the traffic of things without an author.

Law: bounded by links and by what rounds hold; nothing here is written to disk, and nothing decides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from meshcoal.api.views import StatementPhase
from meshcoal.ids import OperationId
from meshcoal.node.campaign import Campaign
from meshcoal.node.polls import HeldPoll
from meshcoal.node.round_records import Held
from meshcoal.sync.beats import Beats
from meshcoal.wire.counted import CountedSignOn, CountedWithdrawal
from meshcoal.wire.sealed import Envelope, EnvelopeWithdrawal, LooseItem

# What a member begins, and nobody may see begin; each bears one ring signature.
Beginning = Envelope | EnvelopeWithdrawal | CountedSignOn | CountedWithdrawal
BOARDS_SIDE: Final = 0  # no link has this number: what came from boards counts together


@dataclass(slots=True)
class Side:
    """What is known of one link, or of all boards."""

    left: int  # ring signatures that may be checked at once
    at_ms: int
    known: dict[OperationId, None] = field(default_factory=dict)  # what the peer holds
    refused: dict[OperationId, None] = field(default_factory=dict)
    vain: dict[OperationId, None] = field(default_factory=dict)  # asked for, and did not come in time
    sent: dict[OperationId, int] = field(default_factory=dict)
    queue: deque[LooseItem] = field(default_factory=deque)


@dataclass(slots=True)
class Traffic:
    """What is under way in one campaign."""

    beats: Beats | None = None
    begun: dict[OperationId, bytes] = field(default_factory=dict)  # mine, not seen spread yet
    fresh: dict[OperationId, None] = field(default_factory=dict)  # to be named to links
    asked: dict[OperationId, tuple[int, int]] = field(default_factory=dict)  # of which link, when
    sides: dict[int, Side] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)  # timers that are set
    since: dict[OperationId, int] = field(default_factory=dict)  # when I began it; absent: before the start
    board_beats: Beats | None = None
    slated: dict[bytes, None] = field(default_factory=dict)  # from boards: spread with my next beat there
    board_beat_ms: int = 0  # when the last was posted
    board_hold_ms: int = 0  # none before this: the day's topic is not ready
    early: dict[OperationId, LooseItem] = field(default_factory=dict)  # from boards, of rounds not known yet
    missed: bool = False  # something on a board was passed over
    asked_boards: bool = False  # since the start: what is held here was said on boards
    ask_boards_ms: int = 0  # and not again before this
    ask_boards_times: int = 0
    controls: int = 0  # that were opened when unread freezes were last looked at

    def seen(self, item: bytes) -> None:
        """An item is spread, or of no use any more: no beat carries it on."""
        for beats in (self.beats, self.board_beats):
            if beats is not None:
                beats.seen(item)


def holds(campaign: Campaign, held: Held) -> bool:
    """Whether a round is of the text that is open for signing: else nobody is served by names."""
    statement = campaign.statements.get(OperationId(held.record.statement))
    if statement is None or statement.frozen is None:
        return False
    return statement.frozen.id == held.record.freeze and statement.phase is StatementPhase.OPEN


def counts(campaign: Campaign, held: HeldPoll) -> bool:
    """Whether somebody may still be counted in a ring: its text holds, or is not read yet."""
    statement = campaign.statements.get(OperationId(held.record.statement))
    if statement is None or statement.frozen is None:
        return True
    if statement.frozen.id != held.record.freeze:
        return not any(one.id == held.record.freeze for one in statement.replaced)
    return statement.phase is not StatementPhase.RELEASED
