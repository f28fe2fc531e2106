"""Files of messages: handing one over before it is sent, and saving those that are here.

Law: what is done to a picture before it leaves is said; nothing is opened; a file lands where the person said
and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from meshcoal.api.commands import AppendUpload, BeginUpload, DropUpload, ReadAttachment
from meshcoal.api.views import AttachmentView, Done, MessageView, PartView, UploadView
from meshcoal.client.attaching import Prepared, Saving, prepare
from meshcoal.errors import MalformedAttachment
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import Ready
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.session import Session
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import lines, name

Tell = Callable[[int, int], None]  # done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file that the daemon has, to go with the next message."""

    upload: bytes
    name: str
    size: int
    cleaned: bool


class FileForm(Form[Handed]):
    """Which file is to go with the message."""

    AUTO_FOCUS = "PlainInput"

    def __init__(self, session: Session, campaign: bytes) -> None:
        super().__init__(
            _("Attach a file"),
            (
                Field(
                    name="keep",
                    label=_("Pictures"),
                    kind="choice",
                    value="",
                    choices=(
                        ("", _("take out place, time and device")),
                        ("keep", _("leave them in")),
                    ),
                ),
                Field(name="path", label=_("File"), placeholder="~/case/ruling.pdf", required=True),
            ),
            self._hand_over,
            submit=_("Attach"),
            explain=_(
                "Only JPEG, PNG and WebP pictures are cleaned. PDF, documents, sound and video may say who "
                "made them, when and where. At most 20 MiB, or what the campaign allows."
            ),
        )
        self._session = session
        self._campaign = campaign

    async def _hand_over(self, values: Values) -> Handed:
        keep = values["keep"] == "keep"
        file = await asyncio.to_thread(prepare, Path(values["path"]), keep_metadata=keep)
        return await hand_over(self._session, self._campaign, file, self._tell)

    def _tell(self, done: int, total: int) -> None:
        self.post_message(Ready(lambda: self._progress(done, total)))

    def _progress(self, done: int, total: int) -> None:
        for busy in self.query(BusyLine):
            busy.progress(_("Sealing"), done, total)


async def hand_over(session: Session, campaign: bytes, file: Prepared, tell: Tell) -> Handed:
    """Give a file to the daemon in parts; given up in the middle, it is dropped there."""
    begin = BeginUpload(
        campaign=campaign,
        name=file.name,
        media_type=file.media_type,
        size=len(file.data),
        hash=file.hash,
    )
    view = await session.send(begin, UploadView)
    whole = False
    try:
        for part in file.parts():
            command = AppendUpload(campaign=campaign, upload=view.upload, data=part)
            view = await session.send(command, UploadView)
            tell(view.received, view.size)
        whole = True
    finally:
        if not whole:
            drop = DropUpload(campaign=campaign, upload=view.upload)
            await asyncio.shield(asyncio.ensure_future(session.send(drop, Done)))
    return Handed(upload=view.upload, name=file.name, size=len(file.data), cleaned=file.cleaned)


def attached_line(files: Sequence[Handed]) -> str:
    """What goes with the message that is being written."""
    named = ", ".join([f"{name(one.name, 40)} ({shown.size(one.size)})" for one in files])
    return _("With it: %(files)s") % {"files": named}


class SaveForm(Form[tuple[Path, ...]]):
    """Where the files of a message are to be written."""

    def __init__(self, session: Session, campaign: bytes, message: MessageView, numbers: list[int]) -> None:
        files = [message.attachments[number] for number in numbers]
        explain = [_("They get safe names and overwrite nothing. meshcoal does not open them.")]
        if any(one.risky for one in files):
            explain.append(
                _("! Of these, some can do something when they are opened. Be sure who sent them.")
            )
        super().__init__(
            _("Save the files of this message"),
            (Field(name="folder", label=_("Folder"), value=str(Path.home()), required=True),),
            self._save,
            submit=_("Save"),
            explain=lines(explain),
        )
        self._session = session
        self._campaign = campaign
        self._message = message.id
        self._files: list[tuple[int, AttachmentView]] = list(zip(numbers, files, strict=True))

    async def _save(self, values: Values) -> tuple[Path, ...]:
        folder = Path(values["folder"])
        return tuple([await self._save_one(number, one, folder) for number, one in self._files])

    async def _save_one(self, number: int, file: AttachmentView, folder: Path) -> Path:
        with await asyncio.to_thread(Saving, file, folder) as saving:
            while not saving.complete:
                command = ReadAttachment(
                    campaign=self._campaign, message=self._message, number=number, offset=saving.written
                )
                data = (await self._session.send(command, PartView)).data
                if not data:
                    raise MalformedAttachment(_("the file ends before its end: fetch it again"))
                await asyncio.to_thread(saving.append, data)
            return await asyncio.to_thread(saving.finish)
