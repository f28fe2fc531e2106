"""The interface as a whole: which screen comes first, who hears of changes, what outlives a screen.

Law: the window's title never changes, toasts hold no content, and a draft lives until it is sent or emptied:
see `tui.drafts`. Rules of campaigns and letters live behind the API; here is none.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from textual.driver import Driver
from textual.message import Message

from meshcoal.api.commands import GetStatus, Lock
from meshcoal.api.views import Notice, NoticeKind, StatusView, VaultState
from meshcoal.errors import MeshcoalError
from meshcoal.tui import hiding
from meshcoal.tui.actions import EVERYWHERE, bindings
from meshcoal.tui.drafts import DraftKey, Drafts
from meshcoal.tui.idle import Clocks
from meshcoal.tui.idle import clocks as machine_clocks
from meshcoal.tui.locale import _
from meshcoal.tui.looking import LookingApp
from meshcoal.tui.palette import ActionPalette, ActionProvider
from meshcoal.tui.rehearsal import CoachLine, RehearsalDriver
from meshcoal.tui.screens.base import MeshScreen, Ready, Refused, sentence_of
from meshcoal.tui.session import ClientLike, Session
from meshcoal.tui.settings import Settings, read_settings
from meshcoal.tui.suggestion import Chance
from meshcoal.tui.theme import CSS
from meshcoal.tui.widgets.plain import say
from meshcoal.tui.widths import placing

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

    from meshcoal.tui.screens.files import Handed
    from meshcoal.tui.screens.unlock import UnlockScreen

ConnectHome = Callable[[Path], Awaitable[ClientLike]]
TOAST_GAP_MS: Final = 5_000
TERMINAL_CHECK_S: Final = 1.0
ARRIVING_AFTER_S: Final = 0.4
TERMINAL_GONE_EXIT_CODE: Final = 129  # as if by SIGHUP

_TOASTS: Final = {
    NoticeKind.MESSAGES: _("A new message has arrived."),
    NoticeKind.INTRODUCTIONS: _("Something is new under “New people”."),
    NoticeKind.CAMPAIGNS: _("There is a new campaign."),
    NoticeKind.STATEMENT: _("A letter has changed."),
    NoticeKind.ALERT: _("!! ALERT: a member asks for help. See the first screen."),
    NoticeKind.CASE: _("A case has changed."),
    NoticeKind.DUE: _("A day to ask again has come. See the first screen."),
    NoticeKind.WARNINGS: _("!! WARNING: a name stands under another key than before. See the first screen."),
    NoticeKind.WITHHELD: _("!! WARNING: a member's device keeps something back. See the first screen."),
}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Arrived(Message):
    """The daemon says that something changed."""

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self.notice = notice


class Away(Message):
    """The daemon went, or is back."""

    def __init__(self, away: bool) -> None:
        super().__init__()
        self.away = away


class Standing(Message):
    """It is known how things stand: `show` shows the screen for that."""

    def __init__(self, show: Callable[[], None]) -> None:
        super().__init__()
        self.show = show


class Coached(Message):
    """The rehearsal has a new line."""

    def __init__(self, line: CoachLine) -> None:
        super().__init__()
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What outlives the interface when it begins anew in another language."""

    drafts: Mapping[DraftKey, str] = field(default_factory=dict)
    handed: dict[DraftKey, tuple[Handed, ...]] = field(default_factory=dict)
    names_hidden: bool = False


