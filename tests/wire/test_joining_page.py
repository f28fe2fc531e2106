"""A request and an answer, had once more from docs/protocol/joining.md; and what is refused."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import msgpack
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import Malformed, OverLimit
from meshcoal.wire.joining import Answer, Request, decode_carried, encode_carried

sys.path.insert(0, str(Path(__file__).parents[1] / "vectors"))

import vectorwork

FILE = Path(__file__).parents[1] / "vectors" / "joining.json"


def vector() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))


def derived(key: bytes, context: bytes, data: bytes = b"", size: int = 32) -> bytes:
    return hashlib.blake2b(bytes([len(context)]) + context + data, key=key, digest_size=size).digest()


def agreed(private: bytes, public: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def test_the_joining_vector_comes_out_again() -> None:
    """Goal: no byte changes unseen. Method: run the script and compare."""
    script = importlib.import_module("make_joining")
    assert vectorwork.spelled(script.build()) == FILE.read_text(encoding="utf-8")


def test_a_request_opens_from_the_page() -> None:
    """Goal: another program can join. Method: each step of the page, with other libraries."""
    known = vector()
    code, part = bytes.fromhex(known["code"]), bytes.fromhex(known["request_part"])
    text = known["invitation"].removeprefix("MESHCOAL1")
    record = base64.b32decode(text + "=" * (-len(text) % 8))[:-4]
    version, said_code, person, _, _, seal, mark = msgpack.unpackb(record)
    assert (version, said_code, len(seal)) == (1, code, 1_216)
    assert mark == derived(bytes.fromhex(known["campaign"]), b"meshcoal invited mark 1", code, 16)
    digest = hashlib.blake2b(record, digest_size=32, person=b"meshcoal-invit-d").digest()
    assert digest.hex() == known["digest"]
    salt = part[:32]
    head = derived(derived(code, b"meshcoal request door 1"), b"meshcoal request head 1", salt)
    opened = ChaCha20Poly1305(head).decrypt(bytes(12), part[32:1_232], b"")
    assert opened[:16] == derived(bytes.fromhex(known["answer_key"]), b"meshcoal request name 1", b"", 16)
    assert len(opened) == 16 + 1_120 + 32 + 16
    key = bytes.fromhex(known["key"])
    content = ChaCha20Poly1305(key).decrypt(bytes(12), part[1_232:], salt).rstrip(b"\x00")
    assert content == bytes.fromhex(known["request"]) + b"\x80"
    fields = msgpack.unpackb(content[:-1])
    ben = bytes.fromhex(known["links"]["ben"])
    assert fields[1:4] == [1, public_of(ben), "Ben"]
    about = digest + msgpack.packb([bytes(32), *fields[1:]])
    assert fields[0] == derived(agreed(ben, person), b"meshcoal request proof 1", about)


def test_an_answer_opens_from_the_page() -> None:
    """Goal: another program understands what comes back. Method: as above, and the proof from Ana's side."""
    known = vector()
    part, key = bytes.fromhex(known["answer_part"]), bytes.fromhex(known["answer_key"])
    salt, tag = part[:32], part[32:48]
    assert tag == derived(key, b"meshcoal answer tag 1", salt, 16)
    lane = derived(key, b"meshcoal answer key 1", salt)
    content = ChaCha20Poly1305(lane).decrypt(bytes(12), part[48:], tag).rstrip(b"\x00")
    assert content == bytes.fromhex(known["answer"]) + b"\x80"
    fields = msgpack.unpackb(content[:-1])
    assert fields[1:4] == [1, "admitted", "Ana"]
    ana, ben = (bytes.fromhex(known["links"][name]) for name in ("ana", "ben"))
    about = key + msgpack.packb([bytes(32), *fields[1:]])
    assert fields[0] == derived(agreed(ana, public_of(ben)), b"meshcoal answer proof 1", about)


@pytest.mark.parametrize("cls", [Request, Answer])
@given(data=st.data())
def test_changed_bytes_are_refused_or_harmless(
    cls: type[Request] | type[Answer], data: st.DataObject
) -> None:
    """Goal: no other error leaves the decoder. Method: bytes put anywhere, cut, and pure noise."""
    good = bytes.fromhex(vector()["request" if cls is Request else "answer"]) + b"\x80"
    at = data.draw(st.integers(0, len(good)))
    noise = data.draw(st.binary(max_size=40))
    changed = data.draw(st.sampled_from((good[:at] + noise + good[at + len(noise) :], good[:at], noise)))
    try:
        found = decode_carried(cls, changed)
    except (Malformed, OverLimit):
        return
    assert encode_carried(found, len(good) + 100).rstrip(b"\x00") == changed.rstrip(b"\x00")
