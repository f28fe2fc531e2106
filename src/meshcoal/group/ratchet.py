"""Keys of messages: one chain for each author in each epoch, wound forward and never back.

Law: a message key opens one message and is erased; a chain key makes the next and is erased. Whoever takes
the state later opens nothing that was opened before. Keys of messages that did not come are held for at most
`SKIP_MAX` of a chain and for as long as talk lives.

    chain key of author a    derive(E, "meshcoal chain 1", tag of a's direct; of the epoch's author, a);
                             E is erased when all chains are made
    message key              derive(chain key, "meshcoal message key 1")
    next chain key           derive(chain key, "meshcoal next chain key 1")

A symmetric-key ratchet as in Signal (Perrin and Marlinspike 2016, section 2.2), one per author as in
Weidner et al. (CCS 2021, section 5). The labels, the header and the bounds are ours, unreviewed.
docs/protocol/ratchet.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from meshcoal.crypto.sealing import NONCE_BYTES, check_sealed_size, derive, deriver, pad, seal, unpad, unseal
from meshcoal.errors import BadSeal, Replayed, SkippedTooFar, WrongRecipient
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import SEQ_MAX, SKIP_MAX
from meshcoal.wire import canonical
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Id32, Items, Range, Record, TimeMs
from meshcoal.wire.shape import dataclass

_CHAIN: Final = b"meshcoal chain 1"
_message_key: Final = deriver(b"meshcoal message key 1")
_next_key: Final = deriver(b"meshcoal next chain key 1")
_ZERO_NONCE: Final = bytes(NONCE_BYTES)

Index = Annotated[int, Range(0, SEQ_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Where a message stands: authenticated with it, so that it opens nowhere else.

    Its fields are those of an operation's header, checked there.
    """

    campaign: CampaignId
    author: AuthorId
    seq: int
    parents: tuple[OperationId, ...]
    kind: Kind
    epoch: EpochId
    index: int  # place in the author's chain of this epoch

    def encoded(self) -> bytes:
        """The associated data: a canonical array of the fields, in this order."""
        return heading_bytes(
            self.campaign, self.author, self.seq, self.parents, self.kind, self.epoch, self.index
        )


def heading_bytes(
    campaign: bytes, author: bytes, seq: int, parents: tuple[bytes, ...], kind: Kind, epoch: bytes, index: int
) -> bytes:
    """`Heading.encoded`, without making a heading first."""
    return canonical.encode((campaign, author, seq, parents, int(kind), epoch, index))


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped(Record):
    """The key of a message that has not come, while a later one has."""

    index: Index
    key: Id32
    since_ms: TimeMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain(Record):
    """The keys of one author in one epoch, as far as they are still to come."""

    author: Id32
    key: Id32
    index: Index  # of the message whose key comes next
    proven: bool  # it has opened a message, or came from the epoch's secret: nobody planted it
    skipped: Annotated[tuple[Skipped, ...], Items(0, SKIP_MAX)]  # ascending


def start(secret: bytes, author: AuthorId, name: bytes = b"") -> Chain:
    """The chain of an author, from the 32-byte secret of an epoch.

    Args:
        name: the tag of their direct; empty: they began the epoch, and their chain has their id's name.
    """
    return begun(author, first_key(secret, name or author))


def first_key(secret: bytes, name: bytes) -> bytes:
    """The first key of a chain, 32 bytes, also for a tag of which nobody knows yet whose it is."""
    return derive(secret, _CHAIN, name)


def begun(author: AuthorId, key: bytes) -> Chain:
    """A chain from its first key."""
    return Chain(author=author, key=key, index=0, proven=True, skipped=())


