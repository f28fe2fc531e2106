"""No name from outside picks where or what we write."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meshcoal.wire.filenames import FILE_NAME_CHARS_MAX, safe_file_name


@given(st.text(max_size=300))
@example("../../etc/passwd")
@example("con" + "x" * 300)
@example("a" * 98 + ".." + "b" * 50 + ".txt")
@example(".ssh/authorized_keys")
def test_any_name_becomes_one_harmless_component(text: str) -> None:
    """Goal: no separator, dot file, device or overlong name. Method: any text, and the result once more."""
    name = safe_file_name(text, "letter.txt")
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name)
    assert ".." not in name
    assert not name.endswith((".", "-"))
    assert len(name) <= FILE_NAME_CHARS_MAX
    assert safe_file_name(name, "letter.txt") == name
    assert name.split(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1", "lpt9"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Free Maryam.txt", "Free-Maryam.txt"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\x.exe", "C-Windows-x.exe"),
        (".bashrc", "bashrc"),
        ("NUL.txt", "file-NUL.txt"),
        ("Café Déjà.pdf", "Cafe-Deja.pdf"),
        ("آزادی", "letter.txt"),
        ("", "letter.txt"),
        ("x\x1b[2J\n.txt", "x-2J-.txt"),
    ],
)
def test_names_stay_recognisable(text: str, name: str) -> None:
    """Goal: a person finds the file again. Method: ordinary and hostile names."""
    assert safe_file_name(text, "letter.txt") == name


def test_a_long_name_keeps_its_suffix() -> None:
    """Goal: a cut file still opens. Method: 200 letters and a suffix."""
    name = safe_file_name("a" * 200 + ".tar.gz", "x")
    assert name.endswith(".tar.gz")
    assert len(name) == FILE_NAME_CHARS_MAX
