"""Every published vector of Noise over 25519 and ChaChaPoly runs through our engine, both sides."""

from __future__ import annotations

import json
import pathlib
import re
from collections import Counter
from typing import Any

import pytest

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.handshake import Handshake
from meshcoal.sync.knock import Pattern

FILE = pathlib.Path(__file__).parent.parent / "vectors" / "noise_25519_chachapoly.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text())["vectors"]


def side(vector: dict[str, Any], prefix: str) -> Handshake:
    def key(name: str) -> AgreementKey | None:
        text = vector.get(f"{prefix}_{name}")
        return None if text is None else AgreementKey(bytes.fromhex(text))

    _, pattern, _, _, hash_name = vector["protocol_name"].split("_")
    remote = vector.get(f"{prefix}_remote_static")
    psks = vector.get(f"{prefix}_psks", [])
    assert len(psks) <= 1
    return Handshake(
        pattern=pattern,
        initiator=prefix == "init",
        prologue=bytes.fromhex(vector[f"{prefix}_prologue"]),
        static=key("static"),
        ephemeral=key("ephemeral") or AgreementKey(bytes(32)),  # one-way: the responder has none
        remote_static=None if remote is None else bytes.fromhex(remote),
        psk=bytes.fromhex(psks[0]) if psks else None,
        hash_name=hash_name,
    )


def test_the_file_is_whole() -> None:
    """Goal: no vector is lost on the way. Method: count them and their protocols."""
    assert len(VECTORS) == 236
    assert len({vector["protocol_name"] for vector in VECTORS}) == 236


# Of the families that nodes use, how many the file has; each stands once for each of the four hashes. It has
# neither XKpsk0 nor XXpsk0: psk0 is tried in the patterns that it does have it in. Forms with hfs:
# test_noise_hfs_vectors.py.
IN_USE = {"XK": 4, "XKpsk3": 4, "XX": 4, "XXpsk3": 4}
PSK0 = 24


def test_every_vector_of_the_families_in_use_is_run() -> None:
    """Goal: what nodes rely on is tried. Method: count the file's vectors by pattern, as `test_vector` takes
    them; ask for the families of the patterns that nodes use, and for psk0."""
    found = Counter(str(vector["protocol_name"]).split("_")[1] for vector in VECTORS)
    assert {name: count for name, count in found.items() if re.fullmatch(r"X[KX](psk\d)?", name)} == IN_USE
    assert {pattern.value.partition("hfs+psk0") for pattern in Pattern} == {
        ("XK", "hfs+psk0", ""),
        ("XX", "hfs+psk0", ""),
    }
    assert sum(count for name, count in found.items() if name.endswith("psk0")) == PSK0


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["protocol_name"]))
def test_vector(vector: dict[str, Any]) -> None:
    """Goal: our engine is Noise. Method: replay the vector; compare each message, the hash, the transport."""
    initiator, responder = side(vector, "init"), side(vector, "resp")
    messages = iter(vector["messages"])
    writer, reader = initiator, responder
    while not initiator.finished:
        message = next(messages)
        sent = writer.write(bytes.fromhex(message["payload"]))
        assert sent.hex() == message["ciphertext"]
        assert reader.read(sent).hex() == message["payload"]
        writer, reader = reader, writer
    assert responder.finished
    assert initiator.handshake_hash.hex() == responder.handshake_hash.hex() == vector["handshake_hash"]
    ends = {id(initiator): initiator.split(), id(responder): responder.split()}
    one_way = len(vector["protocol_name"].split("_")[1].split("psk")[0]) == 1
    carried = 0
    for message in messages:
        if one_way:
            writer, reader = initiator, responder
        sealed = ends[id(writer)][0].encrypt(bytes.fromhex(message["payload"]))
        assert sealed.hex() == message["ciphertext"]
        assert ends[id(reader)][1].decrypt(sealed).hex() == message["payload"]
        writer, reader = reader, writer
        carried += 1
    assert carried > 0
