"""What a user asks of one node: the answer where it can be done, the right sentence where it cannot."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import COMMANDS, DAEMON_COMMANDS, Capacity, Role, Seat
from meshcoal.api.views import IntroductionState, MemberState, StatementPhase
from meshcoal.clock import DAY_MS
from meshcoal.errors import (
    BadArgument,
    BadInvitation,
    InvitationExpired,
    NotPermitted,
    OverLimit,
    Unknown,
    WrongPhase,
)
from meshcoal.group import agreement
from meshcoal.ids import CampaignId, EpochId
from meshcoal.limits import INVITATIONS_MAX
from meshcoal.node.commands import handled
from meshcoal.sim.coalition import (
    author_of,
    campaign_view,
    channel_of,
    form_campaign,
    members,
    post,
    timeline,
)
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.world import World
from meshcoal.wire.bodies import RekeyBody, decode_body
from meshcoal.wire.invitation import Invitation, decode_invitation, encode_invitation
from meshcoal.wire.key_text import decode_key_text
from meshcoal.wire.operation import Kind

sys.path.insert(0, str(Path(__file__).parent))

from nodework import alone, coalition, refused, states, world_of

NOBODY = b"\x77" * 32
INVITE = ask.MakeInvitation(campaign=b"", seat=Seat.EXILE, lifetime_ms=0)


def test_every_command_is_answered_by_the_node_or_by_the_daemon() -> None:
    """Goal: no command falls between the two. Method: compare the lists."""
    assert handled() == frozenset(COMMANDS.classes) - frozenset(DAEMON_COMMANDS)


def test_identity_and_contacts_begin_with_me_alone() -> None:
    """Goal: a fresh node. Method: look at everything that lists."""
    world = world_of("ana")
    identity = world.look("ana", ask.ShowIdentity(), show.IdentityView)
    assert identity.name == "ana"
    assert identity.hints == (world.machines["ana"].address,)
    assert decode_key_text(identity.link_text) == identity.person
    assert world.look("ana", ask.ListContacts(), show.ContactsView).contacts == ()
    assert world.look("ana", ask.ListInvitations(), show.InvitationsView).invitations == ()
    assert world.look("ana", ask.ListIntroductions(), show.IntroductionsView).introductions == ()
    assert world.look("ana", ask.ListCampaigns(), show.CampaignsView).campaigns == ()
    assert world.look("ana", ask.ListPeers(), show.PeersView).peers == ()
    assert world.look("ana", ask.GetCounters(), show.CountersView).counters == ()


def test_name_and_addresses_can_be_set_and_are_checked() -> None:
    """Goal: SetName, SetHints. Method: set, read after a restart; addresses of wrong forms."""
    world = world_of("ana")
    world.command("ana", ask.SetName(name="Ana N."), show.IdentityView)
    world.command("ana", ask.SetHints(hints=("mesh.example.org:4400", "[::1]:80")), show.IdentityView)
    world.crash("ana")
    world.restart("ana")
    identity = world.look("ana", ask.ShowIdentity(), show.IdentityView)
    assert (identity.name, identity.hints) == ("Ana N.", ("mesh.example.org:4400", "[::1]:80"))
    for hint in ("nowhere", ":80", "host:", "host:0", "host:65536", "host:x", "host:-1", "host:٣"):
        refused(world, "ana", ask.SetHints(hints=(hint,)), BadArgument)
    world.command("ana", ask.SetHints(hints=()), show.IdentityView)
    back = world.look("ana", ask.ShowIdentity(), show.IdentityView)
    assert back.hints == (world.machines["ana"].address,)


def test_what_is_not_there_is_unknown() -> None:
    """Goal: one answer to every wrong id. Method: each command that names something, with no one's id."""
    world, campaign = alone()
    channel = channel_of(world, "ana", campaign)
    for command in (
        ask.SetPetname(person=NOBODY, petname="x"),
        ask.ConfirmWords(person=NOBODY, match=True),
        ask.ForgetContact(person=NOBODY),
        ask.MakeInvitation(campaign=NOBODY, seat=Seat.EXILE, lifetime_ms=0),
        ask.RevokeInvitation(invitation=bytes(16)),
        ask.Admit(introduction=bytes(16), seat=Seat.EXILE, role=Role.MEMBER),
        ask.Refuse(introduction=bytes(16)),
        ask.ShowCampaign(campaign=NOBODY),
        ask.OpenChannel(campaign=NOBODY, name="x"),
        ask.RemoveMember(campaign=campaign, author=NOBODY),
        ask.RemoveMember(campaign=NOBODY, author=NOBODY),
        ask.SetRole(campaign=campaign, author=NOBODY, seat=Seat.EXILE, role=Role.MEMBER),
        ask.LeaveCampaign(campaign=NOBODY),
        ask.RenewKeys(campaign=NOBODY),
        ask.PostMessage(campaign=campaign, channel=b"\x01" * 16, text="x"),
        ask.PostMessage(campaign=NOBODY, channel=channel, text="x"),
        ask.ListMessages(campaign=campaign, channel=b"\x01" * 16),
        ask.ListMessages(campaign=campaign, channel=channel, before=NOBODY),
        ask.MarkRead(campaign=campaign, channel=channel, message=NOBODY),
        ask.DraftStatement(campaign=NOBODY, language="en", title="x", text="x"),
        ask.AmendStatement(campaign=campaign, statement=NOBODY, language="en", title="x", text="x"),
        ask.CommentStatement(campaign=campaign, statement=NOBODY, revision=NOBODY, paragraph=0, text="x"),
        ask.FreezeStatement(
            campaign=campaign, statement=NOBODY, revisions=(), addressees=(), deadline_ms=2**40
        ),
        ask.EnterCase(campaign=campaign, case=NOBODY, entry=ask.CaseKind.ANSWER),
        ask.ShowCase(campaign=campaign, case=NOBODY),
        ask.ShowChase(campaign=campaign, statement=NOBODY),
        ask.EnterAftermath(campaign=campaign, statement=NOBODY, entry=ask.AftermathKind.LESSON, text="x"),
        ask.SignStatement(
            campaign=campaign, statement=NOBODY, digest=NOBODY, capacity=Capacity.INDIVIDUAL, name="x"
        ),
        ask.WithdrawSignature(campaign=campaign, statement=NOBODY),
        ask.ReleaseStatement(campaign=campaign, statement=NOBODY),
        ask.ShowStatement(campaign=campaign, statement=NOBODY),
        ask.ExportStatement(campaign=campaign, statement=NOBODY),
        ask.ListStatements(campaign=NOBODY),
    ):
        refused(world, "ana", command, Unknown)


