"""What members keep from this node: noticed by comparing what they show to hold with what they pass on.

Law: nobody is named on hearsay about them. A member's node *owes* what it shows itself that it holds, on the
link that stands: by its frontier, or by passing on what stands behind it (nothing enters a log before its
past). It is *suspected* when it owes for `LATE_MS` in which nothing that it owes has moved, was asked at
least `ASKED_MIN` times, and is heard while no message is under way. It is *certain* when what it owed came by
another way and never from it, when it goes on passing on what stands behind it for `CERTAIN_MS`, or when its
whole frontiers, `CERTAIN_MS` apart, say that it lacks what its own log stands behind. That something is kept
back is certain then; why is not: a broken node does the same. Nothing follows from it but a warning, one
for each member, and a line on the screen. What counts is a peer's latest word on its present link:
it may take back what it said too early.

Ours, unreviewed. Specified in docs/design/0016-withholding.md.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from meshcoal.api.views import NoticeKind, ShownBy
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import AUTHORS_MAX, PENDING_OPERATIONS_MAX
from meshcoal.log.dag import Dag
from meshcoal.log.pending import Pending
from meshcoal.log.reader import LogReader
from meshcoal.node.holders import Holders, Vector, stands_behind
from meshcoal.node.records import NAMED, WITHHELD, NamedRecord, WithheldRecord, load_all
from meshcoal.node.step import Step
from meshcoal.wire.frames import Frontier, Held
from meshcoal.wire.operation import Operation

LOOK_EVERY_MS: Final = 30_000
LATE_MS: Final = 120_000
CERTAIN_MS: Final = 600_000
WHOLE_MS: Final = 60_000  # so long no message was under way of which only a part had come
MOVED_MS: Final = 60_000  # what is owed so long and then comes shows that the peer works it off
HEARD_MS: Final = 60_000  # a link is alive on which something came so lately: pings come more often
ASKED_MIN: Final = 3
CERTAIN_ASKED_MIN: Final = 5
OWED_MAX: Final = 10_000  # places of one author that are looked at
DEBTS_MAX: Final = 256  # of one peer
EXCUSED_MAX: Final = 4_096
CHECKED_AT_ONCE_MAX: Final = 500
VERDICTS_MAX: Final = 256
PAST_READS_MAX: Final = 64  # operations of one peer's past
PASTS_READ_MAX: Final = 8  # in one look; the others' turn comes with their next frontiers

Sent = tuple[AuthorId, int, bool]  # whose, where, and whether its signature was seen to hold


class Peer(Protocol):
    """A member's node on a link that stands; `node.links.Link` with its exchange is one."""

    number: int
    heard_ms: int
    partial_ms: int
    steady_s: int  # not 0: what it owes waits for its turn, and says nothing of its will


