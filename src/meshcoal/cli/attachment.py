"""`meshcoal attachment`: files of messages and letters; and handing them over with one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from meshcoal.api.commands import (
    AppendUpload,
    BeginUpload,
    DropUpload,
    FetchAttachment,
    ListAttachments,
    ListPaper,
    ReadAttachment,
    StopAttachment,
    Subscribe,
)
from meshcoal.api.views import (
    AttachedView,
    AttachmentState,
    AttachmentsView,
    AttachmentView,
    CaseView,
    Done,
    MessageView,
    NoticeKind,
    PaperView,
    PartView,
    StatementView,
    UploadView,
)
from meshcoal.cli.find import find_campaign_id
from meshcoal.cli.leaf import branch
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import when
from meshcoal.cli.output import progress, say, table
from meshcoal.cli.session import Session
from meshcoal.client.attaching import Prepared, Saving, prepare
from meshcoal.errors import BadArgument, DaemonUnreachable, MalformedAttachment, MeshcoalError, OverRule
from meshcoal.ids import short
from meshcoal.limits import ATTACHMENTS_MAX, KIB, MIB

P = ParamSpec("P")
T = TypeVar("T")

_STATES = {
    AttachmentState.ABSENT: "not fetched",
    AttachmentState.NOBODY: "wanted; nobody who can be reached has it",
    AttachmentState.RELAYED: "asked for at the relays; comes once a device that has it is on",
    AttachmentState.HERE: "here",
    AttachmentState.BROKEN: "broken by its sender",
    AttachmentState.OVER: "larger than the campaign allows: not fetched",
}


@branch("attachment")
def attachment() -> None:
    """Files of messages and letters: list, fetch, save."""


@attachment.command("list", example="meshcoal attachment list evin")
@click.argument("campaign")
@click.pass_obj
def list_attachments(session: Session, campaign: str) -> None:
    """List the newest files of a campaign's messages, drafts and comments."""
    view = session.ask(ListAttachments(campaign=find_campaign_id(session, campaign)), AttachmentsView)
    session.show(view, lambda: _print_list(view))


def _print_list(view: AttachmentsView) -> None:
    if not view.attachments:
        say("No files.")
        return
    table(
        ("FILE", "NAME", "SIZE", "FROM", "SENT", "STATE"),
        [
            (
                short(one.attachment.file),
                one.attachment.name,
                size_of(one.attachment.size),
                one.name,
                when(one.at_ms),
                state_of(one.attachment),
            )
            for one in view.attachments
        ],
    )
    say(
        "{kept} of {most} are taken up by this campaign's files.",
        kept=size_of(view.kept_bytes),
        most=size_of(view.kept_bytes_max),
    )


@attachment.command("fetch", example="meshcoal attachment fetch evin ruling.pdf")
@click.argument("campaign")
@click.argument("file")
@click.pass_obj
def fetch(session: Session, campaign: str, file: str) -> None:
    """Fetch a file from whoever has it.

    Goes on in the background. FILE is a name, or an id as `attachment list` shows it.
    """
    where, found = _find(session, campaign, file)
    command = FetchAttachment(campaign=where, message=found.message, number=found.number)
    view = _asked(session, command, found)
    session.show(view, lambda: say("{name}: {state}.", name=view.name, state=state_of(view)))


@attachment.command("stop", example="meshcoal attachment stop evin ruling.pdf")
@click.argument("campaign")
@click.argument("file")
@click.pass_obj
def stop(session: Session, campaign: str, file: str) -> None:
    """Stop fetching a file.

    What has come stays, and the next try goes on from there.
    """
    where, found = _find(session, campaign, file)
    command = StopAttachment(campaign=where, message=found.message, number=found.number)
    view = _asked(session, command, found)
    session.show(view, lambda: say("{name}: {state}.", name=view.name, state=state_of(view)))


