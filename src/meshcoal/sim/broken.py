"""How a simulation says that something that must hold does not."""

from __future__ import annotations


class Broken(Exception):
    """An invariant does not hold. `name` is the invariant; the text says where and how."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail
