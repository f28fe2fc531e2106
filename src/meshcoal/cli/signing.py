"""`meshcoal statement freeze`, `revise`, `sign`, `withdraw`, `release`, `export`: from text to letter.

Law: nobody signs a text they did not see. The exact text is shown and a word typed; or, for programs, the
digest of the text that was seen elsewhere is named in full.
"""

from __future__ import annotations

from pathlib import Path

import click

from meshcoal.api.commands import (
    ExportStatement,
    FreezeStatement,
    NameMode,
    ReleaseStatement,
    WithdrawSignature,
)
from meshcoal.api.views import FilesView, RedLine, StatementPhase, StatementView
from meshcoal.cli import counting, files, sealing
from meshcoal.cli.commenting import print_quorum
from meshcoal.cli.drafting import print_tally
from meshcoal.cli.find import find_statement, find_statement_id
from meshcoal.cli.leaf import leaf, yes_option
from meshcoal.cli.lookup import pick, revision_things
from meshcoal.cli.moments import parse_moment, parse_span, when_here
from meshcoal.cli.options import (
    matter_options,
    modes_of,
    modes_option,
    paper_option,
)
from meshcoal.cli.output import plural, say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument, NoFont, Unsupported, WrongPhase
from meshcoal.limits import PAPER_NUMBER_MAX


@leaf(
    "freeze",
    example='meshcoal statement freeze evin free --to "Head of the Judiciary" '
    "--deadline 2031-11-22T18:00+03:30",
)
@click.argument("campaign")
@click.argument("statement")
@click.option("--to", "addressees", multiple=True, help="To whom the letter goes; may be repeated.")
@click.option("--deadline", required=True, help="ISO 8601 with a zone, or `in 24h`, `3d`.")
@click.option("--ask-until", help="A soft deadline: until when people are asked to sign.")
@click.option("--grace", help="How long what was signed in time is waited for, such as 12h.")
@sealing.until_option
@sealing.expires_option
@click.option("--revision", "revisions", multiple=True, help="One a language; else the current text of each.")
@modes_option
@paper_option
@matter_options
@yes_option
@click.pass_obj
def freeze(
    session: Session,
    campaign: str,
    statement: str,
    addressees: tuple[str, ...],
    deadline: str,
    ask_until: str | None,
    grace: str | None,
    sealed_until: int | None,
    seal_expires: str | None,
    revisions: tuple[str, ...],
    permitted: tuple[str, ...],
    paper: bool,
    topic: tuple[str, ...],
    about: tuple[str, ...],
    ask: tuple[str, ...],
    yes: bool,
) -> None:
    """Fix texts, addressees and deadlines under one digest, and open the letter for signing.

    From then on no word can change: a change is a new version, and needs every signature anew.
    """
    until_ms = _deadline(session, deadline)
    letter = find_statement(session, campaign, statement)
    if not yes:
        say("Signing will be open until {at}.", at=when_here(until_ms), err=True)
        _tell_red_lines(letter)
    session.confirm("Freeze this letter? Type yes", yes=yes)
    _freeze(
        session,
        letter,
        addressees=addressees,
        deadline_ms=until_ms,
        soft_deadline_ms=parse_moment(ask_until, session.now_ms()) if ask_until is not None else 0,
        grace_ms=parse_span(grace) if grace is not None else 0,
        revisions=revisions,
        modes=modes_of(permitted),
        paper=paper,
        sealed_until=sealed_until or 0,
        seal_expires_ms=sealing.expiry(session, sealed_until, seal_expires),
        matter=(topic, about, ask),
    )


