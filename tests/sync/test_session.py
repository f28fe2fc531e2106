"""A session: silent to strangers, padded, ordered, and over after the first thing that is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadHandshake, BadKey, MalformedFrame, OverLimit, RemoteError
from meshcoal.limits import FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, OPERATION_BYTES_MAX, PADDING_CLASSES_BYTES
from meshcoal.sync import session
from meshcoal.sync.session import Pattern, Session
from meshcoal.wire.frames import MESSAGES, Frontier, Held, Ping, Pong, Run

sys.path.insert(0, str(Path(__file__).parent))

from sessionwork import ANA, BEN, CODE, MALLORY, Pair, door, knock, pair

TAG_BYTES = 16  # of an AEAD
PATTERNS = list(Pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_both_patterns_end_with_two_sides_that_know_each_other(pattern: Pattern) -> None:
    """Goal: the handshakes as the nodes use them. Method: each pattern, then messages both ways."""
    both = pair(pattern)
    assert both.ana.remote_static == BEN.public
    assert both.ben.remote_static == ANA.public
    assert both.ana.handshake_hash == both.ben.handshake_hash != b""
    assert both.ana.established
    assert both.ben.name == both.ana.name == ("door", b"1")
    for speaker, listener in both.both():
        for message in (Ping(), Frontier(whole=True, held=(Held(author=bytes(32), seq=7),)), Pong()):
            (frame,) = speaker.write(message)
            assert listener.read(frame) == ([], [message])


def test_the_last_message_of_an_invitation_carries_fresh_bytes() -> None:
    """Goal: compared words cannot be known beforehand. Method: the third message's size; two hashes."""
    ana, first = knock(Pattern.INVITATION)
    _, second = Session.answer(first, doors=[door(Pattern.INVITATION)], entropy=SeededEntropy(b"ben"))
    (third,), _ = ana.read(second)
    assert len(third) == 32 + TAG_BYTES + 16 + TAG_BYTES
    assert (
        pair(Pattern.INVITATION, seed="a").ana.handshake_hash
        != pair(Pattern.INVITATION, seed="b").ana.handshake_hash
    )


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_stranger_gets_no_answer(pattern: Pattern) -> None:
    """Goal: silence. Method: wrong key, wrong code, other pattern, no doors, changed tags, odd sizes."""
    entropy = SeededEntropy(b"ben")
    _, frame = knock(pattern)
    other = Pattern.KNOWN if pattern is Pattern.INVITATION else Pattern.INVITATION
    for doors in ([], [door(pattern, static=MALLORY, code=bytes(16))], [door(other)]):
        with pytest.raises(BadHandshake):
            Session.answer(frame, doors=doors, entropy=entropy)
    for place in range(session.TAG_BYTES):
        changed = bytearray(frame)
        changed[place] ^= 1
        with pytest.raises(BadHandshake):
            Session.answer(bytes(changed), doors=[door(pattern)], entropy=entropy)
    for size in (0, 1, 47, 1_025, FRAME_BYTES_MAX):
        with pytest.raises(BadHandshake):
            Session.answer(frame[:size].ljust(size, b"\x00"), doors=[door(pattern)], entropy=entropy)


def test_the_right_door_is_found_among_many() -> None:
    """Goal: one listener, many doors. Method: Ben's key for contacts and three invitations."""
    doors = [door(Pattern.KNOWN), *[door(Pattern.INVITATION, code=bytes([n]) * 16) for n in range(3)]]
    _, frame = knock(Pattern.INVITATION, code=bytes([2]) * 16)
    found, _ = Session.answer(frame, doors=doors, entropy=SeededEntropy(b"ben"))
    assert not found.established


def test_a_wrong_code_behind_a_right_tag_ends_the_handshake() -> None:
    """Goal: the psk binds, not only the tag. Method: a knock whose tag was made with the true code."""
    ana, frame = knock(Pattern.INVITATION, code=bytes(16))
    tag = session.knock_tag(Pattern.INVITATION, CODE, frame[16:48])
    ben, second = Session.answer(
        tag + frame[16:], doors=[door(Pattern.INVITATION)], entropy=SeededEntropy(b"ben")
    )
    (third,), _ = ana.read(second)
    with pytest.raises(BadHandshake):
        ben.read(third)
    assert ben.dead


