"""Who has to consent before a letter goes out, and who has.

Law: consent is an explicit act: a signature on the list, or the words "I agree that this goes out" on the
frozen text. A release names the acts it rests on, so every node judges it from the same ones. Seats are those
in the past of the release. Nothing of this leaves the campaign.
Ours, unreviewed. Specified in docs/protocol/statement.md, "Quorum".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meshcoal.ids import AuthorId, OperationId
from meshcoal.statement.model import Comment, Row, Standing, Statement
from meshcoal.wire.bodies import CommentBody, FreezeBody, ReleaseBody
from meshcoal.wire.terms import Seat, Stance


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Of one seat: how many have to consent, and how many have."""

    seat: Seat
    needed: int
    have: int


def shares(standing: Standing, consenting: Iterable[AuthorId]) -> tuple[Share, ...]:
    """One for each seat of which somebody is needed."""
    seats = [standing.seats.get(author) for author in dict.fromkeys(consenting)]
    return tuple(
        [
            Share(seat=seat, needed=count, have=seats.count(seat))
            for seat, count in standing.needed.items()
            if count
        ]
    )


def agreeing(statement: Statement) -> dict[AuthorId, Comment]:
    """Who agrees that the frozen text goes out, and has not taken it back; by their last word."""
    if statement.frozen is None:
        return {}
    lifted = {comment.lifts for comment in statement.comments if comment.lifts}
    return {
        comment.author: comment
        for comment in statement.comments
        if comment.stance is Stance.AGREE
        and not comment.lifts
        and comment.id not in lifted
        and comment.revision in statement.frozen.body.revisions
    }


def reached_so_far(statement: Statement, standing: Standing) -> tuple[Share, ...]:
    """What a release that is made now would have."""
    signed = [sign_on.author for sign_on in statement.counted()]
    return shares(standing, [*signed, *agreeing(statement)])


def reached(row: Row, freeze: FreezeBody, rows: Sequence[Row], signed: Iterable[AuthorId]) -> bool:
    """Whether a release rests on consent enough.

    Args:
        row: the release, with what the campaign was at its place.
        freeze: of the text that it releases.
        rows: effective operations of the statement.
        signed: authors of the sign-ons on its list.
    """
    assert isinstance(row.body, ReleaseBody), "only releases"
    if row.standing is None:
        return True
    named = {OperationId(one) for one in row.body.agreed}
    agreed = [
        one.author for one in rows if one.id in named and one.depth < row.depth and _agrees(one, freeze)
    ]
    if len(agreed) != len(named):
        return False
    return all(one.have >= one.needed for one in shares(row.standing, [*signed, *agreed]))


def _agrees(row: Row, freeze: FreezeBody) -> bool:
    body = row.body
    return (
        isinstance(body, CommentBody)
        and body.stance is Stance.AGREE
        and not body.lifts
        and body.revision in freeze.revisions
    )
