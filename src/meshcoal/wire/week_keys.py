"""Keys that a member uses for a week: one to sign in rings, one to which shares are sealed.

Law: whoever publishes a ring key shows to have it, in this campaign and under this name, so that nobody can
put another's key beside their own. Ours, unreviewed. Bytes: docs/protocol/sealed-signons.md.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedSealed, MeshcoalError
from meshcoal.wire.record import Id32, Items, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

_EVENT: Final = b"meshcoal week keys 1\x00"
WEEKS_KEPT_MAX: Final = 64  # whose secrets one member holds: of rounds that are under way


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekKeys(Record):
    """What a member publishes in their log, weekly."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    ring: Id32
    trustee: Id32  # X25519
    proof: Annotated[bytes, Size(96)]  # signature of a ring of this one key over the trustee key


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSecrets(Record):
    """Their private halves, in the vault."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    ring_seed: Id32
    trustee: Id32
    public: WeekKeys
    since_ms: TimeMs


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWeeks(Record):
    """All weeks whose secrets are held, oldest first."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    weeks: Annotated[tuple[WeekSecrets, ...], Items(0, WEEKS_KEPT_MAX)]


def possession_event(campaign: bytes, author: bytes) -> bytes:
    """What the proof is made for."""
    assert len(campaign) == len(author) == 32, "campaign and author are 32 bytes"
    return _EVENT + campaign + author
