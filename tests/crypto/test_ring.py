"""Linkable ring signatures: what holds, what is refused, and what cannot be told."""

from __future__ import annotations

import functools
import hashlib
import json
import pathlib
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto import ring, ristretto
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import Ring, RingKey
from meshcoal.crypto.ristretto import ORDER
from meshcoal.errors import BadKey, BadRing, BadSignature

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import plaincurve

FILE = pathlib.Path(__file__).parent.parent / "vectors" / "ring.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
NAMES = ("ana", "ben", "chi", "dov", "mallory")


@functools.cache
def key(name: str) -> RingKey:
    return RingKey(hashlib.sha256(name.encode()).digest())


def ring_of(*names: str) -> Ring:
    return Ring.of(key(name).public for name in names)


ALL = ring_of(*NAMES)


@functools.cache
def signed(name: str, event: bytes = b"event", message: bytes = b"message", seed: bytes = b"chance") -> bytes:
    return key(name).sign(ALL, event, message, SeededEntropy(seed))


def by_the_page(keys: list[bytes], event: bytes, message: bytes, signature: bytes) -> bool:
    """The check as docs/protocol/ring-signatures.md writes it, over a curve of the tests' own."""
    tag, number = signature[:32], len(keys)
    scalars = [signature[at : at + 32] for at in range(32, len(signature), 32)]
    assert len(scalars) == number + 1
    head = b"meshcoal ring challenge 1\x00" + number.to_bytes(2, "big") + b"".join(keys)
    head += len(event).to_bytes(2, "big") + event + tag + len(message).to_bytes(8, "big") + message
    base = plaincurve.to_group(event, b"meshcoal ring event 1")
    first = challenge = int.from_bytes(scalars[0], "little")
    for public, scalar in zip(keys, scalars[1:], strict=True):
        response = int.from_bytes(scalar, "little")
        ends = [
            plaincurve.add(
                plaincurve.times(response, one), plaincurve.times(challenge, plaincurve.read(other))
            )
            for one, other in ((plaincurve.BASE, public), (base, tag))
        ]
        spelled = b"".join(plaincurve.spell_curve(plaincurve.times(4, end)) for end in ends)
        challenge = int.from_bytes(hashlib.sha512(head + spelled).digest(), "little") % plaincurve.L
    return challenge == first


@pytest.mark.parametrize("name", NAMES)
def test_each_member_can_sign(name: str) -> None:
    """Goal: any of them could have signed. Method: each signs at their own place in the ring."""
    tag = ring.verify(ALL, b"event", b"message", signed(name))
    assert tag == key(name).tag(b"event")
    assert len(signed(name)) == ring.signature_bytes(5)


def test_a_ring_of_one_and_of_many() -> None:
    """Goal: the ends of the range hold. Method: alone, and among 256; 257 and none are refused."""
    alone = ring_of("ana")
    ring.verify(alone, b"e", b"", key("ana").sign(alone, b"e", b"", SeededEntropy(b"1")))
    others = [RingKey(number.to_bytes(32, "big")).public for number in range(255)]
    many = Ring.of([key("ana").public, *others])
    ring.verify(many, b"e", b"m", key("ana").sign(many, b"e", b"m", SeededEntropy(b"2")))
    for wrong in ([], [*many.keys, key("ben").public]):
        with pytest.raises(BadRing):
            Ring.of(wrong)


def test_who_is_not_in_the_ring_cannot_sign() -> None:
    """Goal: a stranger makes nothing. Method: sign with a key of no ring; hold a sound one to a part."""
    with pytest.raises(BadRing):
        key("mallory").sign(ring_of("ana", "ben"), b"event", b"message", SeededEntropy(b"x"))
    with pytest.raises(BadSignature):
        ring.verify(ring_of("ana", "ben", "chi", "dov"), b"event", b"message", signed("ana"))


def test_a_swapped_ring_is_refused() -> None:
    """Goal: a signature names its ring. Method: another ring of the same size, with the signer in it."""
    other = ring_of("ana", "ben", "chi", "dov", "eve")
    with pytest.raises(BadSignature):
        ring.verify(other, b"event", b"message", signed("ana"))


@pytest.mark.parametrize(
    ("event", "message"), [(b"event2", b"message"), (b"event", b"message2"), (b"event", b"")]
)
def test_another_event_or_message_is_refused(event: bytes, message: bytes) -> None:
    """Goal: a signature is for one thing. Method: change each."""
    with pytest.raises(BadSignature):
        ring.verify(ALL, event, message, signed("ana"))


