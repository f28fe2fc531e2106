"""Two languages of a letter side by side: how they are laid out, and what may be said of them."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import LETTER, FakeDaemon
from tuirunning import Running, drawn, running
from tuitongues import ENGLISH, ENGLISH_THEN, PERSIAN, SPANISH, TONGUES, frozen_and_amended

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.tui.screens.languages import text_of
from meshcoal.tui.widgets.beside import Beside, pair_rows
from meshcoal.tui.widgets.plain import PlainOptions, columns


def with_letter(view: v.StatementView) -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = view
    return daemon


async def open_beside(run: Running, *keys: str) -> None:
    await run.open_statement(LETTER)
    await run.press("b", *keys)


def row_with(run: Running, words: str) -> str:
    return next(row for row in run.rows() if words in row)


async def test_at_120_columns_paragraphs_stand_in_one_row() -> None:
    """Goal: two columns, aligned. Method: the last paragraph of each stands in the same row of the screen."""
    async with running(with_letter(TONGUES), size=(120, 40)) as run:
        await open_beside(run)
        row = row_with(run, "¶4 We ask for her release")
        assert "│" in row
        # At the right end of its column, where it begins.
        assert row.rstrip().endswith(drawn("¶3 ما آزادی فوری او را می‌خواهیم."))


async def test_at_80_columns_one_stands_below_the_other() -> None:
    """Goal: no columns too narrow to read. Method: no rule between them; both whole, in turn."""
    async with running(with_letter(TONGUES)) as run:
        await open_beside(run)
        rows = run.rows()
        assert not [row for row in rows if "│" in row]
        two = next(at for at, row in enumerate(rows) if "¶2 Her family" in row)
        assert drawn("¶2 به خانواده") in rows[two + 1]
        assert rows[two + 1].startswith("      ")  # pushed to the right


async def test_a_change_of_size_lays_out_anew() -> None:
    """Goal: turning a window keeps the place and fits. Method: from 80 to 120 columns, a row chosen."""
    async with running(with_letter(TONGUES)) as run:
        await open_beside(run, "down", "down")
        await run.pilot.resize_terminal(120, 40)
        await run.rest()
        assert "│" in row_with(run, "¶2 Her family")
        assert run.app.screen.query_one("#pairs", PlainOptions).chosen == "2,2"


async def test_what_is_stale_has_a_sign_and_a_word() -> None:
    """Goal: no meaning by colour alone. Method: the marks, in the places they belong to, and their count."""
    async with running(with_letter(TONGUES), size=(120, 40)) as run:
        await open_beside(run)
        rows = run.rows()
        for mark, below in (
            ("! changed since it was translated", "¶1 Maryam"),
            ("! not translated", "¶3 Her"),
        ):
            at = next(n for n, row in enumerate(rows) if mark in row)
            assert below in rows[at + 1]
        assert run.shows("! 2 places are not as they were when fa was translated.")


async def test_who_translated_and_who_compared_stands_above() -> None:
    """Goal: a reader knows whom the words come from. Method: both heads, with and without a second reader."""
    async with running(with_letter(TONGUES)) as run:
        await open_beside(run)
        assert run.shows("en (left to right) written by Ben")
        assert run.shows(
            "fa (right to left) translated by Chi, 12:00; named in public as Chi Wu; compared by Dov"
        )
        await run.press("r")
        assert run.shows("es (left to right) translated by Dov, 13:00; ! nobody has compared it")


async def test_sides_are_chosen_with_the_mouse_too() -> None:
    """Goal: everything works by mouse. Method: click both buttons above."""
    async with running(with_letter(TONGUES)) as run:
        await open_beside(run)
        await run.click("#right-language")
        assert run.shows("Right: es (r)")
        await run.click("#left-language")
        assert run.shows("Left: fa (l) Right: es (r)")


async def test_two_languages_change_places() -> None:
    """Goal: with two languages no key is dead. Method: press for another one on the left."""
    async with running(with_letter(frozen_and_amended())) as run:
        await open_beside(run)
        await run.press("l")
        assert run.shows("Left: es (l) Right: en (r)")


@pytest.mark.parametrize(
    ("keys", "why"), [((), "was changed since"), (("l",), "Neither of these two translates the other")]
)
async def test_what_is_not_comparable_is_not_compared(keys: tuple[str, ...], why: str) -> None:
    """Goal: nobody vouches for a stale or unrelated text. Method: press on both, look for the reason."""
    async with running(with_letter(TONGUES)) as run:
        await open_beside(run, *keys, "k")
        assert any(why in toast for toast in run.toasts())
        assert not run.sent(c.CommentStatement)


async def test_a_released_letter_is_read_and_not_written() -> None:
    """Goal: keys for what may not be done do nothing. Method: a letter without actions."""
    released = dataclasses.replace(TONGUES, phase=v.StatementPhase.RELEASED, actions=())
    async with running(with_letter(released)) as run:
        await open_beside(run, "c", "a", "k", "v")
        assert run.place == "languages"


async def test_a_language_that_goes_takes_the_screen_along() -> None:
    """Goal: a notice never leaves a broken screen. Method: the letter has one language left."""
    daemon = with_letter(TONGUES)
    async with running(daemon) as run:
        await open_beside(run)
        daemon.statements[LETTER] = dataclasses.replace(TONGUES, revisions=(ENGLISH,), languages=("en",))
        daemon.push(v.NoticeKind.STATEMENT, subject=LETTER)
        await run.rest()
        assert run.place == "statement"


def test_the_frozen_text_goes_before_what_is_put_forward() -> None:
    """Goal: a signer compares what is signed. Method: a letter that is frozen and amended since."""
    view = frozen_and_amended()
    assert text_of(view, "en").frozen
    assert text_of(view, "en", coming=True).name == "Ana"


def test_two_translations_are_aligned_by_what_they_translate() -> None:
    """Goal: siblings line up although one is stale. Method: Persian of the old text, Spanish of the new."""
    pairs = Beside(TONGUES, PERSIAN, SPANISH).pairs()
    assert [(pair.one, pair.other) for pair in pairs] == [(0, 0), (1, 1), (None, 2), (2, 3)]
    keys = [row.key for row in pair_rows(Beside(TONGUES, PERSIAN, SPANISH), 80)]
    assert keys == ["0,0", "1,1", "2,2", "-1,3", "3,4"]


def test_only_the_exact_wording_counts_as_compared() -> None:
    """Goal: `exact` is what the daemon will accept. Method: translations of the old and the new wording."""
    assert Beside(TONGUES, ENGLISH, SPANISH).exact
    assert not Beside(TONGUES, ENGLISH, PERSIAN).exact
    assert Beside(TONGUES, ENGLISH_THEN, PERSIAN).exact
    assert Beside(TONGUES, PERSIAN, ENGLISH).translation == PERSIAN


def test_columns_are_as_wide_as_they_are_said_to_be() -> None:
    """Goal: wide and combining characters keep the rule straight. Method: Chinese, Burmese, Persian."""
    for text in ("释放玛丽亚姆" * 9, "လွတ်မြောက်ရေး " * 9, "آزادی فوری او " * 9, "plain words " * 9):
        drawn = columns(text, "short", 60)
        for line in drawn.split("\n"):
            assert line.cell_length <= 60
            assert line.plain.count("│") == 1
        heads = {line.plain.split("│")[0] for line in drawn.split("\n")}
        assert len({columns(head, "", 60).cell_length for head in heads}) == 1
