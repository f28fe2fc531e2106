"""The interface's catalogues: complete, made of what they say, and safe to fill in."""

from __future__ import annotations

import io
import re
import sys
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

sys.path.insert(0, str(Path(__file__).parent))

from make_catalogues import FOLDER, mo_bytes, outputs, po_path, read_catalogue

from meshcoal.errors import BadArgument, all_errors
from meshcoal.text.sanitise import clean
from meshcoal.tui import locale
from meshcoal.tui.faults import SENTENCES
from meshcoal.tui.locale.formats import collation_key, formats_of
from meshcoal.tui.locale.tongues import BY_CODE, ENGLISH, TONGUES, Tongue, chosen, of_system, tongue_of

GAP = re.compile(r"%\((\w+)\)([sd])")
ANY_GAP = re.compile(r"%(?!\(\w+\)[sd])")
TYPED = re.compile(r"`[^`]+`|\^[A-Z]\b|\bF[12]\b")
OTHERS = tuple(tongue for tongue in TONGUES if tongue.code != ENGLISH)


def gaps(text: str) -> set[tuple[str, str]]:
    return set(GAP.findall(text))


def pairs(message: Message) -> list[tuple[str, str]]:
    """Each translation of a message beside what it translates; empty ones left out."""
    if isinstance(message.id, tuple):
        one, many = message.id
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        return [(many if number or len(forms) == 1 else one, str(form)) for number, form in enumerate(forms)]
    return [(str(message.id), str(message.string))]


def faults_of(catalog: Catalog, sentences: Catalog) -> list[str]:
    """What is wrong with a catalogue, in words."""
    known = {(message.id, message.context) for message in sentences}
    wrong = []
    for message in catalog:
        if not message.id:
            continue
        named = message.id[0] if isinstance(message.id, tuple) else message.id
        if (message.id, message.context) not in known:
            wrong.append(f"{named!r}: unknown")
        if message.fuzzy:
            wrong.append(f"{named!r}: a guess")
        forms = pairs(message)
        if isinstance(message.id, tuple) and any(form for _id, form in forms):
            if len(forms) != catalog.num_plurals:
                wrong.append(f"{named!r}: {len(forms)} forms, not {catalog.num_plurals}")
            if not all(form for _id, form in forms):
                wrong.append(f"{named!r}: a form is missing")
        for text, translation in forms:
            if translation:
                wrong += [f"{named!r}: {what}" for what in faults_between(message, text, translation)]
    return wrong


def faults_between(message: Message, text: str, translation: str) -> list[str]:
    wrong = []
    allowed = gaps(text) if not isinstance(message.id, tuple) else gaps(message.id[0]) | gaps(message.id[1])
    # "One day" need not say 1.
    needed = {gap for gap in gaps(text) if not (isinstance(message.id, tuple) and gap[0] == "count")}
    if not needed <= gaps(translation) <= allowed or ANY_GAP.search(translation.replace("%%", "")):
        wrong.append("other gaps")
    if clean(translation, multiline=True) != translation:
        wrong.append("something unseen in it")
    if text[:1].isspace() != translation[:1].isspace() or text[-1:].isspace() != translation[-1:].isspace():
        wrong.append("other blanks at an end")
    for typed in TYPED.findall(text):
        if typed not in translation:
            wrong.append(f"lacks {typed}, which is typed so in every language")
    return wrong


def test_all_files_are_what_the_sources_make() -> None:
    """Goal: no sentence is missing and no compiled file is old. Method: make all anew, and compare."""
    stale = [path.name for path, data in outputs() if path.read_bytes() != data]
    assert stale == [], "run `make catalogues`"


@pytest.mark.parametrize("tongue", OTHERS, ids=lambda tongue: tongue.code)
def test_a_translation_keeps_what_programs_and_people_rely_on(tongue: Tongue) -> None:
    """Goal: no gap, form or key is lost. Method: compare each sentence with what it translates."""
    with (FOLDER / "meshcoal.pot").open("rb") as file:
        sentences = read_po(file)
    assert faults_of(read_catalogue(tongue), sentences) == []


