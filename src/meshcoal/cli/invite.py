"""`meshcoal invite`, `admit` and `refuse`: how people meet and come into a campaign."""

from __future__ import annotations

from pathlib import Path

import click

from meshcoal.api.commands import (
    AcceptInvitation,
    Admit,
    AnswerInvitation,
    BeginBundle,
    BundleFor,
    ListIntroductions,
    ListInvitations,
    MakeInvitation,
    Refuse,
    RevokeInvitation,
    Role,
    Seat,
    WordList,
)
from meshcoal.api.views import (
    CampaignView,
    CarriedRequestView,
    Done,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    InvitationsView,
    InvitationView,
)
from meshcoal.cli import files
from meshcoal.cli.bundle import write_parts
from meshcoal.cli.find import find_campaign_id
from meshcoal.cli.leaf import branch, leaf
from meshcoal.cli.lookup import introduction_things, invitation_things, pick
from meshcoal.cli.moments import when, when_here
from meshcoal.cli.options import ROLES, SEATS
from meshcoal.cli.output import ago, say, table
from meshcoal.cli.session import Session
from meshcoal.cli.slips import print_slips, write_sheet
from meshcoal.cli.warning import print_warnings
from meshcoal.cli.word_lists import chosen, print_list_note, print_words, words_option
from meshcoal.client.carrying import Stick, place_request
from meshcoal.client.pictures import invitation_in, is_picture_file
from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument
from meshcoal.ids import short
from meshcoal.limits import INVITATION_LIFETIME_MS_MAX, INVITATION_LONG_CHARS_MAX

_DAYS_MAX = INVITATION_LIFETIME_MS_MAX // DAY_MS
_DAYS, _DAYS_BY_FILE = 2, 14

# What an introduction waits for, by its state and by whose invitation it was.
_STATE_IN_WORDS = {
    IntroductionState.DIALLING: "trying to reach the person who invited you",
    IntroductionState.CARRIED: "hand your request over; the answer comes as a file or on paper",
    IntroductionState.ASKING: "asks to be admitted: compare words, then `meshcoal admit` or `refuse`",
    IntroductionState.WAITING: "compare words; the person who invited you decides",
    IntroductionState.ADMITTED: "admitted",
    IntroductionState.CONTACT: "you are contacts",
    IntroductionState.REFUSED: "refused",
    IntroductionState.EXPIRED: "expired",
}


@branch("invite")
def invite() -> None:
    """Invitations: make, accept, answer, reply, list, revoke."""


@invite.command("make", example="meshcoal invite make --campaign evin --seat exile --days 2 --qr")
@click.option("--campaign", help="Whoever accepts asks to be admitted to this campaign.")
@click.option(
    "--seat", type=SEATS, default=Seat.OBSERVER.value, show_default=True, help="Seat proposed for them."
)
@click.option(
    "--days",
    type=click.IntRange(1, _DAYS_MAX),
    help="How long it is valid: two days, or 14 where it is answered by a file, unless you say so.",
)
@click.option(
    "--by-file",
    is_flag=True,
    help="It can be answered by a file or on paper, without any connection. Its text is longer.",
)
@click.option("--file", "path", type=click.Path(path_type=Path), help="Write it to this new file instead.")
@click.option("--qr", is_flag=True, help="Draw it as a QR code as well.")
@click.pass_obj
def make(
    session: Session,
    campaign: str | None,
    seat: str,
    days: int | None,
    by_file: bool,
    path: Path | None,
    qr: bool,
) -> None:
    """Make an invitation for one person, to be used once.

    Whoever holds it can be the one who meets you: hand it over in person or by a channel you trust.
    """
    where = find_campaign_id(session, campaign) if campaign else b""
    if path is not None:
        files.refuse_existing(path)
    lifetime_ms = (days or (_DAYS_BY_FILE if by_file else _DAYS)) * DAY_MS
    command = MakeInvitation(campaign=where, seat=Seat(seat), lifetime_ms=lifetime_ms, by_file=by_file)
    view = session.ask(command, InvitationView)
    if path is not None:
        files.write_new(path, (view.text + "\n").encode(), private=True)

    def for_people() -> None:
        if path is not None:
            say(
                "The invitation is in {path}; it can be used once, until {expires}.",
                path=path,
                expires=when_here(view.expires_ms),
            )
        else:
            say(
                "Hand this to one person. It can be used once, until {expires}:",
                expires=when_here(view.expires_ms),
            )
            say("")
            say("{text}", text=view.text)
        if qr:
            from meshcoal.cli import qr as drawing

            drawing.draw_all(view.text)

    session.show(view, for_people)