def test_a_campaign_of_one_is_founded_talked_in_and_left() -> None:
    """Goal: everything that needs no peer. Method: found, channel, post, page, mark read, leave."""
    world, campaign = alone()
    view = world.look("ana", ask.ShowCampaign(campaign=campaign), show.CampaignView)
    assert (view.name, view.state, view.role) == ("Free Dr. Haddad", MemberState.ACTIVE, Role.ORGANISER)
    world.command("ana", ask.OpenChannel(campaign=campaign, name="Work"), show.CampaignView)
    refused(world, "ana", ask.OpenChannel(campaign=campaign, name="wORK"), WrongPhase)
    hall = channel_of(world, "ana", campaign)
    for number in range(5):
        post(world, "ana", campaign, f"message {number}")
    last = world.look("ana", ask.ListMessages(campaign=campaign, channel=hall, limit=2), show.MessagesView)
    assert [one.text[-1] for one in last.messages] == ["3", "4"]
    assert last.more
    assert [(one.held_by, one.held_of) for one in last.messages] == [(1, 1)] * 2
    before = ask.ListMessages(campaign=campaign, channel=hall, before=last.messages[0].id, limit=3)
    first = world.look("ana", before, show.MessagesView)
    assert [one.text[-1] for one in first.messages] == ["0", "1", "2"]
    assert not first.more
    read = ask.MarkRead(campaign=campaign, channel=hall, message=last.messages[-1].id)
    world.command("ana", read, show.Done)
    refused(world, "ana", ask.RemoveMember(campaign=campaign, author=view.members[0].author), BadArgument)
    world.command("ana", ask.LeaveCampaign(campaign=campaign), show.CampaignView)
    for command in (
        ask.PostMessage(campaign=campaign, channel=hall, text="x"),
        ask.OpenChannel(campaign=campaign, name="x"),
        ask.LeaveCampaign(campaign=campaign),
        ask.RenewKeys(campaign=campaign),
        ask.DraftStatement(campaign=campaign, language="en", title="x", text="x"),
        ask.MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=0),
    ):
        refused(world, "ana", command, NotPermitted)
    assert len(timeline(world, "ana", campaign)) == 5, "what is here can still be read"


