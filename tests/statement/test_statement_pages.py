"""The protocol pages say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from meshcoal.statement.sentences import FINDINGS
from meshcoal.wire.bodies import BODIES
from meshcoal.wire.operation import Kind
from meshcoal.wire.public_text import RULES

ROOT = Path(__file__).parent.parent.parent
PAGES = ROOT / "docs" / "protocol"


def test_every_finding_is_on_the_page_and_nothing_else() -> None:
    """Goal: codes are stable and explained. Method: compare the table of sentences with the page's."""
    used = {key.partition(".")[0] for key in FINDINGS}
    page = (PAGES / "package.md").read_text(encoding="utf-8").split("## Checks")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    listed = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}
    assert len(used) > 15
    assert listed == used


def test_every_kind_is_on_both_pages() -> None:
    """Goal: no kind is forgotten. Method: look for number and name."""
    operations = (PAGES / "operation.md").read_text(encoding="utf-8")
    bodies = (PAGES / "bodies.md").read_text(encoding="utf-8")
    for kind in Kind:
        assert f"| {kind.value} | {kind.name.lower()} |" in operations
        assert f"\n| {kind.name.lower()} |" in bodies
        assert BODIES[kind].__name__ == f"{kind.name.title()}Body"


def test_the_rules_on_the_page_are_those_that_are_signed() -> None:
    """Goal: translators and auditors read the real rules. Method: look for each."""
    page = (PAGES / "statement.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"rule: {rule}" in page
