"""Nodes in a hurry to change their keys: what takes weeks elsewhere happens within minutes.

Law: nothing but times differ from the node that the daemon drives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.clock import MINUTE_MS, SECOND_MS
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.kem import Kem
from meshcoal.log.changes import Change
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import Effect
from meshcoal.node.node import Node
from meshcoal.node.pace import Pace

HASTE: Final = Pace(
    rekey_age_ms=3 * MINUTE_MS,
    rekey_messages=3,
    rotate_age_ms=0,
    rotate_operations=0,
    retire_after_ms=2 * MINUTE_MS,
    keep_every_ms=30 * SECOND_MS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hasty:
    """A `machine.Maker`: rekeys come often, and each closes a key that is published two minutes later."""

    pace: Pace = HASTE

    def first_changes(self, *, name: str, entropy: Entropy, now_ms: int) -> tuple[Change, ...]:
        return Node.first_changes(name=name, entropy=entropy, now_ms=now_ms)

    def recover(
        self, *, reader: LogReader, entropy: Entropy, sealer: Sealer, kem: Kem, now_ms: int
    ) -> tuple[Node, tuple[Effect, ...]]:
        return Node.recover(
            reader=reader, entropy=entropy, sealer=sealer, kem=kem, now_ms=now_ms, pace=self.pace
        )