@given(at=st.integers(0, ring.signature_bytes(5) * 8 - 1))
@settings(max_examples=60, deadline=None)
def test_any_changed_bit_is_refused(at: int) -> None:
    """Goal: nothing can be mauled. Method: turn one bit."""
    changed = bytearray(signed("ana"))
    changed[at // 8] ^= 1 << at % 8
    with pytest.raises(BadSignature):
        ring.verify(ALL, b"event", b"message", bytes(changed))


@given(data=st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_junk_is_refused(data: bytes) -> None:
    """Goal: any bytes get one verdict. Method: random bytes, and of the right size."""
    for junk in (
        data,
        hashlib.shake_256(data).digest(ring.signature_bytes(5)),
        signed("ana") + data[:1] + b"\x00",
    ):
        with pytest.raises(BadSignature):
            ring.verify(ALL, b"event", b"message", junk)


@pytest.mark.parametrize("at", range(1, 7))
def test_scalars_have_one_spelling(at: int) -> None:
    """Goal: nobody makes a second spelling of a signature. Method: add the order to each scalar, where it
    still fits, and put zero there."""
    signature = signed("chi")
    number = int.from_bytes(signature[32 * at : 32 * at + 32], "little")
    for other in (number + ORDER, number + 2 * ORDER, 0):
        changed = signature[: 32 * at] + other.to_bytes(32, "little") + signature[32 * at + 32 :]
        with pytest.raises(BadSignature):
            ring.verify(ALL, b"event", b"message", changed)


@pytest.mark.parametrize(
    "tag", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32, b"\xed" + b"\xff" * 30 + b"\x7f"]
)
def test_tags_that_are_nobody_s_are_refused(tag: bytes) -> None:
    """Goal: nobody signs beside the count. Method: the identity, small order, other spellings."""
    with pytest.raises(BadSignature):
        ring.verify(ALL, b"event", b"message", tag + signed("ana")[32:])


def test_a_zero_is_no_response() -> None:
    """Goal: the strictest reading is everybody's. Method: a signer who chooses zero for another member, and
    closes the ring all the same."""
    mine, event = key("ana"), b"event"
    at = ALL.keys.index(mine.public)
    tag, base = mine.tag(event), ring.event_base(event)
    start = ring._transcript(ALL, event, tag, b"message")
    nonce = ristretto.reduce_scalar(b"n" * 64)
    challenges, responses = [bytes(32)] * 5, [ristretto.reduce_scalar(bytes([7]) * 64)] * 5
    responses[(at + 2) % 5] = bytes(32)
    challenge = ring._challenge(start, ristretto.base_times(nonce), base.times(nonce))
    for step in range(1, 6):
        other = (at + step) % 5
        challenges[other] = challenge
        if step < 5:
            tagged = ristretto.decode(tag)
            challenge = ring._step(start, ALL.elements[other], base, tagged, challenge, responses[other])
    responses[at] = ristretto.subtract(nonce, ristretto.multiply(challenges[at], mine._secret))
    with pytest.raises(BadSignature, match="zero"):
        ring.verify(ALL, event, b"message", tag + challenges[0] + b"".join(responses))


def test_somebody_else_s_tag_cannot_be_used() -> None:
    """Goal: nobody can spend another's one sign-on. Method: put Ben's tag on what Ana signed."""
    with pytest.raises(BadSignature):
        ring.verify(ALL, b"event", b"message", key("ben").tag(b"event") + signed("ana")[32:])


def test_signing_twice_shows() -> None:
    """Goal: one member, one tag per event. Method: two messages, two rings, other chance: the tag stays;
    the rest does not."""
    first, second = signed("ana"), signed("ana", b"event", b"other", b"again")
    small = key("ana").sign(ring_of("ana", "ben"), b"event", b"message", SeededEntropy(b"3"))
    assert first[:32] == second[:32] == small[:32]
    assert first[32:] != signed("ana", seed=b"again")[32:]


def test_tags_of_two_events_have_nothing_in_common() -> None:
    """Goal: what a member signs cannot be joined up. Method: all tags of all members at all events differ,
    and the base of an event is no small multiple of the generator or another event's base."""
    events = [bytes([number]) * 8 for number in range(6)]
    tags = [key(name).tag(event) for name in NAMES for event in events]
    assert len(set(tags)) == len(tags)
    bases = [ring.event_base(event).encode() for event in events]
    small = {ristretto.base_times(number.to_bytes(32, "little")).encode() for number in range(1, 64)}
    assert len(set(bases) | small) == len(bases) + 63


def test_signatures_look_alike() -> None:
    """Goal: shape tells nothing of the signer. Method: the same length for each, and nobody's key in it."""
    for name in NAMES:
        signature = signed(name)
        assert len(signature) == len(signed("ana"))
        assert all(one.public not in signature for one in map(key, NAMES))


@pytest.mark.parametrize(
    "keys",
    [
        (key("ana").public,) * 2,
        tuple(reversed(ALL.keys)),
        (*ALL.keys, ALL.keys[-1]),
    ],
)
def test_a_ring_has_one_order(keys: tuple[bytes, ...]) -> None:
    """Goal: one set of people is one ring. Method: doubled and disordered keys."""
    with pytest.raises(BadRing):
        Ring(keys)


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32, b"", bytes(33)])
def test_a_ring_takes_no_bad_key(public: bytes) -> None:
    """Goal: no key of a ring is nobody's. Method: identity, other spellings, other sizes."""
    with pytest.raises(BadKey):
        Ring((public, *ALL.keys) if public < ALL.keys[0] else (*ALL.keys, public))


