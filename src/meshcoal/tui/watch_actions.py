"""What can be done, from everywhere, where somebody may be looking: entries of `tui.actions`.

Law: as there; these work over every dialog and while a text is being written.
"""

from __future__ import annotations

from typing import Final

from meshcoal.tui.action import Action, at
from meshcoal.tui.locale import _

WATCH_ACTIONS: Final[tuple[Action, ...]] = (
    at(
        "everywhere",
        "cover",
        "f9",
        _("Cover"),
        _("Show a calendar at once instead. Type your passphrase, unseen, and press Enter to return."),
        footer=False,
        priority=True,
    ),
    at(
        "everywhere",
        "hide_names",
        "f8",
        _("Hide names"),
        _("Show numbers instead of names on all screens; press again for the names."),
        footer=False,
        priority=True,
    ),
)
