"""Gives `node.watch` what it looks at: what links bring, and now and then how each member stands.

Law: a look costs as much as what is missing, and nothing where nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence

from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.errors import RemoteError
from meshcoal.ids import AuthorId
from meshcoal.node.accept import Outcome
from meshcoal.node.backlog import Backlog
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Links
from meshcoal.node.step import Step
from meshcoal.wire.operation import Operation, decode_operation


def note_passed_on(
    step: Step,
    campaign: Campaign,
    peer: AuthorId,
    operations: Sequence[bytes | Operation],
    outcomes: Sequence[Outcome | RemoteError],
) -> None:
    """A member sent operations: note those that wait, or are refused; and all, where any are owed."""
    all_matter = campaign.watch.owes(peer)
    noted: list[Operation] = []
    for one, outcome in zip(operations, outcomes, strict=True):
        refused = isinstance(outcome, RemoteError)
        known = outcome is Outcome.KNOWN and len(campaign.pending) > 0
        if not (all_matter or refused or known or outcome is Outcome.WAITING):
            continue
        noted.append(one if isinstance(one, Operation) else decode_operation(one))
        if refused:
            campaign.watch.excuse(peer, noted[-1].header.author)
        if outcome is Outcome.WAITING:
            campaign.watch.stir(step)
    if noted:
        campaign.watch.passed_on(peer, noted)


def watch_members(step: Step, campaign: Campaign, links: Links, waiting_links: Backlog) -> None:
    """The timer came due: compare what each member shows to hold with what came from it.

    Args:
        waiting_links: the links of which something waits here for its turn.
    """
    watch = campaign.watch
    if not campaign.founded or campaign.closed or campaign.my_state is not MemberState.ACTIVE:
        if campaign.my_state is MemberState.ACTIVE:
            watch.stir(step)
        return
    before = (len(watch.missing_ms), len(watch.behind_ms), _told(campaign))
    watch.compare_frontiers(step, campaign.dag, campaign.holders)
    lacking = watch.note_missing(campaign.pending, step.now_ms)
    behind: dict[AuthorId, None] = {}
    known = campaign.membership.ever_in()
    for link in _standing(campaign, links):
        exchange = link.exchange
        assert link.author is not None
        assert exchange is not None
        behind.update({one: None for one in exchange.lacking(campaign.spool) if one in known})
        if link.number in waiting_links or campaign.spool:
            watch.spare(link.number, step.now_ms)
            continue
        ask = watch.look(
            step,
            link,
            link.author,
            asked=exchange.wants,
            dag=campaign.dag,
            lacking=lacking,
            known=known,
        )
        if ask:
            links.say(step, link, exchange.want(campaign.spool, step.now_ms))
    watch.note_behind(behind, step.now_ms)
    if before != (len(watch.missing_ms), len(watch.behind_ms), _told(campaign)):
        step.notice(NoticeKind.CAMPAIGN, campaign.id)
    if watch.watchful:
        watch.stir(step)


def _told(campaign: Campaign) -> int:
    """Changes whenever there is something else to show."""
    watch = campaign.watch
    return sum(debt.late_ms >= 0 for debt in watch.debts) + sum(
        len(verdict.places) for verdict in watch.verdicts.values()
    )


def _standing(campaign: Campaign, links: Links) -> list[Link]:
    return [
        link
        for link in links.by_number.values()
        if link.campaign == campaign.id
        and link.author is not None
        and link.exchange is not None
        and link.established
        and not link.closing
    ]
