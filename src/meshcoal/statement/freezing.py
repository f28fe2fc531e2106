"""What a freeze fixes, and the canonical text that follows from it.

Law: a function of the freeze and of the texts that it names; every node makes the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshcoal.ids import CampaignId, OperationId
from meshcoal.statement.model import Revision
from meshcoal.wire.bodies import FreezeBody
from meshcoal.wire.public_text import LanguageText, StatementText, canonical_text, reference, rules_of
from meshcoal.wire.terms import NAMED_ALONE, NameMode


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
        )


def frozen_text(
    campaign: CampaignId,
    statement: OperationId,
    revisions: list[Revision],
    *,
    version: int,
    terms: Terms,
) -> bytes:
    """The canonical text of these revisions. Raises `MalformedPackage`, `OverLimit`."""
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
                    )
                    for revision in revisions
                ]
            ),
            addressees=terms.addressees,
            rules=rules_of(terms.modes),
            modes=terms.modes,
            topics=terms.topics,
            countries=terms.countries,
            asks=terms.asks,
        )
    )
