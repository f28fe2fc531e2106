"""Keys as words: for reading aloud, comparing on paper, and for passphrases people can remember.

Law: the same bytes give the same words everywhere, in a given language; each word stands for 11 bits. The
lists are those of BIP-39, 2048 words each, none of which begins with the same four letters as another (in
English), kept in `words/` with their licence. Ours, unreviewed: the hash from bytes to words.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import BadArgument

LANGUAGES: Final = ("english", "russian")
FINGERPRINT_WORDS: Final = 12
PAIR_WORDS: Final = 12
COMPARISON_WORDS: Final = 6
SUGGESTION_WORDS: Final = 6
WORDS_MAX: Final = 46  # what a 64-byte hash has bits for

_WORD_BITS: Final = 11
_PERSON_WORDS: Final = b"meshcoal-words-1"
_FINGERPRINT_CONTEXT: Final = b"meshcoal fingerprint 1\x00"
_PAIR_CONTEXT: Final = b"meshcoal pair words 1\x00"
_MEMBER_CONTEXT: Final = b"meshcoal member words 1\x00"
_COMPARISON_CONTEXT: Final = b"meshcoal comparison 1\x00"
_HASH_BYTES_MAX: Final = 64


def words(data: bytes, count: int, language: str = "english") -> tuple[str, ...]:
    """`count` words (1 to 46) that stand for 11 * count bits of BLAKE2b-512 over `data`, personalised.

    Callers begin `data` with a context of their own (docs/protocol/contexts.md).

    Raises:
        BadArgument: there is no list for `language`.
    """
    assert 1 <= count <= WORDS_MAX
    return _spell(hashlib.blake2b(data, person=_PERSON_WORDS).digest(), count, language)


def fingerprint(person: bytes, language: str = "english") -> tuple[str, ...]:
    """Twelve words, 132 bits, that stand for a person's public identity key (32 bytes).

    To make a second key with the same words takes about 2^132 tries; with the same first four words, which is
    as far as some people compare, only about 2^44. Compare all twelve.
    """
    assert len(person) == 32, "a person is 32 bytes"
    return words(_FINGERPRINT_CONTEXT + person, FINGERPRINT_WORDS, language)


def pair_words(a: bytes, b: bytes, language: str = "english") -> tuple[str, ...]:
    """Twelve words, 132 bits, that two people read to each other at any time. Equal on both sides.

    They stand for both keys at once, so equal words say that each holds the other's true key. Twelve and not
    six: whoever introduces two people chooses *both* keys that they see, ahead of time and without anybody's
    chance in it, and would look for two pairs with the same words: a collision, about 2^66 tries at 132 bits,
    about 2^33 at 66.

    Args:
        a, b: the two persons' identity keys, 32 bytes each, in either order.
    """
    assert len(a) == len(b) == 32, "a person is 32 bytes"
    low, high = sorted((a, b))
    return words(_PAIR_CONTEXT + low + high, PAIR_WORDS, language)


def member_words(campaign: bytes, a: bytes, b: bytes, language: str = "english") -> tuple[str, ...]:
    """Twelve words, 132 bits, that two members of one campaign read to each other. Equal on both sides.

    Two members who were admitted by a third know each other by keys that this third has shown them; these
    words show that each holds the true one. As many as in `pair_words`, for the same reason.

    Args:
        campaign: 32 bytes.
        a, b: the two members' author keys, 32 bytes each, in either order.
    """
    assert len(campaign) == len(a) == len(b) == 32, "campaign and members are 32 bytes"
    low, high = sorted((a, b))
    return words(_MEMBER_CONTEXT + campaign + low + high, PAIR_WORDS, language)


def comparison_words(handshake_hash: bytes, a: bytes, b: bytes, language: str = "english") -> tuple[str, ...]:
    """Six words, 66 bits, that two people read to each other after an invitation. Equal on both sides.

    The invitation's secret (the psk) already authenticated the handshake, so the words matter when the
    invitation may have been read on its way. What they then guarantee: if both sides hear the same six words
    over a channel on which they know each other's voice, nobody stood between them. Somebody who holds the
    stolen invitation and answers both must make two handshakes end in the same 66 bits: about 2^66 tries
    within one handshake timeout, PROVIDED the initiator's last message carries at least 16 fresh random bytes
    as payload. Without those, who knows the initiator's key can compute both ends ahead and look for a
    collision, about 2^33 tries, which a rich adversary can do (docs/protocol/handshake.md).

    What they do not guarantee: that the voice is not imitated, nor anything when nobody compares them.

    Args:
        handshake_hash: 32 bytes, `Handshake.handshake_hash`.
        a, b: the two persons' identity keys, 32 bytes each, in either order.
    """
    assert len(handshake_hash) == len(a) == len(b) == 32, "hash and keys are 32 bytes"
    low, high = sorted((a, b))
    return words(_COMPARISON_CONTEXT + handshake_hash + low + high, COMPARISON_WORDS, language)


def passphrase_suggestion(entropy: Entropy, language: str = "english") -> tuple[str, ...]:
    """Six words drawn evenly, 66 bits: a passphrase fit for the vault. Raises as `words` does."""
    return _spell(entropy.take(_HASH_BYTES_MAX), SUGGESTION_WORDS, language)


def word_list(language: str) -> tuple[str, ...]:
    """The 2048 words of a language, in their order. Raises `BadArgument` when there is no such list."""
    if language not in LANGUAGES:
        raise BadArgument("Word lists exist in " + " and ".join(LANGUAGES) + ".")
    return _load(language)


def _spell(uniform: bytes, count: int, language: str) -> tuple[str, ...]:
    listed = word_list(language)
    bits = int.from_bytes(uniform, "big")
    top = len(uniform) * 8 - _WORD_BITS
    mask = (1 << _WORD_BITS) - 1
    return tuple(listed[bits >> (top - _WORD_BITS * place) & mask] for place in range(count))


@functools.cache  # at most as many entries as LANGUAGES
def _load(language: str) -> tuple[str, ...]:
    source = importlib.resources.files("meshcoal.crypto") / "words" / f"{language}.txt"
    listed = tuple(source.read_text("utf-8").split())
    assert len(listed) == 1 << _WORD_BITS, "a word list has 2048 words"
    return listed
