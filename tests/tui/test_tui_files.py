"""Files in a channel: attached, taken back, fetched, stopped, saved."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import GENERAL, FakeDaemon, attachment, message
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
