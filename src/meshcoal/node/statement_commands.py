"""Commands about statements: drafting, freezing, signing, releasing.

Law: as in `node.commands`. Whether a text or an act fits is for `statement`; who may do it is asked here.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import NotPermitted, PublicityRefused, Unknown
from meshcoal.ids import OperationId
from meshcoal.node.campaign import Campaign
from meshcoal.node.chase import chase
from meshcoal.node.commands import Commands, finished_uploads, handles
from meshcoal.node.quorum import standing
from meshcoal.node.rights import draft_seats
from meshcoal.node.sign_ons import sign_body
from meshcoal.node.step import Step
from meshcoal.statement import aftermath, drafting, publication, signon
from meshcoal.statement.case import Publicity
from meshcoal.statement.model import Statement
from meshcoal.statement.preview import preview
from meshcoal.statement.view import letter_operations
from meshcoal.wire.bodies import Body
from meshcoal.wire.filenames import safe_file_name
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Record


@handles(ask.DraftStatement)
def _draft_statement(self: Commands, step: Step, command: ask.DraftStatement) -> Record:
    campaign = self.acting(command.campaign)
    _may_draft(campaign)
    if command.case and campaign.cases.get(OperationId(command.case)) is None:
        raise Unknown("There is no such case in this campaign.")
    body = drafting.make_draft(
        language=command.language,
        title=command.title,
        text=command.text,
        case=command.case,
        credit=command.credit,
        now_ms=step.now_ms,
    )
    identifier = write_with_files(self, campaign, step, Kind.DRAFT, body, command.attachments)
    return view_of(self, step, campaign, identifier)


@handles(ask.AmendStatement)
def _amend_statement(self: Commands, step: Step, command: ask.AmendStatement) -> Record:
    campaign = self.acting(command.campaign)
    _may_draft(campaign)
    body = drafting.make_amend(
        statement_of(self, campaign, command.statement),
        language=command.language,
        title=command.title,
        text=command.text,
        base=command.base,
        merges=command.merges,
        translates=command.translates,
        credit=command.credit,
        now_ms=step.now_ms,
    )
    write_with_files(self, campaign, step, Kind.AMEND, body, command.attachments)
    return view_of(self, step, campaign, command.statement)


@handles(ask.CommentStatement)
def _comment_statement(self: Commands, step: Step, command: ask.CommentStatement) -> Record:
    campaign = self.acting(command.campaign)
    body = drafting.make_comment(
        statement_of(self, campaign, command.statement),
        me=campaign.me,
        revision=command.revision,
        paragraph=command.paragraph,
        text=command.text,
        stance=command.stance,
        lifts=command.lifts,
        credit=command.credit,
        now_ms=step.now_ms,
    )
    write_with_files(self, campaign, step, Kind.COMMENT, body, command.attachments)
    return view_of(self, step, campaign, command.statement)


@handles(ask.FreezeStatement)
def _freeze_statement(self: Commands, step: Step, command: ask.FreezeStatement) -> Record:
    campaign = self.acting(command.campaign)
    only_organisers(campaign)
    with_ring = bool(command.sealed_until) or ask.NameMode.COUNTED in command.modes
    body = drafting.make_freeze(
        statement_of(self, campaign, command.statement),
        revisions=command.revisions,
        addressees=command.addressees,
        deadline_ms=command.deadline_ms,
        soft_deadline_ms=command.soft_deadline_ms,
        grace_ms=command.grace_ms,
        replaces=command.replaces,
        modes=command.modes,
        sealed_until=command.sealed_until,
        seal_expires_ms=command.seal_expires_ms,
        sealable=campaign.rounds.sealable() if with_ring else 0,
        keyless=len(campaign.rounds.lacking()) if with_ring else 0,
        topics=command.topics,
        countries=command.countries,
        asks=command.asks,
        paper=command.paper,
        now_ms=step.now_ms,
    )
    self.write(campaign, step, Kind.FREEZE, body)
    return view_of(self, step, campaign, command.statement)


@handles(ask.SignStatement)
def _sign_statement(self: Commands, step: Step, command: ask.SignStatement) -> Record:
    campaign = self.acting(command.campaign)
    body = sign_body(
        self,
        step,
        campaign,
        statement_of(self, campaign, command.statement),
        command,
        mode=command.mode,
        logo=command.logo,
        needs=command.needs,
        request=command.request,
        mandate=command.mandate,
        late=command.late,
    )
    self.write(campaign, step, Kind.SIGN, body)
    return view_of(self, step, campaign, command.statement)


@handles(ask.WithdrawSignature)
def _withdraw_signature(self: Commands, step: Step, command: ask.WithdrawSignature) -> Record:
    campaign = self.acting(command.campaign)
    body = signon.make_withdrawal(
        statement_of(self, campaign, command.statement),
        me=campaign.me,
        act_key=campaign.persona.act,
        now_ms=step.now_ms,
    )
    self.write(campaign, step, Kind.WITHDRAW, body)
    return view_of(self, step, campaign, command.statement)


@handles(ask.ReleaseStatement)
def _release_statement(self: Commands, step: Step, command: ask.ReleaseStatement) -> Record:
    campaign = self.acting(command.campaign)
    only_organisers(campaign)
    statement = statement_of(self, campaign, command.statement)
    check_publicity(campaign, statement)
    body = signon.make_release(
        statement,
        act_key=campaign.persona.act,
        now_ms=step.now_ms,
        standing=standing(campaign.roster()),
        not_before_ms=command.not_before_ms,
    )
    self.write(campaign, step, Kind.RELEASE, body)
    return view_of(self, step, campaign, command.statement)


@handles(ask.EnterAftermath)
def _enter_aftermath(self: Commands, step: Step, command: ask.EnterAftermath) -> Record:
    campaign = self.acting(command.campaign)
    not_observer(campaign)
    body = aftermath.make_entry(
        statement_of(self, campaign, command.statement),
        me=campaign.me,
        entry=command.entry,
        happened_ms=command.happened_ms,
        addressee=command.addressee,
        deliverer=command.deliverer,
        means=command.means,
        text=command.text,
        receipt=command.receipt,
        about=command.about,
        follow_up_ms=command.follow_up_ms,
        corrects=command.corrects,
        now_ms=step.now_ms,
    )
    write_with_files(self, campaign, step, Kind.AFTERMATH, body, command.attachments)
    return view_of(self, step, campaign, command.statement)


@handles(ask.ListStatements)
def _list_statements(self: Commands, step: Step, command: ask.ListStatements) -> Record:
    campaign = self.campaign(command.campaign)
    return self.core.shows.page_of_statements(campaign, before=command.before, limit=command.limit)


@handles(ask.ShowStatement)
def _show_statement(self: Commands, step: Step, command: ask.ShowStatement) -> Record:
    return view_of(self, step, self.campaign(command.campaign), command.statement)


@handles(ask.ShowLetterHolders)
def _show_letter_holders(self: Commands, step: Step, command: ask.ShowLetterHolders) -> Record:
    campaign = self.campaign(command.campaign)
    statement = statement_of(self, campaign, command.statement)
    return self.core.shows.delivery.holders(campaign, letter_operations(statement))


@handles(ask.ShowChase)
def _show_chase(self: Commands, step: Step, command: ask.ShowChase) -> Record:
    campaign = self.campaign(command.campaign)
    return chase(self.core.shows, campaign, statement_of(self, campaign, command.statement), step.now_ms)


@handles(ask.ExportStatement)
def _export_statement(self: Commands, step: Step, command: ask.ExportStatement) -> Record:
    statement = statement_of(self, self.campaign(command.campaign), command.statement)
    return show.FilesView(
        files=tuple(
            [
                show.FileView(name=safe_file_name(name, "statement"), data=data)
                for name, data in publication.files(statement)
            ]
        )
    )


@handles(ask.PreviewStatement)
def _preview_statement(self: Commands, step: Step, command: ask.PreviewStatement) -> Record:
    statement = statement_of(self, self.campaign(command.campaign), command.statement)
    made = preview(statement, now_ms=step.now_ms, not_before_ms=command.not_before_ms)
    return show.FilesView(
        files=tuple([show.FileView(name=safe_file_name(name, "statement"), data=data) for name, data in made])
    )


@handles(ask.ExportAnnex)
def _export_annex(self: Commands, step: Step, command: ask.ExportAnnex) -> Record:
    name, data = publication.annex(statement_of(self, self.campaign(command.campaign), command.statement))
    return show.FilesView(files=(show.FileView(name=safe_file_name(name, "statement"), data=data),))


def statement_of(self: Commands, campaign: Campaign, identifier: bytes) -> Statement:
    """Raises `Unknown`."""
    found = campaign.statements.get(OperationId(identifier))
    if found is None:
        raise Unknown("There is no such statement in this campaign.")
    return found


def write_with_files(
    self: Commands,
    campaign: Campaign,
    step: Step,
    kind: Kind,
    body: Body,
    uploads: tuple[bytes, ...],
) -> OperationId:
    """With the files that were handed over for it."""
    attachments: Any = finished_uploads(campaign, uploads)  # bodies of these kinds have such a field
    identifier = self.write(campaign, step, kind, dataclasses.replace(body, **{"attachments": attachments}))
    for token in uploads:
        campaign.files.uploads.pop(token, None)
    return identifier


def view_of(self: Commands, step: Step, campaign: Campaign, identifier: bytes) -> show.StatementView:
    return self.core.shows.statement(campaign, statement_of(self, campaign, identifier), step.now_ms)


def only_organisers(campaign: Campaign) -> None:
    """Raises `NotPermitted`."""
    if not campaign.roster().is_organiser(campaign.me):
        raise NotPermitted("Only an organiser of the campaign can do this.")


def check_publicity(campaign: Campaign, statement: Statement) -> None:
    """Raises `PublicityRefused`: by those whom the letter's case concerns."""
    case = campaign.cases.get(OperationId(statement.case)) if statement.case else None
    if case is not None and case.publicity is Publicity.REFUSED:
        raise PublicityRefused()


def not_observer(campaign: Campaign) -> None:
    """Raises `NotPermitted`."""
    member = campaign.my_member()
    if member is not None and member.seat is ask.Seat.OBSERVER:
        raise NotPermitted("An observer reads and comments, and does not write or sign statements.")


def _may_draft(campaign: Campaign) -> None:
    member = campaign.my_member()
    seats = draft_seats(campaign.roster())
    if member is not None and member.seat not in seats:
        not_observer(campaign)
        raise NotPermitted(
            f"By this campaign's rules letters are written by these seats: {', '.join(seats)}. "
            "You can comment."
        )
