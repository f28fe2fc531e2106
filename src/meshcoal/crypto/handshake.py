"""The Noise Protocol Framework, revision 34, over 25519 and ChaChaPoly: how two peers agree on a link's keys.

Law: what a peer sends either moves the handshake one step or ends it with `BadHandshake`; nothing else comes
out, and after an error the machine is dead. Chance comes in as the ephemeral keys. Numbered sections are
those of the Noise specification. Differences from it, both stricter: public keys in a second spelling or of
small order are refused, and a pattern takes at most one pre-shared key.

With the modifier "hfs" a key encapsulation joins the first agreement of two fresh keys: the tokens "e1" and
"ekem1" of the extension "KEM-based Hybrid Forward Secrecy for Noise", revision 1 (a draft; "HFS" below). What
was recorded stays closed while either X25519 or the KEM holds. Bytes and use: docs/protocol/handshake.md.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from meshcoal.crypto.agreement import PUBLIC_BYTES, AgreementKey, check_agreement_public
from meshcoal.crypto.kem import KEM_CIPHERTEXT_BYTES, KEM_PUBLIC_BYTES, Kem
from meshcoal.errors import BadHandshake, BadKey, BadSeal, OverLimit

MESSAGE_BYTES_MAX: Final = 65_535  # section 3
PSK_BYTES: Final = 32
TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
_NONCE_MAX: Final = 2**64 - 1  # reserved for rekeying, section 5.1

_HASHES: Final[dict[str, Any]] = {
    "SHA256": hashlib.sha256,
    "SHA512": hashlib.sha512,
    "BLAKE2s": hashlib.blake2s,
    "BLAKE2b": hashlib.blake2b,
}
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))  # of HMAC, RFC 2104 section 2
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))

# Sections 7.4, 7.5 and appendix 18.1. Before the colon what is known beforehand: "i" the initiator's static
# key, "r" the responder's. After it the messages, the first by the initiator, then by turns.
_PATTERNS: Final = {
    "N": "r: e es",
    "K": "ir: e es ss",
    "X": "r: e es s ss",
    "NN": ": e, e ee",
    "NK": "r: e es, e ee",
    "NX": ": e, e ee s es",
    "KN": "i: e, e ee se",
    "KK": "ir: e es ss, e ee se",
    "KX": "i: e, e ee se s es",
    "XN": ": e, e ee, s se",
    "XK": "r: e es, e ee, s se",
    "XX": ": e, e ee s es, s se",
    "IN": ": e s, e ee se",
    "IK": "r: e es s ss, e ee se",
    "IX": ": e s, e ee se s es",
    "NK1": "r: e, e ee es",
    "NX1": ": e, e ee s, es",
    "X1N": ": e, e ee, s, se",
    "X1K": "r: e es, e ee, s, se",
    "XK1": "r: e, e ee es, s se",
    "X1K1": "r: e, e ee es, s, se",
    "X1X": ": e, e ee s es, s, se",
    "XX1": ": e, e ee s, es s se",
    "X1X1": ": e, e ee s, es s, se",
    "K1N": "i: e, e ee, se",
    "K1K": "ir: e es, e ee, se",
    "KK1": "ir: e, e ee se es",
    "K1K1": "ir: e, e ee es, se",
    "K1X": "i: e, e ee s es, se",
    "KX1": "i: e, e ee se s, es",
    "K1X1": "i: e, e ee s, se es",
    "I1N": ": e s, e ee, se",
    "I1K": "r: e es s, e ee, se",
    "IK1": "r: e s, e ee se es",
    "I1K1": "r: e s, e ee es, se",
    "I1X": ": e s, e ee s es, se",
    "IX1": ": e s, e ee se s, es",
    "I1X1": ": e s, e ee s, se es",
}
_NAME: Final = re.compile(r"([A-Z][A-Z1]*)(?:(hfs)(?:\+psk([0-9]))?|psk([0-9]))?")


class CipherState:
    """One direction of a link: a key and a counter. Section 5.1."""

    __slots__ = ("_aead", "_key", "count")

    def __init__(self, key: bytes) -> None:
        assert len(key) == _KEY_BYTES
        self._key = key
        self._aead = ChaCha20Poly1305(key)
        self.count = 0  # messages so far

    def encrypt(self, plaintext: bytes, associated: bytes = b"") -> bytes:
        """Seal the next message; adds 16 bytes. Raises `OverLimit` when all nonces are spent."""
        sealed = self._aead.encrypt(self._next_nonce(), plaintext, associated)
        self.count += 1
        return sealed

    def decrypt(self, ciphertext: bytes, associated: bytes = b"") -> bytes:
        """Open the next message.

        Raises:
            BadSeal: not the next message of the other side, or changed. The counter stays where it was.
            OverLimit: all nonces are spent.
        """
        try:
            plaintext = self._aead.decrypt(self._next_nonce(), ciphertext, associated)
        except InvalidTag as exc:
            raise BadSeal("the seal does not hold") from exc
        self.count += 1
        return plaintext

    def rekey(self) -> None:
        """Replace the key by a function of itself, sections 4.2 and 11.3; the counter goes on."""
        self._key = self._aead.encrypt(_nonce(_NONCE_MAX), bytes(_KEY_BYTES), b"")[:_KEY_BYTES]
        self._aead = ChaCha20Poly1305(self._key)

    def _next_nonce(self) -> bytes:
        if self.count >= _NONCE_MAX:
            raise OverLimit("this key has sealed as many messages as it may")
        return _nonce(self.count)

    def __repr__(self) -> str:
        return f"CipherState(count={self.count})"


class _SymmetricState:
    """Chaining key, running hash, and a cipher once there is a key. Section 5.2."""

    __slots__ = ("_block_bytes", "_hasher", "chaining_key", "cipher", "hash")

    def __init__(self, protocol_name: bytes, hash_name: str) -> None:
        self._hasher = _HASHES[hash_name]
        size, self._block_bytes = self._hasher().digest_size, self._hasher().block_size
        short = len(protocol_name) <= size
        self.hash = protocol_name.ljust(size, b"\x00") if short else self._digest(protocol_name)
        self.chaining_key = self.hash
        self.cipher: CipherState | None = None

    def mix_hash(self, data: bytes) -> None:
        self.hash = self._digest(self.hash + data)

    def mix_key(self, material: bytes) -> None:
        self.chaining_key, key = self._hkdf(material, 2)
        self.cipher = CipherState(key[:_KEY_BYTES])

    def mix_key_and_hash(self, material: bytes) -> None:
        self.chaining_key, mixed, key = self._hkdf(material, 3)
        self.mix_hash(mixed)
        self.cipher = CipherState(key[:_KEY_BYTES])

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        sealed = self.cipher.encrypt(plaintext, self.hash) if self.cipher else plaintext
        self.mix_hash(sealed)
        return sealed

    def decrypt_and_hash(self, sealed: bytes) -> bytes:
        plaintext = self.cipher.decrypt(sealed, self.hash) if self.cipher else sealed
        self.mix_hash(sealed)
        return plaintext

    def split(self) -> tuple[CipherState, CipherState]:
        first, second = self._hkdf(b"", 2)
        return CipherState(first[:_KEY_BYTES]), CipherState(second[:_KEY_BYTES])

    def _digest(self, data: bytes) -> bytes:
        digest = self._hasher(data).digest()
        assert isinstance(digest, bytes)
        return digest

    def _hkdf(self, material: bytes, outputs: int) -> list[bytes]:
        """Section 4.3. HMAC by hand: the library's call sets up for longer than it hashes so little."""
        hasher = self._hasher
        padded = self.chaining_key.ljust(self._block_bytes, b"\x00")
        inner = hasher(padded.translate(_INNER) + material).digest()
        temporary = hasher(padded.translate(_OUTER) + inner).digest().ljust(self._block_bytes, b"\x00")
        inside, outside = temporary.translate(_INNER), temporary.translate(_OUTER)
        found: list[bytes] = []
        last = b""
        for number in range(1, outputs + 1):
            last = hasher(outside + hasher(inside + last + bytes((number,))).digest()).digest()
            found.append(last)
        return found


