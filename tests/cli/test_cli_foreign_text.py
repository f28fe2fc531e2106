"""Text that a hostile peer wrote, in every field of every view, through every command."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import meshcoal.cli
from meshcoal.api.commands import AftermathKind, ShowStatement
from meshcoal.api.views import RedLine, StatementView
from meshcoal.cli.reference import leaves

DIGEST = "11" * 32

# Arguments that reach each command's answer. Names are given by id, since every name is the hostile text.
ARGUMENTS: dict[str, list[str]] = {
    "identity create": ["Ana", "--passphrase-file", "phrase"],
    "identity show": ["--qr"],
    "identity name": ["Ana"],
    "identity address": ["192.0.2.7:7600"],
    "status": [],
    "unlock": ["--passphrase-file", "phrase"],
    "lock": [],
    "passphrase": ["--passphrase-file", "phrase"],
    "invite make": ["--campaign", "1111", "--file", "invitation.txt"],
    "invite list": [],
    "invite revoke": ["1111"],
    "invite accept": ["meshcoal-invitation"],
    "invite answer": ["MESHCOAL1ABC", "--to", "stick/"],
    "invite pending": [],
    "admit": ["1111", "--seat", "exile"],
    "refuse": ["1111"],
    "relay add": ["1111", "MESHCOALRELAY1"],
    "relay check": ["1111", "192.0.2.7:7700"],
    "relay cover": ["1111", "5"],
    "relay list": ["1111"],
    "relay remove": ["1111", "192.0.2.7:7700"],
    "contact list": [],
    "contact rename": ["1111", "Ben"],
    "contact words": ["1111"],
    "contact confirm": ["1111", "--match"],
    "contact forget": ["1111", "--yes"],
    "contact show": ["1111", "--qr"],
    "contact compare": ["1111", "MESHCOALKEY1"],
    "introduce": ["1111", "1111", "--yes"],
    "introduction list": [],
    "introduction accept": ["1111"],
    "introduction decline": ["1111"],
    "warning list": [],
    "warning dismiss": ["1111"],
    "identity words": ["russian"],
    "campaign found": ["Evin", "--seat", "exile"],
    "campaign list": [],
    "campaign show": ["1111"],
    "campaign history": ["1111"],
    "campaign leave": ["1111", "--yes"],
    "campaign remove": ["1111", "1111", "--yes"],
    "campaign role": ["1111", "1111", "--role", "member"],
    "campaign renew-keys": ["1111"],
    "campaign rules": ["1111", "--largest-file", "2 MiB", "--kept-files", "9 MiB"],
    "campaign restore": ["1111", "1111", "--yes"],
    "campaign words": ["1111", "1111"],
    "campaign confirm": ["1111", "1111", "--match"],
    "fork list": ["1111"],
    "fork show": ["1111", "1111"],
    "fork export": ["1111", "1111", "proof"],
    "channel open": ["1111", "press"],
    "channel list": ["1111"],
    "send": ["1111", "1111", "hello", "--reply", "1111"],
    "search": ["gate"],
    "today": [],
    "settings": [],
    "posture": [],
    "message show": ["1111", "1111", "1111"],
    "message history": ["1111", "1111", "1111"],
    "message edit": ["1111", "1111", "1111", "other"],
    "message take-back": ["1111", "1111", "1111"],
    "message react": ["1111", "1111", "1111", "yes"],
    "message pin": ["1111", "1111", "1111", "--off"],
    "read": ["1111", "1111"],
    "watch": ["--count", "11"],
    "attachment list": ["1111"],
    "attachment fetch": ["1111", "1111"],
    "attachment stop": ["1111", "1111"],
    "statement draft": ["1111", "letter.txt", "--language", "en", "--title", "Letter"],
    "statement amend": ["1111", "1111", "letter.txt", "--language", "en", "--base", "1111", "--title", "T"],
    "statement show": ["1111", "1111", "--revision", "1111"],
    "statement holders": ["1111", "1111"],
    "statement list": ["1111"],
    "statement comment": ["1111", "1111", "1", "no", "--revision", "1111"],
    "statement diff": ["1111", "1111", "1111", "1111"],
    "statement freeze": ["1111", "1111", "--deadline", "3d", "--yes"],
    "statement agree": ["1111", "1111", "--take-back"],
    "statement check": ["1111", "1111", "en", "--revision", "1111"],
    "statement revise": ["1111", "1111", "--deadline", "3d", "--yes"],
    "statement sign": ["1111", "1111", "--as", "individual", "--name", "Ana", "--digest", DIGEST, "--yes"],
    "statement withdraw": ["1111", "1111", "--yes"],
    "statement release": ["1111", "1111", "--yes"],
    "statement addendum": ["1111", "1111", "--preview"],
    "case open": ["1111", "Taken", "--answer-by", "24h"],
    "case list": ["1111", "--all"],
    "case show": ["1111", "1111", "--all"],
    "case answer": ["1111", "1111", "I call."],
    "case fact": ["1111", "1111", "She is held."],
    "case source": ["1111", "1111", "Her brother"],
    "case consent": ["1111", "1111", "given", "--by", "family"],
    "case close": ["1111", "1111"],
    "case reopen": ["1111", "1111"],
    "statement chase": ["1111", "1111"],
    "statement deliver": ["1111", "1111", "--to", "Minister", "--by", "post"],
    "statement note": ["1111", "1111", "outcome", "Free"],
    "statement log": ["1111", "1111", "--all"],
    "statement annex": ["1111", "1111", "--to", "annex"],
    "office list": ["1111"],
    "office revoke": ["1111", "1111"],
    "statement calls": ["1111", "1111"],
    "statement paper list": ["1111", "1111"],
    "statement paper withdraw": ["1111", "1111", "9999", "--of", "1111", "--yes"],
    "statement outside": ["1111", "1111"],
    "statement replies": ["1111", "1111"],
    "profile set": ["centre", "--as", "organisation", "--name", "The Centre"],
    "profile show": [],
    "profile remove": ["centre"],
    "statement export": ["1111", "1111", "--to", "letter"],
    "daemon stop": [],
    "daemon status": [],
    "peers": [],
    "campaign ways": ["1111"],
    "campaign paths": ["1111", "1111"],
    "contact paths": ["1111"],
    "contact ways": ["1111"],
    "steady": [],
    "data": [],
    "nearby start": ["--yes"],
    "browser": [],
    "nearby stop": [],
    "nearby show": [],
    "counters": [],
    "tor status": [],
    "tor on": ["--own"],
    "tor off": [],
    "tor bridges": ["--none"],
    "paths": ["tor"],
}
# No view reaches these, or they do not speak to the daemon; they have tests of their own.
ELSEWHERE = {
    "tui",
    "rehearse",
    "daemon run",
    "daemon start",
    "verify",
    "statement sheet",
    "statement paper add",  # needs a scan: tests/cli/test_cli_paper.py
    "statement paper correct",  # takes names over, which no node lets be as long as those here
    "statement call",  # writes what the node made of a real letter
    "statement answer",  # shows a call, whose lines can hold nothing harmful
    "statement import",  # shows numbers and codes
    "statement read-picture",  # tests/cli/test_cli_pictures.py
    "fork verify",
    "relay serve",
    "completion",
    "attachment save",
    "bundle write",  # need parts on a disk, as the next two: tests/cli/test_cli_bundles.py
    "invite reply",  # shows what `bundle write` does
    "bundle inspect",
    "bundle read",
    "paper write",  # shows what `bundle write` does
    "paper print",
    "paper read",
    "statement merge",  # needs two texts side by side
    "office make",  # needs members, as the next
    "office mandate",
    "statement request",  # needs an office
    "statement decide",  # needs an open request
    "statement lift",  # needs a red line of one's own
    "statement reply",  # needs a delivery, as the next
    "statement follow-up",
}
LINES = {"watch"}  # one JSON value a line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "letter.txt").write_text("Free them.\n\nNow.\n", encoding="utf-8")
    phrase = tmp_path / "phrase"
    phrase.write_text("correct horse battery\nstaple and stapler\n", encoding="utf-8")
    phrase.chmod(0o600)
    return tmp_path


def harmless(text: str) -> None:
    """Nothing a terminal would obey, and nothing that reorders a neighbour."""
    for line in text.split("\n"):
        depth = 0
        for character in line:
            depth += character in "\u2066\u2067\u2068"
            depth -= character == "\u2069"
            assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp"), repr(line)
            assert not "\u202a" <= character <= "\u202e", repr(line)
            assert not "\U000e0000" <= character <= "\U000e0fff", repr(line)
        assert depth == 0, repr(line)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for an answer that does not come need not wait here."""
    monkeypatch.setattr(importlib.import_module("meshcoal.cli.relay"), "_CHECK_EVERY_S", 0)


