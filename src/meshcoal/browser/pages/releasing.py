"""Files of a released letter: what there is, the page as others will see it, and saving them.

Law: the page that others get is shown in a sandbox, where its script does not run and nothing can be sent;
its title stays out of the browser's own list of pages. Files are made from the package that the node built,
in memory.
"""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import Iterable
from typing import Final

from meshcoal.api.commands import ExportStatement
from meshcoal.api.views import FilesView, StatementPhase, StatementView
from meshcoal.browser.elements import Child, Element, el
from meshcoal.browser.forms import Values
from meshcoal.browser.pages.comparing import letter_link
from meshcoal.browser.pages.letter import statement
from meshcoal.browser.visit import Answer, Download, Page, Sheet, Visit
from meshcoal.errors import Unknown, WrongPhase
from meshcoal.export.files import NamedFile, with_exports
from meshcoal.export.page import PAGE_SUFFIX
from meshcoal.export.pdf import PDF_SUFFIX
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.wire.filenames import safe_file_name

_ALL: Final = "all"
_PDF: Final = "pdf"
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)  # the least a ZIP can say: when it was saved is nobody's business
_TITLE: Final = re.compile(rb"(<title[^>]*>)[^<]*(</title>)")


class ExportsPage(Page):
    """Ids: campaign, letter."""

    async def show(self, visit: Visit) -> Sheet:
        view = await _released(visit)
        files = await _files(visit, view)
        explain = _(
            "The files are not encrypted: they hold the letter and every name on it. One is a page that "
            "anybody can open in a browser, and that checks itself there."
        )
        left = _("What you save lands where your browser saves things, and in its list of downloads.")
        body: list[Child] = []
        if visit.now_ms < view.not_before_ms:
            embargo = _("! Not to be published before %(when)s. Every file says so.")
            body.append(el("p", embargo % {"when": visit.exact(view.not_before_ms)}, class_="warn"))
        body += [el("p", explain), el("p", left)]
        preview = visit.link(_("See the page as others will"), "preview", view.campaign, view.id)
        body.append(el("p", preview))
        body.append(visit.form((), ((_ALL, _("Save all files in one (ZIP)")), (_PDF, _("Save as PDF")))))
        body.append(el("h2", _("One by one")))
        body.append(el("ul", [_row(visit, number, *one) for number, one in enumerate(files)], class_="plain"))
        check = _("Anybody can check the package, without a network: meshcoal verify FILE")
        body.append(el("p", check, class_="dim"))
        heading = _("Files of the released letter")
        return Sheet(heading=heading, body=body, trail=(letter_link(visit, view),))

    async def act(self, visit: Visit, values: Values) -> Answer:
        view = await _released(visit)
        wanted = values["do"]
        stem = safe_file_name(view.title, "letter")
        if wanted == _ALL:
            files = await _files(visit, view)
            data = await asyncio.to_thread(_zipped, files)
            return Download(name=f"{stem}.zip", data=data)
        if wanted == _PDF:
            made = await _files(visit, view, pdf=True)
            files = tuple([one for one in made if one[0].endswith(PDF_SUFFIX)])
            wanted = "0"
        else:
            files = await _files(visit, view)
        if not (wanted.isascii() and wanted.isdecimal()) or not 0 <= int(wanted[:4]) < len(files):
            raise Unknown(_("There is no such file."))
        name, data = files[int(wanted[:4])]
        return Download(name=name, data=data)


class PreviewPage(Page):
    """Ids: campaign, letter."""

    async def show(self, visit: Visit) -> Download:
        view = await _released(visit)
        files = await _files(visit, view)
        found = next((one for one in files if one[0].endswith(PAGE_SUFFIX)), None)
        if found is None:
            raise Unknown(_("There is no such file."))
        name, data = found
        from meshcoal.browser.frame import TITLE

        neutral = _TITLE.sub(rb"\g<1>" + TITLE.encode() + rb"\g<2>", data, count=1)
        return Download(name=name, data=neutral, media_type="text/html; charset=utf-8", inline=True)


async def _released(visit: Visit) -> StatementView:
    view = await statement(visit)
    if view.phase is not StatementPhase.RELEASED:
        raise WrongPhase(_("This letter is not released yet."))
    return view


async def _files(visit: Visit, view: StatementView, *, pdf: bool = False) -> tuple[NamedFile, ...]:
    """Raises `Unsupported`, `NoFont`, where a PDF is asked for and cannot be made here."""
    given = await visit.ask(ExportStatement(campaign=view.campaign, statement=view.id), FilesView)
    named = [(one.name, one.data) for one in given.files]
    return await asyncio.to_thread(with_exports, named, pdf=pdf, outgoing=True)


def _zipped(files: Iterable[NamedFile]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, date_time=_ZIP_TIME), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _row(visit: Visit, number: int, name: str, data: bytes) -> Element:
    words = _("Save %(name)s (%(size)s)") % {"name": name, "size": shown.size(len(data))}
    return el("li", visit.form((), ((str(number), words),), prefix=f"file{number}"))
