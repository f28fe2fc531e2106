"""From what a member types to the bodies that draft, amend, comment and freeze.

Law: a body made here is effective when its author is: whatever the reducer would refuse is refused here
first, in the user's words. Text is cleaned once, here, and stored clean.
"""

from __future__ import annotations

import dataclasses

from meshcoal.clock import DAY_MS, to_second
from meshcoal.errors import BadArgument, MalformedPackage, OverLimit, Unknown, UnsafeSeal, WrongPhase
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import (
    ADDRESSEES_MAX,
    COMMENT_CHARS_MAX,
    CREDITS_MAX,
    GRACE_MS_MAX,
    LANGUAGES_MAX,
    NAME_CHARS_MAX,
    PARAGRAPHS_MAX,
    SEAL_AFTER_DEADLINE_MS_MAX,
    TAGS_MAX,
    TEXT_CHARS_MAX,
    VERSIONS_MAX,
)
from meshcoal.statement import quorum
from meshcoal.statement.counted import check_countable
from meshcoal.statement.freezing import Terms, frozen_text
from meshcoal.statement.model import Comment, RedLine, Revision, Statement, StatementPhase
from meshcoal.statement.sealed.terms import choose
from meshcoal.text.merging import is_marked
from meshcoal.wire.bodies import AmendBody, CommentBody, DraftBody, FreezeBody
from meshcoal.wire.naming import is_tag
from meshcoal.wire.plain import (
    LINE_CHARS_MAX,
    is_language,
    normalise_line,
    normalise_text,
    split_paragraphs,
)
from meshcoal.wire.public_text import digest_of
from meshcoal.wire.terms import NAMED_ALONE, NameMode, Stance


def make_draft(
    *, language: str, title: str, text: str, case: bytes = b"", credit: str = "", now_ms: int
) -> DraftBody:
    """Begin a statement.

    Args:
        case: what it is about.
        credit: how its author wishes to be named beside the text in public; empty: not at all.

    Raises:
        BadArgument: text, title or language does not fit.
    """
    return DraftBody(
        at_ms=now_ms,
        language=_language(language),
        title=_title(title),
        text=_text(text),
        case=case,
        credit=_credit(credit),
    )


def make_amend(
    statement: Statement,
    *,
    language: str,
    title: str,
    text: str,
    base: bytes,
    merges: tuple[bytes, ...] = (),
    translates: bytes = b"",
    credit: str = "",
    now_ms: int,
) -> AmendBody:
    """A new revision, or the first text in a further language. Behind a freeze: for the next version.

    Args:
        base: the revision that was edited. Empty: the language's one current text, if there is one.
        merges: texts that stand beside `base` and are taken up in this one.
        translates: the revision in another language that this text says in its own. Empty: what `base`
            translates; for the first text of a further language, the one current text of the first.

    Raises:
        WrongPhase: the statement is released.
        Unknown: no such revision.
        BadArgument: the text does not fit, or has marks of a merge in it that nobody decided; two texts are
            current and `base` is empty.
    """
    _not_released(statement, "amended")
    tag = _language(language)
    current = [revision for revision in statement.revisions if revision.current and revision.language == tag]
    if not base and len(current) > 1:
        raise BadArgument(f"Two texts in `{tag}` stand side by side: say which one was edited.")
    edited = _revision(statement, base) if base else (current[0] if current else None)
    if edited is None and len({revision.language for revision in statement.revisions}) >= LANGUAGES_MAX:
        raise BadArgument(f"A statement has at most {LANGUAGES_MAX} languages.")
    beside = [_revision(statement, one) for one in merges]
    if beside and edited is None:
        raise BadArgument("Say which text was edited, beside those that it takes up.")
    for known in (*beside, *([edited] if edited is not None else [])):
        if known.language != tag:
            raise BadArgument(f"That revision is in `{known.language}`, not in `{tag}`.")
    body = AmendBody(
        at_ms=now_ms,
        statement=statement.id,
        base=edited.id if edited else b"",
        language=tag,
        title=_title(title),
        text=_text(text),
        credit=_credit(credit),
        merges=tuple(dict.fromkeys(one.id for one in beside if edited is None or one.id != edited.id)),
    )
    source = _source(statement, edited, translates, tag)
    body = dataclasses.replace(body, translates=source.id if source is not None else b"")
    if is_marked(split_paragraphs(body.text)):
        raise BadArgument(
            "Marks of the merge are left in the text: choose one wording at each, and delete them."
        )
    if (
        edited is not None
        and not body.merges
        and body.translates == edited.translates
        and (body.title, split_paragraphs(body.text)) == (edited.title, edited.paragraphs)
    ):
        raise BadArgument("Nothing was changed.")
    return body


