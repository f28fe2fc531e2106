"""What the table of refusals is made of: rows of message types, columns of attacks, cells that are tried.

A cell says what was tried and what came of it, and holds the attempt itself; or it says why there is nothing
to try. docs/protocol/refusals.md is this table, printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from meshcoal.errors import MeshcoalError

ATTACKS: Final = ("replay", "reorder", "truncation", "another campaign", "another person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Tried, and refused with this code. `why`: what keeps the code from being this attack's own."""

    how: str
    code: str
    attack: Callable[[], object]  # raises the error, or returns the code of what was found
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmless:
    """Tried, and nothing came of it: `attack` asserts so. For what honest peers do as well."""

    how: str
    attack: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Not tried: there is no such thing here, or another row has it."""

    why: str


Cell = Refused | Harmless | Apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One type of message. `covers`: kinds of operations, forms of directs, messages it stands for."""

    name: str
    part: str  # heading on the page
    page: str  # where its bytes are told
    cells: tuple[Cell, Cell, Cell, Cell, Cell]  # in the order of ATTACKS
    covers: tuple[object, ...] = ()


def code_of(attack: Callable[[], object]) -> str:
    """What an attempt ended in: an error's code, or the code it returned, or nothing."""
    try:
        found = attack()
    except MeshcoalError as refusal:
        return refusal.code
    return found if isinstance(found, str) else "taken"


_INTRODUCTION: Final = """# Refusals

What happens to a message that is sent twice, early, cut off, carried into another campaign or put before
another person. Each cell below is tried against the code by `tests/hostile/`, from which this page is printed
(`PYTHONPATH=src python tests/hostile/refusals_page.py > docs/protocol/refusals.md`; a test compares them).

A code in a cell is what the receiver counts or answers ([errors](../reference/errors.md)); for letters, the
reason why an act counts for nothing ([statement.md](statement.md)), or a finding ([package.md](package.md)).
*Harmless*: the attempt changes nothing, because honest peers repeat and overtake each other too. A dash:
there is nothing to try. Where two attacks on one message end in one code, it says why the receiver cannot
tell them apart.
"""


def page(rows: tuple[Row, ...]) -> str:
    """The whole of docs/protocol/refusals.md."""
    lines = [_INTRODUCTION, "## The table", ""]
    lines += ["| message | " + " | ".join(ATTACKS) + " |", "|---|---|---|---|---|---|"]
    lines += [f"| {row.name} | " + " | ".join(_short(cell) for cell in row.cells) + " |" for row in rows]
    part = ""
    for row in rows:
        if row.part != part:
            part = row.part
            lines += ["", f"## {part}"]
        lines += ["", f"### {row.name}", "", f"Bytes: [{row.page}]({row.page}).", ""]
        lines += [f"- {attack}: {_long(cell)}" for attack, cell in zip(ATTACKS, row.cells, strict=True)]
    return "\n".join([*lines, ""])


def _short(cell: Cell) -> str:
    match cell:
        case Refused(code=code):
            return f"`{code}`"
        case Harmless():
            return "harmless"
        case Apart():
            return "-"


def _long(cell: Cell) -> str:
    match cell:
        case Refused(how=how, code=code, why=why):
            return f"{how}: `{code}`." + (f" {why}" if why else "")
        case Harmless(how=how):
            return f"{how}: harmless."
        case Apart(why=why):
            return f"none. {why}"
