"""Every context in the source is in the one table, and no two uses share one; chance has one door."""

from __future__ import annotations

import ast
import pathlib
import re

ROOT = pathlib.Path(__file__).parent.parent.parent
SOURCE = ROOT / "src" / "meshcoal"
TABLE = ROOT / "docs" / "protocol" / "contexts.md"
LABEL = re.compile(rb"meshcoal[ -]")


def labels_in_source() -> dict[bytes, set[str]]:
    """Byte strings that begin as our contexts do -> the files they stand in."""
    found: dict[bytes, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, bytes) and LABEL.match(node.value):
                found.setdefault(node.value, set()).add(path.relative_to(SOURCE).as_posix())
    return found


def rows() -> list[tuple[bytes, str]]:
    """(context, file) of each row of the table; contexts are escaped as in the source."""
    found = re.findall(r"^\| `(meshcoal[^`]*)` \| .*? \| `([^`]*)` \|$", TABLE.read_text(), re.MULTILINE)
    return [(ast.literal_eval(f"b'{label}'"), file) for label, file in found]


def test_every_context_is_in_the_table_and_nothing_else() -> None:
    """Goal: an auditor sees all uses of keys and hashes on one page. Method: compare source and table."""
    in_source = {(label, file) for label, files in labels_in_source().items() for file in files}
    assert in_source == set(rows())


def test_no_context_has_two_uses() -> None:
    """Goal: domain separation. Method: each context stands in one file, once in the table."""
    labels = [label for label, _ in rows()]
    assert len(labels) == len(set(labels)) > 10
    assert all(len(files) == 1 for files in labels_in_source().values())


def test_personalisations_are_sixteen_bytes() -> None:
    """Goal: BLAKE2b would pad a shorter one, and two could meet. Method: look at those with a hyphen."""
    assert {len(label) for label, _ in rows() if label.startswith(b"meshcoal-")} == {16}


def test_chance_has_one_door() -> None:
    """Goal: a seed reaches every random byte. Method: search the source for what would draw its own."""
    banned = re.compile(r"\.generate\(|SealedBox|nacl\.utils|urandom|getrandbits|\bsecrets\.token")
    found = [
        path.relative_to(SOURCE).as_posix()
        for path in sorted(SOURCE.rglob("*.py"))
        if banned.search(path.read_text())
    ]
    assert found == ["crypto/entropy.py"]
