"""The frozen formats still come out, and can be had from the pages alone.

Each check below is written from docs/protocol, with other libraries than the code's where there are any.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib
import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from meshcoal.crypto.fingerprint import word_list
from meshcoal.crypto.passphrase import unwrap
from meshcoal.errors import Malformed, MalformedInvitation, OverLimit
from meshcoal.statement.verification import verify
from meshcoal.store.vault import unpack
from meshcoal.wire import canonical
from meshcoal.wire.frames import MESSAGES
from meshcoal.wire.invitation import decode_invitation
from meshcoal.wire.public_text import parse_canonical_text
from meshcoal.wire.reconciling import RECONCILING
from meshcoal.wire.record import to_json

sys.path.insert(0, str(Path(__file__).parents[1] / "vectors"))

import vectorwork

FOLDER = Path(__file__).parents[1] / "vectors"
NAMES = (
    "encoding",
    "messages",
    "invitation",
    "vault",
    "words",
    "letter",
    "attachment",
    "ring",
    "sealed",
    "counted",
)


@functools.cache
def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize("name", NAMES)
def test_the_vectors_come_out_again(name: str) -> None:
    """Goal: no byte changes unseen. Method: run each script's `build` and compare with its file."""
    script = importlib.import_module(f"make_{name}")
    assert vectorwork.spelled(script.build()) == (FOLDER / f"{name}.json").read_text(encoding="utf-8")


def test_every_file_of_ours_has_a_script() -> None:
    """Goal: anyone can make the vectors again. Method: files against scripts, and both against the README."""
    others = {"noise_25519_chachapoly", "noise_xxhfs_mlkem768", "published", "xwing_draft_10"}
    others |= {"ristretto255", "voprf_ristretto255"}
    grouped = {"pairwise": "group_vectors", "ratchet": "group_vectors", "agreement": "group_vectors"}
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for file in FOLDER.glob("*.json"):
        assert f"`{file.name}`" in readme
        if file.stem not in others:
            assert (FOLDER / f"make_{grouped.get(file.stem, file.stem)}.py").is_file(), file.name


# --- encoding.md


def packed(value: Any) -> bytes:
    """MessagePack in its shortest forms, from the table of the page."""
    if value is None or value is False or value is True:
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        if 0 <= value < 128 or -32 <= value < 0:
            return (value & 0xFF).to_bytes(1, "big")
        first = 0xCC if value >= 0 else 0xD0
        for place, size in enumerate((1, 2, 4, 8)):
            low, high = (0, 1 << 8 * size) if value >= 0 else (-(1 << 8 * size - 1), 0)
            if low <= value < high:
                return bytes([first + place]) + value.to_bytes(size, "big", signed=value < 0)
    if isinstance(value, dict):
        return sized(unhex(value["bytes"]), (None, 0, 0xC4, 0xC5, 0xC6))
    if isinstance(value, str):
        return sized(value.encode(), (0xA0, 32, 0xD9, 0xDA, 0xDB))
    items = b"".join(map(packed, value))
    return (
        bytes([0x90 + len(value)]) if len(value) < 16 else b"\xdc" + len(value).to_bytes(2, "big")
    ) + items


def sized(data: bytes, forms: tuple[int | None, int, int, int, int]) -> bytes:
    short, below, *longer = forms
    if short is not None and len(data) < below:
        return bytes([short + len(data)]) + data
    size = 1 if len(data) < 256 else 2
    return bytes([longer[size - 1]]) + len(data).to_bytes(size, "big") + data


def test_values_have_the_spelling_of_the_page() -> None:
    """Goal: another encoder can be written. Method: write one here, and compare."""
    values = load("encoding")["values"]
    assert len(values) > 40
    for one in values:
        assert packed(one["value"]).hex() == one["encoded"]
        assert canonical.encode(canonical.decode(unhex(one["encoded"]))).hex() == one["encoded"]


def test_other_spellings_are_refused() -> None:
    """Goal: one spelling. Method: each of the file's."""
    for one in load("encoding")["refused"]:
        with pytest.raises((Malformed, OverLimit)):
            canonical.decode(unhex(one["encoded"]))


# --- session.md, "Messages"


