"""The passphrase slot: how a passphrase opens the vault's random data key.

Law: the data key never depends on the passphrase, so changing the passphrase rewraps 32 bytes and nothing
else. A slot says how it was made (memory, passes, salt) and is refused beyond `limits`, in both directions:
a weakened slot is as foul as one that would eat all memory. Layout and reasons: docs/protocol/vault-key.md.

Argon2id (RFC 9106) through libsodium, one lane. The layout of the slot is ours, unreviewed.
"""

from __future__ import annotations

import enum
import math
import re
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import nacl.exceptions
import nacl.pwhash.argon2id

from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.fingerprint import LANGUAGES, word_list
from meshcoal.crypto.sealing import KEY_BYTES, NONCE_BYTES, TAG_BYTES, seal, unseal
from meshcoal.errors import BadArgument, BadSeal, Corrupt, Unsupported, WrongPassphrase
from meshcoal.limits import (
    ARGON2_MEMORY_DEFAULT_KIB,
    ARGON2_MEMORY_MAX_KIB,
    ARGON2_MEMORY_MIN_KIB,
    ARGON2_PASSES_MAX,
    ARGON2_PASSES_MIN,
    KIB,
    PASSPHRASE_BYTES_MAX,
    PASSPHRASE_CHARS_MIN,
)

VERSION: Final = 1
SALT_BYTES: Final = 16
DATA_KEY_BYTES: Final = 32
TARGET_MIN_S: Final = 0.7
TARGET_MAX_S: Final = 1.5

_MAGIC: Final = b"meshcoal slot\x00"
_HEAD: Final = struct.Struct(f">{len(_MAGIC)}sBII{SALT_BYTES}s")  # magic, version, memory, passes, salt
SLOT_BYTES: Final = _HEAD.size + NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotParameters:
    """How a slot's key is made. Construction raises `Corrupt` when a value is beyond `limits`."""

    salt: bytes  # 16 bytes, fresh for every wrap
    memory_kib: int = ARGON2_MEMORY_DEFAULT_KIB
    passes: int = ARGON2_PASSES_MIN
    version: int = VERSION

    def __post_init__(self) -> None:
        if self.version != VERSION:
            raise Corrupt("The key file is of an unknown version.")
        if len(self.salt) != SALT_BYTES:
            raise Corrupt("The key file is damaged.")
        if not ARGON2_MEMORY_MIN_KIB <= self.memory_kib <= ARGON2_MEMORY_MAX_KIB:
            raise Corrupt("The key file asks for more or less memory than is allowed; it is damaged.")
        if not ARGON2_PASSES_MIN <= self.passes <= ARGON2_PASSES_MAX:
            raise Corrupt("The key file asks for more or less work than is allowed; it is damaged.")


class Strength(enum.Enum):
    WEAK = "weak"
    FAIR = "fair"
    STRONG = "strong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What we think of a passphrase, and the sentence to show."""

    strength: Strength
    sentence: str


def slot_key(passphrase: str, parameters: SlotParameters) -> bytes:
    """32 bytes from a passphrase, slowly and with much memory on purpose: call it off the main thread.

    One phrase typed on two keyboards is one phrase: see `one_spelling`.

    Raises:
        BadArgument: longer than `PASSPHRASE_BYTES_MAX`, or not text that can be encoded.
        Unsupported: the machine has not enough free memory.
    """
    return _stretch(_normal(passphrase), parameters)


def wrap(passphrase: str, data_key: bytes, parameters: SlotParameters, entropy: Entropy) -> bytes:
    """A slot file of `SLOT_BYTES` bytes that opens to `data_key` (32 bytes) with this passphrase.

    Raises:
        BadArgument: fewer than `PASSPHRASE_CHARS_MIN` characters, or as `slot_key`.
        Unsupported: as `slot_key`.
    """
    assert len(data_key) == DATA_KEY_BYTES, "a data key is 32 bytes"
    phrase = _normal(passphrase)
    if len(phrase.decode()) < PASSPHRASE_CHARS_MIN:
        raise BadArgument(f"The passphrase needs at least {PASSPHRASE_CHARS_MIN} characters.")
    head = _HEAD.pack(_MAGIC, parameters.version, parameters.memory_kib, parameters.passes, parameters.salt)
    nonce = entropy.take(NONCE_BYTES)
    return head + nonce + seal(_stretch(phrase, parameters), nonce, data_key, head)


def unwrap(passphrase: str, wrapped: bytes) -> bytes:
    """The data key in a slot file.

    Raises:
        WrongPassphrase: the passphrase does not open it (a damaged salt or key looks the same).
        Corrupt: it does not parse, or asks for work beyond `limits`. Nothing slow was done.
        Unsupported: as `slot_key`.
    """
    parameters = read_parameters(wrapped)
    try:
        key = slot_key(passphrase, parameters)
    except BadArgument as exc:  # no slot was ever made with such a passphrase
        raise WrongPassphrase("The passphrase is wrong.") from exc
    head, nonce, sealed = (
        wrapped[: _HEAD.size],
        wrapped[_HEAD.size : _HEAD.size + NONCE_BYTES],
        wrapped[_HEAD.size + NONCE_BYTES :],
    )
    try:
        return unseal(key, nonce, sealed, head)
    except BadSeal as exc:
        raise WrongPassphrase("The passphrase is wrong.") from exc


def read_parameters(wrapped: bytes) -> SlotParameters:
    """How a slot file was made. Raises `Corrupt`."""
    if len(wrapped) != SLOT_BYTES:
        raise Corrupt("The key file is truncated or damaged.")
    magic, version, memory_kib, passes, salt = _HEAD.unpack_from(wrapped)
    if magic != _MAGIC:
        raise Corrupt("This is not a key file.")
    return SlotParameters(salt=salt, memory_kib=memory_kib, passes=passes, version=version)


