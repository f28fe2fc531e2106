"""What a user can ask about bundles: what is carried by hand where no link leads.

Law: as in `api.commands`, which is where clients take these from. The client reads and writes the files, part
by part; the daemon seals and opens them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from meshcoal.api.fields import Command, Id16
from meshcoal.errors import BadArgument, MeshcoalError
from meshcoal.limits import (
    BUNDLE_MEMBER_SLOTS_MAX,
    BUNDLE_PART_BYTES,
    CAMPAIGNS_MAX,
    SLIP_CLASSES_BYTES,
)
from meshcoal.wire.record import Id32, Items, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

Part = Annotated[bytes, Size(SLIP_CLASSES_BYTES[0], BUNDLE_PART_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFor(Record):
    """One campaign of a bundle, and who is to open it."""

    error: ClassVar[type[MeshcoalError]] = BadArgument

    campaign: Id32
    members: Annotated[tuple[Id32, ...], Items(0, BUNDLE_MEMBER_SLOTS_MAX)] = ()  # none: all


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginBundle(Command):
    """Begin to write a bundle. Its parts follow by `NextPart`. Answered by `BundleView`."""

    campaigns: Annotated[tuple[BundleFor, ...], Items(0, CAMPAIGNS_MAX)]
    since_ms: TimeMs = 0  # only what came here since; 0: from the beginning
    everything: bool = False  # also what all recipients are known to hold
    files: bool = True  # attachments that are here
    paper: bool = False  # one small part, without files; else as many large ones as it takes
    begun: bool = False  # also what I signed sealed and nobody has yet: who reads it can guess whose it is
    # Introductions whose answer is to be in it. Those of members of whom nothing was heard since they were
    # let in by a file go along by themselves.
    answers: Annotated[tuple[Id16, ...], Items(0, BUNDLE_MEMBER_SLOTS_MAX)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HavePart(Command):
    """This part is on the stick already: it is not written again. Answered by `BundleView`."""

    bundle: Id16
    data: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPart(Command):
    """The next part to write. Answered by `BundlePartView`."""

    bundle: Id16


@dataclass(frozen=True, slots=True, kw_only=True)
class EndBundle(Command):
    """No more parts are wanted. Answered by `Done`."""

    bundle: Id16


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginReading(Command):
    """Begin to read a bundle. Answered by `ReadingView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtPart(Command):
    """Say what stands in a part, and take nothing in. Answered by `ReadingView`."""

    reading: Id16
    data: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePart(Command):
    """Take a part in. `busy` where too much waits: then hand it over again. Answered by `ReadingView`."""

    reading: Id16
    data: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowReading(Command):
    """How far taking in has come. Answered by `ReadingView`."""

    reading: Id16


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReading(Command):
    """No more parts come; what waits to be judged and is not on disk is let go. Answered by `Done`."""

    reading: Id16
