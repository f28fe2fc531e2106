"""What a user asks of the node, one method a command.

Law: a command either changes the node and is answered with the new view, or raises a `LocalError` and has
changed nothing. The answer goes out after what it says is on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import Command
from meshcoal.api.statement_commands import ListStatements, ShowStatement
from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.campaign.quorum import may_set
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import CAMPAIGNS_MAX
from meshcoal.node.bundling import Writing
from meshcoal.node.campaign import Campaign
from meshcoal.node.compose import Why
from meshcoal.node.core import Core
from meshcoal.node.joining import Joining
from meshcoal.node.peers import peer_views
from meshcoal.node.persona import Persona, new_persona
from meshcoal.node.reach import tell_hints_once
from meshcoal.node.records import CampaignRecord
from meshcoal.node.rules import check_file
from meshcoal.node.step import Step
from meshcoal.wire import bodies
from meshcoal.wire.attachment import Attachment
from meshcoal.wire.bodies import CHANNEL_ID_BYTES, Body, ChannelSeed
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Record
from meshcoal.wire.terms import DRAFT_SEATS, Seat

# Whoever asks for these has the campaign on a screen: what is missing there is taken in first.
_LOOKS: Final = (ask.ShowCampaign, ask.ListMessages, ListStatements, ShowStatement)

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
        self.writings: dict[bytes, Writing] = {}  # bundles that are being written
        self.joining = Joining(core)

    def answer(self, step: Step, command: Command) -> Record:
        """Raises `LocalError`, and `OverLimit` where a bound is met."""
        handler = _HANDLERS.get(type(command))
        assert handler is not None, "the daemon answers this command itself"
        if isinstance(command, _LOOKS):
            self.core.members.catching.look(CampaignId(command.campaign), step.now_ms)
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

    def acting(self, identifier: bytes) -> Campaign:
        """As `writable`, where what I write is to count."""
        campaign = self.writable(identifier)
        if campaign.roster().is_halted(campaign.me):
            raise NotPermitted(
                "Your device gave two different operations at one place. Until an organiser decides, "
                "you can talk, and nothing else you do counts."
            )
        return campaign

    def campaign_view(self, campaign: Campaign, step: Step) -> show.CampaignView:
        return self.core.shows.campaign(campaign, step.now_ms)

    def write(self, campaign: Campaign, step: Step, kind: Kind, body: Body) -> OperationId:
        return self.core.composer.write(campaign, step, kind, body).id

    def control(self, campaign: Campaign, step: Step, kind: Kind, body: Body) -> show.CampaignView:
        self.core.composer.write_control(campaign, step, kind, body)
        return self.campaign_view(campaign, step)


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
        talk_days=command.talk_days,
    )
    key = SigningKey.from_seed(persona_record.operation)
    operation, own = core.composer.create(key=key, body=body, now_ms=step.now_ms)
    record = CampaignRecord(persona=persona_record, state=MemberState.ACTIVE, peers=(), admitted_by=b"")
    campaign = core.open_campaign(step, CampaignId(operation.id), record)
    core.acceptor.insert(campaign, step, operation, own=own)
    tell_hints_once(step, campaign, core.people)  # its address in Tor is made from its id
    step.notice(NoticeKind.CAMPAIGNS, by_me=True)
    return self.campaign_view(campaign, step)


@handles(ask.ListCampaigns)
def _list_campaigns(self: Commands, step: Step, command: ask.ListCampaigns) -> Record:
    summaries = [self.core.shows.summary(campaign, step.now_ms) for campaign in self.core.campaigns.values()]
    # Not in the order in which they were joined: a restart forgets that.
    return show.CampaignsView(campaigns=tuple(sorted(summaries, key=lambda one: (one.name, one.id))))


@handles(ask.ShowCampaign)
def _show_campaign(self: Commands, step: Step, command: ask.ShowCampaign) -> Record:
    return self.campaign_view(self.campaign(command.campaign), step)


@handles(ask.OpenChannel)
def _open_channel(self: Commands, step: Step, command: ask.OpenChannel) -> Record:
    campaign = self.writable(command.campaign)
    names = {seed.name.casefold() for seed in campaign.roster().channels.values()}
    if command.name.casefold() in names:
        raise WrongPhase("There is a channel of this name already.")
    seed = ChannelSeed(id=self.entropy.take(CHANNEL_ID_BYTES), name=command.name)
    return self.control(campaign, step, Kind.CHANNEL, bodies.ChannelBody(at_ms=step.now_ms, channel=seed))


@handles(ask.SetRules)
def _set_rules(self: Commands, step: Step, command: ask.SetRules) -> Record:
    campaign = self.acting(command.campaign)
    body = bodies.RulesBody(
        at_ms=step.now_ms,
        file_bytes_max=command.file_bytes_max,
        kept_bytes_max=command.kept_bytes_max,
        draft_seats=tuple([seat for seat in DRAFT_SEATS if seat in command.draft_seats]) or DRAFT_SEATS,
        comments_by_seat=command.comments_by_seat,
        in_country_quorum=command.in_country_quorum,
        exile_quorum=command.exile_quorum,
        ingo_quorum=command.ingo_quorum,
        witness_seats=tuple([seat for seat in DRAFT_SEATS if seat in command.witness_seats]) or DRAFT_SEATS,
        tor_seats=tuple([seat for seat in Seat if seat in command.tor_seats]),
        apart_seats=tuple([seat for seat in Seat if seat in command.apart_seats]),
        authors_change=command.authors_change,
        organisers_hide=command.organisers_hide,
    )
    member = campaign.my_member()
    if member is not None and not may_set(campaign.roster(), member, body):
        raise NotPermitted("Only an in-country organiser lowers what a release needs of in-country seats.")
    return self.control(campaign, step, Kind.RULES, body)


@handles(ask.RemoveMember)
def _remove_member(self: Commands, step: Step, command: ask.RemoveMember) -> Record:
    campaign = self.acting(command.campaign)
    target = AuthorId(command.author)
    if target not in campaign.roster().members:
        raise Unknown("There is no such member in this campaign.")
    if target == campaign.me:
        raise BadArgument("You cannot remove yourself; leave the campaign instead.")
    last_seq = campaign.dag.top(target)
    body = bodies.RemoveBody(at_ms=step.now_ms, member=target, last_seq=last_seq)
    return self.control(campaign, step, Kind.REMOVE, body)


@handles(ask.RestoreMember)
def _restore_member(self: Commands, step: Step, command: ask.RestoreMember) -> Record:
    campaign = self.acting(command.campaign)
    target = AuthorId(command.author)
    if target not in campaign.roster().members:
        raise Unknown("There is no such member in this campaign.")
    if target == campaign.me:
        raise NotPermitted("Another organiser decides whether you can go on.")
    if not campaign.roster().is_halted(target):
        raise WrongPhase("Nothing holds this member back: there is nothing to decide.")
    return self.control(
        campaign, step, Kind.RESTORE, bodies.RestoreBody(at_ms=step.now_ms, member=command.author)
    )


@handles(ask.ListForks)
def _list_forks(self: Commands, step: Step, command: ask.ListForks) -> Record:
    return self.core.shows.forks(self.campaign(command.campaign))


@handles(ask.SetRole)
def _set_role(self: Commands, step: Step, command: ask.SetRole) -> Record:
    campaign = self.acting(command.campaign)
    if AuthorId(command.author) not in campaign.roster().members:
        raise Unknown("There is no such member in this campaign.")
    body = bodies.RoleBody(at_ms=step.now_ms, member=command.author, seat=command.seat, role=command.role)
    return self.control(campaign, step, Kind.ROLE, body)


@handles(ask.LeaveCampaign)
def _leave_campaign(self: Commands, step: Step, command: ask.LeaveCampaign) -> Record:
    campaign = self.writable(command.campaign)
    return self.control(campaign, step, Kind.LEAVE, bodies.LeaveBody(at_ms=step.now_ms))


@handles(ask.RenewKeys)
def _renew_keys(self: Commands, step: Step, command: ask.RenewKeys) -> Record:
    campaign = self.writable(command.campaign)
    self.core.composer.rekey(campaign, step, Why.THEFT)
    return self.campaign_view(campaign, step)


# --- Talk: `node.talk_commands`


def finished_uploads(campaign: Campaign, tokens: Iterable[bytes]) -> tuple[Attachment, ...]:
    """What was handed over whole. Raises `Unknown`, `WrongPhase`, `OverRule`."""
    found = []
    for token in tokens:
        upload = campaign.files.uploads.get(token)
        if upload is None:
            raise Unknown("This file is not here any more. Attach it again.")
        if upload.attachment is None:
            raise WrongPhase("A file has not been handed over whole yet.")
        check_file(campaign, upload.size)  # the rules may have changed since
        found.append(upload.attachment)
    return tuple(found)


@handles(ask.ShowHolders)
def _show_holders(self: Commands, step: Step, command: ask.ShowHolders) -> Record:
    campaign = self.campaign(command.campaign)
    return self.core.shows.delivery.holders(campaign, [OperationId(command.operation)])


# --- The network


@handles(ask.ListPeers)
def _list_peers(self: Commands, step: Step, command: ask.ListPeers) -> Record:
    return show.PeersView(peers=peer_views(self.core.links, self.core.name_of_target))


@handles(ask.GetCounters)
def _get_counters(self: Commands, step: Step, command: ask.GetCounters) -> Record:
    return show.CountersView(
        counters=tuple(
            [show.CounterView(code=code, count=count) for code, count in sorted(self.core.counters.items())]
        )
    )
