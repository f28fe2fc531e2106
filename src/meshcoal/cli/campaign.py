"""`meshcoal campaign` and `channel`: coalitions, their members, their rooms."""

from __future__ import annotations

import click

from meshcoal.api.commands import (
    FoundCampaign,
    LeaveCampaign,
    ListCampaigns,
    OpenChannel,
    RemoveMember,
    RenewKeys,
    RestoreMember,
    Role,
    Seat,
    SetRole,
    ShowHistory,
)
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    ForkState,
    GapView,
    Happening,
    HistoryView,
    MemberState,
    MemberView,
    ShownBy,
)
from meshcoal.cli import sealing
from meshcoal.cli.find import find_campaign, find_campaign_id, find_member
from meshcoal.cli.leaf import branch, yes_option
from meshcoal.cli.moments import when
from meshcoal.cli.options import ROLES, SEATS
from meshcoal.cli.output import ago, plural, say, table
from meshcoal.cli.reach import member_paths
from meshcoal.cli.rules import print_rules, rules
from meshcoal.cli.session import Session
from meshcoal.cli.vault import say_catching_up
from meshcoal.cli.warning import print_warnings, print_withholding
from meshcoal.cli.ways import ways
from meshcoal.ids import short
from meshcoal.limits import TALK_DAYS, TALK_DAYS_MAX


@branch("campaign")
def campaign() -> None:
    """Campaigns: found, list, show, members."""


@campaign.command(
    "found",
    example='meshcoal campaign found "Free the Evin five" --goal "Joint letter by Friday" --seat exile '
    "--channel general --channel facts",
)
@click.argument("name")
@click.option("--goal", default="", help="What the campaign is for, in one or two sentences.")
@click.option("--seat", type=SEATS, required=True, help="Where you stand yourself.")
@click.option("--my-name", default="", help="How members see you; else your identity's name.")
@click.option(
    "--channel", "channels", multiple=True, default=("general",), show_default=True, help="May be repeated."
)
@click.option(
    "--talk-days",
    type=click.IntRange(1, TALK_DAYS_MAX),
    default=TALK_DAYS,
    show_default=True,
    help="After how many days messages vanish from each member's device.",
)
@click.pass_obj
def found(
    session: Session,
    name: str,
    goal: str,
    seat: str,
    my_name: str,
    channels: tuple[str, ...],
    talk_days: int,
) -> None:
    """Found a campaign.

    Messages vanish after --talk-days, counted on each device from the day they arrive there. Letters,
    signatures and the list of members stay. The number cannot be changed later.
    """
    view = session.ask(
        FoundCampaign(
            name=name,
            goal=goal,
            my_name=my_name,
            seat=Seat(seat),
            channels=channels,
            talk_days=talk_days,
        ),
        CampaignView,
    )
    session.show(view, lambda: print_campaign(view, session.now_ms()))


@campaign.command("list", example="meshcoal campaign list")
@click.pass_obj
def list_(session: Session) -> None:
    """List your campaigns."""
    view = session.ask(ListCampaigns(), CampaignsView)

    def for_people() -> None:
        if not view.campaigns:
            say("No campaign yet. Found one with `meshcoal campaign found`, or accept an invitation.")
            return
        print_withholding(session)
        table(
            ("ID", "NAME", "MEMBERS", "CONNECTED", "UNREAD", "TO SIGN", "MISSING", "YOU"),
            [
                (
                    short(one.id),
                    one.name,
                    one.members,
                    one.connected,
                    one.unread,
                    one.open_statements,
                    one.missing,
                    one.state.value,
                )
                for one in view.campaigns
            ],
        )

    session.show(view, for_people)


@campaign.command("show", example="meshcoal campaign show evin")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.pass_obj
def show(session: Session, campaign_name: str) -> None:
    """Show a campaign: goal, channels, members, letters, and what is missing."""
    view = find_campaign(session, campaign_name)

    def for_people() -> None:
        if any(member.warned for member in view.members) or any(one.certain for one in view.withheld):
            print_warnings(session, campaign=view.id)
        print_campaign(view, session.now_ms())

    session.show(view, for_people)


