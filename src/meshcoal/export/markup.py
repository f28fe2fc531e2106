"""Templates of pages, filled by element and never by string.

Law: a template is well-formed XML; text and attributes are set on its elements, so what somebody typed
cannot become markup. A page allows by hash the one style and the one script that it holds, and nothing else:
a browser fetches nothing and sends nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import xml.etree.ElementTree as Tree
from importlib import resources
from typing import Final

_DOCTYPE: Final = "<!DOCTYPE html>\n"
# In a script or style these would end it or hide its end (HTML, 13.1.2.6, 4.12.1.3).
_ENDS_RAW: Final = ("</script", "</style", "<!--", "<script")


@functools.cache
def data_file(name: str) -> str:
    """Text of a file in `export/page`."""
    return resources.files("meshcoal.export").joinpath("page", name).read_text(encoding="utf-8")


class Page:
    """One page: a template whose elements are found by `id`."""

    def __init__(self, template: str) -> None:
        self.root = Tree.fromstring(data_file(template))  # noqa: S314, our own file
        self._named = {found: element for element in self.root.iter() if (found := element.get("id"))}

    def __getitem__(self, name: str) -> Tree.Element:
        return self._named[name]

    def allow(self, *, script: str, style: str, pictures: bool = False) -> None:
        """Put the one script (or none, if empty) and the one style in, and a policy that names their hashes.

        Args:
            pictures: the page has some in it, spelled out in `data:` addresses.

        Source: Content Security Policy Level 3, section 2.3.1 (hash sources).
        """
        rules = ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]
        for name, kind, text in (("script", "script-src", script), ("style", "style-src", style)):
            if text:
                assert not [end for end in _ENDS_RAW if end in text.lower()], (
                    "raw text holds what would end it"
                )
                assert "\r" not in text, "a browser would hash other line ends"
                self[name].text = text
                hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                rules.append(f"{kind} 'sha256-{hashed}'")
        if pictures:
            rules.append("img-src data:")  # what stands in the page itself; nothing is fetched
        self["policy"].set("content", "; ".join(rules))

    def spelled(self) -> bytes:
        """The page's bytes: HTML in UTF-8; equal contents have equal bytes."""
        return (_DOCTYPE + Tree.tostring(self.root, encoding="unicode", method="html") + "\n").encode()


def add(parent: Tree.Element, name: str, text: str = "", **attributes: str) -> Tree.Element:
    """A new last child."""
    child = Tree.SubElement(parent, name, attributes)
    child.text = text
    return child


def append(parent: Tree.Element, text: str) -> None:
    """Text behind all that an element holds."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
