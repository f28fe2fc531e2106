"""A full or read-only disk is named, harms nothing, and work goes on when it is mended."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import meshcoal
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import DiskFull, StoreError
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB, ARGON2_PASSES_MIN
from meshcoal.log.changes import PutDocument
from meshcoal.store.store import Store
from meshcoal.store.vault import Vault

SOURCE = Path(meshcoal.__file__).parents[1]
PHRASE = "seven herons over the reservoir"
NEW_PHRASE = "nine quiet bicycles in the rain"
COSTS = {"memory_kib": ARGON2_MEMORY_MIN_KIB, "passes": ARGON2_PASSES_MIN}


def create(home: Path) -> bytes:
    with Vault.create(home, PHRASE, SeededEntropy(b"disk"), **COSTS) as data_key:
        return data_key.read()


def contents(home: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in home.iterdir() if entry.name != "filler"}


def filled(number: int) -> PutDocument:
    return PutDocument(space="settings", key=b"%04d" % number, value=bytes(10_000))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of 2 MiB on `folder`; False where this user may not mount one."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        yield False
        return
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Takes every byte that is left."""
    with contextlib.suppress(OSError), (folder / "filler").open("ab", buffering=0) as filler:
        while filler.write(bytes(4096)):
            pass


def test_full_disk(tmp_path: Path) -> None:
    """Goal: a full disk stops a step, not the store. Method: fill a tiny disk, or forbid the file to grow."""
    home = tmp_path / "disk" / "home"
    home.parent.mkdir()
    with small_disk(home.parent) as mounted:
        key = create(home)
        store = Store.open(home, key)
        store.commit([filled(0)])
        if mounted:
            fill(home.parent)
        else:
            store._database.rows("PRAGMA max_page_count = 40")
        held = 1
        while held < 1000:
            try:
                store.commit([filled(held)])
            except DiskFull:
                break
            held += 1
        with pytest.raises(DiskFull, match="Nothing saved before was harmed"):
            store.commit([filled(held)])
        expected = [b"%04d" % number for number in range(held)]
        assert [name for name, _ in store.reader.documents("settings")] == expected
        if mounted:
            (home.parent / "filler").unlink()
        else:
            store._database.rows("PRAGMA max_page_count = 100000")
        store.commit([filled(held)])
        store.close()
        store = Store.open(home, key)
        assert len(store.reader.documents("settings")) == held + 1
        store.close()


def run(script: str, home: Path, *, user: int | None = None) -> list[str]:
    """Runs a script in a process of its own and returns the words it printed; stderr must stay empty."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", PRELUDE + script, str(home), "" if user is None else str(user)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.split()


PRELUDE = f"""
import os, pathlib, resource, signal, sys
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.errors import StoreError
from meshcoal.log.changes import PutDocument
from meshcoal.store.migrate import migrations
from meshcoal.store.store import Store
from meshcoal.store.vault import Vault

home = pathlib.Path(sys.argv[1])
phrase, new_phrase, costs = {PHRASE!r}, {NEW_PHRASE!r}, {COSTS!r}
migrations()  # reads its files now: another user may not reach them
if sys.argv[2]:
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))

def attempt(act):
    try:
        act()
    except StoreError as exc:
        print(exc.code)
    else:
        print("done")

def change():
    Vault.change_passphrase(home, phrase, new_phrase, OsEntropy(), **costs)

def open_store():
    with Vault.open(home, phrase) as key:
        Store.open(home, key.read())
"""


def test_no_room_for_the_vault(tmp_path: Path) -> None:
    """Goal: a vault that cannot be rewritten stays as it was. Method: files may have ten bytes."""
    create(tmp_path)
    before = contents(tmp_path)
    script = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
attempt(change)
home = home / "new"
attempt(lambda: Vault.create(home, phrase, OsEntropy(), **costs))
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
attempt(lambda: Vault.create(home, phrase, OsEntropy(), **costs).close())
attempt(lambda: Vault.open(home, phrase).close())
"""
    refused, not_created, created, opened = run(script, tmp_path)
    assert refused == DiskFull.code
    assert not_created in (
        DiskFull.code,
        StoreError.code,
    )  # SQLite cannot tell this limit from a failing disk
    assert (created, opened) == ("done", "done")
    made = tmp_path / "new"
    assert sorted(contents(made)) == ["store.db", "vault"]
    shutil.rmtree(made)
    assert contents(tmp_path) == before


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that another user can reach; pytest's own are shut."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(folder)


def test_read_only(shared: Path) -> None:
    """Goal: each act on what cannot be written says read-only. Method: modes, and no root."""
    home = shared / "home"
    create(home)
    user = None
    if os.geteuid() == 0:  # modes do not bind root, so the process becomes nobody
        user = 65534
        for path in (shared, home, *home.iterdir()):
            os.chown(path, user, user)
    before = contents(home)
    home.chmod(0o500)
    assert run("attempt(change)\nattempt(open_store)", home, user=user) == ["read-only", "read-only"]
    home.chmod(0o700)
    (home / "store.db").chmod(0o400)
    assert run("attempt(open_store)", home, user=user) == ["read-only"]
    (home / "store.db").chmod(0o600)
    (home / "vault").chmod(0o000)
    assert run("attempt(open_store)", home, user=user) == ["read-only"]
    (home / "vault").chmod(0o600)
    shared.chmod(0o555)
    script = "home = home.parent / 'new'\nattempt(lambda: Vault.create(home, phrase, OsEntropy(), **costs))"
    assert run(script, home, user=user) == ["read-only"]
    shared.chmod(0o755)
    assert contents(home) == before
    assert sorted(entry.name for entry in shared.iterdir()) == ["home"]
    assert run("attempt(open_store)", home, user=user) == ["done"]
