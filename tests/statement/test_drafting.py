"""What members type becomes clean bodies, and what would count for nothing is refused in words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import BadArgument, LocalError, Unknown, WrongPhase
from meshcoal.limits import TEXT_CHARS_MAX
from meshcoal.statement.drafting import make_amend, make_comment, make_draft, make_freeze
from meshcoal.statement.model import Statement, StatementPhase
from meshcoal.wire.operation import Kind

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, START_MS, Desk, author, released_desk


def test_text_is_cleaned_where_it_enters() -> None:
    """Goal: what is stored can be frozen. Method: Windows breaks, tabs, controls, decomposed letters."""
    body = make_draft(
        language=" EN ",
        title="  Free\n  her \u202e now\t",
        text="\ufeffUn caf\u0065\u0301\r\n\r\n\r\n\tline \x1b[31m one  \r\nline two\u2029last\n",
        now_ms=START_MS,
    )
    assert body.language == "en"
    assert body.title == "Free her now"
    assert body.text == "Un caf\u00e9\n\n line [31m one\nline two\n\nlast"


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("english language", "T", "x"),
        ("e", "T", "x"),
        ("en-", "T", "x"),
        ("en", "", "x"),
        ("en", "\u200b\u200b", "x"),
        ("en", "T" * 81, "x"),
        ("en", "T", ""),
        ("en", "T", " \n\n \t"),
        ("en", "T", "x" * (TEXT_CHARS_MAX + 1)),
        ("en", "T", "x\n\n" * 501),
    ],
)
def test_a_draft_that_does_not_fit_is_refused_in_words(language: str, title: str, text: str) -> None:
    """Goal: errors for people. Method: each kind of misfit."""
    with pytest.raises(BadArgument):
        make_draft(language=language, title=title, text=text, now_ms=START_MS)


@given(title=st.text(max_size=100), text=st.text(max_size=400), language=st.sampled_from(["en", "fa", "my"]))
def test_whatever_is_accepted_can_be_frozen(title: str, text: str, language: str) -> None:
    """Goal: no draft ends in a dead end. Method: any text that `make_draft` takes is frozen and signed."""
    try:
        body = make_draft(language=language, title=title, text=text, now_ms=START_MS)
    except BadArgument:
        return
    desk = Desk()
    draft = desk.write("ana", Kind.DRAFT, body)
    desk.freeze(draft)
    desk.sign(draft, "ana")
    statement = desk.view(draft.id)
    assert statement.phase is StatementPhase.OPEN
    assert statement.ineffective == ()


def test_an_amendment_finds_its_base() -> None:
    """Goal: an edit without a base is an edit of the current text. Method: with and without one."""
    desk = Desk()
    draft = desk.draft()
    view = desk.view(draft.id)
    assert make_amend(view, language="en", title="T", text="x", base=b"", now_ms=1).base == draft.id
    assert make_amend(view, language="fa", title="T", text="x", base=b"", now_ms=1).base == b""
    with pytest.raises(Unknown):
        make_amend(view, language="en", title="T", text="x", base=bytes(32), now_ms=1)
    with pytest.raises(BadArgument):
        make_amend(view, language="fa", title="T", text="x", base=draft.id, now_ms=1)
    with pytest.raises(BadArgument):
        make_amend(
            view,
            language="en",
            title=view.title,
            text="\n\n".join(view.revisions[0].paragraphs),
            base=draft.id,
            now_ms=1,
        )


def two_current() -> Statement:
    desk = Desk()
    draft = desk.draft()
    seen = list(desk.rows)
    for who in ("ben", "chi"):
        view = desk.view(draft.id, seen)
        body = make_amend(view, language="en", title="T", text=f"By {who}", base=draft.id, now_ms=1)
        desk.write(who, Kind.AMEND, body, seen)
    return desk.view(draft.id)


def test_two_current_texts_must_be_merged_or_chosen_before_the_freeze() -> None:
    """Goal: nobody's amendment is dropped unseen. Method: freeze with two current texts."""
    statement = two_current()
    with pytest.raises(WrongPhase, match="side by side"):
        make_freeze(statement, revisions=(), addressees=(), deadline_ms=DEADLINE_MS, now_ms=START_MS)
    with pytest.raises(BadArgument, match="which one"):
        make_amend(statement, language="en", title="T", text="x", base=b"", now_ms=1)
    chosen = statement.revisions[-1].id
    body = make_freeze(
        statement, revisions=(chosen,), addressees=(), deadline_ms=DEADLINE_MS, now_ms=START_MS
    )
    assert body.revisions == (chosen,)
    both = tuple([revision.id for revision in statement.revisions if revision.current])
    with pytest.raises(BadArgument, match="each language"):
        make_freeze(statement, revisions=both, addressees=(), deadline_ms=DEADLINE_MS, now_ms=START_MS)


