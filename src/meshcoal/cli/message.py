"""`meshcoal message`: change, take back, react to, pin one message, and what it said before."""

from __future__ import annotations

import re
from typing import Final

import click

from meshcoal.api.commands import (
    EditMessage,
    ListMessages,
    PinMessage,
    ReactToMessage,
    ShowMessage,
    TakeBackMessage,
)
from meshcoal.api.views import MessageDetailView, MessageState, MessagesView, MessageView
from meshcoal.cli import files
from meshcoal.cli.find import find_channel
from meshcoal.cli.holders import message
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import when
from meshcoal.cli.output import block, say
from meshcoal.cli.session import Session
from meshcoal.client.mentioning import mentioned
from meshcoal.client.reacting import emoji_of
from meshcoal.ids import short
from meshcoal.limits import API_PAGE_MAX, MESSAGE_CHARS_MAX

_WHOLE_ID: Final = re.compile(r"[0-9a-f]{64}")


def find_message(session: Session, campaign: bytes, channel: bytes, wanted: str) -> bytes:
    """A message by its whole id, or the beginning of one among the newest. Raises `Unknown`, `Ambiguous`."""
    if _WHOLE_ID.fullmatch(wanted.strip().lower()):
        return bytes.fromhex(wanted.strip())
    page = session.ask(ListMessages(campaign=campaign, channel=channel, limit=API_PAGE_MAX), MessagesView)
    return pick("message", wanted, [Thing(one.id, "") for one in page.messages])


@message.command("edit", example='meshcoal message edit evin general 3f2a "Hearing moved to Friday."')
@click.argument("campaign")
@click.argument("channel")
@click.argument("wanted", metavar="MESSAGE")
@click.argument("text")
@click.pass_obj
def edit(session: Session, campaign: str, channel: str, wanted: str, text: str) -> None:
    """Say a message of yours otherwise.

    Everybody sees that it was changed, and can look at what it said before. TEXT may be `-` for standard
    input.
    """
    written = files.read_text(text, bytes_max=files.UTF8_BYTES_MAX * MESSAGE_CHARS_MAX, inline=True)
    where, room = find_channel(session, campaign, channel)
    found = find_message(session, where.id, room.id, wanted)
    body, mentions = mentioned(written.rstrip("\n"), where.members)
    view = session.ask(
        EditMessage(campaign=where.id, message=found, text=body, mentions=mentions), MessageView
    )
    session.show(view, lambda: say("Changed {id}.", id=short(view.id)))


@message.command("take-back", example="meshcoal message take-back evin general 3f2a")
@click.argument("campaign")
@click.argument("channel")
@click.argument("wanted", metavar="MESSAGE")
@click.pass_obj
def take_back(session: Session, campaign: str, channel: str, wanted: str) -> None:
    """Erase a message of yours on every device that hears of it.

    Who has read it may remember or have copied it, and a device that is off keeps it until it hears. Where
    the rules say so, organisers hide what others said in the same way.
    """
    where, room = find_channel(session, campaign, channel)
    found = find_message(session, where.id, room.id, wanted)
    view = session.ask(TakeBackMessage(campaign=where.id, message=found), MessageView)
    session.show(view, lambda: _tell_gone(view))


@message.command("react", example="meshcoal message react evin general 3f2a yes")
@click.argument("campaign")
@click.argument("channel")
@click.argument("wanted", metavar="MESSAGE")
@click.argument("emoji", required=False, default="")
@click.pass_obj
def react(session: Session, campaign: str, channel: str, wanted: str, emoji: str) -> None:
    """Put an emoji of yours on a message, in place of the one before; without EMOJI, take it back.

    EMOJI is any one emoji, or one of the words yes, no, thanks, done, sad, question.
    """
    where, room = find_channel(session, campaign, channel)
    found = find_message(session, where.id, room.id, wanted)
    view = session.ask(ReactToMessage(campaign=where.id, message=found, emoji=emoji_of(emoji)), MessageView)
    session.show(view, lambda: say("{id}: {reactions}", id=short(view.id), reactions=reactions(view) or "-"))


@message.command("pin", example="meshcoal message pin evin general 3f2a")
@click.argument("campaign")
@click.argument("channel")
@click.argument("wanted", metavar="MESSAGE")
@click.option("--off", is_flag=True, help="Pin it no longer.")
@click.pass_obj
def pin(session: Session, campaign: str, channel: str, wanted: str, off: bool) -> None:
    """Keep a message in sight for all members: `meshcoal read --pinned` lists them.

    A pinned message vanishes in its time like any other: what is to stay belongs into a letter or a case.
    """
    where, room = find_channel(session, campaign, channel)
    found = find_message(session, where.id, room.id, wanted)
    view = session.ask(PinMessage(campaign=where.id, message=found, pinned=not off), MessageView)
    session.show(view, lambda: _tell_pinned(view))


@message.command("history", example="meshcoal message history evin general 3f2a")
@click.argument("campaign")
@click.argument("channel")
@click.argument("wanted", metavar="MESSAGE")
@click.pass_obj
def history(session: Session, campaign: str, channel: str, wanted: str) -> None:
    """Show a message, what it said before it was changed, and who reacted how."""
    where, room = find_channel(session, campaign, channel)
    found = find_message(session, where.id, room.id, wanted)
    view = session.ask(ShowMessage(campaign=where.id, message=found), MessageDetailView)
    session.show(view, lambda: _print_detail(view))


def _tell_gone(view: MessageView) -> None:
    if view.state is MessageState.HIDDEN:
        say("{id} is hidden from now on.", id=short(view.id))
    else:
        say("Took {id} back. Copies may exist.", id=short(view.id))


def _tell_pinned(view: MessageView) -> None:
    if view.pinned_by:
        say("Pinned {id}.", id=short(view.id))
    else:
        say("Pinned no longer: {id}.", id=short(view.id))


def _print_detail(view: MessageDetailView) -> None:
    for edition in view.editions:
        say("Until it was changed, since {at}:", at=when(edition.at_ms))
        block(edition.text)
    one = view.message
    say("{id}  {at}  {name}", id=short(one.id), at=when(one.edited_ms or one.at_ms), name=one.name)
    for line in notes(one):
        say("    {line}", line=line)
    if one.text:
        block(one.text)
    for reaction in one.reactions:
        say(
            "    {emoji} {count}  {names}",
            emoji=reaction.emoji,
            count=reaction.count,
            names=", ".join(reaction.names),
        )


def notes(one: MessageView) -> list[str]:
    """What was done about a message, a line each."""
    found = []
    if one.state is MessageState.TAKEN_BACK:
        found.append("(taken back; copies may exist)")
    if one.state is MessageState.HIDDEN:
        found.append(f"(hidden by {one.hidden_by})")
    if one.edited_ms:
        found.append(f"(changed {when(one.edited_ms)})")
    if one.pinned_by:
        found.append(f"(pinned by {one.pinned_by})")
    return found


def reactions(one: MessageView) -> str:
    """Each emoji with how many reacted so."""
    return "  ".join(f"{reaction.emoji} {reaction.count}" for reaction in one.reactions)
