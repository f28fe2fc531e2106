"""One encrypted file: a wrong key, damage and a second user are refused in our own words and in silence."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import meshcoal
from meshcoal.errors import AlreadyRunning, Corrupt, DiskFull, StoreError
from meshcoal.log.changes import PutDocument
from meshcoal.store import database as database_module
from meshcoal.store import files
from meshcoal.store.database import PAGE_BYTES, Database
from meshcoal.store.store import STORE_NAME, Store

KEY = bytes(range(32))
WRONG_KEY = bytes(32)
SOURCE = Path(meshcoal.__file__).parents[1]


def names(home: Path) -> list[str]:
    return sorted(entry.name for entry in home.iterdir())


def filled(home: Path, documents: int = 60) -> Path:
    Store.create(home, KEY)
    store = Store.open(home, KEY)
    store.commit(
        [PutDocument(space="settings", key=b"%d" % number, value=bytes(1000)) for number in range(documents)]
    )
    store.close()
    return home


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("original"))


@pytest.fixture
def home(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "home")
    return tmp_path / "home"


def count(home: Path) -> int:
    store = Store.open(home, KEY)
    try:
        return len(store.reader.documents("settings"))
    finally:
        store.close()


def test_pragmas(home: Path) -> None:
    """Goal: what keeps the data safe is on. Method: ask SQLite itself."""
    database = Database.open(home / STORE_NAME, KEY)
    expected = {
        "journal_mode": "wal",
        "synchronous": 1,  # and `flush` where a step must outlive a power cut
        "secure_delete": 1,
        "temp_store": 2,
        "foreign_keys": 1,
        "locking_mode": "exclusive",
        "trusted_schema": 0,
        "page_size": PAGE_BYTES,
    }
    found = {name: str(database.rows(f"PRAGMA {name}")[0][0]) for name in expected}
    assert found == {name: str(value) for name, value in expected.items()}
    assert database.rows("PRAGMA cipher_integrity_check") == []
    database.close()


def watch_the_log(monkeypatch: pytest.MonkeyPatch, refuse: list[OSError]) -> list[str]:
    """Files whose content was made to outlive a power cut, in order; the disk fails as often as told."""
    synced: list[str] = []
    real = files.sync_file

    def sync_file(path: Path) -> None:
        if refuse:
            raise refuse.pop()
        real(path)
        synced.append(path.name)

    monkeypatch.setattr(files, "sync_file", sync_file)
    return synced


def test_a_lasting_step_takes_all_before_it_to_the_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: one flush for many steps, none for nothing. Method: count what is made to outlive a power cut."""
    store = Store.open(home, KEY)
    synced = watch_the_log(monkeypatch, [])
    for number in range(3):
        store.begin()
        store.apply([PutDocument(space="settings", key=b"more-%d" % number, value=b"")])
        store.commit_step(lasting=False)
    assert synced == []
    for _ in range(2):  # the second has nothing to add
        store.begin()
        store.commit_step()
        assert synced == [STORE_NAME + "-wal"]
    store.commit([PutDocument(space="settings", key=b"more-3", value=b"")])
    assert len(synced) == 2
    store.close()
    assert count(home) == 64


def held_by_a_copy(home: Path, name: str) -> int:
    """What whoever opens the files finds if the process dies now."""
    copy = home.parent / name
    copy.mkdir()
    for path in home.iterdir():
        shutil.copy(path, copy)
    return count(copy)


def test_steps_that_need_not_last_are_kept_back_and_undone_one_by_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: one commit for many, and each still a step. Method: copies of files; one undone between."""
    monkeypatch.setattr(database_module, "AFLOAT_MAX", 4)

    def put(number: int) -> PutDocument:
        return PutDocument(space="settings", key=b"more-%d" % number, value=b"")

    store = Store.open(home, KEY)
    for number in range(3):
        store.begin()
        store.apply([put(number)])
        store.commit_step(lasting=False)
        store.begin()
        store.apply([put(100 + number)])
        store.rollback()
    assert len(store.reader.documents("settings")) == 63
    assert held_by_a_copy(home, "crashed") == 60
    for number in range(3, 5):
        store.begin()
        store.apply([put(number)])
        store.commit_step(lasting=False)
    assert held_by_a_copy(home, "bounded") == 65, "not more than so many are kept back"
    for number in range(5, 7):
        store.begin()
        store.apply([put(number)])
        store.commit_step(lasting=number == 6)
    assert held_by_a_copy(home, "lasting") == 67
    store.begin()
    store.apply([put(7)])
    store.commit_step(lasting=False)
    store.tidy()
    assert held_by_a_copy(home, "tidied") == 68
    store.begin()
    store.apply([put(8)])
    store.commit_step(lasting=False)
    store.close()
    assert count(home) == 69


def test_no_more_rows_are_kept_back_than_are_sealed_in_a_moment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: who must wait for a commit does not wait for much. Method: steps of five rows, nine kept back."""
    monkeypatch.setattr(database_module, "AFLOAT_ROWS_MAX", 10)
    store = Store.open(home, KEY)
    found = []
    for step in range(4):
        store.begin()
        store.apply(
            [PutDocument(space="settings", key=b"more-%d-%d" % (step, one), value=b"") for one in range(5)]
        )
        store.commit_step(lasting=False)
        found.append(held_by_a_copy(home, f"step-{step}"))
    assert found == [60, 70, 70, 80]
    store.close()


