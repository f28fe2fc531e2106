"""What was said about a letter, beside the words that it is about, in the revision that is read.

Law: nothing that was said is lost. What is about words that are gone stands with the whole text, and quotes
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.api.views import CommentView, RedLine, RevisionView, StatementView
from meshcoal.text.following import Standing, followed
from meshcoal.wire.terms import Stance

_SETTLED: Final = (Stance.CHECKED, Stance.AGREE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment, and where the words are that it is about."""

    comment: CommentView
    paragraph: int  # of the revision that is read; 0: the whole text
    standing: Standing
    words: str  # that it was about, where they are not there any more

    @property
    def open(self) -> bool:
        """Whether it still asks for something: no lifted red line, no lifting, no consent."""
        comment = self.comment
        if comment.lifts or comment.stance in _SETTLED:
            return False
        return comment.red_line is not RedLine.LIFTED

    @property
    def loud(self) -> bool:
        """Whether it is a red line that its author has not lifted."""
        return self.comment.red_line in (RedLine.STANDS, RedLine.REWORDED)


def remarks(view: StatementView, revision: RevisionView) -> tuple[Remark, ...]:
    """All comments on texts of the revision's language, in the order of the log."""
    texts = {one.id: one.paragraphs for one in view.revisions}
    found = []
    for comment in view.comments:
        if comment.language != revision.language:
            continue
        then = texts.get(comment.revision)
        if then is None:  # older than what the daemon shows: its number is all that is known
            there = min(comment.paragraph, len(revision.paragraphs))
            found.append(Remark(comment=comment, paragraph=there, standing=Standing.CHANGED, words=""))
            continue
        paragraph, standing = followed(comment.paragraph, then, revision.paragraphs)
        known = standing is not Standing.SAME and comment.paragraph <= len(then)
        words = then[comment.paragraph - 1] if known else ""
        found.append(Remark(comment=comment, paragraph=paragraph, standing=standing, words=words))
    return tuple(found)
