"""Translations: what each translates, whether that was changed since, and who compared the two."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.api.views import RevisionView
from meshcoal.errors import BadArgument, Unknown
from meshcoal.statement.drafting import make_amend, make_comment, make_freeze
from meshcoal.statement.model import Reason, Revision, Row
from meshcoal.statement.view import statement_view
from meshcoal.wire.bodies import AmendBody, CommentBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Role, Seat, Stance

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, PERSIAN, Desk, author, name_of, roster


def text_of(desk: Desk, draft: Row, language: str) -> Revision:
    """The one current text in a language."""
    [found] = [one for one in desk.view(draft.id).revisions if one.current and one.language == language]
    return found


def shown(desk: Desk, draft: Row, language: str) -> RevisionView:
    view = statement_view(
        desk.view(draft.id),
        me=author("ana"),
        active=True,
        seat=Seat.EXILE,
        role=Role.MEMBER,
        roster=roster,
        names=name_of,
        now_ms=desk.now_ms,
        held=lambda operations: (1, 1),
    )
    [found] = [one for one in view.revisions if one.current and one.language == language]
    return found


def check(desk: Desk, draft: Row, who: str, revision: bytes, *, text: str = "", paragraph: int = 0) -> Row:
    body = make_comment(
        desk.view(draft.id),
        me=author(who),
        revision=revision,
        paragraph=paragraph,
        text=text,
        stance=Stance.CHECKED,
        now_ms=desk.now_ms,
    )
    return desk.write(who, Kind.COMMENT, body)


def again(desk: Desk, draft: Row, *, text: str = PERSIAN, translates: bytes = b"") -> Row:
    """The Persian text once more."""
    now = text_of(desk, draft, "fa")
    body = make_amend(
        desk.view(draft.id),
        language="fa",
        title=now.title,
        text=text,
        base=now.id,
        translates=translates,
        now_ms=desk.now_ms,
    )
    return desk.write("ben", Kind.AMEND, body)


def test_a_further_language_translates_the_first_unless_it_says_otherwise() -> None:
    """Goal: nobody has to name the obvious. Method: a second and third language; an amended translation."""
    desk = Desk()
    draft = desk.draft()
    persian = desk.translate(draft)
    assert text_of(desk, draft, "en").translates == b""
    assert text_of(desk, draft, "fa").translates == draft.id
    body = make_amend(
        desk.view(draft.id),
        language="ar",
        title="T",
        text="x",
        base=b"",
        translates=persian.id,
        now_ms=desk.now_ms,
    )
    desk.write("chi", Kind.AMEND, body)
    assert text_of(desk, draft, "ar").translates == persian.id
    again(desk, draft, text="دیگر")
    assert text_of(desk, draft, "fa").translates == draft.id
    with pytest.raises(BadArgument):
        again(desk, draft, text="دیگر")
    with pytest.raises(BadArgument):
        again(desk, draft, translates=persian.id)
    with pytest.raises(Unknown):
        again(desk, draft, translates=bytes(32))


def test_a_change_that_is_not_translated_is_flagged_and_not_frozen() -> None:
    """Goal: no letter says two things. Method: change the English; freeze; translate the change; freeze."""
    desk = Desk()
    draft = desk.draft()
    desk.translate(draft)
    assert not text_of(desk, draft, "fa").stale
    english = desk.amend(draft, "ana", text="Release her now.")
    assert text_of(desk, draft, "fa").stale
    assert shown(desk, draft, "fa").stale

    def freeze(*revisions: bytes) -> None:
        make_freeze(
            desk.view(draft.id),
            revisions=revisions,
            addressees=(),
            deadline_ms=DEADLINE_MS,
            now_ms=desk.now_ms,
        )

    with pytest.raises(BadArgument, match="`fa` translates a text that was changed"):
        freeze()
    freeze(english.id)
    again(desk, draft, translates=english.id)
    assert not text_of(desk, draft, "fa").stale, "the same words may say the new text as well"
    freeze()


def test_a_translation_is_checked_by_somebody_else() -> None:
    """Goal: two pairs of eyes. Method: the translator, another, twice; the original; a later revision."""
    desk = Desk()
    draft = desk.draft()
    persian = desk.translate(draft, "ben")
    with pytest.raises(BadArgument):
        check(desk, draft, "ben", persian.id)
    with pytest.raises(BadArgument):
        check(desk, draft, "chi", draft.id)
    checked = check(desk, draft, "chi", persian.id, text="One word is strong.", paragraph=1)
    assert isinstance(checked.body, CommentBody)
    assert checked.body.paragraph == 0, "it is about the whole text"
    check(desk, draft, "chi", persian.id)
    check(desk, draft, "dov", persian.id)
    assert shown(desk, draft, "fa").checked_by == ("chi", "dov")
    forged = dataclasses.replace(checked.body, text="")
    desk.write("ben", Kind.COMMENT, forged)
    assert shown(desk, draft, "fa").checked_by == ("chi", "dov"), "nobody checks their own"
    again(desk, draft, text="دیگر")
    assert shown(desk, draft, "fa").checked_by == (), "a new wording is to be checked anew"


def test_what_translates_nothing_that_is_there_counts_for_nothing() -> None:
    """Goal: no invented sources. Method: by hand: an unknown text, and one in its own language."""
    desk = Desk()
    draft = desk.draft()
    persian = desk.translate(draft)
    made = []
    for translates, language in ((bytes(32), "ar"), (draft.id, "en")):
        body = AmendBody(
            at_ms=0,
            statement=draft.id,
            base=draft.id if language == "en" else b"",
            language=language,
            title="T",
            text="x",
            translates=translates,
        )
        made.append(desk.write("chi", Kind.AMEND, body))
    assert dict(desk.view(draft.id).ineffective) == {row.id: Reason.BAD_BASE for row in made}
    assert text_of(desk, draft, "fa").id == persian.id
