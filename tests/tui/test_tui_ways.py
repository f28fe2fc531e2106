"""The line that says how Tor stands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from meshcoal.api.views import TorStanding
from meshcoal.tui.sentences import tor_words

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import tor_view


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ""),
        ({"damaged": True, "sentence": "Choose afresh."}, "! Choose afresh."),
        ({"standing": TorStanding.STARTING}, "Tor: looking for it."),
        ({"standing": TorStanding.BOOTSTRAPPING, "percent": 45}, "Tor: 45 % of its way into its network."),
        ({"standing": TorStanding.FAILED, "sentence": "Install it."}, "! Install it."),
        (
            {"standing": TorStanding.READY, "services": 2},
            "Tor: ready; your addresses there are being announced.",
        ),
        ({"standing": TorStanding.READY, "services": 2, "published": 2}, "Tor: ready."),
        ({"standing": TorStanding.READY, "only_tor": True}, "Tor: ready. Nothing else is used."),
    ],
)
def test_each_standing_has_its_words(fields: dict[str, Any], words: str) -> None:
    """Goal: the line is true and short, and says what to try. Method: each standing once."""
    assert tor_words(tor_view(**fields)) == words