@dataclass(slots=True, kw_only=True)
class Debt:
    """Something a member's node shows to hold and has not passed on."""

    peer: AuthorId
    author: AuthorId  # whose it is; empty where that is not known before it comes
    shown_by: ShownBy
    link: int  # on which it stands
    since_ms: int  # on that link
    first_ms: int
    asked: int  # how often the peer had been asked on that link before
    low: int  # places of the author's log; 0 where only the operation's name is known
    high: int
    left: int  # the lowest of them that was still owed at the last look
    late_ms: int = -1  # when it became a suspicion
    certain: bool = False
    checked: int = 0  # places below this were looked at, whether they came by another way
    arrived: dict[int, int] = field(default_factory=dict)  # place -> when it was seen that others brought it

    @property
    def count(self) -> int:
        return self.high - self.low + 1


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What a member's node certainly kept back of one author's log."""

    shown_by: ShownBy
    since_ms: int
    until_ms: int
    places: set[int] = field(default_factory=set)  # never iterated


class Watch:
    """Of one campaign. In memory, but for what is certain."""

    def __init__(self, campaign: CampaignId) -> None:
        self._campaign = campaign
        self._sent: dict[AuthorId, OrderedDict[OperationId, Sent]] = {}
        self._words: dict[AuthorId, dict[AuthorId, int]] = {}  # by peer: what it said last that it holds
        self._told: dict[AuthorId, Frontier] = {}  # whole frontiers that were not looked at yet
        self._moved_ms: dict[AuthorId, int] = {}  # by peer: when something long owed came
        self._hiding_ms: dict[tuple[AuthorId, AuthorId], int] = {}  # said to lack what its own log is behind
        self._pasts: dict[AuthorId, tuple[OperationId, Vector]] = {}  # read from the log, by peer
        self._excused: dict[tuple[AuthorId, AuthorId], int] = {}  # (peer, author): when refused here
        self.missing_ms: dict[OperationId, int] = {}  # waited for, and since when
        self.behind_ms: dict[AuthorId, int] = {}  # authors of whom others hold more, and since when
        self._debts: dict[AuthorId, dict[bytes, Debt]] = {}  # by peer, and by author or operation
        self.verdicts: dict[tuple[AuthorId, AuthorId], Verdict] = {}
        self.named_ms: dict[AuthorId, int] = {}  # by peer: when something was certain first
        self.due_ms = 0

    def recover(self, reader: LogReader) -> None:
        """Read back what is certain."""
        for key, kept in load_all(reader, WithheldRecord, WITHHELD, self._campaign):
            self.verdicts[AuthorId(key[:32]), AuthorId(key[32:])] = Verdict(
                shown_by=kept.shown_by,
                since_ms=kept.since_ms,
                until_ms=kept.until_ms,
                places=set(kept.places),
            )
        for key, first in load_all(reader, NamedRecord, NAMED, self._campaign):
            self.named_ms[AuthorId(key)] = first.at_ms

    # --- What happens on links

    def stir(self, step: Step) -> None:
        """There is something to look at before long."""
        if self.due_ms <= step.now_ms:
            self.due_ms = step.now_ms + LOOK_EVERY_MS
            step.timer(f"watch:{self._campaign.hex()}", self.due_ms)

    def told(self, step: Step, peer: AuthorId, frontier: Frontier) -> None:
        """A peer says what it holds: all of it, or what changed."""
        if frontier.whole:
            self._words[peer] = {}
        self.heard_of(peer, frontier.held)
        if frontier.whole and len(frontier.held) < AUTHORS_MAX:
            self._told[peer] = frontier
            self.stir(step)

    def heard_of(self, peer: AuthorId, helds: Iterable[Held]) -> None:
        """A peer says how far it holds some logs."""
        words = self._words.setdefault(peer, {})
        for held in helds:
            author = AuthorId(held.author)
            if author in words or len(words) < AUTHORS_MAX:
                words[author] = held.seq

    def passed_on(self, peer: AuthorId, operation: Operation, *, proven: bool) -> None:
        """A peer sent this, and it waits here, or is here.

        Args:
            proven: its signature holds. What cannot be checked yet clears nobody of a suspicion, for anybody
                can make it; but it keeps a suspicion from becoming a certainty.
        """
        sent = self._sent.setdefault(peer, OrderedDict())
        known = sent.get(operation.id)
        sent[operation.id] = (
            operation.header.author,
            operation.header.seq,
            proven or (known is not None and known[2]),
        )
        while len(sent) > 2 * PENDING_OPERATIONS_MAX:
            sent.popitem(last=False)

    def excuse(self, peer: AuthorId, author: AuthorId, now_ms: int) -> None:
        """What a peer sent of an author is sound, and refused here: for a while it owes nothing of them."""
        if len(self._excused) < EXCUSED_MAX:
            self._excused[peer, author] = now_ms

    def _is_excused(self, peer: AuthorId, author: AuthorId, now_ms: int) -> bool:
        return now_ms - self._excused.get((peer, author), -CERTAIN_MS) < CERTAIN_MS

    def owes(self, peer: AuthorId) -> bool:
        """Whether it matters what a peer passes on, beyond what waits here."""
        return bool(self._debts.get(peer))

    @property
    def debts(self) -> list[Debt]:
        """All that is owed, suspicions among it."""
        return [debt for owed in self._debts.values() for debt in owed.values()]

    def lost(self, peer: AuthorId) -> None:
        """A link is gone. What was merely owed is forgotten, a suspicion is not."""
        self._told.pop(peer, None)
        self._words.pop(peer, None)
        self._moved_ms.pop(peer, None)
        kept = {key: debt for key, debt in self._debts.pop(peer, {}).items() if debt.late_ms >= 0}
        if kept:
            self._debts[peer] = kept
        if not self.owes(peer):
            self._sent.pop(peer, None)

    # --- Looking

    def note_missing(self, pending: Pending, now_ms: int) -> dict[OperationId, tuple[Operation, ...]]:
        """What is waited for, with what waits for it; since when, is noted."""
        direct = pending.waited_for()
        self.missing_ms = {one: self.missing_ms.get(one, now_ms) for one in pending.absent(direct)}
        return {one: _all_behind(one, direct) for one in self.missing_ms}

    def note_behind(self, authors: Iterable[AuthorId], now_ms: int) -> None:
        """Of whom somebody says to hold more than is here; since when, is noted."""
        self.behind_ms = {one: self.behind_ms.get(one, now_ms) for one in authors}

    def look(
        self,
        step: Step,
        link: Peer,
        peer: AuthorId,
        *,
        asked: int,
        dag: Dag,
        lacking: Mapping[OperationId, Sequence[Operation]],
        known: Container[AuthorId],
    ) -> bool:
        """Compare what a peer shows to hold on its link with what it passed on; True: ask it again.

        Args:
            asked: how often it was asked on this link.
            lacking: as `note_missing` gave it.
            known: whose logs there are: what a peer says of others is no debt.
        """
        now_ms = step.now_ms
        words = {one: seq for one, seq in self._words.get(peer, {}).items() if one in known}
        mine = self._debts.setdefault(peer, {})
        owed = {
            **self._said(peer, words, dag, now_ms),
            **self._stood_behind(peer, lacking, now_ms),
        }
        ask = False
        for key, (author, shown_by, low, high) in owed.items():
            debt = mine.get(key)
            if debt is None:
                if len(mine) >= DEBTS_MAX:
                    continue
                debt = mine[key] = Debt(
                    peer=peer, author=author, shown_by=shown_by, link=link.number, asked=asked,
                    since_ms=now_ms, first_ms=now_ms, low=low, high=high, left=low,
                )  # fmt: skip
            if debt.link != link.number:
                debt.link, debt.since_ms, debt.asked = link.number, now_ms, asked
            if low > debt.left and now_ms - debt.since_ms >= MOVED_MS:
                self._moved_ms[peer] = now_ms
            debt.low, debt.high, debt.left = min(debt.low, low), max(debt.high, high), low
        self._settle(step, peer, set(owed), dag)
        alive = now_ms - link.heard_ms <= HEARD_MS and now_ms - link.partial_ms >= WHOLE_MS
        alive = alive and not link.steady_s
        still = alive and now_ms - self._moved_ms.get(peer, -LATE_MS) >= LATE_MS
        for key in owed:
            debt = mine.get(key)
            if debt is None:
                continue
            standing_ms, times = now_ms - debt.since_ms, asked - debt.asked
            ask = ask or standing_ms >= LOOK_EVERY_MS
            if still and standing_ms >= LATE_MS and times >= ASKED_MIN and debt.late_ms < 0:
                debt.late_ms = now_ms
            if debt.shown_by is ShownBy.SENT and debt.late_ms >= 0 and not debt.certain:
                debt.certain = still and standing_ms >= CERTAIN_MS and times >= CERTAIN_ASKED_MIN
                if debt.certain:
                    self._name(step, peer)
        if not mine:
            self._debts.pop(peer, None)
        return ask

    def spare(self, link: int, now_ms: int) -> None:
        """What a link brought waits here for its turn: its peer owes nothing in that time."""
        for debt in self.debts:
            if debt.link == link and debt.late_ms < 0:
                debt.since_ms = now_ms

    def compare_frontiers(self, step: Step, dag: Dag, holders: Holders, reader: LogReader) -> None:
        """Does a whole frontier lack what its sender's own log stands behind? What is held has its past."""
        reads_left = PASTS_READ_MAX
        for peer, frontier in self._told.items():
            said = {AuthorId(held.author): held for held in frontier.held}
            own = said.get(peer)
            for key in [key for key in self._hiding_ms if key[0] == peer and own is None]:
                del self._hiding_ms[key]
            if own is None or dag.is_forked(peer) or dag.top(peer) < own.seq:
                continue
            if dag.mark(peer, own.seq) != own.mark:
                continue
            # Of others' logs it may have said more than it has taken in; its own it wrote itself.
            operation = dag.operations_at(peer, own.seq)[0]
            behind = holders.past_of(peer, operation)
            if not behind:  # it came before this node was started, or among thousands of others
                if self._pasts.get(peer, (b"", {}))[0] != operation:
                    if not reads_left:
                        continue
                    reads_left -= 1
                    past = stands_behind(reader, dag, operation, reads_max=PAST_READS_MAX)
                    self._pasts[peer] = operation, past
                behind = self._pasts[peer][1]
            for other, seq in behind.items():
                low = said[other].seq + 1 if other in said else 0
                if seq < low or dag.is_forked(other):
                    self._hiding_ms.pop((peer, other), None)
                    continue
                first_ms = self._hiding_ms.setdefault((peer, other), step.now_ms)
                if step.now_ms - first_ms >= CERTAIN_MS:
                    places = range(low, min(seq, low + OWED_MAX) + 1)
                    self._convict(step, peer, other, ShownBy.HID, places, since_ms=first_ms)
        self._told = {}

    @property
    def watchful(self) -> bool:
        """Whether to look again."""
        return bool(self.missing_ms or self.behind_ms or self._debts)

    def _said(
        self, peer: AuthorId, words: Mapping[AuthorId, int], dag: Dag, now_ms: int
    ) -> dict[bytes, tuple[AuthorId, ShownBy, int, int]]:
        sent = {(author, seq) for author, seq, proven in self._sent.get(peer, {}).values() if proven}
        owed: dict[bytes, tuple[AuthorId, ShownBy, int, int]] = {}
        for author, seq in words.items():
            low = dag.top(author) + 1
            if seq < low or self._is_excused(peer, author, now_ms):
                continue
            high = min(seq, low + OWED_MAX)
            while (author, high) in sent:
                high -= 1
            while low <= high and (author, low) in sent:
                low += 1
            if low <= high:
                owed[author] = author, ShownBy.SAID, low, high
        return owed

    def _stood_behind(
        self, peer: AuthorId, lacking: Mapping[OperationId, Sequence[Operation]], now_ms: int
    ) -> dict[bytes, tuple[AuthorId, ShownBy, int, int]]:
        sent: Mapping[OperationId, Sent] = self._sent.get(peer, {})
        owed: dict[bytes, tuple[AuthorId, ShownBy, int, int]] = {}
        for missing, waiting in lacking.items():
            copy = sent.get(missing)
            if (copy is not None and copy[2]) or not any(one.id in sent for one in waiting):
                continue
            after = [one for one in waiting if one.header.backlink == missing]
            if after:
                author, seq = after[0].header.author, after[0].header.seq - 1
                if not self._is_excused(peer, author, now_ms):
                    owed[missing] = author, ShownBy.SENT, seq, seq
            else:
                owed[missing] = AuthorId(b""), ShownBy.SENT, 0, 0
        return owed

    def _settle(self, step: Step, peer: AuthorId, owed: set[bytes], dag: Dag) -> None:
        """What is owed no longer, or has come by another way."""
        sent: Mapping[OperationId, Sent] = self._sent.get(peer, {})
        mine = self._debts[peer]
        for key, debt in list(mine.items()):
            author, came = debt.author, range(0)
            if debt.shown_by is ShownBy.SAID:
                # What it took back, it does not owe.
                debt.high = min(debt.high, self._words.get(peer, {}).get(author, -1))
                first = max(debt.low, debt.checked)
                came = range(first, min(debt.high, dag.top(author), first + CHECKED_AT_ONCE_MAX) + 1)
            elif (place := dag.place(OperationId(key))) is not None:
                author, came = place.author, range(place.seq, place.seq + 1)
            if debt.late_ms >= 0:
                for seq in came:
                    debt.checked = seq + 1
                    if not any(one in sent for one in dag.operations_at(author, seq)):
                        debt.arrived.setdefault(seq, step.now_ms)
            # Its own copy may have been on its way when the other one came: it has until the next look.
            ripe = [
                seq
                for seq, at_ms in debt.arrived.items()
                if step.now_ms - at_ms >= LOOK_EVERY_MS
                and not any(one in sent for one in dag.operations_at(author, seq))
            ]
            if ripe:
                self._convict(step, peer, author, debt.shown_by, ripe, since_ms=debt.first_ms)
            waits = any(step.now_ms - at_ms < LOOK_EVERY_MS for at_ms in debt.arrived.values())
            waits = waits or (debt.late_ms >= 0 and len(came) > CHECKED_AT_ONCE_MAX)
            if key not in owed and not waits:
                if debt.late_ms < 0 and step.now_ms - debt.since_ms >= MOVED_MS:
                    self._moved_ms[peer] = step.now_ms
                del mine[key]
        if not self.owes(peer) and not self.missing_ms:
            self._sent.pop(peer, None)

    def _convict(
        self,
        step: Step,
        peer: AuthorId,
        author: AuthorId,
        shown_by: ShownBy,
        places: Iterable[int],
        *,
        since_ms: int,
    ) -> None:
        verdict = self.verdicts.get((peer, author))
        if verdict is None:
            if len(self.verdicts) >= VERDICTS_MAX:
                return
            verdict = self.verdicts[peer, author] = Verdict(
                shown_by=shown_by, since_ms=since_ms, until_ms=step.now_ms
            )
        before = len(verdict.places)
        verdict.places.update(list(places)[: OWED_MAX - before])
        if len(verdict.places) == before:
            return
        verdict.until_ms = step.now_ms
        self._name(step, peer)
        record = WithheldRecord(
            shown_by=verdict.shown_by,
            since_ms=verdict.since_ms,
            until_ms=verdict.until_ms,
            places=tuple(sorted(verdict.places)),
        )
        step.put(WITHHELD, self._campaign + peer + author, record)

    def _name(self, step: Step, peer: AuthorId) -> None:
        """The user is to hear of it: once for each member, and on disk until they have seen it."""
        if peer not in self.named_ms:
            self.named_ms[peer] = step.now_ms
            step.put(NAMED, self._campaign + peer, NamedRecord(at_ms=step.now_ms))
            step.notice(NoticeKind.WITHHELD, self._campaign)


def _all_behind(
    missing: OperationId, direct: Mapping[OperationId, Sequence[Operation]]
) -> tuple[Operation, ...]:
    """All that waits for an operation, at once or behind others that wait for it."""
    found: dict[OperationId, Operation] = {}
    todo = [missing]
    while todo:
        for operation in direct.get(todo.pop(), ()):
            if operation.id not in found:
                found[operation.id] = operation
                todo.append(operation.id)
    return tuple(found.values())
