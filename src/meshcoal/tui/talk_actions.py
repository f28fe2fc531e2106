"""What can be done in a channel, beside writing: entries of `tui.actions`.

Law: as there. Single letters work while the messages are chosen, not while a text is being written.
"""

from __future__ import annotations

from typing import Final

from meshcoal.tui.action import Action, at
from meshcoal.tui.locale import _

TALK_ACTIONS: Final[tuple[Action, ...]] = (
    at(
        "channel",
        "thread",
        "t",
        _("Thread"),
        _("Show the conversation that the chosen message belongs to."),
        footer=False,
    ),
    at(
        "channel",
        "react",
        "a",
        _("React"),
        _("Put an emoji on the chosen message, or take it back."),
        footer=False,
    ),
    at(
        "channel",
        "change",
        "e",
        _("Change"),
        _("Say the chosen message of yours otherwise; once more to stop."),
        footer=False,
    ),
    at(
        "channel",
        "take_back",
        "x",
        _("Take back"),
        _("Erase the chosen message of yours on every device; or hide another's, where the rules say so."),
        footer=False,
    ),
    at(
        "channel",
        "pin",
        "p",
        _("Pin"),
        _("Keep the chosen message in sight for all; once more to pin it no longer."),
        footer=False,
    ),
    at("channel", "pins", "i", _("Pinned"), _("Show what is pinned in this channel."), footer=False),
    at(
        "channel",
        "history",
        "h",
        _("Before it was changed"),
        _("Show what the chosen message said before, and who reacted how."),
        footer=False,
    ),
    at("channel", "unread", "u", _("Unread"), _("Go to where unread messages begin."), footer=False),
    at("channel", "newest", "n", _("Newest"), _("Go to the newest message."), footer=False),
    at(
        "home campaign channel",
        "find",
        "slash f3",
        _("Search"),
        _("Find messages, letters, comments and cases by their words."),
        footer=False,
    ),
    at(
        "home",
        "today",
        "t",
        _("What needs me"),
        _("Choose among what needs you now; Enter goes to where it is done."),
        footer=False,
    ),
    at("search", "open", "enter", _("Open"), _("Go to the chosen place.")),
)
