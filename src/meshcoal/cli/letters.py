"""Which text of a letter is meant.

Law: where several texts stand side by side, the person says which; nothing is chosen for them.
"""

from __future__ import annotations

from meshcoal.api.views import RevisionView, StatementPhase, StatementView
from meshcoal.cli.lookup import pick, revision_things
from meshcoal.errors import Ambiguous
from meshcoal.ids import short


def revision_of(letter: StatementView, wanted: str) -> RevisionView:
    chosen = pick("revision", wanted, revision_things(letter.revisions))
    return next(one for one in letter.revisions if one.id == chosen)


def base_of(letter: StatementView, revision: RevisionView) -> RevisionView | None:
    return next((one for one in letter.revisions if one.id == revision.base), None)


def current_texts(letter: StatementView) -> list[RevisionView]:
    return [one for one in letter.revisions if one.current]


def standing_texts(letter: StatementView) -> list[RevisionView]:
    """The texts that count: the frozen ones once there are any, else the current ones."""
    if letter.phase is StatementPhase.DRAFT:
        return current_texts(letter)
    return [one for one in letter.revisions if one.frozen]


def only_current(letter: StatementView, language: str | None, remedy: str) -> RevisionView | None:
    """The one current text of a language; none where the language is new.

    Raises:
        Ambiguous: several stand side by side, or several languages do and none was named.
    """
    fits = [one for one in standing_texts(letter) if language is None or one.language == language]
    if len(fits) > 1:
        listed = ", ".join(f"{short(one.id)} ({one.language} by {one.name})" for one in fits)
        raise Ambiguous(f"Several texts stand side by side: {listed}. Say which with {remedy}.")
    return fits[0] if fits else None
