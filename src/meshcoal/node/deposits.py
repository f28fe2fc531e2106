"""What goes out to relays: when, in what order, and what becomes of it.

Law: envelopes go out at random moments after there is something to say. What a relay did not acknowledge is
posted again; one that refuses is left alone for a while. Talk goes before everything else, and what has no
author goes under a poster of its own, drawn for it alone.

Specified in docs/protocol/relay.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from meshcoal.api.relay_views import RelayFault
from meshcoal.api.views import NoticeKind
from meshcoal.clock import MINUTE_MS
from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import OperationId
from meshcoal.limits import DEPOSITS_AT_ONCE_BYTES_MAX, DEPOSITS_AT_ONCE_MAX, ENVELOPE_CLASSES_BYTES
from meshcoal.node.board_reading import Blame, boards_at
from meshcoal.node.boards import Board, Span
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Links
from meshcoal.node.posting import Posting, items_message, seal_message
from meshcoal.node.step import Step
from meshcoal.node.visits import Bundle, Visit, Waiting
from meshcoal.sync.board import POSTER_BYTES, day_of, topic_of, work
from meshcoal.wire.message import Message
from meshcoal.wire.posted import Cover
from meshcoal.wire.relaying import Deposit, Deposited, Refusal, SeveralDeposits

OWN_AFTER_MS: Final = 2_000  # on average, before what was written here is posted
OTHERS_AFTER_MS: Final = 20_000  # and what came another way
MORE_AFTER_MS: Final = 200  # and what goes on
COVER_BYTES: Final = ENVELOPE_CLASSES_BYTES[1]  # what has nothing to say, and a few words, fill
_PAUSE_MS: Final = {Refusal.FAST: 10_000}  # before a relay that refused is asked again
_PAUSE_LONG_MS: Final = 5 * MINUTE_MS
_WORK_TRIES: Final = 2_000  # in one step; some 3 ms


class Deposits:
    """Posts for all campaigns.

    Args:
        poll: asks a relay what its topics hold: before a topic is written, it is known whether it is new.
        ready: a topic has become ready for what waited for it.
    """

    def __init__(
        self,
        *,
        links: Links,
        entropy: Entropy,
        visits: dict[int, Visit],
        poll: Callable[[Step, Visit, Campaign], None],
        ready: Callable[[Step, Campaign], None],
        blame: Blame,
    ) -> None:
        self._links = links
        self._entropy = entropy
        self._visits = visits
        self._poll = poll
        self._ready = ready
        self._blame = blame

    def draw(self, mean_ms: int) -> int:
        """A span of that mean, such that nothing follows from how long it has lasted: exponential."""
        chance = (int.from_bytes(self._entropy.take(4), "big") + 1) / 2**32
        return min(5 * mean_ms, int(-math.log(chance) * mean_ms))

    # --- When

    def within(self, step: Step, campaign: Campaign, mean_ms: int, *, drawn: bool = False) -> None:
        """Look before long what is to be posted, after a span of that mean; `drawn`: after just that span."""
        at_ms = step.now_ms + max(1, mean_ms if drawn else self.draw(mean_ms))
        if campaign.boards.cover_ms:
            at_ms = self._slot(step, campaign)
        if not step.now_ms < campaign.boards.publish_ms <= at_ms:
            campaign.boards.publish_ms = at_ms
            step.timer(f"post:{campaign.id.hex()}", at_ms)

    def _slot(self, step: Step, campaign: Campaign) -> int:
        """When something may be posted next at a steady pace: a random moment of each span."""
        boards = campaign.boards
        if boards.slot_ms <= step.now_ms:
            chance = int.from_bytes(self._entropy.take(8), "big")
            span = step.now_ms // boards.cover_ms + 1
            boards.slot_ms = span * boards.cover_ms + chance % boards.cover_ms
        return boards.slot_ms

    def usable(self, step: Step, campaign: Campaign) -> Iterator[tuple[Visit, Board]]:
        """Boards in use, at relays that are read to their end and take something."""
        for visit in list(self._visits.values()):
            if visit.campaign != campaign.id or not visit.read or visit.link.closing:
                continue
            if step.now_ms < visit.pause_ms:
                continue
            for board in boards_at(campaign, visit.key):
                if not board.until_ms:
                    yield visit, board

    # --- What

    def publish(self, step: Step, campaign: Campaign) -> None:
        """The moment has come: on each board what it lacks."""
        campaign.boards.publish_ms = 0
        again_ms = 0
        for visit in list(self._visits.values()):
            if visit.campaign != campaign.id or not visit.read or visit.link.closing:
                continue
            if step.now_ms < visit.pause_ms:
                again_ms = visit.pause_ms - step.now_ms
                continue
            visit.refusal = Refusal.NONE
            for board in boards_at(campaign, visit.key):
                if any(one.board is board for one in visit.waiting.values()):
                    continue
                before = len(visit.waiting)
                posting = Posting(campaign, board, now_ms=step.now_ms)
                for message, spans in posting.next():
                    if not self.deposit(step, visit, campaign, board, message, spans):
                        break
                    posting.posted(spans)
                self._post_items(step, visit, campaign, board)
                if campaign.boards.cover_ms and len(visit.waiting) == before and not board.until_ms:
                    self.deposit(step, visit, campaign, board, Cover())
                waits_ms = posting.waits_ms()
                if waits_ms:
                    again_ms = min(again_ms or waits_ms, waits_ms)
        if again_ms or campaign.boards.cover_ms:
            self.within(step, campaign, again_ms, drawn=True)
        campaign.boards.put(step)

    def _post_items(self, step: Step, visit: Visit, campaign: Campaign, board: Board) -> None:
        """What stands in no log, is held, and was not seen on this board."""
        if board.until_ms or not board.items:
            return
        message, names = items_message(campaign, board)
        if message is None or self.deposit(step, visit, campaign, board, message, items=names, veiled=True):
            for name in names:
                board.items.pop(name, None)

    def deposit(
        self,
        step: Step,
        visit: Visit,
        campaign: Campaign,
        board: Board,
        message: Message,
        spans: tuple[Span, ...] = (),
        *,
        items: tuple[OperationId, ...] = (),
        chunk: tuple[bytes, int] | None = None,
        veiled: bool = False,
    ) -> bool:
        """Post a message; False: the day's topic is not ready, and this is tried again when it is.

        Args:
            veiled: nothing in it tells members which other posts are of the same node.
        """
        if not self.prepare(step, visit, campaign, board):
            return False
        day = day_of(step.now_ms)
        topic = topic_of(board.secret, board.relay.key, day)
        anchors = [anchor for other in campaign.boards.boards.values() for anchor in other.anchors()]
        sealed = seal_message(
            board,
            day,
            message,
            anchors=() if veiled else anchors,
            poster=self._entropy.take(POSTER_BYTES) if veiled else board.poster,
            entropy=self._entropy,
            least=COVER_BYTES if campaign.boards.cover_ms else 0,
        )
        bundle = Bundle(spans=spans, left=len(sealed), items=items, chunk=chunk)
        nonce = visit.nonces.get(topic, b"")
        made: list[Deposit] = []
        for hashed, envelope, signature in sealed:
            visit.waiting[hashed] = Waiting(
                board=board, day=day, bundle=bundle, sent_ms=step.now_ms, size_bytes=len(envelope)
            )
            made.append(Deposit(topic=topic, envelope=envelope, signature=signature, work=nonce))
        self._links.say(step, visit.link, grouped(made))
        return True

    def prepare(self, step: Step, visit: Visit, campaign: Campaign, board: Board) -> bool:
        """Whether today's topic can be written at once; else see to it that it can before long."""
        day = day_of(step.now_ms)
        reading = board.reading(day)
        topic = topic_of(board.secret, board.relay.key, day)
        if reading.ends < 0:
            self._poll(step, visit, campaign)
            return False
        if not visit.nonces.get(topic) and visit.work_bits and not max(reading.ends, reading.serial):
            visit.tried.setdefault(topic, 0)
            step.timer(f"work:{campaign.id.hex()}", step.now_ms + 1)
            return False
        return True

    # --- What became of it

    def on_deposited(self, step: Step, visit: Visit, campaign: Campaign, message: Deposited) -> None:
        """A relay says what it did with an envelope of mine."""
        waited = visit.waiting.pop(message.envelope)
        board = waited.board
        visit.work_bits = message.work_bits
        if message.serial:
            board.taken_ms = board.answered_ms = step.now_ms
            if not board.acked(waited.day, message.serial, message.head, message.envelope):
                self._blame(step, campaign, board, RelayFault.LOST)
            board.reading(waited.day).size_bytes += waited.size_bytes
            waited.bundle.left -= 1
            if not waited.bundle.left:
                for author, first, last in waited.bundle.spans:
                    board.cover(author, first, last, step.now_ms)
                board.show_items(waited.bundle.items)
            if not visit.waiting:
                self.within(step, campaign, MORE_AFTER_MS)
            return
        _again(step.now_ms, waited)
        visit.refusal = message.refusal
        topic = topic_of(board.secret, board.relay.key, waited.day)
        visit.nonces.pop(topic, None)
        if message.refusal is not Refusal.WORK:
            visit.pause_ms = step.now_ms + _PAUSE_MS.get(message.refusal, _PAUSE_LONG_MS)
        if message.refusal in (Refusal.SIGNATURE, Refusal.SIZE):
            self._blame(step, campaign, board, RelayFault.FALSE)
        self.within(step, campaign, max(MORE_AFTER_MS, visit.pause_ms - step.now_ms), drawn=True)
        step.notice(NoticeKind.RELAYS, campaign.id)

    @staticmethod
    def lost(step: Step, visit: Visit) -> None:
        """The link is gone: what was not acknowledged is posted again."""
        for waited in visit.waiting.values():
            _again(step.now_ms, waited)

    # --- Work

    def work(self, step: Step, campaign: Campaign) -> None:
        """Go on with the work that new topics cost, for a few milliseconds."""
        for visit in [one for one in self._visits.values() if one.campaign == campaign.id]:
            for topic, start in list(visit.tried.items())[:1]:
                nonce = work(visit.key, topic, visit.work_bits, start=start, tries=_WORK_TRIES)
                if nonce:
                    del visit.tried[topic]
                    visit.nonces[topic] = nonce
                    self.within(step, campaign, 1, drawn=True)
                    self._ready(step, campaign)
                else:
                    visit.tried[topic] = start + _WORK_TRIES
            if visit.tried:
                step.timer(f"work:{campaign.id.hex()}", step.now_ms + 1)


def grouped(deposits: Sequence[Deposit]) -> list[Message]:
    """Deposits in as few messages as hold them."""
    found: list[Message] = []
    group: list[Deposit] = []
    size = 0
    for one in deposits:
        size += len(one.envelope)
        if group and (size > DEPOSITS_AT_ONCE_BYTES_MAX or len(group) == DEPOSITS_AT_ONCE_MAX):
            found.append(_one_or_several(group))
            group, size = [], len(one.envelope)
        group.append(one)
    return [*found, _one_or_several(group)] if group else found


def _one_or_several(group: list[Deposit]) -> Message:
    return group[0] if len(group) == 1 else SeveralDeposits(deposits=tuple(group))


def _again(now_ms: int, waited: Waiting) -> None:
    """It was not taken. Operations are found lacking by themselves; the rest is noted."""
    waited.board.want_items(waited.bundle.items)
    if waited.bundle.chunk is not None and not waited.board.until_ms:
        waited.board.chunks[waited.bundle.chunk] = now_ms
