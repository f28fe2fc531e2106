"""Which operations without a log each of two nodes lacks.

Law: whoever holds fewer sends cells of a sketch, as many as the difference is estimated to need, and more as
long as it is asked for them; the other takes the difference out of them, sends what the first lacks and names
what it lacks itself. Cells never cost more than telling all names would: where they lead nowhere, names are
told, bucket by bucket, and that always ends. What a session misses (two handles that are one, once in 2**64)
the next one finds, under another key.

Ours, unreviewed. Specified in docs/protocol/reconciliation.md.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import derive
from meshcoal.errors import MalformedFrame, OverLimit
from meshcoal.ids import OperationId
from meshcoal.limits import (
    BUCKETS_MAX,
    CELLS_PER_MESSAGE_MAX,
    LOOSE_MAX,
    NAMES_PER_MESSAGE_MAX,
)
from meshcoal.sync.loose import (
    KEY_BYTES,
    LooseSet,
    bucket_bits,
    bucket_digests,
    buckets_of,
    estimate,
    flight,
    handles_of,
    loose_scheme,
    worthwhile,
)
from meshcoal.sync.outcome import Outcome
from meshcoal.sync.sketch import Peeling, Sketch, State
from meshcoal.wire.frames import Message
from meshcoal.wire.reconciling import (
    BUCKET_BYTES,
    LOOSE_HANDLE_BYTES,
    SHORT_BYTES,
    Buckets,
    Cells,
    Digest,
    Listed,
    Missing,
    More,
    Subject,
)

_LIST_KEY: Final = b"meshcoal loose list 1"
_BUCKET_KEY: Final = b"meshcoal bucket key 1"
_MORE_CELLS_MIN: Final = 16
_SHIFT: Final = 8 * (LOOSE_HANDLE_BYTES - SHORT_BYTES)


class Phase(enum.Enum):
    """What this half waits for."""

    REST = "rest"  # for the peer's digest, or nothing any more
    CELLS = "cells"  # the peer's cells, or its list where it holds little
    LIST = "list"  # the rest of the peer's list
    ANSWER = "answer"  # what the peer says to my cells or list
    NAMES = "names"  # the rest of what the peer lacks


class LoosePart:
    """One node's half. Begins with `on_digest`; `done` once nothing more is owed or awaited."""

    def __init__(self, mine: LooseSet, *, secret: bytes, entropy: Entropy) -> None:
        self._mine = mine
        self._secret = secret
        self._entropy = entropy
        self._phase = Phase.REST
        self._ids: list[OperationId] = []  # as they were when cells or a list were begun
        self._handles: dict[int, OperationId] = {}
        self._key = b""
        self._sketch: Sketch | None = None
        self._peeling: Peeling | None = None
        self._sent = 0  # cells
        self._granted = 0  # cells that the peer may send, and has sent
        self._received = 0
        self._cells_key = b""
        self._count = 0  # of the peer's ids, in its cells
        self._differing: bytes | None = None  # buckets that I was told, or asked for
        self._listed: dict[int, None] = {}
        self._named = 0
        self.lacks = 0  # operations of the peer's that I asked for

    @property
    def done(self) -> bool:
        return self._phase is Phase.REST

    def on_digest(self, mine: Digest, theirs: Digest, *, dialled: bool) -> Outcome:
        """Compare; whoever holds fewer begins, or who dialled if they hold as many."""
        outcome = Outcome()
        if mine.loose == theirs.loose:
            return outcome
        if theirs.count > LOOSE_MAX:
            raise OverLimit("more operations without a log than are kept")
        wanted = flight(estimate((mine.count, mine.lanes), (theirs.count, theirs.lanes)))
        if (mine.count, not dialled) > (theirs.count, dialled):
            self._phase = Phase.CELLS
            self._granted = wanted  # both know it
            return outcome
        self._phase = Phase.ANSWER
        self._ids = self._mine.ids()
        if wanted > worthwhile(len(self._ids)):
            outcome.say += self._list(None)
            return outcome
        self._key, self._sketch = self._mine.spend(self._entropy.take(KEY_BYTES))
        outcome.say += self._more_cells(wanted)
        return outcome

    # --- Telling

    def _more_cells(self, upto: int) -> list[Message]:
        assert self._sketch is not None
        if upto > len(self._sketch.cells):
            self._sketch.extend(upto, handles_of(self._ids, self._key))
        said: list[Message] = []
        while self._sent < upto:
            end = min(upto, self._sent + CELLS_PER_MESSAGE_MAX)
            packed = self._sketch.scheme.pack(self._sketch.cells[self._sent : end])
            said.append(
                Cells(
                    subject=Subject.LOOSE,
                    key=self._key,
                    count=len(self._ids),
                    start=self._sent,
                    cells=packed,
                )
            )
            self._sent = end
        return said

    def on_more(self, message: More) -> Outcome:
        """The peer makes nothing of the cells so far."""
        if self._phase is not Phase.ANSWER or self._sketch is None or self._differing is not None:
            raise MalformedFrame("more cells than were begun")
        if not self._sent < message.upto <= worthwhile(len(self._ids)):
            raise OverLimit("more cells than a list takes")
        return Outcome(say=self._more_cells(message.upto))

    def on_missing(self, message: Missing) -> Outcome:
        """What the peer lacks, by the beginnings of handles."""
        if self._phase not in (Phase.ANSWER, Phase.NAMES):
            raise MalformedFrame("names of what nobody told")
        if len(message.shorts) % SHORT_BYTES:
            raise MalformedFrame("a name is cut off")
        self._named += len(message.shorts) // SHORT_BYTES
        if self._named > len(self._ids):
            raise OverLimit("more names than operations")
        outcome = Outcome()
        if self._phase is Phase.ANSWER:
            self._phase = Phase.NAMES
            if not self._handles and message.shorts:
                self._handles = dict(zip(handles_of(self._ids, self._key), self._ids, strict=True))
        if message.shorts:
            at = range(0, len(message.shorts), SHORT_BYTES)
            wanted = {int.from_bytes(message.shorts[one : one + SHORT_BYTES], "big") for one in at}
            # A name that is nobody's is of what was forgotten since; one of two is both.
            outcome.send += [one for handle, one in self._handles.items() if handle >> _SHIFT in wanted]
        if message.last:
            self._end()
        return outcome

    def on_buckets(self, message: Buckets) -> Outcome:
        """The peer makes nothing of the cells at all: tell it what is in the buckets that differ."""
        count = len(message.digests) // BUCKET_BYTES
        if self._phase is not Phase.ANSWER or self._differing is not None:
            raise MalformedFrame("buckets that nobody waits for")
        if len(message.digests) % BUCKET_BYTES or count & count - 1 or count > BUCKETS_MAX:
            raise MalformedFrame("digests of no known number of buckets")
        bits = count.bit_length() - 1
        buckets = buckets_of(self._ids, bits)
        digests = bucket_digests(buckets, self._bucket_key())
        at = range(0, len(message.digests), BUCKET_BYTES)
        theirs = [message.digests[one : one + BUCKET_BYTES] for one in at]
        differing = [mine != other for mine, other in zip(digests, theirs, strict=True)]
        return Outcome(say=self._list((differing, buckets)))

    def _list(self, chosen: tuple[list[bool], list[list[OperationId]]] | None) -> list[Message]:
        """Handles of all, or of what is in the buckets that differ."""
        ids = self._ids
        flags = [True]
        if chosen is not None:
            flags, buckets = chosen
            ids = [one for flag, bucket in zip(flags, buckets, strict=True) if flag for one in bucket]
        self._differing = _bitmap(flags)
        self._key = derive(self._secret, _LIST_KEY, b"", KEY_BYTES)
        self._handles = dict(zip(handles_of(ids, self._key), ids, strict=True))
        packed = b"".join([handle.to_bytes(LOOSE_HANDLE_BYTES, "big") for handle in self._handles])
        size = NAMES_PER_MESSAGE_MAX * LOOSE_HANDLE_BYTES
        parts = [packed[at : at + size] for at in range(0, len(packed), size)] or [b""]
        return [
            Listed(differing=self._differing, handles=part, last=number == len(parts) - 1)
            for number, part in enumerate(parts)
        ]

    # --- Hearing

    def on_cells(self, message: Cells) -> Outcome:
        """Cells of what the peer holds."""
        if len(message.key) != KEY_BYTES or message.start != self._received:
            raise MalformedFrame("cells with a gap before them")
        if not self._granted:
            raise MalformedFrame("cells that nobody waits for")
        if self._peeling is None and self._phase is Phase.CELLS:
            self._begin(message)
        if message.key != self._cells_key or message.count != self._count:
            raise MalformedFrame("cells of another sketch than those before")
        theirs = loose_scheme(message.key).unpack(message.cells)
        upto = self._received + len(theirs)
        if upto > self._granted:
            raise OverLimit("more cells than were asked for")
        start, self._received = self._received, upto
        if self._peeling is None or self._sketch is None:
            return Outcome()  # the rest of a flight of which less was enough
        # A flight can come in several messages; it costs one walk over all that I hold.
        self._sketch.extend(self._granted, self._handles)
        state = self._peeling.add(theirs, self._sketch.cells[start:upto])
        if state is State.DONE and self._adds_up():
            return self._decoded(self._peeling.found)
        if state is State.MORE and upto < self._granted:
            return Outcome()
        wanted = upto + max(_MORE_CELLS_MIN, upto // 3)
        if state is not State.MORE or wanted > worthwhile(self._count):
            return self._ask_for_list()
        self._granted = wanted
        return Outcome(say=[More(subject=Subject.LOOSE, upto=wanted)])

    def _begin(self, message: Cells) -> None:
        if message.count > LOOSE_MAX:
            raise OverLimit("more operations without a log than are kept")
        self._cells_key, self._count = message.key, message.count
        self._sketch = Sketch(loose_scheme(message.key))
        self._peeling = Peeling(self._sketch.scheme)
        self._ids = self._mine.ids()
        self._handles = dict(zip(handles_of(self._ids, message.key), self._ids, strict=True))

    def _adds_up(self) -> bool:
        """Whether what was found explains the count that the peer told."""
        assert self._peeling is not None
        own = sum(1 for handle in self._peeling.found if handle in self._handles)
        return len(self._handles) - own + len(self._peeling.found) - own == self._count

    def _decoded(self, found: Iterable[int]) -> Outcome:
        outcome = Outcome()
        lacking = []
        for handle in found:
            one = self._handles.get(handle)
            if one is None:
                lacking.append(handle)
            else:
                outcome.send.append(one)
        self._name(lacking, outcome)
        return outcome

    def _name(self, handles: list[int], outcome: Outcome) -> None:
        """Ask for what I lack; also where that is nothing: the peer waits for the end."""
        self.lacks = len(handles)
        packed = b"".join([(handle >> _SHIFT).to_bytes(SHORT_BYTES, "big") for handle in handles])
        size = SHORT_BYTES * NAMES_PER_MESSAGE_MAX
        parts = [packed[at : at + size] for at in range(0, len(packed), size)] or [b""]
        outcome.say += [
            Missing(shorts=part, last=number == len(parts) - 1) for number, part in enumerate(parts)
        ]
        self._end()

    def _ask_for_list(self) -> Outcome:
        self._phase = Phase.LIST
        self._sketch = self._peeling = None
        self._ids = self._mine.ids()
        buckets = buckets_of(self._ids, bucket_bits(len(self._ids)))
        digests = bucket_digests(buckets, self._bucket_key())
        return Outcome(say=[Buckets(digests=b"".join(digests))])

    def on_listed(self, message: Listed) -> Outcome:
        """Handles of what the peer holds in the buckets that differ, or of all that it holds."""
        asked = self._phase is Phase.LIST
        if not asked and (self._phase is not Phase.CELLS or self._received):
            raise MalformedFrame("a list that nobody waits for")
        if self._differing is None:
            bits = bucket_bits(len(self._ids)) if asked else 0
            if len(message.differing) != max(1, (1 << bits) // 8):
                raise MalformedFrame("a list of other buckets than were told")
            self._differing, self._phase = message.differing, Phase.LIST
            if not asked:
                self._ids = self._mine.ids()
            buckets = buckets_of(self._ids, bits)
            flags = [bool(message.differing[at // 8] << at % 8 & 0x80) for at in range(1 << bits)]
            ids = [one for flag, bucket in zip(flags, buckets, strict=True) if flag for one in bucket]
            self._key = derive(self._secret, _LIST_KEY, b"", KEY_BYTES)
            self._handles = dict(zip(handles_of(ids, self._key), ids, strict=True))
        elif message.differing != self._differing:
            raise MalformedFrame("a list that changes its mind")
        if len(message.handles) % LOOSE_HANDLE_BYTES:
            raise MalformedFrame("a handle is cut off")
        at_each = range(0, len(message.handles), LOOSE_HANDLE_BYTES)
        for at in at_each:
            self._listed[int.from_bytes(message.handles[at : at + LOOSE_HANDLE_BYTES], "big")] = None
        if len(self._listed) > LOOSE_MAX:
            raise OverLimit("more operations without a log than are kept")
        outcome = Outcome()
        if message.last:
            outcome.send += [one for handle, one in self._handles.items() if handle not in self._listed]
            self._name([handle for handle in self._listed if handle not in self._handles], outcome)
        return outcome

    def _bucket_key(self) -> bytes:
        return derive(self._secret, _BUCKET_KEY)

    def _end(self) -> None:
        """Done; nothing of it is worth its memory any more."""
        self._phase = Phase.REST
        self._ids, self._handles, self._listed = [], {}, {}
        self._sketch = self._peeling = None


def _bitmap(flags: list[bool]) -> bytes:
    packed = sum(1 << len(flags) - 1 - at for at, flag in enumerate(flags) if flag)
    size = max(1, len(flags) // 8)
    return (packed << 8 * size - len(flags)).to_bytes(size, "big")
