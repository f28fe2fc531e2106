"""A secret kept out of the swap file and wiped when it is no longer needed.

Law: what `SecretBytes` holds is wiped by `close`. What `read` returns is an ordinary `bytes`, which Python
cannot wipe: keep it for one call. docs/protocol/vault-key.md says what remains.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

# PyNaCl has no public door to these functions, and its compiled half has no types.
from nacl._sodium import ffi, lib  # type: ignore[import-not-found]


class SecretBytes:
    """Bytes in memory that is locked (`sodium_mlock`) where the system allows it, and wiped on `close`.

    `locked` is False where it does not (a low RLIMIT_MEMLOCK, for instance): then the secret is wiped all the
    same, but may have been swapped out. Close it, or use it as a context manager.
    """

    __slots__ = ("_buffer", "_size", "locked")

    def __init__(self, data: bytes) -> None:
        self._size = len(data)
        self._buffer: Any = ffi.new("unsigned char[]", max(self._size, 1))
        self.locked: bool = lib.sodium_mlock(self._buffer, len(self._buffer)) == 0
        ffi.memmove(self._buffer, data, self._size)

    @property
    def closed(self) -> bool:
        return self._buffer is None

    def read(self) -> bytes:
        """A copy, outside the locked memory. Asserts that the secret is not closed."""
        assert self._buffer is not None, "the secret is wiped"
        return bytes(ffi.buffer(self._buffer, self._size))

    def close(self) -> None:
        """Wipe it. Again is allowed."""
        buffer = getattr(self, "_buffer", None)
        if buffer is None:
            return
        self._buffer = None
        lib.sodium_memzero(buffer, len(buffer))
        if self.locked:
            lib.sodium_munlock(buffer, len(buffer))

    def __len__(self) -> int:
        return self._size

    def __enter__(self) -> SecretBytes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        return "SecretBytes(...)"