@invite.command("list", example="meshcoal invite list")
@click.pass_obj
def list_(session: Session) -> None:
    """List invitations you made that nobody has used yet."""
    view = session.ask(ListInvitations(), InvitationsView)

    def for_people() -> None:
        if not view.invitations:
            say("No invitation is open.")
            return
        table(
            ("ID", "CAMPAIGN", "SEAT", "VALID UNTIL"),
            [
                (short(one.id), one.campaign_name, one.seat.value, when(one.expires_ms))
                for one in view.invitations
            ],
        )

    session.show(view, for_people)


@invite.command("revoke", example="meshcoal invite revoke 3f9a12")
@click.argument("invitation")
@click.pass_obj
def revoke(session: Session, invitation: str) -> None:
    """Make an invitation worthless before anybody uses it."""
    known = session.ask(ListInvitations(), InvitationsView).invitations
    chosen = pick("invitation", invitation, invitation_things(known))
    session.ask(RevokeInvitation(invitation=chosen), Done)
    session.done(lambda: say("The invitation {id} is worthless now.", id=short(chosen)))


@invite.command("accept", example="meshcoal invite accept --file invitation.txt\nmeshcoal invite accept -")
@click.argument("text", required=False)
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Of its text, or a picture of its QR code.",
)
@click.pass_obj
def accept(session: Session, text: str | None, path: Path | None) -> None:
    """Accept an invitation: its text, `-` for standard input, or a file.

    Other programs on this machine can see arguments while a command runs: prefer `-` or a file.
    """
    view = session.ask(AcceptInvitation(text=_invitation(text, path)), IntroductionView)
    session.show(view, lambda: _print_introduction(view, session.now_ms(), chosen(session, None)))


@invite.command("answer", example="meshcoal invite answer --file invitation.txt --to /media/stick/")
@click.argument("text", required=False)
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Of its text, or a picture of its QR code.",
)
@click.option("--to", "place", help="A folder (one ending in / is made), or a new file: for a stick.")
@click.option(
    "--paper", "target", type=click.Path(path_type=Path, dir_okay=False), help="A page to print, as HTML."
)
@click.pass_obj
def answer(
    session: Session, text: str | None, path: Path | None, place: str | None, target: Path | None
) -> None:
    """Accept an invitation without a connection: write a request to carry to the inviter.

    It looks like random data and only the inviter can open it. What they give you in return is read by
    `meshcoal bundle read` or `meshcoal paper read`. Written again, it is the same request.
    """
    _check_ways(place, target)
    command = AnswerInvitation(text=_invitation(text, path), paper=target is not None)
    view = session.ask(command, CarriedRequestView)
    if target is not None:
        print_slips(session, [view.data], target, replace=False, quiet=True)
    elif place is not None:
        place_request(Stick.at(place), view.data, view.name)

    def for_people() -> None:
        say("Your request is written. Hand it to the person who invited you.")
        _print_introduction(view.introduction, session.now_ms(), chosen(session, None))

    session.show({"introduction": view.introduction, "path": str(target or place)}, for_people)


@invite.command("reply", example="meshcoal invite reply ben --to /media/stick/")
@click.argument("introduction")
@click.option("--to", "place", help="A folder (one ending in / is made), or a file: for a stick.")
@click.option(
    "--paper", "target", type=click.Path(path_type=Path, dir_okay=False), help="A page to print, as HTML."
)
@click.pass_obj
def reply(session: Session, introduction: str, place: str | None, target: Path | None) -> None:
    """Answer somebody whose request came as a file: who you are, and what was decided.

    To somebody whom you let in, with all they need of the campaign. INTRODUCTION is the person's name or the
    id shown by `meshcoal invite pending`.
    """
    _check_ways(place, target)
    found = _find(session, introduction)
    campaigns: tuple[BundleFor, ...] = ()
    if found.state is IntroductionState.ADMITTED:
        campaigns = (BundleFor(campaign=found.campaign, members=(found.author,)),)
    command = BeginBundle(campaigns=campaigns, answers=(found.id,), paper=target is not None)
    if target is not None:
        write_sheet(session, command, target, replace=False)
    elif place is not None:
        write_parts(session, command, place)