def _source(
    statement: Statement, edited: Revision | None, translates: bytes, language: str
) -> Revision | None:
    if translates:
        source = _revision(statement, translates)
        if source.language == language:
            raise BadArgument("A text translates one in another language.")
        return source
    if edited is not None:
        return _revision(statement, edited.translates) if edited.translates else None
    first = statement.revisions[0].language
    texts = [one for one in statement.revisions if one.current and one.language == first]
    return texts[0] if len(texts) == 1 and first != language else None


def make_comment(
    statement: Statement,
    *,
    me: AuthorId,
    revision: bytes,
    paragraph: int,
    text: str,
    stance: Stance = Stance.REMARK,
    lifts: bytes = b"",
    credit: str = "",
    now_ms: int,
) -> CommentBody:
    """A remark or a red line on one paragraph (from 1), or on the whole text (0); or the end of a red line.

    Or consent that a frozen text goes out, and the end of it.

    Args:
        text: for `REWORD`, the wording that would do. May be empty where a red line is lifted.
        lifts: a red line of mine; `revision`, `paragraph` and `stance` are then those of that comment.

    Raises:
        WrongPhase: the statement is released.
        Unknown: no such revision, or no red line of mine.
        BadArgument: no such paragraph, or the text is empty or too long.
    """
    if statement.phase is StatementPhase.RELEASED:
        raise WrongPhase("The statement is released: comments are closed.")
    line = _red_line(statement, me, lifts) if lifts else None
    if line is not None:
        revision, paragraph, stance = line.revision, line.paragraph, line.stance
    about = _revision(statement, revision)
    if not 0 <= paragraph <= len(about.paragraphs):
        raise BadArgument(f"That text has {len(about.paragraphs)} paragraphs.")
    if stance is Stance.CHECKED:
        if not about.translates or about.author == me:
            raise BadArgument("A translation is checked, and by somebody who did not write it.")
        paragraph = 0
    if stance is Stance.AGREE:
        if not about.frozen:
            raise WrongPhase("You can agree to the release of a frozen text only.")
        paragraph = 0
    clean = normalise_text(text)
    if not clean and line is None and stance not in (Stance.CHECKED, Stance.AGREE):
        raise BadArgument("The comment is empty.")
    _fits(clean, COMMENT_CHARS_MAX, "The comment")
    return CommentBody(
        at_ms=now_ms,
        statement=statement.id,
        revision=about.id,
        paragraph=paragraph,
        text=clean,
        stance=stance,
        lifts=lifts,
        credit=_credit(credit) if stance is Stance.CHECKED else "",
    )


def _red_line(statement: Statement, me: AuthorId, comment: bytes) -> Comment:
    for one in statement.comments:
        if one.id == comment and one.author == me and one.red_line in (RedLine.STANDS, RedLine.REWORDED):
            return one
    agreed = quorum.agreeing(statement).get(me)
    if agreed is not None and agreed.id == comment:
        return agreed
    raise Unknown("That is no red line of yours that stands.")


