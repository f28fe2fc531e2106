"""Foreign text comes out harmless, whatever went in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meshcoal.text.sanitise import ELLIPSIS, ISOLATES_DEPTH_MAX, MARKS_RUN_MAX, cells, clean, one_line

EVIL = (
    "A\x1b]0;PWNED\x07B\x1b[2JC\x9b31mD\u202eEFG\u202c [bold red]M[/] "
    "[@click=app.bell]link[/] \x07\x08\x08\x08zz\rR\tT"
)
NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x1b\x9b\x00\x7f\n\r\t\x85\u2028\u2029\u202a\u202e\u2066\u2067\u2068\u2069\u200d\u200e"
            "\u0301\u0489\u20dd\ufe0f\ufeff\ufff9\U000e0041\ud800\ue000\u0378\u3000\u1680a\u0627 "
        ),
    ),
    max_size=60,
)


def forbidden(char: str) -> bool:
    """Written apart from the sanitiser's own tables, so that a slip there is seen here."""
    point = ord(char)
    return (
        (point < 0x20 and char != "\n")
        or 0x7F <= point <= 0x9F
        or 0x202A <= point <= 0x202E
        or 0x2028 <= point <= 0x2029
        or 0x206A <= point <= 0x206F
        or 0xD800 <= point <= 0xDFFF
        or point == 0xFEFF
        or 0xFFF9 <= point <= 0xFFFB
        or point >= 0xE0000
        or 0xE000 <= point <= 0xF8FF
    )


@given(NASTY, st.booleans())
@example(EVIL, True)
@example("\u2066" * 9 + "x", True)
@example("\u0301" * 30, True)
def test_nothing_forbidden_comes_out(text: str, multiline: bool) -> None:
    """Goal: no control, override or unseen character survives. Method: any text, an independent predicate."""
    out = clean(text, multiline=multiline)
    assert not [hex(ord(char)) for char in out if forbidden(char)]
    assert multiline or "\n" not in out


@given(NASTY, st.booleans(), st.none() | st.integers(1, 70))
def test_cleaning_twice_is_cleaning_once(text: str, multiline: bool, limit: int | None) -> None:
    """Goal: the order of callers never matters. Method: clean the cleaned."""
    out = clean(text, multiline=multiline, limit_chars=limit)
    assert clean(out, multiline=multiline, limit_chars=limit) == out
    assert limit is None or len(out) <= limit


@given(NASTY, st.booleans(), st.none() | st.integers(1, 70))
def test_isolates_close_on_every_line(text: str, multiline: bool, limit: int | None) -> None:
    """Goal: no line's direction leaks into the next. Method: count openers and closers per line."""
    for line in clean(text, multiline=multiline, limit_chars=limit).split("\n"):
        depth = 0
        for char in line:
            depth += (char in "\u2066\u2067\u2068") - (char == "\u2069")
            assert 0 <= depth <= ISOLATES_DEPTH_MAX
        assert depth == 0


@given(NASTY, st.none() | st.integers(0, 40))
def test_one_line_is_one_line_and_fits(text: str, width: int | None) -> None:
    """Goal: a name never breaks a row. Method: any text, count columns and lines."""
    out = one_line(text, width)
    assert "\n" not in out
    assert not any(forbidden(char) for char in out)
    assert one_line(out, width) == out
    assert width is None or cells(out) <= width


@given(NASTY)
def test_marks_never_stack_without_bound_nor_lead(text: str) -> None:
    """Goal: no tower of marks over the rows above, none on our own words. Method: measure the runs."""
    for line in clean(text, multiline=True).split("\n"):
        run = 0
        seen = False
        for char in line:
            if unicodedata.category(char)[0] == "M":
                assert seen, "a mark opens the line"
                run += 1
                assert run <= MARKS_RUN_MAX
            elif unicodedata.category(char) != "Cf":
                run, seen = 0, True


def test_the_known_attack_is_shown_as_plain_text() -> None:
    """Goal: title, clearing, colour and override become visible marks. Method: the recorded attack."""
    assert clean(EVIL, multiline=False) == (
        "A\ufffd]0;PWNED\ufffdB\ufffd[2JC\ufffd31mDEFG [bold red]M[/] [@click=app.bell]link[/] "
        "\ufffd\ufffd\ufffd\ufffdzz\ufffdR T"
    )


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهم آزادی",  # Persian with a zero-width non-joiner
        "العَرَبِيَّة",  # Arabic with vowel signs
        "क्षत्रिय ज्ञान",  # Hindi conjuncts
        "မြန်မာဘာသာ စကား",  # Burmese
        "กำลังใจ ที่นี่",  # Thai
        "释放所有政治犯。",  # Chinese
        "Свабоду палітвязням",  # Belarusian
        "👩‍👩‍👧‍👦 🏳️‍🌈 ❤️",  # joined emoji
        "ትግርኛ ሶማሊ தமிழ் සිංහල",
    ],
)
def test_honest_scripts_pass_untouched(text: str) -> None:
    """Goal: nobody's language is damaged. Method: words that need joiners and marks."""
    assert clean(text, multiline=False) == text
    assert one_line(text) == text


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\x85", "\u2028", "\u2029"])
def test_every_line_break_is_a_line_feed_or_a_space(separator: str) -> None:
    """Goal: one spelling of a new line. Method: each separator, in both modes."""
    assert clean(f"a{separator}b", multiline=True) == "a\nb"
    assert clean(f"a{separator}b", multiline=False) == "a b"


def test_hidden_tag_text_is_gone() -> None:
    """Goal: nothing unseen rides in a name. Method: tag characters, fillers, soft hyphen, byte order mark."""
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "evil")
    assert clean(f"An{hidden}a\u00ad\u3164\ufeff\u2060\u2063", multiline=False) == "Ana"


def test_a_cut_ends_in_an_ellipsis_and_still_closes() -> None:
    """Goal: a bound holds with isolates open. Method: cut inside three of them."""
    out = clean("\u2066\u2067\u2068" + "x" * 50, multiline=False, limit_chars=10)
    assert out == "\u2066\u2067\u2068xxx\u2069\u2069\u2069" + ELLIPSIS


def test_wide_letters_count_twice() -> None:
    """Goal: columns, not characters. Method: Chinese, a combining accent, a joiner."""
    assert cells("释放") == 4
    assert cells("e\u0301\u200d") == 1
    assert one_line("释放所有", 5) == "释放…"
