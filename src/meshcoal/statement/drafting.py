"""From what a member types to the bodies that draft, amend, comment and freeze.

Law: a body made here is effective when its author is: whatever the reducer would refuse is refused here
first, in the user's words. Text is cleaned once, here, and stored clean.
"""

from __future__ import annotations

from meshcoal.errors import BadArgument, MalformedPackage, OverLimit, Unknown, WrongPhase
from meshcoal.ids import OperationId
from meshcoal.limits import (
    ADDRESSEES_MAX,
    COMMENT_CHARS_MAX,
    LANGUAGES_MAX,
    NAME_CHARS_MAX,
    PARAGRAPHS_MAX,
    TEXT_CHARS_MAX,
)
from meshcoal.statement.model import Revision, Statement, StatementPhase
from meshcoal.statement.reducer import frozen_text
from meshcoal.wire.bodies import AmendBody, CommentBody, DraftBody, FreezeBody
from meshcoal.wire.plain import (
    LINE_CHARS_MAX,
    is_language,
    normalise_line,
    normalise_text,
    split_paragraphs,
)
from meshcoal.wire.public_text import digest_of


def make_draft(*, language: str, title: str, text: str, now_ms: int) -> DraftBody:
    """Begin a statement. Raises `BadArgument`."""
    return DraftBody(at_ms=now_ms, language=_language(language), title=_title(title), text=_text(text))


def make_amend(
    statement: Statement, *, language: str, title: str, text: str, base: bytes, now_ms: int
) -> AmendBody:
    """A new revision, or the first text in a further language.

    Args:
        base: the revision that was edited. Empty: the language's one current text, if there is one.

    Raises:
        WrongPhase: the statement is frozen.
        Unknown: no such revision.
        BadArgument: the text does not fit, or two texts are current and `base` is empty.
    """
    _draft_only(statement, "amended")
    tag = _language(language)
    current = [revision for revision in statement.revisions if revision.current and revision.language == tag]
    if not base and len(current) > 1:
        raise BadArgument(f"Two texts in `{tag}` stand side by side: say which one was edited.")
    edited = _revision(statement, base) if base else (current[0] if current else None)
    if edited is None and len({revision.language for revision in statement.revisions}) >= LANGUAGES_MAX:
        raise BadArgument(f"A statement has at most {LANGUAGES_MAX} languages.")
    if edited is not None and edited.language != tag:
        raise BadArgument(f"That revision is in `{edited.language}`, not in `{tag}`.")
    body = AmendBody(
        at_ms=now_ms,
        statement=statement.id,
        base=edited.id if edited else b"",
        language=tag,
        title=_title(title),
        text=_text(text),
    )
    if edited is not None and (body.title, split_paragraphs(body.text)) == (edited.title, edited.paragraphs):
        raise BadArgument("Nothing was changed.")
    return body


def make_comment(
    statement: Statement, *, revision: bytes, paragraph: int, text: str, now_ms: int
) -> CommentBody:
    """A remark on one paragraph (from 1), or on the whole text (0).

    Raises:
        WrongPhase: the statement is released.
        Unknown: no such revision.
        BadArgument: no such paragraph, or the remark is empty or too long.
    """
    if statement.phase is StatementPhase.RELEASED:
        raise WrongPhase("The statement is released: comments are closed.")
    about = _revision(statement, revision)
    if not 0 <= paragraph <= len(about.paragraphs):
        raise BadArgument(f"That text has {len(about.paragraphs)} paragraphs.")
    clean = normalise_text(text)
    if not clean:
        raise BadArgument("The comment is empty.")
    _fits(clean, COMMENT_CHARS_MAX, "The comment")
    return CommentBody(
        at_ms=now_ms, statement=statement.id, revision=about.id, paragraph=paragraph, text=clean
    )


