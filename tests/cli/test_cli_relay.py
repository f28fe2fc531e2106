"""Relays, as the command line says it: which works, when last, what it may be keeping back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from meshcoal.api.commands import AddRelay, CheckRelay, ListRelays, RemoveRelay
from meshcoal.api.views import RelayFault, RelayState, RelaysView, RelayView

NOW_MS = 1_800_000_000_000
RELAY = RelayView(
    address="relay.example.org:7700",
    named_by="Ben",
    mine=False,
    closing=False,
    state=RelayState.WORKING,
    last_error="",
    answered_ms=NOW_MS - 20_000,
    taken_ms=NOW_MS - 120_000,
    waiting=0,
    fault=RelayFault.NONE,
    fault_ms=-1,
    keeps_back=0,
    through_tor=False,
    kept_days=14,
)


def told(run: Callable[..., Result], daemon: Any, **changes: Any) -> str:
    daemon.answers[ListRelays] = RelaysView(relays=(dataclasses.replace(RELAY, **changes),))
    result = run("relay", "list", "evin")
    assert result.exit_code == 0, result.output
    return result.stdout


def test_each_state_and_each_fault_has_words(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: in words, certain apart from told. Method: each state, each fault; JSON; no relay at all."""
    assert "added by Ben" in told(run, daemon)
    assert "Works. It answered last" in told(run, daemon)
    assert "added by you" in told(run, daemon, mine=True)
    words = {
        RelayState.UNREACHED: "Cannot be reached (dial-failed).",
        RelayState.REFUSING: "Takes nothing now (dial-failed).",
        RelayState.UNTRIED: "Not tried yet.",
    }
    for state, sentence in words.items():
        assert sentence in told(run, daemon, state=state, last_error="dial-failed")
    assert "read to its end" in told(run, daemon, closing=True)
    assert "3 envelopes of yours" in told(run, daemon, waiting=3)
    faults = {
        RelayFault.SILENT: "without an answer",
        RelayFault.BEHIND: "may be keeping back 3 envelopes",
        RelayFault.PARTED: "unless that member says what is not so",
        RelayFault.LOST: "WARNING: it does not show what it took",
        RelayFault.FALSE: "WARNING: it showed what no member put there",
    }
    for fault, sentence in faults.items():
        shown = told(run, daemon, fault=fault, fault_ms=NOW_MS - 1_000, keeps_back=3)
        assert sentence in " ".join(shown.split())
    late = told(run, daemon, fault=RelayFault.BEHIND, fault_ms=NOW_MS - 1_000)
    assert "all of it has come since" in late
    daemon.answers[ListRelays] = RelaysView(relays=())
    assert "uses no relay" in run("relay", "list", "evin").stdout
    daemon.answers[ListRelays] = RelaysView(relays=(RELAY,))
    (one,) = json.loads(run("relay", "list", "evin", "--json").stdout)["relays"]
    assert (one["state"], one["fault"]) == ("working", "none")


def test_adding_and_removing_say_what_is_used_then(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: the commands pass on what was typed. Method: what was sent."""
    for answered in (AddRelay, RemoveRelay):
        daemon.answers[answered] = RelaysView(relays=(RELAY,))
    assert "Works." in run("relay", "add", "evin", "MESHCOALRELAY1X@h:1").stdout
    assert daemon.asked(AddRelay).text == "MESHCOALRELAY1X@h:1"
    run("relay", "remove", "evin", "relay.example.org:7700")
    assert daemon.asked(RemoveRelay).address == "relay.example.org:7700"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--listen", "nonsense"),
        ("--public", "nonsense"),
        ("--room", "much"),
        ("--room", "1 KiB", "--topic-room", "2 KiB"),
        ("--days", "99"),
        ("--store", "redis://here"),
    ],
)
def test_a_relay_that_cannot_be_served_so_says_why(
    run: Callable[..., Result], arguments: tuple[str, ...]
) -> None:
    """Goal: a sentence and exit code 2. Method: each wrong option."""
    result = run("relay", "serve", "--data", "relay", *arguments)
    assert result.exit_code == 2, result.output
    assert len(result.stderr) > 20
    assert "Traceback" not in result.output


def test_check_asks_and_shows_what_came(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: whether a relay works, now. Method: it answers after it was asked; only that one is shown."""
    other = dataclasses.replace(RELAY, address="box.example.net:7700")
    answered = dataclasses.replace(RELAY, answered_ms=2**61)
    daemon.answers[CheckRelay] = RelaysView(relays=(other, answered))
    result = run("relay", "check", "evin", RELAY.address)
    assert result.exit_code == 0, result.output
    assert "relay.example.org:7700" in result.stdout
    assert "box.example.net" not in result.stdout
    assert [one.address for one in daemon.sent if isinstance(one, CheckRelay)] == [RELAY.address]
