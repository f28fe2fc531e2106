"""`meshcoal contact paths` and `meshcoal campaign paths`: which paths work, and what to try next."""

from __future__ import annotations

from typing import Final

import click

from meshcoal.api.commands import ListReach
from meshcoal.api.views import NextStep, PathKind, PathView, ReachesView, ReachView
from meshcoal.cli.find import find_campaign_id
from meshcoal.cli.leaf import leaf
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import when
from meshcoal.cli.output import ago, say, until
from meshcoal.cli.session import Session
from meshcoal.ids import short

_OVER: Final = {
    PathKind.PLAIN: "By a plain address",
    PathKind.NEARBY: "On one network",
    PathKind.ONION: "Over Tor",
    PathKind.RELAY: "By a relay",
    PathKind.CARRIED: "By a stick or paper",
}
_UNKNOWN: Final = {
    PathKind.PLAIN: "none of theirs is known",
    PathKind.NEARBY: "not seen there",
    PathKind.ONION: "no address of theirs is known",
    PathKind.RELAY: "the campaign has none",
    PathKind.CARRIED: "you share no campaign",
}
# Why a try came to nothing; a code that is not here is shown as it is.
WHY: Final = {
    "dial-failed": "nobody answered",
    "closed": "whoever answered hung up",
    "link-closed": "whoever answered hung up",
    "bad-handshake": "whoever answered does not know us, or is somebody else",
    "handshake-timeout": "somebody answered and then said nothing",
    "not-authorized": "somebody else answered",
    "onion-unreachable": "they are offline",
    "onion-key-wrong": "their address does not take our key",
    "onion-key-missing": "their address wants a key that we do not have",
    "tor-off": "Tor was not ready",
    "path-closed": "it is closed here",
}
STEPS: Final = {
    NextStep.WAIT: "Wait: they are tried again by themselves.",
    NextStep.WAIT_FOR_TOR: "Wait until Tor is ready: `meshcoal tor status`.",
    NextStep.TOR_ON: "They can be reached through Tor, which is off here: `meshcoal tor on`.",
    NextStep.THEIR_TOR: "You use Tor alone, and they are not known to be in it. Ask them to switch it on.",
    NextStep.OPEN: "What is known of them is closed here by your choice: `meshcoal contact ways`, "
    "`meshcoal campaign ways`, `meshcoal paths`.",
    NextStep.ADDRESS: "No address of theirs is known. Make a new invitation: `meshcoal invite make`.",
    NextStep.KEY_WRONG: "They took your key back, or have a new address. Ask them for a new invitation.",
    NextStep.CUT_OFF: "You cut them off, because words differed. Meet, and invite each other afresh.",
    NextStep.NEARBY: "Meet on one network, both at the same time: `meshcoal nearby start`.",
    NextStep.NEARBY_GOES_ON: "You look for them on this network. Ask them to begin, too.",
    NextStep.RELAY_KEEPS: "What you write waits at a relay until they look there.",
    NextStep.RELAY_DOWN: "None of the campaign's relays answers: `meshcoal relay list`.",
    NextStep.ADD_RELAY: "Add a relay that keeps what you write for them: `meshcoal relay add`.",
    NextStep.STICK: "Carry it to them: `meshcoal bundle write` for a stick, `meshcoal paper write`.",
    NextStep.ASK: "Long no sign of them: ask by another way whether their device is on.",
}


@leaf("paths", example="meshcoal contact paths\nmeshcoal contact paths ben --json")
@click.argument("person", required=False)
@click.pass_obj
def contact_paths(session: Session, person: str | None) -> None:
    """Show which paths to the people you know work, when last, and what to try next.

    What was seen in campaigns that you share with them counts as well. This asks nobody and dials nobody.
    """
    _show(session, session.ask(ListReach(), ReachesView), "contact", person)


@leaf("paths", example="meshcoal campaign paths evin\nmeshcoal campaign paths evin ben")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("member", required=False)
@click.pass_obj
def member_paths(session: Session, campaign_name: str, member: str | None) -> None:
    """Show which paths to the members of a campaign work, when last, and what to try next.

    This asks nobody and dials nobody.
    """
    command = ListReach(campaign=find_campaign_id(session, campaign_name))
    _show(session, session.ask(command, ReachesView), "member", member)


def _show(session: Session, view: ReachesView, kind: str, wanted: str | None) -> None:
    if wanted is not None:
        who = pick(kind, wanted, [Thing(one.who, one.name) for one in view.reaches])
        view = ReachesView(reaches=tuple([one for one in view.reaches if one.who == who]))
    now_ms = session.now_ms()

    def for_people() -> None:
        if not view.reaches:
            say("Nobody else yet.")
        for one in view.reaches:
            _print(one, now_ms)

    session.show(view, for_people)


def _print(view: ReachView, now_ms: int) -> None:
    state = "connected" if view.connected else "not connected"
    if view.next_try_ms >= 0:
        state += f", tried again {until(view.next_try_ms, now_ms)}"
    say("{name} ({id}): {state}", name=view.name, id=short(view.who), state=state)
    for path in view.paths:
        say("  {over}: {state}.", over=_OVER[path.kind], state=path_words(path, now_ms))
    for place, step in enumerate(view.steps):
        if place:
            say("        {step}", step=STEPS[step])
        else:
            say("  Next: {step}", step=STEPS[step])


def path_words(path: PathView, now_ms: int) -> str:
    """Whether it works, when last, and why not."""
    if path.up:
        return "works now"
    if path.worked_ms >= 0 and path.by_day:
        words = f"worked last on {when(path.worked_ms)[:10]}"
    elif path.worked_ms >= 0:
        words = f"worked {ago(path.worked_ms, now_ms)}"
    elif path.known:
        words = "not so far"
    else:
        words = _UNKNOWN[path.kind]
    if path.failed_ms >= 0:
        words += f"; tried in vain {ago(path.failed_ms, now_ms)}: {WHY.get(path.code, path.code)}"
    if not path.open and (path.known or path.worked_ms >= 0):
        words += "; closed now by your choice, or because Tor is off"
    return words
