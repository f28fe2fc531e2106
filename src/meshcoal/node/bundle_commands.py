"""Commands about bundles: writing and reading them part by part.

Law: as in `node.commands`. Writing and looking change nothing on disk. What is begun lives in memory and is
forgotten with the process: whoever goes on begins again, and what is there already is not done twice.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import BadArgument, Busy, Unknown
from meshcoal.ids import AuthorId
from meshcoal.limits import BUNDLE_SESSIONS_MAX
from meshcoal.node.audience import Audience, audience_of
from meshcoal.node.bundling import Shipment, Writing
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.joining import FoundRequest
from meshcoal.node.parting import part_name
from meshcoal.node.shows import campaign_name
from meshcoal.node.step import Step
from meshcoal.node.unbundling import Reading
from meshcoal.wire.bundle import BUNDLE_ID_BYTES
from meshcoal.wire.record import Record

_TOKEN_BYTES: Final = 16


@handles(ask.BeginBundle)
def _begin_bundle(self: Commands, step: Step, command: ask.BeginBundle) -> Record:
    if len({one.campaign for one in command.campaigns}) < len(command.campaigns):
        raise BadArgument("A campaign is named twice.")
    if not command.campaigns and not command.answers:
        raise BadArgument("Name a campaign, or whose request is to be answered.")
    shipments = [_shipment(self, command, one) for one in command.campaigns]
    writing = Writing(
        token=self.entropy.take(_TOKEN_BYTES),
        bundle=self.entropy.take(BUNDLE_ID_BYTES),
        made_ms=step.now_ms,
        shipments=shipments,
        paper=command.paper,
        answers=_answers(self, step, command),
    )
    known = self.writings
    if len(known) >= BUNDLE_SESSIONS_MAX:
        del known[next(iter(known))]  # whoever left one behind does not come back for it
    known[writing.token] = writing
    return _bundle_view(self, writing)


def _shipment(self: Commands, command: ask.BeginBundle, one: ask.BundleFor) -> Shipment:
    campaign = self.writable(one.campaign)
    chosen = tuple(dict.fromkeys([AuthorId(member) for member in one.members]))
    active = campaign.roster().active()
    if any(member not in active for member in chosen):
        raise Unknown("There is no such active member in this campaign.")
    if campaign.me in chosen:
        raise BadArgument("A bundle is for others: what is in it you have.")
    audience = audience_of(campaign, chosen, self.core.sealer)
    frontier = {} if command.everything else _held_by_all(campaign, audience)
    items = [*campaign.rounds.items.values()]
    if command.begun:
        items += self.core.sealing.leaving(campaign)
    files = [file for file, kept in campaign.files.records.items() if kept.whole]
    if command.paper or not command.files:
        files = []
    if not command.everything:
        files = [file for file in files if not _on_all(campaign, audience, file)]
    row = campaign.reader.row_before(campaign.id, command.since_ms) if command.since_ms else 0
    return Shipment(campaign, audience, frontier=frontier, row=row, items=items, files=files)


def _answers(self: Commands, step: Step, command: ask.BeginBundle) -> dict[bytes, bytes]:
    """The answers that are to go along, by introduction."""
    wanted = dict.fromkeys(command.answers)
    for one in command.campaigns:
        wanted.update(dict.fromkeys(self.joining.unheard(self.campaign(one.campaign), one.members)))
    return {key: self.joining.answer(step, key, paper=command.paper) for key in wanted}


def _held_by_all(campaign: Campaign, audience: Audience) -> dict[AuthorId, int]:
    """How far each log is known to be held by all recipients; of a forked one, up to where it is one."""
    held = {}
    for author in campaign.dag.authors() if audience.recipients else ():
        upto = [campaign.holders.upto(member, author) for member in audience.recipients if member != author]
        seq = min(upto, default=campaign.dag.top(author))
        held[author] = min(seq, campaign.dag.agreed(author)) if campaign.dag.is_forked(author) else seq
    return {author: seq for author, seq in held.items() if seq >= 0}


def _on_all(campaign: Campaign, audience: Audience, file: bytes) -> bool:
    """Whether all recipients said that they hold a file."""
    return bool(audience.recipients) and campaign.files.holders_of(file) >= frozenset(audience.recipients)


def _writing(self: Commands, token: bytes) -> Writing:
    writing = self.writings.get(token)
    if writing is None:
        raise Unknown("This bundle is not written any more. Begin again: it goes on from what is there.")
    return writing


@handles(ask.HavePart)
def _have_part(self: Commands, step: Step, command: ask.HavePart) -> Record:
    writing = _writing(self, command.bundle)
    shipped = {one.campaign.id: one.campaign for one in writing.shipments}
    found = Reading(writing.token, shipped, self.core.sealer).open(command.data)
    writing.have(*(found or (None, None)))
    for key in [key for key in writing.answers if self.joining.has(key, command.data)]:
        del writing.answers[key]  # on the stick already
        writing.had += 1
    return _bundle_view(self, writing)


@handles(ask.NextPart)
def _next_part(self: Commands, step: Step, command: ask.NextPart) -> Record:
    writing = _writing(self, command.bundle)
    data = writing.next_part(self.core.sealer, self.entropy)
    return show.BundlePartView(
        data=data,
        name=part_name(self.entropy),
        more=bool(data) or not writing.whole,
        done=writing.done,
        total=writing.total,
    )


@handles(ask.EndBundle)
def _end_bundle(self: Commands, step: Step, command: ask.EndBundle) -> Record:
    self.writings.pop(command.bundle, None)
    return show.Done()


def _bundle_view(self: Commands, writing: Writing) -> show.BundleView:
    return show.BundleView(
        bundle=writing.token,
        shipments=tuple([_shipment_view(self, one) for one in writing.shipments]),
        had=writing.had,
        done=writing.done,
        total=writing.total,
        answers=tuple([self.core.people.introduction_view(key).name for key in writing.answers]),
    )


def _shipment_view(self: Commands, one: Shipment) -> show.ShipmentView:
    def names(members: tuple[AuthorId, ...]) -> tuple[str, ...]:
        return tuple(sorted([self.core.shows.name_of(one.campaign, member) for member in members]))

    doubtful = one.audience.doubtful
    return show.ShipmentView(
        campaign=one.campaign.id,
        name=campaign_name(self.core.campaigns, one.campaign.id),
        operations=one.operations,
        items=one.items,
        files=one.files,
        readers=names(tuple([member for member in one.audience.recipients if member not in doubtful])),
        doubtful=names(doubtful),
    )


# --- Reading


@handles(ask.BeginReading)
def _begin_reading(self: Commands, step: Step, command: ask.BeginReading) -> Record:
    readings = self.core.members.unbundling.readings
    if len(readings) >= BUNDLE_SESSIONS_MAX:
        token, oldest = next(iter(readings.items()))
        oldest.end(step)
        del readings[token]
    reading = Reading(self.entropy.take(_TOKEN_BYTES), self.core.campaigns, self.core.sealer)
    readings[reading.token] = reading
    return _reading_view(self, reading)


def _reading(self: Commands, token: bytes) -> Reading:
    reading = self.core.members.unbundling.readings.get(token)
    if reading is None:
        raise Unknown("This bundle is not being read any more. Begin again: what was taken in is here.")
    return reading


@handles(ask.LookAtPart)
def _look_at_part(self: Commands, step: Step, command: ask.LookAtPart) -> Record:
    reading = _reading(self, command.reading)
    found = self.joining.look(command.data, step.now_ms)
    if found is None:
        reading.look(command.data)
    else:
        reading.look_at(found)
    return _reading_view(self, reading)


@handles(ask.TakePart)
def _take_part(self: Commands, step: Step, command: ask.TakePart) -> Record:
    reading = _reading(self, command.reading)
    found = self.joining.look(command.data, step.now_ms)
    if found is not None:
        self.joining.take(step, found)
        return _reading_view(self, reading)
    try:
        self.core.members.unbundling.take(step, reading, command.data)
    except Busy:
        return _reading_view(self, reading, busy=True)
    return _reading_view(self, reading)


@handles(ask.ShowReading)
def _show_reading(self: Commands, step: Step, command: ask.ShowReading) -> Record:
    return _reading_view(self, _reading(self, command.reading))


@handles(ask.EndReading)
def _end_reading(self: Commands, step: Step, command: ask.EndReading) -> Record:
    reading = self.core.members.unbundling.readings.pop(command.reading, None)
    if reading is not None:
        reading.end(step)
    return show.Done()


def _reading_view(self: Commands, reading: Reading, *, busy: bool = False) -> show.ReadingView:
    return show.ReadingView(
        reading=reading.token,
        parts=reading.parts,
        strange=reading.strange,
        opened=reading.opened,
        place=reading.place,
        news=tuple(
            [
                show.BundleNewsView(
                    campaign=campaign,
                    name=campaign_name(self.core.campaigns, campaign),
                    made_ms=tally.made_ms,
                    first_ms=tally.first_ms,
                    last_ms=tally.last_ms,
                    operations=tally.operations,
                    new_operations=tally.new_operations,
                    new_items=tally.new_items,
                    new_files=len(tally.files),
                    closed=tally.closed,
                )
                for campaign, tally in reading.tallies.items()
            ]
        ),
        busy=busy,
        taken=reading.taken,
        waiting=reading.left,
        refused=tuple(
            [show.RefusedView(code=code, count=count) for code, count in sorted(reading.refused.items())]
        ),
        requests=tuple([_request_view(self, one) for one in reading.requests.values()]),
        answers=tuple(
            [
                show.AnswerNewsView(
                    name=one.answer.name,
                    campaign_name=one.answer.campaign_name,
                    verdict=one.answer.verdict,
                    new=one.new,
                )
                for one in reading.answers.values()
            ]
        ),
    )


def _request_view(self: Commands, found: FoundRequest) -> show.RequestNewsView:
    kept = self.core.people.invitations.get(found.invitation)
    request = found.request
    return show.RequestNewsView(
        name=request.name if request else "",
        campaign_name=campaign_name(self.core.campaigns, kept.campaign) if kept else "",
        known=bool(request and request.person in self.core.people.contacts),
        new=request is not None and kept is not None,
    )
