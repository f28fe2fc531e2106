"""The looks of the interface: how clear each is, that the plain one has no colour, and how one is chosen."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from tuidouble import LETTER, FakeDaemon
from tuirunning import Running, running

from meshcoal.tui import look
from meshcoal.tui.look import LOOKS, look_of
from meshcoal.tui.screens.help import HelpScreen
from meshcoal.tui.settings import Settings, read_settings, write_settings
from meshcoal.tui.widgets.plain import PlainInput

WANTED = {one.name: one.contrast for one in LOOKS if one.contrast is not None}


def ratio(style: Style) -> float:
    """Of letters to their ground."""
    assert style.color is not None
    assert style.bgcolor is not None
    return look.contrast(style.color, style.bgcolor)


def segments(run: Running) -> list[Segment]:
    dialog = run.app.screen.query("#dialog")
    strips = run.app.screen._compositor.render_strips()
    if dialog:  # what lies behind is not to be read now
        region = dialog.first().region
        strips = [one.crop(region.x, region.right) for one in strips[region.y : region.bottom]]
    return [one for strip in strips for one in strip if one.style]


def letters(run: Running) -> list[Segment]:
    """What is to be read: not blanks, frames, bars and codes."""
    return [one for one in segments(run) if any(char.isalnum() for char in one.text)]


async def at_home(run: Running) -> None:
    await run.rest()


async def in_talk(run: Running) -> None:
    await run.open_channel()


async def at_letter(run: Running) -> None:
    await run.open_statement(LETTER)


async def at_keys(run: Running) -> None:
    await run.app.push_screen(HelpScreen("home"))
    await run.rest()


async def in_settings(run: Running) -> None:
    await run.press("f4")


async def in_form(run: Running) -> None:
    await run.press("f")


PLACES: dict[str, Callable[[Running], Awaitable[None]]] = {
    "home": at_home,
    "talk": in_talk,
    "letter": at_letter,
    "keys": at_keys,
    "settings": in_settings,
    "form": in_form,
}


@pytest.mark.parametrize("place", PLACES)
async def test_letters_stand_out_from_their_ground(place: str) -> None:
    """Goal: it can be read, also by those who see little. Method: the contrast of each letter drawn."""
    async with running(FakeDaemon.with_campaign()) as run:
        await PLACES[place](run)
        found = {}
        for name, wanted in WANTED.items():
            look.apply(run.app, name)
            await run.rest()
            weak = {
                (one.text.strip()[:20], round(ratio(one.style), 1))
                for one in letters(run)
                if one.style is not None and ratio(one.style) < wanted
            }
            found.update({name: weak} if weak else {})
        assert not found


@pytest.mark.parametrize("place", PLACES)
async def test_plain_has_no_colour_and_shows_where_one_is(place: str) -> None:
    """Goal: no colour is needed. Method: every segment's colours; the focus is reversed, or a cursor is."""
    async with running(FakeDaemon.with_campaign()) as run:
        await PLACES[place](run)
        before = run.rows()
        look.apply(run.app, "plain")
        await run.rest()
        assert run.rows() == before, "the same is said"
        styles = [one.style for one in segments(run) if one.style is not None]
        assert not [one for one in styles if one.color is not None or one.bgcolor is not None]
        assert any(one.reverse for one in styles) or run.app.focused is None
        assert {bool(one.reverse) for one in styles} == {True, False} or run.app.focused is None


async def test_plain_shows_a_field_and_what_is_written_in_it() -> None:
    """Goal: one sees where to write. Method: the row of a field is underlined, and its cursor reversed."""
    async with running(FakeDaemon.with_campaign()) as run:
        await in_form(run)
        look.apply(run.app, "plain")
        await run.rest()
        field = run.app.screen.query(PlainInput).first()
        field.focus()
        await run.rest()
        strip = run.app.screen._compositor.render_strips()[field.region.y]
        inside = strip.crop(field.region.x, field.region.right)
        assert all(one.style is not None and (one.style.underline or one.style.reverse) for one in inside)
        assert any(one.style is not None and one.style.reverse for one in inside)


