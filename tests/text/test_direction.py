"""The first strong letter decides which way a text runs."""

from __future__ import annotations

import pytest

from meshcoal.text.direction import base_direction


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("", "ltr"),
        ("123 ...", "ltr"),
        ("Free them", "ltr"),
        ("آزادی برای همه", "rtl"),
        ("חופש", "rtl"),
        ("12. العدالة Amnesty", "rtl"),
        ("Amnesty: العدالة", "ltr"),
        ("\u2067آزادی\u2069 now", "ltr"),
        ("\u200fabc", "rtl"),
    ],
)
def test_first_strong_letter_outside_isolates_decides(text: str, direction: str) -> None:
    """Goal: rules P2 and P3. Method: one example of each."""
    assert base_direction(text) == direction
