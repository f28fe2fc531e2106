"""Identifiers: 32 bytes each, told apart by type so that one kind cannot pass for another unseen."""

from __future__ import annotations

from typing import Final, NewType

ID_BYTES: Final = 32

CampaignId = NewType("CampaignId", bytes)  # id of the operation that founded it
OperationId = NewType("OperationId", bytes)  # BLAKE2b-256 over the header
AuthorId = NewType("AuthorId", bytes)  # Ed25519 public key of a persona's operation key
PersonId = NewType("PersonId", bytes)  # X25519 public key of a person's identity (link) key
LinkKey = NewType("LinkKey", bytes)  # X25519 public key that a link authenticates
EpochId = NewType("EpochId", bytes)  # id of the operation that began the epoch
Digest = NewType("Digest", bytes)  # SHA-256 over a frozen statement or a tally

NO_EPOCH: Final = EpochId(b"")
SHORT_HEX_CHARS: Final = 8


def short(identifier: bytes) -> str:
    """First eight hex digits: what logs and lists show."""
    return identifier[: SHORT_HEX_CHARS // 2].hex()
