"""Paths to one person in words: which work, when last, why not, and what to try next.

Law: as `cli.reach`, in the user's language; whole sentences.
"""

from __future__ import annotations

from collections.abc import Callable

from meshcoal.api.views import NextStep, PathKind, PathView, ReachView
from meshcoal.tui.locale import _
from meshcoal.tui.widgets.plain import Styled, name, styled

Moment = Callable[[int], str]


def reach_lines(one: ReachView, moment: Moment, day: Moment) -> Styled:
    """Name and state; each path; then what to try next.

    Args:
        moment, day: put milliseconds into words, the second one without the time of day.
    """
    state = _("connected") if one.connected else _("not connected")
    if not one.connected and one.next_try_ms >= 0:
        state = _("not connected; tried again %(when)s") % {"when": moment(one.next_try_ms)}
    parts: list[tuple[str, str] | str] = [
        ("✓ " if one.connected else "✗ ", "bold"),
        (name(one.name, 40), "bold"),
        (f"  {state}", "dim"),
    ]
    for path in one.paths:
        if path.known or path.worked_ms >= 0:
            words = _over(path.kind) % {"state": _state(path, moment, day)}
            parts.append(("\n    " + words, "" if path.up else "dim"))
    for step in one.steps:
        parts.append("\n    → " + step_words(step))
    return styled(*parts)


def _over(kind: PathKind) -> str:
    match kind:
        case PathKind.PLAIN:
            return _("By a plain address: %(state)s.")
        case PathKind.NEARBY:
            return _("On one network: %(state)s.")
        case PathKind.ONION:
            return _("Over Tor: %(state)s.")
        case PathKind.RELAY:
            return _("By a relay: %(state)s.")
        case PathKind.CARRIED:
            return _("By a stick or paper: %(state)s.")


def _state(path: PathView, moment: Moment, day: Moment) -> str:
    if path.up:
        return _("works now")
    if path.worked_ms < 0:
        worked = _("not so far")
    elif path.by_day:
        worked = _("worked last on %(day)s") % {"day": day(path.worked_ms)}
    else:
        worked = _("worked last %(when)s") % {"when": moment(path.worked_ms)}
    if path.failed_ms >= 0:
        return _("%(worked)s; tried in vain %(when)s: %(why)s") % {
            "worked": worked,
            "when": moment(path.failed_ms),
            "why": why(path.code),
        }
    if not path.open:
        return _("%(worked)s; closed now by your choice, or because Tor is off") % {"worked": worked}
    return worked


def why(code: str) -> str:
    """What an error code of a dial means to a person."""
    match code:
        case "dial-failed":
            return _("nobody answered")
        case "closed" | "link-closed":
            return _("whoever answered hung up")
        case "bad-handshake":
            return _("whoever answered does not know us, or is somebody else")
        case "handshake-timeout":
            return _("somebody answered and then said nothing")
        case "not-authorized":
            return _("somebody else answered")
        case "onion-unreachable":
            return _("they are offline")
        case "onion-key-wrong":
            return _("their address does not take our key")
        case "onion-key-missing":
            return _("their address wants a key that we do not have")
        case "tor-off":
            return _("Tor was not ready")
        case "path-closed":
            return _("it is closed here")
    return name(code, 40)


def step_words(step: NextStep) -> str:
    """What a person can do."""
    match step:
        case NextStep.WAIT:
            return _("Wait: they are tried again by themselves.")
        case NextStep.WAIT_FOR_TOR:
            return _("Wait until Tor is ready.")
        case NextStep.TOR_ON:
            return _("They can be reached through Tor, which is off here: `meshcoal tor on`.")
        case NextStep.THEIR_TOR:
            return _("You use Tor alone, and they are not known to be in it. Ask them to switch it on.")
        case NextStep.OPEN:
            return _("What is known of them is closed here by your choice.")
        case NextStep.ADDRESS:
            return _("No address of theirs is known. Make a new invitation for them.")
        case NextStep.KEY_WRONG:
            return _("They took your key back, or have a new address. Ask them for a new invitation.")
        case NextStep.CUT_OFF:
            return _("You cut them off, because words differed. Meet, and invite each other afresh.")
        case NextStep.NEARBY:
            return _("Meet on one network, both at the same time: `b` on the first screen.")
        case NextStep.NEARBY_GOES_ON:
            return _("You look for them on this network. Ask them to begin, too.")
        case NextStep.RELAY_KEEPS:
            return _("What you write waits at a relay until they look there.")
        case NextStep.RELAY_DOWN:
            return _("None of the campaign's relays answers: `w` on the first screen shows them.")
        case NextStep.ADD_RELAY:
            return _("Add a relay that keeps what you write for them.")
        case NextStep.STICK:
            return _("Carry it to them on a stick (`w` in the campaign) or on paper.")
        case NextStep.ASK:
            return _("Long no sign of them: ask by another way whether their device is on.")
