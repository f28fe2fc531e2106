"""Makes `links.json`: whole openings of links and the first frames after them, from fixed keys.

Run `python tests/vectors/make_links.py` where meshcoal is installed: the file comes out as it was, or the
protocol has changed. One thing cannot be fixed, because OpenSSL draws it by itself: the ML-KEM ciphertext. It
is taken from the present file, and everything else is made anew around it; `--fresh` draws others, `--check`
compares and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.kem import MLKEM768, KemKey
from meshcoal.sync.knock import (
    Door,
    Knock,
    Knocks,
    Pattern,
    campaign_psk,
    contact_psk,
    day_of,
    door_secret,
    invitation_psk,
)
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import Message, Noted, Ping, Pong

FILE: Final = Path(__file__).with_name("links.json")
NOW_MS: Final = 20_000 * DAY_MS + HOUR_MS
CASES: Final = ("contact", "campaign", "invitation")


def fixed(label: str, size: int) -> bytes:
    """Bytes that follow from a label: SHAKE256 of it."""
    return hashlib.shake_256(label.encode()).digest(size)


class Given:
    """Chance that was decided beforehand."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = list(parts)

    def take(self, count: int, /) -> bytes:
        if count == 0:
            return b""
        part = self._parts.pop(0)
        assert len(part) == count
        return part


class GivenKem:
    """ML-KEM-768 with an encapsulation that was made before, to a key whose seed is known."""

    name = MLKEM768.name

    def __init__(self, seed: bytes, ciphertext: bytes | None) -> None:
        self._key = MLKEM768().key_of(seed)
        self.ciphertext = ciphertext or MLKEM768().encapsulate(self._key.public)[0]

    def key_of(self, seed: bytes) -> KemKey:
        return MLKEM768().key_of(seed)

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        assert public == self._key.public
        return self.ciphertext, self._key.decapsulate(self.ciphertext)


def case(name: str, ciphertext: bytes | None) -> dict[str, Any]:
    """One link, as Ana opens it and Ben answers."""
    pattern = Pattern.INVITATION if name == "invitation" else Pattern.KNOWN
    secret = fixed(f"{name} secret", 16 if name == "invitation" else 32)
    psk = {"contact": contact_psk, "campaign": campaign_psk, "invitation": invitation_psk}[name](secret)
    ana, ben, ana_ephemeral, ben_ephemeral = (
        AgreementKey(fixed(f"{name} {who}", 32)) for who in ("ana", "ben", "ana ephemeral", "ben ephemeral")
    )
    kem_seed, chance, fresh = (
        fixed(f"{name} {what}", size) for what, size in (("kem seed", 64), ("chance", 16), ("fresh", 16))
    )
    kem = GivenKem(kem_seed, ciphertext)
    dialler = Tools(entropy=Given(ana_ephemeral.private, kem_seed, chance, fresh), kem=kem, knocks=Knocks())
    answerer = Tools(entropy=Given(ben_ephemeral.private), kem=kem, knocks=Knocks())
    near, first = Session.dial(
        name=("", b""), pattern=pattern, static=ana, remote=ben.public, psk=psk, tools=dialler, now_ms=NOW_MS
    )
    door = Door(name=("", b""), pattern=pattern, static=ben, psk=psk)
    far, second = Session.answer(first, doors=[door], tools=answerer, now_ms=NOW_MS)
    (third,), _ = near.read(second, NOW_MS)
    far.read(third, NOW_MS)
    frames = []
    said: tuple[tuple[str, Session, Message, int], ...] = (
        ("ana", near, Ping(), 0),
        ("ben", far, Pong(), 1),
        ("ana", near, Noted(author=bytes(32)), HOUR_MS),  # tells that the key changes
        ("ana", near, Ping(), HOUR_MS),  # under the next key
    )
    for who, session, message, later_ms in said:
        (frame,) = session.write(message, NOW_MS + later_ms)
        frames.append(
            {"from": who, "after_ms": later_ms, "message": type(message).__name__, "frame": frame.hex()}
        )
    day = day_of(NOW_MS)
    knock_secret = door_secret(pattern, psk, ben.public)
    return {
        "case": name,
        "noise": f"Noise_{pattern.value}_25519+MLKEM768_ChaChaPoly_SHA256",
        "now_ms": NOW_MS,
        "day": day,
        "secret": secret.hex(),
        "ana_private": ana.private.hex(),
        "ben_private": ben.private.hex(),
        "ana_ephemeral_private": ana_ephemeral.private.hex(),
        "ben_ephemeral_private": ben_ephemeral.private.hex(),
        "ana_kem_seed": kem_seed.hex(),
        "kem_ciphertext": kem.ciphertext.hex(),
        "kem_secret": kem.encapsulate(kem.key_of(kem_seed).public)[1].hex(),
        "chance": chance.hex(),
        "fresh": fresh.hex(),
        "psk": psk.hex(),
        "door_secret": knock_secret.hex(),
        "tag": Knock(secret=knock_secret, day=day, chance=chance).head[16:].hex(),
        "frame_1": first.hex(),
        "frame_2": second.hex(),
        "frame_3": third.hex(),
        "handshake_hash": near.handshake_hash.hex(),
        "frames": frames,
    }


def build(present: dict[str, Any] | None) -> dict[str, Any]:
    """The whole file; the ciphertexts of `present` are kept."""
    kept = {one["case"]: bytes.fromhex(one["kem_ciphertext"]) for one in (present or {"links": []})["links"]}
    return {
        "about": "Openings of links, and frames after them. docs/protocol/session.md. All bytes in hex.",
        "links": [case(name, kept.get(name)) for name in CASES],
    }


def main() -> None:
    fresh = "--fresh" in sys.argv or not FILE.exists()
    present = None if fresh else json.loads(FILE.read_text(encoding="utf-8"))
    made = json.dumps(build(present), indent=1) + "\n"
    if "--check" not in sys.argv:
        FILE.write_text(made, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != made:
        raise SystemExit(f"{FILE.name} is not what comes out now")


if __name__ == "__main__":
    main()
