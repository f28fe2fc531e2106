"""The one door to the terminal.

Law: text that another person, file or peer wrote is made harmless here, for people by `text.sanitise` and
for programs by escapes inside JSON strings. Nothing else under `cli` prints; a test holds that, and that
templates are literals, so that foreign text arrives as a field and never as a template.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

import click

from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.text.sanitise import cells, clean, one_line

# Controls, formatting (bidi, tags), surrogates, private use, unassigned, line and paragraph separators.
_ESCAPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COLUMNS_MIN: Final = 40


def field(value: object) -> str:
    """One foreign value inside a line of ours: no line breaks, no runs of blanks that could fake a column."""
    return one_line(str(value))


def say(template: str, *, err: bool = False, **fields: object) -> None:
    """Print one line. `template` is a literal of ours; foreign values come as fields and are cleaned."""
    line = template.format(**{name: _inline(str(value)) for name, value in fields.items()})
    click.echo(line, err=err)


def _inline(text: str) -> str:
    # One blank at either end may stay, so that an optional part can bring its distance along.
    body = field(text)
    return f"{' ' if text[:1] == ' ' and body else ''}{body}{' ' if text[-1:] == ' ' and body else ''}"


def block(text: str, *, indent: str = "    ", err: bool = False) -> None:
    """Print a foreign text of many lines, each behind `indent`, so that none can pass for a line of ours.

    On a terminal lines are wrapped here: left to the terminal, a long line would go on at the left edge,
    where our own lines begin.
    """
    stream = sys.stderr if err else sys.stdout
    columns = shutil.get_terminal_size().columns if stream.isatty() else 0
    for line in clean(text, multiline=True).split("\n"):
        for piece in wrap(line, columns - len(indent) - 1) if columns else [line]:
            click.echo((indent + piece).rstrip(), err=err)


def altered_by_cleaning(text: str) -> bool:
    """Whether a person who sees `text` through `block` sees less or other than what is there."""
    return clean(text, multiline=True) != text


def progress(what: str, done: int, total: int) -> None:
    """How far something has come, over the line before it, on standard error."""
    click.echo(f"\r{field(what)}: {100 * done // total} %", err=True, nl=done >= total)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, err: bool = False) -> None:
    """Print aligned columns. Every cell is cleaned; an empty cell shows as a dash."""
    lines = [list(headings), *([field(cell) or "-" for cell in row] for row in rows)]
    widths = [max(cells(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        padded = [cell + " " * (room - cells(cell)) for cell, room in zip(line, widths, strict=True)]
        click.echo("  ".join(padded).rstrip(), err=err)


def words(spelled: Sequence[str], *, indent: str = "    ") -> None:
    """Print words to compare: numbered, four in a row, so that two people keep their place."""
    cells_ = [f"{number:2d} {field(word)}" for number, word in enumerate(spelled, 1)]
    room = max(map(cells, cells_), default=0) + 2
    for at in range(0, len(cells_), 4):
        row = "".join(cell + " " * (room - cells(cell)) for cell in cells_[at : at + 4])
        click.echo((indent + row).rstrip())


def raw_block(drawing: str) -> None:
    """Print a drawing of ours, line by line as it is. Block characters and blanks only."""
    assert set(drawing) <= set("█▀▄ \n"), "a drawing is made of blocks"
    click.echo(drawing)


def script(text: str) -> None:
    """Print a program for a shell, whole as it is. Ours and ASCII, so nothing foreign is in it."""
    assert text.isascii(), "a script of ours is ASCII"
    click.echo(text)


def emit(value: object, *, compact: bool = False) -> None:
    """Print one JSON value: indented, or on one line where several follow each other."""
    click.echo(to_json(value, compact=compact))


def to_json(value: object, *, compact: bool = False) -> str:
    """JSON that is safe to print: readable letters of every script, escapes for everything invisible.

    Bytes are lower-case hexadecimal, times stay milliseconds. Nothing is lost: a program that reads it
    gets the exact text back.
    """
    text = json.dumps(plain(value), ensure_ascii=False, indent=None if compact else 2)
    return "".join(_escaped(character) for character in text)


def plain(value: object) -> Any:
    """A record, or anything made of records, as dictionaries, lists, text and numbers."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


def _escaped(character: str) -> str:
    # A line break outside a string is ours; inside a string json has already escaped it.
    if character == "\n" or unicodedata.category(character) not in _ESCAPED_CATEGORIES:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def wrap(line: str, columns: int) -> list[str]:
    """Cut a line into pieces of at most `columns`, at blanks where there are any."""
    room = max(columns, _COLUMNS_MIN)
    pieces: list[str] = []
    rest = line
    while cells(rest) > room:
        cut = _fitting(rest, room)
        blank = rest.rfind(" ", 1, cut + 1)
        at = blank if blank > 0 else cut
        pieces.append(rest[:at])
        rest = rest[at:].removeprefix(" ")
    return [*pieces, rest]


def _fitting(text: str, room: int) -> int:
    taken = 0
    for at, character in enumerate(text):
        taken += cells(character)
        if taken > room:
            return max(at, 1)
    return len(text)


def ago(since_ms: int, now_ms: int) -> str:
    """How long since, in one unit; `never` for -1."""
    if since_ms < 0:
        return "never"
    return f"{_span(max(now_ms - since_ms, 0))} ago"


def until(at_ms: int, now_ms: int) -> str:
    """How long until, or since, in one unit."""
    return f"in {_span(at_ms - now_ms)}" if at_ms >= now_ms else ago(at_ms, now_ms)


def _span(length_ms: int) -> str:
    for unit_ms, name in ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute")):
        if length_ms >= unit_ms:
            count = length_ms // unit_ms
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "under a minute"


def plural(count: int, one: str, many: str) -> str:
    """`1 member`, `2 members`."""
    return f"{count} {one if count == 1 else many}"
