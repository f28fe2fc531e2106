"""Linear mode itself: what is said, when, and what a typed line means."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from textual.widget import Widget

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import CAMPAIGN, GENERAL, PASSPHRASE, FakeDaemon, message
from tuilinear import speaking
from tuirehearsal import FakeRehearsal

import meshcoal.tui
from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.tui.linear.plain_terminals import is_plain
from meshcoal.tui.linear.reading import reader_of
from meshcoal.tui.linear.words import exact, harmless, worded
from meshcoal.tui.main import line_by_line
from meshcoal.tui.screens.sign import ExactScreen
from meshcoal.tui.settings import Settings
from meshcoal.tui.widgets.composer import Composer


def _widgets() -> set[type[Widget]]:
    found: set[type[Widget]] = set()
    for module in pkgutil.walk_packages(meshcoal.tui.__path__, "meshcoal.tui."):
        if module.name == "meshcoal.tui.widgets.plain":
            continue  # what it makes its own of is used nowhere else
        loaded = importlib.import_module(module.name)
        found |= {one for one in vars(loaded).values() if inspect.isclass(one) and issubclass(one, Widget)}
    return found - {Widget}


def test_every_widget_says_something() -> None:
    """Goal: nothing is shown that is not said. Method: a reader for every widget class."""
    widgets = _widgets()
    assert len(widgets) > 60
    for kind in widgets:
        assert callable(reader_of(kind))


@given(st.text())
def test_nothing_said_commands_a_terminal(text: str) -> None:
    """Goal: no escape sequence, whatever others wrote. Method: any text, in words, exact, on its way out."""
    for line in (*worded(text), *exact(text), harmless(text)):
        assert not [char for char in line if char != "\n" and (char < " " or "\x7f" <= char <= "\x9f")]


def test_signs_become_words_where_the_interface_puts_them() -> None:
    """Goal: no meaning in a sign alone; other people's words stay. Method: some of each."""
    assert worded("  ! 3 messages are missing") == ["Attention: 3 messages are missing"]
    assert worded("!! WARNING: look") == ["WARNING: look"]
    assert worded("  12 ✗ Mal  taken back") == ["12, no, Mal, taken back"]
    assert worded("¶2 We ask") == ["paragraph 2: We ask"]
    assert worded("a [-four-]{+five+}") == ["a (taken out: four)(put in: five)"]
    assert worded("Run! Now ✓ or never") == ["Run! Now ✓ or never"]
    assert worded("── 22 Nov ──\n████") == ["22 Nov"]
    assert exact("  ! as  it is") == ["  ! as  it is"]


def test_it_begins_by_itself_where_a_terminal_can_do_no_more() -> None:
    """Goal: asked, kept, or needed, in this order. Method: the table."""
    assert is_plain({"TERM": "dumb"})
    assert is_plain({})
    assert not is_plain({"TERM": "xterm-256color"})
    assert line_by_line(True, "", {"TERM": "xterm"})
    assert not line_by_line(False, "linear", {"TERM": "dumb"})
    assert line_by_line(None, "linear", {"TERM": "xterm"})
    assert not line_by_line(None, Settings().linear, {"TERM": "xterm"})


async def test_a_stray_word_is_never_sent() -> None:
    """Goal: in a channel only `send` sends. Method: type words there, then send."""
    async with speaking(FakeDaemon.with_campaign()) as run:
        await run.open_channel()
        await run.type("hello all")
        assert not run.sent(c.PostMessage)
        assert run.heard[-1] == "“hello all” is not known here. ? says what can be typed."
        await run.type("send hello all")
        assert [one.text for one in run.sent(c.PostMessage)] == ["hello all"]
        assert "hello all" in run.heard
        await run.type("write", "one", "", "back", ".", "send")
        assert run.sent(c.PostMessage)[-1].text == "one\n\nback"


