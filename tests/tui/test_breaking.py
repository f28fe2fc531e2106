"""Lines end where a reader of the script expects it, and nothing is lost by it."""

from __future__ import annotations

import itertools
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

sys.path.insert(0, str(Path(__file__).parent))

from test_widths import SAMPLES

from meshcoal.tui.breaking import CLOSERS, OPENERS, clusters, forbidden, may_break, offsets
from meshcoal.tui.widgets.plain import PlainText, plain

CHINESE = "我们，下列组织，要求立即无条件释放“玛丽亚姆”，并让她见律师。她在哪里？没有人知道！（见附件）"
BURMESE = "မင်္ဂလာပါ။ကျွန်ုပ်တို့သည်မာရီယမ်ကိုချက်ချင်းလွှတ်ပေးရန်တောင်းဆိုသည်၊၁၂ဦးကိုလည်းပြဿနာမရှိဘဲလွှတ်ပါ။"
LETTERS = (
    "联合声明，。、（）「」“”！？ー々 ab 12 %،—…မင်္ဂလာပါန့်ပြဿ၊။ ්‍රකාශ ภาษาไทย é ́️🏽👩‍👧🇲🇲"
    "\u00a0\u2062\u2063\u2068\u2069한국어"
)


def rows_of(text: str, width: int, *, hang: bool = True) -> list[str]:
    starts = [0, *offsets(text, width, hang=hang), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(starts)]


@settings(max_examples=2000)
@given(
    text=st.lists(st.sampled_from([*LETTERS, CHINESE, BURMESE, *SAMPLES.values()]), max_size=40).map("".join),
    width=st.integers(2, 40),
    hang=st.booleans(),
)
def test_wrapping_loses_nothing_and_keeps_to_its_width(text: str, width: int, hang: bool) -> None:
    """Goal: no letter is lost, cut apart, or pushed over an edge. Method: any text of many scripts."""
    rows = rows_of(text, width, hang=hang)
    assert "".join(rows) == text
    whole = {cluster.at: cluster for cluster in clusters(text)}
    starts = [0, *offsets(text, width, hang=hang)]
    assert sorted(set(starts)) == starts
    assert text == "" or set(starts) <= set(whole)
    for start, row in zip(starts, rows, strict=True):
        seen = row.rstrip(" \u200d\u2062\u2063\u2068\u2069") if hang else row
        widest = max([one.columns for at, one in whole.items() if start <= at < start + len(row)], default=0)
        assert cell_len(seen) <= max(width, widest)
    assert all(
        not row.startswith(mark) for row in rows[1:] for mark in ("\u0301", "\ufe0f", "\u200d", "\u103a")
    )


@settings(max_examples=300)
@given(
    text=st.lists(st.sampled_from([*LETTERS, CHINESE, BURMESE]), max_size=40).map("".join),
    width=st.integers(4, 30),
)
def test_no_row_begins_with_what_closes_while_it_has_another_place(text: str, width: int) -> None:
    """Goal: the rules of UAX 14. Method: where a row breaks them, it has no place that keeps them."""
    pieces = clusters(text)
    starts = offsets(text, width)
    index = {piece.at: number for number, piece in enumerate(pieces)}
    begins = 0
    for start in starts:
        number = index[start]
        before, behind = pieces[number - 1], pieces[number]
        if not before.blank and forbidden(before, behind):
            others = range(begins + 1, number)
            assert not any(may_break(text, pieces[at - 1], pieces[at]) for at in others if at > begins + 1)
        begins = number


@pytest.mark.parametrize("width", range(6, 40))
def test_chinese_fills_its_rows(width: int) -> None:
    """Goal: a Chinese letter reads as one. Method: each width; no forbidden end, no empty half."""
    rows = rows_of(CHINESE, width)
    for row in rows[1:]:
        assert row[0] not in {*CLOSERS, "”"}
    for row in rows[:-1]:
        assert row[-1] not in OPENERS
        assert width - cell_len(row) <= 4


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("请签署。", 6, ["请签", "署。"]),
        ("他说（好）", 6, ["他说", "（好）"]),
        ("在 PDF 中 see 页", 7, ["在 PDF ", "中 see ", "页"]),
        ("“联合声明”已签署", 10, ["“联合声明”", "已签署"]),
        ("等等……结束", 5, ["等", "等……", "结束"]),
        ("“联合声明”已签署", 9, ["“联合声", "明”已签署"]),
        ("မင်္ဂလာပါ", 3, ["မင်္ဂ", "လာပါ"]),
        ("ပြဿနာ", 2, ["ပြဿ", "နာ"]),
        ("12\u00a0000 francs", 8, ["12\u00a0000 ", "francs"]),
        ("de signatures\u202f: 3 ja", 14, ["de ", "signatures\u202f: 3 ", "ja"]),
        ("ሰላም፡ለእናንተ", 5, ["ሰላም፡", "ለእናንተ"]),
    ],
)
def test_known_rows(text: str, width: int, rows: list[str]) -> None:
    """Goal: what a reader expects. Method: short texts whose rows can be checked by eye."""
    assert rows_of(text, width) == rows


def test_burmese_rows_begin_with_a_syllable() -> None:
    """Goal: nobody reads half a syllable. Method: each width; no row begins with a mark, a
    stacked or a silenced consonant, or punctuation, and digits stay together."""
    for width in range(8, 40):
        for row in rows_of(BURMESE, width)[1:]:
            assert unicodedata.category(row[0]) in ("Lo", "Nd")
            assert row[1:2] not in ("\u1039", "\u103a")
            assert row[1:3] != "\u1037\u103a"
            assert not row.startswith("၂")


def test_latin_is_wrapped_as_ever() -> None:
    """Goal: no screen changes that need not. Method: a text beside what is drawn of it."""
    text = "We ask for her release, now; déjà vu: (Free her)!"
    drawn = [line.plain.rstrip() for line in plain(text).wrap(16)]
    assert drawn == ["We ask for her", "release, now;", "déjà vu: (Free", "her)!"]


def test_what_is_drawn_and_what_is_written_is_wrapped_so() -> None:
    """Goal: Textual asks here. Method: content, and the document of a field for several lines."""
    drawn = [line.plain for line in plain("我们要求释放她。立即").wrap(14)]
    assert drawn == ["我们要求释放", "她。立即"]
    field = PlainText("我们要求释放她。立即")
    field.wrapped_document.wrap(14, 4)
    assert field.wrapped_document.get_sections(0) == ["我们要求释放", "她。立即"]
    assert field.text == "我们要求释放她。立即"
