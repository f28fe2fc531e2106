"""What to try next where somebody cannot be reached: a pure function, case by case and for all cases."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.api.reaching import STEPS_MAX, NextStep, PathKind, PathView
from meshcoal.clock import DAY_MS
from meshcoal.node.advice import LONG_MS, Situation, next_steps

NOW_MS = 100 * DAY_MS


def path(kind: PathKind, **fields: object) -> PathView:
    plain = PathView(
        kind=kind, known=False, open=True, up=False, worked_ms=-1, by_day=False, failed_ms=-1, code=""
    )
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]


def situation(*paths: PathView, **fields: object) -> Situation:
    """A member, with Tor and meeting nearby off, of whom only `paths` are known."""
    known = {kind: path(kind) for kind in PathKind}
    known[PathKind.ONION] = path(PathKind.ONION, open=False)
    known |= {one.kind: one for one in paths}
    plain = Situation(
        now_ms=NOW_MS,
        connected=False,
        refused=False,
        member=True,
        tor_on=False,
        nearby_on=False,
        nearby_open=True,
        trying=True,
        paths=known,
    )
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]


PLAIN = path(PathKind.PLAIN, known=True, failed_ms=NOW_MS, code="dial-failed")
ONION = path(PathKind.ONION, known=True, open=True)
CLOSED = path(PathKind.PLAIN, known=True, open=False)
RELAY = path(PathKind.RELAY, known=True, up=True)
BY_HAND = (NextStep.NEARBY, NextStep.STICK)


@pytest.mark.parametrize(
    ("at", "steps"),
    [
        (situation(PLAIN, connected=True), ()),
        (situation(PLAIN, refused=True), (NextStep.CUT_OFF,)),
        (situation(PLAIN), (NextStep.WAIT, NextStep.ADD_RELAY, *BY_HAND)),
        (situation(PLAIN, RELAY), (NextStep.WAIT, NextStep.RELAY_KEEPS, *BY_HAND)),
        (
            situation(PLAIN, dataclasses.replace(RELAY, up=False)),
            (NextStep.WAIT, NextStep.RELAY_DOWN, *BY_HAND),
        ),
        (situation(), (NextStep.ADDRESS, NextStep.ADD_RELAY, *BY_HAND)),
        (situation(member=False), (NextStep.ADDRESS, NextStep.NEARBY)),
        (
            situation(path(PathKind.ONION, known=True, open=False), nearby_on=True),
            (NextStep.TOR_ON, NextStep.ADD_RELAY, NextStep.NEARBY_GOES_ON, NextStep.STICK),
        ),
        (
            situation(CLOSED, tor_on=True, nearby_open=False),
            (NextStep.THEIR_TOR, NextStep.OPEN, NextStep.ADD_RELAY, NextStep.STICK),
        ),
        (
            situation(dataclasses.replace(ONION, code="onion-key-wrong", failed_ms=1), tor_on=True),
            (NextStep.KEY_WRONG, NextStep.ADD_RELAY, *BY_HAND),
        ),
        (
            situation(dataclasses.replace(ONION, code="tor-off", failed_ms=1), tor_on=True),
            (NextStep.WAIT_FOR_TOR, NextStep.ADD_RELAY, *BY_HAND),
        ),
        (
            situation(dataclasses.replace(PLAIN, worked_ms=NOW_MS - LONG_MS - 1), RELAY),
            (NextStep.ASK, NextStep.WAIT, NextStep.RELAY_KEEPS, NextStep.NEARBY),
        ),
        (
            situation(CLOSED, nearby_open=False),
            (NextStep.OPEN, NextStep.ADD_RELAY, NextStep.STICK),
        ),
    ],
)
def test_what_is_advised(at: Situation, steps: tuple[NextStep, ...]) -> None:
    """Goal: the advice fits. Method: one situation each."""
    assert next_steps(at) == steps


def _path(kind: PathKind) -> st.SearchStrategy[PathView]:
    times = st.sampled_from([-1, 0, NOW_MS - 10 * DAY_MS, NOW_MS])
    return st.builds(
        PathView,
        kind=st.just(kind),
        known=st.booleans(),
        open=st.booleans(),
        up=st.booleans(),
        worked_ms=times,
        by_day=st.booleans(),
        failed_ms=times,
        code=st.sampled_from(["", "dial-failed", "onion-key-wrong", "tor-off"]),
    )


@given(
    flags=st.tuples(*[st.booleans()] * 5),
    paths=st.fixed_dictionaries({kind: _path(kind) for kind in PathKind}),
)
def test_whoever_is_not_connected_is_never_without_advice(
    flags: tuple[bool, ...], paths: dict[PathKind, PathView]
) -> None:
    """Goal: nobody is left alone, and nothing is said twice. Method: all situations of members."""
    member, tor_on, nearby_on, nearby_open, trying = flags
    steps = next_steps(
        Situation(
            now_ms=NOW_MS,
            connected=False,
            refused=False,
            member=member,
            tor_on=tor_on,
            nearby_on=nearby_on,
            nearby_open=nearby_open,
            trying=trying,
            paths=paths,
        )
    )
    assert len(steps) <= STEPS_MAX
    assert len(set(steps)) == len(steps)
    assert steps or not member
