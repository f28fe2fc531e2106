"""Nodes that try in little what is large elsewhere: keys that change within minutes, and campaigns of eight
members that take themselves for large ones.

Law: nothing but times and counts differ from the node that the daemon drives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from meshcoal.clock import MINUTE_MS, SECOND_MS
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.kem import Kem
from meshcoal.log.changes import Change
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import Effect
from meshcoal.node.node import Node
from meshcoal.node.pace import USUAL, Pace
from meshcoal.sync.overlay import Sizes

HASTE: Final = Pace(
    rekey_age_ms=3 * MINUTE_MS,
    rekey_messages=3,
    rotate_age_ms=0,
    rotate_operations=0,
    retire_after_ms=2 * MINUTE_MS,
    keep_every_ms=30 * SECOND_MS,
)


_FEW: Final = Sizes(wanted=4, drawn=2, most=5, most_anyway=7, low=1, drawn_of_others=2)


def sparse(pace: Pace = USUAL) -> Pace:
    """The same, but that from five members on a few links are chosen, as elsewhere from 33 on."""
    return replace(pace, full_mesh_max=4, sizes=_FEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hasty:
    """A `machine.Maker` of nodes at another pace than the usual."""

    pace: Pace = HASTE

    def first_changes(self, *, name: str, entropy: Entropy, now_ms: int) -> tuple[Change, ...]:
        return Node.first_changes(name=name, entropy=entropy, now_ms=now_ms)

    def recover(
        self, *, reader: LogReader, entropy: Entropy, sealer: Sealer, kem: Kem, now_ms: int
    ) -> tuple[Node, tuple[Effect, ...]]:
        return Node.recover(
            reader=reader, entropy=entropy, sealer=sealer, kem=kem, now_ms=now_ms, pace=self.pace
        )
