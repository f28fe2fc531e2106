"""The frozen reconciliation comes out as it was, and once more from its page alone."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import Any, Final

import msgpack
import pytest

from meshcoal.wire.reconciling import RECONCILING

FOLDER: Final = Path(__file__).parents[1] / "vectors"
KEPT: Final[dict[str, Any]] = json.loads((FOLDER / "reconciliation.json").read_text(encoding="utf-8"))


def test_the_file_comes_out_as_it_was() -> None:
    """Goal: the wire does not change unseen. Method: make it again with the script and compare."""
    spec = importlib.util.spec_from_file_location("make_reconciliation", FOLDER / "make_reconciliation.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    assert module.build() == KEPT


def test_every_message_is_in_the_file() -> None:
    """Goal: no message without its bytes. Method: compare numbers; decode and encode each."""
    listed = [bytes.fromhex(one["encoded"]) for one in KEPT["messages"]]
    said = [bytes.fromhex(one["encoded"]) for name in ("few_logs", "many_logs") for one in KEPT[name]]
    assert {msgpack.unpackb(data)[0] for data in listed + said} == set(range(40, 50))
    for data in listed + said:
        assert RECONCILING.encode(RECONCILING.decode(data)) == data


def page_derive(key: bytes, label: bytes, data: bytes, size: int) -> bytes:
    return hashlib.blake2b(bytes([len(label)]) + label + data, key=key, digest_size=size).digest()


def page_cells(key: bytes, handles: list[int], count: int) -> bytes:
    """Cells as the page has them, one cell at a time."""
    m = int.from_bytes(page_derive(key, b"meshcoal cell check 1", b"", 8), "big") | 1
    cells = [0] * count
    for handle in handles:
        s = (handle * m) % (2**64 - 59)
        check = (s**2 // 2**32) % 2**32
        place, r = 0, s
        while place < count:
            cells[place] ^= handle * 2**32 + check
            r = (r * 0xDA942042E4DD58B5) % 2**64
            place += max(1, math.ceil((place + 1.5) * (2.0**32 / math.sqrt(r + 1) - 1.0)))
    return b"".join([cell.to_bytes(12, "big") for cell in cells])


def test_a_sketch_follows_from_its_page() -> None:
    """Goal: another implementation can be written from the page. Method: write one."""
    ids = [bytes.fromhex(one) for one in KEPT["ids"]]
    key = bytes.fromhex(KEPT["key"])
    handles = [
        hashlib.blake2b(one, key=key, digest_size=8, person=b"meshcoal-loose-1").digest() for one in ids
    ]
    assert [one.hex() for one in handles] == KEPT["handles"]
    numbers = [int.from_bytes(one, "big") for one in handles]
    assert page_cells(key, numbers, 24).hex() == KEPT["cells"]


def test_digest_lanes_and_buckets_follow_from_their_page() -> None:
    """Goal: the same for what is said of whole sets. Method: compute each without the code under test."""
    ids = [bytes.fromhex(one) for one in KEPT["ids"]]
    images = [hashlib.shake_256(b"meshcoal loose sum 1\x00" + one).digest(512) for one in ids]
    total = sum(int.from_bytes(one, "big") for one in images) % 2**4096
    digest = hashlib.blake2b(total.to_bytes(512, "big"), digest_size=16, person=b"meshcoal-sum---1")
    assert digest.hexdigest() == KEPT["digest"]
    lanes = [sum(one[bit // 8] >> (7 - bit % 8) & 1 for one in ids) for bit in range(32)]
    assert bytes(lane % 256 for lane in lanes).hex() == KEPT["lanes"]
    for bucket, kept in enumerate(KEPT["bucket_digests"]):
        inside = b"".join(sorted(one for one in ids if one[0] >> 6 == bucket))
        key = bytes.fromhex(KEPT["key"])
        assert page_derive(key, b"meshcoal loose bucket 1", inside, 6).hex() == kept


@pytest.mark.parametrize("name", ["few_logs", "many_logs"])
def test_a_conversation_begins_with_two_digests_and_tells_names_by_the_page(name: str) -> None:
    """Goal: names and tags are what the page says. Method: find them in what was said."""
    said = [msgpack.unpackb(bytes.fromhex(one["encoded"])) for one in KEPT[name]]
    assert [one[0] for one in said[:2]] == [40, 40]
    assert max(len(one["encoded"]) // 2 for one in KEPT[name][:2]) < 100
    secret = bytes.fromhex(KEPT["secret"])
    forked = hashlib.shake_256(b"author 2").digest(32)
    (rungs,) = [one for one in said if one[0] == 43]
    ((told, seq, tags),) = rungs[1]
    assert told == page_derive(secret, b"meshcoal author name 1", forked, 6)
    mark = hashlib.shake_256(f"{forked.hex()} {seq - 16} ".encode()).digest(16)
    tag = page_derive(secret, b"meshcoal mark tag 1", forked + (seq - 16).to_bytes(8, "big") + mark, 6)
    assert tags[24:30] == tag
    (agreed,) = [one for one in said if one[0] == 44]
    assert agreed == [44, told, [seq - 16 + 1]]
