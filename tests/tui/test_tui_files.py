"""Files in a channel: attached, taken back, fetched, stopped, saved."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuicases import CASE
from tuidouble import CAMPAIGN, GENERAL, LETTER, FakeDaemon, attachment, message
from tuirunning import running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.tui.screens.case import CaseScreen
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainInput, PlainRadio, PlainText


async def test_a_file_goes_with_a_message(tmp_path: Path) -> None:
    """Goal: a path is enough to attach, and the text may be empty. Method: attach, see it named, send."""
    path = tmp_path / "ruling.pdf"
    path.write_bytes(b"the ruling" * 100_000)
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        await run.press("ctrl+f")
        run.app.screen.query_one("#field-path", PlainInput).value = str(path)
        await run.press("enter")
        await run.until(lambda: run.shows("With it: ruling.pdf (977 KiB)"))
        (handed,) = daemon.handed.values()
        assert handed == path.read_bytes()
        run.app.screen.query_one(Composer).focus()
        await run.press("enter")
        await run.until(lambda: run.shows("▤ ruling.pdf"))
        (sent,) = run.sent(c.PostMessage)
        assert (sent.text, len(sent.attachments)) == ("", 1)
        assert not run.shows("With it:")


async def test_a_file_goes_with_a_comment(tmp_path: Path) -> None:
    """Goal: a path in the comment's form is enough; a wrong one is told, nothing is sent. Method: both."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"what is wrong with the date")
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("down", "c")
        await run.write("see the scan")
        run.app.screen.query_one("#field-file", PlainInput).value = str(tmp_path / "none")
        await run.click("#submit")
        await run.until(lambda: run.shows("cannot be read"))
        assert not run.sent(c.CommentStatement)
        run.app.screen.query_one("#field-file", PlainInput).value = str(path)
        await run.click("#submit")
        await run.until(lambda: bool(run.sent(c.CommentStatement)))
        (sent,) = run.sent(c.CommentStatement)
        assert (sent.text, sent.paragraph, len(sent.attachments)) == ("see the scan", 1, 1)
        assert list(daemon.handed.values()) == [path.read_bytes()]


async def test_files_of_comments_are_fetched_stopped_and_saved(tmp_path: Path) -> None:
    """Goal: the same key as in a channel. Method: absent, coming, stopped, here, saved."""
    daemon = FakeDaemon.with_campaign()
    letter = daemon.statements[LETTER]
    absent = attachment("scan.pdf", size=2_500, state=v.AttachmentState.ABSENT, held=0)
    comment = replace(letter.comments[0], paragraph=1, attachments=(absent,))
    daemon.statements[LETTER] = replace(letter, comments=(comment,))
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("down", "enter")
        assert run.shows("not fetched: ^O")
        await run.press("ctrl+o")
        await run.until(lambda: run.shows("33 %"))
        await run.press("ctrl+o")
        await run.until(lambda: bool(run.sent(c.StopAttachment)) and run.shows("not fetched"))
        here = replace(absent, state=v.AttachmentState.HERE, held=9)
        daemon.statements[LETTER] = replace(letter, comments=(replace(comment, attachments=(here,)),))
        daemon.push(v.NoticeKind.ATTACHMENT, campaign=letter.campaign, subject=absent.file)
        await run.until(lambda: run.shows("here: ^O saves"))
        await run.press("ctrl+o")
        run.app.screen.query_one("#field-folder", PlainInput).value = str(tmp_path)
        await run.press("enter")
        await run.until(lambda: (tmp_path / "scan.pdf").exists())
        assert (tmp_path / "scan.pdf").read_bytes() == bytes(2_500)


@pytest.mark.parametrize(("keep", "files"), [(False, 0), (True, 1)])
async def test_a_receipt_is_entered_with_a_delivery(tmp_path: Path, keep: bool, files: int) -> None:
    """Goal: a digest alone, or the file with the campaign; both tell the same of an ordinary file.

    Method: enter a delivery with a receipt, either way; the kept one is saved from the course.
    """
    path = tmp_path / "receipt.pdf"
    path.write_bytes(b"taken by the doorman")
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = replace(
        daemon.statements[LETTER], phase=v.StatementPhase.RELEASED, actions=(v.Action.ENTER,), aftermath=()
    )
    async with running(daemon) as run:
        await run.open_statement(LETTER)
        await run.press("n")
        run.app.screen.query_one("#field-addressee", PlainInput).value = "The Minister of Justice"
        run.app.screen.query_one("#field-receipt", PlainInput).value = str(path)
        list(run.app.screen.query("#field-keep PlainRadio").results(PlainRadio))[keep].value = True
        await run.click("#submit")
        await run.until(lambda: bool(run.sent(c.EnterAftermath)))
        (sent,) = run.sent(c.EnterAftermath)
        digest = hashlib.sha256(b"taken by the doorman").digest()
        assert (sent.receipt, len(sent.attachments)) == (digest, files)
        await run.until(lambda: run.shows(f"receipt {digest[:2].hex()}"))
        assert run.shows("receipt.pdf (") is keep
        await run.press("ctrl+o")
        await run.until(lambda: run.shows("Save these files" if keep else "There is no file"))


