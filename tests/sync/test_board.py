"""Boards at relays: bytes once more from docs/protocol/relay.md, and what hostile bytes lead to."""

from __future__ import annotations

import base64
import hashlib

import nacl.signing
import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadArgument, BadSignature, MeshcoalError, OverLimit, RemoteError
from meshcoal.limits import ENVELOPE_CLASSES_BYTES, PART_BYTES_MAX, PARTS_MAX
from meshcoal.sync import board
from meshcoal.sync.board import Anchor, Assembly, Parcel
from meshcoal.wire import canonical
from meshcoal.wire.relay_text import Relay, decode_relay, encode_relay
from meshcoal.wire.relaying import RELAYING

SECRET, RELAY, DAY = bytes(range(32)), bytes(range(32, 64)), 20_780


def derive(key: bytes, label: bytes, data: bytes = b"", size: int = 32) -> bytes:
    """As docs/protocol/contexts.md says it."""
    return hashlib.blake2b(bytes([len(label)]) + label + data, key=key, digest_size=size).digest()


def parcel(content: bytes = b"x", part: int = 0, parts: int = 1) -> Parcel:
    anchor = Anchor(board=bytes(8), day=DAY, serial=3, head=bytes(16))
    return Parcel(
        poster=b"p" * 16, bundle=b"b" * 8, part=part, parts=parts, anchors=(anchor,), content=content
    )


def test_an_envelope_opens_by_the_page_alone() -> None:
    """Goal: the page says it all. Method: topic, signature, key and padding made again from it."""
    of_day = derive(SECRET, b"meshcoal board day 1", RELAY + DAY.to_bytes(8, "big"))
    signer = nacl.signing.SigningKey(derive(of_day, b"meshcoal board topic 1"))
    topic = bytes(signer.verify_key)
    assert board.topic_of(SECRET, RELAY, DAY) == topic
    assert board.board_tag(SECRET, RELAY) == derive(SECRET, b"meshcoal board tag 1", RELAY, 8)
    dummy = nacl.signing.SigningKey(derive(of_day, b"meshcoal board dummy 1", (5).to_bytes(2, "big")))
    assert board.dummies(SECRET, RELAY, DAY, 6)[5] == bytes(dummy.verify_key)
    envelope = board.seal_envelope(SECRET, RELAY, DAY, parcel(), SeededEntropy(b"salt"))
    key = derive(of_day, b"meshcoal board envelope 1", envelope[:16])
    plain = ChaCha20Poly1305(key).decrypt(bytes(12), envelope[16:], topic)
    size = int.from_bytes(plain[:3], "big")
    fields = (b"p" * 16, b"b" * 8, 0, 1, ((bytes(8), DAY, 3, bytes(16)),), b"x")
    assert plain[3 : 3 + size] == canonical.encode(fields)
    assert not plain[3 + size :].strip(b"\x00")
    hashed = hashlib.blake2b(envelope, digest_size=32, person=b"meshcoal-envel-1").digest()
    assert board.envelope_hash(envelope) == hashed
    text = b"meshcoal deposit 1\x00" + RELAY + topic + hashed
    assert board.sign_deposit(SECRET, RELAY, DAY, hashed) == signer.sign(text).signature
    head = hashlib.blake2b(bytes(16) + hashed, digest_size=16, person=b"meshcoal-shelf-1").digest()
    assert board.head_after(board.NO_HEAD, hashed) == head


def test_the_work_is_what_the_page_says() -> None:
    """Goal: work can be checked and done. Method: find a nonce, count its zeros; too little is refused."""
    topic = board.topic_of(SECRET, RELAY, DAY)
    nonce = board.work(RELAY, topic, 8, start=0, tries=10_000)
    value = hashlib.blake2b(RELAY + topic + nonce, digest_size=8, person=b"meshcoal-work--1").digest()
    assert value[0] == 0
    assert board.work_done(RELAY, topic, nonce, 8)
    assert not board.work_done(RELAY, RELAY, nonce, 24)
    assert not board.work_done(RELAY, topic, b"", 1)
    assert board.work_done(RELAY, topic, b"", 0)
    assert board.work(RELAY, topic, 24, start=0, tries=10) == b""


def test_who_lacks_the_secret_links_nothing() -> None:
    """Goal: no two days, relays or secrets share a topic or key. Method: topics and dummies of several."""
    seen = []
    for secret in (SECRET, RELAY):
        for relay in (RELAY, SECRET):
            for day in range(DAY, DAY + 3):
                seen += [board.topic_of(secret, relay, day), *board.dummies(secret, relay, day, 4)]
    assert len(set(seen)) == len(seen) == 60
    envelope = board.seal_envelope(SECRET, RELAY, DAY, parcel(), SeededEntropy(b"salt"))
    for secret, relay, day in ((RELAY, RELAY, DAY), (SECRET, SECRET, DAY), (SECRET, RELAY, DAY + 1)):
        with pytest.raises(RemoteError):
            board.open_envelope(secret, relay, day, envelope)
    hashed = board.envelope_hash(envelope)
    signature = board.sign_deposit(SECRET, RELAY, DAY, hashed)
    topic = board.topic_of(SECRET, RELAY, DAY)
    board.check_deposit(RELAY, topic, hashed, signature)
    with pytest.raises(BadSignature):
        board.check_deposit(SECRET, topic, hashed, signature)
    with pytest.raises(BadSignature):
        board.check_deposit(RELAY, board.topic_of(SECRET, RELAY, DAY + 1), hashed, signature)


