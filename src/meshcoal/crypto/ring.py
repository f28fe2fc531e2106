"""Linkable ring signatures: somebody of this ring signed, nobody can tell who, and nobody twice.

Law: a signature names its ring, its event and its message, and has one spelling. Two signatures of one key
for one event bear the same tag, whatever ring and message they are for; for two events nobody without the
key can tell whether tags are of one key. The tag can be opened: its owner proves that it is theirs.

LSAG (Liu, Wei, Wong: "Linkable spontaneous anonymous group signature for ad hoc groups", ACISP 2004) with
the tag over an event instead of the ring (Tsang, Wei: "Short linkable ring signatures for e-voting, e-cash
and attestation", ISPEC 2005), on ristretto255. The scheme is published; its bytes here, and what goes into
each hash, are ours, unreviewed: docs/protocol/ring-signatures.md.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto import dleq, ristretto
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.ristretto import ELEMENT_BYTES, SCALAR_BYTES, UNIFORM_BYTES, Element
from meshcoal.errors import BadKey, BadRing, BadSignature
from meshcoal.limits import RING_KEYS_MAX

SEED_BYTES: Final = 32
PUBLIC_BYTES: Final = ELEMENT_BYTES
TAG_BYTES: Final = ELEMENT_BYTES
OPENING_BYTES: Final = dleq.PROOF_BYTES
EVENT_BYTES_MAX: Final = 1024

_KEY: Final = b"meshcoal ring key 1\x00"
_EVENT: Final = b"meshcoal ring event 1"
_CHALLENGE: Final = b"meshcoal ring challenge 1\x00"
_NONCE: Final = b"meshcoal ring nonce 1\x00"
_OPENING: Final = b"meshcoal ring opening 1\x00"
_ZERO: Final = bytes(SCALAR_BYTES)
_EVENTS_KEPT: Final = 256


def signature_bytes(keys: int) -> int:
    """Bytes of a signature for a ring of so many keys: tag, first challenge, one scalar for each key."""
    return TAG_BYTES + SCALAR_BYTES + keys * SCALAR_BYTES


@dataclass(frozen=True, slots=True)
class Ring:
    """1 to `RING_KEYS_MAX` public keys, ascending by their bytes, none of them twice.

    Raises:
        BadRing: of another size or order, or one stands twice.
        BadKey: a key is not the one spelling of a group element, or is the identity.
    """

    keys: tuple[bytes, ...]
    elements: tuple[Element, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= RING_KEYS_MAX:
            raise BadRing(f"a ring has 1 to {RING_KEYS_MAX} keys")
        elements = tuple([ristretto.decode(key) for key in self.keys])
        # One order, so that one set of people is one ring; no key twice, so that nobody counts for two.
        if any(one >= other for one, other in zip(self.keys, self.keys[1:], strict=False)):
            raise BadRing("the keys of a ring ascend, and none stands twice")
        object.__setattr__(self, "elements", elements)

    @classmethod
    def of(cls, keys: Iterable[bytes]) -> Ring:
        """The ring of these keys, in whatever order they come. Raises as `Ring` does."""
        return cls(tuple(sorted(keys)))

    def __len__(self) -> int:
        return len(self.keys)


class RingKey:
    """A private ring key, made from 32 bytes of seed."""

    __slots__ = ("_secret", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        assert type(seed) is bytes, "a seed is bytes"
        assert len(seed) == SEED_BYTES, "a seed is 32 bytes"
        self.seed = seed
        self._secret = ristretto.reduce_scalar(hashlib.sha512(_KEY + seed).digest())
        assert self._secret != _ZERO, "zero comes out once in 2^252"
        self.public = ristretto.base_times(self._secret).encode()

    def tag(self, event: bytes) -> bytes:
        """32 bytes by which two signatures of this key for one event are known to be of one key."""
        return event_base(event).times(self._secret).encode()

    def sign(self, ring: Ring, event: bytes, message: bytes, entropy: Entropy) -> bytes:
        """`signature_bytes(len(ring))` bytes. Any message; an event of 1 to 1,024 bytes.

        Raises:
            BadRing: the key is not in the ring.
        """
        if self.public not in ring.keys:
            raise BadRing("the key is not in the ring")
        mine, size = ring.keys.index(self.public), len(ring)
        base, tag = event_base(event), self.tag(event)
        tagged = ristretto.decode(tag)
        start = _transcript(ring, event, tag, message)
        # The nonce depends on the key and the message as well as on chance: a generator that repeats itself
        # then costs anonymity at worst, not the key.
        drawn = _NONCE + self.seed + entropy.take(UNIFORM_BYTES) + start.copy().digest()
        nonce = ristretto.reduce_scalar(hashlib.sha512(drawn).digest())
        challenges, responses = [_ZERO] * size, [_ZERO] * size
        challenge = _challenge(start, ristretto.base_times(nonce), base.times(nonce))
        for step in range(1, size):
            at = (mine + step) % size
            challenges[at] = challenge
            responses[at] = response = ristretto.random_scalar(entropy)
            challenge = _step(start, ring.elements[at], base, tagged, challenge, response)
        challenges[mine] = challenge
        product = ristretto.multiply(challenge, self._secret)
        responses[mine] = ristretto.subtract(nonce, product)
        return tag + challenges[0] + b"".join(responses)

    def open_tag(self, event: bytes, message: bytes, entropy: Entropy) -> bytes:
        """64 bytes that prove to anybody that this key's tag for the event is of `public`; says `message`."""
        base = event_base(event)
        pair = (base, base.times(self._secret))
        generator, public = _generator(), ristretto.decode(self.public)
        return dleq.prove(self._secret, generator, public, [pair], _opening_context(message), entropy)

    def __repr__(self) -> str:
        return "RingKey(...)"


