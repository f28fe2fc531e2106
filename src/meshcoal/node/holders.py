"""Who holds what, as far as this node can know.

Law: a member is counted as holding something on that member's own word alone: a frontier that they told this
node, or an operation of theirs that stands behind it. So whoever claims what is not so falsifies the truth
about themselves and about nobody else. What is known is a lower bound, and never shrinks by guessing. When
somebody was heard last is a fact of this node; it is told to nobody.

Nothing here decides anything: verdicts, sending and asking do not depend on it, but for `Campaign.parting`
and the quotas, which may be wrong by what a member claims of themselves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from meshcoal.api.views import HeldProof
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import AUTHORS_MAX
from meshcoal.log.reader import LogReader, Place
from meshcoal.node.records import HOLDERS, HeldTo, HolderRecord, load_all
from meshcoal.node.step import Step
from meshcoal.wire.operation import Operation, decode_operation

PUT_AFTER_MS: Final = 10_000
VECTORS_KEPT_MAX: Final = 16  # of one author: a parent is nearly always among the last that its author wrote
CITED_AT_ONCE_MAX: Final = 64  # of one step; what catch-up brings in thousands is known from frontiers
CITED_MIDWAY_MAX: Final = 8  # of one of many slices

Vector = dict[AuthorId, int]


class Logs(Protocol):
    """What is asked of the log; `log.dag.Dag` is one."""

    def place(self, operation: OperationId) -> Place | None:
        """Where an operation stands, or None."""

    def is_forked(self, author: AuthorId) -> bool:
        """Whether an author's log is a tree."""

    def agreed(self, author: AuthorId) -> int:
        """Up to where a forked log is one for all; -1 where no fork is known."""