async def test_a_message_is_said_anew() -> None:
    """Goal: changing works by words. Method: `change`, then `send` with the new words."""
    daemon = FakeDaemon.with_campaign()
    daemon.messages[GENERAL] = [message(3, "Ana", "at nine", may_change=True)]
    async with speaking(daemon) as run:
        await run.open_channel()
        await run.type("change")
        assert run.shows("Changing what you said")
        await run.type("send at ten")
        assert run.sent(c.EditMessage)[-1].text == "at ten"
        assert run.app.screen.query_one(Composer).text == ""


async def test_numbers_keep_their_meaning() -> None:
    """Goal: what was said under a number is what it chooses. Method: rows come above it meanwhile."""
    daemon = FakeDaemon.with_campaign()
    daemon.messages[GENERAL] = [message(5, "Ben", "the fifth"), message(6, "Chi", "the sixth")]
    async with speaking(daemon) as run:
        await run.open_channel()
        assert "1. Ben, " in "\n".join(run.heard)
        daemon.messages[GENERAL].insert(0, message(1, "Dov", "the first"))
        daemon.push(v.NoticeKind.MESSAGES, campaign=CAMPAIGN, subject=GENERAL)
        await run.rest()
        assert any(line.startswith("4. Dov, ") for line in run.heard), "3 is where one writes"
        await run.type("1 reply")
        assert run.shows("Answering Ben: the fifth")
        await run.type("again")
        assert any(line.startswith("1. Dov, ") for line in run.heard[-20:])


async def test_nothing_is_said_twice_and_news_wait() -> None:
    """Goal: only what is new, and not while somebody types. Method: a message comes; look, press Enter."""
    daemon = FakeDaemon.with_campaign()
    async with speaking(daemon) as run:
        await run.open_channel()
        heard = len(run.heard)
        daemon.messages[GENERAL].append(message(70, "Ben", "just now"))
        daemon.push(v.NoticeKind.MESSAGES, campaign=CAMPAIGN, subject=GENERAL)
        await super(type(run), run).rest()
        assert len(run.heard) == heard
        await run.type("")
        new = run.heard[heard:]
        assert any("just now" in line for line in new)
        assert not any("Maryam was taken at four" in line for line in new)


async def test_a_long_list_is_said_in_parts() -> None:
    """Goal: nobody has to hear two hundred rows first. Method: open a long channel; ask for rows."""
    daemon = FakeDaemon.with_campaign()
    daemon.messages[GENERAL] = [message(number) for number in range(90)]
    async with speaking(daemon) as run:
        await run.open_channel()
        said = "\n".join(run.heard)
        assert "90 rows; more of them by “rows” and a number" in said
        assert "message number 89" in said
        assert "message number 40" not in said
        await run.type("rows 41")
        assert "message number 40" in "\n".join(run.heard)


async def test_a_form_asks_and_is_answered() -> None:
    """Goal: questions one by one, corrections by number. Method: found a campaign by answers."""
    async with speaking(FakeDaemon.with_campaign()) as run:
        await run.type("found")
        assert run.talk.prompt == "Name: "
        await run.type("Water now", "", "", "")
        assert run.talk.prompt == "I am, a number (Enter keeps it): "
        await run.type("99")
        assert run.heard[-1] == "Type the number of one of them."
        exile = next(line for line in reversed(run.heard) if line.endswith(". in exile"))
        await run.type(exile.split(".")[0], "")
        assert "That was all. Now:" in run.heard
        await run.type("found it")
        [command] = run.sent(c.FoundCampaign)
        assert (command.name, command.seat) == ("Water now", c.Seat.EXILE)
        assert run.place == "campaign"


async def test_a_command_while_asked_begins_with_a_full_stop() -> None:
    """Goal: an answer is an answer. Method: a campaign called “back”, then leaving with `.back`."""
    async with speaking(FakeDaemon.with_campaign()) as run:
        await run.type("found", "back")
        assert run.place == "form"
        await run.type(".back")
        assert run.place == "home"
        assert not run.sent(c.FoundCampaign)


