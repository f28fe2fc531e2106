"""Two stores end with everything that either had, whatever they had, and say little about it."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import MalformedFrame, OverLimit, RemoteError
from meshcoal.limits import (
    CELLS_PER_MESSAGE_MAX,
    MESSAGE_BYTES_MAX,
    NAMES_PER_MESSAGE_MAX,
    RUNGS_PER_LINK_MAX,
)
from meshcoal.sync.loose import LooseSet, estimate, flight, handles_of, loose_scheme
from meshcoal.sync.sketch import Peeling, Scheme, Sketch, State
from meshcoal.wire.frames import Message
from meshcoal.wire.reconciling import (
    RECONCILING,
    Agreed,
    Behind,
    Buckets,
    Cells,
    Digest,
    Listed,
    Missing,
    More,
    Outline,
    Rung,
    Rungs,
    Subject,
)

sys.path.insert(0, str(Path(__file__).parent))

from reconcilework import Entry, Side, Trees, author, chain, exchange, identifier, same, talk


def union(near: Side, far: Side) -> tuple[set[object], set[object]]:
    return {*near.trees.all(), *far.trees.all()}, {*near.loose.ids(), *far.loose.ids()}


def settle(near: Side, far: Side) -> int:
    """One whole link; how many operations were carried."""
    wanted = union(near, far)
    talk(near, far)
    for side in (near, far):
        assert side.machine is not None
        assert side.machine.done
    carried = exchange(near, far)
    assert same(near, far)
    assert union(near, far) == wanted
    return carried


def logs(lengths: dict[int, int]) -> Trees:
    trees = Trees()
    for number, length in lengths.items():
        trees.take(author(number), chain(author(number), length))
    return trees


def loose(*numbers: object) -> LooseSet:
    return LooseSet([identifier(number) for number in numbers])


# --- Equal stores


@pytest.mark.parametrize("loose_count", [0, 500])
def test_equal_stores_say_one_short_message_each(loose_count: int) -> None:
    """Goal: meeting again costs nothing. Method: two equal stores; count messages and bytes."""
    lengths = {number: 2_000 + number for number in range(10)}
    near, far = (Side(logs(lengths), loose(*range(loose_count))) for _ in range(2))
    said = talk(near, far)
    assert [type(one) for one in said.said] == [Digest, Digest]
    assert max(said.sizes) < 100
    assert near.holds == {author(number): length - 1 for number, length in lengths.items()}
    assert exchange(near, far) == 0


def test_the_longest_digest_is_under_a_hundred_bytes() -> None:
    """Goal: the same for the largest stores. Method: encode the largest numbers."""
    top = 2**32 - 1
    digest = Digest(
        logs=bytes(16), authors=bytes(8), operations=top, loose=bytes(16), count=top, lanes=bytes(32)
    )
    assert len(RECONCILING.encode(digest)) < 100


@pytest.mark.parametrize("change", ["mark", "seq", "author", "loose"])
def test_a_digest_stands_for_every_part(change: str) -> None:
    """Goal: no difference stays hidden. Method: change one thing; the two talk, and end equal."""
    near, far = Side(logs({1: 5, 2: 5}), loose(1, 2)), Side(logs({1: 5, 2: 5}), loose(1, 2))
    if change == "mark":
        base = chain(author(2), 4)
        near.trees = logs({1: 5})
        near.trees.take(author(2), [*base, *chain(author(2), 1, branch="b", after=base[-1])])
    elif change == "seq":
        near.trees = logs({1: 5, 2: 6})
    elif change == "author":
        near.trees = logs({1: 5, 3: 5})
    else:
        near.loose = loose(1, 3)
    assert settle(near, far) > 0


# --- Any two stores

SEEDS = st.integers(0, 2**32)


def grown(seed: int, *, authors: int, forks: bool, loose_max: int) -> tuple[Side, Side]:
    """Two stores with a common past that went on apart; some logs forked, some known to one only."""
    dice = random.Random(seed)
    near, far = Side(), Side()
    for number in range(authors):
        who = author(number)
        base = chain(who, dice.choice([1, 2, 3, 8, 20, 40]))
        branches: list[Entry] = list(base)
        if forks and dice.random() < 0.4:
            for name in "bcd"[: dice.randint(1, 3)]:
                after = dice.choice([None, *branches])
                branches += chain(who, dice.randint(1, 6), branch=f"{name}{seed}", after=after)
        for side in (near, far):
            kept: dict[object, Entry] = {}
            width = dice.choice([0.0, 0.5, 0.95, 1.0, 1.0])
            for entry in sorted(branches):
                if (entry.back is None or entry.back in kept) and dice.random() <= width:
                    kept[entry.id] = entry
            if kept:
                side.trees.take(who, kept.values())
    pool = [identifier(("loose", seed, number)) for number in range(dice.randint(0, loose_max))]
    share = dice.choice([0.0, 0.5, 0.95, 1.0])
    for side in (near, far):
        for one in pool:
            if dice.random() < share:
                side.loose.add(one)
    return near, far


@given(seed=SEEDS, authors=st.sampled_from([0, 1, 5, 30, 80]), forks=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_two_stores_end_equal(seed: int, authors: int, forks: bool) -> None:
    """Goal: nothing is lost or made up. Method: two stores with forks, strangers and loose ids; one link."""
    near, far = grown(seed, authors=authors, forks=forks, loose_max=120)
    settle(near, far)


@given(seed=SEEDS, authors=st.sampled_from([1, 5, 70]))
@settings(max_examples=80, deadline=None)
def test_without_forks_nothing_is_sent_twice(seed: int, authors: int) -> None:
    """Goal: only what is missing travels. Method: count what was carried against what was missing."""
    near, far = grown(seed, authors=authors, forks=False, loose_max=60)
    logs_missing = near.trees.all() ^ far.trees.all()
    loose_missing = set(near.loose.ids()) ^ set(far.loose.ids())
    assert settle(near, far) == len(logs_missing) + len(loose_missing)


@given(seed=SEEDS, cuts=st.lists(st.tuples(st.integers(0, 3_000), st.floats(0, 1)), max_size=4))
@settings(max_examples=80, deadline=None)
def test_a_cut_at_any_byte_loses_nothing(seed: int, cuts: list[tuple[int, float]]) -> None:
    """Goal: links may end whenever they like. Method: cut some after any byte, with a part of the
    operations carried; one that lasts then makes the two equal."""
    near, far = grown(seed, authors=12, forks=True, loose_max=60)
    wanted = union(near, far)
    for number, (bytes_max, share) in enumerate(cuts):
        talk(near, far, secret=bytes([number]) * 32, bytes_max=bytes_max)
        exchange(near, far, share=share)
        assert union(near, far) == wanted
    settle(near, far)
    assert union(near, far) == wanted


def test_what_comes_in_meanwhile_does_no_harm() -> None:
    """Goal: other links go on. Method: both sides take something in after each message."""
    near, far = grown(7, authors=20, forks=True, loose_max=300)
    machines = near.begin(dialled=True, secret=bytes(32)), far.begin(dialled=False, secret=bytes(32))
    waiting: list[tuple[int, Message]] = [(1, machines[0].digest), (0, machines[1].digest)]
    new = 0
    while waiting:
        to, message = waiting.pop(0)
        side = (near, far)[to]
        outcome = machines[to].hear(message)
        side.learn(outcome)
        waiting += [(1 - to, one) for one in outcome.say]
        for grows in (near, far):
            new += 1
            grows.loose.add(identifier(("new", new)))
            who = author(new % 25)
            grows.trees.take(who, chain(who, 1, branch=f"new {new}"))
    assert machines[0].done
    assert machines[1].done
    exchange(near, far)
    settle(near, far)


# --- What it costs


@pytest.mark.parametrize("differing", [1, 50])
@pytest.mark.parametrize("far_too", [False, True])
def test_ends_of_fifty_logs_cost_under_1500_bytes(differing: int, far_too: bool) -> None:
    """Goal: the bar. Method: 50 logs of 2,000, of which some are 200 longer on one side or on either."""
    lengths = dict.fromkeys(range(50), 100)
    more = dict.fromkeys(range(differing), 120)
    near, far = Side(logs(lengths)), Side(logs({**lengths, **more}))
    if far_too:
        odd = {number: 120 for number in more if number % 2}
        near = Side(logs({**lengths, **odd}))
        far = Side(logs({**lengths, **{number: 120 for number in more if not number % 2}}))
    said = talk(near, far)
    assert said.bytes < 1_500
    assert exchange(near, far) == 20 * differing
    assert same(near, far)


def test_a_few_of_two_thousand_logs_cost_little() -> None:
    """Goal: no walk over all authors on the wire. Method: 3 of 2,000 logs differ."""
    lengths = dict.fromkeys(range(2_000), 2)
    near, far = Side(logs(lengths)), Side(logs({**lengths, 5: 4, 77: 3, 1_999: 5}))
    said = talk(near, far)
    assert Outline not in [type(one) for one in said.said]
    assert said.bytes < 1_000
    assert exchange(near, far) == 6


def test_logs_that_one_side_never_heard_of_are_found_by_cells() -> None:
    """Goal: a newcomer's log is not overlooked. Method: 100 common logs, one known to Ana and two to Ben."""
    lengths = dict.fromkeys(range(100), 2)
    near, far = Side(logs({**lengths, 200: 9})), Side(logs({**lengths, 201: 3, 202: 1}))
    said = talk(near, far)
    assert Outline not in [type(one) for one in said.said]
    assert exchange(near, far) == 13
    assert same(near, far)