def calibrate(measure: Callable[[int, int], float]) -> tuple[int, int]:
    """(memory in KiB, passes) that take this machine 0.7 to 1.5 seconds, or as near as the floor allows.

    Starts at 256 MiB x 3. A slower machine halves the memory, down to 64 MiB; a faster one adds passes.

    Args:
        measure: runs Argon2id with (memory in KiB, passes) and returns the seconds it took.
    """
    memory_kib, passes = ARGON2_MEMORY_DEFAULT_KIB, ARGON2_PASSES_MIN
    seconds = measure(memory_kib, passes)
    while seconds > TARGET_MAX_S and memory_kib > ARGON2_MEMORY_MIN_KIB:
        memory_kib = max(memory_kib // 2, ARGON2_MEMORY_MIN_KIB)
        seconds = measure(memory_kib, passes)
    if seconds < TARGET_MIN_S:  # time is close to proportional to passes
        wanted = math.ceil(passes * TARGET_MIN_S / max(seconds, 0.001))
        passes = min(wanted, ARGON2_PASSES_MAX)
    return memory_kib, passes


_COMMON: Final = (
    "password",
    "passwort",
    "qwerty",
    "azerty",
    "letmein",
    "welcome",
    "meshcoal",
    "пароль",
    "йцукен",
)
_WEAK_BITS: Final = 40
_STRONG_BITS: Final = 60
_LISTED_WORD_BITS: Final = 11


def strength(passphrase: str) -> Estimate:
    """A rough guess from length and variety. It cannot see that a phrase is a song line or a name.

    Weak is below 40 bits as we count, strong from 60. Words from our lists count 11 bits each, which is right
    if they were drawn by chance, as `passphrase_suggestion` does, and far too much if somebody chose them.
    """
    text = one_spelling(passphrase)
    if len(text) < PASSPHRASE_CHARS_MIN:
        return Estimate(
            strength=Strength.WEAK, sentence=f"Too short: use at least {PASSPHRASE_CHARS_MIN} characters."
        )
    bits = max(_character_bits(text), _word_bits(text))
    if bits < _WEAK_BITS:
        return Estimate(
            strength=Strength.WEAK,
            sentence="Easy to guess for whoever takes your computer. Six words drawn by chance are better.",
        )
    if bits < _STRONG_BITS:
        return Estimate(
            strength=Strength.FAIR,
            sentence="Holds for a while against whoever takes your computer. A longer phrase holds longer.",
        )
    return Estimate(
        strength=Strength.STRONG, sentence="Looks strong, if it is not a quotation and used nowhere else."
    )


def _character_bits(text: str) -> float:
    lowered = text.lower()
    for common in _COMMON:
        lowered = lowered.replace(common, " ")
    unique = " ".join(dict.fromkeys(lowered.split()))  # a word said twice is said once
    counted = [
        char
        for before, char in zip(" " + unique, unique, strict=False)
        if not char.isspace() and abs(ord(char) - ord(before)) > 1  # aaa and abc are one step each
    ]
    if len(set(counted)) < 5:
        return 0.0
    classes = sum(
        any(test(char) for char in text)
        for test in (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum() and char != " ")
    )
    return len(counted) * (1.0 + max(classes, 1))


def _word_bits(text: str) -> float:
    said = set(text.lower().replace("-", " ").split())
    return float(_LISTED_WORD_BITS * len(said & _listed_words()))


def _listed_words() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in word_list(language))


# Letters that two keyboards write differently under one and the same sign.
_ONE_LETTER: Final = str.maketrans(
    {"ی": "ي", "ى": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه"}
)
# Seen by nobody: the long stroke of Arabic, joiners, marks of direction, variation selectors.
_UNSEEN: Final = re.compile("[\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]")
# Scripts that put no spaces between words: people set them or not. Thai, Lao, Burmese, Khmer, kana, Chinese.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\U00020000-\U0003ffff"
)
_NEEDLESS_SPACE: Final = re.compile(f"(?<=[{_UNSPACED}]) (?=[{_UNSPACED}])")


def one_spelling(passphrase: str) -> str:
    """The one spelling of a passphrase, whatever keyboard wrote it (docs/protocol/vault-key.md).

    NFKC; Arabic letters that differ by keyboard alone become one; digits of every script become 0 to 9; what
    nobody sees goes; spaces become one, none at the ends, and none between letters of scripts that have none.
    Capitals and accents count. Ours, unreviewed.
    """
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", passphrase)).translate(_ONE_LETTER)
    digits = [str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text]
    spaced = _NEEDLESS_SPACE.sub("", " ".join("".join(digits).split()))
    return unicodedata.normalize("NFKC", spaced)  # what was apart may now stand side by side


def _normal(passphrase: str) -> bytes:
    try:
        phrase = one_spelling(passphrase).encode()
    except UnicodeEncodeError as exc:
        raise BadArgument("The passphrase has a character that cannot be encoded.") from exc
    if len(phrase) > PASSPHRASE_BYTES_MAX:
        raise BadArgument(f"The passphrase is at most {PASSPHRASE_BYTES_MAX} bytes long.")
    return phrase


def _stretch(phrase: bytes, parameters: SlotParameters) -> bytes:
    try:
        return nacl.pwhash.argon2id.kdf(
            KEY_BYTES,
            phrase,
            parameters.salt,
            opslimit=parameters.passes,
            memlimit=parameters.memory_kib * KIB,
        )
    except nacl.exceptions.RuntimeError as exc:  # libsodium's one reason to fail here
        raise Unsupported(
            f"Opening the vault needs {parameters.memory_kib // KIB} MiB of free memory. Close something."
        ) from exc
