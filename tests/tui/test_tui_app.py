"""How the interface behaves over time: locks, losses, arrivals, drafts, rehearsal, small windows."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from textual.widgets import Footer, ProgressBar
from tuidouble import (
    ALERTS,
    CAMPAIGN,
    GENERAL,
    LETTER,
    PASSPHRASE,
    FakeDaemon,
    draft,
    identifier,
    invitation,
    message,
    opened,
    tally,
    withholding,
)
from tuirehearsal import LINES, FakeRehearsal
from tuirunning import Running, running
from tuistill import loop_is_idle

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.errors import Busy, NotPermitted
from meshcoal.tui.rehearsal import RehearsalDriver
from meshcoal.tui.screens.channel import ChannelScreen
from meshcoal.tui.screens.members import MembersScreen
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainInput
from meshcoal.tui.widgets.timeline import Timeline

# --- Locking


async def test_a_wrong_passphrase_stays_and_says_so() -> None:
    """Goal: a slip costs nothing. Method: wrong, then right."""
    async with running(FakeDaemon(vault=v.VaultState.LOCKED)) as run:
        assert run.place == "unlock"
        await run.write("wrong")
        await run.press("enter")
        assert run.place == "unlock"
        assert run.shows("That passphrase does not open the vault. Nothing was harmed; try again.")
        await run.write(PASSPHRASE)
        await run.press("enter")
        assert run.place == "home"


async def test_a_lock_from_elsewhere_covers_the_screen_and_gives_it_back() -> None:
    """Goal: locking in another window hides this one too. Method: the daemon locks and tells."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        await run.write("half a thought")
        daemon.vault = v.VaultState.LOCKED
        daemon.push(v.NoticeKind.STATUS)
        await run.rest()
        assert run.place == "unlock"
        assert not run.shows("Maryam")
        await run.write(PASSPHRASE)
        await run.press("enter")
        assert run.place == "channel"
        assert run.app.screen.query_one(Composer).text == "half a thought"


async def test_a_lock_that_fails_is_not_hidden() -> None:
    """Goal: nobody believes in a lock that did not happen. Method: the daemon refuses to lock."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        daemon.refuse[c.Lock] = Busy("try again")
        await run.press("ctrl+l")
        assert run.shows("NOT locked")
        assert run.shows("The vault may still be open.")


async def test_locking_while_a_dialog_is_open_hides_both() -> None:
    """Goal: the lock key works from everywhere. Method: lock out of a form."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("f", "ctrl+l")
        assert run.place == "unlock"
        assert run.sent(c.Lock)


# --- Losing the daemon


async def test_the_daemon_goes_and_comes_back_unnoticed() -> None:
    """Goal: a restart needs no act of the user. Method: stop, start, and see what arrived meanwhile."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        daemon.stop()
        await run.rest()
        assert run.shows("[connecting again]")
        daemon.messages[GENERAL].append(message(50, "Ben", "we were cut off"))
        daemon.up = True
        await run.until(lambda: not run.app.away)
        assert not run.shows("[connecting again]")
        assert run.shows("we were cut off")


async def test_a_message_that_cannot_be_sent_is_kept() -> None:
    """Goal: no draft is lost. Method: the daemon goes while sending; leave the screen, come back, send."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        await run.write("they are at the door")
        daemon.stop()
        await run.press("enter")
        assert "Not sent; your text is kept." in run.toasts()[0]
        daemon.up = True
        assert run.app.screen.query_one(Composer).text == "they are at the door"
        await run.press("escape")
        await run.app.push_screen(ChannelScreen(CAMPAIGN, GENERAL, "general"))
        await run.rest()
        assert run.app.screen.query_one(Composer).text == "they are at the door"
        await run.press("enter")
        assert [one.text for one in run.sent(c.PostMessage)] == ["they are at the door"]
        assert run.app.screen.query_one(Composer).text == ""
        assert not run.app.drafts


