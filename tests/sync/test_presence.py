"""When to try a peer again, and at which of its addresses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.limits import DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS
from meshcoal.sync.presence import JOINS_AFTER_MS, RACING_MAX, Attempts

HINTS = ("one", "two", "three", "four")


@given(seed=st.binary(max_size=8), failures=st.integers(1, 40))
def test_back_off_doubles_within_its_bounds_and_starts_over(seed: bytes, failures: int) -> None:
    """Goal: patience, with jitter, up to a minute and a half. Method: any number of failures, any chance."""
    entropy = SeededEntropy(seed)
    attempts = Attempts(next_ms=0)
    for number in range(failures):
        attempts.failed("one", "dial-failed", 1_000, entropy)
        base_ms = min(DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS * 2**number)
        hint, at_ms = attempts.due(("one",), 1_000)
        assert hint == ""
        assert at_ms is not None
        assert base_ms // 2 <= at_ms - 1_000 < base_ms * 3 // 2
        assert attempts.due(("one",), at_ms) == ("one", None)
    assert attempts.last_error == "dial-failed"
    attempts.succeeded("one")
    assert attempts.last_error == ""
    attempts.failed("one", "dial-failed", 0, entropy)
    assert attempts.try_at_ms(("one",)) < DIAL_BACKOFF_MIN_MS * 3 // 2


def test_addresses_join_one_after_the_other_and_no_more_than_three() -> None:
    """Goal: a race, no flood. Method: nothing answers; ask what is due as time goes by."""
    attempts = Attempts(next_ms=100)
    assert attempts.due(HINTS, 0) == ("", 100)
    begun = []
    for dial in range(1, RACING_MAX + 1):
        now_ms = 100 + (dial - 1) * JOINS_AFTER_MS
        hint, _ = attempts.due(HINTS, now_ms)
        begun.append(hint)
        attempts.begin(dial, hint, now_ms)
        assert attempts.due(HINTS, now_ms)[0] == ""
    assert begun == ["one", "two", "three"]
    assert attempts.due(HINTS, 1_000_000) == ("", None)


def test_the_next_address_joins_at_once_where_one_has_failed_and_each_rests_for_itself() -> None:
    """Goal: a dead address costs no time, and delays no other. Method: the first fails at once, twice."""
    entropy = SeededEntropy(b"rest")
    attempts = Attempts(next_ms=0)
    attempts.begin(1, "one", 0)
    del attempts.racing[1]
    attempts.failed("one", "dial-failed", 10, entropy)
    assert attempts.due(HINTS[:2], 10) == ("two", None)
    attempts.begin(2, "two", 10)
    assert not attempts.all_failed(HINTS[:2])
    hint, at_ms = attempts.due(HINTS[:2], 20)
    assert hint == ""
    assert at_ms is not None
    assert at_ms >= 10 + DIAL_BACKOFF_MIN_MS // 2
    del attempts.racing[2]
    attempts.failed("two", "dial-failed", 30, entropy)
    assert attempts.all_failed(HINTS[:2])
    assert not attempts.all_failed(HINTS[:3])


def test_the_address_over_which_the_peer_was_reached_goes_first() -> None:
    """Goal: what worked is tried first. Method: the third wins; its link ends; all wait, then it is due."""
    entropy = SeededEntropy(b"best")
    attempts = Attempts(next_ms=0)
    for dial, hint in enumerate(HINTS[:3], 1):
        attempts.begin(dial, hint, 0)
    assert sorted(attempts.won("three")) == [1, 2, 3]
    assert attempts.racing == {}
    attempts.ended("three", "closed", 1_000, entropy)
    hint, at_ms = attempts.due(HINTS, 1_000)
    assert hint == "", "a link that stood is not followed by a storm"
    assert at_ms is not None
    assert attempts.due(HINTS, at_ms)[0] == "three"
