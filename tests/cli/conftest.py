"""A daemon that answers from a script, views made of any text, and a runner for the command line."""

from __future__ import annotations

import dataclasses
import enum
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner, Result

from meshcoal.api import views as view_module
from meshcoal.api.commands import COMMANDS, Command
from meshcoal.api.people_views import CarriedRequestView
from meshcoal.api.views import Notice, NoticeKind, StatementPhase
from meshcoal.cli.app import app
from meshcoal.cli.session import Session
from meshcoal.errors import MeshcoalError
from meshcoal.limits import BUNDLE_PART_BYTES
from meshcoal.wire.record import Chars, Items, Range, Record, Size

# What a hostile peer may write anywhere: title change, screen clear, C1 colour, bidi override, markup,
# bell, backspaces, carriage return, unclosed isolate, tag characters, line and paragraph separators.
EVIL = (
    "A\x1b]0;PWNED\x07B\x1b[2JC\x9b31mD\u202eEFG\u202c [bold red]M[/] [@click=app.bell]link[/] "
    "\x07\x08\x08\x08zz\rR\tT\u2066U\U000e0041V\u2028W\u2029X\x7fY\x85Z\nmeshcoal: all is well (done)\n"
)
ID = bytes([0x11]) * 32
NOW_MS = 1_800_000_000_000


def build(kind: Any, text: str, chosen: Mapping[type, Any] | None = None) -> Any:
    """A value of an annotated type, every text in it being `text`, every id `1111...`, every list of one.

    `chosen` says which member of an enumeration to take.
    """
    chosen = chosen or {}
    origin = typing.get_origin(kind)
    if origin is Annotated:
        inner, bound = typing.get_args(kind)
        if isinstance(bound, Chars):
            return (text or "-")[: bound.most] if bound.least <= len(text) or text else "-" * bound.least
        if isinstance(bound, Size):
            return (ID * (bound.top // 32 + 1))[: max(bound.least, min(bound.top, 64))]
        if isinstance(bound, Range):
            return min(max(NOW_MS - 5_000, bound.least), bound.most)
        assert isinstance(bound, Items)
        (item, _) = typing.get_args(inner)
        return tuple(build(item, text, chosen) for _ in range(min(bound.most, 1)))
    if origin is types.UnionType:
        return build(typing.get_args(kind)[0], text, chosen)
    if kind is bool:
        return True
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return chosen.get(kind, next(iter(kind)))
    assert issubclass(kind, Record), kind
    hints = typing.get_type_hints(kind, include_extras=True)
    return kind(**{part.name: build(hints[part.name], text, chosen) for part in dataclasses.fields(kind)})


def answer_type(command: type[Command]) -> type[Record]:
    """The view that a command's docstring names as its answer."""
    named = re.findall(r"`(\w+)`", command.__doc__ or "")
    found = [getattr(view_module, name) for name in named if hasattr(view_module, name)]
    assert found, f"{command.__name__} does not say what answers it"
    answer = found[-1]
    assert issubclass(answer, Record)
    return typing.cast("type[Record]", answer)


class ScriptedDaemon:
    """Answers every command from `answers`, else with a built view; keeps what was sent."""

    def __init__(self, text: str = "evin", chosen: Mapping[type, Any] | None = None) -> None:
        self.text = text
        self.chosen: dict[type, Any] = {StatementPhase: StatementPhase.OPEN, **(chosen or {})}
        self.answers: dict[type[Command], Any] = {}
        self.announced: list[Notice] = [build(Notice, text, {NoticeKind: kind}) for kind in NoticeKind]
        self.sent: list[Command] = []
        self.closed = False
        self.running = True

    def send(self, command: Command) -> Record:
        COMMANDS.decode(COMMANDS.encode(command), bytes_max=10**7)  # it would cross the socket
        self.sent.append(command)
        answer = self.answers.get(type(command))
        if callable(answer):
            answer = answer(command)
        if isinstance(answer, MeshcoalError):
            raise answer
        if answer is None:
            answer = build(answer_type(type(command)), self.text, self.chosen)
            if isinstance(answer, CarriedRequestView):
                # The daemon's own choice, never anybody's text: a part of a bundle, and its name.
                answer = dataclasses.replace(answer, data=bytes(BUNDLE_PART_BYTES), name="a2b2c3d4e5f6a7b2")
        assert isinstance(answer, Record)
        return answer

    def notices(self) -> Iterator[Notice]:
        yield from self.announced

    def close(self) -> None:
        self.closed = True

    def asked(self, kind: type[Command]) -> Any:
        """The one command of this kind that was sent."""
        (found,) = [command for command in self.sent if type(command) is kind]
        return found


class Terminal:
    """Whether somebody sits at the keyboard, and what they type unseen."""

    def __init__(self) -> None:
        self.present = False
        self.hidden: list[str] = []
        self.questions: list[str] = []

    def ask_hidden(self, question: str) -> str:
        self.questions.append(question)
        return self.hidden.pop(0)


@pytest.fixture
def evil() -> str:
    return EVIL


@pytest.fixture
def daemon() -> ScriptedDaemon:
    return ScriptedDaemon()


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
def build_view() -> Callable[..., Any]:
    return build


@pytest.fixture
def run(
    daemon: ScriptedDaemon, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Runs the command line in an empty folder against the scripted daemon."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")

    def go(*arguments: str, typed: str | bytes | None = None) -> Result:
        session = Session(
            connect=lambda home, start: daemon,
            now_ms=lambda: NOW_MS,
            on_terminal=lambda: terminal.present,
            ask_hidden=terminal.ask_hidden,
        )
        return CliRunner().invoke(
            app, ["--home", str(tmp_path / "home"), *arguments], input=typed, obj=session
        )

    return go
