"""Where the rehearsal keeps its files: private, its own, and gone afterwards."""

from __future__ import annotations

import fcntl
import stat
import tempfile
from pathlib import Path

import pytest

from meshcoal.errors import BadArgument
from meshcoal.rehearsal import place
from meshcoal.rehearsal.place import Place


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_temporary_place_is_private_and_goes(base: Path) -> None:
    """Goal: nobody reads it, nothing stays. Method: make one, look at its mode, clear it twice."""
    one = Place(None)
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700
    (one.home("Ana") / "more").mkdir(parents=True)
    assert one.home("Ana").parent == one.folder
    one.clear((one.home("Ana"),))
    one.clear(())
    assert list(base.iterdir()) == []


def test_what_a_killed_rehearsal_left_is_swept(base: Path) -> None:
    """Goal: a killed one leaves its files for a while only. Method: leave some without a lock held."""
    dead = base / f"{place.PREFIX}dead"
    dead.mkdir(mode=0o700)
    (dead / place.LOCK_NAME).touch()
    (dead / "vault").write_bytes(b"x")
    one = Place(None)
    assert list(base.iterdir()) == [one.folder]
    one.clear(())


def test_a_living_rehearsal_is_left_alone(base: Path) -> None:
    """Goal: two at once do not clash. Method: two places, one cleared; one half made; one of another kind."""
    one = Place(None)
    half = base / f"{place.PREFIX}half"
    half.mkdir(mode=0o700)
    other = base / "somebody-else"
    other.mkdir()
    (other / place.LOCK_NAME).touch()
    two = Place(None)
    assert one.folder != two.folder
    two.clear(())
    assert one.folder.exists()
    assert half.exists()
    assert other.exists()
    one.clear(())


def test_a_folder_that_others_can_write_is_not_swept(base: Path) -> None:
    """Goal: nobody makes us remove files. Method: a folder of the right name, open to all."""
    trap = base / f"{place.PREFIX}trap"
    trap.mkdir()
    (trap / place.LOCK_NAME).touch()
    trap.chmod(0o777)
    link = base / f"{place.PREFIX}link"
    link.symlink_to(trap)
    place.sweep(base)
    assert trap.exists()
    assert link.is_symlink()


def test_a_place_taken_by_a_sweep_is_not_used(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: a sweep in the wrong moment harms nobody. Method: lock the first folder while it is made."""
    real, made = tempfile.mkdtemp, []

    def mkdtemp(prefix: str) -> str:
        folder = real(prefix=prefix)
        made.append(folder)
        if len(made) == 1:
            lock = (Path(folder) / place.LOCK_NAME).open("w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            held.append(lock)
        return folder

    held: list[object] = []
    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
    one = Place(None)
    assert [str(one.folder)] == made[1:]
    one.clear(())
    held[0].close()  # type: ignore[attr-defined]


def test_what_is_kept_stays_and_can_be_opened(tmp_path: Path) -> None:
    """Goal: --keep leaves everything. Method: keep, tell the passphrase, clear."""
    one = Place(tmp_path / "deep" / "kept")
    one.tell_passphrase("six words")
    one.clear((one.home("Ana"),))
    secret = one.folder / place.PASSPHRASE_NAME
    assert secret.read_text(encoding="utf-8") == "six words\n"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700


def test_nothing_is_kept_among_other_files(tmp_path: Path) -> None:
    """Goal: no file of the user's is mixed up. Method: a folder with something in it."""
    (tmp_path / "mine.txt").touch()
    with pytest.raises(BadArgument):
        Place(tmp_path)