async def test_what_is_written_while_sending_stays_apart() -> None:
    """Goal: fast writers lose and double nothing. Method: write on while the first answer is held back."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        await run.write("first")
        daemon.hold = asyncio.Event()
        await run.press("enter")
        await run.write("second")
        daemon.hold.set()
        daemon.hold = None
        await run.until(lambda: run.shows("held 1/4 first"))
        assert run.app.screen.query_one(Composer).text == "second"
        await run.press("enter")
        assert [one.text for one in run.sent(c.PostMessage)] == ["first", "second"]


async def test_a_message_refused_after_its_screen_was_left_is_kept() -> None:
    """Goal: leaving does not lose what is on its way. Method: leave before the refusal, then come back."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        await run.write("do not lose me")
        daemon.refuse[c.PostMessage] = NotPermitted("you left this campaign")
        daemon.hold = asyncio.Event()
        await run.press("enter", "escape")
        assert run.place == "campaign"
        daemon.hold.set()
        daemon.hold = None
        await run.until(lambda: bool(run.toasts()))
        assert "Not sent; your text is kept." in run.toasts()[0]
        await run.app.push_screen(ChannelScreen(CAMPAIGN, GENERAL, "general"))
        await run.rest()
        assert run.app.screen.query_one(Composer).text == "do not lose me"


async def test_a_posting_is_never_repeated_by_itself() -> None:
    """Goal: nothing is said twice. Method: the connection breaks on a command that changes something."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        for client in list(daemon.clients):
            client.end()
        await run.write("once")
        await run.press("enter")
        assert len(run.sent(c.PostMessage)) <= 1


async def test_each_channel_has_its_own_draft() -> None:
    """Goal: a draft does not land in another channel. Method: write in both."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_channel()
        await run.write("for general")
        await run.press("escape")
        await run.app.push_screen(ChannelScreen(CAMPAIGN, ALERTS, "alerts"))
        await run.rest()
        assert run.app.screen.query_one(Composer).text == ""
        await run.write("for alerts")
        await run.press("escape")
        await run.app.push_screen(ChannelScreen(CAMPAIGN, GENERAL, "general"))
        await run.rest()
        assert run.app.screen.query_one(Composer).text == "for general"


async def test_a_daemon_of_another_version_is_named() -> None:
    """Goal: a failure to connect is explained. Method: no daemon at all."""
    daemon = FakeDaemon()
    daemon.up = False
    async with running(daemon) as run:
        assert run.place == "unreachable"
        assert run.shows("does not answer")


# --- Arrivals


async def test_an_arrival_is_told_without_its_content() -> None:
    """Goal: a toast gives nothing away. Method: a message arrives while another screen is open."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        daemon.receive(GENERAL, message(60, "Chi", "Basement, 4 p.m."))
        await run.rest()
        assert run.toasts() == ["A new message has arrived."]
        assert not run.shows("Basement")
        daemon.receive(GENERAL, message(61, "Chi", "and again"))
        await run.rest()
        assert len(run.toasts()) == 1, "many arrivals are one toast"


async def test_that_a_device_keeps_something_back_is_loud_until_seen() -> None:
    """Goal: told at once, without names; then a bar. Method: the notice comes; the warning is put away."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        daemon.warnings = {withholding().id: withholding()}
        daemon.push(v.NoticeKind.WITHHELD, campaign=CAMPAIGN)
        await run.rest()
        (toast,) = run.toasts()
        assert "keeps something back" in toast
        assert "Dov" not in toast
        assert "Free Maryam" not in toast
        assert run.shows("“Dov” KEEPS BACK")
        await run.press("k", "k")
        assert run.sent(c.DismissWarning) == [c.DismissWarning(warning=withholding().id)]
        await run.press("escape")
        assert not run.shows("KEEPS BACK")


