"""What members say on a campaign's links: who holds what, and the operations themselves.

Law: whatever comes goes through the one door; what a peer claims is noted as a claim. The refusal of one
operation does not end a link to a member who may merely hold what others wrote; anything else wrong does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.errors import LinkClosed, RemoteError, WrongLink
from meshcoal.ids import AuthorId
from meshcoal.limits import AUTHORS_MAX
from meshcoal.node.accept import Acceptor, Outcome
from meshcoal.node.attachments import Attachments
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Links
from meshcoal.node.step import Step
from meshcoal.sync.exchange import Exchange, held_of
from meshcoal.wire.frames import (
    Ask,
    Chunk,
    Decided,
    Frontier,
    Greeting,
    Hold,
    Introduction,
    LackChunks,
    Message,
    Noted,
    Offer,
    Parted,
    Remembered,
    Run,
    Seek,
    Taken,
    Want,
    WantChunks,
)

_ASK_AFTER_MS: Final = 300
_ASKED_MS: Final = 1_000
# What a peer may send without being cut off: it may be honest and merely hold what others wrote.
_FORGIVEN: Final = ("not-authorized", "log-closed")


class Members:
    """Listens to members. Holds no state of its own."""

    def __init__(
        self,
        *,
        links: Links,
        acceptor: Acceptor,
        attachments: Attachments,
        refresh_targets: Callable[[Step], None],
    ) -> None:
        self.links = links
        self.attachments = attachments
        self.acceptor = acceptor
        self.refresh_targets = refresh_targets

    def hear(self, step: Step, link: Link, exchange: Exchange, campaign: Campaign, message: Message) -> None:
        """Act on what a member said. Raises `RemoteError` where they had no business saying it."""
        match message:
            case Frontier():
                self._note_holder(step, link, campaign, message)
                self.links.say(
                    step, link, exchange.on_frontier(message, campaign.dag, relayed=campaign.relays)
                )
                self._expect(step, link, exchange, campaign, message)
            case Run():
                self._take_run(step, link, exchange, campaign, message)
            case Taken():
                self.links.say(step, link, exchange.on_taken(message))
            case Want():
                self.links.say(step, link, exchange.on_want(message, campaign.dag))
            case Parted():
                self._on_parted(step, link, campaign)
            case Seek() | Hold() | WantChunks() | Chunk() | LackChunks():
                self.attachments.hear(step, link, campaign, message)
            case Offer() | Ask() | Decided() | Noted() | Introduction() | Remembered() | Greeting():
                raise WrongLink("not said inside a campaign")
        if exchange.stalled:
            step.timer(f"pump:{link.number}", step.now_ms + 1)

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
        self, step: Step, link: Link, exchange: Exchange, campaign: Campaign, message: Frontier
    ) -> None:
        """The peer holds what I lack: it comes by itself, or I ask for it."""
        whole = message.whole
        lacking = exchange.lacking(campaign.dag, [AuthorId(held.author) for held in message.held])
        if lacking:
            linked = {
                other.author
                for other in self.links.by_number.values()
                if other.campaign == campaign.id and other.established and not other.closing
            }
            if whole and not campaign.relays:  # in a small campaign the peer sends it without being asked
                soon_ms = _ASK_AFTER_MS if not campaign.founded else 4 * _ASK_AFTER_MS
            elif not whole and (campaign.relays or linked.issuperset(lacking)):
                soon_ms = _ASK_AFTER_MS
            else:
                soon_ms = 1
            step.timer(f"lack:{link.number}", step.now_ms + soon_ms)

    def _note_holder(self, step: Step, link: Link, campaign: Campaign, message: Frontier) -> None:
        if link.author is None:
            return
        parting = campaign.parting
        held = campaign.holders.setdefault(link.author, {})
        known = campaign.membership.ever_in()
        changed = False
        for entry in message.held:
            author = AuthorId(entry.author)
            if author not in known and campaign.founded and not campaign.closed:
                continue
            if author not in held and len(held) >= AUTHORS_MAX:
                continue
            campaign.claim(author, entry.seq)
            seq = campaign.surely_held(entry)
            if seq > held.get(author, -1):
                held[author] = seq
                changed = True
        campaign.seen_ms[link.author] = step.now_ms
        if changed:
            if parting and not campaign.parting:
                self.refresh_targets(step)
            campaign.holder_changed(step, link.author)
            step.notice(NoticeKind.HELD, campaign.id)

    def _take_run(self, step: Step, link: Link, exchange: Exchange, campaign: Campaign, message: Run) -> None:
        waiting = known = False
        before, taken_before = campaign.count, len(campaign.taken_now)
        campaign.told_by = link.author
        for encoded in message.operations:
            try:
                outcome = self.acceptor.receive(campaign, step, encoded)
            except RemoteError as refusal:
                if refusal.code not in _FORGIVEN:
                    raise
                self.acceptor.count(refusal.code)
                continue
            waiting = waiting or outcome is Outcome.WAITING
            known = len(message.operations) == 1 and outcome is Outcome.KNOWN
        campaign.told_by = None
        sent = frozenset(message.operations)
        for operation in campaign.taken_now[taken_before:]:
            if operation.encoded in sent:  # whoever sends an operation holds it, and needs no echo
                branch = operation.id in campaign.branched_now
                header = operation.header
                exchange.note_brought(header.author, header.seq, operation.encoded, branch=branch)
        new = campaign.count - before
        self.links.say(step, link, exchange.on_stored(new, known=known))
        if new and len(message.operations) > 1:
            campaign.asked_ms = step.now_ms  # more of what was asked for may be on its way
        if waiting and not campaign.relays:
            self.links.say(step, link, exchange.want(campaign.dag, step.now_ms))
            exchange.past_lacks = True
            step.timer(f"lack:{link.number}", step.now_ms + max(4 * _ASK_AFTER_MS, exchange.want_interval_ms))
        elif waiting:
            exchange.past_lacks = True
            step.timer(f"lack:{link.number}", step.now_ms + _ASK_AFTER_MS)
        if exchange.expected - exchange.arrived > 0 or len(message.operations) > 1:
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
        step.timer(key, step.now_ms + max(4 * _ASK_AFTER_MS, link.exchange.want_interval_ms))