def test_every_command_is_tried() -> None:
    """Goal: no command escapes the trial. Method: compare with the commands there are."""
    assert {" ".join(path) for path, _ in leaves()} == ARGUMENTS.keys() | ELSEWHERE


def test_hostile_texts_and_red_lines_are_harmless(
    run: Callable[..., Result], daemon: Any, evil: str, build_view: Callable[..., Any]
) -> None:
    """Goal: as below, for what needs two texts. Method: two hostile ones, for people and in JSON."""
    view: StatementView = build_view(StatementView, evil)
    texts = tuple(
        dataclasses.replace(view.revisions[0], id=bytes([number]) * 32, paragraphs=(f"{number} {evil}",))
        for number in (1, 2)
    )
    lines = tuple(
        dataclasses.replace(one, mine=True, red_line=RedLine.STANDS, lifts=b"", paragraph=1)
        for one in view.comments
    )
    entries = tuple(
        dataclasses.replace(one, id=lines[0].id, entry=AftermathKind.DELIVERY, replaced=False)
        for one in view.aftermath[:1]
    )
    view = dataclasses.replace(view, revisions=texts, comments=lines, aftermath=entries)
    daemon.answers[ShowStatement] = view
    for command in (["merge"], ["lift"], ["reply"], ["follow-up", "--done"]):
        for options in ([], ["--json"]):
            what = [lines[0].id.hex()] if command != ["merge"] else []
            result = run("statement", *command, "1111", "1111", *what, *options)
            assert result.exit_code == 0, result.output
            harmless(result.stdout + result.stderr)


