"""Whose consent a release needs, seat by seat, as the campaign's rules say.

Law: the answer follows from the control operations in the past of the release, so every node gives it alike.
Where nobody wrote rules, a coalition that has in-country seats releases nothing without one of them. Only an
in-country organiser lowers what is asked of these seats, while any of them is there.
Ours, unreviewed. Specified in docs/protocol/statement.md, "Quorum".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meshcoal.wire.bodies import RulesBody
from meshcoal.wire.terms import Seat

if TYPE_CHECKING:
    from meshcoal.campaign.roster import Member, Roster

IN_COUNTRY_DEFAULT: Final = 1


def asked_of(rules: RulesBody | None) -> dict[Seat, int]:
    """How many of each seat the rules ask for."""
    if rules is None:
        return {Seat.IN_COUNTRY: IN_COUNTRY_DEFAULT, Seat.EXILE: 0, Seat.INGO: 0}
    return {
        Seat.IN_COUNTRY: rules.in_country_quorum,
        Seat.EXILE: rules.exile_quorum,
        Seat.INGO: rules.ingo_quorum,
    }


def needed(roster: Roster) -> dict[Seat, int]:
    """How many of each seat must consent: what the rules ask for, and never more than ever had that seat.

    Former members count among these: removing everybody who could refuse does not make a release easier.
    """
    had = [member.seat for member in roster.members.values()]
    return {seat: min(count, had.count(seat)) for seat, count in asked_of(roster.rules).items()}


def may_set(roster: Roster, member: Member, body: RulesBody) -> bool:
    """Whether an organiser may put these rules in place of those that hold."""
    if body.in_country_quorum >= asked_of(roster.rules)[Seat.IN_COUNTRY] or member.seat is Seat.IN_COUNTRY:
        return True
    return not any(one.active and one.seat is Seat.IN_COUNTRY for one in roster.members.values())
