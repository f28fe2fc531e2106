"""Times, grades, differences and files: what screens say, without a screen."""

from __future__ import annotations

import os
import sys
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import DAY_MS, HOUR_MS, NOW_MS, entry, message, opened, tally

from meshcoal.api.commands import Need, Seat
from meshcoal.api.views import BusyView, FileView, GapView
from meshcoal.errors import BadArgument, DiskFull, ReadOnly, StoreError
from meshcoal.tui import files, shown
from meshcoal.tui.channels import channels_of
from meshcoal.tui.differences import differences, title_difference
from meshcoal.tui.screens.base import sentence_of
from meshcoal.tui.screens.moments import parse_deadline
from meshcoal.tui.strength import Strength, strength
from meshcoal.tui.widgets.qr import qr_rows
from meshcoal.tui.widgets.tally import bar, tally_lines

TEHRAN = timezone(timedelta(hours=3, minutes=30))


@pytest.mark.parametrize(
    ("at_ms", "words"),
    [
        (NOW_MS, "14:00"),
        (NOW_MS - DAY_MS, "21 Nov 14:00"),
        (NOW_MS - 400 * DAY_MS, "18 Oct 2025 14:00"),
    ],
)
def test_times_are_as_short_as_they_can_be(at_ms: int, words: str) -> None:
    """Goal: today needs no date. Method: today, this year, another year."""
    assert shown.moment(at_ms, now_ms=NOW_MS, zone=UTC) == words


def test_times_stand_in_the_readers_zone() -> None:
    """Goal: a deadline is read in one's own time. Method: a zone with half an hour."""
    assert shown.moment(NOW_MS, now_ms=NOW_MS, zone=TEHRAN) == "17:30"
    assert shown.exact(NOW_MS, zone=TEHRAN) == "22 Nov 2026 17:30 +03:30"


@pytest.mark.parametrize(
    ("left_ms", "words"),
    [
        (-1, "passed"),
        (5 * 60_000, "in 5 minutes"),
        (HOUR_MS, "in 1 hour"),
        (30 * HOUR_MS, "in 30 hours"),
        (3 * DAY_MS, "in 3 days"),
    ],
)
def test_what_is_left_is_in_whole_units(left_ms: int, words: str) -> None:
    """Goal: a deadline is felt. Method: one of each unit."""
    assert shown.until(NOW_MS + left_ms, now_ms=NOW_MS) == words


def test_what_is_over_is_said_as_a_sentence() -> None:
    """Goal: no “deadline in” for what has passed. Method: a moment before, and one behind."""
    said = [shown.deadline(NOW_MS + left_ms, now_ms=NOW_MS) for left_ms in (3 * DAY_MS, -1)]
    assert said == ["deadline in 3 days", "deadline passed"]
    said = [shown.answer_by(NOW_MS + left_ms, now_ms=NOW_MS) for left_ms in (HOUR_MS, -1)]
    assert said == ["something must be done in 1 hour", "something had to be done, and the time is over"]


def test_a_condition_is_a_sentence() -> None:
    """Goal: who signs with others knows with how many. Method: one and more, with and without a seat."""
    needs = (Need(at_least=1), Need(at_least=3), Need(at_least=10, seat=Seat.IN_COUNTRY))
    assert [shown.counts_only(one) for one in needs] == [
        "It counts only with at least 1 other.",
        "It counts only with at least 3 others.",
        "It counts only with at least 10 others of this kind: in the country.",
    ]


@pytest.mark.parametrize("typed", ["a, b ,a", "a،b", "a、b，", ",a,,b"])
def test_channels_are_parted_by_the_commas_of_every_keyboard(typed: str) -> None:
    """Goal: nobody founds one channel with a comma in its name. Method: Latin, Arabic, Chinese commas."""
    assert channels_of(typed) == ("a", "b")


def test_counts_agree_with_their_nouns() -> None:
    """Goal: grammar holds for one and many. Method: gaps and holders."""
    assert shown.gap(GapView(author=bytes(32), name="Chi", missing=1)) == "1 message of Chi is missing"
    assert shown.gap(GapView(author=bytes(32), name="Chi", missing=3)) == "3 messages of Chi are missing"


def test_a_node_that_writes_unusually_much_has_a_name() -> None:
    """Goal: the user knows whose it is and what can be done. Method: the sentence."""
    assert shown.busy(BusyView(author=bytes(32), name="Chi", operations=4_210)) == (
        "Chi's node writes unusually much: 4210 entries in an hour (an organiser can end it)"
    )
    assert shown.reach(0, 0) == "nobody else yet"
    assert shown.reach(2, 3) == "2 of 3 others connected"
    assert shown.held(message(1, held_by=4, held_of=6)) == "held 4/6"


@pytest.mark.parametrize(
    ("text", "zone", "at_ms"),
    [
        ("2026-11-22 14:00", UTC, NOW_MS),
        ("2026-11-22 17:30", TEHRAN, NOW_MS),
        ("2026-11-22T14:00Z", TEHRAN, NOW_MS),
    ],
)
def test_deadlines_are_read_in_the_readers_zone(text: str, zone: timezone, at_ms: int) -> None:
    """Goal: 18:00 means the reader's 18:00, unless a zone is named. Method: three spellings of one moment."""
    assert parse_deadline(text, zone) == at_ms


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01 10:00", "1960-01-01 00:00", "0001-01-01 00:00"])
def test_what_is_no_deadline_is_refused(text: str) -> None:
    """Goal: a slip is told, not guessed at. Method: texts that are no future date."""
    with pytest.raises(BadArgument):
        parse_deadline(text, UTC)