def test_messages_are_what_the_file_says() -> None:
    """Goal: another node understands them. Method: decode each; number first, then fields in their order."""
    messages = load("messages")["messages"]
    elsewhere = set(RECONCILING.classes)  # in reconciliation.json
    assert {one["number"] for one in messages} == {
        MESSAGES.number(cls) for cls in MESSAGES.classes if cls not in elsewhere
    }
    assert {cls: RECONCILING.number(cls) for cls in RECONCILING.classes} == {
        cls: MESSAGES.number(cls) for cls in elsewhere
    }
    for one in messages:
        encoded = unhex(one["encoded"])
        decoded = MESSAGES.decode(encoded)
        assert (type(decoded).__name__, to_json(decoded)) == (one["message"], one["fields"])
        assert encoded[0] == 0x90 + 1 + len(one["fields"])
        assert encoded[1] == one["number"]
    ping, pong, frontier = messages[0], messages[1], messages[2]
    assert (ping["encoded"], pong["encoded"]) == ("9101", "9102")
    held = [[{"bytes": h["author"]}, h["seq"], {"bytes": h["mark"]}] for h in frontier["fields"]["held"]]
    assert packed([3, True, held]).hex() == frontier["encoded"]


# --- invitation.md


def test_an_invitation_can_be_written_from_the_page() -> None:
    """Goal: the page tells the truth. Method: put each text together by hand."""
    for one in load("invitation")["invitations"]:
        fields = one["fields"]
        code, person, seal, mark = [{"bytes": fields[name]} for name in ("code", "person", "seal", "mark")]
        record = packed([1, code, person, fields["hints"], fields["expires_ms"], seal, mark])
        assert record.hex() == one["record"]
        checksum = hashlib.blake2b(record, digest_size=4, person=b"meshcoal-invit-1").digest()
        assert "MESHCOAL1" + base64.b32encode(record + checksum).decode().rstrip("=") == one["text"]
        assert to_json(decode_invitation(one["text"])) == fields


def test_invitations_forgive_and_refuse() -> None:
    """Goal: typing is forgiven, damage is not. Method: the file's spellings."""
    vectors = load("invitation")
    wanted = decode_invitation(vectors["invitations"][1]["text"])
    assert [decode_invitation(text) for text in vectors["the_same"]] == [wanted] * 3
    for text in vectors["refused"]:
        with pytest.raises(MalformedInvitation):
            decode_invitation(text)


# --- vault-key.md, vault-file.md


def test_a_vault_opens_with_other_libraries() -> None:
    """Goal: a home can be opened without us. Method: OpenSSL's Argon2id and AEAD, by the two pages."""
    vectors = load("vault")
    file, slot = unhex(vectors["vault_file"]), unhex(vectors["slot"])
    assert file == b"meshcoal vault\r\n\x00\x01\x00\x63" + slot + hashlib.sha256(file[:-32]).digest()
    assert unpack(file) == slot
    head, nonce, sealed = slot[:39], slot[39:51], slot[51:]
    assert head == (
        b"meshcoal slot\x00\x01"
        + vectors["memory_kib"].to_bytes(4, "big")
        + vectors["passes"].to_bytes(4, "big")
        + unhex(vectors["salt"])
    )
    for phrase in vectors["passphrases"]:
        assert unicodedata.normalize("NFKC", phrase).encode().hex() == vectors["normal"]
    stretch = Argon2id(
        salt=unhex(vectors["salt"]),
        length=32,
        iterations=vectors["passes"],
        lanes=1,
        memory_cost=vectors["memory_kib"],
    )
    key = stretch.derive(unhex(vectors["normal"]))
    assert key.hex() == vectors["slot_key"]
    assert ChaCha20Poly1305(key).decrypt(nonce, sealed, head).hex() == vectors["data_key"]
    assert unwrap(vectors["passphrases"][1], slot).hex() == vectors["data_key"]


# --- handshake.md, "Comparing words"


def spoken(data: bytes, count: int, language: str) -> list[str]:
    bits = "".join(f"{byte:08b}" for byte in hashlib.blake2b(data, person=b"meshcoal-words-1").digest())
    listed = word_list(language)
    return [listed[int(bits[11 * place : 11 * place + 11], 2)] for place in range(count)]


def test_words_follow_from_the_bytes() -> None:
    """Goal: another program shows the same words. Method: bits of the hash, eleven a word."""
    vectors = load("words")
    for one in vectors["fingerprints"]:
        assert spoken(b"meshcoal fingerprint 1\x00" + unhex(one["key"]), 12, one["language"]) == one["words"]
    for one in vectors["comparisons"]:
        keys = b"".join(sorted(map(unhex, one["keys"])))
        data = b"meshcoal comparison 1\x00" + unhex(one["handshake_hash"]) + keys
        assert spoken(data, 6, one["language"]) == one["words"]


