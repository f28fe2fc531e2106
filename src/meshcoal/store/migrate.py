"""Brings a store to the newest layout, one numbered SQL file at a time.

Law: `PRAGMA user_version` is the number of the last file applied. Each file is one transaction; before a
store that somebody has used is touched, an encrypted copy is made, and it stays until all files are in.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meshcoal.errors import SchemaTooNew
from meshcoal.store import files
from meshcoal.store.database import Database

_NAME: Final = re.compile(r"(\d{4})_[a-z_]+\.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the layout."""

    number: int
    sql: str


@functools.cache
def migrations() -> tuple[Migration, ...]:
    """The steps that this program knows: 1, 2, 3 and so on without a gap."""
    found = []
    for entry in (importlib.resources.files("meshcoal.store") / "schema").iterdir():
        match = _NAME.fullmatch(entry.name)
        if match:
            found.append(Migration(number=int(match[1]), sql=entry.read_text(encoding="utf-8")))
    found.sort(key=lambda migration: migration.number)
    assert [step.number for step in found] == list(range(1, len(found) + 1)), "schema files count from 0001"
    assert found, "the schema files are part of the program"
    return tuple(found)


def migrate(database: Database, steps: Sequence[Migration]) -> None:
    """Applies the steps that are missing.

    Raises:
        SchemaTooNew: the store knows a step that we do not. It is left as it is.
        DiskFull, ReadOnly, StoreError: the step is undone, and the copy stays beside the store.
    """
    version = _version(database)
    newest = steps[-1].number
    if version > newest:
        raise SchemaTooNew(
            f"{database.path.name} was written by a newer meshcoal (layout {version}, "
            f"this one knows {newest}). Nothing was changed; install the newer version again."
        )
    if 0 < version < newest:
        _back_up(database, backup_path(database.path, version))
    for step in steps[version:]:
        try:
            # The number goes in with the change, so that no crash can leave one without the other.
            database.script(f"BEGIN IMMEDIATE;\n{step.sql}\nPRAGMA user_version = {step.number};\nCOMMIT;")
        finally:
            database.rollback()
    assert _version(database) == newest
    for old in range(1, newest):  # the one just made, and one left by a crash after the last commit
        with files.disk_errors(database.path.name):
            files.remove(backup_path(database.path, old))


def backup_path(path: Path, version: int) -> Path:
    """Where the copy of a store of layout `version` lies while it is being brought up to date."""
    return path.with_name(f"{path.name}.layout-{version:04d}")


def _version(database: Database) -> int:
    found = database.row("PRAGMA user_version")
    assert found is not None
    return int(found[0])


def _back_up(database: Database, target: Path) -> None:
    temporary = target.with_name(target.name + ".new")
    with files.disk_errors(target.name):
        try:
            database.copy_into(temporary)
            temporary.replace(target)
        finally:
            files.remove(temporary)
        files.sync_directory(target.parent)
