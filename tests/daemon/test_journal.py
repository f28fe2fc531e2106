"""The log file: places, never content."""

from __future__ import annotations

import stat
from pathlib import Path

from meshcoal.daemon import journal
from meshcoal.daemon.journal import FILE_BYTES_MAX, FILE_NAME, Journal


def fail(secret: str) -> None:
    raise ValueError(secret)


def test_a_bug_is_placed_and_not_quoted(tmp_path: Path) -> None:
    """Goal: a log can be sent to a stranger. Method: an exception whose text is a secret, in a group."""
    log = Journal(tmp_path)
    try:
        fail("Ana is in cell four")
    except ValueError as exc:
        log.bug(ExceptionGroup("Ana", [exc]))
    log.close()
    text = (tmp_path / FILE_NAME).read_text()
    assert "Ana" not in text
    assert "bug ValueError test_journal.py:" in text
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_the_log_stays_small(tmp_path: Path) -> None:
    """Goal: bounded. Method: write four times the bound, look at all files."""
    log = Journal(tmp_path)
    for _ in range(4 * FILE_BYTES_MAX // 1_000):
        log.note("x" * 1_000)
    log.close()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert sum(sizes) <= 2 * FILE_BYTES_MAX


def test_a_line_with_foreign_letters_is_flattened(tmp_path: Path) -> None:
    """Goal: nothing in the log acts on a terminal or breaks a line's encoding. Method: non-ASCII."""
    log = journal.Journal(tmp_path)
    log.note("code \u202e\u00e9")
    log.close()
    assert (tmp_path / FILE_NAME).read_bytes().isascii()
