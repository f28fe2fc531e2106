"""What a typed word means on the screen in front.

Law: every action of the registry that is possible here can be typed: by its label in the user's language, by
the beginning of it where no other begins so, by its English name, and by its key. Figures are always numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from textual.app import App
from textual.screen import Screen

from meshcoal.tui.action import Action, shown_key
from meshcoal.tui.actions import EVERYWHERE, actions_at
from meshcoal.tui.linear.reading import Part, caption
from meshcoal.tui.locale import _
from meshcoal.tui.widgets.plain import PlainButton

# Drawn screens need these; here the words themselves are the list of actions.
NOT_HERE: Final = ("command_palette",)
BEGINNING_CHARS_MIN: Final = 2


def actions_here(app: App[Any]) -> list[Action]:
    """What can be done now, on this screen or everywhere."""
    place = place_of(app.screen)
    found = []
    for action in actions_at(place):
        target = app.screen if place in action.places else app
        if action.name not in NOT_HERE and target.check_action(action.name, ()) is not False:
            found.append(action)
    return found


def place_of(screen: Screen[Any]) -> str:
    return str(getattr(screen, "PLACE", ""))


def target_of(screen: Screen[Any], action: Action) -> str:
    """How Textual names the action."""
    return f"screen.{action.name}" if place_of(screen) in action.places else f"app.{action.name}"


def word_of(action: Action) -> str:
    """What to type."""
    return action.label.casefold()


def keys_of(action: Action) -> list[str]:
    """The keys that can be typed as a word."""
    return [shown_key(key) for key in action.keys if not key.isdigit()]


def understood(word: str, actions: Iterable[Action]) -> Action | None:
    """The action a word means; None where it is none, or could be several."""
    said = _folded(word)
    known = list(actions)
    for matches in (
        [one for one in known if word_of(one) == said],
        [one for one in known if one.name.replace("_", " ") == said or one.name == said],
        [one for one in known if said in _keys(one)],
        [one for one in known if len(said) >= BEGINNING_CHARS_MIN and word_of(one).startswith(said)],
    ):
        own = [one for one in matches if EVERYWHERE not in one.places] or matches
        if own:
            return own[0] if len({one.name for one in own}) == 1 else None
    return None


def _keys(action: Action) -> set[str]:
    keys = [key for key in action.keys if not key.isdigit()]
    return {*keys, *[shown_key(key).casefold() for key in keys]}


def button_meant(word: str, parts: Sequence[Part], *, whole: bool = False) -> PlainButton | None:
    """The button whose words were typed, or their beginning unless the `whole` is wanted."""
    said = _folded(word)
    buttons = [one.widget for one in parts if isinstance(one.widget, PlainButton) and one.item]
    for found in (
        [one for one in buttons if caption(one).casefold() == said],
        [
            one
            for one in buttons
            if not whole and len(said) >= BEGINNING_CHARS_MIN and caption(one).casefold().startswith(said)
        ],
    ):
        if len(found) == 1:
            return found[0]
    return None


def is_word(word: str, own: str, spoken: str) -> bool:
    """Whether one of linear mode's own words was typed, in English or as the language says it."""
    return _folded(word) in (own, spoken.casefold())


def _folded(word: str) -> str:
    return " ".join(word.casefold().split())


def listing(app: App[Any], place: str) -> list[str]:
    """All that can be typed at a place, with what it does."""
    actions = [one for one in actions_at(place) if one.name not in NOT_HERE]
    own = [one for one in actions if EVERYWHERE not in one.places]
    everywhere = [one for one in actions if EVERYWHERE in one.places]
    own_words = (
        (_("a number"), _("Choose what stands behind it; once more opens it. “3 open” does both.")),
        (_("write"), _("Write into the field of this screen, line by line; a full stop alone ends it.")),
        (_("rows"), _("Hear more of a long list: “rows 40” begins at number 40.")),
        (_("again"), _("Hear the whole screen once more.")),
        (_("more"), _("Go on where a long text was cut.")),
        (_("press"), _("Press a key by its name, such as: press tab.")),
    )
    return [
        *[_entry(one) for one in own],
        *[_entry(one) for one in everywhere],
        *[_("%(word)s: %(help)s") % {"word": word, "help": text} for word, text in own_words],
        _("Enter alone says what is new. While you are asked something, a full stop begins a command."),
    ]


def _entry(action: Action) -> str:
    keys = keys_of(action)
    given = {"word": word_of(action), "keys": " ".join(keys), "help": action.help}
    if not keys:
        return _("%(word)s: %(help)s") % given
    return _("%(word)s, or %(keys)s: %(help)s") % given


def is_own(word: str) -> bool:
    """Whether it is a word of linear mode itself."""
    return any(is_word(word, own, spoken) for own, spoken in _own_words())


def _own_words() -> tuple[tuple[str, str], ...]:
    return (
        ("more", _("more")),
        ("again", _("again")),
        ("rows", _("rows")),
        ("press", _("press")),
        ("write", _("write")),
    )
