"""What a relay does for those who were given its text, and for those who were not."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import BadHandshake, OverLimit, RemoteError, WrongLink
from meshcoal.limits import MESSAGE_BYTES_MAX
from meshcoal.node.deposits import grouped
from meshcoal.relay.desk import Desk, DeskLimits, Visit
from meshcoal.relay.store import MemoryStore, StoreLimits
from meshcoal.sync.board import deposit_text, envelope_hash, head_after, relay_psk, work
from meshcoal.sync.knock import Knocks, Pattern
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import Ping, Pong
from meshcoal.wire.message import Message
from meshcoal.wire.relaying import (
    RELAYING,
    Deposit,
    Deposited,
    Found,
    Place,
    Poll,
    Polled,
    Refusal,
    SeveralDeposits,
    Stored,
    Terms,
)

NOW_MS = 1_800_000_000_000
ENTROPY = SeededEntropy(b"desk")
STATIC = AgreementKey.from_private(ENTROPY.take(32))
PASSING = ENTROPY.take(16)
WRITER = SigningKey.from_seed(b"w" * 32)


def tools() -> Tools:
    return Tools(entropy=ENTROPY, kem=MLKEM768(), knocks=Knocks())


def desk_of(limits: DeskLimits | None = None, store: MemoryStore | None = None) -> Desk:
    return Desk(
        store=store or MemoryStore(),
        static=STATIC,
        passing=PASSING,
        tools=tools(),
        limits=limits or DeskLimits(work_bits=0),
    )


class Guest:
    """Somebody on a link, who says what they like; what the relay says is kept."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.said: list[Message] = []
        self.visit: Visit = desk.enter(self.said.append, NOW_MS)

    def do(self, message: Message, now_ms: int = NOW_MS) -> list[Message]:
        before = len(self.said)
        asyncio.run(self.desk.hear(self.visit, message, now_ms))
        return self.said[before:]

    def deposit(
        self, number: int, writer: SigningKey = WRITER, *, size: int = 512, nonce: bytes = b""
    ) -> Deposited:
        (answer,) = [
            one
            for one in self.do(deposit(number, writer, size=size, nonce=nonce))
            if isinstance(one, Deposited)
        ]
        return answer


def deposit(number: int, writer: SigningKey = WRITER, *, size: int = 512, nonce: bytes = b"") -> Deposit:
    envelope = number.to_bytes(4, "big") + bytes(size - 4)
    signature = writer.sign(deposit_text(STATIC.public, writer.public, envelope_hash(envelope)))
    return Deposit(topic=writer.public, envelope=envelope, signature=signature, work=nonce)


def knock(desk: Desk, *, psk: bytes, remote: bytes = STATIC.public) -> list[bytes]:
    """A first frame; what comes back."""
    session, frame = Session.dial(
        name=("relay", b""),
        pattern=Pattern.KNOWN,
        static=AgreementKey.from_private(ENTROPY.take(32)),
        remote=remote,
        psk=psk,
        tools=tools(),
        now_ms=NOW_MS,
        family=RELAYING,
    )
    assert not session.established
    answers, _ = desk.read(desk.enter(lambda _: None, NOW_MS), frame, NOW_MS)
    return answers


def test_who_was_not_given_the_text_gets_no_word() -> None:
    """Goal: silence. Method: another pass, another key, garbage, and the right ones."""
    desk = desk_of()
    assert len(knock(desk, psk=relay_psk(PASSING))) == 1
    other = AgreementKey.from_private(ENTROPY.take(32)).public
    for psk, remote in ((relay_psk(bytes(16)), STATIC.public), (relay_psk(PASSING), other)):
        with pytest.raises(BadHandshake):
            knock(desk, psk=psk, remote=remote)
    for size in (0, 1, 528, 2_064, 65_535):
        with pytest.raises(RemoteError):
            desk.read(desk.enter(lambda _: None, NOW_MS), ENTROPY.take(size), NOW_MS)