def verify(ring: Ring, event: bytes, message: bytes, signature: bytes) -> bytes:
    """The tag, 32 bytes, of a signature by one key of this ring for this event over this message.

    Raises:
        BadSignature: of a length that does not fit the ring; the tag or a scalar is not in its one spelling,
            or zero; or nobody of this ring made it for this event and message.
    """
    if len(signature) != signature_bytes(len(ring)):
        raise BadSignature("a ring signature has one scalar for each key of its ring")
    tag, challenge = signature[:TAG_BYTES], signature[TAG_BYTES : TAG_BYTES + SCALAR_BYTES]
    rest = signature[TAG_BYTES + SCALAR_BYTES :]
    responses = [rest[at : at + SCALAR_BYTES] for at in range(0, len(rest), SCALAR_BYTES)]
    try:
        tagged = ristretto.decode(tag)
    except BadKey as exc:
        raise BadSignature("the tag is not in its one spelling") from exc
    if not all(ristretto.is_scalar(one) and one != _ZERO for one in (challenge, *responses)):
        raise BadSignature("a scalar is zero or not in its one spelling")
    base, start = event_base(event), _transcript(ring, event, tag, message)
    first = challenge
    for key, response in zip(ring.elements, responses, strict=True):
        challenge = _step(start, key, base, tagged, challenge, response)
    if challenge != first:
        raise BadSignature("the ring signature does not hold")
    return tag


def check_opening(public: bytes, event: bytes, tag: bytes, message: bytes, opening: bytes) -> None:
    """Return only if the tag for this event is of `public`, whose owner says `message`.

    Raises:
        BadKey: the key or the tag is not the one spelling of a group element.
        BadSignature: the proof is not of this key, event, tag and message.
    """
    key, tagged = ristretto.decode(public), ristretto.decode(tag)
    dleq.verify(_generator(), key, [(event_base(event), tagged)], _opening_context(message), opening)


@functools.lru_cache(maxsize=_EVENTS_KEPT)
def event_base(event: bytes) -> Element:
    """The group element that stands for an event: its logarithm is known to nobody."""
    assert 1 <= len(event) <= EVENT_BYTES_MAX, "an event is 1 to 1,024 bytes"
    return ristretto.hash_to_group(event, _EVENT)


@functools.lru_cache(maxsize=1)
def _generator() -> Element:
    return ristretto.base_times(b"\x01" + bytes(31))


def _transcript(ring: Ring, event: bytes, tag: bytes, message: bytes) -> hashlib._Hash:
    """What each challenge of one signature begins with."""
    parts = [_CHALLENGE, len(ring).to_bytes(2, "big"), *ring.keys]
    parts += [len(event).to_bytes(2, "big"), event, tag, len(message).to_bytes(8, "big"), message]
    return hashlib.sha512(b"".join(parts))


def _step(
    start: hashlib._Hash, key: Element, base: Element, tagged: Element, challenge: bytes, response: bytes
) -> bytes:
    left = ristretto.base_times(response) + key.times(challenge)
    right = base.times(response) + tagged.times(challenge)
    return _challenge(start, left, right)


def _challenge(start: hashlib._Hash, left: Element, right: Element) -> bytes:
    # Four times the points, as the curve spells them: as good as the group's own spelling, and without the
    # two square roots of it, which would double the time that a signature takes.
    hashed = start.copy()
    hashed.update(left.quadrupled + right.quadrupled)
    return ristretto.reduce_scalar(hashed.digest())


def _opening_context(message: bytes) -> bytes:
    return _OPENING + hashlib.sha512(message).digest()
