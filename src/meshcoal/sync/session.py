"""A session: a knock, a handshake, then sealed, padded messages in order.

Law: nothing is said to a stranger. Whoever dials shows first that it may knock at this door (`knock`), then
both prove who they are, and agree on keys that neither a thief of long-term keys nor a future quantum
computer finds in a recording. All three messages of the handshake have one length, and every byte is uniform
to whoever lacks the door's secret. Whatever a peer sends ends in a message or in a `RemoteError`; after an
error the session is over.

XKhfs+psk0 and XXhfs+psk0 of the Noise Protocol Framework with ML-KEM-768. docs/protocol/session.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.handshake import Handshake
from meshcoal.crypto.kem import KEM_SEED_BYTES, Kem
from meshcoal.errors import BadHandshake, HandshakeTruncated, RemoteError
from meshcoal.limits import MESSAGE_BYTES_MAX
from meshcoal.sync.framing import Incoming, Outgoing
from meshcoal.sync.knock import (
    CHANCE_BYTES,
    HANDSHAKE_FRAME_BYTES,
    KEY_BYTES,
    KNOCK_BYTES,
    Door,
    Knock,
    Knocks,
    Pattern,
    day_of,
    door_secret,
    find_door,
)
from meshcoal.sync.outbox import Outbox
from meshcoal.sync.steady import (
    DECLINED,
    SteadyIncoming,
    SteadyOutgoing,
    answer_of,
    check_answer,
)
from meshcoal.wire.frames import MESSAGES, Message
from meshcoal.wire.record import Family

_PROLOGUE: Final = b"meshcoal link 2"
_FRESH_BYTES: Final = 16
# Bytes of each handshake message without its payload; docs/protocol/handshake.md has the sums.
_MESSAGE_BYTES: Final = {
    Pattern.KNOWN: (1_248, 1_152, 64),
    Pattern.INVITATION: (1_248, 1_200, 64),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a node brings to every session: chance, the KEM, and the memory of knocks it answered."""

    entropy: Entropy
    kem: Kem
    knocks: Knocks


