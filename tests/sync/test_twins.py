"""Catch-up where authors wrote twice at one place: both sides end with everything, and come to rest."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.sync import exchange
from meshcoal.sync.exchange import Exchange
from meshcoal.wire.frames import Frontier, Held, Message, Run, Taken, Want
from meshcoal.wire.operation import Operation, decode_operation

sys.path.insert(0, str(Path(__file__).parent.parent / "log"))

from logwork import Log, author, in_causal_order, operation, trees


def unpacked(operations: Iterable[bytes]) -> bytes | None:
    """What is counted here are operations; packing has tests of its own."""
    return None


class Side:
    """One node's half, over a real DAG."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.log = Log()
        self.held: dict[bytes, Operation] = {}
        self.received: Counter[bytes] = Counter()
        for one in operations:
            self.log.take(one)
            self.held[one.id] = one
        self.changed = False
        self.now_ms = 0
        self.exchange = Exchange(self.log.campaign, self.log.disk.reader, packing=unpacked)

    def connect(self) -> list[Message]:
        self.exchange = Exchange(self.log.campaign, self.log.disk.reader, packing=unpacked)
        return self.exchange.announce(self.log.dag, whole=True)

    def hear(self, message: Message) -> list[Message]:
        match message:
            case Frontier():
                return self.exchange.on_frontier(message, self.log.dag)
            case Taken():
                return self.exchange.on_taken(message)
            case Want():
                return self.exchange.on_want(message, self.log.dag)
            case Run():
                return self.take(message)
        raise AssertionError("nothing else is said")

    def take(self, run: Run) -> list[Message]:
        taken, waiting = 0, False
        for encoded in run.operations:
            self.received[encoded] += 1
            one = decode_operation(encoded)
            if self.log.dag.missing(one):
                waiting = True
            elif self.log.dag.check_place(one):
                self.log.take(one)
                self.held[one.id] = one
                self.exchange.note_held(one.header.author, one.header.seq)
                taken += 1
        self.changed = self.changed or taken > 0
        said = self.exchange.on_stored(taken)
        return said + (self.exchange.want(self.log.dag, self.now_ms) if waiting else [])

    def rest(self) -> list[Message]:
        """What a node says a little later: what is new to it, and what is left to send."""
        self.now_ms += 60_000
        said = self.exchange.announce(self.log.dag) if self.changed else []
        self.changed = False
        if self.exchange.lacking(self.log.dag):
            said += self.exchange.want(self.log.dag, self.now_ms)
        return said + self.exchange.pump()


def meet(ana: Side, ben: Side, *, cut: int = -1) -> int:
    """Talk until nobody has more to say, or until `cut` messages have passed; returns how many did."""
    queues = [ana.connect(), ben.connect()]
    sides = (ana, ben)
    passed = 0
    for _ in range(5_000):
        for index in (0, 1):
            if queues[index]:
                if passed == cut:
                    return passed
                passed += 1
                queues[1 - index] += sides[1 - index].hear(queues[index].pop(0))
        if not any(queues):
            queues = [ana.rest(), ben.rest()]
            if not any(queues):
                return passed
    raise AssertionError("they never come to rest")


def chain(behind: Operation, count: int, story: bytes) -> list[Operation]:
    """The author of an operation goes on for a while."""
    made = []
    last = behind
    for _ in range(count):
        last = operation(
            behind.header.author,
            campaign=behind.campaign,
            seq=last.header.seq + 1,
            backlink=last.id,
            parents=[last.id],
            body=story,
        )
        made.append(last)
    return made