def test_a_freeze_keeps_the_order_of_languages_and_cuts_the_deadline() -> None:
    """Goal: one digest for one choice. Method: default and chosen orders; a deadline with milliseconds."""
    desk = Desk()
    draft = desk.draft()
    persian = desk.translate(draft)
    view = desk.view(draft.id)
    default = make_freeze(
        view, revisions=(), addressees=(" The  Minister ",), deadline_ms=DEADLINE_MS + 5, now_ms=START_MS
    )
    assert default.revisions == (draft.id, persian.id)
    assert default.addressees == ("The Minister",)
    assert default.deadline_ms == DEADLINE_MS
    turned = make_freeze(
        view,
        revisions=(persian.id, draft.id),
        addressees=("The Minister",),
        deadline_ms=DEADLINE_MS,
        now_ms=START_MS,
    )
    assert turned.digest != default.digest


def test_a_freeze_that_does_not_fit_is_refused_in_words() -> None:
    """Goal: errors for people. Method: past deadline, unknown revision, bad addressee, too much text."""
    desk = Desk()
    draft = desk.draft(text="a" * 59_000)
    view = desk.view(draft.id)

    def freeze(**values: object) -> None:
        given: dict[str, object] = {
            "revisions": (),
            "addressees": (),
            "deadline_ms": DEADLINE_MS,
            "now_ms": START_MS,
        }
        make_freeze(view, **{**given, **values})  # type: ignore[arg-type]

    freeze()
    for error, values in (
        (BadArgument, {"deadline_ms": START_MS}),
        (BadArgument, {"deadline_ms": START_MS + 999}),
        (Unknown, {"revisions": (bytes(32),)}),
        (BadArgument, {"addressees": ("",)}),
        (BadArgument, {"addressees": ("A" * 201,)}),
        (BadArgument, {"addressees": ("A",) * 65}),
    ):
        with pytest.raises(error):
            freeze(**values)
    desk.translate(draft, text="b" * 59_000)
    view = desk.view(draft.id)
    with pytest.raises(BadArgument, match="too long"):
        freeze()


def test_a_comment_has_a_place_and_words() -> None:
    """Goal: as above. Method: a good one, and each misfit."""
    desk = Desk()
    draft = desk.draft()
    view = desk.view(draft.id)
    body = make_comment(
        view, me=author("ben"), revision=draft.id, paragraph=2, text=" We cannot sign this. ", now_ms=1
    )
    assert body.text == " We cannot sign this."
    for error, revision, paragraph, text in (
        (Unknown, bytes(32), 0, "x"),
        (BadArgument, draft.id, 4, "x"),
        (BadArgument, draft.id, -1, "x"),
        (BadArgument, draft.id, 0, "\n"),
        (BadArgument, draft.id, 0, "x" * 4_001),
    ):
        with pytest.raises(error):
            make_comment(view, me=author("ben"), revision=revision, paragraph=paragraph, text=text, now_ms=1)


def test_a_frozen_text_is_neither_amended_nor_frozen_again() -> None:
    """Goal: what is signed stays. Method: amend, freeze and comment after release."""
    desk, draft = released_desk()
    view = desk.view(draft.id)
    for attempt in (
        lambda: make_amend(view, language="en", title="T", text="x", base=b"", now_ms=1),
        lambda: make_freeze(view, revisions=(), addressees=(), deadline_ms=DEADLINE_MS, now_ms=1),
        lambda: make_comment(view, me=author("ben"), revision=draft.id, paragraph=0, text="x", now_ms=1),
    ):
        with pytest.raises(LocalError) as caught:
            attempt()
        assert isinstance(caught.value, WrongPhase)


def test_a_merge_names_what_it_takes_up_and_is_finished() -> None:
    """Goal: no half-made merge, no lost text. Method: marks left, another language, no base; a good one."""
    desk = Desk()
    draft = desk.draft()
    persian = desk.translate(draft)
    seen = list(desk.rows)
    rivals = [desk.amend(draft, who, text=f"By {who}", seen=seen) for who in ("ben", "chi")]
    view = desk.view(draft.id)

    def merged(text: str, base: bytes, merges: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return make_amend(
            view, language="en", title="T", text=text, base=base, merges=merges, now_ms=desk.now_ms
        ).merges

    first, second = rivals[0].id, rivals[1].id
    for text, base, merges in (
        ("⟦⟦ ben\n\nBy ben\n\n⟦ chi\n\nBy chi\n\n⟧⟧", first, (second,)),
        ("Both", first, (persian.id,)),
        ("Both", b"", (second,)),
    ):
        with pytest.raises(BadArgument):
            merged(text, base, merges)
    with pytest.raises(Unknown):
        merged("Both", first, (bytes(32),))
    assert merged("Both", first, (second, second, first)) == (second,)
    assert merged("By ben", first, (second,)) == (second,), "who keeps one text whole has decided as well"
