"""Prints every text on a page that came past the catalogue. Run by test_pages_crawled."""

from __future__ import annotations

import asyncio
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from meshcoal.tui import locale
from meshcoal.tui.locale.tongues import BY_CODE, TONGUES

BEGIN, END = "\u2e22", "\u2e23"


class Marked:
    """A language in which every sentence stands between marks."""

    def gettext(self, message: str, /) -> str:
        return f"{BEGIN}{message}{END}"

    def ngettext(self, msgid1: str, msgid2: str, n: int, /) -> str:
        return f"{BEGIN}{msgid1 if n == 1 else msgid2}{END}"

    def pgettext(self, _context: str, message: str, /) -> str:
        return self.gettext(message)


locale.speak(BY_CODE["en"], Marked())  # before anything else of the pages is imported


class Texts(HTMLParser):
    """What a reader reads or hears, but for what people wrote, times, and what is signed."""

    SKIPPED = ("bdi", "time", "title", "code", "textarea", "option")

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[bool] = []
        self.found: list[str] = []
        self.feed(page.replace("<!DOCTYPE html>", ""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if told.get("aria-label"):
            self.found.append(told["aria-label"] or "")
        if tag not in ("meta", "link", "input", "hr", "br"):
            theirs = tag in self.SKIPPED or told.get("dir") == "auto" or "said" in (told.get("class") or "")
            theirs = theirs or (tag != "html" and "lang" in told)
            self.stack.append(theirs or bool(self.stack and self.stack[-1]))

    def handle_endtag(self, tag: str) -> None:
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not (self.stack and self.stack[-1]):
            self.found.append(data)


def left(text: str) -> str:
    """What stands outside marks and isolates."""
    text = re.sub(r"\.? \([a-z-]+\)$", "", text)  # the code of an error
    before = ""
    while before != text:
        before = text
        text = re.sub(f"{BEGIN}[^{BEGIN}{END}]*{END}", "", text)
        text = re.sub("[\u2066-\u2068][^\u2066-\u2069]*\u2069", "", text)
    return text


async def main() -> None:
    from crawlwork import crawling
    from test_pages_crawled import STATES

    from meshcoal.browser.elements import language_name
    from meshcoal.tui.shown import NEEDS_EXAMPLE

    told: set[str] = set()
    for state in ("draft", "open", "sealed", "counted", "released", "trouble", "nothing"):
        async with crawling(STATES[state]()) as crawler:
            for answered in (await crawler.crawl()).values():
                if "sandbox" in answered.headers.get("Content-Security-Policy", ""):
                    continue
                told |= {text for text in Texts(answered.body).found if re.search(r"[^\W\d_]{2}", left(text))}
    names = {language_name(tongue.code) for tongue in TONGUES}
    for text in sorted(told - names - {NEEDS_EXAMPLE}):  # what is typed so in every language
        sys.stdout.write(f"{left(text)!r} in {text!r}\n")


asyncio.run(main())
