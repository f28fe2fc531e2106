"""The interface as a whole: which screen comes first, who hears of changes, what outlives a screen.

Law: the window's title never changes, toasts hold no content, and a draft lives until it is sent or the
program ends. Rules of campaigns and letters live behind the API; here is none.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import App
from textual.message import Message

from meshcoal.api.commands import GetStatus, Lock
from meshcoal.api.views import Notice, NoticeKind, StatusView, VaultState
from meshcoal.errors import MeshcoalError
from meshcoal.tui.actions import EVERYWHERE, bindings
from meshcoal.tui.locale import _
from meshcoal.tui.palette import ActionProvider
from meshcoal.tui.rehearsal import CoachLine, RehearsalDriver
from meshcoal.tui.screens.base import MeshScreen, Refused, sentence_of
from meshcoal.tui.session import ClientLike, Session
from meshcoal.tui.theme import CALM, CONTRAST, CSS
from meshcoal.tui.widgets.plain import say

if TYPE_CHECKING:
    from meshcoal.tui.screens.files import Handed

ConnectHome = Callable[[Path], Awaitable[ClientLike]]
DraftKey = tuple[str, ...]
TOAST_GAP_MS: Final = 5_000
TERMINAL_CHECK_S: Final = 1.0
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


class Coached(Message):
    """The rehearsal has a new line."""

    def __init__(self, line: CoachLine) -> None:
        super().__init__()
        self.line = line


class MeshcoalApp(App[int]):
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
        """
        super().__init__()
        self.home = home
        self.zone = zone
        self.now_ms = now_ms
        self.rehearsal = rehearsal
        self.drafts: dict[DraftKey, str] = {}
        self.handed: dict[DraftKey, tuple[Handed, ...]] = {}  # files that go with a draft
        self.coach: CoachLine | None = None
        self.away = False
        self._connect = connect
        self._terminal_gone = terminal_gone
        self._straight_to_rehearsal = rehearse and rehearsal is not None
        self._rehearsing = False
        self._last_toast_ms: dict[NoticeKind, int] = {}
        self.session = Session(lambda: connect(home))

    def on_mount(self) -> None:
        self.register_theme(CALM)
        self.register_theme(CONTRAST)
        self.theme = CALM.name
        if self._terminal_gone is not None:
            self.set_interval(TERMINAL_CHECK_S, self._check_terminal)
        if self._straight_to_rehearsal:
            self.begin_rehearsal()
        else:
            self.arrive()

    def _check_terminal(self) -> None:
        # Textual goes on without a terminal, reading nothing as fast as it can.
        if self._terminal_gone is not None and self._terminal_gone():
            self.exit(return_code=TERMINAL_GONE_EXIT_CODE)

    # --- Which screen comes first

    def arrive(self) -> None:
        """Ask the daemon how things stand, and show the screen that fits."""
        from meshcoal.tui.screens.start import ArrivingScreen

        self.show_only(ArrivingScreen())

    def show_only(self, screen: MeshScreen[None]) -> None:
        """Leave every screen for this one."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(screen)

    def status_arrived(self, status: StatusView) -> None:
        """Show what the vault's state calls for."""
        from meshcoal.tui.screens.home import HomeScreen
        from meshcoal.tui.screens.start import StartScreen
        from meshcoal.tui.screens.unlock import UnlockScreen

        match status.vault:
            case VaultState.ABSENT:
                self.show_only(StartScreen())
            case VaultState.LOCKED:
                self.show_only(UnlockScreen())
            case VaultState.UNLOCKED:
                self.listen()
                self.show_only(HomeScreen())

    def unreachable(self, exc: MeshcoalError) -> None:
        """Say that there is no daemon to talk to, and why."""
        from meshcoal.tui.screens.unlock import UnreachableScreen

        self.show_only(UnreachableScreen(sentence_of(exc)))

    def need_unlock(self) -> None:
        """The vault was locked behind the interface's back: ask over whatever is shown."""
        from meshcoal.tui.screens.unlock import UnlockScreen

        if not any(isinstance(screen, UnlockScreen) for screen in self.screen_stack):
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
            for screen in self._mesh_screens():
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
        for screen in self._mesh_screens():
            screen.tell_away(event.away)

    def _mesh_screens(self) -> list[MeshScreen[object]]:
        return [screen for screen in self.screen_stack if isinstance(screen, MeshScreen)]

    # --- Rehearsal

    def begin_rehearsal(self) -> None:
        """Start the six nodes, with a bar."""
        from meshcoal.tui.screens.start import RehearsalScreen

        assert self.rehearsal is not None, "offered only where there is one"
        self._rehearsing = True
        self.show_only(RehearsalScreen(self.rehearsal))

    def rehearsal_started(self, home: Path) -> None:
        """The user's node is up: go there, and let the coach speak."""
        connect = self._connect
        self.session = Session(lambda: connect(home))
        self.run_worker(self._listen_to_coach(), group="coach")
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
        for screen in self._mesh_screens():
            screen.tell_coach(event.line)

    async def on_unmount(self) -> None:
        """Hang up; a rehearsal leaves nothing behind."""
        await self.session.close()
        if self._rehearsing and self.rehearsal is not None:
            await self.rehearsal.stop()

    # --- Actions that work everywhere

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
        screen.call_after_refresh(
            lambda: screen.ask(Lock(), StatusView, lambda _status: screen.locked(), screen.lock_failed)
        )

    def action_contrast(self) -> None:
        """Change between the two themes."""
        self.theme = CONTRAST.name if self.theme == CALM.name else CALM.name
