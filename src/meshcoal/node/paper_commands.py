"""Commands about signatures on paper.

Law: as in `node.commands`. What fits on a sheet is for `statement.witnessing`; who may enter is asked here.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import NotPermitted
from meshcoal.limits import PAPER_DOUBLES_SHOWN_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.rights import witness_seats
from meshcoal.node.statement_commands import not_observer, statement_of, write_with_files
from meshcoal.node.step import Step
from meshcoal.statement.model import EntryState, PaperEntry, Statement, StatementPhase
from meshcoal.statement.witnessing import doubles, make_sheet, make_strike, same_scan
from meshcoal.wire.operation import Kind
from meshcoal.wire.paper import PaperLine
from meshcoal.wire.record import Record

_GONE = (EntryState.WITHDRAWN, EntryState.WITHDRAWN_AFTER_RELEASE)


@handles(ask.EnterSheet)
def _enter_sheet(self: Commands, step: Step, command: ask.EnterSheet) -> Record:
    campaign = self.acting(command.campaign)
    if not may_witness(campaign):
        not_observer(campaign)
        raise NotPermitted(
            "By this campaign's rules signatures on paper are entered by these seats: "
            f"{', '.join(witness_seats(campaign.roster()))}."
        )
    body = make_sheet(
        statement_of(self, campaign, command.statement),
        act_key=campaign.persona.act,
        digest=command.digest,
        number=command.number,
        witness=command.witness,
        scan=command.scan,
        dated_ms=command.dated_ms,
        lines=[_given(line) for line in command.lines],
        corrects=command.corrects,
        note=command.note,
        entropy=self.entropy,
        now_ms=step.now_ms,
    )
    write_with_files(self, campaign, step, Kind.PAPER, body, command.attachments)
    statement = statement_of(self, campaign, command.statement)
    return _view(self, campaign, statement, [(bytes(campaign.persona.act.public), body.number)])


@handles(ask.StrikeLines)
def _strike_lines(self: Commands, step: Step, command: ask.StrikeLines) -> Record:
    campaign = self.acting(command.campaign)
    act_key = campaign.persona.act
    body = make_strike(
        statement_of(self, campaign, command.statement),
        act_key=act_key,
        organiser=campaign.roster().is_organiser(campaign.me),
        witness=command.witness,
        number=command.number,
        lines=command.lines,
        now_ms=step.now_ms,
    )
    self.write(campaign, step, Kind.STRIKE, body)
    statement = statement_of(self, campaign, command.statement)
    return _view(self, campaign, statement, [(bytes(body.witness), body.number)])


@handles(ask.ListPaper)
def _list_paper(self: Commands, step: Step, command: ask.ListPaper) -> Record:
    campaign = self.campaign(command.campaign)
    statement = statement_of(self, campaign, command.statement)
    after = (bytes(command.after_witness), command.after_number)
    places = [place for place in dict.fromkeys(one.sheet.place for one in statement.paper) if place > after]
    return _view(self, campaign, statement, places[: command.limit], more=len(places) > command.limit)


def may_witness(campaign: Campaign) -> bool:
    """Whether I am of a seat that enters signatures on paper."""
    member = campaign.my_member()
    return member is not None and member.active and member.seat in witness_seats(campaign.roster())


def _given(line: ask.GivenLine) -> PaperLine:
    return PaperLine(
        line=line.line,
        salt=bytes(32),
        capacity=line.capacity,
        name=line.name,
        title=line.title,
        affiliation=line.affiliation,
        country=line.country,
    )


def _view(
    self: Commands,
    campaign: Campaign,
    statement: Statement,
    places: Iterable[tuple[bytes, int]],
    *,
    more: bool = False,
) -> show.PaperView:
    counted = statement.counted_on_paper()
    permitted = statement.frozen is not None and statement.frozen.body.paper
    wanted: dict[tuple[bytes, int], list[PaperEntry]] = {place: [] for place in places}
    for entry in statement.paper:
        if entry.sheet.place in wanted:
            wanted[entry.sheet.place].append(entry)
    twice, alike = doubles(statement), same_scan(statement)
    return show.PaperView(
        campaign=campaign.id,
        statement=statement.id,
        digest=statement.frozen.digest if statement.frozen else b"",
        permitted=permitted,
        may_enter=permitted and statement.phase is StatementPhase.OPEN and may_witness(campaign),
        on_paper=len(counted),
        witnesses=len({entry.sheet.head.act_key for entry in counted}),
        sheets=tuple(
            [
                _sheet(self, campaign, statement, entries, twice, same_scan=place in alike)
                for place, entries in wanted.items()
                if entries
            ]
        ),
        more=more,
    )


def _sheet(
    self: Commands,
    campaign: Campaign,
    statement: Statement,
    entries: list[PaperEntry],
    twice: dict[tuple[bytes, int, int], tuple[str, ...]],
    *,
    same_scan: bool,
) -> show.SheetView:
    # The last writing, where a release lists lines of another: what the witness says now.
    sheet = max([entry.sheet for entry in entries], key=lambda one: (one.depth, one.id))
    act_key = campaign.persona.act.public
    mine = sheet.head.act_key == act_key
    released = statement.released
    may = mine or (released is None and campaign.roster().is_organiser(campaign.me))
    may = may or (released is not None and released.act_key == act_key)
    return show.SheetView(
        id=sheet.id,
        key=sheet.head.act_key,
        number=sheet.head.number,
        name=self.core.shows.name_of(campaign, sheet.author),
        mine=mine,
        witness=sheet.head.witness,
        scan=sheet.head.scan,
        dated_ms=sheet.head.dated_ms,
        entered_ms=sheet.head.entered_ms,
        note=sheet.body.note,
        attachments=self.core.shows.attached(campaign, sheet),
        same_scan=same_scan,
        lines=tuple(
            [
                show.PaperLineView(
                    line=entry.line.line,
                    capacity=entry.line.capacity,
                    name=entry.line.name,
                    title=entry.line.title,
                    affiliation=entry.line.affiliation,
                    country=entry.line.country,
                    state=entry.state,
                    doubles=twice.get((*entry.sheet.place, entry.line.line), ())[:PAPER_DOUBLES_SHOWN_MAX],
                )
                for entry in entries
            ]
        ),
        may_strike=may and any(entry.state not in _GONE for entry in entries),
    )
