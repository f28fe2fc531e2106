"""`meshcoal statement call`, `calls`, `outside`: asking people outside to sign, and who has.

Law: a call is made on a text that was seen. What is given out is public; what comes back is read only where
enough holders of its key have agreed.
"""

from __future__ import annotations

from pathlib import Path

import click

from meshcoal.api.commands import GrantCall, ListOutside, OpenCall, ShowCalls
from meshcoal.api.views import CallsView, CallView, OutsidersView, OutsiderView, StatementPhase
from meshcoal.cli import files
from meshcoal.cli.find import find_statement, find_statement_id
from meshcoal.cli.leaf import leaf, yes_option
from meshcoal.cli.moments import parse_moment, when, when_here
from meshcoal.cli.output import plural, say, table
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument, OverLimit, WrongPhase

_FOLDER = click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    help="Where the files go.",
)
_FORCE = click.option("--force", is_flag=True, help="Replace files of the same names.")


@leaf(
    "call", example='meshcoal statement call evin free --asks "Coalition for Dr. Haddad" --reply-to a@b.org'
)
@click.argument("campaign")
@click.argument("statement")
@click.option("--asks", required=True, help="Who asks, as people outside shall read it.")
@click.option("--reply-to", multiple=True, required=True, help="Where replies are sent; may be repeated.")
@click.option("--data", multiple=True, help="What happens with what is sent; else the usual sentences.")
@click.option("--until", help="Until when; else until the letter's deadline.")
@click.option(
    "--readers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many organisers have to agree before replies can be read. 1: you alone hold the key.",
)
@_FOLDER
@_FORCE
@yes_option
@click.pass_obj
def call(
    session: Session,
    campaign: str,
    statement: str,
    asks: str,
    reply_to: tuple[str, ...],
    data: tuple[str, ...],
    until: str | None,
    readers: int,
    folder: Path,
    force: bool,
    yes: bool,
) -> None:
    """Ask people outside the campaign to sign a frozen letter: write a file and a page to give out.

    Both hold the letter and a key to which replies are sealed. Give them out by any means. What comes back
    is read with `meshcoal statement import`.
    """
    letter = find_statement(session, campaign, statement)
    if letter.phase is not StatementPhase.OPEN:
        raise WrongPhase("A call needs a letter that is frozen and not released yet.")
    if not yes:
        say("Whoever gets the call reads the letter, and who asks: {asks}.", asks=asks, err=True)
        if readers == 1:
            say("You alone will hold the key that opens replies: it is on this device.", err=True)
    session.confirm("Make the call? Type yes", yes=yes)
    view = session.ask(
        OpenCall(
            campaign=letter.campaign,
            statement=letter.id,
            digest=letter.digest,
            asks=asks,
            reply_to=reply_to,
            data=data,
            until_ms=parse_moment(until, session.now_ms()) if until is not None else 0,
            needed=readers,
        ),
        CallsView,
    )
    made = view.calls[-1]
    written = _write(made, folder, force=force)

    def for_people() -> None:
        _print(made)
        for path in written:
            say("{path}", path=path)

    session.show({"call": made, "files": [str(path) for path in written]}, for_people)