def make_freeze(
    statement: Statement,
    *,
    revisions: tuple[bytes, ...],
    addressees: tuple[str, ...],
    deadline_ms: int,
    now_ms: int,
) -> FreezeBody:
    """Fix one text a language, the addressees and the deadline, and open the statement for signing.

    Args:
        revisions: in the order the languages are shown. Empty: the one current text of each language,
            in the order in which the languages came.
        deadline_ms: cut to the second.

    Raises:
        WrongPhase: frozen already; or two texts of a language stand side by side and none was chosen.
        Unknown: no such revision.
        BadArgument: deadline not in the future, a language twice, or a text that no public text can hold.
    """
    _draft_only(statement, "frozen")
    deadline_ms -= deadline_ms % 1000
    if deadline_ms <= now_ms:
        raise BadArgument("The deadline must lie in the future.")
    chosen = [_revision(statement, revision) for revision in revisions] or _current(statement)
    languages = [revision.language for revision in chosen]
    if len(set(languages)) != len(languages):
        raise BadArgument("Choose one text for each language.")
    if len(addressees) > ADDRESSEES_MAX:
        raise BadArgument(f"A statement has at most {ADDRESSEES_MAX} addressees.")
    clean = tuple([_line(addressee, LINE_CHARS_MAX, "An addressee") for addressee in addressees])
    try:
        text = frozen_text(
            statement.campaign, statement.id, chosen, addressees=clean, deadline_ms=deadline_ms
        )
    except MalformedPackage as exc:
        raise BadArgument(f"The text cannot be frozen as it is ({exc}): amend it first.") from exc
    except OverLimit as exc:
        raise BadArgument(f"The text is too long to be frozen: {exc}.") from exc
    return FreezeBody(
        at_ms=now_ms,
        statement=statement.id,
        revisions=tuple([revision.id for revision in chosen]),
        addressees=clean,
        deadline_ms=deadline_ms,
        digest=digest_of(text),
    )


def _current(statement: Statement) -> list[Revision]:
    chosen: dict[str, Revision] = {}
    for revision in statement.revisions:
        if not revision.current:
            continue
        if revision.language in chosen:
            raise WrongPhase(
                f"Two texts in `{revision.language}` stand side by side: merge them into one first, "
                "or choose the revision to freeze."
            )
        chosen[revision.language] = revision
    order = list(dict.fromkeys(revision.language for revision in statement.revisions))
    return [chosen[language] for language in order]


def _draft_only(statement: Statement, done: str) -> None:
    if statement.phase is not StatementPhase.DRAFT:
        raise WrongPhase(f"The statement is {statement.phase.value} and cannot be {done} any more.")


def _revision(statement: Statement, wanted: bytes) -> Revision:
    for revision in statement.revisions:
        if revision.id == OperationId(wanted):
            return revision
    raise Unknown("The statement has no such revision.")


def _language(tag: str) -> str:
    lower = tag.strip().lower().replace("_", "-")
    if not is_language(lower):
        raise BadArgument("A language is given as a BCP 47 tag, such as `en`, `fa` or `zh-hans`.")
    return lower


def _title(title: str) -> str:
    return _line(title, NAME_CHARS_MAX, "The title")


def _line(value: str, chars_max: int, what: str) -> str:
    clean = normalise_line(value)
    if not clean:
        raise BadArgument(f"{what} is empty.")
    _fits(clean, chars_max, what)
    return clean


def _text(text: str) -> str:
    clean = normalise_text(text)
    _fits(clean, TEXT_CHARS_MAX, "The text")
    paragraphs = split_paragraphs(clean)
    if not any(normalise_line(paragraph) for paragraph in paragraphs):
        raise BadArgument("The text is empty.")
    if len(paragraphs) > PARAGRAPHS_MAX:
        raise BadArgument(f"The text has {len(paragraphs)} paragraphs; at most {PARAGRAPHS_MAX} fit.")
    return clean


def _fits(value: str, chars_max: int, what: str) -> None:
    if len(value) > chars_max:
        raise BadArgument(f"{what} has {len(value)} characters; at most {chars_max} fit.")
