"""Files are whole, private, and replaced without leaving the old bytes behind."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcoal.errors import ReadOnly, StoreError
from meshcoal.store import files


def names(home: Path) -> list[str]:
    return sorted(entry.name for entry in home.iterdir())


@pytest.fixture(params=[0o000, 0o022, 0o277], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_modes(tmp_path: Path) -> None:
    """Goal: files are 0600 and the directory 0700 under any umask. Method: an open, a usual, a strict one."""
    home = tmp_path / "home"
    files.make_private_directory(home)
    assert files.write_whole(home / "vault", b"secret", replace=False)
    assert mode(home) == 0o700
    assert mode(home / "vault") == 0o600


def test_directory_is_shut(tmp_path: Path) -> None:
    """Goal: a folder that others could enter is shut. Method: make it twice, open in between."""
    home = tmp_path / "above" / "home"
    files.make_private_directory(home)
    home.chmod(0o755)
    files.make_private_directory(home)
    assert mode(home) == 0o700


def test_not_replaced(tmp_path: Path) -> None:
    """Goal: a file that is there is not stepped on. Method: write twice without leave to replace."""
    path = tmp_path / "vault"
    assert files.write_whole(path, b"first", replace=False)
    assert not files.write_whole(path, b"second", replace=False)
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["vault"]


def test_replaced_file_is_overwritten(tmp_path: Path) -> None:
    """Goal: what was replaced is gone from its blocks. Method: keep the old file open and read it after."""
    path = tmp_path / "vault"
    files.write_whole(path, b"old slot " * 100, replace=False)
    with path.open("rb") as old:
        assert files.write_whole(path, b"new slot", replace=True)
        assert old.read() == bytes(900)
    assert path.read_bytes() == b"new slot"
    assert names(tmp_path) == ["vault"]


def test_linked_backup_is_kept(tmp_path: Path) -> None:
    """Goal: somebody's hard-linked backup is not wiped. Method: link, replace, read the link."""
    path = tmp_path / "vault"
    files.write_whole(path, b"old", replace=False)
    os.link(path, tmp_path / "backup")
    files.write_whole(path, b"new", replace=True)
    assert (tmp_path / "backup").read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_leftover_of_an_interruption(tmp_path: Path) -> None:
    """Goal: half a file from a crash is no obstacle. Method: leave one under the temporary name."""
    (tmp_path / "vault.new").write_bytes(b"half")
    assert files.write_whole(tmp_path / "vault", b"whole", replace=True)
    assert names(tmp_path) == ["vault"]


def test_disk_errors_are_named() -> None:
    """Goal: each failure of the system is one of ours, with what to do. Method: raise the system's own."""
    with pytest.raises(ReadOnly, match="vault cannot be opened"), files.disk_errors("vault"):
        raise PermissionError(13, "Permission denied")
    with pytest.raises(StoreError, match="unharmed") as caught, files.disk_errors("vault"):
        raise OSError(5, "Input/output error")
    assert caught.value.code == "store"


def test_directory_in_the_way(tmp_path: Path) -> None:
    """Goal: a file where the folder should be is an error of ours. Method: put one there."""
    (tmp_path / "home").write_bytes(b"")
    with pytest.raises(StoreError):
        files.make_private_directory(tmp_path / "home")
