"""My signing keys in one campaign: the one in force, and those closed that are still to be published.

Law: a seed is written in the step that writes the operation which names its key, and marked closed in the
step that closes it, so a crash leaves either both or neither. Which key signs next follows from the log; here
is only what is needed to do it. A seed that was published is erased. Specified in
docs/protocol/repudiation.md.
"""

from __future__ import annotations

from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import LostKey
from meshcoal.ids import OperationId
from meshcoal.limits import RETIRED_SEEDS_MAX
from meshcoal.log.dag import Dag
from meshcoal.log.reader import LogReader
from meshcoal.node.pace import Pace
from meshcoal.node.records import SEEDS, SeedRecord, load_all
from meshcoal.node.step import Step


class Seeds:
    """What is held, by public key."""

    def __init__(self, dag: Dag) -> None:
        self._dag = dag
        self._held: dict[bytes, SeedRecord] = {}
        self._keys: dict[bytes, SigningKey] = {}

    @classmethod
    def recover(cls, dag: Dag, reader: LogReader) -> Seeds:
        """Read back what was written. Raises `Corrupt`."""
        seeds = cls(dag)
        seeds._held = dict(load_all(reader, SeedRecord, SEEDS, dag.campaign))
        return seeds

    @property
    def public(self) -> bytes:
        """The key that must sign what I write next."""
        assert self._dag.me is not None, "asked of a campaign in which I am somebody"
        _, last = self._dag.frontier.get(self._dag.me, (-1, OperationId(b"")))
        return self._dag.signers.behind(self._dag.me, last)

    @property
    def lost(self) -> bool:
        """Whether that key is not here: my log goes on in a way that this device did not write.

        Its disk was put back to an earlier state, or somebody writes with a copy of its keys.
        """
        return self.public not in self._held

    def signing_key(self) -> SigningKey:
        """What signs my next operation. Raises `LostKey`."""
        key = self.key(self.public)
        if key is None:
            raise LostKey(
                "This device lacks the key that signs what you write in this campaign: either its data were"
                " put back to an earlier state, or somebody else writes in your name. Tell an organiser, and"
                " ask to be removed and invited again."
            )
        return key

    def add(self, step: Step, seed: bytes, *, author: bytes, seq: int, at_ms: int = 0) -> bytes:
        """Keep a fresh seed, whose key signs this author's log from `seq` on. Returns the public key.

        Args:
            at_ms: when the key before it was closed; 0: there was none.
        """
        key = SigningKey.from_seed(seed)
        self._keys[key.public] = key
        kept = SeedRecord(author=author, seed=seed, from_seq=seq, from_ms=at_ms or step.now_ms, closed_ms=0)
        self._put(step, key.public, kept)
        return key.public

    def get(self, public: bytes) -> SeedRecord | None:
        """The record of a key, or None if it is not held."""
        return self._held.get(public)

    def key(self, public: bytes) -> SigningKey | None:
        """A key ready to sign with, or None if it is not held."""
        if public not in self._held:
            return None
        if public not in self._keys:
            self._keys[public] = SigningKey.from_seed(self._held[public].seed)
        return self._keys[public]

    def close(self, step: Step, public: bytes, *, at_ms: int) -> None:
        """This step closes a key."""
        held = self._held[public]
        self._keys.pop(public, None)
        closed = SeedRecord(
            author=held.author,
            seed=held.seed,
            from_seq=held.from_seq,
            from_ms=held.from_ms,
            closed_ms=max(1, at_ms),
        )
        self._put(step, public, closed)

    def due(self, now_ms: int, pace: Pace) -> tuple[bytes, list[bytes]]:
        """An author whose seeds are to be published now, with their public keys: one operation's worth."""
        due = [
            (held.author, held.closed_ms, public)
            for public, held in self._held.items()
            if held.closed_ms and now_ms - held.closed_ms >= pace.retire_after_ms
        ]
        if not due:
            return b"", []
        first = min(due)[0]
        return first, [public for author, _, public in sorted(due) if author == first][:RETIRED_SEEDS_MAX]

    def abandon(self, step: Step) -> None:
        """Nothing more will be signed with what is in force, nor closed: I go on as somebody else."""
        for public in [public for public, held in self._held.items() if not held.closed_ms]:
            self.erase(step, public)

    def erase(self, step: Step, public: bytes) -> None:
        """A seed has served."""
        del self._held[public]
        self._keys.pop(public, None)
        step.erase(SEEDS, self._dag.campaign + public)

    def _put(self, step: Step, public: bytes, kept: SeedRecord) -> None:
        self._held[public] = kept
        step.put(SEEDS, self._dag.campaign + public, kept)
