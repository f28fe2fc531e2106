"""The rings of one campaign's letters on which members may be counted and not named.

Law: who is in a ring follows from the past of the freeze alone, as with sealed rounds (`node.rounds`). Items
are on disk before they are told to anybody. A poll is over when its letter is released, or some weeks after
its deadline: then nothing of mine begins in it any more, and my key goes. Ours, unreviewed:
docs/protocol/counted.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, Final

from meshcoal.errors import BadEnvelope, BadKey, BadRing, BadSignature
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import COUNTED_AFTER_MS, COUNTED_ROUNDS_MAX, MEMBERS_MAX
from meshcoal.log.changes import PutDocument
from meshcoal.log.reader import BodyRow, LogReader
from meshcoal.node.records import Document, load_all
from meshcoal.node.step import Step
from meshcoal.statement.count_box import CountBox, restore
from meshcoal.statement.counted import Poll, check_named
from meshcoal.statement.polled import Polled
from meshcoal.statement.sealed.box import Moved
from meshcoal.sync.loose import LooseSet
from meshcoal.wire import shape
from meshcoal.wire.bodies import FreezeBody
from meshcoal.wire.counted import CountedItem, CountedSignOn, CountedWithdrawal, NamedInRing, poll_id
from meshcoal.wire.record import Id32, Items, TimeMs
from meshcoal.wire.sealed import SEALED, LooseItem, item_id
from meshcoal.wire.week_keys import HeldWeeks, WeekSecrets

POLLS: Final = "polls"
COUNTED_ITEMS: Final = "counted"
_VERDICTS_MAX: Final = 4 * MEMBERS_MAX


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord(Document):
    """A ring as the past of its freeze made it."""

    statement: Id32
    freeze: Id32
    digest: Id32  # SHA-256 of the canonical text
    began_ms: TimeMs  # by the clock of whoever froze
    ends_ms: TimeMs
    over: bool  # the letter was released, or the time has passed
    rings: Annotated[tuple[Id32, ...], Items(1, MEMBERS_MAX)]  # ascending
    authors: Annotated[tuple[Id32, ...], Items(1, MEMBERS_MAX)]  # whose they are


@dataclass(slots=True, kw_only=True)
class HeldPoll:
    """One poll here."""

    record: PollRecord
    box: CountBox
    verdicts: dict[NamedInRing, bool] = field(default_factory=dict)

    @property
    def id(self) -> bytes:
        return poll_id(self.record.digest, self.box.poll.public.digest)

    def opens(self, named: NamedInRing) -> bool:
        """Whether a named signatory's word about the ring holds. Remembered."""
        verdict = self.verdicts.get(named)
        if verdict is None:
            if len(self.verdicts) >= _VERDICTS_MAX:
                self.verdicts.clear()
            verdict = self.verdicts[named] = _holds(self.box.poll, named)
        return verdict

    def polled(self) -> Polled:
        """For the count."""
        authors = [AuthorId(one) for one in self.record.authors]
        return Polled(
            freeze=OperationId(self.record.freeze),
            poll=self.box.poll,
            keys=dict(zip(authors, self.record.rings, strict=True)),
            sign_ons=dict(self.box.sign_ons),
            withdrawals=dict(self.box.withdrawals),
            opens=self.opens,
        )


def _holds(poll: Poll, named: NamedInRing) -> bool:
    try:
        check_named(poll, named)
    except (BadKey, BadRing, BadSignature):
        return False
    return True