def test_a_style_without_colour_says_what_its_colours_said() -> None:
    """Goal: the four ways to stand out survive. Method: styles one by one."""
    plain = look.without_colour
    assert plain(Style(color="#ffffff", bgcolor="#000000")) == Style(
        bold=False, italic=False, underline=False, strike=False, reverse=False
    )
    assert plain(Style(color="#000000", bgcolor="#ffffff")).reverse
    focused = plain(Style(color="#000000", bgcolor="#ffffff", reverse=True))
    assert (focused.reverse, focused.bold, focused.underline) == (True, True, True)
    assert plain(Style(color="#ffffff", bgcolor="#303030")).underline
    assert plain(Style(color="#ff0000", bgcolor="#000000")).bold
    assert plain(Style(color="#ffff00", bgcolor="#000000")).bold
    assert plain(Style(bold=True, italic=True)).bold
    assert plain(Style(meta={"@click": "x"})).meta == {"@click": "x"}


def test_contrast_is_measured_as_wcag_does() -> None:
    """Goal: the figures mean what they say. Method: the ends of the scale, and a grey that is known."""
    assert look.contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21)
    assert look.contrast(Color.parse("#808080"), Color.parse("#808080")) == pytest.approx(1)
    assert look.contrast(Color.parse("#767676"), Color.parse("#ffffff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("least", [4.5, 7.0])
@pytest.mark.parametrize("ground", ["#000000", "#ffffff", "#14181d", "#ffff00", "#4c4c4c", "#00006b"])
def test_a_letter_too_faint_is_made_clear(ground: str, least: float) -> None:
    """Goal: colours that come together by chance are still read. Method: greys and colours on each ground."""
    for letter in ("#777777", "#ffff00", "#7aa2c8", "#e07a70", "#000000", "#ffffff"):
        style = Style(color=letter, bgcolor=ground, bold=True)
        made = look.readable(style, least)
        assert ratio(made) >= least
        assert made.bold
        assert made is style or ratio(style) < least
        turned = look.readable(Style(color=ground, bgcolor=letter, reverse=True), least)
        assert ratio(turned) >= least
        assert turned.color == Style(color=ground).color, "its ground is the letter"


@pytest.mark.parametrize(
    ("kept", "no_color", "wanted"),
    [
        ("", "", "dark"),
        ("light", "", "light"),
        ("light", "1", "plain"),
        ("", "0", "plain"),
        ("no such look", "", "dark"),
    ],
)
def test_which_look_it_begins_with(kept: str, no_color: str, wanted: str) -> None:
    """Goal: as chosen, unless NO_COLOR says otherwise. Method: both, and what cannot be."""
    assert look_of(kept, {"NO_COLOR": no_color}).name == wanted


async def test_the_look_is_kept_and_comes_back(tmp_path: Path) -> None:
    """Goal: the second time is as the first. Method: ^T, then the file; choose in it, then act on it."""
    async with running(FakeDaemon.with_campaign()) as run:
        run.app.home = tmp_path
        await run.press("ctrl+t")
        assert look.applied(run.app).name == "light"
        assert read_settings(tmp_path) == (Settings(look="light"), False)
        assert run.toasts() == ["Light."]
        write_settings(tmp_path, Settings(look="plain"))
        run.app.settings_chosen(anew=False)
        await run.rest()
        assert look.applied(run.app).name == "plain"
        for _time in range(len(LOOKS)):
            await run.press("ctrl+t")
        assert look.applied(run.app).name == "plain"


async def test_a_locked_home_keeps_the_look_for_this_time(tmp_path: Path) -> None:
    """Goal: nothing is lost silently. Method: a file stands where the home would be."""
    home = tmp_path / "file"
    home.write_text("x")
    async with running(FakeDaemon.with_campaign()) as run:
        run.app.home = home
        await run.press("ctrl+t")
        assert look.applied(run.app).name == "light"
        assert any("cannot be kept" in toast for toast in run.toasts())
