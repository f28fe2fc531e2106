"""What happened in a campaign: who came and went, what was decided, how letters went; newest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import ShowHistory
from meshcoal.api.views import Happening, HistoryItemView, HistoryView, NoticeKind
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.widgets.plain import PlainOptions, Row, Styled, name, styled

# Two sentences each: of others, and of me.
_WORDS: Final = {
    Happening.FOUNDED: (_("%(who)s founded the campaign."), _("I founded the campaign.")),
    Happening.ADMITTED: (_("%(who)s let %(whom)s in."), _("I let %(whom)s in.")),
    Happening.LEFT: (_("%(who)s left the campaign."), _("I left the campaign.")),
    Happening.REMOVED: (_("%(who)s removed %(whom)s."), _("I removed %(whom)s.")),
    Happening.HALTED: (
        # Translators: halted: nothing is taken from that device any more, until an organiser lets it go on.
        # Translators: told two stories: it gave some members one thing, and others another.
        _("%(whom)s was halted: that device told two stories. Noticed by the device of %(who)s."),
        _("%(whom)s was halted: that device told two stories. My device noticed it."),
    ),
    Happening.RESTORED: (_("%(who)s let %(whom)s go on."), _("I let %(whom)s go on.")),
    Happening.CHANGED: (
        _("%(who)s changed what %(whom)s may do, or their seat."),
        _("I changed what %(whom)s may do, or their seat."),
    ),
    Happening.CHANNEL: (_("%(who)s opened the channel %(title)s."), _("I opened the channel %(title)s.")),
    Happening.RULES: (_("%(who)s changed the rules."), _("I changed the rules.")),
    Happening.OFFICE: (_("%(who)s made the office %(title)s."), _("I made the office %(title)s.")),
    Happening.MANDATE: (
        _("%(who)s let %(whom)s sign for an office."),
        _("I let %(whom)s sign for an office."),
    ),
    Happening.REVOKED: (_("%(who)s took a mandate back."), _("I took a mandate back.")),
    Happening.ALERT: (_("%(who)s gave an alert: %(title)s"), _("I gave an alert: %(title)s")),
    Happening.DRAFTED: (_("%(who)s began the letter “%(title)s”."), _("I began the letter “%(title)s”.")),
    Happening.FROZEN: (
        _("%(who)s froze the text of “%(title)s”: it could be signed."),
        _("I froze the text of “%(title)s”: it could be signed."),
    ),
    Happening.RELEASED: (_("%(who)s released “%(title)s”."), _("I released “%(title)s”.")),
    Happening.ADDENDUM: (
        _("%(who)s published who signed “%(title)s” late."),
        _("I published who signed “%(title)s” late."),
    ),
}


class HistoryScreen(MeshScreen[None]):
    """A list; what has a letter or a case opens it."""

    PLACE = "history"
    CONCERNS = frozenset(
        {NoticeKind.CAMPAIGN, NoticeKind.CAMPAIGNS, NoticeKind.STATEMENT, NoticeKind.ALERT, NoticeKind.CASE}
    )
    BINDINGS = bindings("history")

    def __init__(self, campaign: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self._items: tuple[HistoryItemView, ...] = ()

    def body(self) -> ComposeResult:
        yield PlainOptions(id="happenings")

    def on_mount(self) -> None:
        self.head(_("What happened"))

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ShowHistory(campaign=self.campaign), HistoryView)
        return lambda: self.show(view)

    def show(self, view: HistoryView) -> None:
        """Draw it, under a line for each day."""
        self._items = view.items
        now_ms, zone = self.mesh.now_ms(), self.mesh.zone
        rows: list[Row] = []
        last = ""
        for number, one in enumerate(view.items):
            day = shown.day(one.at_ms, now_ms=now_ms, zone=zone)
            if day != last:
                rows.append(Row(f"day {number}", styled((f"── {day} ──", "dim")), live=False))
                last = day
            when = shown.moment(one.at_ms, now_ms=one.at_ms, zone=zone)
            rows.append(Row(str(number), styled((f"{when}  ", "dim"), _sentence(one))))
        if view.more:
            rows.append(Row("more", styled((_("There was more before."), "dim")), live=False))
        self.query_one("#happenings", PlainOptions).fill(rows)

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        """The letter or case that the chosen line is about."""
        from meshcoal.tui.screens.case import CaseScreen
        from meshcoal.tui.screens.statement import StatementScreen

        chosen = self.query_one("#happenings", PlainOptions).chosen
        one = self._items[int(chosen)] if chosen is not None and chosen.isdecimal() else None
        if one is None or not one.subject:
            return
        opened = CaseScreen if one.what is Happening.ALERT else StatementScreen
        self.app.push_screen(opened(self.campaign, one.subject))


def _sentence(one: HistoryItemView) -> Styled:
    words = _WORDS[one.what][one.me]
    fields = {"who": name(one.who, 30), "whom": name(one.whom, 30), "title": name(one.title, 60)}
    return styled(words % fields)
