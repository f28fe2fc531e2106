"""A case: an alert, and what is known, supported and agreed to about it.

Law: it is the campaign's own memory; nothing of it is signed for outsiders or stands in a file that leaves.
Nobody writes for another: whoever was wrong writes the entry anew, and what they wrote first stays readable.
A refusal of publicity stands until the same side takes it back: no other side's consent outweighs it.
Specified in docs/protocol/case.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meshcoal.api.case_views import Publicity as Publicity
from meshcoal.errors import BadArgument, Unknown
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import COMMENT_CHARS_MAX, NAME_CHARS_MAX
from meshcoal.statement.model import Row
from meshcoal.wire.attachment import Attachment
from meshcoal.wire.bodies import CaseBody, ReportBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.plain import normalise_line, normalise_text
from meshcoal.wire.terms import CaseKind, Consent, Consenter

CASE_KINDS: Final = frozenset({Kind.CASE, Kind.REPORT})
_IN_WORDS: Final = frozenset({CaseKind.FACT, CaseKind.SOURCE})  # nothing without a text


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """An entry of a case, as its author wrote it, and what became of it."""

    id: OperationId
    author: AuthorId
    at_ms: int
    entry: CaseKind
    text: str
    about: bytes  # the first writing of the fact that a source supports; empty: the alert
    consent: Consent
    consenter: Consenter
    corrects: bytes  # the first writing of what this one replaces, or empty
    replaced: bool  # its author wrote it anew since
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case, folded."""

    id: OperationId
    author: AuthorId
    depth: int
    at_ms: int
    title: str
    text: str
    country: str
    answer_by_ms: int  # 0: not said
    entries: tuple[CaseEntry, ...]  # in the order of the log
    closed: bool
    publicity: Publicity
    attachments: tuple[Attachment, ...] = ()  # of the alert

    def standing(self, kind: CaseKind) -> tuple[CaseEntry, ...]:
        """The entries of a kind that nobody replaced."""
        return tuple([one for one in self.entries if one.entry is kind and not one.replaced])

    def answered_by(self, author: AuthorId) -> bool:
        """Whether somebody has said anything to it: silence is what an alert must not meet."""
        return self.author == author or any(one.author == author for one in self.entries)


def fold(rows: Iterable[tuple[Row, bool]]) -> tuple[Case, ...]:
    """All cases of a campaign, oldest first.

    Args:
        rows: operations of cases in any order, each with whether its author might write it where it stands.
    """
    effective = sorted([row for row, counts in rows if counts], key=lambda row: row.place)
    written: dict[OperationId, list[tuple[Row, ReportBody]]] = {}
    opened: list[tuple[Row, CaseBody]] = []
    for row in effective:
        body = row.body
        if isinstance(body, CaseBody):
            opened.append((row, body))
            written[row.id] = []
        else:
            assert isinstance(body, ReportBody), "an operation of a case"
            if body.case in written:
                written[OperationId(body.case)].append((row, body))
    return tuple([_case(row, body, written[row.id]) for row, body in opened])


def _case(alert: Row, body: CaseBody, written: list[tuple[Row, ReportBody]]) -> Case:
    firsts: dict[OperationId, Row] = {}  # of each writing that counts, the first of the same thing
    latest: dict[OperationId, OperationId] = {}  # by the first writing
    kept: list[tuple[Row, ReportBody]] = []
    for row, entry in written:
        first = row
        if entry.corrects:
            before = firsts.get(OperationId(entry.corrects))
            if before is None or not _same_thing(before, row, entry):
                continue
            first = before
        about = firsts.get(OperationId(entry.about)) if entry.about else None
        if not is_whole(entry) or (entry.about and (about is None or _kind(about) is not CaseKind.FACT)):
            continue
        firsts[row.id] = first
        latest[first.id] = row.id
        kept.append((row, entry))
    entries = tuple(
        [
            CaseEntry(
                id=row.id,
                author=row.author,
                at_ms=entry.at_ms,
                entry=entry.entry,
                text=entry.text,
                about=firsts[OperationId(entry.about)].id if entry.about else b"",
                consent=entry.consent,
                consenter=entry.consenter,
                corrects=firsts[row.id].id if entry.corrects else b"",
                replaced=latest[firsts[row.id].id] != row.id,
                attachments=entry.attachments,
            )
            for row, entry in kept
        ]
    )
    ends = [one.entry for one in entries if one.entry in (CaseKind.CLOSE, CaseKind.REOPEN)]
    return Case(
        id=alert.id,
        author=alert.author,
        depth=alert.depth,
        at_ms=body.at_ms,
        title=body.title,
        text=body.text,
        country=body.country,
        answer_by_ms=body.answer_by_ms,
        entries=entries,
        closed=bool(ends) and ends[-1] is CaseKind.CLOSE,
        publicity=_publicity(entries),
        attachments=body.attachments,
    )


