"""Who may write what of letters and cases, where it stands in the log, and who signs it for outsiders.

Law: answered from the roster at an operation's own place: all nodes agree, and nothing later changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from meshcoal.campaign.membership import Roster
from meshcoal.ids import AuthorId
from meshcoal.statement.model import Authority, Signer
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import DRAFT_SEATS, Seat

if TYPE_CHECKING:
    from meshcoal.node.campaign import Campaign


def may_touch(kind: Kind, author: AuthorId, roster: Roster) -> bool:
    """Whether a member may write an operation of this kind, of letters or cases."""
    if kind in (Kind.FREEZE, Kind.RELEASE, Kind.ADDENDUM, Kind.DESK, Kind.CALL, Kind.GRANT, Kind.ACCEPT):
        return roster.is_organiser(author)
    if kind in (Kind.COMMENT, Kind.WITHDRAW):
        return True
    if kind is Kind.PAPER:
        return roster.members[author].seat in witness_seats(roster)
    if kind in (Kind.DRAFT, Kind.AMEND):
        return roster.members[author].seat in draft_seats(roster)
    return roster.members[author].seat is not Seat.OBSERVER


def draft_seats(roster: Roster) -> tuple[Seat, ...]:
    """Of which seats a member may write and amend letters, by the rules of that place."""
    return roster.rules.draft_seats if roster.rules else DRAFT_SEATS


def witness_seats(roster: Roster) -> tuple[Seat, ...]:
    """Of which seats a member may enter signatures on paper, by the rules of that place."""
    return roster.rules.witness_seats if roster.rules else DRAFT_SEATS


def comments_by_seat(roster: Roster) -> bool:
    """Whether who comments is shown as a seat and not by name."""
    return roster.rules is not None and roster.rules.comments_by_seat


def authors_change(roster: Roster) -> bool:
    """Whether members may change and take back what they said, by the rules of that place."""
    return roster.rules is None or roster.rules.authors_change


def organisers_hide(roster: Roster) -> bool:
    """Whether organisers may take off the screens what others said, by the rules of that place."""
    return roster.rules is not None and roster.rules.organisers_hide


def may_hide(roster: Roster, author: AuthorId) -> bool:
    """Whether somebody may take off the screens what others said, by the rules of that place."""
    return organisers_hide(roster) and roster.is_organiser(author)


def commenters(campaign: Campaign, names: Callable[[AuthorId], str]) -> Callable[[AuthorId], str]:
    """How who wrote a comment is called here: by name, or by seat where the rules say so; I am myself."""
    roster = campaign.roster()
    if not comments_by_seat(roster):
        return names

    def called(author: AuthorId) -> str:
        member = roster.members.get(author)
        return names(author) if author == campaign.me or member is None else member.seat.value

    return called


def authority_of(roster: Roster) -> Authority:
    """Offices and mandates that hold there."""
    given = roster.mandates.items()
    return Authority(
        offices=roster.offices,
        mandates={identifier: mandate.body for identifier, mandate in given if not mandate.revoked},
    )


def signer_of(roster: Roster, author: AuthorId) -> Signer | None:
    """Act key and seat of somebody who was a member there, or None."""
    member = roster.members.get(author)
    if member is None:
        return None
    return Signer(act=member.card.act, seat=member.seat, organiser=roster.is_organiser(author))


def signers_of(roster: Roster) -> Callable[[AuthorId], Signer | None]:
    """`signer_of`, for one roster."""
    return lambda author: signer_of(roster, author)
