"""When an interface under test rests, and what makes starting one cheap.

Rest is looked at, not waited for: nothing is ready to run in the event loop, no worker of the screens is
under way, and no short timer is set.

Textual reads its style sheets anew for each app, and again for each theme: a third of what a short test took.
What one reading made is nowhere changed afterwards, so all apps of a run share it.
"""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from textual._compositor import Compositor
from textual.app import App
from textual.css.model import RuleSet
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode
from textual.pilot import Pilot

SHORT_S = 0.1  # what a screen defers so long is part of what a key does
QUIET_ROUNDS = 3  # a drawing may ask for another one

_read = Stylesheet._parse_rules
_rules: dict[tuple[Any, ...], list[RuleSet]] = {}
_apply = Stylesheet.apply
_replace = Stylesheet.replace_rules
_sheets: dict[tuple[int, ...], int] = {}  # what was read lives on in `_rules`, so no two have one id
_styles: dict[tuple[Any, ...], tuple[RulesMap, tuple[bool, bool, bool, bool]]] = {}


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


class _Found(dict[Any, RulesMap]):
    """What Textual found for one node, caught as it keeps it for the node's siblings."""


def _path_of(node: Any) -> tuple[Any, ...]:
    """All that a rule may ask of a node and of those above it, but for its place among its siblings."""
    path: list[Any] = []
    while isinstance(node, DOMNode):
        state = vars(node).get
        path += (
            type(node),
            node._id,
            frozenset(node._classes),
            state("_reactive_has_focus"),
            state("_reactive_mouse_hover"),
            state("_reactive_disabled"),
            getattr(node, "can_focus", None),
        )
        if isinstance(node, App):
            path += (node.no_color, node.app_focus, node.current_theme.dark)
        node = node._parent
    return tuple(path)


def _apply_once(
    self: Any, node: DOMNode, *, animate: bool = False, cache: dict[tuple[Any, ...], RulesMap] | None = None
) -> None:
    rules = self.rules
    if getattr(self, "_numbered", None) is not rules:
        self._numbered = rules
        self._number = _sheets.setdefault(tuple(map(id, rules)), len(_sheets))
    path = (self._number, *_path_of(node))
    if path in _styles:
        (
            found,
            (
                node._has_hover_style,
                node._has_focus_within,
                node._has_order_style,
                node._has_odd_or_even,
            ),
        ) = _styles[path]
        self.replace_rules(node, found, animate=animate)
        self._process_component_classes(node)
        return
    caught = _Found()
    _apply(self, node, animate=animate, cache=caught)
    for found in caught.values():  # nothing, where a rule asks for more than is in the path
        _styles[path] = (
            found,
            (node._has_hover_style, node._has_focus_within, node._has_order_style, node._has_odd_or_even),
        )


def _replace_changed(_cls: type[Stylesheet], node: DOMNode, rules: RulesMap, animate: bool = False) -> None:
    """Textual's sets each rule anew, and asks for a drawing each time, whether it changes anything or not."""
    if animate:
        _replace(node, rules, animate)
        return
    base = node.styles.base
    held = cast("dict[str, object]", base._rules)
    for key in held.keys() | rules.keys():
        wanted = rules.get(key)
        if held.get(key) is not wanted:
            setattr(base, key, wanted)
    node.notify_style_update()


def share_styles() -> None:
    """Have all apps of this run share what was read of style sheets, and which rules hold for whom."""
    Stylesheet._parse_rules = _read_once  # type: ignore[method-assign]
    # An app is many small objects in circles: looking for what to throw away took a fifth of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    Stylesheet.replace_rules = classmethod(_replace_changed)  # type: ignore[method-assign,assignment]
    Stylesheet.apply = _apply_once  # type: ignore[method-assign]


@contextmanager
def unpainted() -> Iterator[None]:
    """Have nothing written to the terminal meanwhile: a third of a visit goes into what nobody sees."""
    paint = Compositor.render_update
    Compositor.render_update = lambda *_args, **_kinds: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        Compositor.render_update = paint  # type: ignore[method-assign]


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
