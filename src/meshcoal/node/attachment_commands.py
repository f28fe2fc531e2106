"""What a user asks about attachments, one function a command.

Law: as in `node.commands`; only a file that turns out to be another than was announced is erased besides. A
file comes in parts and goes out in parts; it is never held in memory whole, and never written by the daemon
in plain.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.crypto.chunks import digest_of
from meshcoal.crypto.sealing import KEY_BYTES
from meshcoal.errors import BadArgument, OverLimit, OverRule, Unknown, WrongPhase
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import (
    API_PAGE_MAX,
    UPLOAD_PART_BYTES_MAX,
    UPLOADS_MAX,
)
from meshcoal.log.reader import AttachedRow
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.files import Upload
from meshcoal.node.rules import allowed, check_file, kept_bytes_max
from meshcoal.node.step import Step
from meshcoal.statement.case import Case
from meshcoal.statement.model import Attaching
from meshcoal.wire.attachment import Attachment, decode_attached
from meshcoal.wire.record import Record

_TOKEN_BYTES: Final = 16
_STAGED_BYTES: Final = 32


@handles(ask.BeginUpload)
def _begin_upload(self: Commands, step: Step, command: ask.BeginUpload) -> Record:
    campaign = self.writable(command.campaign)
    files = campaign.files
    if len(files.uploads) >= UPLOADS_MAX:
        raise OverLimit("Too many files wait to be sent. Send or drop one of them first.")
    check_file(campaign, command.size)
    files.make_room(step, command.size, self.core.attachments.room_left(campaign))
    # The same file once more: under the same key it is the same chunks, and nobody fetches it twice.
    same = files.known(command.size, command.hash)
    key = same.key if same else self.entropy.take(KEY_BYTES)
    token = self.entropy.take(_TOKEN_BYTES)
    upload = Upload(
        campaign=campaign.id,
        staged=self.entropy.take(_STAGED_BYTES),
        name=command.name,
        media_type=command.media_type,
        size=command.size,
        hash=command.hash,
        key=key,
        digest=digest_of(key, command.hash),
        expected=same.manifest if same else b"",
        touched_ms=step.now_ms,
    )
    files.uploads[token] = upload
    if not command.size:
        _advance(campaign, step, token, upload, b"")
    return _upload_view(token, upload)


@handles(ask.AppendUpload)
def _append_upload(self: Commands, step: Step, command: ask.AppendUpload) -> Record:
    campaign = self.writable(command.campaign)
    upload = _upload(campaign, command.upload)
    if upload.attachment is not None:
        raise WrongPhase("This file was handed over whole already.")
    upload.touched_ms = step.now_ms
    _advance(campaign, step, command.upload, upload, command.data)
    return _upload_view(command.upload, upload)


def _advance(campaign: Campaign, step: Step, token: bytes, upload: Upload, data: bytes) -> None:
    upload.append(step, data)
    if upload.received < upload.size:
        return
    try:
        attachment = upload.close(step)
    except BadArgument:
        campaign.files.drop_upload(step, token)
        raise
    if upload.expected and attachment.manifest != upload.expected:
        # Somebody announced this very file and sealed another one under its digest.
        campaign.files.broke(step, upload.expected)
        campaign.files.drop_upload(step, token)
        raise WrongPhase("A file of another member only pretends to be this one. Attach yours once more.")
    campaign.files.keep_upload(step, upload)


@handles(ask.DropUpload)
def _drop_upload(self: Commands, step: Step, command: ask.DropUpload) -> Record:
    campaign = self.campaign(command.campaign)
    _upload(campaign, command.upload)
    campaign.files.drop_upload(step, command.upload)
    return show.Done()


def _upload(campaign: Campaign, token: bytes) -> Upload:
    upload = campaign.files.uploads.get(token)
    if upload is None:
        raise Unknown("This file is not here any more. Attach it again.")
    return upload


def _upload_view(token: bytes, upload: Upload) -> show.UploadView:
    return show.UploadView(upload=token, received=upload.received, size=upload.size)


@handles(ask.ListAttachments)
def _list_attachments(self: Commands, step: Step, command: ask.ListAttachments) -> Record:
    campaign = self.campaign(command.campaign)
    newest = campaign.reader.attached(campaign.id, limit=API_PAGE_MAX)
    found: list[show.AttachedView] = []
    for attached in newest:
        at = _place(self, campaign, attached)
        if at is None:
            continue
        author, at_ms, files = at
        case = _case_of(campaign, attached)
        found += [
            show.AttachedView(
                channel=attached.channel,
                statement=attached.about,
                case=case.id if case is not None else b"",
                message=attached.message,
                number=number,
                name=self.core.shows.name_of(campaign, author),
                at_ms=at_ms,
                attachment=one,
            )
            for number, one in enumerate(files)
        ]
    return show.AttachmentsView(
        attachments=tuple(found[-API_PAGE_MAX:]),
        kept_bytes=campaign.files.kept_bytes,
        kept_bytes_max=kept_bytes_max(campaign.roster()),
    )


def _place(
    self: Commands, campaign: Campaign, attached: AttachedRow
) -> tuple[AuthorId, int, tuple[show.AttachmentView, ...]] | None:
    """Who attached something, when by their clock, and the files; None where it does not count."""
    if not attached.channel:
        one = _written(campaign, attached)
        return None if one is None else (one.author, one.at_ms, self.core.shows.attached(campaign, one))
    row = campaign.reader.message(attached.message)
    if row is None or not campaign.talk_counts(row.author, row.context, attached.channel):
        return None
    return row.author, row.at_ms, self.core.shows.timelines.message(campaign, row).attachments


def _written(campaign: Campaign, attached: AttachedRow) -> Attaching | None:
    """What the files stand in, of a statement or a case; None where it does not count."""
    statement = campaign.statements.get(OperationId(attached.about)) if attached.about else None
    written: list[Attaching] = []
    if statement is not None:
        sheets = {entry.sheet.id: entry.sheet for entry in statement.paper}
        written = [*statement.revisions, *statement.comments, *statement.aftermath, *sheets.values()]
    elif (case := _case_of(campaign, attached)) is not None:
        written = [case, *case.entries]
    return next((one for one in written if one.id == attached.message), None)


def _case_of(campaign: Campaign, attached: AttachedRow) -> Case | None:
    """The case in which something with files was written, if it is one."""
    if attached.channel or attached.about:
        return None
    wanted = attached.message
    return next(
        (case for case in campaign.cases.all() if wanted in (case.id, *[one.id for one in case.entries])),
        None,
    )


def _attachment(self: Commands, campaign: Campaign, message: bytes, number: int) -> Attachment:
    attached = campaign.reader.attached_to(OperationId(message))
    if attached is None or _place(self, campaign, attached) is None:
        raise Unknown("There is nothing with an attachment of that id.")
    attachments = decode_attached(attached.encoded)
    if number >= len(attachments):
        raise Unknown("There is no such attachment in it.")
    return attachments[number]


def _what_holds_it(self: Commands, step: Step, campaign: Campaign, message: bytes) -> Record:
    """The message with the file, the statement, or the case."""
    attached = campaign.reader.attached_to(OperationId(message))
    assert attached is not None, "it has attachments"
    if not attached.channel:
        statement = campaign.statements.get(OperationId(attached.about)) if attached.about else None
        if statement is not None:
            return self.core.shows.statement(campaign, statement, step.now_ms)
        case = _case_of(campaign, attached)
        assert case is not None, "the file was found in one of both"
        return self.core.shows.courses.case(campaign, case, step.now_ms)
    row = campaign.reader.message(OperationId(message))
    assert row is not None, "it has attachments"
    return self.core.shows.timelines.message(campaign, row)


@handles(ask.FetchAttachment)
def _fetch_attachment(self: Commands, step: Step, command: ask.FetchAttachment) -> Record:
    campaign = self.campaign(command.campaign)
    attachment = _attachment(self, campaign, command.message, command.number)
    place = campaign.dag.place(OperationId(command.message))
    assert place is not None, "it was found"
    if not allowed(campaign, attachment.size, place.context):
        raise OverRule("This file is larger than the rules of the campaign allowed. Nobody fetches it.")
    self.core.saving.check_files(step.now_ms)
    self.core.attachments.want(step, campaign, attachment, asked=True)
    return _what_holds_it(self, step, campaign, command.message)


@handles(ask.StopAttachment)
def _stop_attachment(self: Commands, step: Step, command: ask.StopAttachment) -> Record:
    campaign = self.campaign(command.campaign)
    attachment = _attachment(self, campaign, command.message, command.number)
    campaign.files.unwant(step, attachment.manifest)
    return _what_holds_it(self, step, campaign, command.message)


@handles(ask.ReadAttachment)
def _read_attachment(self: Commands, step: Step, command: ask.ReadAttachment) -> Record:
    campaign = self.campaign(command.campaign)
    attachment = _attachment(self, campaign, command.message, command.number)
    kept = campaign.files.records.get(attachment.manifest)
    if kept is None or not kept.whole:
        raise WrongPhase("This file is not here yet. Fetch it first.")
    if command.offset > attachment.size:
        raise BadArgument("The file is shorter than that.")
    data = campaign.files.read(attachment, command.offset, UPLOAD_PART_BYTES_MAX)
    return show.PartView(offset=command.offset, size=attachment.size, data=data)
