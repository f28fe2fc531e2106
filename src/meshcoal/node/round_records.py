"""A round of sealed sign-ons as a node holds it and writes it down.

Law: what is on disk is enough to go on after a start without opening anything again. Where what is kept:
`node.rounds`, which alone writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from meshcoal.ids import AuthorId
from meshcoal.limits import MEMBERS_MAX
from meshcoal.node.records import Document
from meshcoal.statement.sealed.box import Box
from meshcoal.statement.sealed.envelope import Signed
from meshcoal.wire import shape
from meshcoal.wire.record import Id32, Items, TimeMs
from meshcoal.wire.sealed import SealedRoster, SealedSignOn, SealedTerms

WEEKS: Final = "weeks"
ROUNDS: Final = "rounds"
SEALED_ITEMS: Final = "sealed"
UNSEALED: Final = "unsealed"
KNOWN: Final = "known"


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class RoundRecord(Document):
    """A round as the past of its freeze made it."""

    statement: Id32
    freeze: Id32
    began_ms: TimeMs  # by the clock of whoever froze
    terms: SealedTerms
    roster: SealedRoster
    authors: Annotated[tuple[Id32, ...], Items(1, MEMBERS_MAX)]  # whose places they are


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class UnsealedRecord(Document):
    """What came out of an envelope."""

    terms: Id32
    ring_key: Id32
    text_digest: Id32
    content: SealedSignOn


@dataclass(slots=True, kw_only=True)
class Held:
    """One round here."""

    record: RoundRecord
    box: Box
    written: dict[bytes, None]  # envelopes whose content is on disk

    @property
    def terms(self) -> SealedTerms:
        return self.record.terms

    def author_of(self, signed: Signed) -> AuthorId:
        return AuthorId(self.record.authors[self.record.roster.rings.index(signed.ring_key)])
