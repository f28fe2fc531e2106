"""Beacons: told by those who may knock, and by nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import MalformedAnnouncement
from meshcoal.sync.knock import Door, Pattern, campaign_psk, contact_psk, door_secret
from meshcoal.sync.nearby import ANNOUNCEMENT_BYTES, BEACONS, announce, beacon, decode_announcement

ENTROPY = SeededEntropy(b"nearby")


def doors(count: int) -> list[Door]:
    return [
        Door(
            name=("campaign", bytes([place])),
            pattern=Pattern.KNOWN,
            static=AgreementKey(ENTROPY.take(32)),
            psk=campaign_psk(ENTROPY.take(32)),
        )
        for place in range(count)
    ]


def secret_of(door: Door) -> bytes:
    return door_secret(door.pattern, door.psk, door.static.public)


@pytest.mark.parametrize("count", range(BEACONS + 1))
def test_each_door_is_told_and_no_other(count: int) -> None:
    """Goal: who may knock finds it. Method: announce some doors, ask for these and for others."""
    mine, others = doors(count), doors(20)
    said = announce(mine, ENTROPY)
    assert all(said.is_of(secret_of(door)) for door in mine)
    assert not any(said.is_of(secret_of(door)) for door in others)
    assert decode_announcement(said.encode()) == said
    assert len(said.encode()) == ANNOUNCEMENT_BYTES


def test_the_secret_and_the_key_of_the_owner_are_both_needed() -> None:
    """Goal: a beacon says whose door it is. Method: the same campaign with another link key; another psk."""
    (door,) = doors(1)
    said = announce([door], ENTROPY)
    other = AgreementKey(ENTROPY.take(32))
    assert not said.is_of(door_secret(door.pattern, door.psk, other.public))
    assert not said.is_of(door_secret(door.pattern, contact_psk(bytes(32)), door.static.public))
    assert not said.is_of(door_secret(Pattern.INVITATION, door.psk, door.static.public))


def test_two_announcements_of_the_same_doors_share_nothing() -> None:
    """Goal: nobody follows a node from one to the next. Method: a hundred of the same doors."""
    mine = doors(3)
    parts: list[bytes] = []
    for _ in range(100):
        said = announce(mine, ENTROPY)
        parts += [said.nonce, *said.beacons]
    assert len(set(parts)) == len(parts)


def test_a_place_tells_nothing() -> None:
    """Goal: not which beacon is of a door, not in which order. Method: where a door's beacon stands."""
    (door,) = doors(1)
    places = [0] * BEACONS
    ascending = 0
    for _ in range(400):
        said = announce([door], ENTROPY)
        (place,) = [at for at in range(BEACONS) if said.beacons[at] == beacon(secret_of(door), said.nonce)]
        places[place] += 1
        ascending += list(said.beacons) == sorted(said.beacons)
    assert min(places) > 20, "each place now and then (50 expected)"
    assert ascending < 5


@given(st.binary(max_size=200))
def test_any_bytes_are_an_announcement_or_refused(data: bytes) -> None:
    """Goal: total. Method: random bytes."""
    if len(data) == ANNOUNCEMENT_BYTES:
        assert decode_announcement(data).encode() == data
        return
    with pytest.raises(MalformedAnnouncement):
        decode_announcement(data)
