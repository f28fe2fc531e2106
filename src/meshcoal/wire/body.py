"""What every body of an operation has, whatever its kind.

Law: as in `wire.bodies`, which holds the bodies themselves.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedBody, MeshcoalError
from meshcoal.limits import ATTACHMENTS_MAX, CARRIED_EPOCHS_MAX, NAME_CHARS_MAX
from meshcoal.wire.attachment import Attachment
from meshcoal.wire.record import Chars, Id32, Items, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

CHANNEL_ID_BYTES: Final = 16

ChannelId = Annotated[bytes, Size(CHANNEL_ID_BYTES)]
Name = Annotated[str, Chars(1, NAME_CHARS_MAX)]
OptionalName = Annotated[str, Chars(0, NAME_CHARS_MAX)]
Attachments = Annotated[tuple[Attachment, ...], Items(0, ATTACHMENTS_MAX)]
Epochs = Annotated[tuple[Id32, ...], Items(0, CARRIED_EPOCHS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Record):
    """Base of all bodies. `at_ms` is what the author's clock said: for display, never authority.

    `handed` and `carried` say what the operation's directs bring to each of their recipients, so that all
    members see who holds what: the chains of these epochs, and the record keys of those.
    """

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    at_ms: TimeMs
    handed: Epochs = ()
    carried: Epochs = ()
