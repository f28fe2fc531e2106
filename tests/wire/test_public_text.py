"""The texts strangers check: one spelling, any script, and nothing inside can pass for a header."""

from __future__ import annotations

import dataclasses
import hashlib
import unicodedata
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meshcoal.clock import TIME_MS_MAX
from meshcoal.errors import MalformedPackage, OverLimit, RemoteError
from meshcoal.limits import STATEMENT_CHARS_MAX
from meshcoal.wire.plain import (
    Direction,
    check_line,
    check_paragraph,
    direction_of,
    is_language,
    normalise_line,
    normalise_text,
    read_time,
    spell_time,
    split_paragraphs,
)
from meshcoal.wire.public_text import (
    RULES,
    LanguageText,
    SignOnFields,
    StatementText,
    TallyLine,
    canonical_text,
    digest_of,
    parse_canonical_text,
    reference,
    release_text,
    sign_on_text,
    tally_text,
    withdrawal_text,
)
from meshcoal.wire.terms import Capacity

SCRIPTS = {
    "ar": ("الحرية للدكتور حداد", "معالي الوزير،\n\nنطالب بالإفراج الفوري عنه."),
    "fa": ("دکتر حداد را آزاد کنید", "جناب وزیر،\n\nمی‌خواهیم که او را آزاد کنید؛ ۱۲ روز گذشت."),
    "my": ("ဒေါက်တာ ဟဒ္ဒဒ် ကို လွှတ်ပေးပါ", "ဝန်ကြီးခင်ဗျား၊\n\nချက်ချင်း လွှတ်ပေးရန် တောင်းဆိုပါသည်။"),
    "zh-hans": ("释放哈达德医生", "尊敬的部长：\n\n我们要求立即释放她。"),
    "ru": ("Свободу доктору Хаддад", "Господин министр!\n\nМы требуем её освобождения: ещё не поздно."),
    "am": ("ዶክተር ሐዳድ ይፈቱ", "ክቡር ሚኒስትር፣\n\nወዲያውኑ እንዲፈቱ እንጠይቃለን።"),
    "en": ("Free Dr. Haddad", "Dear Minister,\n\nSet her free.\nNow."),
}


def language_text(language: str, title: str, text: str) -> LanguageText:
    clean = normalise_text(text)
    return LanguageText(
        language=language,
        direction=direction_of(clean),
        title=normalise_line(title),
        paragraphs=split_paragraphs(clean),
    )


def statement(*texts: LanguageText, **values: Any) -> StatementText:
    given: dict[str, Any] = {
        "campaign": reference(bytes(32)),
        "statement": reference(b"\x01" * 32),
        "deadline_ms": 1_795_000_000_000,
        "texts": texts or (language_text("en", *SCRIPTS["en"]),),
        "addressees": ("The Minister of Justice", "وزير العدل"),
        "rules": RULES,
    }
    return StatementText(**{**given, **values})


EXAMPLE = """\
meshcoal statement 1
campaign: {campaign}
statement: {statement}
version: 1
deadline: 2026-11-18T11:06:40Z
languages: en
addressee: The Minister of Justice
addressee: وزير العدل
rule: Every signatory is named.
rule: Each member of the coalition signs at most once.
rule: A change of the text is a new version, and no signature carries over to it.
rule: Before the release a sign-on can be withdrawn and then does not count.
rule: After the release a withdrawal is a notice beside the list.

language: en
direction: ltr
title: Free Dr. Haddad
paragraphs: 2
bytes: 34

Dear Minister,

Set her free.
Now.

end
"""


def test_versions_and_dates_have_lines_of_their_own() -> None:
    """Goal: one digest over versions and dates. Method: a second version with all; what does not fit."""
    later = dataclasses.replace(
        statement(),
        version=2,
        replaces=b"\x07" * 32,
        soft_deadline_ms=statement().deadline_ms - 1_000,
        grace_ms=7_200_000,
    )
    lines = canonical_text(later).decode().split("\n")
    assert lines[3:8] == [
        "version: 2",
        f"replaces: {'07' * 32}",
        "asked by: 2026-11-18T11:06:39Z",
        "deadline: 2026-11-18T11:06:40Z",
        "grace seconds: 7200",
    ]
    assert parse_canonical_text(canonical_text(later)) == later
    for change in (
        {"version": 1},
        {"replaces": b""},
        {"soft_deadline_ms": statement().deadline_ms + 1},
        {"grace_ms": 1_500},
    ):
        with pytest.raises(MalformedPackage):
            canonical_text(dataclasses.replace(later, **change))


