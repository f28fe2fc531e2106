"""Sealed sign-ons between members: how they begin unseen, how they spread, when shares are told.

Law: what begins goes out in beats (`sync.beats`) and is on disk before; nobody but its beginner can tell it
from what others began. What is spread is named to all links, asked for by name, judged once, and passed on
only when it is sound. Of each link so many ring signatures are checked at once and then one a second. What no
sound node sends cuts the link, with its code. Ours, unreviewed: docs/design/0020-sealed-in-the-node.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import BadEnvelope, DoubledEnvelope, OverLimit, RemoteError, SealExpired
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import LOOSE_ITEMS_PER_MESSAGE_MAX, LOOSE_NAMES_PER_MESSAGE_MAX
from meshcoal.log.changes import EraseDocument, PutDocument
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Links
from meshcoal.node.loose_traffic import BOARDS_SIDE, Beginning, Side, Traffic, counts, holds
from meshcoal.node.step import Step
from meshcoal.sync.beats import Beats
from meshcoal.wire.beats import BEATS, Beat
from meshcoal.wire.frames import Message
from meshcoal.wire.loose import LooseItems, LooseNames, LooseWant
from meshcoal.wire.operation import Kind
from meshcoal.wire.sealed import SEALED, LooseItem, ToldKey, item_id

BEGUN: Final = "begun"
NAMES, BEAT, TELL, DRAIN, SEEK, EXPIRY, WEEK = (
    "seal-names", "seal-beat", "seal-tell", "seal-drain", "seal-seek", "seal-expiry", "seal-week",
)  # fmt: skip
SEALING_TIMERS: Final = frozenset({NAMES, BEAT, TELL, DRAIN, SEEK, EXPIRY, WEEK})

FRESH_MS: Final = 2 * HOUR_MS  # since a freeze: beats are short then
BEAT_FRESH_MS: Final = 30_000
BEAT_SHUT_MS: Final = 10 * MINUTE_MS
BEAT_OPEN_MS: Final = DAY_MS
_NAMES_AFTER_MS: Final = 250
_TELL_WITHIN_MS: Final = 2_000
_WEEK_WITHIN_MS: Final = 20_000
_SEEK_AFTER_MS: Final = 10_000
_DRAIN_MS: Final = 1_000
_CHECKS_AT_ONCE: Final = 4  # times the members: envelopes, keys and withdrawals of all, and as many again
_KNOWN_MAX: Final = 100_000  # names that one link told
# What sound nodes send where they know less; and what is of a round that is not known here.
_FORGIVEN: Final = (DoubledEnvelope, SealExpired, OverLimit)


class Sealing:
    """Moves the sealed sign-ons of all campaigns of a node."""

    def __init__(self, *, links: Links, entropy: Entropy, counters: dict[str, int]) -> None:
        self._links = links
        self._entropy = entropy
        self._counters = counters
        self._traffic: dict[CampaignId, Traffic] = {}

    def of(self, campaign: Campaign) -> Traffic:
        return self._traffic.setdefault(campaign.id, Traffic())

    # --- Beginning

    def recover(self, step: Step, campaign: Campaign) -> None:
        """Go on after a start: what I began, beats, dates that passed."""
        traffic = self.of(campaign)
        for key, encoded in campaign.reader.documents(BEGUN, campaign.id):
            traffic.begun[OperationId(key[len(campaign.id) :])] = encoded
        if campaign.unopened:  # what a freeze gathers may be among it
            for about, kind in campaign.reader.body_counts(campaign.id):
                if kind == Kind.FREEZE:
                    for row in campaign.reader.bodies(campaign.id, (Kind.FREEZE,), OperationId(about)):
                        campaign.rounds.read_freeze(step, row)
        self._stop_late(step, campaign)
        if campaign.rounds.held or campaign.rounds.polls.held:
            campaign.rounds.expire(step)
            self._settle(step, campaign)
        if campaign.rounds.week_due(campaign.me, step.now_ms, stirred=False):
            self._timer(step, campaign, WEEK, step.now_ms + self._chance(_WEEK_WITHIN_MS))

    def begin(self, step: Step, campaign: Campaign, item: LooseItem) -> None:
        """Send this so that nobody sees who began it. Raises `OverLimit`: too much is under way."""
        traffic = self.of(campaign)
        encoded, name = SEALED.encode(item), item_id(item)
        self._settle(step, campaign)
        assert traffic.beats is not None, "whoever signs is in a round"
        traffic.beats.begin(encoded)
        traffic.begun[name] = encoded
        traffic.since[name] = step.now_ms
        step.change(PutDocument(space=BEGUN, key=campaign.id + name, value=encoded))

    def leaving(self, campaign: Campaign) -> list[Beginning]:
        """What I began and have not seen spread."""
        found: list[Beginning] = []
        for encoded in self.of(campaign).begun.values():
            item = SEALED.decode(encoded)
            assert isinstance(item, Beginning), "others are not begun"
            found.append(item)
        return found

    def stop(self, step: Step, campaign: Campaign, name: OperationId) -> None:
        """What I began is spread, or of no use any more."""
        traffic = self.of(campaign)
        encoded = traffic.begun.pop(name, None)
        if encoded is not None:
            traffic.since.pop(name, None)
            step.change(EraseDocument(space=BEGUN, key=campaign.id + name))
            traffic.seen(encoded)

    def _stop_late(self, step: Step, campaign: Campaign) -> None:
        """What I began, and whose round is over or is no more."""
        running = campaign.rounds.running(step.now_ms)
        for item in self.leaving(campaign):
            if item.terms not in running:
                self.stop(step, campaign, item_id(item))

    # --- After each step

    def after(self, step: Step, campaign: Campaign) -> None:
        """Operations were opened in this step: a letter that needs keys, a round that begins."""
        rounds = campaign.rounds
        if rounds.letters_now:
            rounds.letters_now = False
            if rounds.week_due(campaign.me, step.now_ms, stirred=False):
                self._timer(step, campaign, WEEK, step.now_ms + self._chance(_WEEK_WITHIN_MS))
        if rounds.unread and self.of(campaign).controls != len(campaign.membership.controls):
            self.of(campaign).controls = len(campaign.membership.controls)
            for freeze, statement in list(rounds.unread.items()):
                for row in campaign.reader.bodies(campaign.id, (Kind.FREEZE,), OperationId(statement)):
                    if row.id == freeze:
                        rounds.read_freeze(step, row)
        if rounds.begun_now:
            rounds.begun_now = False
            self._settle(step, campaign)

    def _settle(self, step: Step, campaign: Campaign) -> None:
        """Have beats, shares and dates as the rounds need them."""
        traffic, rounds = self.of(campaign), campaign.rounds
        self._close_released(step, campaign)
        running = rounds.running(step.now_ms)
        if running and campaign.my_state is MemberState.ACTIVE:
            period_ms = self.period(campaign, step.now_ms)
            if traffic.beats is None:
                traffic.beats = Beats(period_ms=period_ms, entropy=self._entropy, now_ms=step.now_ms)
                traffic.beats.wake(step.now_ms)
                for encoded in traffic.begun.values():
                    traffic.beats.begin(encoded)
            traffic.beats.set_period(period_ms, step.now_ms)
            self._timer(step, campaign, BEAT, traffic.beats.due_ms)
        else:
            traffic.beats = None
        if running:
            self._timer(step, campaign, EXPIRY, min(ends_ms for _, ends_ms in running.values()))
        if rounds.due(step.now_ms):
            self._timer(step, campaign, TELL, step.now_ms + self._chance(_TELL_WITHIN_MS))

    def _close_released(self, step: Step, campaign: Campaign) -> None:
        """Nobody is counted any more on a letter that is out: its ring's keys go at once."""
        open_ = campaign.rounds.polls.open(step.now_ms)
        over = [held for held in open_ if not counts(campaign, held)] if open_ else []
        for held in over:
            campaign.rounds.polls.close(step, held)
        if over:
            campaign.rounds.expire(step)
            self._stop_late(step, campaign)
            if campaign.rounds.week_due(campaign.me, step.now_ms, stirred=False):
                self._timer(step, campaign, WEEK, step.now_ms + self._chance(_WEEK_WITHIN_MS))

    def period(self, campaign: Campaign, now_ms: int) -> int:
        """How long a beat is for all members: it follows from the rounds, and not from what I have to say."""
        periods = [BEAT_OPEN_MS]
        for terms, (began_ms, _) in campaign.rounds.running(now_ms).items():
            if now_ms - began_ms < FRESH_MS:
                periods.append(BEAT_FRESH_MS)
            elif not campaign.rounds.settled(terms):
                periods.append(BEAT_SHUT_MS)
        return min(periods)

    # --- Links

    def meet(self, step: Step, link: Link, campaign: Campaign) -> None:
        """A member is at the other end, and our stores are compared."""
        traffic = self.of(campaign)
        if traffic.beats is not None and len(self.peers(campaign)) == 1:
            traffic.beats.wake(step.now_ms)
            self._timer(step, campaign, BEAT, traffic.beats.due_ms)

    def lose(self, step: Step, link: Link, campaign: Campaign) -> None:
        """A link went down: what it was asked for is asked of others."""
        traffic = self.of(campaign)
        traffic.sides.pop(link.number, None)
        lost = [name for name, (number, _) in traffic.asked.items() if number == link.number]
        for name in lost:
            traffic.asked[name] = (link.number, 0)
        if lost:
            self._timer(step, campaign, SEEK, step.now_ms + 1)

    def side(self, step: Step, number: int, campaign: Campaign) -> Side:
        """What is known of a link by its number, or of the boards."""
        sides = self.of(campaign).sides
        if number not in sides:
            members = max(1, len(campaign.roster().active()))
            sides[number] = Side(left=_CHECKS_AT_ONCE * members, at_ms=step.now_ms)
        return sides[number]

    def peers(self, campaign: Campaign) -> dict[AuthorId, Link]:
        """Links to members, by member, ascending."""
        found = {
            link.author: link
            for link in self._links.by_number.values()
            if link.campaign == campaign.id and link.author and link.established and not link.closing
        }
        return dict(sorted(found.items()))

    # --- What members say

    def hear(self, step: Step, link: Link, campaign: Campaign, message: Message) -> None:
        """Act on what a member said. Raises `RemoteError` where no sound node says it."""
        if link.author is None:
            return  # a member whom I do not know yet: they name it again once our stores are compared
        side = self.side(step, link.number, campaign)
        match message:
            case LooseNames(names=names):
                self._on_names(step, link, side, campaign, names)
            case LooseWant(names=names):
                self._on_want(step, link, side, campaign, names)
            case LooseItems(items=items):
                for encoded in items:
                    self.take_item(step, side, campaign, decoded(encoded))
            case Beat(items=items):
                beats = self.of(campaign).beats
                if beats is not None:
                    self.spread(step, campaign, self.take_beat(step, side, campaign, items, beats))
            case _:
                raise AssertionError("no word about sealed sign-ons")

    def _on_names(
        self, step: Step, link: Link, side: Side, campaign: Campaign, names: tuple[bytes, ...]
    ) -> None:
        traffic = self.of(campaign)
        wanted = []
        for each in names:
            name = OperationId(each)
            side.known[name] = None
            if name in campaign.rounds.items or name in traffic.asked:
                continue
            if name in side.refused or name in side.vain:
                continue
            traffic.asked[name] = (link.number, step.now_ms)
            wanted.append(name)
        if len(side.known) > _KNOWN_MAX:
            raise OverLimit("more names than a campaign can have")
        self._want(step, link, wanted)
        if wanted:
            self._timer(step, campaign, SEEK, step.now_ms + _SEEK_AFTER_MS)

    def _want(self, step: Step, link: Link, names: list[OperationId]) -> None:
        for start in range(0, len(names), LOOSE_NAMES_PER_MESSAGE_MAX):
            part = names[start : start + LOOSE_NAMES_PER_MESSAGE_MAX]
            self._links.say(step, link, [LooseWant(names=tuple(part))])

    def _on_want(
        self, step: Step, link: Link, side: Side, campaign: Campaign, names: tuple[bytes, ...]
    ) -> None:
        send = []
        for each in names:
            name = OperationId(each)
            if name in campaign.rounds.items and side.sent.get(name, 0) < 2:
                side.sent[name] = side.sent.get(name, 0) + 1
                side.known[name] = None
                send.append(name)
        self._links.say(step, link, campaign.rounds.packed(send))

    def take_item(self, step: Step, side: Side, campaign: Campaign, item: LooseItem) -> None:
        name = item_id(item)
        side.known[name] = None
        self.of(campaign).asked.pop(name, None)
        if name in campaign.rounds.items or name in side.refused:
            return
        if not isinstance(item, Beginning | ToldKey):
            self._take(step, side, campaign, item)
        elif side.queue or not self._may_check(step, side):
            if len(side.queue) >= _CHECKS_AT_ONCE * max(1, len(campaign.roster().active())):
                raise OverLimit("more waits to be checked than a campaign can have")
            side.queue.append(item)
            self._timer(step, campaign, DRAIN, step.now_ms + _DRAIN_MS)
        else:
            self._take(step, side, campaign, item)

    @staticmethod
    def _may_check(step: Step, side: Side) -> bool:
        """Whether one more ring signature of this link is to be checked now."""
        if side.left > 0:
            side.left -= 1
            side.at_ms = step.now_ms
            return True
        if step.now_ms - side.at_ms >= _DRAIN_MS:
            side.at_ms = step.now_ms
            return True
        return False

    def _take(self, step: Step, side: Side | None, campaign: Campaign, item: LooseItem) -> None:
        name = item_id(item)
        try:
            added = campaign.rounds.take(step, item)
        except RemoteError as refusal:
            if campaign.rounds.statement_of(item.terms) and not isinstance(refusal, _FORGIVEN):
                raise
            self.count(refusal)
            if side is not None:
                side.refused[name] = None
            self.stop(step, campaign, name)
            return
        self._took(step, campaign, added)

    def bring(self, step: Step, campaign: Campaign, item: LooseItem) -> None:
        """A bundle brought this. Raises `RemoteError` where it is not sound."""
        self._take(step, None, campaign, item)

    def _took(self, step: Step, campaign: Campaign, added: Iterable[LooseItem]) -> None:
        traffic = self.of(campaign)
        statements: dict[bytes, None] = {}
        for item in added:
            name = item_id(item)
            traffic.fresh[name] = None
            self.stop(step, campaign, name)
            traffic.seen(SEALED.encode(item))
            campaign.boards.spread(name)
            about = campaign.rounds.statement_of(item.terms)
            assert about is not None, "what is held is of a round"
            statements[about] = None
        if not statements:
            return
        self._timer(step, campaign, NAMES, step.now_ms + _NAMES_AFTER_MS)
        campaign.statements.outline_soon(step)
        for statement in statements:
            step.notice(NoticeKind.STATEMENT, campaign.id, statement)
        self._settle(step, campaign)

    def take_beat(
        self, step: Step, side: Side, campaign: Campaign, items: tuple[bytes, ...], beats: Beats
    ) -> tuple[bytes, ...]:
        """What of a beat is to be spread; the rest is carried on. Raises `RemoteError`."""
        traffic = self.of(campaign)
        sound = []
        for encoded in items:
            item = decoded(encoded)
            name = item_id(item)
            held = campaign.rounds.statement_of(item.terms)
            mine = name in traffic.begun
            if held is None or name in campaign.rounds.items:
                continue
            if name in side.refused or not (mine or self._may_check(step, side)):
                continue  # whoever began it sends it again
            try:
                if not mine:
                    campaign.rounds.examine(item, step.now_ms)
            except _FORGIVEN as refusal:
                self.count(refusal)
                side.refused[name] = None
            else:
                sound.append(encoded)
        return beats.on_items(tuple(sound)) if sound else ()

    def spread(self, step: Step, campaign: Campaign, items: Iterable[bytes]) -> None:
        """From now on these are held, and no secret."""
        for encoded in items:
            item = decoded(encoded)
            if item_id(item) not in campaign.rounds.items:
                self._take(step, None, campaign, item)

    def count(self, refusal: RemoteError) -> None:
        self._counters[refusal.code] = self._counters.get(refusal.code, 0) + 1

    # --- Timers

    def _chance(self, within_ms: int) -> int:
        return int.from_bytes(self._entropy.take(4), "big") % within_ms

    def _timer(self, step: Step, campaign: Campaign, what: str, at_ms: int) -> None:
        """Set a timer, unless it is set to fire before."""
        due = self.of(campaign).due
        if not step.now_ms < due.get(what, 0) <= at_ms:
            due[what] = max(at_ms, step.now_ms + 1)
            step.timer(f"{what}:{campaign.id.hex()}", due[what])

    def timer(self, step: Step, what: str, campaign: Campaign) -> bool:
        """A timer of these came due. True: keys of this week are to be published."""
        traffic = self.of(campaign)
        traffic.due.pop(what, None)
        if what == NAMES:
            self._name(step, campaign)
        elif what == BEAT:
            self._beat(step, campaign)
        elif what == TELL:
            if campaign.my_state is MemberState.ACTIVE:
                rounds = [held for held in campaign.rounds.due(step.now_ms) if holds(campaign, held)]
                self._took(step, campaign, campaign.rounds.tell(step, rounds))
        elif what == DRAIN:
            self._drain(step, campaign)
        elif what == SEEK:
            self._seek(step, campaign)
        elif what == EXPIRY:
            if campaign.rounds.expire(step):
                campaign.statements.outline_soon(step)
            for statement in campaign.rounds.statements():
                step.notice(NoticeKind.STATEMENT, campaign.id, statement)
            self._stop_late(step, campaign)
            self._settle(step, campaign)
        due = what in (WEEK, EXPIRY)
        return due and campaign.rounds.week_due(campaign.me, step.now_ms, stirred=False)

    def _name(self, step: Step, campaign: Campaign) -> None:
        """Tell all links what is held since a short while."""
        traffic = self.of(campaign)
        fresh = [name for name in traffic.fresh if name in campaign.rounds.items]
        traffic.fresh.clear()
        for link in self.peers(campaign).values():
            side = self.side(step, link.number, campaign)
            told = [name for name in fresh if name not in side.known]
            for start in range(0, len(told), LOOSE_NAMES_PER_MESSAGE_MAX):
                part = told[start : start + LOOSE_NAMES_PER_MESSAGE_MAX]
                self._links.say(step, link, [LooseNames(names=tuple(part))])

    def _beat(self, step: Step, campaign: Campaign) -> None:
        traffic = self.of(campaign)
        beats = traffic.beats
        if beats is None:
            return
        if step.now_ms >= beats.due_ms:
            peers = self.peers(campaign)
            sent = beats.on_beat(step.now_ms, list(peers))
            if sent is not None:
                message = BEATS.decode(sent.data)
                assert isinstance(message, Beat), "the only one of its family"
                self._links.say(step, peers[sent.to], [message])
        self._settle(step, campaign)

    def _drain(self, step: Step, campaign: Campaign) -> None:
        """One more of what waits to be checked, of each link."""
        waits = False
        for number, side in list(self.of(campaign).sides.items()):
            link = self._links.by_number.get(number)
            if (link is None and number != BOARDS_SIDE) or not side.queue or not self._may_check(step, side):
                waits = waits or bool(side.queue)
                continue
            try:
                self._take(step, side, campaign, side.queue.popleft())
            except RemoteError as refusal:
                if link is None:  # a board: whoever put it there is not known, and others' things are sound
                    self.count(refusal)
                else:
                    side.queue.clear()
                    self._links.refuse(step, link, refusal.code)
            waits = waits or bool(side.queue)
        if waits:
            self._timer(step, campaign, DRAIN, step.now_ms + _DRAIN_MS)

    def _seek(self, step: Step, campaign: Campaign) -> None:
        """Ask somebody else for what did not come."""
        traffic = self.of(campaign)
        peers = {link.number: link for link in self.peers(campaign).values()}
        wanted: dict[int, list[OperationId]] = {}
        for name, (number, asked_ms) in list(traffic.asked.items()):
            if step.now_ms - asked_ms < _SEEK_AFTER_MS:
                continue
            if asked_ms and number in traffic.sides:
                traffic.sides[number].vain[name] = None  # may still come; is not asked for there again
            later = [
                one
                for one, side in traffic.sides.items()
                if one in peers and name in side.known and name not in side.vain
            ]
            if not later:
                del traffic.asked[name]  # whoever has it names it again
                continue
            traffic.asked[name] = (later[0], step.now_ms)
            wanted.setdefault(later[0], []).append(name)
        for number, names in wanted.items():
            self._want(step, peers[number], names[:LOOSE_ITEMS_PER_MESSAGE_MAX])
        if traffic.asked:
            self._timer(step, campaign, SEEK, step.now_ms + _SEEK_AFTER_MS)


def decoded(encoded: bytes) -> LooseItem:
    """An item as it travels. Raises `MalformedSealed`, `OverLimit`."""
    item = SEALED.decode(encoded)
    if not isinstance(item, LooseItem):
        raise BadEnvelope("no item of a round")
    return item
