"""Offices and mandates of a campaign: who may make them, and which hold at a place of the log.

Law: they are control operations, so which of them stand in the past of a sign-on is the same on every node,
whatever comes later. An office names people and binds nobody: each acts for themselves. Only who decides an
office's last step lets others sign for it. Specified in docs/protocol/authority.md. Ours, unreviewed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import MANDATES_MAX, OFFICES_MAX
from meshcoal.wire.authority import MandateBody, OfficeBody, RevokeBody
from meshcoal.wire.terms import Seat

if TYPE_CHECKING:
    from meshcoal.campaign.roster import Roster

AuthorityBody = OfficeBody | MandateBody | RevokeBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """One that was given; `revoked` ones stay, so that they can be shown."""

    giver: AuthorId
    body: MandateBody
    revoked: bool = False


def may(roster: Roster, author: AuthorId, body: AuthorityBody) -> bool:
    """Whether an active member may do this, who is not halted."""
    if not _takes_part(roster, author):
        return False
    match body:
        case OfficeBody():
            before = roster.offices.get(OperationId(body.replaces)) if body.replaces else None
            people = [AuthorId(holder) for step in body.steps for holder in step.holders]
            return (
                author in people
                and all(_takes_part(roster, person) for person in people)
                and all(len(set(step.holders)) == len(step.holders) for step in body.steps)
                and (not body.replaces or (before is not None and author in holders(before)))
                and (bool(body.replaces) or len(roster.offices) < OFFICES_MAX)
            )
        case MandateBody():
            office = roster.offices.get(OperationId(body.office))
            return (
                office is not None
                and author == head(office)
                and body.holder != author
                and _takes_part(roster, AuthorId(body.holder))
                and len(roster.mandates) < MANDATES_MAX
            )
        case RevokeBody():
            given = roster.mandates.get(OperationId(body.mandate))
            if given is None or given.revoked:
                return False
            office = roster.offices.get(OperationId(given.body.office))
            return author == given.giver or (office is not None and author == head(office))
        case _:
            assert_never(body)


def apply(roster: Roster, operation: OperationId, author: AuthorId, body: AuthorityBody) -> None:
    """Change the roster by one that counts."""
    match body:
        case OfficeBody():
            if body.replaces:
                roster.offices.pop(OperationId(body.replaces), None)
            roster.offices[operation] = body
        case MandateBody():
            roster.mandates[operation] = Mandate(giver=author, body=body)
        case RevokeBody():
            given = roster.mandates.get(OperationId(body.mandate))
            if given is not None:
                roster.mandates[OperationId(body.mandate)] = replace(given, revoked=True)
        case _:
            assert_never(body)


def head(office: OfficeBody) -> AuthorId:
    """Who decides whether an office signs, where nobody stands in."""
    return AuthorId(office.steps[-1].holders[0])


def holders(office: OfficeBody) -> frozenset[AuthorId]:
    """Everybody with a part in an office."""
    return frozenset([AuthorId(holder) for step in office.steps for holder in step.holders])


def _takes_part(roster: Roster, author: AuthorId) -> bool:
    member = roster.members.get(author)
    return member is not None and member.active and member.seat is not Seat.OBSERVER
