"""A page of ours as text to read where there is no browser: what it says, in its order.

Law: for looking at pages that this program made. Scripts, styles and what is hidden are left out; nothing is
followed or fetched.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

_SILENT: Final = frozenset({"title", "script", "style", "template", "noscript", "svg"})
_BLOCKS: Final = frozenset(
    {
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "li",
        "div",
        "section",
        "tr",
        "header",
        "footer",
        "dt",
        "dd",
        "title",
        "pre",
    }
)
_APART: Final = frozenset({"h1", "h2", "h3", "p", "section", "ul", "ol", "table", "dl"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._line: list[str] = []
        self._silent = 0

    def end_line(self, *, apart: bool = False) -> None:
        line = " ".join("".join(self._line).split())
        self._line = []
        if line:
            self.lines.append(line)
        if apart and self.lines and self.lines[-1]:
            self.lines.append("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self.end_line()
        elif tag in _BLOCKS or tag in _APART:
            self.end_line(apart=tag in _APART)
            if tag == "li":
                self._line.append("· ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS or tag in _APART:
            self.end_line(apart=tag in _APART)
        elif tag in ("td", "th"):
            self._line.append("  ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._line.append(data)


def readable(page: bytes) -> str:
    """The text of a page in UTF-8; lines without markup, paragraphs with an empty line between them."""
    reader = _Reader()
    reader.feed(page.decode("utf-8", errors="replace"))
    reader.close()
    reader.end_line()
    return "\n".join(reader.lines).strip() + "\n"
