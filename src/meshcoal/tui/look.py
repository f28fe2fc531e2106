"""The looks of the interface: dark, light, both in high contrast, and plain, which uses no colour at all.

Law: nothing is told by colour alone, so each look says the same. In the plain look no colour reaches the
terminal: what stands out by its ground is reversed, where one writes is underlined, what warns is bold. One
thing is left as it is: a QR code, a picture that must be dark on light for a camera. In the other looks no
letter is fainter than `Look.contrast`, whatever colours come together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter, Monochrome
from textual.theme import Theme

from meshcoal.tui.theme import CALM, CONTRAST, CONTRAST_LIGHT, LIGHT, PLAIN

if TYPE_CHECKING:
    from textual.app import App

# Grounds of the plain look by their brightness: a field's, and that of what stands out.
_FIELD: Final = 0.05
_STANDS_OUT: Final = 0.3
_BLACK: Final = Color(0, 0, 0)
_WHITE: Final = Color(255, 255, 255)
_WARNS: Final = 0.2  # how far a letter's colour is from any grey


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`name`: as `meshcoal settings look NAME` takes it. `contrast`: the least of letters to their ground, by
    WCAG 2.2 (1.4.3 and 1.4.6); None: no colour reaches the terminal, which has its own two."""

    name: str
    theme: Theme
    contrast: float | None


USUAL: Final = 4.5
HIGH: Final = 7.0
# In the order in which ^T goes through them.
LOOKS: Final = (
    Look(name="dark", theme=CALM, contrast=USUAL),
    Look(name="light", theme=LIGHT, contrast=USUAL),
    Look(name="contrast", theme=CONTRAST, contrast=HIGH),
    Look(name="contrast-light", theme=CONTRAST_LIGHT, contrast=HIGH),
    Look(name="plain", theme=PLAIN, contrast=None),
)
DARK: Final = "dark"
WITHOUT_COLOUR: Final = "plain"


def look_of(kept: str, surroundings: Mapping[str, str] = MappingProxyType({})) -> Look:
    """The look to begin with.

    Args:
        kept: what was chosen; empty or unknown: dark.
        surroundings: where NO_COLOR is set in them and not empty (no-color.org): plain, whatever was chosen.
    """
    wanted = WITHOUT_COLOUR if surroundings.get("NO_COLOR") else kept
    return next((one for one in LOOKS if one.name == wanted), LOOKS[0])


def applied(app: App[Any]) -> Look:
    """The look that an app has."""
    return next((one for one in LOOKS if one.theme.name == app.theme), LOOKS[0])


def apply(app: App[Any], name: str) -> None:
    """Give an app the look of this name."""
    app.theme = look_of(name).theme.name


def after(look: Look) -> Look:
    """The next one in turn."""
    return LOOKS[(LOOKS.index(look) + 1) % len(LOOKS)]


class Filters:
    """What stands between the widgets and the terminal, by the look: one for each that was used."""

    def __init__(self) -> None:
        self._known: dict[str, LineFilter] = {}

    def of(self, app: App[Any], before: Sequence[LineFilter]) -> Sequence[LineFilter]:
        """The filters of an app, and behind them that of its look.

        Textual's own answer to NO_COLOR writes greys, which are colours too: the plain look stands for it.
        """
        look = applied(app)
        if look.name not in self._known:
            made = Colourless() if look.contrast is None else Readable(look.contrast)
            self._known[look.name] = made
        return [*[one for one in before if not isinstance(one, Monochrome)], self._known[look.name]]


class Readable(LineFilter):
    """Lets no letter be too faint, whatever colours come together: in a row that is chosen, say."""

    def __init__(self, least: float) -> None:
        super().__init__()
        self._least = least
        self._known: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        known, made = self._known, []
        for segment in segments:
            style = segment.style
            if style is None:
                made.append(segment)
                continue
            clear = known.get(style)
            if clear is None:
                clear = known[style] = readable(style, self._least)
            if clear is style or not any(char.isalnum() for char in segment.text):
                made.append(segment)
            else:
                made.append(Segment(segment.text, clear, segment.control))
        return made


def readable(style: Style, least: float) -> Style:
    """The style itself where its letters have that contrast; else with letters nearer to white or black."""
    letter, ground = style.color, style.bgcolor
    if letter is None or ground is None or ColorType.DEFAULT in (letter.type, ground.type):
        return style
    if style.reverse:
        letter, ground = ground, letter
    if contrast(letter, ground) >= least:
        return style
    begun, end = Color.from_rich_color(letter), _WHITE
    if contrast(_BLACK.rich_color, ground) > contrast(_WHITE.rich_color, ground):
        end = _BLACK
    steps = [begun.blend(end, share).rich_color for share in (0.25, 0.5, 0.75, 1.0)]
    found = next((one for one in steps if contrast(one, ground) >= least), steps[-1])
    return style + (Style(bgcolor=found) if style.reverse else Style(color=found))


def contrast(one: RichColor, other: RichColor) -> float:
    """Of one colour to another, as WCAG defines it: 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: RichColor) -> float:
    parts = [part / 255 for part in colour.get_truecolor()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Colourless(LineFilter):
    """Takes colours away and keeps what they said, by reversing, underlining and bold letters."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        known = self._known
        made = []
        for text, style, control in segments:
            if style is None:
                made.append(Segment(text, None, control))
                continue
            plain = known.get(style)
            if plain is None:
                plain = known[style] = without_colour(style)
            made.append(Segment(text, plain, control))
        return made


def without_colour(style: Style) -> Style:
    """A style of the plain look as attributes alone; its links and marks stay."""
    ground, letter = _brightness(style.bgcolor), style.color
    stands_out = ground >= _STANDS_OUT
    both = stands_out and bool(style.reverse)  # the button that does it, while it has the focus
    return Style(
        bold=bool(style.bold) or both or (not stands_out and letter is not None and _apart(letter) > _WARNS),
        italic=bool(style.italic),
        underline=bool(style.underline) or both or _FIELD <= ground < _STANDS_OUT,
        strike=bool(style.strike),
        reverse=bool(style.reverse) or stands_out,
        link=style.link,
        meta=style.meta or None,
    )


def _brightness(colour: RichColor | None) -> float:
    if colour is None or colour.type is ColorType.DEFAULT:
        return 0.0
    red, green, blue = colour.get_truecolor()
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def _apart(colour: RichColor) -> float:
    if colour.type is ColorType.DEFAULT:
        return 0.0
    parts = colour.get_truecolor()
    return float(max(parts) - min(parts)) / 255
