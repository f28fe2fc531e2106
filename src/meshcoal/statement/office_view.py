"""Requests to offices as a client shows them: who holds what up, and since when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from meshcoal.api.views import DecisionView, RequestState, RequestView
from meshcoal.ids import AuthorId
from meshcoal.limits import DECISIONS_SHOWN_MAX, KIB, REQUESTS_SHOWN_MAX
from meshcoal.statement.model import Request, Statement, StatementPhase

Names = Callable[[AuthorId], str]
_TEXT_BYTES_MAX: Final = 256 * KIB  # of all requests of one letter


def request_views(
    statement: Statement, names: Names, *, me: AuthorId, now_ms: int
) -> tuple[RequestView, ...]:
    """The newest of them, oldest first; where people wrote much, older ones without their texts."""
    shown = []
    room_bytes = _TEXT_BYTES_MAX
    for one in reversed(statement.requests[-REQUESTS_SHOWN_MAX:]):
        room_bytes -= sum(len(text.encode()) for text in (one.note, *[said.text for said in one.decisions]))
        shown.append(_view(statement, one, names, me, now_ms, told=room_bytes >= 0))
    return tuple(reversed(shown))


def _view(
    statement: Statement, one: Request, names: Names, me: AuthorId, now_ms: int, *, told: bool
) -> RequestView:
    state = _state(statement, one)
    waiting = state in (RequestState.WAITING, RequestState.TO_SIGN)
    step = one.terms.steps[one.step] if waiting else None
    holders = [AuthorId(holder) for holder in step.holders] if step else []
    return RequestView(
        id=one.id,
        office_id=one.office,
        office=one.terms.name,
        name=names(one.author),
        at_ms=one.at_ms,
        note=one.note if told else "",
        state=state,
        decisions=tuple(
            [
                DecisionView(
                    step=one.terms.steps[decided.step].name,
                    name=names(decided.author),
                    at_ms=decided.at_ms,
                    verdict=decided.verdict,
                    text=decided.text if told else "",
                    deputy=decided.author != one.terms.steps[decided.step].holders[0],
                )
                for decided in one.decisions[-DECISIONS_SHOWN_MAX:]
            ]
        ),
        step=step.name if step else "",
        waits_for=names(holders[0]) if step else "",
        since_ms=one.since_ms if step else -1,
        deputies=tuple([names(holder) for holder in holders[1:]]),
        deputies_from_ms=one.since_ms + step.wait_ms if step and len(holders) > 1 else -1,
        my_turn=step is not None and step.may_act(me, since_ms=one.since_ms, at_ms=now_ms),
    )


def _state(statement: Statement, one: Request) -> RequestState:
    if one.signed is not None:
        return RequestState.SIGNED
    if one.refused:
        return RequestState.REFUSED
    frozen = statement.frozen
    if frozen is None or frozen.digest != one.digest or statement.phase is not StatementPhase.OPEN:
        return RequestState.LAPSED
    return RequestState.TO_SIGN if one.step == len(one.terms.steps) - 1 else RequestState.WAITING
