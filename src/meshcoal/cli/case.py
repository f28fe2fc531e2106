"""`meshcoal case`: an alert, what is known and agreed to about it, and how far its letters have come.

Law: all of it stays inside the campaign. Nothing is erased: who was wrong enters it anew, and both are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from meshcoal.api.commands import CaseKind, Consent, Consenter, EnterCase, ListCases, OpenCase, ShowCase
from meshcoal.api.views import CaseEntryView, CasesView, CaseView, Publicity
from meshcoal.cli import files
from meshcoal.cli.attachment import attach_options, describe, hand_over
from meshcoal.cli.course import print_course, print_next
from meshcoal.cli.find import find_campaign_id
from meshcoal.cli.leaf import branch, leaf
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import parse_moment, when, when_here
from meshcoal.cli.output import block, field, plural, say, table, until
from meshcoal.cli.session import Session
from meshcoal.ids import short
from meshcoal.limits import COMMENT_CHARS_MAX

PUBLICITY: Final = {
    Publicity.UNKNOWN: "nobody has asked those concerned yet",
    Publicity.GIVEN: "those concerned agree",
    Publicity.LIMITED: "those concerned agree, with limits",
    Publicity.REFUSED: "those concerned refuse: no letter about it is released",
}
_ENTRIES: Final = {
    CaseKind.ANSWER: "Answer",
    CaseKind.FACT: "Fact",
    CaseKind.SOURCE: "Source",
    CaseKind.CONSENT: "Publicity",
    CaseKind.CLOSE: "Closed",
    CaseKind.REOPEN: "Opened again",
}
_CONSENTERS: Final = {
    Consenter.NONE: "",
    Consenter.PERSON: "the person concerned",
    Consenter.FAMILY: "the family",
    Consenter.LAWYER: "the lawyer",
    Consenter.OTHER: "somebody else for them",
}
_CONSENTS: Final = {
    Consent.NONE: "",
    Consent.GIVEN: "agrees",
    Consent.LIMITED: "agrees with limits",
    Consent.REFUSED: "refuses",
}


@branch("case")
def case() -> None:
    """Alerts, what is known about each, and how far its letters are."""


@leaf("open", example='meshcoal case open evin "Dr. Haddad was taken" --text "At dawn." --answer-by 24h')
@click.argument("campaign")
@click.argument("title")
@click.option("--text", default="", help="What is known; `-` for standard input.")
@click.option("--country", default="", help="Where it happened.")
@click.option("--answer-by", help="Until when something has to be done: ISO 8601 with a zone, or `24h`.")
@attach_options
@click.pass_obj
def open_(
    session: Session,
    campaign: str,
    title: str,
    text: str,
    country: str,
    answer_by: str | None,
    attach: tuple[Path, ...],
    keep_metadata: bool,
) -> None:
    """Alert the members of a campaign: something happened to somebody."""
    where = find_campaign_id(session, campaign)
    view = session.ask(
        OpenCase(
            campaign=where,
            title=title,
            text=_text(text),
            country=country,
            answer_by_ms=parse_moment(answer_by, session.now_ms()) if answer_by is not None else 0,
            attachments=hand_over(session, where, attach, keep_metadata=keep_metadata),
        ),
        CaseView,
    )

    def for_people() -> None:
        say("Case {id}: {title}. All members are alerted.", id=short(view.id), title=view.title)
        print_next(view.course, session.now_ms())

    session.show(view, for_people)


@leaf("list", example="meshcoal case list evin")
@click.argument("campaign")
@click.option("--all", "all_", is_flag=True, help="Closed ones, too.")
@click.pass_obj
def list_(session: Session, campaign: str, all_: bool) -> None:
    """List the open cases of a campaign, oldest first."""
    view = session.ask(ListCases(campaign=find_campaign_id(session, campaign)), CasesView)
    shown = [one for one in view.cases if all_ or not one.closed]
    now_ms = session.now_ms()

    def for_people() -> None:
        if not shown:
            say("No open case. Alert the others with `meshcoal case open`.")
            return
        table(
            ("ID", "TITLE", "BY", "SINCE", "ANSWER BY", "PUBLICITY", "YOU"),
            [
                (
                    short(one.id),
                    one.title,
                    one.name,
                    when(one.at_ms),
                    until(one.answer_by_ms, now_ms) if one.answer_by_ms >= 0 else "",
                    one.publicity.value,
                    "closed" if one.closed else "answered" if one.answered_by_me else "not answered",
                )
                for one in shown
            ],
        )
        if view.more:
            say("There are older ones.")

    session.show(shown, for_people)


@leaf("show", example="meshcoal case show evin haddad")
@click.argument("campaign")
@click.argument("case")
@click.option("--all", "all_", is_flag=True, help="Also what its author has replaced since.")
@click.pass_obj
def show(session: Session, campaign: str, case: str, all_: bool) -> None:
    """Show what is known of a case, what comes next, and for whom it waits."""
    view = find_case(session, campaign, case)
    session.show(view, lambda: _print(view, session.now_ms(), all_=all_))


def _entry_command(kind: CaseKind, *, summary: str, example: str, needs_text: bool) -> click.Command:
    @click.argument("campaign")
    @click.argument("case")
    @(click.argument("text") if needs_text else click.argument("text", default=""))
    @click.option(
        "--corrects", metavar="ENTRY", help="Replaces this entry of yours; what it said stays readable."
    )
    @attach_options
    @click.pass_obj
    def command(
        session: Session,
        campaign: str,
        case: str,
        text: str,
        corrects: str | None,
        attach: tuple[Path, ...],
        keep_metadata: bool,
    ) -> None:
        view = find_case(session, campaign, case)
        uploads = hand_over(session, view.campaign, attach, keep_metadata=keep_metadata)
        _enter(session, view, kind, text=text, corrects=corrects, attachments=uploads)

    command.__doc__ = summary
    return leaf(kind.value, example=example)(command)


@leaf("source", example='meshcoal case source evin haddad "Her brother, by telephone" --of 3f2a')
@click.argument("campaign")
@click.argument("case")
@click.argument("text")
@click.option("--of", "fact", metavar="FACT", help="The fact that it supports; else the alert itself.")
@click.option(
    "--corrects", metavar="ENTRY", help="Replaces this entry of yours; what it said stays readable."
)
@attach_options
@click.pass_obj
def source(
    session: Session,
    campaign: str,
    case: str,
    text: str,
    fact: str | None,
    corrects: str | None,
    attach: tuple[Path, ...],
    keep_metadata: bool,
) -> None:
    """Say who or what supports a fact, or the alert. Name nobody whom that could harm."""
    view = find_case(session, campaign, case)
    facts = [one for one in view.entries if one.entry is CaseKind.FACT and not one.replaced]
    about = pick("fact", fact, [Thing(one.id, "") for one in facts]) if fact is not None else b""
    uploads = hand_over(session, view.campaign, attach, keep_metadata=keep_metadata)
    _enter(session, view, CaseKind.SOURCE, text=text, about=about, corrects=corrects, attachments=uploads)


@leaf("consent", example='meshcoal case consent evin haddad limited --by family --text "No photograph."')
@click.argument("campaign")
@click.argument("case")
@click.argument("what", type=click.Choice([one.value for one in Consent if one]))
@click.option(
    "--by",
    "who",
    required=True,
    type=click.Choice([one.value for one in Consenter if one]),
    help="Who speaks for those concerned.",
)
@click.option("--text", default="", help="What they said; needed where they set limits. `-`: standard input.")
@attach_options
@click.pass_obj
def consent(
    session: Session,
    campaign: str,
    case: str,
    what: str,
    who: str,
    text: str,
    attach: tuple[Path, ...],
    keep_metadata: bool,
) -> None:
    """Enter what those concerned say to publicity. A refusal stands until the same side takes it back."""
    view = find_case(session, campaign, case)
    _enter(
        session,
        view,
        CaseKind.CONSENT,
        text=text,
        consent=Consent(what),
        consenter=Consenter(who),
        attachments=hand_over(session, view.campaign, attach, keep_metadata=keep_metadata),
    )


def find_case(session: Session, campaign: str, wanted: str) -> CaseView:
    """Raises `Unknown`, `Ambiguous`."""
    where = find_campaign_id(session, campaign)
    return session.ask(ShowCase(campaign=where, case=find_case_id(session, where, wanted)), CaseView)


def find_case_id(session: Session, campaign: bytes, wanted: str) -> bytes:
    """Raises `Unknown`, `Ambiguous`."""
    page = session.ask(ListCases(campaign=campaign), CasesView)
    known = {one.id: one.title for one in page.cases}
    older = page.more
    while older:
        page = session.ask(ListCases(campaign=campaign, before=page.cases[0].id), CasesView)
        older = page.more and page.cases[0].id not in known
        known |= {one.id: one.title for one in page.cases}
    things = [Thing(one, title) for one, title in known.items()]
    return pick("case", wanted, things, by_words=True)


def _enter(
    session: Session,
    case: CaseView,
    kind: CaseKind,
    *,
    text: str,
    about: bytes = b"",
    consent: Consent = Consent.NONE,
    consenter: Consenter = Consenter.NONE,
    corrects: str | None = None,
    attachments: tuple[bytes, ...] = (),
) -> None:
    mine = [one for one in case.entries if one.mine and one.entry is kind and not one.replaced]
    view = session.ask(
        EnterCase(
            campaign=case.campaign,
            case=case.id,
            entry=kind,
            text=_text(text),
            about=about,
            consent=consent,
            consenter=consenter,
            corrects=pick("entry of yours", corrects, [Thing(one.id, "") for one in mine])
            if corrects is not None
            else b"",
            attachments=attachments,
        ),
        CaseView,
    )

    def for_people() -> None:
        say("Entered in the case, for the campaign only.")
        if kind is CaseKind.CONSENT:
            say("Publicity: {publicity}.", publicity=PUBLICITY[view.publicity])
        print_next(view.letters[-1].course if view.letters else view.course, session.now_ms())

    session.show(view, for_people)


def _text(typed: str) -> str:
    bytes_max = files.UTF8_BYTES_MAX * COMMENT_CHARS_MAX
    return files.read_text(typed, bytes_max=bytes_max, inline=True).rstrip("\n")


def _print(view: CaseView, now_ms: int, *, all_: bool) -> None:
    say(
        "{title}  ({id}){closed}, alert by {name}, {at}{country}",
        title=view.title,
        id=short(view.id),
        closed=", closed" if view.closed else "",
        name=view.name,
        at=when(view.at_ms),
        country=f", {view.country}" if view.country else "",
    )
    if view.text:
        block(view.text)
    for file in view.attachments:
        block(describe(file))
    if view.answer_by_ms >= 0:
        say(
            "Something has to be done until {at} ({until}).",
            at=when_here(view.answer_by_ms),
            until=until(view.answer_by_ms, now_ms),
        )
    say("Publicity: {publicity}.", publicity=PUBLICITY[view.publicity])
    say("Answered by {by} of {of}.", by=view.answered, of=plural(view.members, "member", "members"))
    print_entries([one for one in view.entries if all_ or not one.replaced])
    if view.course:
        say("")
        print_course(view.course, now_ms)
    for letter in view.letters:
        say("")
        say("Letter {id}: {title}", id=short(letter.id), title=letter.title)
        print_course(letter.course, now_ms)
    courses = [view.course, *[letter.course for letter in view.letters]]
    say("")
    for course in courses:
        print_next(course, now_ms)


def print_entries(entries: Sequence[CaseEntryView]) -> None:
    """In the order of the log, sources below the facts that they support."""
    facts = {one.corrects or one.id for one in entries if one.entry is CaseKind.FACT}
    for entry in entries:
        if entry.about in facts:
            continue
        _print_entry(entry, indent="")
        if entry.entry is CaseKind.FACT and not entry.replaced:
            for source in entries:
                if source.about == (entry.corrects or entry.id):
                    _print_entry(source, indent="    ")


def _print_entry(entry: CaseEntryView, *, indent: str) -> None:
    said = f": {_CONSENTERS[entry.consenter]} {_CONSENTS[entry.consent]}" if entry.consent else ""
    written = "; written anew since" if entry.replaced else ", corrected" if entry.corrects else ""
    what = f"{_ENTRIES[entry.entry]} ({short(entry.id)}) by {field(entry.name)}"
    block(f"{what}, {when(entry.at_ms)}{written}{said}", indent=indent)
    if entry.text:
        block(entry.text, indent=f"{indent}    > ")
    for file in entry.attachments:
        block(describe(file), indent=f"{indent}    ")


for command in (
    open_,
    list_,
    show,
    _entry_command(
        CaseKind.ANSWER,
        summary="Say that you have read the alert, and what you do. TEXT may be `-` for standard input.",
        example='meshcoal case answer evin haddad "I call her brother."',
        needs_text=False,
    ),
    _entry_command(
        CaseKind.FACT,
        summary="Enter what is known. TEXT may be `-` for standard input.",
        example='meshcoal case fact evin haddad "She is held in Evin."',
        needs_text=True,
    ),
    source,
    consent,
    _entry_command(
        CaseKind.CLOSE,
        summary="Close a case: nothing is left to do. Anybody may open it again.",
        example='meshcoal case close evin haddad "She is home."',
        needs_text=False,
    ),
    _entry_command(
        CaseKind.REOPEN,
        summary="Open a case again that was closed.",
        example='meshcoal case reopen evin haddad "Taken again this morning."',
        needs_text=False,
    ),
):
    case.add_command(command)
