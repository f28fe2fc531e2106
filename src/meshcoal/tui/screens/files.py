"""Files of messages: handing one over before it is sent, and saving those that are here.

Law: what is done to a picture before it leaves is said; nothing is opened; a file lands where the person said
and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from meshcoal.api.commands import (
    FetchAttachment,
    ReadAttachment,
    StopAttachment,
)
from meshcoal.api.views import AttachmentState, AttachmentView, PartView
from meshcoal.client.attaching import Saving, prepare
from meshcoal.errors import MalformedAttachment
from meshcoal.tui import shown
from meshcoal.tui.handing import Handed as Handed
from meshcoal.tui.handing import hand_over as hand_over
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen, Ready
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.session import Session
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import lines, name, say
from meshcoal.wire.record import Record

Placed = tuple[bytes, int, AttachmentView]  # a file, the operation that names it, and its number there
V = TypeVar("V", bound=Record)


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


async def hand_over_path(session: Session, campaign: bytes, path: str) -> tuple[Handed, ...]:
    """A file by its path, with its picture cleaned; none where nothing was written."""
    if not path.strip():
        return ()
    file = await asyncio.to_thread(prepare, Path(path.strip()))
    return (await hand_over(session, campaign, file),)


def file_field() -> Field:
    """A file that goes with what a form enters, by its path."""
    return Field(name="file", label=_("File"), placeholder=_("none; pictures lose place, time and device"))


def attached_line(files: Sequence[Handed]) -> str:
    """What goes with the message that is being written."""
    named = ", ".join([f"{name(one.name, 40)} ({shown.size(one.size)})" for one in files])
    return _("With it: %(files)s") % {"files": named}


class SaveForm(Form[tuple[Path, ...]]):
    """Where the files of a message or a comment are to be written."""

    def __init__(self, session: Session, campaign: bytes, files: Sequence[Placed]) -> None:
        explain = [_("They get safe names and overwrite nothing. meshcoal does not open them.")]
        if any(one.risky for _, _, one in files):
            explain.append(
                _("! Of these, some can do something when they are opened. Be sure who sent them.")
            )
        super().__init__(
            _("Save these files"),
            (Field(name="folder", label=_("Folder"), value=str(Path.home()), required=True),),
            self._save,
            submit=_("Save"),
            explain=lines(explain),
        )
        self._session = session
        self._campaign = campaign
        self._files = list(files)

    async def _save(self, values: Values) -> tuple[Path, ...]:
        folder = Path(values["folder"])
        return tuple([await self._save_one(*one, folder) for one in self._files])

    async def _save_one(self, message: bytes, number: int, file: AttachmentView, folder: Path) -> Path:
        with await asyncio.to_thread(Saving, file, folder) as saving:
            while not saving.complete:
                command = ReadAttachment(
                    campaign=self._campaign, message=message, number=number, offset=saving.written
                )
                data = (await self._session.send(command, PartView)).data
                if not data:
                    raise MalformedAttachment(_("the file ends before its end: fetch it again"))
                await asyncio.to_thread(saving.append, data)
            return await asyncio.to_thread(saving.finish)


def numbered(files: Iterable[tuple[bytes, AttachmentView]]) -> list[Placed]:
    """Each with its number among those of its operation."""
    counts: Counter[bytes] = Counter()
    found = []
    for operation, file in files:
        found.append((operation, counts[operation], file))
        counts[operation] += 1
    return found


def fetch_or_save(
    screen: MeshScreen[None],
    campaign: bytes,
    files: Sequence[Placed],
    kind: type[V],
    then: Callable[[V], None],
) -> None:
    """Fetch what is not here; if nothing is to be fetched, stop what is coming; if all is here, save it.

    Args:
        kind: the view that answers for what names the files; `then` gets it.
    """
    absent = (AttachmentState.ABSENT, AttachmentState.BROKEN)
    coming = (AttachmentState.COMING, AttachmentState.NOBODY, AttachmentState.RELAYED)
    here = [one for one in files if one[2].state is AttachmentState.HERE]
    wanted = [one for one in files if one[2].state in absent]
    fetch: type[FetchAttachment | StopAttachment] = FetchAttachment
    if not wanted:
        fetch, wanted = StopAttachment, [one for one in files if one[2].state in coming]
    if not files or not (here or wanted):
        say(screen.app, _("There is no file here that could be fetched."))
    elif not wanted:
        screen.app.push_screen(SaveForm(screen.mesh.session, campaign, here), partial(_saved, screen))
    for message, number, _file in wanted:
        screen.ask(fetch(campaign=campaign, message=message, number=number), kind, then)


def _saved(screen: MeshScreen[None], paths: tuple[Path, ...] | None) -> None:
    if paths:
        say(screen.app, _("Saved: %(paths)s") % {"paths": ", ".join([str(path) for path in paths])})