async def test_an_arrival_in_the_open_channel_is_shown_not_told() -> None:
    """Goal: no noise about what one sees. Method: a message arrives in the channel that is open."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        daemon.receive(GENERAL, message(60, "Chi", "Basement, 4 p.m."))
        await run.rest()
        assert run.shows("Basement, 4 p.m.")
        assert not run.toasts()
        await run.until(lambda: run.sent(c.MarkRead)[-1].message == identifier("message 60"))


async def test_reading_up_is_not_disturbed() -> None:
    """Goal: what one reads does not jump. Method: choose an old message, let a new one arrive."""
    daemon = FakeDaemon.with_campaign()
    daemon.messages[GENERAL] = [message(number) for number in range(60)]
    async with running(daemon) as run:
        await run.open_channel()
        await run.press("tab", "home")
        timeline = run.app.screen.query_one(Timeline)
        before = (timeline.chosen, timeline.scroll_offset.y)
        daemon.receive(GENERAL, message(99, "Chi", "newest"))
        await run.rest()
        assert (timeline.chosen, timeline.scroll_offset.y) == before
        await run.press("end")
        assert run.shows("newest")


async def test_held_counts_follow() -> None:
    """Goal: "held 4/4" is live. Method: the daemon learns that one more holds a message."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        assert run.shows("held 3/4")
        daemon.messages[GENERAL][1] = message(2, "Ana", "I call her brother now.", held_by=4)
        daemon.push(v.NoticeKind.HELD, campaign=CAMPAIGN)
        await run.rest()
        assert not run.shows("held 3/4")


async def test_the_tally_is_live() -> None:
    """Goal: a signature shows when it arrives. Method: another member signs."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened(tally=tally(()))
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("3")
        assert run.shows("0 signed")
        daemon.statements[LETTER] = opened()
        daemon.push(v.NoticeKind.STATEMENT, campaign=CAMPAIGN, subject=LETTER)
        await run.rest()
        assert run.shows("2 signed")
        assert not run.toasts()


async def test_catching_up_shows_a_bar_until_it_is_done() -> None:
    """Goal: long work is seen. Method: progress notices."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        daemon.push(v.NoticeKind.PROGRESS, campaign=CAMPAIGN, done=120, total=4_000)
        await run.rest()
        assert run.shows("Catching up")
        bar = run.app.screen.query_one(BusyLine).query_one(ProgressBar)
        assert (bar.progress, bar.total) == (120, 4_000)
        daemon.push(v.NoticeKind.PROGRESS, campaign=CAMPAIGN, done=4_000, total=4_000)
        await run.rest()
        assert not run.shows("Catching up")


async def test_unlocking_that_takes_long_shows_a_bar() -> None:
    """Goal: the user knows that it works. Method: hold the answer until the bar is up."""
    daemon = FakeDaemon(vault=v.VaultState.LOCKED)
    async with running(daemon) as run:
        daemon.hold = asyncio.Event()
        await run.write(PASSPHRASE)
        await run.press("enter")
        await run.until(lambda: run.app.screen.query_one(BusyLine).has_class("-on"))
        assert run.shows("Unlocking: this takes a moment on purpose")
        daemon.hold.set()
        daemon.hold = None
        await run.until(lambda: run.place == "home")


async def test_overrun_fetches_everything_again() -> None:
    """Goal: dropped notices lose nothing. Method: change the state silently, then say OVERRUN."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        daemon.campaigns.clear()
        daemon.push(v.NoticeKind.OVERRUN)
        await run.rest()
        assert run.shows("No campaign yet.")


async def test_a_refusal_is_a_sentence_with_a_code() -> None:
    """Goal: a refusal can be understood and looked up. Method: freeze without the right."""
    daemon = FakeDaemon.with_campaign()
    daemon.refuse[c.FreezeStatement] = NotPermitted("only an organiser may freeze a letter")
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("f")
        run.app.screen.query_one("#field-typed", PlainInput).value = "freeze"
        await run.click("#submit")
        assert run.shows("Only an organiser may freeze a letter. (not-permitted)")
        assert run.app.screen.query_one("#field-typed", PlainInput).value == "freeze"


async def test_a_key_for_what_may_not_be_done_does_nothing() -> None:
    """Goal: the screen offers what the daemon allows. Method: press sign on a draft."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_statement(LETTER)
        await run.press("s", "r", "e", "w")
        assert run.place == "statement"
        assert "Sign" not in run.rows()[-1]


async def test_two_revisions_side_by_side_are_told() -> None:
    """Goal: concurrent amendments are seen. Method: two current revisions."""
    daemon = FakeDaemon.with_campaign()
    first, second = draft().revisions
    other = v.RevisionView(
        **{name: getattr(second, name) for name in second.__slots__ if name not in ("id", "name")},
        id=identifier("other"),
        name="Dov",
    )
    daemon.statements[LETTER] = draft(revisions=(first, second, other))
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        assert run.shows("2 revisions stand side by side")


