"""What to try next where somebody cannot be reached.

Law: follows from what is seen here and chosen here alone. The first is what most likely helps soonest; what
a person must do by hand comes behind what is done for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from meshcoal.api.reaching import STEPS_MAX, NextStep, PathKind, PathView
from meshcoal.clock import DAY_MS
from meshcoal.errors import OnionKeyMissing, OnionKeyWrong, TorOff

LONG_MS: Final = 3 * DAY_MS  # without a sign of somebody: it may be that they cannot, not the path
_KEY_CODES: Final = (OnionKeyMissing.code, OnionKeyWrong.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known of one person and of this machine."""

    now_ms: int
    connected: bool
    refused: bool  # a contact whose words differed
    member: bool  # of the campaign in question, or of any that a contact is in
    tor_on: bool  # it is switched on here; it may not be ready
    nearby_on: bool
    nearby_open: bool
    trying: bool  # they are dialled again by themselves
    paths: Mapping[PathKind, PathView]


def next_steps(at: Situation) -> tuple[NextStep, ...]:
    """At most `STEPS_MAX`, the likeliest first; none for whoever is connected."""
    if at.connected:
        return ()
    if at.refused:
        return (NextStep.CUT_OFF,)
    steps = _by_address(at)
    if at.nearby_open:
        steps.append(NextStep.NEARBY_GOES_ON if at.nearby_on else NextStep.NEARBY)
    if at.member:
        steps.insert(len(steps) - 1 if at.nearby_open else len(steps), _by_relay(at))
        steps.append(NextStep.STICK)
    if _is_long(at):
        steps.insert(0, NextStep.ASK)
    return tuple(steps[:STEPS_MAX])


def _by_address(at: Situation) -> list[NextStep]:
    """What there is to say of plain addresses and of Tor."""
    onion, plain = at.paths[PathKind.ONION], at.paths[PathKind.PLAIN]
    near = at.paths[PathKind.NEARBY]
    steps = []
    if onion.known and not at.tor_on:
        steps.append(NextStep.TOR_ON)
    elif onion.known and onion.code in _KEY_CODES:
        steps.append(NextStep.KEY_WRONG)
    elif onion.known and onion.code == TorOff.code:
        steps.append(NextStep.WAIT_FOR_TOR)
    usable = any(path.known and path.open for path in (onion, plain, near))
    if not (onion.known or plain.known or near.known):
        steps.append(NextStep.ADDRESS)
    elif not usable and at.tor_on:
        steps += [NextStep.THEIR_TOR, NextStep.OPEN]
    elif not usable and not steps:
        steps.append(NextStep.OPEN)
    if usable and at.trying and not steps:
        steps.append(NextStep.WAIT)
    return steps


def _by_relay(at: Situation) -> NextStep:
    relay = at.paths[PathKind.RELAY]
    if not relay.known:
        return NextStep.ADD_RELAY
    return NextStep.RELAY_KEEPS if relay.up else NextStep.RELAY_DOWN


def _is_long(at: Situation) -> bool:
    """Whether there was a sign of them once, and none for long; every path says so."""
    worked_ms = max(path.worked_ms for path in at.paths.values())
    return 0 <= worked_ms < at.now_ms - LONG_MS
