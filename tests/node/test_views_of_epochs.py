"""What the coverage rules are told of the control operations that a node holds."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.group import coverage
from meshcoal.ids import EpochId
from meshcoal.node.keyrings import view_of
from meshcoal.wire.bodies import RekeyBody

sys.path.insert(0, str(Path(__file__).parents[1] / "campaign"))

from rollwork import History, taken_in


def test_what_an_author_could_not_read_is_not_in_the_past_of_their_epoch() -> None:
    """Goal: no epoch is used whose author had not read that somebody heals. Method: Chi holds
    Ben's update; once she has read it, once she says that she lacks it."""
    for lacks in (False, True):
        history = History()
        history.add("ana", "ben")
        history.add("ana", "chi")
        heals = history.write("ben", RekeyBody(at_ms=0, heals=True))
        body = RekeyBody(at_ms=0, lacks=(heals.id,) if lacks else ())
        above = history.write("chi", body)
        safe = coverage.safe(view_of(taken_in(history)), lambda epoch: set())
        assert safe == [EpochId(heals.id if lacks else above.id)]
        third = history.rekey("ana")
        safe = coverage.safe(view_of(taken_in(history)), lambda epoch: set())
        assert safe == [EpochId(third.id)], "above both"
