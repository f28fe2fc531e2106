"""Links and sessions: who is dialled, who may knock, who is let in, and when it ends.

Law: a link belongs to one door: a campaign's persona, my contacts, an invitation, or an introduction. Only
an active member of the campaign, a contact, the holder of the invitation, or the very person introduced comes
in; everybody else is closed without a word. Two links to one peer become one, and both sides choose the same
one. Garbage is counted, its sender cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from meshcoal.api.saving import SavingLevel
from meshcoal.api.views import NoticeKind
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import (
    BadHandshake,
    HandshakeTimeout,
    LinkClosed,
    NotAuthorized,
    NotSteady,
    OverLimit,
    RemoteError,
)
from meshcoal.ids import AuthorId, CampaignId, PersonId
from meshcoal.limits import (
    DIAL_BACKOFF_MAX_MS,
    DIAL_BACKOFF_SAVING_MS,
    HANDSHAKE_TIMEOUT_MS,
    LINK_IDLE_TIMEOUT_MS,
    LINK_QUEUES_BYTES_MAX,
    LINKS_MAX,
    ONION_HANDSHAKE_TIMEOUT_MS,
    PING_INTERVAL_MS,
    RUN_BYTES_MAX,
)
from meshcoal.node.reached import Reached
from meshcoal.node.steady import Steady
from meshcoal.node.step import Step
from meshcoal.sync.exchange import Exchange
from meshcoal.sync.knock import KEY_BYTES, Door, Pattern
from meshcoal.sync.outbox import Outbox
from meshcoal.sync.presence import Attempts
from meshcoal.sync.reconcile import Reconciliation
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import MESSAGES, Message, Ping, Pong
from meshcoal.wire.onion import ONION_TRANSPORT, is_onion
from meshcoal.wire.path import PathKind, path_of_hint, path_of_transport
from meshcoal.wire.record import Family

CAMPAIGN: Final = "campaign"
CONTACT: Final = "contact"
INVITATION: Final = "invitation"
INTRODUCED: Final = "introduced"
RELAY: Final = "relay"  # a blind one: it is told no key of mine, and takes part in nothing
_DIAL_TIMER: Final = "dial"
_PING_TIMER: Final = "ping"

TargetKey = tuple[str, bytes, bytes]  # kind, campaign or introduction, remote link key


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Somebody this node wants a link to."""

    key: TargetKey
    pattern: Pattern
    static: AgreementKey | None  # none: a fresh one each time
    remote: bytes  # their link key
    psk: bytes
    hints: tuple[str, ...]
    delay_ms: int  # before the first try
    family: Family = MESSAGES  # what may be said


@dataclass(slots=True)
class Link:
    """One byte pipe and what is known of whoever is at the other end."""

    number: int
    transport: str
    target: Target | None  # set where this side dialled
    opened_ms: int
    heard_ms: int
    session: Session | None = None
    campaign: CampaignId | None = None
    author: AuthorId | None = None  # the member, once known
    exchange: Exchange | None = None
    reconciling: Reconciliation | None = None  # of the same campaign, until the link ends
    opening: bool = False  # the peer, who holds more, will say in which logs, and send it
    introduction: bytes = b""
    closing: bool = False
    outbox: Outbox = field(default_factory=Outbox)
    asked_ms: int = 0  # when the handshake frame was sent to which the peer's next is the answer
    way_us: int = 1  # half of a round trip, as the handshake showed it
    heavy_ms: int = -1_000_000  # when it last brought many operations at once
    kept: dict[type[Message], Message] = field(default_factory=dict)  # said before I had use for it
    partial_ms: int = 0  # when a message was last under way, of which more frames were to come
    slow: bool = False  # what it brings is more than its author's quota: others go first
    doubts: int = 0  # false signatures that it brought, less what it brought that was sound
    heard: bool = False  # the peer has said something: it takes me for somebody to talk to
    hint: str = ""  # the address that this side dialled
    dial: int = 0  # by this number
    steady_s: int = 0  # seconds between two frames each way; 0: frames go as there is something to say

    @property
    def waiting_bytes(self) -> int:
        """What has been said and not been handed to the shell."""
        return self.outbox.waiting_bytes + (self.session.begun_bytes if self.session is not None else 0)

    @property
    def established(self) -> bool:
        return self.session is not None and self.session.established

    @property
    def serves(self) -> bytes | None:
        """The campaign it belongs to: with a member at the other end, or a relay."""
        return self.target.key[1] if self.to_relay and self.target is not None else self.campaign

    @property
    def whom(self) -> tuple[bytes, bytes] | None:
        """The campaign, or empty for a contact, and the link key of whoever is at the other end."""
        if self.session is None or self.to_relay or not self.session.established:
            return None
        return self.campaign or b"", self.session.remote_static

    @property
    def path(self) -> PathKind:
        """Over which path it goes."""
        dialled = path_of_hint(self.hint) if self.hint else PathKind.PLAIN
        return dialled if dialled is not PathKind.PLAIN else path_of_transport(self.transport)

    @property
    def to_relay(self) -> bool:
        return self.target is not None and self.target.key[0] == RELAY


