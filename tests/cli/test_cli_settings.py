"""`meshcoal settings` and `meshcoal posture`: sentences for people, values for programs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from meshcoal.api.commands import ChoosePaths, GetStatus, ShowBrowser, ShowPosture
from meshcoal.api.views import (
    BrowserView,
    Danger,
    FindingView,
    PostureView,
    StatusView,
    VaultState,
    Weakness,
    Weight,
)
from meshcoal.tui.settings import Settings, read_settings

OPEN = StatusView(version="0", vault=VaultState.UNLOCKED, name="Ana", process=1, listening=())


def outside_any_loop(_command: GetStatus) -> StatusView:
    """The real connection runs a loop, which cannot be done inside another."""
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    return OPEN


def test_what_holds_is_listed_as_sentences(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: one look tells what holds. Method: an open vault, in words and as JSON."""
    daemon.answers[GetStatus] = outside_any_loop
    told = run("settings")
    assert told.exit_code == 0, told.output
    assert "Who can see you" in told.output
    assert "(constant-rate)" in told.output
    assert "evin" in told.output, "a campaign is named"
    found = json.loads(run("settings", "--json").output)["settings"]
    assert {one["name"]: one for one in found}["saving"]["value"] == "save"
    assert all(one["holds"].endswith(".") for one in found)


def test_a_shut_vault_lists_what_holds_without_it(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: no passphrase for the language. Method: a locked vault."""
    daemon.answers[GetStatus] = StatusView(
        version="0", vault=VaultState.LOCKED, name="", process=1, listening=()
    )
    told = run("settings")
    assert told.exit_code == 0
    assert "(language)" in told.output
    assert "(saving)" not in told.output
    assert "The vault is shut" in told.output


def test_a_choice_is_made_by_name(run: Callable[..., Result], daemon: Any, terminal: Any) -> None:
    """Goal: the same choices as on the screen. Method: Tor alone and back; what guards less is asked."""
    daemon.answers[GetStatus] = OPEN
    assert run("settings", "paths", "tor").exit_code == 0  # the built view says: Tor alone, and damaged
    assert [one for one in daemon.sent if isinstance(one, ChoosePaths)] == [ChoosePaths(only_tor=True)]
    terminal.present = True
    weaker = ("settings", "constant-rate", "0")
    declined = run(*weaker, typed="no\n")
    assert declined.exit_code == 130
    assert "guards you less" in declined.output
    assert run(*weaker, typed="yes\n").exit_code == 0
    assert run(*weaker, "--yes").exit_code == 0


def test_what_is_no_choice_is_refused_with_the_way(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: an error says what to do. Method: no such name, no such value, what is done elsewhere."""
    daemon.answers[GetStatus] = OPEN
    for typed, words in (
        (("settings", "colour"), "`meshcoal settings` lists all"),
        (("settings", "nearby", "maybe"), "It is one of: off, on."),
        (("settings", "passphrase", "x"), "Do it with `meshcoal passphrase`."),
    ):
        refused = run(*typed)
        assert refused.exit_code == 2
        assert words in refused.output


def test_one_of_the_interface_is_kept_in_the_home(
    run: Callable[..., Result], daemon: Any, tmp_path: Path
) -> None:
    """Goal: it holds when the interface opens next. Method: choose, read the file; a value of nobody's."""
    daemon.answers[GetStatus] = OPEN
    assert run("--home", str(tmp_path), "settings", "language", "fr").exit_code == 0
    assert read_settings(tmp_path) == (Settings(language="fr"), False)
    assert run("--home", str(tmp_path), "settings", "language", "xx").exit_code == 2
    told = run("--home", str(tmp_path), "settings", "language")
    assert "* fr: The interface speaks français." in told.output


def test_weak_spots_come_with_what_to_do(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: weightiest first, each with its command, never a promise. Method: two findings, then none."""
    daemon.answers[ShowPosture] = PostureView(
        findings=(
            FindingView(weakness=Weakness.PLAIN, danger=Danger.WATCHED, weight=Weight.SLIGHT),
            FindingView(weakness=Weakness.OPEN_LONG, danger=Danger.TAKEN, weight=Weight.SERIOUS, days=9),
        )
    )
    told = run("posture").output
    assert told.index("has been open for 9 days") < told.index("by plain addresses")
    assert "(meshcoal lock)" in told
    assert "cannot know" in told
    found = json.loads(run("posture", "--json").output)["findings"]
    kinds = [one["finding"]["weakness"] for one in found]
    assert kinds[0] == "open-long"
    assert found[0]["do"].startswith("Lock it")


def test_nothing_found_promises_nothing(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: an empty list is no comfort. Method: nothing is weak, no browser, no tor."""
    daemon.answers[ShowPosture] = PostureView(findings=())
    daemon.answers[ShowBrowser] = BrowserView(running=False)
    assert "no proof that you are safe" in run("posture").output
