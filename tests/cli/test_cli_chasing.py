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

from meshcoal.api.commands import MarkAsked, ShowChase, Way
from meshcoal.api.views import AskedState, AskedView, ChaseView
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.errors import WrongPhase


def asked(name: str, state: AskedState, **changes: Any) -> AskedView:
    base = AskedView(
        author=ID,
        name=name,
        me=False,
        state=state,
        agrees=False,
        decides_for=(),
        connected=False,
        last_seen_ms=NOW_MS - 2 * DAY_MS,
        wrote_ms=-1,
    )
    return dataclasses.replace(base, **changes)


def listed(*people: AskedView, **changes: Any) -> ChaseView:
    base: ChaseView = build(ChaseView, "evin")
    values: dict[str, Any] = {
        "title": "Free Dr. Haddad",
        "asked": people,
        "offices": (),
        "version": 2,
        "deadline_ms": NOW_MS + HOUR_MS,
        "soft_deadline_ms": -1,
        "digest": bytes(32),
        "sealed": False,
    }
    view: ChaseView = dataclasses.replace(base, **(values | changes))
    return view


def test_who_is_waited_for_and_what_to_send(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: an organiser knows whom to call. Method: one of each kind; what is sent names nobody."""
    daemon.answers[ShowChase] = listed(
        asked("Ana", AskedState.REACHED, me=True),
        asked("Ben", AskedState.UNKNOWN),
        asked("Chi", AskedState.EARLIER, connected=True),
        asked("Dov", AskedState.REACHED, agrees=True),
        asked("Eve", AskedState.REACHED, decides_for=("The Centre",)),
        sealed=True,
    )
    told = run("statement", "chase", "evin", "evin").stdout
    rows = {line.split()[0]: line for line in told.splitlines() if line.strip()}
    assert "Not signed yet: 5 members." in told
    assert "You are one of them." in told
    assert "not known to have it" in rows["Ben"]
    assert "2 days ago" in rows["Ben"]
    assert "signed an earlier version" in rows["Chi"]
    assert "connected" in rows["Chi"]
    assert "agrees that it goes out" in rows["Dov"]
    assert "decides for The Centre" in rows["Eve"]
    assert "Ana" not in rows
    assert "signed sealed stands here too" in told
    sent = told[told.index("To send") :]
    assert "Version 2, digest 0000000000000000." in sent
    assert not [name for name in rows if name in ("Ben", "Chi", "Dov", "Eve") and name in sent]
    shown = json.loads(run("statement", "chase", "evin", "evin", "--json").stdout)
    assert [one["state"] for one in shown["asked"]][:3] == ["reached", "unknown", "earlier"]


def test_nobody_is_left_to_ask(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: plain words at both ends. Method: all have signed; the letter is a draft."""
    daemon.answers[ShowChase] = listed()
    assert "Everybody who could sign has signed." in run("statement", "chase", "evin", "evin").stdout
    daemon.answers[ShowChase] = WrongPhase("The letter is not open for signing: there is nobody to ask.")
    refused = run("statement", "chase", "evin", "evin")
    assert refused.exit_code == 1
    assert "wrong-phase" in refused.output


def test_who_was_asked_is_noted_and_shown(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: nobody is pressed twice. Method: note that Ben was asked; read when, by whom and how."""
    people = (asked("Ana", AskedState.REACHED, me=True), asked("Ben", AskedState.REACHED))
    noted = dataclasses.replace(
        people[1], asked_ms=NOW_MS - 2 * HOUR_MS, asked_by="Chi", asked_way=Way.CALL, times=2
    )
    daemon.answers[ShowChase] = listed(*people, may_mark=True)
    daemon.answers[MarkAsked] = listed(people[0], noted, may_mark=True)
    told = run("statement", "chase", "evin", "evin", "--asked", "ben", "--by", "call").stdout
    assert "2 hours ago by Chi, call, 2 times" in told
    assert "better not again: Ben" in told
    assert "--asked MEMBER" in told
    sent = daemon.asked(MarkAsked)
    assert (sent.members, sent.way, sent.again) == ((people[1].author,), Way.CALL, False)
    assert run("statement", "chase", "evin", "evin", "--asked", "zoe").exit_code != 0