def test_many_of_two_thousand_logs_are_told_one_by_one() -> None:
    """Goal: cells end where they cost more than the outline. Method: every second log differs."""
    lengths = dict.fromkeys(range(2_000), 1)
    near, far = Side(logs(lengths)), Side(logs({number: 1 + number % 2 for number in lengths}))
    said = talk(near, far)
    assert Outline in [type(one) for one in said.said]
    assert exchange(near, far) == 1_000


def test_a_deep_fork_is_found_and_not_the_whole_log_sent() -> None:
    """Goal: a copied device does not cost the log. Method: logs of 5,000 that part at 4,990."""
    who = author(1)
    base = chain(who, 4_990)
    near, far = Side(), Side()
    near.trees.take(who, [*base, *chain(who, 9, after=base[-1])])
    far.trees.take(who, [*base, *chain(who, 7, branch="b", after=base[-1])])
    said = talk(near, far)
    assert said.bytes < 400
    assert exchange(near, far) <= 2 * (9 + 7 + 16)
    assert same(near, far)


@pytest.mark.parametrize("both", [False, True])
def test_scattered_ids_cost_a_small_part_of_naming_them(both: bool) -> None:
    """Goal: the bar, in small. Method: 100 of 6,000 ids are on one side only, or on either."""
    ids = [identifier(number) for number in range(6_000)]
    near, far = LooseSet(ids[: 5_950 if both else 5_900]), LooseSet(ids[50 if both else 0 :])
    said = talk(one := Side(loose=near), other := Side(loose=far))
    assert said.bytes < 3_600
    assert Buckets not in [type(message) for message in said.said]
    assert exchange(one, other) == 100
    assert same(one, other)