# --- First start and rehearsal


async def test_a_new_identity_is_guarded_against_slips() -> None:
    """Goal: no vault with an empty name, a short or a mistyped passphrase. Method: each slip."""
    daemon = FakeDaemon(vault=v.VaultState.ABSENT)
    async with running(daemon) as run:
        await run.press("s")
        await run.click("#make")
        assert run.shows("A name is needed.")
        await run.write("Ana")
        await run.press("tab")
        await run.write("short")
        assert run.shows("Too short: at least 8 characters are needed.")
        await run.click("#make")
        assert not run.sent(c.CreateVault)
        await run.write(" of breath again")
        await run.press("tab")
        await run.write("something else")
        await run.press("enter")
        assert run.shows("The two passphrases differ.")
        assert not run.sent(c.CreateVault)


async def test_without_a_rehearsal_none_is_offered() -> None:
    """Goal: no dead button. Method: an app without a driver."""
    async with running(FakeDaemon(vault=v.VaultState.ABSENT)) as run:
        await run.press("r")
        assert run.place == "start"
        assert run.shows("Not available here")


async def test_the_rehearsal_shows_its_start_and_coaches_to_the_end() -> None:
    """Goal: the user is led through the case. Method: hold the start at node 3, then all lines."""
    starting = asyncio.Event()
    driver = FakeRehearsal(starting=starting)
    homes: list[Path] = []
    async with running(FakeDaemon.with_campaign(), rehearsal=driver, rehearse=True, homes=homes) as run:
        assert run.shows("Node 3 of 6 is up")
        bar = run.app.screen.query_one("#steps", ProgressBar)
        assert (bar.progress, bar.total) == (3, 6)
        starting.set()
        await run.until(lambda: run.place == "home")
        assert homes[-1] == Path("/rehearsal/ana")
        await run.rest()
        assert run.shows("Rehearsal 1/3: An arrest was reported in #alerts. Open it.")
        await run.press("enter")
        assert run.shows("An arrest was reported")
        for line in LINES[1:]:
            driver.next_line.put_nowait(line)
            await run.rest()
            assert run.shows(line.text)
    assert driver.stopped


async def test_the_rehearsal_is_stopped_when_left_early() -> None:
    """Goal: no six nodes stay behind. Method: quit while they start."""
    driver = FakeRehearsal(starting=asyncio.Event())
    passes: RehearsalDriver = driver
    async with running(FakeDaemon.with_campaign(), rehearsal=passes, rehearse=True) as run:
        await run.press("ctrl+q")
    assert driver.stopped


async def test_quitting_a_rehearsal_shows_that_it_is_taken_down() -> None:
    """Goal: no empty terminal while six nodes stop. Method: hold them back, look, let them go."""
    stopping = asyncio.Event()
    driver = FakeRehearsal(stopping=stopping)
    async with running(FakeDaemon.with_campaign(), rehearsal=driver, rehearse=True) as run:
        await run.until(lambda: run.place == "home")
        await run._key("ctrl+q")
        await driver.asked_to_stop.wait()
        await loop_is_idle()
        assert run.shows("The rehearsal ends: six nodes stop, and their files go.")
        stopping.set()
        await loop_is_idle()
        assert run.app._exit
    assert driver.stopped


# --- Small windows, mouse, colours


async def every_screen(run: Running) -> list[str]:
    """Visit each screen; answers the places whose last row does not hold the whole footer."""
    cut: list[str] = []

    def look() -> None:
        for footer in run.app.screen.query(Footer):
            if footer.max_scroll_x > 0 or not run.rows()[-1].rstrip().endswith("Help"):
                cut.append(run.place)

    for key in ("", "n", "c", "m", "w", "i"):
        await run.press(*([key] if key else []))
        look()
        if key:
            await run.press("escape")
    await run.press("i", "enter")
    look()
    await run.press("escape", "escape")
    await run.open_channel()
    look()
    await run.press("escape", "d")
    look()
    await run.press("escape")
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()
    look()
    await run.press("escape", "escape")
    await run.open_statement(LETTER)
    look()
    return cut


