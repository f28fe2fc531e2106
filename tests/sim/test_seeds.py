"""Goal: every invariant holds in worlds of eight nodes. Method: twenty fixed seeds; `make soak` runs 500."""

from __future__ import annotations

import pytest

from meshcoal.sim.network import HARSH
from meshcoal.sim.run import run

STEPS = 100
KILLS = 10


@pytest.mark.parametrize("seed", range(20))
def test_a_coalition_in_bad_weather_ends_in_agreement(seed: int) -> None:
    """Goal: no seed breaks an invariant. Method: loss, partitions, crashes, fools and strangers."""
    outcome = run(seed, 8, STEPS, faults=HARSH, kills=KILLS)
    assert outcome.promises > 0
    assert outcome.done
