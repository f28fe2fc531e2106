"""What pages are made of: elements, and text inside them. There is no way to put markup in as text.

Law: a page is a tree, and becomes HTML in one place, which escapes everything. Each text and each attribute
is cleaned by `text.sanitise` on its way in, whoever wrote it. Tags and attributes are those listed here:
none runs a script, loads anything, or leads off this machine.
"""

from __future__ import annotations

import xml.etree.ElementTree as Tree
from collections.abc import Iterable
from typing import Final, NewType, TypeAlias

from meshcoal.text.sanitise import clean, one_line
from meshcoal.tui.locale.tongues import tongue_of

Element = Tree.Element
Child: TypeAlias = "Element | str | Iterable[Child] | None"
Address = NewType("Address", str)  # made by `gate.Gate.address` alone

TAGS: Final = frozenset({
    "html", "head", "title", "meta", "link", "body", "header", "nav", "main", "footer", "section",
    "article", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "a", "bdi", "strong", "em",
    "code", "time", "span", "div", "form", "fieldset", "legend", "label", "input", "textarea", "select",
    "option", "button", "table", "caption", "thead", "tbody", "tr", "th", "td", "del", "ins", "blockquote",
    "meter", "hr",
})  # fmt: skip
ATTRIBUTES: Final = frozenset({
    "id", "class", "lang", "dir", "href", "action", "method", "enctype", "type", "name", "value", "for",
    "required", "checked", "selected", "rows", "maxlength", "autocomplete", "spellcheck", "autofocus",
    "scope", "role", "charset", "content", "rel", "datetime", "min", "max", "minlength", "accept",
    "aria-label", "aria-labelledby", "aria-describedby", "aria-current", "aria-invalid", "inputmode",
    "colspan", "formnovalidate",
})  # fmt: skip
_LEADS: Final = ("href", "action")
STYLE: Final = "/style.css"
# Around a name inside a sentence of ours, so that its direction is its own (Unicode Standard Annex 9).
_ISOLATE: Final = "\u2068"
_POP: Final = "\u2069"


def el(tag: str, *children: Child, **attributes: str | bool) -> Element:
    """An element. `class_` and `for_` lose their stroke, others become hyphens; false leaves one out."""
    assert tag in TAGS, tag
    made = Tree.Element(tag)
    for key, value in attributes.items():
        spelled = key.rstrip("_").replace("_", "-")
        assert spelled in ATTRIBUTES, spelled
        if value is False:
            continue
        text = "" if value is True else clean(value, multiline=spelled == "value")
        if spelled in _LEADS:
            assert text.startswith(("/", "#")), "nothing leads off this machine"
            assert not text.startswith("//"), "likewise"
        made.set(spelled, text)
    return put(made, *children)


def put(parent: Element, *children: Child) -> Element:
    """Behind all that an element holds; answers that element."""
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            _text(parent, clean(child, multiline=True))
        elif isinstance(child, Tree.Element):
            parent.append(child)
        else:
            put(parent, *child)
    return parent


def _text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def name(text: str, width_cells: int | None = None) -> str:
    """A foreign name or line for a gap in a sentence of ours; a dash where nothing readable is left."""
    return f"{_ISOLATE}{one_line(text, width_cells) or '–'}{_POP}"


def said(
    text: str, tag: str = "bdi", *, lang: str = "", direction: str = "auto", class_: str = ""
) -> Element:
    """Foreign text in an element of its own, with its own direction; line breaks stay."""
    more: dict[str, str | bool] = {"lang": language_tag(lang) or False, "class": class_ or False}
    return el(tag, text, dir=direction, **more)


def language_name(code: str) -> str:
    """A language under its own name, where it is one of the interface's, with its code."""
    tongue = tongue_of(code)
    return f"{tongue.name} ({code})" if tongue is not None else code


def language_tag(code: str) -> str:
    """A language as HTML names it; nothing where a member wrote something else."""
    parts = code.split("-")
    fits = all(part.isascii() and part.isalnum() and 1 <= len(part) <= 8 for part in parts)
    return code if fits and 2 <= len(parts[0]) <= 3 and parts[0].isalpha() else ""


def spelled(root: Element) -> bytes:
    """The page's bytes."""
    return ("<!DOCTYPE html>\n" + Tree.tostring(root, encoding="unicode", method="html") + "\n").encode()
