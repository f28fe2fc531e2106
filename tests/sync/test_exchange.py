"""Catch-up over one link: everything arrives, nothing twice, and never too far ahead."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import AUTHORS_MAX, RUN_OPERATIONS_MAX, RUNS_IN_FLIGHT_MAX
from meshcoal.log.changes import Change, PutOperation
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sync import exchange
from meshcoal.sync.exchange import Exchange
from meshcoal.wire.frames import Frontier, Held, Message, Run, Taken, Want

CAMPAIGN = CampaignId(bytes(32))


def author(number: int) -> AuthorId:
    return AuthorId(hashlib.sha256(b"author %d" % number).digest())


def encoded(who: AuthorId, seq: int) -> bytes:
    return b"operation" + who + seq.to_bytes(8, "big")


def place_of(data: bytes) -> tuple[AuthorId, int]:
    return AuthorId(data[9:41]), int.from_bytes(data[41:], "big")


def identifier(who: AuthorId, seq: int) -> OperationId:
    return OperationId(hashlib.sha256(encoded(who, seq)).digest())


def entry(who: AuthorId, seq: int) -> Held:
    """What whoever holds this log up to here says of it."""
    return Held(author=who, seq=seq, mark=identifier(who, seq)[:16])


def unpacked(operations: Iterable[bytes]) -> bytes | None:
    """These operations are none that could be packed."""
    return None


class Logs(dict[AuthorId, tuple[int, OperationId]]):
    """Holdings without forks."""

    def authors(self) -> list[AuthorId]:
        return sorted(self)

    def top(self, author: AuthorId) -> int:
        return self.get(author, (-1, b""))[0]

    def mark(self, author: AuthorId, seq: int) -> bytes:
        assert 0 <= seq <= self.top(author), "only what is held has a mark"
        return identifier(author, seq)[:16]

    def agreed(self, author: AuthorId) -> int:
        return -1

    def operations_at(self, author: AuthorId, seq: int) -> tuple[OperationId, ...]:
        return (identifier(author, seq),) if 0 <= seq <= self.top(author) else ()


class Side:
    """One node's half: a disk, an exchange, and what the node around it does with messages."""

    def __init__(self) -> None:
        self.disk = MemoryDisk()
        self.mine = Logs()
        self.received: Counter[bytes] = Counter()
        self.refused = 0
        self.exchange = Exchange(CAMPAIGN, self.disk.reader, packing=unpacked)
        self.now_ms = 0

    def connect(self) -> list[Message]:
        self.exchange = Exchange(CAMPAIGN, self.disk.reader, packing=unpacked)
        return self.exchange.announce(self.mine, whole=True)

    def put(self, who: AuthorId, seq: int) -> Change:
        data = encoded(who, seq)
        self.mine[who] = (seq, identifier(who, seq))
        return PutOperation(
            campaign=CAMPAIGN,
            id=identifier(who, seq),
            author=who,
            seq=seq,
            depth=seq,
            context=0,
            kind=16,
            epoch=OperationId(bytes(32)),  # type: ignore[arg-type]
            encoded=data,
            opened=True,
        )

    def write(self, who: AuthorId, count: int = 1) -> list[Message]:
        """Write in a step of its own; pushed before the step is on disk, as the node does."""
        said, changes = [], []
        for _ in range(count):
            seq = self.mine.get(who, (-1, b""))[0] + 1
            changes.append(self.put(who, seq))
            said += self.exchange.push(encoded(who, seq), who, seq)
        self.disk.commit(changes)
        return said

    def hear(self, message: Message) -> list[Message]:
        match message:
            case Frontier():
                return self.exchange.on_frontier(message, self.mine)
            case Taken():
                return self.exchange.on_taken(message)
            case Want():
                return self.exchange.on_want(message, self.mine)
            case Run():
                return self.take(message)
        raise AssertionError("nothing else is said")

    def take(self, run: Run) -> list[Message]:
        changes, waiting = [], False
        for data in run.operations:
            self.received[data] += 1
            who, seq = place_of(data)
            held = self.mine.get(who, (-1, b""))[0]
            if seq == held + 1:
                changes.append(self.put(who, seq))
                self.exchange.note_held(who, seq)
            elif seq > held:
                waiting = True
        self.disk.commit(changes)
        answers = self.exchange.on_stored(len(changes))
        return answers + (self.exchange.want(self.mine, self.now_ms) if waiting else [])

    def seqs(self) -> dict[AuthorId, int]:
        return {who: seq for who, (seq, _) in self.mine.items()}


