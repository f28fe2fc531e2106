"""Where chance comes from: the one place of the package that draws randomness.

Law: everything that needs chance is handed an `Entropy` and calls `take`; nothing else draws. A node that is
given `SeededEntropy` is repeatable to the byte, which is what the simulator lives on.
"""

from __future__ import annotations

import hashlib
import os
from typing import Final, Protocol

_PERSON_STREAM: Final = b"meshcoal-seeds-1"
_BLOCK_BYTES: Final = 64


class Entropy(Protocol):
    """A source of bytes nobody else can guess (or, in the simulator, that everybody can repeat)."""

    def take(self, count: int, /) -> bytes:
        """The next `count` bytes; never the same bytes twice except by chance."""


class OsEntropy:
    """The operating system's generator. The only one outside the simulator and the tests."""

    __slots__ = ()

    def take(self, count: int, /) -> bytes:
        assert count >= 0
        return os.urandom(count)


class SeededEntropy:
    """A repeatable stream for the simulator and the tests. Never for real keys.

    Block i is BLAKE2b-512 over i (8 bytes, big-endian), keyed by a hash of the seed. The stream does not
    depend on how it is cut: taking 3 and then 5 bytes gives the same 8 as taking 8.
    """

    __slots__ = ("_buffer", "_counter", "_key")

    def __init__(self, seed: bytes) -> None:
        self._key = hashlib.blake2b(seed, person=_PERSON_STREAM).digest()
        self._counter = 0
        self._buffer = b""

    def take(self, count: int, /) -> bytes:
        assert count >= 0
        parts = [self._buffer]
        held = len(self._buffer)
        while held < count:
            number = self._counter.to_bytes(8, "big")
            parts.append(hashlib.blake2b(number, key=self._key, person=_PERSON_STREAM).digest())
            self._counter += 1
            held += _BLOCK_BYTES
        stream = b"".join(parts)
        self._buffer = stream[count:]
        return stream[:count]
