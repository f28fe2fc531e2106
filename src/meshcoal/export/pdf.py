"""The letter as a PDF for paper and for archives, with the package attached.

Law: a function of the package and of the fonts in `export/fonts`: the same bytes each time (PDF/A-3b, ISO
19005-3). Text enters as data and is never markup. A letter in a script that these fonts lack needs a font of
the machine, and is refused where there is none: no boxes in place of names. Setting is done by typst, an
optional extra; without it the page's print style serves.
"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from meshcoal.errors import NoFont, Unsupported
from meshcoal.export.letter import Letter
from meshcoal.export.naming import origin_parts, signatory_line, spoken
from meshcoal.export.outgoing import GROUPS, notes_of, since_said, unnamed
from meshcoal.export.paper import lines_on_paper, on_paper_in_words
from meshcoal.export.pictures import UNDECODED, drawable, spelled
from meshcoal.export.speech import Speech
from meshcoal.export.words import choose_language, words_in
from meshcoal.wire.package import SUFFIX

if TYPE_CHECKING:
    import typst

PDF_SUFFIX: Final = ".pdf"
STANDARD: Final = "a-3b"
NEEDS_TYPST: Final = (
    "PDFs are set by typst, which is not installed here: pip install 'meshcoal[pdf]'. "
    "Without it, open the page in a browser and print it."
)
FAMILIES: Final = (
    "Noto Sans", "Noto Naskh Arabic", "Noto Sans Myanmar", "Noto Sans Ethiopic", "Noto Sans Devanagari",
    "Noto Sans Khmer", "Noto Sans Thai", "Noto Sans Lao", "Noto Sans Georgian", "Noto Sans Armenian",
    "Noto Sans Hebrew",
)  # fmt: skip
# First and last code point of the scripts whose font is asked before the one for Latin: spaces, digits and
# joiners between such letters must come from the same font, or shaping ends there.
_SCRIPTS: Final = (
    (0x0530, 0x058F, "Noto Sans Armenian"),
    (0x0590, 0x05FF, "Noto Sans Hebrew"),
    (0x0600, 0x08FF, "Noto Naskh Arabic"),
    (0x0900, 0x097F, "Noto Sans Devanagari"),
    (0x0E00, 0x0E7F, "Noto Sans Thai"),
    (0x0E80, 0x0EFF, "Noto Sans Lao"),
    (0x1000, 0x109F, "Noto Sans Myanmar"),
    (0x10A0, 0x10FF, "Noto Sans Georgian"),
    (0x1200, 0x139F, "Noto Sans Ethiopic"),
    (0x1780, 0x17FF, "Noto Sans Khmer"),
)
_TALL: Final = frozenset({"Noto Naskh Arabic", "Noto Sans Myanmar", "Noto Sans Khmer"})
# Asked for by name where the machine has them; by these three scripts, then whatever else draws them.
_SYSTEM_FAMILIES: Final = {
    "hans": ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimSun"),
    "hant": ("Noto Sans CJK TC", "Source Han Sans TC", "PingFang TC", "Microsoft JhengHei"),
    "ja": ("Noto Sans CJK JP", "Source Han Sans JP", "Hiragino Sans", "Yu Gothic"),
    "ko": ("Noto Sans CJK KR", "Source Han Sans KR", "Apple SD Gothic Neo", "Malgun Gothic"),
}
_UNDRAWN: Final = re.compile(r"could not be displayed")


def letter_pdf(letter: Letter) -> bytes:
    """The file.

    Raises:
        Unsupported: typst is not installed.
        NoFont: neither the fonts here nor those of the machine can draw some character.
    """
    try:
        import typst
    except ImportError:
        raise Unsupported(NEEDS_TYPST) from None
    folder = resources.files("meshcoal.export")
    with resources.as_file(folder.joinpath("fonts")) as fonts:
        ours = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
        made = _set(letter, ours, frozenset(FAMILIES), fallback=False)
        if made is None:  # only now the machine's fonts: on another machine they may be others
            every = typst.Fonts(
                include_system_fonts=True, include_embedded_fonts=False, font_paths=[str(fonts)]
            )
            made = _set(letter, every, frozenset(every.families()), fallback=True)
    if made is None:
        raise NoFont(
            "The letter holds characters for which neither meshcoal nor this machine has a font. For "
            "Chinese, Japanese and Korean install Noto Sans CJK (Debian: fonts-noto-cjk), or print the "
            "page instead."
        )
    return made


def _set(letter: Letter, fonts: typst.Fonts, known: frozenset[str], *, fallback: bool) -> bytes | None:
    """The document, or None where a character stayed without a glyph."""
    import typst

    template = resources.files("meshcoal.export").joinpath("pdf", "letter.typ").read_bytes()
    content = _content(letter, known) | {"fallback": fallback}
    try:
        made = typst.compile(
            template,
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs={
                "letter": json.dumps(content, ensure_ascii=False),
                "package": letter.data.decode(),
            },
            pdf_standards=[STANDARD],
            timestamp=letter.published_ms // 1000,
        )
    except typst.TypstError as exc:
        if _UNDRAWN.search(exc.message):
            return None
        if exc.message.startswith(UNDECODED) and letter.logos:
            kept = drawable(letter.logos.values())
            if len(kept) < len(letter.logos):
                fewer = {digest: logo for digest, logo in letter.logos.items() if logo in kept}
                return _set(dataclasses.replace(letter, logos=fewer), fonts, known, fallback=fallback)
        raise
    assert isinstance(made, bytes), "one PDF"
    return made


def _content(letter: Letter, known: frozenset[str]) -> dict[str, Any]:
    """What the template shows: plain values."""
    chosen = choose_language([text.language for text in letter.text.texts])
    words = words_in(chosen)
    speech = Speech(chosen)
    released = datetime.fromtimestamp(letter.published_ms // 1000, tz=UTC)
    own = "\n".join([words["signatories"], *words["cannot_know"]])
    return {
        "title": letter.text.texts[0].title,
        "file_name": letter.stem + SUFFIX,
        "digest": letter.package.digest.hex(),
        "released": [
            released.year, released.month, released.day, released.hour, released.minute, released.second,
        ],
        "fonts": _fonts("", "", known),
        "texts": [
            _spoken(text.language, text.direction.value, "\n".join([text.title, *text.paragraphs]), known)
            | {
                "title": text.title,
                "paragraphs": list(text.paragraphs),
                "origin": spoken(speech, origin_parts(text)),
            }
            for text in letter.text.texts
        ],
        "words": words
        | {
            "cannot_know": [
                *words["cannot_know"], *([words["cannot_know_of_paper"]] if letter.package.paper else [])
            ]
        }
        | _spoken(words["language"], words["direction"], own, known)
        | {
            "checking": [
                *words["checking"],
                f"meshcoal verify {letter.stem}{PDF_SUFFIX}",
                *([words["unreviewed"]] if words["unreviewed"] else []),
            ]
        },
        "groups": [
            {
                "heading": f"{words[name]} ({speech.spell_number(len(members))})",
                "members": [
                    {
                        "logo": logo.hex() if (logo := one.fields.logo) in letter.logos else "",
                        "line": signatory_line(speech, one.fields, letter.first_language),
                        "note": "; ".join(notes_of(letter, one.act_key, words)),
                    }
                    for one in members
                ],
            }
            for capacity, name in GROUPS
            if (members := letter.of(capacity))
        ]
        + _on_paper(letter, words, speech)
        + (
            [{"heading": speech.spell_number(unnamed(letter, words)), "members": []}]
            if letter.unnamed
            else []
        ),
        "logos": {digest.hex(): spelled(logo) for digest, logo in sorted(letter.logos.items())},
        "facts": [{"label": label, "value": value} for label, value in _facts(letter, words, speech)],
    }  # fmt: skip


def _on_paper(letter: Letter, words: dict[str, Any], speech: Speech) -> list[dict[str, Any]]:
    told = lines_on_paper(letter)
    members = [
        {
            "logo": "",
            "line": signatory_line(speech, one.fields, letter.first_language),
            "note": words["withdrew"] if one.withdrawn else "",
        }
        for one in told
    ]
    return (
        [{"heading": f"{words['paper']} ({speech.spell_number(len(told))})", "members": members}]
        if told
        else []
    )


def _facts(letter: Letter, words: dict[str, Any], speech: Speech) -> list[tuple[str, str]]:
    facts = [(words["to"], addressee) for addressee in letter.text.addressees]
    facts.append((words["deadline"], speech.spell_moment(letter.text.deadline_ms)))
    if letter.text.version > 1:
        facts.append((words["version"], speech.spell_number(letter.text.version)))
    facts.append((words["released"], speech.spell_moment(letter.package.release.released_ms)))
    if letter.package.release.not_before_ms:
        facts.append((words["embargo"], speech.spell_moment(letter.package.release.not_before_ms)))
    if letter.package.addenda:
        facts.append((words["signatories"], speech.spell_number(since_said(letter, words))))
    if said := on_paper_in_words(letter, words):
        facts.append((words["signatories"], speech.spell_number(said)))
    facts.append((words["digest"], letter.package.digest.hex()))
    return facts


def _spoken(tag: str, direction: str, text: str, known: frozenset[str]) -> dict[str, Any]:
    """What typst is told of a text: language (ISO 639), region (ISO 3166), script (ISO 15924), fonts."""
    language, *rest = tag.split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    region = next((part for part in rest if len(part) == 2 and part.isalpha()), "")
    fonts = _fonts(tag, text, known)
    return {
        "lang": language if len(language) in (2, 3) else "und",
        "region": region or None,
        "script": script or None,
        "direction": direction,
        "fonts": fonts,
        "tall": fonts[0] in _TALL,
        "large": fonts[0] == "Noto Naskh Arabic",  # its letters are small for their size
    }


def _fonts(tag: str, text: str, known: frozenset[str]) -> list[str]:
    """Families in the order they are asked: the script's own, ours, those of the machine."""
    counted = {family: sum(first <= ord(char) <= last for char in text) for first, last, family in _SCRIPTS}
    own = [family for family, count in counted.items() if 2 * count > _letters(text)]
    system = [family for family in _system(tag) if family in known]
    asked = [*own, *FAMILIES, *system] if own or not _is_cjk(tag) else [*system, *FAMILIES]
    return list(dict.fromkeys(asked))


def _letters(text: str) -> int:
    return sum(char.isalpha() for char in text)


def _is_cjk(tag: str) -> bool:
    return tag.split("-")[0] in ("zh", "yue", "ja", "ko")


def _system(tag: str) -> list[str]:
    parts = tag.split("-")
    if parts[0] in ("ja", "ko"):
        first = parts[0]
    else:
        first = "hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "hans"
    order = [first, *[name for name in _SYSTEM_FAMILIES if name != first]]
    return [family for name in order for family in _SYSTEM_FAMILIES[name]]