@pytest.mark.parametrize("state", ["draft", "open", "released"])
async def test_every_key_fits_into_eighty_columns(state: str) -> None:
    """Goal: nothing essential is cut at 80 by 24. Method: each screen's footer, with all actions allowed."""
    daemon = FakeDaemon.with_campaign()
    daemon.invitations = {invitation().id: invitation()}
    allowed = {
        "draft": (v.Action.AMEND, v.Action.COMMENT, v.Action.FREEZE),
        "open": (v.Action.COMMENT, v.Action.SIGN, v.Action.WITHDRAW, v.Action.RELEASE),
        "released": (v.Action.EXPORT, v.Action.WITHDRAW),
    }
    first, second = draft().revisions
    farsi = v.RevisionView(
        **{name: getattr(second, name) for name in second.__slots__ if name not in ("id", "language")},
        id=identifier("fa"),
        language="fa",
    )
    view = draft(revisions=(first, second, farsi)) if state == "draft" else opened()
    daemon.statements[LETTER] = v.StatementView(
        **{name: getattr(view, name) for name in view.__slots__ if name != "actions"}, actions=allowed[state]
    )
    async with running(daemon) as run:
        assert not await every_screen(run)


async def test_every_dialog_fits_into_eighty_by_twenty_four() -> None:
    """Goal: the buttons of the longest form are on the screen. Method: the forms of signing and freezing."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("f")
        assert run.shows("Type “freeze”")
        assert run.shows("Freeze Cancel")
        await run.press("escape", "escape")
        daemon.statements[LETTER] = opened()
        await run.open_statement(LETTER)
        await run.press("s", "enter")
        assert run.shows("I have read it in")
        assert run.shows("Look at what is signed Cancel")


async def test_the_mouse_does_what_keys_do() -> None:
    """Goal: mouse and keyboard alike. Method: open a campaign, a channel and a tab by clicking."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.pilot.click("#campaigns", offset=(3, 0))
        await run.rest()
        assert run.place == "campaign"
        await run.pilot.click("#things", offset=(4, 1))
        await run.rest()
        assert run.place == "channel"
        await run.press("escape")
        row = next(at for at, text in enumerate(run.rows()) if "Free Maryam Rahimi" in text)
        await run.pilot.click(offset=(6, row))
        await run.rest()
        assert run.place == "statement"
        await run.pilot.click("#--content-tab-tab-signatures")
        await run.rest()
        assert run.shows("0 signed")
        footer = run.rows()[-1]
        await run.pilot.click(offset=(footer.index("Back"), 23))
        await run.rest()
        assert run.place == "campaign"


@pytest.mark.parametrize("number", ["1", "0"])
async def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    """Goal: NO_COLOR leaves greys alone. Method: set it to anything, look at every drawn colour."""
    monkeypatch.setenv("NO_COLOR", number)
    async with running(FakeDaemon.with_campaign()) as run:
        assert run.app.no_color
        from rich.console import Console
        from textual.filter import Monochrome

        assert any(isinstance(one, Monochrome) for one in run.app._filters)
        assert Console().no_color


async def test_state_is_told_without_colour() -> None:
    """Goal: colour is never alone. Method: unread, unsigned, missing and unverified have words or marks."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened()
    async with running(daemon) as run:
        assert run.shows("● 2 unread")
        assert run.shows("✎ 1 letter to sign")
        assert run.shows("! 3 missing")
        await run.app.push_screen(MembersScreen(CAMPAIGN))
        await run.rest()
        assert run.shows("? words not compared")
        assert run.shows("✓ words compared")


async def test_what_is_typed_after_tab_lands_in_the_next_field() -> None:
    """Goal: nothing lands in the wrong field on a slow machine. Method: keys faster than they are handled."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("f")
        await run.burst(*"Water", "tab", *"Clean", "tab", "shift+tab", *"er")
        form = run.app.screen
        assert form.query_one("#field-name", PlainInput).value == "Water"
        assert form.query_one("#field-goal", PlainInput).value == "Cleaner"


async def test_help_opens_with_f1_while_writing() -> None:
    """Goal: help is reachable from the composer, where ? is a letter. Method: press both."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_channel()
        await run.press("question_mark")
        assert run.place == "channel"
        await run.press("f1")
        assert run.place == "help"