def test_renewing_keys_begins_an_epoch_that_rules_out_others() -> None:
    """Goal: whoever was robbed can heal at once. Method: renew; the new epoch heals, and is used."""
    world = world_of("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    world.run_ms(60_000)
    world.command("ben", ask.RenewKeys(campaign=campaign), show.CampaignView)
    place = open_campaign(world.machines["ben"].disk, campaign)
    (newest,) = place.dag.heads
    kept = place.membership.controls[newest].body
    assert isinstance(kept, RekeyBody)
    assert kept.heals
    row = next(row for row in place.reader.bodies(campaign, (Kind.REKEY,)) if row.id == newest)
    body = decode_body(Kind.REKEY, row.body)
    assert isinstance(body, RekeyBody)
    assert body.bundle
    world.run_ms(60_000)
    post(world, "ana", campaign, "under the new one")
    ready = agreement.ready(place.keyring, place.view())
    assert ready is not None
    assert ready.epoch == EpochId(newest)


def test_founding_checks_its_channels() -> None:
    """Goal: no two channels of one name. Method: names that differ in case alone."""
    world = world_of("ana")
    found = ask.FoundCampaign(name="x", goal="", my_name="", seat=Seat.EXILE, channels=("Hall", "hALL"))
    refused(world, "ana", found, BadArgument)


def test_invitations_are_made_listed_revoked_and_bounded() -> None:
    """Goal: the inviter's side. Method: lifetimes, the list, revoking, too many, no address."""
    world = world_of("ana")
    made = world.command("ana", INVITE, show.InvitationView)
    assert decode_invitation(made.text).expires_ms == made.expires_ms
    assert world.look("ana", ask.ListInvitations(), show.InvitationsView).invitations == (made,)
    world.command("ana", ask.RevokeInvitation(invitation=made.id), show.Done)
    refused(world, "ana", ask.RevokeInvitation(invitation=made.id), Unknown)
    assert world.look("ana", ask.ListInvitations(), show.InvitationsView).invitations == ()
    long = ask.MakeInvitation(campaign=b"", seat=Seat.EXILE, lifetime_ms=29 * DAY_MS)
    refused(world, "ana", long, BadArgument)
    short = ask.MakeInvitation(campaign=b"", seat=Seat.EXILE, lifetime_ms=DAY_MS)
    for _ in range(INVITATIONS_MAX):
        world.command("ana", short, show.InvitationView)
    refused(world, "ana", INVITE, WrongPhase)
    world.run_ms(DAY_MS + 1_000)
    world.command("ana", INVITE, show.InvitationView)
    assert len(world.look("ana", ask.ListInvitations(), show.InvitationsView).invitations) == 1


def test_an_invitation_that_cannot_be_used_says_why() -> None:
    """Goal: the invited person's side. Method: nonsense, one's own, an old one, one of an unsound key."""
    world = world_of("ana", "ben")
    mine = world.command("ana", INVITE, show.InvitationView)
    refused(world, "ana", ask.AcceptInvitation(text=mine.text), WrongPhase)
    refused(world, "ben", ask.AcceptInvitation(text="hello"), BadInvitation)
    refused(world, "ben", ask.AcceptInvitation(text=mine.text[:-3]), BadInvitation)
    old = Invitation(code=bytes(16), person=NOBODY, hints=(), expires_ms=1)
    refused(world, "ben", ask.AcceptInvitation(text=encode_invitation(old)), InvitationExpired)
    for key in (bytes(32), b"\x01" + bytes(31), b"\xff" * 32):
        bad = Invitation(code=bytes(16), person=key, hints=(), expires_ms=2**42)
        refused(world, "ben", ask.AcceptInvitation(text=encode_invitation(bad)), BadInvitation)
    first = world.command("ben", ask.AcceptInvitation(text=mine.text), show.IntroductionView)
    again = world.command("ben", ask.AcceptInvitation(text=mine.text.lower()), show.IntroductionView)
    assert first.id == again.id


@pytest.fixture(scope="module")
def three() -> tuple[World, CampaignId]:
    """Ana is organiser; Ben sits in the country, Chi is in exile; Dov observes."""
    return coalition("ana", "ben", "chi", "dov", "eve")


def seat_of(world: World, name: str, campaign: CampaignId) -> Seat:
    view = world.look(name, ask.ShowCampaign(campaign=campaign), show.CampaignView)
    return view.seat


def test_members_may_not_do_what_organisers_do(three: tuple[World, CampaignId]) -> None:
    """Goal: NotPermitted. Method: a member tries what is an organiser's."""
    world, campaign = three
    ana = author_of(world, "ana", campaign)
    draft = ask.DraftStatement(campaign=campaign, language="en", title="T", text="One.\n\nTwo.")
    statement = world.command("ben", draft, show.StatementView).id
    for command in (
        ask.MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=0),
        ask.RemoveMember(campaign=campaign, author=ana),
        ask.SetRole(campaign=campaign, author=ana, seat=Seat.EXILE, role=Role.MEMBER),
        ask.FreezeStatement(
            campaign=campaign,
            statement=statement,
            revisions=(),
            addressees=("A",),
            deadline_ms=world.now_ms + DAY_MS,
        ),
        ask.ReleaseStatement(campaign=campaign, statement=statement),
    ):
        refused(world, "ben", command, NotPermitted)
    last_one = ask.SetRole(campaign=campaign, author=ana, seat=Seat.EXILE, role=Role.MEMBER)
    refused(world, "ana", last_one, NotPermitted)