async def test_a_text_is_edited_by_its_lines() -> None:
    """Goal: a letter can be mended without a cursor. Method: put in, take out, show."""
    async with speaking(FakeDaemon.with_campaign()) as run:
        await run.open_campaign()
        await run.type("draft", "en", "Water")
        await run.type("one", "", "two", "three", ".3 zwei", ".4", ".9 no", ".show", ".")
        assert "There is no line 9." in run.heard
        assert run.heard[-8:].count("3. zwei") == 1
        await run.type(".save")
        assert run.sent(c.DraftStatement)[-1].text == "one\n\nzwei"


async def test_a_passphrase_is_neither_said_nor_shown() -> None:
    """Goal: nobody hears it. Method: lock, type it, look at the echo and at everything said."""
    async with speaking(FakeDaemon.with_campaign()) as run:
        await run.type("lock")
        assert run.place == "unlock"
        assert run.heard.count("") >= 60, "what was said has left the window"
        hidden = [run.talk.secret]
        await run.type("not it")
        assert run.shows("does not open the vault")
        hidden.append(run.talk.secret)
        await run.type(PASSPHRASE)
        assert run.place == "home"
        assert [*hidden, run.talk.secret] == [True, True, False], "it is asked for again, then no longer"
        assert PASSPHRASE not in "\n".join(run.heard)


async def test_an_alarm_is_said_at_once() -> None:
    """Goal: danger does not wait for Enter; everything else does. Method: two messages that pass."""
    async with speaking(FakeDaemon.with_campaign()) as run:
        run.app.notify("A letter has changed.")
        await super(type(run), run).rest()
        assert "Note: A letter has changed." not in run.heard
        run.app.notify("!! WARNING: look at the first screen.", severity="error")
        await super(type(run), run).rest()
        assert run.heard[-1] == "Note: WARNING: look at the first screen."
        await run.type("")
        assert "Note: A letter has changed." in run.heard


async def test_the_exact_text_is_said_letter_for_letter() -> None:
    """Goal: what is signed is not put into words. Method: a text that begins with signs."""
    assert {"exact-scroll"} <= set(inspect.getsource(ExactScreen).split('"'))
    assert exact("! ¶1 not ours") == ["! ¶1 not ours"]


async def test_help_is_a_list_of_words() -> None:
    """Goal: `?` says what can be typed, and what follows may be typed at once. Method: ask, then act."""
    async with speaking(FakeDaemon(vault=v.VaultState.ABSENT), rehearsal=FakeRehearsal()) as run:
        await run.type("?")
        assert "start for real, or s: Make an identity and choose a passphrase." in run.heard
        await run.type("start for real")
        assert run.place == "create"


async def test_under_the_cover_nothing_of_ours_is_said() -> None:
    """Goal: whoever takes the keyboard hears nothing. Method: cover, an alarm, words; uncover."""
    daemon = FakeDaemon.with_campaign()
    async with speaking(daemon) as run:
        await run.open_channel()
        await run.type("cover")
        assert run.app.covered
        under = len(run.heard)
        assert any(line.startswith("Every 60.0s") for line in run.heard[-30:])
        assert not any("\x1b" in line for line in run.heard)
        run.app.notify("!! WARNING: look", severity="error")
        await run.type("again", "back", "?", "")
        assert run.heard[under:] == []
        assert (run.talk.prompt, run.talk.secret) == ("", True)
        await run.type(PASSPHRASE)
        await run.until(lambda: not run.app.covered)
        assert run.place == "channel"
        assert "Maryam was taken at four." in "\n".join(run.heard[under:])


async def test_a_lock_comes_at_once() -> None:
    """Goal: what locks by itself waits for no Enter. Method: lock as the clock does; look before a line."""
    async with speaking(FakeDaemon.with_campaign()) as run:
        await run.open_channel()
        run.app._lock_here()
        await super(type(run), run).rest()
        due = [run.talk.hides]
        run.talk.hide()
        assert run.heard.count("") >= 60
        assert [*due, run.talk.hides, run.talk.secret] == [True, False, True]
