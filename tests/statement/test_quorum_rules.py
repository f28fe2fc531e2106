"""A release that claims consent which is not there counts for nothing, on any node."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.errors import NoQuorum
from meshcoal.ids import OperationId
from meshcoal.statement.drafting import make_comment
from meshcoal.statement.model import Reason, Row, Standing, StatementPhase
from meshcoal.statement.signon import make_release
from meshcoal.wire.bodies import ReleaseBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Seat, Stance

sys.path.insert(0, str(Path(__file__).parent))

from lettering import SEATS, Desk, act_key, author, folded

ASKED = Standing(
    needed={Seat.IN_COUNTRY: 1, Seat.EXILE: 0, Seat.INGO: 0},
    seats={author(name): seat for name, seat in SEATS.items()},
)


def agreed(desk: Desk, draft: Row, who: str) -> Row:
    body = make_comment(
        desk.view(draft.id),
        me=author(who),
        revision=draft.id,
        paragraph=0,
        text="",
        stance=Stance.AGREE,
        now_ms=desk.now_ms,
    )
    return desk.write(who, Kind.COMMENT, body)


def opened() -> tuple[Desk, Row]:
    desk = Desk()
    draft = desk.draft("chi")
    desk.freeze(draft, "chi")
    desk.sign(draft, "chi")
    return desk, draft


def released_with(desk: Desk, draft: Row, consent: tuple[Row, ...]) -> tuple[Row, list[Row]]:
    """A release by an organiser who does not ask, with these comments named as consent."""
    release = desk.release(draft, "chi")
    assert isinstance(release.body, ReleaseBody)
    body = dataclasses.replace(release.body, agreed=tuple([row.id for row in consent]))
    changed = dataclasses.replace(release, body=body, standing=ASKED)
    return changed, [*[row for row in desk.rows if row.id != release.id], changed]


def test_the_builder_names_what_lacks() -> None:
    """Goal: an organiser hears whom to ask. Method: release without, then with, an in-country member."""
    desk, draft = opened()
    with pytest.raises(NoQuorum, match=r"1 in-country, and there are 0"):
        make_release(desk.view(draft.id), act_key=act_key("chi"), now_ms=desk.now_ms, standing=ASKED)
    comment = agreed(desk, draft, "ana")
    body = make_release(desk.view(draft.id), act_key=act_key("chi"), now_ms=desk.now_ms, standing=ASKED)
    assert body.agreed == (comment.id,)


def test_consent_that_is_not_there_makes_no_release() -> None:
    """Goal: a lying organiser's release counts nowhere. Method: none; of the wrong seat; a remark in place of
    consent; one that is not there at all; then the real one."""
    desk, draft = opened()
    exile = agreed(desk, draft, "ben")
    remark = desk.write(
        "ana",
        Kind.COMMENT,
        make_comment(
            desk.view(draft.id),
            me=author("ana"),
            revision=draft.id,
            paragraph=0,
            text="No",
            now_ms=desk.now_ms,
        ),
    )
    country = agreed(desk, draft, "ana")
    absent = dataclasses.replace(country, id=OperationId(exile.id[::-1]))
    for consent, counts in (
        ((), False),
        ((exile,), False),
        ((remark,), False),
        ((absent,), False),
        ((exile, absent), False),
        ((country,), True),
        ((country, exile), True),
    ):
        release, rows = released_with(desk, draft, consent)
        for order in (rows, rows[::-1]):
            view = folded(order).get(OperationId(draft.id))
            assert view is not None
            assert (view.phase is StatementPhase.RELEASED) is counts, consent
            assert ((release.id, Reason.NO_QUORUM) in view.ineffective) is not counts
        desk.rows[:] = [row for row in desk.rows if row.kind is not Kind.RELEASE]


def test_consent_behind_the_release_is_none() -> None:
    """Goal: nobody fills a quorum afterwards. Method: name a comment that lies deeper than the release."""
    desk, draft = opened()
    country = agreed(desk, draft, "ana")
    release, rows = released_with(desk, draft, (country,))
    deeper = [
        dataclasses.replace(row, depth=release.depth + 1) if row.id == country.id else row for row in rows
    ]
    view = folded(deeper).get(OperationId(draft.id))
    assert view is not None
    assert view.phase is StatementPhase.OPEN