_HAPPENINGS = {
    Happening.FOUNDED: "{who} founded the campaign",
    Happening.ADMITTED: "{who} let {whom} in",
    Happening.LEFT: "{who} left",
    Happening.REMOVED: "{who} removed {whom}",
    Happening.HALTED: "{who} halted {whom}, whose device told two stories",
    Happening.RESTORED: "{who} let {whom} go on",
    Happening.CHANGED: "{who} changed the seat or role of {whom}",
    Happening.CHANNEL: "{who} opened the channel {title}",
    Happening.RULES: "{who} changed the rules",
    Happening.OFFICE: "{who} made the office {title}",
    Happening.MANDATE: "{who} let {whom} sign for an office",
    Happening.REVOKED: "{who} took a mandate back",
    Happening.ALERT: "{who} gave an alert: {title}",
    Happening.DRAFTED: "{who} began the letter {title}",
    Happening.FROZEN: "{who} froze the letter {title}",
    Happening.RELEASED: "{who} released the letter {title}",
    Happening.ADDENDUM: "{who} published an addendum to {title}",
}


@campaign.command("history", example="meshcoal campaign history evin")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.pass_obj
def history(session: Session, campaign_name: str) -> None:
    """Show what happened in a campaign, the newest first: who came and went, what was decided, letters."""
    where = find_campaign_id(session, campaign_name)
    view = session.ask(ShowHistory(campaign=where), HistoryView)

    def for_people() -> None:
        for one in view.items:
            who = "you" if one.me else one.who
            words = _HAPPENINGS[one.what].format(who=who, whom=one.whom, title=one.title)
            say("{at}  {words}", at=when(one.at_ms), words=words)
        if view.more:
            say("There was more before.")

    session.show(view, for_people)


@campaign.command("leave", example="meshcoal campaign leave evin --yes")
@click.argument("campaign_name", metavar="CAMPAIGN")
@yes_option
@click.pass_obj
def leave(session: Session, campaign_name: str, yes: bool) -> None:
    """Leave a campaign: tell the others, and take part no longer.

    What is here already stays readable.
    """
    where = find_campaign_id(session, campaign_name)
    session.confirm("Leave this campaign? Type yes", yes=yes)
    view = session.ask(LeaveCampaign(campaign=where), CampaignView)
    session.show(view, lambda: say("You have left {name}.", name=view.name))


@campaign.command("renew-keys", example="meshcoal campaign renew-keys")
@click.argument("campaign_name", metavar="[CAMPAIGN]", required=False)
@click.pass_obj
def renew_keys(session: Session, campaign_name: str | None) -> None:
    """Take new keys in a campaign, or in all, as when this device was in other hands.

    A copy of what was here opens nothing that others write once they have heard of it. What it held, it
    keeps, and it can still speak in your name: where you can, have yourself removed and invited anew.
    """
    if campaign_name is not None:
        places = [find_campaign_id(session, campaign_name)]
    else:
        found = session.ask(ListCampaigns(), CampaignsView).campaigns
        places = [one.id for one in found if one.state is MemberState.ACTIVE]
    views = tuple([session.ask(RenewKeys(campaign=place), CampaignView) for place in places])

    def for_people() -> None:
        for view in views:
            say("Your keys in {name} are new.", name=view.name)
        if not views:
            say("You take part in no campaign.")

    summaries = session.ask(ListCampaigns(), CampaignsView).campaigns
    session.show(CampaignsView(campaigns=tuple([one for one in summaries if one.id in places])), for_people)


@campaign.command("remove", example="meshcoal campaign remove evin mallory --yes")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("member")
@yes_option
@click.pass_obj
def remove(session: Session, campaign_name: str, member: str, yes: bool) -> None:
    """Remove a member, and change the keys so that they open nothing that follows.

    What they have received already, they keep.
    """
    before = find_campaign(session, campaign_name)
    whom = find_member(before, member)
    if not yes:
        say("{name} ({id})", name=whom.name, id=short(whom.author), err=True)
    session.confirm("Remove this member? Type yes", yes=yes)
    view = session.ask(RemoveMember(campaign=before.id, author=whom.author), CampaignView)
    session.show(view, lambda: say("{name} is removed, and the keys are changed.", name=whom.name))


