"""The scan of a signature sheet: its digest, and the file for whoever wants the campaign to keep it.

Law: a picture loses what was written beside it (place, device, time) before its digest is made, so that the
digest is that of the file which the campaign keeps. Nothing is sent from here, and the file stays as it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from meshcoal.client.attaching import Prepared, prepare
from meshcoal.errors import BadArgument
from meshcoal.limits import ATTACHMENT_BYTES_MAX, MIB

_PART_BYTES = 1 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    digest: bytes  # SHA-256
    prepared: Prepared | None  # None: too large to be a file of the campaign


def scan_of(path: Path) -> Scan:
    """Read a scan. Raises `BadArgument` where it cannot be read, or is a picture that does not parse."""
    try:
        path = path.expanduser()
        if path.stat().st_size > ATTACHMENT_BYTES_MAX:
            return Scan(digest=file_digest(path), prepared=None)
    except (OSError, RuntimeError) as exc:
        reason = getattr(exc, "strerror", None) or "no such place"
        raise BadArgument(f"The scan cannot be read: {reason.lower()}.") from None
    prepared = prepare(path)
    return Scan(digest=hashlib.sha256(prepared.data).digest(), prepared=prepared)


def file_digest(path: Path) -> bytes:
    """SHA-256 of a file as it is, however large. Raises `BadArgument`."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_PART_BYTES):
                digest.update(part)
    except OSError as exc:
        raise BadArgument(f"The scan cannot be read: {(exc.strerror or 'unknown reason').lower()}.") from None
    return digest.digest()