def settle(ana: Side, ben: Side, first: tuple[Sequence[Message], Sequence[Message]], *, cut: int = -1) -> int:
    """Deliver both ways until nobody has more to say, or until `cut` messages have passed."""
    queues = [list(first[0]), list(first[1])]
    sides = (ana, ben)
    passed = 0
    for _ in range(100_000):
        for index in (0, 1):
            if queues[index]:
                if passed == cut:
                    return passed
                passed += 1
                queues[1 - index] += sides[1 - index].hear(queues[index].pop(0))
        if not any(queues):
            for index in (0, 1):
                queues[index] += sides[index].exchange.pump()
            if not any(queues):
                return passed
    raise AssertionError("they never come to rest")


def test_two_who_hold_different_things_end_equal_and_nothing_goes_twice() -> None:
    """Goal: the calm case. Method: each has an author of their own and a shared one; runs of every size."""
    ana, ben = Side(), Side()
    ana.write(author(1), 1_300)
    ben.write(author(2), 3)
    for side, count in ((ana, 10), (ben, 700)):
        side.write(author(3), count)
    settle(ana, ben, (ana.connect(), ben.connect()))
    assert ana.seqs() == ben.seqs() == {author(1): 1_299, author(2): 2, author(3): 699}
    assert max([*ana.received.values(), *ben.received.values()]) == 1
    assert sum(ben.received.values()) == 1_300


def test_what_is_written_while_connected_goes_at_once_and_once() -> None:
    """Goal: live push. Method: ten writes by turns after both are level; nobody has anything left to pump."""
    ana, ben = Side(), Side()
    settle(ana, ben, (ana.connect(), ben.connect()))
    for number in range(10):
        said = (ana if number % 2 else ben).write(author(number % 2))
        assert len(said) == 1
        settle(ana, ben, (said, ()) if number % 2 else ((), said))
    assert ana.seqs() == ben.seqs()
    assert set(ana.received.values()) | set(ben.received.values()) == {1}


def test_what_is_written_while_the_peer_is_behind_is_not_lost() -> None:
    """Goal: the rule of what is skipped. Method: write between the last read and the step's commit."""
    ana, ben = Side(), Side()
    ana.write(author(1), RUN_OPERATIONS_MAX * RUNS_IN_FLIGHT_MAX + 1)
    hello = ben.connect()
    ana.connect()
    runs = ana.hear(hello[0])
    assert len(runs) == RUNS_IN_FLIGHT_MAX
    assert ana.write(author(1)) == [], "left to the pump"
    settle(ana, ben, (runs, ()))
    assert ben.seqs() == ana.seqs()
    assert max(ben.received.values()) == 1


def test_the_step_in_progress_is_looked_for_again() -> None:
    """Goal: what the reader does not show yet is pumped later. Method: skip, pump dry, commit, pump."""
    ana = Side()
    ana.connect()
    assert ana.hear(Frontier(whole=True, held=())) == []
    ana.exchange._behind = True  # as it is between a whole frontier and the first empty read
    change = ana.put(author(1), 0)
    assert ana.exchange.push(encoded(author(1), 0), author(1), 0) == []
    assert ana.exchange.pump() == []
    assert ana.exchange.stalled
    ana.disk.commit([change])
    (run,) = ana.exchange.pump()
    assert run == Run(operations=(encoded(author(1), 0),))
    assert ana.exchange.pump() == []
    assert not ana.exchange.stalled


def test_a_slow_peer_is_sent_no_more_than_it_takes() -> None:
    """Goal: flow control. Method: never answer; then answer one by one; then claim too much."""
    ana, ben = Side(), Side()
    ana.write(author(1), RUN_OPERATIONS_MAX * 10)
    ana.connect()
    assert len(ana.hear(ben.connect()[0])) == RUNS_IN_FLIGHT_MAX
    assert ana.exchange.pump() == []
    assert len(ana.hear(Taken(runs=1))) == 1
    assert ana.hear(Taken(runs=1)) == []
    assert ana.hear(Taken(runs=0)) == []
    assert len(ana.hear(Taken(runs=2**62))) == RUNS_IN_FLIGHT_MAX
    for _ in range(5):
        assert len(ana.hear(Frontier(whole=True, held=()))) == 0, "asking again makes no more room"
        assert len(ana.hear(Want(held=()))) == 0


