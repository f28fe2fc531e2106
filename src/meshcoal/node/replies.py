"""Replies to calls that were read on this device, until an organiser has decided on them.

Law: what was read is on disk before it is told, and stays until somebody decides; what is accepted goes to
the log and is erased here. Nothing of this leaves the device. No list is held in memory between two commands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from meshcoal.api.call_commands import ReplyState
from meshcoal.limits import NOTE_CHARS_MAX
from meshcoal.log.reader import LogReader
from meshcoal.node.records import Document, load, load_all
from meshcoal.node.step import Step
from meshcoal.statement.model import Statement
from meshcoal.text.skeleton import skeleton
from meshcoal.wire.outsider import Outsider, OutsiderWithdrawal
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.record import Chars, Count, Id32
from meshcoal.wire.terms import Capacity

REPLIES: Final = "replies"
TAKEN_BACK: Final = "replies-taken-back"

_HALF_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRecord(Document):
    """A sign-on whose signature holds; kept under campaign, statement and `reply_id`."""

    call: Id32
    said: Outsider
    state: ReplyState
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)]
    read_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBackRecord(Document):
    """A withdrawal of what is not on the letter; kept likewise."""

    said: OutsiderWithdrawal


def reply_id(act_key: bytes, digest: bytes) -> bytes:
    """How a sign-on is called on this device: half of its key, half of the digest of its text.

    All that one key signed stands together, and is found without reading the rest.
    """
    return act_key[:_HALF_BYTES] + digest[:_HALF_BYTES]


class Replies:
    """Those of one letter."""

    def __init__(self, reader: LogReader, campaign: bytes, statement: bytes) -> None:
        self._reader = reader
        self._under = campaign + statement

    def all(self) -> Iterator[tuple[bytes, ReplyRecord]]:
        """By id. Raises `Corrupt`."""
        return load_all(self._reader, ReplyRecord, REPLIES, self._under)

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

    def counts(self) -> Counter[ReplyState]:
        return Counter(kept.state for _, kept in self.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Who is here already, to find whom somebody may have signed for twice."""

    names: Counter[tuple[bool, str, str]]
    keys: Counter[bytes]

    @classmethod
    def of(cls, statement: Statement, replies: Replies) -> Likeness:
        """Everybody on the letter, and every reply that is not refused."""
        names: Counter[tuple[bool, str, str]] = Counter()
        keys: Counter[bytes] = Counter()
        for entry in statement.entries:
            body = entry.sign_on.body
            names[_like(body.capacity, body.name, body.affiliation)] += 1
            keys[entry.sign_on.act_key] += 1
        everybody = [entry.sign_on.said for entry in statement.outside]
        everybody += [kept.said for _, kept in replies.all() if kept.state is not ReplyState.REFUSED]
        for said in everybody:
            names[_likeness(said.fields)] += 1
            keys[said.act_key] += 1
        return cls(names=names, keys=keys)

    def is_double(self, said: Outsider) -> bool:
        """Whether somebody of this name stands here under another key."""
        return self.names[_likeness(said.fields)] > self.keys[said.act_key]

    def is_further(self, said: Outsider) -> bool:
        return self.keys[said.act_key] > 1


def _likeness(fields: SignOnFields) -> tuple[bool, str, str]:
    return _like(fields.capacity, fields.name, fields.affiliation)


def _like(capacity: Capacity, name: str, affiliation: str) -> tuple[bool, str, str]:
    """What is compared: an organisation by its name, a person by name and affiliation."""
    person = capacity in (Capacity.INDIVIDUAL, Capacity.AFFILIATED)
    return person, skeleton(name), skeleton(affiliation) if person else ""
