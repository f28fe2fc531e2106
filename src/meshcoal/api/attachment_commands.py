"""What a user can ask about attachments.

Law: as in `api.commands`, which is where clients take these from.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, UploadId
from meshcoal.limits import (
    ATTACHMENT_BYTES_MAX,
    ATTACHMENT_NAME_CHARS_MAX,
    ATTACHMENTS_MAX,
    MEDIA_TYPE_CHARS_MAX,
    UPLOAD_PART_BYTES_MAX,
)
from meshcoal.wire.record import Chars, Id32, Range, Size
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginUpload(Command):
    """Hand a file over that is to go with a message. Its bytes follow in `AppendUpload`. `UploadView`."""

    campaign: Id32
    name: Annotated[str, Chars(1, ATTACHMENT_NAME_CHARS_MAX)]
    media_type: Annotated[str, Chars(1, MEDIA_TYPE_CHARS_MAX)]
    size: Annotated[int, Range(0, ATTACHMENT_BYTES_MAX)]
    hash: Id32  # `wire.attachment.file_hash`


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendUpload(Command):
    """The next bytes of a file. Answered by `UploadView`."""

    campaign: Id32
    upload: UploadId
    data: Annotated[bytes, Size(1, UPLOAD_PART_BYTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropUpload(Command):
    """The file will not be sent: erase it. Answered by `Done`."""

    campaign: Id32
    upload: UploadId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAttachments(Command):
    """The newest attachments of a campaign. Answered by `AttachmentsView`."""

    campaign: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchAttachment(Command):
    """Fetch a file from whoever holds it; goes on in the background. `MessageView`, or `StatementView`."""

    campaign: Id32
    message: Id32
    number: Annotated[int, Range(0, ATTACHMENTS_MAX - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAttachment(Command):
    """Stop fetching a file; what has come stays for a later try. `MessageView`, or `StatementView`."""

    campaign: Id32
    message: Id32
    number: Annotated[int, Range(0, ATTACHMENTS_MAX - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAttachment(Command):
    """Bytes of a file that is here, for the client to write. Answered by `PartView`."""

    campaign: Id32
    message: Id32
    number: Annotated[int, Range(0, ATTACHMENTS_MAX - 1)]
    offset: Annotated[int, Range(0, ATTACHMENT_BYTES_MAX)]