def _check_ways(place: str | None, target: Path | None) -> None:
    if (place is None) == (target is None):
        raise click.UsageError("Give --to or --paper, and not both")
    if target is not None:
        files.refuse_existing(target)


def _invitation(text: str | None, path: Path | None) -> str:
    """The text of an invitation, from where the user has it. Raises `BadArgument`, `OverLimit`."""
    if (text is None) == (path is None):
        raise click.UsageError("Give the invitation's text, or --file, and not both")
    if path is not None and path.is_file() and is_picture_file(path):
        found = invitation_in(path)
    else:
        found = files.read_text(
            path if path is not None else text or "",
            bytes_max=4 * INVITATION_LONG_CHARS_MAX,
            inline=path is None,
        )
    joined = "".join(found.split())  # mail programs break long lines
    if not joined:
        raise BadArgument("The invitation is empty.")
    return joined


@invite.command("pending", example="meshcoal invite pending")
@words_option
@click.pass_obj
def pending(session: Session, word_list: str | None) -> None:
    """Show people met through invitations, the words to compare, and what is left to do."""
    view = session.ask(ListIntroductions(), IntroductionsView)

    def for_people() -> None:
        if not view.introductions:
            say("Nobody. Make an invitation with `meshcoal invite make`, or accept one.")
        print_warnings(session)
        shown = chosen(session, word_list)
        for one in view.introductions:
            _print_introduction(one, session.now_ms(), shown)

    session.show(view, for_people)


@leaf("admit", example="meshcoal admit chi --seat in-country --role member")
@click.argument("introduction")
@click.option("--seat", type=SEATS, help="Their seat; else the one proposed in the invitation.")
@click.option("--role", type=ROLES, default=Role.MEMBER.value, show_default=True, help="What they may do.")
@click.pass_obj
def admit(session: Session, introduction: str, seat: str | None, role: str) -> None:
    """Let somebody you invited into the campaign.

    INTRODUCTION is the person's name or the id shown by `meshcoal invite pending`. Compare words first:
    what you admit is a key, and the words say whose key it is.
    """
    found = _find(session, introduction)
    if found.warned and not session.as_json:
        print_warnings(session)
    view = session.ask(
        Admit(introduction=found.id, seat=Seat(seat) if seat else found.seat, role=Role(role)), CampaignView
    )
    session.show(
        view, lambda: say("{name} is a member of {campaign} now.", name=found.name, campaign=view.name)
    )


@leaf("refuse", example="meshcoal refuse mallory")
@click.argument("introduction")
@click.pass_obj
def refuse(session: Session, introduction: str) -> None:
    """Turn an introduction down.

    Refuses somebody who asks to be admitted, or gives up an invitation that you accepted.
    """
    found = _find(session, introduction)
    session.ask(Refuse(introduction=found.id), Done)
    session.done(lambda: say("{name} is refused.", name=found.name or short(found.id)))


def _find(session: Session, wanted: str) -> IntroductionView:
    known = session.ask(ListIntroductions(), IntroductionsView).introductions
    chosen = pick("introduction", wanted, introduction_things(known))
    return next(one for one in known if one.id == chosen)


def _print_introduction(view: IntroductionView, now_ms: int, word_list: WordList) -> None:
    if view.person:
        say(
            "{id}  {name}, {whose} invitation{campaign} as {seat}, {since}",
            id=short(view.id),
            name=view.name,
            whose="their" if view.mine else "your",
            campaign=f" to {view.campaign_name}" if view.campaign_name else "",
            seat=view.seat.value,
            since=ago(view.since_ms, now_ms),
        )
    else:  # campaign and seat are told at the first conversation
        say("{id}  not met yet, {since}", id=short(view.id), since=ago(view.since_ms, now_ms))
    say("    State: {state}", state=_STATE_IN_WORDS[view.state])
    if view.by_file and not view.mine and view.state is not IntroductionState.ASKING:
        say("    Asked by a file: tell them by one, `meshcoal invite reply {id}`.", id=short(view.id))
    if view.words:
        if view.verified:
            say("    Words: compared")
        else:
            say("    Words to compare aloud, then `meshcoal contact confirm`:")
            print_words(view.words, word_list)
            print_list_note(word_list)
