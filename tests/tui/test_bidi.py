"""Lines from right to left: order, joining, styles, cursor and clicks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bidi import get_display
from bidi.mirror import MIRRORED
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.strip import Strip

sys.path.insert(0, str(Path(__file__).parent))

from meshcoal.errors import BadArgument
from meshcoal.text.sanitise import clean
from meshcoal.tui import bidi, locale
from meshcoal.tui.locale.tongues import BY_CODE
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainInput, PlainStatic, columns, name, plain

UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069"
SAMPLES = {
    "Arabic": "السَّلامُ عليكم، لا إله",
    "Persian": "می‌خواهم کتاب‌ها را ببینم",
    "Hebrew": "שָׁלוֹם (עולם)",
    "mixed": "نشست Human Rights در 12:04 (ساعت ۳)",
    "English": "Plain words, 12:04",
    "Chinese": "联合声明 2026年11月22日",
    "Burmese": "မင်္ဂလာပါ ကြေညာချက်",
    "Amharic": "የጋራ ደብዳቤ",
    "Sinhala": "ඒකාබද්ධ ප්‍රකාශය",
    "Russian": "совместное заявление",
    "Somali": "warqad wadajir ah",
    "Hindi": "संयुक्त पत्र",
    "Thai": "จดหมายร่วม",
    "family": "👩‍👩‍👧 🇲🇲 ❤️",
}


@pytest.fixture
def persian() -> Iterator[None]:
    """The interface in a language from the right, without its words."""
    locale.speak(BY_CODE["fa"], locale.catalogue(BY_CODE["en"]))
    yield
    locale.speak(BY_CODE["en"])


@pytest.fixture
def mode() -> Iterator[None]:
    yield
    bidi.begin(bidi.Mode.OURS)


def drawn(line: str, *, from_right: bool = False) -> str:
    return "".join([cluster.text for cluster in bidi.in_order(line, from_right=from_right)])


def seen(text: str) -> str:
    return "".join([char for char in text if char not in UNSEEN])


LINES = st.lists(
    st.sampled_from([*"ab بتא 12١:,.-+$()[]!/", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f"]),
    max_size=24,
).map(lambda chars: clean("".join(chars), multiline=False))


@given(LINES, st.booleans())
def test_the_order_is_that_of_unicode_s_algorithm(line: str, from_right: bool) -> None:
    """Goal: numbering the letters changes nothing. Method: python-bidi's own answer, by letters seen."""
    bidi.begin(bidi.Mode.ORDER)
    try:
        line = line.strip(" " + UNSEEN)
        ours = drawn(line, from_right=from_right)
    finally:
        bidi.begin(bidi.Mode.OURS)
    theirs = seen(get_display(line, base_dir="R" if from_right else "L"))
    # python-bidi leaves brackets unmirrored: which of the two it is does not matter to the order.
    same = {"(": ")", "[": "]"}
    assert [same.get(char, char) for char in ours] == [same.get(char, char) for char in theirs]


@given(LINES, st.booleans())
def test_no_letter_is_lost_and_none_is_drawn_twice(line: str, from_right: bool) -> None:
    """Goal: a line shows what was written. Method: each cluster's place, once."""
    places = [cluster.at for cluster in bidi.in_order(line, from_right=from_right)]
    assert len(places) == len(set(places))
    assert all(0 <= at < len(line) for at in places)


@pytest.mark.parametrize(
    ("line", "from_right", "expected"),
    [
        ("سلام", False, "\ufee1\ufefc\ufeb3"),  # lam takes the alef in
        ("بب", False, "\ufe90\ufe91"),
        ("دد", False, "\ufea9\ufea9"),  # joins to nothing after it
        ("می‌خواهم", True, "\ufee2\ufeeb\ufe8d\ufeee\ufea7\ufbfd\ufee3"),  # apart at the non-joiner
        ("بَب", False, "\ufe90\ufe91\u064e"),  # a mark hinders no joining, and stays on its letter
        ("abc (ب) d", False, "abc (\ufe8f) d"),
        ("ا (b) 12:04", True, "12:04 (b) \ufe8d"),
        ("شد.", True, ".\ufeaa\ufeb7"),
        ("ښه", False, "\ufee9\u069a"),  # Pashto: no forms in Unicode, left as it is
        ("خانه 👩‍👧 b", False, "\ufeea\ufee7\ufe8e\ufea7 👩‍👧 b"),
    ],
)
def test_known_lines(line: str, from_right: bool, expected: str) -> None:
    """Goal: it reads as it should. Method: lines whose look is known."""
    assert drawn(line, from_right=from_right) == expected