@pytest.mark.parametrize("command", ARGUMENTS)
def test_hostile_text_is_harmless_for_people(
    command: str, run: Callable[..., Result], daemon: Any, evil: str, folder: Path
) -> None:
    """Goal: no escape gets out and no line passes for ours. Method: hostile text in every field."""
    daemon.text = "evil" if command in ("statement export", "statement annex") else evil
    result = run(*command.split(), *ARGUMENTS[command])
    assert result.exit_code == 0, result.output
    assert result.stdout
    harmless(result.stdout + result.stderr)
    assert not [line for line in result.output.splitlines() if line.startswith("meshcoal: all is well")]


@pytest.mark.parametrize("command", ARGUMENTS)
def test_hostile_text_is_harmless_and_exact_in_json(
    command: str, run: Callable[..., Result], daemon: Any, evil: str, folder: Path
) -> None:
    """Goal: JSON is safe to print and loses nothing. Method: print, check, parse, find the text again."""
    daemon.text = "evil" if command in ("statement export", "statement annex") else evil
    result = run(*command.split(), *ARGUMENTS[command], "--json")
    assert result.exit_code == 0, result.output
    harmless(result.stdout + result.stderr)
    values = (
        [json.loads(line) for line in result.stdout.splitlines()]
        if command in LINES
        else [json.loads(result.stdout)]
    )
    told = [text for value in values for text in strings(value)]
    assert all(evil.startswith(text) or "\x1b" not in text for text in told)
    if command in ("campaign show", "read", "statement show"):
        assert evil in told


def strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for item in value.values() for text in strings(item)]
        case list():
            return [text for item in value for text in strings(item)]
    return []


@pytest.mark.parametrize("as_json", [False, True])
def test_a_hostile_error_sentence_is_harmless(
    as_json: bool, run: Callable[..., Result], daemon: Any, evil: str
) -> None:
    """Goal: errors are foreign text too. Method: a daemon that fails with a hostile sentence."""
    from meshcoal.api.commands import ListCampaigns
    from meshcoal.errors import NotPermitted

    daemon.answers[ListCampaigns] = NotPermitted(evil)
    result = run("campaign", "list", *(["--json"] if as_json else []))
    assert result.exit_code == NotPermitted.exit_code
    harmless(result.stdout + result.stderr)
    if as_json:
        assert json.loads(result.stdout) == {"error": {"code": "not-permitted", "message": evil}}
    else:
        assert result.stderr.count("\n") == 1


def test_a_hostile_argument_is_harmless_in_the_usage_error(run: Callable[..., Result], evil: str) -> None:
    """Goal: what is echoed back from the command line is cleaned. Method: a hostile unknown command."""
    result = run(evil)
    assert result.exit_code == 2
    harmless(result.output)


def test_a_hostile_file_name_is_refused(run: Callable[..., Result], daemon: Any, tmp_path: Path) -> None:
    """Goal: an export writes nothing outside its folder. Method: names with paths, dots and controls."""
    from meshcoal.api.commands import ExportStatement
    from meshcoal.api.views import FilesView, FileView

    for name in ("../out", "/etc/out", "a/b", "..", ".bashrc", "a\0b"):
        daemon.answers[ExportStatement] = FilesView(files=(FileView(name=name, data=b"x"),))
        result = run("statement", "export", "1111", "1111", "--to", "letter", "--force")
        assert result.exit_code == 2, name
    assert list(tmp_path.iterdir()) == []


def _calls() -> list[tuple[str, ast.Call]]:
    found = []
    for path in sorted(Path(meshcoal.cli.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found.append((path.name, node))
    return found


def test_templates_are_literals() -> None:
    """Goal: foreign text is never a template. Method: read the source of every `say`."""
    says = [
        (name, call) for name, call in _calls() if isinstance(call.func, ast.Name) and call.func.id == "say"
    ]
    assert len(says) > 50
    for name, call in says:
        assert isinstance(call.args[0], ast.Constant), f"{name}:{call.lineno}"


def test_one_door_to_the_terminal() -> None:
    """Goal: nothing but `output` prints. Method: look for every other way in the source."""
    allowed = {"output.py", "app.py"}  # app prints click's own help
    for name, call in _calls():
        spelled = ast.unparse(call.func)
        if spelled in ("print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write"):
            assert name in allowed, f"{name}:{call.lineno}"