class Handshake:
    """One side of a handshake. Section 5.3.

    Call `write` and `read` by turns, the initiator writing first, until `finished`; then `split`. Calling out
    of turn is a bug in the caller and asserts; what the peer sends never does.

    Args:
        pattern: such as "XX", "XKpsk3" or "XKhfs+psk0": a name of the Noise specification, at most one psk.
        prologue: bytes both sides must agree on; a peer with other ones fails.
        static: own long-term key where the pattern has one.
        ephemeral: a fresh key, for this handshake alone.
        remote_static: the peer's key, exactly where the pattern knows it beforehand.
        psk: 32 bytes, exactly where the pattern has a psk.
        kem: exactly where the pattern has hfs.
        kem_seed: `KEM_SEED_BYTES` fresh bytes for this handshake alone, exactly for the initiator of an hfs.
        hash_name: SHA256, SHA512, BLAKE2s or BLAKE2b.

    Raises:
        BadKey: `remote_static` fails `check_agreement_public`.
    """

    def __init__(
        self,
        *,
        pattern: str,
        initiator: bool,
        prologue: bytes,
        static: AgreementKey | None,
        ephemeral: AgreementKey,
        remote_static: bytes | None = None,
        psk: bytes | None = None,
        kem: Kem | None = None,
        kem_seed: bytes | None = None,
        hash_name: str = "SHA256",
    ) -> None:
        known, self._messages, wants_psk, wants_kem = _parse(pattern)
        own, other = ("i", "r") if initiator else ("r", "i")
        assert (other in known) == (remote_static is not None), "the pattern says whose key is known"
        assert own not in known or static is not None, "the pattern needs a static key"
        assert wants_psk == (psk is not None), "a psk exactly where the pattern has one"
        assert psk is None or len(psk) == PSK_BYTES, "a psk is 32 bytes"
        assert wants_kem == (kem is not None), "a KEM exactly where the pattern has hfs"
        assert (wants_kem and initiator) == (kem_seed is not None), "the initiator of an hfs makes a KEM key"
        if remote_static is not None:
            check_agreement_public(remote_static)
        self._initiator = initiator
        self._static = static
        self._ephemeral = ephemeral
        self._remote_ephemeral: bytes | None = None
        self._psk = psk
        self._kem = kem
        self._kem_key = kem.key_of(kem_seed) if kem is not None and kem_seed is not None else None
        self._encapsulated: tuple[bytes, bytes] | None = None
        self._step = 0
        self._dead = False
        self.remote_static = remote_static
        agreement = "25519" if kem is None else f"25519+{kem.name}"
        name = f"Noise_{pattern}_{agreement}_ChaChaPoly_{hash_name}"
        self._symmetric = _SymmetricState(name.encode(), hash_name)
        self._symmetric.mix_hash(prologue)
        for side in known:
            public = static.public if side == own and static is not None else remote_static
            assert public is not None
            self._symmetric.mix_hash(public)

    @property
    def finished(self) -> bool:
        """All messages of the pattern have passed."""
        return not self._dead and self._step == len(self._messages)

    @property
    def my_turn(self) -> bool:
        """The next message is ours to write."""
        return not self._dead and not self.finished and (self._step % 2 == 0) == self._initiator

    @property
    def handshake_hash(self) -> bytes:
        """Names this handshake, equal on both sides once finished: for channel binding, section 11.2."""
        assert self.finished
        return self._symmetric.hash

    def write(self, payload: bytes = b"") -> bytes:
        """Our next message, with `payload` as well protected as the pattern allows by then (section 7.7).

        Raises:
            BadHandshake: this handshake ended in an error before, or the peer's keys yield a known secret.
            OverLimit: the message would be longer than 65,535 bytes.
        """
        self._refuse_dead()
        assert self.my_turn, "not our turn"
        try:
            message = b"".join([self._write_part(part) for part in self._messages[self._step]])
        except BadKey as exc:
            raise self._end("the peer's key is not sound") from exc
        if len(message) + len(payload) + TAG_BYTES > MESSAGE_BYTES_MAX:
            self._dead = True
            raise OverLimit("the handshake message is too long")
        message += self._symmetric.encrypt_and_hash(payload)
        self._step += 1
        return message

    def read(self, message: bytes) -> bytes:
        """Take the peer's next message and return its payload.

        Raises:
            BadHandshake: too short or long, an unsound key, a wrong psk, prologue or static key, a changed
                byte; or this handshake ended in an error before.
        """
        self._refuse_dead()
        assert not self.finished, "the handshake is over"
        assert not self.my_turn, "not the peer's turn"
        if len(message) > MESSAGE_BYTES_MAX:
            raise self._end("the handshake message is too long")
        try:
            for part in self._messages[self._step]:
                message = self._read_part(part, message)
            payload = self._symmetric.decrypt_and_hash(message)
        except BadKey as exc:
            raise self._end("the peer's key is not sound") from exc
        except BadSeal as exc:
            raise self._end("the handshake message does not hold") from exc
        self._step += 1
        return payload

    def split(self) -> tuple[CipherState, CipherState]:
        """(for sending, for receiving), as this side sees it. Call it once."""
        assert self.finished, "the handshake is not over"
        first, second = self._symmetric.split()
        return (first, second) if self._initiator else (second, first)

    def _write_part(self, part: str) -> bytes:
        symmetric = self._symmetric
        if part == "e":
            symmetric.mix_hash(self._ephemeral.public)
            if self._psk is not None:
                symmetric.mix_key(self._ephemeral.public)  # section 9.2
            return self._ephemeral.public
        if part == "s":
            assert self._static is not None, "the pattern needs a static key"
            return symmetric.encrypt_and_hash(self._static.public)
        if part == "e1":  # HFS section 4
            assert self._kem_key is not None
            return symmetric.encrypt_and_hash(self._kem_key.public)
        if part == "ekem1":
            assert self._encapsulated is not None, "e1 came first"
            ciphertext, secret = self._encapsulated
            self._encapsulated = None
            sealed = symmetric.encrypt_and_hash(ciphertext)
            symmetric.mix_key(secret)
            return sealed
        self._mix(part)
        return b""

    def _read_part(self, part: str, message: bytes) -> bytes:
        """Take `part` from the front of `message` and act on it; the rest is returned."""
        symmetric = self._symmetric
        if part == "e":
            public, rest = self._cut(message, PUBLIC_BYTES)
            check_agreement_public(public)
            self._remote_ephemeral = public
            symmetric.mix_hash(public)
            if self._psk is not None:
                symmetric.mix_key(public)
            return rest
        if part == "s":
            sealed, rest = self._cut(message, PUBLIC_BYTES + (TAG_BYTES if symmetric.cipher else 0))
            public = symmetric.decrypt_and_hash(sealed)
            check_agreement_public(public)
            self.remote_static = public
            return rest
        if part == "e1":
            assert self._kem is not None
            sealed, rest = self._cut(message, KEM_PUBLIC_BYTES + (TAG_BYTES if symmetric.cipher else 0))
            # At once rather than when the ciphertext is written: an unsound key ends the message it came in.
            self._encapsulated = self._kem.encapsulate(symmetric.decrypt_and_hash(sealed))
            return rest
        if part == "ekem1":
            assert self._kem_key is not None
            sealed, rest = self._cut(message, KEM_CIPHERTEXT_BYTES + (TAG_BYTES if symmetric.cipher else 0))
            symmetric.mix_key(self._kem_key.decapsulate(symmetric.decrypt_and_hash(sealed)))
            self._kem_key = None
            return rest
        self._mix(part)
        return message

    def _mix(self, part: str) -> None:
        if part == "psk":
            assert self._psk is not None
            self._symmetric.mix_key_and_hash(self._psk)
            return
        # The first letter is the initiator's key, the second the responder's.
        own, other = (part[0], part[1]) if self._initiator else (part[1], part[0])
        key = self._ephemeral if own == "e" else self._static
        public = self._remote_ephemeral if other == "e" else self.remote_static
        assert key is not None, "the pattern needs a static key"
        assert public is not None
        self._symmetric.mix_key(key.exchange(public))

    def _cut(self, message: bytes, size: int) -> tuple[bytes, bytes]:
        if len(message) < size:
            raise self._end("the handshake message is too short")
        return message[:size], message[size:]

    def _end(self, reason: str) -> BadHandshake:
        self._dead = True
        return BadHandshake(reason)

    def _refuse_dead(self) -> None:
        if self._dead:
            raise BadHandshake("the handshake failed before")

    def __repr__(self) -> str:
        return f"Handshake(step={self._step}, finished={self.finished})"


def _parse(pattern: str) -> tuple[str, list[list[str]], bool, bool]:
    """(whose key is known, tokens of each message, has a psk, has a KEM). Section 8."""
    match = _NAME.fullmatch(pattern)
    assert match is not None, "an unknown pattern"
    known, _, body = _PATTERNS[match[1]].partition(":")
    messages = [part.split() for part in body.split(",")]
    place = match[3] or match[4]
    if match[2] is not None:
        _add_kem(messages)
    if place == "0":  # section 9.4: 0 begins the first message, n ends the n-th
        messages[0].insert(0, "psk")
    elif place is not None:
        messages[int(place) - 1].append("psk")
    return known, messages, place is not None, match[2] is not None


def _add_kem(messages: list[list[str]]) -> None:
    """HFS section 5: "e1" follows the first "e", or the agreement after it; "ekem1" the first "ee"."""
    first = messages[0]
    place = first.index("e") + 1
    if place < len(first) and first[place] in ("es", "ss"):
        place += 1
    first.insert(place, "e1")
    answer = next(message for message in messages if "ee" in message)
    answer.insert(answer.index("ee") + 1, "ekem1")


def _nonce(number: int) -> bytes:
    return bytes(4) + number.to_bytes(8, "little")  # section 12.3
