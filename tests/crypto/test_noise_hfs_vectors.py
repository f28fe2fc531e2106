"""Published handshakes of XXhfs with ML-KEM-768 run through our engine, both sides."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.handshake import CipherState, Handshake
from meshcoal.crypto.kem import MLKEM768, KemKey

FILE = pathlib.Path(__file__).parent.parent / "vectors" / "noise_xxhfs_mlkem768.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["vectors"]


class Noting:
    """ML-KEM-768 that notes what it decapsulates, and encapsulates what was noted before."""

    def __init__(self, name: str, known: tuple[bytes, bytes] | None = None) -> None:
        self.name = name
        self.known = known

    def key_of(self, seed: bytes) -> KemKey:
        return _NotingKey(self, MLKEM768().key_of(seed))

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        return self.known or MLKEM768().encapsulate(public)


class _NotingKey:
    def __init__(self, kem: Noting, key: KemKey) -> None:
        self._kem, self._key, self.public = kem, key, key.public

    def decapsulate(self, ciphertext: bytes) -> bytes:
        secret = self._key.decapsulate(ciphertext)
        self._kem.known = (ciphertext, secret)
        return secret


def side(vector: dict[str, Any], kem: Noting, *, initiator: bool) -> Handshake:
    letter = "i" if initiator else "r"
    return Handshake(
        pattern="XXhfs",
        initiator=initiator,
        prologue=bytes.fromhex(vector["prologue"]),
        static=AgreementKey(bytes.fromhex(vector[f"static_{letter}_private"])),
        ephemeral=AgreementKey(bytes.fromhex(vector[f"ephemeral_dh_{letter}_private"])),
        kem=kem,
        kem_seed=bytes.fromhex(vector["ephemeral_kem_i_seed"]) if initiator else None,
    )


def ciphertext_of_the_vectors() -> tuple[bytes, bytes]:
    """What both vectors encapsulate, as the initiator of the first takes it out of message B."""
    kem = Noting("MLKEM768")
    initiator = side(VECTORS[0], kem, initiator=True)
    initiator.write()
    initiator.read(bytes.fromhex(VECTORS[0]["msg_b"]))
    assert kem.known is not None
    return kem.known


def test_both_vectors_are_there() -> None:
    """Goal: none is lost. Method: count, and look at the names."""
    assert [vector["protocol_name"] for vector in VECTORS] == [
        f"Noise_XXhfs_25519+{name}_ChaChaPoly_SHA256" for name in ("MLKEM768", "ML-KEM-768")
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["protocol_name"]))
def test_vector(vector: dict[str, Any]) -> None:
    """Goal: "e1" and "ekem1" stand where others put them. Method: both sides write; compare each message,
    the hash and the keys. The KEM's chance is inside OpenSSL, so its ciphertext is taken from message B."""
    kem = Noting(vector["protocol_name"].split("_")[2].partition("+")[2], ciphertext_of_the_vectors())
    initiator, responder = side(vector, kem, initiator=True), side(vector, kem, initiator=False)
    first = initiator.write()
    assert len(first) == 1216
    assert first.hex().startswith(vector["msg_a_begins"])
    assert first.hex().endswith(vector["msg_a_ends"])
    responder.read(first)
    second = responder.write()
    assert len(second) == 1200
    assert vector["msg_b"] in ("", second.hex())
    initiator.read(second)
    third = initiator.write()
    assert third.hex() == vector["msg_c"]
    responder.read(third)
    assert initiator.handshake_hash.hex() == responder.handshake_hash.hex() == vector["handshake_hash"]
    wanted = [CipherState(bytes.fromhex(vector[name])).encrypt(b"x") for name in ("cs1_k", "cs2_k")]
    (to_responder, from_responder), (to_initiator, from_initiator) = initiator.split(), responder.split()
    assert [to_responder.encrypt(b"x"), to_initiator.encrypt(b"x")] == wanted
    assert from_initiator.decrypt(wanted[0]) == from_responder.decrypt(wanted[1]) == b"x"
