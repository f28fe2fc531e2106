"""Before a release: what is left to do, what becomes public and what does not, and the files themselves.

Law: the files are those that a release made now would have, from the code that writes them; nothing is
published or written by looking. Each point of the list is one key from being dealt with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import TabbedContent

from meshcoal.api.commands import PreviewStatement, ShowStatement
from meshcoal.api.views import FilesView, Notice, NoticeKind, StatementPhase, StatementView
from meshcoal.export.files import with_exports
from meshcoal.export.readable import readable
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.release import Mark, Point, becomes_public, points, stays_inside
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.widgets.plain import PlainOptions, PlainPane, PlainStatic, Row, Styled, lines, name, styled

NamedFile = tuple[str, bytes]
SHOWN_CHARS_MAX: Final = 60_000  # of one file; more cannot be read here, and would be slow to draw
_STYLES: Final = {Mark.DONE: "dim", Mark.OPEN: "", Mark.CARE: "bold $warning"}


class PreviewScreen(MeshScreen[str | None]):
    """Three tabs. Answers the action of the letter's screen that deals with the chosen point."""

    PLACE = "preview"
    CONCERNS = frozenset({NoticeKind.STATEMENT})
    BINDINGS = bindings("preview")
    AUTO_FOCUS = "#points"

    def __init__(self, campaign: bytes, statement: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.statement = statement
        self._points: tuple[Point, ...] = ()
        self._files: tuple[NamedFile, ...] = ()

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="preview-state", classes="note")
        with TabbedContent(initial="tab-points"):
            with PlainPane(_("1 Before the release"), id="tab-points"):
                yield PlainOptions(id="points")
            with PlainPane(_("2 What becomes public"), id="tab-public"), VerticalScroll(classes="pane"):
                yield PlainStatic("", id="public")
            with PlainPane(_("3 The files"), id="tab-files"):
                yield PlainOptions(id="files")
                with VerticalScroll(classes="pane", id="file-pane"):
                    yield PlainStatic("", id="file")

    def on_mount(self) -> None:
        self.head(_("Before the release"))
        self.query_one("#files").styles.height = "auto"
        self.query_one("#files").styles.max_height = 6

    def about(self, notice: Notice) -> bool:
        return notice.subject in (b"", self.statement) and notice.campaign in (b"", self.campaign)

    async def load(self) -> Callable[[], None]:
        session = self.mesh.session
        letter = ShowStatement(campaign=self.campaign, statement=self.statement)
        view = await session.send(letter, StatementView)
        preview = PreviewStatement(campaign=self.campaign, statement=self.statement)
        given = await session.send(preview, FilesView)
        made = await asyncio.to_thread(_made, given)
        return lambda: self.show(view, made)

    def show(self, view: StatementView, files: tuple[NamedFile, ...]) -> None:
        """Draw all three."""
        now_ms, zone = self.mesh.now_ms(), self.mesh.zone
        if view.phase is StatementPhase.RELEASED:
            state = _("This is released: so its files look now.")
        else:
            state = _("Nothing is published by looking. This is what a release would make now.")
        self.query_one("#preview-state", PlainStatic).show(state)
        self._points, self._files = points(view, now_ms=now_ms, zone=zone), files
        rows = [Row(str(at), _point(one)) for at, one in enumerate(self._points)]
        self.query_one("#points", PlainOptions).fill(rows)
        self.query_one("#public", PlainStatic).show(public_lines(view))
        listed = [Row(one, styled(one, (f"  {_what(one)}", "dim"))) for one, _data in files]
        self.query_one("#files", PlainOptions).fill(listed)
        self._read()

    @on(PlainOptions.OptionHighlighted, "#files")
    def _read(self) -> None:
        """Show the chosen file."""
        chosen = self.query_one("#files", PlainOptions).chosen
        for file, data in self._files:
            if file == chosen:
                self.query_one("#file", PlainStatic).show(file_text(file, data))
                self.query_one("#file-pane").scroll_home(animate=False)

    def _tab(self, tab: str, focus: str) -> None:
        self.query_one(TabbedContent).active = tab
        self.query_one(focus).focus()

    def action_points(self) -> None:
        self._tab("tab-points", "#points")

    def action_public(self) -> None:
        self._tab("tab-public", "#tab-public .pane")

    def action_files(self) -> None:
        self._tab("tab-files", "#files")

    @on(PlainOptions.OptionSelected, "#points")
    def action_choose(self) -> None:
        """Go and deal with the chosen point; among the files, read the chosen one."""
        if self.query_one(TabbedContent).active == "tab-files":
            self.query_one("#file-pane").focus()
            return
        chosen = self.query_one("#points", PlainOptions).chosen
        if chosen is not None:
            self.dismiss(self._points[int(chosen)].action)

    @on(PlainOptions.OptionSelected, "#files")
    def _chosen_file(self) -> None:
        self.query_one("#file-pane").focus()

    def action_back(self) -> None:
        self.dismiss(None)


def _made(given: FilesView) -> tuple[NamedFile, ...]:
    """Everything that an export writes, but for the PDF, which says the same as the page."""
    made = with_exports([(file.name, file.data) for file in given.files], outgoing=True)
    return tuple(sorted(made, key=lambda one: _order(one[0])))


_ORDER: Final = (".signatories.txt", ".press.", ".letter-", ".html", ".canonical.txt", ".txt")


def _order(file: str) -> int:
    return next((at for at, part in enumerate(_ORDER) if part in file), len(_ORDER))


def _what(file: str) -> str:
    """What a file is for."""
    for part, words in _WHAT.items():
        if part in file:
            return words
    return ""


_WHAT: Final = {
    ".signatories.txt": _("who signed, as a list"),
    ".signatories.csv": _("who signed, as a table"),
    ".press.": _("a text for the press"),
    ".letter-": _("a letter to an addressee, to print"),
    ".canonical.txt": _("exactly what was signed"),
    ".sheet": _("a sheet to sign on paper"),
    ".meshcoal.json": _("the package, with all proofs"),
    ".html": _("the page that checks itself"),
    ".txt": _("the text in one language"),
}


def _point(one: Point) -> Styled:
    return styled((f"{one.mark.value} ", "bold"), (one.text, _STYLES[one.mark]))


def public_lines(view: StatementView) -> Styled:
    """Both lists, one below the other; neither is told by a colour."""
    drawn: list[str | Styled] = [styled((_("Everybody can read, for good:"), "bold"))]
    drawn += [f"+ {one}" for one in becomes_public(view)]
    drawn += ["", styled((_("In none of these files:"), "bold"))]
    drawn += [f"– {one}" for one in stays_inside(view)]
    told = _("Copies cannot be called back. Every member of this campaign has what stays inside.")
    return lines([*drawn, "", styled((told, "bold $warning"))])


def file_text(file: str, data: bytes) -> Styled:
    """A file as it reads; a page without its markup."""
    text = readable(data) if file.endswith(".html") else data.decode("utf-8-sig", errors="replace")
    drawn: list[str | Styled] = [styled((name(file, 70), "bold")), text[:SHOWN_CHARS_MAX]]
    cut = len(text) - SHOWN_CHARS_MAX
    if cut > 0:
        told = ngettext("… and %(count)d more character.", "… and %(count)d more characters.", cut)
        drawn.append(styled((told % {"count": cut}, "dim")))
    return lines(drawn)