@leaf("revise", example="meshcoal statement revise evin free --deadline 3d")
@click.argument("campaign")
@click.argument("statement")
@click.option("--to", "addressees", multiple=True, help="Instead of the addressees so far; may be repeated.")
@click.option("--deadline", help="Instead of the deadline so far.")
@click.option("--ask-until", help="Instead of the soft deadline so far; `none` takes it away.")
@click.option("--grace", help="Instead of the grace period so far.")
@sealing.until_option
@sealing.expires_option
@click.option("--revision", "revisions", multiple=True, help="One a language; else the current text of each.")
@modes_option
@click.option(
    "--paper/--no-paper", default=None, help="Whether members may enter signatures on paper; else as it was."
)
@matter_options
@yes_option
@click.pass_obj
def revise(
    session: Session,
    campaign: str,
    statement: str,
    addressees: tuple[str, ...],
    deadline: str | None,
    ask_until: str | None,
    grace: str | None,
    sealed_until: int | None,
    seal_expires: str | None,
    revisions: tuple[str, ...],
    permitted: tuple[str, ...],
    paper: bool | None,
    topic: tuple[str, ...],
    about: tuple[str, ...],
    ask: tuple[str, ...],
    yes: bool,
) -> None:
    """Freeze the next version of a letter that is open for signing.

    Amend the text first (`meshcoal statement amend`), or only give another deadline. No signature carries
    over: everybody sees what changed, and signs the new version or stays off the letter. Sealed sign-ons are
    asked for anew, with --sealed-until.
    """
    letter = find_statement(session, campaign, statement)
    if letter.phase is not StatementPhase.OPEN:
        raise WrongPhase("Only a letter that is open for signing gets a next version.")
    now_ms = session.now_ms()
    if ask_until is None:
        soft_ms = letter.soft_deadline_ms if letter.soft_deadline_ms > now_ms else 0
    else:
        soft_ms = 0 if ask_until == "none" else parse_moment(ask_until, now_ms)
    if not yes:
        say(
            "{count} will lapse: each of them has to sign anew.",
            count=plural(letter.tally.counted, "signature", "signatures"),
            err=True,
        )
        _tell_red_lines(letter)
    session.confirm("Replace the text that is open for signing? Type yes", yes=yes)
    _freeze(
        session,
        letter,
        addressees=addressees or letter.addressees,
        deadline_ms=_deadline(session, deadline) if deadline is not None else letter.deadline_ms,
        soft_deadline_ms=soft_ms,
        grace_ms=parse_span(grace) if grace is not None else letter.grace_ms,
        revisions=revisions,
        modes=modes_of(permitted) if permitted else letter.modes,
        paper=letter.paper if paper is None else paper,
        matter=(topic or letter.topics, about or letter.countries, ask or letter.asks),
        replaces=letter.digest,
        sealed_until=sealed_until or 0,
        seal_expires_ms=sealing.expiry(session, sealed_until, seal_expires),
    )


def _tell_red_lines(letter: StatementView) -> None:
    standing = [one for one in letter.comments if one.red_line is RedLine.STANDS]
    if standing:
        say(
            "Careful: {count}. Who drew them will not sign: {names}.",
            count=plural(len(standing), "red line stands", "red lines stand"),
            names=", ".join(dict.fromkeys(one.name for one in standing)),
            err=True,
        )


def _deadline(session: Session, text: str) -> int:
    until_ms = parse_moment(text, session.now_ms())
    if until_ms <= session.now_ms():
        raise BadArgument("The deadline has passed already.")
    return until_ms


def _freeze(
    session: Session,
    letter: StatementView,
    *,
    addressees: tuple[str, ...],
    deadline_ms: int,
    soft_deadline_ms: int,
    grace_ms: int,
    revisions: tuple[str, ...],
    modes: tuple[NameMode, ...],
    paper: bool,
    matter: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    replaces: bytes = b"",
    sealed_until: int = 0,
    seal_expires_ms: int = 0,
) -> None:
    chosen = tuple(pick("revision", one, revision_things(letter.revisions)) for one in revisions)
    view = session.ask(
        FreezeStatement(
            campaign=letter.campaign,
            statement=letter.id,
            revisions=chosen,
            addressees=addressees,
            deadline_ms=deadline_ms,
            soft_deadline_ms=soft_deadline_ms,
            grace_ms=grace_ms,
            replaces=replaces,
            modes=modes,
            paper=paper,
            sealed_until=sealed_until,
            seal_expires_ms=seal_expires_ms,
            topics=matter[0],
            countries=matter[1],
            asks=matter[2],
        ),
        StatementView,
    )

    def for_people() -> None:
        say(
            "Version {version} is frozen, and open for signing until {at}.",
            version=view.version,
            at=when_here(view.deadline_ms),
        )
        say("Digest: {digest}", digest=view.digest.hex())
        sealing.tell_seal(view)
        counting.tell_counted(view)

    session.show(view, for_people)


@leaf("withdraw", example="meshcoal statement withdraw evin free --yes")
@click.argument("campaign")
@click.argument("statement")
@click.option("--sealed", is_flag=True, help="A sealed sign-on that is not opened yet.")
@click.option("--counted", is_flag=True, help="That you are counted and not named.")
@yes_option
@click.pass_obj
def withdraw(session: Session, campaign: str, statement: str, sealed: bool, counted: bool, yes: bool) -> None:
    """Withdraw your signature.

    Before the release it no longer counts. After it, a signed notice is published, but copies of the
    letter that are out there keep your name.
    """
    letter = find_statement(session, campaign, statement)
    if sealed and counted:
        raise click.UsageError("--sealed or --counted")
    if sealed:
        sealing.withdraw_sealed(session, letter, yes=yes)
        return
    if counted:
        counting.withdraw_counted(session, letter, yes=yes)
        return
    if letter.phase is StatementPhase.RELEASED and not yes:
        say("The letter is released: copies with your name persist.", err=True)
    session.confirm("Withdraw your signature? Type yes", yes=yes)
    view = session.ask(WithdrawSignature(campaign=letter.campaign, statement=letter.id), StatementView)
    session.show(
        view, lambda: say("Withdrawn: {state}.", state=view.mine.value if view.mine else "no signature")
    )


