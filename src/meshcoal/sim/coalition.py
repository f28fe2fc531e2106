"""Users who meet: what people do by hand to bring a campaign together, in one call each.

Law: only commands that a user has. Words are compared by both, as the guide asks; whoever's words differ
is not let in.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import (
    AcceptInvitation,
    Admit,
    ConfirmWords,
    FoundCampaign,
    ListCampaigns,
    ListIntroductions,
    MakeInvitation,
    PostMessage,
    Role,
    Seat,
    ShowCampaign,
)
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    ContactView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    InvitationView,
    MemberState,
    MessageView,
)
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.sim.broken import Broken
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.portrait import messages
from meshcoal.sim.world import World

MEETING_MS: Final = 3 * MINUTE_MS
SEATS: Final = (Seat.IN_COUNTRY, Seat.EXILE, Seat.INGO, Seat.OBSERVER)


def found(world: World, founder: str, *, name: str = f"{CANARY} coalition") -> CampaignId:
    """A new campaign of one member with one channel."""
    command = FoundCampaign(
        name=name, goal=f"{CANARY} goal", my_name="", seat=Seat.EXILE, channels=(f"{CANARY} hall",)
    )
    return CampaignId(world.command(founder, command, CampaignView).id)


def introduce(world: World, inviter: str, invited: str, campaign: CampaignId, *, seat: Seat) -> bytes:
    """Invite, accept, wait for each other and compare words; returns the inviter's introduction."""
    command = MakeInvitation(campaign=campaign, seat=seat, lifetime_ms=DAY_MS)
    invitation = world.command(inviter, command, InvitationView)
    accepted = world.command(invited, AcceptInvitation(text=invitation.text), IntroductionView)

    def asking() -> IntroductionView | None:
        for one in world.look(inviter, ListIntroductions(), IntroductionsView).introductions:
            known = one.campaign == campaign and one.name == invited
            if known and not one.mine and one.state is IntroductionState.ASKING:
                return one
        return None

    if not world.run_until(lambda: asking() is not None, MEETING_MS):
        raise Broken("meeting", f"{invited} never reached {inviter}")
    theirs = asking()
    assert theirs is not None
    world.run_until(lambda: bool(_introduction(world, invited, accepted.id).words), MEETING_MS)
    mine = _introduction(world, invited, accepted.id)
    if mine.words != theirs.words or not mine.words:
        raise Broken("meeting", f"{invited} and {inviter} see different words")
    world.command(inviter, ConfirmWords(person=theirs.person, match=True), ContactView)
    world.command(invited, ConfirmWords(person=mine.person, match=True), ContactView)
    return theirs.id


def admit(
    world: World,
    inviter: str,
    invited: str,
    campaign: CampaignId,
    *,
    seat: Seat = Seat.IN_COUNTRY,
    role: Role = Role.MEMBER,
) -> None:
    """Introduce and admit; returns when the newcomer's node shows the campaign and itself in it."""
    before = _myself(world, invited, campaign)
    introduction = introduce(world, inviter, invited, campaign, seat=seat)
    world.command(inviter, Admit(introduction=introduction, seat=seat, role=role), CampaignView)

    def arrived() -> bool:
        return _myself(world, invited, campaign) not in (b"", before)

    if not world.run_until(arrived, MEETING_MS):
        raise Broken("meeting", f"{invited} was admitted and its node shows no campaign")


def form_campaign(
    world: World, founder: str, others: tuple[str, ...], *, organisers: tuple[str, ...] = ()
) -> CampaignId:
    """A campaign that `founder` began and all `others` joined, one after another."""
    campaign = found(world, founder)
    for index, name in enumerate(others):
        role = Role.ORGANISER if name in organisers else Role.MEMBER
        admit(world, founder, name, campaign, seat=SEATS[index % len(SEATS)], role=role)
    return campaign


def campaign_view(world: World, name: str, campaign: CampaignId) -> CampaignView:
    return world.look(name, ShowCampaign(campaign=campaign), CampaignView)


def members(world: World, name: str, campaign: CampaignId) -> dict[str, AuthorId]:
    """Names and keys of the active members as one node shows them."""
    view = campaign_view(world, name, campaign)
    return {one.given_name: AuthorId(one.author) for one in view.members if one.state == "active"}


def author_of(world: World, name: str, campaign: CampaignId) -> AuthorId:
    """Who this node is in the campaign."""
    view = campaign_view(world, name, campaign)
    return next(AuthorId(one.author) for one in view.members if one.me)


def channel_of(world: World, name: str, campaign: CampaignId) -> bytes:
    """The first channel."""
    return campaign_view(world, name, campaign).channels[0].id


def post(world: World, name: str, campaign: CampaignId, text: str) -> OperationId:
    """Write into the first channel; returns the message's id once it is acknowledged."""
    channel = channel_of(world, name, campaign)
    command = PostMessage(campaign=campaign, channel=channel, text=f"{CANARY} {text}")
    return OperationId(world.command(name, command, MessageView).id)


def timeline(world: World, name: str, campaign: CampaignId) -> list[str]:
    """Texts of the first channel as one node shows them, oldest first, without the canary."""
    channel = channel_of(world, name, campaign)
    shown = messages(world.core(name), campaign, channel, world.clock_ms(world.machines[name]))
    return [message.text.removeprefix(f"{CANARY} ") for message in shown]


def shows_itself(world: World, name: str, campaign: CampaignId) -> bool:
    """Whether this node shows the campaign, and itself as an active member of it."""
    return bool(_myself(world, name, campaign))


def _myself(world: World, name: str, campaign: CampaignId) -> bytes:
    """Who this node is in the campaign, if it is an active member."""
    shown = world.look(name, ListCampaigns(), CampaignsView).campaigns
    if all(one.id != campaign for one in shown):
        return b""
    view = campaign_view(world, name, campaign)
    return next((one.author for one in view.members if one.me and one.state is MemberState.ACTIVE), b"")


def _introduction(world: World, name: str, introduction: bytes) -> IntroductionView:
    listed = world.look(name, ListIntroductions(), IntroductionsView).introductions
    return next(one for one in listed if one.id == introduction)
