"""What a rehearsal says to the person who takes part."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachLine:
    """One step of the case: what happened and what to do, in plain words."""

    text: str
    done: int
    total: int

    @property
    def last(self) -> bool:
        return self.done >= self.total
