"""`meshcoal fork`: members whose device gave two different operations at one place, and the proof.

Law: says what is known and what it may mean, and does not judge: an honest device that was set back looks
like deceit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from meshcoal.api.commands import ListForks
from meshcoal.api.views import CampaignView, ForkState, ForksView, ForkView
from meshcoal.cli import files
from meshcoal.cli.find import find_campaign, find_campaign_id, find_member
from meshcoal.cli.leaf import branch
from meshcoal.cli.moments import when
from meshcoal.cli.output import emit, say, table
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument, OverLimit, RemoteError, Unknown
from meshcoal.ids import short
from meshcoal.limits import FORK_BYTES_MAX

PROVEN: Final = 0
NOT_PROVEN: Final = 1
FORK_STATES: Final = {
    ForkState.NONE: "nothing of the kind",
    ForkState.OPEN: "no other organiser's device has seen it yet",
    ForkState.HALTED: "held back until an organiser decides",
    ForkState.RESTORED: "let go on by an organiser",
    ForkState.OUT: "not a member any more",
}


@branch("fork")
def fork() -> None:
    """Two operations at one place: list, show, export, verify."""


@fork.command("list", example="meshcoal fork list evin")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.pass_obj
def list_(session: Session, campaign_name: str) -> None:
    """List members whose device gave two different operations at one place."""
    view = session.ask(ListForks(campaign=find_campaign_id(session, campaign_name)), ForksView)

    def for_people() -> None:
        if not view.forks:
            say("Nobody's device gave two different operations at one place, as far as is known here.")
            return
        table(
            ("MEMBER", "ID", "PLACE", "SEEN", "STATE"),
            [
                (
                    f"{one.name} (you)" if one.me else one.name,
                    short(one.author),
                    one.seq,
                    when(one.noticed_ms),
                    FORK_STATES[one.state],
                )
                for one in view.forks
            ],
        )

    session.show(view, for_people)


@fork.command("show", example="meshcoal fork show evin chi")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("member")
@click.pass_obj
def show(session: Session, campaign_name: str, member: str) -> None:
    """Show what is known of a member's two operations, and what to do."""
    where = find_campaign(session, campaign_name)
    view = _find(session, where, member)
    session.show(view, lambda: print_fork(view))


@fork.command("export", example="meshcoal fork export evin chi proof.meshcoal-fork")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("member")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def export(session: Session, campaign_name: str, member: str, file: Path) -> None:
    """Write the proof to a file that anybody can check.

    It holds two signed headers: no text, but the campaign's id and the member's key in it.
    """
    view = _find(session, find_campaign(session, campaign_name), member)
    files.write_new(file, view.proof, private=True)
    session.show(view, lambda: say("Written to {file}.", file=str(file)))


@fork.command("verify", example="meshcoal fork verify proof.meshcoal-fork")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def verify(session: Session, file: Path) -> int:
    """Check a proof, without vault or network.

    Exit code 0: the key named in it signed two different operations for one place; 1: the file does not
    prove that; 2: it cannot be read.
    """
    from meshcoal.log.fork import decode_fork, verify_fork

    try:
        data = files.read_bytes(file, bytes_max=FORK_BYTES_MAX)
    except OverLimit as error:
        raise BadArgument(str(error)) from None
    try:
        first, second = verify_fork(decode_fork(data))
    except RemoteError as refusal:
        if session.as_json:
            emit({"proven": False, "code": refusal.code})
        else:
            say("NOT PROVEN: {reason} ({code}).", reason=str(refusal), code=refusal.code)
        return NOT_PROVEN
    if session.as_json:
        emit(
            {
                "proven": True,
                "author": first.author.hex(),
                "campaign": first.campaign.hex(),
                "seq": first.seq,
                "body_hashes": [first.body_hash.hex(), second.body_hash.hex()],
            }
        )
        return PROVEN
    say("PROVEN: the key {author}", author=first.author.hex())
    say("signed two different operations for place {seq} of one log.", seq=first.seq)
    say("It does not tell why: a device that was copied or restored does so, and so does a liar.")
    return PROVEN


def _find(session: Session, campaign: CampaignView, member: str) -> ForkView:
    whom = find_member(campaign, member)
    view = session.ask(ListForks(campaign=campaign.id), ForksView)
    found = next((one for one in view.forks if one.author == whom.author), None)
    if found is None:
        raise Unknown(
            "This member's device did not give two operations at one place, as far as is known here."
        )
    return found


def print_fork(view: ForkView) -> None:
    """What is known, what it may mean, and what can be done."""
    say("{name}'s device gave two different operations at one place.", name=view.name)
    say("This happens when a device was copied or restored from an old state, or when somebody says")
    say("different things to different people.")
    say("")
    say("  Member:   {name} ({id})", name=view.name, id=short(view.author))
    say("  Place:    {seq}, with {count} operations", seq=view.seq, count=view.operations)
    say("  Two:      {first} and {second}", first=short(view.first), second=short(view.second))
    told = f", brought by {view.told_by}" if view.told_by else ""
    say("  Seen:     {at}{told}", at=when(view.noticed_ms), told=told)
    say("  State:    {state}", state=FORK_STATES[view.state])
    if view.state is ForkState.HALTED:
        say("")
        say("Nothing they did since counts until an organiser decides. Ask them, by another way. Then:")
        say("  put them out:   meshcoal campaign remove CAMPAIGN MEMBER")
        say("  let them go on: meshcoal campaign restore CAMPAIGN MEMBER")