def test_the_estimate_is_near_the_truth_and_the_same_on_both_sides() -> None:
    """Goal: the first flight fits. Method: sets that differ by 400, on one side and on either, often; the
    number is exact where one lacks them all, and on average within a sixth of the truth otherwise."""
    found = []
    for number in range(60):
        near = loose(*[(number, one) for one in range(1_000)])
        far = loose(*[(number, one) for one in range(200, 1_200)])
        part = loose(*[(number, one) for one in range(400, 1_000)])
        told = [(len(one), one.lanes()) for one in (near, far, part)]
        assert estimate(told[0], told[1]) == estimate(told[1], told[0])
        assert estimate(told[0], told[2]) == 400
        found.append(estimate(told[0], told[1]))
    assert abs(sum(found) / len(found) / 400 - 1.25) < 1.25 / 6
    assert [flight(one) for one in (0, 1, 100)] == [6, 10, 166]


def test_a_prepared_sketch_says_the_same_as_a_fresh_one() -> None:
    """Goal: what is kept up to date is true. Method: prepare, add and remove, and compare with a new one."""
    kept, fresh = LooseSet(), LooseSet()
    kept.prepare(bytes(16), 300)
    for number in range(400):
        kept.add(identifier(number))
    for number in range(0, 400, 3):
        assert kept.remove(identifier(number))
    for number in range(399, -1, -1):
        if number % 3:
            fresh.add(identifier(number))
    fresh.prepare(bytes(16), 300)
    assert (kept.digest(), kept.lanes()) == (fresh.digest(), fresh.lanes())
    assert kept.spend(b"")[1].cells == fresh.spend(b"")[1].cells
    assert not kept.prepared
    assert kept.spend(bytes([1]) * 16)[0] == bytes([1]) * 16, "one key, one session"


