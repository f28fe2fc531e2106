"""Replies to calls that were read on this device, until an organiser has decided on them.

Law: what was read is on disk before it is told, and stays until somebody decides; what is accepted goes to
the log and is erased here. What is decided is told to the other holders of
the call's key, sealed; nothing else of this leaves the device. No list is held between two commands.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from meshcoal.api.call_commands import ReplyState
from meshcoal.limits import NOTE_CHARS_MAX
from meshcoal.log.reader import LogReader
from meshcoal.node.records import Document, load, load_all
from meshcoal.node.step import Step
from meshcoal.statement.desk import Told
from meshcoal.statement.model import Statement
from meshcoal.text.skeleton import skeleton
from meshcoal.wire import canonical, shape
from meshcoal.wire.desk import Review
from meshcoal.wire.outsider import Outsider, OutsiderWithdrawal
from meshcoal.wire.record import Chars, Count, Id32, Size
from meshcoal.wire.terms import ORGANISATIONS, Capacity

REPLIES: Final = "replies"
TAKEN_BACK: Final = "replies-taken-back"

_HALF_BYTES: Final = 16


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRecord(Document):
    """A sign-on whose signature holds; kept under campaign, statement and `reply_id`."""

    letter: Id32  # digest of the text that the call was for
    said: Outsider
    state: ReplyState
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)]
    read_ms: Count
    like: Annotated[bytes, Size(16)]  # `likeness`: equal for names that are easily mistaken


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class TakenBackRecord(Document):
    """A withdrawal of what is not on the letter; kept likewise."""

    said: OutsiderWithdrawal


def reply_id(act_key: bytes, digest: bytes) -> bytes:
    """How a sign-on is called on this device: half of its key, half of the digest of its text.

    All that one key signed stands together, and is found without reading the rest.
    """
    return act_key[:_HALF_BYTES] + digest[:_HALF_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One reply, as far as it stands in a list."""

    id: bytes
    key: bytes
    name: str
    state: ReplyState
    like: bytes


class Replies:
    """Those of one letter."""

    def __init__(self, reader: LogReader, campaign: bytes, statement: bytes) -> None:
        self._reader = reader
        self._under = campaign + statement

    def all(self) -> Iterator[tuple[bytes, ReplyRecord]]:
        """By id. Raises `Corrupt`."""
        return load_all(self._reader, ReplyRecord, REPLIES, self._under)

    def lines(self) -> list[Line]:
        """What a list of them is made from; the records were checked when they were kept."""
        found = []
        for key, value in self._reader.documents(REPLIES, self._under):
            _, (act_key, fields, _), state, _, _, like = canonical.reread(value)
            line = Line(
                id=key[len(self._under) :], key=act_key, name=fields[1], state=ReplyState(state), like=like
            )
            found.append(line)
        return found

    def count(self) -> int:
        return len(self._reader.documents(REPLIES, self._under))

    def get(self, identifier: bytes) -> ReplyRecord | None:
        return load(self._reader, ReplyRecord, REPLIES, self._under + identifier)

    def has_key(self, act_key: bytes) -> bool:
        """Whether something is here that this key signed."""
        return bool(self._reader.documents(REPLIES, self._under + act_key[:_HALF_BYTES]))

    def put(self, step: Step, identifier: bytes, kept: ReplyRecord) -> None:
        step.put(REPLIES, self._under + identifier, kept)

    def erase(self, step: Step, identifier: bytes) -> None:
        step.erase(REPLIES, self._under + identifier)

    def taken_back(self, identifier: bytes) -> bool:
        """Whether, before it was accepted, somebody took this sign-on back."""
        return self._reader.document(TAKEN_BACK, self._under + identifier) is not None

    def take_back(self, step: Step, said: OutsiderWithdrawal) -> None:
        identifier = reply_id(said.act_key, said.sign_on)
        step.put(TAKEN_BACK, self._under + identifier, TakenBackRecord(said=said))

    def counts(self, told: Mapping[bytes, Told]) -> Counter[ReplyState]:
        return Counter(line.state for line in reviewed(self.lines(), told))


def reviewed(lines: Iterable[Line], told: Mapping[bytes, Told]) -> list[Line]:
    """With what other holders of a call's key decided since: the last word in the log goes before."""
    found = []
    for line in lines:
        word = told.get(line.id)
        found.append(line if word is None else dataclasses.replace(line, state=_STATES[word.note.review]))
    return found


_STATES: Final = {
    Review.WAIT: ReplyState.WAITING,
    Review.ASK: ReplyState.ASKED,
    Review.REFUSE: ReplyState.REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Who is here already, to find whom somebody may have signed for twice."""

    names: Counter[bytes]
    keys: Counter[bytes]

    @classmethod
    def of(cls, statement: Statement, lines: Iterable[Line]) -> Likeness:
        """Everybody on the letter, and every reply that is not refused."""
        names: Counter[bytes] = Counter()
        keys: Counter[bytes] = Counter()
        for entry in statement.entries:
            body = entry.sign_on.body
            names[_hashed(body.capacity, body.name, body.affiliation)] += 1
            keys[entry.sign_on.act_key] += 1
        for one in statement.outside:
            names[likeness(one.sign_on.said)] += 1
            keys[one.sign_on.said.act_key] += 1
        for line in lines:
            if line.state is not ReplyState.REFUSED:
                names[line.like] += 1
                keys[line.key] += 1
        return cls(names=names, keys=keys)

    def is_double(self, line: Line) -> bool:
        """Whether somebody of this name stands here under another key."""
        return self.names[line.like] > self.keys[line.key]

    def is_further(self, line: Line) -> bool:
        return self.keys[line.key] > 1


def likeness(said: Outsider) -> bytes:
    """16 bytes, equal where two may be one: an organisation by its name, a person by name and affiliation."""
    return _hashed(said.fields.capacity, said.fields.name, said.fields.affiliation)


def _hashed(capacity: Capacity, name: str, affiliation: str) -> bytes:
    person = capacity not in ORGANISATIONS
    parts = (person, skeleton(name), skeleton(affiliation) if person else "")
    return hashlib.blake2b(canonical.encode(parts), digest_size=16).digest()
