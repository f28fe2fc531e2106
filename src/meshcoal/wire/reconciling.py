"""What two nodes say to find out how their stores differ, before runs carry what is missing.

Law: a message is bounded, and lists in it that belong together are packed: one number or a fixed count of
bytes for each entry. Specified in docs/protocol/reconciliation.md.
"""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedFrame, MeshcoalError
from meshcoal.limits import (
    AUTHORS_MAX,
    BUCKETS_MAX,
    CELLS_MAX,
    CELLS_PER_MESSAGE_MAX,
    NAMES_PER_MESSAGE_MAX,
    RUNGS_PER_LINK_MAX,
    SEQ_MAX,
)
from meshcoal.wire.message import Message
from meshcoal.wire.record import Family, Items, Range, Record, Size
from meshcoal.wire.shape import dataclass

NAME_BYTES: Final = 6  # of an author, for one session
TAG_BYTES: Final = 6  # of a mark, for one session
CHECK_BYTES: Final = 4  # of a cell
LOOSE_HANDLE_BYTES: Final = 8  # of an operation without a log, under one key
LOG_HANDLE_BYTES: Final = NAME_BYTES + 6 + TAG_BYTES
SHORT_BYTES: Final = 4  # beginning of a handle, enough to find it among one's own
BUCKET_BYTES: Final = 6
LANES_BYTES: Final = 32
RUNGS_MAX: Final = 42  # 1, 2, 4 ... 2**41 places back

Number32 = Annotated[int, Range(0, 2**32 - 1)]
Seqs = Annotated[tuple[Annotated[int, Range(0, SEQ_MAX)], ...], Items(0, AUTHORS_MAX)]
Lengths = Annotated[tuple[Annotated[int, Range(0, SEQ_MAX + 1)], ...], Items(0, AUTHORS_MAX)]
AuthorNames = Annotated[bytes, Size(0, NAME_BYTES * AUTHORS_MAX)]
Tags = Annotated[bytes, Size(0, TAG_BYTES * AUTHORS_MAX)]


class Subject(enum.IntEnum):
    """What cells are about."""

    LOGS = 1
    LOOSE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Message):
    """All that the sender holds of the campaign. Equal digests: nothing more is said."""

    logs: Annotated[bytes, Size(16)]  # over every author's seq and mark
    authors: Annotated[bytes, Size(8)]  # over the authors alone
    operations: Number32  # in all logs together
    loose: Annotated[bytes, Size(16)]  # over the operations without a log, in no order
    count: Number32  # how many of those
    lanes: Annotated[bytes, Size(0, LANES_BYTES, between=False)]  # empty where there are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline(Message):
    """The end of each log that the sender holds, in the order of authors.

    `names` is empty where both know the same authors.
    """

    names: AuthorNames
    seqs: Seqs
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind(Message):
    """Answer to an outline or its cells: the ends of those logs of which the sender holds less.

    A log is named by its place in the outline, or where cells were sent by its author's name. `lengths`
    are how many places are held: 0 is nothing.
    """

    places: Annotated[tuple[Annotated[int, Range(0, AUTHORS_MAX - 1)], ...], Items(0, AUTHORS_MAX)]
    names: AuthorNames
    lengths: Lengths
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Record):
    """A log that both hold up to `seq`, differently: tags of the sender's marks 1, 2, 4 ... places before."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    name: Annotated[bytes, Size(NAME_BYTES)]
    seq: Annotated[int, Range(0, SEQ_MAX)]
    tags: Annotated[bytes, Size(0, TAG_BYTES * RUNGS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rungs(Message):
    """Where do our logs of these authors part? Answered by `Agreed`."""

    rungs: Annotated[tuple[Rung, ...], Items(1, RUNGS_PER_LINK_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed(Message):
    """Up to how many places the logs of some authors are one."""

    names: AuthorNames
    lengths: Lengths


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells(Message):
    """Cells of the sender's sketch, from number `start` on."""

    subject: Subject
    key: Annotated[bytes, Size(0, 16, between=False)]  # empty for logs: it follows from the session
    count: Number32  # of what is in the sketch
    start: Annotated[int, Range(0, CELLS_MAX)]
    cells: Annotated[bytes, Size(1, (LOG_HANDLE_BYTES + CHECK_BYTES) * CELLS_PER_MESSAGE_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class More(Message):
    """The cells do not suffice: send so many in all. 0, of logs: send the outline instead."""

    subject: Subject
    upto: Annotated[int, Range(0, CELLS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Message):
    """What the sender lacks of the operations without a log, by the beginnings of their handles."""

    shorts: Annotated[bytes, Size(0, SHORT_BYTES * NAMES_PER_MESSAGE_MAX)]
    last: bool  # nothing more follows: this part is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets(Message):
    """The cells lead nowhere: digests of the sender's operations without a log, by the beginnings of ids."""

    digests: Annotated[bytes, Size(BUCKET_BYTES, BUCKET_BYTES * BUCKETS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Message):
    """Handles of everything that the sender holds in the buckets that differ."""

    differing: Annotated[bytes, Size(1, BUCKETS_MAX // 8)]  # a bit for each bucket, the first bit first
    handles: Annotated[bytes, Size(0, LOOSE_HANDLE_BYTES * NAMES_PER_MESSAGE_MAX)]
    last: bool


RECONCILING: Final = Family(
    MalformedFrame,
    (
        (40, Digest),
        (41, Outline),
        (42, Behind),
        (43, Rungs),
        (44, Agreed),
        (45, Cells),
        (46, More),
        (47, Missing),
        (48, Buckets),
        (49, Listed),
    ),
)