def seal_next(chain: Chain, heading: Heading, plaintext: bytes) -> tuple[Chain, bytes]:
    """Seal my next message. Its key is gone from the chain that is returned, so I cannot open it either.

    Returns:
        The chain afterwards; `padded_size(len(plaintext)) + 16` bytes.

    Raises:
        OverLimit: the plaintext is too long.
    """
    assert (heading.author, heading.index) == (chain.author, chain.index)
    key, following = _wind(chain.key)
    sealed = seal(key, _ZERO_NONCE, pad(plaintext), heading.encoded())
    return replace(chain, key=following, index=chain.index + 1), sealed


def open_message(chain: Chain, heading: Heading, sealed: bytes, *, now_ms: int) -> tuple[Chain, bytes]:
    """Open a message of the chain's author and erase its key.

    Raises:
        WrongRecipient: another author's message.
        Replayed: it was opened before, or its key was erased.
        SkippedTooFar: more than `SKIP_MAX` before it are missing.
        Truncated: of a length that no message has.
        BadSeal: it does not open; the chain is as it was.
        OverLimit: longer than any body may be.
    """
    if heading.author != chain.author:
        raise WrongRecipient("a message of another author's chain")
    check_sealed_size(sealed)
    if heading.index < chain.index:
        held = next((one for one in chain.skipped if one.index == heading.index), None)
        if held is None:
            raise Replayed("the key of this message was used or erased")
        plaintext = _open(held.key, heading, sealed)
        left = tuple([one for one in chain.skipped if one.index != heading.index])
        return replace(chain, skipped=left), plaintext
    if heading.index - chain.index > SKIP_MAX:
        raise SkippedTooFar("a message too far ahead of its chain")
    skipped = list(chain.skipped)
    key, following = _wind(chain.key)
    for index in range(chain.index, heading.index):
        skipped.append(Skipped(index=index, key=key, since_ms=now_ms))
        key, following = _wind(following)
    plaintext = _open(key, heading, sealed)
    after = replace(
        chain,
        key=following,
        index=heading.index + 1,
        proven=True,
        skipped=tuple(skipped[-SKIP_MAX:]),  # the oldest go first
    )
    return after, plaintext


class Winding:
    """A chain that is wound on in place, for messages that come one after another, and noted at the end.

    For a proven chain only: what does not open is then its author's fault.
    """

    __slots__ = ("_chain", "_index", "_key")

    def __init__(self, chain: Chain) -> None:
        assert chain.proven, "a chain that may be false is tried, not wound"
        self._chain = chain
        self._key = chain.key
        self._index = chain.index

    @property
    def index(self) -> int:
        """Of the message whose key comes next."""
        return self._index

    def open_next(self, heading: bytes, sealed: bytes) -> bytes:
        """Open the message of `index`, with `Heading.encoded` of it, and erase its key.

        Raises:
            Truncated, BadSeal, OverLimit: as `open_message`; the chain is as it was.
        """
        check_sealed_size(sealed)
        key, following = _wind(self._key)
        try:
            plaintext = unpad(unseal(key, _ZERO_NONCE, sealed, heading))
        except BadSeal as exc:
            raise BadSeal("a message that its key does not open") from exc
        self._key = following
        self._index += 1
        return plaintext

    def chain(self) -> Chain:
        """The chain as far as it has been wound."""
        if self._index == self._chain.index:
            return self._chain
        return replace(self._chain, key=self._key, index=self._index)


def erase_skipped(chain: Chain, *, before_ms: int) -> Chain:
    """Erase keys held since before a time for messages that never came."""
    left = tuple([one for one in chain.skipped if one.since_ms >= before_ms])
    return chain if len(left) == len(chain.skipped) else replace(chain, skipped=left)


def following(key: bytes) -> bytes:
    """The chain key after this one."""
    return _next_key(key)


def _wind(key: bytes) -> tuple[bytes, bytes]:
    return _message_key(key), _next_key(key)


def _open(key: bytes, heading: Heading, sealed: bytes) -> bytes:
    try:
        return unpad(unseal(key, _ZERO_NONCE, sealed, heading.encoded()))
    except BadSeal as exc:
        raise BadSeal("a message that its key does not open") from exc
