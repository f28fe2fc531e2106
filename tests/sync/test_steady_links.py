"""Steady links: how they are agreed, and that all that is said comes out of frames of one size, in order."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from sessionwork import ANA, BEN, NOW_MS, door, psk_of, tools

from meshcoal.crypto.handshake import TAG_BYTES
from meshcoal.errors import BadHandshake, MalformedFrame, OverLimit, RemoteError, Truncated
from meshcoal.limits import MESSAGE_BYTES_MAX, STEADY_FRAME_BYTES
from meshcoal.sync.framing import STEADY_PART_BYTES
from meshcoal.sync.knock import Pattern
from meshcoal.sync.outbox import Outbox
from meshcoal.sync.session import Session
from meshcoal.sync.steady import DECLINED, answer_of, check_answer
from meshcoal.wire.frames import Message, Ping, Pong, Run, Taken

FRAME_BYTES = STEADY_FRAME_BYTES + TAG_BYTES


def linked(ana_s: int, ben_s: int) -> tuple[Session, Session]:
    """Two sides after a handshake in which each asked for so much."""
    ana, first = Session.dial(
        name=("door", b"1"),
        pattern=Pattern.KNOWN,
        static=ANA,
        remote=BEN.public,
        psk=psk_of(Pattern.KNOWN),
        tools=tools("ana"),
        now_ms=NOW_MS,
        steady_s=ana_s,
    )
    ben, second = Session.answer(
        first, doors=[door(Pattern.KNOWN)], tools=tools(), now_ms=NOW_MS, steady_s=ben_s
    )
    ((third,), _) = ana.read(second, NOW_MS)
    ben.read(third, NOW_MS)
    assert ana.steady_s == ben.steady_s
    return ana, ben


def heard(ana: Session, ben: Session, messages: list[Message]) -> tuple[list[Message], int]:
    """What Ben hears of what Ana says, and in how many frames."""
    outbox = Outbox()
    for message in messages:
        assert outbox.add(message)
    got: list[Message] = []
    frames = 0
    while outbox.waiting_bytes or ana.begun_bytes or not frames:
        frame = ana.steady(outbox, NOW_MS)
        assert len(frame) == FRAME_BYTES
        answers, some = ben.read(frame, NOW_MS)
        assert not answers
        got += some
        frames += 1
    return got, frames


@pytest.mark.parametrize(
    ("ana_s", "ben_s", "both_s"),
    [
        (0, 0, 0),
        (5, 0, 5),
        (0, 5, 5),
        (2, 7, 7),
        (7, 2, 7),
        (20, 20, 20),
        (DECLINED, 5, 0),
        (5, DECLINED, 0),
        (DECLINED, DECLINED, 0),
        (DECLINED, 0, 0),
    ],
)
def test_what_two_ask_for_becomes_one(ana_s: int, ben_s: int, both_s: int) -> None:
    """Goal: both sides agree in the handshake, before anything is said. Method: every kind of pair; then a
    word each way, on a steady link in frames of its size, else as on any other."""
    ana, ben = linked(ana_s, ben_s)
    assert ana.steady_s == both_s
    for one, other in ((ana, ben), (ben, ana)):
        if both_s:
            assert heard(one, other, [Ping()]) == ([Ping()], 1)
        else:
            (frame,) = one.write(Ping(), NOW_MS)
            assert other.read(frame, NOW_MS) == ([], [Ping()])


def test_what_nobody_can_ask_or_answer_ends_the_handshake() -> None:
    """Goal: one meaning for each byte. Method: all 256 as a question, and as an answer to some."""
    for asked_s in range(256):
        if asked_s in (*range(21), DECLINED):
            assert answer_of(0, asked_s) in (0, asked_s)
        else:
            with pytest.raises(BadHandshake):
                answer_of(5, asked_s)
    allowed = {mine_s: [one for one in range(256) if _is_answer(mine_s, one)] for mine_s in (0, 5, DECLINED)}
    assert allowed == {0: list(range(21)), 5: [0, *range(5, 21)], DECLINED: [0]}


def _is_answer(mine_s: int, answer_s: int) -> bool:
    try:
        check_answer(mine_s, answer_s)
    except BadHandshake:
        return False
    return True


def run_of(size: int) -> Run:
    return Run(operations=(b"\x5a" * size,))


sizes = st.one_of(st.integers(1, 300), st.integers(STEADY_PART_BYTES - 40, 3 * STEADY_PART_BYTES))


@settings(max_examples=40, deadline=None)
@given(st.lists(sizes, max_size=12))
def test_all_that_is_said_comes_out_in_order(said: list[int]) -> None:
    """Goal: the stream of messages loses nothing at the edges of frames. Method: runs of any sizes."""
    ana, ben = linked(1, 0)
    messages: list[Message] = [run_of(size) for size in said]
    got, frames = heard(ana, ben, messages)
    assert got == messages
    stream_bytes = sum([3 + len(ana._family.encode(message)) for message in messages])
    assert frames == max(1, -(-stream_bytes // STEADY_PART_BYTES)), (
        "no frame is sent half full before the last"
    )


def test_what_is_urgent_goes_first_and_empty_frames_say_nothing() -> None:
    """Goal: the order of other links holds. Method: a run, then a receipt and a pong, before one frame."""
    ana, ben = linked(1, 1)
    got, _ = heard(ana, ben, [run_of(100), Taken(runs=1), Pong()])
    assert got == [Taken(runs=1), Pong(), run_of(100)]
    for _ in range(3):
        assert heard(ana, ben, []) == ([], 1)
    assert not ben.partial


@pytest.mark.parametrize(
    ("stream", "error"),
    [
        (b"\x00\x00\x00", MalformedFrame),
        ((MESSAGE_BYTES_MAX + 1).to_bytes(3, "big"), OverLimit),
        (b"\x00\x00\x01\xc1", RemoteError),
    ],
)
def test_a_stream_that_is_none_ends_the_session(stream: bytes, error: type[RemoteError]) -> None:
    """Goal: bounds hold for members, too. Method: lengths of nothing and of too much, junk as a message."""
    ana, ben = linked(1, 0)
    assert ana._outgoing is not None
    with pytest.raises(error):
        ben.read(ana._outgoing.steady(stream, NOW_MS), NOW_MS)
    assert ben.dead


def test_frames_of_other_links_end_the_session() -> None:
    """Goal: a peer cannot leave the one size unseen. Method: a sound frame of another class, and a part of a
    message as other links mark it."""
    for size in (10, 3_000):
        ana, ben = linked(1, 0)
        assert ana._outgoing is not None
        with pytest.raises(Truncated):
            ben.read(ana._outgoing.seal(bytes(size), NOW_MS)[0], NOW_MS)
    ana, ben = linked(1, 0)
    assert ana._outgoing is not None
    marked = ana._outgoing._seal(bytes(2_000), 1, NOW_MS)
    with pytest.raises(MalformedFrame):
        ben.read(marked, NOW_MS)
