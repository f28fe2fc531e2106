"""Goal: keys may change at any moment. Method: coalitions that close and publish them within minutes."""

from __future__ import annotations

import pytest

from meshcoal.sim.haste import Hasty
from meshcoal.sim.network import HARSH
from meshcoal.sim.run import run


@pytest.mark.parametrize("seed", range(6))
def test_hurried_keys_change_nothing_in_bad_weather(seed: int) -> None:
    """Goal: no seed breaks an invariant. Method: loss, partitions, crashes, fools and strangers; 150 more
    seeds were run by hand (`python -m meshcoal.sim --hasty`)."""
    outcome = run(seed, 6, 70, faults=HARSH, kills=10, maker=Hasty())
    assert outcome.promises > 0
    assert outcome.closings > 2
