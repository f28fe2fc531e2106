"""What the core may ask of the store: synchronous reads, in terms of the log.

Law: a reader sees every change of the steps before, and none of the step in progress; the core keeps in
memory what it wrote in the step. Implemented by `store.reader` over SQLite and by `sim.disk` over dicts;
both pass tests/contract/test_log_reader.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.text.folding import Question

# How a message bears on whoever reads here, as it was when it came.
CALLS_ME: Final = 1  # it mentions me
OWN: Final = 2  # I wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an operation stands in the DAG."""

    author: AuthorId
    seq: int
    depth: int
    context: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRow:
    """An opened body of the record lane with its operation's place."""

    id: OperationId
    author: AuthorId
    seq: int
    depth: int
    context: int
    kind: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message in a channel's timeline, which is ordered by (depth, id)."""

    id: OperationId
    author: AuthorId
    seq: int
    depth: int
    context: int
    at_ms: int
    text: str
    reply_to: bytes
    thread: bytes = b""
    mentions: bytes = b""  # authors of 32 bytes, one behind another
    channel: bytes = b""
    received_ms: int = 0
    bearing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRow:
    """What somebody did about a message."""

    id: OperationId
    author: AuthorId
    seq: int
    depth: int
    context: int
    at_ms: int
    act: str
    channel: bytes
    about: bytes
    text: str
    mentions: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """Something that can be read and may be looked for."""

    row: int  # of insertion
    id: OperationId
    campaign: CampaignId
    kind: int
    about: bytes  # the message, by itself or by its edition; of a body, as in `PutBody`
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finds:
    """A page of what was found, newest first."""

    rows: tuple[FoundRow, ...]
    before: int | None  # ask again with this for more; None: there is no more


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedRow:
    """The attachments of a message, or of a text or comment of a statement, and where it stands."""

    message: OperationId  # or the revision, or the comment
    channel: bytes  # empty: in a statement
    encoded: bytes  # `wire.attachment.encode_attached`
    about: bytes = b""  # the statement


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledRow:
    """A packed run that waits to be taken in, without the run itself."""

    number: int
    peer: bytes  # the member whose node brought it, or empty
    size_bytes: int  # of the run
    ends: bytes


