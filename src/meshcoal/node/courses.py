"""Views of cases, and of the course of letters.

Law: as in `node.shows`. A view fits the local socket whatever members wrote: old entries give way to new
ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from meshcoal.api.attachment_views import AttachmentView
from meshcoal.api.case_views import (
    CaseEntryView,
    CaseLetterView,
    CaseSummaryView,
    CaseView,
    CourseStep,
    StepView,
)
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import (
    CASE_ENTRIES_SHOWN_MAX,
    CASES_SHOWN_MAX,
    LETTERS_SHOWN_MAX,
    MIB,
    WAITS_FOR_SHOWN_MAX,
)
from meshcoal.node.campaign import Campaign
from meshcoal.node.quorum import standing
from meshcoal.node.rights import commenters, draft_seats
from meshcoal.statement.addenda import late, late_since
from meshcoal.statement.case import Case, CaseEntry
from meshcoal.statement.course import People, Stage, course
from meshcoal.statement.model import Attaching, Statement
from meshcoal.wire.terms import Seat

_NEVER: Final = -1
_ENTRIES_BYTES_MAX: Final = 1 * MIB


class Courses:
    """Builds these views. Holds no state of its own."""

    def __init__(
        self,
        *,
        name_of: Callable[[Campaign, AuthorId], str],
        attached: Callable[[Campaign, Attaching], tuple[AttachmentView, ...]],
    ) -> None:
        self._name_of = name_of
        self._attached = attached

    def lines(self, campaign: Campaign) -> list[CaseSummaryView]:
        """One for each case, oldest first."""
        return [
            CaseSummaryView(
                id=case.id,
                title=case.title,
                country=case.country,
                name=self._name_of(campaign, case.author),
                at_ms=case.at_ms,
                answer_by_ms=case.answer_by_ms or _NEVER,
                closed=case.closed,
                answered_by_me=case.answered_by(campaign.me),
                publicity=case.publicity,
            )
            for case in campaign.cases.all()
        ]

    def newest(self, campaign: Campaign) -> tuple[CaseSummaryView, ...]:
        """As many lines as a view holds."""
        return tuple(self.lines(campaign)[-CASES_SHOWN_MAX:])

    def unanswered(self, campaign: Campaign) -> int:
        """Open alerts to which I have said nothing."""
        return sum(not case.closed and not case.answered_by(campaign.me) for case in campaign.cases.all())

    def case(self, campaign: Campaign, case: Case, now_ms: int) -> CaseView:
        """All of a case, and how far its letters have come."""
        active = campaign.roster().active()
        letters = [line for line in campaign.statements.lines() if line.case == case.id]
        shown = []
        for line in letters[-LETTERS_SHOWN_MAX:]:
            statement = campaign.statements.get(OperationId(line.id))
            assert statement is not None, "what has a line is here"
            stages = self.of_statement(campaign, statement, now_ms)
            shown.append(CaseLetterView(id=line.id, title=line.title, course=stages))
        return CaseView(
            campaign=campaign.id,
            id=case.id,
            title=case.title,
            text=case.text,
            country=case.country,
            name=self._name_of(campaign, case.author),
            mine=case.author == campaign.me,
            at_ms=case.at_ms,
            answer_by_ms=case.answer_by_ms or _NEVER,
            closed=case.closed,
            answered_by_me=case.answered_by(campaign.me),
            publicity=case.publicity,
            answered=sum(case.answered_by(author) for author in active),
            members=len(active),
            entries=tuple([self._entry(campaign, one) for one in _shown_entries(case)]),
            letters=tuple(shown),
            course=() if shown else self._of_case(campaign, case, now_ms),
            attachments=self._attached(campaign, case),
        )

    def of_statement(self, campaign: Campaign, statement: Statement, now_ms: int) -> tuple[StepView, ...]:
        """The course of one letter, with its case's where it has one."""
        case = campaign.cases.get(OperationId(statement.case)) if statement.case else None
        since_ms = late_since(late(statement, campaign.signer))
        stages = course(case, statement, _people(campaign), now_ms=now_ms, late_since_ms=since_ms)
        return self._views(campaign, stages)

    def _of_case(self, campaign: Campaign, case: Case, now_ms: int) -> tuple[StepView, ...]:
        """Up to a first letter."""
        return self._views(campaign, course(case, None, _people(campaign), now_ms=now_ms))

    def _views(self, campaign: Campaign, stages: tuple[Stage, ...]) -> tuple[StepView, ...]:
        active = set(campaign.roster().active())

        def named(author: AuthorId) -> str:
            return self._name_of(campaign, author)

        by_seat = commenters(campaign, named)  # who drew a red line may be shown by seat alone
        found = []
        for stage in stages:
            called = by_seat if stage.step is CourseStep.AGREE else named
            waits_for = [one for one in stage.waits_for if one in active]  # who is out takes no step
            found.append(
                StepView(
                    step=stage.step,
                    state=stage.state,
                    waits_for=tuple([called(one) for one in waits_for[:WAITS_FOR_SHOWN_MAX]]),
                    more=max(0, len(waits_for) - WAITS_FOR_SHOWN_MAX),
                    waits_for_me=campaign.me in waits_for,
                    since_ms=stage.since_ms or _NEVER,
                    due_ms=stage.due_ms or _NEVER,
                    done=stage.done,
                    of=stage.of,
                )
            )
        return tuple(found)

    def _entry(self, campaign: Campaign, entry: CaseEntry) -> CaseEntryView:
        return CaseEntryView(
            id=entry.id,
            entry=entry.entry,
            name=self._name_of(campaign, entry.author),
            mine=entry.author == campaign.me,
            at_ms=entry.at_ms,
            text=entry.text,
            about=entry.about,
            consent=entry.consent,
            consenter=entry.consenter,
            corrects=entry.corrects,
            replaced=entry.replaced,
            attachments=self._attached(campaign, entry),
        )


def _people(campaign: Campaign) -> People:
    roster = campaign.roster()
    active = roster.active()
    able = tuple([author for author in active if roster.members[author].seat is not Seat.OBSERVER])
    drafting = draft_seats(roster)
    return People(
        organisers=tuple([author for author in active if roster.is_organiser(author)]),
        writers=tuple([author for author in able if roster.members[author].seat in drafting]),
        asked=able,
        standing=standing(roster),
    )


def _shown_entries(case: Case) -> list[CaseEntry]:
    """What stands first, then the newest, as far as there is room; in the order of the log."""
    wanted = sorted(enumerate(case.entries), key=lambda item: (item[1].replaced, -item[0]))
    shown = []
    room_bytes = _ENTRIES_BYTES_MAX
    for index, entry in wanted[:CASE_ENTRIES_SHOWN_MAX]:
        room_bytes -= len(entry.text.encode()) + 300
        if room_bytes < 0:
            break
        shown.append((index, entry))
    return [entry for _, entry in sorted(shown, key=lambda item: item[0])]
