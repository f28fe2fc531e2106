"""Vectors of the RFCs, NIST and the designers, through the functions that the rest of the code calls.

Which library tests which primitive itself, and what is therefore here, is on docs/protocol/primitives.md.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
from typing import Any

import nacl.bindings
import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.agreement import AgreementKey, XWingSealer
from meshcoal.crypto.handshake import _SymmetricState
from meshcoal.crypto.kem import MLKEM768
from meshcoal.crypto.mask import Mask
from meshcoal.crypto.signing import SigningKey, verify
from meshcoal.errors import BadKey, BadSeal, BadSignature

FILE = pathlib.Path(__file__).parent.parent / "vectors" / "published.json"
PUBLISHED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = PUBLISHED[name]["vectors"]
    return found


def test_the_file_is_whole() -> None:
    """Goal: no vector is lost on the way. Method: count them, and ask each part for its source."""
    parts = {name: part for name, part in PUBLISHED.items() if name != "about"}
    assert {name: len(part.get("vectors", [0])) for name, part in parts.items()} == {
        "hpke_xwing": 1,
        "ml_kem_768": 3,
        "ed25519": 2,
        "blake2b_personalised": 40,
        "blake2b_keyed": 40,
        "blake2b_designers": 10,
    }
    assert all(len(part["source"]) > 10 for part in parts.values())


# --- Ed25519


@pytest.mark.parametrize("vector", vectors("ed25519"), ids=lambda vector: str(vector["name"]))
def test_ed25519(vector: dict[str, str]) -> None:
    """Goal: RFC 8032 section 7.1, the long messages. Method: sign, verify, and verify a changed message."""
    key = SigningKey.from_seed(bytes.fromhex(vector["seed"]))
    message = bytes.fromhex(vector["message"])
    assert key.public.hex() == vector["public"]
    assert key.sign(message).hex() == vector["signature"]
    verify(key.public, message, bytes.fromhex(vector["signature"]))
    with pytest.raises(BadSignature):
        verify(key.public, message + b"\0", bytes.fromhex(vector["signature"]))


# --- X25519, RFC 7748 section 5.2


def test_x25519_of_the_section_on_vectors() -> None:
    """Goal: RFC 7748 section 5.2. Method: the first vector as it is. The second names u with the high bit
    set, which the RFC masks and we refuse: masked by hand it gives the RFC's result."""
    first = AgreementKey(bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"))
    u = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    assert first.exchange(u).hex() == "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    second = AgreementKey(bytes.fromhex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"))
    u = bytes.fromhex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")
    with pytest.raises(BadKey):
        second.exchange(u)
    masked = u[:31] + bytes([u[31] & 0x7F])
    assert second.exchange(masked).hex() == "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"


def test_x25519_a_thousand_times() -> None:
    """Goal: RFC 7748 section 5.2, iterated. Method: 1 and 1,000 rounds."""
    key = u = bytes([9]) + bytes(31)
    found = {}
    for count in range(1, 1001):
        key, u = AgreementKey(key).exchange(u), key
        found[count] = key.hex()
    assert found[1] == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
    assert found[1000] == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"


# --- ML-KEM-768, X-Wing, HPKE


@pytest.mark.parametrize("vector", vectors("ml_kem_768"), ids=range(3))
def test_ml_kem_768(vector: dict[str, str]) -> None:
    """Goal: FIPS 203, with implicit rejection. Method: known answers through our port."""
    key = MLKEM768().key_of(bytes.fromhex(vector["d"] + vector["z"]))
    assert key.public.hex() == vector["pk"]
    assert key.decapsulate(bytes.fromhex(vector["ct"])).hex() == vector["ss"]
    assert key.decapsulate(bytes.fromhex(vector["ct_n"])).hex() == vector["ss_n"]


def test_hpke_with_x_wing() -> None:
    """Goal: our suite is the draft's 0x647a, 1, 3. Method: its public key comes out; its first text, which
    has associated data and ours never has, is sealed anew under the draft's key and nonce, and opens."""
    vector = PUBLISHED["hpke_xwing"]["vector"]
    seed, info = bytes.fromhex(vector["skRm"]), bytes.fromhex(vector["info"])
    sealer = XWingSealer()
    assert sealer.public_of(seed).hex() == vector["pkRm"]
    sealer.check_public(bytes.fromhex(vector["pkRm"]))
    aead, nonce = ChaCha20Poly1305(bytes.fromhex(vector["key"])), bytes.fromhex(vector["base_nonce"])
    first = vector["encryptions"][0]
    text = aead.decrypt(nonce, bytes.fromhex(first["ct"]), bytes.fromhex(first["aad"]))
    assert text.hex() == first["pt"]
    sealed = bytes.fromhex(vector["enc"]) + aead.encrypt(nonce, text, b"")
    assert sealer.open(seed, sealed, info) == text
    with pytest.raises(BadSeal):
        sealer.open(seed, sealed, info + b"\0")


# --- BLAKE2b, as we call it: keyed, personalised, of a chosen size


