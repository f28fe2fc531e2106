"""Python's search for objects that only hold each other, kept from stopping the node.

Law: a whole search looks at every object there is, some 40 ms with an open store, and whoever talks waits for
it. What stands once a node is up stays until it is locked, so it is looked at once and then left out; what
comes later is looked at as ever, but not as often: a node at work makes thousands of objects a second that
hold nothing but what they need.
"""

from __future__ import annotations

import gc
from typing import Final

_USUAL: Final = gc.get_threshold()
YOUNG_MAX: Final = (
    2_000  # objects made and still there, until the youngest are looked at: a millisecond or two
)


def leave_out() -> None:
    """A node is up: what there is now is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, *_USUAL[1:])


def take_back() -> None:
    """The node is gone: what was left out is looked at again, and goes."""
    gc.set_threshold(*_USUAL)
    gc.unfreeze()
