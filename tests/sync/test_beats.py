"""Sending without being seen to begin: what an observer sees does not depend on who began."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import MalformedFrame, OverLimit
from meshcoal.ids import AuthorId
from meshcoal.limits import BEAT_BYTES, BEAT_CARRIED_BYTES_MAX, BEAT_ITEMS_MAX, BEAT_QUEUE_MAX
from meshcoal.sync.beats import AGAIN_BEATS, WAKE_MS, Beats
from meshcoal.wire.beats import BEATS, Beat, decode_beat, encode_beat

PERIOD_MS = 60_000


class Crowd:
    """Nodes that beat to each other; what is spread is known to all at once, but for those who are deaf."""

    def __init__(self, size: int, *, seed: str, swallow: Iterable[int] = ()) -> None:
        self.nodes = [
            Beats(period_ms=PERIOD_MS, entropy=SeededEntropy(f"{seed} {number}".encode()), now_ms=0)
            for number in range(size)
        ]
        self.names = [AuthorId(bytes([number]) * 32) for number in range(size)]
        self.swallow = set(swallow)
        self.trace: list[tuple[int, int, int, int]] = []  # when, from, to, bytes: what an observer sees
        self.spread: dict[bytes, tuple[int, int]] = {}  # by whom, and when

    def run(self, periods: int) -> None:
        heap = [(node.due_ms, number) for number, node in enumerate(self.nodes)]
        heapq.heapify(heap)
        while heap and heap[0][0] < periods * PERIOD_MS:
            now_ms, number = heapq.heappop(heap)
            peers = [name for name in self.names if name != self.names[number]]
            sent = self.nodes[number].on_beat(now_ms, peers)
            heapq.heappush(heap, (self.nodes[number].due_ms, number))
            assert sent is not None
            to = self.names.index(sent.to)
            self.trace.append((now_ms, number, to, len(sent.data)))
            items = self.nodes[to].on_items(decode_beat(sent.data))
            if to not in self.swallow:
                for item in items:
                    self.spread.setdefault(item, (to, now_ms))
                    for node in self.nodes:
                        node.seen(item)
            else:
                for item in decode_beat(sent.data):
                    self.nodes[to].seen(item)


@pytest.mark.parametrize("seed", range(5))
def test_an_observer_sees_the_same_whoever_began(seed: int) -> None:
    """Goal: times, sizes and directions say nothing. Method: the same world with nobody, with one and with
    another beginning something; all frames of all nodes are the same."""
    traces = []
    for began in ((), (0,), (7,), (0, 3, 7)):
        crowd = Crowd(10, seed=str(seed))
        for number in began:
            crowd.nodes[number].begin(b"an envelope of %d" % number)
        crowd.run(40)
        assert len(crowd.spread) == len(began)
        traces.append(crowd.trace)
    assert traces[0] == traces[1] == traces[2] == traces[3]
    assert {size for _, _, _, size in traces[0]} == {BEAT_BYTES}
    assert len(traces[0]) in range(10 * 39, 10 * 41)


def test_each_period_has_one_beat_of_each_node() -> None:
    """Goal: a node that has much to say sends no more often. Method: count frames by node and period."""
    crowd = Crowd(6, seed="count")
    for number in range(100):
        crowd.nodes[0].begin(b"item %d" % number)
    crowd.run(50)
    beats = [(at // PERIOD_MS, number) for at, number, _, _ in crowd.trace]
    assert len(beats) == len(set(beats)) == 6 * 49


def test_it_is_never_spread_where_it_began() -> None:
    """Goal: who spreads did not begin. Method: many things by all members; look who spread each."""
    crowd = Crowd(8, seed="spread")
    for number in range(8):
        for count in range(10):
            crowd.nodes[number].begin(b"%d of %d" % (count, number))
    crowd.run(80)
    assert len(crowd.spread) == 80
    for item, (by, _) in crowd.spread.items():
        assert by != int(item.split()[-1])
    assert len({by for by, _ in crowd.spread.values()}) == 8


def test_who_swallows_things_only_delays_them() -> None:
    """Goal: what is begun arrives. Method: a third of the nodes drop all they should pass on."""
    crowd = Crowd(9, seed="deaf", swallow=(1, 4, 7))
    for number in (0, 2, 3, 5, 6, 8):
        crowd.nodes[number].begin(b"from %d" % number)
    crowd.run(120)
    assert len(crowd.spread) == 6
    assert all(node.mine == () for node in crowd.nodes)


def test_it_takes_few_periods() -> None:
    """Goal: a letter within the hour. Method: 200 things among 20 nodes; half are spread within three
    periods, nearly all within ten."""
    took = []
    for seed in range(20):
        crowd = Crowd(20, seed=f"quick {seed}")
        for number in range(10):
            crowd.nodes[number].begin(b"%d" % number)
        crowd.run(30)
        took += [at / PERIOD_MS for _, at in crowd.spread.values()]
    took.sort()
    assert len(took) == 200
    assert took[100] < 3.5
    assert took[190] < 10


def test_without_a_link_nothing_goes_and_nothing_is_lost() -> None:
    """Goal: a node that is alone waits. Method: beats without peers, then with one."""
    beats = Beats(period_ms=PERIOD_MS, entropy=SeededEntropy(b"alone"), now_ms=0)
    beats.begin(b"item")
    for _ in range(2):
        due_ms = beats.due_ms
        assert beats.on_beat(due_ms, []) is None
        assert beats.due_ms // PERIOD_MS == due_ms // PERIOD_MS + 1
    sent = beats.on_beat(beats.due_ms, [AuthorId(b"p" * 32)])
    assert sent is not None
    assert decode_beat(sent.data) == (b"item",)
    carried = []
    for _ in range(AGAIN_BEATS + 1):
        sent = beats.on_beat(beats.due_ms, [AuthorId(b"p" * 32)])
        assert sent is not None
        carried.append(decode_beat(sent.data))
    assert carried.count((b"item",)) == 1  # not seen spread: once more
    assert list(beats.mine) == [b"item"]
    beats.seen(b"item")
    assert not beats.mine


def test_a_node_that_slept_has_no_beats_to_make_up() -> None:
    """Goal: waking up is no burst. Method: a beat comes ten periods late; the next is in the period after."""
    beats = Beats(period_ms=PERIOD_MS, entropy=SeededEntropy(b"slept"), now_ms=0)
    beats.on_beat(beats.due_ms + 10 * PERIOD_MS, [])
    assert beats.due_ms // PERIOD_MS == 12
    beats.set_period(10 * PERIOD_MS, 12 * PERIOD_MS)
    assert beats.due_ms // (10 * PERIOD_MS) == 2


def test_who_comes_on_has_a_beat_soon() -> None:
    """Goal: who is on for five minutes an hour can send in them. Method: wake into a long period, and into a
    short one; with something to say and without."""
    for period_ms, most_ms in ((24 * 60 * PERIOD_MS, WAKE_MS), (10_000, 10_000)):
        due = []
        for began in (False, True):
            beats = Beats(period_ms=period_ms, entropy=SeededEntropy(b"wake"), now_ms=0)
            if began:
                beats.begin(b"item")
            beats.wake(5_000_000)
            assert beats.due_ms < 5_000_000 + most_ms
            due.append(beats.due_ms)
        assert due[0] == due[1]


def test_bounds() -> None:
    """Goal: nothing piles up. Method: too many of one's own, too large, and more of others than fit: those
    are spread at once, and not lost."""
    beats = Beats(period_ms=PERIOD_MS, entropy=SeededEntropy(b"bounds"), now_ms=0)
    for number in range(BEAT_QUEUE_MAX):
        beats.begin(b"%d" % number)
    beats.begin(b"0")
    with pytest.raises(OverLimit):
        beats.begin(b"one more")
    with pytest.raises(OverLimit):
        beats.begin(bytes(BEAT_CARRIED_BYTES_MAX))
    spread = 0
    for number in range(3 * BEAT_QUEUE_MAX):
        spread += len(beats.on_items((b"other %d" % number,)))
    assert spread >= 2 * BEAT_QUEUE_MAX


@given(items=st.lists(st.binary(min_size=1, max_size=6_000), max_size=BEAT_ITEMS_MAX + 1))
def test_frames_are_of_one_size(items: list[bytes]) -> None:
    """Goal: full and empty look alike. Method: whatever fits comes back; what does not is refused."""
    try:
        data = encode_beat(tuple(items))
    except MalformedFrame:
        assert len(items) > BEAT_ITEMS_MAX or sum(map(len, items)) + 27 > BEAT_CARRIED_BYTES_MAX
        return
    assert len(data) == BEAT_BYTES
    assert decode_beat(data) == tuple(items)


def test_other_frames_are_refused() -> None:
    """Goal: no frame says more than its items. Method: other sizes, and a filler that is not zeros."""
    data = encode_beat((b"item",))
    for wrong in (data[:-1], data + b"\x00", data[:-1] + b"\x01", b"\xff" * BEAT_BYTES):
        with pytest.raises(MalformedFrame):
            decode_beat(wrong)
    with pytest.raises(MalformedFrame):
        BEATS.encode(Beat(items=(b"a",), filler=b"hidden"))
