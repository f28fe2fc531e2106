"""Offices and mandates in the interface: who is meant, what is refused, and signing under a mandate."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import CAMPAIGN, LETTER, NOW_MS, FakeDaemon, asked, identifier, member, opened
from tuioffices import mandate, office
from tuirunning import Running, running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.client.entering import eligible, find_members, parse_tags
from meshcoal.errors import Ambiguous, BadArgument, NotPermitted, Unknown
from meshcoal.tui.screens.sign_forms import covering
from meshcoal.tui.widgets.plain import PlainInput, PlainRadio

MEMBERS = (member("Ana", me=True), member("Ben"), member("Benazir"), member("Chi", given_name="Chi Wu"))
ABOUT_TORTURE = opened(topics=("torture",), countries=("ir",), asks=("release",))


def with_offices(view: v.StatementView | None = None) -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.give_offices()
    if view is not None:
        daemon.statements[LETTER] = view
    return daemon


async def open_offices(run: Running, *keys: str) -> None:
    await run.open_campaign()
    await run.press("f", *keys)


@pytest.mark.parametrize(
    ("text", "names"),
    [("Ben", ["Ben"]), ("bena", ["Benazir"]), ("chi wu, ANA", ["Chi", "Ana"]), ("", []), (" , ", [])],
)
def test_members_are_found_by_name(text: str, names: list[str]) -> None:
    """Goal: whole names go before beginnings. Method: names that begin alike, petnames, capitals."""
    assert [one.name for one in find_members(MEMBERS, text)] == names


@pytest.mark.parametrize(
    ("text", "error"), [("Dov", Unknown), ("be", Ambiguous), ("Ben, Chi, ben", BadArgument)]
)
def test_who_is_not_clear_is_refused(text: str, error: type[Exception]) -> None:
    """Goal: power never goes to somebody guessed. Method: nobody, several, twice."""
    with pytest.raises(error):
        find_members(MEMBERS, text)


def test_those_who_left_or_look_on_decide_nothing() -> None:
    """Goal: only whom the daemon would take is offered. Method: an observer and one who left."""
    members = [*MEMBERS, member("Eli", seat=c.Seat.OBSERVER), member("Fay", state=v.MemberState.LEFT)]
    assert [one.name for one in eligible(members)] == ["Ana", "Ben", "Benazir", "Chi"]


def test_topics_are_written_between_commas() -> None:
    """Goal: people write words, not tags. Method: blanks, capitals, empty parts."""
    assert parse_tags(" Death penalty, torture,, ") == ("death-penalty", "torture")


async def test_a_name_that_nobody_has_is_told_while_it_is_written() -> None:
    """Goal: a slip is seen before anything is sent. Method: a wrong name, then go on."""
    async with running(with_offices()) as run:
        await open_offices(run, "n")
        await run.write("The League")
        await run.click("#submit")
        run.app.screen.query_one("#field-first", PlainInput).value = "Zoe"
        await run.rest()
        assert run.shows("No member who could decide is called “Zoe”.")
        await run.click("#submit")
        assert run.shows("unknown")
        assert run.place == "form"


async def test_a_step_is_decided_by_one_person() -> None:
    """Goal: no step without somebody who is waited for. Method: two names where one decides."""
    async with running(with_offices()) as run:
        await open_offices(run, "n")
        await run.write("The League")
        await run.click("#submit")
        run.app.screen.query_one("#field-first", PlainInput).value = "Ben, Chi"
        await run.click("#submit")
        assert run.shows("One person decides; others stand in.")


async def test_what_was_entered_of_an_office_is_kept() -> None:
    """Goal: Esc in the middle loses nothing. Method: leave at the second step, begin again."""
    async with running(with_offices()) as run:
        await open_offices(run, "n")
        await run.write("The League")
        await run.click("#submit")
        run.app.screen.query_one("#field-first", PlainInput).value = "Ben"
        await run.click("#submit")
        await run.press("escape", "n")
        assert run.app.screen.query_one("#field-name", PlainInput).value == "The League"
        await run.click("#submit")
        assert run.app.screen.query_one("#field-first", PlainInput).value == "Ben"


async def test_an_office_of_others_is_not_changed() -> None:
    """Goal: the refusal comes before the form. Method: an office in which I have no part."""
    daemon = with_offices()
    daemon.offices = {office().id: office(mine=False)}
    async with running(daemon) as run:
        await open_offices(run, "e")
        assert run.place == "offices"
        assert any("Only somebody who has a part" in toast for toast in run.toasts())


async def test_a_refusal_of_the_daemon_keeps_the_form() -> None:
    """Goal: nothing written is lost. Method: the daemon does not let me give a mandate."""
    daemon = with_offices()
    daemon.refuse[c.GiveMandate] = NotPermitted("Your role in this campaign does not allow this.")
    async with running(daemon) as run:
        await open_offices(run, "m")
        screen = run.app.screen
        screen.query_one("#field-holder", PlainInput).value = "Chi"
        screen.query_one("#field-words").insert("Torture cases")  # type: ignore[attr-defined]
        screen.query_one("#field-typed", PlainInput).value = "mandate"
        await run.click("#submit")
        assert run.shows("Your role in this campaign does not allow this.")
        assert run.shows("Torture cases")


async def test_without_an_office_of_mine_nothing_is_asked() -> None:
    """Goal: the way to an office is said. Method: press on an open letter where there is none."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened()
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("q")
        assert any("You have a part in no office here" in toast for toast in run.toasts())


