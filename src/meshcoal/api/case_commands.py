"""What a user can ask about cases: open one by an alert, add to it, look.

Law: as in `api.commands`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, Name, OptionalName, UploadId
from meshcoal.limits import ATTACHMENTS_MAX, CASES_SHOWN_MAX, COMMENT_CHARS_MAX
from meshcoal.wire.record import Chars, Id32, Items, OptionalId32, Range, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import CaseKind, Consent, Consenter


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(Command):
    """Alert the members: something happened to somebody. Answered by `CaseView`."""

    campaign: Id32
    title: Name
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""  # what is known
    country: OptionalName = ""
    answer_by_ms: TimeMs = 0  # until when something has to be done; 0: not said
    attachments: Annotated[tuple[UploadId, ...], Items(0, ATTACHMENTS_MAX)] = ()  # handed over before


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCase(Command):
    """Add to a case: an answer, a fact, a source, what those concerned agree to, its end. `CaseView`."""

    campaign: Id32
    case: Id32
    entry: CaseKind
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""
    about: OptionalId32 = b""  # of a source: the fact that it supports; empty: the alert
    consent: Consent = Consent.NONE  # needed with, and only with, consent; as is `consenter`
    consenter: Consenter = Consenter.NONE
    corrects: OptionalId32 = b""  # an entry of mine of the same kind, which this one replaces
    attachments: Annotated[tuple[UploadId, ...], Items(0, ATTACHMENTS_MAX)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCases(Command):
    """A page of cases, oldest first: the newest, or those before one. `CasesView`."""

    campaign: Id32
    before: OptionalId32 = b""
    limit: Annotated[int, Range(1, CASES_SHOWN_MAX)] = CASES_SHOWN_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCase(Command):
    """All of a case, and how far its letters have come. Answered by `CaseView`."""

    campaign: Id32
    case: Id32
