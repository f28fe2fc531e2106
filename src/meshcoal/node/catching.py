"""Catching up: packed runs go to disk as they come, and are taken in behind, when nobody waits for it.

Law: a run is acknowledged in the step that writes it down, so whatever happens afterwards it need not come
again. Runs of a campaign are taken in in the order in which they came, the campaign that a user looks at
before others, in slices of a few milliseconds, each a step of its own, between which users and live traffic
come; a run leaves the spool with its last slice. While runs pour in, few are taken in, unless nothing can be
shown yet without them. Bounded in all, and for each who brings them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.api.views import CatchingUpView, NoticeKind
from meshcoal.clock import MINUTE_MS
from meshcoal.errors import BadSignature, RemoteError
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import (
    DOUBTS_MAX,
    SPOOL_AT_LEAST_OPERATIONS,
    SPOOL_BYTES_MAX,
    SPOOL_HELD_BYTES_MAX,
    SPOOL_PEER_BYTES_MAX,
)
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.events import LEISURE_TIMERS
from meshcoal.node.links import Link, Links
from meshcoal.node.quota import Written
from meshcoal.node.spool import COURIER, RELAY, Row
from meshcoal.node.step import Step
from meshcoal.node.taking import SLICE_WEIGHT, Outcome, Taking
from meshcoal.node.watching import note_passed_on
from meshcoal.sync.exchange import Exchange
from meshcoal.wire.operation import EPOCH_KINDS, Operation
from meshcoal.wire.packing import Unpacked, unpack
from meshcoal.wire.path import PathKind

SPOOL_TIMER: Final = "spool"
PATHS: Final = {RELAY: PathKind.RELAY, COURIER: PathKind.CARRIED}  # by who brought it
assert SPOOL_TIMER in LEISURE_TIMERS
_EVERY_MS: Final = 1
_POURING_MS: Final = 50  # runs that come closer together pour in
_POURED_RUNS_MAX: Final = 32  # then one is taken in for so many that come
_ASK_AGAIN_MS: Final = 1_000
_LOOKED_MS: Final = 10 * MINUTE_MS  # so long somebody is taken to look at what they asked for
_TURN_OF_OTHERS: Final = 4  # each fourth turn goes around, so that no campaign waits for ever
_AT_ONCE_OPERATIONS_MAX: Final = 1_024  # vouched for together; some 60 ms, in slices of a few


@dataclass(slots=True, kw_only=True)
class _Going:
    """Runs that are being taken in, in slices with others in between; meanwhile they stay in the spool."""

    campaign: Campaign
    rows: list[Row]
    unread: list[Row]
    operations: list[Operation] = field(default_factory=list)
    taking: Taking | None = None  # once all are read


class Catching:
    """Keeps runs in the spools of campaigns, and takes them in."""

    def __init__(self, *, links: Links, acceptor: Acceptor, forgiven: Sequence[str]) -> None:
        self._links = links
        self._acceptor = acceptor
        self._forgiven = forgiven
        self._bytes = 0  # in all spools
        self._held: dict[tuple[CampaignId, int], Unpacked] = {}  # of these runs, some, as they came
        self._held_bytes = 0  # packed; in memory it is twice that
        self._turn: CampaignId | None = None  # whose run was taken in last, as they go around
        self._turns = 0  # begun so far
        self._looked: CampaignId | None = None  # what a user of this node asked to see last
        self._looked_ms = 0
        self._going: _Going | None = None
        self.on_brought: Callable[[Sequence[Outcome | RemoteError]], None] | None = None
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
            self._add(step, campaign, run, packed, peer)
            campaign.asked_ms = step.now_ms  # more of what was asked for may be on its way
        else:
            self._acceptor.offered += len(run)  # the others are counted when they are taken in
        self._links.say(step, link, exchange.on_stored(news))
        self._tell(step, campaign)
        return True

    def keep_unasked(self, step: Step, campaign: Campaign, run: Unpacked, packed: bytes) -> bool | None:
        """Spool a run that no member's node brought: True, done; False: it is to be taken in at once.

        None: there is no room.
        """
        spool = campaign.spool
        if not spool and len(run) < SPOOL_AT_LEAST_OPERATIONS:
            return False
        news = spool.news(run)
        if news is None:
            return False
        if not news:
            self._acceptor.offered += len(run)
            return True
        too_much = self._bytes + len(packed) > SPOOL_BYTES_MAX
        if too_much or spool.size_of(RELAY) + len(packed) > SPOOL_PEER_BYTES_MAX:
            return None
        self._add(step, campaign, run, packed, RELAY)
        self._tell(step, campaign)
        return True

    def has_room(self, campaign: Campaign, size_bytes: int) -> bool:
        """Whether so much that a bundle brings can be spooled now."""
        room = SPOOL_BYTES_MAX - self._bytes
        return size_bytes <= min(room, SPOOL_PEER_BYTES_MAX - campaign.spool.size_of(COURIER))

    def keep_brought(self, step: Step, campaign: Campaign, run: Unpacked, packed: bytes) -> bool:
        """Spool a run that a bundle brought. False: it does not go on from what is held or spooled."""
        news = campaign.spool.news(run)
        if news is None:
            return False
        if not news:
            self._acceptor.offered += len(run)
            return True
        self._add(step, campaign, run, packed, COURIER)
        self._tell(step, campaign)
        return True

    def _add(self, step: Step, campaign: Campaign, run: Unpacked, packed: bytes, peer: bytes) -> None:
        spool = campaign.spool
        number, change = spool.add(run, packed, peer=peer)
        step.change(change)
        if peer in PATHS:
            self.came(step, campaign, [chain.author for chain in run.chains if chain.ids], PATHS[peer])
        self._bytes += len(packed)
        if self._held_bytes + len(packed) <= SPOOL_HELD_BYTES_MAX:
            self._held[campaign.id, number] = run
            self._held_bytes += len(packed)
        self._poured += 1
        if len(spool) == 1:
            self._fill(step, campaign)
            self._set_timer(step, [campaign])

    def came(self, step: Step, campaign: Campaign, authors: Iterable[AuthorId], path: PathKind) -> None:
        """Something new of theirs came otherwise than from a member's node."""
        members = campaign.roster().members
        for author in dict.fromkeys(authors):
            if author in members and author != campaign.me:
                whom = (campaign.id, members[author].card.link)
                self._links.reached.worked(step, whom, path, step.now_ms)

    def go_on(self, step: Step, campaigns: Mapping[CampaignId, Campaign]) -> None:
        """After a start: what was spooled before it."""
        self._bytes = sum(campaign.spool.size_bytes for campaign in campaigns.values())
        self._set_timer(step, [campaign for campaign in campaigns.values() if campaign.spool])

    def take_row(self, step: Step, campaigns: Mapping[CampaignId, Campaign]) -> None:
        """The timer came due: go on with what is being taken in, or begin with whose turn it is."""
        going = self._going
        if going is None:
            waiting = [campaign for campaign in campaigns.values() if campaign.spool]
            if not waiting:
                return
            if self._pours(waiting):
                step.timer(SPOOL_TIMER, step.now_ms + _POURING_MS)
                return
            self._poured = self._poured_before = 0
            campaign = self._next(waiting, step.now_ms)
            rows = campaign.spool.first(_AT_ONCE_OPERATIONS_MAX)
            going = self._going = _Going(campaign=campaign, rows=rows, unread=list(rows))
        self._go_on(step, going)
        if going.taking is None or not going.taking.done:
            step.timer(SPOOL_TIMER, step.now_ms)  # behind whatever waits by now
            return
        self._going = None
        self._finish(step, going.campaign, going.rows, going.operations, going.taking.became())
        self._set_timer(step, [one for one in campaigns.values() if one.spool])

    def look(self, campaign: CampaignId, now_ms: int) -> None:
        """A user looks at this campaign: it goes first for a while."""
        self._looked, self._looked_ms = campaign, now_ms

    def _next(self, waiting: Sequence[Campaign], now_ms: int) -> Campaign:
        """Whose turn it is: mostly what a user looks at; in between, and else, one behind the other."""
        self._turns += 1
        if self._turns % _TURN_OF_OTHERS and now_ms - self._looked_ms < _LOOKED_MS:
            for campaign in waiting:
                if campaign.id == self._looked:
                    return campaign
        behind = [at for at, campaign in enumerate(waiting) if campaign.id == self._turn]
        campaign = waiting[(behind[0] + 1) % len(waiting)] if behind else waiting[0]
        self._turn = campaign.id
        return campaign

    def _go_on(self, step: Step, going: _Going) -> None:
        """A few milliseconds of it: read a run, find out who vouches for what, or take some of it in."""
        campaign = going.campaign
        if going.unread:
            row = going.unread.pop(0)
            try:
                going.operations += self._unpacked(campaign, row).decoded()
            except RemoteError as refusal:
                self._blame(step, campaign, row, refusal.code)
            return
        if going.taking is None:
            # As one run: the fewer signatures are to be checked.
            going.taking = self._acceptor.gather(campaign, going.operations)
            return
        row = going.rows[0]
        brought = len(campaign.taken_now)
        campaign.told_by = row.member
        self._acceptor.take_slice(step, going.taking, weight_max=SLICE_WEIGHT)
        campaign.told_by = None
        campaign.midway = not going.taking.done
        taken = campaign.taken_now[brought:]
        slow = note_news(step, campaign, taken)
        tops: dict[AuthorId, int] = {}
        for operation in taken:
            tops[operation.header.author] = max(operation.header.seq, tops.get(operation.header.author, -1))
        for link in self._of(campaign, row):
            assert link.exchange is not None
            for author, seq in tops.items():
                link.exchange.note_held(author, seq)
            for operation in taken if campaign.branched_now else ():
                if operation.id in campaign.branched_now:
                    header = operation.header
                    link.exchange.note_brought(header.author, header.seq, operation.encoded, branch=True)
            link.slow = link.slow or slow

    def _unpacked(self, campaign: Campaign, row: Row) -> Unpacked:
        """A run that waits: as it came, or read back."""
        run = self._held.pop((campaign.id, row.number), None)
        if run is not None:
            self._held_bytes -= row.size_bytes
            return run
        packed = campaign.reader.spooled_run(campaign.id, row.number)
        assert packed is not None, "what was spooled is there"
        return unpack(campaign.id, packed)

    def _finish(
        self,
        step: Step,
        campaign: Campaign,
        rows: Sequence[Row],
        operations: Sequence[Operation],
        outcomes: Sequence[Outcome | RemoteError],
    ) -> None:
        """All of it is taken in, as far as it could be: the runs leave the spool."""
        row = rows[0]
        if row.member is not None:
            note_passed_on(step, campaign, row.member, operations, outcomes)
        elif row.peer == COURIER and self.on_brought is not None:
            self.on_brought(outcomes)
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
        if Outcome.WAITING in outcomes:
            for link in self._of(campaign, row):
                assert link.exchange is not None
                link.exchange.past_lacks = True
                step.timer(f"lack:{link.number}", step.now_ms + _ASK_AGAIN_MS)
        if code:
            self._blame(step, campaign, row, code)
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
            and (link.author or b"") == row.peer  # of what relays and bundles brought there is none
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
    written: dict[AuthorId, list[Operation]] = {}
    for operation in operations:
        author = operation.header.author
        if author in written:
            written[author].append(operation)
        elif author != campaign.me:
            written[author] = [operation]
    slow = False
    for author, some in written.items():
        top = max([operation.header.seq for operation in some])
        said = campaign.holders.said.items()
        if any(held.get(author, -1) >= top for one, held in said if one != author):
            continue  # as of all that is caught up on
        known = _held_elsewhere(campaign, author)
        news = [operation for operation in some if operation.header.seq > known]
        epochs = sum(operation.header.kind in EPOCH_KINDS for operation in news)
        size = sum([len(operation.encoded) for operation in news])
        if campaign.quotas.note(
            author, Written(operations=len(news) - epochs, epochs=epochs, bytes=size), step.now_ms
        ):
            step.notice(NoticeKind.CAMPAIGN, campaign.id)
        slow = slow or campaign.quotas.slow(author, step.now_ms)
    return slow


def _held_elsewhere(campaign: Campaign, author: AuthorId) -> int:
    """Up to where another member than the author is known to hold this log; -1: nobody is."""
    return max(
        [held.get(author, -1) for one, held in campaign.holders.said.items() if one != author], default=-1
    )
