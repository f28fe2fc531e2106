"""Whom to keep a link to, and when to try again."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import AuthorId
from meshcoal.limits import DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS
from meshcoal.sync.presence import FULL_MESH_MAX, Attempts, neighbours


def members(count: int) -> list[AuthorId]:
    return [AuthorId(hashlib.sha256(b"%d" % number).digest()) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, FULL_MESH_MAX, FULL_MESH_MAX + 1, 64, 65, 150, 199, 200])
def test_neighbours_are_mutual_few_and_reach_everybody(count: int) -> None:
    """Goal: one connected graph that both ends agree on. Method: every size class; a walk from the first."""
    active = members(count)
    near = {author: set(neighbours(author, active)) for author in active}
    for author, others in near.items():
        assert author not in others
        assert all(author in near[other] for other in others)
        if count <= FULL_MESH_MAX:
            assert len(others) == count - 1
        else:
            assert len(others) <= 6 * count.bit_length()
    if count > FULL_MESH_MAX:
        assert sum(map(len, near.values())) <= 2 * count * count.bit_length()
    reached, todo = {active[0]}, [active[0]]
    while todo:
        for other in sorted(near[todo.pop()] - reached):
            reached.add(other)
            todo.append(other)
    assert reached == set(active)


@given(st.integers(33, 200), st.integers(0, 199), st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(count: int, place: int, chance: object) -> None:
    """Goal: two nodes with one roster agree. Method: the roster shuffled."""
    active = members(count)
    me = active[place % count]
    shuffled = list(active)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(neighbours(me, active)) == set(neighbours(me, shuffled))


def test_whoever_comes_or_goes_changes_the_links_of_few() -> None:
    """Goal: a join does not set all dialling. Method: add one to 149, and compare."""
    before, after = members(149), members(150)
    changed = [
        one
        for one in before
        if not set(neighbours(one, after)) - {after[-1]} >= set(neighbours(one, before)) - {after[-1]}
    ]
    assert len(changed) < 149 // 4


def test_who_is_not_active_may_turn_to_all() -> None:
    """Goal: total. Method: somebody outside the roster, in a large campaign."""
    active = members(50)
    assert neighbours(AuthorId(bytes(32)), active) == tuple(active)


@given(seed=st.binary(max_size=8), failures=st.integers(1, 40))
def test_back_off_doubles_within_its_bounds_and_starts_over(seed: bytes, failures: int) -> None:
    """Goal: patience, with jitter, up to a minute and a half. Method: any number of failures, any chance."""
    entropy = SeededEntropy(seed)
    attempts = Attempts(next_ms=0, dial=3)
    for number in range(failures):
        attempts.failed("dial-failed", 1_000, entropy)
        base_ms = min(DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS * 2**number)
        assert base_ms // 2 <= attempts.next_ms - 1_000 < base_ms * 3 // 2
        assert attempts.dial is None
        assert attempts.hint == number + 1
    assert attempts.last_error == "dial-failed"
    attempts.succeeded()
    assert (attempts.failures, attempts.last_error) == (0, "")
    attempts.failed("dial-failed", 0, entropy)
    assert attempts.next_ms < DIAL_BACKOFF_MIN_MS * 3 // 2
