"""Signatures on paper: the sheets of a letter, line by line, and what may be done with each.

Law: what stands twice is marked in words and never merged; a line is taken back for good, and says so first.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from meshcoal.api.commands import ListPaper, StrikeLines
from meshcoal.api.views import EntryState, NoticeKind, PaperLineView, PaperView, SheetView, StatementView
from meshcoal.limits import PAPER_LINES_MAX
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.files import fetch_or_save, numbered
from meshcoal.tui.screens.form import Form, Values, must_type, typed_field
from meshcoal.tui.screens.sheet import SheetScreen
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled
from meshcoal.wire.paper import spell_day

GONE = (EntryState.WITHDRAWN, EntryState.WITHDRAWN_AFTER_RELEASE)
_STATES = {
    EntryState.LATE: _("late: does not count"),
    EntryState.WITHDRAWN: _("taken back"),
    EntryState.AFTER_RELEASE: _("came after the release"),
    EntryState.WITHDRAWN_AFTER_RELEASE: _("taken back since the release"),
}


class PaperScreen(MeshScreen[None]):
    """All sheets of one letter."""

    PLACE = "paper"
    CONCERNS = frozenset({NoticeKind.STATEMENT, NoticeKind.ATTACHMENT})
    BINDINGS = bindings("paper")

    def __init__(self, campaign: bytes, statement: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.statement = statement
        self.view: PaperView | None = None
        self._sheets: dict[str, SheetView] = {}

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="lines")

    def on_mount(self) -> None:
        self.head(_("Signatures on paper"))

    async def load(self) -> Callable[[], None]:
        command = ListPaper(campaign=self.campaign, statement=self.statement)
        view = page = await self.mesh.session.send(command, PaperView)
        sheets = list(page.sheets)
        known: set[tuple[bytes, int]] = set()
        while (
            page.more and page.sheets and (last := page.sheets[-1]) and (last.key, last.number) not in known
        ):
            known.add((last.key, last.number))
            command = ListPaper(
                campaign=self.campaign,
                statement=self.statement,
                after_witness=last.key,
                after_number=last.number,
            )
            page = await self.mesh.session.send(command, PaperView)
            sheets += page.sheets
        return lambda: self.show(view, sheets)

    def show(self, view: PaperView, sheets: list[SheetView]) -> None:
        """Draw the sheets."""
        self.view = view
        self._sheets = {f"{one.key.hex()}:{one.number}": one for one in sheets}
        note = self.query_one("#empty", PlainStatic)
        if not view.permitted:
            note.show(_("This letter takes no signatures on paper: its frozen text would have to say so."))
        elif not sheets:
            note.show(_("No sheet was entered yet: n enters what you saw signed."))
        else:
            told = _("On paper: %(count)d, entered by witnesses: %(witnesses)d. Each signed what they saw.")
            note.show(told % {"count": view.on_paper, "witnesses": view.witnesses})
        rows: list[Row] = []
        for key, sheet in self._sheets.items():
            rows.append(Row(f"{key}:0", self._head(sheet)))
            rows += [Row(f"{key}:{one.line}", _line(one)) for one in sheet.lines]
        self.query_one("#lines", PlainOptions).fill(rows)

    def _head(self, sheet: SheetView) -> Styled:
        who = _("you") if sheet.mine else name(sheet.name, 24)
        said = _("Sheet %(number)d, %(day)s, entered by %(who)s") % {
            "number": sheet.number,
            "day": spell_day(sheet.dated_ms),
            "who": who,
        }
        told = styled((said, "bold"))
        if sheet.witness:
            told += styled((_(", in public: %(name)s") % {"name": name(sheet.witness, 30)}, "dim"))
        told += styled(("\n    " + _("scan %(digest)s") % {"digest": shown.short_digest(sheet.scan)}, "dim"))
        if sheet.attachments:
            told += styled((", " + _("kept by the campaign: ^O"), "dim"))
        if sheet.note:
            told += styled(("\n    " + name(sheet.note, 90), "dim"))
        if sheet.same_scan:
            told += styled(("\n    ! " + _("another sheet names the same scan"), "$warning"))
        return told

    # --- Acting

    def _chosen(self) -> tuple[SheetView, int] | None:
        """Sheet and line; line 0: the sheet."""
        chosen = self.query_one("#lines", PlainOptions).chosen
        if chosen is None:
            return None
        key, line = chosen.rsplit(":", 1)
        sheet = self._sheets.get(key)
        return None if sheet is None else (sheet, int(line))

    def action_new_sheet(self) -> None:
        if self.view is None:
            return
        if not self.view.may_enter:
            say(self.app, _("No signatures on paper can be entered on this letter, or not by you."))
            return
        self.app.push_screen(SheetScreen(self.view), self._entered)

    def action_correct(self) -> None:
        chosen = self._chosen()
        if self.view is None or chosen is None:
            return
        if not (chosen[0].mine and self.view.may_enter):
            say(self.app, _("You can correct your own sheets, while the letter is open."))
            return
        self.app.push_screen(SheetScreen(self.view, chosen[0]), self._entered)

    def _entered(self, view: PaperView | None) -> None:
        if view is not None:
            doubled = [line for sheet in view.sheets for line in sheet.lines if line.doubles]
            if doubled:
                text = _("Perhaps twice on the letter: %(names)s. Nothing was merged.")
                names = ", ".join([name(one.name, 24) for one in doubled[:4]])
                say(self.app, text % {"names": names}, severity="warning")
        self.refetch()

    def action_strike(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        sheet, line = chosen
        wanted = [one for one in sheet.lines if one.state not in GONE and line in (0, one.line)]
        if not sheet.may_strike or not wanted:
            say(self.app, _("You cannot take this back, or it is taken back already."))
            return
        check = must_type(_("remove"))

        async def strike(values: Values) -> PaperView:
            check(values)
            command = StrikeLines(
                campaign=self.campaign,
                statement=self.statement,
                witness=sheet.key,
                number=sheet.number,
                lines=tuple([one.line for one in wanted][:PAPER_LINES_MAX]),
            )
            return await self.mesh.session.send(command, PaperView)

        form: Form[PaperView] = Form(
            _("Take these back"),
            (typed_field(_("remove")),),
            strike,
            submit=_("Take back"),
            danger=True,
            explain=_(
                "%(names)s\nBefore the release they are off the letter, and in no file. After it, a signed "
                "notice says so beside the list. It is for good."
            )
            % {"names": "\n".join([name(one.name, 60) for one in wanted])},
        )
        self.app.push_screen(form, lambda _view: self.refetch())

    def action_file(self) -> None:
        """Fetch the scan of the chosen sheet, or save it."""
        chosen = self._chosen()
        files = [(chosen[0].id, one) for one in chosen[0].attachments] if chosen is not None else []
        fetch_or_save(self, self.campaign, numbered(files), StatementView, lambda _view: self.refetch())


def _line(one: PaperLineView) -> Styled:
    facts = [name(part, 30) for part in (one.title, one.affiliation, one.country) if part]
    told = styled(f"  {one.line:>3}  ", (name(one.name, 50), "dim" if one.state in GONE else ""))
    if facts:
        told += styled(("  " + " · ".join(facts), "dim"))
    if one.state in _STATES:
        told += styled(("  " + _STATES[one.state], "$warning"))
    if one.doubles and one.state not in GONE:
        also = _("also at: %(places)s") % {"places": "; ".join([name(place, 40) for place in one.doubles])}
        told += styled(("\n       ! " + also, "$warning"))
    return told
