"""Settings: what holds now, each as a sentence; Enter opens it, and its choices say what comes of them.

Law: nothing changes by being looked at. What guards less is asked for once more, with the reason not to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual import on
from textual.app import ComposeResult

from meshcoal.api.views import NoticeKind
from meshcoal.errors import MeshcoalError
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.node_settings import all_settings
from meshcoal.tui.screens.base import BUSY_AFTER_S, MeshScreen, Ready
from meshcoal.tui.screens.doors import go_through
from meshcoal.tui.screens.form import Form, Values
from meshcoal.tui.setting import HEADINGS, Choice, Known, Setting, choose, look
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, say, styled

_ABOUT: Final = frozenset(
    {NoticeKind.STATUS, NoticeKind.PEERS, NoticeKind.RELAYS, NoticeKind.CAMPAIGNS, NoticeKind.CAMPAIGN}
)


class SettingsScreen(MeshScreen[None]):
    """All of them, under four headings."""

    PLACE = "settings"
    CONCERNS = _ABOUT
    BINDINGS = bindings("settings")

    def __init__(self) -> None:
        super().__init__()
        self._settings: dict[str, Setting] = {}

    def body(self) -> ComposeResult:
        yield PlainOptions(id="settings")

    def on_mount(self) -> None:
        self.head(_("Settings"))

    async def load(self) -> Callable[[], None]:
        known = await look(self.mesh.session.send, self.mesh.settings)
        return lambda: self.show(known)

    def show(self, known: Known) -> None:
        """Draw what holds."""
        found = all_settings(known)
        self._settings = {one.name: one for one in found}
        self.query_one("#settings", PlainOptions).fill(_rows(found, known))

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        chosen = self.query_one("#settings", PlainOptions).chosen
        if chosen is not None:
            open_setting(self, self._settings[chosen])

    def action_posture(self) -> None:
        from meshcoal.tui.screens.posture import PostureScreen

        self.app.push_screen(PostureScreen())


def _rows(settings: Sequence[Setting], known: Known) -> list[Row]:
    rows: list[Row] = []
    group = None
    for one in settings:
        if one.group is not group:
            group = one.group
            gap = "\n" if rows else ""
            rows.append(Row(f"group {group.value}", styled(gap, (HEADINGS[group], "bold")), live=False))
        rows.append(Row(one.name, styled("  ", one.now(known))))
    return rows


def open_setting(screen: MeshScreen[None], setting: Setting) -> None:
    """To its choices, or to where it is done; where it is nowhere, say why."""
    if setting.door:
        go_through(screen, setting.door, setting.place)
    elif setting.why:
        say(screen.app, setting.why)
    else:
        screen.app.push_screen(SettingScreen(setting.name))


class SettingScreen(MeshScreen[None]):
    """The choices of one setting, each with what comes of it."""

    PLACE = "setting"
    CONCERNS = _ABOUT
    BINDINGS = bindings("setting")

    def __init__(self, called: str) -> None:
        super().__init__()
        self._called = called
        self._known: Known | None = None
        self._setting: Setting | None = None
        self._begun = False

    def body(self) -> ComposeResult:
        yield PlainOptions(id="choices")
        yield PlainStatic("", id="setting-note", classes="note")

    def on_mount(self) -> None:
        self.head(_("Settings"))

    async def load(self) -> Callable[[], None]:
        known = await look(self.mesh.session.send, self.mesh.settings)
        found = {one.name: one for one in all_settings(known)}.get(self._called)
        return lambda: self._show(known, found)

    def _show(self, known: Known, setting: Setting | None) -> None:
        if setting is None:  # of a campaign that was left meanwhile
            self.dismiss()
            return
        self._known, self._setting = known, setting
        self.head(_("Settings: %(title)s") % {"title": setting.title})
        held = setting.value(known)
        rows = []
        for one in setting.choices(known):
            mark, style = ("● ", "bold") if one.value == held else ("○ ", "")
            rows.append(Row(one.value, styled((mark + one.holds, style), "\n", (one.means, "dim"))))
        choices = self.query_one("#choices", PlainOptions)
        choices.fill(rows)
        if not self._begun:
            self._begun = True
            choices.choose(held)
        self.query_one("#setting-note", PlainStatic).show(_("● holds now. Enter chooses; Esc leaves it so."))

    @on(PlainOptions.OptionSelected)
    def action_take(self) -> None:
        known, setting = self._known, self._setting
        chosen = self.query_one("#choices", PlainOptions).chosen
        if known is None or setting is None or chosen is None:
            return
        found = next((one for one in setting.choices(known) if one.value == chosen), None)
        if found is None or found.value == setting.value(known):
            self.dismiss()
        elif setting.weakens(known, found):
            self.app.push_screen(self._sure(known, setting, found), self._held)
        else:
            self.run_worker(self._take(known, setting, found), group="ask")

    def _sure(self, known: Known, setting: Setting, chosen: Choice) -> Form[Setting]:
        """Asks once more."""
        before = setting.choice(known)
        assert before is not None, "else it would not weaken"

        async def take(_values: Values) -> Setting:
            await choose(self.mesh.session.send, self.mesh.home, setting, known, chosen.value)
            return setting

        explain = _(
            "This guards you less than what holds now.\n\nNow: %(before)s %(kept)s\n\n"
            "Then: %(then)s %(means)s"
        ) % {"before": before.holds, "kept": before.means, "then": chosen.holds, "means": chosen.means}
        return Form(setting.title, (), take, submit=_("Guard less"), danger=True, explain=explain)

    async def _take(self, known: Known, setting: Setting, chosen: Choice) -> None:
        timer = self.set_timer(BUSY_AFTER_S, lambda: self._busy(_("Working")))
        try:
            await choose(self.mesh.session.send, self.mesh.home, setting, known, chosen.value)
        except MeshcoalError as exc:
            self.post_message(Ready(self._refusal(exc)))
        else:
            self.post_message(Ready(lambda: self._held(setting)))
        finally:
            timer.stop()

    def _held(self, setting: Setting | None) -> None:
        if setting is None:
            return
        self.dismiss()
        if setting.field:
            self.mesh.settings_chosen(anew=setting.anew)
        else:
            say(self.app, _("It holds from now on."))