def test_the_canonical_text_reads_as_the_page_says() -> None:
    """Goal: a person can read it. Method: the example of docs/protocol/statement.md, byte for byte."""
    spelled = EXAMPLE.format(
        campaign=hashlib.sha256(b"meshcoal public reference 1\n" + bytes(32)).hexdigest(),
        statement=hashlib.sha256(b"meshcoal public reference 1\n" + b"\x01" * 32).hexdigest(),
    )
    assert canonical_text(statement()).decode() == spelled
    assert digest_of(spelled.encode()) == hashlib.sha256(spelled.encode()).digest()


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_script_comes_back(language: str) -> None:
    """Goal: no script is second class. Method: round trip, alone and together with all others."""
    title, text = SCRIPTS[language]
    alone = statement(language_text(language, title, text))
    assert parse_canonical_text(canonical_text(alone)) == alone
    assert title in canonical_text(alone).decode()
    together = statement(*[language_text(tag, *SCRIPTS[tag]) for tag in SCRIPTS])
    parsed = parse_canonical_text(canonical_text(together))
    assert parsed == together
    assert [t.direction.value for t in parsed.texts] == ["rtl", "rtl", "ltr", "ltr", "ltr", "ltr", "ltr"]


HEADERS = [
    "meshcoal statement 1",
    "end",
    "language: fa",
    "languages: en, fa",
    "bytes: 0",
    "direction: rtl",
    "rule: Nobody is named.",
    "deadline: 2030-01-01T00:00:00Z",
    "addressee: Nobody",
]


@given(lines=st.lists(st.sampled_from([*HEADERS, "", "Dear Minister,"]), min_size=1, max_size=20))
def test_a_text_that_imitates_headers_confuses_nobody(lines: list[str]) -> None:
    """Goal: text is text. Method: texts made of header lines, ends and whole languages."""
    text = normalise_text("\n".join(lines))
    assume(text)
    real = statement(language_text("en", "end", text), language_text("fa", "bytes: 7", "سلام"))
    parsed = parse_canonical_text(canonical_text(real))
    assert parsed == real
    assert "\n\n".join(parsed.texts[0].paragraphs) == text


@given(
    title=st.text(max_size=60),
    text=st.text(max_size=300),
    addressees=st.lists(st.text(max_size=40), max_size=4),
)
def test_whatever_is_cleaned_has_one_spelling(title: str, text: str, addressees: list[str]) -> None:
    """Goal: cleaning suffices. Method: arbitrary text, cleaned, spelled, read back, cleaned again."""
    clean = normalise_text(text)
    assume(split_paragraphs(clean) and normalise_line(title) and len(normalise_line(title)) <= 80)
    assert normalise_text(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    shown = tuple([line for line in map(normalise_line, addressees) if line])
    real = statement(language_text("en", title, text), addressees=shown)
    assert parse_canonical_text(canonical_text(real)) == real


REFUSED = [
    "\x00",
    "\x1b",
    "\x7f",
    "\x85",
    "\x9b",
    "\r",
    "\t",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
    "\ufeff",
]
REFUSED += ["\ufffe", "\ufdd0", "\U0001ffff", "\U000e0041"]


@pytest.mark.parametrize("char", REFUSED)
def test_what_hides_or_reorders_is_refused_everywhere(char: str) -> None:
    """Goal: what is signed is what is seen. Method: each character in each place, and after cleaning."""
    good = language_text("en", "Title", "Text")
    bad = [
        statement(dataclasses.replace(good, title=f"Ti{char}tle")),
        statement(dataclasses.replace(good, paragraphs=(f"Te{char}xt",))),
        statement(addressees=(f"A{char}B",)),
        statement(rules=(f"A{char}B",)),
    ]
    for each in bad:
        with pytest.raises(MalformedPackage):
            canonical_text(each)
    with pytest.raises(MalformedPackage):
        sign_on_text(bytes(32), bytes(32), fields(name=f"A{char}B"))
    assert char not in normalise_text(f"a{char}b")
    for paragraph in split_paragraphs(normalise_text(f"a{char}b")):
        check_paragraph(paragraph)
    check_line(normalise_line(f"a{char}b"), "a name")


KEPT = ["\u200c", "\u200d", "\u200b", "\u200e", "\u200f", "\u061c", "\u00a0", "\u1039", "\ufe0f"]


@pytest.mark.parametrize("char", KEPT)
def test_what_scripts_need_is_kept(char: str) -> None:
    """Goal: Persian, Burmese and others are written properly. Method: joiners, marks, no-break spaces."""
    text = language_text("en", "T", f"a{char}b")
    assert text.paragraphs == (f"a{char}b",)
    assert parse_canonical_text(canonical_text(statement(text))).texts == (text,)


@pytest.mark.parametrize(
    "paragraph",
    ["a\n\nb", "\na", "a\n", "a \nb", " ", "a\n \nb", "a\u2029b"],
    ids=[repr(n) for n in range(7)],
)
def test_a_paragraph_has_one_shape(paragraph: str) -> None:
    """Goal: one spelling. Method: blank lines, breaks and spaces at the ends."""
    good = language_text("en", "Title", "Text")
    with pytest.raises(MalformedPackage):
        canonical_text(statement(dataclasses.replace(good, paragraphs=(paragraph,))))


def test_a_language_stands_once_and_is_a_tag() -> None:
    """Goal: one text a language. Method: twice; tags out of form."""
    good = language_text("en", "Title", "Text")
    with pytest.raises(MalformedPackage):
        canonical_text(statement(good, good))
    for tag in ("EN", "e1", "en_gb", "en-", "zh--hans", "en\n", "én"):
        assert not is_language(tag)
        with pytest.raises(MalformedPackage):
            canonical_text(statement(dataclasses.replace(good, language=tag)))
    for tag in ("en", "zh-hans", "ckb", "sr-latn-rs"):
        assert is_language(tag)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("meshcoal statement 1", "meshcoal statement 2"),
        ("languages: en", "languages: en, fa"),
        ("languages: en", "languages: "),
        ("languages: en", "languages: en,fa"),
        ("language: en\n", "language: fa\n"),
        ("direction: ltr", "direction: up"),
        ("paragraphs: 2", "paragraphs: 3"),
        ("paragraphs: 2", "paragraphs: 02"),
        ("bytes: 34", "bytes: 32"),
        ("bytes: 34", "bytes: 999999999"),
        ("bytes: 34", "bytes: 9999999999"),
        ("bytes: 34", "bytes: -1"),
        ("bytes: 34", "bytes: ٣٣"),
        ("deadline: 2026-11-18T11:06:40Z", "deadline: 2026-11-18T11:06:40.000Z"),
        ("deadline: 2026-11-18T11:06:40Z", "deadline: 2026-11-18 11:06:40Z"),
        ("deadline: 2026-11-18T11:06:40Z", "deadline: soon"),
        ("campaign: ", "campaign: A"),
        ("rule: Every", "rule:  Every"),
        ("addressee: The", "addressee:The"),
        ("\nend\n", "\nend"),
        ("\nend\n", "\nend\n\n"),
        ("\nend\n", "\n"),
        ("title: Free", "title:  Free"),
        ("title: ", "note: x\ntitle: "),
        ("\n", "\r\n"),
    ],
)
def test_no_other_spelling_is_taken(old: str, new: str) -> None:
    """Goal: one text, one digest. Method: near misses of each line."""
    text = canonical_text(statement()).decode()
    assert old in text
    with pytest.raises(MalformedPackage):
        parse_canonical_text(text.replace(old, new).encode())


