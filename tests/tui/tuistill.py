"""When an interface under test rests, and what makes starting one cheap.

Rest is looked at, not waited for: nothing is ready to run in the event loop, no worker of the screens is
under way, and no short timer is set.

Textual reads its style sheets anew for each app, and again for each theme: a third of what a short test took.
What one reading made is nowhere changed afterwards, so all apps of a run share it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.pilot import Pilot

SHORT_S = 0.1  # what a screen defers so long is part of what a key does
QUIET_ROUNDS = 3  # a drawing may ask for another one

_read = Stylesheet._parse_rules
_rules: dict[tuple[Any, ...], list[RuleSet]] = {}


def _read_once(
    self: Any,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    if getattr(self, "_shared_for", None) is not self._variables:
        self._shared_for = self._variables
        self._shared_key = frozenset(self._variables.items())
    key = (css, read_from, is_default_rules, tie_breaker, scope, self._shared_key)
    if key not in _rules:
        _rules[key] = _read(self, css, read_from, is_default_rules, tie_breaker, scope)
    return _rules[key]


def share_styles() -> None:
    """Have all apps of this run share what was read of style sheets."""
    Stylesheet._parse_rules = _read_once  # type: ignore[method-assign]


async def loop_is_idle() -> None:
    """Until nothing is ready to run but the caller."""
    ready = cast("deque[object]", asyncio.get_running_loop()._ready)  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    while ready:  # noqa: ASYNC110
        await asyncio.sleep(0)


def _short_timers(app: App[Any]) -> bool:
    pumps = [app, *app.screen_stack]
    return any(
        timer._task is not None
        and not timer._task.done()
        and timer._repeat == 0
        and timer._interval <= SHORT_S
        for pump in pumps
        for timer in pump._timers
    )


async def still(app: App[Any], *, held: bool = False) -> None:
    """Until nothing is asked, answered or drawn any more. `held`: somebody holds answers back on purpose."""
    quiet = 0
    while quiet < QUIET_ROUNDS and not app._exit:
        await loop_is_idle()
        waiting = [worker for worker in app.workers if worker.group in ("fetch", "ask")]
        busy = bool(waiting) and not held
        if busy:
            await app.workers.wait_for_complete(waiting)
        elif _short_timers(app):
            busy = True
            await asyncio.sleep(SHORT_S / 10)
        if not app.screen_stack:  # none are left once it closes
            return
        app.screen._on_timer_update()
        ready = app.message_queue_size + sum(
            [widget.message_queue_size for widget in app.screen.walk_children(with_self=True)]
        )
        quiet = 0 if busy or ready else quiet + 1


class QuickPilot(Pilot[Any]):
    """Clicks and keys that rest by looking, instead of waiting for an idle processor."""

    async def pause(self, delay: float | None = None) -> None:
        if delay is None:
            await still(self.app, held=True)
        else:
            await super().pause(delay)