@pytest.mark.parametrize(
    "vector", vectors("blake2b_designers"), ids=lambda one: str(len(one["message"]) // 2)
)
def test_blake2b_keyed_of_the_designers(vector: dict[str, str]) -> None:
    """Goal: keyed BLAKE2b. Method: the designers' known answers at the block's edges."""
    key, message = bytes.fromhex(vector["key"]), bytes.fromhex(vector["message"])
    assert hashlib.blake2b(message, key=key).hexdigest() == vector["digest"]


@pytest.mark.parametrize("vector", vectors("blake2b_keyed"), ids=range(40))
def test_blake2b_of_other_sizes(vector: dict[str, Any]) -> None:
    """Goal: key and size as RFC 7693 section 2.5 has them. Method: libsodium's vectors."""
    message, key = bytes.fromhex(vector["message"]), bytes.fromhex(vector["key"])
    assert hashlib.blake2b(message, key=key, digest_size=vector["size"]).hexdigest() == vector["digest"]


@pytest.mark.parametrize("vector", vectors("blake2b_personalised"), ids=range(40))
def test_blake2b_with_personalisation(vector: dict[str, Any]) -> None:
    """Goal: RFC 7693 section 2.8: salt and personalisation. Method: libsodium's vectors."""
    digest = hashlib.blake2b(
        bytes.fromhex(vector["message"]),
        key=bytes.fromhex(vector["key"]),
        salt=bytes.fromhex(vector["salt"]),
        person=bytes.fromhex(vector["person"]),
        digest_size=vector["size"],
    )
    assert digest.hexdigest() == vector["digest"]


@given(
    st.binary(max_size=300), st.sampled_from((b"meshcoal-op-id-1", b"meshcoal-pairctx")), st.integers(16, 64)
)
def test_blake2b_is_that_of_libsodium(message: bytes, person: bytes, size: int) -> None:
    """Goal: two implementations agree on our labels. Method: hashlib beside libsodium."""
    other = nacl.bindings.crypto_generichash_blake2b_salt_personal(message, size, person=person)
    assert hashlib.blake2b(message, person=person, digest_size=size).digest() == other


def test_blake2b_checks_itself() -> None:
    """Goal: RFC 7693 appendix E, blake2b_selftest. Method: as it is written there."""

    def sequence(count: int, seed: int) -> bytes:
        a, b, made = 0xDEAD4BAD * seed & 0xFFFFFFFF, 1, bytearray()
        for _ in range(count):
            a, b = b, (a + b) & 0xFFFFFFFF
            made.append(b >> 24)
        return bytes(made)

    whole = hashlib.blake2b(digest_size=32)
    for size in (20, 32, 48, 64):
        for length in (0, 3, 128, 129, 255, 1024):
            message = sequence(length, length)
            whole.update(hashlib.blake2b(message, digest_size=size).digest())
            whole.update(hashlib.blake2b(message, digest_size=size, key=sequence(size, size)).digest())
    assert whole.hexdigest() == "c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475"


# --- ChaCha20, HKDF, Argon2id, SHA-256, SHAKE256


@pytest.mark.parametrize(
    ("key", "block", "expected"),
    [
        (
            "00" * 32,
            1,
            "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
            "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
        ),
        (
            "00" * 31 + "01",
            1,
            "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
            "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0",
        ),
        (
            "00ff" + "00" * 30,
            2,
            "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
            "13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096",
        ),
    ],
)
def test_chacha20(key: str, block: int, expected: str) -> None:
    """Goal: the mask is ChaCha20. Method: RFC 8439 appendix A.1, vectors 2 to 4."""
    assert Mask(bytes.fromhex(key)).over(bytes(64 * (block + 1)))[64 * block :].hex() == expected


def test_hkdf_of_the_handshake() -> None:
    """Goal: the handshake's derivation is HKDF. Method: RFC 5869 appendix A.3 (no salt, no info, SHA-256)."""
    state = _SymmetricState(b"any", "SHA256")
    state.chaining_key = b""
    first, second = state._hkdf(bytes([0x0B]) * 22, 2)
    assert (first + second)[:42].hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_argon2id_of_the_rfc() -> None:
    """Goal: the function that test_passphrase.py compares ours with is RFC 9106's. Method: section 5.3; its
    lanes, secret and associated data are more than libsodium takes."""
    other = Argon2id(
        salt=b"\x02" * 16,
        length=32,
        iterations=3,
        lanes=4,
        memory_cost=32,
        ad=b"\x04" * 12,
        secret=b"\x03" * 8,
    )
    assert other.derive(b"\x01" * 32).hex() == (
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    )


def test_hashes_of_nist() -> None:
    """Goal: the interpreter's hashes are the standards'. Method: the examples of FIPS 180-4 and FIPS 202."""
    assert hashlib.sha256(b"abc").hexdigest() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    assert hashlib.sha256(two_blocks).hexdigest() == (
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    )
    assert hashlib.shake_256(b"").hexdigest(32) == (
        "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"
    )
    assert hashlib.sha3_256(b"abc").hexdigest() == (
        "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"
    )
