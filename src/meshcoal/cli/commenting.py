"""`meshcoal statement comment` and `lift`: remarks and red lines on a letter's text.

Law: a red line is lifted by whoever drew it. Nothing here stops a letter; it tells who will not sign it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from meshcoal.api.commands import CommentStatement, Stance
from meshcoal.api.views import RedLine, RevisionView, StatementView
from meshcoal.cli import files
from meshcoal.cli.attachment import attach_options, describe, hand_over
from meshcoal.cli.find import find_statement
from meshcoal.cli.leaf import leaf
from meshcoal.cli.letters import only_current, revision_of
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import when
from meshcoal.cli.output import block, plural, say
from meshcoal.cli.session import Session
from meshcoal.client.remarks import Remark
from meshcoal.errors import Unknown, WrongPhase
from meshcoal.ids import short
from meshcoal.limits import COMMENT_CHARS_MAX
from meshcoal.text.following import Standing

_STANCES: Final = {
    Stance.REMARK: "a remark",
    Stance.CHECKED: "checked the translation",
    Stance.BLOCK: "cannot sign with this",
    Stance.STAND_ASIDE: "does not sign with this, and holds nobody up",
    Stance.REWORD: "signs if it says what follows",
    Stance.AGREE: "agrees that it goes out",
}


_RED_LINES: Final = {
    RedLine.NONE: "none",
    RedLine.STANDS: "it stands",
    RedLine.REWORDED: "the wording was changed since",
    RedLine.LIFTED: "lifted",
}


@leaf("comment", example='meshcoal statement comment evin free 4 "We cannot sign with this line."')
@click.argument("campaign")
@click.argument("statement")
@click.argument("paragraph", type=click.IntRange(0))
@click.argument("text")
@click.option("--language", help="Language of the text commented on; needed where there are several.")
@click.option("--revision", help="Id of the revision commented on; else the current one.")
@click.option(
    "--stance",
    type=click.Choice([one.value for one in Stance if one not in (Stance.CHECKED, Stance.AGREE)]),
    default=Stance.REMARK.value,
    help="block: we cannot sign with this. stand-aside: we do not sign, and hold nobody up. "
    "reword: we sign if it says TEXT.",
)
@attach_options
@click.pass_obj
def comment(
    session: Session,
    campaign: str,
    statement: str,
    paragraph: int,
    text: str,
    language: str | None,
    revision: str | None,
    stance: str,
    attach: tuple[Path, ...],
    keep_metadata: bool,
) -> None:
    """Comment on a paragraph, counted from 1; 0 is the whole text. TEXT may be `-` for standard input."""
    body = files.read_text(text, bytes_max=files.UTF8_BYTES_MAX * COMMENT_CHARS_MAX, inline=True).rstrip("\n")
    letter = find_statement(session, campaign, statement)
    if revision is not None:
        about: RevisionView | None = revision_of(letter, revision)
    else:
        about = only_current(letter, language.lower() if language else None, "--language or --revision")
    if about is None:
        raise Unknown("The letter has no text in that language.")
    view = session.ask(
        CommentStatement(
            campaign=letter.campaign,
            statement=letter.id,
            revision=about.id,
            paragraph=paragraph,
            text=body,
            stance=Stance(stance),
            attachments=hand_over(session, letter.campaign, attach, keep_metadata=keep_metadata),
        ),
        StatementView,
    )
    session.show(
        view,
        lambda: say("The comment is made. {count}.", count=plural(len(view.comments), "comment", "comments")),
    )


@leaf("check", example="meshcoal statement check evin free fa")
@click.argument("campaign")
@click.argument("statement")
@click.argument("language")
@click.option("--revision", help="Id of the translation; else the current one in that language.")
@click.option("--credit", default="", help="How you wish to be named for it in public; else not.")
@click.option("--note", default="", help="What you want to say about it.")
@click.pass_obj
def check(
    session: Session,
    campaign: str,
    statement: str,
    language: str,
    revision: str | None,
    credit: str,
    note: str,
) -> None:
    """Say that you compared a translation with the text that it translates, and that both say the same.

    Whoever wrote a translation cannot check it.
    """
    letter = find_statement(session, campaign, statement)
    about = (
        revision_of(letter, revision)
        if revision is not None
        else only_current(letter, language.lower(), "--revision")
    )
    if about is None:
        raise Unknown("The letter has no text in that language.")
    view = session.ask(
        CommentStatement(
            campaign=letter.campaign,
            statement=letter.id,
            revision=about.id,
            paragraph=0,
            text=note,
            stance=Stance.CHECKED,
            credit=credit,
        ),
        StatementView,
    )
    session.show(view, lambda: say("You are named among those who checked it."))


@leaf("agree", example="meshcoal statement agree evin free")
@click.argument("campaign")
@click.argument("statement")
@click.option("--take-back", is_flag=True, help="Do not agree any more.")
@click.pass_obj
def agree(session: Session, campaign: str, statement: str, take_back: bool) -> None:
    """Agree that a frozen letter goes out, without signing it.

    Counts for your seat where the campaign's rules ask for its consent. Members see who agreed; nothing of
    it is published.
    """
    letter = find_statement(session, campaign, statement)
    frozen = [one for one in letter.revisions if one.frozen]
    if not frozen:
        raise WrongPhase("The letter is not frozen yet: its text can still change.")
    if take_back and not letter.agreed_by_me:
        raise Unknown("You have not agreed that this letter goes out.")
    if not take_back and letter.agreed_by_me:
        raise WrongPhase("You have agreed already.")
    view = session.ask(
        CommentStatement(
            campaign=letter.campaign,
            statement=letter.id,
            revision=frozen[0].id,
            paragraph=0,
            text="",
            stance=Stance.AGREE,
            lifts=letter.agreed_by_me if take_back else b"",
        ),
        StatementView,
    )

    def for_people() -> None:
        if take_back:
            say("Taken back.")
        else:
            say("You agree that this letter goes out.")
        print_quorum(view)

    session.show(view, for_people)


def print_quorum(view: StatementView, *, err: bool = False) -> None:
    """Whose consent the release needs, and how much of it there is."""
    for share in view.quorum:
        say(
            "  {mark} {seat}: {have} of {needed} signed, or agreed that it goes out",
            mark="+" if share.have >= share.needed else "-",
            seat=share.seat.value,
            have=share.have,
            needed=share.needed,
            err=err,
        )


@leaf("lift", example='meshcoal statement lift evin free 3f2a "The new wording is fine."')
@click.argument("campaign")
@click.argument("statement")
@click.argument("comment")
@click.argument("text", default="")
@click.pass_obj
def lift(session: Session, campaign: str, statement: str, comment: str, text: str) -> None:
    """Lift a red line that you drew. COMMENT is its id, as `meshcoal statement show` tells it."""
    letter = find_statement(session, campaign, statement)
    mine = [one for one in letter.comments if one.mine and one.red_line in (RedLine.STANDS, RedLine.REWORDED)]
    chosen = pick("red line of yours", comment, [Thing(one.id, "") for one in mine])
    line = next(one for one in mine if one.id == chosen)
    view = session.ask(
        CommentStatement(
            campaign=letter.campaign,
            statement=letter.id,
            revision=line.revision,
            paragraph=line.paragraph,
            text=text,
            lifts=line.id,
        ),
        StatementView,
    )
    left = sum(one.red_line is RedLine.STANDS for one in view.comments)
    count = plural(left, "red line stands", "red lines stand")
    session.show(view, lambda: say("Lifted. {count}.", count=count))


def print_comments(said: Iterable[Remark]) -> None:
    """Each with its author and time, and what became of the words that it is about."""
    for remark in said:
        one = remark.comment
        if one.lifts and one.stance is Stance.AGREE:
            say("    {name} does not agree any more, {at}", name=one.name, at=when(one.at_ms))
        elif one.lifts:
            say("    {name} lifted a red line, {at}", name=one.name, at=when(one.at_ms))
        elif one.red_line is not RedLine.NONE:
            say(
                "    Red line ({id}) by {name}, {at}: {stance}, {state}",
                id=short(one.id),
                name=one.name,
                at=when(one.at_ms),
                stance=_STANCES[one.stance],
                state=_RED_LINES[one.red_line],
            )
        elif one.stance is Stance.AGREE:
            say("    {name} agrees that it goes out, {at}", name=one.name, at=when(one.at_ms))
        elif one.stance is Stance.CHECKED:
            say("    {name} checked this translation, {at}", name=one.name, at=when(one.at_ms))
        else:
            say("    Comment by {name}, {at}:", name=one.name, at=when(one.at_ms))
        block(one.text, indent="      > ")
        if remark.standing is not Standing.SAME:
            gone = remark.standing is Standing.GONE
            words = "about a paragraph that is gone" if gone else "about this paragraph as it was before"
            say("      ({words})", words=words)
            block(remark.words, indent="      | ")
        for file in one.attachments:
            say("      {attachment}", attachment=describe(file))
