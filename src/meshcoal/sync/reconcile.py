"""Two stores of one campaign over one link: are they equal, and if not, what does each lack?

Law: equal stores know each other by one `Digest` each way and nothing more. Whatever the peer says, what
follows is bounded, and either ends or is a coded error. A cut at any point loses nothing but the words: the
next link begins with digests again. This says what to send; runs carry it (`sync.exchange`).

Ours, unreviewed: the exchange as a whole. Specified in docs/protocol/reconciliation.md.
"""

from __future__ import annotations

from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import MalformedFrame
from meshcoal.sync.loose import LooseSet
from meshcoal.sync.outcome import Outcome
from meshcoal.sync.reconcile_logs import Holdings, LogsPart, authors_digest, ends_of, logs_digest
from meshcoal.sync.reconcile_loose import LoosePart
from meshcoal.wire.frames import Message
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
    Subject,
)

_NUMBER_MAX = 2**32 - 1


class Reconciliation:
    """One node's half, over one link. Say `digest` as soon as the link stands; then `hear` each message.

    What comes in by other links meanwhile is not in it: it is new, and passed on as everything new is.

    Args:
        mine: the logs, as they stand at each call.
        loose: the operations without a log, likewise.
        operations: how many there are in the logs.
        secret: 32 bytes that only the two ends of this link know, and nobody knew before it: its handshake
            hash. Names and tags made with it cannot have been prepared for.
        dialled: which of the two ends this is.
    """

    def __init__(
        self,
        mine: Holdings,
        loose: LooseSet,
        *,
        operations: int,
        secret: bytes,
        dialled: bool,
        entropy: Entropy,
    ) -> None:
        ends = ends_of(mine)
        self.digest = Digest(
            logs=logs_digest(ends),
            authors=authors_digest(ends),
            operations=min(operations, _NUMBER_MAX),
            loose=loose.digest(),
            count=len(loose),
            lanes=loose.lanes(),
        )
        self._dialled = dialled
        self._logs = LogsPart(mine, ends, secret=secret)
        self._loose = LoosePart(loose, secret=secret, entropy=entropy)
        self._compared = False

    @property
    def done(self) -> bool:
        """Nothing more is awaited of the peer. It may still ask where two logs part."""
        return self._compared and self._logs.done and self._loose.done

    @property
    def told_ends(self) -> bool:
        """The peer told the ends of its logs, as whoever holds less does; it may not know mine."""
        return self._logs.told_ends

    @property
    def expected(self) -> int:
        """How many operations of the peer's I lack, as far as is known by now."""
        return self._logs.expected + self._loose.lacks

    def hear(self, message: Message) -> Outcome:
        """What a message of the peer's leads to.

        Raises:
            MalformedFrame: said out of turn, or about what was not said before.
            OverLimit: more than was asked for.
        """
        if isinstance(message, Digest):
            return self._compare(message)
        if not self._compared:
            raise MalformedFrame("a store is described before its digest")
        match message:
            case Outline():
                return self._logs.on_outline(message)
            case Behind():
                return self._logs.on_behind(message)
            case Rungs():
                return self._logs.on_rungs(message)
            case Agreed():
                return self._logs.on_agreed(message)
            case Cells(subject=Subject.LOGS):
                return self._logs.on_cells(message)
            case More(subject=Subject.LOGS):
                return self._logs.on_more(message)
            case Cells():
                return self._loose.on_cells(message)
            case More():
                return self._loose.on_more(message)
            case Missing():
                return self._loose.on_missing(message)
            case Buckets():
                return self._loose.on_buckets(message)
            case Listed():
                return self._loose.on_listed(message)
            case _:
                raise MalformedFrame("not a word of a reconciliation")

    def _compare(self, theirs: Digest) -> Outcome:
        if self._compared:
            raise MalformedFrame("a second digest on one link")
        self._compared = True
        outcome = self._logs.on_digest(self.digest, theirs, dialled=self._dialled)
        beside = self._loose.on_digest(self.digest, theirs, dialled=self._dialled)
        outcome.say += beside.say
        return outcome
