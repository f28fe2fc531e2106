"""Addenda, and who waits for the next one, as a client shows them.

Law: as in `statement.view`.
"""

from __future__ import annotations

from collections.abc import Callable

from meshcoal.api.addendum_views import AddendumView, LateView
from meshcoal.ids import AuthorId
from meshcoal.statement.addenda import late
from meshcoal.statement.model import Roster, Statement
from meshcoal.wire.terms import ORGANISATIONS


def addendum_views(statement: Statement, names: Callable[[AuthorId], str]) -> tuple[AddendumView, ...]:
    """By their number."""
    found = []
    for added in statement.addenda:
        capacities = [one.body.capacity for one in added.sign_ons]
        capacities += [one.said.fields.capacity for one in added.outside]
        organisations = sum(capacity in ORGANISATIONS for capacity in capacities)
        found.append(
            AddendumView(
                number=added.body.number,
                at_ms=added.body.at_ms,
                name=names(added.author),
                organisations=organisations,
                individuals=len(capacities) - organisations,
                outside=len(added.outside),
                withdrawals=len(added.body.withdrawals),
            )
        )
    return tuple(found)


def late_view(statement: Statement, roster: Roster) -> LateView | None:
    """None: nobody waits."""
    waiting = late(statement, roster)
    if waiting.empty:
        return None
    listed = {entry.sign_on.act_key: entry.sign_on.body.name for entry in statement.entries}
    listed |= {one.sign_on.said.act_key: one.sign_on.said.fields.name for one in statement.outside}
    return LateView(
        sign_ons=tuple([one.id for one in waiting.sign_ons]),
        outside=len(waiting.outside),
        withdrawals=tuple([listed[one.act_key] for one in waiting.withdrawals]),
    )
