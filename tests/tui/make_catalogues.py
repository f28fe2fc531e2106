"""Makes the interface's catalogues: what is to be translated from the sources, and what programs read.

Law: the same sources, translations and Babel give the same bytes. A translation is never lost: one whose
sentence is gone stays at the end of its file, marked so. Run by `make catalogues`; `--check` only compares.

    meshcoal.pot                  all sentences, taken from the sources
    CODE/LC_MESSAGES/meshcoal.po  brought up to date: what is new is empty, what is old is kept
    CODE/LC_MESSAGES/meshcoal.mo  made of it
    formats.json                  dates, numbers and lists, from the CLDR that Babel brings
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel import __version__ as babel_version
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parents[2]
SOURCE: Final = ROOT / "src" / "meshcoal"
FOLDER: Final = SOURCE / "tui" / "locale"
sys.path.insert(0, str(ROOT / "src"))

from meshcoal.tui.locale.tongues import ENGLISH, TONGUES, Tongue  # noqa: E402

SEARCHED: Final = ("tui", "browser", "rehearsal")
KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "marked": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
WIDTH: Final = 100
# Files say what they hold, not when they were made: else every run would change them.
NO_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
NO_REVIEW: Final = "Unreviewed: no native speaker has checked it yet."


def files() -> Iterator[Path]:
    """The sources, in order."""
    for part in SEARCHED:
        yield from sorted((SOURCE / part).rglob("*.py"))


def template() -> Catalog:
    """All sentences."""
    made = Catalog(
        project="meshcoal",
        charset="utf-8",
        creation_date=NO_DAY,
        msgid_bugs_address="meshcoal",
        fuzzy=False,
        header_comment="# What the interface of meshcoal says. docs/internals/translating.md",
    )
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        found = extract_from_file(
            "python", path, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        )
        for _line, message, comments, context in found:
            made.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return made


def po_path(tongue: Tongue) -> Path:
    return FOLDER / tongue.code / "LC_MESSAGES" / "meshcoal.po"


def read_catalogue(tongue: Tongue) -> Catalog:
    """What is translated so far; empty where there is no file."""
    path = po_path(tongue)
    if not path.exists():
        return Catalog(locale=tongue.code, charset="utf-8", header_comment=_header(tongue))
    with path.open("rb") as file:
        return read_po(file, locale=tongue.code, charset="utf-8", abort_invalid=True)


def _header(tongue: Tongue) -> str:
    return f"# {tongue.english} words of the interface of meshcoal.\n# {NO_REVIEW}"


def updated(tongue: Tongue, sentences: Catalog) -> Catalog:
    """Its catalogue with the sentences of today."""
    made = read_catalogue(tongue)
    # A guess at a sentence that is nearly the same would be wrong where it matters.
    made.update(sentences, no_fuzzy_matching=True, update_header_comment=False)
    made.creation_date = NO_DAY
    made.revision_date = NO_DAY
    made.fuzzy = False
    made.project, made.version = "meshcoal", "0"
    made.msgid_bugs_address = "meshcoal"
    made.last_translator, made.language_team = "meshcoal", "meshcoal"
    return made


def po_bytes(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=WIDTH, include_lineno=False, sort_by_file=False)
    return out.getvalue()


def mo_bytes(po: bytes, tongue: Tongue) -> bytes:
    """What programs read, of a catalogue as it stands in its file."""
    out = io.BytesIO()
    catalog = read_po(io.BytesIO(po), locale=tongue.code, charset="utf-8", abort_invalid=True)
    for message in list(catalog):
        # Babel would write the English singular for every number.
        if isinstance(message.id, tuple) and not all(message.string or [""]):
            catalog.delete(message.id, message.context)
    write_mo(out, catalog)
    return out.getvalue()


def formats() -> dict[str, Any]:
    """What `meshcoal.tui.locale.formats` reads."""
    languages = {tongue.code: _formats(tongue) for tongue in TONGUES}
    return {"about": f"Unicode CLDR by way of Babel {babel_version}.", "languages": languages}


def _formats(tongue: Tongue) -> dict[str, Any]:
    locale = Locale.parse(tongue.code)
    months = locale.months["format"]["abbreviated"]
    symbols = locale.number_symbols["latn"]
    return {
        "months": [months[number] for number in range(1, 13)],
        "day": _pattern(_skeleton(locale, "MMMd")),
        "day_of_year": _pattern(_skeleton(locale, "yMMMd")),
        "decimal": symbols["decimal"],
        "group": symbols["group"],
        "comma": locale.list_patterns["standard"]["middle"].replace("{0}", "").replace("{1}", ""),
    }


def _skeleton(locale: Locale, wanted: str) -> str:
    # English as it is written where the interface was: day before month.
    source = Locale.parse("en_GB") if locale.language == ENGLISH else locale
    return str(source.datetime_skeletons[wanted].pattern)


def _pattern(pattern: str) -> str:
    """CLDR's letters as our gaps; what stands between quotes is text."""
    gaps = {"d": "%(day)d", "dd": "%(day)d", "y": "%(year)d", "MMM": "%(month)s", "LLL": "%(month)s"}
    gaps |= {"MMMM": "%(month)s", "LLLL": "%(month)s", "M": "%(number)d"}
    made, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if char == "'":
            end = pattern.index("'", at + 1)
            made += pattern[at + 1 : end]
            at = end + 1
        elif char.isascii() and char.isalpha():
            end = at
            while end < len(pattern) and pattern[end] == char:
                end += 1
            made += gaps[pattern[at:end]]
            at = end
        else:
            made += char
            at += 1
    assert made % {"day": 1, "month": "x", "number": 1, "year": 2026}, "a pattern fills"
    return made


def outputs() -> Iterator[tuple[Path, bytes]]:
    """Each file, and what belongs in it."""
    sentences = template()
    yield FOLDER / "meshcoal.pot", po_bytes(sentences)
    for tongue in TONGUES:
        if tongue.code != ENGLISH:
            po = po_bytes(updated(tongue, sentences))
            yield po_path(tongue), po
            yield po_path(tongue).with_suffix(".mo"), mo_bytes(po, tongue)
    text = json.dumps(formats(), ensure_ascii=False, indent=1) + "\n"
    yield FOLDER / "formats.json", text.encode()


def main(arguments: list[str]) -> int:
    """Write, or with `--check` compare."""
    stale = [(path, data) for path, data in outputs() if not path.exists() or path.read_bytes() != data]
    for path, data in stale:
        name = path.relative_to(ROOT).as_posix()
        if "--check" in arguments:
            print(f"{name} is not what `make catalogues` makes", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"wrote {name}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
