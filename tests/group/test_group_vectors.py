"""The frozen vectors still come out, and say what the pages say."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from meshcoal.crypto.sealing import derive, unpad, unseal
from meshcoal.group.pairwise import FIRST_BYTES, NEXT_BYTES, RENEW_BYTES

sys.path.insert(0, str(Path(__file__).parents[1] / "vectors"))

from make_group_vectors import made, spelled

VECTORS = Path(__file__).parents[1] / "vectors"


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("name", ["pairwise.json", "ratchet.json", "agreement.json"])
def test_the_vectors_come_out_again(name: str) -> None:
    """Goal: no byte changes unseen. Method: make them anew and compare with the file."""
    assert spelled(made(VECTORS)[name]) == (VECTORS / name).read_text(encoding="utf-8")


def test_pairwise_messages_have_the_sizes_of_the_page() -> None:
    """Goal: the page tells the truth. Method: lengths of each form in the vectors."""
    sizes = {"first": FIRST_BYTES, "renew": RENEW_BYTES, "next": NEXT_BYTES}
    sent = [step for step in load("pairwise.json")["steps"] if "form" in step]
    assert [len(step["sealed"]) // 2 for step in sent] == [sizes[step["form"]] for step in sent]
    for step in sent:
        context = bytes.fromhex(step["context"])
        digest = hashlib.blake2b(context, digest_size=32, person=b"meshcoal-pairctx").hexdigest()
        assert digest == step["context_digest"]


def test_the_ratchet_can_be_followed_from_the_page_alone() -> None:
    """Goal: another implementation can be written. Method: derive each key by the table, and open."""
    vectors = load("ratchet.json")
    key = derive(bytes.fromhex(vectors["secret"]), b"meshcoal chain 1", bytes.fromhex(vectors["author"]))
    for message in vectors["messages"]:
        assert key.hex() == message["chain_key"]
        opened = unseal(
            derive(key, b"meshcoal message key 1"),
            bytes(12),
            bytes.fromhex(message["sealed"]),
            bytes.fromhex(message["heading"]),
        )
        assert unpad(opened).hex() == message["plaintext"]
        key = derive(key, b"meshcoal next chain key 1")


def test_an_epoch_s_directs_stand_in_the_vectors_as_on_the_page() -> None:
    """Goal: the page tells the truth. Method: a first contact is bare; a forward begins with a length."""
    vectors = load("agreement.json")
    ((_, bare),) = vectors["update_directs"]
    assert len(bare) // 2 == FIRST_BYTES
    ((_, joined),) = vectors["forward_directs"]
    assert int(joined[:4], 16) == FIRST_BYTES
