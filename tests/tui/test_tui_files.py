"""Files in a channel: attached, taken back, fetched, stopped, saved."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import GENERAL, LETTER, FakeDaemon, attachment, message
from tuirunning import running

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainInput


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
        await run.press("down")
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