def test_an_observer_reads_comments_and_talks_and_does_not_write_or_sign(
    three: tuple[World, CampaignId],
) -> None:
    """Goal: the observer's seat. Method: each statement command; a comment; a message; a channel."""
    world, campaign = three
    observer = next(
        name for name in ("ben", "chi", "dov", "eve") if seat_of(world, name, campaign) is Seat.OBSERVER
    )
    draft = ask.DraftStatement(campaign=campaign, language="en", title="T", text="One.\n\nTwo.")
    refused(world, observer, draft, NotPermitted)
    refused(world, observer, ask.OpenChannel(campaign=campaign, name="mine"), NotPermitted)
    made = world.command("ana", draft, show.StatementView)
    world.run_ms(5_000)
    amend = ask.AmendStatement(
        campaign=campaign, statement=made.id, language="en", title="T", text="New.", base=made.id
    )
    refused(world, observer, amend, NotPermitted)
    comment = ask.CommentStatement(
        campaign=campaign, statement=made.id, revision=made.id, paragraph=1, text="Well said."
    )
    view = world.command(observer, comment, show.StatementView)
    assert [one.text for one in view.comments] == ["Well said."]
    post(world, observer, campaign, "I am watching")
    freeze = ask.FreezeStatement(
        campaign=campaign,
        statement=made.id,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + DAY_MS,
    )
    frozen = world.command("ana", freeze, show.StatementView)
    world.run_ms(5_000)
    sign = ask.SignStatement(
        campaign=campaign,
        statement=made.id,
        digest=frozen.digest,
        capacity=Capacity.INDIVIDUAL,
        name="Somebody",
    )
    refused(world, observer, sign, NotPermitted)


