"""`meshcoal statement draft`, `amend`, `show`, `list`, `comment`, `diff`: a letter while its text may change.

Law: a text is never merged silently. Where two revisions of one language stand side by side, the person
says which one they mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from meshcoal.api.commands import (
    AmendStatement,
    DraftStatement,
    ListStatements,
)
from meshcoal.api.views import (
    RevisionView,
    StatementPhase,
    StatementsView,
    StatementView,
    TallyView,
)
from meshcoal.cli import files
from meshcoal.cli.addendum import print_addenda
from meshcoal.cli.aftermath import print_aftermath
from meshcoal.cli.attachment import attach_options, describe, hand_over
from meshcoal.cli.case import find_case_id
from meshcoal.cli.commenting import print_comments, print_quorum
from meshcoal.cli.counting import print_unnamed
from meshcoal.cli.course import print_next
from meshcoal.cli.deciding import print_requests
from meshcoal.cli.find import find_campaign_id, find_statement, find_statement_id
from meshcoal.cli.leaf import leaf
from meshcoal.cli.letters import base_of, current_texts, only_current, revision_of, standing_texts
from meshcoal.cli.moments import when, when_here
from meshcoal.cli.options import CAPACITY_IN_WORDS, need_in_words
from meshcoal.cli.output import block, plural, say, table, until
from meshcoal.cli.sealing import print_seal
from meshcoal.cli.session import Session
from meshcoal.client.remarks import Remark, remarks
from meshcoal.errors import Ambiguous, BadArgument, Unknown
from meshcoal.ids import short
from meshcoal.limits import TEXT_CHARS_MAX
from meshcoal.text import merging
from meshcoal.text.changes import compared


@leaf("draft", example='meshcoal statement draft evin letter.txt --language en --title "Free the Evin five"')
@click.argument("campaign")
@click.argument("file")
@click.option("--language", required=True, help="BCP 47 tag, such as en, fa or zh-hans.")
@click.option("--title", required=True)
@click.option("--case", "case", help="What it is about: a case of the campaign.")
@click.option("--credit", default="", help="How you wish to be named beside the text in public; else not.")
@attach_options
@click.pass_obj
def draft(
    session: Session,
    campaign: str,
    file: str,
    language: str,
    title: str,
    case: str | None,
    credit: str,
    attach: tuple[Path, ...],
    keep_metadata: bool,
) -> None:
    """Begin a letter with the text in FILE, or `-` for standard input.

    A blank line divides paragraphs.
    """
    text = files.read_text(file, bytes_max=files.UTF8_BYTES_MAX * TEXT_CHARS_MAX)
    where = find_campaign_id(session, campaign)
    uploads = hand_over(session, where, attach, keep_metadata=keep_metadata)
    command = DraftStatement(
        campaign=where,
        language=language.lower(),
        title=title,
        text=text,
        attachments=uploads,
        credit=credit,
        case=find_case_id(session, where, case) if case is not None else b"",
    )
    view = session.ask(command, StatementView)
    session.show(view, lambda: say("Draft {id}: {title}", id=short(view.id), title=view.title))


@leaf("amend", example="meshcoal statement amend evin free letter-2.txt --language en")
@click.argument("campaign")
@click.argument("statement")
@click.argument("file")
@click.option("--language", required=True, help="Of this text; a new language adds a translation.")
@click.option("--title", help="In this language; else as before.")
@click.option("--base", help="Id of the revision that was edited; needed where several stand side by side.")
@click.option("--merges", multiple=True, help="Id of a text beside it that this one takes up; repeatable.")
@click.option("--translates", help="Id of the text in another language that this one now says.")
@click.option("--credit", default="", help="How you wish to be named beside the text in public; else not.")
@attach_options
@click.pass_obj
def amend(
    session: Session,
    campaign: str,
    statement: str,
    file: str,
    language: str,
    title: str | None,
    base: str | None,
    merges: tuple[str, ...],
    translates: str | None,
    credit: str,
    attach: tuple[Path, ...],
    keep_metadata: bool,
) -> None:
    """Put a new text of a letter forward, or its first text in a further language."""
    text = files.read_text(file, bytes_max=files.UTF8_BYTES_MAX * TEXT_CHARS_MAX)
    letter = find_statement(session, campaign, statement)
    edited = (
        revision_of(letter, base) if base is not None else only_current(letter, language.lower(), "--base")
    )
    uploads = hand_over(session, letter.campaign, attach, keep_metadata=keep_metadata)
    view = session.ask(
        AmendStatement(
            campaign=letter.campaign,
            statement=letter.id,
            language=language.lower(),
            title=title or (edited.title if edited else letter.title),
            text=text,
            base=edited.id if edited else b"",
            merges=tuple(revision_of(letter, one).id for one in merges),
            translates=revision_of(letter, translates).id if translates is not None else b"",
            credit=credit,
            attachments=uploads,
        ),
        StatementView,
    )

    def for_people() -> None:
        side_by_side = [one for one in current_texts(view) if one.language == language.lower()]
        say(
            "{count} of {title} in {language}.",
            title=view.title,
            language=language.lower(),
            count=plural(len(side_by_side), "current text", "texts side by side"),
        )
        for one in side_by_side:
            say("    {id} by {name}, {at}", id=short(one.id), name=one.name, at=when(one.at_ms))

    session.show(view, for_people)


@leaf("merge", example="meshcoal statement merge evin free --language en --to merged.txt")
@click.argument("campaign")
@click.argument("statement")
@click.option("--language", help="Needed where there are several.")
@click.option("--to", "target", type=click.Path(dir_okay=False), help="Write the text to this file.")
@click.pass_obj
def merge(session: Session, campaign: str, statement: str, language: str | None, target: str | None) -> None:
    """Bring two texts that stand side by side into one, for you to finish.

    Where only one of them was changed, that is taken. Where both were, both wordings stand between lines with
    double brackets: keep one, or write a third, and delete the lines. Then put it forward with `amend`.
    """
    letter = find_statement(session, campaign, statement)
    one, other, base = _side_by_side(letter, language.lower() if language else None)
    parts = merging.merge(base.paragraphs if base else (), one.paragraphs, other.paragraphs)
    open_places = sum(part.other is not None for part in parts)
    text = "\n\n".join(
        merging.marked(parts, f"{short(one.id)} {one.name}", f"{short(other.id)} {other.name}")
    )
    if target is not None:
        files.refuse_existing(Path(target))
        files.write_new(Path(target), (text + "\n").encode(), private=True, replace=False)
    amend = (
        f"meshcoal statement amend {short(letter.campaign)} {short(letter.id)} {target or 'FILE'} "
        f"--language {one.language} --base {short(one.id)} --merges {short(other.id)}"
    )

    def for_people() -> None:
        if target is None:
            block(text)
            say("")
        say("{count} for you to decide. Then:", count=plural(open_places, "place is left", "places are left"))
        say("    {command}", command=amend)

    session.show(
        {"one": one.id, "other": other.id, "undecided": open_places, "text": text, "next": amend}, for_people
    )


@leaf("show", example="meshcoal statement show evin free --language fa")
@click.argument("campaign")
@click.argument("statement")
@click.option("--language", help="Only this language.")
@click.option("--revision", help="Only this revision, current or not.")
@click.pass_obj
def show(session: Session, campaign: str, statement: str, language: str | None, revision: str | None) -> None:
    """Show a letter: its texts, comments, digest, deadline and tally."""
    view = find_statement(session, campaign, statement)
    if revision is not None:
        shown = [revision_of(view, revision)]
    else:
        shown = [one for one in standing_texts(view) if language is None or one.language == language.lower()]
        if not shown:
            raise Unknown("The letter has no text in that language.")
    session.show(view, lambda: _print(view, shown, session.now_ms()))


@leaf("list", example="meshcoal statement list evin")
@click.argument("campaign")
@click.option("--before", metavar="STATEMENT", default="", help="Those that were begun before this one.")
@click.pass_obj
def list_(session: Session, campaign: str, before: str) -> None:
    """List the letters of a campaign, oldest first; the newest 1,000 where there are more."""
    where = find_campaign_id(session, campaign)
    start = find_statement_id(session, campaign, before)[1] if before else b""
    view = session.ask(ListStatements(campaign=where, before=start), StatementsView)
    now_ms = session.now_ms()

    def for_people() -> None:
        if not view.statements:
            say("No letter yet. Begin one with `meshcoal statement draft`.")
            return
        table(
            ("ID", "TITLE", "STATE", "SIGNED", "DEADLINE", "YOU", "ASK AGAIN"),
            [
                (
                    short(one.id),
                    one.title,
                    one.phase.value,
                    one.counted,
                    when(one.deadline_ms),
                    "signed" if one.signed_by_me else "not signed",
                    until(one.follow_ups_ms[0], now_ms) if one.follow_ups_ms else "",
                )
                for one in view.statements
            ],
        )
        if view.more:
            say("There are older ones: --before {id}", id=short(view.statements[0].id))

    session.show(view, for_people)


@leaf("diff", example="meshcoal statement diff evin free --language en")
@click.argument("campaign")
@click.argument("statement")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--language", help="Needed where there are several.")
@click.pass_obj
def diff(
    session: Session, campaign: str, statement: str, old: str | None, new: str | None, language: str | None
) -> None:
    """Show what changed between two revisions of a letter.

    OLD and NEW are ids of revisions. Without them: the current text against the one it came from.
    """
    letter = find_statement(session, campaign, statement)
    if new is not None:
        after: RevisionView | None = revision_of(letter, new)
    else:
        after = only_current(letter, language.lower() if language else None, "--language or OLD and NEW")
    if after is None:
        raise Unknown("The letter has no text in that language.")
    before = revision_of(letter, old) if old is not None else base_of(letter, after)
    changes = list(_changes(before, after))

    def for_people() -> None:
        say(
            "From {old} to {new} by {name}, {at}:",
            old=short(before.id) if before else "nothing",
            new=short(after.id),
            name=after.name,
            at=when(after.at_ms),
        )
        for mark, text in changes:
            block(text, indent=f"{mark} ")
            say("")

    session.show(
        {
            "old": before.id if before else b"",
            "new": after.id,
            "changes": [{"change": _MARK_IN_WORDS[mark], "text": text} for mark, text in changes],
        },
        for_people,
    )


_MARK_IN_WORDS = {" ": "same", "-": "removed", "+": "added"}


def _changes(before: RevisionView | None, after: RevisionView) -> Iterator[tuple[str, str]]:
    """Paragraph by paragraph: a mark (blank, minus, plus) and the paragraph. The title is the first."""
    old = [before.title, *before.paragraphs] if before else []
    return compared(old, [after.title, *after.paragraphs])


def _side_by_side(
    letter: StatementView, language: str | None
) -> tuple[RevisionView, RevisionView, RevisionView | None]:
    """Two current texts of a language, and what both came from. Raises `BadArgument`, `Ambiguous`."""
    current = [one for one in current_texts(letter) if language is None or one.language == language]
    several = sorted(
        {one.language for one in current if sum(x.language == one.language for x in current) > 1}
    )
    if not several:
        raise BadArgument("No two texts stand side by side: there is nothing to merge.")
    if len(several) > 1:
        raise Ambiguous(f"Texts stand side by side in {', '.join(several)}. Say which with --language.")
    one, other, *_ = [text for text in current if text.language == several[0]]
    return one, other, merging.common_base(letter.revisions, one, other)


def _print(view: StatementView, shown: list[RevisionView], now_ms: int) -> None:
    say(
        "{title}  ({id}), {phase}, begun by {name}",
        title=view.title,
        id=short(view.id),
        phase=view.phase.value,
        name=view.name,
    )
    if view.addressees:
        say("To: {addressees}", addressees="; ".join(view.addressees))
    if view.deadline_ms >= 0:
        say(
            "Sign until: {at} ({until})",
            at=when_here(view.deadline_ms),
            until=until(view.deadline_ms, now_ms),
        )
    if view.soft_deadline_ms >= 0:
        say("Please sign by: {at}", at=when_here(view.soft_deadline_ms))
    if view.grace_ms:
        say("What is signed in time is waited for until {at}.", at=when(view.deadline_ms + view.grace_ms))
    if view.digest:
        say("Version {version}, digest: {digest}", version=view.version, digest=view.digest.hex())
    if view.lapsed:
        say(
            "Signed an earlier version, and not this one: {names}",
            names=", ".join(view.lapsed),
        )
    say("Held by {by} of {of}: `meshcoal statement holders`.", by=view.held_by, of=view.held_of)
    if view.released_ms >= 0:
        say("Released: {at} by {name}", at=when(view.released_ms), name=view.released_by)
        print_addenda(view)
    listed = {revision.id for revision in shown}
    for revision in shown:
        said = [
            one
            for one in remarks(view, revision)
            if one.comment.revision == revision.id or one.comment.revision not in listed
        ]
        _print_revision(revision, said)
    if view.phase is not StatementPhase.DRAFT:
        say("")
        print_tally(view.tally)
    if view.seal is not None:
        print_seal(view.seal)
    if view.unnamed is not None:
        print_unnamed(view.unnamed)
    if view.requests:
        say("")
        print_requests(view.requests, now_ms)
        print_quorum(view)
    if view.unsigned:
        say("Not signed yet: {names}", names=", ".join(view.unsigned))
    told = [one for one in view.aftermath if not one.replaced]
    if told:
        say("")
        say("Afterwards, for the campaign only:")
        print_aftermath(told, now_ms)
    if view.ineffective:
        say(
            "{count} came too late or without the right, and count for nothing.",
            count=plural(view.ineffective, "act", "acts"),
        )
    for member in view.set_aside:
        say(
            "Set aside: {name}'s signature. Their device gave two different operations at one place.",
            name=member,
        )
    print_next(view.course, now_ms)
    say("You can now: {actions}", actions=", ".join(action.value for action in view.actions) or "nothing")


def _print_revision(revision: RevisionView, said: list[Remark]) -> None:
    say("")
    say(
        "[{language}] {title}  ({id} by {name}, {at}{frozen})",
        language=revision.language,
        title=revision.title,
        id=short(revision.id),
        name=revision.name,
        at=when(revision.at_ms),
        frozen=", frozen" if revision.frozen else "",
    )
    for file in revision.attachments:
        say("    {attachment}", attachment=describe(file))
    if revision.translates:
        say(
            "Translation of {source}, {checked}.",
            source=short(revision.translates),
            checked=f"checked by {', '.join(revision.checked_by)}" if revision.checked_by else "not checked",
        )
    if revision.stale:
        say("Careful: what it translates was changed since.")
    for number, paragraph in enumerate(revision.paragraphs, 1):
        say("{number}.", number=number)
        block(paragraph)
        print_comments(one for one in said if one.paragraph == number)
    print_comments(one for one in said if one.paragraph == 0)


def print_tally(tally: TallyView, *, err: bool = False) -> None:
    """The count by kind and seat, every sign-on, and the digest that all members must share."""
    say(
        "Signed: {organisations} and {individuals}.",
        organisations=plural(tally.organisations, "organisation", "organisations"),
        individuals=plural(tally.individuals, "individual", "individuals"),
        err=err,
    )
    say(
        "Seats: {in_country} in the country, {exile} in exile, {ingo} international.",
        in_country=tally.in_country,
        exile=tally.exile,
        ingo=tally.ingo,
        err=err,
    )
    if tally.outside:
        say(
            "From outside the campaign: {count} of these (`meshcoal statement outside`).",
            count=tally.outside,
            err=err,
        )
    if tally.on_paper:
        say(
            "On paper, beside these: {count}, entered by {witnesses} (`meshcoal statement paper list`).",
            count=tally.on_paper,
            witnesses=plural(tally.witnesses, "witness", "witnesses"),
            err=err,
        )
    if tally.entries:
        table(
            (
                "NAME",
                "TITLE",
                "AFFILIATION",
                "COUNTRY",
                "AS",
                "LISTED",
                "SEAT",
                "MEMBER",
                "READ",
                "AT",
                "STATE",
            ),
            [
                (
                    "; ".join([entry.name, *[other.name for other in entry.names]]),
                    entry.title,
                    entry.affiliation,
                    entry.country,
                    CAPACITY_IN_WORDS[entry.capacity] + (f" of {entry.members}" if entry.members else ""),
                    entry.mode.value,
                    entry.seat.value,
                    entry.member,
                    " ".join(entry.languages_read),
                    when(entry.at_ms),
                    f"{entry.state.value} {entry.addendum or ''}".strip(),
                )
                for entry in tally.entries
            ],
            err=err,
        )
    for entry in tally.entries:
        if entry.office:
            say(
                "{member} signed for the office {office}{how}.",
                member=entry.member,
                office=entry.office,
                how=f", under a mandate of {entry.mandate}" if entry.mandate else ", decided step by step",
                err=err,
            )
        for need in entry.needs:
            say(
                "{name} counts only {need}: {state}.",
                name=entry.name,
                need=need_in_words(need),
                state=entry.state.value,
                err=err,
            )
    say("Tally digest: {digest}", digest=tally.digest.hex(), err=err)