def test_half_of_something_stays_with_the_other_half_or_goes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: what a later step completes is never on the disk without it. Method: copies of files; the second
    half comes, or the store is closed first, or the second half is undone."""
    monkeypatch.setattr(database_module, "AFLOAT_MAX", 2)

    def put(store: Store, number: int, *, whole: bool) -> None:
        store.begin()
        store.apply([PutDocument(space="settings", key=b"more-%d" % number, value=b"")])
        store.commit_step(lasting=False, whole=whole)

    store = Store.open(home, KEY)
    for number in range(5):
        put(store, number, whole=False)
        assert held_by_a_copy(home, f"half-{number}") == 60
    assert store.tidy(), "it is asked again soon"
    put(store, 5, whole=True)
    assert held_by_a_copy(home, "whole") == 66
    put(store, 6, whole=False)
    store.begin()
    store.apply([PutDocument(space="settings", key=b"more-7", value=b"")])
    store.rollback()
    assert len(store.reader.documents("settings")) == 66
    put(store, 8, whole=False)
    store.close()
    assert count(home) == 66


def test_a_step_that_may_not_be_on_the_disk_ends_the_use_of_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: no second try that only seems to succeed. Method: the disk fails once, behind the commit."""
    store = Store.open(home, KEY)
    watch_the_log(monkeypatch, [OSError(errno.EIO, "broken")])
    with pytest.raises(StoreError, match="did not do"):
        store.commit([PutDocument(space="settings", key=b"k", value=b"v")])
    with pytest.raises(StoreError, match="did not do"):
        store.begin()
    store.close()
    assert count(home) in (60, 61)


