"""Texts of a statement: which of them hold, and what became of each.

Law: as in `statement.reducer`, of which this is a part.
"""

from __future__ import annotations

import dataclasses

from meshcoal.ids import OperationId
from meshcoal.limits import PARAGRAPHS_MAX
from meshcoal.statement.model import Frozen, Reason, Revision, Row
from meshcoal.wire.bodies import AmendBody, DraftBody
from meshcoal.wire.plain import direction_of, is_language, split_paragraphs


def revisions_of(rows: list[Row], refused: dict[OperationId, Reason]) -> dict[OperationId, Revision]:
    """Texts in a known language whose base is an earlier text in it; in the order of the log."""
    found: dict[OperationId, Revision] = {}
    for row in rows:
        body = row.body
        if not isinstance(body, (DraftBody, AmendBody)):
            continue
        paragraphs = split_paragraphs(body.text)
        if not is_language(body.language) or not 1 <= len(paragraphs) <= PARAGRAPHS_MAX:
            refused[row.id] = Reason.BAD_TEXT
            continue
        base = body.base if isinstance(body, AmendBody) else b""
        merges = body.merges if isinstance(body, AmendBody) else ()
        before = [found.get(OperationId(one)) for one in ((base, *merges) if base else merges)]
        translates = body.translates if isinstance(body, AmendBody) else b""
        source = found.get(OperationId(translates)) if translates else None
        if (
            any(one is None or one.language != body.language for one in before)
            or (merges and not base)
            or (translates and (source is None or source.language == body.language))
        ):
            refused[row.id] = Reason.BAD_BASE
            continue
        found[row.id] = Revision(
            id=row.id,
            author=row.author,
            depth=row.depth,
            at_ms=body.at_ms,
            language=body.language,
            direction=direction_of(body.text),
            title=body.title,
            paragraphs=paragraphs,
            base=base,
            merges=merges,
            translates=translates,
            stale=False,
            current=True,
            frozen=False,
            attachments=body.attachments,
            credit=body.credit,
        )
    return found


def kept_revisions(
    revisions: dict[OperationId, Revision],
    frozen: Frozen | None,
    release: Row | None,
    refused: dict[OperationId, Reason],
) -> tuple[Revision, ...]:
    """Revisions with what became of them, less those that came after the release.

    While a frozen text is open, what amends it is put forward for the version after it.
    """
    chosen = frozenset(frozen.body.revisions) if frozen else frozenset()
    kept = list(revisions.values())
    if release is not None:
        for revision in kept:
            if revision.id not in chosen and (revision.depth, revision.id) > release.place:
                refused[revision.id] = Reason.AFTER_RELEASE
        kept = [revision for revision in kept if revision.id not in refused]
    bases = {base for revision in kept for base in (revision.base, *revision.merges)}
    found = [
        dataclasses.replace(revision, current=revision.id not in bases, frozen=revision.id in chosen)
        for revision in kept
    ]
    standing = {bytes(revision.id) for revision in found if revision.current or revision.frozen}
    return tuple(
        [
            dataclasses.replace(one, stale=bool(one.translates) and one.translates not in standing)
            for one in found
        ]
    )
