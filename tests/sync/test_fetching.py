"""The machine that fetches attachments, without a network: pace, silence, lies."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.chunks import chunk_id
from meshcoal.errors import ChunkUnasked
from meshcoal.ids import AuthorId
from meshcoal.limits import CHUNKS_IN_FLIGHT_MAX
from meshcoal.sync.fetching import OWED_MAX_MS, REST_MS, SEEK_EVERY_MS, Fetching
from meshcoal.wire.frames import Hold, Holding, LackChunks, Seek, WantChunks

FILE, OTHER = b"f" * 32, b"o" * 32
BEN, CHI = AuthorId(b"b" * 32), AuthorId(b"c" * 32)


def sealed(place: int) -> bytes:
    return hashlib.shake_256(b"chunk %d" % place).digest(100)


def chunks(count: int) -> dict[bytes, int]:
    return {chunk_id(sealed(place)): place for place in range(count)}


def hold(held: int = 9, of: int = 9, file: bytes = FILE) -> Hold:
    return Hold(holdings=(Holding(file=file, held=held, of=of),))


def fetching(count: int, *links: int, now_ms: int = 0) -> Fetching:
    """Wants a file of so many chunks, which the peers at these links hold."""
    made = Fetching()
    made.begin(FILE, chunks(count), asked=True, now_ms=now_ms)
    for link in links:
        assert made.meet(link, BEN) == [Seek(files=(FILE,))]
        made.on_hold(link, hold())
    return made


def wanted(made: Fetching, now_ms: int) -> dict[int, list[int]]:
    """What is asked of whom now, by place."""
    places = chunks(1_000)
    found: dict[int, list[int]] = {}
    for link, message in made.requests(now_ms):
        assert isinstance(message, WantChunks)
        found[link] = [places[chunk] for chunk in message.chunks]
    return found


def test_pace_follows_delay() -> None:
    """Goal: much is asked of the quick, one at a time of the slow. Method: answers in time, then late."""
    made = fetching(200, 1)
    now, most, open_ = 0, 0, list[int]()
    for _ in range(60):
        open_ += wanted(made, now).get(1, [])
        most = max(most, len(open_))
        now += 10
        assert made.on_chunk(1, sealed(open_.pop(0)), now) is not None
    assert most == CHUNKS_IN_FLIGHT_MAX
    while open_:  # a queue stands somewhere: each answer takes longer than the last
        now += 200
        made.on_chunk(1, sealed(open_.pop(0)), now)
    assert len(wanted(made, now)[1]) == 1


def test_two_peers_share_the_work() -> None:
    """Goal: nothing is asked of two at once. Method: requests of two links do not overlap."""
    made = fetching(10, 1, 2)
    asked = wanted(made, 0)
    assert sorted(asked) == [1, 2]
    assert not set(asked[1]) & set(asked[2])


def test_the_silent_are_left_alone_and_the_late_forgiven() -> None:
    """Goal: silence costs time, not the file. Method: one never answers, another takes over, then it does."""
    made = fetching(3, 1)
    assert wanted(made, 0) == {1: [0]}
    assert made.due_ms(0) == OWED_MAX_MS
    made.meet(2, CHI)
    made.on_hold(2, hold())
    made.expire(OWED_MAX_MS)
    assert wanted(made, OWED_MAX_MS) == {2: [0]}
    arrived = made.on_chunk(2, sealed(0), OWED_MAX_MS + 5)
    assert arrived is not None
    assert (arrived.file, arrived.place) == (FILE, 0)
    assert made.on_chunk(1, sealed(0), OWED_MAX_MS + 6) is None, "late, and not wanted any more"
    with pytest.raises(ChunkUnasked):
        made.on_chunk(1, sealed(0), OWED_MAX_MS + 7)


def test_the_silent_rest_longer_each_time() -> None:
    """Goal: no time is lost on a peer that holds and never sends. Method: let it fail twice."""
    made = fetching(9, 1)
    now = 0
    for times in (1, 2):
        assert wanted(made, now)
        now += OWED_MAX_MS
        made.expire(now)
        assert not wanted(made, now + times * REST_MS - 1)
        now += times * REST_MS


def test_what_was_not_asked_is_an_offence() -> None:
    """Goal: endless or wrong data ends the link. Method: bytes, answers and refusals nobody asked for."""
    made = fetching(3, 1)
    wanted(made, 0)
    with pytest.raises(ChunkUnasked):
        made.on_chunk(1, b"anything at all, for ever", 1)
    with pytest.raises(ChunkUnasked):
        made.on_chunk(1, sealed(2), 1)
    with pytest.raises(ChunkUnasked):
        made.on_chunk(7, sealed(0), 1)
    with pytest.raises(ChunkUnasked):
        made.on_lack(1, LackChunks(chunks=(chunk_id(sealed(1)),)))
    assert made.on_chunk(1, sealed(0), 1) is not None


def test_who_lacks_a_chunk_is_asked_for_others() -> None:
    """Goal: half a file serves, too. Method: the only peer lacks the first chunk."""
    made = fetching(2, 1)
    assert wanted(made, 0) == {1: [0]}
    made.on_lack(1, LackChunks(chunks=(chunk_id(sealed(0)),)))
    assert wanted(made, 1) == {1: [1]}
    made.on_chunk(1, sealed(1), 2)
    assert wanted(made, 3) == {}
    assert [link for link, _ in made.seek_again(SEEK_EVERY_MS)] == [1]
    made.on_hold(1, hold())
    assert wanted(made, SEEK_EVERY_MS) == {1: [0]}


def test_nobody_has_it() -> None:
    """Goal: the user learns that nobody at hand holds it. Method: no peer, a silent one, one without."""
    made = fetching(1)
    assert made.unreached(FILE)
    made.meet(1, BEN)
    assert not made.unreached(FILE), "it has not answered yet"
    made.on_hold(1, hold(0, 0))
    assert made.unreached(FILE)
    assert wanted(made, 0) == {}
    made.on_hold(1, hold())
    assert not made.unreached(FILE)
    made.lose(1)
    assert made.unreached(FILE)


def test_stopped() -> None:
    """Goal: what is stopped is not asked for, and what still comes is no offence. Method: stop one of two."""
    made = fetching(1, 1)
    made.begin(OTHER, {chunk_id(sealed(50)): 50}, asked=False, now_ms=0)
    made.on_hold(1, hold(file=OTHER))
    assert wanted(made, 0) == {1: [0]}, "what a person asked for comes first"
    made.stop(FILE)
    assert made.on_chunk(1, sealed(0), 1) is None
    assert wanted(made, 1) == {1: [50]}


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_it_ends_whatever_peers_do(data: st.DataObject) -> None:
    """Goal: with one honest peer the file comes whole. Method: others lie, lack, are silent, come and go."""
    count = 12
    made = fetching(count, 1)
    links, now = {1: 0}, 0
    owed: dict[int, list[int]] = {}
    for _ in range(400):
        if not made.wanted[FILE].missing:
            break
        act = data.draw(st.sampled_from(("answer", "meet", "lose", "lack", "lie", "wait")))
        other = data.draw(st.integers(2, 4))
        if act == "meet" and other not in links:
            made.meet(other, CHI)
            made.on_hold(other, hold())
            links[other] = now
        elif act == "lose" and other in links:
            made.lose(other)
            del links[other]
            owed.pop(other, None)
        elif act == "lack" and owed.get(other):
            made.on_lack(other, LackChunks(chunks=(chunk_id(sealed(owed[other].pop(0))),)))
        elif act == "lie" and other in links:
            with pytest.raises(ChunkUnasked):
                made.on_chunk(other, b"a lie that is no chunk", now)
        now += data.draw(st.sampled_from((1, 500, OWED_MAX_MS)))
        made.expire(now)
        for link, places in wanted(made, now).items():
            assert len(places) <= CHUNKS_IN_FLIGHT_MAX
            owed.setdefault(link, []).extend(places)
        for place in owed.pop(1, []):  # the honest one
            made.on_chunk(1, sealed(place), now + 1)
    for _ in range(100):
        now += REST_MS
        made.expire(now)
        for place in wanted(made, now).get(1, []):
            made.on_chunk(1, sealed(place), now)
    assert not made.wanted[FILE].missing
