"""When to try a peer again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.limits import DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS
from meshcoal.sync.presence import Attempts


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