@campaign.command("restore", example="meshcoal campaign restore evin chi --yes")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("member")
@yes_option
@click.pass_obj
def restore(session: Session, campaign_name: str, member: str, yes: bool) -> None:
    """Let a member go on whose device gave two different operations at one place.

    What they do from then on counts again. What they did in between stays void: they sign anew.
    """
    before = find_campaign(session, campaign_name)
    whom = find_member(before, member)
    if not yes:
        say("{name} ({id})", name=whom.name, id=short(whom.author), err=True)
    session.confirm("Let this member go on? Type yes", yes=yes)
    view = session.ask(RestoreMember(campaign=before.id, author=whom.author), CampaignView)
    session.show(view, lambda: say("{name} can go on.", name=whom.name))


@campaign.command("role", example="meshcoal campaign role evin chi --role organiser")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("member")
@click.option("--role", type=ROLES, help="What they may do; else unchanged.")
@click.option("--seat", type=SEATS, help="Where they stand; else unchanged.")
@click.pass_obj
def role(session: Session, campaign_name: str, member: str, role: str | None, seat: str | None) -> None:
    """Change a member's role or seat."""
    if role is None and seat is None:
        raise click.UsageError("Say --role, --seat or both")
    before = find_campaign(session, campaign_name)
    whom = find_member(before, member)
    view = session.ask(
        SetRole(
            campaign=before.id,
            author=whom.author,
            seat=Seat(seat) if seat else whom.seat,
            role=Role(role) if role else whom.role,
        ),
        CampaignView,
    )
    now = next(one for one in view.members if one.author == whom.author)
    session.show(
        view,
        lambda: say(
            "{name} is {role} now, seat {seat}.", name=now.name, role=now.role.value, seat=now.seat.value
        ),
    )


for command in (sealing.member_words, sealing.confirm_member):
    campaign.add_command(command)


@branch("channel")
def channel() -> None:
    """Channels of a campaign: open, list."""


@channel.command("open", example="meshcoal channel open evin press")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("name")
@click.pass_obj
def open_(session: Session, campaign_name: str, name: str) -> None:
    """Open a further channel in a campaign."""
    where = find_campaign_id(session, campaign_name)
    view = session.ask(OpenChannel(campaign=where, name=name), CampaignView)
    session.show(view, lambda: _print_channels(view))


@channel.command("list", example="meshcoal channel list evin")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.pass_obj
def list_channels(session: Session, campaign_name: str) -> None:
    """List the channels of a campaign."""
    view = find_campaign(session, campaign_name)
    session.show(view.channels, lambda: _print_channels(view))


def print_campaign(view: CampaignView, now_ms: int) -> None:
    say("{name}  ({id}), founded {at}", name=view.name, id=short(view.id), at=when(view.founded_ms))
    say("Goal: {goal}", goal=view.goal or "none stated")
    say(
        "You:  {role}, seat {seat}{gone}",
        role=view.role.value,
        seat=view.seat.value,
        gone="" if view.state is MemberState.ACTIVE else f", {view.state.value}",
    )
    print_rules(view)
    if view.talk_days:
        say("Talk: messages vanish after {days}.", days=plural(view.talk_days, "day", "days"))
    say("")
    _print_channels(view)
    say("")
    table(
        ("MEMBER", "ID", "SEAT", "ROLE", "WORDS", "ADMITTED BY", "SEEN", "STATE"),
        [_member_row(member, now_ms) for member in view.members],
    )
    for member in view.members:
        if member.fork in (ForkState.OPEN, ForkState.HALTED):
            say(
                "! {name}'s device gave two different operations at one place{held}: `meshcoal fork list`.",
                name=member.name,
                held=": held back" if member.fork is ForkState.HALTED else "",
            )
    if view.statements:
        say("")
        table(
            ("LETTER", "ID", "STATE", "SIGNED", "DEADLINE", "YOU"),
            [
                (
                    one.title,
                    short(one.id),
                    one.phase.value,
                    one.counted,
                    when(one.deadline_ms),
                    "signed" if one.signed_by_me else "not signed",
                )
                for one in view.statements
            ],
        )
    say_catching_up("Catching up: ", view.catching_up)
    print_gaps(view.gaps)
    print_missing(view, now_ms)
    for one in view.busy:
        say(
            "The node of {name} ({id}) writes unusually much: {count} in an hour. "
            "What others write goes first. An organiser can remove a member.",
            name=one.name,
            id=short(one.author),
            count=plural(one.operations, "entry", "entries"),
        )
    if view.unopened:
        say(
            "{count} cannot be opened yet: a key is still on its way.",
            count=plural(view.unopened, "entry", "entries"),
        )
    say(
        "State {digest} over {count}: members who see the same state hold the same entries.",
        digest=short(view.heads_digest),
        count=plural(view.operations, "entry", "entries"),
    )


