"""Signing on the command line: with a profile, without a public name, on conditions; the annex."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from meshcoal.api.commands import FreezeStatement, ListProfiles, NameIn, NameMode, Need, Seat, SignStatement
from meshcoal.api.views import (
    Action,
    OfficesView,
    ProfilesView,
    ProfileView,
    RequestState,
    StatementPhase,
    StatementView,
)
from meshcoal.cli.options import need_in_words
from meshcoal.client.entering import parse_names, parse_need
from meshcoal.errors import BadArgument
from meshcoal.statement import publication
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from lettering import Desk

PERSIAN = NameIn(language="fa", name="مرکز")
PROFILE = ProfileView(
    label="centre",
    capacity=Capacity.ORGANISATION,
    name="The Centre",
    names=(PERSIAN,),
    title="",
    affiliation="",
    country="Iran",
    members=0,
    role="A house of women",
    logo=b"",
)


LISTED = (NameMode.NAMED, NameMode.ADDRESSEE, NameMode.ROLE)


@pytest.fixture
def letter(daemon: Any, build_view: Callable[..., Any]) -> StatementView:
    """One that is open and permits everything; the daemon answers with it and with one profile."""
    from meshcoal.api.commands import ShowStatement

    view: StatementView = build_view(StatementView, "letter")
    view = dataclasses.replace(
        view,
        phase=StatementPhase.OPEN,
        digest=bytes([7]) * 32,
        modes=LISTED,
        actions=(Action.SIGN,),
    )
    daemon.answers[ShowStatement] = view
    daemon.answers[SignStatement] = view
    daemon.answers[FreezeStatement] = view
    daemon.answers[ListProfiles] = ProfilesView(profiles=(PROFILE,))
    return view


def sent(daemon: Any, kind: type) -> Any:
    return [command for command in daemon.sent if isinstance(command, kind)][-1]


def sign(run: Callable[..., Result], letter: StatementView, *options: str) -> Result:
    named = ["--digest", letter.digest.hex(), "--yes"]
    return run("statement", "sign", "1111", "1111", *options, *named)


def test_a_profile_fills_what_is_signed(
    run: Callable[..., Result], daemon: Any, letter: StatementView
) -> None:
    """Goal: entered once, used again. Method: as a profile; by role; with one field of another value."""
    assert sign(run, letter, "--as", "centre").exit_code == 0
    command = sent(daemon, SignStatement)
    assert (command.name, command.names, command.country) == ("The Centre", (PERSIAN,), "Iran")
    assert sign(run, letter, "--as", "centre", "--mode", "role").exit_code == 0
    command = sent(daemon, SignStatement)
    assert (command.name, command.names, command.mode) == ("A house of women", (), NameMode.ROLE)
    needs = ("--if", "3 in-country", "--if", "10")
    assert sign(run, letter, "--as", "centre", "--mode", "addressee", "--name", "Us", *needs).exit_code == 0
    command = sent(daemon, SignStatement)
    assert (command.name, command.mode) == ("Us", NameMode.ADDRESSEE)
    assert command.needs == (Need(at_least=3, seat=Seat.IN_COUNTRY), Need(at_least=10, seat=None))


def test_what_does_not_fit_is_refused_before_anything_is_sent(
    run: Callable[..., Result], daemon: Any, letter: StatementView
) -> None:
    """Goal: a slip signs nothing. Method: no such profile, no name, a condition that is none."""
    for options in (
        ("--as", "another"),
        ("--as", "organisation"),
        ("--as", "organisation", "--name", "X", "--if", "many"),
        ("--as", "organisation", "--name", "X", "--name-in", "Persian"),
        ("--as", "affiliated", "--name", "X"),
    ):
        assert sign(run, letter, *options).exit_code in (1, 2), options
    assert not [command for command in daemon.sent if isinstance(command, SignStatement)]


def test_a_freeze_says_how_people_may_sign_and_what_it_is_about(
    run: Callable[..., Result], daemon: Any, letter: StatementView
) -> None:
    """Goal: modes and matter reach the frozen text. Method: options of a freeze, as the node gets them."""
    matter = ("--topic", "death-penalty", "--about", "ir", "--ask", "release", "--permit", "role")
    result = run("statement", "freeze", "1111", "1111", "--deadline", "3d", "--yes", *matter)
    assert result.exit_code == 0, result.output
    command = sent(daemon, FreezeStatement)
    assert command.modes == (NameMode.NAMED, NameMode.ROLE)
    assert (command.topics, command.countries, command.asks) == (("death-penalty",), ("ir",), ("release",))


@pytest.mark.parametrize(
    "text", ["", "x", "0", "-1", "3 observers", "3 observer", "٣", "999999 any", "3 in country"]
)
def test_a_condition_is_a_number_and_a_seat(text: str) -> None:
    """Goal: one way to write it. Method: near misses; and what is right, in words."""
    with pytest.raises(BadArgument):
        parse_need(text)
    assert need_in_words(parse_need("3 in-country")) == "with at least 3 others of the seat in-country"
    assert parse_need("5") == parse_need("5 any") == Need(at_least=5, seat=None)
    with pytest.raises(BadArgument):
        parse_names(("fa",))
    assert parse_names(("FA=مرکز",)) == (PERSIAN,)


def test_the_addressee_reads_who_signed_and_a_changed_name_is_refused(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    """Goal: the addressee can rely on the annex. Method: a real letter; its annex; another name in it."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft, modes=LISTED)
    desk.sign(draft, "ana", name="The Centre")
    desk.sign(draft, "ben", name="House of Women", mode=NameMode.ADDRESSEE)
    desk.release(draft)
    view = desk.view(draft.id)
    (tmp_path / "letter").write_bytes(publication.build(view))
    _, annex = publication.annex(view)
    (tmp_path / "annex").write_bytes(annex)
    result = run("verify", "letter", "--annex", "annex")
    assert result.exit_code == 0, result.output
    assert "House of Women" in result.stdout
    assert "named to the addressee only" in result.stdout
    told = json.loads(run("verify", "letter", "--annex", "annex", "--json").stdout)
    assert [one["name"] for one in told["annex"].values()] == ["House of Women"]
    assert "House of Women" not in run("verify", "letter").stdout
    (tmp_path / "annex").write_bytes(annex.replace(b"Women", b"Woman"))
    assert run("verify", "letter", "--annex", "annex").exit_code != 0


def test_requests_and_offices_say_who_holds_what_up(
    run: Callable[..., Result], daemon: Any, letter: StatementView
) -> None:
    """Goal: a visible clock. Method: a request that waits, with a deputy; the list of offices."""
    from meshcoal.api.commands import ListOffices, ShowStatement

    waiting = dataclasses.replace(
        letter.requests[0],
        state=RequestState.WAITING,
        office="The Centre",
        step="policy",
        waits_for="Ben",
        deputies=("Chi",),
    )
    daemon.answers[ShowStatement] = dataclasses.replace(letter, requests=(waiting,))
    shown = run("statement", "show", "1111", "1111").stdout
    assert "policy waits for Ben since" in shown
    assert "Chi may stand in" in shown
    daemon.answers[ListOffices] = OfficesView(offices=(), mandates=())
    assert "No office yet." in run("office", "list", "1111").stdout
