"""What a step of the node wants written: plain values that a store applies in one transaction.

Law: applying a batch is all or nothing. A `Put` of a key that exists replaces it, except for operations:
putting an operation that is there already is a bug in the core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId

# Bulky, and public among members or kept for good: what a replaced one leaves in unused bytes harms nobody.
# An older version in any other space is gone from the files soon, see docs/internals/store.md.
LASTING_SPACES: Final = frozenset(
    {
        "bundles",
        "unnamed",
        "closings",
        "contexts",
        "controls",
        "counted",
        "epochs",
        "files",
        "forks",
        "heads",
        "hints",
        "replies",
        "replies-taken-back",
        "holders",
        "outlines",
        "polls",
        "rolls",
        "rounds",
        "sealed",
        "unsealed",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOperation:
    """An operation accepted into the log. Insertion order is a causal order: parents come first."""

    campaign: CampaignId
    id: OperationId
    author: AuthorId
    seq: int
    depth: int  # one more than the deepest parent; 0 for `create`
    context: int  # which set of control operations its past holds; an index into the campaign's contexts
    kind: int
    epoch: EpochId  # whose key seals the body
    encoded: bytes
    opened: bool  # false while the key of `epoch` is not held


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOpened:
    """A body that was waiting for its key has been opened."""

    id: OperationId


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBody:
    """The opened body of an operation of the record lane: membership, rules, statements."""

    campaign: CampaignId
    id: OperationId
    kind: int
    about: bytes  # the statement that it belongs to; empty: none
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PutMessage:
    """The opened body of a message, ready to be paged and searched."""

    campaign: CampaignId
    channel: bytes  # 16 bytes
    id: OperationId
    author: AuthorId
    seq: int
    depth: int
    context: int
    at_ms: int  # what the author's clock said: for display, never authority
    received_ms: int  # by the clock here, when it could first be read: what it expires by
    text: str
    reply_to: bytes  # 32 bytes, or empty
    thread: bytes = b""  # as `reply_to`
    mentions: bytes = b""  # authors of 32 bytes, one behind another
    bearing: int = 0  # `log.reader.CALLS_ME`, `log.reader.OWN`, or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PutMark:
    """What somebody did about a message, which need not be readable here, or there at all."""

    campaign: CampaignId
    channel: bytes  # 16 bytes
    id: OperationId
    author: AuthorId
    seq: int
    depth: int
    context: int
    at_ms: int
    received_ms: int
    act: str  # of `wire.terms.TalkAct`
    about: bytes  # 32 bytes, the message
    text: str  # an emoji, or what a message says now
    mentions: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankMessage:
    """Removes what a message said, its attachments and its later editions; its place stays."""

    id: OperationId


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAttached:
    """The attachments of a message that is put in this step or was before; erased with it."""

    id: OperationId
    encoded: bytes  # `wire.attachment.encode_attached`


@dataclass(frozen=True, slots=True, kw_only=True)
class PutChunk:
    """A sealed chunk of a file; a place that is taken keeps what it holds."""

    campaign: CampaignId
    file: bytes  # 32 bytes: the manifest's id, or a name for a file that is not whole yet
    place: int  # 0: the manifest
    id: bytes  # 32 bytes
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameFile:
    """A file that is whole now gets its own name, which must be free."""

    campaign: CampaignId
    file: bytes
    to: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseFile:
    """Removes all chunks of a file so that nothing of them stays."""

    campaign: CampaignId
    file: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PutDocument:
    """A small value under a key in a named space: identity, contacts, epochs, what peers hold, settings."""

    space: str  # at most 32 ASCII letters
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseDocument:
    """Removes a value so that nothing of it stays in the files."""

    space: str
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PutSpooled:
    """A packed run that came and is not taken in yet."""

    campaign: CampaignId
    number: int  # of each campaign, ascending in the order in which they are to be taken in
    peer: bytes  # the member whose node brought it, or empty
    ends: bytes  # `node.spool`: what it holds of each log
    packed: bytes  # `wire.packing.pack`


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseSpooled:
    """A packed run that is taken in, or let go."""

    campaign: CampaignId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseMessages:
    """Removes what could be read in a campaign here before a time, and what was done about it.

    The sealed operations stay.
    """

    campaign: CampaignId
    before_ms: int  # those of exactly this time stay


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseCampaign:
    """Removes every operation, body, message and spooled run of a campaign."""

    campaign: CampaignId


Change = (
    PutOperation
    | MarkOpened
    | PutBody
    | PutMessage
    | PutMark
    | BlankMessage
    | PutAttached
    | PutChunk
    | RenameFile
    | EraseFile
    | PutDocument
    | EraseDocument
    | PutSpooled
    | EraseSpooled
    | EraseMessages
    | EraseCampaign
)
