"""Beats on a board: what has no author goes to one member first, who alone can open it.

Law: in every period each node posts one sealed beat, at a random moment, sealed to a random member: full or
empty it has one size. Neither that it is posted, nor when, nor how large it is depends on what it carries,
and a relay and all members but the one for whom it is see the same. Whoever opens it does with what is in it
as with any other beat (`sync.beats`).

Sealed as RFC 9180's base mode is, with the derivation of this project in place of its own: an ephemeral
X25519 key for each beat, ChaCha20-Poly1305. Ours, unreviewed: docs/protocol/relay.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meshcoal.clock import MINUTE_MS
from meshcoal.crypto import sealing
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import derive
from meshcoal.errors import BadKey, BadSeal, MalformedFrame
from meshcoal.limits import BOARD_BEAT_CLASSES_BYTES
from meshcoal.wire.beats import BEATS, Beat, beat_room_bytes
from meshcoal.wire.posted import SealedBeat

_LABEL: Final = b"meshcoal board beat 1"
_PRIVATE_BYTES: Final = 32
_LEAST_MS: Final = 2 * MINUTE_MS
_EACH_MS: Final = 15_000  # of the period, for each member: all read what all post
_ENVELOPE_BYTES: Final = 1_300  # of a sealed sign-on, at most, and
_ENVELOPE_EACH_BYTES: Final = 96  # for each member of its round


def board_period_ms(members: int) -> int:
    """How often each member posts a beat while a round is fresh: two minutes among eight, more among more."""
    return max(_LEAST_MS, _EACH_MS * members)


def beat_class(members: int) -> int:
    """The size of a beat, in bytes, that holds what members of a round of so many may begin."""
    largest = _ENVELOPE_BYTES + _ENVELOPE_EACH_BYTES * members
    return next(size for size in BOARD_BEAT_CLASSES_BYTES if beat_room_bytes(size) >= largest)


def seal_beat(beat: bytes, *, trustee: bytes, campaign: bytes, entropy: Entropy) -> SealedBeat:
    """A beat that only the holder of this trustee key can open. Raises `BadKey`."""
    ephemeral = AgreementKey.from_private(entropy.take(_PRIVATE_BYTES))
    key = derive(ephemeral.exchange(trustee), _LABEL, ephemeral.public + trustee)
    box = sealing.seal(key, bytes(sealing.NONCE_BYTES), beat, campaign)
    return SealedBeat(ephemeral=ephemeral.public, box=box)


def open_beat(
    sealed: SealedBeat, *, mine: Iterable[AgreementKey], campaign: bytes
) -> tuple[bytes, ...] | None:
    """The items of a beat that is sealed to one of these keys; None: it is for somebody else.

    Raises:
        MalformedFrame: it is for me, and is no beat.
    """
    for key in mine:
        try:
            shared = key.exchange(sealed.ephemeral)
            opened = derive(shared, _LABEL, sealed.ephemeral + key.public)
            beat = sealing.unseal(opened, bytes(sealing.NONCE_BYTES), sealed.box, campaign)
        except (BadKey, BadSeal):
            continue
        if len(beat) not in BOARD_BEAT_CLASSES_BYTES:
            raise MalformedFrame("a beat is of a size class")
        found = BEATS.decode(beat)
        assert isinstance(found, Beat), "the only one of its family"
        return found.items
    return None
