"""Remarks and red lines on the texts of a statement.

Law: a red line is lifted by whoever drew it, and by nobody else. A change of the wording does not lift it; it
only shows that its author should look again. No red line stops a freeze: it is shown, and people decide.
"""

from __future__ import annotations

from meshcoal.ids import OperationId
from meshcoal.statement.model import Comment, Reason, RedLine, Revision, Row
from meshcoal.wire.bodies import CommentBody
from meshcoal.wire.terms import RED_LINES, Stance


def fold(
    rows: list[Row], revisions: tuple[Revision, ...], refused: dict[OperationId, Reason]
) -> tuple[Comment, ...]:
    """Comments with what became of them, in the order of the log.

    Args:
        rows: effective operations of one statement, in their order.
        revisions: those that count, with what became of them.
        refused: gets what counts for nothing.
    """
    known = {revision.id: revision for revision in revisions}
    drawn: dict[OperationId, tuple[Row, CommentBody]] = {}
    lifted: set[OperationId] = set()
    kept: list[tuple[Row, CommentBody, Revision]] = []
    for row in rows:
        body = row.body
        if not isinstance(body, CommentBody):
            continue
        revision = known.get(OperationId(body.revision))
        if revision is None or body.paragraph > len(revision.paragraphs):
            refused[row.id] = Reason.NO_REVISION
            continue
        if body.lifts:
            line = drawn.get(OperationId(body.lifts))
            if line is None or line[0].author != row.author or line[0].seq >= row.seq:
                refused[row.id] = Reason.NO_RED_LINE
                continue
            lifted.add(line[0].id)
        elif body.stance in RED_LINES or body.stance is Stance.AGREE:
            drawn[row.id] = (row, body)
        kept.append((row, body, revision))
    return tuple(
        [
            Comment(
                id=row.id,
                author=row.author,
                at_ms=body.at_ms,
                revision=revision.id,
                language=revision.language,
                paragraph=body.paragraph,
                text=body.text,
                stance=body.stance,
                lifts=body.lifts,
                attachments=body.attachments,
                credit=body.credit,
                red_line=_red_line(row, body, revision, revisions, lifted=row.id in lifted),
            )
            for row, body, revision in kept
        ]
    )


def _red_line(
    row: Row, body: CommentBody, revision: Revision, revisions: tuple[Revision, ...], *, lifted: bool
) -> RedLine:
    if body.stance not in RED_LINES or body.lifts:
        return RedLine.NONE
    if lifted:
        return RedLine.LIFTED
    standing = [one for one in revisions if one.language == revision.language and (one.current or one.frozen)]
    if body.paragraph == 0:
        same = any(one.id == revision.id for one in standing)
    else:
        wording = revision.paragraphs[body.paragraph - 1]
        same = any(wording in one.paragraphs for one in standing)
    return RedLine.STANDS if same else RedLine.REWORDED
