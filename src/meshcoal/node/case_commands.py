"""Commands about cases: alerts, and what is added to them.

Law: as in `node.commands`. Whether an entry fits is for `statement.case`; who may write it is asked here.
"""

from __future__ import annotations

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import Unknown
from meshcoal.ids import OperationId
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.statement_commands import not_observer, write_with_files
from meshcoal.node.step import Step
from meshcoal.statement.case import Case, make_case, make_entry
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Record


@handles(ask.OpenCase)
def _open_case(self: Commands, step: Step, command: ask.OpenCase) -> Record:
    campaign = self.acting(command.campaign)
    not_observer(campaign)
    body = make_case(
        title=command.title,
        text=command.text,
        country=command.country,
        answer_by_ms=command.answer_by_ms,
        now_ms=step.now_ms,
    )
    identifier = write_with_files(self, campaign, step, Kind.CASE, body, command.attachments)
    return _view(self, step, campaign, identifier)


@handles(ask.EnterCase)
def _enter_case(self: Commands, step: Step, command: ask.EnterCase) -> Record:
    campaign = self.acting(command.campaign)
    not_observer(campaign)
    body = make_entry(
        case_of(campaign, command.case),
        me=campaign.me,
        entry=command.entry,
        text=command.text,
        about=command.about,
        consent=command.consent,
        consenter=command.consenter,
        corrects=command.corrects,
        now_ms=step.now_ms,
    )
    write_with_files(self, campaign, step, Kind.REPORT, body, command.attachments)
    return _view(self, step, campaign, command.case)


@handles(ask.ListCases)
def _list_cases(self: Commands, step: Step, command: ask.ListCases) -> Record:
    campaign = self.campaign(command.campaign)
    lines = self.core.shows.courses.lines(campaign)
    end = len(lines)
    if command.before:
        places = [place for place, line in enumerate(lines) if line.id == command.before]
        if not places:
            raise Unknown("There is no such case in this campaign.")
        end = places[0]
    first = max(0, end - command.limit)
    return show.CasesView(cases=tuple(lines[first:end]), more=first > 0)


@handles(ask.ShowCase)
def _show_case(self: Commands, step: Step, command: ask.ShowCase) -> Record:
    return _view(self, step, self.campaign(command.campaign), command.case)


def case_of(campaign: Campaign, identifier: bytes) -> Case:
    """Raises `Unknown`."""
    found = campaign.cases.get(OperationId(identifier))
    if found is None:
        raise Unknown("There is no such case in this campaign.")
    return found


def _view(self: Commands, step: Step, campaign: Campaign, identifier: bytes) -> show.CaseView:
    return self.core.shows.courses.case(campaign, case_of(campaign, identifier), step.now_ms)
