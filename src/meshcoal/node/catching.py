"""Catching up: packed runs go to disk as they come, and are taken in behind, when nobody waits for it.

Law: a run is acknowledged in the step that writes it down, so whatever happens afterwards it need not come
again. It is taken in whole, in a step of its own, in the order in which runs came; users and live traffic
come between two such steps. While runs pour in, few are taken in, unless nothing can be shown yet without
them. Bounded in all, and for each who brings them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from meshcoal.api.views import CatchingUpView, NoticeKind
from meshcoal.errors import BadSignature, RemoteError
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import DOUBTS_MAX, SPOOL_AT_LEAST_OPERATIONS, SPOOL_BYTES_MAX, SPOOL_PEER_BYTES_MAX
from meshcoal.node.accept import Acceptor, Outcome
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Links
from meshcoal.node.spool import Row
from meshcoal.node.step import Step
from meshcoal.node.watching import note_passed_on
from meshcoal.sync.exchange import Exchange
from meshcoal.wire.operation import EPOCH_KINDS, Operation
from meshcoal.wire.packing import Unpacked, unpack

SPOOL_TIMER: Final = "spool"
_EVERY_MS: Final = 1
_POURING_MS: Final = 50  # runs that come closer together pour in
_POURED_RUNS_MAX: Final = 32  # then one is taken in for so many that come
_ASK_AGAIN_MS: Final = 1_000
_AT_ONCE_OPERATIONS_MAX: Final = 1_024  # some 50 ms


class Catching:
    """Keeps runs in the spools of campaigns, and takes them in."""

    def __init__(self, *, links: Links, acceptor: Acceptor, forgiven: Sequence[str]) -> None:
        self._links = links
        self._acceptor = acceptor
        self._forgiven = forgiven
        self._bytes = 0  # in all spools
        self._turn: CampaignId | None = None  # whose run was taken in last
        self._poured = 0  # runs that came since then
        self._poured_before = 0  # of these, until the timer came due last

    def keep(
        self,
        step: Step,
        link: Link,
        exchange: Exchange,
        campaign: Campaign,
        run: Unpacked,
        packed: bytes,
    ) -> bool:
        """Spool a run that came, and say so. False: it is to be taken in at once."""
        spool = campaign.spool
        if not spool and len(run) < SPOOL_AT_LEAST_OPERATIONS:
            return False
        news = spool.news(run)
        if news is None:
            return False
        peer = link.author or b""
        too_much = self._bytes + len(packed) > SPOOL_BYTES_MAX
        if news and (too_much or spool.size_of(peer) + len(packed) > SPOOL_PEER_BYTES_MAX):
            # Let go, and asked for again when there is room.
            exchange.past_lacks = True
            self._links.say(step, link, exchange.on_stored(0))
            step.timer(f"lack:{link.number}", step.now_ms + _ASK_AGAIN_MS)
            return True
        if news:
            step.change(spool.add(run, packed, peer=peer))
            self._bytes += len(packed)
            self._poured += 1
            campaign.asked_ms = step.now_ms  # more of what was asked for may be on its way
            if len(spool) == 1:
                self._fill(step, campaign)
                self._set_timer(step, [campaign])
        else:
            self._acceptor.offered += len(run)  # the others are counted when they are taken in
        self._links.say(step, link, exchange.on_stored(news))
        self._tell(step, campaign)
        return True

    def go_on(self, step: Step, campaigns: Mapping[CampaignId, Campaign]) -> None:
        """After a start: what was spooled before it."""
        self._bytes = sum(campaign.spool.size_bytes for campaign in campaigns.values())
        self._set_timer(step, [campaign for campaign in campaigns.values() if campaign.spool])

    def take_row(self, step: Step, campaigns: Mapping[CampaignId, Campaign]) -> None:
        """The timer came due: take in a run or a few of the campaign whose turn it is."""
        waiting = [campaign for campaign in campaigns.values() if campaign.spool]
        if not waiting:
            return
        behind = [at for at, campaign in enumerate(waiting) if campaign.id == self._turn]
        campaign = waiting[(behind[0] + 1) % len(waiting)] if behind else waiting[0]
        if self._pours(waiting):
            step.timer(SPOOL_TIMER, step.now_ms + _POURING_MS)
            return
        self._poured = self._poured_before = 0
        self._turn = campaign.id
        rows = campaign.spool.first(_AT_ONCE_OPERATIONS_MAX)
        self._take_in(step, campaign, rows)
        authors = dict.fromkeys([author for row in rows for author in row.authors])
        said = {author: campaign.spool.top(author) for author in authors}
        for row in rows:
            step.change(campaign.spool.leave(row))
            self._bytes -= row.size_bytes
        if any(campaign.spool.top(author) < seq for author, seq in said.items()):
            # It was said to be held, and is not: that is taken back.
            campaign.news.update({author: None for author in authors if campaign.dag.top(author) >= 0})
            step.timer(f"announce:{campaign.id.hex()}", step.now_ms + 1)
        self._fill(step, campaign)
        self._tell(step, campaign)
        self._set_timer(step, [one for one in waiting if one.spool])

    def _take_in(self, step: Step, campaign: Campaign, rows: Sequence[Row]) -> None:
        """As one run: the fewer signatures are to be checked."""
        row = rows[0]
        operations: list[Operation] = []
        for one in rows:
            packed = campaign.reader.spooled_run(campaign.id, one.number)
            assert packed is not None, "what was spooled is there"
            try:
                operations += unpack(campaign.id, packed).decoded()
            except RemoteError as refusal:
                self._blame(step, campaign, one, refusal.code)
        brought = len(campaign.taken_now)
        campaign.told_by = AuthorId(row.peer) if row.peer else None
        outcomes = self._acceptor.receive_run(campaign, step, operations)
        campaign.told_by = None
        if row.peer:
            note_passed_on(step, campaign, AuthorId(row.peer), operations, outcomes)
        code = ""
        false = sum(isinstance(one, BadSignature) for one in outcomes)
        for link in self._of(campaign, row):
            link.doubts = max(0, link.doubts + 2 * false - len(outcomes))
            if link.doubts > DOUBTS_MAX:
                code = BadSignature.code
        for outcome in outcomes:
            if isinstance(outcome, RemoteError) and outcome.code in self._forgiven:
                self._acceptor.count(outcome.code)
            elif isinstance(outcome, RemoteError) and not code:
                code = outcome.code
        for link in self._of(campaign, row):
            assert link.exchange is not None
            for operation in campaign.taken_now[brought:]:
                header = operation.header
                branch = operation.id in campaign.branched_now
                link.exchange.note_brought(header.author, header.seq, operation.encoded, branch=branch)
            if Outcome.WAITING in outcomes:
                link.exchange.past_lacks = True
                step.timer(f"lack:{link.number}", step.now_ms + _ASK_AGAIN_MS)
        slow = note_news(step, campaign, campaign.taken_now[brought:])
        for link in self._of(campaign, row):
            link.slow = link.slow or slow
        if code:
            self._blame(step, campaign, row, code)

    def _blame(self, step: Step, campaign: Campaign, row: Row, code: str) -> None:
        """A run was not what it seemed: whoever brought it is cut off, if still there."""
        links = self._of(campaign, row)
        for link in links:
            self._links.refuse(step, link, code)
        if not links:
            self._acceptor.count(code)

    def _of(self, campaign: Campaign, row: Row) -> list[Link]:
        return [
            link
            for link in self._links.by_number.values()
            if link.campaign == campaign.id
            and link.exchange is not None
            and not link.closing
            and (link.author or b"") == row.peer
        ]

    def _fill(self, step: Step, campaign: Campaign) -> None:
        """Whoever is sent what they lack is sent this, too."""
        for link in list(self._links.by_number.values()):
            if link.campaign == campaign.id and link.exchange is not None and not link.closing:
                self._links.say(step, link, link.exchange.fill(filling=bool(campaign.spool)))
                if link.exchange.stalled:
                    step.timer(f"pump:{link.number}", step.now_ms + 1)

    def _pours(self, waiting: Sequence[Campaign]) -> bool:
        """Whether runs come as fast as they can be received, and all campaigns can be shown meanwhile.

        Asked when the timer comes due, so what counts is whether any came since it did last.
        """
        came, self._poured_before = self._poured - self._poured_before, self._poured
        return came > 0 and self._poured < _POURED_RUNS_MAX and all(one.founded for one in waiting)

    @staticmethod
    def _set_timer(step: Step, waiting: Sequence[Campaign]) -> None:
        if waiting:
            step.timer(SPOOL_TIMER, step.now_ms + _EVERY_MS)

    def _tell(self, step: Step, campaign: Campaign) -> None:
        """How far it is; at the end all of all."""
        seen = progress_of(campaign, self._links.by_number.values())
        total = seen.taken + seen.waiting + seen.coming
        done = seen.taken if total else 1
        if not seen.coming:
            campaign.spool.rest()
        step.notice(NoticeKind.PROGRESS, campaign.id, done=done, total=max(total, 1))


def progress_of(campaign: Campaign, links: Iterable[Link]) -> CatchingUpView:
    """What is being caught up on in a campaign. What several peers hold is counted once: that of most."""
    coming = max(
        [
            link.exchange.coming(campaign.spool)
            for link in links
            if link.campaign == campaign.id and link.exchange is not None and not link.closing
        ],
        default=0,
    )
    spool = campaign.spool
    return CatchingUpView(coming=coming, waiting=spool.operations, taken=spool.received - spool.operations)


def note_news(step: Step, campaign: Campaign, operations: Sequence[Operation]) -> bool:
    """Count what was taken in against its authors' quotas; whether one of them writes more than that."""
    known: dict[AuthorId, int] = {}
    slow = False
    for operation in operations:
        header = operation.header
        author = header.author
        if author not in known:
            known[author] = _held_elsewhere(campaign, author)
        if author == campaign.me or header.seq <= known[author]:
            continue
        begins = header.kind in EPOCH_KINDS
        if campaign.quotas.note(author, len(operation.encoded), step.now_ms, epoch=begins):
            step.notice(NoticeKind.CAMPAIGN, campaign.id)
        slow = slow or campaign.quotas.slow(author, step.now_ms)
    return slow


def _held_elsewhere(campaign: Campaign, author: AuthorId) -> int:
    """Up to where another member than the author is known to hold this log; -1: nobody is."""
    return max(
        [held.get(author, -1) for one, held in campaign.holders.said.items() if one != author], default=-1
    )