@pytest.mark.parametrize(
    ("passphrase", "grade"),
    [
        ("", Strength.EMPTY),
        ("gate4", Strength.TOO_SHORT),
        ("password", Strength.WEAK),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Strength.WEAK),
        ("abcdefghijklmnopqrstuvwxyz0123456789", Strength.WEAK),
        ("maryammaryammaryammaryammaryam", Strength.WEAK),
        ("Passw0rd!", Strength.WEAK),
        ("qwertyqwerty99", Strength.WEAK),
        ("correct horse battery", Strength.WEAK),
        ("пароль2024", Strength.WEAK),
        ("йцукенгшщз", Strength.WEAK),
        ("مرحبا سلام ۱۲۳۴", Strength.WEAK),
        ("我爱你我爱你我爱你", Strength.WEAK),
        ("Ana Karimi 1984", Strength.WEAK),
        ("gate four at nine", Strength.FAIR),
        ("harbour candle eleven river meadow", Strength.GOOD),
        ("tR7#pm9!Qx2$Lw", Strength.GOOD),
    ],
)
def test_grades_are_by_what_a_guesser_would_try(passphrase: str, grade: Strength) -> None:
    """Goal: repeats, rows of keys, names, years earn nothing, in any script. Method: one example of each."""
    assert strength(passphrase, near=("Ana Karimi",)) == grade


PARAGRAPHS = st.lists(st.text(alphabet="ab cd.", min_size=1, max_size=12), max_size=6)


@given(PARAGRAPHS, PARAGRAPHS)
def test_differences_show_every_word_that_changed(before: list[str], after: list[str]) -> None:
    """Goal: no change hides. Method: any two texts; equal ones show no mark, others every new paragraph."""
    drawn = differences(before, after).plain
    marks = [line for line in drawn.split("\n") if line[:2] in ("~ ", "+ ", "- ")]
    assert bool(marks) == (before != after)
    for paragraph in set(after) - set(before):
        stripped = drawn.replace("{+", "").replace("+}", "")
        assert paragraph in stripped or "[-" in drawn


def test_a_changed_word_is_marked_inside_its_paragraph() -> None:
    """Goal: one word of sixty is found. Method: change one."""
    assert differences(["We ask for mercy."], ["We ask for justice."]).plain == (
        "~ ¶1 We ask for [-mercy-]{+justice+}."
    )
    assert title_difference("A", "B").plain == "~ title [-A-]{+B+}"
    assert title_difference("A", "A").plain.strip() == "title unchanged"


def test_bars_are_shares_and_never_vanish() -> None:
    """Goal: one of a thousand still shows. Method: extremes."""
    assert bar(0, 10) == ""
    assert bar(1, 1_000) == "█"
    assert bar(10, 10, 8) == "█" * 8
    one = opened(tally=tally((entry("Ben"),)))
    assert "1 signed" in tally_lines(one, now_ms=NOW_MS, zone=UTC).plain


def test_an_error_is_a_sentence_with_its_code() -> None:
    """Goal: what is refused is readable and can be looked up. Method: one with and one without a text."""
    assert sentence_of(BadArgument("name must not be empty")) == "Name must not be empty. (bad-argument)"
    assert sentence_of(BadArgument()).startswith("A value does not fit. Correct")


def test_a_code_is_square_and_has_its_quiet_zone() -> None:
    """Goal: cameras read it. Method: look at the edges."""
    rows = qr_rows("meshcoal:1:" + "a" * 200)
    assert len({len(row) for row in rows}) == 1
    assert rows[0].strip() == ""
    assert all(row.startswith("  ") and row.endswith("  ") for row in rows)
    assert abs(len(rows) * 2 - len(rows[0])) <= 1


# --- Files


def file(name: str, data: bytes) -> FileView:
    return FileView(name=name, data=data)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Goal: an export never harms a file. Method: write another content under the same name."""
    folder = tmp_path / "new"
    [first] = files.write_files([file("letter.txt", b"one")], str(folder))
    [again] = files.write_files([file("letter.txt", b"one")], str(folder))
    [other] = files.write_files([file("letter.txt", b"two")], str(folder))
    assert first == again == folder / "letter.txt"
    assert other == folder / "letter-2.txt"
    assert (first.read_bytes(), other.read_bytes()) == (b"one", b"two")
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", ".bashrc", "a/../../b"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    """Goal: a hostile daemon view writes nowhere else. Method: names that climb."""
    folder = tmp_path / "deep" / "er"
    [path] = files.write_files([file(name, b"x")], str(folder))
    assert path.parent == folder
    assert not path.name.startswith(".")
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [path]


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    """Goal: a slip is told in words. Method: name a file as the folder, and below it."""
    (tmp_path / "file").write_bytes(b"")
    for into in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BadArgument):
            files.write_files([file("a", b"x")], str(into))


def test_the_home_sign_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: people write ~. Method: a home of our own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    [path] = files.write_files([file("a.txt", b"x")], "~/letters")
    assert path == tmp_path / "letters" / "a.txt"


@pytest.mark.parametrize(
    ("number", "error"),
    [("ENOSPC", DiskFull), ("EROFS", ReadOnly), ("EACCES", ReadOnly), ("EIO", StoreError)],
)
def test_what_the_disk_refuses_is_explained(number: str, error: type[StoreError]) -> None:
    """Goal: full and read-only disks are told apart. Method: the errors of the system."""
    import errno

    exc = OSError(getattr(errno, number), os.strerror(getattr(errno, number)))
    assert type(files._explained(exc)) is error
