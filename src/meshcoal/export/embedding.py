"""What pages share: a file inside a page, in base64, and the letter's texts for readers without scripts.

Law: what a page holds has one spelling, and a page holds it once.
"""

from __future__ import annotations

import base64
import binascii
import re
import xml.etree.ElementTree as Tree
from typing import Final

from meshcoal.errors import MalformedPackage
from meshcoal.export.markup import Page, add, append
from meshcoal.export.naming import origin_parts
from meshcoal.export.speech import Speech
from meshcoal.wire.public_text import LanguageText, StatementText

_CLOSING: Final = b"</script>"
_BREAKS: Final = re.compile(rb"[\r\n]+")  # mail may turn one into the other
_LINE_CHARS: Final = 100


def wrapped(data: bytes) -> str:
    """Base64 in lines, as it stands in a page."""
    text = base64.b64encode(data).decode()
    lines = [text[at : at + _LINE_CHARS] for at in range(0, len(text), _LINE_CHARS)]
    return "\n" + "\n".join(lines) + "\n"


def embedded(page: bytes, opening: bytes, what: str) -> bytes:
    """What stands behind an opening tag; not checked.

    Raises:
        MalformedPackage: nothing is there, more than one, or not in base64.
    """
    if page.count(opening) != 1:
        raise MalformedPackage(f"the page does not hold exactly one {what}")
    rest = page[page.index(opening) + len(opening) :]
    spelled = _BREAKS.sub(b"", rest[: rest.find(_CLOSING)]) if _CLOSING in rest else b"\0"
    try:
        data = base64.b64decode(spelled, validate=True)
    except binascii.Error as exc:
        raise MalformedPackage(f"the {what} in the page is not in base64") from exc
    if base64.b64encode(data) != spelled:
        raise MalformedPackage(f"the {what} in the page is not in base64 in its one spelling")
    return data


def add_texts(page: Page, letter: StatementText, speech: Speech) -> None:
    """The letter in each language, with its direction, and a way to each."""
    previous: Tree.Element | None = None
    for text in letter.texts:
        if previous is not None:
            previous.tail = " \N{MIDDLE DOT} "
        previous = add(page["languages"], "a", href=f"#text-{text.language}")
        add(previous, "bdi", speech.tongue(text.language), lang=text.language)
        section = add(
            page["texts"], "section", lang=text.language, dir=text.direction.value, id=f"text-{text.language}"
        )
        add(section, "h2", text.title)
        add_origin(section, text, speech)
        for paragraph in text.paragraphs:
            add(section, "p", paragraph)


def add_origin(section: Tree.Element, text: LanguageText, speech: Speech) -> None:
    """Who wrote, translated and compared a text, where it says so."""
    if said := origin_parts(text):
        line = add(section, "p", lang=speech.language, dir=speech.direction, **{"class": "origin"})
        for key, values in said:
            speech.say(line, key, beside=False, **values)
            append(line, " ")
