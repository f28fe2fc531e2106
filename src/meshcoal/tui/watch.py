"""The interface where somebody may look: covered, locked by itself, without names, its clipboard empty.

Law: while it is covered nothing of ours reaches the terminal, whatever arrives, and no key, paste or mouse
reaches a screen; only the passphrase, as the daemon judges it, takes the cover off. Screens and what was
being written stay as they were. After a sleep nothing is drawn before the lock is.
See docs/design/0034-under-watch.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rich.console import RenderableType
from textual import events
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer

from meshcoal.api.commands import Lock, Unlock
from meshcoal.api.views import StatusView
from meshcoal.errors import MeshcoalError
from meshcoal.tui import cover, hiding
from meshcoal.tui.idle import WARN_S, Clocks, Idle, Verdict, limit_s
from meshcoal.tui.idle import clocks as machine_clocks
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen, Ready, sentence_of
from meshcoal.tui.session import LOST, Session
from meshcoal.tui.settings import Settings
from meshcoal.tui.widgets.plain import PlainOptions, say
from meshcoal.tui.writing import WritingApp

if TYPE_CHECKING:
    from meshcoal.tui.screens.unlock import UnlockScreen

R = TypeVar("R")
LOOK_S: Final = 0.5
CLIPBOARD_S: Final = 45.0
_NOTHING_TO_HIDE: Final = frozenset({"start", "unreachable"})  # no vault, or none that can be asked
_SHUT: Final = frozenset({*_NOTHING_TO_HIDE, "unlock"})
# Keep the title, put another (XTWINOPS 22, OSC 2); bring the first back.
_OTHER_TITLE: Final = f"\x1b[22;2t\x1b]2;{cover.TITLE}\x07"
_FIRST_TITLE: Final = "\x1b[23;2t"


class WatchedApp(WritingApp):
    """What `MeshcoalApp` is made on."""

    home: Path
    zone: tzinfo | None
    now_ms: Callable[[], int]
    session: Session
    settings: Settings
    rehearsing: bool

    def __init__(self, *, clocks: Callable[[], Clocks] = machine_clocks) -> None:
        """`clocks` are those that tell whether somebody is there, and whether the machine slept."""
        super().__init__()
        self._clocks = clocks
        self._idle = Idle(None, clocks())
        self._locks_too = True
        self._covered: cover.Typed | None = None
        self._cover_page: tuple[str, ...] = ()
        self._try_next: str | None = None
        self._trying = False
        self._lock_failure: MeshcoalError | None = None
        self._warned_of_lock = False
        self._lock_due = False
        self._copied = ""
        self._copied_timer: Timer | None = None
        self._hider = hiding.Hider()

    def begin_watch(self) -> None:
        """Look at what was chosen, and begin to look at the clocks."""
        self.watch_as(self.settings)
        self.set_interval(LOOK_S, self._look)

    def watch_as(self, chosen: Settings) -> None:
        """From now on so."""
        self._locks_too = chosen.cover != cover.HIDES
        self._idle.limit_s = limit_s(chosen.lock_after)
        self._idle.touched(self._clocks())

    # --- What comes in and what goes out

    @property
    def covered(self) -> bool:
        return self._covered is not None

    async def on_event(self, event: events.Event) -> None:
        """Textual's door for everything that comes from the terminal."""
        typed = isinstance(event, (events.InputEvent, events.Paste))
        if typed and not event.is_forwarded and self._taken(event):
            event.stop()
            return
        await super().on_event(event)
        if isinstance(event, events.Resize) and self.covered:
            self._draw_cover(anew=True)

    def _taken(self, event: events.Event) -> bool:
        """Whether this is not for a screen."""
        now = self._clocks()
        verdict = self._look(now)
        self._idle.touched(now)
        warned, self._warned_of_lock = self._warned_of_lock, False
        if self._covered is not None:
            if isinstance(event, events.Key):
                typed = self._covered.key(event.key, event.character, now.awake)
                if typed is not None:
                    self._try(typed)
            elif isinstance(event, events.Paste):
                self._covered.paste(event.text, now.awake)
            return True
        if isinstance(event, events.Paste) and event.text.strip() != self._copied.strip():
            self._copied = ""  # somebody copied something else since: that is not ours to clear
        if verdict is Verdict.LOCK:
            return True
        if warned:
            self.clear_notifications()
            return isinstance(event, events.Key)  # "any key" was asked for: it does nothing else
        return False

    def line_typed(self) -> bool:
        """Somebody typed a line where nothing is drawn: whether it may go to a screen."""
        now = self._clocks()
        verdict = self._look(now)
        self._idle.touched(now)
        self._warned_of_lock = False
        return verdict is not Verdict.LOCK and not self._lock_due

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual's door for everything that is drawn."""
        if not self.covered and self._running:
            self._look()
        if self.covered or self._lock_due:  # after a sleep nothing is drawn before the lock is
            self.post_display_hook()
            return
        super()._display(screen, renderable)

    def bell(self) -> None:
        if not self.covered:
            super().bell()

    def get_line_filters(self) -> Sequence[LineFilter]:
        given = super().get_line_filters()
        return [*given, self._hider] if hiding.on() else given

    # --- The cover

    def action_cover(self) -> None:
        """At once, before anything else is done."""
        if self.covered:
            return
        self._covered = cover.Typed()
        self._forget_copied()
        self.clear_notifications()
        self._write(_OTHER_TITLE)
        self._draw_cover(anew=True)
        if self._locks_too and self._has_vault():
            self._lock_quietly()

    def _draw_cover(self, *, anew: bool = False) -> None:
        page = self.cover_page()
        if anew or page != self._cover_page:
            self._cover_page = page
            self._write(cover.drawn(list(page)))

    def cover_page(self) -> tuple[str, ...]:
        """What the cover shows now."""
        now_s = self.now_ms() // 1000 // cover.EVERY_S * cover.EVERY_S
        now = datetime.fromtimestamp(now_s, tz=self.zone).astimezone(self.zone)
        width, height = self.size
        return tuple(cover.rows(now, os.uname().nodename, width, height))

    def _write(self, data: str) -> None:
        if self._driver is not None:
            self._driver.write(data)
            self._driver.flush()

    def _places(self) -> set[str]:
        return {screen.PLACE for screen in self.screen_stack if isinstance(screen, MeshScreen)}

    def _has_vault(self) -> bool:
        return not self.rehearsing and not _NOTHING_TO_HIDE & self._places()

    def _try(self, typed: str) -> None:
        """What was typed before Enter: a passphrase, or a stranger's keys."""
        if not self._has_vault():
            self._uncover()
        elif typed:
            self._try_next = typed
            if not self._trying:
                self._trying = True
                self.run_worker(self._try_all(), group="watch")

    async def _try_all(self) -> None:
        try:
            while self._try_next is not None and self.covered:
                typed, self._try_next = self._try_next, None
                if (status := await self._opened(typed)) is not None:
                    self._uncover(status)
        finally:
            self._trying = False

    async def _opened(self, typed: str) -> StatusView | None:
        """The daemon's answer where it takes the passphrase. Nothing may tell that it does not."""
        for _attempt in range(2):
            try:
                return await self.session.send(Unlock(passphrase=typed), StatusView)
            except LOST:
                continue  # it went and is started again: what it is asked twice does no harm
            except MeshcoalError:
                return None
        return None

    def _uncover(self, status: StatusView | None = None) -> None:
        """Back to where one was."""
        from meshcoal.tui.screens.unlock import UnlockScreen

        self._covered = None
        self._try_next = None
        self._write(_FIRST_TITLE)
        self._idle.touched(self._clocks())
        front = self.screen
        if status is not None and isinstance(front, UnlockScreen):
            front.opened(status)
        elif isinstance(front, MeshScreen):
            front.refetch()
        self.screen.refresh(layout=True)
        self.refresh(repaint=True, layout=True)
        failure, self._lock_failure = self._lock_failure, None
        if failure is not None:
            say(
                self,
                _("While it was covered the vault could not be closed. %(why)s")
                % {"why": sentence_of(failure)},
                severity="error",
            )

    def _lock_quietly(self) -> None:
        self.run_worker(self._close_vault(), group="watch")

    async def _close_vault(self) -> None:
        self._lock_failure = None
        await self.last_words()
        for _attempt in range(2):
            try:
                await self.session.send(Lock(), StatusView)
            except LOST as exc:
                self._lock_failure = exc
            except MeshcoalError as exc:
                self._lock_failure = exc
                return
            else:
                self._lock_failure = None
                return

    # --- Nobody there

    def _look(self, now: Clocks | None = None) -> Verdict:
        """Act on the clocks."""
        verdict = self._idle.look(now or self._clocks())
        if self.covered:
            self._draw_cover()
        if self.rehearsing or (_SHUT & self._places()):
            return Verdict.NOTHING
        if verdict is Verdict.WARN and not self._warned_of_lock and not self.covered:
            self._warned_of_lock = True
            count = int(WARN_S)
            say(
                self,
                ngettext(
                    "Locking in %(count)d second. Press any key to stay.",
                    "Locking in %(count)d seconds. Press any key to stay.",
                    count,
                )
                % {"count": count},
                severity="warning",
            )
        elif verdict is Verdict.LOCK:
            self._warned_of_lock = False
            self._idle.touched(now or self._clocks())
            self._lock_due = not self.covered
            self.call_next(self._lock_here)
        return verdict

    def _lock_here(self) -> None:
        """Lock, over everything; what is below stays."""
        self._forget_copied()
        if self.covered:
            self._lock_quietly()
            return
        from meshcoal.tui.screens.unlock import UnlockScreen

        self.clear_notifications()
        screen = UnlockScreen(over=True, locking=True)
        self.push_screen(screen)
        self._lock_due = False
        screen.call_after_refresh(lambda: self.run_worker(self._close_vault_at(screen), group="watch"))

    async def _close_vault_at(self, screen: UnlockScreen) -> None:
        await self.last_words()
        lock = partial(screen.ask, Lock(), StatusView, lambda _status: screen.locked(), screen.lock_failed)
        screen.post_message(Ready(lock))

    def locked_over(self, screen: MeshScreen[R]) -> bool:
        """Whether a lock lies over a screen: then it may not close itself, for it would open the lock."""
        from meshcoal.tui.screens.unlock import UnlockScreen

        stack = self.screen_stack
        if screen not in stack:
            return False
        return any(isinstance(above, UnlockScreen) for above in stack[stack.index(screen) + 1 :])

    # --- The clipboard

    def copy_to_clipboard(self, text: str) -> None:
        """For so long as it takes to paste it somewhere."""
        super().copy_to_clipboard(text)
        self._copied = text
        if self._copied_timer is not None:
            self._copied_timer.stop()
        self._copied_timer = self.set_timer(CLIPBOARD_S, self._forget_copied)

    def _forget_copied(self) -> None:
        """Ask the terminal to empty its clipboard, where what is in it is ours as far as can be known."""
        if self._copied_timer is not None:
            self._copied_timer.stop()
            self._copied_timer = None
        self._clipboard = ""
        if self._copied:
            self._copied = ""
            super().copy_to_clipboard("")

    # --- Names

    def action_hide_names(self) -> None:
        """Numbers instead of names, or the names again."""
        hiding.switch(not hiding.on())
        for screen in self.screen_stack:
            for widget in screen.walk_children():
                if isinstance(widget, PlainOptions):
                    widget.draw_anew()
                widget.refresh(layout=True)
            screen.refresh(layout=True)
            if isinstance(screen, MeshScreen) and screen.PLACE not in _SHUT:
                screen.refetch()
        if hiding.on():
            say(self, _("Names are hidden until you press F8 again. What people wrote can still be read."))
        else:
            say(self, _("Names are shown again."))
