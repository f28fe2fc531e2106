"""The interface where somebody may look: cover, lock without a touch, lock after a sleep, clipboard."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual import events
from textual.app import App
from textual.geometry import Size

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import CAMPAIGN, GENERAL, NOW_MS, PASSPHRASE, FakeDaemon, message
from tuirehearsal import FakeRehearsal
from tuirunning import HOME, Running, running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.errors import DaemonUnreachable
from meshcoal.tui import cover, idle
from meshcoal.tui.app import MeshcoalApp
from meshcoal.tui.cover import HIDES
from meshcoal.tui.idle import Clocks, Idle, Verdict
from meshcoal.tui.screens.contacts import ContactsScreen
from meshcoal.tui.session import ClientLike
from meshcoal.tui.settings import Settings, write_settings
from meshcoal.tui.watch import CLIPBOARD_S
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainInput

HOST = "laptop"
NOON = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


class Machine:
    """Its clocks, turned by hand."""

    def __init__(self) -> None:
        self.awake = 1_000.0
        self.asleep = 0.0

    def __call__(self) -> Clocks:
        return Clocks(self.awake, self.awake + self.asleep)


@asynccontextmanager
async def watched(daemon: FakeDaemon, home: Path = HOME) -> AsyncIterator[tuple[Running, Machine]]:
    """The app on clocks of the test's."""
    machine = Machine()

    async def connect(_home: Path) -> ClientLike:
        return await daemon.connect()

    app = MeshcoalApp(home, connect, now_ms=lambda: NOW_MS, zone=UTC, clocks=machine)
    app.animation_level = "none"
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        run = Running(app, pilot, daemon)
        await run.rest()
        yield run, machine