def test_sets_of_equal_digest_are_equal() -> None:
    """Goal: order and history leave no trace, members do. Method: empty, refill and compare digests."""
    first, second = loose(1, 2, 3), loose(3, 2, 1, 4)
    assert first.digest() != second.digest()
    second.remove(identifier(4))
    assert first.digest() == second.digest()
    for number in (1, 2, 3):
        second.remove(identifier(number))
    assert (second.digest(), second.lanes()) == (LooseSet().digest(), b"")


# --- Hostile peers


def mirrored(*, near: Side | None = None, secret: bytes = bytes(32)) -> Side:
    side = near or Side(logs({1: 5, 2: 5}), loose(*range(300)))
    side.begin(dialled=False, secret=secret)
    return side


def digest_of(side: Side, **changes: object) -> Digest:
    """A digest that differs from the side's in everything, unless told otherwise."""
    assert side.machine is not None
    values: dict[str, object] = {
        "logs": bytes(16), "authors": bytes(8), "operations": 0,
        "loose": bytes(16), "count": 299, "lanes": bytes(32), **changes,
    }  # fmt: skip
    return Digest(**values)  # type: ignore[arg-type]


def test_cells_that_never_decode_end_in_buckets_and_the_sets_are_equal_all_the_same() -> None:
    """Goal: a spoilt sketch costs some bytes and nothing else. Method: replace each of a peer's cells by
    noise until it is asked for its buckets; then let the truth through."""
    near, far = Side(loose=loose(*range(0, 2_000))), Side(loose=loose(*range(40, 2_040)))
    machines = near.begin(dialled=True, secret=bytes(32)), far.begin(dialled=False, secret=bytes(32))
    waiting: list[tuple[int, Message]] = [(1, machines[0].digest), (0, machines[1].digest)]
    noise, spoilt, kinds = SeededEntropy(b"noise"), 0, []
    while waiting:
        to, message = waiting.pop(0)
        if isinstance(message, Cells):
            spoilt += len(message.cells)
            message = Cells(
                subject=message.subject, key=message.key, count=message.count, start=message.start,
                cells=noise.take(len(message.cells)),
            )  # fmt: skip
        kinds.append(type(message))
        outcome = machines[to].hear(message)
        (near, far)[to].learn(outcome)
        waiting += [(1 - to, one) for one in outcome.say]
    assert Buckets in kinds
    assert Listed in kinds
    assert 0 < spoilt <= 2_000 * 8
    exchange(near, far)
    assert same(near, far)


