"""The DAG: who had seen what, from memory and from the disk alike."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.errors import MalformedOperation
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import PARENTS_MAX, PENDING_OPERATIONS_MAX, RUN_OPERATIONS_MAX
from meshcoal.log.dag import Dag
from meshcoal.log.dag import past_of as past_of_one
from meshcoal.wire.operation import CONTROL_KINDS, Kind, Operation

sys.path.insert(0, str(Path(__file__).parent))

from logwork import Log, author, create, in_causal_order, logs, operation, past_of, trees


@settings(max_examples=150, deadline=None)
@given(drawn=logs())
def test_contexts_are_the_control_operations_of_the_past(drawn: tuple[Log, list[Operation]]) -> None:
    """Goal: membership is judged by the true past. Method: random DAGs against a brute-force closure."""
    log, written = drawn
    past = past_of(written)
    controls = {one.id for one in written if one.header.kind in CONTROL_KINDS}
    for one in written:
        place = log.dag.place(one.id)
        assert place is not None
        expected = sum(1 << log.dag.control_number(other) for other in past[one.id] & controls)
        assert log.dag.context_bits(place.context) == expected
        depths = [log.dag.place(other) for other in past[one.id]]
        assert place.depth == 1 + max([other.depth for other in depths if other], default=-1)
        assert (place.author, place.seq) == (one.header.author, one.header.seq)


@settings(max_examples=150, deadline=None)
@given(drawn=logs())
def test_heads_are_what_nobody_cites(drawn: tuple[Log, list[Operation]]) -> None:
    """Goal: heads and frontier. Method: random DAGs against all citations."""
    log, written = drawn
    cited = {parent for one in written for parent in (*one.header.parents, one.header.backlink)}
    assert log.dag.heads == tuple(sorted(one.id for one in written if one.id not in cited))
    for one in written:
        assert log.dag.holds(one.id)
        assert log.dag.operations_at(one.header.author, one.header.seq) == (one.id,)
        assert log.dag.frontier[one.header.author][0] >= one.header.seq
    assert log.dag.operations_at(author(0), 1_000) == ()
    assert log.dag.digest_input() == b"".join(log.dag.heads)


@settings(max_examples=100, deadline=None)
@given(drawn=logs(), data=st.data())
def test_descends_agrees_with_a_walk(drawn: tuple[Log, list[Operation]], data: st.DataObject) -> None:
    """Goal: the bounded walk finds what there is. Method: all pairs with one of them, live and recovered."""
    log, written = drawn
    past = past_of(written)
    chosen = data.draw(st.sampled_from(written))
    for dag in (log.dag, Dag.recover(log.campaign, log.disk.reader)):
        for other in written:
            assert dag.descends(chosen, other.id) == (other.id in past[chosen.id])
        assert not dag.descends(chosen, OperationId(bytes(32)))


@settings(max_examples=100, deadline=None)
@given(drawn=logs())
def test_recovery_gives_the_same_dag(drawn: tuple[Log, list[Operation]]) -> None:
    """Goal: nothing lives in memory alone. Method: compare with a DAG read back; then grow both the same."""
    log, written = drawn
    again = Dag.recover(log.campaign, log.disk.reader)
    assert again.heads == log.dag.heads
    assert again.frontier == log.dag.frontier
    for one in written:
        assert again.place(one.id) == log.dag.place(one.id)
        place = again.place(one.id)
        assert place is not None
        assert again.context_bits(place.context) == log.dag.context_bits(place.context)
    following = log.next(author(9), log.dag.parents_for_next, Kind.ADD)
    assert again.insert(following) == log.dag.insert(following)


def test_another_campaigns_numbers_do_not_mix() -> None:
    """Goal: two campaigns on one disk. Method: two logs, recovered from the shared disk."""
    first = Log()
    first.take(first.first)
    other = create(b"another")
    second = Log(first.disk, other.campaign)
    second.take(other)
    for log in (first, second):
        log.take(log.next(author(1), log.dag.heads, Kind.ADD))
        again = Dag.recover(log.campaign, log.disk.reader)
        assert again.heads == log.dag.heads
        assert again.frontier == log.dag.frontier


def test_what_is_missing_is_named_once() -> None:
    """Goal: waiting for parents. Method: an operation behind two unknown ones, one of them its backlink."""
    log = Log()
    log.take(log.first)
    unknown, last = OperationId(b"\x01" * 32), OperationId(b"\x02" * 32)
    one = operation(
        author(1), campaign=log.campaign, seq=3, backlink=last, parents=(log.first.id, unknown, last)
    )
    assert set(log.dag.missing(one)) == {unknown, last}
    assert len(log.dag.missing(one)) == 2
    assert log.dag.missing(log.next(author(1), [log.first.id])) == ()


def test_a_twin_is_told_from_a_repeat_and_from_nonsense() -> None:
    """Goal: what may enter. Method: repeats, twins, and backlinks to another place or another author."""
    log = Log()
    log.take(log.first)
    mine = log.next(author(1), [log.first.id])
    log.take(mine)
    follows = log.next(author(1), [log.first.id])
    assert log.dag.check_place(follows)
    log.take(follows)
    assert not log.dag.check_place(mine)
    assert not log.dag.check_place(follows)
    again = operation(author(1), campaign=log.campaign, parents=[log.first.id], body=b"another")
    assert log.dag.check_place(again)
    wrong = operation(author(1), campaign=log.campaign, seq=1, backlink=log.first.id, parents=[log.first.id])
    with pytest.raises(MalformedOperation):
        log.dag.check_place(wrong)
    for seq in (2, 3, 7, 2**40):
        skipping = operation(
            author(1), campaign=log.campaign, seq=seq, backlink=mine.id, parents=[log.first.id]
        )
        with pytest.raises(MalformedOperation):
            log.dag.check_place(skipping)
    log.take(again)
    assert log.dag.operations_at(author(1), 0) == tuple(sorted([mine.id, again.id]))
    assert log.dag.tips(author(1)) == tuple(sorted([follows.id, again.id]))
    assert (log.dag.top(author(1)), log.dag.agreed(author(1))) == (1, -1)


def ends_of(written: Sequence[Operation], who: AuthorId) -> set[OperationId]:
    followed = {one.header.backlink for one in written}
    return {one.id for one in written if one.header.author == who and one.id not in followed}


@settings(max_examples=150, deadline=None)
@given(drawn=trees(), data=st.data())
def test_a_forked_log_is_a_tree_with_its_ends(
    drawn: tuple[Log, list[Operation]], data: st.DataObject
) -> None:
    """Goal: tips, marks and lines are what brute force finds, live, in another order, and recovered."""
    log, written = drawn
    other = Log()
    for one in in_causal_order(written, data.draw(st.permutations(range(len(written))))):
        other.take(one)
    past = past_of(written)
    by_id = {one.id: one for one in written}
    for who in sorted({one.header.author for one in written}):
        own = [one for one in written if one.header.author == who]
        places = [one.header.seq for one in own]
        doubled = [seq for seq in sorted(set(places)) if places.count(seq) > 1]
        for dag in (log.dag, other.dag, Dag.recover(log.campaign, log.disk.reader)):
            assert set(dag.tips(who)) == ends_of(written, who)
            assert dag.top(who) == max(places)
            assert (who in dag.forks) == bool(doubled)
            assert dag.agreed(who) == (doubled[0] - 1 if doubled else -1)
            for seq in range(max(places) + 1):
                assert set(dag.operations_at(who, seq)) == {one.id for one in own if one.header.seq == seq}
                assert dag.mark(who, seq) == log.dag.mark(who, seq)
            for tip in dag.tips(who):
                for one in own:
                    line = {tip}
                    while (last := by_id[min(line, key=lambda at: by_id[at].header.seq)].header).backlink:
                        line.add(OperationId(last.backlink))
                    assert dag.on_line(tip, one.id, who, one.header.seq) == (one.id in line)
            if doubled:
                chosen = data.draw(st.sampled_from(written))
                behind = [by_id[at] for at in sorted(past[chosen.id])]
                expected = ends_of([one for one in behind if one.header.author == who], who)
                known = {at for at in expected if by_id[at].header.seq >= doubled[0]}
                assert set(dag.ends_seen(past_of_one(chosen), who)) == known


def test_equal_marks_mean_equal_logs() -> None:
    """Goal: two who hold different branches notice. Method: all ways to hold parts of one forked log."""
    log = Log()
    log.take(log.first)
    stem = log.next(author(1), [log.first.id])
    log.take(stem)
    twins = [
        operation(
            author(1), campaign=log.campaign, seq=1, backlink=stem.id, parents=[stem.id], body=b"%d" % n
        )
        for n in range(3)
    ]
    marks = []
    for chosen in range(1, 8):
        one = Log()
        one.take(one.first, stem)
        one.take(*[twin for n, twin in enumerate(twins) if chosen >> n & 1])
        marks.append(one.dag.mark(author(1), 1))
    assert len(set(marks)) == 7


def test_i_go_on_with_my_own_branch_and_others_with_what_came_last() -> None:
    """Goal: an honest member with a copied device does not fork again. Method: a longer branch comes in."""
    for me in (author(1), None):
        log = Log()
        log.dag.me = me
        log.take(log.first)
        stem = log.next(author(1), [log.first.id])
        log.take(stem)
        mine = log.next(author(1), [stem.id])
        log.take(mine)
        last = stem
        for seq in (1, 2, 3):
            last = operation(
                author(1), campaign=log.campaign, seq=seq, backlink=last.id, parents=[last.id], body=b"copy"
            )
            log.take(last)
        recovered = Dag.recover(log.campaign, log.disk.reader)
        for dag in (log.dag, recovered):
            assert dag.frontier[author(1)] == ((1, mine.id) if me else (3, last.id))
            assert dag.top(author(1)) == 3


def test_the_heads_cited_are_bounded() -> None:
    """Goal: an operation cites at most so many. Method: more concurrent authors than that; then merge all."""
    log = Log()
    log.take(log.first)
    log.take(*[log.next(author(number), [log.first.id]) for number in range(1, PARENTS_MAX + 6)])
    assert len(log.dag.heads) == PARENTS_MAX + 5
    assert len(log.dag.parents_for_next) == PARENTS_MAX
    log.take(log.next(author(99), log.dag.parents_for_next))
    log.take(log.next(author(99), log.dag.parents_for_next))
    assert len(log.dag.heads) == 1


def test_one_step_may_release_everything_that_waits() -> None:
    """Goal: what the reader does not show yet is remembered. Method: a step of the greatest length."""
    log = Log()
    log.take(log.first)
    step: list[Operation] = []
    last = log.first.id
    for seq in range(PENDING_OPERATIONS_MAX + RUN_OPERATIONS_MAX):
        one = operation(
            author(1), campaign=log.campaign, seq=seq, backlink=last if seq else b"", parents=[last]
        )
        log.dag.insert(one)
        step.append(one)
        last = one.id
    assert all(log.dag.holds(one.id) for one in step)
    assert log.dag.operations_at(author(1), 0) == (step[0].id,)