class LogReader(Protocol):
    """What the core asks of a store: synchronous, without effects, in a fixed order."""

    def document(self, space: str, key: bytes) -> bytes | None:
        """The value under a key, or None."""

    def documents(self, space: str, prefix: bytes = b"") -> Sequence[tuple[bytes, bytes]]:
        """All (key, value) of a space whose key starts with `prefix`, ascending by key."""

    def operation(self, operation: OperationId) -> bytes | None:
        """The encoded operation, or None."""

    def place(self, operation: OperationId) -> Place | None:
        """Where an operation stands, or None if it is not held."""

    def operations_at(self, campaign: CampaignId, author: AuthorId, seq: int) -> Sequence[OperationId]:
        """The operations at one place of one author's log, in insertion order: one, several, or none."""

    def frontier(self, campaign: CampaignId) -> dict[AuthorId, tuple[int, OperationId]]:
        """The highest seq held of each author, with the id there that was inserted last."""

    def after(
        self,
        campaign: CampaignId,
        frontier: Mapping[AuthorId, int],
        *,
        row: int,
        operations_max: int,
        bytes_max: int,
    ) -> tuple[list[bytes], int]:
        """Encoded operations that a peer with `frontier` lacks, in insertion order.

        Args:
            frontier: highest seq the peer holds of each author; authors not named: it holds none.
            row: resume behind this insertion row; 0 at first.
            operations_max, bytes_max: where to stop; at least one operation is returned if any is left.

        Returns:
            The operations, and the row to resume behind; an empty list means there are no more.
        """

    def spooled(self, campaign: CampaignId) -> Sequence[SpooledRow]:
        """The packed runs that wait to be taken in, ascending by number."""

    def spooled_run(self, campaign: CampaignId, number: int) -> bytes | None:
        """One of these runs, packed as it came, or None."""

    def unopened(self, campaign: CampaignId, epoch: EpochId) -> Sequence[bytes]:
        """Encoded operations that wait for the key of `epoch`, in insertion order."""

    def unopened_counts(self, campaign: CampaignId) -> dict[EpochId, int]:
        """How many operations wait for each epoch's key."""

    def bodies(self, campaign: CampaignId, kinds: Collection[int], about: bytes = b"") -> Sequence[BodyRow]:
        """The opened bodies of these kinds that belong to one statement, or to none; in insertion order."""

    def body_counts(self, campaign: CampaignId) -> dict[tuple[bytes, int], int]:
        """How many opened bodies there are of each statement (empty: of none) and kind. Reads no body."""

    def messages(
        self,
        campaign: CampaignId,
        channel: bytes,
        *,
        before: tuple[int, bytes] | None,
        limit: int,
    ) -> Sequence[MessageRow]:
        """The last `limit` messages before a (depth, id) place, or the newest; ascending by (depth, id)."""

    def messages_after(
        self, campaign: CampaignId, channel: bytes, *, after: tuple[int, bytes], limit: int
    ) -> Sequence[MessageRow]:
        """The first `limit` messages behind a (depth, id) place; ascending."""

    def thread(
        self,
        campaign: CampaignId,
        channel: bytes,
        root: bytes,
        *,
        before: tuple[int, bytes] | None,
        limit: int,
    ) -> Sequence[MessageRow]:
        """As `messages`, of those in one thread alone, without the message that it begins with."""

    def thread_counts(self, campaign: CampaignId, roots: Collection[bytes]) -> dict[bytes, int]:
        """How many messages stand in the threads that begin with these; those without any are left out."""

    def message(self, operation: OperationId) -> MessageRow | None:
        """One message, or None."""

    def message_count(self, campaign: CampaignId, channel: bytes) -> int:
        """How many messages there are. Counts none of them."""

    def messages_behind(
        self,
        campaign: CampaignId,
        channel: bytes,
        *,
        after: tuple[int, bytes] | None,
        since_ms: int,
        limit: int,
        calling: bool = False,
    ) -> int:
        """How many messages of others stand behind a place, or came later than a time; `limit` at most.

        Args:
            after: None: all stand behind it.
            calling: only those that mention me.
        """

    def first_behind(
        self, campaign: CampaignId, channel: bytes, *, after: tuple[int, bytes] | None, since_ms: int
    ) -> OperationId | None:
        """The first, by its place, of the messages that `messages_behind` counts."""

    def calling(
        self,
        campaign: CampaignId,
        channel: bytes,
        *,
        after: tuple[int, bytes] | None,
        since_ms: int,
        limit: int,
    ) -> Sequence[MessageRow]:
        """Of the messages that `messages_behind` counts, the last that mention me; ascending."""

    def marks(self, campaign: CampaignId, messages: Collection[bytes], *, each: int) -> Sequence[MarkRow]:
        """What was done about these messages; ascending by (seq, id).

        Args:
            each: the last so many of each author about one message.
        """

    def pins(self, campaign: CampaignId, channel: bytes, *, limit: int) -> Sequence[MarkRow]:
        """The last `limit` pins and unpins of a channel; ascending by (depth, id)."""

    def find(self, campaign: CampaignId | None, asked: Question, *, before: int | None, limit: int) -> Finds:
        """What can be read and answers, by insertion, newest first.

        Args:
            campaign: None: in all of them.
            before: insertion row behind which a page ended; None at first.
            limit: a page may have fewer, and more may follow all the same.
        """

    def unindexed(self) -> tuple[int, int]:
        """How many operations are looked through, not looked up, which takes longer; and of how many."""

    def oldest_message_ms(self, campaign: CampaignId) -> int | None:
        """When the message or mark that was received first here, of those that are left, was received."""

    def row_before(self, campaign: CampaignId, at_ms: int) -> int:
        """The insertion row of the last message, of those left, that was received before a time; 0: none.

        Behind it stands everything that was received since, and perhaps some that was before.
        """

    def operation_count(self, campaign: CampaignId, author: AuthorId | None = None) -> int:
        """How many operations are held, of all authors or of one. Walks over as much of an index."""

    def attached(self, campaign: CampaignId, *, limit: int | None = None) -> Sequence[AttachedRow]:
        """What `PutAttached` wrote for the messages of a campaign, in insertion order of the messages.

        Args:
            limit: only the last so many; None: all.
        """

    def attached_to(self, message: OperationId) -> AttachedRow | None:
        """What `PutAttached` wrote for one message, or None."""

    def chunk(self, campaign: CampaignId, chunk: bytes) -> bytes | None:
        """A sealed chunk by its id, or None."""

    def chunk_at(self, campaign: CampaignId, file: bytes, place: int) -> bytes | None:
        """The sealed chunk at a place of a file, or None."""

    def chunk_places(self, campaign: CampaignId, file: bytes) -> Sequence[int]:
        """The places of a file whose chunk is held, ascending."""

    def files(self, campaign: CampaignId) -> Sequence[bytes]:
        """All files of which a chunk is held, ascending."""
