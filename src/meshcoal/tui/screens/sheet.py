"""Entering a sheet by keyboard: one line after another, the table growing below, then one look and one word.

Law: nothing that was typed is lost: it waits while the screen is left or the vault locked, and stays when the
daemon refuses. Nobody attests before they have seen all lines and typed the word.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from meshcoal.api.commands import Capacity, EnterSheet, GivenLine
from meshcoal.api.views import PaperView, SheetView
from meshcoal.client.paper_list import given_line, parse_day, read_table, spell_table
from meshcoal.client.scanning import Scan, scan_of
from meshcoal.errors import BadArgument, MeshcoalError
from meshcoal.limits import PAPER_LINES_MAX
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext, pgettext
from meshcoal.tui.screens.base import MeshScreen, sentence_of
from meshcoal.tui.screens.files import hand_over
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.widgets.plain import (
    PlainInput,
    PlainLabel,
    PlainOptions,
    PlainStatic,
    Row,
    name,
    say,
    styled,
)
from meshcoal.wire.paper import spell_day

_HEAD = ("scan", "dated", "witness", "note")
_LINE = ("line", "name", "title", "organisation", "country", "as")


class SheetScreen(MeshScreen[PaperView | None]):
    """A new sheet, or one of mine anew."""

    PLACE = "sheet"
    BINDINGS = bindings("sheet")
    AUTO_FOCUS = "#name"

    def __init__(self, view: PaperView, sheet: SheetView | None = None) -> None:
        super().__init__()
        self.view = view
        self.sheet = sheet
        self._lines: dict[int, GivenLine] = {}

    @property
    def _draft_key(self) -> tuple[str, ...]:
        number = str(self.sheet.number) if self.sheet is not None else "new"
        return ("sheet", self.view.campaign.hex(), self.view.statement.hex(), number)

    # --- What is written

    def body(self) -> ComposeResult:
        labels = {
            "scan": (_("Scan or photograph"), "~/scans/sheet-1.jpg"),
            "dated": (_("Day on the sheet"), "2026-11-18"),
            "witness": (_("Named in public as"), _("empty: not named beside the sheet")),
            "note": (_("Note"), _("for the campaign alone")),
            "line": (_("Line"), ""),
            "name": (_("Name"), ""),
            "title": (pgettext("of a person", "Title"), ""),
            "organisation": (_("Organisation"), _("beside a person; it does not endorse")),
            "country": (_("Country"), ""),
            "as": (_("Signs as"), _("empty: a person; o: an organisation")),
        }
        for field, (label, placeholder) in labels.items():
            with Horizontal(classes="field"):
                yield PlainLabel(label)
                yield PlainInput("", placeholder=placeholder, id=field)
        yield PlainStatic("", id="wrong", classes="error")
        yield PlainStatic(
            _("Enter goes on, and from the last field adds the line. ^O: look at all. ^R: remove a line."),
            classes="note",
        )
        yield PlainOptions(id="entered")

    def on_mount(self) -> None:
        if self.sheet is None:
            self.head(_("Enter a sheet"))
        else:
            self.head(_("Correct sheet %(number)d") % {"number": self.sheet.number})
        self.query_one("#wrong").display = False
        kept = self.mesh.drafts.get(self._draft_key)
        if kept is not None:
            self.tell_draft(self._draft_key)
            self._restore(kept)
        elif self.sheet is not None:
            self._lines = {
                one.line: GivenLine(
                    line=one.line,
                    capacity=one.capacity,
                    name=one.name,
                    title=one.title,
                    affiliation=one.affiliation,
                    country=one.country,
                )
                for one in self.sheet.lines
            }
            self._put("dated", spell_day(self.sheet.dated_ms))
            self._put("witness", self.sheet.witness)
            self._put("note", self.sheet.note)
        if not self._read("line"):
            self._put("line", str(self._next()))
        self._draw()

    def _restore(self, kept: str) -> None:
        values = json.loads(kept)
        sheets, _mistakes = read_table(values["table"])
        self._lines = {one.line: one for sheet in sheets for one in sheet.lines}
        for field in (*_HEAD, *_LINE):
            self._put(field, values[field])

    @on(PlainInput.Changed)
    def _keep(self) -> None:
        values = {field: self._read(field) for field in (*_HEAD, *_LINE)}
        values["table"] = spell_table([self._lines[number] for number in sorted(self._lines)])
        self.mesh.drafts[self._draft_key] = json.dumps(values)

    def _read(self, field: str) -> str:
        return self.query_one(f"#{field}", PlainInput).value.strip()

    def _put(self, field: str, text: str) -> None:
        self.query_one(f"#{field}", PlainInput).value = text

    def _next(self) -> int:
        return min(max(self._lines, default=0) + 1, PAPER_LINES_MAX)

    def _draw(self) -> None:
        rows = []
        for number, one in sorted(self._lines.items()):
            parts = [name(part, 30) for part in (one.title, one.affiliation, one.country) if part]
            facts = "".join([f" · {part}" for part in parts])
            rows.append(Row(str(number), styled(f"{number:>3}  {name(one.name, 40)}", (facts, "dim"))))
        self.query_one("#entered", PlainOptions).fill(rows)

    # --- Line by line

    @on(PlainInput.Submitted)
    def _go_on(self, event: PlainInput.Submitted) -> None:
        event.stop()
        if event.input.id == _LINE[-1]:
            self._add()
        else:
            self.focus_next()

    def _add(self) -> None:
        row = {field: self._read(field) for field in _LINE}
        row["as"] = "organisation" if row["as"].lower().startswith("o") else ""
        try:
            line = given_line(row, before=0)
        except BadArgument as error:
            self._wrong(sentence_of(error))
            return
        self.query_one("#wrong").display = False
        self._lines[line.line] = line
        for field in ("name", "title", "organisation", "as"):
            self._put(field, "")  # the country mostly stays
        self._put("line", str(self._next()))
        self._draw()
        self._keep()
        self.query_one("#name", PlainInput).focus()

    def _wrong(self, sentence: str) -> None:
        wrong = self.query_one("#wrong", PlainStatic)
        wrong.show(sentence)
        wrong.display = True

    @on(PlainOptions.OptionSelected, "#entered")
    def _edit(self) -> None:
        chosen = self.query_one("#entered", PlainOptions).chosen
        if chosen is None:
            return
        one = self._lines[int(chosen)]
        organisation = one.capacity is Capacity.ORGANISATION
        for field, text in (
            ("line", str(one.line)),
            ("name", one.name),
            ("title", one.title),
            ("organisation", one.affiliation),
            ("country", one.country),
            ("as", "o" if organisation else ""),
        ):
            self._put(field, text)
        self.query_one("#name", PlainInput).focus()

    def action_drop_line(self) -> None:
        """Remove the chosen line of the table; nothing of it was entered yet."""
        chosen = self.query_one("#entered", PlainOptions).chosen
        if chosen is not None:
            self._lines.pop(int(chosen), None)
            self._draw()
            self._keep()

    # --- One look, one word

    def action_review(self) -> None:
        if self._read("name"):
            self._add()
            if self._read("name"):
                return  # the line that is being typed does not fit yet: it says why
        try:
            day_ms = parse_day(self._read("dated"))
            if not self._lines:
                raise BadArgument(_("no name was typed yet"))
            if self.sheet is None and not self._read("scan"):
                raise BadArgument(_("each sheet needs a scan or a photograph"))
        except MeshcoalError as error:
            self._wrong(sentence_of(error))
            return
        lines = [self._lines[number] for number in sorted(self._lines)]
        told = ngettext(
            "On %(day)s I saw this person sign this text on paper:",
            "On %(day)s I saw these %(count)d people sign this text on paper:",
            len(lines),
        ) % {"day": spell_day(day_ms), "count": len(lines)}
        named = "\n".join([f"{one.line:>3}  {name(one.name, 60)}" for one in lines])
        check = must_type(_("seen"))

        async def enter(values: Values) -> PaperView:
            check(values)
            return await self._enter(day_ms, tuple(lines), keep=values["keep"] == "keep")

        form: Form[PaperView] = Form(
            _("What you attest"),
            (
                Field(
                    name="keep",
                    label=_("The scan"),
                    kind="choice",
                    value="",
                    choices=(("", _("stays with me")), ("keep", _("the campaign keeps it too, sealed"))),
                ),
                typed_field(_("seen")),
            ),
            enter,
            submit=_("Sign and enter"),
            explain=f"{told}\n{named}\n"
            + _("The names will be public with the letter. The scan and the note never are."),
        )
        self.app.push_screen(form, self._entered)

    async def _enter(self, day_ms: int, lines: tuple[GivenLine, ...], *, keep: bool) -> PaperView:
        path, scan = self._read("scan"), None
        if path:
            scan = await asyncio.to_thread(scan_of, Path(path))
        digest = scan.digest if scan is not None else self.sheet.scan if self.sheet is not None else bytes(32)
        command = EnterSheet(
            campaign=self.view.campaign,
            statement=self.view.statement,
            digest=self.view.digest,
            number=self.sheet.number if self.sheet is not None else 0,
            witness=self._read("witness"),
            scan=digest,
            dated_ms=day_ms,
            lines=lines,
            corrects=self.sheet is not None,
            note=self._read("note"),
            attachments=await self._kept(scan) if keep and scan is not None else (),
        )
        return await self.mesh.session.send(command, PaperView)

    async def _kept(self, scan: Scan) -> tuple[bytes, ...]:
        if scan.prepared is None:
            raise BadArgument(_("the scan is too large to be kept by the campaign"))
        handed = await hand_over(self.mesh.session, self.view.campaign, scan.prepared)
        return (handed.upload,)

    def _entered(self, view: PaperView | None) -> None:
        if view is not None:
            self.mesh.drafts.pop(self._draft_key, None)
            say(self.app, _("The sheet is entered."))
            self.dismiss(view)

    def action_back(self) -> None:
        self.dismiss(None)
