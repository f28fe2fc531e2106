"""Frozen links: what a node sent and understood once, it sends and understands for ever, or says so."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.kem import MLKEM768
from meshcoal.sync.knock import Door, Knocks, Pattern
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import Message, Noted, Ping, Pong

FOLDER = Path(__file__).parents[1] / "vectors"
PRESENT: dict[str, Any] = json.loads((FOLDER / "links.json").read_text(encoding="utf-8"))
MESSAGES: dict[str, Message] = {"Ping": Ping(), "Pong": Pong(), "Noted": Noted(author=bytes(32))}


def _script() -> Any:
    spec = importlib.util.spec_from_file_location("make_links", FOLDER / "make_links.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MAKE = _script()


def test_the_script_makes_the_file_anew() -> None:
    """Goal: the protocol has not changed by accident. Method: run the script's own work; compare it all."""
    assert MAKE.build(PRESENT) == PRESENT
    assert [one["case"] for one in PRESENT["links"]] == ["contact", "campaign", "invitation"]


@pytest.mark.parametrize("vector", PRESENT["links"], ids=lambda vector: str(vector["case"]))
def test_the_kem_part_is_ml_kem_768(vector: dict[str, Any]) -> None:
    """Goal: the secret is that of FIPS 203, not of our own making. Method: decapsulate by OpenSSL."""
    key = MLKEM768().key_of(bytes.fromhex(vector["ana_kem_seed"]))
    assert key.decapsulate(bytes.fromhex(vector["kem_ciphertext"])).hex() == vector["kem_secret"]


@pytest.mark.parametrize("vector", PRESENT["links"], ids=lambda vector: str(vector["case"]))
def test_the_tag_can_be_made_from_the_page_alone(vector: dict[str, Any]) -> None:
    """Goal: docs/protocol/session.md is enough. Method: its formulas with nothing but a hash function."""

    def derive(key: bytes, label: bytes, data: bytes = b"", size: int = 32) -> bytes:
        return hashlib.blake2b(bytes([len(label)]) + label + data, key=key, digest_size=size).digest()

    label = {
        "contact": b"meshcoal contact psk 1",
        "campaign": b"meshcoal campaign psk 1",
        "invitation": b"meshcoal invitation psk 2",
    }[vector["case"]]
    pattern = b"XXhfs+psk0" if vector["case"] == "invitation" else b"XKhfs+psk0"
    psk = derive(bytes.fromhex(vector["secret"]), label)
    assert psk.hex() == vector["psk"]
    responder = AgreementKey(bytes.fromhex(vector["ben_private"])).public
    door = derive(psk, b"meshcoal door 1", responder + pattern)
    assert door.hex() == vector["door_secret"]
    place = (vector["now_ms"] // 86_400_000).to_bytes(8, "big") + bytes.fromhex(vector["chance"])
    tag = derive(door, b"meshcoal first tag 2", place, 16)
    assert tag.hex() == vector["tag"]
    assert vector["frame_1"].startswith(vector["chance"] + vector["tag"])


@pytest.mark.parametrize("vector", PRESENT["links"], ids=lambda vector: str(vector["case"]))
def test_a_node_understands_the_frozen_side_of_its_peer(vector: dict[str, Any]) -> None:
    """Goal: two versions of this code would link. Method: Ana, with the real KEM, hears Ben's old frames."""
    pattern = Pattern.INVITATION if vector["case"] == "invitation" else Pattern.KNOWN
    names = ("ana_ephemeral_private", "ana_kem_seed", "chance", "fresh")
    entropy = MAKE.Given(*(bytes.fromhex(vector[name]) for name in names))
    now_ms = vector["now_ms"]
    ana, first = Session.dial(
        name=("", b""),
        pattern=pattern,
        static=AgreementKey(bytes.fromhex(vector["ana_private"])),
        remote=AgreementKey(bytes.fromhex(vector["ben_private"])).public,
        psk=bytes.fromhex(vector["psk"]),
        tools=Tools(entropy=entropy, kem=MLKEM768(), knocks=Knocks()),
        now_ms=now_ms,
    )
    assert first.hex() == vector["frame_1"]
    (third,), _ = ana.read(bytes.fromhex(vector["frame_2"]), now_ms)
    assert third.hex() == vector["frame_3"]
    assert ana.handshake_hash.hex() == vector["handshake_hash"]
    for one in vector["frames"]:
        message, at_ms = MESSAGES[one["message"]], now_ms + one["after_ms"]
        if one["from"] == "ana":
            assert [frame.hex() for frame in ana.write(message, at_ms)] == [one["frame"]]
        else:
            assert ana.read(bytes.fromhex(one["frame"]), at_ms) == ([], [message])


@pytest.mark.parametrize("vector", PRESENT["links"], ids=lambda vector: str(vector["case"]))
def test_who_answers_takes_the_frozen_first_frame(vector: dict[str, Any]) -> None:
    """Goal: the same for the other side. Method: Ben, with the real KEM, answers; his answer is his own."""
    pattern = Pattern.INVITATION if vector["case"] == "invitation" else Pattern.KNOWN
    ben = AgreementKey(bytes.fromhex(vector["ben_private"]))
    door = Door(name=("", b""), pattern=pattern, static=ben, psk=bytes.fromhex(vector["psk"]))
    entropy = MAKE.Given(bytes.fromhex(vector["ben_ephemeral_private"]))
    tools = Tools(entropy=entropy, kem=MLKEM768(), knocks=Knocks())
    session, second = Session.answer(
        bytes.fromhex(vector["frame_1"]), doors=[door], tools=tools, now_ms=vector["now_ms"]
    )
    assert not session.established
    assert len(second) == len(vector["frame_2"]) // 2
    assert second.hex() != vector["frame_2"], "OpenSSL draws each encapsulation anew"