@given(st.integers(1, PART_BYTES_MAX))
def test_every_size_is_a_class(size: int) -> None:
    """Goal: an envelope tells five sizes apart, no more. Method: contents of any size, opened again."""
    envelope = board.seal_envelope(SECRET, RELAY, DAY, parcel(bytes(size)), SeededEntropy(b"salt"))
    assert len(envelope) in ENVELOPE_CLASSES_BYTES
    assert board.open_envelope(SECRET, RELAY, DAY, envelope) == parcel(bytes(size))


def test_an_envelope_is_uniform() -> None:
    """Goal: nothing shows, not even that two are alike. Method: one content many times; bits and repeats."""
    entropy = SeededEntropy(b"many")
    envelopes = [board.seal_envelope(SECRET, RELAY, DAY, parcel(), entropy) for _ in range(200)]
    ones = sum(bin(int.from_bytes(one, "big")).count("1") for one in envelopes)
    assert abs(ones / (200 * 512 * 8) - 0.5) < 0.004
    assert len({one[at : at + 8] for one in envelopes for at in range(0, 512, 8)}) == 200 * 64


@given(st.binary(max_size=3_000), st.integers(0, 511), st.integers(1, 255))
def test_hostile_envelopes_end_in_an_error(data: bytes, at: int, flip: int) -> None:
    """Goal: total. Method: any bytes, and a sound envelope with one byte changed."""
    envelope = bytearray(board.seal_envelope(SECRET, RELAY, DAY, parcel(), SeededEntropy(b"salt")))
    envelope[at] ^= flip
    for one in (data, bytes(envelope)):
        with pytest.raises(RemoteError):
            board.open_envelope(SECRET, RELAY, DAY, one)


@given(st.binary(max_size=300))
def test_hostile_messages_of_a_relay_end_in_an_error(data: bytes) -> None:
    """Goal: the decoder is total. Method: any bytes, and any numbered array."""
    try:
        message = RELAYING.decode(data)
    except MeshcoalError:
        return
    assert RELAYING.encode(message) == data


def test_long_messages_go_in_parts_in_any_order() -> None:
    """Goal: parts become a whole, whatever comes between. Method: two messages, mixed, one part twice."""
    entropy = SeededEntropy(b"parts")
    first, second = (bytes([number]) * (3 * PART_BYTES_MAX + 5) for number in (1, 2))
    parts = [
        list(board.parcels(content, poster=b"p" * 16, anchors=(), entropy=entropy))
        for content in (first, second)
    ]
    assembly = Assembly()
    mixed = [parts[0][2], parts[1][3], parts[0][2], parts[1][0], parts[0][0], parts[0][3], parts[1][1]]
    assert [assembly.add(one) for one in mixed] == [None] * 7
    assert assembly.add(parts[0][1]) == first
    assert assembly.add(parts[1][2]) == second
    with pytest.raises(OverLimit):
        board.parcels(bytes(PART_BYTES_MAX * PARTS_MAX + 1), poster=b"p" * 16, anchors=(), entropy=entropy)
    with pytest.raises(RemoteError):
        assembly.add(parcel(part=3, parts=2))


def test_open_parts_are_bounded() -> None:
    """Goal: first parts without an end fill nothing. Method: a thousand of them."""
    assembly = Assembly()
    for number in range(1_000):
        one = Parcel(
            poster=b"p" * 16,
            bundle=number.to_bytes(8, "big"),
            part=0,
            parts=20,
            anchors=(),
            content=bytes(1_000),
        )
        assert assembly.add(one) is None
    assert len(assembly._open) <= 8


def test_a_relays_text_is_read_back_and_a_slip_is_noticed() -> None:
    """Goal: one text for one relay. Method: back and forth; each character changed; pieces left out."""
    relay = Relay(address="relay.example.org:7700", key=RELAY, passing=bytes(range(16)))
    text = encode_relay(relay)
    assert decode_relay(text) == relay
    assert decode_relay(f"  {text[:40]}\n {text[40:]} ") == relay
    head, _, address = text.partition("@")
    data = base64.b32decode(head.removeprefix("MESHCOALRELAY1"))
    check = hashlib.blake2b(data[:48] + address.encode(), digest_size=2, person=b"meshcoal-relay-t").digest()
    assert (data[:32], data[32:48], data[48:]) == (RELAY, bytes(range(16)), check)
    for at in range(len(text)):
        other = "A" if text[at] != "A" else "B"
        for wrong in (text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :]):
            with pytest.raises(BadArgument):
                decode_relay(wrong)
