"""All pages of a daemon's double, over real loopback: every link is followed, every page read strictly."""

from __future__ import annotations

import asyncio
import dataclasses
import html
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))

from tuidouble import CAMPAIGN, GENERAL, LETTER, NOW_MS, FakeDaemon

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.browser.gate import Gate
from meshcoal.browser.server import Pages
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import Unknown
from meshcoal.tui.session import Session
from meshcoal.wire.record import Record

PAGES_MAX: Final = 300
_LINK: Final = re.compile(r'<a href="(/[^"#]+)')


class PagesDaemon(FakeDaemon):
    """The interface's double, with more to be looked at."""

    @classmethod
    def like(cls, other: FakeDaemon) -> PagesDaemon:
        made = cls()
        made.__dict__.update(other.__dict__)
        return made

    def on_show_today(self, _command: c.ShowToday) -> Record:
        if not self.campaigns:
            return v.TodayView(items=())
        first = next((one.id for said in self.messages.values() for one in said), b"")
        subjects = {v.TodayKind.MENTION: first}
        items = [
            v.TodayItemView(
                kind=kind,
                campaign=CAMPAIGN,
                campaign_name="Free Maryam",
                subject=subjects.get(kind, LETTER),
                channel=GENERAL if kind is v.TodayKind.MENTION else b"",
                title="Free Maryam Rahimi",
                since_ms=NOW_MS,
                until_ms=NOW_MS + 86_400_000 if kind is v.TodayKind.SIGN else -1,
                count=2,
            )
            for kind in v.TodayKind
        ]
        return v.TodayView(items=tuple(items))

    def on_show_message(self, command: c.ShowMessage) -> Record:
        [one] = [one for said in self.messages.values() for one in said if one.id == command.message]
        before = v.EditionView(at_ms=NOW_MS, text="What it said before.")
        return v.MessageDetailView(message=one, editions=(before,))

    def _changed(self, of: bytes, **changes: Any) -> Record:
        for said in self.messages.values():
            for at, one in enumerate(said):
                if one.id == of:
                    said[at] = dataclasses.replace(one, **changes)
                    return said[at]
        raise Unknown("there is no such message")

    def on_edit_message(self, command: c.EditMessage) -> Record:
        return self._changed(command.message, text=command.text, edited_ms=NOW_MS)

    def on_take_back_message(self, command: c.TakeBackMessage) -> Record:
        return self._changed(command.message, text="", state=v.MessageState.TAKEN_BACK)

    def on_react_to_message(self, command: c.ReactToMessage) -> Record:
        mine = v.ReactionView(emoji=command.emoji, count=1, mine=True, names=())
        return self._changed(command.message, reactions=(mine,))

    def on_pin_message(self, command: c.PinMessage) -> Record:
        return self._changed(command.message, pinned_by="Ana" if command.pinned else "")

    def on_search(self, command: c.Search) -> Record:
        [(channel, said)] = [(channel, said) for channel, said in self.messages.items() if said]
        found = v.FoundView(
            kind=v.FoundKind.MESSAGE,
            campaign=CAMPAIGN,
            campaign_name="Free Maryam",
            channel=channel,
            place="general",
            message=said[0].id,
            about=b"",
            name="Ben",
            me=False,
            at_ms=NOW_MS,
            excerpt=said[0].text[:80],
            lit_from=0,
            lit_to=6,
        )
        return v.FoundsView(found=(found,), before=0 if command.before else 7, unindexed=2, operations=9)