def test_endless_cells_are_refused() -> None:
    """Goal: nobody fills memory with symbols. Method: send on without being asked."""
    side = mirrored()
    assert side.machine is not None
    side.machine.hear(digest_of(side, logs=side.machine.digest.logs))
    noise = SeededEntropy(b"noise")
    start = 0

    def send_on() -> None:
        nonlocal start
        for _ in range(100):
            packed = noise.take(12 * 40)
            assert side.machine is not None
            side.machine.hear(
                Cells(subject=Subject.LOOSE, key=bytes(16), count=299, start=start, cells=packed)
            )
            start += 40

    with pytest.raises(OverLimit):
        send_on()


def test_asking_for_cells_without_end_is_refused() -> None:
    """Goal: the same the other way. Method: ask for ever more cells, and for too many at once."""
    side = mirrored()
    assert side.machine is not None
    mine = side.machine.digest
    side.machine.hear(digest_of(side, logs=mine.logs, count=302, lanes=mine.lanes))
    with pytest.raises(OverLimit):
        side.machine.hear(More(subject=Subject.LOOSE, upto=300))
    side.machine.hear(More(subject=Subject.LOOSE, upto=190))
    with pytest.raises(OverLimit):
        side.machine.hear(More(subject=Subject.LOOSE, upto=190))


def test_made_up_elements_are_found_out() -> None:
    """Goal: a sketch of things that do not exist asks for nothing. Method: a peer whose count does not
    fit its cells; the answer is a request for names."""
    near, far = Side(loose=loose(*range(1_000))), Side(loose=loose(*range(5, 1_004)))
    machine, other = near.begin(dialled=True, secret=bytes(32)), far.begin(dialled=False, secret=bytes(32))
    (cells,) = other.hear(machine.digest).say
    machine.hear(other.digest)
    assert isinstance(cells, Cells)
    lying = Cells(subject=cells.subject, key=cells.key, count=cells.count - 1, start=0, cells=cells.cells)
    (answer,) = machine.hear(lying).say
    assert isinstance(answer, (Buckets, More))


