"""Sealed and counted sign-ons over relays: beats for one member each, and what is spread for all.

Law: what a member begins leaves their device only in a sealed beat, to a random other member; each device
posts one in every period, full or empty, as soon as a round is under way. What stands on the board for all
was put there by somebody who opened a beat, or got it from a link: never by whoever began it. And what came
in a beat is spread with the receiver's own next beat, not when it was read: between the two most others have
posted a beat as well. So times, sizes and order do not tell a relay and a member together who has signed.

Ours, unreviewed: docs/protocol/relay.md#things-without-a-log.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.views import MemberState
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import OverLimit, RemoteError
from meshcoal.ids import AuthorId
from meshcoal.limits import (
    BOARD_BEAT_KEYS_MAX,
    BOARD_ITEMS_EARLY_MAX,
    BOARD_ITEMS_SHOWN_MAX,
    LOOSE_NAMES_PER_MESSAGE_MAX,
)
from meshcoal.node.boards import Board
from meshcoal.node.campaign import Campaign
from meshcoal.node.deposits import Deposits
from meshcoal.node.loose_traffic import BOARDS_SIDE, Traffic
from meshcoal.node.sealing import BEAT_FRESH_MS, BEAT_SHUT_MS, Sealing, decoded
from meshcoal.node.step import Step
from meshcoal.sync.beats import Beats
from meshcoal.sync.board_beats import beat_class, board_period_ms, open_beat, seal_beat
from meshcoal.wire.loose import LooseItems
from meshcoal.wire.posted import ItemsHeld, SealedBeat
from meshcoal.wire.sealed import LooseItem, ToldShare, item_id

BOARD_BEAT: Final = "board-beat"
LINKS_FIRST_MS: Final = 10 * MINUTE_MS  # so long what I began goes over links alone, where there are any
_SHUT_PERIODS: Final = 8  # once a round is not fresh any more, beats are so many times seldomer
_TOPIC_AGAIN_MS: Final = 10_000  # a topic of today costs work, or was not looked at yet
_ASK_FIRST_MS: Final = 10 * MINUTE_MS  # before it is said again what is held here, twice as long each time
_ASK_TIMES_MAX: Final = 5
_ANSWER_AFTER_MS: Final = 5_000  # on average, so that of many who could answer few do


class BoardItems:
    """Moves things without a log over the boards of all campaigns."""

    def __init__(self, *, deposits: Deposits, sealing: Sealing, entropy: Entropy) -> None:
        self._deposits = deposits
        self._sealing = sealing
        self._entropy = entropy

    # --- Beats

    def settle(self, step: Step, campaign: Campaign) -> None:
        """Have beats while a round is under way and there is a board; the same for whoever signs or not."""
        traffic = self._sealing.of(campaign)
        members = self._members(campaign, step.now_ms)
        usable = any(not board.until_ms for board in campaign.boards.boards.values())
        if not members or not usable or campaign.my_state is not MemberState.ACTIVE:
            traffic.board_beats = None
            return
        period_ms, size = self._period(campaign, step.now_ms, members), beat_class(members)
        beats = traffic.board_beats
        if beats is None:
            beats = Beats(period_ms=period_ms, entropy=self._entropy, now_ms=step.now_ms, size=size)
            beats.wake(step.now_ms)
            traffic.board_beats = beats
        beats.set_period(period_ms, step.now_ms)
        beats.set_size(size)
        self._timer(step, campaign, traffic, beats)

    def woke(self, step: Step, campaign: Campaign) -> None:
        """A relay has been read to its end: whoever has not beaten for a period does so before long."""
        traffic = self._sealing.of(campaign)
        beats = traffic.board_beats
        members = self._members(campaign, step.now_ms)
        if beats is None or not members:
            return
        if step.now_ms - traffic.board_beat_ms >= self._period(campaign, step.now_ms, members):
            beats.wake(step.now_ms)
            self._timer(step, campaign, traffic, beats)

    @staticmethod
    def _timer(step: Step, campaign: Campaign, traffic: Traffic, beats: Beats) -> None:
        due_ms = max(beats.due_ms, traffic.board_hold_ms, step.now_ms + 1)
        if not step.now_ms < traffic.due.get(BOARD_BEAT, 0) <= due_ms:
            traffic.due[BOARD_BEAT] = due_ms
            step.timer(f"{BOARD_BEAT}:{campaign.id.hex()}", due_ms)

    @staticmethod
    def _members(campaign: Campaign, now_ms: int) -> int:
        """How many members the largest round has that is under way; 0: there is none."""
        sealed = [len(held.record.roster.entries) for held in campaign.rounds.open_rounds(now_ms)]
        return max(
            [*sealed, *[len(held.record.rings) for held in campaign.rounds.polls.open(now_ms)]], default=0
        )

    def _period(self, campaign: Campaign, now_ms: int, members: int) -> int:
        on_links_ms = self._sealing.period(campaign, now_ms)
        if on_links_ms == BEAT_FRESH_MS:
            return board_period_ms(members)
        return (
            min(DAY_MS, _SHUT_PERIODS * board_period_ms(members)) if on_links_ms == BEAT_SHUT_MS else DAY_MS
        )

    def beat(self, step: Step, campaign: Campaign) -> None:
        """The beat's moment has come, or is past."""
        traffic = self._sealing.of(campaign)
        traffic.due.pop(BOARD_BEAT, None)
        self.settle(step, campaign)
        beats = traffic.board_beats
        if beats is None or step.now_ms < beats.due_ms:
            return
        boards = list(self._deposits.usable(step, campaign))
        trustees = _trustees(campaign)
        visit, board = boards[self._below(len(boards))] if boards else (None, None)
        if visit is None or board is None:
            beats.on_beat(step.now_ms, [])
        elif not self._deposits.prepare(step, visit, campaign, board):
            traffic.board_hold_ms = step.now_ms + _TOPIC_AGAIN_MS
        else:
            self._spread(step, campaign, traffic)
            self._begin(step, campaign, traffic, beats)
            traffic.board_beat_ms = step.now_ms
            sent = beats.on_beat(step.now_ms, sorted(trustees))
            if sent is not None:
                message = seal_beat(
                    sent.data, trustee=trustees[sent.to], campaign=campaign.id, entropy=self._entropy
                )
                self._deposits.deposit(step, visit, campaign, board, message, veiled=True)
        self._timer(step, campaign, traffic, beats)

    def _spread(self, step: Step, campaign: Campaign, traffic: Traffic) -> None:
        """What came in beats since my last one, and is to be spread."""
        slated = list(traffic.slated)
        traffic.slated.clear()
        for item in slated:
            try:
                self._sealing.spread(step, campaign, (item,))
            except RemoteError as refusal:  # it was sound when it came: its round has moved on
                self._sealing.count(refusal)

    def _begin(self, step: Step, campaign: Campaign, traffic: Traffic, beats: Beats) -> None:
        """What I began goes over boards where no member is at hand, or links did not spread it so far."""
        alone = not self._sealing.peers(campaign)
        for name, item in traffic.begun.items():
            if alone or step.now_ms - traffic.since.get(name, 0) >= LINKS_FIRST_MS:
                try:
                    beats.begin(item)
                except OverLimit as refusal:
                    self._sealing.count(refusal)

    def _below(self, count: int) -> int:
        return int.from_bytes(self._entropy.take(8), "big") % count

    # --- Reading

    def on_beat(self, step: Step, campaign: Campaign, message: SealedBeat) -> None:
        """Somebody's beat: mine to open or not."""
        mine = [
            AgreementKey(one.trustee) for one in campaign.rounds.weeks.weeks[: -BOARD_BEAT_KEYS_MAX - 1 : -1]
        ]
        items = open_beat(message, mine=mine, campaign=campaign.id)
        traffic = self._sealing.of(campaign)
        if items and traffic.board_beats is not None:
            side = self._sealing.side(step, BOARDS_SIDE, campaign)
            # What I began myself and has come back to me goes on from me in its time, by a beat of mine.
            others = tuple([one for one in items if item_id(decoded(one)) not in traffic.begun])
            for one in self._sealing.take_beat(step, side, campaign, others, traffic.board_beats):
                traffic.slated[one] = None

    def on_items(self, step: Step, campaign: Campaign, board: Board, message: LooseItems) -> None:
        """Things that somebody spread. Whatever is wrong with one is counted; the others are taken."""
        side = self._sealing.side(step, BOARDS_SIDE, campaign)
        traffic = self._sealing.of(campaign)
        if len(side.known) + len(side.refused) > BOARD_ITEMS_SHOWN_MAX:
            side.known.clear()
            side.refused.clear()
        for encoded in message.items:
            try:
                item = decoded(encoded)
                board.show_items((item_id(item),))
                if campaign.rounds.statement_of(item.terms) is None:
                    self._keep_early(traffic, item)
                else:
                    self._sealing.take_item(step, side, campaign, item)
            except RemoteError as refusal:
                self._sealing.count(refusal)
                traffic.missed = traffic.missed or isinstance(refusal, OverLimit)

    @staticmethod
    def _keep_early(traffic: Traffic, item: LooseItem) -> None:
        """Of a round that is not known here yet: its freeze may stand on the page before."""
        traffic.early[item_id(item)] = item
        if len(traffic.early) > BOARD_ITEMS_EARLY_MAX:
            del traffic.early[next(iter(traffic.early))]
            traffic.missed = True

    def retry(self, step: Step, campaign: Campaign) -> None:
        """Operations came: rounds may be known now of which something came before."""
        traffic = self._sealing.of(campaign)
        known = [item for item in traffic.early.values() if campaign.rounds.statement_of(item.terms)]
        side = self._sealing.side(step, BOARDS_SIDE, campaign) if known else None
        for item in known:
            del traffic.early[item_id(item)]
            assert side is not None
            try:
                self._sealing.take_item(step, side, campaign, item)
            except RemoteError as refusal:
                self._sealing.count(refusal)
                traffic.missed = traffic.missed or isinstance(refusal, OverLimit)

    # --- What is lacking

    def look(self, step: Step, campaign: Campaign) -> None:
        """The boards are read: once after a start, and where something was passed over, say what is held."""
        self.settle(step, campaign)
        traffic = self._sealing.of(campaign)
        if not campaign.rounds.running(step.now_ms) or (traffic.asked_boards and not traffic.missed):
            return
        if step.now_ms < traffic.ask_boards_ms:
            return
        names = [name for name, item in campaign.rounds.items.items() if not isinstance(item, ToldShare)]
        said = ItemsHeld(names=tuple(names[-LOOSE_NAMES_PER_MESSAGE_MAX:]))
        for visit, board in self._deposits.usable(step, campaign):
            if self._deposits.deposit(step, visit, campaign, board, said, veiled=True):
                traffic.asked_boards, traffic.missed = True, False
                traffic.ask_boards_ms = step.now_ms + (_ASK_FIRST_MS << traffic.ask_boards_times)
                traffic.ask_boards_times = min(traffic.ask_boards_times + 1, _ASK_TIMES_MAX)

    def on_held(self, step: Step, campaign: Campaign, board: Board, message: ItemsHeld) -> None:
        """Somebody says what they hold: after a while, unless others do before, they get the rest."""
        theirs = set(message.names)
        lacking = [
            name
            for name, item in campaign.rounds.items.items()
            if name not in theirs and not isinstance(item, ToldShare)
        ]
        held = campaign.rounds.items
        traffic = self._sealing.of(campaign)
        traffic.missed = traffic.missed or any(
            name not in held and name not in board.standing for name in theirs
        )
        if board.lacks_items(lacking, step.now_ms):
            wait_ms = self._deposits.draw(_ANSWER_AFTER_MS)
            self._deposits.within(step, campaign, wait_ms, drawn=True)


def _trustees(campaign: Campaign) -> dict[AuthorId, bytes]:
    """To whom beats are sealed: each other member who signs and has published keys, and by which."""
    newest = campaign.rounds.newest_weeks()
    return {
        author: newest[author].trustee
        for author in campaign.rounds.signers()
        if author != campaign.me and author in newest
    }