def parted(form: dict[str, str], name: str, data: bytes) -> bytes:
    """A form with a file (RFC 7578)."""
    part = '--pages\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    texts = [f"{part.format(key, '')}{value}\r\n" for key, value in form.items()]
    begin = part.format("file", f'; filename="{name}"')
    return "".join([*texts, begin]).encode() + data + b"\r\n--pages--\r\n"


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: str

    def address(self, words: str) -> str:
        """Where the first link leads whose text holds these words."""
        for found in re.finditer(r'<a href="(/[^"#]+)[^>]*>(.*?)</a>', self.body, re.DOTALL):
            if words in html.unescape(re.sub(r"<[^>]+>", "", found[2])):
                return found[1]
        raise AssertionError(f"no link {words!r} in {self.body}")

    def forms(self) -> list[tuple[str, dict[str, str]]]:
        """Each form of the content: where it goes, and what stands in it."""
        content = self.body.partition("<main")[2]
        found = []
        for made in re.finditer(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', content, re.DOTALL):
            values = {}
            for tag in re.findall(r"<input[^>]*>", made[2]):
                named = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
                if named.get("type") in ("radio", "checkbox") and " checked" not in tag:
                    continue
                if "name" in named:
                    values[named["name"]] = html.unescape(named.get("value", ""))
            written = r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>'
            for area in re.finditer(written, made[2], re.DOTALL):
                values[area[1]] = html.unescape(area[2])
            found.append((made[1], values))
        return found


@dataclass
class Crawler:
    """A browser that reads, follows and fills in, and draws nothing."""

    pages: Pages
    cookie: str = ""
    home: str = ""
    seen: dict[str, Answered] = field(default_factory=dict)

    async def ask(
        self, path: str, form: dict[str, str] | None = None, *, file: tuple[str, bytes] | None = None
    ) -> Answered:
        """What a page answers, or a form; with a file, as browsers send one."""
        port = self.pages.door.port
        kind = "application/x-www-form-urlencoded"
        body = urlencode(form).encode() if form is not None else b""
        if form is not None and file is not None:
            kind = "multipart/form-data; boundary=pages"
            body = parted(form, *file)
        lines = [
            f"{'GET' if form is None else 'POST'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Cookie: page={self.cookie}",
            f"Origin: http://127.0.0.1:{port}",
            f"Content-Type: {kind}",
            f"Content-Length: {len(body)}",
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        whole = await reader.read()
        writer.close()
        head, _, rest = whole.partition(b"\r\n\r\n")
        headers = dict(re.findall(r"([\w-]+): ([^\r]*)", head.decode()))
        return Answered(int(head.split(b" ")[1]), headers, rest.decode("utf-8", "replace"))

    async def enter(self) -> None:
        token, _until_ms = self.pages.gate.new_token(NOW_MS)
        entered = await self.ask(f"/{token}", {})
        self.cookie = re.findall("page=([^;]+)", entered.headers["Set-Cookie"])[0]
        self.home = entered.headers["Location"]

    async def submit(self, page: Answered, form: int = 0, **values: str) -> Answered:
        """Send a form of a page as it stands, but for these values; follow where it leads."""
        address, held = page.forms()[form]
        answered = await self.ask(address, held | values)
        while answered.status == 303:
            answered = await self.ask(answered.headers["Location"])
        return answered

    async def crawl(self) -> dict[str, Answered]:
        """Every page that links lead to."""
        waiting = [self.home]
        while waiting and len(self.seen) < PAGES_MAX:
            path = waiting.pop(0)
            if path in self.seen:
                continue
            answered = self.seen[path] = await self.ask(path)
            if "sandbox" not in answered.headers.get("Content-Security-Policy", ""):
                waiting += _LINK.findall(answered.body)
        assert len(self.seen) < PAGES_MAX, "links without end"
        return self.seen


@asynccontextmanager
async def crawling(daemon: FakeDaemon) -> AsyncIterator[Crawler]:
    """Pages over a double, and somebody who is in."""
    session = Session(daemon.connect)
    pages = Pages(
        gate=Gate(SeededEntropy(b"crawl")), session=session, now_ms=lambda: NOW_MS, zone=UTC, note=_told
    )
    await pages.door.open()
    crawler = Crawler(pages)
    try:
        await crawler.enter()
        yield crawler
    finally:
        await pages.door.close()
        await session.close()


def _told(line: str) -> None:
    raise AssertionError(f"a page has a bug: {line}")
