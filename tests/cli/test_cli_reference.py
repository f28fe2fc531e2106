"""The reference pages and the program say the same."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

import meshcoal
from meshcoal.cli.app import INTERRUPTED_EXIT_CODE, app
from meshcoal.cli.leaf import Leaf
from meshcoal.cli.reference import leaves, page
from meshcoal.cli.table import TABLE
from meshcoal.daemon.main import BUG_EXIT_CODE
from meshcoal.errors import all_errors

DOCS = Path(__file__).parents[2] / "docs"
PATHS = [(path, command) for path, command in leaves()]
NAMES = [" ".join(path) for path, _ in PATHS]


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_table_and_the_modules_agree() -> None:
    """Goal: `--help` says what the commands say. Method: load each and compare name and sentence."""
    root = click.Context(app)
    for name, entry in TABLE.items():
        command = app.get_command(root, name)
        assert command is not None
        assert command.name == name
        first = inspect.cleandoc(command.help or "").split("\n", 1)[0]
        assert first == entry.help, name


def test_commands_md_is_what_the_program_prints() -> None:
    """Goal: no command, option or example is missing. Method: make the page anew and compare."""
    assert read("reference/commands.md").rstrip("\n") == page().rstrip("\n"), (
        "run: python -m meshcoal.cli.reference > docs/reference/commands.md"
    )
    for name in NAMES:
        assert f"### meshcoal {name}\n" in page()


@pytest.mark.parametrize(("path", "command"), PATHS, ids=NAMES)
def test_every_command_has_json_and_an_example(
    path: tuple[str, ...], command: Leaf, run: Callable[..., Result]
) -> None:
    """Goal: help is complete. Method: read it, and parse each example as the shell and click would."""
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert "Example:" in result.stdout
    for line in command.example.splitlines():
        assert line in result.stdout
        typed = line[len('eval "$(') : -2] if line.startswith("eval ") else line
        words = shlex.split(typed.split(" < ")[0])
        assert tuple(words[1 : 1 + len(path)]) == path
        command.make_context(path[-1], words[1 + len(path) :])  # raises where it does not parse


def test_every_error_code_is_explained_once_with_its_exit_code() -> None:
    """Goal: a code that a user meets is in errors.md. Method: look for each with its number."""
    explained = re.findall(r"`([a-z-]+)` \((\d+)\)", read("reference/errors.md"))
    assert sorted(explained) == sorted((error.code, str(error.exit_code)) for error in all_errors())


def test_every_exit_code_is_explained() -> None:
    """Goal: exit-codes.md is complete. Method: look for the row of each code the program can return."""
    rows = set(re.findall(r"^\| (\d+) \|", read("reference/exit-codes.md"), re.MULTILINE))
    assert rows == {str(error.exit_code) for error in all_errors()} | {
        "0",
        str(BUG_EXIT_CODE),
        str(INTERRUPTED_EXIT_CODE),
    }


def test_every_environment_variable_is_explained() -> None:
    """Goal: settings.md is complete. Method: find what the source reads from the environment."""
    package = Path(meshcoal.__path__[0])
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py")))
    named = set(re.findall(r"""environ(?:\.get\(|\.setdefault\(|\.pop\(|\[)\s*["'](\w+)["']""", source))
    named |= set(re.findall(r"""getenv\(\s*["'](\w+)["']""", source))
    named |= {"_MESHCOAL_COMPLETE"}  # read by click
    assert "MESHCOAL_HOME" in named
    assert "envvar" not in source, "an option must not read the environment behind our back"
    text = read("reference/settings.md")
    assert [name for name in sorted(named) if f"### `{name}`" not in text] == []


def test_links_of_these_pages_lead_somewhere() -> None:
    """Goal: no dead link between our pages. Method: resolve those to pages that this part writes."""
    ours = {"commands.md", "errors.md", "exit-codes.md", "settings.md", "command-line.md"}
    for name in ("reference/commands.md", "reference/errors.md", "reference/exit-codes.md",
                 "reference/settings.md", "guide/command-line.md"):  # fmt: skip
        for target in re.findall(r"\]\(([^)#]+)", read(name)):
            if Path(target).name in ours:
                assert (DOCS / name).parent.joinpath(target).resolve().is_file(), f"{name}: {target}"
