"""Which terminals cannot place a cursor, by what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PLAIN_TERMINALS: Final = ("", "dumb", "unknown", "emacs", "network")


def is_plain(environment: Mapping[str, str]) -> bool:
    """Whether lines are all that this terminal can show."""
    return environment.get("TERM", "") in PLAIN_TERMINALS
