"""The whole table of refusals: rows of all parts, in the order of the page."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import hostile_files
import hostile_groups
import hostile_homes
import hostile_letters
import hostile_links
import hostile_operations
from refusalwork import Row


@functools.cache
def table() -> tuple[Row, ...]:
    return (
        *hostile_links.rows(),
        *hostile_files.files(),
        *hostile_groups.rows(),
        *hostile_operations.rows(),
        *hostile_letters.rows(),
        *hostile_homes.rows(),
    )
