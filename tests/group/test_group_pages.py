"""The pages on pairwise channels and key agreement suffice: their vectors are opened by what stands there.

Nothing here calls `meshcoal.group`. Of the code's own only the hash of contexts.md, the padding and the
opener of X-Wing seals are used, which are tried elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.sealing import derive, unpad
from meshcoal.wire import canonical

VECTORS = Path(__file__).parents[1] / "vectors"
PAYLOAD_BYTES = 32 + 32 + 32 + 16


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def parsed(text: str) -> Any:
    return canonical.decode(bytes.fromhex(text))


def public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def agreed(private: bytes, other: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(other))


def seed_of(prekeys: str, name: bytes) -> bytes:
    """The secret of a named prekey, among bundles of (number, expiry, last resort, others)."""
    bundles, _ = parsed(prekeys)
    held = {name: seed for _, _, last, others in bundles for name, seed in (last, *others)}
    found = held[name]
    assert isinstance(found, bytes)
    return found


def digest_of(context: str) -> bytes:
    return hashlib.blake2b(bytes.fromhex(context), digest_size=32, person=b"meshcoal-pairctx").digest()


def exchange_in(head: bytes, prekeys: str, digest: bytes) -> tuple[bytes, bytes]:
    """The name of the prekey, and the 32 bytes that were sealed to it."""
    name = head[:8]
    info = b"meshcoal pairwise exchange 1" + name + digest
    return name, XWingSealer().open(seed_of(prekeys, name), head[8 : 8 + 1168], info)


def opened(key: bytes, box: bytes, associated: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(12), box, associated)
    except InvalidTag:
        return None


def materials(form: str, head: bytes, digest: bytes, prekeys: str, end: Any) -> list[bytes]:
    """The 64 bytes of key material, for each key and root that the recipient may have to try."""
    data = b""
    if form != "next":
        name, x = exchange_in(head, prekeys, digest)
        if form == "first":
            return [derive(x, b"meshcoal pairwise first 1", name + digest, 64)]
        data = x + name
    root_in, given, own, offers = end[7], end[8], end[9], end[11]
    ephemeral = head[-32:]
    label = f"meshcoal pairwise {form} 1".encode()
    found = []
    for private in [one for one in (given, *[key for _, key in own]) if one]:
        rest = data + agreed(private, ephemeral) + ephemeral + public(private) + digest
        roots = [one for one in (root_in, *[root for _, root in offers]) if one]
        found += [derive(root, label, rest, 64) for root in roots]
    return found


def test_pairwise_messages_open_by_the_page() -> None:
    """Goal: another implementation can be written. Method: follow pairwise.md from message to message; what
    each side holds is taken from the vectors, and what it holds afterwards is compared."""
    vectors = load("pairwise.json")
    ends: dict[str, Any] = {}
    forms = []
    for step in vectors["steps"]:
        if "recipient" in step:
            ends[step["recipient"]] = parsed(step["recipient_after"])
            continue
        recipient = next(one for one in vectors["prekeys"] if one != step["sender"])
        digest, sealed = digest_of(step["context"]), bytes.fromhex(step["sealed"])
        head, box = sealed[:-PAYLOAD_BYTES], sealed[-PAYLOAD_BYTES:]
        tried = materials(step["form"], head, digest, vectors["prekeys"][recipient], ends.get(recipient))
        hits = [(key, plain) for key in tried if (plain := opened(key[:32], box, digest + head)) is not None]
        ((key, plain),) = hits
        after = parsed(step["sender_after"])
        rest = key[32:]
        root = rest if step["form"] == "next" else derive(rest, b"meshcoal pairwise there 1")
        assert plain[:32].hex() == step["secret"]
        assert (root, public(plain[32:64])) == (after[3], after[6])
        assert plain[64:] == public(after[9][-1][1])
        if step["form"] != "next":
            assert after[11][-1][1] == derive(rest, b"meshcoal pairwise back 1")
        ends[step["sender"]] = after
        forms.append(step["form"])
    assert forms == ["first", "next", "renew", "next", "next"]


def first_secret(sealed: bytes, context: str, prekeys: str) -> bytes:
    """What a first message carries."""
    digest = digest_of(context)
    head, box = sealed[:-PAYLOAD_BYTES], sealed[-PAYLOAD_BYTES:]
    (key,) = materials("first", head, digest, prekeys, None)
    plain = opened(key[:32], box, digest + head)
    assert plain is not None
    return plain[:32]


@pytest.mark.parametrize("what", ["update", "forward"])
def test_tags_follow_from_the_place(what: str) -> None:
    """Goal: a member finds their direct. Method: the tag from campaign, author, salt and recipient."""
    vectors = load("agreement.json")
    campaign, sender, recipient, _, _, _, salt = parsed(vectors[f"{what}_context"])
    tag = derive(campaign, b"meshcoal direct tag 1", sender + salt + recipient)[:8]
    assert vectors[f"{what}_directs"][0][0] == tag.hex()


def test_an_epoch_and_what_is_handed_open_by_the_page() -> None:
    """Goal: another implementation can be written. Method: Ben takes the secret and makes the keys of the
    epoch; Chi takes what she is handed, and opens the talk with it."""
    vectors = load("agreement.json")
    _, ben, chi = vectors["prekeys"]
    ((_, direct),) = vectors["update_directs"]
    secret = first_secret(bytes.fromhex(direct), vectors["update_context"], vectors["prekeys"][ben])
    assert derive(secret, b"meshcoal record lane 1").hex() == vectors["record_key"]
    campaign, sender, *_, salt = parsed(vectors["update_context"])
    for author, chain in vectors["chains"].items():
        tag = derive(campaign, b"meshcoal direct tag 1", sender + salt + bytes.fromhex(author))[:8]
        name = sender if author == sender.hex() else tag
        assert derive(secret, b"meshcoal chain 1", name).hex() == chain
    ((_, joined),) = vectors["forward_directs"]
    data = bytes.fromhex(joined)
    size = int.from_bytes(data[:2], "big")
    message, box = data[2 : 2 + size], data[2 + size :]
    beside = first_secret(message, vectors["forward_context"], vectors["prekeys"][chi])
    plain = opened(derive(beside, b"meshcoal handed keys 1"), box, digest_of(vectors["forward_context"]))
    assert plain is not None
    handed: Any = canonical.decode(unpad(plain))
    (((epoch, record_key, chains),),) = handed
    assert record_key.hex() == vectors["record_key"]
    assert {author.hex(): key.hex() for author, _, key in chains} == vectors["chains"]
    campaign, sender, _, kind, seq, parents, _ = parsed(vectors["forward_context"])
    index = vectors["talk_index"]
    heading = canonical.encode((campaign, sender, seq, parents, kind, epoch, index))
    key = derive(bytes.fromhex(vectors["chains"][sender.hex()]), b"meshcoal message key 1")
    talk = opened(key, bytes.fromhex(vectors["talk"]), heading)
    assert talk is not None
    assert unpad(talk) == b"for all of us"
