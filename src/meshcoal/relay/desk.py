"""What a relay does for whoever knocks: takes envelopes, hands them out, says when new ones come.

Law: it knows topics and sizes and nothing else. It asks nobody who they are, keeps nothing of a link once it
has ended, and writes no log. An envelope is taken only with a signature of its topic's key, and a topic that
is new here costs work. Everything a client can make it hold is bounded. Has no socket, clock or chance of its
own. Specified in docs/protocol/relay.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.errors import BadKey, BadSignature, OverLimit, WrongLink
from meshcoal.limits import (
    ENVELOPE_CLASSES_BYTES,
    FOUND_BYTES_MAX,
    FOUND_ENVELOPES_MAX,
    PLACES_ASKED_MAX,
    RELAY_LINK_BURST,
    RELAY_LINK_PER_SECOND,
    RELAY_LINK_POLLS_PER_MINUTE,
    RELAY_TOPIC_BYTES_MAX,
    SHELF_LIFE_DAYS,
    WORK_BITS_MAX,
)
from meshcoal.relay.store import Envelope, Full, Placed, Store
from meshcoal.sync.board import NO_HEAD, check_deposit, envelope_hash, relay_psk, work_done
from meshcoal.sync.knock import Door, Pattern
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import Ping, Pong
from meshcoal.wire.message import Message
from meshcoal.wire.relaying import (
    RELAYING,
    Deposit,
    Deposited,
    Ended,
    Found,
    Poll,
    Polled,
    Refusal,
    SeveralDeposits,
    Stored,
    Terms,
)

DOOR: Final = "relay"
_WORK_BITS: Final = 14  # while there is room: some 20 ms of a node's time
_PAGES_MAX: Final = 8  # answered to one poll; the rest is asked for again


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLimits:
    """What one client may ask of a relay; other ones serve tests and benches."""

    days: int = SHELF_LIFE_DAYS
    topic_bytes_max: int = RELAY_TOPIC_BYTES_MAX
    work_bits: int = _WORK_BITS
    burst: int = RELAY_LINK_BURST
    per_second: int = RELAY_LINK_PER_SECOND
    polls_per_minute: int = RELAY_LINK_POLLS_PER_MINUTE


@dataclass(slots=True)
class _Bucket:
    """So much at once, and so much for long."""

    most: float
    per_ms: float
    left: float
    at_ms: int = 0

    def take(self, now_ms: int) -> bool:
        self.left = min(self.most, self.left + max(0, now_ms - self.at_ms) * self.per_ms)
        self.at_ms = max(now_ms, self.at_ms)
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(slots=True, eq=False)
class Visit:
    """A link, while it stands."""

    say: Callable[[Message], None]
    deposits: _Bucket
    polls: _Bucket
    session: Session | None = None
    watched: dict[bytes, int] = field(default_factory=dict)  # topic -> serial that was told last


class Desk:
    """One relay. `hear` may wait for the store; calls for one visit may overlap."""

    def __init__(
        self,
        *,
        store: Store,
        static: AgreementKey,
        passing: bytes,
        tools: Tools,
        limits: DeskLimits | None = None,
    ) -> None:
        self.key = static.public
        self._store = store
        self._tools = tools
        self._limits = limits or DeskLimits()
        self._door = Door(name=(DOOR, b""), pattern=Pattern.KNOWN, static=static, psk=relay_psk(passing))
        self._watchers: dict[bytes, dict[Visit, None]] = {}
        self._known: dict[bytes, None] = {}  # topics that stand here, for which no work is asked again
        self._work_bits = self._limits.work_bits

    # --- Links

    def enter(self, say: Callable[[Message], None], now_ms: int) -> Visit:
        """A link stands."""
        burst, polls = self._limits.burst, self._limits.polls_per_minute
        return Visit(
            say=say,
            deposits=_Bucket(burst, self._limits.per_second / 1_000, burst, now_ms),
            polls=_Bucket(polls, polls / 60_000, polls, now_ms),
        )

    def leave(self, visit: Visit) -> None:
        """It has ended."""
        self._watch(visit, {})

    def read(self, visit: Visit, frame: bytes, now_ms: int) -> tuple[list[bytes], list[Message]]:
        """A frame: what to answer at once, and what was said.

        Raises:
            RemoteError: hang up without a word.
        """
        if visit.session is None:
            visit.session, answer = Session.answer(
                frame, doors=[self._door], tools=self._tools, now_ms=now_ms, family=RELAYING
            )
            return [answer], []
        before = visit.session.established
        answers, messages = visit.session.read(frame, now_ms)
        if visit.session.established and not before:
            visit.say(self._terms())
        return answers, messages

    def _terms(self) -> Terms:
        return Terms(
            days=self._limits.days,
            work_bits=self._work_bits,
            topic_bytes_max=self._limits.topic_bytes_max,
            places_max=PLACES_ASKED_MAX,
        )

    async def look(self) -> None:
        """Now and then: how full is it? The fuller, the more work a new topic costs."""
        filled = await self._store.filled()
        harder = int(max(0.0, filled - 0.5) * 2 * (WORK_BITS_MAX - self._limits.work_bits))
        self._work_bits = min(WORK_BITS_MAX, self._limits.work_bits + harder) if self._limits.work_bits else 0

    async def hear(self, visit: Visit, message: Message, now_ms: int) -> None:
        """Do what was asked. Raises `RemoteError` where it should not have been."""
        match message:
            case Ping():
                visit.say(Pong())
            case Pong():
                pass
            case Deposit():
                await self._take(visit, message, now_ms)
            case SeveralDeposits():
                for one in message.deposits:
                    await self._take(visit, one, now_ms)
            case Poll():
                if not visit.polls.take(now_ms):
                    raise OverLimit("too many polls")
                await self._answer(visit, message)
            case _:
                raise WrongLink("not said to a relay")

    # --- Taking

    async def _take(self, visit: Visit, message: Deposit, now_ms: int) -> None:
        hashed = envelope_hash(message.envelope)
        refusal = self._verdict(visit, message, hashed, now_ms)
        if refusal is Refusal.NONE and message.topic not in self._known:
            known = (await self._store.end(message.topic)).last > 0
            if not known and not work_done(self.key, message.topic, message.work, self._work_bits):
                refusal = Refusal.WORK
        placed: Placed | None = None
        if refusal is Refusal.NONE:
            try:
                placed = await self._store.put(
                    Envelope(
                        topic=message.topic,
                        hashed=hashed,
                        envelope=message.envelope,
                        signature=message.signature,
                    ),
                    now_ms,
                )
            except Full as full:
                refusal = Refusal.TOPIC_FULL if full.topic else Refusal.FULL
        if placed is not None:
            self._note_known(message.topic)
        visit.say(
            Deposited(
                envelope=hashed,
                serial=placed.serial if placed is not None else 0,
                head=placed.head if placed is not None else NO_HEAD,
                refusal=refusal,
                work_bits=self._work_bits,
            )
        )
        if placed is not None and visit.watched.get(message.topic) == placed.serial - 1:
            visit.watched[message.topic] = placed.serial  # it knows that by the answer
        if placed is not None and placed.new and message.topic in self._watchers:
            await self._tell(message.topic)

    def _verdict(self, visit: Visit, message: Deposit, hashed: bytes, now_ms: int) -> Refusal:
        if len(message.envelope) not in ENVELOPE_CLASSES_BYTES:
            return Refusal.SIZE
        if not visit.deposits.take(now_ms):
            return Refusal.FAST
        try:
            check_deposit(self.key, message.topic, hashed, message.signature)
        except (BadSignature, BadKey):
            return Refusal.SIGNATURE
        return Refusal.NONE

    def _note_known(self, topic: bytes) -> None:
        self._known[topic] = None
        while len(self._known) > 16_384:
            self._known.pop(next(iter(self._known)))

    # --- Handing out

    async def _answer(self, visit: Visit, message: Poll) -> None:
        told: dict[bytes, int] = {}
        ends = []
        pages = 0
        reached = await self._store.ends([place.topic for place in message.places])
        for place, end in zip(message.places, reached, strict=True):
            ends.append(Ended(last=end.last, head=end.head))
            after = place.after
            while after < end.last and pages < _PAGES_MAX:
                pages += 1
                found = await self._page(place.topic, after)
                if found is None:
                    break
                visit.say(found)
                after = found.first + len(found.envelopes) - 1
            told[place.topic] = after
        visit.say(Polled(ends=tuple(ends)))
        self._watch(visit, told if message.stay else {})

    async def _page(self, topic: bytes, after: int) -> Found | None:
        page = await self._store.page(
            topic, after, envelopes_max=FOUND_ENVELOPES_MAX, bytes_max=FOUND_BYTES_MAX
        )
        if not page.first:
            return None
        return Found(
            topic=topic,
            first=page.first,
            before=page.before,
            envelopes=tuple(
                [Stored(envelope=envelope, signature=signature) for envelope, signature in page.envelopes]
            ),
        )

    async def _tell(self, topic: bytes) -> None:
        """Something new stands under a topic: whoever stayed for it, and has all before it, is sent it."""
        for visit in list(self._watchers.get(topic, ())):
            told = visit.watched.get(topic)
            if told is None:
                continue
            found = await self._page(topic, told)
            if found is None or visit.watched.get(topic) != told:
                continue
            visit.watched[topic] = found.first + len(found.envelopes) - 1
            visit.say(found)

    def _watch(self, visit: Visit, topics: dict[bytes, int]) -> None:
        for topic in visit.watched:
            watchers = self._watchers.get(topic)
            if watchers is not None:
                watchers.pop(visit, None)
                if not watchers:
                    del self._watchers[topic]
        visit.watched = topics
        for topic in topics:
            self._watchers.setdefault(topic, {})[visit] = None