def written(run: Running, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that goes to the terminal from now on: through the driver, and what Textual would draw."""
    out: list[str] = []
    driver = run.app._driver
    assert driver is not None
    monkeypatch.setattr(driver, "write", out.append)
    monkeypatch.setattr(App, "_display", lambda _app, _screen, drawn: out.append(f"drawn {drawn!r}"))
    return out


async def covered(run: Running) -> None:
    await run.press("f9")
    assert run.app.covered


# --- The page


def test_the_cover_is_what_watch_shows() -> None:
    """Goal: the page is credible and not ours. Method: compare with what `watch cal -3` draws."""
    page = cover.rows(NOON, HOST, 80, 24)
    assert page[0] == "Every 60.0s: cal -3" + " " * 29 + "laptop: Sun Nov 22 14:00:00 2026"
    assert page[2].split() == ["October", "2026", "November", "2026", "December", "2026"]
    assert page[3] == "  ".join(["Su Mo Tu We Th Fr Sa"] * 3)
    assert page[4].split() == ["1", "2", "3", "1", "2", "3", "4", "5", "6", "7", "1", "2", "3", "4", "5"]
    assert "\x1b[7m22\x1b[27m" in page[7]
    assert len(page) == 24
    assert "meshcoal" not in "".join(page).lower()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (20, 5), (63, 24), (64, 8), (200, 60)])
def test_the_cover_fits_every_window(width: int, height: int) -> None:
    """Goal: no row runs over, none is missing. Method: windows of all kinds, at the turn of a year."""
    for now in (NOON, datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)):
        page = cover.rows(now, HOST, width, height)
        assert len(page) == height
        assert len(page[0]) <= width


def test_what_is_typed_is_taken_by_enter_and_forgotten_by_waiting() -> None:
    """Goal: a stranger's keys do not spoil the passphrase. Method: type, wait, erase, paste."""
    typed = cover.Typed()

    def keys(text: str, at_s: float) -> None:
        for char in text:
            assert typed.key(char, char, at_s) is None

    keys("qqq", 0)
    keys("gate", 0 + cover.FORGET_AFTER_S + 1)
    typed.paste(" four\n", 32)
    keys("x", 33)
    typed.key("backspace", None, 33)
    typed.key("up", None, 33)
    assert typed.key("enter", "\r", 34) == "gate four"
    keys("abc", 35)
    typed.key("escape", None, 36)
    assert typed.key("enter", "\r", 36) == ""


# --- The cover over the interface


@pytest.mark.parametrize("over", ["channel", "form", "palette"])
async def test_nothing_shows_through_the_cover(over: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: no key, resize, paste, mouse or news draws what is below. Method: all; read all output."""
    async with watched(FakeDaemon.with_campaign()) as (run, _machine):
        await run.open_channel()
        await run.write("I am on my way")
        if over == "form":
            await run.press("f2")
        if over == "palette":
            await run.press("ctrl+p")
        stack = list(run.app.screen_stack)
        out = written(run, monkeypatch)
        await covered(run)
        keys = (
            "f1 f2 f8 f9 ctrl+p ctrl+q ctrl+l ctrl+t ctrl+c ctrl+n escape tab q question_mark enter pagedown"
        )
        await run.press(*keys.split(), "a", "space")
        driver = run.app._driver
        assert driver is not None
        size = Size(100, 30)
        for event in (
            events.Paste("x"),
            events.MouseDown(None, 5, 5, 0, 0, 1, False, False, False, 5, 5),
            events.MouseUp(None, 5, 5, 0, 0, 1, False, False, False, 5, 5),
            events.MouseScrollDown(None, 5, 5, 0, 0, 0, False, False, False, 5, 5),
            events.Resize(size, size),
        ):
            event.set_sender(run.app)
            driver.send_message(event)
            await run.rest()
        run.daemon.messages[GENERAL].append(message(99, "Chi", "the police are here"))
        run.daemon.push(v.NoticeKind.MESSAGES, campaign=CAMPAIGN)
        run.daemon.push(v.NoticeKind.ALERT, campaign=CAMPAIGN)
        await run.rest()
        assert run.app.covered
        assert run.app.screen_stack == stack
        everything = "".join(out)
        assert "November 2026" in everything
        for word in ("drawn", "Ben", "Maryam", "general", "way", "police", "meshcoal", "assphrase", "ALERT"):
            assert word not in everything, word
        assert "\x1b]2;watch\x07" in everything


async def test_the_passphrase_returns_to_where_one_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: a form, its fields and the draft are as left. Method: cover a form half filled; return."""
    async with watched(FakeDaemon.with_campaign()) as (run, _machine):
        await run.open_channel()
        await run.write("half a sentence")
        await run.press("ctrl+f")
        await run.write("/tmp/one")
        assert run.place == "form"
        await covered(run)
        await run.until(lambda: run.daemon.vault == v.VaultState.LOCKED)
        await run.write(PASSPHRASE)
        await run.press("enter")
        await run.until(lambda: not run.app.covered)
        assert run.place == "form"
        assert "/tmp/one" in [field.value for field in run.app.screen.query(PlainInput)]
        await run.press("escape")
        assert run.app.screen.query_one(Composer).text == "half a sentence"
        assert run.shows("Maryam was taken at four")


async def test_a_wrong_passphrase_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: a wrong try looks like no try. Method: compare the output of wrong tries with none."""
    async with watched(FakeDaemon.with_campaign()) as (run, _machine):
        await covered(run)
        await run.until(lambda: run.daemon.vault == v.VaultState.LOCKED)
        out = written(run, monkeypatch)
        for attempt in (1, 2):
            await run.write("let me in")
            await run.press("enter")
            await run.until(lambda wanted=attempt: len(run.sent(c.Unlock)) == wanted)  # type: ignore[misc]
        assert run.app.covered
        assert out == []
        assert run.toasts() == []


async def test_a_cover_that_only_hides_leaves_the_vault_open(tmp_path: Path) -> None:
    """Goal: the choice is kept to. Method: cover; the daemon is not asked to lock."""
    write_settings(tmp_path, Settings(cover=HIDES))
    async with watched(FakeDaemon.with_campaign(), tmp_path) as (run, _machine):
        await run.open_channel()
        await covered(run)
        await run.write(PASSPHRASE)
        await run.press("enter")
        await run.until(lambda: not run.app.covered)
        assert not run.sent(c.Lock)
        assert run.sent(c.Unlock) == [c.Unlock(passphrase=PASSPHRASE)]
        assert run.place == "channel"


async def test_a_cover_whose_lock_failed_says_so_after_the_return() -> None:
    """Goal: nobody believes a vault shut that is not. Method: refuse the lock twice."""
    async with watched(FakeDaemon.with_campaign()) as (run, _machine):
        run.daemon.refuse[c.Lock] = DaemonUnreachable("gone")
        await run.open_channel()
        await covered(run)
        await run.until(lambda: len(run.sent(c.Lock)) >= 1)
        await run.write(PASSPHRASE)
        await run.press("enter")
        await run.until(lambda: not run.app.covered)
        assert len(run.sent(c.Lock)) == 2, "asked once more after the connection was lost"


@pytest.mark.parametrize("vault", [v.VaultState.LOCKED, v.VaultState.ABSENT])
async def test_the_cover_over_the_first_screens(vault: v.VaultState) -> None:
    """Goal: it works before there is anything to open. Method: cover the start and the lock; return."""
    async with watched(FakeDaemon(vault=vault)) as (run, _machine):
        await covered(run)
        if vault == v.VaultState.LOCKED:
            await run.write(PASSPHRASE)
        await run.press("enter")
        await run.until(lambda: not run.app.covered)
        await run.until(lambda: run.place == ("home" if vault == v.VaultState.LOCKED else "start"))


async def test_in_a_rehearsal_enter_returns() -> None:
    """Goal: nobody is shut out by a passphrase they never chose. Method: cover a rehearsal."""
    daemon = FakeDaemon.with_campaign()
    async with running(daemon, rehearsal=FakeRehearsal(), rehearse=True) as run:
        await run.rest()
        await covered(run)
        await run.press("enter")
        assert not run.app.covered
        assert not run.sent(c.Lock)


# --- Nobody there


@pytest.mark.parametrize(
    ("chosen", "minutes"),
    [
        ("", 10),
        ("5", 5),
        ("60", 60),
        ("never", None),
        ("0", 1),
        ("x", 10),
        ("-3", 10),
        ("99999", 10),
        ("٣", 10),
    ],
)
def test_what_was_chosen_is_read_safely(chosen: str, minutes: int | None) -> None:
    """Goal: a broken setting never means never. Method: good and bad ones."""
    assert idle.limit_s(chosen) == (None if minutes is None else minutes * 60)


def test_sleep_is_the_clocks_parting() -> None:
    """Goal: a sleep locks once, a late tick does not. Method: move both clocks, then one."""
    look = Idle(None, Clocks(0, 100))
    assert look.look(Clocks(30, 130)) == Verdict.NOTHING
    assert look.look(Clocks(31, 131.5)) == Verdict.NOTHING
    assert look.look(Clocks(32, 200)) == Verdict.LOCK
    assert look.look(Clocks(33, 201)) == Verdict.NOTHING
    assert look.look(Clocks(1e6, 1e6 + 169)) == Verdict.NOTHING, "never means never"


def test_idle_warns_and_locks() -> None:
    """Goal: the times are as promised. Method: walk over the edges."""
    look = Idle(600, Clocks(0, 0))
    assert look.look(Clocks(579, 579)) == Verdict.NOTHING
    assert look.look(Clocks(580, 580)) == Verdict.WARN
    look.touched(Clocks(590, 590))
    assert look.look(Clocks(600, 600)) == Verdict.NOTHING
    assert look.look(Clocks(1190, 1190)) == Verdict.LOCK


async def locks(run: Running, act: Callable[[], None]) -> None:
    act()
    await run.until(lambda: run.place == "unlock")
    await run.until(lambda: bool(run.sent(c.Lock)))


async def test_ten_minutes_without_a_touch_lock_and_keep_everything() -> None:
    """Goal: it warns, a key stays, then it locks; drafts are there after. Method: turn the clock by hand."""
    async with watched(FakeDaemon.with_campaign()) as (run, machine):
        await run.open_channel()
        await run.write("half a sentence")
        machine.awake += 585
        await run.until(lambda: bool(run.toasts()))
        assert run.toasts() == ["Locking in 20 seconds. Press any key to stay."]
        await run.press("x")
        assert run.app.screen.query_one(Composer).text == "half a sentence", "the key only said: still here"
        assert run.toasts() == []
        machine.awake += 30
        await run.press("!")
        assert run.app.screen.query_one(Composer).text == "half a sentence!"
        machine.awake += 600
        await locks(run, lambda: None)
        assert not run.shows("half a sentence")
        assert not run.shows("Maryam")
        await run.write(PASSPHRASE)
        await run.press("enter")
        await run.until(lambda: run.place == "channel")
        assert run.app.screen.query_one(Composer).text == "half a sentence!"


async def test_after_a_sleep_nothing_is_drawn_or_taken_before_the_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Goal: whoever opens the lid sees and does nothing. Method: sleep, then news and a key at once."""
    async with watched(FakeDaemon.with_campaign()) as (run, machine):
        await run.open_channel()
        drawn: list[object] = []
        monkeypatch.setattr(App, "_display", lambda app, screen, _drawn: drawn.append(screen))
        machine.asleep += 3_600
        await run.burst("!", "enter")
        await locks(run, lambda: None)
        assert {type(screen).__name__ for screen in drawn} == {"UnlockScreen"}
        assert not run.sent(c.PostMessage)


async def test_a_lock_is_not_taken_off_by_what_ends_below() -> None:
    """Goal: a form that finishes under the lock does not close it. Method: hold its answer till then."""
    async with watched(FakeDaemon.with_campaign()) as (run, machine):
        import asyncio

        await run.press("c")
        assert isinstance(run.app.screen, ContactsScreen)
        await run.press("p")
        assert run.place == "form"
        run.daemon.hold = asyncio.Event()
        await run.press("enter")
        machine.asleep += 60
        await run.until(lambda: run.place == "unlock")
        run.daemon.hold.set()
        run.daemon.hold = None
        await run.rest()
        assert run.place == "unlock"
        await run.write(PASSPHRASE)
        await run.press("enter")
        await run.until(lambda: run.place == "contacts")


async def test_never_is_never(tmp_path: Path) -> None:
    """Goal: the choice is kept to, but for sleep. Method: a year passes; then the machine sleeps."""
    write_settings(tmp_path, Settings(lock_after=idle.NEVER))
    async with watched(FakeDaemon.with_campaign(), tmp_path) as (run, machine):
        machine.awake += 3e7
        await run.press("down")
        assert run.place == "home"
        machine.asleep += 60
        await locks(run, lambda: None)


# --- Clipboard


async def test_what_was_copied_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: an invitation does not stay on the clipboard. Method: copy; time, lock and cover."""
    async with watched(FakeDaemon.with_campaign()) as (run, machine):
        out = written(run, monkeypatch)
        empty = "\x1b]52;c;\x07"
        run.app.copy_to_clipboard("invitation")
        timer = run.app._copied_timer
        assert timer is not None
        assert timer._interval == CLIPBOARD_S
        assert empty not in out
        run.app._forget_copied()
        assert out[-1] == empty
        assert run.app.clipboard == ""
        run.app.copy_to_clipboard("again")
        await covered(run)
        assert empty in out[-3:]
        await run.write(PASSPHRASE)
        await run.press("enter")
        await run.until(lambda: not run.app.covered)
        run.app.copy_to_clipboard("third")
        machine.asleep += 60
        await locks(run, lambda: None)
        assert out.count(empty) == 3


async def test_what_somebody_else_copied_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: we clear what is ours. Method: paste something else after copying."""
    async with watched(FakeDaemon.with_campaign()) as (run, _machine):
        out = written(run, monkeypatch)
        run.app.copy_to_clipboard("invitation")
        driver = run.app._driver
        assert driver is not None
        event = events.Paste("a recipe")
        event.set_sender(run.app)
        driver.send_message(event)
        await run.rest()
        run.app._forget_copied()
        assert "\x1b]52;c;\x07" not in out


async def test_a_passphrase_being_typed_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: what is secret goes to no clipboard. Method: select and copy, select and cut."""
    async with watched(FakeDaemon(vault=v.VaultState.LOCKED)) as (run, _machine):
        out = written(run, monkeypatch)
        await run.write("secret")
        field = run.app.screen.query_one("#passphrase", PlainInput)
        for key in ("ctrl+c", "ctrl+x"):
            field.select_all()
            await run.press(key)
        assert field.value == "secret"
        assert not [one for one in out if "]52;" in one]


def test_settings_keep_what_they_do_not_know_of(tmp_path: Path) -> None:
    """Goal: one choice does not undo another. Method: replace one field of many."""
    write_settings(tmp_path, dataclasses.replace(Settings(cover=HIDES, lock_after="5"), language="fa"))
    assert '"cover": "hides"' in (tmp_path / "interface.json").read_text()
