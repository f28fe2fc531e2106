"""What Python looks at in search of garbage while a node is up."""

from __future__ import annotations

import gc

from meshcoal.daemon import garbage


def test_what_stands_is_left_out_until_the_node_is_gone() -> None:
    """Goal: no search through everything while somebody talks. Method: what Python says it left out, from the
    setting that the process began with, whatever tests before this one made of it."""
    was = gc.get_threshold()
    try:
        garbage.take_back()
        before, often = gc.get_freeze_count(), gc.get_threshold()
        garbage.leave_out()
        assert gc.get_freeze_count() > before
        assert gc.get_threshold() > often
        garbage.take_back()
        assert gc.get_freeze_count() == 0
        assert gc.get_threshold() == often
    finally:
        gc.set_threshold(*was)
