"""`meshcoal send`, `read` and `watch`: messages, and word that something changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from meshcoal.api.commands import ListCampaigns, ListMessages, MarkRead, PostMessage, Subscribe
from meshcoal.api.views import (
    CampaignsView,
    Done,
    MessagesView,
    MessageView,
    Notice,
    NoticeKind,
)
from meshcoal.cli import files
from meshcoal.cli.attachment import attach_options, describe, hand_over
from meshcoal.cli.campaign import print_gaps
from meshcoal.cli.find import find_channel
from meshcoal.cli.leaf import leaf
from meshcoal.cli.message import find_message, notes, reactions
from meshcoal.cli.moments import when
from meshcoal.cli.output import block, emit, say
from meshcoal.cli.session import ENDED, Session
from meshcoal.client.mentioning import mentioned
from meshcoal.errors import DaemonUnreachable
from meshcoal.ids import short
from meshcoal.limits import API_PAGE_MAX, MESSAGE_CHARS_MAX

_PAGES_MAX = 20  # how far back `--follow` looks after a burst

_NOTICE_IN_WORDS = {
    NoticeKind.STATUS: "the vault was locked or unlocked",
    NoticeKind.CONTACTS: "contacts changed",
    NoticeKind.INTRODUCTIONS: "somebody new: see `meshcoal invite pending` and `meshcoal introduction list`",
    NoticeKind.CAMPAIGNS: "a campaign appeared",
    NoticeKind.CAMPAIGN: "members or channels changed",
    NoticeKind.MESSAGES: "new messages",
    NoticeKind.MARKS: "a message was changed, taken back, pinned or reacted to",
    NoticeKind.ERASED: "messages have vanished after their time",
    NoticeKind.HELD: "more members hold your messages",
    NoticeKind.STATEMENT: "a letter changed",
    NoticeKind.ALERT: "an alert",
    NoticeKind.CASE: "a case changed",
    NoticeKind.DUE: "it is time to ask again",
    NoticeKind.ATTACHMENT: "a file is coming, or more members have it",
    NoticeKind.PEERS: "connections changed",
    NoticeKind.RELAYS: "relays changed: see `meshcoal relay list`",
    NoticeKind.PROGRESS: "catching up",
    NoticeKind.WARNINGS: "a name may stand under another key than before: see `meshcoal warning list`",
    NoticeKind.WITHHELD: "!! WARNING: a member's device keeps something back: see `meshcoal warning list`",
    NoticeKind.OVERRUN: "too much happened at once: look again at everything",
}


@leaf(
    "send",
    example='meshcoal send evin general "Hearing moved to Tuesday."\nmeshcoal send evin facts - < note.txt',
)
@click.argument("campaign")
@click.argument("channel")
@click.argument("text")
@click.option("--reply", help="Id of the message this answers, as `meshcoal read` shows it.")
@attach_options
@click.pass_obj
def send(
    session: Session,
    campaign: str,
    channel: str,
    text: str,
    reply: str | None,
    attach: tuple[Path, ...],
    keep_metadata: bool,
) -> None:
    """Send a message to a channel.

    TEXT may be `-` for standard input, and empty where files go with it. `@Ben` in it mentions that member.
    Returns when the message is safe on this disk; it reaches the others as soon as they are met.
    """
    body = files.read_text(text, bytes_max=files.UTF8_BYTES_MAX * MESSAGE_CHARS_MAX, inline=True).rstrip("\n")
    where, room = find_channel(session, campaign, channel)
    answered = b"" if reply is None else find_message(session, where.id, room.id, reply)
    body, mentions = mentioned(body, where.members)
    uploads = hand_over(session, where.id, attach, keep_metadata=keep_metadata)
    command = PostMessage(
        campaign=where.id,
        channel=room.id,
        text=body,
        reply_to=answered,
        attachments=uploads,
        mentions=mentions,
    )
    view = session.ask(command, MessageView)
    session.show(view, lambda: say("Sent {id}; {held}.", id=short(view.id), held=_held(view)))


@leaf("read", example="meshcoal read evin general --limit 20\nmeshcoal read evin general --follow")
@click.argument("campaign")
@click.argument("channel")
@click.option(
    "--limit", type=click.IntRange(1, API_PAGE_MAX), default=50, show_default=True, help="How many."
)
@click.option("--before", help="Only messages older than the one with this id.")
@click.option("--thread", help="Only the conversation that begins with the message with this id.")
@click.option("--unread", is_flag=True, help="Begin at the first that was not read here.")
@click.option("--pinned", is_flag=True, help="Only those that are pinned.")
@click.option("--follow", is_flag=True, help="Go on printing messages as they arrive, until Ctrl-C.")
@click.option("--keep-unread", is_flag=True, help="Do not count them as read.")
@click.pass_obj
def read(
    session: Session,
    campaign: str,
    channel: str,
    limit: int,
    before: str | None,
    thread: str | None,
    unread: bool,
    pinned: bool,
    follow: bool,
    keep_unread: bool,
) -> None:
    """Read a channel.

    Oldest first. Each message shows how many active members are known to hold it. With --follow and
    --json, one JSON object is printed a line.
    """
    parts = sum([before is not None, thread is not None, unread, pinned, follow])
    if parts > 1:
        raise click.UsageError("--follow, --before, --thread, --unread and --pinned exclude each other")
    where, room = find_channel(session, campaign, channel)
    older_than = b"" if before is None else find_message(session, where.id, room.id, before)
    root = b"" if thread is None else find_message(session, where.id, room.id, thread)
    if follow:
        # Before the first page is read, so that nothing falls between page and notices.
        session.ask(Subscribe(), Done)
    command = ListMessages(
        campaign=where.id,
        channel=room.id,
        before=older_than,
        limit=limit,
        thread=root,
        unread=unread,
        pinned=pinned,
    )
    view = session.ask(command, MessagesView)
    if follow and session.as_json:
        for message in view.messages:
            emit(message, compact=True)
    else:
        session.show(view, lambda: _print_page(view))
    if not keep_unread and (unread or not parts or follow):
        _mark_read(session, view)
    if follow:
        _follow(session, view, session.daemon().notices(), keep_unread=keep_unread)


@leaf("watch", example="meshcoal watch --json")
@click.option("--count", type=click.IntRange(1), help="Stop after so many.")
@click.pass_obj
def watch(session: Session, count: int | None) -> None:
    """Print a line whenever something changes.

    Goes on until Ctrl-C. A line says what changed and in which campaign; it never holds a message.
    """
    names = _campaign_names(session)
    for number, notice in enumerate(session.daemon().notices(), 1):
        if session.as_json:
            emit(notice, compact=True)
        else:
            if notice.campaign and notice.campaign not in names:
                names = _campaign_names(session)
            _print_notice(notice, names)
        if number == count:
            return
    raise DaemonUnreachable(ENDED)


def _campaign_names(session: Session) -> dict[bytes, str]:
    return {one.id: one.name for one in session.ask(ListCampaigns(), CampaignsView).campaigns}


def _print_notice(notice: Notice, names: dict[bytes, str]) -> None:
    where = names.get(notice.campaign, short(notice.campaign)) if notice.campaign else ""
    say(
        "{where}{what}{subject}{progress}",
        where=f"{where}: " if where else "",
        what=_NOTICE_IN_WORDS[notice.kind] + (" (by you)" if notice.by_me else ""),
        subject=f" [{short(notice.subject)}]" if notice.subject else "",
        progress=f" {notice.done} of {notice.total}" if notice.kind is NoticeKind.PROGRESS else "",
    )


def _follow(session: Session, shown: MessagesView, notices: Iterator[Notice], *, keep_unread: bool) -> None:
    known = session.ask(
        ListMessages(campaign=shown.campaign, channel=shown.channel, limit=API_PAGE_MAX), MessagesView
    )
    # What lies before the oldest message known now is history, not news.
    floor = known.messages[0].id if known.messages and known.more else b""
    listed = {message.id for message in shown.messages}
    seen = {message.id for message in known.messages}
    between = [message for message in known.messages[_after(known, listed) :] if message.id not in listed]
    _show_fresh(session, shown, between, keep_unread=keep_unread)
    for notice in notices:
        ours = notice.campaign == shown.campaign and notice.subject in (b"", shown.channel)
        if notice.kind is not NoticeKind.OVERRUN and not (notice.kind is NoticeKind.MESSAGES and ours):
            continue
        fresh = _unseen(session, shown, seen, floor)
        seen.update(message.id for message in fresh)
        _show_fresh(session, shown, fresh, keep_unread=keep_unread)
    raise DaemonUnreachable(ENDED)


def _after(known: MessagesView, listed: set[bytes]) -> int:
    """Where in `known` the page that was printed begins; its end where nothing was printed of it."""
    places = [at for at, message in enumerate(known.messages) if message.id in listed]
    return min(places) if places else 0 if not listed else len(known.messages)


def _show_fresh(
    session: Session, shown: MessagesView, fresh: list[MessageView], *, keep_unread: bool
) -> None:
    for message in fresh:
        if session.as_json:
            emit(message, compact=True)
        else:
            _print_message(message)
    if fresh and not keep_unread:
        _mark(session, shown, fresh[-1])


def _unseen(session: Session, shown: MessagesView, seen: set[bytes], floor: bytes) -> list[MessageView]:
    """Messages not printed yet, oldest first, a late one among older ones too; none from before `floor`."""
    fresh: list[MessageView] = []
    before = b""
    for _ in range(_PAGES_MAX):
        page = session.ask(
            ListMessages(campaign=shown.campaign, channel=shown.channel, before=before, limit=API_PAGE_MAX),
            MessagesView,
        )
        messages = list(page.messages)
        floors = [at for at, message in enumerate(messages) if message.id == floor]
        fresh = [
            message for message in messages[floors[0] if floors else 0 :] if message.id not in seen
        ] + fresh
        if floors or not page.more or not messages:
            break
        before = messages[0].id
    return fresh


def _mark_read(session: Session, view: MessagesView) -> None:
    if view.messages:
        _mark(session, view, view.messages[-1])


def _mark(session: Session, view: MessagesView, last: MessageView) -> None:
    session.ask(MarkRead(campaign=view.campaign, channel=view.channel, message=last.id), Done)


def _print_page(view: MessagesView) -> None:
    if view.more and view.messages:
        say("(older ones: add --before {id})", id=short(view.messages[0].id))
    if not view.messages:
        say("No messages.")
    for message in view.messages:
        _print_message(message)
    print_gaps(view.gaps)


def _print_message(message: MessageView) -> None:
    say(
        "{id}  {at}  {name}{me}{reply}{calls}  [{held}{doubted}]",
        id=short(message.id),
        at=when(message.at_ms),
        name=message.name,
        me=" (you)" if message.me else "",
        reply=f" answers {short(message.reply_to)}" if message.reply_to else "",
        calls="  mentions you" if message.mentions_me else "",
        held=_held(message),
        doubted="; may be one of two stories" if message.doubted else "",
    )
    for line in notes(message):
        say("    {line}", line=line)
    if message.text:
        block(message.text)
    for one in message.attachments:
        say("    {attachment}", attachment=describe(one))
    if message.reactions:
        say("    {reactions}", reactions=reactions(message))
    if message.replies:
        say(
            "    {count} in the thread: read it with --thread {id}",
            count=message.replies,
            id=short(message.id),
        )


def _held(message: MessageView) -> str:
    return f"held by {message.held_by} of {message.held_of}"
