"""Who wrote, translated and compared a text: named in public exactly where they wish it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.ids import OperationId
from meshcoal.statement.drafting import make_amend, make_comment, make_draft, make_freeze
from meshcoal.statement.model import Reason
from meshcoal.wire.bodies import FreezeBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.public_text import LanguageText, parse_canonical_text
from meshcoal.wire.terms import Stance

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, ENGLISH, PERSIAN, Desk, Row, author, folded


def letter(*, writer: str = "", translator: str = "") -> tuple[Desk, Row, Row]:
    """Ana writes in English, ben translates into Persian."""
    desk = Desk()
    body = make_draft(language="en", title="Free Dr. Haddad", text=ENGLISH, credit=writer, now_ms=desk.now_ms)
    draft = desk.write("ana", Kind.DRAFT, body)
    amend = make_amend(
        desk.view(draft.id),
        language="fa",
        title="دکتر حداد",
        text=PERSIAN,
        base=b"",
        credit=translator,
        now_ms=desk.now_ms,
    )
    return desk, draft, desk.write("ben", Kind.AMEND, amend)


def check(
    desk: Desk, draft: Row, translation: Row, who: str, credit: str, seen: list[Row] | None = None
) -> Row:
    body = make_comment(
        desk.view(draft.id, seen),
        me=author(who),
        revision=translation.id,
        paragraph=0,
        text="",
        stance=Stance.CHECKED,
        credit=credit,
        now_ms=desk.now_ms,
    )
    return desk.write(who, Kind.COMMENT, body, seen)


def texts(desk: Desk, draft: Row) -> dict[str, LanguageText]:
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    return {text.language: text for text in parse_canonical_text(frozen.canonical_text).texts}


def test_whoever_wishes_it_is_named_and_nobody_else() -> None:
    """Goal: origin under the digest, names only by wish. Method: with and without credits."""
    desk, draft, translation = letter(writer="The Centre", translator="Ben J.")
    check(desk, draft, translation, "chi", "Chi N.")
    check(desk, draft, translation, "dov", "")
    desk.freeze(draft)
    found = texts(desk, draft)
    assert (found["en"].translated_from, found["en"].translators) == ("", ("The Centre",))
    persian = found["fa"]
    assert (persian.translated_from, persian.translators, persian.checkers) == (
        "en",
        ("Ben J.",),
        ("Chi N.",),
    )
    silent, first, translated = letter()
    check(silent, first, translated, "chi", "")
    silent.freeze(first)
    found = texts(silent, first)
    assert (found["fa"].translated_from, found["fa"].translators, found["fa"].checkers) == ("en", (), ())


def test_what_the_freeze_had_not_seen_changes_no_text() -> None:
    """Goal: one digest at every node. Method: somebody compares, cut off from whoever freezes."""
    desk, draft, translation = letter()
    before = list(desk.rows)
    check(desk, draft, translation, "chi", "Chi N.", before)
    desk.freeze(draft, seen=before)
    view = desk.view(draft.id)
    assert view.frozen is not None
    assert texts(desk, draft)["fa"].checkers == ()


def test_a_freeze_credits_nobody_who_did_not_say_so() -> None:
    """Goal: no name is put into people's mouths. Method: freezes that name other comments, or none."""
    desk, draft, translation = letter()
    named = check(desk, draft, translation, "chi", "Chi N.")
    silent = check(desk, draft, translation, "dov", "")
    body = make_freeze(
        desk.view(draft.id), revisions=(), addressees=(), deadline_ms=DEADLINE_MS, now_ms=desk.now_ms
    )
    assert body.checks == (named.id,)
    for checks in ((), (silent.id,), (named.id, named.id), (bytes(32),), (draft.id,)):
        bent = desk.write("ana", Kind.FREEZE, dataclasses.replace(body, checks=checks))
        assert dict(desk.view(draft.id).ineffective)[bent.id] is Reason.BAD_FREEZE, checks
    desk.write("ana", Kind.FREEZE, body)
    assert texts(desk, draft)["fa"].checkers == ("Chi N.",)


@given(data=st.data())
def test_any_order_of_operations_gives_the_same_text(data: st.DataObject) -> None:
    """Goal: the digest does not depend on arrival. Method: some compare, some in secret; any order."""
    desk, draft, translation = letter(translator=data.draw(st.sampled_from(["", "Ben J."])))
    for who in data.draw(st.lists(st.sampled_from(["chi", "dov", "eve", "mallory"]), max_size=6)):
        check(desk, draft, translation, who, data.draw(st.sampled_from(["", "A name", f"Name of {who}"])))
    frozen = desk.freeze(draft)
    assert isinstance(frozen.body, FreezeBody)
    whole = desk.view(draft.id)
    assert whole.frozen is not None
    assert len(set(whole.frozen.body.checks)) == len(whole.frozen.body.checks) <= 4
    assert folded(data.draw(st.permutations(desk.rows))).get(OperationId(draft.id)) == whole
