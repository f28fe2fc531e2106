"""Files of messages and letters: what there is, fetching, saving, and handing one over.

Law: a picture loses what was written beside it before it leaves, unless the person keeps it. A file that
others sent is never shown, only saved: it goes to the browser as bytes without a kind. What a person hands
over is held in memory, and never written to the disk by pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from meshcoal.api.commands import (
    FetchAttachment,
    ReadAttachment,
    StopAttachment,
)
from meshcoal.api.views import AttachmentState, AttachmentView, PartView
from meshcoal.browser.elements import Child, Element, el, name, put, said
from meshcoal.browser.forms import Field, Upload, Values
from meshcoal.browser.gate import Place
from meshcoal.browser.visit import Answer, Download, Page, Sheet, Visit, place_of
from meshcoal.client.attaching import prepare_bytes, safe_name
from meshcoal.errors import MalformedAttachment, Unknown
from meshcoal.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_MAX
from meshcoal.tui import shown
from meshcoal.tui.handing import hand_over
from meshcoal.tui.locale import _
from meshcoal.wire.record import Record

_STATES: Final = {
    AttachmentState.ABSENT: _("not fetched"),
    AttachmentState.NOBODY: _("wanted; nobody who can be reached has it"),
    AttachmentState.HERE: _("here"),
    AttachmentState.BROKEN: _("broken by its sender"),
    AttachmentState.OVER: _("larger than the campaign allows; not fetched"),
}
_KEEP_METADATA: Final = "metadata"


def file_field(bytes_max: int = ATTACHMENT_BYTES_MAX) -> tuple[Field, ...]:
    """A file that goes with what a form sends; none where the campaign allows none."""
    if not bytes_max:
        return ()
    return (
        Field(
            name="file",
            label=_("File"),
            kind="file",
            hint=_(
                "At most %(each)s. Pictures lose place, time and device; other files may name who made them."
            )
            % {"each": shown.size(bytes_max)},
        ),
        Field(
            name=_KEEP_METADATA,
            label=_("Of a picture"),
            kind="checks",
            choices=(("keep", _("leave place, time and device in")),),
        ),
    )


async def handed_over(visit: Visit, campaign: bytes, values: Values) -> tuple[bytes, ...]:
    """Give the files of a form to the daemon; their ids, for what is sent next."""
    keep = "keep" in values.all(_KEEP_METADATA)
    return tuple([await _hand_over(visit, campaign, one, keep) for one in values.files[:ATTACHMENTS_MAX]])


async def _hand_over(visit: Visit, campaign: bytes, upload: Upload, keep_metadata: bool) -> bytes:
    file = await asyncio.to_thread(prepare_bytes, upload.name, upload.data, keep_metadata=keep_metadata)
    return (await hand_over(visit.session, campaign, file)).upload


def attached(
    visit: Visit,
    campaign: bytes,
    operation: bytes,
    files: Sequence[AttachmentView],
    *,
    place: Place | None = None,
) -> Child:
    """The files of one message, text, comment or entry, each with what can be done with it.

    `place`: where one is afterwards; None: here.
    """
    if not files:
        return None
    back = place or visit.place
    rows = [_row(visit, campaign, operation, number, one, back) for number, one in enumerate(files)]
    return el("ul", rows, class_="plain")


def _row(
    visit: Visit, campaign: bytes, operation: bytes, number: int, file: AttachmentView, back: Place
) -> Element:
    state = _STATES.get(file.state) or f"{100 * file.held // max(1, file.of)} %"
    on = _("on %(by)d of %(of)d") % {"by": file.held_by, "of": file.held_of}
    made = el("li", el("p", "▤ ", said(file.name), f" ({shown.size(file.size)}): {state} · {on}"))
    if file.risky:
        put(made, el("p", _("! can do harm when opened"), class_="warn"))
    place = place_of("file", campaign, operation, str(number), *back.ids[:2], back.page)
    label = {"name": name(file.name, 60)}
    if file.state is AttachmentState.HERE:
        put(made, visit.button(_("Save"), "save", place=place, label=_("Save %(name)s") % label))
    elif file.state in (AttachmentState.ABSENT, AttachmentState.BROKEN):
        put(made, visit.button(_("Fetch"), "fetch", place=place, label=_("Fetch %(name)s") % label))
    elif file.state is not AttachmentState.OVER:
        put(
            made,
            visit.button(_("Stop fetching"), "stop", place=place, label=_("Stop fetching %(name)s") % label),
        )
    return made


class FilePage(Page):
    """Ids: campaign, operation, number; then the place that the file is shown at. Answers forms alone."""

    async def show(self, visit: Visit) -> Sheet:
        raise Unknown("There is nothing at this address.")

    async def act(self, visit: Visit, values: Values) -> Answer:
        campaign, operation = visit.id(), visit.id(1)
        number = int(visit.word(2)) if visit.word(2).isdecimal() else 0
        back = Place(page=visit.word(5), ids=(visit.word(3), visit.word(4)))
        match values["do"]:
            case "fetch":
                await visit.ask(FetchAttachment(campaign=campaign, message=operation, number=number), Record)
                visit.told = _("It is being fetched. Look again in a while.")
                return back
            case "stop":
                await visit.ask(StopAttachment(campaign=campaign, message=operation, number=number), Record)
                return back
            case _other:
                return await self._saved(visit, campaign, operation, number)

    async def _saved(self, visit: Visit, campaign: bytes, operation: bytes, number: int) -> Download:
        data, size = bytearray(), 1
        while len(data) < size:
            command = ReadAttachment(campaign=campaign, message=operation, number=number, offset=len(data))
            part = await visit.ask(command, PartView)
            if not part.data:
                raise MalformedAttachment(_("the file ends before its end: fetch it again"))
            data += part.data
            size = part.size
        return Download(name=await _name_of(visit, campaign, operation, number), data=bytes(data))


async def _name_of(visit: Visit, campaign: bytes, operation: bytes, number: int) -> str:
    from meshcoal.api.commands import ListAttachments
    from meshcoal.api.views import AttachmentsView

    listed = await visit.ask(ListAttachments(campaign=campaign), AttachmentsView)
    found = next(
        (one.attachment for one in listed.attachments if (one.message, one.number) == (operation, number)),
        None,
    )
    return safe_name(found) if found is not None else "attachment.bin"
