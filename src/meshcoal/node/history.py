"""What happened in a campaign, for a person to read.

Law: only what counts is told, in the order in which it can have happened: what somebody had seen when they
wrote goes before it, whatever the clocks say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from meshcoal.api.history import Happening, HistoryItemView, HistoryView, ShowHistory
from meshcoal.campaign.membership import Control
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import HISTORY_SHOWN_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.step import Step
from meshcoal.statement.model import Statement
from meshcoal.wire.authority import MandateBody, OfficeBody, RevokeBody
from meshcoal.wire.bodies import (
    AddBody,
    ChannelBody,
    CreateBody,
    HaltBody,
    LeaveBody,
    RemoveBody,
    RestoreBody,
    RoleBody,
    RulesBody,
)
from meshcoal.wire.record import Record


class _Event(NamedTuple):
    depth: int
    id: OperationId
    what: Happening
    at_ms: int
    who: AuthorId
    whom: bytes = b""
    title: str = ""
    subject: bytes = b""


@handles(ShowHistory)
def _show_history(self: Commands, step: Step, command: ShowHistory) -> Record:
    campaign = self.campaign(command.campaign)
    events = sorted([*_of_members(campaign), *_of_cases(campaign), *_of_letters(campaign)], reverse=True)
    shows = self.core.shows

    def named(author: bytes) -> str:
        return shows.name_of(campaign, AuthorId(author)) if author else ""

    return HistoryView(
        items=tuple(
            [
                HistoryItemView(
                    what=one.what,
                    at_ms=one.at_ms,
                    who=named(one.who),
                    me=one.who == campaign.me,
                    whom=named(one.whom),
                    title=one.title,
                    subject=one.subject,
                )
                for one in events[:HISTORY_SHOWN_MAX]
            ]
        ),
        more=len(events) > HISTORY_SHOWN_MAX,
    )


def _of_members(campaign: Campaign) -> Iterator[_Event]:
    """Who came and went, and what was decided about the campaign."""
    membership = campaign.membership
    for control in membership.controls.values():
        told = _told(control)
        if told is not None and membership.effective(control.id):
            what, whom, title = told
            at_ms = control.body.at_ms
            yield _Event(control.depth, control.id, what, at_ms, control.author, whom, title)


def _told(control: Control) -> tuple[Happening, bytes, str] | None:
    """What it is, about whom, and its title; None: of no interest to people."""
    match control.body:
        case CreateBody() as body:
            return Happening.FOUNDED, b"", body.name
        case AddBody() as body:
            return Happening.ADMITTED, body.member.author, ""
        case RemoveBody() as body:
            return Happening.REMOVED, body.member, ""
        case LeaveBody():
            return Happening.LEFT, b"", ""
        case RoleBody() as body:
            return Happening.CHANGED, body.member, ""
        case HaltBody() as body:
            return Happening.HALTED, body.member, ""
        case RestoreBody() as body:
            return Happening.RESTORED, body.member, ""
        case ChannelBody() as body:
            return Happening.CHANNEL, b"", body.channel.name
        case RulesBody():
            return Happening.RULES, b"", ""
        case OfficeBody() as body:
            return Happening.OFFICE, b"", body.name
        case MandateBody() as body:
            return Happening.MANDATE, body.holder, ""
        case RevokeBody():
            return Happening.REVOKED, b"", ""
    return None


def _of_cases(campaign: Campaign) -> Iterator[_Event]:
    for case in campaign.cases.all():
        yield _Event(
            case.depth, case.id, Happening.ALERT, case.at_ms, case.author, title=case.title, subject=case.id
        )


def _of_letters(campaign: Campaign) -> Iterator[_Event]:
    for line in campaign.statements.lines():
        letter = campaign.statements.get(OperationId(line.id))
        if letter is None:
            continue
        for what, identifier, author, at_ms in _steps_of(letter):
            place = campaign.dag.place(identifier)
            depth = place.depth if place is not None else 0
            yield _Event(depth, identifier, what, at_ms, author, title=letter.title, subject=letter.id)


def _steps_of(letter: Statement) -> Iterator[tuple[Happening, OperationId, AuthorId, int]]:
    yield Happening.DRAFTED, letter.id, letter.author, letter.at_ms
    for frozen in (*letter.replaced, *([letter.frozen] if letter.frozen else [])):
        yield Happening.FROZEN, frozen.id, frozen.author, frozen.body.at_ms
    if letter.released is not None:
        yield Happening.RELEASED, letter.released.id, letter.released.author, letter.released.body.at_ms
    for added in letter.addenda:
        yield Happening.ADDENDUM, added.id, added.author, added.body.at_ms
