"""Finding messages, letters, comments and cases by their words.

Law: what is looked for is in no history and is told to nobody; the line is empty when the screen is opened.
Going to a message opens its channel around it; the way back leads here, with what was found.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import Search
from meshcoal.api.views import FoundKind, FoundsView, FoundView, NoticeKind
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.widgets.plain import PlainInput, PlainOptions, PlainStatic, Row, Styled, name, styled

_MORE = "more"
_FEW = 2_000  # operations that are looked through in no time


class SearchScreen(MeshScreen[None]):
    """A line to write, and what was found."""

    PLACE = "search"
    CONCERNS = frozenset[NoticeKind]()
    BINDINGS = bindings("search")
    AUTO_FOCUS = "PlainInput"

    def __init__(self, campaign: bytes = b"") -> None:
        """`campaign`: only there; empty: in all."""
        super().__init__()
        self._campaign = campaign
        self._found: tuple[FoundView, ...] = ()
        self._before = 0
        self._text = ""

    def body(self) -> ComposeResult:
        yield PlainInput(placeholder=_("Words to look for; Enter finds them"), id="words")
        yield PlainOptions(id="found")
        yield PlainStatic("", id="found-note", classes="note")

    def on_mount(self) -> None:
        self.head(_("Search"))

    async def load(self) -> Callable[[], None]:
        return lambda: None

    @on(PlainInput.Submitted)
    def find(self, event: PlainInput.Submitted) -> None:
        """A new question."""
        self._text = event.value.strip()
        self._found, self._before = (), 0
        if self._text:
            self._ask_for_more()

    def _ask_for_more(self) -> None:
        command = Search(text=self._text[:200], campaign=self._campaign, before=self._before)
        self.ask(command, FoundsView, self._show, busy=_("Searching"))

    def _show(self, view: FoundsView) -> None:
        at = len(self._found)
        self._found = (*self._found, *view.found)
        self._before = view.before
        rows = [
            Row(str(number), _draw(one, self.mesh.now_ms(), self.mesh.zone))
            for number, one in enumerate(self._found)
        ]
        if view.before:
            rows.append(Row(_MORE, styled((_("More: Enter"), "dim"))))
        found = self.query_one("#found", PlainOptions)
        found.fill(rows)
        if rows:
            found.focus()
            found.highlighted = min(at, len(rows) - 1)
        note = self.query_one("#found-note", PlainStatic)
        if not self._found:
            note.show(_("Nothing was found. What has vanished, or was taken back, is found no more."))
        elif view.unindexed > _FEW:
            note.show(_("The index is being made: searching takes longer meanwhile."))
        else:
            note.show("")

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        from meshcoal.tui.screens.case import CaseScreen
        from meshcoal.tui.screens.channel import ChannelScreen
        from meshcoal.tui.screens.statement import StatementScreen

        chosen = self.query_one("#found", PlainOptions).chosen
        if chosen == _MORE:
            self._ask_for_more()
        elif chosen is not None:
            one = self._found[int(chosen)]
            if one.message:
                self.app.push_screen(ChannelScreen(one.campaign, one.channel, one.place, around=one.message))
            elif one.kind == FoundKind.CASE:
                self.app.push_screen(CaseScreen(one.campaign, one.about))
            else:
                self.app.push_screen(StatementScreen(one.campaign, one.about))


def _kind(one: FoundView) -> str:
    words = {
        FoundKind.MESSAGE: _("message"),
        FoundKind.EDITION: _("message, changed since"),
        FoundKind.LETTER: _("letter"),
        FoundKind.COMMENT: _("comment"),
        FoundKind.CASE: _("case"),
    }
    return words[one.kind]


def _draw(one: FoundView, now_ms: int, zone: object) -> Styled:
    who = _("me") if one.me else name(one.name, 30)
    when = shown.moment(one.at_ms, now_ms=now_ms, zone=zone)  # type: ignore[arg-type]
    before, lit, behind = (
        one.excerpt[: one.lit_from],
        one.excerpt[one.lit_from : one.lit_to],
        one.excerpt[one.lit_to :],
    )
    return styled(
        (who, "bold"),
        (f"  {when}  {name(one.campaign_name, 30)} / {name(one.place, 40)}  {_kind(one)}\n", "dim"),
        "  ",
        before.replace("\n", " "),
        (lit, "bold reverse"),
        behind.replace("\n", " "),
    )