def test_a_letter_goes_from_draft_to_release(three: tuple[World, CampaignId]) -> None:
    """Goal: the statement commands in order; WrongPhase out of it. Method: one letter, two signatories."""
    world, campaign = three
    draft = ask.DraftStatement(campaign=campaign, language="en", title="Letter", text="One.\n\nTwo.")
    made = world.command("ben", draft, show.StatementView)
    key = {"campaign": campaign, "statement": made.id}
    freeze = ask.FreezeStatement(
        campaign=campaign,
        statement=made.id,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + DAY_MS,
    )
    release = ask.ReleaseStatement(campaign=campaign, statement=made.id)
    world.run_ms(5_000)
    refused(world, "ana", release, WrongPhase)
    refused(world, "ben", ask.WithdrawSignature(**key), WrongPhase)
    refused(world, "ben", ask.ExportStatement(**key), WrongPhase)
    past = dataclasses.replace(freeze, deadline_ms=world.now_ms - DAY_MS)
    refused(world, "ana", past, BadArgument)
    frozen = world.command("ana", freeze, show.StatementView)
    world.run_ms(5_000)
    refused(world, "ana", freeze, WrongPhase)
    for name in ("ana", "ben"):
        sign = ask.SignStatement(
            campaign=campaign,
            statement=made.id,
            digest=frozen.digest,
            capacity=Capacity.ORGANISATION,
            name=f"{name} Centre",
        )
        world.command(name, sign, show.StatementView)
    world.run_ms(5_000)
    world.command("ben", ask.WithdrawSignature(**key), show.StatementView)
    agree = ask.CommentStatement(
        campaign=campaign, statement=made.id, revision=made.id, paragraph=0, text="", stance=ask.Stance.AGREE
    )  # without the name: Ben has the in-country seat
    world.command("ben", agree, show.StatementView)
    world.run_ms(5_000)
    assert world.look("ana", ask.ShowStatement(**key), show.StatementView).phase is StatementPhase.OPEN
    released = world.command("ana", release, show.StatementView)
    assert released.phase is StatementPhase.RELEASED
    refused(world, "ana", release, WrongPhase)
    world.run_ms(5_000)
    files = [
        world.look(name, ask.ExportStatement(**key), show.FilesView).files for name in ("ana", "ben", "chi")
    ]
    assert files[0] == files[1] == files[2]
    assert any(one.name.endswith(".meshcoal") or one.data for one in files[0])


def test_roles_change_and_a_petname_is_mine_alone(three: tuple[World, CampaignId]) -> None:
    """Goal: SetRole, SetPetname. Method: promote Chi and look from Ben; name Ben and look from both."""
    world, campaign = three
    chi = author_of(world, "chi", campaign)
    promote = ask.SetRole(campaign=campaign, author=chi, seat=Seat.INGO, role=Role.ORGANISER)
    world.command("ana", promote, show.CampaignView)
    world.run_ms(5_000)
    seen = world.look("ben", ask.ShowCampaign(campaign=campaign), show.CampaignView).members
    assert [(one.role, one.seat) for one in seen if one.author == chi] == [(Role.ORGANISER, Seat.INGO)]
    person = world.look("ben", ask.ShowIdentity(), show.IdentityView).person
    world.command("ana", ask.SetPetname(person=person, petname="Benny"), show.ContactView)
    names = {
        name: {one.name for one in campaign_view(world, name, campaign).members} for name in ("ana", "chi")
    }
    assert "Benny" in names["ana"]
    assert "Benny" not in names["chi"]
    assert "ben" in members(world, "ana", campaign), "the name on the card stays"


def test_decisions_are_made_once() -> None:
    """Goal: WrongPhase of Admit and Refuse. Method: refuse, then try again; decide on one's own."""
    world = world_of("ana", "ben")
    found = ask.FoundCampaign(name="x", goal="", my_name="", seat=Seat.EXILE, channels=("hall",))
    campaign = world.command("ana", found, show.CampaignView).id
    invite = ask.MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=0)
    text = world.command("ana", invite, show.InvitationView).text
    mine = world.command("ben", ask.AcceptInvitation(text=text), show.IntroductionView).id
    world.run_ms(20_000)
    assert states(world, "ana") == [IntroductionState.ASKING]
    theirs = world.look("ana", ask.ListIntroductions(), show.IntroductionsView).introductions[0].id
    refused(world, "ben", ask.Admit(introduction=mine, seat=Seat.EXILE, role=Role.MEMBER), WrongPhase)
    world.command("ana", ask.Refuse(introduction=theirs), show.Done)
    refused(world, "ana", ask.Refuse(introduction=theirs), WrongPhase)
    refused(world, "ana", ask.Admit(introduction=theirs, seat=Seat.EXILE, role=Role.MEMBER), WrongPhase)
    world.run_ms(20_000)
    assert states(world, "ben") == [IntroductionState.REFUSED]
    world.command("ben", ask.Refuse(introduction=mine), show.Done)
    assert states(world, "ben") == []


def test_bounds_are_met_with_words() -> None:
    """Goal: OverLimit reaches the user. Method: an invitation with addresses that do not fit."""
    world = world_of("ana")
    hints = tuple([f"{'a' * 200}{number}:4400" for number in range(8)])
    world.command("ana", ask.SetHints(hints=hints), show.IdentityView)
    refused(world, "ana", INVITE, OverLimit)