# --- statement.md, package.md


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_letter_can_be_checked_by_hand() -> None:
    """Goal: a stranger needs SHA-256 and Ed25519 alone. Method: each digest and signature, by hand."""
    letter = load("letter")
    for name in ("campaign", "statement"):
        said = hashlib.sha256(b"meshcoal public reference 1\n" + unhex(letter[name])).hexdigest()
        assert said == letter[f"{name}_reference"]
        assert f"\n{name}: {said}\n" in letter["text"]
    assert letter["text"].startswith("meshcoal statement 1\n")
    assert sha256(letter["text"]) == letter["digest"]
    parse_canonical_text(letter["text"].encode())
    for one in letter["sign_ons"]:
        private = Ed25519PrivateKey.from_private_bytes(unhex(one["act_seed"]))
        assert private.public_key().public_bytes_raw().hex() == one["act_key"]
        assert private.sign(one["text"].encode()).hex() == one["signature"]
        assert one["text"].startswith(
            f"meshcoal sign-on 1\nstatement: {letter['digest']}\nkey: {one['act_key']}\n"
        )
        assert sha256(one["text"]) == one["digest"]
        assert f"\nsign-on: {one['act_key']} {one['digest']} " in letter["tally"]["text"]
    assert sha256(letter["tally"]["text"]) == letter["tally"]["digest"]
    assert f"\ntally: {letter['tally']['digest']}\n" in letter["release"]["text"]
    for what, place in (("release", 0), ("withdrawal", 1)):
        key = Ed25519PublicKey.from_public_bytes(unhex(letter["sign_ons"][place]["act_key"]))
        key.verify(unhex(letter[what]["signature"]), letter[what]["text"].encode())
    assert f"\nsign-on: {letter['sign_ons'][1]['digest']}\n" in letter["withdrawal"]["text"]


def test_a_package_is_json_in_one_spelling_and_sound() -> None:
    """Goal: RFC 8785, as the page says. Method: parse and spell it with the standard library; verify it."""
    text = load("letter")["package"]
    package = json.loads(text)
    assert json.dumps(package, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == text
    assert package["canonical_text"] == load("letter")["text"]
    report = verify(text.encode())
    assert report.sound, report.problems
    assert (report.counts.organisations, report.counts.individuals, report.counts.withdrawn) == (1, 4, 1)
    assert (report.counts.since, report.counts.addenda) == (2, 2)


def test_an_attachment_can_be_had_from_its_page_alone() -> None:
    """Goal: another program can seal and open files. Method: each value once more, from attachments.md."""
    vector = load("attachment")
    data = hashlib.shake_256(b"a file").digest(40_000)
    key, campaign = unhex(vector["key"]), unhex(vector["campaign"])

    def derived(context: bytes, of: bytes) -> bytes:
        return hashlib.blake2b(bytes([len(context)]) + context + of, key=key, digest_size=32).digest()

    def named(sealed: bytes) -> str:
        return hashlib.blake2b(sealed, digest_size=32, person=b"meshcoal-chunk-1").hexdigest()

    hashed = hashlib.blake2b(data, digest_size=32).digest()
    assert hashed.hex() == vector["hash"]
    digest = derived(b"meshcoal file digest 1", hashed)
    assert digest.hex() == vector["digest"]
    cipher = ChaCha20Poly1305(derived(b"meshcoal file chunks 1", digest + campaign))
    padded = data.ljust(40_960, b"\x00")  # Padme: 16 bits, so the lowest 11 are rounded away
    names = []
    for place, part in enumerate((padded[:32_640], padded[32_640:]), start=1):
        sealed = cipher.encrypt(place.to_bytes(12, "big"), part, b"")
        listed = vector["chunks"][place - 1]
        names.append(unhex(listed["id"]))
        assert (named(sealed), len(sealed)) == (listed["id"], listed["bytes"])
        assert (sealed[:32].hex(), sealed[-32:].hex()) == (listed["first"], listed["last"])
    plain = b"\x91\x92" + b"".join(b"\xc4\x20" + name for name in names)
    assert plain.hex() == vector["manifest_plain"]
    sealed = cipher.encrypt(bytes(12), (plain + b"\x80").ljust(128, b"\x00"), b"")
    assert sealed.hex() == vector["manifest_sealed"]
    assert named(sealed) == vector["manifest_id"]
    said = b"".join(
        [
            b"\x96\xa8scan.pdf\xafapplication/pdf\xcd\x9c\x40",
            *[b"\xc4\x20" + part for part in (key, digest, unhex(vector["manifest_id"]))],
        ]
    )
    assert said.hex() == vector["attachment"]
    assert [(one["padded"], one["chunks"]) for one in vector["padding"]] == [
        (1_024, 1), (1_024, 1), (1_088, 1), (32_768, 2), (32_768, 2), (40_960, 2), (1_015_808, 32),
        (20_971_520, 643),
    ]  # fmt: skip
