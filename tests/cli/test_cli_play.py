"""Which of interface and rehearsal is opened, and with what."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result


class Stage:
    """Stands where interface and rehearsal would be, and notes how each is entered."""

    def __init__(self) -> None:
        self.entered: list[tuple[str, Any]] = []
        self.language: str | None = None
        self.linear: bool | None = None

    def run_headless(self, *, keep: Path | None = None) -> int:
        self.entered.append(("headless", keep))
        return 6

    def make_driver(self, *, keep: Path | None = None) -> tuple[str, Path | None]:
        return ("driver", keep)

    def run(
        self,
        home: Path,
        *,
        rehearse: bool = False,
        rehearsal: Callable[[], Any],
        language: str | None = None,
        chance: Callable[[int], bytes],
        linear: bool | None = None,
    ) -> int:
        self.language, self.linear = language, linear
        assert len(chance(6)) == 6
        self.entered.append(("interface", (home.name, rehearse, rehearsal())))
        return 0


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage()
    for name, parts in (
        ("meshcoal.rehearsal.main", {"run_headless": made.run_headless, "make_driver": made.make_driver}),
        ("meshcoal.tui.main", {"run": made.run}),
    ):
        module = types.ModuleType(name)
        vars(module).update(parts)
        monkeypatch.setitem(sys.modules, name, module)
    return made


@pytest.fixture
def seated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meshcoal.cli.play._on_terminal", lambda: True)


def test_without_a_terminal_the_rehearsal_is_played(run: Callable[..., Result], stage: Stage) -> None:
    """Goal: `make run` in a pipe shows the whole thing. Method: no command, no terminal."""
    assert run().exit_code == 6
    assert stage.entered == [("headless", None)]


@pytest.mark.usefixtures("seated")
def test_on_a_terminal_the_interface_opens(run: Callable[..., Result], stage: Stage) -> None:
    """Goal: one word opens it, and the rehearsal is offered. Method: no command, and `tui`."""
    assert run().exit_code == 0
    assert run("--language", "fa", "tui").exit_code == 0
    assert stage.language == "fa"
    assert stage.entered == [("interface", ("home", False, ("driver", None)))] * 2


@pytest.mark.usefixtures("seated")
def test_rehearse_in_the_interface_or_headless(
    run: Callable[..., Result], stage: Stage, tmp_path: Path
) -> None:
    """Goal: both ways to rehearse, and a folder to keep. Method: with and without --headless."""
    run("rehearse", "--keep", "kept")
    run("rehearse", "--headless", "--keep", "kept")
    run("rehearse", "--headless")
    assert stage.entered == [
        ("interface", ("home", True, ("driver", Path("kept")))),
        ("headless", Path("kept")),
        ("headless", None),
    ]


def test_the_interface_needs_a_terminal(run: Callable[..., Result], stage: Stage) -> None:
    """Goal: a sentence instead of control codes in a pipe. Method: `tui` without terminal, and as JSON."""
    for more in ([], ["--json"]):
        assert run("tui", *more).exit_code == 2
    assert stage.entered == []


def test_no_color_reaches_the_interface(
    run: Callable[..., Result], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: the option does what NO_COLOR does. Method: look at the environment after it."""
    monkeypatch.setenv("NO_COLOR", "")
    run("--no-color", "rehearse", "--headless")
    import os

    assert os.environ["NO_COLOR"] == "1"
