"""What the daemon shows of cases, and of the course of a letter.

Law: as in `api.views`, of which this is a part.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Annotated, Final

from meshcoal.api.attachment_views import AttachmentView
from meshcoal.api.fields import Short, SignedMs, Text
from meshcoal.limits import (
    ATTACHMENTS_MAX,
    CASE_ENTRIES_SHOWN_MAX,
    CASES_SHOWN_MAX,
    LETTERS_SHOWN_MAX,
    WAITS_FOR_SHOWN_MAX,
)
from meshcoal.wire.record import Count, Id32, Items, OptionalId32, Record
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import CaseKind, Consent, Consenter


class Publicity(enum.StrEnum):
    """What those concerned say to publicity, all sides together."""

    UNKNOWN = "unknown"
    GIVEN = "given"
    LIMITED = "limited"
    REFUSED = "refused"


class CourseStep(enum.StrEnum):
    """The steps from an alert to the end of a letter, in their order."""

    ALERT = "alert"
    SOURCES = "sources"
    CONSENT = "consent"
    DRAFT = "draft"
    AGREE = "agree"  # red lines, texts side by side
    TRANSLATE = "translate"
    FREEZE = "freeze"
    SIGN = "sign"
    QUORUM = "quorum"  # members of the seats that must agree before it goes out
    RELEASE = "release"
    ADDENDUM = "addendum"  # only where somebody signed since
    DELIVER = "deliver"
    FOLLOW_UP = "follow-up"
    OUTCOME = "outcome"


class StepState(enum.StrEnum):
    DONE = "done"
    NOW = "now"  # it waits for somebody
    STUCK = "stuck"  # somebody said no
    LATER = "later"


WAITING_STATES: Final = (StepState.NOW, StepState.STUCK)  # of a step that waits for somebody


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView(Record):
    """One step of a course."""

    step: CourseStep
    state: StepState
    # Who can take it, as far as there is room, and how many more; nobody while it is done or not due.
    waits_for: Annotated[tuple[Short, ...], Items(0, WAITS_FOR_SHOWN_MAX)]
    more: Count
    waits_for_me: bool
    since_ms: SignedMs  # since when it waits; -1: it does not
    due_ms: SignedMs  # -1: no date
    done: Count  # of `of`, where a step has parts: signatures, addressees
    of: Count


def next_step(course: Sequence[StepView]) -> StepView | None:
    """What waits for me, if anything does; else the first that waits for anybody."""
    waiting = [one for one in course if one.state in WAITING_STATES]
    return next((one for one in waiting if one.waits_for_me), waiting[0] if waiting else None)


Course = Annotated[tuple[StepView, ...], Items(0, len(CourseStep))]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummaryView(Record):
    """One line of a list of cases."""

    id: Id32
    title: Short
    country: Short
    name: Short  # who gave the alert
    at_ms: SignedMs
    answer_by_ms: SignedMs  # -1: not said
    closed: bool
    answered_by_me: bool
    publicity: Publicity


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesView(Record):
    cases: Annotated[tuple[CaseSummaryView, ...], Items(0, CASES_SHOWN_MAX)]
    more: bool = False  # there are older ones


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntryView(Record):
    """An entry of a case. It stays inside the campaign."""

    id: Id32
    entry: CaseKind
    name: Short  # who entered it
    mine: bool
    at_ms: SignedMs
    text: Text
    about: OptionalId32  # the first writing of the fact that a source supports; empty: the alert
    consent: Consent
    consenter: Consenter
    corrects: OptionalId32  # the first writing of the entry that this one replaces
    replaced: bool  # its author wrote it anew since
    attachments: Annotated[tuple[AttachmentView, ...], Items(0, ATTACHMENTS_MAX)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLetterView(Record):
    """A letter about a case, and how far it has come."""

    id: Id32
    title: Short
    course: Course


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView(Record):
    campaign: Id32
    id: Id32
    title: Short
    text: Text  # what was known at first
    country: Short
    name: Short  # who gave the alert
    mine: bool
    at_ms: SignedMs
    answer_by_ms: SignedMs  # -1: not said
    closed: bool
    answered_by_me: bool
    publicity: Publicity
    answered: Count  # members of now who said anything to it, whoever gave the alert included
    members: Count  # of now
    entries: Annotated[tuple[CaseEntryView, ...], Items(0, CASE_ENTRIES_SHOWN_MAX)]  # in the order of the log
    letters: Annotated[tuple[CaseLetterView, ...], Items(0, LETTERS_SHOWN_MAX)]  # the newest, oldest first
    course: Course  # up to a first letter; empty once there is one
    attachments: Annotated[tuple[AttachmentView, ...], Items(0, ATTACHMENTS_MAX)] = ()  # of the alert
