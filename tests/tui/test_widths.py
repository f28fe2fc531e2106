"""Text of unsure width does not move its neighbours, whatever the terminal makes of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from rich.cells import cell_len

from meshcoal.tui.widths import placed

COLUMNS = 40
SAMPLES = {
    "Arabic": "السَّلامُ عليكم",
    "Persian": "می‌خواهم",
    "Hebrew": "שָׁלוֹם",
    "Chinese": "联合声明",
    "Burmese": "မင်္ဂလာပါ ကြေညာချက်",
    "Amharic": "የጋራ ደብዳቤ",
    "Sinhala": "ඒකාබද්ධ ප්‍රකාශය",
    "Russian": "совместное",
    "Somali": "warqad",
    "Spanish": "declaración",
    "French": "déclaration",
    "Portuguese": "declaração",
    "Hindi": "संयुक्त पत्र",
    "Tamil": "கூட்டு கடிதம்",
    "Khmer": "លិខិតរួម",
    "Thai": "จดหมายร่วม",
    "emoji": "👩‍👩‍👧 🇲🇲 ❤️ 👍🏽",
}
Width = Callable[[str], int]


def by_tables(char: str) -> int:
    """As libc's wcwidth: marks that take no room by their category, all else by East Asian width."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def no_marks(char: str) -> int:
    """A terminal that shapes: marks of all kinds take no column."""
    return 0 if unicodedata.category(char)[0] == "M" or char == "\u200d" else by_tables(char)


def each_one(char: str) -> int:
    """A terminal that knows nothing: each character is a column."""
    return 1


class Screen:
    """One row of a terminal: text, and the four sequences that matter here."""

    def __init__(self, width: Width) -> None:
        self.width = width
        self.cells = ["~"] * COLUMNS  # what stood there before
        self.at = 0
        self.kept = 0

    def write(self, data: str) -> None:
        for piece in re.findall(r"\x1b\[\d+C|\x1b\[\?7[lh]|\x1b[78]|.", data, re.DOTALL):
            if piece == "\x1b7":
                self.kept = self.at
            elif piece == "\x1b8":
                self.at = self.kept
            elif piece.endswith("C") and piece[0] == "\x1b":
                self.at = min(COLUMNS - 1, self.at + int(piece[2:-1]))
            elif piece[0] != "\x1b":
                for _cell in range(self.width(piece)):
                    self.cells[min(self.at, COLUMNS - 1)] = piece
                    self.at += 1


# Terminals that agree with Unicode's tables on these; on the others none is sure.
SURE = ("Chinese", "Amharic", "Russian", "Somali", "Spanish", "French", "Portuguese")


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("width", [by_tables, no_marks], ids=lambda width: width.__name__)
def test_what_follows_stands_where_it_was_meant(sample: str, width: Width) -> None:
    """Goal: no border moves. Method: each script between two borders, on terminals that count otherwise."""
    screen = Screen(width)
    screen.write(placed(f"│{sample}│"))
    end = 1 + cell_len(sample)
    assert screen.cells[0] == "│"
    assert screen.cells[end] == "│"
    assert "~" not in screen.cells[:end]  # nothing of before shows through
    assert screen.at == end + 1


@pytest.mark.parametrize("name", ["Burmese", "Sinhala", "Hindi", "Khmer", "emoji"])
def test_even_on_a_terminal_that_knows_no_marks(name: str) -> None:
    """Goal: the same at worst. Method: a terminal on which every character is a column."""
    screen = Screen(each_one)
    screen.write(placed(f"│{SAMPLES[name]}│"))
    assert screen.cells[1 + cell_len(SAMPLES[name])] == "│"


def test_without_it_a_border_does_move() -> None:
    """Goal: the test above is not empty. Method: the same without keeping the place."""
    screen = Screen(by_tables)
    screen.write(f"│{SAMPLES['Burmese']}│")
    assert screen.cells[1 + cell_len(SAMPLES["Burmese"])] != "│"


@pytest.mark.parametrize("name", SURE)
def test_sure_text_is_written_as_it_is(name: str) -> None:
    """Goal: no cost where there is no doubt. Method: scripts on which terminals agree."""
    assert placed(SAMPLES[name]) == SAMPLES[name]
    assert cell_len(SAMPLES[name]) == sum(map(by_tables, SAMPLES[name]))


def test_the_sequences_of_a_screen_stay_whole() -> None:
    """Goal: colours and moves are left alone. Method: a styled line with Burmese in it."""
    line = "\x1b[3;1H\x1b[1;38;2;1;2;3mက\x1b[0m 12"
    made = placed(line)
    style = "\x1b[1;38;2;1;2;3m"
    assert made == f"\x1b[3;1H{style}\x1b[?7l\x1b7 \x1b[0m   \x1b8က\x1b[0m 12\x1b8\x1b[4C\x1b[0m\x1b[?7h"


def test_a_run_over_goes_into_the_gap_behind_it() -> None:
    """Goal: no letter is lost while there is room. Method: a terminal that counts each mark, and blanks."""
    screen = Screen(each_one)
    text = SAMPLES["Burmese"]
    screen.write(placed(f"{text}{' ' * 12}│"))
    assert "".join(screen.cells).startswith(text)
    assert screen.cells[cell_len(text) + 12] == "│"
