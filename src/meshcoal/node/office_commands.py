"""Commands about offices: by which steps an organisation signs, and who may sign under a mandate.

Law: as in `node.commands`. Whether a decision fits is for `statement.authority`; what holds at a place of the
log is for `campaign.authority`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.office_commands import StepView, UseView
from meshcoal.campaign.authority import Mandate, holders
from meshcoal.errors import BadArgument, NotPermitted, Unknown
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import LETTERS_SEARCHED_MAX, MANDATES_MAX, MIB, USES_LISTED_MAX, USES_SHOWN_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.rights import authority_of
from meshcoal.node.statement_commands import statement_of, view_of
from meshcoal.node.step import Step
from meshcoal.statement import authority
from meshcoal.statement.drafting import clean_tags
from meshcoal.wire.authority import MandateBody, MandateScope, OfficeBody, OfficeStep, RevokeBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.plain import normalise_line, normalise_text
from meshcoal.wire.record import Record

_WORDS_BYTES_MAX: Final = 1 * MIB  # of all mandates that are shown


@handles(ask.MakeOffice)
def _make_office(self: Commands, step: Step, command: ask.MakeOffice) -> Record:
    campaign = self.acting(command.campaign)
    name = normalise_line(command.name)
    steps = tuple(
        [
            OfficeStep(name=normalise_line(one.name) or "-", holders=one.holders, wait_ms=one.wait_ms)
            for one in command.steps
        ]
    )
    if not name:
        raise BadArgument("An office has a name.")
    if command.replaces and OperationId(command.replaces) not in campaign.roster().offices:
        raise Unknown("There is no such office in this campaign.")
    people = [holder for one in steps for holder in one.holders]
    if campaign.me not in people:
        raise NotPermitted("Make an office in which you have a part yourself.")
    body = OfficeBody(at_ms=step.now_ms, name=name, steps=steps, replaces=command.replaces)
    self.core.composer.write_control(campaign, step, Kind.OFFICE, body)
    return _offices(self, campaign)


@handles(ask.GiveMandate)
def _give_mandate(self: Commands, step: Step, command: ask.GiveMandate) -> Record:
    campaign = self.acting(command.campaign)
    words = normalise_text(command.scope.words)
    if not words:
        raise BadArgument("Say in words what may be signed.")
    if command.expires_ms <= step.now_ms:
        raise BadArgument("A mandate expires in the future.")
    scope = MandateScope(
        words=words,
        topics=clean_tags(command.scope.topics),
        countries=clean_tags(command.scope.countries),
        asks_excluded=clean_tags(command.scope.asks_excluded),
    )
    body = MandateBody(
        at_ms=step.now_ms,
        office=command.office,
        holder=command.holder,
        scope=scope,
        expires_ms=command.expires_ms,
    )
    self.core.composer.write_control(campaign, step, Kind.MANDATE, body)
    return _offices(self, campaign)


@handles(ask.RevokeMandate)
def _revoke_mandate(self: Commands, step: Step, command: ask.RevokeMandate) -> Record:
    campaign = self.acting(command.campaign)
    body = RevokeBody(at_ms=step.now_ms, mandate=command.mandate)
    self.core.composer.write_control(campaign, step, Kind.REVOKE, body)
    return _offices(self, campaign)


@handles(ask.ListOffices)
def _list_offices(self: Commands, step: Step, command: ask.ListOffices) -> Record:
    return _offices(self, self.campaign(command.campaign))


@handles(ask.RequestSignature)
def _request_signature(self: Commands, step: Step, command: ask.RequestSignature) -> Record:
    campaign = self.acting(command.campaign)
    body = authority.make_request(
        statement_of(self, campaign, command.statement),
        me=campaign.me,
        office=command.office,
        authority=authority_of(campaign.roster()),
        note=command.note,
        now_ms=step.now_ms,
    )
    self.write(campaign, step, Kind.REQUEST, body)
    return view_of(self, step, campaign, command.statement)


@handles(ask.DecideRequest)
def _decide_request(self: Commands, step: Step, command: ask.DecideRequest) -> Record:
    campaign = self.acting(command.campaign)
    body = authority.make_approval(
        statement_of(self, campaign, command.statement),
        me=campaign.me,
        request=command.request,
        verdict=command.verdict,
        text=command.text,
        now_ms=step.now_ms,
    )
    self.write(campaign, step, Kind.APPROVAL, body)
    return view_of(self, step, campaign, command.statement)


def _offices(self: Commands, campaign: Campaign) -> show.OfficesView:
    roster = campaign.roster()
    names = {identifier: office.name for identifier, office in roster.offices.items()}
    uses = _uses(campaign) if roster.mandates else {}
    told = _told(roster.mandates)
    return show.OfficesView(
        offices=tuple(
            [
                show.OfficeView(
                    id=identifier,
                    name=office.name,
                    steps=tuple([_step(self, campaign, one) for one in office.steps]),
                    mine=campaign.me in holders(office),
                )
                for identifier, office in sorted(roster.offices.items())
            ]
        ),
        mandates=tuple(
            [
                _mandate(
                    self,
                    campaign,
                    identifier,
                    one,
                    names,
                    uses.get(identifier, ()),
                    told=identifier in told,
                )
                for identifier, one in sorted(roster.mandates.items())
            ]
        )[:MANDATES_MAX],
    )


def _step(self: Commands, campaign: Campaign, step: OfficeStep) -> StepView:
    called = [self.core.shows.name_of(campaign, AuthorId(holder)) for holder in step.holders]
    return StepView(name=step.name, holders=tuple(called), wait_ms=step.wait_ms)


def _mandate(
    self: Commands,
    campaign: Campaign,
    identifier: OperationId,
    given: Mandate,
    offices: dict[OperationId, str],
    uses: tuple[UseView, ...],
    *,
    told: bool,
) -> show.MandateView:
    body = given.body
    return show.MandateView(
        id=identifier,
        office=body.office,
        office_name=offices.get(OperationId(body.office), ""),
        giver=self.core.shows.name_of(campaign, given.giver),
        holder=self.core.shows.name_of(campaign, AuthorId(body.holder)),
        words=body.scope.words if told else "",
        topics=body.scope.topics,
        countries=body.scope.countries,
        asks_excluded=body.scope.asks_excluded,
        expires_ms=body.expires_ms,
        revoked=given.revoked,
        mine=body.holder == campaign.me,
        uses=uses[:USES_SHOWN_MAX],
    )


def _told(mandates: Mapping[OperationId, Mandate]) -> frozenset[OperationId]:
    """Whose words there is room for: those that hold come first, of these the last to expire."""
    ordered = sorted(mandates.items(), key=lambda item: (item[1].revoked, -item[1].body.expires_ms, item[0]))
    found = []
    room_bytes = _WORDS_BYTES_MAX
    for identifier, given in ordered:
        room_bytes -= len(given.body.scope.words.encode())
        if room_bytes < 0:
            break
        found.append(identifier)
    return frozenset(found)


def _uses(campaign: Campaign) -> dict[OperationId, tuple[UseView, ...]]:
    """By mandate, what was signed under it, of the newest letters."""
    found: dict[OperationId, tuple[UseView, ...]] = {}
    listed = 0
    for line in campaign.statements.lines()[-LETTERS_SEARCHED_MAX:]:
        statement = campaign.statements.get(OperationId(line.id))
        for entry in statement.entries if statement is not None else ():
            body = entry.sign_on.body
            if body.mandate and listed < USES_LISTED_MAX:
                listed += 1
                use = UseView(statement=line.id, title=line.title, at_ms=body.at_ms)
                mandate = OperationId(body.mandate)
                found[mandate] = (*found.get(mandate, ()), use)
    return found