def _kind(row: Row) -> CaseKind:
    assert isinstance(row.body, ReportBody), "an entry"
    return row.body.entry


def _same_thing(before: Row, row: Row, entry: ReportBody) -> bool:
    """Whether this is the same author's later writing of the same kind of entry."""
    return before.author == row.author and before.seq < row.seq and _kind(before) is entry.entry


def is_whole(body: ReportBody) -> bool:
    """Whether an entry has what its kind needs, and nothing that only another kind has."""
    consent = body.entry is CaseKind.CONSENT
    return (
        (body.consent is not Consent.NONE) == consent
        and (body.consenter is not Consenter.NONE) == consent
        and (not body.about or body.entry is CaseKind.SOURCE)
        and (bool(body.text) or body.entry not in _IN_WORDS)
        and (bool(body.text) or body.consent is not Consent.LIMITED)
    )


def _publicity(entries: tuple[CaseEntry, ...]) -> Publicity:
    """From the last word of each side. One that refuses outweighs all others, one with limits the rest."""
    said: dict[Consenter, Consent] = {}
    for one in entries:
        if one.entry is CaseKind.CONSENT and not one.replaced:
            said[one.consenter] = one.consent
    for consent, publicity in (
        (Consent.REFUSED, Publicity.REFUSED),
        (Consent.LIMITED, Publicity.LIMITED),
        (Consent.GIVEN, Publicity.GIVEN),
    ):
        if consent in said.values():
            return publicity
    return Publicity.UNKNOWN


def make_case(*, title: str, text: str, country: str = "", answer_by_ms: int = 0, now_ms: int) -> CaseBody:
    """An alert. Raises `BadArgument`."""
    if answer_by_ms and answer_by_ms <= now_ms:
        raise BadArgument("The time until when something has to be done must lie in the future.")
    clean = normalise_line(title)
    if not clean:
        raise BadArgument("Say in a few words what happened, and to whom.")
    return CaseBody(
        at_ms=now_ms,
        title=_bounded(clean, NAME_CHARS_MAX, "The title"),
        text=_bounded(normalise_text(text), COMMENT_CHARS_MAX, "The text"),
        country=_bounded(normalise_line(country), NAME_CHARS_MAX, "The country"),
        answer_by_ms=answer_by_ms,
    )


_NEEDS: Final = {
    CaseKind.ANSWER: "An answer has a text at most.",
    CaseKind.FACT: "Say in words what is known.",
    CaseKind.SOURCE: "Say in words who or what supports it.",
    CaseKind.CONSENT: "Consent says who speaks, and whether it is given; with limits, which in words.",
    CaseKind.CLOSE: "To close a case, a text at most is needed.",
    CaseKind.REOPEN: "To open a case again, a text at most is needed.",
}


def make_entry(
    case: Case,
    *,
    me: AuthorId,
    entry: CaseKind,
    text: str = "",
    about: bytes = b"",
    consent: Consent = Consent.NONE,
    consenter: Consenter = Consenter.NONE,
    corrects: bytes = b"",
    now_ms: int,
) -> ReportBody:
    """An entry of a case.

    Args:
        about: for a source, the fact that it supports; empty: the alert.
        corrects: an entry of mine, of the same kind, that this one replaces.

    Raises:
        Unknown: `about` or `corrects` is no such entry.
        BadArgument: something is missing, too long, or belongs to another kind.
    """
    before = _entry(case, corrects) if corrects else None
    if before is not None and (before.author != me or before.entry is not entry):
        raise Unknown("That is no such entry of yours: you can only write anew what you wrote.")
    supported = _entry(case, about) if about else None
    if supported is not None and supported.entry is not CaseKind.FACT:
        raise Unknown("A source supports a fact, or the alert itself: name the fact.")
    if entry is CaseKind.CLOSE and case.closed:
        raise BadArgument("The case is closed already.")
    if entry is CaseKind.REOPEN and not case.closed:
        raise BadArgument("The case is open.")
    body = ReportBody(
        at_ms=now_ms,
        case=case.id,
        entry=entry,
        text=_bounded(normalise_text(text), COMMENT_CHARS_MAX, "The text"),
        about=(supported.corrects or supported.id) if supported is not None else b"",
        consent=consent,
        consenter=consenter,
        corrects=(before.corrects or before.id) if before is not None else b"",
    )
    if not is_whole(body):
        raise BadArgument(_NEEDS[entry])
    return body


def _entry(case: Case, wanted: bytes) -> CaseEntry:
    for one in case.entries:
        if one.id == wanted:
            return one
    raise Unknown("There is no such entry in this case.")


def _bounded(text: str, chars_max: int, what: str) -> str:
    if len(text) > chars_max:
        raise BadArgument(f"{what} has {len(text)} characters; at most {chars_max} fit.")
    return text