class MeshcoalApp(LookingApp):
    """One window on one node."""

    TITLE = "meshcoal"
    CSS = CSS
    COMMANDS: ClassVar = {ActionProvider}
    BINDINGS: ClassVar = bindings(EVERYWHERE)
    ENABLE_COMMAND_PALETTE = True
    NOTIFICATION_TIMEOUT = 6

    def __init__(
        self,
        home: Path,
        connect: ConnectHome,
        *,
        rehearsal: RehearsalDriver | None = None,
        rehearse: bool = False,
        now_ms: Callable[[], int] = _now_ms,
        zone: tzinfo | None = None,
        terminal_gone: Callable[[], bool] | None = None,
        chance: Chance | None = None,
        carried: Carried | None = None,
        settings_broken: bool = False,
        surroundings: Mapping[str, str] = MappingProxyType({}),
        clocks: Callable[[], Clocks] = machine_clocks,
    ) -> None:
        """
        Args:
            home: where the user's vault is or will be.
            connect: opens a connection to the daemon of a home, starting it where none runs.
            rehearsal: what "Rehearse" starts; without one it is not offered.
            rehearse: go straight to the rehearsal.
            now_ms: Unix time in milliseconds.
            zone: the reader's time zone; None is the machine's.
            terminal_gone: whether nobody can see the interface any more; asked now and then.
            chance: so many bytes that nobody can foresee; without it no words are drawn.
            carried: what the interface before this one left, when the language was changed.
            settings_broken: there are settings that could not be read: say so.
            surroundings: the process's environment: NO_COLOR, and whether the terminal is far away.
            clocks: tell whether somebody is there, and whether the machine slept.
        """
        super().__init__(surroundings, clocks=clocks)
        self.home = home
        self.zone = zone
        self.now_ms = now_ms
        self.rehearsal = rehearsal
        self.chance = chance
        before = carried or Carried()
        self.drafts = Drafts(self.keep_soon, before.drafts, chance=chance)
        self._arriving = False
        hiding.forget()
        hiding.switch(before.names_hidden)
        self.handed: dict[DraftKey, tuple[Handed, ...]] = before.handed  # files that go with a draft
        self.to_carry: Carried | None = None  # set: begin anew when this one has closed
        self.coach: CoachLine | None = None
        self.away = False
        self._connect = connect
        self._terminal_gone = terminal_gone
        self._straight_to_rehearsal = rehearse and rehearsal is not None and carried is None
        self.rehearsing = False
        self._settings_broken = settings_broken
        self._last_toast_ms: dict[NoticeKind, int] = {}
        self.settings, _broken = read_settings(home)  # as they hold now
        self.session = Session(lambda: connect(home))

    def on_mount(self) -> None:
        self.begin_looks()
        self.begin_watch()
        if self._terminal_gone is not None:
            self.set_interval(TERMINAL_CHECK_S, self._check_terminal)
        if self._straight_to_rehearsal:
            self.begin_rehearsal()
        else:
            self.arrive()

        if self._settings_broken:
            say(self, _("What you chose for the interface could not be read. Choose again: F2."))

    def get_driver_class(self) -> type[Driver]:
        """Textual's, which keeps text of unsure width to its columns."""
        return placing(super().get_driver_class())

    def _check_terminal(self) -> None:
        # Textual goes on without a terminal, reading nothing as fast as it can.
        if self._terminal_gone is not None and self._terminal_gone():
            self.exit(return_code=TERMINAL_GONE_EXIT_CODE)

    # --- Which screen comes first

    def arrive(self) -> None:
        """Ask the daemon how things stand, and show the screen that fits."""
        if not self._arriving:
            self._arriving = True
            self.set_timer(ARRIVING_AFTER_S, self._still_arriving)
            self.run_worker(self._ask_status(), group="fetch")

    async def _ask_status(self) -> None:
        try:
            status = await self.session.send(GetStatus(), StatusView)
        except MeshcoalError as exc:
            failure = exc
            self.post_message(Standing(lambda: self.unreachable(failure)))
        else:
            self.post_message(Standing(lambda: self.status_arrived(status)))

    def on_standing(self, event: Standing) -> None:
        self._arriving = False
        event.show()

    def _still_arriving(self) -> None:
        """Say so where it takes long; else the first screen is the one that is wanted."""
        from meshcoal.tui.screens.arriving import ArrivingScreen

        if self._arriving:
            self.show_only(ArrivingScreen())

    def show_only(self, screen: MeshScreen[None]) -> None:
        """Leave every screen for this one."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(screen)

    def status_arrived(self, status: StatusView) -> None:
        """Show what the vault's state calls for."""
        match status.vault:
            case VaultState.ABSENT:
                from meshcoal.tui.screens.start import StartScreen

                self.show_only(StartScreen())
            case VaultState.LOCKED:
                from meshcoal.tui.screens.unlock import UnlockScreen

                self.show_only(UnlockScreen())
            case VaultState.UNLOCKED:
                from meshcoal.tui.screens.home import HomeScreen

                self.listen()
                self.bring_drafts()
                self.show_only(HomeScreen())

    def identity_made(self, status: StatusView) -> None:
        """There is an identity: go on to whom one works with."""
        from meshcoal.tui.screens.first import FirstScreen

        self.status_arrived(status)
        self.push_screen(FirstScreen())

    def unreachable(self, exc: MeshcoalError) -> None:
        """Say that there is no daemon to talk to, and why."""
        from meshcoal.tui.screens.unlock import UnreachableScreen

        self.show_only(UnreachableScreen(sentence_of(exc)))

    def need_unlock(self) -> None:
        """The vault was locked behind the interface's back: ask over whatever is shown."""
        from meshcoal.tui.screens.unlock import UnlockScreen

        if not self.covered and not any(isinstance(one, UnlockScreen) for one in self.screen_stack):
            self.push_screen(UnlockScreen(over=True))

    def listen(self) -> None:
        """Begin to hear notices, once."""
        if not any(worker.group == "listen" for worker in self.workers):
            self.run_worker(
                self.session.listen(
                    lambda notice: self._post(Arrived(notice)), lambda away: self._post(Away(away))
                ),
                group="listen",
            )

    def _post(self, message: Message) -> None:
        self.post_message(message)

    # --- What changes

    def on_arrived(self, event: Arrived) -> None:
        notice = event.notice
        if notice.kind == NoticeKind.PROGRESS:
            for screen in self.mesh_screens():
                screen.tell_progress(notice.done, notice.total)
            return
        if notice.kind == NoticeKind.STATUS:
            self._check_lock()
        current = self.screen
        if isinstance(current, MeshScreen):
            current.on_notice(notice)
        self._toast(notice, current)

    def _check_lock(self) -> None:
        """Somebody locked or unlocked through another window."""
        screen = self.screen
        if isinstance(screen, MeshScreen) and screen.PLACE not in ("start", "unlock", "unreachable"):
            screen.ask(GetStatus(), StatusView, self._lock_state)

    def _lock_state(self, status: StatusView) -> None:
        if status.vault == VaultState.LOCKED:
            self.need_unlock()

    def _toast(self, notice: Notice, current: object) -> None:
        sentence = _TOASTS.get(notice.kind)
        if sentence is None or notice.by_me:
            return
        if isinstance(current, MeshScreen) and current.shows(notice):
            return
        now_ms = self.now_ms()
        if now_ms - self._last_toast_ms.get(notice.kind, -TOAST_GAP_MS) >= TOAST_GAP_MS:
            self._last_toast_ms[notice.kind] = now_ms
            loud = notice.kind in (NoticeKind.WARNINGS, NoticeKind.WITHHELD)
            say(self, sentence, severity="error" if loud else "information")

    def on_refused(self, event: Refused) -> None:
        """Tell what failed, on whatever screen is shown by now."""
        event.tell()

    def on_away(self, event: Away) -> None:
        self.away = event.away
        if not event.away:
            self.bring_drafts()
        for screen in self.mesh_screens():
            screen.tell_away(event.away)

    # --- Rehearsal

    def begin_rehearsal(self) -> None:
        """Start the six nodes, with a bar."""
        from meshcoal.tui.screens.start import RehearsalScreen

        assert self.rehearsal is not None, "offered only where there is one"
        self.rehearsing = True
        self.show_only(RehearsalScreen(self.rehearsal))

    def rehearsal_started(self, home: Path) -> None:
        """The user's node is up: go there, and let the coach speak."""
        self._go_to(home)
        self.run_worker(self._listen_to_coach(), group="coach")
        self.arrive()

    def _go_to(self, home: Path) -> None:
        """Talk with the daemon of another home from now on."""
        self.workers.cancel_group(self, "listen")
        self.run_worker(self.session.close(), group="leave")
        connect = self._connect
        self.session = Session(lambda: connect(home))
        self.away = False

    def leave_rehearsal(self, *, and_quit: bool = False) -> None:
        """End the nodes, and return to one's own home, or leave that as well."""
        from meshcoal.tui.screens.start import LeavingScreen

        if self.rehearsing and self.rehearsal is not None:
            self.workers.cancel_group(self, "coach")
            self.coach = None
            self.show_only(LeavingScreen(self.rehearsal, self.exit if and_quit else self.rehearsal_left))
        else:
            say(self, _("No rehearsal is running."))

    def rehearsal_left(self) -> None:
        """Its nodes are gone: go home."""
        self.rehearsing = False
        self._go_to(self.home)
        self.arrive()

    async def _listen_to_coach(self) -> None:
        assert self.rehearsal is not None
        try:
            async for line in self.rehearsal.steps():
                self.post_message(Coached(line))
        except MeshcoalError as exc:
            self.post_message(Coached(CoachLine(text=sentence_of(exc), done=0, total=0)))

    def on_coached(self, event: Coached) -> None:
        self.coach = event.line
        for screen in self.mesh_screens():
            screen.tell_coach(event.line)

    async def on_unmount(self) -> None:
        """Hang up; a rehearsal leaves nothing behind."""
        self._forget_copied()
        await self.last_words()
        await self.session.close()
        if self.rehearsing and self.rehearsal is not None:
            await self.rehearsal.stop()

    # --- Actions that work everywhere

    async def action_quit(self) -> None:
        """Leave; a rehearsal is taken down first, where one can see it. Who asks once more does not wait."""
        if self.rehearsing and not any(screen.PLACE == "leaving" for screen in self.mesh_screens()):
            self.leave_rehearsal(and_quit=True)
        else:
            self.exit()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Textual's; but a key that comes before its screen is made, or after it went, does nothing."""
        if isinstance(default_namespace, MeshScreen) and not default_namespace.is_there:
            return False
        return await super().run_action(action, default_namespace, namespaces)

    def action_command_palette(self) -> None:
        """Find an action by its name."""
        if not isinstance(self.screen, ActionPalette):
            self.push_screen(ActionPalette(id="--command-palette"))

    def action_help(self) -> None:
        """Show the keys of the screen in front."""
        from meshcoal.tui.screens.help import HelpScreen

        if isinstance(self.screen, MeshScreen) and not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.PLACE))

    def action_lock(self) -> None:
        """Lock at once; the screen changes before the daemon answers."""
        from meshcoal.tui.screens.unlock import UnlockScreen

        if isinstance(self.screen, MeshScreen) and self.screen.PLACE in ("start", "unlock", "unreachable"):
            return
        screen = UnlockScreen(locking=True)
        self.show_only(screen)
        screen.call_after_refresh(lambda: self.run_worker(self._lock(screen), group="ask"))

    async def _lock(self, screen: UnlockScreen) -> None:
        await self.last_words()
        self.drafts.forget()
        lock = partial(screen.ask, Lock(), StatusView, lambda _status: screen.locked(), screen.lock_failed)
        screen.post_message(Ready(lock))

    def action_tongue(self) -> None:
        """Choose a language."""
        from meshcoal.tui.screens.tongue import tongue_form

        if self.rehearsing:
            say(
                self, _("During a rehearsal the language stays. Leave with ^Q and choose it before the next.")
            )
        elif isinstance(self.screen, MeshScreen) and self.screen.PLACE != "form":
            self.push_screen(tongue_form(self.home), self._tongue_chosen)

    def _tongue_chosen(self, settings: Settings | None) -> None:
        """Begin anew: every word on every screen is another."""
        if settings is not None:
            self.to_carry = Carried(drafts=self.drafts, handed=self.handed, names_hidden=hiding.on())
            self.exit()

    def action_settings(self) -> None:
        """Show what holds, in sentences."""
        from meshcoal.tui.screens.settings import SettingsScreen

        closed = ("start", "unlock", "unreachable", "form", "help", "settings", "setting")
        if isinstance(self.screen, MeshScreen) and self.screen.PLACE not in closed:
            self.push_screen(SettingsScreen())

    def settings_chosen(self, *, anew: bool) -> None:
        """A setting of the interface was changed; it is written down already.

        Args:
            anew: it holds for what is imported from now on, so the interface begins anew.
        """
        settings, _broken = read_settings(self.home)
        if anew and self.rehearsing:
            say(self, _("It holds when meshcoal opens next: a rehearsal would end here."))
            return
        self.settings_changed(settings)
        if anew:
            self._tongue_chosen(settings)
        else:
            say(self, _("It holds from now on."))

    def settings_changed(self, settings: Settings) -> None:
        """Act by these settings from now on: one line for each that holds at once."""
        self.look_as(settings)
        self.settings = settings
        self.watch_as(settings)
