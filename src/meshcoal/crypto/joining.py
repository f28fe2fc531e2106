"""Sealing the two files by which somebody joins without a link: a request, and the answer to it.

Law: each looks random, from the first byte to the last, to whoever holds neither the invitation nor what is
in the request. Only who made the invitation opens a request, and only who made the request opens its answer;
a future quantum computer changes nothing about that. Each says by a proof whose link key stands in it.

Ours, unreviewed; ChaCha20-Poly1305 (RFC 8439), BLAKE2b (RFC 7693), X25519 (RFC 7748) and HPKE with X-Wing
inside. docs/protocol/joining.md.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto.agreement import SEALER_OVERHEAD_BYTES, AgreementKey, Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.parts import PART_SIZES, SALT_BYTES
from meshcoal.crypto.sealing import KEY_BYTES, NONCE_BYTES, TAG_BYTES, derive, seal, unseal
from meshcoal.errors import BadSeal

_DOOR_CONTEXT: Final = b"meshcoal request door 1"
_HEAD_CONTEXT: Final = b"meshcoal request head 1"
_KEY_INFO: Final = b"meshcoal request key 1\x00"
_NAME_CONTEXT: Final = b"meshcoal request name 1"
_ANSWER_TAG_CONTEXT: Final = b"meshcoal answer tag 1"
_ANSWER_CONTEXT: Final = b"meshcoal answer key 1"
_PROOF_CONTEXTS: Final = {False: b"meshcoal request proof 1", True: b"meshcoal answer proof 1"}
_MARK_CONTEXT: Final = b"meshcoal invited mark 1"

NAME_BYTES: Final = 16
MARK_BYTES: Final = 16
_TAG_OF_ANSWER_BYTES: Final = 16
_HEAD_BYTES: Final = NAME_BYTES + KEY_BYTES + SEALER_OVERHEAD_BYTES
_BODY_AT: Final = SALT_BYTES + _HEAD_BYTES + TAG_BYTES
_ANSWER_AT: Final = SALT_BYTES + _TAG_OF_ANSWER_BYTES
_ZERO_NONCE: Final = bytes(NONCE_BYTES)


def campaign_mark(code: bytes, campaign: bytes) -> bytes:
    """By which whoever is in a campaign already sees that an invitation leads there; empty: to none.

    To whoever does not know the campaign's id it says that there is one, and nothing else.
    """
    return derive(campaign, _MARK_CONTEXT, code, MARK_BYTES) if campaign else b""


def request_door(code: bytes) -> bytes:
    """32 bytes by which requests to an invitation are known, open or past; nothing follows back from it."""
    return derive(code, _DOOR_CONTEXT)


def request_name(answer: bytes) -> bytes:
    """16 bytes, the same in each request that goes by one answer key: whoever writes it again asks once."""
    return derive(answer, _NAME_CONTEXT, b"", NAME_BYTES)


def proof(mine: AgreementKey, theirs: bytes, *, answers: bool, about: bytes) -> bytes:
    """32 bytes that only the holder of `mine`, or of the key of `theirs`, can have made.

    Whoever holds the other's private key can make it as well, as in any agreement of two fixed keys.

    Args:
        answers: of an answer, not a request. about: all that it stands for, in one spelling.

    Raises:
        BadKey: `theirs` is not sound.
    """
    return derive(mine.exchange(theirs), _PROOF_CONTEXTS[answers], about)


def request_room(part_bytes: int) -> int:
    """How many bytes of content a request of this size has, filled up by the caller."""
    return part_bytes - _BODY_AT - TAG_BYTES


def answer_room(part_bytes: int) -> int:
    """How many bytes of content an answer of this size has, filled up by the caller."""
    return part_bytes - _ANSWER_AT - TAG_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What somebody who knows the invitation's door sees of a request; enough to know it again."""

    name: bytes
    sealed: bytes
    salt: bytes


def seal_request(
    content: bytes,
    *,
    code: bytes,
    invitation: bytes,
    public: bytes,
    name: bytes,
    sealer: Sealer,
    entropy: Entropy,
) -> bytes:
    """One request, of one of `PART_SIZES`.

    Args:
        content: exactly `request_room` bytes of such a size.
        code: of the invitation. invitation: its digest, 32 bytes. public: its sealing key.
        name: see `request_name`.

    Raises:
        BadKey: the sealing key is not sound.
    """
    assert len(content) in [request_room(size) for size in PART_SIZES], "content fills the request"
    assert len(invitation) == 32, "a digest"
    salt = entropy.take(SALT_BYTES)
    key = entropy.take(KEY_BYTES)
    head = name + sealer.seal(public, key, _KEY_INFO + invitation + salt)
    lock = derive(request_door(code), _HEAD_CONTEXT, salt)
    return salt + seal(lock, _ZERO_NONCE, head, b"") + seal(key, _ZERO_NONCE, content, salt)


def request_head(part: bytes, door: bytes) -> Head | None:
    """The head of a request to the invitation of this door; None: it is none, or its head is damaged."""
    if len(part) not in PART_SIZES:
        return None
    salt = part[:SALT_BYTES]
    try:
        head = unseal(derive(door, _HEAD_CONTEXT, salt), _ZERO_NONCE, part[SALT_BYTES:_BODY_AT], b"")
    except BadSeal:
        return None
    return Head(name=head[:NAME_BYTES], sealed=head[NAME_BYTES:], salt=salt)


def open_request(part: bytes, head: Head, *, seed: bytes, invitation: bytes, sealer: Sealer) -> bytes:
    """The content of a request whose head was found.

    Raises:
        BadSeal: it was changed, or is to another invitation of the same code.
    """
    key = sealer.open(seed, head.sealed, _KEY_INFO + invitation + head.salt)
    if len(key) != KEY_BYTES:
        raise BadSeal("no key")
    return unseal(key, _ZERO_NONCE, part[_BODY_AT:], head.salt)


def seal_answer(content: bytes, *, key: bytes, entropy: Entropy) -> bytes:
    """One answer, of one of `PART_SIZES`, to whoever drew `key` (32 bytes) for it."""
    assert len(content) in [answer_room(size) for size in PART_SIZES], "content fills the answer"
    salt = entropy.take(SALT_BYTES)
    tag = derive(key, _ANSWER_TAG_CONTEXT, salt, _TAG_OF_ANSWER_BYTES)
    return salt + tag + seal(derive(key, _ANSWER_CONTEXT, salt), _ZERO_NONCE, content, tag)


def open_answer(part: bytes, key: bytes) -> bytes | None:
    """The content of an answer to the request that `key` came with; None: it is none.

    Raises:
        BadSeal: it is, and was changed.
    """
    if len(part) not in PART_SIZES:
        return None
    salt, tag = part[:SALT_BYTES], part[SALT_BYTES:_ANSWER_AT]
    if not hmac.compare_digest(derive(key, _ANSWER_TAG_CONTEXT, salt, _TAG_OF_ANSWER_BYTES), tag):
        return None
    return unseal(derive(key, _ANSWER_CONTEXT, salt), _ZERO_NONCE, part[_ANSWER_AT:], tag)