@dataclass(slots=True)
class Links:
    """All links, and the tries to make more."""

    entropy: Entropy
    tools: Tools
    counters: dict[str, int]
    steady: Steady = field(default_factory=Steady)
    by_number: dict[int, Link] = field(default_factory=dict)
    dials: dict[int, Target] = field(default_factory=dict)
    attempts: dict[TargetKey, Attempts] = field(default_factory=dict)
    targets: dict[TargetKey, Target] = field(default_factory=dict)
    next_dial: int = 1
    onion: bool = False  # what may be dialled
    direct: bool = True
    dial_timer_ms: int | None = None
    level: SavingLevel = SavingLevel.FULL  # how much is spared: `node.saving` says
    reached: Reached = field(default_factory=Reached)

    @property
    def sparing(self) -> bool:
        return self.level is not SavingLevel.FULL

    @property
    def _backoff_max_ms(self) -> int:
        return DIAL_BACKOFF_SAVING_MS if self.sparing else DIAL_BACKOFF_MAX_MS

    # --- Wanting links

    def want(self, step: Step, targets: Iterable[Target]) -> None:
        """From now on keep links to exactly these."""
        wanted = {target.key: self._on_open_ways(target) for target in targets}
        for key in list(self.attempts):
            if key not in wanted:
                del self.attempts[key]
        for key, target in wanted.items():
            if key not in self.attempts:
                self.attempts[key] = Attempts(next_ms=step.now_ms + target.delay_ms)
                for link in self.by_number.values():  # it was wanted before, and is being tried
                    if link.target and link.target.key == key and not (link.established or link.closing):
                        self.attempts[key].racing[link.dial] = link.hint
        self.targets = wanted
        self.dial_due(step)

    def ways(self, *, onion: bool, direct: bool, now_ms: int) -> None:
        """What may be dialled from now on; what failed over the ways there were before is tried afresh."""
        self.onion, self.direct = onion, direct
        self.afresh(now_ms)

    def afresh(self, now_ms: int) -> None:
        """The machine is on another network, or has other ways: what failed before means nothing."""
        for attempts in self.attempts.values():
            attempts.afresh(now_ms)
        self.reached.forget_failures()

    def retry(self, step: Step, key: TargetKey) -> None:
        """Somebody wants to know at once: earlier failures of this target mean nothing."""
        if key in self.attempts:
            self.attempts[key].afresh(step.now_ms)
            self.dial_due(step)

    def _on_open_ways(self, target: Target) -> Target:
        hints = tuple([hint for hint in target.hints if (self.onion if is_onion(hint) else self.direct)])
        return target if hints == target.hints else replace(target, hints=hints)

    def dial_due(self, step: Step) -> None:
        """Dial whoever is due, and set the timer for whoever is next."""
        next_ms: int | None = None
        busy = {
            link.target.key
            for link in self.by_number.values()
            if link.target and link.established and not link.closing
        }
        met = {
            link.session.remote_static
            for link in self.by_number.values()
            if link.session is not None and link.established and not link.closing
        }
        for key, target in self.targets.items():
            attempts = self.attempts[key]
            if not target.hints or key in busy:
                continue
            if target.remote in met and key[0] != RELAY and self.link_to(key):
                continue
            hint, at_ms = attempts.due(target.hints, step.now_ms)
            if hint:
                number = self.next_dial
                self.next_dial += 1
                attempts.begin(number, hint, step.now_ms)
                self.dials[number] = target
                # Whoever runs a relay behind an onion service must not see two campaigns on one circuit.
                step.dial(number, hint, key[1] if key[0] == RELAY else b"")
                at_ms = attempts.due(target.hints, step.now_ms)[1]  # the next one joins
            if at_ms is not None:
                next_ms = at_ms if next_ms is None else min(next_ms, at_ms)
        self.dial_timer_ms = next_ms
        if next_ms is not None:
            step.timer(_DIAL_TIMER, next_ms)

    def transport(self, number: int) -> str:
        """Of a link, how it goes; empty: there is no such link."""
        link = self.by_number.get(number)
        return link.transport if link is not None else ""

    def link_to(self, key: TargetKey) -> Link | None:
        """The established link to a target, whoever dialled it."""
        kind, place, remote = key
        for link in self.by_number.values():
            if link.closing or not link.established or link.session is None:
                continue
            if link.session.remote_static != remote:
                continue
            if kind == CAMPAIGN:
                if link.campaign == place:
                    return link
            elif kind in (INVITATION, INTRODUCED):
                if link.session.name == (kind, place):
                    return link
            elif link.campaign is None:
                return link
        return None

    # --- Links come and go

    def up(self, step: Step, number: int, dial: int | None, transport: str) -> None:
        """A byte pipe stands: knock, or wait for a knock."""
        target = self.dials.pop(dial, None) if dial is not None else None
        attempts = self.attempts.get(target.key) if target is not None else None
        assert dial is None or dial > 0
        hint = attempts.racing.get(dial or 0, "") if attempts is not None else ""
        link = Link(
            number=number,
            transport=transport,
            target=target,
            hint=hint,
            dial=dial or 0,
            opened_ms=step.now_ms,
            heard_ms=step.now_ms,
            asked_ms=step.now_ms,
            outbox=Outbox(target.family if target is not None else MESSAGES),
        )
        if len(self.by_number) >= LINKS_MAX or (dial is not None and target is None):
            step.hang_up(number, LinkClosed.code)
            if attempts is not None:
                attempts.racing.pop(link.dial, None)
                attempts.failed(hint, LinkClosed.code, step.now_ms, self.entropy, self._backoff_max_ms)
                self.dial_due(step)
            return
        self.by_number[number] = link
        patience_ms = ONION_HANDSHAKE_TIMEOUT_MS if transport == ONION_TRANSPORT else HANDSHAKE_TIMEOUT_MS
        step.timer(f"handshake:{number}", step.now_ms + patience_ms)
        if len(self.by_number) == 1:
            step.timer(_PING_TIMER, step.now_ms + PING_INTERVAL_MS)
        if target is None:
            return
        try:
            link.session, frame = Session.dial(
                name=target.key[:2],
                pattern=target.pattern,
                static=target.static or AgreementKey.from_private(self.entropy.take(KEY_BYTES)),
                remote=target.remote,
                psk=target.psk,
                tools=self.tools,
                now_ms=step.now_ms,
                family=target.family,
                steady_s=self.steady.asked_s,
            )
        except RemoteError as refusal:
            self.cut(step, link, refusal.code)
            return
        step.send(number, [frame])

    def dial_failed(self, step: Step, dial: int, code: str) -> Target | None:
        """A try came to nothing. Returns whom it was for, if that was known."""
        target = self.dials.pop(dial, None)
        if target is not None and (attempts := self.attempts.get(target.key)) is not None:
            hint = attempts.racing.pop(dial, "")
            if hint:
                attempts.failed(hint, code, step.now_ms, self.entropy, self._backoff_max_ms)
                self.reached.failed(step, target.key, hint, code)
        self.dial_due(step)
        return target

    def won(self, step: Step, link: Link) -> None:
        """A peer that was dialled has shown who it is: whatever else races to it is let go."""
        assert link.target is not None
        attempts = self.attempts.get(link.target.key)
        if attempts is None:
            return
        others = attempts.won(link.hint)
        for dial in others:
            self.dials.pop(dial, None)  # its link, if it ever stands, is closed at once
        for other in self.by_number.values():
            if other is not link and other.dial in others and not other.established:
                self.cut(step, other, LinkClosed.code)

    def down(self, step: Step, number: int, code: str) -> Link | None:
        """A link ended. Returns it, if it was still on the books."""
        link = self.by_number.pop(number, None)
        if link is None:
            return None
        target = link.target
        if target is not None and (attempts := self.attempts.get(target.key)) is not None:
            raced = attempts.racing.pop(link.dial, "")
            if link.established:
                attempts.ended(link.hint, code, step.now_ms, self.entropy, self._backoff_max_ms)
            elif raced:  # else another address has won
                code = BadHandshake.code if code == "closed" else code
                attempts.failed(raced, code, step.now_ms, self.entropy, self._backoff_max_ms)
                self.reached.failed(step, target.key, raced, code)
        if link.established:
            step.notice(NoticeKind.PEERS)
        if link.heard and (whom := link.whom) is not None:
            self.reached.worked(step, whom, link.path, link.heard_ms)
        self.dial_due(step)
        return link

    def cut(self, step: Step, link: Link, code: str) -> None:
        """End a link from this side. It stays on the books until the shell says that it is down."""
        if not link.closing:
            link.closing = True
            if link.steady_s:
                self.steady.feed(step, link)  # always, so that a last word shows no more than none
            step.hang_up(link.number, code)

    def refuse(self, step: Step, link: Link, code: str) -> None:
        """Cut off a peer that did something wrong, and count it."""
        self.counters[code] = self.counters.get(code, 0) + 1
        self.cut(step, link, code)

    def contact_connected(self, person: PersonId) -> bool:
        """Whether a link to a contact stands, beside those inside campaigns."""
        return any(
            link.established and not link.closing and link.session.remote_static == person
            for link in self.by_number.values()
            if link.session is not None and link.campaign is None
        )

    def hang_up_on(self, step: Step, person: PersonId) -> None:
        """End all links to a contact, but for those inside campaigns."""
        for link in list(self.by_number.values()):
            if link.campaign is None and link.session and link.session.remote_static == person:
                self.cut(step, link, NotAuthorized.code)

    # --- Frames

    def read(
        self, step: Step, number: int, data: bytes, doors: Callable[[], Iterable[Door]]
    ) -> tuple[Link, list[Message], bool] | None:
        """Take in a frame: the link, the messages it completed, and whether it completed the handshake."""
        link = self.by_number.get(number)
        if link is None or link.closing:
            return None
        link.heard_ms = step.now_ms
        try:
            if link.session is None:
                link.session, answer = Session.answer(
                    data,
                    doors=doors(),
                    tools=self.tools,
                    now_ms=step.now_ms,
                    steady_s=self.steady.asked_s,
                )
                link.asked_ms = step.now_ms
                self.steady.check(link)
                step.send(number, [answer])
                return None
            before = link.established
            answers, messages = link.session.read(data, step.now_ms)
            if not before:
                self.steady.check(link)
            step.send(number, answers)
            if link.established and not before:
                self.steady.begin(step, link)
        except (RemoteError, NotSteady) as refusal:
            self.refuse(step, link, refusal.code)
            return None
        if link.session.partial:
            link.partial_ms = step.now_ms
        if link.established and not before:
            link.way_us = max(1, 500 * (step.now_ms - link.asked_ms))
        return link, messages, link.established and not before

    def say(self, step: Step, link: Link, messages: Iterable[Message]) -> None:
        """Send messages on an established link."""
        if link.closing:
            return
        for message in messages:
            if not link.outbox.add(message):
                self.refuse(step, link, OverLimit.code)
                return
        self._seal(step, link)
        if link.outbox.waiting_bytes > RUN_BYTES_MAX:
            self._shed(step)

    def _shed(self, step: Step) -> None:
        """Where all that waits is too much, drop the link for which most does."""
        standing = [one for one in self.by_number.values() if not one.closing]
        if sum(one.outbox.waiting_bytes for one in standing) > LINK_QUEUES_BYTES_MAX:
            self.refuse(step, max(standing, key=lambda one: one.outbox.waiting_bytes), OverLimit.code)

    def sent(self, step: Step, number: int) -> None:
        """What was sealed on a link has left: seal what waits."""
        link = self.by_number.get(number)
        if link is None or link.closing:
            return
        if link.steady_s:
            self.steady.feed(step, link)
            return
        if link.outbox.left(step.now_ms):
            step.tell_sent(number)
        self._seal(step, link)

    def _seal(self, step: Step, link: Link) -> None:
        assert link.session is not None
        if link.steady_s:
            return  # each frame has its time
        while (encoded := link.outbox.next()) is not None:
            frames = link.session.seal(encoded, step.now_ms)
            step.send(link.number, frames)
            if link.outbox.sealed(sum(map(len, frames)), step.now_ms):
                step.tell_sent(link.number)

    # --- Time

    def timer(self, step: Step, key: str) -> bool:
        """Handle a timer if it is one of these."""
        if key == _DIAL_TIMER:
            self.dial_due(step)
            return True
        if key == _PING_TIMER:
            self._ping(step)
            return True
        if key.startswith("handshake:"):
            link = self.by_number.get(int(key.partition(":")[2]))
            if link is not None and not link.established:
                self.refuse(step, link, HandshakeTimeout.code)
            return True
        return False

    def _ping(self, step: Step) -> None:
        for link in list(self.by_number.values()):
            if not link.established or link.closing:
                continue
            silent = step.now_ms - link.heard_ms >= LINK_IDLE_TIMEOUT_MS
            asked_ms = link.outbox.asked_ms
            if silent or (asked_ms >= 0 and step.now_ms - asked_ms >= LINK_IDLE_TIMEOUT_MS):
                self.cut(step, link, LinkClosed.code)
            elif step.now_ms - link.heard_ms >= PING_INTERVAL_MS * (2 if self.sparing else 1):
                self.say(step, link, [Ping()])
        if self.by_number:
            step.timer(_PING_TIMER, step.now_ms + PING_INTERVAL_MS)

    def answer_ping(self, step: Step, link: Link) -> None:
        self.say(step, link, [Pong()])
