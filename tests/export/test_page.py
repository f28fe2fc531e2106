"""The page as a file: what is in it, and that nothing typed becomes more than text."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedPackage, OverLimit
from meshcoal.export.call import SCRIPTS as CALL_SCRIPTS
from meshcoal.export.files import exports, with_exports
from meshcoal.export.letter import read_letter
from meshcoal.export.markup import data_file
from meshcoal.export.page import NOBLE, SCRIPTS, is_ours, letter_page, package_in, script
from meshcoal.export.reading import examine
from meshcoal.statement.verification import Severity, verify
from meshcoal.wire.package import SUFFIX, encode_package
from meshcoal.wire.plain import Direction, direction_of
from meshcoal.wire.public_text import RULES, canonical_text

sys.path.insert(0, str(Path(__file__).parent))

from damage import fields, package, sound, statement

PACKAGE: Final = encode_package(sound())
PAGE: Final = letter_page(read_letter(PACKAGE))
# What was published as @noble/ed25519 3.2.0, to the byte; docs/design/0021-page.md says how it came here.
NOBLE_SHA256: Final = "a4f631d1876b5d9e43a86cd71194ca27b5e1451edf4ba4db9a418f40a475569a"
NOBLE_LICENCE_SHA256: Final = "394c2e6e5552e5dba202bee6390b9d6aa2754d657f5b9869e83b3d265a315501"


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the texts of scripts and styles."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.raw: dict[str, str] = {}
        self._inside = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        self._inside = found.get("id", "") if tag in ("script", "style") else ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside] = self.raw.get(self._inside, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def test_the_vendored_library_is_the_published_one() -> None:
    """Goal: nobody slips a change into the judge. Method: hashes of the file and of its licence."""
    folder = resources.files("meshcoal.export").joinpath("page")
    assert hashlib.sha256(folder.joinpath(NOBLE).read_bytes()).hexdigest() == NOBLE_SHA256
    licence = folder.joinpath("LICENSE.noble-ed25519").read_bytes()
    assert hashlib.sha256(licence).hexdigest() == NOBLE_LICENCE_SHA256
    assert script().startswith(data_file(NOBLE))


def test_each_script_is_in_the_page() -> None:
    """Goal: no dead script. Method: compare the folder with the list."""
    folder = resources.files("meshcoal.export").joinpath("page")
    assert {one.name for one in folder.iterdir() if one.name.endswith(".js")} == {
        NOBLE,
        *SCRIPTS,
        *CALL_SCRIPTS,
    }


def test_the_policy_allows_what_the_page_holds_and_nothing_else() -> None:
    """Goal: nothing is fetched, no other script runs. Method: hash script and style, read the policy."""
    page = Elements(PAGE)
    (policy,) = [found["content"] for tag, found in page.elements if found.get("id") == "policy"]
    rules = dict([rule.split(" ", 1) for rule in policy.split("; ")])
    hashed = {
        name: base64.b64encode(hashlib.sha256(page.raw[name].encode()).digest()).decode()
        for name in ("script", "style")
    }
    assert rules == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "script-src": f"'sha256-{hashed['script']}'",
        "style-src": f"'sha256-{hashed['style']}'",
    }
    assert [tag for tag, found in page.elements if {"src", "srcset", "style", "action"} & set(found)] == []
    assert all(found["href"].startswith("#") for _, found in page.elements if "href" in found)


def test_equal_packages_give_equal_pages() -> None:
    """Goal: `verify` can make a page anew. Method: make it twice; another package gives another page."""
    assert letter_page(read_letter(PACKAGE)) == PAGE
    assert is_ours(PAGE, PACKAGE)
    assert package_in(PAGE) == PACKAGE
    assert not is_ours(PAGE.replace(b"Set her free", b"Set her fair"), PACKAGE)


def test_what_was_typed_never_becomes_markup() -> None:
    """Goal: no name is a script. Method: a letter of tags, quotes and entities; compare the elements."""
    evil = "</li></script><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\"'<!--"
    plain = statement(addressees=("one", "two"))
    typed = statement(addressees=(evil, "two"))
    text = canonical_text(typed).decode().replace("Set her free.\nNow.", "Set her free.\nNow.")
    kind = tuple([fields(name) for name in ("a", "b")])
    bad = tuple([fields(name) for name in (evil[:80].strip(), "b")])
    quiet = Elements(letter_page(read_letter(encode_package(package(canonical_text(plain).decode(), kind)))))
    loud = Elements(letter_page(read_letter(encode_package(package(text, bad)))))
    assert [tag for tag, _ in loud.elements] == [tag for tag, _ in quiet.elements]
    assert loud.raw["script"] == quiet.raw["script"]


def test_a_page_without_its_script_says_that_nothing_is_checked() -> None:
    """Goal: readable without scripts, and honest. Method: read the static text."""
    static = PAGE[: PAGE.index(b'<script type="text/plain"')].decode()
    assert "NOT CHECKED" in static
    assert "Set her free.\nNow." in static
    assert "Signatories, not checked" in static
    assert 'lang="fa" dir="rtl"' in static
    assert "بن جهانی" in static
    assert "A page can lie" in static


def test_verify_reads_the_package_out_of_the_page() -> None:
    """Goal: one command for both. Method: a page; pages with another text or package."""
    report = examine(PAGE)
    assert report.sound
    assert [one.code for one in report.findings] == [*[one.code for one in verify(PACKAGE).findings], "page"]
    assert report.findings[-1].severity is Severity.OK
    changed = examine(PAGE.replace(b"Set her free", b"Set her fair"))
    assert changed.findings[-1].code == "page"
    assert changed.findings[-1].severity is Severity.NOTICE
    assert changed.digest == report.digest
    damaged = examine(PAGE.replace(base64.b64encode(PACKAGE)[:99], base64.b64encode(b"{}" + PACKAGE)[:99]))
    assert not damaged.sound
    assert examine(PACKAGE) == verify(PACKAGE)


@pytest.mark.parametrize("marker", ["none", "twice", "open", "not base64", "short"])
def test_a_page_that_holds_no_one_package_is_refused(marker: str) -> None:
    """Goal: no choice between two packages. Method: no place, two, an open one, one not in base64."""
    opening = b'<script type="text/plain" id="package">'
    start = PAGE.index(opening)
    pages = {
        "none": PAGE.replace(opening, b"<script>"),
        "twice": PAGE + PAGE[start:],
        "open": PAGE[: start + len(opening) + 50],
        "not base64": PAGE.replace(opening, opening + b"!"),
        "short": PAGE.replace(opening, opening + b"A"),
    }
    with pytest.raises(MalformedPackage):
        package_in(pages[marker])
    report = examine(pages[marker])
    assert [one.code for one in report.problems] == ["malformed-package"]


@given(data=st.binary(max_size=300), at=st.integers(0, len(PAGE)))
def test_examine_answers_whatever_it_is_given(data: bytes, at: int) -> None:
    """Goal: a check never ends in an exception. Method: bytes behind a page's beginning, or put into one."""
    assert not examine(b"<!DOCTYPE html>" + data).sound
    assert examine(PAGE[:at] + data + PAGE[at:]).findings