@given(data=st.data())
def test_a_damaged_text_is_refused_or_reads_as_itself(data: st.DataObject) -> None:
    """Goal: only RemoteError, and nothing read that would not be written so. Method: damage anywhere."""
    good = canonical_text(statement(*[language_text(tag, *SCRIPTS[tag]) for tag in ("ar", "en")]))
    at = data.draw(st.integers(0, len(good)))
    damaged = good[:at] + data.draw(st.binary(max_size=4)) + good[at + data.draw(st.integers(0, 4)) :]
    try:
        parsed = parse_canonical_text(damaged)
    except RemoteError:
        return
    assert canonical_text(parsed) == damaged


@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_remote_error(data: bytes) -> None:
    """Goal: the parser is total. Method: arbitrary bytes, bare and behind a good first line."""
    for candidate in (data, b"meshcoal statement 1\n" + data):
        with pytest.raises(RemoteError):
            parse_canonical_text(candidate)


def test_sizes_are_bounded() -> None:
    """Goal: a statement can be shown whole. Method: too long a text, and too many addressees and rules."""
    long = [language_text(tag, "T", "a" * 50_000) for tag in ("en", "fr")]
    with pytest.raises(OverLimit):
        canonical_text(statement(*long))
    with pytest.raises(OverLimit):
        parse_canonical_text(b"a" * (4 * STATEMENT_CHARS_MAX + 1))
    text = canonical_text(statement()).decode()
    for line in ("addressee: A\n", "rule: A\n"):
        key = line.split(":")[0]
        many = text.replace(f"{key}: ", line * 100 + f"{key}: ", 1)
        with pytest.raises(MalformedPackage, match=f"more than .* `{key}`"):
            parse_canonical_text(many.encode())
    languages = ", ".join(["en"] * 33)
    with pytest.raises(MalformedPackage, match="too many languages"):
        parse_canonical_text(text.replace("languages: en", f"languages: {languages}").encode())


# --- Acts


