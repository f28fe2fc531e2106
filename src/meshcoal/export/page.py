"""The page: one HTML file that shows a letter and checks it, with nothing but itself.

Law: what a reader sees after the check was rebuilt by the page's script from the bytes that were signed;
what stands there before, for readers without scripts, is marked as not checked. The file is a function of
the package and of the files in `export/page`. Specified in docs/protocol/package.md, "The page".
Its script judges signatures with an equation that is put together in `page/signing.js`: ours, unreviewed.
"""

from __future__ import annotations

import base64
import functools
import xml.etree.ElementTree as Tree
from typing import Final

from meshcoal.export.embedding import add_texts, embedded, wrapped
from meshcoal.export.letter import Letter, read_letter
from meshcoal.export.libraries import RING_MODULES, bundle
from meshcoal.export.markup import Page, add, append, data_file
from meshcoal.export.naming import GROUPS, said_parts, typed_parts
from meshcoal.export.paper import lines_on_paper, witnesses
from meshcoal.export.speech import Speech, words_script
from meshcoal.export.words import choose_language
from meshcoal.wire.naming import SignOnFields
from meshcoal.wire.plain import spell_time

PAGE_SUFFIX: Final = ".html"
NOBLE: Final = "noble-ed25519.js"
# noble stands first and unchanged; ours follow in a block of their own, where no names meet.
SCRIPTS: Final = (
    "hashing.js", "signing.js", "directions.js", "plain.js", "public_text.js", "logo.js", "package.js",
    "addenda.js", "paper.js", "checks.js", "counted.js", "words.js", "elements.js", "show.js",
)  # fmt: skip

_OPENING: Final = b'<script type="text/plain" id="package">'


@functools.cache
def script(*, counted: bool = False) -> str:
    """The page's whole script: one module.

    Args:
        counted: members are counted and not named: with the group that their signatures are in.
    """
    group = bundle(RING_MODULES) if counted else ""
    ours = "\n".join([data_file(name) for name in SCRIPTS])
    return f"{data_file(NOBLE)}\n{group}\n{{\n{words_script('page')}{ours}}}\n"


def letter_page(letter: Letter) -> bytes:
    """The file. Equal packages give equal bytes."""
    page = Page("page.html")
    page.allow(
        script=script(counted=letter.package.unnamed is not None),
        style=data_file("style.css"),
        pictures=bool(letter.package.logos),
    )
    page["head-title"].text = letter.text.texts[0].title
    page["file-name"].text = letter.stem + PAGE_SUFFIX
    speech = Speech(choose_language([text.language for text in letter.text.texts]))
    speech.label(page)
    add_texts(page, letter.text, speech)
    _fill_facts(page["facts"], letter, speech)
    _fill_signatories(page, letter, speech)
    for key in speech.keys("letter.cannot_know"):
        speech.say(add(page["cannot-know"], "li"), key)
    if letter.package.paper:
        speech.say(add(page["cannot-know"], "li"), "letter.cannot_know_of_paper")
    page["package"].text = wrapped(letter.data)
    return page.spelled()


def package_in(page: bytes) -> bytes:
    """The bytes of the package that a page holds; not checked.

    Raises:
        MalformedPackage: no package is in it, more than one, or not in base64.
    """
    return embedded(page, _OPENING, "package")


def is_ours(page: bytes, package: bytes) -> bool:
    """Whether a page is, byte for byte, the one that this version makes of its package.

    Raises:
        MalformedPackage, OverLimit: as `read_letter`.
    """
    return letter_page(read_letter(package)) == page


# --- What is readable without scripts


def _fact(facts: Tree.Element, speech: Speech, key: str) -> Tree.Element:
    """The place for a fact's value, behind what it is called."""
    speech.say(add(facts, "dt"), key)
    return add(facts, "dd")