def test_only_what_covers_the_letter_is_offered() -> None:
    """Goal: no mandate is used outside its bounds or its time. Method: seven that fail once each."""
    fails = (
        mandate(mine=False),
        mandate(revoked=True),
        mandate(expires_ms=NOW_MS),
        mandate(topics=("water",)),
        mandate(countries=("af",)),
        mandate(asks_excluded=("release",)),
        mandate(office_name=""),
    )
    assert covering((mandate(), *fails), ABOUT_TORTURE, NOW_MS) == (mandate(),)
    assert covering((mandate(),), opened(), NOW_MS) == ()


async def test_a_letter_is_signed_under_a_mandate() -> None:
    """Goal: a mandate can be used without the command line. Method: choose it, review, sign."""
    async with running(with_offices(ABOUT_TORTURE)) as run:
        await run.open_statement(LETTER)
        await run.press("s", "enter")
        chosen = list(run.app.screen.query("#field-office PlainRadio").results(PlainRadio))
        assert chosen[-1].value  # for no office, unless I say so
        chosen[0].value = True
        run.app.screen.query_one("#field-name", PlainInput).value = "The Centre"
        await run.click("#submit")
        assert run.shows("For an office, under a mandate.")
        await run.write("sign")
        await run.press("enter")
        [command] = run.sent(c.SignStatement)
        assert (command.mandate, command.request) == (mandate().id, b"")


async def test_the_last_step_signs_in_the_name_of_the_office() -> None:
    """Goal: the usual answers stand there already. Method: a request whose last step is mine."""
    last = asked(state=v.RequestState.TO_SIGN, step="director", deputies=(), deputies_from_ms=-1)
    async with running(with_offices(opened(requests=(last,)))) as run:
        await run.open_statement(LETTER)
        await run.press("s", "enter")
        assert run.app.screen.query_one("#field-name", PlainInput).value == "The Centre"
        await run.click("#submit")
        await run.write("sign")
        await run.press("enter")
        [command] = run.sent(c.SignStatement)
        assert (command.request, command.name) == (last.id, "The Centre")


async def test_what_nobody_else_wrote_is_shown_after_a_notice() -> None:
    """Goal: the list follows what others do. Method: an office appears, the daemon tells."""
    daemon = with_offices()
    async with running(daemon) as run:
        await open_offices(run)
        other = dataclasses.replace(office(), id=identifier("other office"), name="The Forum")
        daemon.offices[other.id] = other
        daemon.push(v.NoticeKind.CAMPAIGN, campaign=CAMPAIGN)
        await run.rest()
        assert run.shows("The Forum")