def test_a_named_signatory_opens_their_tag() -> None:
    """Goal: who is named shows which tag is theirs. Method: open; then another key, tag, event, message."""
    event, tag = b"event", key("ana").tag(b"event")
    opening = key("ana").open_tag(event, b"my name", SeededEntropy(b"open"))
    assert len(opening) == ring.OPENING_BYTES
    ring.check_opening(key("ana").public, event, tag, b"my name", opening)
    wrong = [
        (key("ben").public, event, tag, b"my name"),
        (key("ana").public, event, key("ben").tag(event), b"my name"),
        (key("ana").public, b"event2", tag, b"my name"),
        (key("ana").public, event, tag, b"her name"),
    ]
    for public, one, other, message in wrong:
        with pytest.raises(BadSignature):
            ring.check_opening(public, one, other, message, opening)
    with pytest.raises(BadKey):
        ring.check_opening(key("ana").public, event, bytes(32), b"my name", opening)


def test_nobody_claims_another_s_tag() -> None:
    """Goal: a tag has one owner. Method: Mallory opens with her own key what Ana's tag is."""
    opening = key("mallory").open_tag(b"event", b"it was me", SeededEntropy(b"m"))
    with pytest.raises(BadSignature):
        ring.check_opening(key("mallory").public, b"event", key("ana").tag(b"event"), b"it was me", opening)


class Stuck:
    """A generator that always gives the same."""

    def take(self, count: int, /) -> bytes:
        return bytes([7]) * count


def test_a_stuck_generator_does_not_cost_the_key() -> None:
    """Goal: a nonce is never used for two messages. Method: sign two messages with chance that repeats, and
    compare the points the nonce gave."""
    one, other = (key("ana").sign(ring_of("ana"), b"e", text, Stuck()) for text in (b"one", b"two"))
    ends = []
    for signature in (one, other):
        challenge, response = signature[32:64], signature[64:96]
        end = ristretto.base_times(response) + ristretto.decode(key("ana").public).times(challenge)
        ends.append(end.encode())
    assert ends[0] != ends[1]


def test_the_key_does_not_show() -> None:
    """Goal: a key stays out of logs. Method: print it."""
    assert repr(key("ana")) == "RingKey(...)"


def test_frozen_vectors_by_the_page_alone() -> None:
    """Goal: the page suffices. Method: read each vector with the tests' own curve, and with the code."""
    for vector in VECTORS["signatures"]:
        keys = [bytes.fromhex(one) for one in vector["ring"]]
        event, message, signature = (
            bytes.fromhex(vector[name]) for name in ("event", "message", "signature")
        )
        assert by_the_page(keys, event, message, signature)
        assert not by_the_page(keys, event, message + b"\x00", signature)
        assert ring.verify(Ring(tuple(keys)), event, message, signature).hex() == vector["tag"]
    opened = VECTORS["opening"]
    ring.check_opening(
        *(bytes.fromhex(opened[name]) for name in ("public", "event", "tag", "message", "opening"))
    )
