"""Who was handed keys is known in the end, also of people who become known only later."""

from __future__ import annotations

import hashlib

from meshcoal.group import keyring
from meshcoal.group.agreement import tag_of
from meshcoal.group.keyring import Keyring, Unnamed
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import UNNAMED_MAX


def digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


CAMPAIGN = CampaignId(digest("campaign"))
ANA, BEN, CHI = (AuthorId(digest(name)) for name in ("ana", "ben", "chi"))
FIRST, SECOND = EpochId(digest("first")), EpochId(digest("second"))
SALT = bytes(16)


def tag(member: AuthorId) -> bytes:
    return tag_of(CAMPAIGN, ANA, SALT, member)


def unnamed(*members: AuthorId) -> Unnamed:
    return Unnamed(
        author=ANA, salt=SALT, unclaimed=tuple(map(tag, members)), handed=(FIRST,), carried=(SECOND,)
    )


def named(ring: Keyring, member: AuthorId) -> Keyring:
    return keyring.name(ring, member, lambda one: tag_of(CAMPAIGN, AuthorId(one.author), one.salt, member))


def test_who_becomes_known_was_handed_what_their_tag_says() -> None:
    """Goal: coverage is complete in the end. Method: two tags of strangers; each is named, and a third."""
    operation = OperationId(digest("operation"))
    ring = keyring.note_unnamed(Keyring(campaign=CAMPAIGN, me=ANA), operation, unnamed(BEN, CHI))
    ring = keyring.cover(ring, FIRST, [ANA])
    assert named(ring, AuthorId(digest("dov"))) == ring
    one = named(ring, BEN)
    assert (one.epochs[FIRST].covered, one.epochs[SECOND].readers) == (tuple(sorted([ANA, BEN])), (BEN,))
    assert one.unnamed[operation].unclaimed == (tag(CHI),)
    assert named(one, BEN) == one
    both = named(one, CHI)
    assert both.epochs[SECOND].readers == tuple(sorted([BEN, CHI]))
    assert both.unnamed == {}
    assert ring.unnamed[operation] == unnamed(BEN, CHI), "a keyring is a value"


def test_strangers_are_remembered_up_to_a_bound() -> None:
    """Goal: bounded memory. Method: one operation more than fits; the oldest is gone."""
    ring = Keyring(campaign=CAMPAIGN, me=ANA)
    ids = [OperationId(digest(f"operation {number}")) for number in range(UNNAMED_MAX + 1)]
    for one in ids:
        ring = keyring.note_unnamed(ring, one, unnamed(BEN))
    assert list(ring.unnamed) == ids[1:]
    assert named(ring, BEN).unnamed == {}
