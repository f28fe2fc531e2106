"""`meshcoal bundle`: what members who cannot be reached lack, carried to them on a stick.

Law: nothing is taken in before the person has seen what it is and said yes. Who can open a bundle is said
before it is written; nothing on the stick says it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import click

from meshcoal.api.commands import BeginBundle, BundleFor, Command, EndReading
from meshcoal.api.views import (
    Answered,
    BundleNewsView,
    BundleView,
    Done,
    ReadingView,
    RequestNewsView,
)
from meshcoal.cli.find import find_campaign, find_member
from meshcoal.cli.leaf import branch, yes_option
from meshcoal.cli.moments import parse_since, when
from meshcoal.cli.output import plural, progress, say
from meshcoal.cli.session import Session
from meshcoal.client.carrying import (
    Looked,
    Pause,
    Said,
    Stick,
    T,
    is_harm,
    leads_on,
    leaving,
    looking,
    nothing_in,
    taking,
    writing,
)
from meshcoal.errors import BadArgument
from meshcoal.limits import BUNDLE_PART_BYTES, MIB
from meshcoal.wire.record import Record


@branch("bundle")
def bundle() -> None:
    """Carry a campaign on a stick: write, inspect, read."""


@bundle.command("write", example="meshcoal bundle write evin --to /media/stick/")
@click.argument("campaigns", nargs=-1, required=True, metavar="CAMPAIGN...")
@click.option(
    "--to",
    "place",
    required=True,
    help="A folder (one ending in / is made), for many files; or a file, for one.",
)
@click.option("--for", "members", multiple=True, metavar="MEMBER", help="Only for this member; repeatable.")
@click.option("--since", help="Only what came here since then: 3d, or 2026-11-22T18:00+04:00.")
@click.option("--everything", is_flag=True, help="Also what the others are known to have.")
@click.option("--no-files", is_flag=True, help="Leave attachments out.")
@click.option(
    "--with-sealed",
    is_flag=True,
    help="Also what you signed sealed and nobody has yet. Whoever reads the bundle may guess whose it is.",
)
@click.pass_obj
def write(
    session: Session,
    campaigns: tuple[str, ...],
    place: str,
    members: tuple[str, ...],
    since: str | None,
    everything: bool,
    no_files: bool,
    with_sealed: bool,
) -> None:
    """Write what the other members lack, as far as known.

    Cut off, the same command goes on. Whoever finds the stick sees random bytes, and how many.
    """
    found = [find_campaign(session, one) for one in campaigns]
    command = BeginBundle(
        campaigns=tuple(
            [
                BundleFor(campaign=view.id, members=tuple([find_member(view, one).author for one in members]))
                for view in found
            ]
        ),
        since_ms=parse_since(since, session.now_ms()) if since else 0,
        everything=everything,
        files=not no_files,
        begun=with_sealed,
    )
    write_parts(session, command, place)


def write_parts(session: Session, command: BeginBundle, place: str) -> None:
    """Say who can open it, write it, and say what was written. Raises as `writing`."""
    shown: list[BundleView] = []

    def show(view: BundleView) -> None:
        shown.append(view)
        if not session.as_json:
            print_shipments(view)

    def tell(done: int, total: int) -> None:
        _progress(session, "Writing", done, total)

    parts = drive(session, writing(Stick.at(place), command, show, tell))
    answer = {"parts": parts, "bytes": parts * BUNDLE_PART_BYTES, "bundle": shown[-1]}
    session.show(
        answer,
        lambda: (
            say(
                "Written: {parts}, {size} MiB.",
                parts=plural(parts, "part", "parts"),
                size=parts * BUNDLE_PART_BYTES // MIB,
            )
            if parts
            else say("Nothing was written: nothing is lacking, or all of it is there already.")
        ),
    )


def print_shipments(view: BundleView) -> None:
    for answered in view.answers:
        say("An answer to the request of {name}.", name=answered, err=True)
    for one in view.shipments:
        say(
            "{name}: at most {operations}, {items}, {files}.",
            name=one.name,
            operations=plural(one.operations, "operation", "operations"),
            items=plural(one.items, "sealed item", "sealed items"),
            files=plural(one.files, "file", "files"),
            err=True,
        )
        say("  Can be opened by: {names}.", names=", ".join(one.readers) or "nobody else", err=True)
        if one.doubtful:
            say(
                "  May not be able to open it: {names}. Write one for them alone, with --for.",
                names=", ".join(one.doubtful),
                err=True,
            )


@bundle.command("inspect", example="meshcoal bundle inspect /media/stick/")
@click.argument("place", type=click.Path(path_type=Path))
@click.pass_obj
def inspect(session: Session, place: Path) -> None:
    """Show what is on a stick for you. Nothing is taken in."""
    looked = _look(session, place)
    drive(session, leaving(looked))
    session.show(looked.view, lambda: print_news(looked.view))


@bundle.command("read", example="meshcoal bundle read /media/stick/")
@click.argument("place", type=click.Path(path_type=Path))
@yes_option
@click.pass_obj
def read(session: Session, place: Path, yes: bool) -> None:
    """Take in what is on a stick, after showing it.

    Cut off, or with parts missing, the same command goes on; doing it twice does no harm.
    """
    take_in(session, lambda: _look(session, place), yes=yes)


def take_in(session: Session, look: Callable[[], Looked], *, yes: bool) -> None:
    """Show what was found, ask, and take it in; where that lets somebody into a campaign, look once more.

    Raises `Unknown` where nothing of it can be opened here, or why a request or an answer is refused.
    """
    looked = look()
    view = _take_in(session, looked, yes=yes)
    again = look() if leads_on(looked) else None
    if again is not None and not again.view.news:
        drive(session, leaving(again))
    elif again is not None:
        view = _take_in(session, again, yes=yes)
    session.show(view, lambda: print_taken(view, looked.view))


def _take_in(session: Session, looked: Looked, *, yes: bool) -> ReadingView:
    if not looked.order:
        drive(session, leaving(looked))
        raise nothing_in(looked)
    if not session.as_json:
        print_news(looked.view)
    if not yes and not session.on_terminal():
        drive(session, leaving(looked))
        raise BadArgument("Nothing was taken in, for there is no terminal to ask on: add --yes.")
    try:
        session.confirm("Take it in? Type yes", yes=yes)
    except click.Abort:
        drive(session, leaving(looked))
        raise
    try:
        view = drive(session, taking(looked, lambda done, total: _progress(session, "Reading", done, total)))
    except KeyboardInterrupt:
        session.ask_plainly(EndReading(reading=looked.view.reading), Done)
        raise
    return view


def _look(session: Session, place: Path) -> Looked:
    return drive(session, looking(place, lambda done, total: _progress(session, "Looking", done, total)))


def print_news(view: ReadingView) -> None:
    say(
        "{parts}; {strange} for nobody here, damaged, or there to fill it up.",
        parts=plural(view.parts, "part", "parts"),
        strange=view.strange,
    )
    for asked in view.requests:
        _print_request(asked)
    for answer in view.answers:
        say("{sentence}", sentence=_ANSWERS[answer.verdict](answer.name, answer.campaign_name))
        if not answer.new:
            say("  It is known here already.")
    for one in view.news:
        _print_campaign(one)
    _print_refused(view)


_ANSWERS: dict[Answered, Callable[[str, str], str]] = {
    Answered.ADMITTED: lambda name, campaign: f"{name} let you into {campaign}.",
    Answered.REFUSED: lambda name, campaign: f"{name} refused your request.",
    Answered.CONTACT: lambda name, campaign: f"{name} answers your request: you become contacts.",
}


def _print_request(asked: RequestNewsView) -> None:
    if not asked.new:
        say("A request that was taken in before: see `meshcoal invite pending`.")
        return
    say(
        "Somebody who calls themselves {name}{known} used an invitation of yours, and asks to {what}.",
        name=asked.name,
        known=", a contact already," if asked.known else "",
        what=f"be let into {asked.campaign_name}" if asked.campaign_name else "become a contact",
    )


def _print_campaign(one: BundleNewsView) -> None:
    say(
        "{name}: {operations} new of {all}, {items} new, {files} with something new.",
        name=one.name,
        operations=one.new_operations,
        all=plural(one.operations, "operation", "operations"),
        items=plural(one.new_items, "sealed item", "sealed items"),
        files=plural(one.new_files, "file", "files"),
    )
    if one.made_ms:
        say("  Written {made}, as it says itself.", made=when(one.made_ms))
    if one.first_ms:
        say("  From {first} to {last}.", first=when(one.first_ms), last=when(one.last_ms))
    if one.closed:
        say("  {parts} that no key of yours opens.", parts=plural(one.closed, "part", "parts"))


def _print_refused(view: ReadingView) -> None:
    for one in view.refused:
        say("  Refused: {count} ({code})", count=one.count, code=one.code)
    if any(is_harm(one.code) for one in view.refused):
        say(
            "!! WARNING: something in it is forged or broken. Nothing of that gets in; what is sound does. A "
            "member, or a former one, wrote it, or a device that is broken: ask whoever gave it to you."
        )


def print_taken(view: ReadingView, first: ReadingView) -> None:
    """`first`: what was looked at first, which may have made more readable."""
    say("Taken in: {count}.", count=plural(view.taken, "new operation", "new operations"))
    if any(one.new for one in first.requests):
        say("Compare words, then admit or refuse: `meshcoal invite pending`.")
    for answer in first.answers:
        if answer.new:
            say("Compare words with {name}: `meshcoal invite pending`.", name=answer.name)
    _print_refused(view)


def drive(session: Session, said: Said[T]) -> T:
    """Send what is to be sent, and hand back the answers."""
    answer: Record | None = None
    try:
        while True:
            asked = said.send(answer)
            if isinstance(asked, Pause):
                time.sleep(asked.wait_ms / 1_000)
                answer = None
            else:
                assert isinstance(asked, Command)
                answer = session.ask(asked, Record)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def _progress(session: Session, what: str, done: int, total: int) -> None:
    if session.on_terminal() and not session.as_json and total:
        progress(what, done, total)
