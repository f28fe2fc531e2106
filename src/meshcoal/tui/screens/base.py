"""What every screen shares: a heading, a body, the footer, and how it asks the daemon.

Law: workers ask and post; only message handlers touch widgets. A screen holds the views it was given and
fetches them anew when it comes to the front or a notice concerns it; two fetches never run at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen, Screen

from meshcoal.api.commands import Command
from meshcoal.api.views import Notice, NoticeKind
from meshcoal.errors import Locked, MeshcoalError
from meshcoal.tui import motion
from meshcoal.tui.drafts import DraftKey
from meshcoal.tui.faults import sentence_of as sentence_of
from meshcoal.tui.locale import _
from meshcoal.tui.rehearsal import CoachLine
from meshcoal.tui.widgets.bars import BusyLine, CoachBar, Heading, KeyRow
from meshcoal.tui.widgets.plain import say
from meshcoal.wire.record import Record

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

V = TypeVar("V", bound=Record)
R = TypeVar("R")
BUSY_AFTER_S: Final = 0.5
# Between drawing and fetching again while news comes all the time: keys have their turn meanwhile.
REFETCH_AFTER_S: Final = 0.1
REFETCH_SHARE: Final = 3  # and so many times what drawing took


class Ready(Message):
    """A worker has what its screen asked for: `show` draws it."""

    def __init__(self, show: Callable[[], None], *, fetched: bool = False) -> None:
        super().__init__()
        self.show = show
        self.fetched = fetched


class Refused(Message):
    """Something outlived its screen and failed: `tell` puts things back and says so. For the app."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self.tell = tell