def make_freeze(
    statement: Statement,
    *,
    revisions: tuple[bytes, ...],
    addressees: tuple[str, ...],
    deadline_ms: int,
    soft_deadline_ms: int = 0,
    grace_ms: int = 0,
    replaces: bytes = b"",
    modes: tuple[NameMode, ...] = NAMED_ALONE,
    sealed_until: int = 0,
    seal_expires_ms: int = 0,
    sealable: int = 0,
    keyless: int = 0,
    topics: tuple[str, ...] = (),
    countries: tuple[str, ...] = (),
    asks: tuple[str, ...] = (),
    paper: bool = False,
    now_ms: int,
) -> FreezeBody:
    """Fix one text a language, the addressees and the deadlines, and open the statement for signing.

    Args:
        revisions: in the order the languages are shown. Empty: the one current text of each language,
            in the order in which the languages came.
        deadline_ms: cut to the second, as the other times are.
        soft_deadline_ms: until when people are asked to sign; 0 where there is no such date.
        topics, countries, asks: what the letter is about and asks for, in words that mandates name.
        modes: under which signatories may stand on the list.
        paper: whether a witness may enter signatures on paper.
        replaces: digest of the frozen text that this is the next version of; empty for the first version.
        sealed_until: sealed sign-ons open when so many have signed; 0: nobody signs sealed.
        seal_expires_ms: what is not open by then stays shut; 0: the deadline and its grace period.
        sealable: how many members have published keys to seal for, and to be counted by.
        keyless: how many others might sign and have published none.

    Raises:
        WrongPhase: released already; `replaces` is not the text that holds now; two texts of a language
            stand side by side and none was chosen.
        Unknown: no such revision.
        BadArgument: deadlines that do not fit, a language twice, a text that no public text can hold, or a
            version that changes nothing.
        UnsafeSeal: too few members for that number of sealed sign-ons, or to be counted among.
    """
    _replaceable(statement, replaces)
    deadline_ms, soft_deadline_ms = to_second(deadline_ms), to_second(soft_deadline_ms)
    grace_ms = to_second(grace_ms)
    _check_deadlines(deadline_ms, soft_deadline_ms, grace_ms, now_ms)
    seal_expires_ms = _seal_expiry(sealed_until, seal_expires_ms, deadline_ms + grace_ms, now_ms)
    if sealed_until:
        _check_seal(sealable, keyless, sealed_until)
    if NameMode.COUNTED in modes:
        check_countable(sealable, keyless)
    chosen = [_revision(statement, revision) for revision in revisions] or _current(statement)
    languages = [revision.language for revision in chosen]
    if len(set(languages)) != len(languages):
        raise BadArgument("Choose one text for each language.")
    if len(addressees) > ADDRESSEES_MAX:
        raise BadArgument(f"A statement has at most {ADDRESSEES_MAX} addressees.")
    clean = tuple([_line(addressee, LINE_CHARS_MAX, "An addressee") for addressee in addressees])
    for revision in chosen:
        if revision.translates and revision.translates not in [one.id for one in chosen]:
            raise BadArgument(
                f"The text in `{revision.language}` translates a text that was changed since: translate the "
                "change, or leave that language out."
            )
    terms = Terms(
        addressees=clean,
        deadline_ms=deadline_ms,
        soft_deadline_ms=soft_deadline_ms,
        grace_ms=grace_ms,
        replaces=replaces,
        modes=_modes(modes),
        topics=clean_tags(topics),
        countries=clean_tags(countries),
        asks=clean_tags(asks),
        paper=paper,
    )
    before = statement.frozen
    if before is not None:
        same = [revision.id for revision in chosen] == [OperationId(one) for one in before.body.revisions]
        seal = (before.body.sealed_until, before.body.seal_expires_ms)
        same = same and (sealed_until, seal_expires_ms) == seal
        if same and dataclasses.replace(terms, replaces=before.body.replaces) == Terms.of(before.body):
            raise BadArgument("Nothing was changed: amend a text, or give another deadline or addressee.")
    version = before.version + 1 if before is not None else 1
    if version > VERSIONS_MAX:
        raise BadArgument(f"A letter has at most {VERSIONS_MAX} versions: begin a new one.")
    checks = _checks(statement, chosen)
    try:
        text = frozen_text(
            statement.campaign, statement.id, chosen, version=version, terms=terms, checkers=_named(checks)
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
        soft_deadline_ms=soft_deadline_ms,
        grace_ms=grace_ms,
        replaces=replaces,
        modes=terms.modes,
        sealed_until=sealed_until,
        seal_expires_ms=seal_expires_ms,
        topics=terms.topics,
        countries=terms.countries,
        asks=terms.asks,
        paper=paper,
        checks=tuple([one.id for one in checks]),
    )


