"""The frozen log still comes out, and can be written from the pages on operations and bodies alone."""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from meshcoal.crypto import signing
from meshcoal.wire import canonical
from meshcoal.wire.bodies import decode_body
from meshcoal.wire.operation import Kind, decode_operation, signing_input
from meshcoal.wire.record import to_json

sys.path.insert(0, str(Path(__file__).parents[1] / "vectors"))

import make_operations
import vectorwork


@functools.cache
def vectors() -> Any:
    return json.loads(make_operations.FILE.read_text(encoding="utf-8"))


def test_the_vectors_come_out_again() -> None:
    """Goal: no byte changes unseen. Method: make them anew and compare with the file."""
    assert vectorwork.spelled(make_operations.build()) == make_operations.FILE.read_text(encoding="utf-8")


def test_every_kind_is_there() -> None:
    """Goal: a new kind has a vector. Method: compare with the kinds."""
    assert {one["kind"] for one in vectors()["operations"]} == {kind.name.lower() for kind in Kind}


def derived(key: bytes, label: bytes, data: bytes = b"", size: int = 32) -> bytes:
    """contexts.md, "derivation"."""
    return hashlib.blake2b(bytes([len(label)]) + label + data, key=key, digest_size=size).digest()


def hashed(data: bytes, person: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32, person=person).digest()


def padded(plain: bytes) -> bytes:
    """operation.md: a mark, then zeros up to a class."""
    sizes = (64, 128, 256, 512, 1024, 2048)
    return (plain + b"\x80").ljust(next(size for size in sizes if len(plain) < size), b"\0")


@pytest.mark.parametrize("place", range(38))
def test_an_operation_can_be_written_from_the_page(place: int) -> None:
    """Goal: the page tells the truth. Method: seal, hash and sign each by its formulas; compare the bytes."""
    one, log = vectors()["operations"][place], vectors()["operations"]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vectors()["author_seed"]))
    author = private.public_key().public_bytes_raw()
    kind = Kind[one["kind"].upper()]
    assert int(kind) == one["number"]
    header = canonical.decode(bytes.fromhex(one["header"]))
    assert isinstance(header, tuple)
    salt, index, successor = vectorwork.fixed(f"salt {place}", 16), header[9], header[10]
    campaign = bytes(32) if place == 0 else bytes.fromhex(log[0]["id"])
    last = bytes.fromhex(log[place - 1]["id"]) if place else b""
    parents = (last,) if place else ()
    begun = [before for before in log[:place] if before["kind"] in ("create", "remove", "rekey")]
    begins = one["kind"] in ("create", "remove", "rekey")
    epoch = b"" if begins else bytes.fromhex(begun[-1]["id"])
    secret = bytes.fromhex(one["epoch_secret"])
    plain = padded(bytes.fromhex(one["body_encoded"]))
    if one["kind"] == "post":
        chain = derived(secret, b"meshcoal chain 1", author)
        for _ in range(int(str(index))):
            chain = derived(chain, b"meshcoal next chain key 1")
        key = derived(chain, b"meshcoal message key 1")
        associated = canonical.encode((campaign, author, place, parents, one["number"], epoch, index))
    else:
        record_key = derived(secret, b"meshcoal record lane 1")
        spot = author + place.to_bytes(8, "big")
        key = derived(record_key, b"meshcoal body key 1", salt + spot)
        associated = campaign + spot
    sealed = ChaCha20Poly1305(key).encrypt(bytes(12), plain, associated)
    directs: tuple[tuple[bytes, bytes], ...] = ()
    if one["kind"] in ("add", "remove", "rekey"):
        recipient = bytes.fromhex(vectors()["recipient_of_directs"])
        tag = derived(campaign, b"meshcoal direct tag 1", author + salt + recipient)[:8]
        directs = ((tag, vectorwork.fixed(f"direct {place}", 144)),)
    written = canonical.encode(
        (
            2,
            campaign,
            author,
            place,
            last,
            parents,
            one["number"],
            epoch,
            salt,
            index,
            successor,
            hashed(sealed, b"meshcoal-body--1"),
            hashed(canonical.encode(directs), b"meshcoal-direc-1"),
        )
    )
    assert written.hex() == one["header"]
    identifier = hashed(written, b"meshcoal-op-id-1")
    assert identifier.hex() == one["id"]
    closed = any(
        decode_operation(bytes.fromhex(before["encoded"])).header.successor for before in log[:place]
    )
    signer = vectors()["successor_seed" if closed else "author_seed"]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(signer))
    signature = private.sign(b"meshcoal operation 1\x00" + identifier)
    assert signature.hex() == one["signature"]
    assert canonical.encode((written, signature, sealed, directs)).hex() == one["encoded"]


@pytest.mark.parametrize("place", range(38))
def test_an_operation_is_read_as_the_file_says(place: int) -> None:
    """Goal: another node's operations are understood. Method: decode each, and its body."""
    one = vectors()["operations"][place]
    operation = decode_operation(bytes.fromhex(one["encoded"]))
    assert (operation.id.hex(), operation.header.kind) == (one["id"], Kind(one["number"]))
    earlier = [bytes.fromhex(before["encoded"]) for before in vectors()["operations"][:place]]
    successors = [decode_operation(before).header.successor for before in earlier]
    key = next((one for one in reversed(successors) if one), operation.header.author)
    signing.verify(key, signing_input(operation.id), operation.signature)
    body = decode_body(operation.header.kind, bytes.fromhex(one["body_encoded"]))
    assert to_json(body) == one["body"]
    fields = canonical.decode(bytes.fromhex(one["body_encoded"]))
    assert isinstance(fields, tuple)
    assert len(fields) == len(one["body"])
    assert list(one["body"])[:3] == ["at_ms", "handed", "carried"]


def test_the_file_has_as_many_as_are_tried() -> None:
    """Goal: none is left out. Method: count."""
    assert len(vectors()["operations"]) == 38
