"""Every type of message is sent twice, early, cut off, to another campaign and to another person."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from meshcoal.errors import all_errors
from meshcoal.group.pairwise import Form
from meshcoal.statement.model import Reason
from meshcoal.wire.frames import MESSAGES
from meshcoal.wire.operation import Kind

sys.path.insert(0, str(Path(__file__).parent))

from refusals import table
from refusalwork import ATTACKS, Apart, Cell, Harmless, Refused, Row, code_of, page

DOCS = Path(__file__).parents[2] / "docs"
ROWS = table()
TRIED = [
    pytest.param(row, cell, id=f"{row.name}, {attack}")
    for row in ROWS
    for attack, cell in zip(ATTACKS, row.cells, strict=True)
    if not isinstance(cell, Apart)
]


@pytest.mark.parametrize(("row", "cell"), TRIED)
def test_each_attack_ends_as_the_table_says(row: Row, cell: Cell) -> None:
    """Goal: misplaced messages are refused, each with its code. Method: make the attempt of the cell."""
    match cell:
        case Refused(code=code, attack=attack):
            assert code_of(attack) == code, row.name
        case Harmless(attack=attack):
            assert code_of(attack) == "taken", row.name  # and `attack` has asserted that nothing changed


def test_every_type_of_message_has_a_row() -> None:
    """Goal: nothing is added without being attacked. Method: compare with the kinds of operations, the forms
    of directs and the messages of a link."""
    covered = Counter(one for row in ROWS for one in row.covers)
    assert set(covered) == {*Kind, *Form, *MESSAGES.classes}
    assert max(covered.values()) == 1
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_one_code_for_two_attacks_has_a_reason() -> None:
    """Goal: a code of its own for each attack, as far as the receiver can tell. Method: in each row, where a
    code stands twice, look for the sentence that says why."""
    for row in ROWS:
        codes = Counter(cell.code for cell in row.cells if isinstance(cell, Refused))
        shared = [cell for cell in row.cells if isinstance(cell, Refused) and codes[cell.code] > 1]
        assert [cell.how for cell in shared if not cell.why] == [], row.name


def test_every_dash_has_a_reason() -> None:
    """Goal: nothing is left out in silence. Method: each cell that is not tried says why, in a sentence."""
    for row in ROWS:
        assert all(
            len(cell.why) > 8 and cell.why.endswith(".") for cell in row.cells if isinstance(cell, Apart)
        )


def test_codes_of_the_table_are_explained() -> None:
    """Goal: a reader finds each code. Method: each is an error's, or a finding or reason on its page."""
    known = {error.code for error in all_errors()}
    pages = "".join((DOCS / "protocol" / name).read_text("utf-8") for name in ("package.md", "statement.md"))
    wanted = {cell.code for row in ROWS for cell in row.cells if isinstance(cell, Refused)}
    wanted |= {str(reason) for reason in Reason}
    assert [code for code in sorted(wanted - known) if f"`{code}`" not in pages] == []


def test_the_page_is_this_table() -> None:
    """Goal: auditors read what is tried. Method: print the table and compare with docs/protocol."""
    assert (DOCS / "protocol" / "refusals.md").read_text(encoding="utf-8") == page(ROWS)
