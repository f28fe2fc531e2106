"""A session: Noise handshake on a link, then sealed, padded messages in order.

Law: nothing is said to a stranger. The first frame carries a tag that only somebody can make who knows the
responder's link key or holds an invitation's code; without it the link is closed unanswered. After the
handshake every frame is padded to a size class; a message longer than a frame goes over several. Whatever a
peer sends ends in a message or in a `RemoteError`; after an error the session is over.

The tag is ours, unreviewed; the handshakes are XK and XXpsk3 of the Noise Protocol Framework, revision 34.
docs/protocol/session.md.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.handshake import CipherState, Handshake
from meshcoal.crypto.sealing import derive
from meshcoal.errors import BadHandshake, MalformedFrame, OverLimit, RemoteError
from meshcoal.limits import FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, PADDING_CLASSES_BYTES
from meshcoal.wire.frames import MESSAGES, Message

TAG_BYTES: Final = 16
KEY_BYTES: Final = 32
_PROLOGUE: Final = b"meshcoal link 1"
_TAG_LABEL: Final = b"meshcoal first tag 1"
_PSK_LABEL: Final = b"meshcoal invitation psk 1"
_FRESH_BYTES: Final = 16
_HEAD_BYTES: Final = 3  # flag, length
_LAST, _MORE = 0, 1
_REKEY_FRAMES: Final = 2**16
_PAYLOAD_BYTES_MAX: Final = PADDING_CLASSES_BYTES[-1] - _HEAD_BYTES


class Pattern(enum.StrEnum):
    INVITATION = "XXpsk3"
    KNOWN = "XK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Something a stranger may knock at: a link key of mine, or an invitation I made.

    `name` is the owner's word for it: a campaign, nothing for contacts, an invitation.
    """

    name: tuple[str, bytes]
    pattern: Pattern
    static: AgreementKey
    code: bytes = b""  # of the invitation


def knock_tag(pattern: Pattern, secret: bytes, ephemeral: bytes) -> bytes:
    """16 bytes that prove knowledge of `secret` (a link key, or an invitation's code) for one handshake."""
    return derive(secret.ljust(KEY_BYTES, b"\x00"), _TAG_LABEL, pattern.encode() + ephemeral)[:TAG_BYTES]


def _secret_of(pattern: Pattern, responder: bytes, code: bytes) -> bytes:
    return responder if pattern is Pattern.KNOWN else code


def _psk(pattern: Pattern, code: bytes) -> bytes | None:
    if pattern is Pattern.KNOWN:
        return None
    return derive(code.ljust(KEY_BYTES, b"\x00"), _PSK_LABEL)


