"""What members say on a campaign's links: who holds what, and the operations themselves.

Law: whatever comes goes through the one door; what a peer claims is noted as a claim. The refusal of one
operation does not end a link to a member who may merely hold what others wrote; anything else wrong does.
What goes beyond a member's quota waits until others had their turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.errors import BadSignature, LinkClosed, RemoteError, WrongLink
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import DOUBTS_MAX
from meshcoal.node import comparing
from meshcoal.node.accept import Acceptor
from meshcoal.node.attachments import Attachments
from meshcoal.node.backlog import SLICE_EVERY_MS, WALK_EVERY_MS, Backlog, Slice
from meshcoal.node.boards import Span
from meshcoal.node.campaign import Campaign
from meshcoal.node.catching import Catching, note_news
from meshcoal.node.events import LEISURE_TIMERS
from meshcoal.node.gossip import Gossip
from meshcoal.node.links import Link, Links
from meshcoal.node.sealing import Sealing
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome
from meshcoal.node.unbundling import Unbundling
from meshcoal.node.watching import note_passed_on
from meshcoal.sync.exchange import UNASKED_OPERATIONS_MAX, Exchange, held_of
from meshcoal.wire.beats import Beat
from meshcoal.wire.frames import (
    Ask,
    Chunk,
    Decided,
    Frontier,
    Greeting,
    Hello,
    Hold,
    Introduction,
    Kept,
    Lack,
    LackChunks,
    Message,
    Noted,
    Offer,
    PackedRun,
    Parted,
    Remembered,
    Run,
    Sample,
    Seek,
    Spare,
    Standing,
    Taken,
    Want,
    WantChunks,
    Whereabouts,
)
from meshcoal.wire.loose import LooseItems, LooseNames, LooseWant
from meshcoal.wire.operation import decode_operation
from meshcoal.wire.packing import unpack
from meshcoal.wire.path import PathKind
from meshcoal.wire.reconciling import (
    Agreed,
    Behind,
    Buckets,
    Cells,
    Digest,
    Listed,
    Missing,
    More,
    Outline,
    Rungs,
)

BACKLOG_TIMER: Final = "backlog"
assert BACKLOG_TIMER in LEISURE_TIMERS
_ASK_AFTER_MS: Final = 300
_ASKED_MS: Final = 1_000
# What a peer may send without being cut off: it may be honest and merely hold what others wrote.
_FORGIVEN: Final = ("not-authorized", "log-closed", "bad-signature")


class Members:
    """Listens to members. Holds what waits until others had their turn."""

    def __init__(
        self,
        *,
        links: Links,
        acceptor: Acceptor,
        sealing: Sealing,
        attachments: Attachments,
        gossip: Gossip,
        refresh_targets: Callable[[Step], None],
    ) -> None:
        self.links = links
        self.gossip = gossip
        self.sealing = sealing
        self.attachments = attachments
        self.acceptor = acceptor
        self.refresh_targets = refresh_targets
        self.backlog = Backlog()
        self.catching = Catching(links=links, acceptor=acceptor, forgiven=_FORGIVEN)
        self.unbundling = Unbundling(
            acceptor=acceptor, catching=self.catching, sealing=sealing, attachments=attachments
        )

    def hear(self, step: Step, link: Link, exchange: Exchange, campaign: Campaign, message: Message) -> None:
        """Act on what a member said. Raises `RemoteError` where they had no business saying it."""
        match message:
            case Frontier():
                self._note_holder(step, link, campaign, message)
                # What the peer lacks is known once our stores are compared.
                said = exchange.on_frontier(replace(message, whole=False), campaign.spool)
                self.links.say(step, link, said)
                opening, link.opening = link.opening, False
                if opening or not self.gossip.announced(step, campaign, link, message):
                    self._expect(step, link, exchange, campaign, message, opening=opening)
            case Run():
                self._on_run(step, link, exchange, campaign, message.operations)
            case PackedRun():
                self._on_packed(step, link, exchange, campaign, message)
            case Taken():
                self.links.say(step, link, exchange.on_taken(message))
            case Want():
                if link.author is not None:
                    campaign.watch.heard_of(link.author, message.held)
                self.links.say(step, link, exchange.on_want(message, campaign.spool))
            case Standing() | Lack() | Hello() | Sample() | Spare():
                self.gossip.hear(step, campaign, link, message)
            case Digest() | Outline() | Behind() | Rungs() | Agreed():
                self._compare(step, link, exchange, campaign, message)
            case Cells() | More() | Missing() | Buckets() | Listed():
                self._compare(step, link, exchange, campaign, message)
            case Parted():
                self._on_parted(step, link, campaign)
            case Seek() | Hold() | WantChunks() | Chunk() | LackChunks():
                self.attachments.hear(step, link, campaign, message)
            case Beat() | LooseNames() | LooseWant() | LooseItems():
                self.sealing.hear(step, link, campaign, message)
            case Offer() | Ask() | Decided() | Noted() | Introduction() | Remembered() | Greeting():
                raise WrongLink("not said inside a campaign")
            case Whereabouts() | Kept():
                raise WrongLink("said between contacts alone")
        if exchange.stalled:
            step.timer(f"pump:{link.number}", step.now_ms + 1)

    def take_from_relay(
        self, step: Step, campaign: Campaign, message: Run | PackedRun
    ) -> tuple[Span, ...] | None:
        """Operations that stood at a relay. Returns the stretches of logs they are; None: no room for them.

        Raises:
            RemoteError: not a run of this campaign's.
        """
        if isinstance(message, PackedRun):
            run = unpack(campaign.id, message.packed)
            spans = tuple(
                [(one.author, one.first, one.first + len(one.ids) - 1) for one in run.chains if one.ids]
            )
            kept = self.catching.keep_unasked(step, campaign, run, message.packed)
            if kept is not False:
                return spans if kept else None
            operations = run.operations()
        else:
            operations, spans = message.operations, ()
        brought = len(campaign.taken_now)
        outcomes = self.acceptor.receive_run(campaign, step, operations)
        for outcome in outcomes:
            if isinstance(outcome, RemoteError):
                self.acceptor.count(outcome.code)
        if campaign.taken_now[brought:]:
            note_news(step, campaign, campaign.taken_now[brought:])
            authors = [one.header.author for one in campaign.taken_now[brought:]]
            self.catching.came(step, campaign, authors, PathKind.RELAY)
        if not spans:
            headers = [
                decode_operation(one).header
                for one, outcome in zip(operations, outcomes, strict=True)
                if not isinstance(outcome, RemoteError)
            ]
            spans = tuple([(header.author, header.seq, header.seq) for header in headers])
        return spans

    def lost(self, step: Step, link: Link, campaign: Campaign) -> None:
        """A link is gone: until its last frame the member's node was heard."""
        if link.author is not None:
            campaign.holders.heard(link.author, link.heard_ms)
            campaign.holders.changed(step, link.author)
            campaign.watch.lost(link.author)
        self.sealing.lose(step, link, campaign)
        if link.exchange is not None and self._asked_last(link, link.exchange):
            campaign.asked_ms = 0  # nobody sends any more: whoever comes next is asked at once

    def _asked_last(self, link: Link, exchange: Exchange) -> bool:
        """Whether it was this peer who was asked for what is lacking, and no other since."""
        return exchange.wants > 0 and not any(
            other.exchange is not None and other.exchange.wanted_at_ms > exchange.wanted_at_ms
            for other in self.links.by_number.values()
            if other.campaign == link.campaign
        )

    def _compare(
        self, step: Step, link: Link, exchange: Exchange, campaign: Campaign, message: Message
    ) -> None:
        met = comparing.hear(step, self.links, link, exchange, campaign, message)
        if met is not None:
            self._note_holder(step, link, campaign, met)
            self.gossip.met(step, campaign, link)
            self.sealing.meet(step, link, campaign)
            self._expect(step, link, exchange, campaign, met, opening=True)

    def tell_out(self, step: Step, link: Link, campaign: Campaign, remote: bytes) -> None:
        """Tell somebody who is out that they are, so that they need not knock again.

        Who left learns that their leaving is on record here; who was removed, that they were. A stranger
        learns nothing.
        """
        members = campaign.roster().members
        author = campaign.membership.named_by_link(remote)
        if author is None:
            return
        member = members.get(author)
        if member is None or member.state is MemberState.REMOVED:
            self.links.say(step, link, [Parted()])
        elif member.state is MemberState.LEFT:
            self.links.say(step, link, [Frontier(whole=False, held=(held_of(campaign.dag, author),))])

    def _on_parted(self, step: Step, link: Link, campaign: Campaign) -> None:
        """A member says that I was removed. Where enough say so, I stop knocking until the next start."""
        assert link.session is not None
        if campaign.my_state is not MemberState.ACTIVE:
            return
        campaign.parted[link.session.remote_static] = None
        if campaign.put_out:
            step.notice(NoticeKind.CAMPAIGN, campaign.id)
            for other in list(self.links.by_number.values()):
                if other.campaign == campaign.id:
                    self.links.cut(step, other, LinkClosed.code)
            self.refresh_targets(step)

    def _expect(
        self,
        step: Step,
        link: Link,
        exchange: Exchange,
        campaign: Campaign,
        message: Frontier,
        *,
        opening: bool,
    ) -> None:
        """The peer holds what I lack: it comes by itself, or I ask for it.

        Args:
            opening: our stores have just been compared.
        """
        lacking = exchange.lacking(campaign.spool, [AuthorId(held.author) for held in message.held])
        if lacking:
            campaign.watch.stir(step)
            linked = {
                other.author
                for other in self.links.by_number.values()
                if other.campaign == campaign.id and other.established and not other.closing
            }
            little = exchange.coming(campaign.spool) <= UNASKED_OPERATIONS_MAX
            if opening and little and not campaign.relays:  # the peer sends it without being asked
                soon_ms = _ASK_AFTER_MS if not campaign.founded else 4 * _ASK_AFTER_MS
            elif not opening and (campaign.relays or linked.issuperset(lacking)):
                soon_ms = _ASK_AFTER_MS
            else:
                soon_ms = 1
            step.timer(f"lack:{link.number}", step.now_ms + soon_ms)

    def _note_holder(self, step: Step, link: Link, campaign: Campaign, message: Frontier) -> None:
        if link.author is None:
            return
        parting = campaign.parting
        known = campaign.membership.ever_in()
        changed = False
        for entry in message.held:
            author = AuthorId(entry.author)
            if author not in known and campaign.founded and not campaign.closed:
                continue
            campaign.claim(author, entry.seq)
            if campaign.holders.told(step, link.author, author, campaign.surely_held(entry)):
                changed = True
        campaign.holders.heard(link.author, step.now_ms)
        campaign.watch.told(step, link.author, message)
        if changed:
            if parting and not campaign.parting:
                self.refresh_targets(step)
            step.notice(NoticeKind.HELD, campaign.id)

    def _on_run(
        self, step: Step, link: Link, exchange: Exchange, campaign: Campaign, operations: tuple[bytes, ...]
    ) -> None:
        """Take a run at once; or have it wait, where others go before its authors."""
        busy = link.slow or link.number in self.backlog
        if not busy or self._goes_first(step, campaign, operations):
            self._take_run(step, link, exchange, campaign, operations)
        elif self.backlog.add(campaign.id, link.number, operations):
            self._go_on(step)
        else:
            # Let go, and asked for again when there is room. The peer may send on: it waits for `Taken`.
            exchange.past_lacks = True
            self.links.say(step, link, exchange.on_stored(0))
            step.timer(f"lack:{link.number}", step.now_ms + _ASKED_MS)

    def _on_packed(
        self, step: Step, link: Link, exchange: Exchange, campaign: Campaign, message: PackedRun
    ) -> None:
        run = unpack(campaign.id, message.packed)
        self.gossip.weigh(step, link, len(run))
        if link.author is not None and campaign.watch.owes(link.author):
            for encoded in run.operations():
                campaign.watch.passed_on(link.author, decode_operation(encoded), proven=False)
        busy = link.slow or link.number in self.backlog
        if busy or not self.catching.keep(step, link, exchange, campaign, run, message.packed):
            self._on_run(step, link, exchange, campaign, run.operations())

    @staticmethod
    def _goes_first(step: Step, campaign: Campaign, operations: tuple[bytes, ...]) -> bool:
        """Whether a run is one new operation of somebody who keeps to the quota."""
        if len(operations) > 1:
            return False
        return not campaign.quotas.slow(decode_operation(operations[0]).header.author, step.now_ms)

    def _go_on(self, step: Step) -> None:
        due_ms = self.backlog.due_ms(step.now_ms)
        if due_ms is not None:
            step.timer(BACKLOG_TIMER, due_ms)

    def take_slice(self, step: Step, campaigns: Mapping[CampaignId, Campaign]) -> None:
        """Others had their turn: take the next few operations of those who write more than their quota."""
        piece = self.backlog.take(step.now_ms)
        link = self.links.by_number.get(piece.link) if piece is not None else None
        if piece is not None and link is not None and link.exchange is not None and link.campaign is not None:
            if link.closing:
                self.backlog.drop(link.number)
            else:
                self._take_piece(step, link, link.exchange, campaigns[link.campaign], piece)
        self._go_on(step)

    def _take_piece(
        self, step: Step, link: Link, exchange: Exchange, campaign: Campaign, piece: Slice
    ) -> None:
        before = campaign.count
        try:
            self._take_run(step, link, exchange, campaign, piece.operations, piece=piece)
        except RemoteError as refusal:
            self.backlog.drop(link.number)
            self.links.refuse(step, link, refusal.code)
            return
        walks = link.author is not None and campaign.quotas.spent_day(link.author, step.now_ms)
        self.backlog.taken(
            link.number,
            new=campaign.count - before,
            not_before_ms=step.now_ms + (WALK_EVERY_MS if walks else SLICE_EVERY_MS),
        )

    def _take_run(
        self,
        step: Step,
        link: Link,
        exchange: Exchange,
        campaign: Campaign,
        operations: tuple[bytes, ...],
        *,
        piece: Slice | None = None,
    ) -> None:
        """Take in operations, and say so; where they are a piece of a run, when they end it."""
        before, taken_before = campaign.count, len(campaign.taken_now)
        campaign.told_by = link.author
        outcomes = self.acceptor.receive_run(campaign, step, operations)
        campaign.told_by = None
        new = campaign.count - before
        for outcome in outcomes:
            if isinstance(outcome, RemoteError):
                link.doubts += outcome.code == BadSignature.code
                if outcome.code not in _FORGIVEN or link.doubts > DOUBTS_MAX:
                    raise outcome
                self.acceptor.count(outcome.code)
        link.doubts = max(0, link.doubts - new)
        waiting = Outcome.WAITING in outcomes
        if link.author is not None:
            note_passed_on(step, campaign, link.author, operations, outcomes)
        sent = frozenset(operations)
        for operation in campaign.taken_now[taken_before:]:
            if operation.encoded in sent:  # whoever sends an operation holds it, and needs no echo
                branch = operation.id in campaign.branched_now
                header = operation.header
                exchange.note_brought(header.author, header.seq, operation.encoded, branch=branch)
        taken = campaign.taken_now[taken_before:]
        self.gossip.took(step, campaign, link, operations, outcomes, taken)
        if taken:
            link.slow = note_news(step, campaign, taken)
        if piece is None:
            lone = len(operations) == 1 and new == 1
            self.links.say(step, link, exchange.on_stored(new, lone=lone))
        elif piece.ends_run:
            self.links.say(step, link, exchange.on_stored(piece.new_before + new))
        if new and len(operations) > 1:
            campaign.asked_ms = step.now_ms  # more of what was asked for may be on its way
        if waiting and not campaign.relays and link.number not in self.backlog:
            self.links.say(step, link, exchange.want(campaign.spool, step.now_ms))
            exchange.past_lacks = True
            step.timer(f"lack:{link.number}", step.now_ms + max(4 * _ASK_AFTER_MS, exchange.want_interval_ms))
        elif waiting:
            exchange.past_lacks = True
            # First the logs that show a gap are asked for (`sync.wants`); this is for what else is missing.
            step.timer(f"lack:{link.number}", step.now_ms + 4 * _ASK_AFTER_MS)
        if exchange.expected - exchange.arrived > 0 or len(operations) > 1:
            step.notice(
                NoticeKind.PROGRESS,
                campaign.id,
                done=min(exchange.arrived, exchange.expected),
                total=exchange.expected,
            )

    def timer(self, step: Step, name: str, link: Link | None, campaign: Campaign | None) -> None:
        """A timer of a link came due: go on sending, or ask for what has not come."""
        if link is None or link.exchange is None or link.closing or not link.established:
            return
        key = f"{name}:{link.number}"
        if name == "pump":
            self.links.say(step, link, link.exchange.pump())
            if link.exchange.stalled:
                step.timer(key, step.now_ms + 1)
            return
        assert campaign is not None, "an exchange without a campaign"
        if link.number in self.backlog:  # it may be among what waits
            step.timer(key, step.now_ms + _ASKED_MS)
            return
        if campaign.spool:  # it may be among that
            step.timer(key, step.now_ms + _ASKED_MS)
            return
        waits = link.exchange.past_lacks and link.exchange.hopeful and len(campaign.pending) > 0
        if not waits and not link.exchange.lacking(campaign.dag):
            return
        if step.now_ms - campaign.asked_ms < _ASKED_MS:  # one peer is enough, while it sends
            step.timer(key, campaign.asked_ms + _ASKED_MS)
            return
        said = link.exchange.want(campaign.dag, step.now_ms)
        if said:
            campaign.asked_ms = step.now_ms
        self.links.say(step, link, said)
        wait_ms = max(4 * _ASK_AFTER_MS, link.exchange.want_interval_ms)
        # Not all who lack the same ask at the same moment: by a factor of 1 to 1.5.
        step.timer(key, step.now_ms + wait_ms + wait_ms * self.links.entropy.take(1)[0] // 512)
