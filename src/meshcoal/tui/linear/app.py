"""The interface on a plain terminal: the same screens and actions, drawn nowhere, said line by line.

Law: as in `tui.app`; nothing is written but what the conversation says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from textual.app import App
from textual.notifications import Notify
from textual.pilot import Pilot

from meshcoal.tui.app import MeshcoalApp
from meshcoal.tui.linear.console import Console
from meshcoal.tui.linear.conversation import Conversation
from meshcoal.tui.locale import _

# Nothing is drawn, but screens lay themselves out: no two columns, and no list that would scroll.
SIZE_CELLS: Final = (80, 24)
QUIET_ROUNDS: Final = 5
ROUND_S: Final = 0.01  # five of them are longer than what a screen puts off to its next drawing
LOOK_S: Final = 0.5
PATIENCE_S: Final = 2.0


def why(*, chosen: bool) -> str:
    """What to say before the first screen."""
    if chosen:
        return _("meshcoal, line by line. ? says what can be typed; “quit” leaves.")
    return _(
        "This terminal cannot draw screens, so meshcoal speaks line by line. ? says what can be typed; "
        "“quit” leaves. `meshcoal --no-linear` draws all the same."
    )


class LinearApp(MeshcoalApp):
    """Says what the other draws."""

    conversation: Conversation | None = None

    def on_notify(self, event: Notify) -> None:
        """What passes over the screen is said."""
        if self.conversation is not None:
            one = event.notification
            self.conversation.note(one.message, loud=one.severity == "error" and "!!" in one.message)

    def copy_to_clipboard(self, text: str) -> None:
        """There is none that could be asked for: the text is said, to be taken by hand."""
        super().copy_to_clipboard(text)
        if self.conversation is not None:
            self.conversation.note(text, loud=False)

    def action_contrast(self) -> None:
        """No colour is used."""
        super().action_contrast()
        if self.conversation is not None:
            self.conversation.note(_("Colours are not used in linear mode."), loud=False)

    def action_command_palette(self) -> None:
        """Words are typed anyway."""
        self.action_help()


async def at_rest(app: App[Any], woken: Callable[[], bool]) -> None:
    """Until the interface has done what it was asked for, or somebody wants no longer to wait."""
    quiet = 0
    while quiet < QUIET_ROUNDS and app.return_code is None and not woken():
        await asyncio.sleep(ROUND_S)
        busy = any(worker.group in ("fetch", "ask", "rehearsal", "watch") for worker in app.workers)
        queued = app.message_queue_size + sum(
            [widget.message_queue_size for widget in app.screen.walk_children(with_self=True)]
        )
        quiet = 0 if busy or queued else quiet + 1


def run_linear(app: LinearApp, *, said_first: str = "") -> int:
    """Let it run until it closes; returns the exit code. `said_first`: why it came to this."""

    async def talk(_pilot: Pilot[object]) -> None:
        console = Console()
        with console.listening():
            await converse(app, console, said_first)

    app.run(headless=True, size=SIZE_CELLS, auto_pilot=talk)
    return app.return_code or 0


async def converse(app: LinearApp, console: Console, said_first: str) -> None:
    """Turn by turn, until somebody leaves."""

    async def rest() -> None:
        resting = asyncio.ensure_future(at_rest(app, lambda: console.ended))
        done, _pending = await asyncio.wait({resting}, timeout=PATIENCE_S)
        if not done:
            console.tell([_("Working … Enter goes on without waiting.")])
            resting.cancel()
            await asyncio.wait({resting})
            await at_rest(app, console.impatient)

    talk = app.conversation = Conversation(app, console.tell, rest)
    if said_first:
        console.tell([said_first])
    await talk.begin()
    while app.return_code is None:
        line = await _line_or_end(app, console, talk)
        if line is None:
            break
        await talk.typed(line)
    if app.return_code is None:
        app.exit(return_code=0)


async def _line_or_end(app: LinearApp, console: Console, talk: Conversation) -> str | None:
    """The next line. The interface may close by itself meanwhile."""
    asking = asyncio.create_task(console.ask(talk.prompt, secret=talk.secret))
    while not asking.done() and app.return_code is None and not talk.hides:
        await asyncio.wait({asking}, timeout=LOOK_S)
    if not asking.done():
        asking.cancel()
        await asyncio.wait({asking})
        if app.return_code is not None:
            return None
        console.tell([""])  # what was being typed stays in the terminal, and goes nowhere
        talk.hide()
        return await _line_or_end(app, console, talk)
    return asking.result()
