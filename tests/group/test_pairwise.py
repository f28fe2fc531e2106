"""The pairwise channel: order, crossing, loss, prekeys, healing, and every way to misplace a message."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import AgreementKey, Sealer, XWingSealer
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import Entropy, SeededEntropy
from meshcoal.crypto.sealing import seal
from meshcoal.errors import (
    BadKey,
    BadSeal,
    MalformedDirect,
    OutOfStep,
    PrekeyReused,
    PrekeyUnknown,
    Replayed,
    WrongCampaign,
    WrongRecipient,
)
from meshcoal.group import pairwise, prekeys
from meshcoal.group.pairwise import (
    FIRST_BYTES,
    NEXT_BYTES,
    RENEW_BYTES,
    Channel,
    Context,
    Form,
    exchange_due,
    fresh_channel,
)
from meshcoal.group.prekeys import NO_PREKEYS, Bundle, Prekeys
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import CHANNEL_KEYS_MAX, EXCHANGE_AGE_MS, EXCHANGE_MESSAGES_MAX
from meshcoal.wire import record
from meshcoal.wire.operation import Kind

CAMPAIGN = CampaignId(b"c" * 32)
NOW_MS = 1_800_000_000_000


@dataclass
class Side:
    """One of two members, with their end of the channel."""

    name: bytes
    channel: Channel
    prekeys: Prekeys
    bundle: Bundle
    seq: int = 0
    letters: deque[tuple[Context, bytes, bytes]] = field(default_factory=deque)  # on their way to me


class Pair:
    """Ana and Ben."""

    def __init__(self, sealer: Sealer, entropy: Entropy) -> None:
        self.sealer, self.entropy, self.now_ms = sealer, entropy, NOW_MS
        names = (b"a" * 32, b"b" * 32)
        self.sides = [self._side(me, peer) for me, peer in (names, names[::-1])]

    @property
    def ana(self) -> Side:
        return self.sides[0]

    @property
    def ben(self) -> Side:
        return self.sides[1]

    def _side(self, me: bytes, peer: bytes) -> Side:
        held, bundle = prekeys.publish(
            NO_PREKEYS, sealer=self.sealer, entropy=self.entropy, now_ms=self.now_ms
        )
        channel = fresh_channel(CAMPAIGN, me=AuthorId(me), peer=AuthorId(peer))
        return Side(me, channel, held, bundle)

    def other(self, side: Side) -> Side:
        return self.ben if side is self.ana else self.ana

    def context(self, sender: Side, **changes: object) -> Context:
        context = Context(
            campaign=CAMPAIGN,
            sender=sender.name,
            recipient=self.other(sender).name,
            kind=Kind.REKEY,
            seq=sender.seq,
            parents=(bytes([sender.seq % 256]) * 32,),
            salt=bytes(16),
        )
        return replace(context, **changes)  # type: ignore[arg-type]

    def send(self, sender: Side, *, renew: bool = False) -> tuple[Context, bytes, bytes]:
        """Seal a fresh secret; it is on its way."""
        secret = self.entropy.take(32)
        context = self.context(sender)
        sender.seq += 1
        target = None
        if renew or exchange_due(sender.channel, now_ms=self.now_ms):
            bundle = self.other(sender).bundle
            target = prekeys.choose(
                bundle, sender=AuthorId(sender.name), members=[AuthorId(sender.name)], now_ms=self.now_ms
            )
        sender.channel, sealed = pairwise.send(
            sender.channel,
            secret=secret,
            context=context,
            target=target,
            sealer=self.sealer,
            entropy=self.entropy,
            now_ms=self.now_ms,
        )
        if target is not None:  # each bundle in these tests serves one exchange
            self._republish(self.other(sender))
        letter = (context, sealed, secret)
        self.other(sender).letters.append(letter)
        return letter

    def _republish(self, side: Side) -> None:
        side.prekeys, side.bundle = prekeys.publish(
            side.prekeys, sealer=self.sealer, entropy=self.entropy, now_ms=self.now_ms, count=1
        )

    def open(self, side: Side, context: Context, sealed: bytes) -> pairwise.Opened:
        channel, held, opened = pairwise.receive(
            side.channel,
            side.prekeys,
            sealed=sealed,
            context=context,
            sealer=self.sealer,
            now_ms=self.now_ms,
        )
        # What is stored must come back as it was.
        side.channel = record.decode(Channel, record.encode(channel))
        side.prekeys = record.decode(Prekeys, record.encode(held))
        assert (side.channel, side.prekeys) == (channel, held)
        return opened

    def deliver(self, side: Side) -> pairwise.Opened:
        """The next letter arrives, and holds what was put in."""
        context, sealed, secret = side.letters.popleft()
        opened = self.open(side, context, sealed)
        assert opened.secret == secret
        return opened


@pytest.fixture(params=["x-wing", "deterministic"])
def pair(request: pytest.FixtureRequest) -> Pair:
    entropy = SeededEntropy(b"pairwise")
    sealer = XWingSealer() if request.param == "x-wing" else DeterministicSealer(entropy)
    return Pair(sealer, entropy)


@pytest.fixture
def quick() -> Pair:
    entropy = SeededEntropy(b"pairwise")
    return Pair(DeterministicSealer(entropy), entropy)


def test_the_three_forms_have_their_sizes(pair: Pair) -> None:
    """Goal: the page tells the truth. Method: first contact, an answer, a renewal; look at the lengths."""
    _, first, _ = pair.send(pair.ana)
    assert (len(first), pair.deliver(pair.ben).form) == (FIRST_BYTES, Form.FIRST)
    _, answer, _ = pair.send(pair.ben)
    assert (len(answer), pair.deliver(pair.ana).form) == (NEXT_BYTES, Form.NEXT)
    _, renewal, _ = pair.send(pair.ana, renew=True)
    assert (len(renewal), pair.deliver(pair.ben).form) == (RENEW_BYTES, Form.RENEW)
    assert (FIRST_BYTES, RENEW_BYTES, NEXT_BYTES) == (1288, 1320, 144)


def test_both_may_make_the_first_contact_at_once(pair: Pair) -> None:
    """Goal: no order is needed. Method: both send three before either takes anything; then go on."""
    for _ in range(3):
        pair.send(pair.ana)
        pair.send(pair.ben)
    for _ in range(3):
        pair.deliver(pair.ben)
        pair.deliver(pair.ana)
    for side in (pair.ana, pair.ben, pair.ben, pair.ana):
        pair.send(side)
        pair.deliver(pair.other(side))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_crossing_and_late_letters_all_open(seed: int) -> None:
    """Goal: 2SM under any order that causality allows. Method: random sends, renewals and deliveries, then
    the rest; each opens to its secret, once."""
    chance = random.Random(seed)
    entropy = SeededEntropy(seed.to_bytes(8, "big"))
    pair = Pair(DeterministicSealer(entropy), entropy)
    for _ in range(chance.randrange(4, 60)):
        side = chance.choice(pair.sides)
        if chance.random() < 0.5 and side.letters:
            pair.deliver(side)
        else:
            pair.send(side, renew=chance.random() < 0.15)
        pair.now_ms += chance.choice((0, 1000, DAY_MS))
    for side in pair.sides:
        while side.letters:
            pair.deliver(side)
    # All is quiet, and nothing piles up: each has answered the other's latest key.
    for side in (pair.ana, pair.ben, pair.ana, pair.ben):
        pair.send(side)
        pair.deliver(pair.other(side))
    assert len(pair.ana.channel.own) <= 2
    assert len(pair.ben.channel.own) <= 2


def test_weeks_offline_lose_nothing(quick: Pair) -> None:
    """Goal: keys of what was not received stay. Method: Ana writes daily for nine weeks, renewing as due;
    Ben, away, then opens all, after having himself written before he looked."""
    quick.send(quick.ana)
    quick.deliver(quick.ben)
    for _ in range(CHANNEL_KEYS_MAX - 1):
        quick.send(quick.ana)
        quick.now_ms += DAY_MS
    forms = set()
    quick.send(quick.ben)
    quick.deliver(quick.ana)
    while quick.ben.letters:
        forms.add(quick.deliver(quick.ben).form)
    assert forms == {Form.NEXT, Form.RENEW}
    quick.send(quick.ben)
    quick.deliver(quick.ana)


def test_a_key_given_too_long_ago_is_gone(quick: Pair) -> None:
    """Goal: what is held is bounded. Method: Ben answers to a key that 64 newer ones have pushed out."""
    quick.send(quick.ana)
    quick.deliver(quick.ben)
    for _ in range(CHANNEL_KEYS_MAX):
        quick.send(quick.ana)
    assert len(quick.ana.channel.own) == CHANNEL_KEYS_MAX
    quick.send(quick.ben)
    with pytest.raises(OutOfStep):
        quick.deliver(quick.ana)


def test_an_exchange_is_due_after_seven_days_or_fifty_messages(quick: Pair) -> None:
    """Goal: the post-quantum root is renewed. Method: count messages and days from exchange to exchange."""
    assert exchange_due(quick.ana.channel, now_ms=NOW_MS)
    for _ in range(EXCHANGE_MESSAGES_MAX):
        quick.send(quick.ana)
        assert quick.deliver(quick.ben).form is not Form.RENEW
    assert exchange_due(quick.ana.channel, now_ms=NOW_MS)
    quick.send(quick.ana)
    assert quick.deliver(quick.ben).form is Form.RENEW
    assert not exchange_due(quick.ana.channel, now_ms=NOW_MS + EXCHANGE_AGE_MS - 1)
    assert exchange_due(quick.ana.channel, now_ms=NOW_MS + EXCHANGE_AGE_MS)
    # The way back was renewed by the same exchange.
    assert not exchange_due(quick.ben.channel, now_ms=NOW_MS + EXCHANGE_AGE_MS - 1)


# --- Misplaced messages


def refused(pair: Pair, side: Side, error: type[Exception], context: Context, sealed: bytes) -> None:
    """It is refused with this error, and changes nothing."""
    before = (side.channel, side.prekeys)
    with pytest.raises(error) as caught:
        pair.open(side, context, sealed)
    assert caught.type is error
    assert (side.channel, side.prekeys) == before


@pytest.mark.parametrize("form", list(Form))
def test_each_misplacement_has_its_code(quick: Pair, form: Form) -> None:
    """Goal: replay, reorder, truncation and transplants are told apart. Method: try each on each form."""
    if form is not Form.FIRST:
        quick.send(quick.ana)
        quick.deliver(quick.ben)
    context, sealed, _ = quick.send(quick.ana, renew=form is Form.RENEW)
    later, ahead, _ = quick.send(quick.ana)
    assert Form(len(sealed)) is form
    ben = quick.ben
    for size in (0, 1, len(sealed) - 1, len(sealed) + 1, NEXT_BYTES - 1):
        refused(quick, ben, MalformedDirect, context, sealed[:size].ljust(size, b"\0"))
    refused(quick, ben, WrongCampaign, replace(context, campaign=b"d" * 32), sealed)
    refused(quick, ben, WrongRecipient, replace(context, recipient=b"x" * 32), sealed)
    refused(quick, ben, WrongRecipient, replace(context, sender=b"x" * 32), sealed)
    refused(quick, ben, OutOfStep, later, ahead)  # before the one that comes before it
    quick.deliver(ben)
    refused(quick, ben, Replayed, context, sealed)
    quick.deliver(ben)
    refused(quick, ben, Replayed, later, ahead)
    refused(quick, ben, Replayed, context, sealed)


@pytest.mark.parametrize("form", list(Form))
def test_a_forged_place_does_not_help(quick: Pair, form: Form) -> None:
    """Goal: the place is bound, not only claimed. Method: change each part of the context to what would be
    accepted there, and open."""
    if form is not Form.FIRST:
        quick.send(quick.ana)
        quick.deliver(quick.ben)
    context, sealed, _ = quick.send(quick.ana, renew=form is Form.RENEW)
    error = OutOfStep if form is Form.NEXT else BadSeal
    for changed in (
        replace(context, kind=Kind.REMOVE),
        replace(context, seq=context.seq + 1),
        replace(context, parents=()),
        replace(context, parents=(*context.parents, b"\xff" * 32)),
        replace(context, salt=b"s" * 16),
    ):
        refused(quick, quick.ben, error, changed, sealed)
    strangers = fresh_channel(CampaignId(b"d" * 32), me=AuthorId(b"b" * 32), peer=AuthorId(b"a" * 32))
    elsewhere = Side(b"b" * 32, strangers, quick.ben.prekeys, quick.ben.bundle)
    refused(quick, elsewhere, error, replace(context, campaign=b"d" * 32), sealed)
    chi = fresh_channel(CAMPAIGN, me=AuthorId(b"c" * 32), peer=AuthorId(b"a" * 32))
    third = Side(b"c" * 32, chi, quick.ben.prekeys, quick.ben.bundle)
    refused(quick, third, error, replace(context, recipient=b"c" * 32), sealed)


@pytest.mark.parametrize("form", list(Form))
def test_every_changed_byte_is_refused(quick: Pair, form: Form) -> None:
    """Goal: nothing of a message is free. Method: flip bits all along it."""
    if form is not Form.FIRST:
        quick.send(quick.ana)
        quick.deliver(quick.ben)
    context, sealed, _ = quick.send(quick.ana, renew=form is Form.RENEW)
    before = (quick.ben.channel, quick.ben.prekeys)
    for at in range(0, len(sealed), 5):
        changed = sealed[:at] + bytes([sealed[at] ^ 0x10]) + sealed[at + 1 :]
        with pytest.raises((OutOfStep, BadSeal, BadKey, PrekeyUnknown)):
            quick.open(quick.ben, context, changed)
    assert (quick.ben.channel, quick.ben.prekeys) == before
    quick.deliver(quick.ben)


# --- Healing and erasure


def test_a_copy_of_all_i_had_opens_nothing_after_i_wrote(pair: Pair) -> None:
    """Goal: post-compromise security. Method: copy Ben's whole side, let Ben write once and Ana hear it; the
    copy is then tried on what follows, a renewal to a new bundle among it."""
    for side in (pair.ana, pair.ben, pair.ana):
        pair.send(side)
        pair.deliver(pair.other(side))
    copy = replace(pair.ben)
    pair._republish(pair.ben)
    pair.send(pair.ben)
    pair.deliver(pair.ana)
    for renew in (False, False, True, False):
        context, sealed, _ = pair.send(pair.ana, renew=renew)
        with pytest.raises((OutOfStep, PrekeyUnknown)):
            pair.open(copy, context, sealed)
        pair.deliver(pair.ben)


def test_a_renewal_to_an_old_prekey_does_not_help_a_copy(quick: Pair) -> None:
    """Goal: healing does not hang on new prekeys. Method: as before, but the renewal goes to a prekey whose
    secret the copy has."""
    for side in (quick.ana, quick.ben):
        quick.send(side)
        quick.deliver(quick.other(side))
    copy = replace(quick.ben)
    quick.send(quick.ben)
    quick.deliver(quick.ana)
    context, sealed, _ = quick.send(quick.ana, renew=True)
    assert Form(len(sealed)) is Form.RENEW
    refused(quick, copy, OutOfStep, context, sealed)
    quick.deliver(quick.ben)


@pytest.mark.parametrize("form", list(Form))
def test_what_was_opened_cannot_be_opened_with_what_is_left(quick: Pair, form: Form) -> None:
    """Goal: erasure on use. Method: wind the counter of the receiver's state back, and try again."""
    if form is not Form.FIRST:
        quick.send(quick.ana)
        quick.deliver(quick.ben)
    context, sealed, _ = quick.send(quick.ana, renew=form is Form.RENEW)
    quick.deliver(quick.ben)
    quick.ben.channel = replace(quick.ben.channel, last_seq=-1)
    with pytest.raises((OutOfStep, PrekeyReused)):
        quick.open(quick.ben, context, sealed)
    # Nor can the sender: what would open it was given away and forgotten.
    mirrored = replace(quick.ana.channel, me=b"b" * 32, peer=b"a" * 32, last_seq=-1)
    with pytest.raises((OutOfStep, PrekeyUnknown)):
        quick.open(Side(b"b" * 32, mirrored, quick.ana.prekeys, quick.ana.bundle), context, sealed)


def test_a_weak_next_key_is_refused(quick: Pair) -> None:
    """Goal: a hostile peer cannot make me seal to a known secret. Method: build a message that names one."""
    quick.send(quick.ana)
    quick.deliver(quick.ben)
    answer = quick.context(quick.ben)
    ben = quick.ben.channel
    ephemeral = AgreementKey(b"e" * 32)
    material = ephemeral.exchange(ben.peer_public) + ephemeral.public + ben.peer_public + answer.digest()
    key, _, _ = pairwise._keys(Form.NEXT, ben.root_out, material)
    payload = bytes(32) + b"g" * 32 + bytes(32)
    box = seal(key, bytes(12), payload, answer.digest() + ephemeral.public)
    refused(quick, quick.ana, BadKey, answer, ephemeral.public + box)
