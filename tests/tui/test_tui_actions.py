"""Every action of the registry, by its key, on its screen."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import pytest
import segno

sys.path.insert(0, str(Path(__file__).parent))

from tuicases import CASE, case, delivery, step
from tuidouble import (
    ALERTS,
    CAMPAIGN,
    GENERAL,
    HOUR_MS,
    INVITATION_TEXT,
    LETTER,
    NOW_MS,
    PASSPHRASE,
    FakeDaemon,
    acquaintance,
    asked,
    attachment,
    counting,
    draft,
    entry,
    held_back,
    identifier,
    introduction,
    invitation,
    message,
    opened,
    profile,
    revision,
    sealing,
    tally,
    troubled,
    warning,
)
from tuioffices import OFFICE, mandate
from tuirehearsal import FakeRehearsal
from tuirunning import Running, drawn, running
from tuisettings import WEAK
from tuitongues import ENGLISH, PERSIAN, SPANISH, TONGUES, frozen_and_amended

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.client.remarks import remarks
from meshcoal.limits import MIB
from meshcoal.tui.actions import ACTIONS, Action, actions_at, places
from meshcoal.tui.look import LOOKS
from meshcoal.tui.modes import SENTENCES, choices_of
from meshcoal.tui.screens.case import CaseScreen
from meshcoal.tui.screens.contacts import ContactsScreen
from meshcoal.tui.screens.identity import IdentityScreen
from meshcoal.tui.screens.introductions import IntroductionsScreen
from meshcoal.tui.screens.invitations import InvitationScreen, InvitationsScreen
from meshcoal.tui.screens.members import MembersScreen
from meshcoal.tui.screens.network import NetworkScreen
from meshcoal.tui.screens.reach import ReachScreen
from meshcoal.tui.screens.sign import SignScreen
from meshcoal.tui.screens.suggest import SuggestScreen
from meshcoal.tui.screens.write import WriteScreen
from meshcoal.tui.settings import Settings, read_settings
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainChoice, PlainInput, PlainOptions, PlainRadio, PlainText
from meshcoal.tui.widgets.timeline import Timeline
from meshcoal.wire.key_text import encode_key_text
from meshcoal.wire.relay_text import Relay, encode_relay
from meshcoal.wire.slips import codes_of

Scenario = Callable[[Running, str], Awaitable[None]]
SCENARIOS: dict[tuple[str, str], tuple[Scenario, Callable[[], FakeDaemon]]] = {}


def with_letter(view: v.StatementView) -> Callable[[], FakeDaemon]:
    def make() -> FakeDaemon:
        daemon = FakeDaemon.with_campaign()
        daemon.statements[LETTER] = view
        return daemon

    return make


def empty() -> FakeDaemon:
    return FakeDaemon(vault=v.VaultState.ABSENT)


def weak() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.findings = WEAK
    return daemon


def on(
    place: str, name: str, daemon: Callable[[], FakeDaemon] = FakeDaemon.with_campaign
) -> Callable[[Scenario], Scenario]:
    def register(scenario: Scenario) -> Scenario:
        SCENARIOS[place, name] = (scenario, daemon)
        return scenario

    return register


def test_no_action_is_without_a_scenario() -> None:
    """Goal: nothing in the registry is untested. Method: compare it with the table below."""
    assert set(SCENARIOS) == {(place, action.name) for action in ACTIONS for place in action.places}


@pytest.mark.parametrize(
    ("place", "name"), [(place, action.name) for action in ACTIONS for place in action.places]
)
async def test_action_by_its_key(place: str, name: str) -> None:
    """Goal: the key does what the registry says. Method: press it, look at commands and screen."""
    scenario, make = SCENARIOS[place, name]
    action = next(action for action in ACTIONS if action.name == name and place in action.places)
    async with running(make(), rehearsal=FakeRehearsal()) as run:
        await scenario(run, action.keys[0])


def test_every_place_has_its_keys_once() -> None:
    """Goal: no key does two things on one screen. Method: count keys per place, with those everywhere."""
    for place in places()[1:]:
        keys = [key for action in actions_at(place) for key in action.keys]
        assert len(keys) == len(set(keys)), place


def test_no_key_is_one_that_terminals_keep() -> None:
    """Goal: keys arrive. Method: refuse flow control, job control, menus, Alt and function keys above F9."""
    swallowed = {"ctrl+s", "ctrl+z", "ctrl+c", "ctrl+backslash", "f10", "f11", "f12"}
    for action in ACTIONS:
        assert not swallowed & set(action.keys), action.name
        assert not [key for key in action.keys if key.startswith(("alt+", "shift+", "ctrl+shift+"))]


def test_the_reference_lists_every_action() -> None:
    """Goal: docs/reference/keys.md is complete. Method: look for each key and sentence."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "keys.md").read_text(encoding="utf-8")
    for action in ACTIONS:
        assert f"| `{action.shown_key}` | {row(action)} |" in page, action.name


def row(action: Action) -> str:
    return f"{action.label} | {action.help}"


# --- Everywhere


@on("everywhere", "help")
async def help_lists_the_keys(run: Running, key: str) -> None:
    await run.press(key)
    assert run.place == "help"
    assert run.shows("Found a new campaign.")
    await run.press("escape")
    assert run.place == "home"


@on("everywhere", "command_palette")
async def palette_runs_an_action(run: Running, key: str) -> None:
    await run.press(key)
    await run.write("contacts")
    await run.pilot.pause(0.5)  # the palette gathers hits in a task of its own
    await run.press("enter")
    await run.press("enter") if run.place not in ("contacts",) else None
    assert run.place == "contacts"


