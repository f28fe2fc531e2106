"""Linear mode's turns: a line comes in, the interface acts, and what is new is said.

Law: it acts on the same screens, by the same actions and widgets as keys do; no rule is here. Nothing is said
while somebody types, but for alarms. An answer is never taken for a command, nor a command for something to
send: a line goes to others only after a word that says so.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

from textual import events
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import TabbedContent

from meshcoal.text.sanitise import clean
from meshcoal.tui.app import MeshcoalApp
from meshcoal.tui.linear.lines import edited, how_to_write
from meshcoal.tui.linear.reading import Part, label_of, parts
from meshcoal.tui.linear.seen import Seen
from meshcoal.tui.linear.typed import (
    actions_here,
    button_meant,
    is_own,
    is_word,
    listing,
    place_of,
    target_of,
    understood,
    word_of,
)
from meshcoal.tui.linear.words import harmless, worded
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.form import Form
from meshcoal.tui.screens.help import HelpScreen
from meshcoal.tui.widgets.bars import Heading
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import (
    PlainButton,
    PlainCheck,
    PlainChoice,
    PlainInput,
    PlainOptions,
    PlainRadio,
    PlainText,
)

LINES_AT_ONCE: Final = 60
BLANK_LINES: Final = 60  # what was said leaves the window, as far as a plain terminal can do that
_HIDING: Final = ("unlock",)
_STYLE: Final = re.compile("\x1b[^m]*m")
_FIELDS: Final = (PlainInput, PlainText, PlainChoice, PlainCheck)
Field = PlainInput | PlainText | PlainChoice | PlainCheck
PROMPT: Final = "> "


class Conversation:
    """One person, line by line, with the interface."""

    def __init__(
        self, app: MeshcoalApp, tell: Callable[[list[str]], None], rest: Callable[[], Awaitable[None]]
    ):
        """
        Args:
            tell: gets lines to say, without line ends.
            rest: comes back when the interface has done what it was asked for.
        """
        self._app = app
        self._out = tell
        self._rest = rest
        self._seen: WeakKeyDictionary[Screen[Any], Seen] = WeakKeyDictionary()
        self._screen: Screen[Any] | None = None
        self._asked: Field | None = None
        self._cut: list[str] = []
        self._notes: list[str] = []
        self._ours: list[str] = []  # said in this turn beside what is new
        self._in_turn = False
        self._under_cover = False

    # --- What somebody hears

    @property
    def prompt(self) -> str:
        """What stands before the line to be typed."""
        field = self._asked
        if self._app.covered:
            return ""
        if field is None:
            return PROMPT
        label = label_of(self._app.screen, field).strip()
        if isinstance(field, PlainText):
            return ": "
        if isinstance(field, PlainInput) and field.value and not field.password:
            return _("%(field)s (Enter keeps “%(value)s”): ") % {
                "field": label,
                "value": harmless(field.value),
            }
        if isinstance(field, PlainCheck):
            # Translators: the gap holds the words beside a box to tick, a question or a statement of its own.
            return _("%(question)s (yes or no; Enter keeps it): ") % {"question": label}
        if isinstance(field, PlainChoice):
            return _("%(field)s, a number (Enter keeps it): ") % {"field": label}
        return _("%(field)s: ") % {"field": label}

    @property
    def secret(self) -> bool:
        """Whether what is typed next must not be seen."""
        return self._app.covered or (isinstance(self._asked, PlainInput) and self._asked.password)

    @property
    def hides(self) -> bool:
        """Whether something was put over the screen that was said last: a lock, or the cover."""
        if self._app.covered != self._under_cover:
            return True
        return self._app.screen is not self._screen and place_of(self._app.screen) in _HIDING

    def hide(self) -> None:
        """Have it stand there at once, whatever was being typed."""
        self._look()

    def note(self, text: str, *, loud: bool) -> None:
        """A message that passes. A loud one is said at once, whatever is being typed."""
        if self._app.covered:
            return
        said = [_("Note: %(text)s") % {"text": line} for line in worded(text)[:1]] + worded(text)[1:]
        if loud and not self._in_turn:
            self._out(said)
        else:
            self._notes += said

    async def begin(self) -> None:
        """Say the first screen."""
        await self._rest()
        self._look()

    async def typed(self, line: str) -> None:
        """Take one line, do what it asks for, and say what is new."""
        self._in_turn = True
        self._ours = []
        may_act = self._app.line_typed()
        if self._app.covered:
            for char in (*line, "enter"):
                self._press("space" if char == " " else char)
            await self._rest()
            self._look()
            self._in_turn = False
            return
        if not may_act:
            line = ""
        field = self._asked
        if field is not None and not (field.is_attached and field.screen is self._app.screen):
            field = self._asked = None
        answering = field is not None and not self._is_dotted(line)
        if field is not None and answering:
            await self._answer(field, line)
        else:
            await self._command(line.strip().removeprefix("."))
        if self._app.return_code is None:
            await self._rest()
        if self._app.return_code is None:
            self._look(after_command=bool(line.strip()) and not answering)
        self._in_turn = False

    def _look(self, *, after_command: bool = False) -> None:
        if self._app.covered:
            self._look_under_cover()
            return
        if self._under_cover:
            self._under_cover = False
            self._screen = None  # what was said of it has left the window
            self._seen.setdefault(self._app.screen, Seen()).anew()
        screen = self._app.screen
        came = screen is not self._screen
        self._screen = screen
        seen = self._seen.setdefault(screen, Seen())
        fresh = seen.fresh
        said: list[str] = []
        if came and place_of(screen) in _HIDING:
            self._cut = []
            said += [""] * BLANK_LINES
        elif came:
            said.append("")
        if isinstance(screen, HelpScreen):
            new = listing(self._app, screen.of_place) if fresh else []
            seen.tell(parts(screen))
        else:
            new = seen.tell(parts(screen))
        if came and not fresh:
            here = _heading(screen)
            new = [*here, *[line for line in new if line not in here]]
        notes, self._notes = self._notes, []
        ours, self._ours = self._ours, []
        said += [*ours, *new, *notes]
        if came:
            self._asked = self._first_question(screen) if fresh else None
            if fresh and self._asked is None:
                said.append(self._words())
        if after_command and not [line for line in said if line]:
            said.append(_("Nothing new."))
        if came and isinstance(self._asked, PlainText):
            said.append(self._how_to_write(self._asked))
        self._tell(said)

    def _look_under_cover(self) -> None:
        """Nothing of ours: once the harmless page, and then silence."""
        self._cut, self._notes, self._ours, self._asked = [], [], [], None
        if not self._under_cover:
            self._under_cover = True
            self._out([""] * BLANK_LINES + [_STYLE.sub("", row) for row in self._app.cover_page()])

    def _tell(self, said: list[str]) -> None:
        start = BLANK_LINES if said[:BLANK_LINES] == [""] * BLANK_LINES else 0
        now, later = said[: start + LINES_AT_ONCE], said[start + LINES_AT_ONCE :]
        if later:
            self._cut = later
            more = ngettext(
                "%(count)d more line: type “more”.", "%(count)d more lines: type “more”.", len(later)
            )
            now.append(more % {"count": len(later)})
        if now:
            self._out(now)

    def _words(self) -> str:
        words = [word_of(one) for one in actions_here(self._app) if one.footer]
        return _("You can type: %(words)s. ? explains.") % {"words": ", ".join(words)}

    # --- Questions

    def _first_question(self, screen: Screen[Any]) -> Field | None:
        focused = screen.focused
        if isinstance(focused, Composer) or not isinstance(focused, _FIELDS):
            return None  # in a channel words are sent only after “send” or “write”
        return focused

    def _how_to_write(self, field: PlainText) -> str:
        return how_to_write(label_of(self._app.screen, field), field.text)

    async def _answer(self, field: Field, line: str) -> None:
        if isinstance(field, PlainText):
            self._write_line(field, line)
            return
        field.focus()
        if isinstance(field, PlainCheck):
            answered = self._check(field, line)
        elif isinstance(field, PlainChoice):
            answered = self._choose_one(field, line)
        else:
            if line == ".":
                field.value = ""
            elif line:
                field.value = line if field.password else clean(line, multiline=False).strip()
            field.cursor_position = len(field.value)
            answered = True
        if answered:
            await self._rest()
            self._quiet(field)
            await self._go_on(field)

    async def _go_on(self, field: Field) -> None:
        """To the next question, or through, as Enter does."""
        screen = self._app.screen
        before = [part.lines for part in parts(screen) if part.widget is not field]
        if isinstance(field, PlainInput) and not (isinstance(screen, Form) and len(screen.fields) > 1):
            await field.action_submit()
            await self._rest()
            if self._app.return_code is not None or self._app.screen is not screen:
                self._asked = None
                return
            focused = screen.focused
            if focused is not field or [p.lines for p in parts(screen) if p.widget is not field] != before:
                self._ask(focused)
                return
        chain = screen.focus_chain
        at = chain.index(field) if field in chain else len(chain)
        following = chain[at + 1] if at + 1 < len(chain) else None
        if following is not None:
            following.focus()
        self._ask(following)

    def _ask(self, widget: Widget | None) -> None:
        self._asked = widget if isinstance(widget, _FIELDS) and not isinstance(widget, Composer) else None
        if isinstance(self._asked, PlainText):
            self._ours.append(self._how_to_write(self._asked))
        elif self._asked is None and isinstance(widget, PlainButton):
            buttons = [one for one in parts(self._app.screen) if isinstance(one.widget, PlainButton)]
            names = [self._seen[self._app.screen].said(one)[0] for one in buttons if one.item]
            self._ours += [_("That was all. Now:"), *names]

    def _check(self, field: PlainCheck, line: str) -> bool:
        if not line.strip():
            return True
        for own, spoken, value in (("yes", _("yes"), True), ("no", _("no"), False)):
            if is_word(line, own, spoken) or line.strip().casefold() == own[0]:
                field.value = value
                return True
        self._ours.append(_("Type yes or no."))
        return False

    def _choose_one(self, field: PlainChoice, line: str) -> bool:
        if not line.strip():
            return True
        item = self._seen[self._app.screen].item(int(line)) if line.strip().isdecimal() else None
        radios = list(field.query(PlainRadio))
        if item is not None and item.widget in radios and isinstance(item.widget, PlainRadio):
            item.widget.value = True
            self._ours += [_("%(option)s (chosen)") % {"option": item.lines[0]}]
            return True
        self._ours.append(_("Type the number of one of them."))
        return False

    def _write_line(self, field: PlainText, line: str) -> None:
        if line == ".":
            field.focus()
            chain = self._app.screen.focus_chain
            at = chain.index(field) if field in chain else len(chain)
            following = chain[at + 1] if at + 1 < len(chain) and not isinstance(field, Composer) else None
            if following is not None:
                following.focus()
            self._ask(following)
            return
        text, said = edited(field.text, line)
        self._ours += said
        if text != field.text:
            field.fill(text)
            self._quiet(field)

    def _quiet(self, widget: Widget) -> None:
        """What somebody has just written is not said to them again."""
        screen = self._app.screen
        seen = self._seen.setdefault(screen, Seen())
        for part in parts(screen):
            if part.widget is widget:
                seen.parts[part.key] = part

    # --- Commands

    def _is_dotted(self, line: str) -> bool:
        """Whether a line is a command although something is asked for."""
        if line.strip() == "?" and not self.secret:
            return True
        if not line.startswith(".") or len(line) < 2:
            return False
        if line[1:].isdecimal() and not isinstance(self._asked, PlainText):
            return self._seen[self._app.screen].item(int(line[1:])) is not None
        return self._is_command(line[1:])

    def _is_command(self, line: str) -> bool:
        word, _space, _rest = line.strip().partition(" ")
        if line.strip() == "?" or is_own(word):
            return True
        if is_word(line, "back", _("Back")) or understood(line, actions_here(self._app)) is not None:
            return True
        return button_meant(line, parts(self._app.screen)) is not None

    async def _command(self, line: str) -> None:
        self._asked = None
        line = line.strip()
        word, _space, rest = line.partition(" ")
        if not line:
            if self._cut:
                self._more()
        elif line == "?":
            await self._run("app.help")
        elif (button := button_meant(line, parts(self._app.screen), whole=True)) is not None:
            button.press()  # what stands on it may be one of our own words, such as “Write”
        elif not is_own(line) and understood(line, actions_here(self._app)) is not None:
            await self._word(line)  # its label may begin as one of our own words does
        elif word.isdecimal() and len(word) <= 6:
            await self._number(int(word), rest.strip())
        elif is_word(word, "more", _("more")):
            self._more()
        elif is_word(line, "again", _("again")) and "again" not in self._names():
            self._seen.setdefault(self._app.screen, Seen()).anew()
            self._screen = None
        elif is_word(word, "rows", _("rows")) and rest.strip().isdecimal():
            self._ours += self._seen[self._app.screen].rows(parts(self._app.screen), int(rest))
        elif is_word(word, "press", _("press")) and rest.strip():
            self._press(rest.strip())
        elif is_word(word, "write", _("write")) and "write" not in self._names():
            await self._write(rest)
        else:
            await self._word(line)

    def _names(self) -> list[str]:
        return [one.name for one in actions_here(self._app)]

    def _more(self) -> None:
        cut, self._cut = self._cut, []
        self._ours += cut

    async def _word(self, line: str) -> None:
        action = understood(line, actions_here(self._app))
        if action is not None:
            await self._run(target_of(self._app.screen, action))
            return
        button = button_meant(line, parts(self._app.screen))
        if button is not None:
            button.press()
            return
        if is_word(line, "back", _("Back")):
            await self._back()
            return
        word, _space, rest = line.partition(" ")
        action = understood(word, actions_here(self._app))
        if action is not None and action.name == "send" and rest.strip():
            for composer in self._app.screen.query(Composer):
                composer.fill(rest.strip())
            await self._rest()
            await self._run(target_of(self._app.screen, action))
        elif place_of(self._app.screen) in ("help", "info") and len(self._app.screen_stack) > 1:
            await self._run("screen.back")
            await self._rest()
            await self._command(line)
        else:
            told = _("“%(word)s” is not known here. ? says what can be typed.")
            self._ours.append(told % {"word": harmless(clean(line, multiline=False))[:40]})

    async def _back(self) -> None:
        screen = self._app.screen
        if hasattr(screen, "action_cancel"):
            await self._run("screen.cancel")
        elif len(self._app.screen_stack) > 2:
            await self._run("screen.back")
        else:
            self._ours.append(_("This is the first screen. “quit” leaves."))

    async def _run(self, action: str) -> None:
        self._app.call_later(self._app.run_action, action)

    def _press(self, key: str) -> None:
        char = " " if key == "space" else key if len(key) == 1 else None
        event = events.Key(key, char)
        event.set_sender(self._app)
        self._app.post_message(event)

    async def _write(self, rest: str) -> None:
        screen = self._app.screen
        focused = screen.focused
        fields = [one for one in screen.query(Widget) if isinstance(one, PlainInput | PlainText)]
        field = focused if isinstance(focused, PlainInput | PlainText) else next(iter(fields), None)
        if field is None:
            self._ours.append(_("There is nothing to write on here."))
            return
        field.focus()
        if not rest:
            self._asked = field
            if isinstance(field, PlainText):
                self._ours.append(self._how_to_write(field))
        elif isinstance(field, PlainText):
            self._write_line(field, rest)
        else:
            field.value = rest if field.password else clean(rest, multiline=False)
            field.cursor_position = len(field.value)

    async def _number(self, number: int, then: str) -> None:
        item = self._seen.setdefault(self._app.screen, Seen()).item(number)
        if item is None or not item.widget.is_attached:
            self._ours.append(_("There is no number %(number)d here.") % {"number": number})
            return
        await self._choose(item, open_it=not then)
        if then:
            await self._rest()
            await self._word(then)

    async def _choose(self, item: Part, *, open_it: bool) -> None:
        widget = item.widget
        match widget:
            case PlainOptions():
                already = widget.chosen == item.at
                widget.focus()
                if already and open_it:
                    widget.action_select()
                elif widget.choose(item.at):
                    self._ours.append(_("Chosen: %(row)s") % {"row": item.lines[0]})
            case PlainRadio():
                widget.value = True
                self._ours.append(_("Chosen: %(row)s") % {"row": item.lines[0]})
            case PlainCheck():
                widget.value = not widget.value
            case PlainButton():
                widget.press()
            case TabbedContent():
                widget.active = item.at
            case _:
                widget.focus()
                self._ask(widget)
                if isinstance(widget, PlainText):
                    self._asked = widget


def _heading(screen: Screen[Any]) -> list[str]:
    return [line for heading in screen.query(Heading) for line in worded(str(heading.content))][:1]
