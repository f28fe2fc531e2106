"""What a freeze fixes, and the canonical text that follows from it.

Law: a function of the freeze and of the texts that it names; every node makes the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.statement.model import Revision
from meshcoal.wire.bodies import CommentBody, FreezeBody
from meshcoal.wire.public_text import LanguageText, StatementText, canonical_text, reference, rules_of
from meshcoal.wire.terms import NAMED_ALONE, NameMode, Stance

Checkers = Mapping[OperationId, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a freeze fixes beside the texts."""

    addressees: tuple[str, ...]
    deadline_ms: int
    soft_deadline_ms: int = 0
    grace_ms: int = 0
    replaces: bytes = b""
    modes: tuple[NameMode, ...] = NAMED_ALONE
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    paper: bool = False

    @classmethod
    def of(cls, body: FreezeBody) -> Terms:
        return cls(
            addressees=body.addressees,
            deadline_ms=body.deadline_ms,
            soft_deadline_ms=body.soft_deadline_ms,
            grace_ms=body.grace_ms,
            replaces=body.replaces,
            modes=body.modes,
            topics=body.topics,
            countries=body.countries,
            asks=body.asks,
            paper=body.paper,
        )


def frozen_text(
    campaign: CampaignId,
    statement: OperationId,
    revisions: list[Revision],
    *,
    version: int,
    terms: Terms,
    checkers: Checkers | None = None,
) -> bytes:
    """The canonical text of these revisions.

    Args:
        checkers: by revision, who compared it with what it translates, as they wish to be named.

    Raises:
        MalformedPackage: a text or a name that no public text can hold.
        OverLimit: longer than a statement can be.
    """
    languages = {revision.id: revision.language for revision in revisions}
    told = checkers or {}
    return canonical_text(
        StatementText(
            campaign=reference(campaign),
            statement=reference(statement),
            version=version,
            replaces=terms.replaces,
            soft_deadline_ms=terms.soft_deadline_ms,
            deadline_ms=terms.deadline_ms,
            grace_ms=terms.grace_ms,
            texts=tuple(
                [
                    LanguageText(
                        language=revision.language,
                        direction=revision.direction,
                        title=revision.title,
                        paragraphs=revision.paragraphs,
                        translated_from=languages.get(OperationId(revision.translates), ""),
                        translators=(revision.credit,) if revision.credit else (),
                        checkers=told.get(revision.id, ()),
                    )
                    for revision in revisions
                ]
            ),
            addressees=terms.addressees,
            rules=rules_of(terms.modes, paper=terms.paper),
            modes=terms.modes,
            topics=terms.topics,
            countries=terms.countries,
            asks=terms.asks,
        )
    )


def credited(
    checks: Iterable[tuple[OperationId, AuthorId, CommentBody]], chosen: list[Revision]
) -> Checkers | None:
    """Who is named as having compared which text; None where one of these does not say so.

    Args:
        checks: comments by id and author, in the order in which the freeze names them.
        chosen: the texts that are frozen.
    """
    texts = {revision.id: revision for revision in chosen}
    frozen = set(texts)
    found: dict[OperationId, tuple[str, ...]] = {}
    for _, author, body in checks:
        revision = texts.get(OperationId(body.revision))
        if (
            revision is None
            or body.stance is not Stance.CHECKED
            or not body.credit
            or body.lifts
            or author == revision.author
            or OperationId(revision.translates) not in frozen
        ):
            return None
        found[revision.id] = (*found.get(revision.id, ()), body.credit)
    return found
