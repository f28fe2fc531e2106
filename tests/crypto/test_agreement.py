"""X25519: the RFC's vectors hold and unsound keys are refused. X-Wing: built as the drafts say."""

from __future__ import annotations

import hashlib
import hmac
import json
import pathlib

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.agreement import AgreementKey, XWingSealer, check_agreement_public
from meshcoal.errors import BadKey, BadSeal

P = 2**255 - 19


def little(text: str) -> int:
    return int.from_bytes(bytes.fromhex(text), "little")


# RFC 7748 section 6.1
ALICE_PRIVATE = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
ALICE_PUBLIC = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
BOB_PRIVATE = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
BOB_PUBLIC = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

# The points of order 1, 2, 4 and 8 on the curve and its twist (Bernstein, "Curve25519", "validate").
SMALL_ORDER_U = [
    0,
    1,
    int.from_bytes(
        bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), "little"
    ),
    int.from_bytes(
        bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), "little"
    ),
    P - 1,
]


def test_rfc_7748() -> None:
    """Goal: this is X25519. Method: the RFC's keys and shared secret, from both sides."""
    alice = AgreementKey.from_private(bytes.fromhex(ALICE_PRIVATE))
    bob = AgreementKey.from_private(bytes.fromhex(BOB_PRIVATE))
    assert alice.private.hex() == ALICE_PRIVATE
    assert alice.public.hex() == ALICE_PUBLIC
    assert bob.public.hex() == BOB_PUBLIC
    assert alice.exchange(bob.public).hex() == bob.exchange(alice.public).hex() == SHARED


def test_small_order_keys_are_refused_in_every_spelling() -> None:
    """Goal: no known secret. Method: each u of small order, with p added, with the high bit."""
    key = AgreementKey.from_private(bytes.fromhex(ALICE_PRIVATE))
    spellings = {
        (same | high << 255).to_bytes(32, "little")
        for u in SMALL_ORDER_U
        for same in (u, u + P)
        if same < 2**255
        for high in (0, 1)
    }
    assert len(spellings) == 14
    for public in sorted(spellings):
        with pytest.raises(BadKey):
            check_agreement_public(public)
        with pytest.raises(BadKey):
            key.exchange(public)


def test_the_listed_points_are_those_that_give_zero() -> None:
    """Goal: the list holds what it should. Method: OpenSSL refuses exactly these."""
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(ALICE_PRIVATE))
    for u in SMALL_ORDER_U:
        with pytest.raises(ValueError):
            key.exchange(X25519PublicKey.from_public_bytes(u.to_bytes(32, "little")))


def test_keys_have_one_spelling() -> None:
    """Goal: two byte strings are two people. Method: all u from p up, and a good key with the high bit."""
    for u in range(P, 2**255):
        with pytest.raises(BadKey):
            check_agreement_public(u.to_bytes(32, "little"))
    good = bytes.fromhex(ALICE_PUBLIC)
    check_agreement_public(good)
    with pytest.raises(BadKey):
        check_agreement_public(good[:31] + bytes([good[31] | 0x80]))


@given(st.binary(max_size=40))
def test_any_bytes_are_a_key_or_refused(public: bytes) -> None:
    """Goal: peer bytes never crash. Method: exchange with random strings."""
    key = AgreementKey.from_private(bytes.fromhex(BOB_PRIVATE))
    try:
        shared = key.exchange(public)
    except BadKey:
        return
    assert len(public) == len(shared) == 32
    assert any(shared)


def test_a_key_does_not_show_itself() -> None:
    """Goal: no secret in a log by accident. Method: its text form."""
    assert repr(AgreementKey.from_private(bytes.fromhex(ALICE_PRIVATE))) == "AgreementKey(...)"


# --- X-Wing and HPKE, written out from the drafts and the RFC beside the library's.


def decapsulate(seed: bytes, ciphertext: bytes) -> bytes:
    """draft-connolly-cfrg-xwing-kem-10, sections 5.2 (key expansion), 5.3 (combiner), 5.5."""
    expanded = hashlib.shake_256(seed).digest(96)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
    of_mlkem = mlkem.decapsulate(ciphertext[:1088])
    ephemeral = ciphertext[1088:]
    of_x25519 = x25519.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    public = x25519.public_key().public_bytes_raw()
    return hashlib.sha3_256(
        of_mlkem + of_x25519 + ephemeral + public + bytes.fromhex("5c2e2f2f5e5c")
    ).digest()


SUITE = b"HPKE" + (0x647A).to_bytes(2, "big") + (0x0001).to_bytes(2, "big") + (0x0003).to_bytes(2, "big")


def labeled_extract(salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE + label + material, "sha256")


def labeled_expand(key: bytes, label: bytes, info: bytes, size: int) -> bytes:
    assert size <= 32
    labeled = size.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info
    return hmac.digest(key, labeled + b"\x01", "sha256")[:size]


def hpke_key_and_nonce(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """RFC 9180 section 5.1, base mode."""
    context = b"\x00" + labeled_extract(b"", b"psk_id_hash", b"") + labeled_extract(b"", b"info_hash", info)
    secret = labeled_extract(shared, b"secret", b"")
    return labeled_expand(secret, b"key", context, 32), labeled_expand(secret, b"base_nonce", context, 12)


def test_x_wing_vector_of_the_draft() -> None:
    """Goal: seeds and secrets are those of the draft. Method: its vector through our keys."""
    file = pathlib.Path(__file__).parent.parent / "vectors" / "xwing_draft_10.json"
    vector = json.loads(file.read_text())
    seed = bytes.fromhex(vector["seed"])
    public = XWingSealer().public_of(seed).hex()
    assert public.startswith(vector["public_begins"])
    assert public.endswith(vector["public_ends"])
    shared = decapsulate(seed, bytes.fromhex("".join(vector["ciphertext"])))
    assert shared.hex() == vector["shared_secret"]


def test_hpke_of_the_library_is_hpke() -> None:
    """Goal: what we send follows RFC 9180. Method: open it with the key schedule written out here."""
    sealer, seed, info = XWingSealer(), bytes(range(32)), b"meshcoal test info"
    sealed = sealer.seal(sealer.public_of(seed), b"thirty-two bytes of epoch secret", info)
    key, nonce = hpke_key_and_nonce(decapsulate(seed, sealed[:1120]), info)
    opened = ChaCha20Poly1305(key).decrypt(nonce, sealed[1120:], b"")
    assert opened == b"thirty-two bytes of epoch secret"


def test_what_the_draft_makes_the_sealer_opens() -> None:
    """Goal: others' seals open. Method: seal the draft's ciphertext by hand, open with ours."""
    file = pathlib.Path(__file__).parent.parent / "vectors" / "xwing_draft_10.json"
    vector = json.loads(file.read_text())
    key, nonce = hpke_key_and_nonce(bytes.fromhex(vector["shared_secret"]), b"info")
    sealed = bytes.fromhex("".join(vector["ciphertext"])) + ChaCha20Poly1305(key).encrypt(
        nonce, b"hello", b""
    )
    assert XWingSealer().open(bytes.fromhex(vector["seed"]), sealed, b"info") == b"hello"


@given(st.binary(max_size=1400))
def test_any_bytes_are_not_a_seal(sealed: bytes) -> None:
    """Goal: peer bytes never crash. Method: open random strings around the smallest size."""
    with pytest.raises(BadSeal):
        XWingSealer().open(bytes(32), sealed, b"")
