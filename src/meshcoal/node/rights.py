"""Who may write what of letters and cases, where it stands in the log, and who signs it for outsiders.

Law: answered from the roster at an operation's own place: all nodes agree, and nothing later changes it.
"""

from __future__ import annotations

from collections.abc import Callable

from meshcoal.campaign.membership import Roster
from meshcoal.ids import AuthorId
from meshcoal.statement.model import Signer
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Seat


def may_touch(kind: Kind, author: AuthorId, roster: Roster) -> bool:
    """Whether a member may write an operation of this kind, of letters or cases."""
    if kind in (Kind.FREEZE, Kind.RELEASE, Kind.CALL, Kind.GRANT, Kind.ACCEPT):
        return roster.is_organiser(author)
    if kind in (Kind.COMMENT, Kind.WITHDRAW):
        return True
    return roster.members[author].seat is not Seat.OBSERVER


def signer_of(roster: Roster, author: AuthorId) -> Signer | None:
    """Act key and seat of somebody who was a member there, or None."""
    member = roster.members.get(author)
    return Signer(act=member.card.act, seat=member.seat) if member else None


def signers_of(roster: Roster) -> Callable[[AuthorId], Signer | None]:
    """`signer_of`, for one roster."""
    return lambda author: signer_of(roster, author)
