"""The frozen envelope, made once more from docs/protocol/sealed-signons.md, without the code it describes."""

from __future__ import annotations

import hashlib
import json
import pathlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from meshcoal.crypto import ring
from meshcoal.crypto.ring import Ring
from meshcoal.wire import canonical

FILE = pathlib.Path(__file__).parents[1] / "vectors" / "sealed.json"
VECTOR: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def unhex(name: str) -> bytes:
    return bytes.fromhex(VECTOR[name])


def derive(key: bytes, label: bytes, data: bytes, size: int = 32) -> bytes:
    return hashlib.blake2b(bytes([len(label)]) + label + data, key=key, digest_size=size).digest()


def times(a: int, b: int) -> int:
    product = 0
    for bit in range(8):
        product ^= (a << bit) if b >> bit & 1 else 0
    for bit in range(14, 7, -1):
        product ^= (0x11B << bit - 8) if product >> bit & 1 else 0
    return product


def polynomial(coefficients: list[bytes], at: int) -> bytes:
    value = bytes(32)
    for coefficient in reversed(coefficients):
        value = bytes([times(one, at) ^ other for one, other in zip(value, coefficient, strict=True)])
    return value


def personalised(data: bytes, label: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32, person=label).digest()


def test_names_follow_from_the_page() -> None:
    """Goal: roster, terms, event and envelope are named as the page says. Method: hash each."""
    assert personalised(unhex("roster"), b"meshcoal-sroster") == unhex("roster_digest")
    assert personalised(unhex("terms"), b"meshcoal-sealed-") == unhex("terms_id")
    assert unhex("event") == b"meshcoal sealed event 1\x00" + unhex("terms_id")
    terms: Any = canonical.decode(unhex("terms"))
    assert terms[3] == unhex("roster_digest")
    assert terms[4:6] == (5, 5)
    envelope: Any = canonical.decode(unhex("envelope"))
    assert envelope[0] == 1
    assert personalised(canonical.encode(envelope[1:]), b"meshcoal-sealedn") == unhex("envelope_id")


def test_the_envelope_follows_from_its_key() -> None:
    """Goal: the page suffices to make an envelope and to judge one. Method: each step of it."""
    roster: Any = canonical.decode(unhex("roster"))
    trustees = [entry[2] for entry in roster[0]]
    place = unhex("terms_id") + unhex("tag")
    key = unhex("key")
    coefficients = [key]
    coefficients += [
        derive(key, b"meshcoal seal polynomial 1", place + bytes([0, number])) for number in range(1, 5)
    ]
    ephemeral = X25519PrivateKey.from_private_bytes(derive(key, b"meshcoal seal ephemeral 1", place))
    public = ephemeral.public_key().public_bytes_raw()
    shares, checks = b"", b""
    for at, trustee in enumerate(trustees, start=1):
        share = polynomial(coefficients, at)
        assert VECTOR["shares"].get(str(at), share.hex()) == share.hex()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(trustee))
        sealing = derive(shared, b"meshcoal share key 1", public + trustee + bytes([0, at]) + place)
        shares += ChaCha20Poly1305(sealing).encrypt(bytes(12), share, place)
        checks += derive(share, b"meshcoal share check 1", bytes([0, at]) + place, 16)
    commitment = derive(key, b"meshcoal seal commitment 1", place)
    plaintext = (unhex("content") + b"\x80").ljust(1024, b"\x00")
    content_key = derive(key, b"meshcoal seal content 1", place)
    content = ChaCha20Poly1305(content_key).encrypt(bytes(12), plaintext, place)
    signed = b"meshcoal sealed envelope 1\x00" + unhex("terms_id") + b"\x00\x06" + b"\x00\x07"
    signed += len(content).to_bytes(4, "big") + commitment + public + content + shares + checks
    assert signed == unhex("signed")
    envelope: Any = canonical.decode(unhex("envelope"))
    assert envelope[1:8] == (unhex("terms_id"), 6, commitment, public, content, shares, checks)
    keys = Ring(tuple([entry[0] for entry in roster[0]]))
    assert ring.verify(keys, unhex("event"), signed, envelope[8]) == unhex("tag")


def test_what_is_told_follows_from_the_page() -> None:
    """Goal: shares, keys and withdrawals are as the page says. Method: put each together."""
    told = (3, unhex("terms_id"), unhex("envelope_id"), 1, bytes.fromhex(VECTOR["shares"]["1"]))
    assert canonical.encode(told) == unhex("told_share")
    key = (4, unhex("terms_id"), unhex("envelope_id"), unhex("key"))
    assert canonical.encode(key) == unhex("told_key")
    items = [unhex(name) for name in ("envelope", "withdrawal", "told_share", "told_key")]
    named = [personalised(item, b"meshcoal-sealedi").hex() for item in items]
    assert named == VECTOR["item_ids"]
    withdrawal: Any = canonical.decode(unhex("withdrawal"))
    roster: Any = canonical.decode(unhex("roster"))
    keys = Ring(tuple([entry[0] for entry in roster[0]]))
    message = b"meshcoal sealed withdrawal 1\x00" + unhex("terms_id")
    assert withdrawal[:2] == (2, unhex("terms_id"))
    assert ring.verify(keys, unhex("event"), message, withdrawal[2]) == unhex("tag")


def test_the_content_is_a_sign_on() -> None:
    """Goal: what comes out is an ordinary sign-on. Method: its text names key and person, and its signature
    is in the content."""
    content: Any = canonical.decode(unhex("content"))
    fields, act_key, act_signature, opening, in_ring = content
    assert in_ring is None
    assert fields[1] == "Комитет «Ана»"
    assert f"key: {act_key.hex()}\n" in VECTOR["sign_on_text"]
    roster: Any = canonical.decode(unhex("roster"))
    member = roster[0][VECTOR["signer"] - 1]
    assert member[1] == act_key
    ring.check_opening(member[0], unhex("event"), unhex("tag"), act_signature, opening)
