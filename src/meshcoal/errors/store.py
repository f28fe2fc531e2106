"""The disk. Stop, say how to recover, harm nothing.

Law: as in `meshcoal.errors`, of which this is a part.
"""

from __future__ import annotations

from meshcoal.errors.base import MeshcoalError


class StoreError(MeshcoalError):
    code = "store"
    exit_code = 4


class WrongPassphrase(StoreError):
    code = "wrong-passphrase"
    exit_code = 3


class Corrupt(StoreError):
    """A file is truncated or damaged."""

    code = "corrupt"


class SchemaTooNew(StoreError):
    """The store was written by a newer meshcoal."""

    code = "schema-too-new"


class DiskFull(StoreError):
    code = "disk-full"


class ReadOnly(StoreError):
    """The directory or file cannot be written."""

    code = "read-only"
