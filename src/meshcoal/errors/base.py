"""What every error is: a class, a stable code, a sentence.

Law: as in `meshcoal.errors`, of which this is a part.
"""

from __future__ import annotations

from typing import ClassVar


class MeshcoalError(Exception):
    """Base of every expected failure.

    `code` is stable; `exit_code` is what the command line returns (docs/reference/errors.md).
    A message is a whole sentence that says what happened and, where it helps, what to do next.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1


def all_errors() -> tuple[type[MeshcoalError], ...]:
    """Every error class, parents before children, in order of definition."""
    found: list[type[MeshcoalError]] = [MeshcoalError]
    for cls in found:  # grows while it is walked
        found.extend(cls.__subclasses__())
    return tuple(found)


def by_code(code: str) -> type[MeshcoalError]:
    """The class that carries `code`; `MeshcoalError` itself where there is none."""
    for cls in all_errors():
        if cls.code == code:
            return cls
    return MeshcoalError