class Session:
    """One side of a conversation on a link. Feed it frames; it gives frames and messages."""

    def __init__(
        self,
        handshake: Handshake,
        *,
        name: tuple[str, bytes],
        pattern: Pattern,
        knock: Knock,
        entropy: Entropy,
        family: Family,
        steady_s: int,
    ) -> None:
        self._family = family
        self._mine_s = steady_s
        self.steady_s = 0  # once established: seconds between two frames of each direction; 0: as it comes
        self._steady_out: SteadyOutgoing | None = None
        self._steady_in: SteadyIncoming | None = None
        self._handshake: Handshake | None = handshake
        self._pattern = pattern
        self._knock = knock
        self._mask = knock.mask()  # both sides walk along it: message 1, 2, 3
        self._step = 0
        self._entropy = entropy
        self._outgoing: Outgoing | None = None
        self._incoming: Incoming | None = None
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
        psk: bytes,
        tools: Tools,
        now_ms: int,
        family: Family = MESSAGES,
        steady_s: int = 0,
    ) -> tuple[Session, bytes]:
        """Begin as initiator; returns the session and the first frame. Raises `BadKey`.

        Args:
            family: what may be said inside.
            steady_s: seconds between two frames, where this side asks for a steady link; `DECLINED`.
        """
        handshake = Handshake(
            pattern=pattern.value,
            initiator=True,
            prologue=_PROLOGUE,
            static=static,
            ephemeral=AgreementKey.from_private(tools.entropy.take(KEY_BYTES)),
            remote_static=remote if pattern is Pattern.KNOWN else None,
            psk=psk,
            kem=tools.kem,
            kem_seed=tools.entropy.take(KEM_SEED_BYTES),
        )
        knock = Knock(
            secret=door_secret(pattern, psk, remote),
            day=day_of(now_ms),
            chance=tools.entropy.take(CHANCE_BYTES),
        )
        session = cls(
            handshake,
            name=name,
            pattern=pattern,
            knock=knock,
            entropy=tools.entropy,
            family=family,
            steady_s=steady_s,
        )
        return session, session._write_handshake()

    @classmethod
    def answer(
        cls,
        frame: bytes,
        *,
        doors: Iterable[Door],
        tools: Tools,
        now_ms: int,
        family: Family = MESSAGES,
        steady_s: int = DECLINED,
    ) -> tuple[Session, bytes]:
        """Begin as responder to a first frame; returns the session and the answer. `steady_s`: as in `dial`.

        Raises:
            BadHandshake: it knocks at none of the doors, was answered before, or the handshake fails: close
                without a word.
        """
        door, knock = find_door(frame, doors=doors, knocks=tools.knocks, now_ms=now_ms)
        handshake = Handshake(
            pattern=door.pattern.value,
            initiator=False,
            prologue=_PROLOGUE,
            static=door.static,
            ephemeral=AgreementKey.from_private(tools.entropy.take(KEY_BYTES)),
            psk=door.psk,
            kem=tools.kem,
        )
        session = cls(
            handshake,
            name=door.name,
            pattern=door.pattern,
            knock=knock,
            entropy=tools.entropy,
            family=family,
            steady_s=steady_s,
        )
        session._read_handshake(frame)
        # Only now: whoever lacks the psk cannot fill the memory of knocks, nor spend somebody else's.
        tools.knocks.note(knock, now_ms)
        return session, session._write_handshake()

    @property
    def established(self) -> bool:
        return self._incoming is not None

    @property
    def partial(self) -> bool:
        """Whether a message of the peer's has begun and not ended."""
        if self._steady_in is not None:
            return self._steady_in.partial
        return self._incoming is not None and self._incoming.partial

    @property
    def begun_bytes(self) -> int:
        """On a steady link: what of messages that were begun has not been sealed yet."""
        return self._steady_out.begun_bytes if self._steady_out is not None else 0

    def read(self, frame: bytes, now_ms: int) -> tuple[list[bytes], list[Message]]:
        """Take in a frame: handshake frames to send in answer, and messages that are now whole.

        Raises:
            RemoteError: the frame is not what the peer's side of the protocol allows; the session is dead.
        """
        if self.dead:
            raise BadHandshake("the session has ended")
        try:
            if self._incoming is None:
                return self._shake(frame, now_ms), []
            if self._steady_in is not None:
                return [], [self._decode(one) for one in self._steady_in.open(frame)]
            whole = self._incoming.open(frame)
            return [], [self._decode(whole)] if whole is not None else []
        except RemoteError:
            self.dead = True
            raise

    def _decode(self, encoded: bytes) -> Message:
        message = self._family.decode(encoded, bytes_max=MESSAGE_BYTES_MAX)
        assert isinstance(message, Message)
        return message

    def write(self, message: Message, now_ms: int) -> list[bytes]:
        """Seal a message into one or more frames."""
        return self.seal(self._family.encode(message), now_ms)

    def seal(self, encoded: bytes, now_ms: int) -> list[bytes]:
        """Seal an encoded message into one or more frames."""
        assert self._outgoing is not None, "the handshake is not finished"
        assert self._steady_out is None, "on a steady link each frame has its time"
        return self._outgoing.seal(encoded, now_ms)

    def steady(self, outbox: Outbox, now_ms: int) -> bytes:
        """The next frame of a steady link, with what waits, or with nothing."""
        assert self._steady_out is not None, "the link is not steady"
        return self._steady_out.frame(outbox, now_ms)

    def _shake(self, frame: bytes, now_ms: int) -> list[bytes]:
        handshake = self._handshake
        assert handshake is not None
        self._read_handshake(frame)
        answers = [] if handshake.finished else [self._write_handshake()]
        if handshake.finished:
            send, receive = handshake.split()
            self._outgoing, self._incoming = Outgoing(send, now_ms), Incoming(receive)
            if self.steady_s:
                self._steady_out = SteadyOutgoing(self._outgoing)
                self._steady_in = SteadyIncoming(self._incoming)
            assert handshake.remote_static is not None
            self.remote_static = handshake.remote_static
            self.handshake_hash = handshake.handshake_hash
            self._handshake = None
        return answers

    def _payload_bytes(self) -> int:
        """How long the next handshake message's payload is: what is left of its frame."""
        head = KNOCK_BYTES if self._step == 0 else 0
        return HANDSHAKE_FRAME_BYTES - head - _MESSAGE_BYTES[self._pattern][self._step]

    def _fresh_bytes(self) -> int:
        # Fresh bytes in the last message make the handshake hash unpredictable to whoever holds the
        # invitation and the keys: the words compared aloud cannot be matched by trying keys beforehand.
        return _FRESH_BYTES if self._step == 2 else 0

    def _write_handshake(self) -> bytes:
        assert self._handshake is not None
        # The first two say what is asked and agreed of steady links, the last that it is fresh.
        said = bytes((self._mine_s, self.steady_s)[self._step : self._step + 1])
        said = said or self._entropy.take(self._fresh_bytes())
        payload = said.ljust(self._payload_bytes(), b"\x00")
        masked = self._mask.over(self._handshake.write(payload))
        frame = self._knock.head + masked if self._step == 0 else masked
        assert len(frame) == HANDSHAKE_FRAME_BYTES, "every frame of a handshake has one length"
        self._step += 1
        return frame

    def _read_handshake(self, frame: bytes) -> None:
        assert self._handshake is not None
        if len(frame) != HANDSHAKE_FRAME_BYTES:
            raise HandshakeTruncated("a frame of a handshake has another size")
        message = frame[KNOCK_BYTES:] if self._step == 0 else frame
        payload = self._handshake.read(self._mask.over(message))
        fresh = self._fresh_bytes() or 1
        if payload[fresh:] != bytes(len(payload) - fresh):
            raise BadHandshake("a handshake's padding is not zero")
        if self._step == 0:
            self.steady_s = answer_of(self._mine_s, payload[0])
        elif self._step == 1:
            check_answer(self._mine_s, payload[0])
            self.steady_s = payload[0]
        self._step += 1