class Holders:
    """What each member is known to hold of each author's log, and when this node heard of them."""

    def __init__(self, campaign: CampaignId, logs: Logs) -> None:
        self._campaign = campaign
        self._logs = logs
        self.said: dict[AuthorId, Vector] = {}  # member -> author -> highest seq held, by their frontiers
        self.cited: dict[AuthorId, Vector] = {}  # the same, by what they wrote
        self.seen_ms: dict[AuthorId, int] = {}  # when a link to a member's node last told something
        self.wrote_ms: dict[AuthorId, int] = {}  # the time on the newest thing of theirs that was opened here
        self._vectors: dict[AuthorId, OrderedDict[OperationId, Vector]] = {}
        self._changed: dict[AuthorId, None] = {}  # not written down yet

    def recover(self, reader: LogReader) -> None:
        """Read back what `put` wrote."""
        for key, kept in load_all(reader, HolderRecord, HOLDERS, self._campaign):
            member = AuthorId(key)
            self.said[member] = {AuthorId(one.author): one.seq for one in kept.held}
            self.cited[member] = {AuthorId(one.author): one.seq for one in kept.cited}
            if kept.last_seen_ms:
                self.seen_ms[member] = kept.last_seen_ms
            if kept.wrote_ms:
                self.wrote_ms[member] = kept.wrote_ms

    # --- Learning

    def told(self, step: Step, member: AuthorId, author: AuthorId, seq: int) -> bool:
        """A member's node says that it holds an author's log up to here; whether that is news."""
        held = self.said.setdefault(member, {})
        if (author not in held and len(held) >= AUTHORS_MAX) or seq <= held.get(author, -1):
            return False
        held[author] = seq
        self.changed(step, member)
        return True

    def cite(self, step: Step, operations: Sequence[Operation], *, midway: bool = False) -> None:
        """Operations were taken in: whoever writes holds what they stand behind, and all behind that.

        Of a parent that is not among the last of its author, and of more than `CITED_AT_ONCE_MAX` in one
        step, only the parents themselves are noted: less than is true, never more.

        Args:
            midway: the next step brings what goes on from these.
        """
        for operation in operations[-(CITED_MIDWAY_MAX if midway else CITED_AT_ONCE_MAX) :]:
            header = operation.header
            kept = self._vectors.setdefault(header.author, OrderedDict())
            vector = self._before(header.author, OperationId(header.backlink), kept)
            for parent in header.parents:
                place = self._logs.place(parent)
                if place is None:
                    continue
                written = self._vectors.get(place.author)
                for author, seq in (written.get(parent, {}) if written else {}).items():
                    if seq > vector.get(author, -1):
                        vector[author] = seq
                if place.seq > vector.get(place.author, -1):
                    vector[place.author] = place.seq
            vector[header.author] = max(header.seq, vector.get(header.author, -1))
            kept[operation.id] = vector
            if len(kept) > VECTORS_KEPT_MAX:
                kept.popitem(last=False)
            self.cited[header.author] = self._joined(header.author, vector)
            self.changed(step, header.author)

    def _before(self, author: AuthorId, backlink: OperationId, kept: Mapping[OperationId, Vector]) -> Vector:
        """What stands behind an author's operation before, to be added to."""
        if backlink in kept:
            return dict(kept[backlink])
        # Of a forked log the other branch must not be taken for this one's past.
        return {} if self._logs.is_forked(author) else dict(self.cited.get(author, {}))

    def _joined(self, author: AuthorId, vector: Vector) -> Vector:
        if not self._logs.is_forked(author):
            return vector
        before = self.cited.get(author, {})
        return {one: max(before.get(one, -1), vector.get(one, -1)) for one in {**before, **vector}}

    def past_of(self, author: AuthorId, operation: OperationId) -> Vector:
        """How far logs reach that stand behind an operation: of one of its author's last, else nothing."""
        return self._vectors.get(author, OrderedDict()).get(operation, {})

    def heard(self, member: AuthorId, now_ms: int) -> None:
        """A member's node says something on a link, or did until now, when the link is lost."""
        self.seen_ms[member] = max(now_ms, self.seen_ms.get(member, 0))

    def wrote(self, author: AuthorId, at_ms: int, now_ms: int) -> None:
        """Something an author wrote was opened. Their clock says when, and cannot say later than now."""
        self.wrote_ms[author] = max(min(at_ms, now_ms), self.wrote_ms.get(author, 0))

    # --- Asking

    def upto(self, member: AuthorId, author: AuthorId) -> int:
        """Up to where a member is known to hold an author's log; -1: not at all."""
        return max(self.said.get(member, {}).get(author, -1), self._cited_upto(member, author))

    def _cited_upto(self, member: AuthorId, author: AuthorId) -> int:
        seq = self.cited.get(member, {}).get(author, -1)
        # Two may stand at one place of a forked log: which of them was cited is not kept.
        return min(seq, self._logs.agreed(author)) if self._logs.is_forked(author) else seq

    def met(self, member: AuthorId) -> bool:
        """Whether a member's node ever told what it holds, or anything they wrote is here."""
        return member in self.said or member in self.cited

    def proof(self, member: AuthorId, author: AuthorId, seq: int, *, me: AuthorId) -> HeldProof:
        """By what a member is known to hold an operation."""
        if member == me:
            return HeldProof.ME
        if member == author:
            return HeldProof.AUTHOR
        if self._cited_upto(member, author) >= seq:
            return HeldProof.CITED
        if self.said.get(member, {}).get(author, -1) >= seq:
            return HeldProof.SAID
        return HeldProof.NONE

    def count(self, members: Iterable[AuthorId], author: AuthorId, seq: int, *, me: AuthorId) -> int:
        """How many of these are known to hold an operation."""
        return sum(member in (me, author) or self.upto(member, author) >= seq for member in members)

    # --- Keeping

    def changed(self, step: Step, member: AuthorId) -> None:
        """Have what a member is known to hold written down soon: hearsay, told again on the next link."""
        if not self._changed:
            step.timer(f"holders:{self._campaign.hex()}", step.now_ms + PUT_AFTER_MS)
        self._changed[member] = None

    def put(self, step: Step) -> None:
        """Write down what has changed in who holds what."""
        for member in self._changed:
            said, cited = self.said.get(member, {}), self.cited.get(member, {})
            kept = HolderRecord(
                held=_entries(said),
                cited=_entries({one: seq for one, seq in cited.items() if seq > said.get(one, -1)}),
                last_seen_ms=self.seen_ms.get(member, 0),
                wrote_ms=self.wrote_ms.get(member, 0),
            )
            step.put(HOLDERS, self._campaign + member, kept)
        self._changed = {}


def stands_behind(reader: LogReader, logs: Logs, operation: OperationId, *, reads_max: int) -> Vector:
    """How far logs reach that stand behind an operation, read from the log itself.

    Args:
        reads_max: so many operations are read at most, those written last before it first. What stands
            behind others is left out: less than is true, never more.
    """
    vector: Vector = {}
    seen = {operation}
    todo = [operation]
    for current in todo:
        if not reads_max:
            break
        reads_max -= 1
        encoded = reader.operation(current)
        if encoded is None:
            continue
        header = decode_operation(encoded).header
        for before in (*header.parents, OperationId(header.backlink)):
            place = logs.place(before) if before and before not in seen else None
            if place is not None:
                seen.add(before)
                todo.append(before)
                vector[place.author] = max(place.seq, vector.get(place.author, -1))
    return vector


def _entries(vector: Vector) -> tuple[HeldTo, ...]:
    return tuple([HeldTo(author=author, seq=seq) for author, seq in sorted(vector.items()) if seq >= 0])
