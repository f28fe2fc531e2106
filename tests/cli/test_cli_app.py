"""The top level: what it loads, how it fails, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

import meshcoal
from meshcoal.api.commands import GetStatus, ListCampaigns, Unlock
from meshcoal.errors import DaemonUnreachable, Locked, MeshcoalError, NoVault, WrongPassphrase, all_errors

SOURCE = Path(meshcoal.__path__[0]).parent
HEAVY = ("aiohttp", "textual", "rich", "sqlcipher3", "zeroconf", "asyncio", "platformdirs")
LOADED = """
import sys
sys.argv = ["meshcoal", *sys.argv[1:]]
from meshcoal.__main__ import main
try:
    main()
except SystemExit as end:
    code = end.code
print("LOADED", code, *sorted(sys.modules), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> tuple[int, set[str]]:
    """Exit code and modules of a fresh process that runs the command line."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    words = done.stderr.splitlines()[-1].split()
    assert words[0] == "LOADED"
    return int(words[1]), set(words[2:])


def test_help_loads_no_command_and_nothing_heavy() -> None:
    """Goal: `--help` is instant everywhere. Method: list the modules of a fresh process."""
    code, modules = loaded_by("--help")
    assert code == 0
    assert not modules.intersection((*HEAVY, "msgpack", "nacl", "cryptography", "meshcoal.api.commands"))
    ours = {name for name in modules if name.startswith("meshcoal.cli.")}
    assert ours == {"meshcoal.cli.app", "meshcoal.cli.session", "meshcoal.cli.table"}


def test_verify_loads_neither_network_nor_interface_nor_vault(tmp_path: Path) -> None:
    """Goal: anybody can verify anywhere. Method: list the modules of a fresh process that verifies."""
    package = tmp_path / "letter"
    package.write_bytes(b"{}")
    code, modules = loaded_by("verify", str(package))
    assert code == 1
    assert "meshcoal.statement.verification" in modules
    assert not modules.intersection(HEAVY)
    for part in ("client", "daemon", "store", "net", "node", "tui", "home"):
        assert f"meshcoal.{part}" not in modules


def test_help_names_every_command(run: Callable[..., Result]) -> None:
    """Goal: all commands can be found. Method: read the help, which is made from the table."""
    result = run("--help")
    assert result.exit_code == 0
    for name in ("identity", "campaign", "send", "statement", "verify", "completion"):
        assert f"\n  {name} " in result.stdout


def test_version(run: Callable[..., Result]) -> None:
    """Goal: the version is told. Method: ask."""
    assert run("--version").stdout == f"meshcoal {meshcoal.__version__}\n"


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.code)
def test_a_failure_is_one_line_with_its_code_and_exit_code(
    error: type[MeshcoalError], run: Callable[..., Result], daemon: Any
) -> None:
    """Goal: failures can be read by people and programs. Method: a daemon that fails in every way."""
    daemon.answers[GetStatus] = error("It did not work.")
    result = run("status")
    assert (result.exit_code, result.stdout) == (error.exit_code, "")
    assert result.stderr == f"meshcoal: It did not work. ({error.code})\n"
    result = run("status", "--json")
    assert (result.exit_code, result.stderr) == (error.exit_code, "")
    assert json.loads(result.stdout) == {"error": {"code": error.code, "message": "It did not work."}}
    assert daemon.closed


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("status", "--bogus"),
        ("send", "evin"),
        ("contact", "bogus"),
        ("contact", "confirm", "ben"),
        ("campaign", "role", "evin", "ben"),
        ("campaign", "found", "Evin"),
        ("campaign", "found", "Evin", "--seat", "nowhere"),
        ("read", "evin", "general", "--limit", "0"),
        ("read", "evin", "general", "--follow", "--before", "1111"),
        ("invite", "accept"),
        ("invite", "accept", "text", "--file", "x"),
        ("statement", "sign", "evin", "free", "--as", "individual", "--name", "Ana", "--yes"),
        ("statement", "sign", "evin", "free", "--as", "affiliated", "--name", "Ana"),
        ("statement", "sign", "evin", "free", "--as", "individual", "--name", "A", "--affiliation", "B"),
        ("completion", "tcsh"),
    ],
    ids=" ".join,
)
def test_a_usage_error_ends_with_two(
    arguments: tuple[str, ...], run: Callable[..., Result], daemon: Any
) -> None:
    """Goal: mistyping is told apart from failing, and nothing is sent. Method: mistype."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("meshcoal: ")
    assert result.stderr.endswith("(bad-argument)\n")
    assert result.stderr.count("\n") == 1
    in_json = run(*arguments, "--json")
    assert in_json.exit_code == 2
    assert json.loads(in_json.stdout)["error"]["code"] == "bad-argument"
    assert daemon.sent == []


def test_a_group_without_a_command_shows_its_help(run: Callable[..., Result]) -> None:
    """Goal: a person who stops half-way learns what can follow. Method: name a group alone."""
    result = run("contact")
    assert result.exit_code == 2
    assert "rename" in result.stderr


def test_json_is_an_argument_behind_two_dashes(run: Callable[..., Result]) -> None:
    """Goal: `--json` behind `--` is text. Method: a usage error with it there stays a line of text."""
    result = run("send", "--", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""


def test_interrupt_ends_with_130(
    run: Callable[..., Result], daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: Ctrl-C is quiet. Method: interrupt while the daemon is asked."""

    def interrupted(_command: object) -> MeshcoalError:
        raise KeyboardInterrupt

    daemon.answers[ListCampaigns] = interrupted
    result = run("campaign", "list")
    assert result.exit_code == 130
    assert result.output.strip() == ""


def test_a_real_interrupt_ends_with_130(tmp_path: Path) -> None:
    """Goal: no traceback on Ctrl-C. Method: signal a process that waits for a passphrase on its input."""
    with subprocess.Popen(
        [sys.executable, "-m", "meshcoal", "--home", str(tmp_path), "unlock", "--passphrase-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Says when it is ready: the import of the last module is logged.
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONVERBOSE": "1"},
        # A run in the background of a shell hands down that interrupts are ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if line.startswith(b"import 'meshcoal.cli.vault'"):
                    break
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
            assert process.wait() == 130
        finally:
            process.kill()
    assert b"Traceback" not in rest


def test_a_reader_that_leaves_causes_no_noise() -> None:
    """Goal: `| head` works. Method: close the reading end before the output comes."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "meshcoal", "completion", "bash"],
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
    finally:
        os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 1


def test_a_poor_character_set_gets_escapes() -> None:
    """Goal: no crash on an old terminal. Method: a Persian word on a Latin-1 terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "meshcoal", "آزادی"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 2
    assert b"\\u0622" in done.stderr


def test_a_locked_vault_is_opened_on_a_terminal(
    run: Callable[..., Result], daemon: Any, terminal: Any
) -> None:
    """Goal: a person is asked, once it is needed. Method: a daemon that is locked until unlocked."""
    unlocked: list[str] = []

    def unlock(command: Unlock) -> MeshcoalError | None:
        if command.passphrase != "correct horse":
            return WrongPassphrase("The passphrase is wrong.")
        unlocked.append(command.passphrase)
        return None

    daemon.answers[ListCampaigns] = lambda _: None if unlocked else Locked("locked")
    daemon.answers[Unlock] = unlock
    terminal.present = True
    terminal.hidden = ["mistyped", "correct horse"]
    result = run("campaign", "list", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["campaigns"]
    assert unlocked == ["correct horse"]
    assert terminal.questions == ["Passphrase", "Passphrase"]


def test_three_wrong_passphrases_end_it(run: Callable[..., Result], daemon: Any, terminal: Any) -> None:
    """Goal: asking ends. Method: a daemon that is never content."""
    daemon.answers[ListCampaigns] = Locked("locked")
    daemon.answers[Unlock] = WrongPassphrase("The passphrase is wrong.")
    terminal.present = True
    terminal.hidden = ["one", "two", "three", "four"]
    result = run("campaign", "list")
    assert result.exit_code == WrongPassphrase.exit_code
    assert terminal.hidden == ["four"]


def test_a_locked_vault_without_a_terminal_says_what_to_do(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: a script is never asked. Method: locked, and nobody there."""
    daemon.answers[ListCampaigns] = Locked("locked")
    result = run("campaign", "list")
    assert result.exit_code == 3
    assert "meshcoal unlock" in result.stderr
    assert result.stderr.endswith("(locked)\n")


def test_without_an_identity_the_daemon_says_so(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: nobody is asked for a passphrase that does not exist. Method: no vault, on a terminal."""
    daemon.answers[ListCampaigns] = NoVault("There is no identity yet.")
    assert run("campaign", "list").exit_code == 3


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, run: Callable[..., Result]) -> None:
    """Goal: each shell gets a script of its own. Method: print and look for what it must contain."""
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_MESHCOAL_COMPLETE={shell}_complete" in result.stdout
    assert json.loads(run("completion", shell, "--json").stdout)["script"] + "\n" == result.stdout


def test_completion_answers_from_the_table() -> None:
    """Goal: Tab is quick and right. Method: ask as bash would, and list what was loaded."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "meshcoal"],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(SOURCE),
            "_MESHCOAL_COMPLETE": "bash_complete",
            "COMP_WORDS": "meshcoal c",
            "COMP_CWORD": "1",
        },
    )
    offered = [line.split(",")[1] for line in done.stdout.splitlines()]
    assert offered == ["contact", "campaign", "channel", "case", "counters", "completion"]
    assert "meshcoal.cli.campaign" not in done.stderr


def test_completion_inside_a_group() -> None:
    """Goal: sub-commands and choices complete. Method: ask as zsh would."""
    for typed, wanted in (("meshcoal contact re", "rename"), ("meshcoal admit x --role or", "organiser")):
        done = subprocess.run(
            [sys.executable, "-m", "meshcoal"],
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                "PYTHONPATH": str(SOURCE),
                "_MESHCOAL_COMPLETE": "bash_complete",
                "COMP_WORDS": typed,
                "COMP_CWORD": str(len(typed.split()) - 1),
            },
        )
        assert [line.split(",")[1] for line in done.stdout.splitlines()] == [wanted]


def test_home_option_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the home named is the home used. Method: both are given; see where the client goes."""
    from click.testing import CliRunner

    from meshcoal.cli.app import app
    from meshcoal.cli.session import Session

    asked: list[tuple[Path, bool]] = []

    def connect(home: Path, *, start: bool) -> Any:
        asked.append((home, start))
        raise DaemonUnreachable("Nobody there.")

    monkeypatch.setenv("MESHCOAL_HOME", str(tmp_path / "environment"))
    monkeypatch.chdir(tmp_path)
    for arguments in (["--home", "named", "status"], ["status"], ["daemon", "status"]):
        CliRunner().invoke(app, arguments, obj=Session(connect=connect))
    assert asked == [
        (tmp_path / "named", True),
        (tmp_path / "environment", True),
        (tmp_path / "environment", False),
    ]


def test_no_passphrase_is_an_option_or_read_from_the_environment() -> None:
    """Goal: passphrases stay out of argument lists. Method: look at every parameter there is."""
    from meshcoal.cli.reference import leaves

    for path, command in leaves():
        for parameter in command.params:
            assert parameter.envvar is None
            if "passphrase" in str(parameter.name) or "--passphrase" in "".join(parameter.opts):
                spelled = "".join(parameter.opts)
                assert spelled in ("--passphrase-stdin", "--passphrase-file"), path
        assert isinstance(command, click.Command)