@leaf("calls", example="meshcoal statement calls evin free --link")
@click.argument("campaign")
@click.argument("statement")
@click.option("--call", "wanted", help="Which one, by its code; else the newest.")
@click.option("--agree", is_flag=True, help="As a holder of its key: agree that replies are read.")
@click.option("--link", is_flag=True, help="Print the call as one text, to paste anywhere.")
@click.option("--qr", is_flag=True, help="Draw it as a QR code.")
@click.option("--write", is_flag=True, help="Write its files once more.")
@_FOLDER
@_FORCE
@click.pass_obj
def calls(
    session: Session,
    campaign: str,
    statement: str,
    wanted: str | None,
    agree: bool,
    link: bool,
    qr: bool,
    write: bool,
    folder: Path,
    force: bool,
) -> None:
    """Show the calls for a letter, and how many replies are where."""
    where, letter = find_statement_id(session, campaign, statement)
    view = session.ask(ShowCalls(campaign=where, statement=letter), CallsView)
    chosen = _chosen(view, wanted) if agree or link or qr or write else None
    if agree and chosen is not None:
        view = session.ask(GrantCall(campaign=where, statement=letter, call=chosen.id), CallsView)
    written = _write(chosen, folder, force=force) if write and chosen is not None else []

    def for_people() -> None:
        for one in view.calls:
            _print(one)
        if not view.calls:
            say("There is no call for this letter.")
        say(
            "Replies here: {waiting} to decide on, {asked} to ask about, {refused} refused. "
            "Accepted: {accepted}.",
            waiting=view.waiting,
            asked=view.asked,
            refused=view.refused,
            accepted=view.accepted,
        )
        for path in written:
            say("{path}", path=path)
        if chosen is not None and link:
            say("{text}", text=_link(chosen))
        if chosen is not None and qr:
            _draw(chosen)

    session.show({"calls": view, "files": [str(path) for path in written]}, for_people)


@leaf("outside", example="meshcoal statement outside evin free")
@click.argument("campaign")
@click.argument("statement")
@click.pass_obj
def outside(session: Session, campaign: str, statement: str) -> None:
    """Show who signed from outside, and which organiser accepted it. This stays in the campaign."""
    where, letter = find_statement_id(session, campaign, statement)
    known: dict[bytes, OutsiderView] = {}
    after, more = b"", True
    while more:
        page = session.ask(ListOutside(campaign=where, statement=letter, after=after), OutsidersView)
        more = page.more and page.outsiders[-1].key not in known
        known |= {one.key: one for one in page.outsiders}
        after = page.outsiders[-1].key if more else b""
    found = list(known.values())

    def for_people() -> None:
        table(
            ("NAME", "AS", "COUNTRY", "DATED", "STATE", "ACCEPTED BY"),
            [
                (one.name, one.capacity, one.country, when(one.signed_ms), one.state, one.accepted_by)
                for one in sorted(found, key=lambda one: (one.name.casefold(), one.key))
            ],
        )

    session.show(found, for_people)


def _chosen(view: CallsView, wanted: str | None) -> CallView:
    code = "".join((wanted or "").split())
    fits = [one for one in view.calls if one.code.replace(" ", "").startswith(code)]
    if not fits or (wanted is not None and len(fits) > 1):
        raise BadArgument("There is no call, or not one alone, of this code.")
    return fits[-1]


def _write(made: CallView, folder: Path, *, force: bool) -> list[Path]:
    from meshcoal.export.call import call_files

    return files.write_all(folder, call_files(made.text), replace=force)


def _link(made: CallView) -> str:
    from meshcoal.wire.call import link_text, parse_call

    try:
        return link_text(parse_call(made.text))
    except OverLimit as exc:
        raise BadArgument("This letter is too long for one text: give out the file or the page.") from exc


def _draw(made: CallView) -> None:
    from meshcoal.cli import qr as drawing
    from meshcoal.wire.call import link_text, parse_call, qr_text

    call = parse_call(made.text)
    try:
        drawing.draw_all(link_text(call))
    except OverLimit:
        drawing.draw(qr_text(call).text)
        say(
            "The letter does not fit: the code holds its digest and the key alone. It serves to compare a "
            "call, not to sign by."
        )


def _print(made: CallView) -> None:
    agreed = sum(holder.granted for holder in made.holders)
    say("Call {code}, by {name}, until {at}", code=made.code, name=made.name, at=when_here(made.until_ms))
    say(
        "    The key is held by {holders}; {needed} needed to read replies, {agreed} agreed. {readable}",
        holders=", ".join(holder.name for holder in made.holders),
        needed=plural(made.needed, "is", "are"),
        agreed=agreed,
        readable="Replies can be read here." if made.readable else "Replies cannot be read here.",
    )
    if not made.current:
        say("    The letter has a newer version: replies to this call are on the earlier text.")