def test_directions_are_those_of_the_canonical_text() -> None:
    """Goal: no second table of directions. Method: read the page's table, and ask for every code point."""
    found = re.search("`([^`]*)`", data_file("directions.js"))
    assert found is not None
    kinds: list[str] = []
    runs = [(run[0], int(run[1:], 16)) for run in found[1].split()]
    for (kind, _), (_, length) in zip(runs, [*runs[1:], ("N", 0x110000 - sum(one for _, one in runs))]):
        kinds += [kind] * length
    assert len(kinds) == 0x110000
    for point, kind in enumerate(kinds):
        if kind == "L":
            assert direction_of(chr(point) + "\u05d0") is Direction.LEFT_TO_RIGHT, hex(point)
        else:
            wanted = Direction.RIGHT_TO_LEFT if kind == "R" else Direction.LEFT_TO_RIGHT
            assert direction_of(chr(point) + "a") is wanted, hex(point)
            assert direction_of(chr(point) + "\u05d0") is Direction.RIGHT_TO_LEFT, hex(point)


def test_the_rules_are_those_of_the_canonical_text() -> None:
    """Goal: page and command know the same rules. Method: find each sentence in the script."""
    assert [rule for rule in RULES if f'"{rule}"' not in data_file("public_text.js")] == []


def test_exports_come_beside_what_the_node_gave() -> None:
    """Goal: nothing given is lost or renamed. Method: with a package, and without one."""
    stem = f"statement-{sound().digest.hex()[:8]}"
    given_files = ((f"{stem}{SUFFIX}", PACKAGE), ("letter.txt", b"text"))
    made = with_exports(given_files)
    assert made[:2] == given_files
    assert made[2:] == exports(PACKAGE)
    assert (f"{stem}.html", PAGE) in made
    assert with_exports(given_files[1:]) == given_files[1:]
    for damaged in (b"{}", PACKAGE.replace(b"Now.", b"Not.")):
        with pytest.raises((MalformedPackage, OverLimit)):
            exports(damaged)