def test_a_link_of_its_own_key_is_told_the_terms_and_served() -> None:
    """Goal: handshake, terms, a deposit and a poll over sealed frames. Method: a session at the other end."""
    desk = desk_of()
    frames: list[bytes] = []

    def say(message: Message) -> None:
        assert visit.session is not None
        frames.extend(visit.session.write(message, NOW_MS))

    visit = desk.enter(say, NOW_MS)
    session, frame = Session.dial(
        name=("relay", b""),
        pattern=Pattern.KNOWN,
        static=AgreementKey.from_private(ENTROPY.take(32)),
        remote=STATIC.public,
        psk=relay_psk(PASSING),
        tools=tools(),
        now_ms=NOW_MS,
        family=RELAYING,
    )
    answers, _ = desk.read(visit, frame, NOW_MS)
    last, _ = session.read(answers[0], NOW_MS)
    desk.read(visit, last[0], NOW_MS)
    for message in (deposit(1), Poll(places=(Place(topic=WRITER.public, after=0),), stay=False)):
        for sealed in session.write(message, NOW_MS):
            for heard in desk.read(visit, sealed, NOW_MS)[1]:
                asyncio.run(desk.hear(visit, heard, NOW_MS))
    told = [one for sealed in frames for one in session.read(sealed, NOW_MS)[1]]
    assert [type(one) for one in told] == [Terms, Deposited, Found, Polled]


def test_several_deposits_in_one_message_are_each_answered() -> None:
    """Goal: a batch is as good as one after another. Method: five, of which one is not signed, over the desk;
    each is answered by its hash, and the four stand there in order."""
    guest = Guest(desk_of())
    made = [deposit(number) for number in range(5)]
    made[2] = dataclasses.replace(made[2], signature=bytes(64))
    told = guest.do(SeveralDeposits(deposits=tuple(made)))
    answers = [one for one in told if isinstance(one, Deposited)]
    assert [one.envelope for one in answers] == [envelope_hash(one.envelope) for one in made]
    assert [one.serial for one in answers] == [1, 2, 0, 3, 4]
    assert answers[2].refusal is Refusal.SIGNATURE


def test_deposits_are_put_together_within_bounds() -> None:
    """Goal: one message never holds too much. Method: many small, some large, one; order and sums."""
    small, large = [deposit(number) for number in range(70)], [deposit(n, size=65_536) for n in range(9)]
    for made in (small, large, small[:1], [*large, *small]):
        messages = grouped(made)
        found = [one for each in messages for one in getattr(each, "deposits", (each,))]
        assert found == list(made)
        assert all(len(RELAYING.encode(each)) <= MESSAGE_BYTES_MAX for each in messages)
    assert len(grouped(small)) == 3
    assert len(grouped(large)) == 3
    assert grouped(small[:1]) == small[:1]
    assert grouped([]) == []


def test_what_is_deposited_is_found_with_its_signature_and_head() -> None:
    """Goal: order, serials, heads, signatures. Method: deposits by one guest, a poll by another."""
    desk = desk_of()
    ana, ben = Guest(desk), Guest(desk)
    placed = [ana.deposit(number) for number in range(5)]
    assert [one.serial for one in placed] == [1, 2, 3, 4, 5]
    topics = (Place(topic=b"d" * 32, after=0), Place(topic=WRITER.public, after=2))
    found, polled = ben.do(Poll(places=topics, stay=False))
    assert isinstance(found, Found)
    assert isinstance(polled, Polled)
    assert (found.first, found.before) == (3, placed[1].head)
    head = found.before
    for stored, one in zip(found.envelopes, placed[2:], strict=True):
        assert stored == Stored(envelope=stored.envelope, signature=stored.signature)
        head = head_after(head, envelope_hash(stored.envelope))
        assert head == one.head
    assert [(end.last, end.head) for end in polled.ends] == [(0, bytes(16)), (5, head)]


def test_who_stays_is_told_of_others_and_not_of_what_is_their_own() -> None:
    """Goal: push. Method: two stay, one deposits; a third leaves; the topics of the next poll count."""
    desk = desk_of()
    ana, ben, chi = Guest(desk), Guest(desk), Guest(desk)
    poll = Poll(places=(Place(topic=WRITER.public, after=0),), stay=True)
    for one in (ana, ben, chi):
        one.do(poll)
        one.said.clear()
    desk.leave(chi.visit)
    ana.deposit(1)
    assert [type(one) for one in ana.said] == [Deposited]
    assert [type(one) for one in ben.said] == [Found]
    assert chi.said == []
    ben.deposit(2)
    assert [one.first for one in ana.said if isinstance(one, Found)] == [2]
    ben.do(Poll(places=(Place(topic=b"d" * 32, after=0),), stay=True))
    ben.said.clear()
    ana.deposit(3)
    assert ben.said == []


