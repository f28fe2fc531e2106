"""Colours and layout. Nothing is told by colour alone: every state has its word or its mark."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

CALM: Final = Theme(
    name="meshcoal",
    primary="#7aa2c8",
    secondary="#8fb8a8",
    accent="#e0b060",
    foreground="#d8dde3",
    background="#14181d",
    surface="#1b2027",
    panel="#242b34",
    success="#8fc08f",
    warning="#e0b060",
    error="#e07a70",
    dark=True,
)
LIGHT: Final = Theme(
    name="meshcoal-light",
    primary="#2c5f8a",
    secondary="#2f6b58",
    accent="#8a5a00",
    foreground="#1c2228",
    background="#f6f4ef",
    surface="#ece9e2",
    panel="#dedad1",
    success="#2f6b2f",
    warning="#8a5a00",
    error="#a32a1f",
    dark=False,
)
CONTRAST: Final = Theme(
    name="meshcoal-contrast",
    primary="#ffffff",
    secondary="#ffffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#303030",
    success="#00ff00",
    warning="#ffff00",
    error="#ff8080",
    dark=True,
    variables={
        "footer-key-foreground": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#ffff00",
        "text-muted": "#ffffff",
    },
)

CONTRAST_LIGHT: Final = Theme(
    name="meshcoal-contrast-light",
    primary="#000000",
    secondary="#000000",
    accent="#00006b",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#e4e4e4",
    success="#003d00",
    warning="#4d2f00",
    error="#7a0000",
    dark=False,
    variables={
        "footer-key-foreground": "#00006b",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#00006b",
        "text-muted": "#000000",
    },
)
# Its colours never reach the terminal: `tui.look` reads from them what is to stand out, and how.
PLAIN: Final = Theme(
    name="meshcoal-plain",
    primary="#ffffff",
    secondary="#ffffff",
    accent="#ffffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#303030",
    success="#ffffff",
    warning="#ffff00",
    error="#ff0000",
    dark=True,
    variables={
        "footer-background": "#000000",
        "footer-key-foreground": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#ffffff",
        "text-muted": "#ffffff",
    },
)

CSS: Final = """
Screen { layout: vertical; }
#heading { height: 1; background: $panel; color: $foreground; text-style: bold; padding: 0 1; }
#coach { height: auto; max-height: 5; background: $accent; color: $background; padding: 0 1; display: none; }
#coach.-on { display: block; }
#body { height: 1fr; padding: 0 1; }
MeshScreen { layers: default over; }
MeshScreen > #busy { layer: over; dock: right; width: auto; background: $panel; }
MeshScreen > #busy.-left { dock: left; }
#busy { height: 1; display: none; padding: 0 1; }
#busy.-on { display: block; }
#busy-bar Bar { width: 16; }
#dialog.-busy > .buttons { margin-top: 0; }
#busy-what { width: auto; margin-right: 2; }
.note { color: $text-muted; height: auto; }
.warn { color: $warning; height: auto; }
.error { color: $error; height: auto; text-style: bold; }
.alarm { color: $error; height: auto; text-style: bold; padding: 0 1; border: heavy $error; }
.gap-above { margin-top: 1; }
PlainOptions, PlainOptions:focus { border: none; height: 1fr; background: $background; padding: 0; }
PlainOptions > .option-list--option-disabled { color: $text-muted; }
PlainInput, PlainInput:focus { background: $panel; }
PlainText, PlainText:focus { border: none; background: $panel; padding: 0 1; }

/* Above the line being written and the keys, and below what a screen says first. */
ToastRack { margin-bottom: 3; }

MeshModal { align: center middle; background: $background 60%; }
MeshModal > #dialog {
    width: 90%; max-width: 92; height: auto; max-height: 100%;
    background: $surface; border: round $primary; padding: 0 1;
}
#dialog-title { text-style: bold; height: 1; }
#dialog-fields { height: auto; max-height: 17; }
.field { height: auto; margin-bottom: 0; }
.field > PlainLabel { width: 24; padding-right: 1; }
.field > PlainInput { width: 1fr; }
.field > PlainText { width: 1fr; height: 5; }
.field > PlainChoice { width: 1fr; border: none; background: $surface; padding: 0; height: auto; }
.field > PlainChoice:focus { border: none; }
.field > .checks { width: 1fr; height: auto; }
.buttons { height: 1; margin-top: 1; }
.buttons-above { height: 1; }
.buttons-above > PlainButton { margin-right: 2; min-width: 16; }
#pair-head { height: auto; margin-bottom: 1; }
.buttons > PlainButton { margin-right: 2; min-width: 12; }
.words { text-style: bold; text-align: center; padding: 1 2; height: auto; border: round $primary; }
.qr { width: auto; height: auto; color: #000000; background: #ffffff; }

#composer { height: auto; max-height: 6; min-height: 1; }
#composer-box { height: auto; border-top: solid $primary; }
#replying { height: auto; color: $text-muted; display: none; }
#replying.-on { display: block; }
#attached { height: auto; color: $text-muted; display: none; }
#attached.-on { display: block; }
#today { height: auto; max-height: 5; margin-bottom: 1; }
#unread { height: 1; color: $accent; display: none; }
#unread.-on { display: block; }
#gaps { height: auto; max-height: 6; color: $warning; display: none; }
#gaps.-on { display: block; }
#forks { height: auto; max-height: 8; color: $warning; display: none; padding: 0 1; }
#forks.-on { display: block; }
Timeline { height: 1fr; }
ContentSwitcher { height: 1fr; }
TabbedContent { height: 1fr; }
TabPane { padding: 0; }
.pane { height: 1fr; }
.choices { height: auto; align: center middle; }
#title-line { height: auto; }
"""
