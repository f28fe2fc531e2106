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

from meshcoal.clock import iso_utc
from meshcoal.export.embedding import add_texts, embedded, wrapped
from meshcoal.export.letter import GROUPS, Letter, read_letter
from meshcoal.export.markup import Page, add, data_file
from meshcoal.statement.verification import CANNOT_KNOW
from meshcoal.wire.naming import TO_ADDRESSEE, shown_parts
from meshcoal.wire.plain import spell_time

PAGE_SUFFIX: Final = ".html"
NOBLE: Final = "noble-ed25519.js"
# noble stands first and unchanged; ours follow in a block of their own, where no names meet.
SCRIPTS: Final = (
    "hashing.js", "signing.js", "directions.js", "plain.js", "public_text.js", "logo.js", "package.js",
    "checks.js", "elements.js", "show.js",
)  # fmt: skip

_OPENING: Final = b'<script type="text/plain" id="package">'


@functools.cache
def script() -> str:
    """The page's whole script: one module."""
    ours = "\n".join([data_file(name) for name in SCRIPTS])
    return f"{data_file(NOBLE)}\n{{\n{ours}}}\n"


def letter_page(letter: Letter) -> bytes:
    """The file. Equal packages give equal bytes."""
    page = Page("page.html")
    page.allow(script=script(), style=data_file("style.css"), pictures=bool(letter.package.logos))
    page["head-title"].text = letter.text.texts[0].title
    page["file-name"].text = letter.stem + PAGE_SUFFIX
    add_texts(page, letter.text)
    _fill_facts(page["facts"], letter)
    _fill_signatories(page, letter)
    for sentence in CANNOT_KNOW:
        add(page["cannot-know"], "li", sentence)
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


def _fill_facts(facts: Tree.Element, letter: Letter) -> None:
    if letter.text.addressees:
        add(facts, "dt", "To")
        for addressee in letter.text.addressees:
            add(add(facts, "dd"), "bdi", addressee)
    add(facts, "dt", "Deadline")
    add(facts, "dd", iso_utc(letter.text.deadline_ms))
    if letter.text.version > 1:
        add(facts, "dt", "Version")
        add(facts, "dd", str(letter.text.version))
    add(facts, "dt", "Released")
    add(facts, "dd", iso_utc(letter.package.release.released_ms))
    if letter.package.release.not_before_ms:
        add(facts, "dt", "Not to be published before")
        add(facts, "dd", iso_utc(letter.package.release.not_before_ms))
    organisations = letter.organisations
    add(facts, "dt", "Signatories, not checked")
    add(
        facts,
        "dd",
        f"{organisations} organisations, {len(letter.sign_ons) - organisations} individuals"
        + (f"; {len(letter.withdrawn)} withdrew since" if letter.withdrawn else ""),
    )
    add(facts, "dt", "Digest (SHA-256), not checked")
    add(add(facts, "dd"), "code", letter.package.digest.hex())


def _fill_signatories(page: Page, letter: Letter) -> None:
    for capacity, heading in GROUPS:
        members = letter.of(capacity)
        if not members:
            continue
        add(page["signatories"], "h3", f"{heading} ({len(members)})")
        lines = add(page["signatories"], "ul")
        for sign_on in members:
            line = add(lines, "li")
            own = None
            if logo := letter.logo_of(sign_on):
                spelled = base64.b64encode(logo).decode()
                add(line, "img", alt="", src=f"data:image/png;base64,{spelled}").tail = " "
            for part in shown_parts(sign_on.fields, letter.first_language):
                if own is not None:
                    own.tail = ", "
                own = add(line, "bdi", part)
            if sign_on.act_key in letter.withdrawn and own is not None:
                own.tail = " "
                add(line, "em", "withdrew after the release")
    for sign_on in letter.sign_ons:
        line = add(page["keys"], "li")
        add(line, "bdi", sign_on.fields.name or TO_ADDRESSEE).tail = " "
        add(line, "code", sign_on.act_key.hex()).tail = f" {spell_time(sign_on.fields.signed_ms)}"