async def test_files_go_with_a_fact_and_a_consent(tmp_path: Path) -> None:
    """Goal: a path in the form is enough, and a wrong one sends nothing. Method: both, in both forms."""
    path = tmp_path / "list.pdf"
    path.write_bytes(b"the list")
    daemon = FakeDaemon.with_case()
    async with running(daemon) as run:
        await run.app.push_screen(CaseScreen(CAMPAIGN, CASE))
        await run.rest()
        await run.press("f")
        run.app.screen.query_one("#field-text", PlainText).load_text("Her name is on the list.")
        run.app.screen.query_one("#field-file", PlainInput).value = str(tmp_path / "none")
        await run.click("#submit")
        await run.until(lambda: run.shows("cannot be read"))
        assert not run.sent(c.EnterCase)
        run.app.screen.query_one("#field-file", PlainInput).value = str(path)
        await run.click("#submit")
        await run.until(lambda: run.shows("list.pdf ("))
        (sent,) = run.sent(c.EnterCase)
        assert len(sent.attachments) == 1
        assert list(daemon.handed.values()) == [b"the list"]
        await run.press("p")
        run.app.screen.query_one("#field-file", PlainInput).value = str(path)
        await run.click("#submit")
        await run.until(lambda: len(run.sent(c.EnterCase)) == 2)
        assert len(run.sent(c.EnterCase)[1].attachments) == 1


async def test_a_file_goes_with_an_alert(tmp_path: Path) -> None:
    """Goal: what is known comes with its proof. Method: alert with a file; it stands above the entries."""
    path = tmp_path / "warrant.pdf"
    path.write_bytes(b"the warrant")
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_campaign()
        await run.press("a")
        run.app.screen.query_one("#field-title", PlainInput).value = "Omid was taken"
        run.app.screen.query_one("#field-file", PlainInput).value = str(path)
        await run.click("#submit")
        await run.until(lambda: run.place == "case" and run.shows("warrant.pdf ("))
        await run.press("ctrl+o")
        await run.until(lambda: run.shows("Save these files"))


async def test_taken_back_before_it_is_sent(tmp_path: Path) -> None:
    """Goal: a file chosen by mistake goes nowhere. Method: choose, take back, send a text."""
    path = tmp_path / "wrong.txt"
    path.write_bytes(b"not for them")
    daemon = FakeDaemon.with_campaign()
    async with running(daemon) as run:
        await run.open_channel()
        await run.press("ctrl+f")
        run.app.screen.query_one("#field-path", PlainInput).value = str(path)
        await run.press("enter")
        await run.until(lambda: run.shows("With it: wrong.txt"))
        await run.press("ctrl+f")
        await run.until(lambda: not daemon.uploads)
        assert not run.shows("With it:")


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Goal: a wrong path is told, and can be mended. Method: a path to nothing."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_channel()
        await run.press("ctrl+f")
        run.app.screen.query_one("#field-path", PlainInput).value = str(tmp_path / "none")
        await run.press("enter")
        await run.until(lambda: run.shows("cannot be read"))


async def test_fetched_stopped_and_saved(tmp_path: Path) -> None:
    """Goal: one key does what can be done. Method: absent, coming, here."""
    daemon = FakeDaemon.with_campaign()
    absent = attachment(size=2_500, state=v.AttachmentState.ABSENT, held=0)
    daemon.messages[GENERAL].append(message(70, "Ben", "see", attachments=(absent,)))
    async with running(daemon) as run:
        await run.open_channel()
        assert run.shows("not fetched: ^O")
        await run.press("ctrl+o")
        await run.until(lambda: run.shows("33 %"))
        await run.press("ctrl+o")
        await run.until(lambda: run.shows("not fetched: ^O"))
        here = attachment(size=2_500)
        daemon.messages[GENERAL][-1] = message(70, "Ben", "see", attachments=(here,))
        daemon.push(v.NoticeKind.ATTACHMENT, campaign=b"", subject=here.file)
        await run.until(lambda: run.shows("here: ^O saves"))
        await run.press("ctrl+o")
        run.app.screen.query_one("#field-folder", PlainInput).value = str(tmp_path)
        await run.press("enter")
        await run.until(lambda: (tmp_path / "ruling.pdf").exists())
        assert (tmp_path / "ruling.pdf").read_bytes() == bytes(2_500)
