"""A call as files to give out: its text, and one page in which people read, sign and seal their reply.

Law: a function of the call alone and of the files in `export/page`. What a reader sees is rebuilt by the
page's script from the bytes of the call; what stands there before is for readers without scripts, who cannot
sign.
Specified in docs/protocol/call.md, "The page". The seal is put together in `page/seal.js`: ours,
unreviewed.
"""

from __future__ import annotations

import functools
import hashlib
import xml.etree.ElementTree as Tree
from typing import Final

from meshcoal.errors import MalformedCall, MalformedPackage
from meshcoal.export.embedding import add_texts, embedded, wrapped
from meshcoal.export.files import NamedFile
from meshcoal.export.libraries import bundle
from meshcoal.export.markup import Page, add, data_file
from meshcoal.export.page import NOBLE
from meshcoal.export.speech import Speech, words_script
from meshcoal.export.words import choose_language
from meshcoal.wire.call import SUFFIX, Call, call_code, call_text, parse_call
from meshcoal.wire.public_text import StatementText, parse_canonical_text

PAGE_SUFFIX: Final = ".html"
SCRIPTS: Final = (
    "hashing.js", "signing.js", "directions.js", "plain.js", "public_text.js", "package.js", "words.js",
    "elements.js", "seal.js", "replies.js", "answer.js",
)  # fmt: skip

_OPENING: Final = b'<script type="text/plain" id="call">'


@functools.cache
def script() -> str:
    """The page's whole script: other people's modules first, then ours in a block of their own."""
    ours = "\n".join([data_file(name) for name in SCRIPTS])
    return f"{data_file(NOBLE)}\n{bundle()}\n{{\n{words_script('call')}{ours}}}\n"


def call_files(data: bytes) -> tuple[NamedFile, ...]:
    """Name and content of what is given out. Raises `MalformedCall`, `OverLimit`."""
    stem = f"call-{hashlib.sha256(data).hexdigest()[:8]}"
    return ((stem + SUFFIX, data), (stem + PAGE_SUFFIX, call_page(data)))


def call_page(data: bytes) -> bytes:
    """The page; the same bytes each time. Raises `MalformedCall`, `OverLimit`."""
    call = parse_call(data)
    letter = parse_canonical_text(call.canonical_text.encode())
    page = Page("call.html")
    page.allow(script=script(), style=data_file("style.css") + data_file("call.css"))
    page["head-title"].text = letter.texts[0].title
    speech = Speech(choose_language([text.language for text in letter.texts]), "call")
    speech.label(page)
    page["code"].text = call_code(call)
    add_texts(page, letter, speech)
    _fill_facts(page["facts"], call, letter, speech)
    page["call"].text = wrapped(call_text(call))
    return page.spelled()


def _fill_facts(facts: Tree.Element, call: Call, letter: StatementText, speech: Speech) -> None:
    speech.say(add(facts, "dt"), "call.asks")
    add(add(facts, "dd"), "bdi", call.asks)
    if letter.addressees:
        speech.say(add(facts, "dt"), "letter.to")
        for addressee in letter.addressees:
            add(add(facts, "dd"), "bdi", addressee)
    speech.say(add(facts, "dt"), "call.until")
    speech.moment(add(facts, "dd"), call.until_ms)


def call_in(data: bytes) -> bytes:
    """The call that a file holds: the file itself, or what is in a page. Raises `MalformedCall`."""
    if _OPENING not in data:
        return data
    try:
        return embedded(data, _OPENING, "call")
    except MalformedPackage as exc:
        raise MalformedCall(str(exc)) from exc
