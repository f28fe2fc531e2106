"""`meshcoal nearby`: people one knows, on the same network."""

from __future__ import annotations

from typing import Final

import click

from meshcoal.api.commands import ShowNearby, StartNearby, StopNearby, Subscribe
from meshcoal.api.views import Done, NearbyView, NoticeKind
from meshcoal.cli.leaf import branch, yes_option
from meshcoal.cli.output import ago, emit, say, table, until
from meshcoal.cli.session import ENDED, Session
from meshcoal.errors import DaemonUnreachable
from meshcoal.limits import NEARBY_MINUTES_MAX

DEFAULT_MINUTES: Final = 10


@branch("nearby")
def nearby() -> None:
    """People you know on the same network: meet without internet."""


@nearby.command("start", example="meshcoal nearby start\nmeshcoal nearby start --minutes 30 --wait")
@click.option(
    "--minutes",
    type=click.IntRange(1, NEARBY_MINUTES_MAX),
    default=DEFAULT_MINUTES,
    show_default=True,
    help="How long.",
)
@click.option("--wait", is_flag=True, help="Print who is found, until it ends or Ctrl-C.")
@yes_option
@click.pass_obj
def start(session: Session, minutes: int, wait: bool, yes: bool) -> None:
    """Find people you know on this network, and let them find you, for ten minutes.

    Both must do so at about the same time. No internet is needed, nor any address: members of a campaign,
    and whoever holds an invitation of yours, are found by themselves.
    """
    if session.on_terminal() and not yes:
        say(
            "While this lasts, everybody on this network can see that a program on this\n"
            "computer announces something, and so can whoever runs the network. They see no\n"
            "name, and nothing that they could know again another time. Who knows a campaign\n"
            "of yours, former members too, can tell that you are here.",
            err=True,
        )
        session.confirm("Do this here? Type yes", yes=False)
    if wait:
        session.ask(Subscribe(), Done)  # before the start, so that nobody is missed
    view = session.ask(StartNearby(minutes=minutes), NearbyView)
    if not wait:
        session.show(view, lambda: _print(session, view))
        return
    _follow(session, view)


@nearby.command("stop", example="meshcoal nearby stop")
@click.pass_obj
def stop(session: Session) -> None:
    """Be silent on this network at once. Connections that stand go on."""
    view = session.ask(StopNearby(), NearbyView)
    session.show(view, lambda: _print(session, view))


@nearby.command("show", example="meshcoal nearby show")
@click.pass_obj
def show(session: Session) -> None:
    """Show who was found on this network, and how long it goes on."""
    view = session.ask(ShowNearby(), NearbyView)
    session.show(view, lambda: _print(session, view))


def _print(session: Session, view: NearbyView) -> None:
    now_ms = session.now_ms()
    if view.until_ms < 0:
        say("Off. Nothing is announced on this network. Begin with `meshcoal nearby start`.")
        return
    say("On; it ends {when}.", when=until(view.until_ms, now_ms))
    _print_trouble(view)
    if view.found:
        table(
            ("NAME", "CAMPAIGN", "SEEN", "STATE"),
            [
                (
                    one.name,
                    one.campaign_name,
                    ago(one.seen_ms, now_ms),
                    "connected" if one.connected else "not connected",
                )
                for one in view.found
            ],
        )
    else:
        say("Nobody you know so far. The others must begin too: `meshcoal nearby start`.")
    if view.others:
        say("Announced by people you do not know: {count}.", count=view.others)


def _print_trouble(view: NearbyView) -> None:
    if view.trouble:
        say(
            "This network cannot be used [{code}]: is the computer on a WLAN or a cable, and may programs "
            "announce themselves there? It is tried again when the network changes.",
            code=view.trouble,
        )


def _follow(session: Session, view: NearbyView) -> None:
    told: set[tuple[str, str, bool]] = set()
    if not session.as_json:
        _print(session, view)
        told.update((one.name, one.campaign_name, one.connected) for one in view.found)
    else:
        emit(view, compact=True)
    for notice in session.daemon().notices():
        if notice.kind not in (NoticeKind.PEERS, NoticeKind.OVERRUN):
            continue
        seen = session.ask(ShowNearby(), NearbyView)
        if session.as_json:
            emit(seen, compact=True)
        else:
            for one in seen.found:
                key = (one.name, one.campaign_name, one.connected)
                if key not in told:
                    told.add(key)
                    state = "connected" if one.connected else "found, connecting"
                    say(
                        "{name} ({campaign}): {state}", name=one.name, campaign=one.campaign_name, state=state
                    )
        if seen.until_ms < 0:
            return
    raise DaemonUnreachable(ENDED)
