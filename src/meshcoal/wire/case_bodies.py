"""What is sealed inside the operations about cases.

Law: as in `wire.bodies`, which is where others take these from. Nothing of it is signed for outsiders.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.limits import COMMENT_CHARS_MAX
from meshcoal.wire.body import Attachments, Body, OptionalName
from meshcoal.wire.card import Name
from meshcoal.wire.record import Chars, Id32, OptionalId32, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import CaseKind, Consent, Consenter


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBody(Body):
    """An alert: it opens a case. The operation's id is the case's."""

    title: Name
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)]  # what is known
    country: OptionalName = ""
    answer_by_ms: TimeMs = 0  # until when something has to be done; 0: not said
    attachments: Attachments = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBody(Body):
    """What somebody adds to a case. What each kind needs is for `statement.case`."""

    case: Id32
    entry: CaseKind
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""
    about: OptionalId32 = b""  # of a source: the fact that it supports; empty: the alert
    consent: Consent = Consent.NONE
    consenter: Consenter = Consenter.NONE
    corrects: OptionalId32 = b""  # an earlier entry of the author's own that this one replaces
    attachments: Attachments = ()