def test_an_outsider_fills_nothing() -> None:
    """Goal: no signature, no place; a new topic costs work. Method: each kind of wrong deposit, then room."""
    store = MemoryStore(StoreLimits(bytes_max=8 * 512, topic_bytes_max=3 * 512))
    desk = desk_of(DeskLimits(work_bits=10, topic_bytes_max=3 * 512), store)
    guest = Guest(desk)
    assert guest.deposit(1).refusal is Refusal.WORK
    nonce = work(STATIC.public, WRITER.public, 10, start=0, tries=1_000_000)
    assert guest.deposit(1, nonce=nonce).serial == 1
    assert guest.deposit(2).serial == 2, "only what is new costs"
    wrong = deposit(3)
    for one in (
        Deposit(topic=wrong.topic, envelope=wrong.envelope, signature=bytes(64), work=b""),
        Deposit(topic=b"x" * 32, envelope=wrong.envelope, signature=wrong.signature, work=b""),
        Deposit(topic=bytes(32), envelope=wrong.envelope, signature=wrong.signature, work=b""),
    ):
        (answer,) = guest.do(one)
        assert isinstance(answer, Deposited)
        assert answer.refusal is Refusal.SIGNATURE
    assert guest.deposit(4, size=513).refusal is Refusal.SIZE
    assert guest.deposit(3).serial == 3
    assert guest.deposit(5).refusal is Refusal.TOPIC_FULL
    assert asyncio.run(store.filled()) == 3 / 8


def test_work_grows_as_the_relay_fills() -> None:
    """Goal: the fuller, the dearer; a full one takes nothing. Method: fill it topic by topic."""
    store = MemoryStore(StoreLimits(bytes_max=8 * 512, topic_bytes_max=512))
    desk = desk_of(DeskLimits(work_bits=4), store)
    guest = Guest(desk)
    bits = []
    for number in range(9):
        writer = SigningKey.from_seed(bytes([number]) * 32)
        asyncio.run(desk.look())
        asked = guest.deposit(0, SigningKey.from_seed(bytes([90 + number]) * 32)).work_bits
        bits.append(asked)
        nonce = work(STATIC.public, writer.public, min(asked, 14), start=0, tries=2**20)
        answer = guest.deposit(number, writer, nonce=nonce)
        if asked > 14:
            assert answer.refusal in (Refusal.WORK, Refusal.NONE)
            break
        assert answer.serial == 1
    assert bits == sorted(bits)
    assert bits[0] == 4
    assert bits[-1] > 10


def test_one_link_cannot_take_all_the_time() -> None:
    """Goal: bounds of one link. Method: too many deposits, then time; too many polls; wrong words."""
    desk = desk_of(DeskLimits(work_bits=0, burst=4, per_second=1, polls_per_minute=2))
    guest = Guest(desk)
    answers = [guest.deposit(number).refusal for number in range(6)]
    assert answers == [Refusal.NONE] * 4 + [Refusal.FAST] * 2
    (answer,) = guest.do(deposit(9), NOW_MS + 1_500)
    assert isinstance(answer, Deposited)
    assert answer.refusal is Refusal.NONE
    assert Guest(desk).deposit(10).refusal is Refusal.NONE, "others have theirs"
    poll = Poll(places=(Place(topic=WRITER.public, after=9),), stay=False)
    guest.do(poll)
    guest.do(poll)
    with pytest.raises(OverLimit):
        guest.do(poll)
    assert guest.do(Ping()) == [Pong()]
    with pytest.raises(WrongLink):
        guest.do(answer)


def test_a_poll_is_answered_in_bounded_pieces() -> None:
    """Goal: no question is answered without bound. Method: far more under a topic than one answer holds."""
    desk = desk_of(DeskLimits(work_bits=0, burst=10_000, per_second=10_000))
    guest = Guest(desk)
    for number in range(700):
        guest.deposit(number)
    after, rounds = 0, 0
    while after < 700:
        said = guest.do(Poll(places=(Place(topic=WRITER.public, after=after),), stay=False))
        found = [one for one in said if isinstance(one, Found)]
        assert len(found) <= 8
        assert all(len(one.envelopes) <= 64 for one in found)
        assert found[0].first == after + 1
        after = found[-1].first + len(found[-1].envelopes) - 1
        rounds += 1
    assert rounds == 2