@attachment.command("save", example="meshcoal attachment save evin ruling.pdf --into ~/case")
@click.argument("campaign")
@click.argument("file")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder to write to; else the one you are in.",
)
@click.pass_obj
def save(session: Session, campaign: str, file: str, into: Path) -> None:
    """Save a file, fetching it first where needed.

    It gets a safe name, overwrites nothing, and is not opened. Waits until it is here; Ctrl-C ends the
    waiting, not the fetching.
    """
    where, found = _find(session, campaign, file)
    if found.attachment.state is not AttachmentState.HERE:
        _await(session, where, found)
    with Saving(found.attachment, into) as saving:
        while not saving.complete:
            command = ReadAttachment(
                campaign=where, message=found.message, number=found.number, offset=saving.written
            )
            data = session.ask(command, PartView).data
            if not data:
                raise MalformedAttachment("The file ends before its end. Fetch it again.")
            saving.append(data)
        path = saving.finish()
    risky = found.attachment.risky

    def tell() -> None:
        say("Saved as {path}.", path=str(path))
        if risky:
            say("This kind of file can do something when it is opened. Be sure who sent it.")

    session.show({"path": str(path), "risky": risky}, tell)


def _find(session: Session, campaign: str, wanted: str) -> tuple[bytes, AttachedView]:
    where = find_campaign_id(session, campaign)
    view = session.ask(ListAttachments(campaign=where), AttachmentsView)
    newest = {one.attachment.file: one for one in view.attachments}
    file = pick("file", wanted, [Thing(key, one.attachment.name) for key, one in newest.items()])
    return where, newest[file]


def _asked(
    session: Session, command: FetchAttachment | StopAttachment, found: AttachedView
) -> AttachmentView:
    """The file's state after a command."""
    shown: list[AttachmentView]
    if found.statement:
        letter = session.ask(command, StatementView)
        shown = [file for one in letter.revisions for file in one.attachments]
        shown += [file for one in letter.comments for file in one.attachments]
        shown += [file for one in letter.aftermath for file in one.attachments]
        if not any(file.file == found.attachment.file for file in shown):
            shown = _of_sheets(session, letter.campaign, letter.id)
    elif found.case:
        case = session.ask(command, CaseView)
        shown = [*case.attachments, *[file for one in case.entries for file in one.attachments]]
    else:
        shown = list(session.ask(command, MessageView).attachments)
    return next((one for one in shown if one.file == found.attachment.file), found.attachment)


def _of_sheets(session: Session, campaign: bytes, statement: bytes) -> list[AttachmentView]:
    """Scans of signature sheets."""
    page = session.ask(ListPaper(campaign=campaign, statement=statement), PaperView)
    found = [file for sheet in page.sheets for file in sheet.attachments]
    while page.more and page.sheets:
        last = page.sheets[-1]
        command = ListPaper(
            campaign=campaign, statement=statement, after_witness=last.key, after_number=last.number
        )
        page = session.ask(command, PaperView)
        found += [file for sheet in page.sheets for file in sheet.attachments]
    return found


def _await(session: Session, where: bytes, found: AttachedView) -> None:
    """Fetch a file and wait until it is here."""
    session.ask(Subscribe(), Done)  # before the fetch, so that no news is missed
    command = FetchAttachment(campaign=where, message=found.message, number=found.number)
    view = _asked(session, command, found)
    notices = session.daemon().notices()
    told = asked = False
    while view.state is not AttachmentState.HERE:
        if view.state is AttachmentState.BROKEN:
            raise MalformedAttachment("Whoever sent this file sealed something else than they announced.")
        if view.state is AttachmentState.OVER:
            raise OverRule("This file is larger than the rules of the campaign allowed. Nobody fetches it.")
        if view.state is AttachmentState.RELAYED and not asked:
            asked = True
            say(
                "It is asked for at the relays, and comes once a device that has it is on. Ctrl-C ends the "
                "waiting, not the fetching.",
                err=True,
            )
        if view.state is AttachmentState.NOBODY and not told:
            told = True
            say("Nobody who can be reached now has this file. Waiting; Ctrl-C ends the waiting.", err=True)
        _progress(session, "Fetching", view.held, view.of)
        notice = next(notices, None)
        if notice is None:
            raise DaemonUnreachable("The daemon has ended. The file is fetched when it runs again.")
        if notice.kind in (NoticeKind.ATTACHMENT, NoticeKind.PEERS, NoticeKind.OVERRUN):
            view = _asked(session, command, found)
    _progress(session, "Fetching", view.of, view.of)


