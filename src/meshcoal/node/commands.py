"""What a user asks of the node, one method a command.

Law: a command either changes the node and is answered with the new view, or raises a `LocalError` and has
changed nothing. The answer goes out after what it says is on disk.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final, TypeVar

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import Command
from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import AuthorId, CampaignId, OperationId, PersonId
from meshcoal.limits import CAMPAIGNS_MAX
from meshcoal.log.reader import MessageRow
from meshcoal.node.campaign import Campaign
from meshcoal.node.core import Core
from meshcoal.node.persona import Persona, new_persona
from meshcoal.node.records import IDENTITY, READS, CampaignRecord, ReadRecord
from meshcoal.node.shows import campaign_name
from meshcoal.node.step import Step
from meshcoal.wire import bodies
from meshcoal.wire.bodies import CHANNEL_ID_BYTES, Body, ChannelSeed
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Record

C = TypeVar("C", bound=Command)
_Handler = Callable[[Any, Step, Any], Record]
_HANDLERS: Final[dict[type[Command], _Handler]] = {}


def handles(command: type[C]) -> Callable[[Callable[[Commands, Step, C], Record]], _Handler]:
    """Name the function that answers a command."""

    def register(handler: Callable[[Commands, Step, C], Record]) -> _Handler:
        _HANDLERS[command] = handler
        return handler

    return register


def handled() -> frozenset[type[Command]]:
    """Every command the node answers."""
    return frozenset(_HANDLERS)


class Commands:
    """Answers commands on behalf of a core."""

    def __init__(self, core: Core, entropy: Entropy) -> None:
        self.core = core
        self.entropy = entropy

    def answer(self, step: Step, command: Command) -> Record:
        """Raises `LocalError`, and `OverLimit` where a bound is met."""
        handler = _HANDLERS.get(type(command))
        assert handler is not None, "the daemon answers this command itself"
        return handler(self, step, command)

    # --- Finding things

    def campaign(self, identifier: bytes) -> Campaign:
        found = self.core.campaigns.get(CampaignId(identifier))
        if found is None:
            raise Unknown("There is no such campaign here.")
        return found

    def writable(self, identifier: bytes) -> Campaign:
        campaign = self.campaign(identifier)
        if not campaign.founded or campaign.my_member() is None:
            raise WrongPhase(
                "This campaign has not arrived here yet. It comes as soon as a member can be reached."
            )
        if campaign.my_state is not MemberState.ACTIVE:
            raise NotPermitted("You are not a member of this campaign any more. You can read what is here.")
        return campaign

    def campaign_view(self, campaign: Campaign) -> show.CampaignView:
        return self.core.shows.campaign(campaign)

    def write(self, campaign: Campaign, step: Step, kind: Kind, body: Body) -> OperationId:
        return self.core.composer.write(campaign, step, kind, body).id

    def control(self, campaign: Campaign, step: Step, kind: Kind, body: Body) -> show.CampaignView:
        self.core.composer.write_control(campaign, step, kind, body)
        return self.campaign_view(campaign)


# --- Identity and contacts


@handles(ask.ShowIdentity)
def _show_identity(self: Commands, step: Step, command: ask.ShowIdentity) -> Record:
    return self.core.people.identity_view()


@handles(ask.SetName)
def _set_name(self: Commands, step: Step, command: ask.SetName) -> Record:
    people = self.core.people
    people.identity = dataclasses.replace(people.identity, name=command.name)
    step.put(IDENTITY, b"", people.identity)
    return people.identity_view()


@handles(ask.SetHints)
def _set_hints(self: Commands, step: Step, command: ask.SetHints) -> Record:
    for hint in command.hints:
        host, colon, port = hint.rpartition(":")
        if not (colon and host and port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
            raise BadArgument("An address is a host, a colon and a port, such as 192.0.2.7:4400.")
    people = self.core.people
    people.identity = dataclasses.replace(people.identity, hints=command.hints)
    step.put(IDENTITY, b"", people.identity)
    self.core.tell_hints(step)
    return people.identity_view()


@handles(ask.ListContacts)
def _list_contacts(self: Commands, step: Step, command: ask.ListContacts) -> Record:
    return show.ContactsView(
        contacts=tuple([_contact(self, person) for person in sorted(self.core.people.contacts)])
    )


def _contact(self: Commands, person: PersonId) -> show.ContactView:
    return self.core.people.contact_view(person, connected=self.core.contact_connected(person))


@handles(ask.SetPetname)
def _set_petname(self: Commands, step: Step, command: ask.SetPetname) -> Record:
    person = PersonId(command.person)
    contact = self.core.people.contact(person)
    self.core.people.put_contact(step, person, dataclasses.replace(contact, petname=command.petname))
    return _contact(self, person)


@handles(ask.ConfirmWords)
def _confirm_words(self: Commands, step: Step, command: ask.ConfirmWords) -> Record:
    person = PersonId(command.person)
    self.core.people.confirm(step, person, match=command.match)
    if not command.match:
        self.core.hang_up_on(step, person)
    self.core.refresh_targets(step)
    return _contact(self, person)


@handles(ask.ForgetContact)
def _forget_contact(self: Commands, step: Step, command: ask.ForgetContact) -> Record:
    person = PersonId(command.person)
    self.core.people.forget(step, person)
    self.core.hang_up_on(step, person)
    self.core.refresh_targets(step)
    return show.Done()


# --- Invitations


@handles(ask.MakeInvitation)
def _make_invitation(self: Commands, step: Step, command: ask.MakeInvitation) -> Record:
    name = ""
    if command.campaign:
        campaign = self.writable(command.campaign)
        if not campaign.roster().is_organiser(campaign.me):
            raise NotPermitted("Only an organiser can admit people, so only an organiser invites them.")
        name = campaign_name(self.core.campaigns, command.campaign)
    return self.core.people.invite(step, command, name)


@handles(ask.ListInvitations)
def _list_invitations(self: Commands, step: Step, command: ask.ListInvitations) -> Record:
    people = self.core.people
    people.expire(step)
    return show.InvitationsView(
        invitations=tuple(
            [
                people.invitation_view(key, campaign_name(self.core.campaigns, kept.campaign))
                for key, kept in sorted(
                    people.invitations.items(), key=lambda item: (item[1].expires_ms, item[0])
                )
            ]
        )
    )


@handles(ask.RevokeInvitation)
def _revoke_invitation(self: Commands, step: Step, command: ask.RevokeInvitation) -> Record:
    self.core.people.revoke(step, command.invitation)
    return show.Done()


@handles(ask.AcceptInvitation)
def _accept_invitation(self: Commands, step: Step, command: ask.AcceptInvitation) -> Record:
    view = self.core.people.accept(step, command)
    self.core.refresh_targets(step)
    return view


@handles(ask.ListIntroductions)
def _list_introductions(self: Commands, step: Step, command: ask.ListIntroductions) -> Record:
    people = self.core.people
    people.expire(step)
    return show.IntroductionsView(
        introductions=tuple(
            [
                people.introduction_view(key, campaign_name(self.core.campaigns, met.campaign))
                for key, met in sorted(
                    people.introductions.items(), key=lambda item: (item[1].since_ms, item[0])
                )
            ]
        )
    )


@handles(ask.Admit)
def _admit(self: Commands, step: Step, command: ask.Admit) -> Record:
    people = self.core.people
    met = people.introductions.get(command.introduction)
    if met is None:
        raise Unknown("There is no such introduction.")
    if met.mine:
        raise WrongPhase("You asked to be admitted: the inviter decides.")
    if met.card is None or not met.campaign:
        raise WrongPhase("This person did not ask to be admitted to a campaign.")
    campaign = self.writable(met.campaign)
    body = bodies.AddBody(at_ms=step.now_ms, member=met.card, seat=command.seat, role=command.role)
    admitted_before = campaign.roster().is_active(AuthorId(met.card.author))
    if met.state is show.IntroductionState.ASKING and not admitted_before:
        self.core.composer.admit(campaign, step, body, met.prekey)
    people.decide(step, command.introduction, admitted=True)
    self.core.persons[AuthorId(met.card.author)] = PersonId(met.person)
    self.core.put_person(step, AuthorId(met.card.author), PersonId(met.person))
    self.core.tell_decisions(step, met.person)
    self.core.refresh_targets(step)
    return self.campaign_view(campaign)


@handles(ask.Refuse)
def _refuse(self: Commands, step: Step, command: ask.Refuse) -> Record:
    met = self.core.people.decide(step, command.introduction, admitted=False)
    self.core.tell_decisions(step, met.person)
    self.core.refresh_targets(step)
    return show.Done()


# --- Campaigns


@handles(ask.FoundCampaign)
def _found_campaign(self: Commands, step: Step, command: ask.FoundCampaign) -> Record:
    core = self.core
    if len(core.campaigns) >= CAMPAIGNS_MAX:
        raise WrongPhase("There are too many campaigns here.")
    if len({name.casefold() for name in command.channels}) != len(command.channels):
        raise BadArgument("Two channels have the same name.")
    persona_record = new_persona(
        name=command.my_name or core.people.identity.name, entropy=self.entropy, sealer=core.sealer
    )
    persona = Persona(persona_record, core.sealer)
    body = bodies.CreateBody(
        at_ms=step.now_ms,
        name=command.name,
        goal=command.goal,
        founder=persona.card(core.people.hints),
        seat=command.seat,
        channels=tuple(
            [ChannelSeed(id=self.entropy.take(CHANNEL_ID_BYTES), name=name) for name in command.channels]
        ),
    )
    operation, own = core.composer.create(key=persona.operation, body=body, now_ms=step.now_ms)
    record = CampaignRecord(persona=persona_record, state=MemberState.ACTIVE, peers=(), admitted_by=b"")
    campaign = core.open_campaign(step, CampaignId(operation.id), record)
    core.acceptor.insert(campaign, step, operation, own=own)
    step.notice(NoticeKind.CAMPAIGNS, by_me=True)
    return self.campaign_view(campaign)


@handles(ask.ListCampaigns)
def _list_campaigns(self: Commands, step: Step, command: ask.ListCampaigns) -> Record:
    summaries = [self.core.shows.summary(campaign) for campaign in self.core.campaigns.values()]
    # Not in the order in which they were joined: a restart forgets that.
    return show.CampaignsView(campaigns=tuple(sorted(summaries, key=lambda one: (one.name, one.id))))


@handles(ask.ShowCampaign)
def _show_campaign(self: Commands, step: Step, command: ask.ShowCampaign) -> Record:
    return self.campaign_view(self.campaign(command.campaign))


@handles(ask.OpenChannel)
def _open_channel(self: Commands, step: Step, command: ask.OpenChannel) -> Record:
    campaign = self.writable(command.campaign)
    names = {seed.name.casefold() for seed in campaign.roster().channels.values()}
    if command.name.casefold() in names:
        raise WrongPhase("There is a channel of this name already.")
    seed = ChannelSeed(id=self.entropy.take(CHANNEL_ID_BYTES), name=command.name)
    return self.control(campaign, step, Kind.CHANNEL, bodies.ChannelBody(at_ms=step.now_ms, channel=seed))


@handles(ask.RemoveMember)
def _remove_member(self: Commands, step: Step, command: ask.RemoveMember) -> Record:
    campaign = self.writable(command.campaign)
    target = AuthorId(command.author)
    if target not in campaign.roster().members:
        raise Unknown("There is no such member in this campaign.")
    if target == campaign.me:
        raise BadArgument("You cannot remove yourself; leave the campaign instead.")
    last_seq = campaign.dag.top(target)
    body = bodies.RemoveBody(at_ms=step.now_ms, member=target, last_seq=last_seq)
    return self.control(campaign, step, Kind.REMOVE, body)


@handles(ask.SetRole)
def _set_role(self: Commands, step: Step, command: ask.SetRole) -> Record:
    campaign = self.writable(command.campaign)
    if AuthorId(command.author) not in campaign.roster().members:
        raise Unknown("There is no such member in this campaign.")
    body = bodies.RoleBody(at_ms=step.now_ms, member=command.author, seat=command.seat, role=command.role)
    return self.control(campaign, step, Kind.ROLE, body)


@handles(ask.LeaveCampaign)
def _leave_campaign(self: Commands, step: Step, command: ask.LeaveCampaign) -> Record:
    campaign = self.writable(command.campaign)
    return self.control(campaign, step, Kind.LEAVE, bodies.LeaveBody(at_ms=step.now_ms))


# --- Talk


@handles(ask.PostMessage)
def _post_message(self: Commands, step: Step, command: ask.PostMessage) -> Record:
    campaign = self.writable(command.campaign)
    if command.channel not in campaign.roster().channels:
        raise Unknown("There is no such channel in this campaign.")
    body = bodies.PostBody(
        at_ms=step.now_ms, channel=command.channel, text=command.text, reply_to=command.reply_to
    )
    read_to = self.core.shows.read_to(campaign, command.channel)
    all_read = not campaign.reader.message_count(campaign.id, command.channel, after=read_to)
    identifier = self.write(campaign, step, Kind.POST, body)
    place = campaign.dag.place(identifier)
    assert place is not None
    if all_read:  # one's own message is not news
        kept = ReadRecord(depth=place.depth, message=identifier)
        step.put(READS, campaign.id + command.channel, kept)
    row = MessageRow(
        id=identifier,
        author=campaign.me,
        seq=place.seq,
        depth=place.depth,
        context=place.context,
        at_ms=step.now_ms,
        text=command.text,
        reply_to=command.reply_to,
    )
    return self.core.shows.message(campaign, row)


@handles(ask.ListMessages)
def _list_messages(self: Commands, step: Step, command: ask.ListMessages) -> Record:
    campaign = self.campaign(command.campaign)
    return self.core.shows.messages(campaign, command.channel, before=command.before, limit=command.limit)


@handles(ask.MarkRead)
def _mark_read(self: Commands, step: Step, command: ask.MarkRead) -> Record:
    campaign = self.campaign(command.campaign)
    row = campaign.reader.message(OperationId(command.message))
    if row is None or command.channel not in campaign.roster().channels:
        raise Unknown("There is no such message.")
    step.put(READS, campaign.id + command.channel, ReadRecord(depth=row.depth, message=row.id))
    return show.Done()


# --- The network


@handles(ask.ListPeers)
def _list_peers(self: Commands, step: Step, command: ask.ListPeers) -> Record:
    return show.PeersView(peers=self.core.links.peer_views(self.core.name_of_target))


@handles(ask.GetCounters)
def _get_counters(self: Commands, step: Step, command: ask.GetCounters) -> Record:
    return show.CountersView(
        counters=tuple(
            [show.CounterView(code=code, count=count) for code, count in sorted(self.core.counters.items())]
        )
    )
