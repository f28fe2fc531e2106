"""A session: silent to strangers, padded, ordered, and over after the first thing that is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.clock import HOUR_MS
from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.handshake import CipherState, Handshake
from meshcoal.crypto.kem import MLKEM768
from meshcoal.errors import BadHandshake, BadKey, BadSeal, MalformedFrame, OverLimit, RemoteError, Truncated
from meshcoal.limits import FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, OPERATION_BYTES_MAX, PADDING_CLASSES_BYTES
from meshcoal.sync import framing
from meshcoal.sync.knock import Knocks, Pattern
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import MESSAGES, Frontier, Held, Ping, Pong, Run

sys.path.insert(0, str(Path(__file__).parent))

from sessionwork import ANA, BEN, NOW_MS, Pair, door, knock, pair, shake, tools

TAG_BYTES = 16  # of an AEAD
PATTERNS = list(Pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("real", [True, False])
def test_both_patterns_end_with_two_sides_that_know_each_other(pattern: Pattern, real: bool) -> None:
    """Goal: the handshakes as the nodes use them. Method: each pattern and KEM, then messages both ways."""
    genuine = Tools(entropy=SeededEntropy(b"real"), kem=MLKEM768(), knocks=Knocks())
    both, _ = shake(pattern, with_tools=genuine if real else None)
    assert both.ana.remote_static == BEN.public
    assert both.ben.remote_static == ANA.public
    assert both.ana.handshake_hash == both.ben.handshake_hash != b""
    assert both.ana.established
    assert both.ben.name == both.ana.name == ("door", b"1")
    for speaker, listener in both.both():
        for message in (
            Ping(),
            Frontier(whole=True, held=(Held(author=bytes(32), seq=7, mark=bytes(16)),)),
            Pong(),
        ):
            (frame,) = speaker.write(message, NOW_MS)
            assert listener.read(frame, NOW_MS) == ([], [message])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_frame_of_a_handshake_has_the_length_of_a_sealed_one(pattern: Pattern) -> None:
    """Goal: lengths name neither pattern nor step. Method: measure the three."""
    _, frames = shake(pattern)
    assert [len(frame) for frame in frames] == [PADDING_CLASSES_BYTES[1] + TAG_BYTES] * 3


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_last_message_of_a_handshake_carries_fresh_bytes(pattern: Pattern) -> None:
    """Goal: compared words cannot be known beforehand. Method: the same handshake up to its third message,
    with two different continuations of Ana's chance."""

    class Forked:
        """One stream up to the third message, then another."""

        def __init__(self, later: bytes) -> None:
            self._first, self._later = SeededEntropy(b"same"), SeededEntropy(later)
            self.taken: list[int] = []

        def take(self, count: int, /) -> bytes:
            self.taken.append(count)
            return (self._later if len(self.taken) > 3 and count == 16 else self._first).take(count)

    hashes, seconds = [], []
    for later in (b"1", b"2"):
        entropy = Forked(later)
        chance = Tools(entropy=entropy, kem=DeterministicKem(SeededEntropy(b"")), knocks=Knocks())
        ana, first = knock(pattern, with_tools=chance)
        _, second = Session.answer(first, doors=[door(pattern)], tools=tools(), now_ms=NOW_MS)
        ana.read(second, NOW_MS)
        assert entropy.taken[-1] == 16
        hashes.append(ana.handshake_hash)
        seconds.append(second)
    assert seconds[0] == seconds[1]
    assert hashes[0] != hashes[1]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_right_door_is_found_among_many(pattern: Pattern) -> None:
    """Goal: one listener, many doors. Method: three contacts and three invitations."""
    doors = [
        *[door(Pattern.KNOWN, pair_secret=bytes([n]) * 32, name=b"c%d" % n) for n in range(3)],
        *[door(Pattern.INVITATION, code=bytes([n]) * 16, name=b"i%d" % n) for n in range(3)],
    ]
    _, frame = knock(pattern, code=bytes([2]) * 16, pair_secret=bytes([2]) * 32)
    found, _ = Session.answer(frame, doors=doors, tools=tools(), now_ms=NOW_MS)
    assert not found.established
    assert found.name == ("door", b"c2" if pattern is Pattern.KNOWN else b"i2")


