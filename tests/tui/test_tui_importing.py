"""Reading in replies in the interface: texts, folders, pictures, and what cannot be read."""

from __future__ import annotations

import sys
from pathlib import Path

import segno

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import LETTER, FakeDaemon
from tuirunning import Running, running

from meshcoal.api import commands as c
from meshcoal.tui.widgets.plain import PlainText
from meshcoal.wire.reply import reply_text

GOOD = b"\1" * 1_648
OTHER = b"\2" * 1_648
BAD = b"\0" * 1_648


async def read_in(run: Running, *paths: Path) -> None:
    await run.open_statement(LETTER)
    await run.press("o", "i")
    run.app.screen.query_one("#field-paths", PlainText).load_text("\n".join([str(path) for path in paths]))
    await run.click("#submit")
    await run.until(lambda: not run.app.screen.query("#field-paths") or run.shows("("))


async def test_a_folder_of_texts_and_pictures_is_read(tmp_path: Path) -> None:
    """Goal: what came by any means goes in at once. Method: a mail, a picture, a broken picture, chat."""
    (tmp_path / "1-mail.txt").write_text(
        f"Dear all,\n{reply_text(GOOD)}\nand\n{reply_text(BAD)}\nmeshcoal-reply-1:cut", encoding="utf-8"
    )
    segno.make(reply_text(OTHER), error="l", micro=False).save(str(tmp_path / "2-code.png"), scale=4)
    (tmp_path / "3-broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "4-chat.txt").write_text("nothing here", encoding="utf-8")
    async with running(FakeDaemon.with_replies()) as run:
        await read_in(run, tmp_path)
        assert run.shows("2 replies are new.")
        assert run.shows("! Cannot be read: 4. Ask those people again.")
        for words in (
            "1-mail.txt, number 2: bad-seal",
            "1-mail.txt, number 3: damaged",
            "3-broken.png, the whole file: bad-argument",
            "4-chat.txt, the whole file: no-reply",
        ):
            assert run.shows(words)
        assert [one for command in run.sent(c.ImportReplies) for one in command.replies] == [GOOD, BAD, OTHER]


async def test_reading_twice_does_no_harm(tmp_path: Path) -> None:
    """Goal: nobody has to remember what was read. Method: the same file named twice."""
    path = tmp_path / "mail.txt"
    path.write_text(reply_text(GOOD), encoding="utf-8")
    async with running(FakeDaemon.with_replies()) as run:
        await read_in(run, path, path)
        assert run.shows("1 reply is new.")
        assert run.shows("Known already: 1.")


async def test_many_replies_go_in_several_commands(tmp_path: Path) -> None:
    """Goal: a pile of thousands fits. Method: more than one command takes."""
    pile = [number.to_bytes(4, "big") + b"\1" * 1_644 for number in range(1 << 24, (1 << 24) + 320)]
    path = tmp_path / "pile.txt"
    path.write_text("\n".join([reply_text(one) for one in pile]), encoding="utf-8")
    async with running(FakeDaemon.with_replies()) as run:
        await read_in(run, path)
        assert run.shows("320 replies are new.")
        sizes = [len(command.replies) for command in run.sent(c.ImportReplies)]
        assert sizes == [250, 70]


async def test_a_folder_that_is_not_there_keeps_the_form(tmp_path: Path) -> None:
    """Goal: a slip is told, and nothing is sent. Method: a path that leads nowhere."""
    async with running(FakeDaemon.with_replies()) as run:
        await read_in(run, tmp_path / "none")
        assert run.shows("There is no such file or folder.")
        assert run.place == "form"
        assert not run.sent(c.ImportReplies)
