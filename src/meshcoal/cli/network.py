"""`meshcoal peers` and `counters`: what the node is doing on the network."""

from __future__ import annotations

import click

from meshcoal.api.commands import GetCounters, ListPeers
from meshcoal.api.views import CountersView, PeersView
from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import ago, say, table, until
from meshcoal.cli.session import Session


@leaf("peers", example="meshcoal peers")
@click.pass_obj
def peers(session: Session) -> None:
    """Show the connections to other people."""
    view = session.ask(ListPeers(), PeersView)
    now_ms = session.now_ms()

    def for_people() -> None:
        if not view.peers:
            say("No connections, and nobody to connect to.")
            return
        table(
            ("NAME", "CAMPAIGN", "STATE", "BY", "LAST ERROR", "NEXT TRY"),
            [
                (
                    one.name,
                    one.campaign_name,
                    f"connected {ago(one.since_ms, now_ms)}" if one.connected else "not connected",
                    f"{one.transport}, {'dialled' if one.dialled else 'accepted'}" if one.connected else "",
                    one.last_error,
                    until(one.next_try_ms, now_ms) if one.next_try_ms >= 0 else "",
                )
                for one in view.peers
            ],
        )

    session.show(view, for_people)


@leaf("counters", example="meshcoal counters --json")
@click.pass_obj
def counters(session: Session) -> None:
    """Show how often each thing was refused.

    The codes are those of docs/reference/errors.md, and a few for traffic.
    """
    view = session.ask(GetCounters(), CountersView)

    def for_people() -> None:
        if not view.counters:
            say("Nothing was counted yet.")
            return
        table(("CODE", "COUNT"), [(one.code, one.count) for one in view.counters])

    session.show(view, for_people)
