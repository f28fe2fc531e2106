"""What goes out with a released letter: a text for the press in each language, a letter to each addressee.

Law: a function of the package alone, like every export; proves nothing by itself, and says how to check. The
words around the letter are those of `export/words`: in the text's language where somebody wrote them, else in
English, and where nobody reviewed them they say so.
"""

from __future__ import annotations

from typing import Any, Final

from meshcoal.export.letter import Letter
from meshcoal.export.markup import Page, add, data_file
from meshcoal.export.naming import signatory_line
from meshcoal.export.page import PAGE_SUFFIX
from meshcoal.export.paper import on_paper_in_words, paper_group
from meshcoal.export.speech import Speech
from meshcoal.export.words import choose_language, words_in
from meshcoal.wire.public_text import LanguageText
from meshcoal.wire.terms import Capacity

GROUPS: Final = (
    (Capacity.ORGANISATION, "organisations"),
    (Capacity.NETWORK, "networks"),
    (Capacity.INDIVIDUAL, "individuals"),
    (Capacity.AFFILIATED, "affiliated"),
)

NamedFile = tuple[str, bytes]


def press_texts(letter: Letter) -> tuple[NamedFile, ...]:
    """One plain text a language: `statement-<8 hex digits>.press.<language>.txt`."""
    return tuple(
        [
            (f"{letter.stem}.press.{text.language}.txt", _press(letter, text).encode())
            for text in letter.text.texts
        ]
    )


def addressee_letters(letter: Letter) -> tuple[NamedFile, ...]:
    """One page to print for each addressee, in their order: `statement-<8 hex digits>.letter-01.html`."""
    return tuple(
        [
            (f"{letter.stem}.letter-{number:02}.html", _letter_to(letter, addressee))
            for number, addressee in enumerate(letter.text.addressees, start=1)
        ]
    )


def signatory_lines(letter: Letter, language: str, words: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Heading and lines of each group of signatories, by name."""
    found = []
    speech = Speech(words["language"])
    for capacity, name in GROUPS:
        members = letter.of(capacity)
        lines = []
        for one in members:
            notes = "".join([f" ({note})" for note in notes_of(letter, one.act_key, words)])
            lines.append(signatory_line(speech, one.fields, language) + notes)
        if lines:
            found.append((f"{words[name]} ({speech.spell_number(len(lines))})", lines))
    return found + paper_group(letter, speech, language, words)


def notes_of(letter: Letter, act_key: bytes, words: dict[str, Any]) -> list[str]:
    """What is said behind a signatory: in which addendum they stand, and that they withdrew."""
    number = letter.addendum_of.get(act_key, 0)
    added = [f"{words['addendum']} {number}"] if number else []
    return added + ([words["withdrew"]] if act_key in letter.withdrawn else [])


def counted(letter: Letter, words: dict[str, Any]) -> str:
    """How many signed, as a sentence."""
    sentence: str = words["counts"]
    organisations = letter.organisations
    individuals = len(letter.sign_ons) - organisations
    told = sentence.replace("{organisations}", str(organisations)).replace("{individuals}", str(individuals))
    more = (since_said(letter, words), on_paper_in_words(letter, words), unnamed(letter, words))
    return Speech(words["language"]).spell_number(" ".join([told, *[one for one in more if one]]))


def since_said(letter: Letter, words: dict[str, Any]) -> str:
    """How many at the release, and how many in how many addenda; nothing where there is none."""
    sentence: str = words["since"] if letter.package.addenda else ""
    numbers = {
        "{released}": len(letter.package.sign_ons),
        "{since}": len(letter.addendum_of),
        "{addenda}": len(letter.package.addenda),
    }
    for gap, number in numbers.items():
        sentence = sentence.replace(gap, str(number))
    return sentence


def unnamed(letter: Letter, words: dict[str, Any]) -> str:
    """How many are counted and not named, as a sentence; empty where nobody is."""
    sentence: str = words["unnamed"] if letter.unnamed else ""
    return sentence.replace("{unnamed}", str(letter.unnamed))


def _press(letter: Letter, text: LanguageText) -> str:
    words = words_in(choose_language([text.language]))
    speech = Speech(words["language"])
    embargo_ms = letter.package.release.not_before_ms
    first = f"{words['embargo']}: {speech.spell_moment(embargo_ms)}" if embargo_ms else words["press"]
    lines = [first, speech.spell_moment(letter.package.release.released_ms), "", text.title, ""]
    lines += [counted(letter, words)]
    lines += [f"{words['to']}: {addressee}" for addressee in letter.text.addressees]
    for paragraph in text.paragraphs:
        lines += ["", paragraph]
    lines += ["", words["signatories"]]
    for heading, members in signatory_lines(letter, text.language, words):
        lines += ["", heading, "", *members]
    lines += ["", words["check"], "", *words["checking"], f"meshcoal verify {letter.stem}{PAGE_SUFFIX}"]
    lines += ["", f"{words['digest']}: {letter.package.digest.hex()}", "", f"{words['contact']}: "]
    if words["unreviewed"]:
        lines += ["", words["unreviewed"]]
    return "\n".join([line.rstrip(" ") for line in lines]) + "\n"


def _letter_to(letter: Letter, addressee: str) -> bytes:
    words = words_in(choose_language([text.language for text in letter.text.texts]))
    page = Page("letter.html")
    page.allow(script="", style=data_file("style.css"))
    page["head-title"].text = letter.text.texts[0].title
    add(page["addressee"], "bdi", addressee)
    release = letter.package.release
    page["date"].set("lang", words["language"])
    page["date"].set("dir", words["direction"])
    Speech(words["language"]).moment(page["date"], max(release.released_ms, release.not_before_ms))
    for text in letter.text.texts:
        section = add(page["texts"], "section", lang=text.language, dir=text.direction.value)
        add(section, "h2", text.title)
        for paragraph in text.paragraphs:
            add(section, "p", paragraph)
    page["list"].set("lang", words["language"])
    page["list"].set("dir", words["direction"])
    page["list-title"].text = words["signatories"]
    add(page["signatories"], "p", counted(letter, words))
    for heading, members in signatory_lines(letter, letter.first_language, words):
        add(page["signatories"], "h3", heading)
        lines = add(page["signatories"], "ul")
        for member in members:
            add(add(lines, "li"), "bdi", member)
    page["checking"].text = " ".join([*words["checking"], words["unreviewed"]]).strip()
    page["command"].text = f"meshcoal verify {letter.stem}{PAGE_SUFFIX}"
    page["digest"].text = letter.package.digest.hex()
    return page.spelled()
