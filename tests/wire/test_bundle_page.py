"""A part and its codes, had once more from docs/protocol/bundle.md and slips.md alone."""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib
import json
import operator
import sys
from pathlib import Path
from typing import Any

import msgpack
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

sys.path.insert(0, str(Path(__file__).parents[1] / "vectors"))

import vectorwork

FOLDER = Path(__file__).parents[1] / "vectors"


def vector() -> Any:
    return json.loads((FOLDER / "bundle.json").read_text(encoding="utf-8"))


def derived(key: bytes, context: bytes, data: bytes) -> bytes:
    return hashlib.blake2b(bytes([len(context)]) + context + data, key=key, digest_size=32).digest()


def shaken(label: str, size: int) -> bytes:
    return hashlib.shake_256(label.encode()).digest(size)


def test_the_vector_comes_out_again() -> None:
    """Goal: no byte changes unseen. Method: run the script and compare."""
    script = importlib.import_module("make_bundle")
    assert vectorwork.spelled(script.build()) == (FOLDER / "bundle.json").read_text(encoding="utf-8")


def opened(slot: bytes, key: bytes) -> bytes:
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(12), slot, b"")
    except InvalidTag:
        return b""


def test_a_part_opens_from_the_page() -> None:
    """Goal: another program can read a bundle. Method: each step of the page, with other libraries."""
    known = vector()
    part, campaign = bytes.fromhex(known["slip"]), bytes.fromhex(known["campaign"])
    salt = part[:32]
    head = ChaCha20Poly1305(derived(campaign, b"meshcoal bundle head 1", salt))
    assert head.decrypt(bytes(12), part[32:64], b"") == b"\x01" + bytes(15)
    slots = head.decrypt(bytes(11) + b"\x01", part[64:464], b"")
    lane = derived(bytes.fromhex(known["record_key"]), b"meshcoal bundle slot 1", salt)
    keys = [opened(slots[at : at + 48], lane) for at in range(0, 384, 48)]
    (key,) = [one for one in keys if one]
    content = ChaCha20Poly1305(key).decrypt(bytes(12), part[464:], salt)
    assert len(content) == 2_048 - 464 - 16
    said = content.rstrip(b"\x00")
    assert said == bytes.fromhex(known["content"]) + b"\x80"
    assert msgpack.unpackb(said[:-1]) == [
        shaken("bundle", 16),
        7,
        shaken("mine", 16),
        1_800_000_000_000,
        1_799_999_000_000,
        1_799_999_500_000,
        [shaken("run", 200)],
        [shaken("operation", 100)],
        [shaken("item", 50)],
        [[shaken("file", 32), shaken("manifest", 80), [[3, shaken("chunk", 60)]]]],
    ]


def times(one: int, other: int) -> int:
    """In GF(2^8) with x^8 + x^4 + x^3 + x + 1, by hand."""
    found = 0
    while other:
        found ^= one if other & 1 else 0
        one = one << 1 ^ (0x11B if one & 0x80 else 0)
        other >>= 1
    return found


def over(one: int, other: int) -> int:
    return next(found for found in range(256) if times(found, other) == one)


def test_codes_follow_from_the_page() -> None:
    """Goal: another program can read a sheet. Method: heads, pieces, and the further codes by polynomials."""
    known = vector()
    slip = bytes.fromhex(known["slip"])
    name = hashlib.blake2b(slip, digest_size=6, person=b"meshcoal-slips-1").digest()
    assert len(known["codes"]) == 6
    for at, code in enumerate(known["codes"]):
        data = base64.b32decode(code + "=" * (-len(code) % 8))
        values = data[9:]
        mask = hashlib.blake2b(values, digest_size=9, person=b"meshcoal-slips-m").digest()
        assert bytes(map(operator.xor, data[:9], mask)) == name + bytes([4, 6, at])
        weights = [
            functools.reduce(times, [over(at ^ other, place ^ other) for other in range(4) if other != place])
            for place in range(4)
        ]
        if at < 4:
            assert values == slip[512 * at : 512 * (at + 1)]
        for byte in (0, 1, 100, 511):
            terms = [times(weights[place], slip[512 * place + byte]) for place in range(4)]
            assert values[byte] == functools.reduce(operator.xor, terms)