@leaf("release", example="meshcoal statement release evin free --yes")
@click.argument("campaign")
@click.argument("statement")
@click.option("--not-before", help="An embargo: a moment, ISO 8601 with a zone, or `in 24h`, `3d`.")
@yes_option
@click.pass_obj
def release(session: Session, campaign: str, statement: str, not_before: str | None, yes: bool) -> None:
    """Fix the list of signatories and make the public package.

    With an embargo the files say before when they are not to be published, and are written early only with
    `export --early`. Nobody can be kept from publishing what they have.
    """
    not_before_ms = parse_moment(not_before, session.now_ms()) if not_before is not None else 0
    letter = find_statement(session, campaign, statement)
    if not yes:
        print_tally(letter.tally, err=True)
        print_quorum(letter, err=True)
        waited_for_ms = letter.deadline_ms + letter.grace_ms
        if session.now_ms() < waited_for_ms:
            say(
                "Careful: signatures are waited for until {at}. "
                "What comes after the release is not on this list.",
                at=when_here(waited_for_ms),
                err=True,
            )
    session.confirm("Release the letter with these names? Type yes", yes=yes)
    command = ReleaseStatement(campaign=letter.campaign, statement=letter.id, not_before_ms=not_before_ms)
    view = session.ask(command, StatementView)

    def for_people() -> None:
        say("Released. Write the files with `meshcoal statement export`.")
        print_tally(view.tally)

    session.show(view, for_people)


@leaf("export", example="meshcoal statement export evin free --to letter")
@click.argument("campaign")
@click.argument("statement")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder; else here.",
)
@click.option("--pdf", is_flag=True, help="A PDF as well; needs the extra `meshcoal[pdf]`.")
@click.option(
    "--all", "everything", is_flag=True, help="PDF, texts for the press, letters to addressees too."
)
@click.option("--early", is_flag=True, help="Although the embargo has not ended.")
@click.option("--force", is_flag=True, help="Replace files of the same names.")
@click.pass_obj
def export(
    session: Session,
    campaign: str,
    statement: str,
    folder: Path,
    pdf: bool,
    everything: bool,
    early: bool,
    force: bool,
) -> None:
    """Write the files of a released letter: package, page, texts, lists, a sheet.

    The page opens in any browser and checks itself there, without a network. Anybody can check package and
    page, and the PDF, with `meshcoal verify`.
    """
    from meshcoal.export.files import embargo_ms, with_exports
    from meshcoal.wire.package import SUFFIX

    where, letter = find_statement_id(session, campaign, statement)
    view = session.ask(ExportStatement(campaign=where, statement=letter), FilesView)
    until_ms = max([embargo_ms(file.data) for file in view.files if file.name.endswith(SUFFIX)], default=0)
    if session.now_ms() < until_ms and not early:
        raise WrongPhase(
            f"This letter is not to be published before {when_here(until_ms)}. To write its files for those "
            "who prepare, add --early."
        )
    given = [(file.name, file.data) for file in view.files]
    try:
        made = with_exports(given, pdf=pdf or everything, outgoing=everything)
    except (Unsupported, NoFont) as error:
        if pdf:
            raise
        say("Without a PDF: {why}", why=str(error), err=True)  # the rest does not wait for it
        made = with_exports(given, outgoing=everything)
    paths = files.write_all(folder, made, replace=force)

    def for_people() -> None:
        for path in paths:
            say("{path}", path=path)

    session.show({"files": [str(path) for path in paths]}, for_people)


@leaf("sheet", example="meshcoal statement sheet evin free sheet.html")
@click.argument("campaign")
@click.argument("statement")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--number", type=click.IntRange(1, PAPER_NUMBER_MAX), help="Printed on the sheet: what to enter it by."
)
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@click.pass_obj
def sheet(
    session: Session, campaign: str, statement: str, file: Path, number: int | None, force: bool
) -> None:
    """Write a sheet to print, on which people sign a frozen letter by hand.

    It holds the letter in its languages, its digest, and lines for names. Open it in a browser and print.
    Who saw the names given enters them: `meshcoal statement paper add`.
    """
    from meshcoal.export.sheet import signature_sheet

    letter = find_statement(session, campaign, statement)
    if not letter.canonical_text:
        raise WrongPhase("The letter is not frozen yet: its text can still change.")
    made = signature_sheet(letter.canonical_text.encode(), number=number or 0)
    files.write_new(file, made, private=True, replace=force)

    def for_people() -> None:
        say("{path}", path=file)
        if not letter.paper:
            say("Names on it cannot be entered: the letter's frozen text does not permit paper.", err=True)

    session.show({"file": str(file)}, for_people)
