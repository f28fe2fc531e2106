"""The view in a web browser, and drafts that are kept: commands and views.

Law: as in `api.commands` and `api.views`, of which this is a part. An address that lets somebody in is told
once, to whoever asked for it, and is nowhere kept. What a draft holds is the client's affair.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, Short, SignedMs
from meshcoal.limits import DRAFT_BYTES_MAX, DRAFT_SLOT_CHARS_MAX, DRAFTS_MAX
from meshcoal.wire.record import Chars, Count, Items, OptionalId32, Record, Size
from meshcoal.wire.shape import dataclass

Slot = Annotated[str, Chars(1, DRAFT_SLOT_CHARS_MAX)]
DraftBody = Annotated[bytes, Size(1, DRAFT_BYTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartBrowser(Command):
    """Serve pages to a web browser on this machine, and let one in. Works while locked. `BrowserView`."""

    language: Annotated[str, Chars(0, 16)] = ""  # of the pages; empty: the daemon's own


@dataclass(frozen=True, slots=True, kw_only=True)
class StopBrowser(Command):
    """Serve no pages any more. Works while locked. Answered by `BrowserView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowBrowser(Command):
    """Whether pages are served. Works while locked. Answered by `BrowserView`, without an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserView(Record):
    """How the view in a web browser stands."""

    running: bool
    address: Short = ""  # to open once; told to whoever asked for it and to nobody else
    until_ms: SignedMs = -1  # until when that address lets somebody in; -1: none waits to be opened
    entered: bool = False  # somebody is in


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDraft(Command):
    """Keep what is being written, under the vault; of one slot the newest. Answered by `DraftsView`."""

    slot: Slot  # the client's name for the place where it is written
    body: DraftBody
    campaign: OptionalId32 = (
        b""  # whose talk it is: erased when talk of its age is; empty: kept until dropped
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDraft(Command):
    """Erase a draft; none there is fine too. Answered by `DraftsView`."""

    slot: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDrafts(Command):
    """Answered by `DraftsView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView(Record):
    slot: Slot
    body: DraftBody
    at_ms: Count  # when it was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsView(Record):
    drafts: Annotated[tuple[DraftView, ...], Items(0, DRAFTS_MAX)]  # the newest first
