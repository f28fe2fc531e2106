"""The layout moves forward by whole steps, with an encrypted copy kept until the last one is in."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from meshcoal.errors import Corrupt, DiskFull, SchemaTooNew
from meshcoal.log.changes import PutDocument
from meshcoal.store.database import Database
from meshcoal.store.migrate import Migration, backup_path, migrate, migrations
from meshcoal.store.store import STORE_NAME, Store

KEY = bytes(range(32))
SECOND = Migration(number=2, sql="CREATE TABLE drafts (row INTEGER PRIMARY KEY, text TEXT NOT NULL);")
THIRD = Migration(
    number=3, sql="INSERT INTO drafts (text) VALUES ('x'); ALTER TABLE drafts ADD COLUMN at_ms INTEGER;"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    Store.create(tmp_path, KEY)
    store = Store.open(tmp_path, KEY)
    store.commit([PutDocument(space="settings", key=b"k", value=b"precious")])
    store.close()
    return tmp_path


def names(home: Path) -> list[str]:
    return sorted(entry.name for entry in home.iterdir())


def version(database: Database) -> int:
    return int(database.rows("PRAGMA user_version")[0][0])


def test_steps_are_numbered() -> None:
    """Goal: the schema files count 1, 2, 3. Method: read those the program ships."""
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))


def test_two_steps_forward(home: Path) -> None:
    """Goal: missing steps are applied in order and the copy goes. Method: an old store and two new steps."""
    database = Database.open(home / STORE_NAME, KEY)
    migrate(database, [*migrations(), SECOND, THIRD])
    assert version(database) == 3
    assert database.rows("SELECT text, at_ms FROM drafts") == [("x", None)]
    assert database.rows("SELECT value FROM secrets") == [(b"precious",)]
    database.close()
    assert names(home) == [STORE_NAME]


def test_failed_step(home: Path) -> None:
    """Goal: a step that fails undoes itself, and the copy stays. Method: a bug in the middle of the third."""
    broken = Migration(number=3, sql="DELETE FROM secrets; DROP TABLE drafts; SELECT * FROM nowhere;")
    database = Database.open(home / STORE_NAME, KEY)
    with pytest.raises(dbapi2.OperationalError):
        migrate(database, [*migrations(), SECOND, broken])
    assert version(database) == 2
    assert database.rows("SELECT value FROM secrets") == [(b"precious",)]
    assert database.rows("SELECT count(*) FROM drafts") == [(0,)]
    database.close()

    backup = backup_path(home / STORE_NAME, 1)
    assert names(home) == sorted([STORE_NAME, backup.name])
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert b"precious" not in backup.read_bytes()
    with pytest.raises(Corrupt):
        Database.open(backup, bytes(32))
    kept = Database.open(backup, KEY)
    assert version(kept) == 1
    assert kept.rows("SELECT value FROM secrets") == [(b"precious",)]
    kept.close()

    again = Database.open(home / STORE_NAME, KEY)
    migrate(again, [*migrations(), SECOND, THIRD])
    assert version(again) == 3
    again.close()
    assert names(home) == [STORE_NAME]


def test_full_disk(home: Path) -> None:
    """Goal: a full disk in a step is DiskFull and harmless. Method: forbid the file to grow."""
    database = Database.open(home / STORE_NAME, KEY)
    pages = database.rows("PRAGMA page_count")[0][0]
    database.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull):
        migrate(database, [*migrations(), SECOND])
    assert version(database) == 1
    database.close()
    store = Store.open(home, KEY)
    assert store.reader.document("settings", b"k") == b"precious"
    store.close()


def test_newer_store(home: Path) -> None:
    """Goal: a store of a newer program is refused and unchanged. Method: raise its number, compare bytes."""
    database = Database.open(home / STORE_NAME, KEY)
    database.write("PRAGMA user_version = 99")
    database.close()
    before = (home / STORE_NAME).read_bytes()
    with pytest.raises(SchemaTooNew, match="layout 99"):
        Store.open(home, KEY)
    assert (home / STORE_NAME).read_bytes() == before
    assert names(home) == [STORE_NAME]


def test_copy_of_an_earlier_crash(home: Path) -> None:
    """Goal: a copy left by a crash is replaced by a fresh one. Method: leave noise under its name."""
    backup = backup_path(home / STORE_NAME, 1)
    backup.write_bytes(b"noise")
    backup.with_name(backup.name + ".new").write_bytes(b"noise")
    database = Database.open(home / STORE_NAME, KEY)
    migrate(database, [*migrations(), SECOND])
    assert version(database) == 2
    database.close()
    assert names(home) == [STORE_NAME]
