"""How much on the screen may move by itself: for people whom movement makes ill, and for slow lines.

Law: where less is to move, nothing does but what somebody does themselves: no cursor blinks, no list glides,
no bar runs to and fro. What a bar would tell stands beside it in words in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from meshcoal.tui.widgets.plain import PlainInput, PlainText

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.types import AnimationLevel

LESS: Final = "less"
FULL: Final = "full"
_REMOTE: Final = ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION")


def is_less(kept: str, surroundings: Mapping[str, str]) -> bool:
    """Whether less is to move.

    Args:
        kept: what was chosen. Empty: less where the terminal is far away, over SSH, since each picture costs.
    """
    if kept in (LESS, FULL):
        return kept == LESS
    return any(surroundings.get(name) for name in _REMOTE)


def apply(app: App[Any], level: AnimationLevel) -> None:
    """Let as much move, from now on."""
    app.animation_level = level
    for screen in app.screen_stack:
        for node in screen.walk_children():
            settle(node)


def settle(node: DOMNode) -> None:
    """Let the cursor of a field blink, or not."""
    if isinstance(node, (PlainInput, PlainText)):
        node.cursor_blink = node.app.animation_level != "none"