def print_gaps(gaps: tuple[GapView, ...], *, err: bool = False) -> None:
    """Say what is known to exist and is not here: no message is lost silently."""
    for gap in gaps:
        say(
            "Missing: {count} of {name} ({id}).",
            count=plural(gap.missing, "entry", "entries"),
            name=gap.name,
            id=short(gap.author),
            err=err,
        )


_WITHHELD = {
    ShownBy.SAID: "it says that it has them",
    ShownBy.SENT: "it sends what stands behind them",
    ShownBy.HID: "it says that it lacks them, and has written what stands behind them",
}


def print_missing(view: CampaignView, now_ms: int) -> None:
    """What waits for something that nobody sent, and whose nodes do not pass on what they show to hold."""
    for wait in view.waits:
        say(
            "Waiting: {count} by {names} for something before {them}{whose} that nobody sent yet, {since}.",
            count=plural(wait.operations, "entry", "entries"),
            names=", ".join(wait.cited_by),
            them="it" if wait.operations == 1 else "them",
            whose=f" by {wait.name}" if wait.name else "",
            since="just noticed" if wait.since_ms < 0 else f"noticed {ago(wait.since_ms, now_ms)}",
        )
    for one in view.withheld:
        say(
            "! {peer}'s device {may}keep{s} back {count}{whose}: {shows}. Since {since}{came}.",
            peer=one.peer_name,
            may="" if one.certain else "may ",
            s="s" if one.certain else "",
            count=plural(one.count, "entry", "entries"),
            whose=f" of {one.name}" if one.name else "",
            shows=_WITHHELD[one.shown_by],
            since=when(one.since_ms),
            came=f"; it came another way {ago(one.came_ms, now_ms)}" if one.came_ms >= 0 else "",
        )
    if view.withheld:
        say("A broken device does the same as one that is made to. Ask by another way.")


def _print_channels(view: CampaignView) -> None:
    table(
        ("CHANNEL", "ID", "MESSAGES", "UNREAD"),
        [(f"#{one.name}", short(one.id), one.messages, one.unread) for one in view.channels],
    )


def _member_row(member: MemberView, now_ms: int) -> tuple[object, ...]:
    renamed = member.given_name and member.given_name != member.name
    state = member.state.value
    if member.state is MemberState.ACTIVE and member.behind > 0:
        state = f"active, lacks {member.behind}"
    if member.fork is ForkState.HALTED:
        state += ", HELD BACK"
    return (
        f"{member.name} (calls themself {member.given_name})" if renamed else member.name,
        short(member.author),
        member.seat.value,
        member.role.value,
        "you" if member.me else _compared(member),
        member.admitted_by,
        "" if member.me else "now" if member.connected else ago(member.last_seen_ms, now_ms),
        state,
    )


def _compared(member: MemberView) -> str:
    words = "compared" if member.verified else "not compared"
    if member.introduced_by:
        words += f", introduced by {member.introduced_by}"
    elif member.namesake:
        words += f", not shown to be your contact {member.namesake}"
    return f"!! {words}" if member.warned else words


campaign.add_command(rules)
campaign.add_command(ways)
campaign.add_command(member_paths)
