"""Whom to ask: who has not signed, what is known of each, and what to send."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

sys.path.insert(0, str(Path(__file__).parent))

from conftest import ID, NOW_MS, build

from meshcoal.api.commands import ShowHolders, ShowStatement
from meshcoal.api.views import HeldProof, HoldersView, HolderView, StatementPhase, StatementView
from meshcoal.clock import DAY_MS, HOUR_MS


def holder(name: str, lacking: int, **changes: Any) -> HolderView:
    base = HolderView(
        author=ID,
        name=name,
        me=False,
        proof=HeldProof.NONE if lacking else HeldProof.SAID,
        lacking=lacking,
        connected=False,
        last_seen_ms=NOW_MS - 2 * DAY_MS,
        wrote_ms=-1,
    )
    return dataclasses.replace(base, **changes)


def letter(phase: StatementPhase = StatementPhase.OPEN, **changes: Any) -> StatementView:
    base: StatementView = build(StatementView, "evin", {StatementPhase: phase})
    revision = dataclasses.replace(base.revisions[0], frozen=True)
    values: dict[str, Any] = {
        "title": "Free Dr. Haddad",
        "revisions": (revision,),
        "unsigned": ("Ben", "Chi", "Dov"),
        "lapsed": ("Chi",),
        "agreed": ("Dov",),
        "requests": (),
        "version": 2,
        "deadline_ms": NOW_MS + HOUR_MS,
        "digest": bytes(32),
        "seal": None,
    }
    view: StatementView = dataclasses.replace(base, **(values | changes))
    return view


def held() -> HoldersView:
    members = (
        holder("Ana", 0, me=True, connected=True),
        holder("Ben", 1),
        holder("Chi", 0, connected=True),
        holder("Dov", 0),
        holder("Eve", 0),
    )
    return HoldersView(
        campaign=ID, operation=ID, author=ID, name="Ana", operations=1, held_by=4, held_of=5, newcomers=0,
        members=members,
    )  # fmt: skip


def test_who_is_waited_for_and_what_to_send(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: an organiser knows whom to call. Method: one of each kind; signed ones are not listed."""
    daemon.answers[ShowStatement] = letter()
    daemon.answers[ShowHolders] = held()
    told = run("statement", "chase", "evin", "evin").stdout
    rows = {line.split()[0]: line for line in told.splitlines() if line.strip()}
    assert "Not signed yet: 3 members." in told
    assert "not known to have it" in rows["Ben"]
    assert "2 days ago" in rows["Ben"]
    assert "signed an earlier version" in rows["Chi"]
    assert "connected" in rows["Chi"]
    assert "agrees that it goes out" in rows["Dov"]
    assert "Ana" not in rows
    assert "Eve" not in rows
    assert "Version 2, digest 0000000000000000." in told
    shown = json.loads(run("statement", "chase", "evin", "evin", "--json").stdout)
    assert [(one["member"], one["has_text"]) for one in shown["waited_for"]] == [
        ("Ben", False),
        ("Chi", True),
        ("Dov", True),
    ]
    assert [(one["lapsed"], one["agrees"]) for one in shown["waited_for"]] == [
        (False, False),
        (True, False),
        (False, True),
    ]


def test_nobody_is_left_to_ask(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: plain words at both ends. Method: all have signed; the letter is a draft."""
    daemon.answers[ShowStatement] = letter(unsigned=())
    daemon.answers[ShowHolders] = held()
    assert "Everybody who could sign has signed." in run("statement", "chase", "evin", "evin").stdout
    daemon.answers[ShowStatement] = letter(StatementPhase.DRAFT)
    refused = run("statement", "chase", "evin", "evin")
    assert refused.exit_code == 1
    assert "wrong-phase" in refused.output
