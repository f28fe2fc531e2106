"""What the daemon shows of attachments.

Law: as in `api.views`, which is where clients take these from.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Short
from meshcoal.limits import API_PAGE_MAX, ATTACHMENT_BYTES_MAX, ATTACHMENTS_MAX, UPLOAD_PART_BYTES_MAX
from meshcoal.wire.record import Count, Id32, Items, OptionalId32, Range, Record, Size
from meshcoal.wire.shape import dataclass


class AttachmentState(enum.StrEnum):
    ABSENT = "absent"  # nobody asked for it here
    COMING = "coming"
    NOBODY = "nobody"  # asked for, and nobody who can be reached holds it
    RELAYED = "relayed"  # asked for at the relays: it comes once a device that holds it is on
    HERE = "here"
    BROKEN = "broken"  # its author sealed something else than announced
    OVER = "over"  # larger than the campaign's rules allowed when it was attached: nobody fetches it


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentView(Record):
    """A file that goes with a message."""

    file: Id32
    name: Short  # as its author called it: `wire.filenames` makes it safe to write
    media_type: Short  # as its author says
    size: Annotated[int, Range(0, ATTACHMENT_BYTES_MAX)]  # bytes
    state: AttachmentState
    held: Count  # chunks here
    of: Count  # chunks in all
    held_by: Count  # active members known to hold it whole, me included
    held_of: Count  # active members
    risky: bool  # of a kind that can do harm when it is opened


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedView(Record):
    """An attachment with the message it stands in, or the text or comment of a statement."""

    channel: Annotated[bytes, Size(0, 16, between=False)]  # empty: in a statement or a case
    statement: OptionalId32  # empty: it stands in a channel or a case
    message: Id32  # or the revision, the comment, the entry, the sheet
    number: Annotated[int, Range(0, ATTACHMENTS_MAX - 1)]  # its place in the message
    name: Short  # who sent it
    at_ms: Count
    attachment: AttachmentView
    case: OptionalId32 = b""  # that it stands in


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsView(Record):
    attachments: Annotated[tuple[AttachedView, ...], Items(0, API_PAGE_MAX)]  # the newest last
    kept_bytes: Count  # of this campaign, here
    kept_bytes_max: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadView(Record):
    """How far a file has been handed over."""

    upload: Annotated[bytes, Size(16)]
    received: Count
    size: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView(Record):
    """Some bytes of an attachment."""

    offset: Count
    size: Count  # of the whole file
    data: Annotated[bytes, Size(0, UPLOAD_PART_BYTES_MAX)]
