"""Beacons: what a node says on a local network so that those it knows find it, and nobody else.

Law: an announcement is 80 bytes that are uniform to whoever knows none of the doors behind it: a nonce and
eight beacons, those without a door random. A beacon is made from a door's secret, so it is told by exactly
those who may knock there, and it says whose door it is. Another nonce, and nothing is the same.

Ours, unreviewed. docs/protocol/nearby.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import derive
from meshcoal.errors import MalformedAnnouncement
from meshcoal.sync.knock import Door, door_secret

NONCE_BYTES: Final = 16
BEACON_BYTES: Final = 8
BEACONS: Final = 8
ANNOUNCEMENT_BYTES: Final = NONCE_BYTES + BEACONS * BEACON_BYTES

_BEACON_LABEL: Final = b"meshcoal nearby beacon 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What is said on the network: 16 bytes of chance, and eight beacons of 8 bytes in any order."""

    nonce: bytes
    beacons: tuple[bytes, ...]

    def encode(self) -> bytes:
        """80 bytes."""
        return self.nonce + b"".join(self.beacons)

    def is_of(self, secret: bytes) -> bool:
        """Whether one of the beacons is of the door with this secret (`knock.door_secret`)."""
        return beacon(secret, self.nonce) in self.beacons


def decode_announcement(data: bytes) -> Announcement:
    """Raises `MalformedAnnouncement`: not 80 bytes. Any 80 bytes are one."""
    if len(data) != ANNOUNCEMENT_BYTES:
        raise MalformedAnnouncement("an announcement has another size")
    beacons = [data[at : at + BEACON_BYTES] for at in range(NONCE_BYTES, ANNOUNCEMENT_BYTES, BEACON_BYTES)]
    return Announcement(nonce=data[:NONCE_BYTES], beacons=tuple(beacons))


def beacon(secret: bytes, nonce: bytes) -> bytes:
    """Of a door, given its secret of 32 bytes and the announcement's nonce of 16: 8 bytes."""
    return derive(secret, _BEACON_LABEL, nonce, BEACON_BYTES)


def announce(doors: Sequence[Door], entropy: Entropy) -> Announcement:
    """An announcement of up to eight doors, under a fresh nonce; random bytes stand for those that lack."""
    assert len(doors) <= BEACONS, "the others have their turn later"
    nonce = entropy.take(NONCE_BYTES)
    beacons = [beacon(secret, nonce) for secret in _secrets(doors)]
    beacons += [entropy.take(BEACON_BYTES) for _ in range(BEACONS - len(beacons))]
    # In an order of chance: a place would tell which door it is, and sorted ones are not uniform.
    drawn = sorted([(entropy.take(BEACON_BYTES), one) for one in beacons])
    return Announcement(nonce=nonce, beacons=tuple([one for _, one in drawn]))


def _secrets(doors: Iterable[Door]) -> list[bytes]:
    return [door_secret(door.pattern, door.psk, door.static.public) for door in doors]
