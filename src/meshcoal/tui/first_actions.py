"""What can be done in the first minutes: entries of `tui.actions`.

Law: as there.
"""

from __future__ import annotations

from typing import Final

from meshcoal.tui.action import Action, at
from meshcoal.tui.locale import _

FIRST_ACTIONS: Final[tuple[Action, ...]] = (
    at(
        "create",
        "suggest",
        "ctrl+n",
        _("Six words"),
        _("Have six words drawn by chance as a passphrase."),
        priority=True,
    ),
    # Translators: other words: draws six new words of a passphrase instead of those shown.
    at("suggest", "another", "ctrl+n", _("Others"), _("Draw six other words."), priority=True),
    at(
        "identity",
        "suggest",
        "w",
        _("Six words"),
        _("Take six words drawn by chance as a new passphrase."),
        footer=False,
    ),
    at(
        "home",
        "steps",
        "s",
        _("First steps"),
        _("Show what comes first: whom you work with, a first campaign, a first letter."),
        footer=False,
    ),
    at(
        "home",
        "leave_rehearsal",
        "e",
        _("End the rehearsal"),
        _("End the rehearsal and return to where you were before it."),
        footer=False,
    ),
    at("first", "open", "enter", _("Do it"), _("Go to where the chosen step is done.")),
    at("first", "accept", "a", _("Accept"), _("Accept an invitation that somebody gave you.")),
    at("first", "invite", "i", _("Invite"), _("Make an invitation for somebody.")),
    at("first", "found", "f", _("Found"), _("Found a new campaign.")),
    at("first", "letter", "l", _("First letter"), _("Write your first letter, from a text to fill in.")),
    at("first", "rehearse", "r", _("Rehearse"), _("Practise with five others on this machine.")),
    at(
        "first",
        "put_away",
        "x",
        _("Put away"),
        _("Show the first steps on the first screen no more, or again."),
    ),
)