# --- For `meshcoal send`, and for letters


def attach_options(command: Callable[P, T]) -> Callable[P, T]:
    """`--attach` and `--keep-metadata`."""
    metadata = click.option(
        "--keep-metadata",
        is_flag=True,
        help="Leave place, time and device in the pictures that are attached.",
    )
    attach = click.option(
        "--attach",
        type=click.Path(path_type=Path, dir_okay=False),
        multiple=True,
        callback=_few,
        help="A file to go with it; may be given up to 8 times.",
    )
    return attach(metadata(command))


def _few(_context: click.Context, _parameter: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    if len(paths) > ATTACHMENTS_MAX:
        raise click.UsageError(f"at most {ATTACHMENTS_MAX} files go with one")
    return paths


def hand_over(
    session: Session, campaign: bytes, paths: tuple[Path, ...], *, keep_metadata: bool
) -> tuple[bytes, ...]:
    """Hand files over to the daemon; the uploads. Where one fails the others are dropped again."""
    return hand_over_prepared(
        session, campaign, [prepare(path, keep_metadata=keep_metadata) for path in paths]
    )


def hand_over_prepared(session: Session, campaign: bytes, prepared: list[Prepared]) -> tuple[bytes, ...]:
    """As `hand_over`, of files that were read already."""
    uploads: list[bytes] = []
    try:
        for one in prepared:
            uploads.append(_hand_over(session, campaign, one))
            _tell_metadata(session, one)
    except (MeshcoalError, KeyboardInterrupt):
        for upload in uploads:
            session.ask_plainly(DropUpload(campaign=campaign, upload=upload), Done)
        raise
    return tuple(uploads)


def _hand_over(session: Session, campaign: bytes, one: Prepared) -> bytes:
    begin = BeginUpload(
        campaign=campaign, name=one.name, media_type=one.media_type, size=len(one.data), hash=one.hash
    )
    view = session.ask(begin, UploadView)
    for part in one.parts():
        view = session.ask(AppendUpload(campaign=campaign, upload=view.upload, data=part), UploadView)
        _progress(session, "Sealing", view.received, view.size)
    return view.upload


def _tell_metadata(session: Session, one: Prepared) -> None:
    if session.as_json or one.cleaned:
        return
    if one.kept_metadata:
        say("{name}: place, time and device stay in the picture, as you asked.", name=one.name, err=True)
    else:
        say(
            "{name}: who made it, when or where may stand in it. Only JPEG, PNG and WebP are cleaned.",
            name=one.name,
            err=True,
        )


def _progress(session: Session, what: str, done: int, total: int) -> None:
    if session.on_terminal() and not session.as_json and total:
        progress(what, done, total)


def size_of(size: int) -> str:
    """`512 B`, `12 KiB`, `3.4 MiB`."""
    if size < KIB:
        return f"{size} B"
    if size < MIB:
        return f"{-(-size // KIB)} KiB"
    return f"{size / MIB:.1f} MiB"


def parse_size(text: str) -> int:
    """Bytes of `500 KiB`, `2 MiB`, `0.5 MiB` or `12000`. Raises `BadArgument`."""
    found = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,3}))? ?(B|KiB|MiB)?", text.strip())
    if found is None:
        raise BadArgument("A size is a number and a unit, such as `500 KiB`, `2 MiB` or `0`.")
    whole, part, unit = found.groups()
    factor = {"KiB": KIB, "MiB": MIB}.get(unit, 1)
    return int(whole) * factor + int(((part or "") + "000")[:3]) * factor // 1_000


def state_of(view: AttachmentView) -> str:
    """Whether it is here, how far it has come, and how many hold it."""
    state = _STATES.get(view.state) or f"{100 * view.held // max(1, view.of)} %"
    return f"{state}; on {view.held_by} of {view.held_of}"


def describe(view: AttachmentView) -> str:
    """One line for a message's attachment, to be cleaned before it is shown."""
    risky = " (!)" if view.risky else ""
    return f"[{short(view.file)}] {view.name}, {size_of(view.size)}{risky}: {state_of(view)}"
