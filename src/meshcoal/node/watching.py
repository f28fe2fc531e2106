"""Gives `node.watch` what it looks at: what links bring, and now and then how each member stands.

Law: a look costs as much as what is missing, and nothing where nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence

from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.errors import LogClosed, RemoteError
from meshcoal.ids import AuthorId
from meshcoal.node.backlog import Backlog
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Links
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome
from meshcoal.wire.operation import Operation, decode_operation


def note_passed_on(
    step: Step,
    campaign: Campaign,
    peer: AuthorId,
    operations: Sequence[bytes | Operation],
    outcomes: Sequence[Outcome | RemoteError],
) -> None:
    """A member sent operations: note those that wait; and all, where any are owed."""
    watch = campaign.watch
    all_matter = watch.owes(peer)
    for encoded, outcome in zip(operations, outcomes, strict=True):
        if isinstance(outcome, LogClosed):  # sound, and taken in only where somebody else needs it
            operation = _decoded(encoded)
            watch.passed_on(peer, operation, proven=True)
            watch.excuse(peer, operation.header.author, step.now_ms)
        elif isinstance(outcome, RemoteError):
            continue  # false, or of nobody known: anybody can make that
        elif outcome is Outcome.WAITING or all_matter or (outcome is Outcome.KNOWN and campaign.pending):
            operation = _decoded(encoded)
            proven = outcome is Outcome.NEW or operation.id in campaign.pending
            watch.passed_on(peer, operation, proven=proven or campaign.dag.holds(operation.id))
            if outcome is Outcome.WAITING:
                watch.stir(step)


def _decoded(operation: bytes | Operation) -> Operation:
    return operation if isinstance(operation, Operation) else decode_operation(operation)


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
    watch.compare_frontiers(step, campaign.dag, campaign.holders, campaign.reader)
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
