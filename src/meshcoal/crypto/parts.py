"""Sealing one part of a bundle: a block of bytes that looks random to whoever is in none of its campaigns.

Law: from the first byte to the last a part is a salt, seals under keys derived with it, and nothing else: no
mark, no length, no number of readers can be seen without the campaign's id. Each part has a key of its own
and holds all that is needed to open it. Who knows the id sees that the part is of that campaign and how many
slots it has; only who holds a key of a slot opens it. Opening tries keys and is bounded by their number.

Ours, unreviewed; ChaCha20-Poly1305 (RFC 8439), BLAKE2b (RFC 7693) and HPKE with X-Wing inside.
docs/protocol/bundle.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto.agreement import SEALER_OVERHEAD_BYTES, SEALER_SEED_BYTES, Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import KEY_BYTES, NONCE_BYTES, TAG_BYTES, derive, seal, unseal
from meshcoal.errors import BadSeal
from meshcoal.limits import (
    BUNDLE_EPOCH_SLOTS,
    BUNDLE_MEMBER_SLOTS_MAX,
    BUNDLE_PART_BYTES,
    SLIP_CLASSES_BYTES,
)

_HEAD_CONTEXT: Final = b"meshcoal bundle head 1"
_EPOCH_CONTEXT: Final = b"meshcoal bundle slot 1"
_MEMBER_INFO: Final = b"meshcoal bundle key 1\x00"

PART_SIZES: Final = (*SLIP_CLASSES_BYTES, BUNDLE_PART_BYTES)  # on paper, and on a stick
SALT_BYTES: Final = 32
_COUNTS_BYTES: Final = 16  # version, member slots, zeros
_VERSION: Final = 1
_SLOTS_AT: Final = SALT_BYTES + _COUNTS_BYTES + TAG_BYTES
EPOCH_SLOT_BYTES: Final = KEY_BYTES + TAG_BYTES
MEMBER_SLOT_BYTES: Final = KEY_BYTES + SEALER_OVERHEAD_BYTES
MEMBER_SLOT_CLASSES: Final = (0, 1, 2, 4, 8, 16, BUNDLE_MEMBER_SLOTS_MAX)
_NONCES: Final = tuple([number.to_bytes(NONCE_BYTES, "big") for number in range(2)])
_ZERO_NONCE: Final = bytes(NONCE_BYTES)


def member_slots(members: int) -> int:
    """How many member slots a part has that is sealed to so many."""
    return next(count for count in MEMBER_SLOT_CLASSES if count >= members)


def part_room(members: int, part_bytes: int = BUNDLE_PART_BYTES) -> int:
    """How many bytes of content a part has that is sealed to so many members, filled up by the caller."""
    return part_bytes - _content_at(member_slots(members)) - TAG_BYTES


def _slots_bytes(slots: int) -> int:
    return BUNDLE_EPOCH_SLOTS * EPOCH_SLOT_BYTES + slots * MEMBER_SLOT_BYTES + TAG_BYTES


def _content_at(slots: int) -> int:
    return _SLOTS_AT + _slots_bytes(slots)


def seal_part(
    content: bytes,
    *,
    campaign: bytes,
    epochs: Sequence[bytes],
    members: Sequence[bytes],
    sealer: Sealer,
    entropy: Entropy,
) -> bytes:
    """One part, of one of `PART_SIZES`.

    Args:
        content: exactly `part_room(len(members), size)` bytes.
        campaign: 32 bytes; who does not know them sees noise.
        epochs: record keys of epochs, at most `BUNDLE_EPOCH_SLOTS`: whoever holds one of them opens it.
        members: sealing keys of members, at most `BUNDLE_MEMBER_SLOTS_MAX`.

    Raises:
        BadKey: a sealing key is not sound.
    """
    assert len(content) in [part_room(len(members), size) for size in PART_SIZES], "content fills the part"
    salt = entropy.take(SALT_BYTES)
    key = entropy.take(KEY_BYTES)
    count = member_slots(len(members))
    counts = bytes([_VERSION, count]).ljust(_COUNTS_BYTES, b"\x00")
    head = derive(campaign, _HEAD_CONTEXT, salt)
    lines = [seal(derive(record, _EPOCH_CONTEXT, salt), _ZERO_NONCE, key, b"") for record in epochs]
    lines += [entropy.take(EPOCH_SLOT_BYTES) for _ in range(BUNDLE_EPOCH_SLOTS - len(epochs))]
    info = _MEMBER_INFO + campaign + salt
    # To nobody, and made in the same way: what is sealed with X-Wing can be told from random bytes.
    nobody = [sealer.public_of(entropy.take(SEALER_SEED_BYTES)) for _ in range(count - len(members))]
    sealed = [sealer.seal(public, key, info) for public in (*members, *nobody)]
    slots = b"".join([*_shuffled(lines, entropy), *_shuffled(sealed, entropy)])
    return b"".join(
        (
            salt,
            seal(head, _NONCES[0], counts, b""),
            seal(head, _NONCES[1], slots, b""),
            seal(key, _ZERO_NONCE, content, salt),
        )
    )


def _shuffled(slots: list[bytes], entropy: Entropy) -> list[bytes]:
    """In an order that says nothing of who is who."""
    return [slot for _, slot in sorted([(entropy.take(8), slot) for slot in slots])]


@dataclass(slots=True)
class Locks:
    """What one campaign's member holds to open parts with. What opened last is tried first."""

    campaign: bytes
    records: list[bytes]  # keys of epochs, the newest first
    seeds: list[bytes]  # of sealing keys, the newest first
    _openers: dict[bytes, Callable[[bytes, bytes], bytes]] = field(default_factory=dict)

    def open(self, part: bytes, sealer: Sealer) -> bytes | None:
        """The content of a part of this campaign.

        Returns:
            None where the part is of no campaign of this id.

        Raises:
            BadSeal: it is, and no key here opens it, or it is damaged.
        """
        if len(part) not in PART_SIZES:
            return None
        salt = part[:SALT_BYTES]
        head = derive(self.campaign, _HEAD_CONTEXT, salt)
        try:
            counts = unseal(head, _NONCES[0], part[SALT_BYTES:_SLOTS_AT], b"")
        except BadSeal:
            return None
        count = counts[1]
        if counts != bytes([_VERSION, count]).ljust(_COUNTS_BYTES, b"\x00"):
            raise BadSeal("a part of another kind")
        if count not in MEMBER_SLOT_CLASSES:
            raise BadSeal("a part with a number of slots that no part has")
        content_at = _content_at(count)
        if content_at + TAG_BYTES > len(part):
            raise BadSeal("a part that has no room for its slots")
        slots = unseal(head, _NONCES[1], part[_SLOTS_AT:content_at], b"")
        key = self._by_epoch(slots, salt) or self._by_member(slots, salt, sealer)
        if key is None:
            raise BadSeal("no key here opens this part")
        return unseal(key, _ZERO_NONCE, part[content_at:], salt)

    def _by_epoch(self, slots: bytes, salt: bytes) -> bytes | None:
        ends = range(EPOCH_SLOT_BYTES, BUNDLE_EPOCH_SLOTS * EPOCH_SLOT_BYTES + 1, EPOCH_SLOT_BYTES)
        for at, record in enumerate(self.records):
            lane = derive(record, _EPOCH_CONTEXT, salt)
            for end in ends:
                try:
                    key = unseal(lane, _ZERO_NONCE, slots[end - EPOCH_SLOT_BYTES : end], b"")
                except BadSeal:
                    continue
                self.records.insert(0, self.records.pop(at))
                return key
        return None

    def _by_member(self, slots: bytes, salt: bytes, sealer: Sealer) -> bytes | None:
        rest = slots[BUNDLE_EPOCH_SLOTS * EPOCH_SLOT_BYTES :]
        info = _MEMBER_INFO + self.campaign + salt
        for at, seed in enumerate(self.seeds):
            opener = self._openers.get(seed)
            if opener is None:
                opener = self._openers[seed] = sealer.opener(seed)
            for start in range(0, len(rest), MEMBER_SLOT_BYTES):
                try:
                    key = opener(rest[start : start + MEMBER_SLOT_BYTES], info)
                except BadSeal:
                    continue
                self.seeds.insert(0, self.seeds.pop(at))
                return key if len(key) == KEY_BYTES else None
        return None
