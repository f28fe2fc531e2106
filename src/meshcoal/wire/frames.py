"""What peers say to each other inside a session: one numbered record per message.

Law: a message is bounded, and means the same whatever came before it. Operations travel in runs. Specified in
docs/protocol/session.md.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedFrame, MeshcoalError
from meshcoal.limits import (
    AUTHORS_MAX,
    CHUNK_BYTES,
    CHUNKS_IN_FLIGHT_MAX,
    CHUNKS_MAX,
    HINT_CHARS_MAX,
    HINTS_MAX,
    NAME_CHARS_MAX,
    NOTE_CHARS_MAX,
    OPERATION_BYTES_MAX,
    PACKED_BYTES_MAX,
    RUN_OPERATIONS_MAX,
    SEEK_FILES_MAX,
    SEQ_MAX,
)
from meshcoal.wire.beats import Beat
from meshcoal.wire.bodies import Card, OptionalId32, OptionalSealPublic
from meshcoal.wire.loose import LOOSE
from meshcoal.wire.message import Message as Message
from meshcoal.wire.reconciling import (
    Agreed,
    Behind,
    Buckets,
    Cells,
    Digest,
    Listed,
    Missing,
    More,
    Outline,
    Rungs,
)
from meshcoal.wire.record import Chars, Count, Family, Id32, Items, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Seat

Hints = Annotated[tuple[Annotated[str, Chars(1, HINT_CHARS_MAX)], ...], Items(0, HINTS_MAX)]
Name = Annotated[str, Chars(1, NAME_CHARS_MAX)]
PEERS_TOLD_MAX: Final = 16
ROOT_BYTES: Final = 8  # of a member's key: whose wave it is
LACKS_MAX: Final = 64
SAMPLE_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Message):
    """Are you there? Answered by `Pong`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(Message):
    """I am."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Record):
    """One entry of a frontier: the sender holds this author's log up to and including `seq`.

    `mark` names what is held up to there (`log.dag.Dag.mark`): two who hold different operations at one
    place, or one of them more branches of a forked log, find out by it.
    """

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    author: Id32
    seq: Annotated[int, Range(0, SEQ_MAX)]
    mark: Annotated[bytes, Size(16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier(Message):
    """What the sender holds. `whole`: of every author, sent first on a link; else only what changed."""

    whole: bool
    held: Annotated[tuple[Held, ...], Items(0, AUTHORS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Message):
    """Operations the receiver lacks, in an order in which each stands behind its past."""

    operations: Annotated[
        tuple[Annotated[bytes, Size(1, OPERATION_BYTES_MAX)], ...], Items(1, RUN_OPERATIONS_MAX)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedRun(Message):
    """A run without what follows from the rest of it (`wire.packing`)."""

    packed: Annotated[bytes, Size(1, PACKED_BYTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken(Message):
    """The receiver has stored this many runs since the session began: the sender may send more."""

    runs: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Want(Message):
    """Something in a run stands behind what the sender of this lacks: start again from this frontier."""

    held: Annotated[tuple[Held, ...], Items(0, AUTHORS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Message):
    """First words of an inviter: who they are, and what the invitation leads to."""

    name: Name
    hints: Hints
    campaign: OptionalId32
    campaign_name: Annotated[str, Chars(0, NAME_CHARS_MAX)]
    seat: Seat
    pair: Id32  # a secret for the links of these two as contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Message):
    """Answer to an offer: who the invited person is, and with which persona they ask to be admitted."""

    name: Name
    hints: Hints
    card: Card | None
    pair: Id32  # the secret of these two, as whoever asks now keeps it
    prekey: OptionalSealPublic  # with a card: a one-time prekey for whoever admits its owner


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPeer(Record):
    """A member to whom the newcomer can turn."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    link: Id32
    hints: Hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Message):
    """What became of the request to be admitted."""

    admitted: bool
    campaign: OptionalId32
    peers: Annotated[tuple[ToldPeer, ...], Items(0, PEERS_TOLD_MAX)]
    author: Id32  # of the persona that asked: the same person may ask again with another


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Message):
    """A request, or the decision on one, has arrived and need not be sent again."""

    author: OptionalId32  # of the persona that the decision is about; empty: a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted(Message):
    """The receiver is a member here no longer, being removed: said once, just before the link is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction(Message):
    """Of a contact of both: here is somebody who may be worth knowing. Repeated until it is `Remembered`."""

    reference: Annotated[bytes, Size(16)]  # the introducer's number for it
    person: Id32  # their link key, as the introducer knows it
    name: Name
    hints: Hints
    secret: Id32  # the same is told to both: by it they find each other's door
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)]
    expires_ms: TimeMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered(Message):
    """An introduction is on disk and need not be sent again. Says nothing of what is done with it."""

    reference: Annotated[bytes, Size(16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting(Message):
    """First words of each of two who were introduced and have both accepted."""

    name: Name
    hints: Hints
    pair: Id32  # theirs for the two; the smaller of both becomes the secret, which the introducer never knew


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts(Message):
    """Of a contact: where the sender can be reached from now on. Repeated until it is `Kept`."""

    hints: Hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Message):
    """Whereabouts are on disk and need not be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Message):
    """Where the sender stands in the tree along which new operations travel (`sync.tree`)."""

    began_s: Annotated[int, Range(0, 2**40)]  # the wave: its beginning in Unix seconds,
    root: Annotated[bytes, Size(ROOT_BYTES)]  # and the first bytes of its root's key
    label_us: Annotated[int, Range(0, 2**40)]  # nearer to the root is less
    chosen: bool  # the receiver is the sender's upper neighbour


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking(Record):
    """The sender lacks this author's log from `first` on."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    author: Id32
    first: Annotated[int, Range(0, SEQ_MAX + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack(Message):
    """Send what you announced and I have not: the rest of these logs."""

    logs: Annotated[tuple[Lacking, ...], Items(1, LACKS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Message):
    """First words of a neighbour in a large campaign, beside its frontier (`sync.overlay`)."""

    links: Annotated[int, Range(0, 255)]  # how many the sender has
    drawn: bool  # the sender drew the receiver from the roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Message):
    """Some members, by author key, to whom the sender has links or of whom it lately heard."""

    peers: Annotated[tuple[Id32, ...], Items(0, SAMPLE_MAX)]
    answer: bool  # it answers one


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare(Message):
    """The sender is about to hang up, having better links; these members may have room."""

    peers: Annotated[tuple[Id32, ...], Items(0, SAMPLE_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seek(Message):
    """How much do you hold of these attachments? Answered by `Hold`. Each is named by its manifest's id."""

    files: Annotated[tuple[Id32, ...], Items(1, SEEK_FILES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding(Record):
    """The sender holds `held` of the `of` chunks of an attachment, manifest included; 0 of 0: nothing."""

    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    file: Id32
    held: Annotated[int, Range(0, CHUNKS_MAX + 1)]
    of: Annotated[int, Range(0, CHUNKS_MAX + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Message):
    """Answer to `Seek`; unasked once something is held whole, and at the beginning of a link."""

    holdings: Annotated[tuple[Holding, ...], Items(1, SEEK_FILES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantChunks(Message):
    """Send these chunks. Each is answered by `Chunk` or named in a `LackChunks`."""

    chunks: Annotated[tuple[Id32, ...], Items(1, CHUNKS_IN_FLIGHT_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk(Message):
    """One sealed chunk. Its hash says which: what was not asked for is an offence."""

    sealed: Annotated[bytes, Size(17, CHUNK_BYTES + 16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LackChunks(Message):
    """These were asked for and are not here."""

    chunks: Annotated[tuple[Id32, ...], Items(1, CHUNKS_IN_FLIGHT_MAX)]


MESSAGES: Final = Family(
    MalformedFrame,
    (
        (1, Ping),
        (2, Pong),
        (3, Frontier),
        (4, Run),
        (5, Taken),
        (6, Want),
        (7, PackedRun),
        (16, Offer),
        (17, Ask),
        (18, Decided),
        (19, Noted),
        (20, Parted),
        (32, Introduction),
        (33, Remembered),
        (34, Greeting),
        (35, Whereabouts),
        (36, Kept),
        (50, Standing),
        (51, Lack),
        (52, Hello),
        (53, Sample),
        (54, Spare),
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
        (60, Seek),
        (61, Hold),
        (62, WantChunks),
        (63, Chunk),
        (64, LackChunks),
        (70, Beat),
        *LOOSE,
    ),
)