@pytest.mark.parametrize("tongue", OTHERS, ids=lambda tongue: tongue.code)
def test_each_says_whether_it_was_reviewed(tongue: Tongue) -> None:
    """Goal: nobody takes a draft for a checked text. Method: the head of each file."""
    head = po_path(tongue).read_text(encoding="utf-8").partition("msgid")[0]
    assert "Unreviewed: " in head or "Reviewed by " in head


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('msgid "%(name)s came"\nmsgstr "vino"', "other gaps"),
        ('msgid "%(name)s came"\nmsgstr "%(nombre)s vino"', "other gaps"),
        ('msgid "%(name)s came"\nmsgstr "%(name)d vino"', "other gaps"),
        ('msgid "%(name)s came"\nmsgstr "%(name)s vino 100%"', "other gaps"),
        ('msgid "Press ^Q"\nmsgstr "Pulsa ^S"', "lacks ^Q"),
        ('msgid "Came"\nmsgstr "Vino "', "other blanks"),
        ('msgid "Came"\nmsgstr "Vi\u202eno"', "something unseen"),
        ('msgid "Nowhere"\nmsgstr "Ninguna parte"', "unknown"),
        ('#, fuzzy\nmsgid "Came"\nmsgstr "Vino"', "a guess"),
        ('msgid "%(count)d day"\nmsgid_plural "%(count)d days"\nmsgstr[0] "un día"\nmsgstr[1] ""', "a form"),
    ],
)
def test_the_check_sees_each_fault(line: str, fault: str) -> None:
    """Goal: the check is not blind. Method: one line of each kind."""
    known = Catalog()
    for message in ("%(name)s came", "Press ^Q", "Came", ("%(count)d day", "%(count)d days")):
        known.add(message)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    catalog = read_po(io.BytesIO(f"{head}{line}\n".encode()), locale="es")
    assert any(fault in one for one in faults_of(catalog, known))


def test_the_untranslated_stays_english_and_plurals_follow_the_language(tmp_path: Path) -> None:
    """Goal: a half-filled catalogue is of use. Method: a Russian one of one sentence, compiled and spoken."""
    catalog = read_catalogue(BY_CODE["ru"])
    catalog.add(("%(count)d ox", "%(count)d oxen"), ("%(count)d бык", "%(count)d быка", "%(count)d быков"))
    po = io.BytesIO()
    from babel.messages.pofile import write_po

    write_po(po, catalog)
    import gettext

    words = gettext.GNUTranslations(io.BytesIO(mo_bytes(po.getvalue(), BY_CODE["ru"])))
    locale.speak(BY_CODE["ru"], words)
    try:
        said = [locale.ngettext("%(count)d ox", "%(count)d oxen", n) % {"count": n} for n in (1, 3, 11, 22)]
        assert said == ["1 бык", "3 быка", "11 быков", "22 быка"]
        assert locale._("Nobody has translated this") == "Nobody has translated this"
    finally:
        locale.speak(BY_CODE[ENGLISH])


def test_one_word_with_two_meanings_has_two_translations() -> None:
    """Goal: nobody reads the title of a letter where a person's is meant. Method: two contexts, compiled."""
    import gettext

    from babel.messages.pofile import write_po

    catalog = read_catalogue(BY_CODE["es"])
    catalog.add("Ox", "Buey", context="an animal")
    catalog.add("Ox", "Torpe", context="a person")
    po = io.BytesIO()
    write_po(po, catalog)
    words = gettext.GNUTranslations(io.BytesIO(mo_bytes(po.getvalue(), BY_CODE["es"])))
    locale.speak(BY_CODE["es"], words)
    try:
        said = [locale.pgettext(meant, "Ox") for meant in ("an animal", "a person", "a star")]
        assert said == ["Buey", "Torpe", "Ox"]
    finally:
        locale.speak(BY_CODE[ENGLISH])