def test_a_key_of_small_order_is_not_dialled() -> None:
    """Goal: bad keys are refused before a byte goes out. Method: the key of zeros."""
    with pytest.raises(BadKey):
        knock(Pattern.KNOWN, remote=bytes(32))


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_handshake_has_one_spelling(pattern: Pattern, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: no message of a handshake carries what nobody knows of. Method: a one after its padding."""
    write = Handshake.write

    def padded(self: Handshake, payload: bytes = b"") -> bytes:
        return write(self, payload[:-1] + b"\x01" if self._step == step else payload)

    monkeypatch.setattr(Handshake, "write", padded)
    with pytest.raises(BadHandshake):
        shake(pattern)


def run_of(size: int) -> Run:
    """A message whose encoding has exactly `size` bytes."""
    operation = b"x" * OPERATION_BYTES_MAX
    parts = max(1, (size - 64) // OPERATION_BYTES_MAX + 1)
    for slack in range(24 * parts):
        left = size - slack
        pieces = tuple([operation[: left // parts]] * (parts - 1))
        message = Run(operations=(*pieces, operation[: max(1, left - sum(map(len, pieces)))]))
        if len(MESSAGES.encode(message)) == size:
            return message
    raise AssertionError("no run of this size")


def boundaries() -> list[int]:
    head = 3
    single = [size - head + offset for size in PADDING_CLASSES_BYTES for offset in (-1, 0, 1)]
    largest = PADDING_CLASSES_BYTES[-1] - head
    return [*single, 2 * largest - 1, 2 * largest, 2 * largest + 1, MESSAGE_BYTES_MAX]


@pytest.mark.parametrize("size", boundaries())
def test_messages_at_every_boundary_arrive_in_frames_of_a_size_class(size: int) -> None:
    """Goal: fragments and padding. Method: a byte below, at and above each class, and the largest of all."""
    both = pair()
    message = run_of(size)
    frames = both.ana.write(message, NOW_MS)
    largest = PADDING_CLASSES_BYTES[-1] - 3
    assert len(frames) == -(-size // largest)
    classes = {plain + TAG_BYTES for plain in PADDING_CLASSES_BYTES}
    assert all(len(frame) in classes for frame in frames)
    for frame in frames[:-1]:
        assert both.ben.read(frame, NOW_MS) == ([], [])
    assert both.ben.read(frames[-1], NOW_MS) == ([], [message])


def sealed(both: Pair, plain: bytes) -> bytes:
    """A frame with a plaintext that our own side would not write."""
    assert both.ana._outgoing is not None
    return both.ana._outgoing._cipher.encrypt(plain)


@pytest.mark.parametrize(
    ("plain", "error"),
    [
        (b"", Truncated),
        (bytes(100), Truncated),
        (b"\x04\x00\x01\x01".ljust(512, b"\x00"), MalformedFrame),
        (b"\x00\x01\xfe".ljust(512, b"\x00"), MalformedFrame),
        (b"\x00\x00\x02\x91\x01\x01".ljust(512, b"\x00"), MalformedFrame),
        (b"\x00\x00\x02\x91\x01".ljust(511, b"\x00") + b"\x01", MalformedFrame),
        (b"\x01\x00\x00".ljust(512, b"\x00"), MalformedFrame),
        (b"\x00\x00\x00".ljust(512, b"\x00"), MalformedFrame),
        (b"\x00\x00\x02\x91\x63".ljust(512, b"\x00"), MalformedFrame),
    ],
)
def test_what_an_authenticated_peer_spells_wrong_ends_the_session(
    plain: bytes, error: type[RemoteError]
) -> None:
    """Goal: one spelling of a frame. Method: sizes, flags, lengths, padding and messages that do not fit."""
    both = pair()
    with pytest.raises(error):
        both.ben.read(sealed(both, plain), NOW_MS)
    assert both.ben.dead
    with pytest.raises(BadHandshake):
        both.ben.read(both.ana.write(Ping(), NOW_MS)[0], NOW_MS)


def test_a_message_without_an_end_is_bounded() -> None:
    """Goal: no memory without limit. Method: parts of the greatest size until it is refused."""
    both = pair()
    part = b"\x01" + (PADDING_CLASSES_BYTES[-1] - 3).to_bytes(2, "big")
    part = part.ljust(PADDING_CLASSES_BYTES[-1], b"x")
    for _ in range(MESSAGE_BYTES_MAX // (len(part) - 3)):
        assert both.ben.read(sealed(both, part), NOW_MS) == ([], [])
    with pytest.raises(OverLimit):
        both.ben.read(sealed(both, part), NOW_MS)
    with pytest.raises(OverLimit):
        pair().ben.read(bytes(FRAME_BYTES_MAX + 1), NOW_MS)


def test_repeated_reordered_reflected_or_truncated_frames_end_the_session() -> None:
    """Goal: order and direction are authenticated. Method: each of them on a session of its own."""

    def replayed(both: Pair) -> list[bytes]:
        frame = both.ana.write(Ping(), NOW_MS)[0]
        return [frame, frame]

    def swapped(both: Pair) -> list[bytes]:
        first, second = both.ana.write(Ping(), NOW_MS)[0], both.ana.write(Pong(), NOW_MS)[0]
        return [second, first]

    def skipped(both: Pair) -> list[bytes]:
        both.ana.write(Ping(), NOW_MS)
        return both.ana.write(Pong(), NOW_MS)

    def reflected(both: Pair) -> list[bytes]:
        return both.ben.write(Ping(), NOW_MS)

    def cut_short(both: Pair) -> list[bytes]:
        return [both.ana.write(Ping(), NOW_MS)[0][:-1]]

    def lengthened(both: Pair) -> list[bytes]:
        return [both.ana.write(Ping(), NOW_MS)[0] + b"\x00"]

    def of_another_session(both: Pair) -> list[bytes]:
        return pair(seed="another").ana.write(Ping(), NOW_MS)

    for attack in (replayed, swapped, skipped, reflected, cut_short, lengthened, of_another_session):
        both = pair()
        *good, bad = attack(both)
        if attack is replayed:
            assert both.ben.read(good[0], NOW_MS) == ([], [Ping()])
        with pytest.raises(RemoteError):
            both.ben.read(bad if attack is not swapped else good[0], NOW_MS)
        assert both.ben.dead


@settings(max_examples=80, deadline=None)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7), pattern=st.sampled_from(PATTERNS))
def test_a_flipped_bit_anywhere_ends_the_session(place: int, bit: int, pattern: Pattern) -> None:
    """Goal: everything is authenticated. Method: one bit of any frame of a conversation."""
    ana, first = knock(pattern)
    ben, second = Session.answer(first, doors=[door(pattern)], tools=tools(), now_ms=NOW_MS)
    (third,), _ = ana.read(second, NOW_MS)
    sizes = [len(first), len(second), len(third), 512 + TAG_BYTES]
    place %= sum(sizes)
    number = 0
    while place >= sizes[number]:
        place -= sizes[number]
        number += 1

    def flipped(frame: bytes) -> bytes:
        return frame[:place] + bytes([frame[place] ^ 1 << bit]) + frame[place + 1 :]

    def converse() -> None:
        match number:
            case 0:
                Session.answer(flipped(first), doors=[door(pattern)], tools=tools(), now_ms=NOW_MS)
            case 1:
                knock(pattern)[0].read(flipped(second), NOW_MS)
            case 2:
                ben.read(flipped(third), NOW_MS)
            case _:
                assert ben.read(third, NOW_MS) == ([], [])
                ben.read(flipped(ana.write(Ping(), NOW_MS)[0]), NOW_MS)

    with pytest.raises(RemoteError):
        converse()


@settings(max_examples=150, deadline=None)
@given(
    frames=st.lists(
        st.one_of(st.binary(max_size=600), st.binary(min_size=2_064, max_size=2_064)), min_size=1, max_size=3
    ),
    stage=st.integers(0, 3),
)
def test_noise_from_outside_ends_in_a_remote_error(frames: list[bytes], stage: int) -> None:
    """Goal: total on what strangers send. Method: random frames at each stage of a session's life."""
    both = pair()
    ana, first = knock(Pattern.KNOWN)
    ben, _ = Session.answer(first, doors=[door(Pattern.KNOWN)], tools=tools("x"), now_ms=NOW_MS)
    victim = (None, ana, ben, both.ben)[stage]
    for frame in frames:
        if victim is None:
            with pytest.raises(RemoteError):
                Session.answer(frame, doors=[door(p) for p in PATTERNS], tools=tools("y"), now_ms=NOW_MS)
        else:
            with pytest.raises(RemoteError):
                victim.read(frame, NOW_MS)


def rekeys(side: Session) -> tuple[int, int]:
    assert side._outgoing is not None
    assert side._incoming is not None
    return side._outgoing.rekeys, side._incoming.rekeys


def test_keys_change_after_many_frames_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: rekeying in step. Method: every fourth frame instead of every 65,536th; both directions."""
    monkeypatch.setattr(framing, "REKEY_FRAMES", 4)
    both = pair()
    for speaker, listener in both.both():
        for _ in range(13):
            (frame,) = speaker.write(Ping(), NOW_MS)
            assert listener.read(frame, NOW_MS) == ([], [Ping()])
    assert rekeys(both.ana) == rekeys(both.ben) == (3, 3)


def test_keys_change_after_an_hour_on_both_sides() -> None:
    """Goal: a quiet link changes keys too. Method: write just before and after the hour, and once more."""
    both = pair()
    for after_ms, expected in ((HOUR_MS - 1, 0), (HOUR_MS, 1), (2 * HOUR_MS - 1, 1), (2 * HOUR_MS, 2)):
        (frame,) = both.ana.write(Ping(), NOW_MS + after_ms)
        # The listener's clock does not matter: the frame says that the key changes.
        assert both.ben.read(frame, NOW_MS) == ([], [Ping()])
        assert rekeys(both.ana) == (expected, 0)
        assert rekeys(both.ben) == (0, expected)


def test_a_key_that_was_replaced_opens_nothing_after() -> None:
    """Goal: a key that leaks opens at most an hour. Method: keep the key; try it on the frame after."""
    both = pair()
    assert both.ana._outgoing is not None
    stale = CipherState(both.ana._outgoing._cipher._key)
    both.ben.read(both.ana.write(Ping(), NOW_MS + HOUR_MS)[0], NOW_MS)
    (frame,) = both.ana.write(Pong(), NOW_MS + HOUR_MS)
    stale.count = 1
    with pytest.raises(BadSeal):
        stale.decrypt(frame)
    assert both.ben.read(frame, NOW_MS) == ([], [Pong()])


def test_a_peer_that_never_changes_its_key_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the bound holds for both. Method: a writer with a bound of its own, higher than the reader's."""
    both = pair()
    frames = [both.ana.write(Ping(), NOW_MS)[0] for _ in range(4)]
    monkeypatch.setattr(framing, "REKEY_FRAMES", 4)
    for frame in frames[:3]:
        both.ben.read(frame, NOW_MS)
    with pytest.raises(MalformedFrame):
        both.ben.read(frames[3], NOW_MS)