@settings(max_examples=200, deadline=None)
@given(drawn=trees(), data=st.data())
def test_both_end_with_all_branches(drawn: tuple[Log, list[Operation]], data: st.DataObject) -> None:
    """Goal: convergence with any forks. Method: two closed parts of a tree; cut links; one that lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "RUN_OPERATIONS_MAX", 3)
        _, written = drawn
        sides = []
        for _ in (0, 1):
            wished = {one.id for one in written if data.draw(st.booleans())}
            part: dict[bytes, Operation] = {}
            for one in written:
                past = [parent for parent in (*one.header.parents, one.header.backlink) if parent]
                if (one.id in wished or not past) and all(parent in part for parent in past):
                    part[one.id] = one
            sides.append(Side(in_causal_order(list(part.values()), list(range(len(part))))))
        ana, ben = sides
        everything = set(ana.held) | set(ben.held)
        for cut in data.draw(st.lists(st.integers(0, 12), max_size=3)):
            meet(ana, ben, cut=cut)
        meet(ana, ben)
        assert set(ana.held) == set(ben.held) == everything
        assert ana.log.dag.heads == ben.log.dag.heads
        assert meet(ana, ben) <= 2, "frontiers, and nothing more to send"


@pytest.mark.parametrize(("mine", "theirs"), [(1, 1), (5, 1), (1, 5), (5, 5), (700, 3)])
def test_two_branches_of_any_length_cross(mine: int, theirs: int) -> None:
    """Goal: equal and unequal lengths. Method: a stem of 40, a branch each; nothing goes three times."""
    first = Log().first
    begin = operation(author(1), campaign=first.campaign, parents=[first.id])
    stem = [first, begin, *chain(begin, 39, b"stem")]
    one, other = chain(stem[-1], mine, b"one"), chain(stem[-1], theirs, b"other")
    ana, ben = Side([*stem, *one]), Side([*stem, *other])
    meet(ana, ben)
    assert len(ana.held) == len(ben.held) == 41 + mine + theirs
    assert max([*ana.received.values(), *ben.received.values()]) <= 2


@pytest.mark.parametrize("low", [0, 1, 7])
@pytest.mark.parametrize(("mine", "theirs"), [(12, 3), (3, 12), (9, 9)])
def test_a_fork_below_the_one_i_know_is_found(low: int, mine: int, theirs: int) -> None:
    """Goal: what one side takes for common need not be. Method: a fork at 8 here, one below there."""
    first = Log().first
    begin = operation(author(1), campaign=first.campaign, parents=[first.id])
    stem = [begin, *chain(begin, 7, b"stem")]
    another = operation(author(1), campaign=first.campaign, parents=[first.id], body=b"from the beginning")
    below = chain(another if low == 0 else stem[low - 1], theirs, b"below")
    ana = Side([first, *stem, *chain(stem[-1], mine, b"one"), *chain(stem[-1], 2, b"other")])
    ben = Side([first, *(([another]) if low == 0 else stem[:low]), *below])
    everything = set(ana.held) | set(ben.held)
    meet(ana, ben)
    assert set(ana.held) == set(ben.held) == everything


def test_a_known_fork_costs_nothing_when_the_author_goes_on() -> None:
    """Goal: an old fork is not sent over again. Method: both know it; its author writes 50 more for one."""
    first = Log().first
    begin = operation(author(1), campaign=first.campaign, parents=[first.id])
    one, other = chain(begin, 30, b"one"), chain(begin, 20, b"other")
    ana, ben = Side([first, begin, *one, *other]), Side([first, begin, *other, *one])
    assert meet(ana, ben) == 2
    for more in chain(one[-1], 50, b"later"):
        ana.log.take(more)
        ana.held[more.id] = more
    meet(ana, ben)
    assert ben.received == {more.encoded: 1 for more in chain(one[-1], 50, b"later")}
    assert not ana.received


def test_whoever_names_false_marks_is_sent_no_more_than_a_stranger_to_the_log() -> None:
    """Goal: a liar gains nothing. Method: a new false mark a hundred times over, on one link."""
    first = Log().first
    begin = operation(author(1), campaign=first.campaign, parents=[first.id])
    ana = Side([first, begin, *chain(begin, 100, b"stem")])
    ana.connect()
    ana.hear(Frontier(whole=True, held=()))
    ana.hear(Taken(runs=100))
    runs = 0
    for number in range(100):
        mark = number.to_bytes(16, "big")
        said = ana.hear(Frontier(whole=False, held=(Held(author=author(1), seq=50, mark=mark),)))
        runs += sum(isinstance(message, Run) for message in said)
        ana.hear(Taken(runs=2**30))
    assert runs <= 1