def test_wrong_key(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Goal: a wrong key is refused, the file unchanged and stderr silent. Method: bytes before and after."""
    before = (home / STORE_NAME).read_bytes()
    with pytest.raises(Corrupt, match="left as it is"):
        Store.open(home, WRONG_KEY)
    assert (home / STORE_NAME).read_bytes() == before
    assert names(home) == [STORE_NAME]
    assert count(home) == 60
    assert capfd.readouterr() == ("", "")


def test_wrong_key_beside_a_log(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Goal: a wrong key loses nothing that only the log holds. Method: copy the files of an open store."""
    store = Store.open(home, KEY)
    store.commit([PutDocument(space="settings", key=b"in the log", value=b"")])
    crashed = home.with_name("crashed")
    shutil.copytree(home, crashed)
    store.close()
    with pytest.raises(Corrupt):
        Store.open(crashed, WRONG_KEY)
    assert count(crashed) == 61
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("cut", [0, 1, 100, 4095, 4096, 8192, -4096, -1], ids=str)
def test_truncated(home: Path, cut: int, capfd: pytest.CaptureFixture[str]) -> None:
    """Goal: a store cut short is Corrupt and stays as it is. Method: sizes from nothing to all but a byte."""
    path = home / STORE_NAME
    size = path.stat().st_size
    os.truncate(path, cut % size if cut < 0 else cut)
    before = path.read_bytes()
    with pytest.raises(Corrupt, match="backup"):
        Store.open(home, KEY)
    assert path.read_bytes() == before
    assert capfd.readouterr() == ("", "")


def test_missing(home: Path) -> None:
    """Goal: a lost store is not quietly replaced by an empty one. Method: remove it."""
    (home / STORE_NAME).unlink()
    with pytest.raises(Corrupt, match="missing"):
        Store.open(home, KEY)
    assert names(home) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_page(original: Path, draw: st.DataObject) -> None:
    """Goal: a flipped bit gives Corrupt or the right answer. Method: anywhere in the file."""
    whole = (original / STORE_NAME).read_bytes()
    at = draw.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + bytes([whole[at] ^ 1 << draw.draw(st.integers(0, 7))]) + whole[at + 1 :]
    home = original.with_name("damaged")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    (home / STORE_NAME).write_bytes(damaged)
    with contextlib.suppress(Corrupt):
        assert count(home) == 60
    assert (home / STORE_NAME).read_bytes() == damaged


def test_foreign_files(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Goal: a file that is not ours is refused and kept. Method: noise, and an unencrypted SQLite header."""
    for content in (os.urandom(5 * PAGE_BYTES), b"SQLite format 3\x00" + bytes(2 * PAGE_BYTES - 16)):
        (home / STORE_NAME).write_bytes(content)
        with pytest.raises(Corrupt):
            Store.open(home, KEY)
        assert (home / STORE_NAME).read_bytes() == content
    assert capfd.readouterr() == ("", "")


def test_silence_while_reading_damage(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Goal: damage met after opening is an error and not a line on the screen. Method: spoil a leaf page."""
    path = home / STORE_NAME
    data = bytearray(path.read_bytes())
    for page in range(len(data) // 2 // PAGE_BYTES, len(data) // PAGE_BYTES):
        data[page * PAGE_BYTES + 100] ^= 1
    path.write_bytes(data)
    store = Store.open(home, KEY)
    with pytest.raises(Corrupt):
        store.reader.documents("settings")
    store.close()
    assert path.read_bytes() == data
    assert capfd.readouterr() == ("", "")


def test_second_user(home: Path) -> None:
    """Goal: a store in use is refused to others. Method: from another process, and from this one."""
    store = Store.open(home, KEY)
    script = (
        "import sys, pathlib\n"
        "from meshcoal.store.store import Store\n"
        "from meshcoal.errors import AlreadyRunning\n"
        "try:\n"
        "    Store.open(pathlib.Path(sys.argv[1]), bytes(range(32)))\n"
        "except AlreadyRunning:\n"
        "    print('refused')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", script, str(home)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("refused\n", "")
    with pytest.raises(AlreadyRunning):
        Store.open(home, KEY)
    store.close()
    assert count(home) == 60


def test_one_thread(home: Path) -> None:
    """Goal: use from another thread is a bug that shows at once. Method: read and write from a second one."""
    store = Store.open(home, KEY)
    seen: list[type[BaseException]] = []

    def meddle() -> None:
        acts: list[Callable[[], object]] = [
            lambda: store.reader.document("settings", b"1"),
            store.begin,
            store.close,
        ]
        for act in acts:
            try:
                act()
            except AssertionError as exc:
                seen.append(type(exc))

    thread = threading.Thread(target=meddle)
    thread.start()
    thread.join()
    assert seen == [AssertionError] * 3
    assert store.reader.document("settings", b"1") == bytes(1000)
    store.close()
    assert count(home) == 60


def test_no_room_left(home: Path) -> None:
    """Goal: SQLite's own `full` is DiskFull and the step undone. Method: forbid the file to grow."""
    store = Store.open(home, KEY)
    pages = store._database.rows("PRAGMA page_count")[0][0]
    store._database.rows(f"PRAGMA max_page_count = {pages}")
    big = [PutDocument(space="settings", key=b"big", value=bytes(100_000))]
    with pytest.raises(DiskFull, match="free some space"):
        store.commit(big)
    assert store.reader.document("settings", b"big") is None
    assert len(store.reader.documents("settings")) == 60
    store._database.rows("PRAGMA max_page_count = 100000")
    store.commit(big)
    store.close()
    assert count(home) == 61


def test_store_files_are_private(tmp_path: Path) -> None:
    """Goal: the store and its log are for their owner only. Method: modes while open, under an open umask."""
    before = os.umask(0)
    try:
        filled(tmp_path)
        store = Store.open(tmp_path, KEY)
        store.commit([PutDocument(space="settings", key=b"k", value=b"v")])
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in tmp_path.iterdir()}
        assert modes == {"store.db": 0o600, "store.db-wal": 0o600}
        store.close()
    finally:
        os.umask(before)
    assert names(tmp_path) == ["store.db"]


def test_odd_folder_names(tmp_path: Path) -> None:
    """Goal: a folder's name is never read as an option. Method: marks that URIs and SQL use."""
    home = tmp_path / "file:a?mode=memory#'\"% ü"
    home.mkdir()
    filled(home)
    assert names(home) == [STORE_NAME]
    assert count(home) == 60


def test_interrupted_creation(tmp_path: Path) -> None:
    """Goal: leftovers of a creation that was cut short are no obstacle. Method: leave them, create again."""
    (tmp_path / "store.db.new").write_bytes(b"half a page")
    (tmp_path / "store.db.new-wal").write_bytes(b"half a log")
    filled(tmp_path)
    assert names(tmp_path) == [STORE_NAME]
    with pytest.raises(AssertionError):
        Store.create(tmp_path, KEY)


def test_failing_disk_is_named(home: Path) -> None:
    """Goal: a failure under SQLite is named and harmless. Method: a limit on the size of files, for real."""
    script = (
        "import resource, signal, sys, pathlib\n"
        "from meshcoal.store.store import Store\n"
        "from meshcoal.errors import StoreError\n"
        "from meshcoal.log.changes import PutDocument\n"
        "store = Store.open(pathlib.Path(sys.argv[1]), bytes(range(32)))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n"
        "    store.commit([PutDocument(space='settings', key=b'big', value=bytes(500_000))])\n"
        "except StoreError as exc:\n"
        "    print(exc.code)\n"
        "print(len(store.reader.documents('settings')))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", script, str(home)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [StoreError.code, "60"]
    assert done.stderr == ""
    assert count(home) == 60
