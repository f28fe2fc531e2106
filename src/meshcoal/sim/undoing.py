"""Changes to tables in memory that can be taken back.

Law: each change leaves behind what undoes it; undone in reverse order, the tables are as they were.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


def put_in(table: dict[_K, _V], key: _K, value: _V, undo: list[Callable[[], object]]) -> None:
    if key in table:
        old = table[key]
        undo.append(lambda: table.__setitem__(key, old))
    else:
        undo.append(lambda: table.pop(key))
    table[key] = value


def pop_from(table: dict[_K, _V], key: _K, undo: list[Callable[[], object]]) -> None:
    if key in table:
        old = table.pop(key)
        undo.append(lambda: table.__setitem__(key, old))