class MeshScreen(Screen[R]):
    """Base of all screens. `PLACE` is the screen's name in `actions`."""

    PLACE: ClassVar[str] = ""
    CONCERNS: ClassVar[frozenset[NoticeKind]] = frozenset()
    # At once, before the key climbs from the field to the screen: else what is typed meanwhile lands in the
    # old field.
    BINDINGS: ClassVar = [
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]
    # Not Textual's default: a toast or palette must not steal the line being written.
    AUTO_FOCUS = "PlainOptions, PlainInput, PlainText, PlainButton"

    def __init__(self) -> None:
        super().__init__()
        self._fetching = False
        self._stale = False
        self._asking = 0
        self._withheld: list[Ready] = []
        self._left: tuple[R | None] | None = None  # the result, while another screen lies over

    @property
    def mesh(self) -> MeshcoalApp:
        return cast("MeshcoalApp", self.app)

    @property
    def is_there(self) -> bool:
        """Whether it is made, and not taken away yet."""
        return self.is_mounted and self.is_attached

    # --- Layout

    def compose(self) -> ComposeResult:
        yield Heading()
        yield CoachBar()
        with Vertical(id="body"):
            yield from self.body()
        yield BusyLine()
        yield KeyRow()

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def head(self, text: str) -> None:
        """Say where we are."""
        self.query_one(Heading).head(text)

    def on_mount(self) -> None:
        self.tell_coach(self.mesh.coach)
        self.tell_away(self.mesh.away)

    def tell_coach(self, line: CoachLine | None) -> None:
        for bar in self.query(CoachBar):
            bar.tell(line)

    def tell_away(self, away: bool) -> None:
        for heading in self.query(Heading):
            heading.away(away)

    def tell_drafts(self, keys: Sequence[DraftKey]) -> None:
        """The vault had other drafts than were here, for these places."""

    def tell_draft(self, key: DraftKey) -> None:
        """Say so where what stands on the screen was written before this window was opened."""
        if self.mesh.drafts.came_back(key):
            say(self.app, _("What you were writing is here again."))

    def tell_progress(self, done: int, total: int) -> None:
        """The node catches up."""
        for busy in self.query(BusyLine):
            if not self._asking:
                busy.progress(_("Catching up"), done, total)

    # --- Fetching what is shown

    async def load(self) -> Callable[[], None]:
        """Ask for all views this screen shows; answers what draws them. Runs in a worker."""
        return _nothing

    def refetch(self) -> None:
        """Fetch again, now or shortly after the fetch under way is shown."""
        if self._fetching:
            self._stale = True
            return
        self._fetching = True
        self.run_worker(self._fetch(), group="fetch")

    async def _fetch(self) -> None:
        timer = self.set_timer(BUSY_AFTER_S, lambda: self._busy(_("Fetching")))
        try:
            show = await self.load()
        except MeshcoalError as exc:
            show = self._refusal(exc)
        finally:
            timer.stop()
        self.post_message(Ready(show, fetched=True))

    def on_screen_resume(self) -> None:
        if self._left is not None:
            (result,), self._left = self._left, None
            self.dismiss(result)
            return
        withheld, self._withheld = self._withheld, []
        for event in withheld:
            self.post_message(event)
        self.refetch()

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Leave this screen; where another lies over it, such as the keys or the lock, as soon as that goes.

        Textual would take away the one on top, whichever that is, and end when this one is left again.
        """
        if self.app.screen is self:
            return super().dismiss(result)
        if self in self.app.screen_stack:
            self._left = (result,)
        return AwaitComplete()

    def on_notice(self, notice: Notice) -> None:
        """Something changed; fetch if it concerns this screen."""
        if notice.kind == NoticeKind.OVERRUN or (notice.kind in self.CONCERNS and self.about(notice)):
            self.refetch()

    def shows(self, notice: Notice) -> bool:
        """Whether this screen itself makes the change visible, so that no toast is needed."""
        return notice.kind in self.CONCERNS and self.about(notice)

    def about(self, notice: Notice) -> bool:
        """Whether a notice of a kind that concerns this screen is about what it shows."""
        return True

    # --- Commands

    def ask(
        self,
        command: Command,
        kind: type[V],
        then: Callable[[V], None],
        otherwise: Callable[[MeshcoalError], None] | None = None,
        *,
        busy: str = "",
    ) -> None:
        """Send a command; `then` gets its view, `otherwise` its error (by default a toast says it)."""
        self._asking += 1
        self.run_worker(self._ask(command, kind, then, otherwise, busy or _("Working")), group="ask")

    async def _ask(
        self,
        command: Command,
        kind: type[V],
        then: Callable[[V], None],
        otherwise: Callable[[MeshcoalError], None] | None,
        busy: str,
    ) -> None:
        timer = self.set_timer(BUSY_AFTER_S, lambda: self._busy(busy))
        try:
            view = await self.mesh.session.send(command, kind)
        except MeshcoalError as exc:
            failure = exc
            refused = self._refusal(exc) if otherwise is None else (lambda: otherwise(failure))
            self.post_message(Ready(refused))
        else:
            self.post_message(Ready(lambda: then(view)))
        finally:
            timer.stop()
            self._asking -= 1

    @on(Ready)
    def _show_ready(self, event: Ready) -> None:
        event.stop()
        if self.mesh.locked_over(self):
            self._withheld.append(event)  # it might close the screen in front: that is the lock
            return
        for busy in self.query(BusyLine):
            busy.end()
        began_ms = self.mesh.now_ms()
        event.show()
        if event.fetched and not self._stale:
            self._fetching = False
        elif event.fetched:
            drew_s = max(0, self.mesh.now_ms() - began_ms) / 1_000
            self.set_timer(max(REFETCH_AFTER_S, REFETCH_SHARE * drew_s), self._again)

    def _again(self) -> None:
        self._fetching = self._stale = False
        self.refetch()

    def _busy(self, what: str) -> None:
        for busy in self.query(BusyLine):
            busy.begin(what)

    def _refusal(self, exc: MeshcoalError) -> Callable[[], None]:
        if isinstance(exc, Locked):
            return self.mesh.need_unlock
        sentence = sentence_of(exc)
        return lambda: say(self.app, sentence, severity="error")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        motion.settle(event.widget)

    def action_back(self) -> None:
        self.dismiss()

    def action_find(self) -> None:
        """Search, in the campaign that is shown, else in all."""
        from meshcoal.tui.screens.search import SearchScreen

        self.app.push_screen(SearchScreen(getattr(self, "campaign", b"")))

    def action_warnings(self) -> None:
        from meshcoal.tui.screens.warnings import WarningsScreen

        self.app.push_screen(WarningsScreen())


class MeshModal(MeshScreen[R], ModalScreen[R]):
    """A screen over another."""


def _nothing() -> None:
    """Nothing to draw."""