def _checks(statement: Statement, chosen: list[Revision]) -> list[Comment]:
    """Comparisons of the texts that are frozen, by people who wish to be named for them; each name once."""
    found: dict[tuple[OperationId, str], Comment] = {}
    ids = {revision.id for revision in chosen}
    for revision in chosen:
        said = [
            one
            for one in statement.comments
            if one.revision == revision.id and one.stance is Stance.CHECKED and one.credit and not one.lifts
        ]
        if OperationId(revision.translates) in ids:
            names = {(revision.id, one.credit): one for one in said if one.author != revision.author}
            found |= dict(list(names.items())[:CREDITS_MAX])
    return list(found.values())


def _named(checks: list[Comment]) -> dict[OperationId, tuple[str, ...]]:
    named: dict[OperationId, tuple[str, ...]] = {}
    for one in checks:
        named[one.revision] = (*named.get(one.revision, ()), one.credit)
    return named


def clean_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Topics, countries or asks as they are frozen, and as mandates name them. Raises `BadArgument`."""
    clean = sorted({"-".join(normalise_line(tag).lower().split()) for tag in tags})
    if not all(is_tag(tag) for tag in clean) or len(clean) > TAGS_MAX:
        raise BadArgument(
            f"Topics, countries and asks: at most {TAGS_MAX} words of a to z and digits, such as "
            "`death-penalty`."
        )
    return tuple(clean)


def _modes(modes: tuple[NameMode, ...]) -> tuple[NameMode, ...]:
    if NameMode.NAMED not in modes:
        raise BadArgument("Who wants to be named can always be named.")
    return tuple([mode for mode in NameMode if mode in modes])


def _check_seal(sealable: int, keyless: int, sealed_until: int) -> None:
    """Raises `UnsafeSeal`, and says so where it may only be too early."""
    try:
        choose(sealable, sealed_until)
    except UnsafeSeal as refusal:
        if not keyless:
            raise
        raise UnsafeSeal(
            f"{refusal} {keyless} more have published no keys yet: their devices do so within a minute "
            "of being on."
        ) from refusal


def _seal_expiry(sealed_until: int, expires_ms: int, over_ms: int, now_ms: int) -> int:
    """When what is sealed stays shut, to the second; 0 where nothing is."""
    if not sealed_until:
        if expires_ms:
            raise BadArgument("A date for sealed sign-ons goes with their number.")
        return 0
    chosen_ms = to_second(expires_ms) or over_ms
    if not now_ms < chosen_ms <= over_ms + SEAL_AFTER_DEADLINE_MS_MAX:
        days = SEAL_AFTER_DEADLINE_MS_MAX // DAY_MS
        raise BadArgument(f"A seal ends in the future, and at most {days} days behind the deadline.")
    return chosen_ms


def _replaceable(statement: Statement, replaces: bytes) -> None:
    _not_released(statement, "frozen")
    if statement.frozen is None:
        if replaces:
            raise WrongPhase("The statement is still a draft: there is no version to replace.")
    elif not replaces:
        raise WrongPhase(
            "The statement is frozen already: a change is a new version, and is asked for as one."
        )
    elif replaces != statement.frozen.digest:
        raise WrongPhase("The text that would be replaced is not the one that holds now: look at it again.")


def _check_deadlines(deadline_ms: int, soft_deadline_ms: int, grace_ms: int, now_ms: int) -> None:
    if deadline_ms <= now_ms:
        raise BadArgument("The deadline must lie in the future.")
    if soft_deadline_ms and not now_ms < soft_deadline_ms <= deadline_ms:
        raise BadArgument("The soft deadline must lie in the future, and not behind the deadline.")
    if not 0 <= grace_ms <= GRACE_MS_MAX:
        raise BadArgument(f"A grace period has at most {GRACE_MS_MAX // DAY_MS} days.")


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


def _not_released(statement: Statement, done: str) -> None:
    if statement.phase is StatementPhase.RELEASED:
        raise WrongPhase(f"The statement is released and cannot be {done} any more.")


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


def _credit(name: str) -> str:
    return _line(name, NAME_CHARS_MAX, "The name") if name.strip() else ""


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