class Polls:
    """All polls of one campaign.

    Args:
        items: what is held of all rounds, by name; shared with the sealed ones.
    """

    def __init__(
        self, campaign: CampaignId, *, reader: LogReader, loose: LooseSet, items: dict[OperationId, LooseItem]
    ) -> None:
        self._campaign = campaign
        self._reader = reader
        self._loose = loose
        self._items = items
        self.held: dict[bytes, HeldPoll] = {}

    def recover(self) -> None:
        """Read back what was written. Raises `Corrupt`."""
        kept = [one for _, one in load_all(self._reader, PollRecord, POLLS, self._campaign)]
        polls = {id(one): Poll.of(one.digest, one.rings) for one in kept}
        found: dict[bytes, list[CountedItem]] = {}
        for _, value in self._reader.documents(COUNTED_ITEMS, self._campaign):
            item = SEALED.decode(value)
            assert isinstance(item, CountedSignOn | CountedWithdrawal), "of this space"
            found.setdefault(item.terms, []).append(item)
        for one in kept:
            poll = polls[id(one)]
            items = found.get(poll_id(one.digest, poll.public.digest), [])
            held = HeldPoll(record=one, box=restore(poll, items))
            self.held[held.id] = held
            for item in items:
                self._enter(item)

    # --- Beginning

    def begin(
        self, step: Step, row: BodyRow, body: FreezeBody, rings: tuple[bytes, ...], authors: tuple[bytes, ...]
    ) -> bool:
        """A freeze permits it: hold its ring. Whether there is one now that there was not."""
        try:
            poll = Poll.of(body.digest, rings)
        except (BadRing, BadKey):
            return False  # nobody can be counted; the letter says so, and is signed like any other
        begun = PollRecord(
            statement=body.statement,
            freeze=row.id,
            digest=body.digest,
            began_ms=body.at_ms,
            ends_ms=body.deadline_ms + body.grace_ms + COUNTED_AFTER_MS,
            over=False,
            rings=poll.ring.keys,
            authors=authors,
        )
        held = HeldPoll(record=begun, box=CountBox(poll))
        for other in [one for one in self.held.values() if one.record.freeze == row.id and one.id != held.id]:
            self._drop(step, other)  # more of the past can be read: the ring was another
        if held.id in self.held or len(self.held) >= COUNTED_ROUNDS_MAX:
            return False
        self.held[held.id] = held
        step.put(POLLS, self._campaign + held.id, begun)
        return True

    def _drop(self, step: Step, held: HeldPoll) -> None:
        self.apply(step, Moved(dropped=tuple([item_id(one) for one in held.box.items()])))
        step.erase(POLLS, self._campaign + held.id)
        del self.held[held.id]

    def of_freeze(self, freeze: bytes) -> HeldPoll | None:
        for held in self.held.values():
            if held.record.freeze == freeze:
                return held
        return None

    # --- What comes

    def take(self, step: Step, item: CountedItem) -> tuple[LooseItem, ...]:
        """Judge an item, and write down what came of it. Returns what is held from now on.

        Raises:
            RemoteError: as `CountBox.take`; `BadEnvelope` also where no poll here is its own.
        """
        held = self.held.get(item.terms)
        if held is None:
            raise BadEnvelope("of a ring that is not known here")
        return self.apply(step, held.box.take(item))

    def apply(self, step: Step, moved: Moved) -> tuple[LooseItem, ...]:
        """Write down what a box did. Returns what is held from now on."""
        for name in moved.dropped:
            self._items.pop(name, None)
            self._loose.remove(name)
            step.erase(COUNTED_ITEMS, self._campaign + name)
        for item in moved.added:
            name = self._enter(item)
            step.change(
                PutDocument(space=COUNTED_ITEMS, key=self._campaign + name, value=SEALED.encode(item))
            )
        return moved.added

    def _enter(self, item: LooseItem) -> OperationId:
        name = item_id(item)
        self._items[name] = item
        self._loose.add(name)
        return name

    # --- For the count

    def polled(self, statement: bytes) -> list[Polled]:
        """The rings of a statement's frozen texts, and what was said in them."""
        return [held.polled() for held in self.held.values() if held.record.statement == statement]

    def mark(self, statement: bytes) -> bytes:
        """Another value whenever `polled` says something else; empty where it says nothing."""
        mine = sorted([key for key, held in self.held.items() if held.record.statement == statement])
        names = [item_id(item) for key in mine for item in self.held[key].box.items()]
        return hashlib.blake2b(b"".join([*mine, *sorted(names)]), digest_size=32).digest() if mine else b""

    # --- What goes

    def open(self, now_ms: int) -> list[HeldPoll]:
        """Polls that are not over."""
        return [held for held in self.held.values() if not held.record.over and now_ms < held.record.ends_ms]

    def close(self, step: Step, held: HeldPoll) -> None:
        """It is over: its letter was released, or replaced, or the time has passed."""
        if not held.record.over:
            held.record = replace(held.record, over=True)
            step.put(POLLS, self._campaign + held.id, held.record)

    def expire(self, step: Step) -> bool:
        """Close those whose time has passed. Whether there were any."""
        late = [
            held for held in self.held.values() if not held.record.over and step.now_ms >= held.record.ends_ms
        ]
        for held in late:
            self.close(step, held)
        return bool(late)

    def needed(self, now_ms: int) -> frozenset[bytes]:
        """Ring keys of polls that are not over."""
        return frozenset([key for held in self.open(now_ms) for key in held.record.rings])

    def spent(self, now_ms: int) -> frozenset[bytes]:
        """Ring keys of polls that are."""
        running = self.open(now_ms)
        return frozenset(
            [key for held in self.held.values() if held not in running for key in held.record.rings]
        )

    @staticmethod
    def mine(weeks: HeldWeeks, held: HeldPoll) -> WeekSecrets | None:
        """My keys in a ring; None: I have none, or they are erased."""
        for week in weeks.weeks:
            if week.public.ring in held.record.rings:
                return week
        return None


def counted_items(items: Iterable[LooseItem]) -> list[CountedItem]:
    """Of these, those that are counted and not sealed."""
    return [item for item in items if isinstance(item, CountedSignOn | CountedWithdrawal)]