def test_the_template_tells_meanings_and_comments_apart() -> None:
    """Goal: translators see what a word means. Method: the template made of the sources."""
    with (FOLDER / "meshcoal.pot").open("rb") as file:
        sentences = read_po(file)
    meant = {message.context for message in sentences if message.id == "Title"}
    assert meant == {"of a letter", "of a person"}
    alone = {message.id for message in sentences if not message.context}
    assert not {"They", "They may", "It is", "Of", "For", "To", "Title", "none", "refused", "left"} & alone
    others = sentences.get("Others")
    assert others is not None
    assert "six new words" in " ".join(others.auto_comments)


def test_the_language_is_chosen_by_the_person_then_the_system() -> None:
    """Goal: what was asked for wins. Method: each way to ask, in order."""
    system = {"LANG": "ru_RU.UTF-8"}
    assert chosen("pt-BR", "fa", system).code == "pt"
    assert chosen(None, "fa", system).code == "fa"
    assert chosen(None, "", system).code == "ru"
    assert chosen(None, "klingon", {}).code == "en"
    with pytest.raises(BadArgument, match="en, es"):
        chosen("tlh", "", system)


def test_the_system_is_read_as_gettext_reads_it() -> None:
    """Goal: meshcoal speaks as the rest of the desktop does. Method: the variables, by rank."""
    assert of_system({"LANG": "es_ES.UTF-8", "LC_ALL": "ar_EG.UTF-8"}).code == "ar"
    assert of_system({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:so:fr"}).code == "so"
    assert of_system({"LANG": "C", "LANGUAGE": "fr"}).code == "en"
    assert of_system({}).code == "en"
    assert tongue_of("zh_CN.UTF-8") is BY_CODE["zh_Hans"]
    assert tongue_of("zh_TW.UTF-8") is None  # another script to read
    assert tongue_of("prs_AF") is BY_CODE["fa"]


def test_dates_numbers_and_lists_are_the_language_s() -> None:
    """Goal: nobody mistakes a day. Method: the same one in several languages."""
    day = date(2026, 11, 22)
    written = {code: formats_of(code).date(day, year=True) for code in ("en", "es", "fa", "zh_Hans", "so")}
    assert written["en"] == "22 Nov 2026"
    assert written["es"] == "22 nov 2026"
    assert written["fa"] == "22 نوامبر 2026"
    assert written["zh_Hans"] == "2026年11月22日"
    assert formats_of("fr").decimals(1234.56) == "1\u202f234,6"
    assert formats_of("en").number(19700) == "19,700"
    assert formats_of("ar").list(["أ", "ب"]) == "أ وب"
    for tongue in TONGUES:
        assert "22" in formats_of(tongue.code).date(day, year=False)


def test_names_stand_in_the_order_of_the_language() -> None:
    """Goal: people find a name where they look. Method: letters that Unicode numbers elsewhere."""
    persian = ["پروین", "گلی", "باران", "یاس", "کیان", "لاله", "وحید", "هما", "نازنین"]
    ordered = sorted(persian, key=lambda name: collation_key(name, "fa"))
    assert ordered == ["باران", "پروین", "کیان", "گلی", "لاله", "نازنین", "وحید", "هما", "یاس"]
    spanish = sorted(
        ["Oca", "Ñandú", "Nube", "Álvaro", "Zoe", "bea"], key=lambda name: collation_key(name, "es")
    )
    assert spanish == ["Álvaro", "bea", "Nube", "Ñandú", "Oca", "Zoe"]


def test_every_error_says_what_to_do() -> None:
    """Goal: a failure is understood in every language. Method: each code, beside the list of sentences."""
    assert set(SENTENCES) == {error.code for error in all_errors()}
    assert all(sentence.endswith(".") or sentence.endswith("?") for sentence in SENTENCES.values())