def test_a_live_peer_that_takes_nothing_counts_as_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: pushes are bounded too. Method: a small bound; push past it; then the peer wakes up."""
    monkeypatch.setattr(exchange, "_LIVE_IN_FLIGHT_MAX", 5)
    ana, ben = Side(), Side()
    settle(ana, ben, (ana.connect(), ben.connect()))
    said: list[Message] = []
    for _ in range(20):
        said += ana.write(author(1))
    assert len(said) == 5
    settle(ana, ben, (said, ()))
    assert ben.seqs() == ana.seqs()


def test_the_past_of_what_cannot_be_taken_in_is_asked_for_ever_more_seldom() -> None:
    """Goal: a gap is asked for. Method: runs from the middle of a log, at once and up to three seconds on."""
    ana, ben = Side(), Side()
    ana.write(author(1), 5)
    ana.connect()
    ben.connect()
    (taken, want) = ben.hear(Run(operations=(encoded(author(1), 4),)))
    assert taken == Taken(runs=1)
    assert want == Want(held=())
    assert ben.hear(Run(operations=(encoded(author(1), 3),))) == [Taken(runs=2)]
    ben.now_ms = 1_000
    assert len(ben.hear(Run(operations=(encoded(author(1), 3),)))) == 2
    ben.now_ms = 2_000
    assert len(ben.hear(Run(operations=(encoded(author(1), 3),)))) == 1
    ben.now_ms = 3_000
    assert len(ben.hear(Run(operations=(encoded(author(1), 3),)))) == 2
    ana.hear(Frontier(whole=True, held=(entry(author(1), 4),)))
    settle(ana, ben, ((), [want]))
    assert ben.seqs() == ana.seqs()


def test_lone_new_operations_are_acknowledged_with_the_next_announcement() -> None:
    """Goal: no frame of its own for each. Method: some, then an announcement; some, then a gap; many."""
    ben = Side()
    ben.connect()
    assert [ben.exchange.on_stored(1, lone=True) for _ in range(3)] == [[], [], []]
    ben.put(author(1), 0)
    told = ben.exchange.announce(ben.mine, authors=[author(1)])
    assert told == [Taken(runs=3), Frontier(whole=False, held=(entry(author(1), 0),))]
    assert ben.exchange.announce(ben.mine, authors=[author(1)]) == []
    assert ben.exchange.on_stored(1, lone=True) == []
    assert ben.exchange.want(ben.mine, 0)[0] == Taken(runs=4)
    said = [ben.exchange.on_stored(1, lone=True) for _ in range(exchange._OWED_MAX)]
    assert said[:-1] == [[]] * (exchange._OWED_MAX - 1)
    assert said[-1] == [Taken(runs=4 + exchange._OWED_MAX)]
    assert ben.exchange.on_stored(2) == [Taken(runs=5 + exchange._OWED_MAX)]


def test_what_a_peer_lacks_of_one_log_is_supplied_in_one_run() -> None:
    """Goal: a gap is filled by what is behind it, and no more. Method: a short gap, a long one, none."""
    ana, ben = Side(), Side()
    settle(ana, ben, (ana.connect(), ben.connect()))
    ana.write(author(1), 5)
    ana.write(author(2), 3)
    (run,) = ana.exchange.supply(ana.mine, author(1), 1)
    assert isinstance(run, Run)
    assert [place_of(one) for one in run.operations] == [(author(1), seq) for seq in (2, 3, 4)]
    assert ana.exchange.supply(ana.mine, author(1), 4) == []
    assert ana.exchange.supply(ana.mine, author(3), -1) == []
    settle(ana, ben, (ana.write(author(4), 2 * RUN_OPERATIONS_MAX), ()))
    (run,) = ana.exchange.supply(ana.mine, author(4), -1)
    assert isinstance(run, Run)
    assert len(run.operations) == RUN_OPERATIONS_MAX


def test_who_asks_without_end_is_not_supplied_without_end() -> None:
    """Goal: what waits for a peer is bounded. Method: it asks, and says of no run that it took it."""
    ana, ben = Side(), Side()
    settle(ana, ben, (ana.connect(), ben.connect()))
    ana.write(author(1), 2)
    supplied = [run for _ in range(1_000) for run in ana.exchange.supply(ana.mine, author(1), -1)]
    assert 16 < len(supplied) < 200
    ana.hear(Taken(runs=10))
    assert len(ana.exchange.supply(ana.mine, author(1), -1)) == 1


def test_a_peer_that_is_not_known_to_lack_it_is_told_later() -> None:
    """Goal: few frontiers. Method: one author pushed, one that the peer announced, one that it lacks."""
    ana = Side()
    ana.connect()
    ana.hear(Frontier(whole=True, held=(entry(author(2), 0),)))
    settle(ana, Side(), ([], []))
    ana.write(author(1))
    ana.disk.commit([ana.put(author(2), 0)])
    lacking = [author(1), author(2)]
    assert ana.exchange.announce(ana.mine, authors=lacking, lacking_only=True) == []
    ana.disk.commit([ana.put(author(3), 0)])
    (told,) = ana.exchange.announce(ana.mine, authors=[*lacking, author(3)], lacking_only=True)
    assert told == Frontier(whole=False, held=(entry(author(3), 0),))
    (all_told,) = ana.exchange.announce(ana.mine)
    assert isinstance(all_told, Frontier)
    assert {AuthorId(one.author) for one in all_told.held} == {author(1), author(2)}


def test_where_all_pass_on_what_they_have_a_peer_must_ask() -> None:
    """Goal: a newcomer gets the past from one, not from all. Method: a first frontier, then a request."""
    ana = Side()
    ana.write(author(1), 3)
    ana.connect()
    assert ana.exchange.on_frontier(Frontier(whole=True, held=()), ana.mine, relayed=True) == []
    assert not ana.exchange.stalled
    assert [type(one) for one in ana.write(author(2))] == [Run]
    (run,) = ana.hear(Want(held=()))
    assert isinstance(run, Run)
    assert len(run.operations) == 4


def test_only_what_changed_is_announced() -> None:
    """Goal: small frontiers. Method: announce, write, announce, announce; then to a new peer."""
    ana = Side()
    ana.write(author(1), 2)
    assert ana.connect() == [Frontier(whole=True, held=(entry(author(1), 1),))]
    assert ana.exchange.announce(ana.mine) == []
    ana.write(author(2))
    assert ana.exchange.announce(ana.mine) == [Frontier(whole=False, held=(entry(author(2), 0),))]
    assert ana.exchange.announce(ana.mine) == []
    assert Side().connect() == [Frontier(whole=True, held=())]


def test_lacking_and_expected_count_what_the_peer_has_more() -> None:
    """Goal: progress rests on true numbers. Method: a peer ahead with one author, behind with another."""
    ana = Side()
    ana.write(author(1), 3)
    ana.connect()
    held = (entry(author(1), 1), entry(author(2), 6))
    ana.hear(Frontier(whole=False, held=held))
    assert ana.exchange.lacking(ana.mine) == [author(2)]
    assert (ana.exchange.expected, ana.exchange.arrived) == (7, 0)
    ana.hear(Run(operations=(encoded(author(2), 0), encoded(author(2), 1))))
    assert (ana.exchange.expected, ana.exchange.arrived) == (7, 2)


def test_more_authors_than_are_kept_end_no_step() -> None:
    """Goal: bounded memory, whatever a peer names. Method: twice the bound; my own log beyond it."""
    ana = Side()
    ana.connect()
    for part in range(2):
        numbers = range(part * AUTHORS_MAX, (part + 1) * AUTHORS_MAX)
        ana.hear(Frontier(whole=False, held=tuple([entry(author(n), n) for n in numbers])))
    assert len(ana.exchange.theirs) == AUTHORS_MAX
    mine = Logs({author(n): (0, identifier(author(n), 0)) for n in range(AUTHORS_MAX + 5)})
    (frontier,) = Exchange(CAMPAIGN, ana.disk.reader, packing=unpacked).announce(mine, whole=True)
    assert isinstance(frontier, Frontier)
    assert len(frontier.held) == AUTHORS_MAX
    (want,) = ana.exchange.want(mine, 5_000)
    assert isinstance(want, Want)
    assert len(want.held) == AUTHORS_MAX


@settings(max_examples=60, deadline=None)
@given(
    writes=st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(1, 40)), max_size=8),
    cuts=st.lists(st.integers(0, 12), max_size=5),
)
def test_links_cut_anywhere_lose_nothing(writes: list[tuple[bool, int, int]], cuts: list[int]) -> None:
    """Goal: convergence. Method: random logs; links that end after some messages; then one that lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "RUN_OPERATIONS_MAX", 7)
        ana, ben = Side(), Side()
        for to_ana, number, count in writes:
            # An author writes at one node only: two at one place would be a fork.
            (ana if to_ana else ben).write(author(number + (10 if to_ana else 0)), count)
        for cut in cuts:
            settle(ana, ben, (ana.connect(), ben.connect()), cut=cut)
            ana.write(author(50))
        settle(ana, ben, (ana.connect(), ben.connect()))
        assert ana.seqs() == ben.seqs()
