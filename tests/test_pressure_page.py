"""The page on pressure gives the bounds that the program has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from meshcoal import limits

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = (ROOT / "docs" / "internals" / "pressure.md").read_text(encoding="utf-8")
SECTIONS: Final = (
    "What a member may write before others go first (node.quota)",
    "Between the world and the core",
)


def test_every_number_on_the_page_is_the_programs() -> None:
    """Goal: the page is true. Method: compare each bound that is named with a number."""
    named = re.findall(r"`([A-Z][A-Z_]+)` ([0-9][0-9,]*)", PAGE)
    assert len(named) > 30
    wrong = [
        (name, number) for name, number in named if getattr(limits, name) != int(number.replace(",", ""))
    ]
    assert wrong == []


def test_every_bound_of_queues_and_quotas_is_on_the_page() -> None:
    """Goal: nobody adds a queue and forgets the page. Method: read the names under these headings of
    `limits.py`."""
    source = (ROOT / "src" / "meshcoal" / "limits.py").read_text(encoding="utf-8")
    blocks = {block.partition("\n")[0]: block for block in source.split("\n# ")}
    names = [name for one in SECTIONS for name in re.findall(r"^([A-Z_]+): Final", blocks[one], re.MULTILINE)]
    assert len(names) > 15
    assert [name for name in names if f"`{name}`" not in PAGE] == []