def test_brackets_turn_in_pairs() -> None:
    """Goal: a bracket opens towards what it holds. Method: the table is its own inverse."""
    assert all(MIRRORED[MIRRORED[char]] == char for char in "()[]<>{}«»")


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("from_right", [False, True], ids=["left", "right"])
def test_a_turned_line_is_as_wide_as_it_was(sample: str, from_right: bool) -> None:
    """Goal: no column moves. Method: each script, at each end, in a wider line."""
    text = f" {sample} "
    strip = Strip([Segment(text)]).adjust_cell_length(60)
    turned = bidi.turned(strip, 60, from_right=from_right)
    assert turned.cell_length == 60
    assert cell_len(turned.text) == 60


def test_styles_go_with_their_letters() -> None:
    """Goal: what is bold stays bold. Method: a red letter in a line that is turned."""
    red = Style(color="red")
    strip = Strip([Segment("ab "), Segment("ش", red), Segment("ین")])
    turned = bidi.turned(strip, strip.cell_length)
    assert [segment.text for segment in turned if segment.style == red] == ["\ufeb7"]


def test_each_line_of_a_wrapped_paragraph_runs_its_way() -> None:
    """Goal: a line that begins with an English name does not turn round. Method: wrap Persian."""
    text = "این نامه را سازمان Human Rights نوشت و همه خواندند و امضا کردند"
    for line in plain(text).wrap(18):
        assert bidi.line_from_right(line.plain)
    assert plain("Plain words").plain == "Plain words"
    drawn_text = bidi.turned(Strip([Segment(plain(text).plain)]), 80).text
    assert not any(sign in drawn_text for sign in "\u2062\u2063")


def test_columns_keep_to_their_sides(persian: None) -> None:
    """Goal: in a Persian interface the first text is at the right, each text its own way. Method: a pair."""
    row = columns("سلام.", "Hello.", 43, at_right=(True, False)).plain
    seen_row = bidi.turned(Strip([Segment(row)]), 43).text
    assert seen_row == "Hello." + " " * 14 + " │ " + " " * 16 + ".\ufee1\ufefc\ufeb3"


def test_an_interface_from_the_right_stands_at_the_right(persian: None) -> None:
    """Goal: lines begin where reading begins; codes and Latin lines stay readable. Method: one of each."""
    line = bidi.turned(Strip([Segment("سه نفر")]), 20).text
    assert line == " " * 14 + "\ufeae\ufed4\ufee7 \ufeea\ufeb3"
    assert bidi.turned(Strip([Segment("Not translated yet")]), 20).text.strip() == "Not translated yet"
    code = bidi.left_to_right("ab12 34cd")
    line = bidi.turned(Strip([Segment(f"کد {code} است")]), 20).text
    assert "ab12 34cd" in line
    assert name("Ana") == "\u2068Ana\u2069"


def test_a_drawing_is_never_turned(persian: None) -> None:
    """Goal: a QR code can be scanned. Method: a row without letters."""
    segments = [Segment("█▀ ▄")]
    from textual.color import Color

    assert bidi.Turner().apply(segments, Color(0, 0, 0)) == segments


