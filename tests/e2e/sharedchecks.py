"""What makes a world of many nodes cheap: they are in one process, and check the same signatures.

Whether a ring signature holds, and whether a tag is somebody's, follows from the bytes alone; so one check
serves all nodes that are given the same bytes. What does not hold is checked, and refused, at every node.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from meshcoal.crypto import ring


@contextmanager
def shared_checks() -> Iterator[None]:
    """Meanwhile, remember every ring signature and every opened tag that holds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ring, "verify", cache(ring.verify))
        patch.setattr(ring, "check_opening", cache(ring.check_opening))
        yield
