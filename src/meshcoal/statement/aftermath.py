"""What happened behind a release: deliveries, replies, dates to ask again, outcome, reprisals, lessons.

Law: it is the campaign's own memory. Nothing of it is signed for outsiders or stands in a file that leaves.
Nobody writes for another: whoever was wrong writes the entry anew, and what they wrote first stays readable.
When to ask again follows from the entries: the last word on a matter says when, or that there is no need.
Specified in docs/protocol/statement.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, Unknown, WrongPhase
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import COMMENT_CHARS_MAX, NAME_CHARS_MAX
from meshcoal.statement.model import Aftermath, Reason, Row, Statement
from meshcoal.wire.bodies import AftermathBody, ReleaseBody
from meshcoal.wire.plain import LINE_CHARS_MAX, normalise_line, normalise_text
from meshcoal.wire.terms import AftermathKind, Means

ANSWERS: Final = frozenset({AftermathKind.REPLY, AftermathKind.FOLLOW_UP})  # belong to an entry before them
TOLD_IN_WORDS: Final = frozenset({AftermathKind.OUTCOME, AftermathKind.REPRISAL, AftermathKind.LESSON})


@dataclass(slots=True, kw_only=True)
class _Entry:
    """All that one author wrote of one thing: the first writing, and those that replaced it."""

    rows: list[tuple[Row, AftermathBody]]
    about: OperationId | None = None

    @property
    def first(self) -> Row:
        return self.rows[0][0]

    @property
    def last(self) -> AftermathBody:
        return self.rows[-1][1]


def fold(rows: list[Row], release: Row | None, refused: dict[OperationId, Reason]) -> tuple[Aftermath, ...]:
    """Entries with what became of them: in the order of the log, each writing of one behind the one before.

    Args:
        rows: effective operations of one statement, in their order.
        release: the one that holds.
        refused: gets what counts for nothing.
    """
    found: dict[OperationId, _Entry] = {}  # by the id of each writing
    order: list[_Entry] = []
    for row in rows:
        body = row.body
        if not isinstance(body, AftermathBody):
            continue
        if release is None or row.depth <= release.depth:
            refused[row.id] = Reason.BEFORE_RELEASE
            continue
        assert isinstance(release.body, ReleaseBody), "only releases"
        if body.digest != release.body.digest:
            refused[row.id] = Reason.OTHER_TEXT
            continue
        about = found.get(OperationId(body.about))
        before = found.get(OperationId(body.corrects))
        if not (_is_whole(body) and _fits(body, about) and _may_correct(row, body, before)):
            refused[row.id] = Reason.BAD_ENTRY
            continue
        if before is None:
            before = _Entry(rows=[])
            order.append(before)
        before.rows.append((row, body))
        before.about = about.first.id if about is not None else None
        found[row.id] = before
    due = _due(order)
    return tuple([_shown(entry, place, due) for entry in order for place in range(len(entry.rows))])


def _is_whole(body: AftermathBody) -> bool:
    """Whether an entry has what its kind needs, and nothing that only another kind has."""
    delivery = body.entry is AftermathKind.DELIVERY
    return (
        bool(body.addressee) == delivery
        and (body.means is not Means.NONE) == delivery
        and (delivery or not body.deliverer)
        and (delivery or not body.addenda)
        and bool(body.about) == (body.entry in ANSWERS)
        and (bool(body.text) or body.entry not in TOLD_IN_WORDS)
    )


def _fits(body: AftermathBody, about: _Entry | None) -> bool:
    """Whether what it belongs to is there: a delivery for a reply, for a follow-up any but an answer."""
    match body.entry:
        case AftermathKind.REPLY:
            return about is not None and about.last.entry is AftermathKind.DELIVERY
        case AftermathKind.FOLLOW_UP:
            return about is not None and about.last.entry not in ANSWERS
        case _:
            return True


def _may_correct(row: Row, body: AftermathBody, before: _Entry | None) -> bool:
    if before is None:
        return not body.corrects
    return (
        before.first.author == row.author and before.first.seq < row.seq and before.last.entry is body.entry
    )


def _due(order: list[_Entry]) -> dict[OperationId, int]:
    """When to ask again about each entry that is no answer; the last word on it says so."""
    due = {}
    for entry in order:
        if entry.last.entry not in ANSWERS:
            due[entry.first.id] = entry.last.follow_up_ms
    for entry in order:
        if entry.about is not None:
            due[entry.about] = entry.last.follow_up_ms
    return due


def _shown(entry: _Entry, place: int, due: dict[OperationId, int]) -> Aftermath:
    row, body = entry.rows[place]
    replaced = place + 1 < len(entry.rows)
    return Aftermath(
        id=row.id,
        author=row.author,
        at_ms=body.at_ms,
        entry=body.entry,
        happened_ms=body.happened_ms,
        addressee=body.addressee,
        deliverer=body.deliverer,
        means=body.means,
        text=body.text,
        receipt=body.receipt,
        addenda=body.addenda,
        about=entry.about or b"" if not replaced else body.about,
        follow_up_ms=body.follow_up_ms,
        corrects=entry.first.id if place else b"",
        replaced=replaced,
        due_ms=0 if replaced else due.get(entry.first.id, 0),
        attachments=body.attachments,
    )


def follow_ups(statement: Statement) -> tuple[int, ...]:
    """When to ask again, of all that is open: Unix milliseconds, the next one first."""
    return tuple(sorted([one.due_ms for one in statement.aftermath if one.due_ms]))


def make_entry(
    statement: Statement,
    *,
    me: AuthorId,
    entry: AftermathKind,
    happened_ms: int = 0,
    addressee: str = "",
    deliverer: str = "",
    means: Means = Means.NONE,
    text: str = "",
    receipt: bytes = b"",
    about: bytes = b"",
    follow_up_ms: int = 0,
    corrects: bytes = b"",
    now_ms: int,
) -> AftermathBody:
    """An entry in the log behind the release.

    Args:
        happened_ms: when it happened; 0: now.
        deliverer: as the campaign names them; empty: me.
        receipt: SHA-256 of a file that shows it; the file itself stays where it is.
        about: for a reply the delivery, for a follow-up the entry that it is about.
        follow_up_ms: when to ask again. In a reply or a follow-up 0 says that there is no need any more.
        corrects: an entry of mine, of the same kind, that this one replaces.

    Raises:
        WrongPhase: the statement is not released.
        Unknown: `about` or `corrects` is no such entry.
        BadArgument: something is missing, too long, or belongs to another kind; a date does not fit.
    """
    if statement.released is None or statement.frozen is None:
        raise WrongPhase("The letter is not released yet: there is nothing to enter of what came after.")
    if happened_ms > now_ms + DAY_MS:
        raise BadArgument("What is entered has happened: give a day that is not in the future.")
    before = _entry(statement, corrects, "you wrote") if corrects else None
    if before is not None and (before.author != me or before.entry is not entry):
        raise Unknown("That is no such entry of yours: you can only write anew what you wrote.")
    # A date that is only repeated by a correction may have passed since.
    if follow_up_ms and follow_up_ms <= now_ms and (before is None or before.follow_up_ms != follow_up_ms):
        raise BadArgument("The day to ask again must lie in the future.")
    body = AftermathBody(
        at_ms=now_ms,
        statement=statement.id,
        digest=statement.frozen.digest,
        entry=entry,
        happened_ms=happened_ms or now_ms,
        addressee=_line(addressee, LINE_CHARS_MAX, "The addressee"),
        deliverer=_line(deliverer, NAME_CHARS_MAX, "The name of who delivered it"),
        means=means,
        text=_text(text),
        receipt=receipt,
        about=_about(statement, entry, about),
        addenda=_handed_over(statement, entry, before),
        follow_up_ms=follow_up_ms,
        corrects=before.corrects or before.id if before is not None else b"",
    )
    if not _is_whole(body):
        raise BadArgument(_NEEDS[entry])
    return body


_NEEDS: Final = {
    AftermathKind.DELIVERY: "A delivery says to whom, and by which means.",
    AftermathKind.REPLY: "A reply names the delivery it answers, and neither addressee nor means.",
    AftermathKind.FOLLOW_UP: "A follow-up names an entry, and neither addressee nor means.",
    AftermathKind.OUTCOME: "Say in words what came of the letter; only a delivery has an addressee.",
    AftermathKind.REPRISAL: "Say in words what was done to whom; only a delivery has an addressee.",
    AftermathKind.LESSON: "Say in words what was learned; only a delivery has an addressee.",
}


def _handed_over(statement: Statement, entry: AftermathKind, before: Aftermath | None) -> int:
    """How many addenda there are when a delivery is entered; a correction keeps what it corrects."""
    if entry is not AftermathKind.DELIVERY:
        return 0
    return before.addenda if before is not None else len(statement.addenda)


def _about(statement: Statement, entry: AftermathKind, about: bytes) -> bytes:
    """The first writing of what an answer belongs to."""
    if not about:
        return b""
    known = _entry(statement, about, "it could be about")
    if known.entry in ANSWERS:
        raise Unknown("A reply or a follow-up belongs to another entry: name that one.")
    if entry is AftermathKind.REPLY and known.entry is not AftermathKind.DELIVERY:
        raise Unknown("A reply belongs to a delivery: name that one.")
    return known.corrects or known.id


def _entry(statement: Statement, wanted: bytes, what: str) -> Aftermath:
    for one in statement.aftermath:
        if one.id == wanted:
            return one
    raise Unknown(f"There is no such entry that {what}.")


def _line(value: str, chars_max: int, what: str) -> str:
    clean = normalise_line(value)
    if len(clean) > chars_max:
        raise BadArgument(f"{what} has {len(clean)} characters; at most {chars_max} fit.")
    return clean


def _text(value: str) -> str:
    clean = normalise_text(value)
    if len(clean) > COMMENT_CHARS_MAX:
        raise BadArgument(f"The text has {len(clean)} characters; at most {COMMENT_CHARS_MAX} fit.")
    return clean
