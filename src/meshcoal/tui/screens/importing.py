"""Reading in what came back on a call: files, folders, pictures of QR codes.

Law: nothing that was given is passed over in silence: each reply that cannot be read is told by file, place
and code. The files stay as they are, and reading twice does no harm.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from meshcoal.api.commands import ImportReplies
from meshcoal.api.views import Imported, ImportedView
from meshcoal.client.replies_in import files_in, parts_of_file, sealed_in
from meshcoal.errors import BadArgument, MeshcoalError
from meshcoal.home import expanded
from meshcoal.limits import KIB, REPLIES_COMMAND_MAX, REPLIES_FILE_BYTES_MAX
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import Ready
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.session import Session
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import Styled, lines, name

_COMMAND_BYTES_MAX: Final = 512 * KIB
_TOLD_MAX: Final = 12

Sealed = tuple[int, bytes]  # its number in the file; empty: damaged; number 0: there is none


@dataclass(slots=True)
class Told:
    """What became of what was read in."""

    outcomes: Counter[Imported] = field(default_factory=Counter)
    refused: list[tuple[str, int, str]] = field(default_factory=list)  # file, number, code


class ImportForm(Form[Told]):
    """Where the replies are."""

    AUTO_FOCUS = "PlainText"

    def __init__(self, session: Session, campaign: bytes, statement: bytes) -> None:
        super().__init__(
            _("Read in replies"),
            (
                Field(
                    name="paths",
                    label=_("Files, one a line"),
                    kind="text",
                    placeholder=_("~/replies"),
                    required=True,
                ),
            ),
            self._read,
            submit=_("Read in"),
            explain=_(
                "As it came: mails, chats, reply files, whole folders; in pictures (PNG, JPEG, WebP) QR "
                "codes are looked for. Reading the same twice does no harm. Withdrawals take effect at once."
            ),
        )
        self._session = session
        self._campaign = campaign
        self._statement = statement

    async def _read(self, values: Values) -> Told:
        told = Told()
        given = [line.strip() for line in values["paths"].split("\n") if line.strip()]
        paths = await asyncio.to_thread(_all_files, given)
        for number, path in enumerate(paths):
            self.post_message(Ready(partial(self._progress, number, len(paths))))
            await self._read_file(path, told)
        return told

    async def _read_file(self, path: Path, told: Told) -> None:
        """One file, a command's worth at a time: a file may hold thousands."""
        found = sealed_in(parts_of_file(path))
        more = True
        while more:
            try:
                batch, more = await asyncio.to_thread(_batch, found)
            except MeshcoalError as exc:  # of this file alone: those behind it are read all the same
                told.refused.append((path.name, 0, exc.code))
                return
            told.refused += [
                (path.name, number, "damaged" if number else "no-reply")
                for number, sealed in batch
                if not sealed
            ]
            replies = [(number, sealed) for number, sealed in batch if sealed]
            if replies:
                await self._send(path.name, replies, told)

    async def _send(self, file: str, replies: list[Sealed], told: Told) -> None:
        command = ImportReplies(
            campaign=self._campaign,
            statement=self._statement,
            replies=tuple([sealed for _number, sealed in replies]),
        )
        view = await self._session.send(command, ImportedView)
        for (number, _sealed), one in zip(replies, view.outcomes, strict=True):
            told.outcomes[one.outcome] += 1
            if one.outcome is Imported.REFUSED:
                told.refused.append((file, number, one.code))

    def _progress(self, done: int, total: int) -> None:
        for busy in self.query(BusyLine):
            busy.progress(_("Reading in"), done, total)


def _all_files(given: list[str]) -> list[Path]:
    try:
        found = [path for one in given for path in files_in(expanded(Path(one)))]
    except RuntimeError:  # a home that nobody has
        raise BadArgument(_("there is no such folder")) from None
    if any(path.stat().st_size > REPLIES_FILE_BYTES_MAX for path in found):
        raise BadArgument(_("a file is too large to hold replies"))
    return found


def _batch(found: Iterator[Sealed]) -> tuple[list[Sealed], bool]:
    """What one command takes, and whether there may be more."""
    taken: list[Sealed] = []
    size = 0
    for one in found:
        taken.append(one)
        size += len(one[1])
        if len(taken) >= REPLIES_COMMAND_MAX or size >= _COMMAND_BYTES_MAX:
            return taken, True
    return taken, False


def told_lines(told: Told) -> Styled:
    """Counts, and what could not be read."""
    new = told.outcomes[Imported.NEW] + told.outcomes[Imported.FURTHER]
    drawn: list[str | Styled] = [
        ngettext("%(count)d reply is new.", "%(count)d replies are new.", new) % {"count": new},
        _("Known already: %(known)d. Withdrawals: %(withdrawals)d.")
        % {
            "known": told.outcomes[Imported.KNOWN],
            "withdrawals": told.outcomes[Imported.WITHDRAWAL],
        },
    ]
    if told.refused:
        drawn.append(_("! Cannot be read: %(count)d. Ask those people again.") % {"count": len(told.refused)})
    for file, number, code in told.refused[:_TOLD_MAX]:
        place = _("number %(number)d") % {"number": number} if number else _("the whole file")
        drawn.append(f"    {name(file, 40)}, {place}: {code}")
    if len(told.refused) > _TOLD_MAX:
        drawn.append(_("    and %(count)d more") % {"count": len(told.refused) - _TOLD_MAX})
    return lines(drawn)
