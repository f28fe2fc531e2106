"""Frames of a link that stands: messages cut, padded to size classes and sealed, in order; keys that change.

Law: every frame is of a size class, and says in its head how much of it is message, whether more follows, and
whether the key changes after it. A direction's key changes after 2^16 frames or an hour, whichever is first.
What a peer sends opens to exactly what its side of this file would have written, or ends in a `RemoteError`.

The head and the size classes are ours, unreviewed. docs/protocol/session.md.
"""

from __future__ import annotations

from typing import Final

from meshcoal.clock import HOUR_MS
from meshcoal.crypto.handshake import TAG_BYTES, CipherState
from meshcoal.errors import MalformedFrame, OverLimit, Truncated
from meshcoal.limits import (
    FRAME_BYTES_MAX,
    MESSAGE_BYTES_MAX,
    PADDING_CLASSES_BYTES,
    STEADY_FRAME_BYTES,
)

HEAD_BYTES: Final = 3  # flags, length of the part
MORE: Final = 1  # the message goes on in the next frame
REKEY: Final = 2  # the next frame is sealed under the next key
STEADY_PART_BYTES: Final = STEADY_FRAME_BYTES - HEAD_BYTES
PART_BYTES_MAX: Final = PADDING_CLASSES_BYTES[-1] - HEAD_BYTES
REKEY_FRAMES: Final = 2**16
REKEY_AFTER_MS: Final = HOUR_MS
_CLASSES: Final = frozenset(PADDING_CLASSES_BYTES)
_ZEROS: Final = bytes(PADDING_CLASSES_BYTES[-1])
_ZEROS_SEEN: Final = memoryview(_ZEROS)  # slices of it are not copied


class Outgoing:
    """The direction from us to the peer."""

    __slots__ = ("_cipher", "_frames", "_since_ms", "rekeys")

    def __init__(self, cipher: CipherState, now_ms: int) -> None:
        self._cipher = cipher
        self._frames = 0  # under the present key
        self._since_ms = now_ms  # when the present key began
        self.rekeys = 0

    def seal(self, message: bytes, now_ms: int) -> list[bytes]:
        """The frames of a message of at most `MESSAGE_BYTES_MAX`. A clock that goes back does no harm."""
        size = len(message)
        assert size <= MESSAGE_BYTES_MAX, "our own messages are bounded"
        if size <= PART_BYTES_MAX:
            return [self._seal(message, 0, now_ms)]
        whole = memoryview(message)
        return [
            self._seal(
                whole[start : start + PART_BYTES_MAX], MORE if start + PART_BYTES_MAX < size else 0, now_ms
            )
            for start in range(0, size, PART_BYTES_MAX)
        ]

    def steady(self, part: bytes, now_ms: int) -> bytes:
        """One frame of the one size of a steady link, with at most `STEADY_PART_BYTES` in it, or nothing."""
        assert len(part) <= STEADY_PART_BYTES, "it fits the one size"
        return self._seal(part, 0, now_ms, at_least=STEADY_FRAME_BYTES)

    def _seal(self, part: bytes | memoryview, flags: int, now_ms: int, *, at_least: int = 0) -> bytes:
        self._frames += 1
        if self._frames >= REKEY_FRAMES or now_ms - self._since_ms >= REKEY_AFTER_MS:
            flags |= REKEY
        size = len(part)
        for frame_bytes in PADDING_CLASSES_BYTES:
            if frame_bytes - HEAD_BYTES >= size and frame_bytes >= at_least:
                break
        head = (flags << 16 | size).to_bytes(HEAD_BYTES, "big")
        sealed = self._cipher.encrypt(b"".join((head, part, _ZEROS_SEEN[: frame_bytes - HEAD_BYTES - size])))
        if flags & REKEY:
            self._cipher.rekey()
            self._frames = 0
            self._since_ms = now_ms
            self.rekeys += 1
        return sealed


class Incoming:
    """The direction from the peer to us."""

    __slots__ = ("_cipher", "_frames", "_parts", "rekeys")

    def __init__(self, cipher: CipherState) -> None:
        self._cipher = cipher
        self._frames = 0  # under the present key
        self._parts = bytearray()
        self.rekeys = 0

    @property
    def partial(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._parts)

    def open(self, frame: bytes) -> bytes | None:
        """The message that this frame completes, if it does.

        Raises:
            Truncated: not of a size class.
            BadSeal: not the next frame of the peer, or changed.
            MalformedFrame: sealed by the peer, but not as its side of the protocol writes it.
            OverLimit: a frame or message that is too long.
        """
        flags, plain, end = self._unseal(frame)
        if not flags & MORE and not self._parts:
            return plain[HEAD_BYTES:end]
        if len(self._parts) + end - HEAD_BYTES > MESSAGE_BYTES_MAX:
            raise OverLimit("a message is too long")
        if end == HEAD_BYTES:
            raise MalformedFrame("an empty part of a message")
        self._parts += memoryview(plain)[HEAD_BYTES:end]
        if flags & MORE:
            return None
        whole = bytes(self._parts)
        self._parts.clear()
        return whole

    def steady(self, frame: bytes) -> bytes:
        """What a frame of a steady link holds; often nothing.

        Raises:
            Truncated, BadSeal, MalformedFrame, OverLimit: as `open`; also where it is of another size.
        """
        if len(frame) - TAG_BYTES != STEADY_FRAME_BYTES:
            raise Truncated("a frame is not of the size of a steady link")
        flags, plain, end = self._unseal(frame)
        if flags & MORE:
            raise MalformedFrame("parts are not marked on a steady link")
        return plain[HEAD_BYTES:end]

    def _unseal(self, frame: bytes) -> tuple[int, bytes, int]:
        """Flags, the plaintext of a frame, and where its part ends."""
        if len(frame) > FRAME_BYTES_MAX:
            raise OverLimit("a frame is too large")
        # Sizes are there for all to see: to say which is wrong tells nobody anything.
        if len(frame) - TAG_BYTES not in _CLASSES:
            raise Truncated("a frame is not of a size class")
        plain = self._cipher.decrypt(frame)
        flags = plain[0]
        end = HEAD_BYTES + (plain[1] << 8 | plain[2])
        if flags > MORE | REKEY or end > len(plain):
            raise MalformedFrame("a frame's head is wrong")
        # Compares memory with memory; counting or stripping zeros looks at each byte and is far slower.
        if not _ZEROS.startswith(plain[end:]):
            raise MalformedFrame("a frame's padding is not zero")
        self._frames += 1
        if flags & REKEY:
            self._cipher.rekey()
            self._frames = 0
            self.rekeys += 1
        elif self._frames >= REKEY_FRAMES:
            raise MalformedFrame("the key was not changed in time")
        return flags, plain, end
