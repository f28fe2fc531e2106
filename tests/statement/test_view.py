"""A statement as clients see it: complete, bounded, with exactly the actions that would succeed."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.api.framing import encode_answer
from meshcoal.api.views import Action, EntryState, StatementPhase, StatementView
from meshcoal.limits import API_FRAME_BYTES_MAX
from meshcoal.statement.model import NO_DIGEST
from meshcoal.statement.view import statement_view, summary_view
from meshcoal.wire.bodies import AmendBody, CommentBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Capacity, Role, Seat

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, SEATS, Desk, Row, author, name_of, released_desk, roster


def seen_by(
    desk: Desk, draft: Row, who: str, *, role: Role = Role.MEMBER, active: bool = True, now_ms: int = 0
) -> StatementView:
    return statement_view(
        desk.view(draft.id),
        me=author(who),
        active=active,
        seat=SEATS[who],
        role=role,
        roster=roster,
        names=name_of,
        now_ms=now_ms or desk.now_ms,
        held=lambda operations: (len(tuple(operations)), 9),
    )


def test_a_draft_shows_its_texts_and_no_count() -> None:
    """Goal: a draft is all text. Method: two languages and a comment."""
    desk = Desk()
    draft = desk.draft()
    desk.translate(draft)
    remark = CommentBody(at_ms=7, statement=draft.id, revision=draft.id, paragraph=2, text="Too soft")
    desk.write("chi", Kind.COMMENT, remark)
    view = seen_by(desk, draft, "ana")
    assert view.phase is StatementPhase.DRAFT
    assert [(r.language, r.direction.value, r.name) for r in view.revisions] == [
        ("en", "ltr", "ana"),
        ("fa", "rtl", "ben"),
    ]
    assert [(c.name, c.paragraph, c.text) for c in view.comments] == [("chi", 2, "Too soft")]
    assert (view.digest, view.canonical_text, view.deadline_ms, view.mine) == (b"", "", -1, None)
    assert view.languages == ("en", "fa")
    assert view.tally.digest == NO_DIGEST
    assert view.actions == (Action.AMEND, Action.COMMENT)
    assert Action.FREEZE in seen_by(desk, draft, "ana", role=Role.ORGANISER).actions
    assert seen_by(desk, draft, "ana", role=Role.ORGANISER, active=False).actions == ()


def test_an_open_letter_offers_what_would_succeed() -> None:
    """Goal: no button that fails. Method: actions by seat, role, state and time."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    assert seen_by(desk, draft, "ana").actions == (Action.AMEND, Action.COMMENT, Action.SIGN)
    assert seen_by(desk, draft, "eve").actions == (Action.COMMENT,)
    late = seen_by(desk, draft, "ana", now_ms=DEADLINE_MS + 1)
    assert late.actions == (Action.AMEND, Action.COMMENT, Action.SIGN_LATE)
    assert Action.RELEASE not in seen_by(desk, draft, "ana", role=Role.ORGANISER).actions
    desk.sign(draft, "ana")
    view = seen_by(desk, draft, "ana", role=Role.ORGANISER)
    assert view.actions == (
        Action.AMEND,
        Action.COMMENT,
        Action.REVISE,
        Action.WITHDRAW,
        Action.RELEASE,
    )
    assert view.mine is EntryState.COUNTED
    assert view.canonical_text.startswith("meshcoal statement 1\n")
    assert view.deadline_ms == DEADLINE_MS


def test_a_released_letter_shows_the_list_by_class_and_seat() -> None:
    """Goal: the count everyone sees. Method: three signatories of three kinds and seats."""
    desk, draft = released_desk()
    view = seen_by(desk, draft, "ana", active=False)
    assert view.phase is StatementPhase.RELEASED
    assert view.released_by == "ana"
    assert view.released_ms > 0
    tally = view.tally
    assert (tally.organisations, tally.individuals, tally.counted) == (1, 2, 3)
    assert (tally.in_country, tally.exile, tally.ingo) == (1, 1, 1)
    assert {entry.member for entry in tally.entries} == {"ana", "ben", "chi"}
    assert {entry.seat for entry in tally.entries} == {Seat.IN_COUNTRY, Seat.EXILE, Seat.INGO}
    assert Capacity.AFFILIATED in {entry.capacity for entry in tally.entries}
    assert view.actions == (Action.EXPORT,)
    assert seen_by(desk, draft, "ana").actions == (Action.WITHDRAW, Action.ENTER, Action.EXPORT)
    assert seen_by(desk, draft, "dov").actions == (Action.SIGN_LATE, Action.ENTER, Action.EXPORT)
    desk.sign(draft, "dov", late=True)
    organiser = seen_by(desk, draft, "ana", role=Role.ORGANISER)
    assert organiser.actions == (Action.WITHDRAW, Action.ADDENDUM, Action.ENTER, Action.EXPORT)
    assert organiser.late is not None
    desk.addendum(draft)
    organiser = seen_by(desk, draft, "ana", role=Role.ORGANISER)
    assert (organiser.late, [one.number for one in organiser.addenda]) == (None, [1])
    assert organiser.tally.counted == 3
    assert seen_by(desk, draft, "eve").actions == (Action.EXPORT,), "an observer reads"


def test_a_summary_says_whether_i_still_have_to_act() -> None:
    """Goal: a list of statements is a list of duties. Method: before and after signing and withdrawing."""
    desk = Desk()
    draft = desk.draft()
    assert summary_view(desk.view(draft.id), me=author("ana")).deadline_ms == -1
    desk.freeze(draft)
    assert not summary_view(desk.view(draft.id), me=author("ana")).signed_by_me
    desk.sign(draft, "ana")
    summary = summary_view(desk.view(draft.id), me=author("ana"))
    assert (summary.signed_by_me, summary.counted, summary.title) == (True, 1, "Free Dr. Haddad")
    desk.withdraw(draft, "ana")
    summary = summary_view(desk.view(draft.id), me=author("ana"))
    assert (summary.signed_by_me, summary.counted) == (False, 0)


def test_a_view_fits_the_socket_whatever_was_written() -> None:
    """Goal: members cannot make a statement unshowable. Method: many long revisions and comments."""
    desk = Desk()
    draft = desk.draft()
    last = draft
    for n in range(40):
        text = f"{n}\n\n" + "ش" * 59_000
        body = AmendBody(at_ms=0, statement=draft.id, base=last.id, language="en", title=f"T{n}", text=text)
        last = desk.write("ben", Kind.AMEND, body, [last])
        for _ in range(10):
            remark = CommentBody(
                at_ms=0, statement=draft.id, revision=draft.id, paragraph=0, text="𒀀" * 4_000
            )
            desk.write("ben", Kind.COMMENT, remark, [])
    view = seen_by(desk, draft, "ana")
    assert len(encode_answer(1, view)) < API_FRAME_BYTES_MAX
    assert view.revisions[-1].id == last.id
    assert view.title == "T39"
    assert 10 < len(view.revisions) < 41
    assert 100 < len(view.comments) < 400


@given(texts=st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=5))
@settings(max_examples=50)
def test_any_peer_text_makes_a_valid_view(texts: list[str]) -> None:
    """Goal: foreign text never breaks a view. Method: raw bodies, as a hostile peer would write them."""
    desk = Desk()
    draft = desk.draft()
    for text in texts:
        raw = text.encode(errors="replace").decode()
        body = AmendBody(at_ms=0, statement=draft.id, base=draft.id, language="en", title="T", text=raw)
        desk.write("ben", Kind.AMEND, body)
    view = seen_by(desk, draft, "ana")
    assert len(view.revisions) + view.ineffective == 1 + len(texts)
