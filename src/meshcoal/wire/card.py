"""Who somebody is inside one campaign.

Law: as in `wire.bodies`, of which this is a part. Specified in docs/protocol/bodies.md.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from meshcoal.errors import MalformedBody, MeshcoalError
from meshcoal.limits import HINT_CHARS_MAX, HINTS_MAX, NAME_CHARS_MAX
from meshcoal.wire.record import Chars, Id32, Items, Record, Size
from meshcoal.wire.shape import dataclass

Name = Annotated[str, Chars(1, NAME_CHARS_MAX)]
SealPublic = Annotated[bytes, Size(1216)]  # X-Wing
Hints = Annotated[tuple[Annotated[str, Chars(1, HINT_CHARS_MAX)], ...], Items(0, HINTS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(Record):
    """A persona: who somebody is inside one campaign, and the keys they use there and nowhere else."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    author: Id32  # Ed25519: signs operations
    act: Id32  # Ed25519: signs what is shown to outsiders, and nothing else
    link: Id32  # X25519: authenticates links
    seal: SealPublic  # X-Wing: the last resort until they publish prekeys
    name: Name
    hints: Hints