def fields(**values: Any) -> SignOnFields:
    given: dict[str, Any] = {
        "capacity": Capacity.ORGANISATION,
        "name": "The Centre",
        "title": "",
        "affiliation": "",
        "country": "Bahrain",
        "languages_read": ("ar", "en"),
        "signed_ms": 1_795_000_000_123,
    }
    return SignOnFields(**{**given, **values})


def test_each_act_reads_as_the_page_says() -> None:
    """Goal: a person can read what a key signed. Method: all four, line by line."""
    digest, key, other = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
    assert sign_on_text(digest, key, fields()).decode() == (
        f"meshcoal sign-on 1\nstatement: {digest.hex()}\nkey: {key.hex()}\ncapacity: organisation\n"
        "name: The Centre\ntitle: \naffiliation: \ncountry: Bahrain\nlanguages read: ar, en\n"
        "signed: 2026-11-18T11:06:40.123Z\n"
    )
    assert withdrawal_text(digest, key, other, 0).decode() == (
        f"meshcoal withdrawal 1\nstatement: {digest.hex()}\nkey: {key.hex()}\nsign-on: {other.hex()}\n"
        "withdrawn: 1970-01-01T00:00:00Z\n"
    )
    assert release_text(digest, key, other, 1_000).decode() == (
        f"meshcoal release 1\nstatement: {digest.hex()}\nkey: {key.hex()}\ntally: {other.hex()}\n"
        "released: 1970-01-01T00:00:01Z\n"
    )
    lines = (
        TallyLine(act_key=other, sign_on=key, capacity=Capacity.INDIVIDUAL, name="Ana"),
        TallyLine(act_key=digest, sign_on=key, capacity=Capacity.ORGANISATION, name="The Centre"),
    )
    assert tally_text(digest, lines).decode() == (
        f"meshcoal tally 1\nstatement: {digest.hex()}\norganisations: 1\nindividuals: 1\n"
        f"sign-on: {digest.hex()} {key.hex()} organisation The Centre\n"
        f"sign-on: {other.hex()} {key.hex()} individual Ana\n"
    )
    assert tally_text(digest, lines[::-1]) == tally_text(digest, lines)


@pytest.mark.parametrize(
    "values",
    [
        {"name": "A\nname: B"},
        {"name": " A"},
        {"name": "\u200b"},
        {"name": "A "},
        {"affiliation": "The Centre"},
        {"capacity": Capacity.AFFILIATED},
        {"languages_read": ("en", "ar")},
        {"languages_read": ("en", "en")},
        {"languages_read": ("EN",)},
        {"country": "\x1b[31m"},
    ],
)
def test_a_sign_on_that_no_line_can_hold_is_refused(values: dict[str, Any]) -> None:
    """Goal: one spelling of each act. Method: each misfit."""
    with pytest.raises(MalformedPackage):
        sign_on_text(bytes(32), bytes(32), fields(**values))


@given(one=st.text(max_size=20), two=st.text(max_size=20))
def test_two_different_sign_ons_never_share_a_text(one: str, two: str) -> None:
    """Goal: a signature means one thing. Method: shift text between two fields."""
    first, second = normalise_line(one), normalise_line(two)
    assume(first and first != second)
    assert sign_on_text(bytes(32), bytes(32), fields(name=first, title=second)) != sign_on_text(
        bytes(32), bytes(32), fields(name=second or "x", title=first)
    )


@given(at_ms=st.integers(0, TIME_MS_MAX))
def test_each_time_has_one_spelling(at_ms: int) -> None:
    """Goal: times come back to the millisecond. Method: round trip."""
    assert read_time(spell_time(at_ms)) == at_ms


@given(text=st.text(max_size=30))
def test_no_text_but_a_spelled_time_is_a_time(text: str) -> None:
    """Goal: the reader is total and strict. Method: arbitrary text."""
    try:
        at_ms = read_time(text)
    except MalformedPackage:
        return
    assert spell_time(at_ms) == text


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("", "ltr"),
        ("12 «", "ltr"),
        ("hello سلام", "ltr"),
        ("12 سلام hello", "rtl"),
        ("«שלום»", "rtl"),
        ("😀 سلام", "rtl"),
        ("😀 hello", "ltr"),
        ("ߊߒߞߏ", "rtl"),  # N'Ko, after Unicode 3.2
        ("𞤀𞤣𞤤𞤢𞤥", "rtl"),  # Adlam, after Unicode 3.2
        ("ꩠꩡ", "ltr"),  # Myanmar Extended-A, after Unicode 3.2
        ("ⴰⵎⴰⵣⵉⵖ", "ltr"),  # Tifinagh, after Unicode 3.2
        ("…سلام", "rtl"),
    ],
)
def test_the_first_strong_character_gives_the_direction(text: str, direction: str) -> None:
    """Goal: as UAX 9, alike on every Python. Method: scripts of Unicode 3.2 and later ones."""
    assert direction_of(text) is Direction(direction)