def test_a_terminal_that_turns_is_left_alone(mode: None) -> None:
    """Goal: nothing is turned twice. Method: the switch, and terminals that are known."""
    strip = Strip([Segment("سلام")])
    bidi.begin(bidi.Mode.TERMINAL)
    assert bidi.turned(strip, 10) is strip
    assert bidi.mode_of("", {"KONSOLE_VERSION": "230800"}) is bidi.Mode.TERMINAL
    assert bidi.mode_of("ours", {"KONSOLE_VERSION": "230800"}) is bidi.Mode.OURS
    assert bidi.mode_of("ours", {"MESHCOAL_BIDI": "order"}) is bidi.Mode.ORDER
    assert bidi.mode_of("", {"TERM": "xterm-256color"}) is bidi.Mode.OURS
    with pytest.raises(BadArgument, match="terminal"):
        bidi.mode_of("", {"MESHCOAL_BIDI": "both"})


class Writing(App[None]):
    """A line, a composer and a text."""

    def compose(self) -> ComposeResult:
        yield PlainInput(id="line")
        yield Composer()
        yield PlainStatic("سلام (دنیا)", id="text")

    def on_mount(self) -> None:
        self.turner = bidi.Turner()

    def get_line_filters(self) -> list[object]:  # type: ignore[override]
        return [*super().get_line_filters(), self.turner]


async def test_writing_persian_in_a_line() -> None:
    """Goal: letters, cursor and clicks stand where they are read. Method: write, move, click, look."""
    app = Writing()
    async with app.run_test(size=(40, 10)) as pilot:
        line = app.query_one("#line", PlainInput)
        line.focus()
        await pilot.press(*"سلام")
        row = line.render_line(0).text
        assert row.rstrip(" ").endswith("\ufee1\ufefc\ufeb3")
        assert len(row) == line.content_size.width
        # The cursor follows the last letter, which is at the left of the word.
        await pilot.press("right")
        assert line.cursor_position == 3
        await pilot.press("left", "left")
        assert line.cursor_position == 4
        await pilot.press("home", "left", "ش")
        assert line.value == "سشلام"
        await pilot.click("#line", offset=(line.region.width - 1, 0))
        assert line.cursor_position == 0
        line.value = "hello"
        await pilot.press("end", "left")
        assert line.cursor_position == 4
        # In mixed text the first letter decides.
        line.value = "abc سلام"
        assert line.render_line(0).text.startswith("abc \ufee1\ufefc\ufeb3")


async def test_writing_arabic_in_the_composer() -> None:
    """Goal: the same over several lines, each its own way. Method: two paragraphs, moved in and clicked."""
    app = Writing()
    async with app.run_test(size=(40, 10)) as pilot:
        composer = app.query_one(Composer)
        composer.focus()
        await pilot.press(*"سلام", "ctrl+j", *"abc")
        await pilot.pause()
        width = composer.content_size.width
        first, second = (composer.render_line(y).text for y in (0, 1))
        assert first.rstrip(" ").endswith("\ufee1\ufefc\ufeb3")
        assert first.startswith(" " * (width - 5))
        assert second.startswith("abc")
        composer.move_cursor((0, 0))
        await pilot.press("left")
        assert composer.cursor_location == (0, 1)
        await pilot.press("right")
        assert composer.cursor_location == (0, 0)
        gutter = composer.gutter.left
        await pilot.click(Composer, offset=(gutter + width - 1, composer.gutter.top))
        assert composer.cursor_location == (0, 0)
        await pilot.click(Composer, offset=(gutter + width - 3, composer.gutter.top))
        assert composer.cursor_location == (0, 3)
        assert composer.text == "سلام\nabc"


async def test_a_widget_s_text_is_turned_between_its_borders() -> None:
    """Goal: frames stay frames. Method: a text with a border on a screen."""
    app = Writing()
    async with app.run_test(size=(20, 10)) as pilot:
        text = app.query_one("#text", PlainStatic)
        text.styles.border = ("round", "white")
        await pilot.pause()
        rows = [
            "".join([segment.text for segment in strip]) for strip in app.screen._compositor.render_strips()
        ]
        assert any(row.startswith("│") and row.rstrip().endswith("\ufee1\ufefc\ufeb3│") for row in rows)