@pytest.mark.parametrize("spoilt", [False, True])
def test_what_is_still_under_way_is_passed_over(spoilt: bool) -> None:
    """Goal: a sender that streams is not refused for what it sent before it heard the end. Method: a flight
    in three messages of which the first is enough, or leads nowhere; one cell too many is refused."""
    near, far = Side(loose=loose(*range(1_000))), Side(loose=loose(*range(2, 1_000)))
    machine, other = near.begin(dialled=True, secret=bytes(32)), far.begin(dialled=False, secret=bytes(32))
    (cells,) = other.hear(machine.digest).say
    machine.hear(other.digest)
    assert isinstance(cells, Cells)

    def part(start: int, packed: bytes) -> Cells:
        return Cells(subject=cells.subject, key=cells.key, count=cells.count, start=start, cells=packed)

    first = cells.cells[: 12 * 9]
    if spoilt:
        sketch = Sketch(loose_scheme(cells.key))
        sketch.extend(9, handles_of(near.loose.ids(), cells.key))
        alone = [0]
        sketch.scheme.fill(alone, [5])
        first = sketch.scheme.pack([cell ^ alone[0] for cell in sketch.cells])
    answers = machine.hear(part(0, first)).say
    assert [type(one) for one in answers] == [Buckets if spoilt else Missing]
    assert machine.done is not spoilt
    assert machine.hear(part(9, cells.cells[12 * 9 :][:12])).say == []
    assert machine.hear(part(10, cells.cells[12 * 10 :])).say == []
    with pytest.raises(OverLimit):
        machine.hear(part(len(cells.cells) // 12, bytes(12)))


def test_an_element_that_is_nowhere_is_no_element() -> None:
    """Goal: peeling ends. Method: random cells, then cells that each look pure."""
    scheme = Scheme(bytes(16), 8)
    pure = [0]
    scheme.fill(pure, [12345])
    peeling = Peeling(scheme)
    assert peeling.add(pure * 50, [0] * 50) is State.VAIN
    peeling = Peeling(scheme)
    noise = SeededEntropy(b"noise")
    assert peeling.add(scheme.unpack(noise.take(12 * 1_000)), [0] * 1_000) is not State.DONE
    rest = [0] * 40
    scheme.fill(rest, [1, 2, 3])
    rest[7] ^= 1
    assert Peeling(scheme).add(rest, [0] * 40) is not State.DONE


WRONG: list[tuple[str, Message]] = [
    ("outline of nobody's turn", Outline(names=b"", seqs=(1, 2), tags=bytes(12))),
    ("answer to nothing", Behind(places=(), names=b"", lengths=(), tags=b"")),
    ("rungs of an unknown log", Rungs(rungs=(Rung(name=bytes(6), seq=3, tags=bytes(12)),))),
    ("agreement on nothing", Agreed(names=bytes(6), lengths=(1,))),
    ("more cells of nothing", More(subject=Subject.LOGS, upto=9)),
    ("more loose cells of nothing", More(subject=Subject.LOOSE, upto=9)),
    ("names of nothing", Missing(shorts=bytes(4), last=True)),
    ("buckets of nothing", Buckets(digests=bytes(6))),
    ("a list of nothing", Listed(differing=b"\x80", handles=b"", last=True)),
    ("log cells of nothing", Cells(subject=Subject.LOGS, key=b"", count=1, start=0, cells=bytes(22))),
    ("cells of nothing", Cells(subject=Subject.LOOSE, key=bytes(16), count=1, start=0, cells=bytes(12))),
]


@pytest.mark.parametrize("message", [one for _, one in WRONG], ids=[name for name, _ in WRONG])
@pytest.mark.parametrize("when", ["before", "equal"])
def test_words_out_of_turn_are_refused(message: Message, when: str) -> None:
    """Goal: nobody leads a node into a state it never planned. Method: each message where nothing is
    awaited: before digests, and between equal stores."""
    near, far = (mirrored() for _ in range(2))
    assert near.machine is not None
    assert far.machine is not None
    if when == "equal":
        near.machine.hear(far.machine.digest)
    with pytest.raises(MalformedFrame):
        near.machine.hear(message)


CUT: list[tuple[str, Message]] = [
    ("tags", Outline(names=b"", seqs=(1, 2), tags=bytes(11))),
    ("names", Outline(names=bytes(7), seqs=(1, 2), tags=bytes(12))),
    ("log cells", Cells(subject=Subject.LOGS, key=b"", count=1, start=0, cells=bytes(23))),
    ("gap", Cells(subject=Subject.LOGS, key=b"", count=1, start=1, cells=bytes(22))),
    ("loose cells", Cells(subject=Subject.LOOSE, key=bytes(16), count=1, start=0, cells=bytes(13))),
    ("loose gap", Cells(subject=Subject.LOOSE, key=bytes(16), count=1, start=1, cells=bytes(12))),
    ("no key", Cells(subject=Subject.LOOSE, key=b"", count=1, start=0, cells=bytes(12))),
    ("handle", Listed(differing=b"\x80", handles=bytes(9), last=True)),
    ("bitmap", Listed(differing=b"\x80\x00", handles=bytes(8), last=True)),
]


@pytest.mark.parametrize("message", [one for _, one in CUT], ids=[name for name, _ in CUT])
def test_packed_lists_must_fit(message: Message) -> None:
    """Goal: what is packed is checked. Method: lists that are cut off, where they are awaited."""
    side = mirrored()
    assert side.machine is not None
    side.machine.hear(digest_of(side))
    with pytest.raises(MalformedFrame):
        side.machine.hear(message)


def test_more_forks_than_are_searched_are_sent_whole() -> None:
    """Goal: bounded work, and still equal. Method: 70 logs forked at their end, unknown to either."""
    near, far = Side(), Side()
    for number in range(RUNGS_PER_LINK_MAX + 6):
        base = chain(author(number), 3)
        near.trees.take(author(number), [*base, *chain(author(number), 1, after=base[-1])])
        far.trees.take(author(number), [*base, *chain(author(number), 1, branch="b", after=base[-1])])
    carried = settle(near, far)
    assert carried == 2 * RUNGS_PER_LINK_MAX + 2 * 6 * 4


def _twist(dice: random.Random, message: Message) -> Message | None:
    """The same message with some bytes of it changed, if that is a message still."""
    data = bytearray(RECONCILING.encode(message))
    for _ in range(dice.randint(1, 3)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    try:
        changed = RECONCILING.decode(bytes(data))
    except RemoteError:
        return None
    assert isinstance(changed, Message)
    return changed


@given(seed=SEEDS, authors=st.sampled_from([3, 70]))
@settings(max_examples=120, deadline=None)
def test_a_peer_that_lies_is_refused_or_comes_to_an_end(seed: int, authors: int) -> None:
    """Goal: whatever a peer says, this side raises a coded error or stops talking. Method: change messages
    of one side at random, repeat some, and bound how many the other answers."""
    dice = random.Random(seed)
    near, far = grown(seed, authors=authors, forks=True, loose_max=200)
    machines = near.begin(dialled=True, secret=bytes(32)), far.begin(dialled=False, secret=bytes(32))
    waiting: list[tuple[int, Message]] = [(1, machines[0].digest), (0, machines[1].digest)]
    heard = 0
    while waiting:
        to, message = waiting.pop(0)
        if to == 0 and dice.random() < 0.5:
            twisted = _twist(dice, message)
            if twisted is None:
                return
            message = twisted
        if to == 0 and dice.random() < 0.1:
            waiting.insert(0, (0, message))
        try:
            outcome = machines[to].hear(message)
        except RemoteError:
            return
        heard += 1
        assert heard < 60
        for who, seq in outcome.holds.items():
            assert seq >= -1
            assert who in (near, far)[to].trees.logs
        waiting += [(1 - to, one) for one in outcome.say]


def test_no_message_is_larger_than_a_session_carries() -> None:
    """Goal: every message can be sent. Method: the fullest of the packed ones."""
    cells = Cells(subject=Subject.LOGS, key=b"", count=1, start=0, cells=bytes(22 * CELLS_PER_MESSAGE_MAX))
    listed = Listed(differing=bytes(512), handles=bytes(8 * NAMES_PER_MESSAGE_MAX), last=False)
    assert max(len(RECONCILING.encode(one)) for one in (cells, listed)) < MESSAGE_BYTES_MAX


@pytest.mark.parametrize("forgets", [0, 1])
@pytest.mark.parametrize("authors", [3, 80])
def test_a_log_that_is_taken_back_meanwhile_breaks_nothing(forgets: int, authors: int) -> None:
    """Goal: what was spooled and turns out unsound is no bug of the comparison. Method: one side forgets a
    log, or its end, between the digests and what follows; the link ends, or the words do."""
    for left in (0, 1):
        sides = Side(), Side()
        for number in range(authors):
            entries = chain(author(number), 3)
            for side in sides:
                side.trees.take(author(number), entries)
        sides[1 - forgets].trees.take(author(authors), chain(author(authors), 5))
        machines = [
            side.begin(dialled=dialled, secret=bytes(32))
            for side, dialled in zip(sides, (True, False), strict=True)
        ]
        kept = sides[forgets].trees.logs.pop(author(0))
        sides[forgets].trees._levels.pop(author(0))
        sides[forgets].trees._ends.pop(author(0))
        sides[forgets].trees.take(author(0), sorted(kept.values())[:left])
        if not left:
            sides[forgets].trees._levels.pop(author(0), None)
        under_way: list[tuple[int, Message]] = [(1, machines[0].digest), (0, machines[1].digest)]
        said = 0
        try:
            while under_way:
                to, message = under_way.pop(0)
                said += 1
                under_way += [(1 - to, one) for one in machines[to].hear(message).say]
        except RemoteError:
            pass
        assert said > 2