def test_a_key_of_small_order_is_not_dialled() -> None:
    """Goal: bad keys are refused before a byte goes out. Method: the key of zeros."""
    with pytest.raises(BadKey):
        Session.dial(
            name=("door", b""),
            pattern=Pattern.KNOWN,
            static=ANA,
            remote=bytes(32),
            code=b"",
            entropy=SeededEntropy(b"ana"),
        )


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
    frames = both.ana.write(message)
    largest = PADDING_CLASSES_BYTES[-1] - 3
    assert len(frames) == -(-size // largest)
    classes = {plain + TAG_BYTES for plain in PADDING_CLASSES_BYTES}
    assert all(len(frame) in classes for frame in frames)
    for frame in frames[:-1]:
        assert both.ben.read(frame) == ([], [])
    assert both.ben.read(frames[-1]) == ([], [message])


def sealed(both: Pair, plain: bytes) -> bytes:
    """A frame with a plaintext that our own side would not write."""
    assert both.ana._send is not None
    return both.ana._send.encrypt(plain)


@pytest.mark.parametrize(
    ("plain", "error"),
    [
        (b"", MalformedFrame),
        (bytes(100), MalformedFrame),
        (b"\x02\x00\x01\x01".ljust(512, b"\x00"), MalformedFrame),
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
        both.ben.read(sealed(both, plain))
    assert both.ben.dead
    with pytest.raises(BadHandshake):
        both.ben.read(both.ana.write(Ping())[0])


def test_a_message_without_an_end_is_bounded() -> None:
    """Goal: no memory without limit. Method: parts of the greatest size until it is refused."""
    both = pair()
    part = b"\x01" + (PADDING_CLASSES_BYTES[-1] - 3).to_bytes(2, "big")
    part = part.ljust(PADDING_CLASSES_BYTES[-1], b"x")
    for _ in range(MESSAGE_BYTES_MAX // (len(part) - 3)):
        assert both.ben.read(sealed(both, part)) == ([], [])
    with pytest.raises(OverLimit):
        both.ben.read(sealed(both, part))
    with pytest.raises(OverLimit):
        pair().ben.read(bytes(FRAME_BYTES_MAX + 1))


def test_repeated_reordered_reflected_or_truncated_frames_end_the_session() -> None:
    """Goal: order and direction are authenticated. Method: each of them on a session of its own."""

    def replayed(both: Pair) -> list[bytes]:
        frame = both.ana.write(Ping())[0]
        return [frame, frame]

    def swapped(both: Pair) -> list[bytes]:
        first, second = both.ana.write(Ping())[0], both.ana.write(Pong())[0]
        return [second, first]

    def skipped(both: Pair) -> list[bytes]:
        both.ana.write(Ping())
        return both.ana.write(Pong())

    def reflected(both: Pair) -> list[bytes]:
        return both.ben.write(Ping())

    def cut_short(both: Pair) -> list[bytes]:
        return [both.ana.write(Ping())[0][:-1]]

    def lengthened(both: Pair) -> list[bytes]:
        return [both.ana.write(Ping())[0] + b"\x00"]

    def of_another_session(both: Pair) -> list[bytes]:
        return pair(seed="another").ana.write(Ping())

    for attack in (replayed, swapped, skipped, reflected, cut_short, lengthened, of_another_session):
        both = pair()
        *good, bad = attack(both)
        if attack is replayed:
            assert both.ben.read(good[0]) == ([], [Ping()])
        with pytest.raises(RemoteError):
            both.ben.read(bad if attack is not swapped else good[0])
        assert both.ben.dead


@settings(max_examples=80, deadline=None)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7), pattern=st.sampled_from(PATTERNS))
def test_a_flipped_bit_anywhere_ends_the_session(place: int, bit: int, pattern: Pattern) -> None:
    """Goal: everything is authenticated. Method: one bit of any frame of a conversation."""
    ana, first = knock(pattern)
    entropy = SeededEntropy(b"ben")
    ben, second = Session.answer(first, doors=[door(pattern)], entropy=entropy)
    (third,), _ = ana.read(second)
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
                Session.answer(flipped(first), doors=[door(pattern)], entropy=entropy)
            case 1:
                knock(pattern)[0].read(flipped(second))
            case 2:
                ben.read(flipped(third))
            case _:
                assert ben.read(third) == ([], [])
                ben.read(flipped(ana.write(Ping())[0]))

    with pytest.raises(RemoteError):
        converse()


@settings(max_examples=150, deadline=None)
@given(frames=st.lists(st.binary(max_size=600), min_size=1, max_size=3), stage=st.integers(0, 3))
def test_noise_from_outside_ends_in_a_remote_error(frames: list[bytes], stage: int) -> None:
    """Goal: total on what strangers send. Method: random frames at each stage of a session's life."""
    both = pair()
    ana, first = knock(Pattern.KNOWN)
    ben, _ = Session.answer(first, doors=[door(Pattern.KNOWN)], entropy=SeededEntropy(b"x"))
    victim = (None, ana, ben, both.ben)[stage]
    for frame in frames:
        if victim is None:
            with pytest.raises(RemoteError):
                Session.answer(frame, doors=[door(p) for p in PATTERNS], entropy=SeededEntropy(b"y"))
        else:
            with pytest.raises(RemoteError):
                victim.read(frame)


def test_keys_change_after_many_frames_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: rekeying in step. Method: every fourth frame instead of every 65,536th; both directions."""
    monkeypatch.setattr(session, "_REKEY_FRAMES", 4)
    both = pair()
    for speaker, listener in both.both():
        for _ in range(13):
            (frame,) = speaker.write(Ping())
            assert listener.read(frame) == ([], [Ping()])
    both = pair()
    for _ in range(4):
        both.ben.read(both.ana.write(Ping())[0])
    monkeypatch.setattr(session, "_REKEY_FRAMES", 5)
    frame = both.ana.write(Ping())[0]
    monkeypatch.setattr(session, "_REKEY_FRAMES", 4)
    assert both.ben.read(frame) == ([], [Ping()]), "the fourth frame changed the key on both sides"
    lagging = pair()
    for _ in range(3):
        lagging.ben.read(lagging.ana.write(Ping())[0])
    fourth = lagging.ana.write(Ping())[0]
    fifth = lagging.ana.write(Ping())[0]
    monkeypatch.setattr(session, "_REKEY_FRAMES", 100)
    lagging.ben.read(fourth)
    with pytest.raises(RemoteError):
        lagging.ben.read(fifth)
