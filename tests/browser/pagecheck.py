"""What every page must be: well-formed, with landmarks and labels, loading and running nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

_VOID: Final = {"meta", "link", "input", "hr", "br"}
_LOADING: Final = {
    "src",
    "srcset",
    "data",
    "poster",
    "background",
    "ping",
    "manifest",
    "cite",
    "srcdoc",
    "style",
}
_FORBIDDEN: Final = {
    "script",
    "iframe",
    "frame",
    "object",
    "embed",
    "base",
    "style",
    "svg",
    "math",
    "img",
    "video",
}


class Checked(HTMLParser):
    """Reads a page strictly: every element is closed in its order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.described: list[str] = []
        self.fields: list[tuple[str, dict[str, str | None]]] = []
        self.tags: list[str] = []
        self.root: dict[str, str | None] = {}
        self.title = ""
        self.headings: list[int] = []
        self.feed(page)
        self.close()
        if self.open:
            self.faults.append(f"not closed: {self.open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if len(found) != len(attrs):
            self.faults.append(f"an attribute twice in {tag}")
        self.tags.append(tag)
        if tag not in _VOID:
            self.open.append(tag)
        if tag in _FORBIDDEN:
            self.faults.append(f"<{tag}>")
        if tag == "html":
            self.root = found
        for key, value in found.items():
            if key.startswith("on") or key in _LOADING:
                self.faults.append(f"{tag} {key}")
            if key in ("href", "action") and not (value or "").startswith(("/", "#")):
                self.faults.append(f"leads to {value}")
            if key in ("href", "action") and (value or "").startswith("//"):
                self.faults.append(f"leads to {value}")
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag == "label":
            self.labelled.add(found.get("for") or "")
        if found.get("aria-describedby"):
            self.described.append(found["aria-describedby"] or "")
        if tag in ("input", "textarea", "select") and found.get("type") != "hidden":
            self.fields.append((tag, found))
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> inside {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["title"]:
            self.title += data


def faults(page: str) -> list[str]:
    """What is wrong with a page; nothing for a good one."""
    one = Checked(page)
    found = list(one.faults)
    found += [f"id twice: {name}" for name in set(one.ids) if one.ids.count(name) > 1]
    found += [
        f"no label: {field.get('name')}" for _tag, field in one.fields if field.get("id") not in one.labelled
    ]
    found += [f"described by nothing: {name}" for name in one.described if name not in one.ids]
    if one.tags.count("main") != 1 or one.tags.count("h1") != 1:
        found.append("one main and one h1 are wanted")
    if not one.root.get("lang") or one.root.get("dir") not in ("ltr", "rtl"):
        found.append("no language or direction")
    if one.title != "Local page":
        found.append(f"title: {one.title}")
    if one.headings[:1] != [1] or any(
        b - a > 1 for a, b in zip(one.headings, one.headings[1:], strict=False)
    ):
        found.append(f"headings: {one.headings}")
    return found
