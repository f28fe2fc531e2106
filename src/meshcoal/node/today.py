"""What needs me now, over all campaigns.

Law: one order for every interface: what has a time that runs out soon goes first, then who waits for me, then
what should be looked into. Nothing is in the list that nobody can do anything about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from meshcoal.api.posture import Weakness, Weight
from meshcoal.api.today import ShowToday, TodayItemView, TodayKind, TodayView
from meshcoal.api.views import IntroductionState, MemberState, StatementPhase
from meshcoal.clock import DAY_MS
from meshcoal.limits import TODAY_SHOWN_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.marks import spoken
from meshcoal.node.posture import posture_of
from meshcoal.node.step import Step
from meshcoal.wire.record import Record
from meshcoal.wire.terms import Seat

SOON_MS: Final = 2 * DAY_MS
_MENTIONS_EACH: Final = 10  # of one channel: the last
_TITLE_CHARS: Final = 120
_NEVER: Final = -1
_RANKS: Final = {
    TodayKind.ALERT: 1,
    TodayKind.APPROVE: 2,
    TodayKind.SIGN: 3,
    TodayKind.WARNING: 4,
    TodayKind.INTRODUCTION: 5,
    TodayKind.MENTION: 6,
    TodayKind.DUE: 7,
    TodayKind.GAP: 8,
    TodayKind.ALONE: 9,
    TodayKind.UNCOMPARED: 10,
    TodayKind.WEAK: 11,
}
# Warnings, members without compared words, and being the only organiser have items of their own.
_TOLD_BY_OTHERS: Final = (
    Weakness.WARNED,
    Weakness.UNCOMPARED,
    Weakness.UNCOMPARED_ORGANISER,
    Weakness.ONE_ORGANISER,
)


def in_order(items: Iterable[TodayItemView], now_ms: int) -> tuple[TodayItemView, ...]:
    """The most urgent first: what runs out within two days, by its time; then by kind, the oldest first."""

    def rank(one: TodayItemView) -> tuple[int, int, int, str, bytes]:
        soon = one.until_ms != _NEVER and one.until_ms - now_ms < SOON_MS
        when = one.until_ms if one.until_ms != _NEVER else one.since_ms
        place = (one.title, one.subject)
        return (0, when, _RANKS[one.kind], *place) if soon else (_RANKS[one.kind], when, 0, *place)

    return tuple(sorted(items, key=rank)[:TODAY_SHOWN_MAX])


@handles(ShowToday)
def _show_today(self: Commands, step: Step, command: ShowToday) -> Record:
    today = _Today(self, step.now_ms)
    items = [one for campaign in self.core.campaigns.values() for one in today.of_campaign(campaign)]
    return TodayView(items=in_order([*items, *today.of_people(), *today.of_posture()], step.now_ms))


class _Today:
    """Collects, for one answer."""

    def __init__(self, commands: Commands, now_ms: int) -> None:
        self._core = commands.core
        self._now_ms = now_ms

    def of_people(self) -> Iterator[TodayItemView]:
        """What concerns no campaign: who asks, and what there is to look into."""
        asking = [
            met for met in self._core.people.introductions.values() if met.state is IntroductionState.ASKING
        ]
        if asking:
            since_ms = min(met.since_ms for met in asking)
            yield _item(TodayKind.INTRODUCTION, count=len(asking), since_ms=since_ms)
        warnings = self._core.namesakes.view().warnings
        if warnings:
            yield _item(TodayKind.WARNING, count=len(warnings))

    def of_posture(self) -> Iterator[TodayItemView]:
        """Weak spots that weigh, unless another item tells of them."""
        found = [
            one
            for one in posture_of(self._core, self._now_ms)
            if one.weight is not Weight.SLIGHT and one.weakness not in _TOLD_BY_OTHERS
        ]
        if found:
            yield _item(TodayKind.WEAK, count=len(found))

    def of_campaign(self, campaign: Campaign) -> Iterator[TodayItemView]:
        """What is to be done in one campaign, by a member of it."""
        mine = campaign.my_member()
        if mine is None or campaign.my_state is not MemberState.ACTIVE:
            return
        yield from self._cases(campaign)
        yield from self._letters(campaign, signs=mine.seat is not Seat.OBSERVER)
        yield from self._mentions(campaign)
        missing = self._core.shows.delivery.missing(campaign)
        if missing:
            yield _item(TodayKind.GAP, campaign, count=missing)
        roster = campaign.roster()
        active = roster.active()
        organisers = [one for one in active if roster.is_organiser(one)]
        if len(active) > 1 and organisers == [campaign.me]:
            yield _item(TodayKind.ALONE, campaign, count=len(active))
        others = [one for one in active if one != campaign.me]
        uncompared = [one for one in others if not self._core.shows.seals.knows(campaign, one)]
        if uncompared:
            yield _item(TodayKind.UNCOMPARED, campaign, count=len(uncompared))

    def _cases(self, campaign: Campaign) -> Iterator[TodayItemView]:
        for case in campaign.cases.all():
            if not case.closed and not case.answered_by(campaign.me):
                yield _item(
                    TodayKind.ALERT,
                    campaign,
                    subject=case.id,
                    title=case.title,
                    since_ms=case.at_ms,
                    until_ms=case.answer_by_ms or _NEVER,
                )

    def _letters(self, campaign: Campaign, *, signs: bool) -> Iterator[TodayItemView]:
        for line in self._core.shows.statements(campaign):
            due = [due_ms for due_ms in line.follow_ups_ms if due_ms <= self._now_ms]
            if due:
                yield _item(
                    TodayKind.DUE,
                    campaign,
                    subject=line.id,
                    title=line.title,
                    since_ms=due[0],
                    count=len(due),
                )
            if line.phase is not StatementPhase.OPEN:
                continue
            late = 0 < line.deadline_ms <= self._now_ms
            if signs and not line.signed_by_me and not late:
                yield _item(
                    TodayKind.SIGN,
                    campaign,
                    subject=line.id,
                    title=line.title,
                    until_ms=line.deadline_ms if line.deadline_ms > 0 else _NEVER,
                )
            statement = campaign.statements.get(line.id)  # type: ignore[arg-type]  # ids of this campaign
            view = self._core.shows.statement(campaign, statement, self._now_ms) if statement else None
            for request in view.requests if view is not None else ():
                if request.my_turn:
                    yield _item(
                        TodayKind.APPROVE,
                        campaign,
                        subject=line.id,
                        title=line.title,
                        since_ms=request.since_ms,
                        until_ms=line.deadline_ms if line.deadline_ms > 0 else _NEVER,
                    )

    def _mentions(self, campaign: Campaign) -> Iterator[TodayItemView]:
        shows = self._core.shows
        for seed in campaign.roster().channels.values():
            read = shows.timelines.read_to(campaign, seed.id)
            rows = campaign.reader.calling(
                campaign.id,
                seed.id,
                after=(read.depth, read.message) if read else None,
                since_ms=read.at_ms if read else 0,
                limit=_MENTIONS_EACH,
            )
            for row in rows:
                if not row.text or not campaign.talk_counts(row.author, row.context, row.channel):
                    continue
                words = spoken(row.text, row.mentions, lambda author: shows.name_of(campaign, author))
                name = shows.name_of(campaign, row.author)
                yield _item(
                    TodayKind.MENTION,
                    campaign,
                    subject=row.id,
                    channel=row.channel,
                    title=f"{name}: {words}"[:_TITLE_CHARS],
                    since_ms=row.at_ms,
                )


def _item(
    kind: TodayKind,
    campaign: Campaign | None = None,
    *,
    subject: bytes = b"",
    channel: bytes = b"",
    title: str = "",
    since_ms: int = _NEVER,
    until_ms: int = _NEVER,
    count: int = 1,
) -> TodayItemView:
    create = campaign.roster().create if campaign is not None else None
    return TodayItemView(
        kind=kind,
        campaign=campaign.id if campaign is not None else b"",
        campaign_name=create.name if create is not None else "",
        subject=subject,
        channel=channel,
        title=title,
        since_ms=since_ms,
        until_ms=until_ms,
        count=count,
    )
