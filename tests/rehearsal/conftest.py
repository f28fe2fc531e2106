"""Rehearsals that leave nothing behind, in a folder of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import meshcoal


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to stand in, an empty one for temporary files, and no home of the user's."""
    here = tmp_path / "here"
    here.mkdir()
    temporary = tempfile.mkdtemp(prefix="mc-")  # short: a socket's path is
    monkeypatch.setenv("TMPDIR", temporary)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("PYTHONPATH", str(Path(meshcoal.__path__[0]).parent))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("MESHCOAL_HOME", str(tmp_path / "nobody" / "home"))
    monkeypatch.chdir(here)
    yield here
    left = [path.name for path in Path(temporary).iterdir()]
    shutil.rmtree(temporary)
    assert left == []
    assert not (tmp_path / "nobody").exists()
