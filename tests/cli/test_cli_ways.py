"""Which ways are used, and which paths work, as the command line says it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from click.testing import Result

from meshcoal.api.commands import (
    ListReach,
    SetPersonWays,
    SetSaving,
    SetWays,
    ShowData,
    ShowPersonWays,
    ShowWays,
)
from meshcoal.api.views import (
    Advice,
    DataView,
    NextStep,
    PathKind,
    PathView,
    PersonWaysView,
    ReachesView,
    ReachView,
    Reason,
    SavingLevel,
    WaysView,
)
from meshcoal.limits import MIB

ID = b"\x11" * 32
NOW_MS = 1_800_000_000_000
WAYS = WaysView(campaign=ID, only_tor=False, nearby=True)
PERSON = PersonWaysView(
    campaign=b"",
    who=ID,
    name="Ben",
    only_tor=False,
    nearby=True,
    only_tor_by=(),
    apart_by=(),
    campaigns=("Evin",),
)


def told(run: Callable[..., Result], daemon: Any, *words: str, **changes: Any) -> str:
    daemon.answers[ShowWays] = dataclasses.replace(WAYS, **changes)
    result = run("campaign", "ways", "evin", *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_what_holds_is_said_with_whose_choice_it_is(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: nobody wonders why. Method: each reason; each standing of what is recommended."""
    assert told(run, daemon) == "Every way that this machine has.\n"
    assert "you chose so for this campaign" in told(run, daemon, only_tor_by=(Reason.CAMPAIGN,))
    shown = told(run, daemon, only_tor_by=(Reason.MACHINE, Reason.ADVICE), advised_only_tor=True)
    assert "this machine uses Tor alone (`meshcoal paths`) and the organisers recommend it" in shown
    assert "Not on local networks: you chose so for somebody" in told(run, daemon, apart_by=(Reason.PERSON,))
    assert "No plain address of yours is told" in told(run, daemon, only_tor_by=(Reason.PERSON,))
    assert "not followed yet, because Tor is off" in told(run, daemon, advised_only_tor=True)
    assert "You refuse." in told(run, daemon, advised_nearby=False, advice=Advice.REFUSE)
    assert "You follow." in told(run, daemon, advised_nearby=False)
    assert "! Dov is advised to use Tor alone" in told(run, daemon, exposed=("Dov",))


def test_one_choice_leaves_the_others(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: what was not named stays. Method: choose advice alone, then networks alone; what is sent."""
    daemon.answers[SetWays] = WAYS
    told(run, daemon, "--advice", "refuse", only_tor=True)
    told(run, daemon, "--no-nearby", advice=Advice.FOLLOW)
    assert [one for one in daemon.sent if isinstance(one, SetWays)] == [
        SetWays(campaign=ID, only_tor=True, nearby=True, advice=Advice.REFUSE),
        SetWays(campaign=ID, only_tor=False, nearby=False, advice=Advice.FOLLOW),
    ]


def test_a_choice_for_one_person_says_what_others_feel_of_it(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: the consequence is said. Method: a contact, Tor alone; a member, with advice."""
    daemon.answers[ShowPersonWays] = PERSON
    closed = dataclasses.replace(PERSON, only_tor=True, only_tor_by=(Reason.PERSON,))
    daemon.answers[SetPersonWays] = closed
    result = run("contact", "ways", "1111", "tor")
    assert "To Ben: nothing but Tor: you chose so for this person." in result.stdout
    assert "no plain address of yours is told to anybody in Evin" in result.stdout
    refused = run("campaign", "ways", "evin", "--member", "1111", "--advice", "follow")
    assert refused.exit_code == 2


def test_paths_are_said_with_what_to_do(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: who, whether, since when, why, what next. Method: one member; for people and for programs."""
    path = PathView(
        kind=PathKind.ONION,
        known=True,
        open=True,
        up=False,
        worked_ms=NOW_MS - 300_000,
        by_day=False,
        failed_ms=NOW_MS - 60_000,
        code="onion-unreachable",
    )
    reach = ReachView(
        who=ID,
        name="Ben",
        connected=False,
        paths=(path,),
        steps=(NextStep.WAIT, NextStep.STICK),
        next_try_ms=NOW_MS + 30_000,
    )
    daemon.answers[ListReach] = ReachesView(reaches=(reach,))
    lines = run("campaign", "paths", "evin", "ben").stdout.splitlines()
    assert lines[0].startswith("Ben (1111")
    assert lines[1] == "  Over Tor: worked 5 minutes ago; tried in vain 1 minute ago: they are offline."
    assert lines[2] == "  Next: Wait: they are tried again by themselves."
    assert lines[3].startswith("        Carry it to them")
    (one,) = json.loads(run("contact", "paths", "--json").stdout)["reaches"]
    assert (one["steps"], one["paths"][0]["code"]) == (["wait", "stick"], "onion-unreachable")
    daemon.answers[ListReach] = ReachesView(reaches=())
    assert run("contact", "paths").stdout == "Nobody else yet.\n"


def test_data_is_said_with_bars_and_caps_are_read(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: how much is left, and what is spared. Method: each level; sizes as people type them."""
    view = DataView(
        level=SavingLevel.FULL,
        saving=False,
        day_bytes=40 * MIB,
        month_bytes=3 * 1024 * MIB // 2,
        day_bytes_max=50 * MIB,
        month_bytes_max=0,
    )
    daemon.answers[ShowData] = daemon.answers[SetSaving] = view
    shown = run("data").stdout
    assert "Today: [################....] 40.0 MiB of 50.0 MiB" in shown
    assert "This month: 1.5 GiB, no cap" in shown
    assert "Nothing is spared." in shown
    for level, words in (
        (SavingLevel.SAVING, "because a cap is near"),
        (SavingLevel.CAPPED, "no file goes in or out"),
    ):
        daemon.answers[ShowData] = dataclasses.replace(view, level=level)
        assert words in run("data").stdout
    run("data", "save", "--month", "1.5 GiB")
    run("data", "--day", "none")
    assert [one for one in daemon.sent if isinstance(one, SetSaving)] == [
        SetSaving(saving=True, day_bytes_max=50 * MIB, month_bytes_max=3 * 1024 * MIB // 2),
        SetSaving(saving=False, day_bytes_max=0, month_bytes_max=0),
    ]
    for wrong in ("0", "much", "99999999999 GiB"):
        assert run("data", "--day", wrong).exit_code == 2
