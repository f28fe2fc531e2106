"""Packed runs that came and are not taken in yet.

Law: a row is written before its run is acknowledged, and leaves in the transaction that takes it in: what was
spooled never travels twice, and is never taken in twice. The store does not look into a run.
"""

# ruff: noqa: S608 - SQL is put together from constants of this file only

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.ids import CampaignId
from meshcoal.log.changes import EraseSpooled, PutSpooled
from meshcoal.log.reader import SpooledRow
from meshcoal.store.database import Database

_CAMPAIGN: Final = "(SELECT number FROM campaigns WHERE id = ?)"


class Spool:
    """The writing half. Call inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, change: PutSpooled) -> None:
        self._database.write(
            "INSERT INTO campaigns (id) VALUES (?) ON CONFLICT DO NOTHING", (change.campaign,)
        )
        self._database.write(
            f"INSERT INTO spool (campaign, number, peer, ends, packed) VALUES ({_CAMPAIGN}, ?, ?, ?, ?)",
            (change.campaign, change.number, change.peer, change.ends, change.packed),
        )

    def erase(self, change: EraseSpooled) -> None:
        # Sealed operations, as they stand in the log from this step on: not worth sealing pages of zeros.
        self._database.rows("PRAGMA secure_delete = OFF")
        try:
            self._database.write(
                f"DELETE FROM spool WHERE campaign = {_CAMPAIGN} AND number = ?",
                (change.campaign, change.number),
            )
        finally:
            self._database.rows("PRAGMA secure_delete = ON")


class SpoolReader:
    """The reading half of `log.reader.LogReader`."""

    _database: Database

    def spooled(self, campaign: CampaignId) -> Sequence[SpooledRow]:
        rows = self._database.rows(
            "SELECT number, peer, length(packed), ends FROM spool "
            f"WHERE campaign = {_CAMPAIGN} ORDER BY number",
            (campaign,),
        )
        return [
            SpooledRow(number=number, peer=peer, size_bytes=size_bytes, ends=ends)
            for number, peer, size_bytes, ends in rows
        ]

    def spooled_run(self, campaign: CampaignId, number: int) -> bytes | None:
        found = self._database.row(
            f"SELECT packed FROM spool WHERE campaign = {_CAMPAIGN} AND number = ?", (campaign, number)
        )
        return None if found is None else found[0]
