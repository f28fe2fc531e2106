"""Paths to people in words: nothing that the daemon can say is without a sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api.views import NextStep, PathKind
from meshcoal.cli.reach import STEPS, WHY, path_words
from meshcoal.tui.widgets.reach import step_words, why

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import NOW_MS, path_view


@pytest.mark.parametrize("step", list(NextStep))
def test_each_step_is_a_sentence_here_and_on_the_command_line(step: NextStep) -> None:
    """Goal: advice reaches people. Method: every step, both ways."""
    for words in (step_words(step), STEPS[step]):
        assert words[0].isupper()
        assert words.endswith(".")


def test_both_say_the_same_of_each_failure() -> None:
    """Goal: one reason, one wording. Method: every code that has words."""
    assert {code: why(code) for code in WHY} == WHY
    assert why("unheard-of") == "unheard-of"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"known": True, "up": True}, "works now"),
        ({"known": True, "worked_ms": NOW_MS - 300_000}, "worked 5 minutes ago"),
        ({"known": True}, "not so far"),
        ({}, "no address of theirs is known"),
        (
            {"known": True, "worked_ms": 0, "by_day": True, "open": False},
            "worked last on 1970-01-01; closed now by your choice, or because Tor is off",
        ),
        (
            {"known": True, "failed_ms": NOW_MS - 60_000, "code": "onion-unreachable"},
            "not so far; tried in vain 1 minute ago: they are offline",
        ),
    ],
)
def test_a_path_says_when_it_worked_and_why_not_now(fields: dict[str, object], words: str) -> None:
    """Goal: true and short. Method: each kind of past."""
    assert path_words(path_view(PathKind.ONION, **fields), NOW_MS) == words
