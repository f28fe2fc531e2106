"""The trace: every event and effect of a world, in order, folded into one hash.

Law: two runs of one seed have one hash, on any machine, under any `PYTHONHASHSEED`. What goes in is plain
data in a fixed spelling; nothing that depends on addresses of objects or on the order of a set.
"""

from __future__ import annotations

import hashlib

from meshcoal.errors import MeshcoalError
from meshcoal.node.effects import Effect, Reply, SendFrame
from meshcoal.node.events import Event, FrameReceived

HASH_BYTES = 32


class Trace:
    """A running BLAKE2b-256 (RFC 7693) over what happened."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=HASH_BYTES)
        self.events = 0
        self.effects = 0

    def event(self, at_ms: int, name: str, event: Event) -> None:
        self.events += 1
        if isinstance(event, FrameReceived):
            self._add(at_ms, name, f"FrameReceived {event.link}", event.data)
        else:
            self._add(at_ms, name, repr(event))

    def effect(self, at_ms: int, name: str, effect: Effect) -> None:
        self.effects += 1
        if isinstance(effect, SendFrame):
            self._add(at_ms, name, f"SendFrame {effect.link}", effect.data)
        elif isinstance(effect, Reply) and isinstance(effect.answer, MeshcoalError):
            self._add(at_ms, name, f"Reply {effect.request} {effect.answer.code} {effect.answer}")
        else:
            self._add(at_ms, name, repr(effect))

    def note(self, at_ms: int, name: str, what: str) -> None:
        """Something the world did by itself: a crash, a partition."""
        self._add(at_ms, name, what)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def _add(self, at_ms: int, name: str, what: str, data: bytes = b"") -> None:
        head = f"{at_ms} {name} {what}".encode()
        self._hash.update(len(head).to_bytes(4, "big") + len(data).to_bytes(4, "big"))
        self._hash.update(head)
        self._hash.update(data)
