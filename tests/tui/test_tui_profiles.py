"""Profiles and their logos, and fields of letters that are entered in the interface."""

from __future__ import annotations

import dataclasses
import sys
import zlib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import LETTER, FakeDaemon, opened, png, profile
from tuirunning import Running, running
from tuitongues import TONGUES

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.errors import Unknown
from meshcoal.limits import LOGO_BYTES_MAX
from meshcoal.tui.widgets.plain import PlainInput, PlainRadio, PlainText
from meshcoal.wire.logo import logo_digest


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


async def enter_logo(run: Running, path: Path | str) -> None:
    await run.press("m", "s", "n")
    run.app.screen.query_one("#field-label", PlainInput).value = "centre"
    run.app.screen.query_one("#field-name", PlainInput).value = "The Centre"
    run.app.screen.query_one("#field-file", PlainInput).value = str(path)
    await run.click("#submit")


async def test_a_logo_is_told_in_words_before_it_is_kept(tmp_path: Path) -> None:
    """Goal: one knows what will be signed. Method: a PNG with a comment; size, digest, what was taken out."""
    path = tmp_path / "logo.png"
    path.write_bytes(png(40, 20, between=chunk(b"tEXt", b"Author\0Ana Rahimi")))
    async with running(FakeDaemon.with_campaign()) as run:
        await enter_logo(run, path)
        assert run.shows("logo: 40 by 20 pixels")
        digits = logo_digest(png(40, 20)).hex()
        assert run.shows(f"{digits[:4]} {digits[4:8]}")
        assert run.shows("29 B that programs had written beside the picture are taken out.")
        await run.click("#submit")
        [command] = run.sent(c.SetProfile)
        assert command.logo == png(40, 20)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GIF89a", "A logo is a PNG file, and this is none"),
        (b"", "That file is empty"),
        (png(600, 2), "a still PNG of at most 512 by 512 pixels"),
        (b"\0" * (16 * LOGO_BYTES_MAX + 1), "larger than"),
        (png(2, 2)[:-20], "none that can be read"),
    ],
)
async def test_what_is_no_logo_is_refused_with_its_reason(tmp_path: Path, data: bytes, why: str) -> None:
    """Goal: the form stays and says why. Method: other formats, empty, too wide, too large, cut."""
    path = tmp_path / "logo.png"
    path.write_bytes(data)
    async with running(FakeDaemon.with_campaign(), size=(100, 40)) as run:
        await enter_logo(run, path)
        assert run.place == "form"
        assert run.shows(why)
        assert run.app.screen.query_one("#field-name", PlainInput).value == "The Centre"
        assert not run.sent(c.SetProfile)


async def test_a_file_that_is_not_there_is_told() -> None:
    """Goal: a slip in the path is no crash. Method: a path that leads nowhere."""
    async with running(FakeDaemon.with_campaign(), size=(100, 40)) as run:
        await enter_logo(run, "/nowhere/logo.png")
        assert run.shows("The file cannot be read: no such file or directory.")


async def test_a_logo_can_be_taken_away() -> None:
    """Goal: no logo is kept by accident. Method: choose none on a profile that has one."""
    daemon = FakeDaemon.with_campaign()
    daemon.profiles = [profile()]
    async with running(daemon) as run:
        await run.press("m", "s", "enter")
        list(run.app.screen.query("#field-logo PlainRadio").results(PlainRadio))[1].value = True
        await run.click("#submit")
        assert run.shows("no logo")
        await run.click("#submit")
        [command] = run.sent(c.SetProfile)
        assert command.logo == b""
        assert not run.sent(c.RemoveProfile)


async def test_a_profile_is_not_called_as_a_way_to_sign() -> None:
    """Goal: it stays usable on the command line. Method: a label that is the word for a capacity."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("m", "s", "n")
        run.app.screen.query_one("#field-label", PlainInput).value = "network"
        run.app.screen.query_one("#field-name", PlainInput).value = "The Centre"
        await run.click("#submit")
        assert run.shows("That word says as what somebody signs")


async def test_the_next_version_is_about_the_same() -> None:
    """Goal: revising drops no topic, or mandates cover it no longer. Method: revise, leave the fields."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened(
        topics=("torture",), countries=("ir",), asks=("release",), actions=(v.Action.REVISE,)
    )
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("v")
        run.app.screen.query_one("#field-typed", PlainInput).value = "replace"
        await run.click("#submit")
        [command] = run.sent(c.FreezeStatement)
        assert (command.topics, command.countries, command.asks) == (("torture",), ("ir",), ("release",))


async def test_a_date_for_sealed_ones_needs_their_number() -> None:
    """Goal: no field is dropped in silence. Method: an expiry without a number."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_statement(LETTER)
        await run.press("f")
        run.app.screen.query_one("#field-typed", PlainInput).value = "freeze"
        run.app.screen.query_one("#field-seal_expires", PlainInput).value = "2026-11-26 18:00"
        await run.click("#submit")
        assert run.shows("Sealed ones need the number of how many open them.")
        assert not run.sent(c.FreezeStatement)


async def test_a_first_draft_names_its_author_if_they_wish() -> None:
    """Goal: a draft has what an amendment has. Method: write one with a credit."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_campaign()
        await run.press("d")
        run.app.screen.query_one("#language", PlainInput).value = "en"
        run.app.screen.query_one("#title", PlainInput).value = "Water"
        run.app.screen.query_one("#text", PlainText).load_text("One.")
        run.app.screen.query_one("#credit", PlainInput).value = "Ana"
        await run.press("ctrl+o")
        [command] = run.sent(c.DraftStatement)
        assert (command.credit, command.attachments) == ("Ana", ())


async def test_a_credit_goes_with_having_compared_only() -> None:
    """Goal: nobody is named in public by a remark. Method: comment on a translation's title."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = dataclasses.replace(TONGUES)
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("l", "c")
        run.app.screen.query_one("#field-text", PlainText).load_text("Well said.")
        run.app.screen.query_one("#field-credit", PlainInput).value = "Ana"
        await run.click("#submit")
        assert run.shows("You are named in public only for having compared.")
        list(run.app.screen.query("#field-stance PlainRadio").results(PlainRadio))[1].value = True
        await run.click("#submit")
        [command] = run.sent(c.CommentStatement)
        assert (command.stance, command.credit) == (c.Stance.CHECKED, "Ana")


async def test_files_that_the_daemon_lost_are_asked_for_again(tmp_path: Path) -> None:
    """Goal: a lock in between loses no text. Method: the daemon knows the upload no longer."""
    path = tmp_path / "note.txt"
    path.write_bytes(b"words")
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("a", "ctrl+f")
        run.app.screen.query_one("#field-path", PlainInput).value = str(path)
        await run.click("#submit")
        daemon.refuse[c.AmendStatement] = Unknown("There is no such upload.")
        await run.press("ctrl+o")
        assert any("attach them again" in toast for toast in run.toasts())
        assert run.place == "write"
        assert not run.shows("With it:")
