"""Who holds what, what is missing and who keeps it back, as the command line says it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from click.testing import Result

from meshcoal.api.commands import GetStatus, ShowCampaign, ShowHolders
from meshcoal.api.views import (
    CampaignView,
    CatchingUpView,
    HeldProof,
    HoldersView,
    HolderView,
    ShownBy,
    StatusView,
    WaitView,
    WithheldView,
)
from meshcoal.clock import DAY_MS, HOUR_MS

ID = bytes([0x11]) * 32
NOW_MS = 1_800_000_000_000


def holder(name: str, proof: HeldProof, **changes: Any) -> HolderView:
    base = HolderView(
        author=ID,
        name=name,
        me=False,
        proof=proof,
        lacking=int(proof is HeldProof.NONE),
        connected=False,
        last_seen_ms=NOW_MS - 2 * DAY_MS,
        wrote_ms=-1,
    )
    return dataclasses.replace(base, **changes)


def test_holders_are_named_with_what_shows_it(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: "not yet by one who has been offline for 2 days". Method: each kind of proof, text and JSON."""
    daemon.answers[ShowHolders] = HoldersView(
        campaign=ID,
        operation=ID,
        author=ID,
        name="Ben",
        operations=1,
        held_by=3,
        held_of=4,
        newcomers=1,
        members=(
            holder("Ana", HeldProof.ME, me=True, connected=True),
            holder("Ben", HeldProof.AUTHOR, connected=True),
            holder("Chi", HeldProof.CITED, last_seen_ms=-1, wrote_ms=NOW_MS - HOUR_MS),
            holder("Dov", HeldProof.NONE),
        ),
    )
    told = run("message", "show", "evin", "evin", "1111").stdout
    assert "Held by 3 of 4." in told
    rows = {line.split()[0]: line for line in told.splitlines() if line}
    assert "wrote it" in rows["Ben"]
    assert "connected" in rows["Ben"]
    assert "has written since" in rows["Chi"]
    assert "never" in rows["Chi"]
    assert "nothing shows it yet" in rows["Dov"]
    assert "2 days ago" in rows["Dov"]
    assert "Not counted: 1 member who came later" in told
    shown = json.loads(run("message", "show", "evin", "evin", "1111", "--json").stdout)
    assert [(one["name"], one["proof"], one["lacking"]) for one in shown["members"]] == [
        ("Ana", "me", 0),
        ("Ben", "author", 0),
        ("Chi", "cited", 0),
        ("Dov", "none", 1),
    ]


def test_what_waits_and_who_keeps_back_is_said(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nothing disappears in silence. Method: a wait, a certainty and a suspicion in one campaign."""
    view: CampaignView = build_view(CampaignView, "evin")
    certain = WithheldView(
        peer=ID,
        peer_name="Mal",
        author=ID,
        name="Ben",
        count=3,
        shown_by=ShownBy.SAID,
        certain=True,
        since_ms=NOW_MS - HOUR_MS,
        came_ms=NOW_MS - HOUR_MS // 2,
    )
    suspected = dataclasses.replace(
        certain, peer_name="Dov", shown_by=ShownBy.SENT, certain=False, came_ms=-1, name="", author=b""
    )
    wait = WaitView(author=ID, name="Chi", operations=2, since_ms=NOW_MS - HOUR_MS, cited_by=("Ben", "Eli"))
    daemon.answers[ShowCampaign] = dataclasses.replace(
        view,
        waits=(wait,),
        withheld=(certain, suspected),
        catching_up=CatchingUpView(coming=1_500, taken=500),
    )
    told = run("campaign", "show", "evin").stdout
    assert "2 entries by Ben, Eli for something before them by Chi that nobody sent yet" in told
    assert "noticed 1 hour ago" in told
    assert "! Mal's device keeps back 3 entries of Ben: it says that it has them." in told
    assert "it came another way 30 minutes ago" in told
    assert "! Dov's device may keep back 3 entries: it sends what stands behind them." in told
    assert "A broken device does the same" in told
    assert "Catching up: 25 %, 1,500 to come, 0 here to be read in" in told


def test_status_says_how_far_catching_up_is(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: a bar that tells the truth. Method: under way, and done."""
    view: StatusView = build_view(StatusView, "evin")
    under_way = CatchingUpView(coming=19_700, waiting=8_000, taken=12_300)
    daemon.answers[GetStatus] = dataclasses.replace(view, catching_up=under_way)
    assert "Catching up: 30 %, 19,700 to come, 8,000 here to be read in" in run("status").stdout
    daemon.answers[GetStatus] = dataclasses.replace(view, catching_up=CatchingUpView(taken=40_000))
    assert "Catching up" not in run("status").stdout