def _fill_facts(facts: Tree.Element, letter: Letter, speech: Speech) -> None:
    if letter.text.addressees:
        speech.say(add(facts, "dt"), "letter.to")
        for addressee in letter.text.addressees:
            add(add(facts, "dd"), "bdi", addressee)
    speech.moment(_fact(facts, speech, "letter.deadline"), letter.text.deadline_ms)
    if letter.text.version > 1:
        _fact(facts, speech, "letter.version").text = speech.spell_number(letter.text.version)
    speech.moment(_fact(facts, speech, "letter.released"), letter.package.release.released_ms)
    if letter.package.release.not_before_ms:
        speech.moment(_fact(facts, speech, "letter.embargo"), letter.package.release.not_before_ms)
    organisations = letter.organisations
    told = [
        speech.text("page.organisations", count=organisations),
        speech.text("page.individuals", count=len(letter.sign_ons) - organisations),
        *([speech.text("page.unnamed", count=letter.unnamed)] if letter.unnamed else []),
        *([speech.text("page.withdrawn", count=len(letter.withdrawn))] if letter.withdrawn else []),
        *([speech.text("page.since", count=len(letter.addendum_of))] if letter.package.addenda else []),
        *([speech.text("page.addenda", count=len(letter.package.addenda))] if letter.package.addenda else []),
        *([_paper_said(letter, speech)] if letter.package.paper else []),
    ]
    _fact(facts, speech, "page.listed").text = speech.comma.join(told)
    add(_fact(facts, speech, "page.digest_unchecked"), "code", letter.package.digest.hex(), dir="ltr")


def _fill_signatories(page: Page, letter: Letter, speech: Speech) -> None:
    for capacity, heading in GROUPS:
        members = letter.of(capacity)
        if not members:
            continue
        append(speech.say(add(page["signatories"], "h3"), heading), f" ({speech.spell_number(len(members))})")
        lines = add(page["signatories"], "ul")
        for sign_on in members:
            line = add(lines, "li")
            if logo := letter.logo_of(sign_on):
                spelled = base64.b64encode(logo).decode()
                add(line, "img", alt="", src=f"data:image/png;base64,{spelled}").tail = " "
            _fill_line(line, sign_on.fields, letter, speech)
            if number := letter.addendum_of.get(sign_on.act_key, 0):
                append(line, " ")
                speech.say(add(line, "em"), "page.in_addendum", beside=False, number=number)
            if sign_on.act_key in letter.withdrawn:
                append(line, " ")
                speech.say(add(line, "em"), "letter.withdrew", beside=False)
    _fill_paper(page, letter, speech)
    for sign_on in letter.sign_ons:
        line = add(page["keys"], "li")
        add(line, "bdi", sign_on.fields.name or speech.text("page.to_addressee")).tail = " "
        add(line, "code", sign_on.act_key.hex(), dir="ltr").tail = " "
        add(line, "bdi", spell_time(sign_on.fields.signed_ms), dir="ltr")


def _fill_line(line: Tree.Element, fields: SignOnFields, letter: Letter, speech: Speech) -> None:
    first = True
    for part in typed_parts(fields, letter.first_language):
        append(line, "" if first else speech.comma)
        add(line, "bdi", part)
        first = False
    for key, values in said_parts(fields.mode, fields.members):
        append(line, "" if first else speech.comma)
        speech.say(line, key, beside=False, **values)
        first = False


def _paper_said(letter: Letter, speech: Speech) -> str:
    count = len(lines_on_paper(letter))
    return speech.text("page.on_paper", count=count, witnesses=witnesses(letter))


def _fill_paper(page: Page, letter: Letter, speech: Speech) -> None:
    found = lines_on_paper(letter)
    if not found:
        return
    heading = add(page["signatories"], "h3")
    speech.say(heading, "page.on_paper", count=len(found), witnesses=witnesses(letter))
    lines = add(page["signatories"], "ul")
    for one in found:
        line = add(lines, "li")
        _fill_line(line, one.fields, letter, speech)
        if one.withdrawn:
            append(line, " ")
            speech.say(add(line, "em"), "letter.withdrew", beside=False)
