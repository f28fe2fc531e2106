"""Names of channels as they are typed when a campaign is founded."""

from __future__ import annotations

import re
from typing import Final

from meshcoal.tui.locale import _

# Translators: the two channels a new campaign gets, with any comma between. People read and may change them.
CHANNELS: Final = _("general, alerts")
_COMMA: Final = re.compile("[,،、，]")  # of Latin, Arabic and Chinese keyboards


def channels_of(typed: str) -> tuple[str, ...]:
    """Each name once, in the order typed."""
    names = [part.strip() for part in _COMMA.split(typed)]
    return tuple(dict.fromkeys(one for one in names if one))
