"""Knocking: strangers hear nothing, tags grow old, nothing is answered twice, and every byte is uniform."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.kem import KEM_PUBLIC_BYTES, MLKEM768
from meshcoal.crypto.mask import Mask
from meshcoal.errors import BadHandshake
from meshcoal.limits import FRAME_BYTES_MAX
from meshcoal.sync import knock as knocking
from meshcoal.sync.knock import (
    CHANCE_BYTES,
    HANDSHAKE_FRAME_BYTES,
    KNOCK_BYTES,
    Door,
    Knock,
    Knocks,
    Pattern,
    campaign_psk,
    contact_psk,
    door_secret,
    find_door,
    invitation_psk,
)
from meshcoal.sync.session import Session, Tools

sys.path.insert(0, str(Path(__file__).parent))

from sessionwork import ANA, BEN, CODE, MALLORY, NOW_MS, PAIR, door, knock, psk_of, shake, tools

PATTERNS = list(Pattern)


def answer(frame: bytes, doors: list[Door], now_ms: int = NOW_MS, knocks: Knocks | None = None) -> bytes:
    return Session.answer(frame, doors=doors, tools=tools(knocks=knocks), now_ms=now_ms)[1]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_stranger_gets_no_answer(pattern: Pattern) -> None:
    """Goal: silence. Method: no doors, another key, secret or pattern, each bit of the tag, odd sizes."""
    _, frame = knock(pattern)
    other = Pattern.KNOWN if pattern is Pattern.INVITATION else Pattern.INVITATION
    same_psk = Door(name=("door", b""), pattern=other, static=BEN, psk=psk_of(pattern))
    for doors in (
        [],
        [door(pattern, static=MALLORY)],
        [door(pattern, code=bytes(16), pair_secret=bytes(32))],
        [door(other), same_psk],
    ):
        with pytest.raises(BadHandshake):
            answer(frame, doors)
    for bit in range(8 * KNOCK_BYTES):
        changed = bytearray(frame)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadHandshake):
            answer(bytes(changed), [door(pattern)])
    for size in (0, 1, KNOCK_BYTES, HANDSHAKE_FRAME_BYTES - 1, HANDSHAKE_FRAME_BYTES + 1, FRAME_BYTES_MAX):
        with pytest.raises(BadHandshake):
            answer(frame[:size].ljust(size, b"\x00"), [door(pattern)])
    assert answer(frame, [door(pattern)])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_right_tag_without_the_psk_gets_no_answer(pattern: Pattern) -> None:
    """Goal: psk0 is checked before a byte goes out. Method: a true knock, a handshake with another psk."""
    _, frame = knock(pattern)
    _, forged = knock(pattern, code=bytes(16), pair_secret=bytes(32))
    knocks = Knocks()
    with pytest.raises(BadHandshake):
        answer(frame[:KNOCK_BYTES] + forged[KNOCK_BYTES:], [door(pattern)], knocks=knocks)
    assert len(knocks) == 0, "who lacks the psk cannot spend another's knock"
    assert answer(frame, [door(pattern)], knocks=knocks)


def test_a_link_key_alone_opens_no_door() -> None:
    """Goal: a public key is not enough to ask an address for somebody. Method: the key, guessed secrets."""
    for guess in (bytes(32), BEN.public, ANA.public, MALLORY.public):
        _, frame = knock(Pattern.KNOWN, static=MALLORY, pair_secret=guess)
        with pytest.raises(BadHandshake):
            answer(frame, [door(Pattern.KNOWN), door(Pattern.INVITATION)])


@pytest.mark.parametrize("hours", [-47, -36, -24, -13, 0, 11, 24, 35])
def test_a_tag_is_good_the_day_before_and_after(hours: int) -> None:
    """Goal: clocks may be a day apart. Method: dial at noon; answer earlier and later."""
    _, frame = knock(Pattern.KNOWN)
    today = NOW_MS // DAY_MS
    at_ms = NOW_MS + hours * HOUR_MS
    if abs(at_ms // DAY_MS - today) <= 1:
        assert answer(frame, [door(Pattern.KNOWN)], now_ms=at_ms)
    else:
        with pytest.raises(BadHandshake):
            answer(frame, [door(Pattern.KNOWN)], now_ms=at_ms)


def test_a_clock_at_its_beginning_does_no_harm() -> None:
    """Goal: total. Method: a node whose clock stands at 1970, dialled and dialling."""
    _, frame = knock(Pattern.KNOWN, now_ms=0)
    assert answer(frame, [door(Pattern.KNOWN)], now_ms=0)
    with pytest.raises(BadHandshake):
        answer(knock(Pattern.KNOWN)[1], [door(Pattern.KNOWN)], now_ms=0)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_nothing_is_answered_twice(pattern: Pattern) -> None:
    """Goal: a recorded first frame tells nobody that the node is there. Method: send it again, a day on."""
    _, frame = knock(pattern)
    knocks = Knocks()
    assert answer(frame, [door(pattern)], knocks=knocks)
    for later_ms in (0, 1, DAY_MS):
        with pytest.raises(BadHandshake):
            answer(frame, [door(pattern)], now_ms=NOW_MS + later_ms, knocks=knocks)
    assert answer(knock(pattern, seed="again")[1], [door(pattern)], knocks=knocks)


def test_a_knock_is_remembered_as_long_as_its_tag_is_good_and_no_longer() -> None:
    """Goal: exact and bounded. Method: one a day from a clock a day ahead; and more than may be kept."""
    knocks = Knocks()
    today = NOW_MS // DAY_MS
    for day in range(today, today + 10):
        ahead = Knock(secret=PAIR, day=day + 1, chance=bytes(16))
        knocks.note(ahead, day * DAY_MS)
        for other in range(today, day + 1):
            seen = knocks.answered(Knock(secret=PAIR, day=other + 1, chance=bytes(16)).head)
            assert seen == (other + 1 >= day - 1), "what is still accepted is still remembered"
    assert len(knocks) == 3


def test_the_memory_of_knocks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: no memory without limit. Method: a bound of 8; the oldest goes first."""
    monkeypatch.setattr(knocking, "KNOCKS_KEPT_MAX", 8)
    knocks = Knocks()
    made = [Knock(secret=PAIR, day=NOW_MS // DAY_MS, chance=bytes([n]) * 16) for n in range(20)]
    for one in made:
        knocks.note(one, NOW_MS)
    assert len(knocks) == 8
    assert [knocks.answered(one.head) for one in made] == [False] * 12 + [True] * 8


def test_secrets_of_doors_differ_by_everything_that_names_them() -> None:
    """Goal: no door's frame means anything at another. Method: each part of a door's secret by itself."""
    key = bytes(range(32))
    psks = {contact_psk(key), campaign_psk(key), invitation_psk(key[:16]), invitation_psk(CODE[::-1])}
    assert len(psks) == 4
    secrets = {
        door_secret(pattern, psk, responder)
        for pattern in PATTERNS
        for psk in psks
        for responder in (ANA.public, BEN.public)
    }
    assert len(secrets) == 16
    one = Knock(secret=key, day=1, chance=bytes(16))
    others = [
        Knock(secret=key[::-1], day=1, chance=bytes(16)),
        Knock(secret=key, day=2, chance=bytes(16)),
        Knock(secret=key, day=1, chance=bytes(15) + b"\x01"),
    ]
    assert len({each.head for each in [one, *others]}) == 4
    assert len({each.mask().over(bytes(64)) for each in [one, *others]}) == 4


def test_the_mask_is_chacha20() -> None:
    """Goal: RFC 8439. Method: appendix A.1, vector 1: zeros under a key of zeros; and it undoes itself."""
    expected = (
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
        "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
    )
    assert Mask(bytes(32)).over(bytes(64)).hex() == expected
    pieces = Mask(bytes(32))
    assert (pieces.over(bytes(10)) + pieces.over(bytes(54))).hex() == expected, "the stream goes on"
    assert Mask(PAIR).over(Mask(PAIR).over(b"there and back")) == b"there and back"
    assert repr(Mask(PAIR)) == "Mask(...)"


def first_frames(count: int, pattern: Pattern) -> list[list[bytes]]:
    """The three frames of many real handshakes, all with one secret on one day."""
    entropy = SeededEntropy(b"many")
    genuine = Tools(entropy=entropy, kem=MLKEM768(), knocks=Knocks())
    return [shake(pattern, with_tools=genuine)[1] for _ in range(count)]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_bit_of_a_handshake_is_a_fair_coin(pattern: Pattern) -> None:
    """Goal: a link looks like nothing. Method: each bit of the three frames, over 192 handshakes.

    Of 192 fair coins, heads are outside 96 +- 48 once in 10^11; there are 50,000 bits here. Unmasked, the
    high bit of an X25519 key never comes up.
    """
    count = 192
    frames = first_frames(count, pattern)
    for step in range(3):
        size = 8 * HANDSHAKE_FRAME_BYTES
        ones = [0] * size
        for handshake in frames:
            bits = int.from_bytes(handshake[step], "big")
            for bit, character in enumerate(f"{bits:0{size}b}"):
                ones[bit] += character == "1"
        assert all(abs(one - count // 2) < 48 for one in ones), step
        total = sum(ones) / (size * count)
        assert abs(total - 0.5) < 0.002


def coefficients_above_q(data: bytes) -> int:
    """How many of its 12-bit numbers could be no coefficient of an ML-KEM key (FIPS 203, section 4.2.1)."""
    numbers = []
    for place in range(0, len(data) - 2, 3):
        low, middle, high = data[place : place + 3]
        numbers += [low | (middle & 15) << 8, middle >> 4 | high << 4]
    return sum(number >= 3329 for number in numbers)


def test_the_form_of_kem_keys_is_gone() -> None:
    """Goal: nothing shows that a KEM key is there. Method: count numbers that no key has, at any offset."""
    public = MLKEM768().key_of(bytes(64)).public
    assert coefficients_above_q(public[:1152]) == 0, "so it is without a seal and a mask"
    for handshake in first_frames(8, Pattern.KNOWN):
        for offset in range(KNOCK_BYTES, KNOCK_BYTES + 80):
            window = handshake[0][offset : offset + 1152]
            # 768 numbers, of which 767/4096 are above q: 144 on average, and under 80 once in 10^9.
            assert 80 < coefficients_above_q(window) < 215
    assert KEM_PUBLIC_BYTES == 1152 + 32


def test_two_links_of_one_pair_have_nothing_in_common() -> None:
    """Goal: who records cannot tell that two links are of one pair. Method: look for equal bytes."""
    frames = [frame for handshake in first_frames(4, Pattern.KNOWN) for frame in handshake]
    for place, one in enumerate(frames):
        for other in frames[:place]:
            equal = sum(a == b for a, b in zip(one, other, strict=True))
            assert equal < 40, "2,064 bytes are equal in 8 places on average"


def test_only_the_door_s_secret_takes_the_mask_off() -> None:
    """Goal: the ephemeral key is what is hidden. Method: unmask with the right secret and with another."""
    entropy = SeededEntropy(b"fixed")
    chance = Tools(entropy=entropy, kem=DeterministicKem(entropy), knocks=Knocks())
    _, frame = knock(Pattern.KNOWN, with_tools=chance)
    ephemeral = SeededEntropy(b"fixed").take(32)
    found, right = find_door(frame, doors=[door(Pattern.KNOWN)], knocks=Knocks(), now_ms=NOW_MS)
    assert found.static is BEN
    public = type(BEN).from_private(ephemeral).public
    assert right.mask().over(frame[KNOCK_BYTES:])[:32] == public
    wrong = Knock(secret=bytes(32), day=right.day, chance=frame[:CHANCE_BYTES])
    assert wrong.mask().over(frame[KNOCK_BYTES:])[:32] != public