class Session:
    """One side of a conversation on a link. Feed it frames; it gives frames and messages."""

    def __init__(self, handshake: Handshake, *, name: tuple[str, bytes], entropy: Entropy) -> None:
        self._handshake: Handshake | None = handshake
        self._entropy = entropy
        self._send: CipherState | None = None
        self._receive: CipherState | None = None
        self._partial = bytearray()
        self.name = name  # the door this session went through, on either side
        self.remote_static: bytes = b""
        self.handshake_hash: bytes = b""
        self.dead = False

    @classmethod
    def dial(
        cls,
        *,
        name: tuple[str, bytes],
        pattern: Pattern,
        static: AgreementKey,
        remote: bytes,
        code: bytes,
        entropy: Entropy,
    ) -> tuple[Session, bytes]:
        """Begin as initiator; returns the session and the first frame. Raises `BadKey`."""
        ephemeral = AgreementKey.from_private(entropy.take(KEY_BYTES))
        handshake = Handshake(
            pattern=pattern.value,
            initiator=True,
            prologue=_PROLOGUE,
            static=static,
            ephemeral=ephemeral,
            remote_static=remote if pattern is Pattern.KNOWN else None,
            psk=_psk(pattern, code),
        )
        tag = knock_tag(pattern, _secret_of(pattern, remote, code), ephemeral.public)
        return cls(handshake, name=name, entropy=entropy), tag + handshake.write()

    @classmethod
    def answer(cls, frame: bytes, *, doors: Iterable[Door], entropy: Entropy) -> tuple[Session, bytes]:
        """Begin as responder to a first frame; returns the session and the answer.

        Raises:
            BadHandshake: the tag fits none of the doors, or the handshake fails: close without a word.
        """
        if len(frame) < TAG_BYTES + KEY_BYTES or len(frame) > 1024:
            raise BadHandshake("a first frame has another size")
        tag, message = frame[:TAG_BYTES], frame[TAG_BYTES:]
        remote_ephemeral = message[:KEY_BYTES]
        for door in doors:
            secret = _secret_of(door.pattern, door.static.public, door.code)
            if knock_tag(door.pattern, secret, remote_ephemeral) == tag:
                break
        else:
            raise BadHandshake("a stranger knocked")
        handshake = Handshake(
            pattern=door.pattern.value,
            initiator=False,
            prologue=_PROLOGUE,
            static=door.static,
            ephemeral=AgreementKey.from_private(entropy.take(KEY_BYTES)),
            psk=_psk(door.pattern, door.code),
        )
        session = cls(handshake, name=door.name, entropy=entropy)
        handshake.read(message)
        return session, handshake.write()

    @property
    def established(self) -> bool:
        return self._send is not None

    def read(self, frame: bytes) -> tuple[list[bytes], list[Message]]:
        """Take in a frame: handshake frames to send in answer, and messages that are now whole.

        Raises:
            RemoteError: the frame is not what the peer's side of the protocol allows; the session is dead.
        """
        if self.dead:
            raise BadHandshake("the session has ended")
        try:
            return self._read(frame)
        except RemoteError:
            self.dead = True
            raise

    def _read(self, frame: bytes) -> tuple[list[bytes], list[Message]]:
        if len(frame) > FRAME_BYTES_MAX:
            raise OverLimit("a frame is too large")
        if self._receive is None:
            return self._shake(frame), []
        plain = self._receive.decrypt(frame)
        if self._receive.count % _REKEY_FRAMES == 0:
            self._receive.rekey()
        if len(plain) not in PADDING_CLASSES_BYTES:
            raise MalformedFrame("a frame is not of a size class")
        flag, size = plain[0], int.from_bytes(plain[1:_HEAD_BYTES], "big")
        if flag not in (_LAST, _MORE) or _HEAD_BYTES + size > len(plain):
            raise MalformedFrame("a frame's head is wrong")
        if plain.count(0, _HEAD_BYTES + size) != len(plain) - _HEAD_BYTES - size:
            raise MalformedFrame("a frame's padding is not zero")
        if len(self._partial) + size > MESSAGE_BYTES_MAX:
            raise OverLimit("a message is too long")
        self._partial += plain[_HEAD_BYTES : _HEAD_BYTES + size]
        if flag == _MORE:
            if size == 0:
                raise MalformedFrame("an empty part of a message")
            return [], []
        whole = bytes(self._partial)
        self._partial.clear()
        message = MESSAGES.decode(whole, bytes_max=MESSAGE_BYTES_MAX)
        assert isinstance(message, Message)
        return [], [message]

    def _shake(self, frame: bytes) -> list[bytes]:
        handshake = self._handshake
        assert handshake is not None
        handshake.read(frame)
        # Fresh bytes in the last message make the handshake hash unpredictable to whoever holds the
        # invitation and the keys: the words compared aloud cannot be matched by trying keys beforehand.
        answers = [] if handshake.finished else [handshake.write(self._entropy.take(_FRESH_BYTES))]
        if handshake.finished:
            self._send, self._receive = handshake.split()
            assert handshake.remote_static is not None
            self.remote_static = handshake.remote_static
            self.handshake_hash = handshake.handshake_hash
            self._handshake = None
        return answers

    def write(self, message: Message) -> list[bytes]:
        """Seal a message into one or more frames."""
        assert self._send is not None, "the handshake is not finished"
        payload = MESSAGES.encode(message)
        assert len(payload) <= MESSAGE_BYTES_MAX, "our own messages are bounded"
        frames = []
        for start in range(0, len(payload), _PAYLOAD_BYTES_MAX):
            part = payload[start : start + _PAYLOAD_BYTES_MAX]
            last = start + _PAYLOAD_BYTES_MAX >= len(payload)
            plain = bytes((_LAST if last else _MORE,)) + len(part).to_bytes(2, "big") + part
            size = next(size for size in PADDING_CLASSES_BYTES if size >= len(plain))
            frames.append(self._send.encrypt(plain.ljust(size, b"\x00")))
            if self._send.count % _REKEY_FRAMES == 0:
                self._send.rekey()
        return frames