@on("everywhere", "lock")
async def lock_closes_and_hides_everything(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press(key)
    assert run.sent(c.Lock)
    assert run.place == "unlock"
    assert not run.shows("Maryam")


@on("everywhere", "cover")
async def cover_covers_and_the_passphrase_returns(run: Running, key: str) -> None:
    await run.open_channel()
    await run.write("half a sentence")
    await run.press(key)
    assert run.app.covered
    await run.until(lambda: bool(run.sent(c.Lock)))
    await run.write("wrong")
    await run.press("enter")
    await run.until(lambda: bool(run.sent(c.Unlock)))
    assert run.app.covered
    await run.write(PASSPHRASE)
    await run.press("enter")
    await run.until(lambda: not run.app.covered)
    assert run.place == "channel"
    assert run.app.screen.query_one(Composer).text == "half a sentence"


@on("everywhere", "hide_names")
async def hide_names_shows_numbers_until_pressed_again(run: Running, key: str) -> None:
    await run.open_channel()
    assert run.shows("Ben")
    await run.press(key)
    assert run.shows("Member 3")
    assert not run.shows("Ben")
    await run.press(key)
    assert run.shows("Ben")


@on("everywhere", "contrast")
async def contrast_changes_the_theme(run: Running, key: str) -> None:
    seen = [run.app.theme]
    with tempfile.TemporaryDirectory() as home:
        run.app.home = Path(home)
        for _time in LOOKS:
            await run.press(key)
            seen.append(run.app.theme)
    assert len(set(seen)) == len(LOOKS)
    assert seen[-1] == seen[0]


@on("everywhere", "tongue")
async def tongue_is_kept_and_begins_anew_with_the_drafts(run: Running, key: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        run.app.home = Path(home)
        run.app.drafts[("message", "ab12")] = "half a sentence"
        await run.press(key)
        assert run.shows("español")
        run.app.screen.query_one("#field-language", PlainChoice).query(PlainRadio)[5].value = True
        await run.pilot.click("#submit")
        await run.until(lambda: run.app.to_carry is not None)
        assert read_settings(Path(home)) == (Settings(language="fa"), False)
    assert run.app.to_carry is not None
    assert run.app.to_carry.drafts == {("message", "ab12"): "half a sentence"}


@on("everywhere", "quit")
async def quit_ends_the_interface(run: Running, key: str) -> None:
    await run.pilot.press(key)
    await run.pilot.pause()
    assert not run.app.is_running or run.app._exit


# --- First screens


@on("start", "real", empty)
async def real_makes_an_identity(run: Running, key: str) -> None:
    await run.press(key)
    await run.write("Ana")
    await run.press("enter")
    await run.write("correct horse battery")
    await run.press("enter")
    await run.write("correct horse battery")
    await run.press("enter")
    assert run.sent(c.CreateVault) == [c.CreateVault(name="Ana", passphrase="correct horse battery")]
    assert run.place == "first"
    assert run.shows("Whom do you work with?")
    await run.press("escape")
    assert run.place == "home"


def six_words(run: Running) -> str:
    assert isinstance(run.app.screen, SuggestScreen)
    return " ".join(run.app.screen.words)


@on("create", "suggest", empty)
async def six_words_are_drawn_and_typed_once(run: Running, key: str) -> None:
    await run.press("s")
    await run.write("Ana")
    await run.press("tab", key)
    assert run.place == "suggest"
    drawn_words = six_words(run)
    assert all(run.shows(word) for word in drawn_words.split())
    assert run.shows("6 words out of 1,296: about 62 bits")
    await run.press("enter")
    assert run.shows("Type the six words first")
    await run.write("six other words")
    await run.press("enter")
    assert run.shows("Those are not the six words.")
    run.app.screen.query_one(PlainInput).value = f" {drawn_words.upper()} "
    await run.press("enter")
    assert run.place == "create"
    assert run.shows("more than ten thousand years")
    await run.press("enter")
    assert run.sent(c.CreateVault) == [c.CreateVault(name="Ana", passphrase=drawn_words)]


@on("suggest", "another", empty)
async def others_are_drawn(run: Running, key: str) -> None:
    await run.press("s", "ctrl+n")
    before = six_words(run)
    run.app.screen.query_one(PlainInput).value = before
    await run.press(key)
    assert six_words(run) != before
    assert not run.app.screen.query_one(PlainInput).value


@on("suggest", "back", empty)
async def back_from_suggest(run: Running, key: str) -> None:
    await run.press("s", "ctrl+n")
    await goes_back(run, key)
    assert not run.app.screen.query_one("#passphrase", PlainInput).value


@on("identity", "suggest")
async def six_words_become_the_new_passphrase(run: Running, key: str) -> None:
    await run.press("m", key)
    drawn_words = six_words(run)
    run.app.screen.query_one(PlainInput).value = drawn_words
    await run.click("#take")
    run.app.screen.query_one("#field-old", PlainInput).value = PASSPHRASE
    await run.click("#submit")
    assert run.sent(c.ChangePassphrase) == [c.ChangePassphrase(old=PASSPHRASE, new=drawn_words)]
    assert run.place == "identity"


# --- First steps


@on("home", "steps", FakeDaemon)
async def the_first_steps_open(run: Running, key: str) -> None:
    assert run.shows("→ Meet somebody you work with.")
    await run.press(key)
    assert run.place == "first"
    assert run.shows("You are Ana.")


@on("home", "leave_rehearsal")
async def the_rehearsal_is_left_for_home(run: Running, key: str) -> None:
    await run.press(key)
    assert run.toasts()[-1] == "No rehearsal is running."
    run.app.begin_rehearsal()
    await run.until(lambda: run.place == "home" and run.shows("An arrest was reported"))
    await run.press(key)
    await run.until(lambda: run.place == "home" and not run.app.rehearsing)
    assert isinstance(run.app.rehearsal, FakeRehearsal)
    assert run.app.rehearsal.stopped
    assert not run.shows("An arrest was reported")


@on("first", "open", FakeDaemon)
async def each_step_is_one_enter_away(run: Running, key: str) -> None:
    await run.press("s", key)
    assert run.shows("Accept an invitation")
    await run.press("escape", "down", key)
    assert run.shows("Invite somebody")
    await run.press("escape", "down", key)
    assert run.shows("Found a campaign")
    await run.press("escape", "down", key)
    await run.until(lambda: run.place == "home" and run.shows("An arrest was reported"))


@on("first", "accept", FakeDaemon)
async def accept_from_the_first_steps(run: Running, key: str) -> None:
    await run.press("s", key)
    run.app.screen.query_one(PlainText).load_text(INVITATION_TEXT)
    await run.click("#submit")
    assert run.sent(c.AcceptInvitation)
    assert run.place == "introductions"
    await run.press("escape")
    assert run.shows("1 introduction is under way: compare words.")


@on("first", "invite", FakeDaemon)
async def invite_from_the_first_steps(run: Running, key: str) -> None:
    await run.press("s", key)
    await run.click("#submit")
    assert run.sent(c.MakeInvitation)
    assert run.place == "invitation"
    assert run.shows("over a channel you trust")
    await run.press("escape")
    assert run.shows("1 invitation of yours waits to be used.")
    await run.press("end", "up", "up")
    await run.press("enter")
    assert run.place == "invitations"


@on("first", "found", FakeDaemon)
async def found_from_the_first_steps(run: Running, key: str) -> None:
    await run.press("s", key)
    await run.write("Water now")
    await run.click("#submit")
    assert run.sent(c.FoundCampaign)
    assert run.place == "campaign"
    assert run.shows("Write the first letter")
    await run.press("enter")
    await run.press("escape")
    await run.press("escape")
    assert run.shows("You are in: Water now")


@on("first", "letter", FakeDaemon)
async def the_first_letter_begins_with_a_text(run: Running, key: str) -> None:
    await run.press("s", key)
    assert "A letter belongs to a campaign" in run.toasts()[-1]
    await run.press("f")
    await run.write("Water now")
    await run.click("#submit")
    await run.press("escape", key)
    assert run.place == "write"
    assert run.shows("What happened: [who, when, where; only what you know for certain]")
    assert run.app.screen.query_one("#language", PlainInput).value == "en"
    await run.write("Water for Basra")
    await run.press("ctrl+o")
    [command] = run.sent(c.DraftStatement)
    assert (command.language, command.title) == ("en", "Water for Basra")
    assert run.place == "statement"
    assert "still stands in [brackets]" in run.toasts()[-1]


@on("first", "rehearse", FakeDaemon)
async def rehearse_from_the_first_steps(run: Running, key: str) -> None:
    await run.press("s", key)
    await run.until(lambda: run.place == "home" and run.shows("An arrest was reported"))
    assert not run.shows("First steps")


@on("first", "put_away", FakeDaemon)
async def first_steps_are_put_away_and_found_again(run: Running, key: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        run.app.home = Path(home)
        await run.press("s", key, "escape")
        assert run.place == "home"
        assert not run.shows("Meet somebody you work with.")
        assert read_settings(Path(home)) == (Settings(steps="put-away"), False)
        await run.press("s", key, "escape")
        assert run.shows("Meet somebody you work with.")


@on("first", "back", FakeDaemon)
async def back_from_first(run: Running, key: str) -> None:
    await run.press("s")
    await goes_back(run, key)


@on("start", "rehearse", empty)
async def rehearse_starts_six_nodes(run: Running, key: str) -> None:
    assert isinstance(run.app.rehearsal, FakeRehearsal)
    run.daemon.vault = v.VaultState.UNLOCKED
    await run.press(key)
    await run.rest()
    assert run.app.rehearsal.started
    assert run.place == "home"
    assert run.shows("An arrest was reported")


def unreachable() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.up = False
    return daemon


@on("unreachable", "again", unreachable)
async def again_connects(run: Running, key: str) -> None:
    assert run.place == "unreachable"
    assert run.shows("daemon-unreachable")
    run.daemon.up = True
    await run.press(key)
    assert run.place == "home"


# --- Back, from everywhere


async def goes_back(run: Running, key: str) -> None:
    before = len(run.app.screen_stack)
    place = run.place
    await run.press(key)
    assert len(run.app.screen_stack) == before - 1
    assert run.place != place


@on("create", "back", empty)
async def back_from_create(run: Running, key: str) -> None:
    await run.press("s")
    await goes_back(run, key)


@on("campaign", "back")
async def back_from_campaign(run: Running, key: str) -> None:
    await run.open_campaign()
    await goes_back(run, key)


@on("channel", "back")
async def back_from_channel(run: Running, key: str) -> None:
    await run.open_channel()
    await goes_back(run, key)


@on("statement", "back")
async def back_from_statement(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await goes_back(run, key)


@on("write", "back")
async def back_from_writing_keeps_the_text(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press("d")
    await run.press("tab", "tab")
    await run.write("Half a letter")
    await goes_back(run, key)
    await run.press("d")
    assert run.shows("Half a letter")


@on("case", "back", FakeDaemon.with_case)
async def back_from_a_case(run: Running, key: str) -> None:
    await open_case(run)
    await goes_back(run, key)


@on("sign", "back", with_letter(opened()))
async def back_from_signing_signs_nothing(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await review(run)
    await goes_back(run, key)
    assert not run.sent(c.SignStatement)


@on("members", "back")
async def back_from_members(run: Running, key: str) -> None:
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()
    await goes_back(run, key)


@on("invitations", "back")
async def back_from_invitations(run: Running, key: str) -> None:
    await run.press("i")
    await goes_back(run, key)


@on("invitation", "back")
async def back_from_invitation(run: Running, key: str) -> None:
    await run.app.push_screen(InvitationScreen(invitation()))
    await run.rest()
    await goes_back(run, key)


@on("introductions", "back")
async def back_from_introductions(run: Running, key: str) -> None:
    await run.press("n")
    await goes_back(run, key)


@on("contacts", "back")
async def back_from_contacts(run: Running, key: str) -> None:
    await run.press("c")
    await goes_back(run, key)


@on("identity", "back")
async def back_from_identity(run: Running, key: str) -> None:
    await run.press("m")
    await goes_back(run, key)


@on("network", "steady")
async def a_constant_rate_is_chosen(run: Running, key: str) -> None:
    await run.press("w", key)
    assert run.shows("Whoever watches your network")
    run.app.screen.query_one(PlainChoice).query(PlainRadio)[3].value = True
    await run.pilot.pause()
    assert run.shows("about 228 MiB a day")
    await run.click("#submit")
    assert run.sent(c.SetSteady) == [c.SetSteady(every_s=5)]
    assert run.shows("On: one packet each way every 5 seconds")


@on("network", "back")
async def back_from_network(run: Running, key: str) -> None:
    await run.press("w")
    await goes_back(run, key)


@on("relays", "back")
async def back_from_relays(run: Running, key: str) -> None:
    await run.press("w", "r")
    await goes_back(run, key)


# --- Relays


@on("network", "relays")
async def relays_open(run: Running, key: str) -> None:
    await run.press("w", key)
    assert run.place == "relays"
    assert run.shows("No relay is used.")


@on("relays", "add_relay")
async def a_relay_is_added_by_its_line(run: Running, key: str) -> None:
    await run.press("w", "r", key)
    await run.write("MESHCOALRELAY1ABC")
    assert run.shows("! This is not the whole line")
    run.app.screen.query_one(PlainInput).value = ""
    text = encode_relay(Relay(address="relay.example.org:7700", key=bytes(31) + b"\x09", passing=bytes(16)))
    await run.write(text)
    assert run.shows("it sees the network address of each device that asks")
    await run.click("#submit")
    [command] = run.sent(c.AddRelay)
    assert command.text == text
    assert run.shows("relay.example.org:7700")


def _one_relay() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    text = encode_relay(Relay(address="relay.example.org:7700", key=bytes(31) + b"\x09", passing=bytes(16)))
    daemon.on_add_relay(c.AddRelay(campaign=bytes(32), text=text))
    return daemon


@on("relays", "check_relay", _one_relay)
async def a_relay_is_asked_now(run: Running, key: str) -> None:
    await run.press("w", "r", key)
    [command] = run.sent(c.CheckRelay)
    assert command.address == "relay.example.org:7700"
    assert run.shows("It is asked now.")


@on("relays", "drop_relay", _one_relay)
async def a_relay_is_taken_away_after_a_question(run: Running, key: str) -> None:
    await run.press("w", "r", key)
    assert run.shows("Nobody posts there any more.")
    assert not run.sent(c.RemoveRelay)
    await run.click("#submit")
    [command] = run.sent(c.RemoveRelay)
    assert command.address == "relay.example.org:7700"
    assert run.shows("not used any more")
    await run.press(key)
    assert len(run.sent(c.RemoveRelay)) == 1
    assert run.place == "relays"


# --- Home


@on("home", "open")
async def open_goes_to_the_campaign(run: Running, key: str) -> None:
    await run.press(key)
    assert run.place == "campaign"
    assert run.shows("Maryam comes home")


@on("home", "found")
async def found_asks_and_opens(run: Running, key: str) -> None:
    await run.press(key)
    await run.write("Water now")
    await run.press("tab")
    await run.write("Clean water in Basra")
    await run.click("#submit")
    [command] = run.sent(c.FoundCampaign)
    assert (command.name, command.goal) == ("Water now", "Clean water in Basra")
    assert command.channels == ("general", "alerts")
    assert command.seat == c.Seat.IN_COUNTRY
    assert run.place == "campaign"
    assert run.shows("Water now")


@on("home", "accept")
async def accept_takes_pasted_text(run: Running, key: str) -> None:
    await run.press(key)
    folded = INVITATION_TEXT[:70] + "\n" + INVITATION_TEXT[70:]
    run.app.screen.query_one(PlainText).load_text(folded)
    await run.click("#submit")
    assert run.sent(c.AcceptInvitation) == [c.AcceptInvitation(text=INVITATION_TEXT)]
    assert run.place == "introductions"
    assert run.shows("somebody not reached yet")


async def test_an_invitation_is_read_from_a_picture(tmp_path: Path) -> None:
    """Goal: a screenshot of a code is as good as its text. Method: both, and a wrong one."""
    text = "MESHCOAL1" + "K7Q2XV9W4M" * 20
    segno.make(text, error="l", micro=False).save(str(tmp_path / "code.png"), scale=4)
    segno.make("https://example.org", micro=False).save(str(tmp_path / "other.png"), scale=4)
    (tmp_path / "file.txt").write_text(text[:60] + "\n" + text[60:], encoding="utf-8")
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("a")
        run.app.screen.query_one(PlainText).load_text(str(tmp_path / "other.png"))
        await run.click("#submit")
        assert run.shows("This picture holds no invitation, or more than one.")
        run.app.screen.query_one(PlainText).load_text(str(tmp_path / "code.png"))
        await run.click("#submit")
        await run.press("escape", "a")
        run.app.screen.query_one(PlainText).load_text(str(tmp_path / "file.txt"))
        await run.click("#submit")
        assert run.sent(c.AcceptInvitation) == [c.AcceptInvitation(text=text)] * 2


@on("home", "invitations")
async def invitations_opens(run: Running, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, InvitationsScreen)


@on("home", "introductions")
async def introductions_opens(run: Running, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, IntroductionsScreen)
    assert run.shows("1. harbour")


@on("home", "contacts")
async def contacts_opens(run: Running, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, ContactsScreen)


@on("home", "identity")
async def identity_opens(run: Running, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, IdentityScreen)
    assert run.shows("192.0.2.7:4040")
    assert "▀" in run.text()


@on("everywhere", "settings")
async def settings_show_what_holds(run: Running, key: str) -> None:
    await run.press(key)
    assert run.place == "settings"
    assert run.shows("Your device reaches others by plain addresses alone.")
    await run.press(key)  # once is enough
    await run.press("escape")
    assert run.place == "home"


@on("home", "posture")
@on("settings", "posture", weak)
async def weak_spots_open(run: Running, key: str) -> None:
    if run.daemon.findings:
        await run.press("f4")
    await run.press(key)
    assert run.place == "posture"
    assert run.shows("cannot know" if run.daemon.findings else "That is no proof that you are safe")


@on("settings", "open")
async def a_setting_shows_its_choices(run: Running, key: str) -> None:
    await run.press("f4", key)
    assert run.place == "setting"
    assert run.shows("● Your device reaches others by plain addresses alone.")
    assert run.shows("○ Your device reaches others through Tor alone.")


@on("setting", "take")
async def a_choice_holds(run: Running, key: str) -> None:
    await run.press("f4", "enter", "up", "up", key)
    assert run.sent(c.ChoosePaths) == [c.ChoosePaths(only_tor=True)]
    assert run.place == "settings"
    assert run.shows("Your device reaches others through Tor alone.")


@on("posture", "open", weak)
async def a_weak_spot_leads_to_where_it_is_mended(run: Running, key: str) -> None:
    await run.press("v", "down", "down", key)
    assert run.place == "members"


@on("settings", "back")
async def back_from_settings(run: Running, key: str) -> None:
    await run.press("f4")
    await goes_back(run, key)


@on("setting", "back")
async def back_from_a_setting_changes_nothing(run: Running, key: str) -> None:
    await run.press("f4", "enter", "up")
    await goes_back(run, key)
    assert not run.sent(c.ChoosePaths)


@on("posture", "back")
async def back_from_weak_spots(run: Running, key: str) -> None:
    await run.press("v")
    await goes_back(run, key)


@on("home", "network")
async def network_opens(run: Running, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, NetworkScreen)
    assert run.shows("bad-seal")
    assert run.shows("connected by websocket")


@on("network", "data")
async def data_is_spared_and_capped(run: Running, key: str) -> None:
    await run.press("w")
    assert run.shows("12.0 of 50.0 MiB")
    assert run.shows("This month 345.0 MiB, no cap")
    await run.press(key)
    assert run.shows("Words, alerts and signatures come as before.")
    await run.press("down", "space")
    run.app.screen.query_one("#field-month", PlainInput).value = "a lot"
    await run.click("#submit")
    assert run.shows("A cap is a number of MiB")
    run.app.screen.query_one("#field-month", PlainInput).value = "1024"
    await run.click("#submit")
    assert run.sent(c.SetSaving) == [
        c.SetSaving(saving=True, day_bytes_max=50 * MIB, month_bytes_max=1024 * MIB)
    ]
    assert run.shows("as you chose: files come only when you ask for them.")


@on("contacts", "reach")
async def paths_to_contacts(run: Running, key: str) -> None:
    await run.press("c", key)
    assert run.place == "reach"
    assert run.sent(c.ListReach) == [c.ListReach(campaign=b"")]
    assert run.shows("By a plain address: works now.")
    assert run.shows("tried in vain")
    assert run.shows("nobody answered")
    assert run.shows("which is off here: `meshcoal tor on`.")


@on("members", "reach")
async def paths_to_members(run: Running, key: str) -> None:
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()
    await run.press("down", key)
    assert run.place == "reach"
    assert run.sent(c.ListReach) == [c.ListReach(campaign=CAMPAIGN)]
    assert run.shows("No address of theirs is known.")


@on("reach", "ways")
async def ways_to_a_person(run: Running, key: str) -> None:
    await run.press("c", "w", "down", key)
    assert run.shows("Ways to Chi")
    assert run.shows("what this person must not learn")
    await run.press("down", "down", "space")
    await run.click("#submit")
    (sent,) = run.sent(c.SetPersonWays)
    assert sent == c.SetPersonWays(campaign=b"", who=identifier("person Chi"), only_tor=True, nearby=False)


@on("reach", "campaign")
async def ways_of_a_campaign(run: Running, key: str) -> None:
    await run.app.push_screen(ReachScreen(CAMPAIGN))
    await run.rest()
    await run.press(key)
    assert run.shows("The organisers recommend Tor alone for your seat.")
    assert run.shows("Dov is advised to use Tor alone")
    await run.press("tab", "down", "down", "space")
    await run.click("#submit")
    (sent,) = run.sent(c.SetWays)
    assert (sent.only_tor, sent.advice) == (False, v.Advice.REFUSE)


@on("reach", "back")
async def back_from_paths(run: Running, key: str) -> None:
    await run.press("c", "w")
    await run.press(key)
    assert run.place == "contacts"


@on("home", "nearby")
async def nearby_opens(run: Running, key: str) -> None:
    await run.press(key)
    assert run.place == "nearby"
    assert run.shows("Off. Nothing is announced")


@on("nearby", "begin")
async def begin_says_what_others_see_first(run: Running, key: str) -> None:
    await run.press("b", key)
    assert run.shows("former members too, can tell that you are here")
    assert not run.sent(c.StartNearby)
    await run.click("#submit")
    assert run.sent(c.StartNearby) == [c.StartNearby(minutes=10)]
    assert run.shows("On; it ends")


@on("nearby", "silent")
async def silent_is_at_once(run: Running, key: str) -> None:
    await run.press("b", "b")
    await run.click("#submit")
    await run.press(key)
    assert run.sent(c.StopNearby) == [c.StopNearby()]
    assert run.shows("Off. Nothing is announced")


@on("nearby", "back")
async def back_from_nearby(run: Running, key: str) -> None:
    await run.press("b")
    await goes_back(run, key)


# --- Campaign


@on("campaign", "open")
async def open_goes_to_channel_or_letter(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    assert run.place == "channel"
    await run.press("escape")
    await run.press("down", "down", key)
    assert run.place == "statement"


async def open_case(run: Running) -> None:
    await run.app.push_screen(CaseScreen(CAMPAIGN, CASE))
    await run.rest()


async def write_in_words(run: Running, text: str) -> None:
    run.app.screen.query_one("#field-text", PlainText).load_text(text)
    await run.click("#submit")


@on("campaign", "alert")
async def an_alert_opens_its_case(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    assert run.shows("no source, no witness")
    run.app.screen.query_one("#field-title", PlainInput).value = "Omid was taken"
    run.app.screen.query_one("#field-answer_by", PlainInput).value = "2026-11-25 18:00"
    await write_in_words(run, "On his way home.")
    [command] = run.sent(c.OpenCase)
    assert (command.title, command.text) == ("Omid was taken", "On his way home.")
    assert command.answer_by_ms == 1_795_629_600_000
    assert run.place == "case"


@on("case", "open", FakeDaemon.with_case)
async def a_case_leads_to_its_letter(run: Running, key: str) -> None:
    letter = v.CaseLetterView(id=LETTER, title="Free Maryam Rahimi", course=())
    run.daemon.cases[CASE] = dataclasses.replace(run.daemon.cases[CASE], letters=(letter,), course=())
    await run.open_campaign()
    await run.press("down", "down", key)
    assert run.place == "case"
    await run.press("down", "down", key)
    assert run.place == "statement"


@on("case", "answer", FakeDaemon.with_case)
async def an_answer_may_be_without_words(run: Running, key: str) -> None:
    await open_case(run)
    await run.press(key)
    await write_in_words(run, "")
    [command] = run.sent(c.EnterCase)
    assert (command.entry, command.text) == (c.CaseKind.ANSWER, "")


@on("case", "fact", FakeDaemon.with_case)
async def a_fact_needs_words(run: Running, key: str) -> None:
    await open_case(run)
    await run.press(key)
    await write_in_words(run, "")
    assert not run.sent(c.EnterCase)
    await write_in_words(run, "Her phone is off.")
    [command] = run.sent(c.EnterCase)
    assert (command.entry, command.text) == (c.CaseKind.FACT, "Her phone is off.")
    assert run.shows("Her phone is off.")


@on("case", "source", FakeDaemon.with_case)
async def a_source_supports_the_chosen_fact(run: Running, key: str) -> None:
    await open_case(run)
    await run.press(key)
    assert run.shows("It supports the chosen fact")
    await write_in_words(run, "A neighbour")
    [command] = run.sent(c.EnterCase)
    fact = run.daemon.cases[CASE].entries[0]
    assert (command.entry, command.about) == (c.CaseKind.SOURCE, fact.id)


@on("case", "consent", FakeDaemon.with_case)
async def a_refusal_is_entered_and_loud(run: Running, key: str) -> None:
    await open_case(run)
    await run.press(key)
    list(run.app.screen.query("#field-consenter PlainRadio").results(PlainRadio))[1].value = True
    list(run.app.screen.query("#field-consent PlainRadio").results(PlainRadio))[2].value = True
    await run.click("#submit")
    [command] = run.sent(c.EnterCase)
    assert (command.consenter, command.consent) == (c.Consenter.FAMILY, c.Consent.REFUSED)
    assert run.shows("REFUSE publicity")


@on("case", "draft", FakeDaemon.with_case)
async def a_letter_is_begun_about_the_case(run: Running, key: str) -> None:
    await open_case(run)
    await run.press(key)
    await run.write("en")
    await run.press("tab")
    await run.write("Free her")
    await run.press("tab")
    await run.write("Sir,")
    await run.press("ctrl+o")
    [command] = run.sent(c.DraftStatement)
    assert command.case == CASE
    assert run.place == "statement"


@on("case", "correct", FakeDaemon.with_case)
async def only_my_own_entries_are_written_anew(run: Running, key: str) -> None:
    await open_case(run)
    await run.press(key)
    assert run.app.screen.query_one("#field-text", PlainText).text == "She is held in the old barracks."
    await write_in_words(run, "She is held in the new barracks.")
    [command] = run.sent(c.EnterCase)
    assert command.corrects
    await run.press("down", key)
    assert len(run.sent(c.EnterCase)) == 1
    assert run.place == "case"  # the source is Chi's


@on("case", "file", FakeDaemon.with_case)
async def the_file_of_an_entry_is_fetched_and_saved(run: Running, key: str) -> None:
    absent = attachment("list.pdf", size=2_500, state=v.AttachmentState.ABSENT, held=0)
    view = run.daemon.cases[CASE]
    fact = dataclasses.replace(view.entries[0], attachments=(absent,))
    run.daemon.cases[CASE] = dataclasses.replace(view, entries=(fact, *view.entries[1:]))
    await open_case(run)
    assert run.shows("list.pdf (")
    assert run.shows("not fetched: ^O")
    await run.press(key)
    [command] = run.sent(c.FetchAttachment)
    assert (command.message, command.number) == (fact.id, 0)
    await run.until(lambda: run.shows("33 %"))


@on("case", "close", FakeDaemon.with_case)
async def a_case_is_closed(run: Running, key: str) -> None:
    await open_case(run)
    await run.press(key)
    assert run.shows("Anybody may open it again")
    await write_in_words(run, "She is home.")
    [command] = run.sent(c.EnterCase)
    assert command.entry is c.CaseKind.CLOSE
    await run.press(key)
    assert run.shows("Open the case again")


@on("statement", "chase", with_letter(opened()))
async def whom_to_ask_is_listed(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.sent(c.ShowChase) == [c.ShowChase(campaign=CAMPAIGN, statement=LETTER)]
    assert run.shows("2 signatures so far.")
    assert run.shows("nothing shows yet that it has arrived")


@on("chase", "back", with_letter(opened()))
async def back_from_whom_to_ask(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("u")
    await goes_back(run, key)


@on("chase", "asked", with_letter(opened()))
async def asked_shows_what_to_send_and_notes_it(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("u")
    assert run.place == "chase"
    await run.press(key)
    assert run.shows("Please read it in meshcoal and sign")
    await run.click("#submit")
    (sent,) = run.sent(c.MarkAsked)
    assert (sent.members, sent.way) == ((identifier("author Dov"),), c.Way.MESSAGE)
    assert run.shows("by Ana, by message")


@on("statement", "course", with_letter(opened(course=case(CAMPAIGN).course)))
async def the_course_shows_what_comes_next(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    assert run.shows("Next: Draft a letter")
    await run.press(key)
    assert run.shows("Ask those concerned whether it may be public")
    assert run.shows("waits for you and 2 others")


@on(
    "statement",
    "enter",
    with_letter(opened(phase=v.StatementPhase.RELEASED, actions=(v.Action.ENTER,), aftermath=(delivery(),))),
)
async def what_happened_is_entered(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("nobody else ever does")
    run.app.screen.query_one("#field-again", PlainInput).value = "2026-12-01 12:00"
    await write_in_words(run, "They will look into it.")
    [command] = run.sent(c.EnterAftermath)
    assert (command.entry, command.about) == (c.AftermathKind.REPLY, delivery().id)
    assert (command.addressee, command.means) == ("", c.Means.NONE)
    assert command.follow_up_ms == 1_796_126_400_000
    assert run.shows("They will look into it.")


@on("campaign", "draft")
async def draft_writes_a_letter(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    await run.write("en")
    await run.press("tab")
    await run.write("Water")
    await run.press("tab")
    await run.write("First")
    await run.press("ctrl+o")
    assert run.sent(c.DraftStatement) == [
        c.DraftStatement(campaign=CAMPAIGN, language="en", title="Water", text="First")
    ]
    assert run.place == "statement"


@on("campaign", "channel")
async def channel_opens_one_more(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    await run.write("press")
    await run.press("enter")
    assert run.sent(c.OpenChannel) == [c.OpenChannel(campaign=CAMPAIGN, name="press")]
    assert run.shows("# press")


@on("campaign", "members")
async def members_opens(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    assert run.place == "members"
    assert run.shows("4 members of Free Maryam")


def with_trouble() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.campaigns[CAMPAIGN] = troubled()
    return daemon


@on("campaign", "missing", with_trouble)
async def missing_is_said_in_full(run: Running, key: str) -> None:
    await run.press("enter", key)
    assert run.shows("What is missing here")
    assert run.shows("noticed 3 hours ago")


@on("campaign", "history")
async def what_happened_is_told_by_day(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    assert run.shows("Ben let Chi in.")
    assert run.shows("I founded the campaign.")
    assert run.text().index("froze the text") < run.text().index("I founded")


@on("history", "open")
async def a_happening_opens_its_letter(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press("y", key)
    assert run.place == "statement"


@on("history", "back")
async def back_from_history(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press("y")
    await goes_back(run, key)


@on("campaign", "invite")
async def invite_makes_an_invitation(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    await run.click("#submit")
    [command] = run.sent(c.MakeInvitation)
    assert command.campaign == CAMPAIGN
    assert run.place == "invitation"
    assert run.shows(INVITATION_TEXT[:60])


def sizes_in(folder: str) -> list[int]:
    return [path.stat().st_size for path in Path(folder).iterdir()]


@on("campaign", "carry")
async def who_can_open_a_stick_is_said_before(run: Running, key: str) -> None:
    with tempfile.TemporaryDirectory() as stick:
        await run.open_campaign()
        await run.press(key)
        assert run.shows("Can be opened by: Ben")
        assert run.shows("May not be able to open it: Chi")
        assert not run.sent(c.NextPart)
        run.app.screen.query_one("#field-place", PlainInput).value = stick
        days = run.app.screen.query_one("#field-days", PlainInput)
        for days.value in ("three", "0", "-1", "10000"):
            await run.click("#submit")
            assert run.shows("Write a number of days")
        days.value = "3"
        await run.click("#submit")
        await run.until(lambda: run.shows("Written: 2 MiB."))
        assert run.sent(c.BeginBundle)[-1].since_ms == NOW_MS - 72 * HOUR_MS
        assert sizes_in(stick) == [MIB, MIB]
        begun = run.sent(c.BeginBundle)[-1]
        assert (begun.everything, begun.files, begun.begun) == (False, True, False)


@on("campaign", "unpack")
async def nothing_of_a_stick_is_taken_in_unseen(run: Running, key: str) -> None:
    with tempfile.TemporaryDirectory() as stick:
        (Path(stick) / "part").write_bytes(bytes(MIB))
        await run.open_campaign()
        await run.press(key)
        place = run.app.screen.query_one("#field-place", PlainInput)
        place.value = str(Path(stick) / "none")
        await run.click("#submit")
        await run.until(lambda: run.shows("cannot be read"))
        place.value = stick
        await run.click("#submit")
        await run.until(lambda: run.shows("12 new of 30 operations"))
        assert not run.sent(c.TakePart)
        await run.press("escape")
        assert not run.sent(c.TakePart)
        assert run.sent(c.EndReading)
        await run.press(key)
        run.app.screen.query_one("#field-place", PlainInput).value = stick
        await run.click("#submit")
        await run.until(lambda: run.shows("12 new of 30 operations"))
        await run.click("#submit")
        await run.until(lambda: run.shows("12 new operations."))
        assert len(run.sent(c.TakePart)) == 1


# --- Paper, sticks, and joining by a file


SLIP = hashlib.shake_256(b"slip").digest(2_048)


def pages_in(folder: str) -> list[str]:
    return [path.read_text() for path in Path(folder).glob("*.html")]


def names_like(folder: Path, pattern: str) -> int:
    return len(list(folder.glob(pattern)))


async def at_slips(run: Running) -> None:
    await run.press("p")
    assert run.place == "slips"


async def read_codes(run: Running, key: str, codes: Iterable[str]) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(codes))
        file.flush()
        await run.press(key)
        run.app.screen.query_one("#field-files", PlainText).load_text(file.name)
        await run.click("#submit")


@on("home", "slips")
async def paper_is_read_without_any_campaign(run: Running, key: str) -> None:
    await run.press(key)
    assert run.place == "slips"
    assert run.shows("Nothing read yet.")


@on("campaign", "slips")
async def paper_of_a_campaign(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key, "w")
    assert run.shows("Can be opened by: Ben")
    assert run.shows("Only for")


@on("slips", "back")
async def back_from_slips(run: Running, key: str) -> None:
    await at_slips(run)
    await goes_back(run, key)


@on("slips", "photos")
async def pages_are_read_bit_by_bit(run: Running, key: str) -> None:
    await at_slips(run)
    codes = codes_of(SLIP)
    await read_codes(run, key, [*codes[:3], "something else"])
    await run.until(lambda: run.shows("3 of 4 codes read. Photograph again: page 1."))
    assert not run.sent(c.LookAtPart)
    await read_codes(run, key, codes[5:])
    await run.until(lambda: run.shows("12 new of 30 operations"))
    assert run.sent(c.LookAtPart)[-1].data == SLIP
    assert not run.sent(c.TakePart)


@on("slips", "take")
async def pages_are_taken_in_when_they_are_whole(run: Running, key: str) -> None:
    await at_slips(run)
    await run.press(key)
    assert run.shows("No page is whole yet")
    await read_codes(run, "r", codes_of(SLIP))
    await run.until(lambda: run.shows("12 new of 30 operations"))
    await run.press("escape")
    assert not run.sent(c.TakePart)
    await run.press(key)
    await run.until(lambda: run.shows("12 new of 30 operations"))
    await run.click("#submit")
    await run.until(lambda: bool(run.sent(c.TakePart)))
    assert run.sent(c.TakePart)[-1].data == SLIP


@on("slips", "write")
async def pages_are_made_after_saying_who_can_open_them(run: Running, key: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await at_slips(run)
        await run.press(key)
        await run.until(lambda: run.shows("Of which campaign?") or run.shows("Can be opened by: Ben"))
        if run.shows("Of which campaign?"):
            await run.click("#submit")
            await run.until(lambda: run.shows("Can be opened by: Ben"))
        assert run.sent(c.BeginBundle)[-1].paper
        run.app.screen.query_one("#field-folder", PlainInput).value = folder
        run.app.screen.query_one("#field-days", PlainInput).value = "3"
        await run.click("#submit")
        await run.until(lambda: run.shows("Pages were made"))
        (page,) = pages_in(folder)
        assert page.count("<svg") == 6
        assert run.sent(c.BeginBundle)[-1].since_ms == NOW_MS - 72 * HOUR_MS


@on("slips", "stick")
async def a_stick_is_read_without_any_campaign(run: Running, key: str) -> None:
    await at_slips(run)
    await run.press(key)
    assert run.shows("Nothing is taken in before you say so")


@on("slips", "anew")
async def what_was_read_is_forgotten(run: Running, key: str) -> None:
    await at_slips(run)
    await read_codes(run, "r", codes_of(SLIP)[:2])
    await run.until(lambda: run.shows("2 of 4 codes read"))
    await run.press(key)
    assert run.shows("Nothing read yet.")


@on("invitation", "print")
async def an_invitation_is_printed(run: Running, key: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await run.app.push_screen(InvitationScreen(invitation(by_file=True)))
        await run.rest()
        assert run.shows("It is long")
        await run.press(key)
        run.app.screen.query_one("#field-folder", PlainInput).value = folder
        await run.click("#submit")
        await run.until(lambda: run.shows("Pages were made"))
        assert len(pages_in(folder)) == 1


@on("introductions", "answer")
async def who_asked_by_a_file_is_answered_by_one(run: Running, key: str) -> None:
    met = introduction(by_file=True, author=identifier("author Eli"))
    run.daemon.introductions = {met.id: met}
    with tempfile.TemporaryDirectory() as stick:
        await run.press("n", key)
        assert run.shows("Decide first")
        run.daemon.introductions[met.id] = dataclasses.replace(met, state=v.IntroductionState.ADMITTED)
        await run.press("escape", "n", key)
        run.app.screen.query_one("#field-place", PlainInput).value = stick
        await run.click("#submit")
        await run.until(lambda: len(sizes_in(stick)) == 2)
        sent = run.sent(c.BeginBundle)[-1]
        assert sent.answers == (met.id,)
        assert sent.campaigns == (c.BundleFor(campaign=CAMPAIGN, members=(identifier("author Eli"),)),)


@pytest.mark.parametrize(("way", "name"), [(1, "abcdefghijklmnop"), (2, "*.html")])
async def test_an_invitation_is_accepted_by_a_file(tmp_path: Path, way: int, name: str) -> None:
    """Goal: no connection. Method: choose the stick or paper in the form; what is written, and shown."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("a")
        run.app.screen.query_one(PlainText).load_text(INVITATION_TEXT)
        list(run.app.screen.query_one("#field-way", PlainChoice).query(PlainRadio))[way].value = True
        await run.rest()
        await run.click("#submit")
        assert run.shows("where the request is to be written")
        run.app.screen.query_one("#field-place", PlainInput).value = str(tmp_path)
        await run.click("#submit")
        await run.until(lambda: run.place == "introductions")
        assert run.sent(c.AnswerInvitation) == [c.AnswerInvitation(text=INVITATION_TEXT, paper=way == 2)]
        assert not run.sent(c.AcceptInvitation)
        assert names_like(tmp_path, name) == 1
        assert run.shows("hand your request over")


@on("campaign", "limits")
async def limits_of_files(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    largest, kept = (run.app.screen.query_one(f"#field-{one}", PlainInput) for one in ("largest", "kept"))
    assert (largest.value, kept.value) == ("20", "200")
    for wrong, why in (("much", "Write a number"), ("21", "At most 20 MiB"), ("0.0005", "Write a number")):
        largest.value = wrong
        await run.click("#submit")
        assert run.shows(why)
    assert not run.sent(c.SetRules)
    largest.value, kept.value = "1,5", "50"
    await run.click("#submit")
    (sent,) = run.sent(c.SetRules)
    assert (sent.file_bytes_max, sent.kept_bytes_max) == (3 * MIB // 2, 50 * MIB)
    assert run.shows("at most 1.5 MiB each; each device keeps at most 50.0 MiB")


@on("campaign", "renew")
async def renewing_keys(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    assert run.shows("in other hands")
    await run.press("escape")
    assert not run.sent(c.RenewKeys)
    await run.press(key)
    await run.click("#submit")
    assert run.sent(c.RenewKeys) == [c.RenewKeys(campaign=CAMPAIGN)]
    assert run.shows("are new")


@on("campaign", "leave")
async def leave_wants_the_word(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    await run.write("yes")
    await run.press("enter")
    assert not run.sent(c.LeaveCampaign)
    await run.press("backspace", "backspace", "backspace")
    await run.write("leave")
    await run.press("enter")
    assert run.sent(c.LeaveCampaign) == [c.LeaveCampaign(campaign=CAMPAIGN)]
    assert run.shows("You take part no longer")


@on("campaign", "offices")
async def offices_opens(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    assert run.place == "offices"
    assert run.shows("None yet: press n to make one.")


def with_offices() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.give_offices()
    return daemon


async def open_offices(run: Running, *keys: str) -> None:
    await run.open_campaign()
    await run.press("f", *keys)


@on("offices", "back", with_offices)
async def back_from_offices(run: Running, key: str) -> None:
    await open_offices(run)
    await goes_back(run, key)


@on("offices", "open", with_offices)
async def open_shows_each_use_of_a_mandate(run: Running, key: str) -> None:
    await open_offices(run, "down", "down")
    assert not run.shows("Letter 5")
    await run.press(key)
    assert run.shows("Letter 5")


@on("offices", "new", with_offices)
async def new_office_is_asked_for_step_by_step(run: Running, key: str) -> None:
    await open_offices(run, key)
    await run.write("The League")
    await run.click("#submit")
    run.app.screen.query_one("#field-first", PlainInput).value = "be"
    run.app.screen.query_one("#field-deputies", PlainInput).value = "Chi, Dov"
    await run.rest()
    assert run.shows("Ben decides; Chi, Dov may stand in after 24 hours")
    await run.click("#submit")
    run.app.screen.query_one("#field-first", PlainInput).value = "Ana"
    await run.click("#submit")
    assert run.shows("“The League” signs in 2 steps: 1. policy: Ben decides")
    assert run.shows("2. director: Ana signs")
    await run.click("#submit")
    [command] = run.sent(c.MakeOffice)
    ana, ben, chi, dov = [identifier("author " + name) for name in ("Ana", "Ben", "Chi", "Dov")]
    assert command == c.MakeOffice(
        campaign=CAMPAIGN,
        name="The League",
        steps=(
            c.OfficeStep(name="policy", holders=(ben, chi, dov), wait_ms=24 * HOUR_MS),
            c.OfficeStep(name="director", holders=(ana,), wait_ms=0),
        ),
    )
    assert run.place == "offices"
    assert run.shows("The League (I am in it)")


@on("offices", "change", with_offices)
async def change_begins_with_the_office_as_it_is(run: Running, key: str) -> None:
    await open_offices(run, key)
    await run.click("#submit")
    assert run.shows("Ana decides; Dov may stand in after 24 hours")
    await run.click("#submit")
    run.app.screen.query_one("#field-first", PlainInput).value = "Chi"
    await run.click("#submit")
    assert run.shows("It takes the place of the office as it stands")
    await run.click("#submit")
    [command] = run.sent(c.MakeOffice)
    assert command.replaces == OFFICE
    assert command.steps[1].holders == (identifier("author Chi"),)


@on("offices", "mandate", with_offices)
async def a_mandate_has_bounds_and_an_end(run: Running, key: str) -> None:
    await open_offices(run, key)
    screen = run.app.screen
    screen.query_one("#field-holder", PlainInput).value = "chi"
    screen.query_one("#field-words", PlainText).load_text("Torture cases")
    screen.query_one("#field-topics", PlainInput).value = "torture, Death Penalty"
    screen.query_one("#field-countries", PlainInput).value = "ir"
    screen.query_one("#field-asks", PlainInput).value = "sanctions"
    await run.rest()
    assert run.shows("Chi may sign for The Centre alone, without its steps, until 2026-12-22 14:00.")
    await run.click("#submit")
    assert not run.sent(c.GiveMandate)  # the word is not typed
    screen.query_one("#field-typed", PlainInput).value = "mandate"
    await run.click("#submit")
    [command] = run.sent(c.GiveMandate)
    assert command.scope == c.MandateScope(
        words="Torture cases",
        topics=("torture", "death-penalty"),
        countries=("ir",),
        asks_excluded=("sanctions",),
    )
    assert (command.holder, command.expires_ms) == (identifier("author Chi"), NOW_MS + 30 * 24 * HOUR_MS)


@on("offices", "revoke", with_offices)
async def revoke_takes_a_mandate_back(run: Running, key: str) -> None:
    await open_offices(run, key)
    assert any("Choose a mandate that holds" in toast for toast in run.toasts())
    await run.press("down", key)
    await run.write("revoke")
    await run.press("enter")
    assert run.sent(c.RevokeMandate) == [c.RevokeMandate(campaign=CAMPAIGN, mandate=mandate().id)]
    assert run.shows("✗ taken back")


# --- Channel


@on("channel", "send")
async def send_posts_the_text(run: Running, key: str) -> None:
    await run.open_channel()
    await run.write("on my way")
    await run.press(key)
    (sent,) = run.sent(c.PostMessage)
    assert dataclasses.replace(sent, draft="") == c.PostMessage(
        campaign=CAMPAIGN, channel=GENERAL, text="on my way"
    )
    assert run.shows("on my way")
    assert run.app.screen.query_one(PlainText).text == ""


@on("channel", "newline")
async def newline_does_not_send(run: Running, key: str) -> None:
    await run.open_channel()
    await run.write("one")
    await run.press(key)
    await run.write("two")
    assert not run.sent(c.PostMessage)
    await run.press("enter")
    assert run.sent(c.PostMessage)[0].text == "one\ntwo"


@on("channel", "reply")
async def reply_names_the_message(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", "up", "up", key)
    assert run.shows("Answering Ben: Maryam was taken at four.")
    await run.write("where")
    await run.press("enter")
    assert run.sent(c.PostMessage)[0].reply_to == identifier("message 1")
    await run.press(key)
    assert run.shows("Answering")
    await run.press(key)
    assert not run.shows("Answering")


@on("channel", "attach")
async def attach_asks_for_a_path(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press(key)
    assert run.shows("take out place, time and device")
    await run.press("escape")
    assert not run.sent(c.BeginUpload)


def channel_with_a_file() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    absent = attachment(state=v.AttachmentState.ABSENT)
    daemon.messages[GENERAL].append(message(70, "Ben", "see", attachments=(absent,)))
    return daemon


@on("channel", "file", channel_with_a_file)
async def file_fetches_what_is_not_here(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press(key)
    assert run.sent(c.FetchAttachment)[0].message == identifier("message 70")
    await run.press("tab", "up", key)
    assert run.shows("Choose a message with a file first.")


def long_channel() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.messages[GENERAL] = [message(number) for number in range(250)]
    return daemon


def channel_with_talk() -> FakeDaemon:
    """Ben's message, its answer by me, and one of mine that was changed."""
    daemon = FakeDaemon.with_campaign()
    first = message(1, "Ben", "Who comes at four?", replies=1)
    daemon.messages[GENERAL] = [
        first,
        message(2, "Ana", "I do", reply_to=first.id, thread=first.id),
        message(3, "Ana", "at nine", may_change=True, may_take_back=True, edited_ms=NOW_MS),
    ]
    return daemon


@on("channel", "thread", channel_with_talk)
async def thread_shows_the_conversation_alone(run: Running, key: str) -> None:
    await run.open_channel()
    assert run.shows("1 answer: t")
    await run.press("tab", "up", key)
    assert run.sent(c.ListMessages)[-1].thread == identifier("message 1")
    assert run.shows("Who comes at four?")
    assert not run.shows("at nine")
    run.app.screen.query_one(Composer).focus()
    await run.write("me too")
    await run.press("enter")
    assert run.sent(c.PostMessage)[-1].reply_to == identifier("message 1")


@on("channel", "react")
async def react_offers_a_few_and_takes_any(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", key)
    assert run.shows("who reacted how")
    await run.press("down", "down")
    await run.click("#submit")
    (sent,) = run.sent(c.ReactToMessage)
    assert sent.emoji in "👍👎🙏✅😢❓"
    await run.rest()
    assert run.shows(f"{sent.emoji} 1*")
    await run.press(key)
    run.app.screen.query_one("#field-other", PlainInput).value = "🐝"
    await run.click("#submit")
    assert run.sent(c.ReactToMessage)[-1].emoji == "🐝"


@on("channel", "change", channel_with_talk)
async def change_puts_the_message_on_the_line(run: Running, key: str) -> None:
    await run.open_channel()
    await run.write("half a draft")
    await run.press("tab", key)
    composer = run.app.screen.query_one(Composer)
    assert composer.text == "at nine"
    assert run.shows("Changing what you said")
    await run.write(", at the gate")
    await run.press("enter")
    (sent,) = run.sent(c.EditMessage)
    assert (sent.message, sent.text) == (identifier("message 3"), "at nine, at the gate")
    assert composer.text == "half a draft"
    assert run.shows("changed: h")
    await run.press("tab", key, "escape")
    assert run.place == "channel"
    assert composer.text == "half a draft"
    await run.press("tab", "home", key)
    assert run.shows("Only its author changes a message.")


@on("channel", "take_back", channel_with_talk)
async def take_back_asks_first(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", key)
    assert run.shows("may have")
    await run.press("escape")
    assert not run.sent(c.TakeBackMessage)
    await run.press(key)
    await run.click("#submit")
    assert run.sent(c.TakeBackMessage)[-1].message == identifier("message 3")
    assert run.shows("taken back; copies may exist")
    await run.press("home", key)
    assert run.shows("The rules of this campaign")


@on("channel", "pin")
async def pin_and_pin_no_longer(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", key)
    assert run.shows("pinned by Ana")
    await run.press(key)
    assert [one.pinned for one in run.sent(c.PinMessage)] == [True, False]
    assert not run.shows("pinned by Ana")


@on("channel", "pins")
async def pins_are_shown_over_the_channel(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", key)
    assert run.shows("Nothing is pinned here")
    await run.press("escape", "p", key)
    assert run.shows("pinned by Ana")
    await run.press("escape")
    assert run.place == "channel"


@on("channel", "history", channel_with_talk)
async def history_shows_what_it_said_before(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", key)
    assert run.shows("as it was first")
    assert run.shows("as it is now")
    await run.press("enter")
    assert run.place == "channel"


def unread_channel() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.messages[GENERAL] = [message(number) for number in range(400)]
    daemon.first_unread[GENERAL] = identifier("message 120")
    return daemon


@on("channel", "unread", unread_channel)
async def unread_goes_to_where_it_begins(run: Running, key: str) -> None:
    await run.open_channel()
    assert run.shows("280 unread further up: u")
    assert not run.sent(c.MarkRead), "what stands above was not seen"
    await run.press("tab", key)
    assert run.shows("── unread ──")
    assert run.app.screen.query_one(Timeline).chosen == identifier("message 120").hex()
    assert run.sent(c.MarkRead)[-1].message == identifier("message 169")
    await run.press("end", "pagedown")
    assert identifier("message 169") in [one.after for one in run.sent(c.ListMessages)]


@on("channel", "newest", unread_channel)
async def newest_goes_back_to_the_end(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", "u")
    assert run.app.screen.query_one(Timeline).chosen == identifier("message 120").hex()
    await run.press(key)
    assert run.app.screen.query_one(Timeline).chosen == identifier("message 399").hex()


@on("channel", "find", unread_channel)
async def find_goes_to_the_message(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", key)
    await run.write("number 77")
    await run.press("enter")
    assert run.sent(c.Search)[-1].campaign == CAMPAIGN
    assert run.shows("message number 77")
    await run.press("enter")
    assert run.place == "channel"
    assert run.app.screen.query_one(Timeline).chosen == identifier("message 77").hex()


@on("home", "find")
async def find_in_all(run: Running, key: str) -> None:
    await run.press(key)
    await run.write("maryam")
    await run.press("enter")
    assert run.sent(c.Search)[-1].campaign == b""
    assert run.shows("Maryam was taken at four.")


@on("home", "today")
async def today_says_where_nothing_is(run: Running, key: str) -> None:
    await run.press(key)
    assert run.shows("Nothing needs you now.")


@on("campaign", "find")
async def find_in_one(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press(key)
    await run.write("zebra")
    await run.press("enter")
    assert run.sent(c.Search)[-1].campaign == CAMPAIGN
    assert run.shows("Nothing was found.")


@on("search", "open")
async def open_goes_where_it_was_found(run: Running, key: str) -> None:
    await run.press("slash")
    await run.write("maryam")
    await run.press("enter", key)
    assert run.place == "channel"


@on("search", "back")
async def back_from_search(run: Running, key: str) -> None:
    await run.press("slash")
    await goes_back(run, key)


@on("channel", "holders")
async def holders_names_who_has_a_message(run: Running, key: str) -> None:
    await run.open_channel()
    await run.press("tab", "up", key)
    newest = run.daemon.messages[GENERAL][-2]
    assert run.sent(c.ShowHolders) == [c.ShowHolders(campaign=CAMPAIGN, operation=newest.id)]
    assert run.shows("Who holds this message")
    assert run.shows("Nothing shows yet that these hold it:")


@on("statement", "holders")
async def holders_names_who_has_a_letter(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.sent(c.ShowLetterHolders) == [c.ShowLetterHolders(campaign=CAMPAIGN, statement=LETTER)]
    assert run.shows("Who holds this letter and its signatures")


@on("channel", "older", long_channel)
async def older_loads_the_page_before(run: Running, key: str) -> None:
    await run.open_channel()
    assert run.shows("message number 249")
    for _page in range(30):
        await run.press(key)
    pages = [command for command in run.sent(c.ListMessages) if command.before]
    assert [command.before for command in pages[:2]] == [
        identifier("message 150"),
        identifier("message 50"),
    ]
    await run.press("home")
    assert run.shows("message number 0")


@on("channel", "switch")
async def switch_goes_between(run: Running, key: str) -> None:
    await run.open_channel()
    focused = []
    for _press in range(3):
        focused.append(type(run.app.screen.focused))
        await run.press(key)
    assert focused == [Composer, Timeline, Composer]


# --- Statement


@on("statement", "text")
async def text_shows_paragraphs_and_comments(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("3", key)
    assert run.shows("¶2 »1 We ask for her release, now.")
    assert run.shows("» 1 comment, by Dov, 13:00 (Enter shows it)")


@on("statement", "changes")
async def changes_shows_the_difference(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("[-four-]{+five+}")
    assert run.shows("+ ¶3 All of us.")


@on("statement", "signatures", with_letter(opened()))
async def signatures_shows_the_tally(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("2 signed")
    assert run.shows("Ben's League for Rights")
    assert run.shows("Count's digest: " + "8f69 af2a ceff 7b43")


@on("statement", "exact", with_letter(opened()))
async def exact_shows_what_is_signed(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    for line in opened().canonical_text.split("\n"):
        assert run.shows(line)


TWO_LANGUAGES = draft(
    revisions=(*draft().revisions, revision(3, "Dov", "fa", title="مریم", paragraphs=("آزادی",))),
    languages=("en", "fa"),
)


@on("statement", "language", with_letter(TWO_LANGUAGES))
async def language_goes_to_the_next(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    assert run.shows("[en] fa")
    await run.press(key)
    assert run.shows("en [fa]")
    assert drawn("آزادی") in run.text()


@on("statement", "beside", with_letter(TONGUES))
async def beside_shows_two_languages(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.place == "languages"
    assert run.shows("¶2 Her family has not been told where she is held.")
    assert drawn("نگهداری") in run.text()


async def side_by_side(run: Running) -> None:
    await run.open_statement(LETTER)
    await run.press("b")


@on("languages", "back", with_letter(TONGUES))
async def back_from_two_languages(run: Running, key: str) -> None:
    await side_by_side(run)
    await goes_back(run, key)
    assert run.place == "statement"


@on("languages", "left", with_letter(TONGUES))
async def left_shows_another_language(run: Running, key: str) -> None:
    await side_by_side(run)
    await run.press(key)
    assert run.shows("Left: es (l) Right: fa (r)")
    assert run.shows("Neither translates the other")


@on("languages", "right", with_letter(TONGUES))
async def right_shows_another_language(run: Running, key: str) -> None:
    await side_by_side(run)
    await run.press(key)
    assert run.shows("Left: en (l) Right: es (r)")
    assert run.shows("No se ha dicho a su familia")


@on("languages", "swap", with_letter(TONGUES))
async def swap_changes_the_sides(run: Running, key: str) -> None:
    await side_by_side(run)
    await run.press(key)
    assert run.shows("Left: fa (l) Right: en (r)")


@on("languages", "comment", with_letter(TONGUES))
async def comment_beside_is_on_the_right_text(run: Running, key: str) -> None:
    await side_by_side(run)
    await run.press("down", "down", "down", "down", key)  # ¶4 of one is ¶3 of the other
    await write_in_words(run, "Is this the polite form?")
    [command] = run.sent(c.CommentStatement)
    assert (command.revision, command.paragraph) == (PERSIAN.id, 3)


@on("languages", "amend", with_letter(TONGUES))
async def amend_beside_brings_the_translation_up(run: Running, key: str) -> None:
    await side_by_side(run)
    await run.press(key)
    assert run.place == "write"
    assert run.shows("it says now:")
    run.app.screen.query_one("#text", PlainText).load_text("یک\n\nدو")
    await run.press("ctrl+o")
    [command] = run.sent(c.AmendStatement)
    assert (command.language, command.base, command.translates) == ("fa", PERSIAN.id, ENGLISH.id)


@on("languages", "compared", with_letter(TONGUES))
async def compared_names_what_was_compared(run: Running, key: str) -> None:
    await side_by_side(run)
    await run.press("r", key)
    assert run.shows("You say that the text in es says the same as the text in en")
    run.app.screen.query_one("#field-credit", PlainInput).value = "Ana"
    await run.click("#submit")
    [command] = run.sent(c.CommentStatement)
    assert (command.revision, command.stance, command.credit) == (SPANISH.id, c.Stance.CHECKED, "Ana")


@on("languages", "coming", with_letter(frozen_and_amended()))
async def coming_shows_what_is_put_forward(run: Running, key: str) -> None:
    await side_by_side(run)
    assert run.shows("We ask for her release, now.")
    await run.press(key)
    assert run.shows("put forward for the next version")
    assert run.shows("We ask for her release before Friday.")
    await run.press(key)
    assert not run.shows("before Friday")


@on("statement", "older_revision")
async def older_revision_goes_back(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    assert run.shows("revision 2 of 2 by Chi")
    await run.press(key)
    assert run.shows("revision 1 of 2 by Ben")
    assert run.shows("taken at four")


@on("statement", "newer_revision")
async def newer_revision_goes_forth(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("comma", key)
    assert run.shows("revision 2 of 2 by Chi")


@on("statement", "remarks")
async def remarks_of_a_paragraph_are_shown_and_hidden(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("down", "down", key)
    assert run.shows("» Dov, 13:00: Her lawyer agrees to this wording.")
    await run.press(key)
    assert not run.shows("Her lawyer agrees")


async def test_a_comment_stands_beside_its_words_in_every_revision() -> None:
    """Goal: a comment moves with its words, and says when they are changed or gone. Method: comments on the
    first revision; read the second, in which all three things happened."""
    first = revision(1, current=False, paragraphs=("One.", "Two.", "Three.", "Four."))
    second = revision(2, base=first.id, paragraphs=("New.", "One.", "Two, said otherwise.", "Four."))
    remark = draft().comments[0]
    comments = [
        dataclasses.replace(remark, id=identifier(f"c{at}"), revision=first.id, paragraph=at, text=f"on {at}")
        for at in (1, 2, 3, 4)
    ]
    loud = dataclasses.replace(comments[2], stance=c.Stance.BLOCK, red_line=v.RedLine.REWORDED)
    letter = draft(revisions=(first, second), comments=(comments[0], comments[1], loud, comments[3]))
    assert [(one.paragraph, one.words) for one in remarks(letter, second)] == [
        (2, ""),
        (3, "Two."),
        (0, "Three."),
        (4, ""),
    ]
    async with running(with_letter(letter)(), size=(80, 40)) as run:
        await run.open_statement(LETTER)
        assert run.shows("»1 Free Maryam Rahimi")  # a red line is shown unasked, as what it is about is gone
        assert run.shows("about a paragraph that is gone: “Three.”")
        assert run.shows("¶2 »1 One.")
        await run.press("down", "down", "down", "enter")
        assert run.shows("on 2 ↳ about this paragraph as it was before: “Two.”")
        await run.press("comma")
        assert run.shows("¶2 »1 Two.")
        assert not run.shows("as it was before")


@on("statement", "comment")
async def comment_is_on_the_chosen_paragraph(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("down", "down", key)
    assert run.shows("Comment on paragraph 2")
    await run.write("red line")
    await run.click("#submit")
    [command] = run.sent(c.CommentStatement)
    assert (command.paragraph, command.text, command.revision) == (2, "red line", identifier("revision 2"))
    assert command.stance is c.Stance.REMARK
    assert run.shows("red line")
    await run.press(key)
    await run.write("Cut this.")
    await run.press("tab", "down", "space")
    await run.click("#submit")
    drawn = run.sent(c.CommentStatement)[-1]
    assert (drawn.stance, drawn.paragraph) == (c.Stance.BLOCK, 2)
    assert run.shows("Red lines that stand: 1")
    assert run.shows("we cannot sign with this (stands)")
    await run.press(key)
    assert run.shows("lift my red line: Cut this.")
    await run.press("tab", *["down"] * 4, "space")
    await run.click("#submit")
    assert len(run.sent(c.CommentStatement)[-1].lifts) == 32


def letter_with_files() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    letter = daemon.statements[LETTER]
    absent = attachment("scan.jpg", state=v.AttachmentState.ABSENT, held=0)
    commented = dataclasses.replace(letter.comments[0], paragraph=1, attachments=(attachment(), absent))
    daemon.statements[LETTER] = dataclasses.replace(letter, comments=(commented,))
    return daemon


@on("statement", "file", letter_with_files)
async def file_of_a_comment_is_fetched(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("down", "enter")
    assert run.shows("▤ scan.jpg")
    await run.press("up", key)
    assert run.shows("There is no file here")
    await run.press("down", key)
    comment = run.daemon.statements[LETTER].comments[0]
    assert run.sent(c.FetchAttachment) == [c.FetchAttachment(campaign=CAMPAIGN, message=comment.id, number=1)]


@on("statement", "amend")
async def amend_names_its_base(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("Maryam was taken at five")
    await run.press("pagedown", "end")
    await run.write(" Today.")
    await run.press("ctrl+o")
    [command] = run.sent(c.AmendStatement)
    assert command.base == identifier("revision 2")
    assert command.text.endswith("Today.")
    assert run.place == "statement"
    assert run.shows("revision 3 of 3 by Ana")


@on("statement", "translate")
async def translate_adds_a_language(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    await run.write("fr")
    await run.press("tab")
    await run.write("Libre")
    await run.press("tab")
    await run.write("Maintenant")
    await run.press("ctrl+o")
    [command] = run.sent(c.AmendStatement)
    assert (command.language, command.base, command.title) == ("fr", b"", "Libre")
    assert run.shows("en [fr]")


SIDE_BY_SIDE = draft(
    revisions=(
        revision(1, current=False),
        revision(2, "Ben", base=identifier("revision 1"), paragraphs=("Maryam was taken.", "Free her.")),
        revision(
            3,
            "Chi",
            base=identifier("revision 1"),
            paragraphs=("Maryam was taken at four this morning.", "Let her go."),
        ),
    )
)


@on("statement", "merge", with_letter(SIDE_BY_SIDE))
async def merge_makes_one_text_of_two(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    assert run.shows("2 revisions stand side by side")
    await run.press(key)
    text = run.app.screen.query_one("#text", PlainText)
    assert text.text == "Maryam was taken.\n\n⟦⟦ Chi\n\nLet her go.\n\n⟦ Ben\n\nFree her.\n\n⟧⟧"
    text.load_text("Maryam was taken.\n\nLet her go free.")
    await run.press("ctrl+o")
    [command] = run.sent(c.AmendStatement)
    assert (command.base, command.merges) == (identifier("revision 3"), (identifier("revision 2"),))


@on("statement", "freeze")
async def freeze_fixes_what_is_shown(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("en: “Free Maryam Rahimi”, revision by Chi")
    run.app.screen.query_one("#field-addressees", PlainText).load_text("The Minister\nThe Ambassador")
    run.app.screen.query_one("#field-deadline", PlainInput).value = "2026-11-25 18:00"
    run.app.screen.query_one("#field-typed", PlainInput).value = "freeze"
    run.app.screen.query_one("#field-sealed_until", PlainInput).value = "4"
    await run.click("#submit")
    assert run.shows("open after 5 at the soonest")
    assert not run.sent(c.FreezeStatement)
    run.app.screen.query_one("#field-sealed_until", PlainInput).value = "6"
    run.app.screen.query_one("#field-seal_expires", PlainInput).value = "2026-11-26 18:00"
    run.app.screen.query_one("#field-topics", PlainInput).value = "Death penalty, torture"
    run.app.screen.query_one("#field-countries", PlainInput).value = "ir"
    run.app.screen.query_one("#field-asks", PlainInput).value = "release"
    await run.click("#submit")
    [command] = run.sent(c.FreezeStatement)
    assert (command.topics, command.countries) == (("death-penalty", "torture"), ("ir",))
    assert command.asks == ("release",)
    assert (command.sealed_until, command.seal_expires_ms) == (6, 1_795_716_000_000)
    assert command.revisions == (identifier("revision 2"),)
    assert command.addressees == ("The Minister", "The Ambassador")
    assert command.deadline_ms == 1_795_629_600_000
    assert run.shows("open for signing")


@on(
    "statement",
    "revise",
    with_letter(opened(actions=(v.Action.REVISE, v.Action.SIGN), addressees=("The Minister",))),
)
async def revise_fixes_the_next_version(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("Version 2 takes the place of the text that is open")
    assert run.app.screen.query_one("#field-addressees", PlainText).text == "The Minister"
    run.app.screen.query_one("#field-deadline", PlainInput).value = "2026-11-25 18:00"
    run.app.screen.query_one("#field-soft_deadline", PlainInput).value = "2026-11-24 18:00"
    run.app.screen.query_one("#field-typed", PlainInput).value = "replace"
    await run.click("#submit")
    [command] = run.sent(c.FreezeStatement)
    assert command.replaces == opened().digest
    assert (command.deadline_ms, command.soft_deadline_ms) == (1_795_629_600_000, 1_795_543_200_000)
    assert run.shows("Version 2")
    await run.press("2")
    assert run.shows("Changed since version 1:")


async def review(run: Running) -> None:
    await run.press("s", "enter")
    run.app.screen.query_one("#field-name", PlainInput).value = "Ana's Committee"
    run.app.screen.query_one("#field-country", PlainInput).value = "Iran"
    await run.click("#submit")
    assert isinstance(run.app.screen, SignScreen)


@on("statement", "sign", with_letter(opened()))
async def sign_reviews_then_signs(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    assert key == "s"
    await review(run)
    assert run.shows("Signed by: Ana's Committee, Iran as an organisation")
    assert run.shows("Maryam was taken at five this morning.")
    assert not run.sent(c.SignStatement)
    await run.write("sign")  # it reaches the field although the text has the focus
    await run.press("enter")
    [command] = run.sent(c.SignStatement)
    assert command.digest == opened().digest
    assert command.languages_read == ("en",)
    assert run.place == "statement"
    assert run.shows("3 signed")
    assert run.shows("My signature: counted")


async def test_who_signs_late_is_told_so_and_says_so() -> None:
    """Goal: nobody takes an addendum for the list. Method: sign a released letter; read the last look."""
    letter = opened(phase=v.StatementPhase.RELEASED, released_ms=1, actions=(v.Action.SIGN_LATE,))
    async with running(with_letter(letter)()) as run:
        await run.open_statement(LETTER)
        await review(run)
        assert run.shows("This is late: the name will stand in an addendum")
        await run.write("sign")
        await run.press("enter")
        [command] = run.sent(c.SignStatement)
        assert command.late


async def test_a_profile_is_kept_and_fills_the_next_signature() -> None:
    """Goal: how one signs is entered once. Method: keep it with one signature, choose it for the next; by
    role where the letter permits it, and only with others."""
    letter = opened(modes=(c.NameMode.NAMED, c.NameMode.ADDRESSEE, c.NameMode.ROLE))
    daemon = with_letter(letter)()
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("s", "down", "enter")
        fields = {"name": "The Centre", "names": "fa=مرکز", "country": "Iran", "role": "A house of women"}
        for field, value in fields.items():
            run.app.screen.query_one(f"#field-{field}", PlainInput).value = value
        list(run.app.screen.query("#field-keep PlainRadio").results(PlainRadio))[1].value = True
        await run.click("#submit")
        assert run.shows("Signed by: A house of women")
        [kept] = run.sent(c.SetProfile)
        assert (kept.label, kept.role, kept.names[0].name) == ("The Centre", "A house of women", "مرکز")
        await run.press("escape")
        await run.press("s", "enter")  # what was chosen before is chosen
        assert run.shows("with which profile")
        await run.click("#submit")
        assert run.app.screen.query_one("#field-role", PlainInput).value == "A house of women"
        run.app.screen.query_one("#field-needs", PlainInput).value = "3 in-country"
        await run.click("#submit")
        assert run.shows("A house of women")
        assert run.shows("On the list: by role.")
        assert run.shows("with at least 3 others of this kind: in the country")
        await run.write("sign")
        await run.press("enter")
        [signed] = run.sent(c.SignStatement)
        assert (signed.name, signed.mode) == ("A house of women", c.NameMode.ROLE)
        assert (signed.names, signed.title) == ((), "")
        assert signed.needs == (c.Need(at_least=3, seat=c.Seat.IN_COUNTRY),)


SIGNED = opened(
    tally=tally((*opened().tally.entries, entry("Ana"))),
    mine=v.EntryState.COUNTED,
    actions=(v.Action.WITHDRAW, v.Action.RELEASE),
)


@on("statement", "decide", with_letter(opened(requests=(asked(),))))
async def deciding_shows_whose_turn_it_is_and_then_signs(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("3")
    assert run.shows("policy waits for Ana since")
    assert run.shows("Dov may stand in from")
    assert run.shows("It is your turn.")
    await run.press(key)
    assert run.shows("By Friday, please.")
    list(run.app.screen.query("#field-verdict PlainRadio").results(PlainRadio))[1].value = True
    await run.click("#submit")
    assert run.shows("rite what has to be answered first")
    next(iter(run.app.screen.query("#field-verdict PlainRadio").results(PlainRadio))).value = True
    await run.click("#submit")
    [command] = run.sent(c.DecideRequest)
    assert (command.verdict, command.request) == (c.Verdict.APPROVE, asked().id)
    assert run.shows("the last step is to sign")
    await review(run)
    assert run.shows("For the office The Centre.")
    await run.write("sign")
    await run.press("enter")
    [signed] = run.sent(c.SignStatement)
    assert signed.request == asked().id


def open_letter_with_an_office() -> FakeDaemon:
    daemon = with_offices()
    daemon.statements[LETTER] = opened()
    return daemon


@on("statement", "request", open_letter_with_an_office)
async def request_asks_an_office_and_shows_its_clock(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("policy (Ana) → director (Ben)")
    run.app.screen.query_one("#field-note", PlainText).load_text("By Friday, please.")
    await run.click("#submit")
    [command] = run.sent(c.RequestSignature)
    assert (command.office, command.note) == (OFFICE, "By Friday, please.")
    assert run.shows("The Centre: in approval")
    assert run.shows("(in 23 hours)")


@on("statement", "seal", with_letter(opened(seal=sealing())))
async def sealing_is_understood_reviewed_and_typed(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("No name is shown before 5 of 12 members have signed.")
    assert run.shows("could open it early")
    run.app.screen.query_one("#field-floor", PlainInput).value = "4"
    run.app.screen.query_one("#field-typed", PlainInput).value = "understood"
    await run.click("#submit")
    assert run.shows("our own number is 5 to 12")
    run.app.screen.query_one("#field-floor", PlainInput).value = "7"
    await run.click("#submit")
    run.app.screen.query_one("#field-name", PlainInput).value = "Ana's Committee"
    await run.click("#submit")
    assert run.shows("Sealed: nobody sees it until 7 have signed.")
    await run.write("sign")
    await run.press("enter")
    assert run.shows("To go on, type exactly: seal")
    assert not run.sent(c.SignSealed)
    run.app.screen.query_one("#typed", PlainInput).value = "seal"
    await run.press("enter")
    [command] = run.sent(c.SignSealed)
    assert (command.floor, command.name) == (7, "Ana's Committee")
    assert not run.sent(c.SignStatement)
    assert run.shows("My sealed sign-on is on its way")
    await run.press("w")
    assert run.shows("You cannot sign this text sealed again.")
    await run.write("withdraw")
    await run.press("enter")
    assert run.sent(c.WithdrawSealed)
    assert run.shows("My withdrawal is on its way")


async def test_being_counted_is_chosen_understood_and_typed() -> None:
    """Goal: whoever is counted had the sentences before, and can take it back. Method: choose it among the
    ways; nothing of it is kept there."""
    modes = (c.NameMode.NAMED, c.NameMode.COUNTED)
    daemon = with_letter(opened(modes=modes, unnamed=counting()))()
    async with running(daemon, size=(80, 40)) as run:
        await run.open_statement(LETTER)
        await run.press("3")
        assert run.shows("Counted, not named: 4, among 9 who are not named.")
        assert run.shows("Without keys to be counted by: Dov")
        await run.press("s", "down")
        assert run.shows("You are one of a number among 9 who are not named")
        assert run.shows("Until the release whoever opens this device can tell whether you signed")
        await run.press("enter")
        assert run.shows("Counted, and not named")
        assert run.shows("Your name stands nowhere")
        assert run.shows("Whoever opens this device while the letter is open")
        await run.write("sign")
        await run.press("enter")
        assert run.shows("To go on, type exactly: count")
        assert not run.sent(c.SignCounted)
        run.app.screen.query_one("#typed", PlainInput).value = "count"
        await run.press("enter")
        [command] = run.sent(c.SignCounted)
        assert command.statement == LETTER
        assert not run.sent(c.SignStatement)
        assert run.shows("I am being counted: stay on for a minute.")
        await run.press("s")
        assert run.shows("I am being counted: stay on for a minute.")
        assert run.app.screen.query_one("#modes", PlainOptions).chosen == "named"
        await run.press("escape", "w")
        assert run.shows("You cannot be counted on this text again.")
        await run.write("withdraw")
        await run.press("enter")
        assert run.sent(c.WithdrawCounted)
        assert run.shows("My withdrawal is on its way")


async def test_being_counted_is_refused_with_the_reason() -> None:
    """Goal: no way on where it is not safe. Method: a letter whose daemon says why not."""
    modes = (c.NameMode.NAMED, c.NameMode.COUNTED)
    refusing = counting(refusal="Too few members are left.", crowd=2, everybody=True)
    daemon = with_letter(opened(modes=modes, unnamed=refusing))()
    async with running(daemon, size=(80, 40)) as run:
        await run.open_statement(LETTER)
        await run.press("3")
        assert run.shows("is no secret")
        await run.press("s")
        assert run.shows("You cannot be counted: Too few members are left.")
        await run.press("down", "enter")
        assert run.shows("who signs?")  # the one way that is left
        assert not run.sent(c.SignCounted)


@on("statement", "preview", with_letter(opened()))
async def preview_shows_what_a_release_would_make(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.place == "preview"
    assert run.shows("Nothing is published by looking.")
    assert run.sent(c.PreviewStatement) == [c.PreviewStatement(campaign=CAMPAIGN, statement=LETTER)]
    assert not run.sent(c.ReleaseStatement)


async def previewing(run: Running) -> None:
    await run.open_statement(LETTER)
    await run.press("x")


@on("preview", "points", with_letter(opened(quorum=(v.QuorumView(seat=c.Seat.EXILE, needed=2, have=1),))))
async def points_show_what_is_left_to_do(run: Running, key: str) -> None:
    await previewing(run)
    await run.press("2", key)
    assert run.shows("✓ The text is frozen: version 1, in")
    assert run.shows("✓ 2 signatures are on the list.")
    assert run.shows("! Signatures are waited for until 25 Nov 2026 14:00")
    assert run.shows("· 2 members have not signed.")
    assert run.shows("! in exile: 1 of 2 agreed")
    assert run.shows("Release the letter: it cannot be undone.")


@on("preview", "public", with_letter(opened(modes=tuple(c.NameMode))))
async def public_shows_both_lists(run: Running, key: str) -> None:
    await previewing(run)
    await run.press(key)
    assert run.shows("+ 2 names, as they were entered")
    assert run.shows("+ A key for each signature.")
    assert run.shows("– Who was asked, and who has not signed.")
    assert run.shows("Copies cannot be called back.")


@on("preview", "files", with_letter(opened()))
async def files_are_read_one_after_the_other(run: Running, key: str) -> None:
    await previewing(run)
    await run.press(key)
    assert run.shows("who signed, as a list")
    assert run.shows("Signatories: 2")
    await run.press("down")
    assert run.shows("We ask for her release.")
    assert not run.shows("Signatories: 2")


@on("preview", "choose", with_letter(opened()))
async def a_point_is_dealt_with_by_one_key(run: Running, key: str) -> None:
    await previewing(run)
    await run.press("end", key)
    assert run.shows("Release the letter")
    assert run.place == "form"
    await run.press("escape", "x", "down", "down", key)
    assert run.place == "chase"


@on("preview", "back", with_letter(opened()))
async def back_from_the_preview(run: Running, key: str) -> None:
    await previewing(run)
    await goes_back(run, key)


@on("statement", "next", with_letter(opened(course=(step(v.CourseStep.SIGN, waits_for_me=True),))))
async def the_next_step_is_begun_or_said_for_whom_it_waits(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.place == "modes"
    await run.press("escape")
    freeze = step(v.CourseStep.FREEZE, waits_for=("Ben",))
    run.daemon.statements[LETTER] = draft(course=(freeze,), actions=(v.Action.COMMENT,))
    await run.open_statement(LETTER)
    await run.press(key)
    assert any("Next: Freeze the text · waits for Ben" in toast for toast in run.toasts())
    run.daemon.statements[LETTER] = opened(course=(step(v.CourseStep.RELEASE, waits_for=("Ben",)),))
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.place == "preview"


EVERY_WAY = opened(modes=tuple(c.NameMode), seal=sealing(), unnamed=counting())


@on("modes", "choose", with_letter(EVERY_WAY))
async def choosing_a_way_leads_to_its_own_form(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("s", "down", key)
    assert run.shows("The role that stands on it")
    await run.press("escape", "s", "down", key)
    assert not run.shows("The role that stands on it")
    await run.press("escape", "s", "down", key)
    assert run.shows("No name is shown before 5 of 12 members have signed.")
    await run.press("escape", "s", "down", key)
    assert run.shows("Your name stands nowhere")
    await run.press("escape")
    assert not run.sent(c.SignStatement)


@on("modes", "back", with_letter(opened()))
async def back_from_the_ways_signs_nothing(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("s")
    await goes_back(run, key)


async def test_every_way_is_shown_with_two_sentences_or_why_not() -> None:
    """Goal: nobody chooses without the risk, or wonders about what is missing. Method: a letter that permits
    names alone, and one that permits all; count sentences."""
    for way, told in SENTENCES.items():
        assert len(re.findall(r"[.](?: |$)", told)) == 2, way
    for view in (EVERY_WAY, opened()):
        for one in choices_of(view):
            assert len(re.findall(r"[.](?: |$)", one.sentences)) == 2, one
    assert [one.why_not == "" for one in choices_of(EVERY_WAY)] == [True] * 5
    assert [one.why_not == "" for one in choices_of(opened())] == [True, False, False, False, False]
    late = dataclasses.replace(EVERY_WAY, actions=(v.Action.SIGN_LATE,))
    assert [one.why_not == "" for one in choices_of(late)] == [True, True, True, False, False]
    async with running(with_letter(opened())(), size=(80, 40)) as run:
        await run.open_statement(LETTER)
        await run.press("s")
        for one in choices_of(opened()):
            assert run.shows(one.sentences)
            assert run.shows(one.why_not)


@on("members", "words")
async def words_are_shown_and_judged(run: Running, key: str) -> None:
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()
    await run.press("down", key)
    assert run.shows("Words with Ben")
    assert run.shows("12 word12")
    await run.press("down", "space")
    await run.click("#submit")
    ben = identifier("author Ben")
    assert run.sent(c.ConfirmMember) == [c.ConfirmMember(campaign=CAMPAIGN, author=ben, match=True)]


@on("statement", "withdraw", with_letter(SIGNED))
async def withdraw_wants_the_word(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("no longer counts")
    await run.write("withdraw")
    await run.press("enter")
    assert run.sent(c.WithdrawSignature)
    assert run.shows("My signature: withdrawn")


@on("statement", "release", with_letter(SIGNED))
async def release_wants_the_word(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.shows("3 counted")
    await run.press("enter")
    assert not run.sent(c.ReleaseStatement)
    await run.write("release")
    await run.press("enter")
    (sent,) = run.sent(c.ReleaseStatement)
    assert sent.not_before_ms == 0
    assert run.shows("released · on 22 Nov 2026 14:00 +00:00 by Ana")


RELEASED = opened(
    phase=v.StatementPhase.RELEASED, released_ms=1, released_by="Ben", actions=(v.Action.EXPORT,)
)


LATE = opened(
    phase=v.StatementPhase.RELEASED,
    released_ms=1,
    released_by="Ben",
    tally=tally((*opened().tally.entries, entry("Dov", state=v.EntryState.AFTER_RELEASE))),
    late=v.LateView(sign_ons=(identifier("sign-on Dov"),), outside=2, withdrawals=("Ben's League",)),
    actions=(v.Action.EXPORT, v.Action.ADDENDUM, v.Action.SIGN_LATE),
)


@on("statement", "addendum", with_letter(LATE))
async def addendum_shows_who_is_added_and_wants_the_word(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("3")
    assert run.shows("4 late ones wait for the next addendum")
    await run.press(key)
    for line in ("+ Dov's League for Rights", "+ 2 from outside", "Ben's League withdrew"):
        assert run.shows(line)
    await run.press("enter")
    assert not run.sent(c.PublishAddendum)
    await run.write("publish")
    await run.press("enter")
    assert len(run.sent(c.PublishAddendum)) == 1
    assert run.shows("1 since, in 1 addendum")
    await run.press("pagedown")
    await run.until(lambda: run.shows("addendum 1"))


@on("statement", "export", with_letter(RELEASED))
async def export_writes_and_shows_paths(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    folder = EXPORT_TO[0]
    run.app.screen.query_one("#field-folder", PlainInput).value = str(folder)
    await run.click("#submit")
    assert (folder / "free-maryam.mcpkg").read_bytes() == b"package"
    inside = [row.split("│")[1] for row in run.rows() if row.count("│") == 2]  # a long path goes on below
    assert "free-maryam.en.txt" in "".join("".join(inside).split())


# --- Writing and signing


@on("write", "save")
async def save_refuses_an_empty_title(run: Running, key: str) -> None:
    await run.open_campaign()
    await run.press("d")
    assert isinstance(run.app.screen, WriteScreen)
    await run.write("en")
    await run.press(key)
    assert not run.sent(c.DraftStatement)
    assert "language, title and text are all needed" in run.toasts()[0].lower()


@on("sign", "confirm", with_letter(opened()))
async def confirm_needs_the_word(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await review(run)
    await run.press(key)
    assert not run.sent(c.SignStatement)
    assert run.shows("type exactly: sign")
    await run.write("SIGN")
    await run.press(key)
    assert run.sent(c.SignStatement)


@on("write", "attach")
async def attach_goes_with_the_text(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("a", key)
    assert run.shows("Attach a file")
    run.app.screen.query_one("#field-path", PlainInput).value = __file__
    await run.click("#submit")
    assert run.shows("With it: test_tui_actions.py")
    run.app.screen.query_one("#credit", PlainInput).value = "Ana of the Committee"
    await run.press("escape", "a")  # leaving keeps both
    assert run.shows("With it: test_tui_actions.py")
    await run.press("ctrl+o")
    [command] = run.sent(c.AmendStatement)
    assert (len(command.attachments), command.credit) == (1, "Ana of the Committee")
    assert run.shows("▤ test_tui_actions.py")


@on("write", "detach")
async def detach_takes_the_files_back(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("a", "ctrl+f")
    run.app.screen.query_one("#field-path", PlainInput).value = __file__
    await run.click("#submit")
    await run.press(key)
    assert len(run.sent(c.DropUpload)) == 1
    assert not run.shows("With it:")


# --- Members


@on("members", "role")
async def role_is_set(run: Running, key: str) -> None:
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()
    await run.press("down", "down", key)
    assert run.shows("Seat and role of Chi")
    await run.press("tab")
    await run.press("up", "enter")
    await run.click("#submit")
    [command] = run.sent(c.SetRole)
    assert (command.author, command.role) == (identifier("author Chi"), c.Role.ORGANISER)


@on("members", "restore", held_back)
async def restore_wants_the_word(run: Running, key: str) -> None:
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()
    assert run.shows("Chi's device gave two different operations at one place")
    await run.press("down", key)
    assert not run.shows("Let Ben go on"), "nothing holds Ben back"
    await run.press("down", key)
    await run.write("go on")
    await run.press("enter")
    assert run.sent(c.RestoreMember) == [c.RestoreMember(campaign=CAMPAIGN, author=identifier("author Chi"))]
    assert not run.shows("must decide")


@on("members", "remove")
async def remove_wants_the_word(run: Running, key: str) -> None:
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()
    await run.press("down", "down", "down", key)
    await run.write("remove")
    await run.press("enter")
    assert run.sent(c.RemoveMember) == [c.RemoveMember(campaign=CAMPAIGN, author=identifier("author Dov"))]
    assert run.shows("3 members of Free Maryam")


# --- Invitations


def invited() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.invitations = {invitation().id: invitation()}
    return daemon


@on("invitations", "new", invited)
async def new_makes_one_for_a_contact(run: Running, key: str) -> None:
    await run.press("i", key)
    await run.press("down", "enter")
    await run.click("#submit")
    [command] = run.sent(c.MakeInvitation)
    assert command.campaign == b""
    assert command.lifetime_ms == 24 * 3_600_000
    assert run.place == "invitation"


@on("invitations", "open", invited)
async def open_shows_the_invitation(run: Running, key: str) -> None:
    await run.press("i", key)
    assert run.place == "invitation"
    assert run.shows("expires 23 Nov 2026 14:00 +00:00")


@on("invitations", "revoke", invited)
async def revoke_takes_it_back(run: Running, key: str) -> None:
    await run.press("i", key)
    assert run.sent(c.RevokeInvitation) == [c.RevokeInvitation(invitation=invitation().id)]
    assert run.shows("No invitation is open.")


@on("statement", "replies", FakeDaemon.with_replies)
async def replies_are_listed_with_what_is_odd(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.place == "replies"
    assert run.shows("The Forum")
    assert run.shows("a name like another's")


async def at_replies(run: Running) -> None:
    await run.open_statement(LETTER)
    await run.press("o")


@on("replies", "back", FakeDaemon.with_replies)
async def back_from_replies(run: Running, key: str) -> None:
    await at_replies(run)
    await run.press(key)
    assert run.place == "statement"


@on("replies", "import", FakeDaemon.with_replies)
async def import_reads_replies_and_tells_what_cannot_be_read(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press("o", key)
    run.app.screen.query_one("#field-paths", PlainText).load_text(f"{__file__}\n")
    await run.click("#submit")
    assert run.shows("0 replies are new.")
    assert run.shows("test_tui_actions.py, the whole file: no-reply")


@on("replies", "accept", FakeDaemon.with_replies)
async def accept_puts_one_onto_the_letter(run: Running, key: str) -> None:
    await at_replies(run)
    await run.press(key)
    (sent,) = run.sent(c.DecideReplies)
    assert (sent.decision, sent.replies) == (c.Decision.ACCEPT, (identifier("The Forum"),))
    assert not run.shows("The Forum")


@on("replies", "refuse", FakeDaemon.with_replies)
async def refuse_leaves_one_off(run: Running, key: str) -> None:
    await at_replies(run)
    await run.press("down", key)
    (sent,) = run.sent(c.DecideReplies)
    assert (sent.decision, sent.replies) == (c.Decision.REFUSE, (identifier("The Union"),))
    assert not run.shows("The Union")


@on("replies", "ask_about", FakeDaemon.with_replies)
async def ask_about_keeps_a_note(run: Running, key: str) -> None:
    await at_replies(run)
    await run.press(key)
    run.app.screen.query_one("#field-note", PlainInput).value = "call Wanjiru"
    await run.click("#submit")
    (sent,) = run.sent(c.DecideReplies)
    assert (sent.decision, sent.note) == (c.Decision.ASK, "call Wanjiru")
    assert run.shows("to be asked about: call Wanjiru")


@on("replies", "accept_all", FakeDaemon.with_replies)
async def accept_all_leaves_out_what_is_marked(run: Running, key: str) -> None:
    await at_replies(run)
    await run.press(key)
    await run.click("#submit")
    (sent,) = run.sent(c.DecideReplies)
    assert sent.replies == (identifier("The Forum"), identifier("The Union"))
    assert run.shows("The Unlon")


@on("statement", "paper", FakeDaemon.with_paper)
async def paper_shows_sheets_and_what_stands_twice(run: Running, key: str) -> None:
    await run.open_statement(LETTER)
    await run.press(key)
    assert run.place == "paper"
    assert run.shows("Sheet 1, 2026-11-21, entered by you, in public: The Centre")
    assert run.shows("also at: sheet 4, line 7")
    assert run.shows("another sheet names the same scan")


async def at_paper(run: Running) -> None:
    await run.open_statement(LETTER)
    await run.press("k")


@on("paper", "back", FakeDaemon.with_paper)
async def back_from_paper(run: Running, key: str) -> None:
    await at_paper(run)
    await run.press(key)
    assert run.place == "statement"


@on("paper", "new_sheet", FakeDaemon.with_paper)
async def new_sheet_is_entered_line_by_line(run: Running, key: str) -> None:
    await at_paper(run)
    await run.press(key)
    assert run.place == "sheet"
    for name, title in (("Ana One", "Dr."), ("Ben Two", "")):
        await run.write(name)
        await run.press("enter")
        await run.write(title)
        await run.press("enter", "enter", "enter", "enter")
    await run.press("escape", key)  # what was typed waits
    assert run.shows("1 Ana One · Dr.")
    assert run.shows("2 Ben Two")
    with tempfile.TemporaryDirectory() as folder:
        scan = Path(folder) / "scan.pdf"
        scan.write_bytes(b"%PDF a scan")
        run.app.screen.query_one("#scan", PlainInput).value = str(scan)
        await run.press("ctrl+o")
        assert run.shows("A day is written like 2026-11-18")
        run.app.screen.query_one("#dated", PlainInput).value = "2026-11-21"
        await run.press("ctrl+o")
        assert run.shows("On 2026-11-21 I saw these 2 people sign this text on paper")
        run.daemon.refuse_sheet = True
        run.app.screen.query_one("#field-typed", PlainInput).value = "seen"
        await run.click("#submit")
        assert run.shows("not the one that holds now")
        run.daemon.refuse_sheet = False
        await run.click("#submit")
    sent = run.sent(c.EnterSheet)[-1]
    assert [(one.line, one.name, one.title) for one in sent.lines] == [
        (1, "Ana One", "Dr."),
        (2, "Ben Two", ""),
    ]
    assert sent.scan == hashlib.sha256(b"%PDF a scan").digest()
    assert not sent.corrects
    assert not sent.attachments
    assert run.place == "paper"
    assert run.shows("Ana One")
    assert not [kept for kept in run.app.drafts if kept[0] == "sheet"]


@on("paper", "correct", FakeDaemon.with_paper)
async def correct_enters_mine_anew(run: Running, key: str) -> None:
    await at_paper(run)
    await run.app.screen.query_one("#lines", PlainOptions).run_action("last")
    chosen = run.app.screen.query_one("#lines", PlainOptions)
    chosen.choose(next(row.key for row in chosen.rows if row.key.endswith("4:7")))
    await run.press(key)
    assert run.place == "paper"  # Ben's
    chosen.choose(next(row.key for row in chosen.rows if row.key.endswith("1:2")))
    await run.press(key)
    assert run.shows("Correct sheet 1")
    entered = run.app.screen.query_one("#entered", PlainOptions)
    entered.choose("2")
    entered.focus()
    await run.press("enter")
    run.app.screen.query_one("#name", PlainInput).value = "Omid Sabety"
    await run.press("ctrl+o")
    run.app.screen.query_one("#field-typed", PlainInput).value = "seen"
    await run.click("#submit")
    (sent,) = run.sent(c.EnterSheet)
    assert (sent.number, sent.corrects, sent.witness) == (1, True, "The Centre")
    assert [one.name for one in sent.lines] == ["Zainab Karimi", "Omid Sabety"]
    assert sent.scan == hashlib.sha256(b"scan 1").digest()


@on("paper", "strike", FakeDaemon.with_paper)
async def strike_takes_a_line_back_for_good(run: Running, key: str) -> None:
    await at_paper(run)
    chosen = run.app.screen.query_one("#lines", PlainOptions)
    chosen.choose(next(row.key for row in chosen.rows if row.key.endswith("1:2")))
    await run.press(key)
    assert run.shows("It is for good")
    run.app.screen.query_one("#field-typed", PlainInput).value = "remove"
    await run.click("#submit")
    (sent,) = run.sent(c.StrikeLines)
    assert (sent.number, sent.lines) == (1, (2,))
    assert run.shows("Omid Sabeti Bahrain taken back")


@on("paper", "file", FakeDaemon.with_paper)
async def file_of_a_sheet_says_where_there_is_none(run: Running, key: str) -> None:
    await at_paper(run)
    await run.press(key)
    assert "There is no file here that could be fetched." in run.toasts()


async def at_sheet(run: Running) -> None:
    await at_paper(run)
    await run.press("n")


@on("sheet", "back", FakeDaemon.with_paper)
async def back_from_a_sheet(run: Running, key: str) -> None:
    await at_sheet(run)
    await run.press(key)
    assert run.place == "paper"


@on("sheet", "review", FakeDaemon.with_paper)
async def review_says_what_lacks(run: Running, key: str) -> None:
    await at_sheet(run)
    run.app.screen.query_one("#dated", PlainInput).value = "2026-11-21"
    await run.press(key)
    assert run.shows("no name was typed yet") or run.shows("No name was typed yet")
    await run.write("Ana One")
    await run.press(key)
    assert run.shows("ach sheet needs a scan or a photograph")


@on("sheet", "drop_line", FakeDaemon.with_paper)
async def drop_line_removes_it(run: Running, key: str) -> None:
    await at_sheet(run)
    await run.write("Ana One")
    await run.press("enter", "enter", "enter", "enter", "enter")
    assert run.shows("1 Ana One")
    await run.press(key)
    assert not run.shows("1 Ana One")


@on("invitation", "copy")
async def copy_asks_the_terminal(run: Running, key: str) -> None:
    await run.app.push_screen(InvitationScreen(invitation()))
    await run.rest()
    await run.press(key)
    assert run.app.clipboard == INVITATION_TEXT
    assert INVITATION_TEXT not in run.toasts()[0]


@on("invitation", "save")
async def save_writes_a_file(run: Running, key: str) -> None:
    await run.app.push_screen(InvitationScreen(invitation()))
    await run.rest()
    await run.press(key)
    run.app.screen.query_one("#field-folder", PlainInput).value = str(EXPORT_TO[0])
    await run.click("#submit")
    assert (EXPORT_TO[0] / "invitation.txt").read_text() == INVITATION_TEXT + "\n"


# --- People


@on("introductions", "match")
async def match_is_noted(run: Running, key: str) -> None:
    await run.press("n", key)
    assert run.sent(c.ConfirmWords) == [c.ConfirmWords(person=identifier("person Eli"), match=True)]
    assert run.shows("✓ words compared")


@on("introductions", "differ")
async def differ_wants_the_word(run: Running, key: str) -> None:
    await run.press("n", key)
    await run.write("differ")
    await run.press("enter")
    assert run.sent(c.ConfirmWords) == [c.ConfirmWords(person=identifier("person Eli"), match=False)]


@on("introductions", "admit")
async def admit_warns_without_comparison(run: Running, key: str) -> None:
    await run.press("n", key)
    assert run.shows("You have NOT compared words with Eli")
    await run.click("#submit")
    [command] = run.sent(c.Admit)
    assert (command.seat, command.role) == (c.Seat.EXILE, c.Role.MEMBER)
    assert run.shows("admitted")


@on("introductions", "refuse")
async def refuse_turns_down(run: Running, key: str) -> None:
    await run.press("n", key)
    assert run.sent(c.Refuse)
    assert run.shows("refused")


@on("contacts", "match")
async def match_of_a_contact_is_noted(run: Running, key: str) -> None:
    await run.press("c", "down", key)
    assert run.sent(c.ConfirmWords) == [c.ConfirmWords(person=identifier("person Chi"), match=True)]


@on("contacts", "differ")
async def differ_of_a_contact_wants_the_word(run: Running, key: str) -> None:
    await run.press("c", "down", key)
    await run.write("differ")
    await run.press("enter")
    assert run.sent(c.ConfirmWords) == [c.ConfirmWords(person=identifier("person Chi"), match=False)]


@on("contacts", "petname")
async def petname_is_mine(run: Running, key: str) -> None:
    await run.press("c", key)
    await run.write("Cousin")
    await run.press("enter")
    assert run.sent(c.SetPetname) == [c.SetPetname(person=identifier("person Ben"), petname="Cousin")]
    assert run.shows("Cousin (calls themselves Ben)")


@on("contacts", "forget")
async def forget_wants_the_word(run: Running, key: str) -> None:
    await run.press("c", key)
    await run.write("forget")
    await run.press("enter")
    assert run.sent(c.ForgetContact) == [c.ForgetContact(person=identifier("person Ben"))]
    assert not run.shows("Ben")


def warned() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    in_campaign = warning(
        id=identifier("warning in a campaign", 16),
        kind=v.WarningKind.RETURNED,
        campaign=CAMPAIGN,
        campaign_name="Free Maryam",
    )
    daemon.warnings = {one.id: one for one in (warning(), in_campaign)}
    return daemon


@on("home", "warnings", warned)
async def warnings_from_home(run: Running, key: str) -> None:
    assert run.shows("!! WARNING: “Bén” is NOT the key that you know as “Ben”.")
    assert run.shows("And 1 more.")
    await run.press(key)
    assert run.place == "warnings"
    assert run.shows("This is not the key you compared words with on 13 Nov")


@on("campaign", "warnings", warned)
async def warnings_from_a_campaign(run: Running, key: str) -> None:
    await run.open_campaign()
    assert run.shows("!! WARNING: In Free Maryam “Bén” is back, under ANOTHER key. Press k.")
    await run.press(key)
    assert run.place == "warnings"


@on("members", "warnings", warned)
async def warnings_from_members(run: Running, key: str) -> None:
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()
    assert run.shows("is back, under ANOTHER key. Press k.")
    await run.press(key)
    assert run.place == "warnings"


@on("introductions", "warnings", warned)
async def warnings_from_new_people(run: Running, key: str) -> None:
    await run.press("n")
    assert run.shows("is NOT the key that you know as “Ben”. Press k.")
    await run.press(key)
    assert run.place == "warnings"


@on("contacts", "warnings", warned)
async def warnings_from_contacts(run: Running, key: str) -> None:
    await run.press("c")
    assert run.shows("is NOT the key that you know as “Ben”. Press k.")
    await run.press(key)
    assert run.place == "warnings"


@on("warnings", "keep", warned)
async def keep_wants_the_word_and_clears_the_bar(run: Running, key: str) -> None:
    await run.press("k", key)
    await run.write("yes")
    await run.press("enter")
    assert not run.sent(c.DismissWarning)
    assert run.shows("type exactly: both")
    run.app.screen.query_one("#field-typed", PlainInput).value = "both"
    await run.press("enter")
    assert run.sent(c.DismissWarning) == [c.DismissWarning(warning=warning().id)]
    await run.press("escape")
    assert run.shows("is back, under ANOTHER key. Press k.")


@on("warnings", "back", warned)
async def back_from_warnings(run: Running, key: str) -> None:
    await run.press("k", key)
    assert run.place == "home"
    assert run.shows("!! WARNING"), "it stays until somebody acts"


@on("introductions", "words")
async def words_of_new_people_change_script(run: Running, key: str) -> None:
    await run.press("n")
    assert run.shows("1. harbour")
    await run.press(key)
    assert run.sent(c.SetWordList) == [c.SetWordList(word_list=c.WordList.RUSSIAN)]
    assert run.shows("1. гавань")
    assert run.shows("Russian words; both must see the same list")


@on("contacts", "words")
async def words_of_contacts_change_script(run: Running, key: str) -> None:
    await run.press("c", key)
    assert run.shows("1. гавань")
    await run.press(key)
    assert run.shows("1. harbour")


@on("identity", "words")
async def my_words_change_script(run: Running, key: str) -> None:
    await run.press("m", key)
    assert run.shows("1. гавань")
    assert run.shows("both must see the same list")


@on("contacts", "key")
async def key_shows_a_code_and_takes_a_text(run: Running, key: str) -> None:
    await run.press("c", "down", key)
    assert run.place == "key"
    assert run.shows("The key of Chi")
    assert run.shows(encode_key_text(identifier("person Chi"))[:40])


@on("key", "compare")
async def compare_says_what_came_out(run: Running, key: str) -> None:
    await run.press("c", "down", "v")
    for text, words in (
        ("nonsense", "bad-key-text"),
        (encode_key_text(identifier("person Ana")), "This is YOUR OWN key."),
        (encode_key_text(identifier("person Ben")), "!! DIFFERENT. This is the key of Ben"),
        (encode_key_text(identifier("person Mallory")), "!! DIFFERENT. This is NOT the key kept for Chi."),
        (encode_key_text(identifier("person Chi")), "✓ EQUAL."),
    ):
        run.app.screen.query_one("#text", PlainInput).value = text
        await run.press(key)
        assert run.shows(words)
        assert run.shows("EQUAL.") == words.startswith("✓")


@on("key", "back")
async def back_from_a_key(run: Running, key: str) -> None:
    await run.press("c", "v", key)
    assert run.place == "contacts"


@on("contacts", "introduce")
async def introduce_takes_two(run: Running, key: str) -> None:
    await run.press("c", key)
    assert run.shows("Introduce Ben to whom?")
    await run.press("escape")
    assert run.place == "contacts"
    assert not run.shows("to whom?")
    await run.press(key, "down", key)
    assert run.shows("Ben and Chi are each told the other's name")
    await run.write("hello")
    await run.click("#submit")
    ben, chi = identifier("person Ben"), identifier("person Chi")
    assert run.sent(c.Introduce) == [c.Introduce(first=ben, second=chi, note="hello")]
    await run.press("escape", "n")
    assert run.shows("You introduced Ben and Chi")


def introduced() -> FakeDaemon:
    daemon = FakeDaemon()
    daemon.acquaintances = {acquaintance().id: acquaintance(warned=True)}
    return daemon


async def test_whoever_is_introduced_waits_for_a_yes() -> None:
    """Goal: nothing happens silently. Method: read what is said, accept, and see that it waits for them."""
    async with running(introduced()) as run:
        assert run.shows("1 introduction is under way")
        await run.press("n")
        assert run.shows("Ben says: Fay is the lawyer of the family")
        assert run.shows("Only Ben says that this key belongs to Fay.")
        await run.press("a")
        assert run.shows("!! WARNING: this name stands under ANOTHER key than before")
        assert not run.sent(c.AnswerAcquaintance)
        await run.click("#submit")
        assert run.sent(c.AnswerAcquaintance) == [
            c.AnswerAcquaintance(acquaintance=acquaintance().id, accept=True)
        ]
        assert run.shows("you accepted; they have not accepted yet")


async def test_a_declined_introduction_is_gone_and_told_to_nobody() -> None:
    """Goal: a no is quiet. Method: press x."""
    async with running(introduced()) as run:
        await run.press("n", "x")
        assert run.sent(c.AnswerAcquaintance) == [
            c.AnswerAcquaintance(acquaintance=acquaintance().id, accept=False)
        ]
        assert "Nobody is told" in run.toasts()[-1]
        assert not run.shows("Fay")


# --- Me


def with_profile() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.profiles = [profile()]
    return daemon


async def open_profiles(run: Running, *keys: str) -> None:
    await run.press("m", "s", *keys)


@on("identity", "profiles", with_profile)
async def profiles_opens(run: Running, key: str) -> None:
    await run.press("m", key)
    assert run.place == "profiles"
    assert run.shows("centre: The Centre")
    assert run.shows("logo: 2 by 2 pixels")


@on("profiles", "back", with_profile)
async def back_from_profiles(run: Running, key: str) -> None:
    await open_profiles(run)
    await goes_back(run, key)


@on("profiles", "new")
async def new_profile_is_looked_at_before_it_is_kept(run: Running, key: str) -> None:
    await open_profiles(run, key)
    run.app.screen.query_one("#field-label", PlainInput).value = "league"
    run.app.screen.query_one("#field-name", PlainInput).value = "A League"
    run.app.screen.query_one("#field-names", PlainInput).value = "fa=جامعه"
    await run.click("#submit")
    assert run.shows("league: A League")
    assert not run.sent(c.SetProfile)
    await run.click("#submit")
    [command] = run.sent(c.SetProfile)
    assert (command.label, command.name, command.logo) == ("league", "A League", b"")
    assert run.place == "profiles"


@on("profiles", "open", with_profile)
async def open_changes_a_profile(run: Running, key: str) -> None:
    await open_profiles(run, key)
    assert run.shows("as it is: 2 by 2 pixels")
    run.app.screen.query_one("#field-label", PlainInput).value = "the centre"
    await run.click("#submit")
    assert run.shows("The logo's digest, which is what you sign:")
    await run.click("#submit")
    [command] = run.sent(c.SetProfile)
    assert command.logo == profile().logo
    assert run.sent(c.RemoveProfile) == [c.RemoveProfile(label="centre")]
    assert [one.label for one in run.daemon.profiles] == ["the centre"]


@on("profiles", "remove", with_profile)
async def remove_asks_first(run: Running, key: str) -> None:
    await open_profiles(run, key)
    assert not run.sent(c.RemoveProfile)
    await run.click("#submit")
    assert run.sent(c.RemoveProfile) == [c.RemoveProfile(label="centre")]
    assert run.shows("None yet: press n to enter one.")


@on("identity", "name")
async def name_is_changed(run: Running, key: str) -> None:
    await run.press("m", key)
    run.app.screen.query_one("#field-name", PlainInput).value = "Anahit"
    await run.press("enter")
    assert run.sent(c.SetName) == [c.SetName(name="Anahit")]
    assert run.shows("Name: Anahit")


@on("identity", "hints")
async def hints_are_set(run: Running, key: str) -> None:
    await run.press("m", key)
    run.app.screen.query_one(PlainText).load_text("198.51.100.4:4040\n[2001:db8::1]:4040\n")
    await run.click("#submit")
    assert run.sent(c.SetHints) == [c.SetHints(hints=("198.51.100.4:4040", "[2001:db8::1]:4040"))]


@on("identity", "passphrase")
async def passphrase_is_changed(run: Running, key: str) -> None:
    await run.press("m", key)
    for field, text in (("old", run.daemon.passphrase), ("new", "a b c d e f g"), ("again", "a b c d e f h")):
        run.app.screen.query_one(f"#field-{field}", PlainInput).value = text
    await run.click("#submit")
    assert not run.sent(c.ChangePassphrase)
    assert run.shows("the two new passphrases differ") or run.shows("The two new passphrases differ")
    run.app.screen.query_one("#field-again", PlainInput).value = "a b c d e f g"
    await run.click("#submit")
    assert run.daemon.passphrase == "a b c d e f g"


EXPORT_TO: list[Path] = []


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    EXPORT_TO[:] = [tmp_path / "out"]


def test_the_double_knows_both_channels() -> None:
    """Goal: the table's data are what scenarios assume. Method: look at the two channels."""
    assert [channel.id for channel in FakeDaemon.with_campaign().campaigns[CAMPAIGN].channels] == [
        GENERAL,
        ALERTS,
    ]
