"""What a rehearsal says to the person who takes part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Gaps = tuple[tuple[str, str | int], ...]
_NO_GAPS: Final[Gaps] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachLine:
    """One step of the case: what happened and what to do, in plain words."""

    text: str
    done: int
    total: int

    @property
    def last(self) -> bool:
        return self.done >= self.total


class Line(str):
    """A line in English that knows what it was made of, so that it can be said in another language.

    `parts`: sentences with named gaps, each as it stands in the catalogues, and what fills them.
    """

    parts: tuple[tuple[str, Gaps], ...]

    @classmethod
    def of(cls, parts: tuple[tuple[str, Gaps], ...]) -> Line:
        made = cls(" ".join([sentence % dict(gaps) if gaps else sentence for sentence, gaps in parts]))
        made.parts = parts
        return made


def line(sentence: str, **gaps: str | int) -> Line:
    """A sentence with its gaps filled in."""
    return Line.of(((sentence, tuple(gaps.items())),))


def parts_of(text: str) -> tuple[tuple[str, Gaps], ...]:
    """What a line was made of; any other text is one sentence without gaps."""
    return text.parts if isinstance(text, Line) else ((text, _NO_GAPS),)


def both(first: str, second: str) -> str:
    """One line after the other; the second may be empty."""
    return Line.of((*parts_of(first), *parts_of(second))) if second else first


def marked(line: str) -> str:
    """The line as it is, to be found for the interface's catalogues; translated where it is shown."""
    return line
