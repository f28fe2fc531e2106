"""Red lines: who drew one says when it ends; a changed wording only asks them to look again."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.errors import BadArgument, Unknown
from meshcoal.statement.drafting import make_comment
from meshcoal.statement.model import Comment, Reason, RedLine, Row
from meshcoal.wire.bodies import CommentBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Stance

sys.path.insert(0, str(Path(__file__).parent))

from lettering import ENGLISH, Desk, author

STANCES = (Stance.REMARK, Stance.BLOCK, Stance.STAND_ASIDE, Stance.REWORD)


def say(
    desk: Desk,
    draft: Row,
    who: str,
    *,
    paragraph: int = 2,
    text: str = "No.",
    stance: Stance = Stance.BLOCK,
    lifts: bytes = b"",
) -> Row:
    body = make_comment(
        desk.view(draft.id),
        me=author(who),
        revision=draft.id,
        paragraph=paragraph,
        text=text,
        stance=stance,
        lifts=lifts,
        now_ms=desk.now_ms,
    )
    return desk.write(who, Kind.COMMENT, body)


def lines(desk: Desk, draft: Row) -> list[RedLine]:
    return [comment.red_line for comment in desk.view(draft.id).comments]


def test_a_red_line_stands_until_its_author_lifts_it() -> None:
    """Goal: nobody else says that it is gone. Method: three stances and a remark; lift one; others try."""
    desk = Desk()
    draft = desk.draft()
    drawn = [say(desk, draft, "ben", stance=stance, text=f"{stance}") for stance in STANCES]
    assert lines(desk, draft) == [RedLine.NONE, RedLine.STANDS, RedLine.STANDS, RedLine.STANDS]
    with pytest.raises(Unknown):
        say(desk, draft, "chi", lifts=drawn[1].id)
    with pytest.raises(Unknown):
        say(desk, draft, "ben", lifts=drawn[0].id)
    lift = say(desk, draft, "ben", lifts=drawn[1].id, text="", stance=Stance.REMARK, paragraph=0)
    assert lines(desk, draft)[:3] == [RedLine.NONE, RedLine.LIFTED, RedLine.STANDS]
    shown: Comment = desk.view(draft.id).comments[-1]
    assert (shown.id, shown.lifts, shown.paragraph, shown.red_line) == (
        lift.id,
        drawn[1].id,
        2,
        RedLine.NONE,
    ), "what is lifted says where it was"
    with pytest.raises(Unknown):
        say(desk, draft, "ben", lifts=drawn[1].id)
    with pytest.raises(BadArgument):
        say(desk, draft, "ben", text=" ")


def test_a_lift_by_hand_of_what_is_not_ones_own_counts_for_nothing() -> None:
    """Goal: a hostile node lifts nobody's line. Method: another's, a remark, nothing, before it was drawn."""
    desk = Desk()
    draft = desk.draft()
    line = say(desk, draft, "ben")
    remark = say(desk, draft, "chi", stance=Stance.REMARK)
    own = say(desk, draft, "chi")
    assert isinstance(own.body, CommentBody)
    forged = [
        desk.write("chi", Kind.COMMENT, dataclasses.replace(own.body, lifts=lifts))
        for lifts in (line.id, remark.id, bytes(32))
    ]
    assert dict(desk.view(draft.id).ineffective) == dict.fromkeys(
        [one.id for one in forged], Reason.NO_RED_LINE
    )
    assert lines(desk, draft) == [RedLine.STANDS, RedLine.NONE, RedLine.STANDS]


def test_a_change_of_the_wording_asks_its_author_to_look_again() -> None:
    """Goal: a line is about words, not about a number. Method: move the paragraph, change it, put it back."""
    desk = Desk()
    draft = desk.draft()
    say(desk, draft, "ben")
    say(desk, draft, "chi", paragraph=0)
    paragraphs = ENGLISH.split("\n\n")
    desk.amend(draft, text="\n\n".join(["New first", *paragraphs]))
    assert lines(desk, draft) == [RedLine.STANDS, RedLine.REWORDED], "moved, the same words; another text"
    desk.amend(draft, text="\n\n".join([paragraphs[0], "Other words", paragraphs[2]]))
    assert lines(desk, draft) == [RedLine.REWORDED, RedLine.REWORDED]
    desk.amend(draft, text=ENGLISH + "\n\nP.S.")
    assert lines(desk, draft)[0] is RedLine.STANDS
    desk.freeze(draft)
    assert lines(desk, draft)[0] is RedLine.STANDS, "it stops nobody, and is still shown"
