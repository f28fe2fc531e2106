"""What commands and views are made of: the base of commands, and fields with their bounds.

Law: no record of the API stands here, only what several of its files need.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from meshcoal.errors import BadArgument, MeshcoalError
from meshcoal.limits import HINT_CHARS_MAX, HINTS_MAX, NAME_CHARS_MAX
from meshcoal.wire.record import Chars, Items, Range, Record, Size
from meshcoal.wire.shape import dataclass

Name = Annotated[str, Chars(1, NAME_CHARS_MAX)]
OptionalName = Annotated[str, Chars(0, NAME_CHARS_MAX)]
Hints = Annotated[tuple[Annotated[str, Chars(1, HINT_CHARS_MAX)], ...], Items(0, HINTS_MAX)]
UploadId = Annotated[bytes, Size(16)]
Language = Annotated[str, Chars(2, 16)]  # BCP 47, lower case, such as `en`, `fa`, `zh-hans`
Id16 = Annotated[bytes, Size(16)]
Text = Annotated[str, Chars(0, 100_000)]
Short = Annotated[str, Chars(0, 1_000)]
SignedMs = Annotated[int, Range(-1, 2**62)]  # -1: never


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Record):
    """Base of all commands."""

    error: ClassVar[type[MeshcoalError]] = BadArgument
