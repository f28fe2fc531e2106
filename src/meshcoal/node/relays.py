"""Links to blind relays: when they are asked, what is posted, and what is made of what they show.

Law: whatever a relay brings goes through the one door. A relay is told nothing of who asks: each link has a
fresh key and belongs to one campaign. Envelopes go out at random moments after there is something to say, and
topics are asked for at random moments, among others that mean nothing. What a relay leaves out is asked of
the members; a relay that does wrong is named to the user, and loses nothing but time for them.

Specified in docs/protocol/relay.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from meshcoal.api.relay_views import RelayFault, RelayState
from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import LinkClosed, WrongLink
from meshcoal.ids import CampaignId
from meshcoal.limits import BOARDS_MAX
from meshcoal.node.attachments import Attachments
from meshcoal.node.board_files import BOARD_FILES, BoardFiles
from meshcoal.node.board_items import BOARD_BEAT, BoardItems
from meshcoal.node.board_reading import BoardReader, TakeRun, boards_at
from meshcoal.node.boards import READ_FOR_MS, Board
from meshcoal.node.campaign import Campaign
from meshcoal.node.deposits import OTHERS_AFTER_MS, OWN_AFTER_MS, Deposits
from meshcoal.node.links import RELAY, Link, Links, Target
from meshcoal.node.sealing import Sealing
from meshcoal.node.step import Step
from meshcoal.node.visits import Visit, topics_of
from meshcoal.sync.board import POSTER_BYTES, day_of, relay_psk
from meshcoal.sync.exchange import frontier_of
from meshcoal.sync.knock import Pattern
from meshcoal.wire.frames import Frontier, Message, Pong
from meshcoal.wire.relaying import (
    RELAYING,
    Answers,
    Deposited,
    Found,
    Place,
    Poll,
    Polled,
    Refusal,
    Terms,
)

RELAY_TIMERS: Final = ("post", "fetch", "work", BOARD_BEAT, BOARD_FILES)
_ANSWER_AFTER_MS: Final = 5_000  # so that of many who could answer few do
_FETCH_EVERY_MS: Final = MINUTE_MS  # on average; between, the relay says by itself what is new
_FETCH_SPARING_MS: Final = 10 * MINUTE_MS
_ANSWERED_WITHIN_MS: Final = MINUTE_MS
_ASK_FIRST_MS: Final = MINUTE_MS
_ASK_TIMES_MAX: Final = 8


class Relays:
    """Talks to the relays of all campaigns."""

    def __init__(
        self,
        *,
        links: Links,
        entropy: Entropy,
        campaigns: Mapping[CampaignId, Campaign],
        count: Callable[[str], None],
        take_run: TakeRun,
        sealing: Sealing,
        attachments: Attachments,
    ) -> None:
        self._links = links
        self._entropy = entropy
        self._campaigns = campaigns
        self._visits: dict[int, Visit] = {}
        self._deposits = Deposits(
            links=links,
            entropy=entropy,
            visits=self._visits,
            poll=self._poll,
            ready=self._ask_members,
            blame=self._blame,
        )
        self.items = BoardItems(deposits=self._deposits, sealing=sealing, entropy=entropy)
        self.files = BoardFiles(
            deposits=self._deposits,
            attachments=attachments,
            at_hand=lambda campaign: len(sealing.peers(campaign)) >= len(campaign.roster().active()) - 1,
        )
        self._reader = BoardReader(
            count=count,
            take_run=take_run,
            items=self.items,
            files=self.files,
            blame=self._blame,
            answer=self._on_asked,
        )

    # --- Which relays there are

    def review(self, step: Step, campaign: Campaign) -> bool:
        """Members told of relays, or came and went: which boards there are. True: links have to change."""
        boards = campaign.boards
        boards.moved = False
        named = boards.named(campaign.roster().active())
        changed = False
        for tag, (author, relay, secret) in named.items():
            board = boards.boards.get(tag)
            if board is None:
                boards.boards[tag] = Board(
                    relay=relay,
                    secret=secret,
                    author=author,
                    poster=self._entropy.take(POSTER_BYTES),
                    covered_ms=step.now_ms,
                    dirty=True,
                )
                changed = True
            elif board.relay != relay:
                board.relay, board.dirty, changed = relay, True, True
        for tag, board in list(boards.boards.items()):
            if tag in named:
                continue
            if not board.until_ms:
                board.until_ms, board.dirty = step.now_ms + READ_FOR_MS, True
                board.limits = {author: campaign.dag.top(author) for author in campaign.dag.authors()}
            elif board.until_ms <= step.now_ms:
                boards.drop(step, tag)
                changed = True
        closing = sorted([(board.until_ms, tag) for tag, board in boards.boards.items() if board.until_ms])
        for _, tag in closing[: max(0, len(boards.boards) - BOARDS_MAX)]:
            boards.drop(step, tag)
            changed = True
        if changed:
            self._deposits.within(step, campaign, OWN_AFTER_MS)
            step.notice(NoticeKind.RELAYS, campaign.id)
        boards.put(step)
        return changed

    def targets(self, step: Step, campaign: Campaign) -> list[Target]:
        """The relays that this campaign wants links to; a link to another is ended."""
        active = campaign.my_state is MemberState.ACTIVE and not self._links.steady.on
        boards = list(campaign.boards.boards.values()) if active else []
        relays = {board.relay.key: board.relay for board in boards}
        # One relay may be known by several addresses: one in Tor, and a plain one.
        hints: dict[bytes, dict[str, None]] = {key: {} for key in relays}
        for board in boards:
            hints[board.relay.key][board.relay.address] = None
        for visit in self._visits.values():
            if visit.campaign == campaign.id and visit.key not in relays:
                self._links.cut(step, visit.link, LinkClosed.code)
        return [
            Target(
                key=(RELAY, campaign.id, relay.key),
                pattern=Pattern.KNOWN,
                static=None,
                remote=relay.key,
                psk=relay_psk(relay.passing),
                hints=tuple(hints[relay.key]),
                delay_ms=0,
                family=RELAYING,
            )
            for relay in relays.values()
        ]

    # --- Links

    def met(self, step: Step, link: Link) -> None:
        """A relay has shown that it is who it should be; it speaks first."""
        assert link.target is not None
        campaign = CampaignId(link.target.key[1])
        step.take_turns(link.number, campaign)
        self._visits[link.number] = Visit(link=link, campaign=campaign, key=link.target.remote)

    def lost(self, step: Step, link: Link) -> None:
        """The link is gone: what was not acknowledged is posted again."""
        visit = self._visits.pop(link.number, None)
        if visit is not None:
            self._deposits.lost(step, visit)
            step.notice(NoticeKind.RELAYS, visit.campaign)

    def hear(self, step: Step, link: Link, message: Message) -> None:
        """A relay says something. Raises `RemoteError` where it had no business saying it."""
        visit = self._visits[link.number]
        campaign = self._campaigns[visit.campaign]
        match message:
            case Terms() if visit.terms is None:
                visit.terms, visit.work_bits = message, message.work_bits
                step.notice(NoticeKind.RELAYS, campaign.id)
                self._poll(step, visit, campaign)
            case Found():
                self._reader.read(step, visit, campaign, message)
            case Polled() if visit.asked and len(message.ends) == len(visit.asked):
                self._on_polled(step, visit, campaign, message)
            case Deposited() if message.envelope in visit.waiting:
                self._deposits.on_deposited(step, visit, campaign, message)
            case Answers() if all(one.envelope in visit.waiting for one in message.answers):
                for one in message.answers:
                    if one.envelope in visit.waiting:  # else it was named twice in one message
                        self._deposits.on_deposited(step, visit, campaign, one)
            case Pong():
                pass
            case _:
                raise WrongLink("not said by a relay, or not now")

    @staticmethod
    def _boards(visit: Visit, campaign: Campaign) -> list[Board]:
        return boards_at(campaign, visit.key)

    def _on_asked(self, step: Step, campaign: Campaign) -> int:
        """A member says what they hold: after a while, unless others do before, they are sent the rest."""
        wait_ms = self._deposits.draw(_ANSWER_AFTER_MS)
        self._deposits.within(step, campaign, wait_ms, drawn=True)
        return wait_ms

    # --- Asking

    def _poll(self, step: Step, visit: Visit, campaign: Campaign) -> None:
        """Ask for what is new: the days that are not read to their end, and dummies of the same days."""
        terms = visit.terms
        if terms is None or visit.asked:
            return
        topics = topics_of(self._boards(visit, campaign), terms, step.now_ms)
        if not topics:
            return
        asked = []
        for topic in sorted(topics):
            place = topics[topic]
            reading = place[0].reading(place[1]) if place is not None else None
            asked.append((topic, reading.serial, reading.acked) if reading is not None else (topic, 0, 0))
        visit.topics, visit.asked, visit.asked_ms = topics, tuple(asked), step.now_ms
        visit.stalled = False
        poll = Poll(places=tuple([Place(topic=topic, after=after) for topic, after, _ in asked]), stay=True)
        self._links.say(step, visit.link, [poll])
        every_ms = _FETCH_SPARING_MS if self._links.sparing else _FETCH_EVERY_MS
        visit.poll_due_ms = step.now_ms + self._deposits.draw(every_ms)
        step.timer(f"fetch:{campaign.id.hex()}", self._fetch_due_ms(campaign, step.now_ms))

    def after_items(self, step: Step, campaign: Campaign) -> None:
        """Things that stand in no log were taken in: those that boards may lack are posted before long."""
        if campaign.boards.boards and (campaign.files.fetching.wanted or self.files.asks(campaign)):
            self.files.look(step, campaign)
        if campaign.boards.items_now:
            campaign.boards.items_now = False
            self._deposits.within(step, campaign, OTHERS_AFTER_MS)

    def _fetch_due_ms(self, campaign: Campaign, now_ms: int) -> int:
        due = [visit.poll_due_ms for visit in self._visits.values() if visit.campaign == campaign.id]
        return max(now_ms + 1, min(due, default=now_ms + _FETCH_EVERY_MS))

    def _on_polled(self, step: Step, visit: Visit, campaign: Campaign, message: Polled) -> None:
        """How far the topics go: is there more, and does it fit what was seen?"""
        asked, visit.asked = visit.asked, ()
        more = False
        for (topic, read, acked), end in zip(asked, message.ends, strict=True):
            place = visit.topics.get(topic)
            if place is None:
                continue
            board, day = place
            reading = board.reading(day)
            reading.ends = end.last
            board.answered_ms = step.now_ms
            board.answers()
            if end.last < max(read, acked) and not self._expired(visit, day, step.now_ms):
                kept = max(read, acked) - end.last
                self._blame(step, campaign, board, RelayFault.LOST, keeps_back=kept)
                reading.begin_again()  # and read next time: else it could keep me busy
                continue
            if reading.heads.get(end.last, end.head) != end.head:
                self._blame(step, campaign, board, RelayFault.FALSE)
            if end.last > reading.serial and reading.serial > read:
                more = True
            elif end.last > max(reading.serial, reading.said):
                reading.said, reading.said_ms, reading.said_polls = end.last, step.now_ms, 0
            if reading.said > reading.serial:
                reading.said_polls += 1
            over = step.now_ms >= (day + 2) * DAY_MS
            reading.done = over and end.last <= reading.serial
        boards = self._boards(visit, campaign)
        terms = visit.terms
        assert terms is not None
        more = more or any(
            board.reading(day).ends < 0 for board in boards for day in board.days(step.now_ms, terms.days)
        )
        for board in boards:
            short = board.short(step.now_ms)
            if short:
                self._blame(step, campaign, board, RelayFault.BEHIND, keeps_back=short)
            else:
                board.has_come(step.now_ms)
        if more and not visit.stalled:
            self._poll(step, visit, campaign)
        elif not more:
            if not visit.read:
                visit.read = True
                self._deposits.within(step, campaign, OWN_AFTER_MS)
                self.items.woke(step, campaign)
            self._ask_members(step, campaign)
            self.items.look(step, campaign)
        campaign.boards.put(step)

    @staticmethod
    def _expired(visit: Visit, day: int, now_ms: int) -> bool:
        return visit.terms is not None and day + visit.terms.days <= day_of(now_ms) + 1

    def _blame(
        self, step: Step, campaign: Campaign, board: Board, fault: RelayFault, *, keeps_back: int = 0
    ) -> None:
        if not board.blame(fault, step.now_ms, keeps_back):
            return
        if fault in (RelayFault.LOST, RelayFault.FALSE):
            board.covered.clear()  # what stood there may not stand there any more
            self._deposits.within(step, campaign, OTHERS_AFTER_MS)
        step.notice(NoticeKind.RELAYS, campaign.id)

    def _ask_members(self, step: Step, campaign: Campaign) -> None:
        """Where something is lacking: say what is held here, on all boards, and seldomer each time."""
        boards = campaign.boards
        usable = (RelayFault.NONE, RelayFault.SILENT, RelayFault.BEHIND)
        lacking = bool(campaign.pending) or not campaign.founded
        lacking = lacking or any(
            one.fault not in usable or one.keeps_back > 0 for one in boards.boards.values()
        )
        if not lacking:
            boards.asked_times = 0
            return
        if campaign.spool or step.now_ms < boards.asked_ms:
            return
        said = Frontier(whole=True, held=frontier_of(campaign.dag))
        for visit in list(self._visits.values()):
            if visit.campaign == campaign.id and visit.read and step.now_ms >= visit.pause_ms:
                for board in self._boards(visit, campaign):
                    if not board.until_ms and self._deposits.deposit(step, visit, campaign, board, said):
                        boards.asked_ms = step.now_ms + (_ASK_FIRST_MS << boards.asked_times)
        boards.asked_times = min(boards.asked_times + 1, _ASK_TIMES_MAX)

    # --- Posting

    def after(self, step: Step, campaign: Campaign) -> None:
        """Operations were taken in: they are posted before long, if they stand there not already."""
        if not campaign.taken_now or not campaign.boards.boards:
            return
        self.files.attached(step, campaign)
        self.items.retry(step, campaign)
        mine = any(operation.header.author == campaign.me for operation in campaign.taken_now)
        self._deposits.within(step, campaign, OWN_AFTER_MS if mine else OTHERS_AFTER_MS)

    # --- Time

    def timer(self, step: Step, name: str, campaign: Campaign) -> None:
        """One of `RELAY_TIMERS` came due. Late and repeated firings do no harm."""
        if name == "post":
            if campaign.boards.publish_ms and step.now_ms >= campaign.boards.publish_ms:
                self._deposits.publish(step, campaign)
            return
        if name == BOARD_BEAT:
            self.items.beat(step, campaign)
            return
        if name == BOARD_FILES:
            self.files.timer(step, campaign)
            return
        if name == "work":
            self._deposits.work(step, campaign)
            return
        self.review(step, campaign)
        visits = [visit for visit in self._visits.values() if visit.campaign == campaign.id]
        for visit in visits:
            self._look_at(step, visit, campaign)
            if step.now_ms >= visit.poll_due_ms:
                self._poll(step, visit, campaign)
        if visits:
            self._deposits.within(step, campaign, OTHERS_AFTER_MS)
            step.timer(f"fetch:{campaign.id.hex()}", self._fetch_due_ms(campaign, step.now_ms))

    def _look_at(self, step: Step, visit: Visit, campaign: Campaign) -> None:
        """Whether a relay has left something unanswered for too long."""
        sent = [one.sent_ms for one in visit.waiting.values()]
        if visit.asked:
            sent.append(visit.asked_ms)
        if visit.terms is None or min(sent, default=step.now_ms) > step.now_ms - _ANSWERED_WITHIN_MS:
            if visit.asked:
                visit.poll_due_ms = step.now_ms + _ANSWERED_WITHIN_MS
            return
        for board in self._boards(visit, campaign):
            self._blame(step, campaign, board, RelayFault.SILENT)
        self._links.cut(step, visit.link, LinkClosed.code)

    def cover(self, step: Step, campaign: Campaign, every_ms: int) -> None:
        """Post at a steady pace from now on, or as it comes."""
        campaign.boards.set_cover(step, every_ms)
        campaign.boards.publish_ms = 0
        self._deposits.within(step, campaign, OWN_AFTER_MS)

    def check(self, step: Step, campaign: Campaign, board: Board) -> None:
        """A person wants to know whether a relay works: it is asked, or dialled, at once."""
        for visit in self._visits.values():
            if visit.campaign == campaign.id and visit.key == board.relay.key and visit.terms is not None:
                visit.pause_ms = 0
                self._poll(step, visit, campaign)
                self._deposits.within(step, campaign, OWN_AFTER_MS)
                return
        self._links.retry(step, (RELAY, campaign.id, board.relay.key))

    # --- Showing

    def kept_days(self, campaign: Campaign, board: Board) -> int:
        """How long a relay says it keeps things; 0 where no link to it stands."""
        for visit in self._visits.values():
            if visit.campaign == campaign.id and visit.key == board.relay.key and visit.terms is not None:
                return visit.terms.days
        return 0

    def state(self, campaign: Campaign, board: Board) -> tuple[RelayState, str, int]:
        """Whether it works, the last error, and how many envelopes of mine wait there."""
        for visit in self._visits.values():
            if visit.campaign == campaign.id and visit.key == board.relay.key and visit.terms is not None:
                waiting = sum(one.board is board for one in visit.waiting.values())
                if visit.refusal is not Refusal.NONE:
                    return RelayState.REFUSING, visit.refusal.value, waiting
                return RelayState.WORKING, "", waiting
        attempts = self._links.attempts.get((RELAY, campaign.id, board.relay.key))
        if attempts is None or not attempts.last_error:
            return RelayState.UNTRIED, "", 0
        return RelayState.UNREACHED, attempts.last_error, 0
