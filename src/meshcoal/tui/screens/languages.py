"""Two languages of a letter, read side by side by whoever translates or compares.

Law: both texts are whole, and scroll together. Saying that they say the same is a sentence of its own, typed
by nobody else and possible only where one translates just that wording of the other.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal

from meshcoal.api.commands import CommentStatement, ShowStatement, Stance
from meshcoal.api.views import (
    Action,
    Notice,
    NoticeKind,
    RevisionView,
    StatementPhase,
    StatementView,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens import statement_forms as forms
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.write import WriteScreen
from meshcoal.tui.widgets.beside import Beside, head_lines, pair_rows
from meshcoal.tui.widgets.plain import PlainButton, PlainOptions, PlainStatic, lines, name, say

_MARGIN_CELLS = 4  # of the body, and of the bar that scrolls


def languages_of(view: StatementView) -> tuple[str, ...]:
    """Languages that have a text, in order of appearance."""
    return tuple(dict.fromkeys(revision.language for revision in view.revisions))


def text_of(view: StatementView, language: str, *, coming: bool = False) -> RevisionView:
    """The text of a language: the frozen one, where there is one; with `coming`, what is put forward now."""
    texts = [one for one in view.revisions if one.language == language]
    frozen = [] if coming else [one for one in texts if one.frozen]
    return (frozen or [one for one in texts if one.current] or texts)[-1]


class LanguagesScreen(MeshScreen[None]):
    """Who wrote what above, the paragraphs in pairs below."""

    PLACE = "languages"
    CONCERNS = frozenset({NoticeKind.STATEMENT})
    BINDINGS = bindings("languages")
    AUTO_FOCUS = "#pairs"

    def __init__(self, campaign: bytes, statement: bytes, language: str = "") -> None:
        """`language`: what was shown before; it stands on the right where it is a translation."""
        super().__init__()
        self.campaign = campaign
        self.statement = statement
        self.view: StatementView | None = None
        self._wanted = language
        self._shown: list[str] = []  # two languages
        self._coming = False

    def body(self) -> ComposeResult:
        with Horizontal(id="pair-buttons", classes="buttons-above"):
            yield PlainButton("", id="left-language")
            yield PlainButton("", id="right-language")
        yield PlainStatic("", id="pair-head")
        yield PlainOptions(id="pairs")

    def on_mount(self) -> None:
        self.head(_("Languages side by side"))

    def about(self, notice: Notice) -> bool:
        return notice.subject in (b"", self.statement) and notice.campaign in (b"", self.campaign)

    async def load(self) -> Callable[[], None]:
        command = ShowStatement(campaign=self.campaign, statement=self.statement)
        view = await self.mesh.session.send(command, StatementView)
        return lambda: self.show(view)

    # --- What is shown

    @property
    def beside(self) -> Beside | None:
        """The two texts shown; None before the letter is here."""
        if self.view is None or len(self._shown) != 2:
            return None
        one, other = [text_of(self.view, language, coming=self._coming) for language in self._shown]
        return Beside(self.view, one, other)

    def show(self, view: StatementView) -> None:
        """Draw the letter."""
        self.view = view
        known = languages_of(view)
        if len(known) < 2:
            self.dismiss()
            return
        if not self._shown or not set(self._shown) <= set(known):
            self._shown = list(self._first_two(view, known))
        self._draw()
        self.refresh_bindings()

    def _first_two(self, view: StatementView, known: tuple[str, ...]) -> tuple[str, str]:
        """The language that was shown before, on the right of what it translates."""
        right = self._wanted if self._wanted in known[1:] else known[1]
        translated = text_of(view, right).translates
        left = next((one.language for one in view.revisions if translated and one.id == translated), known[0])
        return (left if left != right else known[0], right)

    def _draw(self) -> None:
        beside = self.beside
        if beside is None:
            return
        self.head(_("Side by side: %(title)s") % {"title": name(beside.one.title, 50)})
        for side, text in (("left", beside.one), ("right", beside.other)):
            sentence = _("Left: %(language)s (l)") if side == "left" else _("Right: %(language)s (r)")
            button = self.query_one(f"#{side}-language", PlainButton)
            button.caption(sentence % {"language": name(shown.language(text.language), 16)})
        width = max(20, self.size.width - _MARGIN_CELLS)
        head = head_lines(beside, width, now_ms=self.mesh.now_ms(), zone=self.mesh.zone)
        if self._coming:
            head = lines([_("What is put forward for the next version; v shows the frozen text."), head])
        self.query_one("#pair-head", PlainStatic).show(head)
        self.query_one("#pairs", PlainOptions).fill(pair_rows(beside, width))

    def on_resize(self, _event: events.Resize) -> None:
        self._draw()

    # --- Choosing

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for what may not be done now are not shown and do nothing."""
        view = self.view
        if action in ("compared", "comment"):
            return view is not None and Action.COMMENT in view.actions
        if action == "amend":
            return view is not None and Action.AMEND in view.actions
        if action == "coming":
            return view is not None and self._has_coming(view)
        return True

    def _has_coming(self, view: StatementView) -> bool:
        """Whether a text is put forward that is not the frozen one."""
        return view.phase is StatementPhase.OPEN and any(
            one.current and not one.frozen for one in view.revisions
        )

    @on(PlainButton.Pressed, "#left-language")
    def action_left(self) -> None:
        self._next(0)

    @on(PlainButton.Pressed, "#right-language")
    def action_right(self) -> None:
        self._next(1)

    def _next(self, side: int) -> None:
        """Another language on one side; the one on the other side comes over where there are two only."""
        if self.view is None or not self._shown:
            return
        known = languages_of(self.view)
        if len(known) == 2:
            self.action_swap()
            return
        at = known.index(self._shown[side])
        after = [*known[at + 1 :], *known[:at]]
        self._shown[side] = next(one for one in after if one != self._shown[1 - side])
        self._draw()

    def action_swap(self) -> None:
        self._shown.reverse()
        self._draw()

    def action_coming(self) -> None:
        self._coming = not self._coming
        self._draw()

    # --- Acting

    def _done(self, view: StatementView | None) -> None:
        if view is not None:
            self.show(view)

    def action_comment(self) -> None:
        """On the chosen paragraph of the text on the right; where it has none, of the left one."""
        beside = self.beside
        if beside is None:
            return
        numbers = (self.query_one("#pairs", PlainOptions).chosen or "0,0").split(",")
        left, right = int(numbers[0]), int(numbers[1])
        text, paragraph = (beside.other, right) if right >= 0 else (beside.one, left)
        self.app.push_screen(forms.comment_form(self.mesh, beside.view, text, paragraph), self._done)

    def action_amend(self) -> None:
        """The text on the right; where what it translates was changed, that is shown above it."""
        beside = self.beside
        if beside is None:
            return
        behind = beside.translation is beside.other and beside.other.stale
        source = beside.one if behind else None
        screen = WriteScreen(self.campaign, self.statement, beside.other, source=source)
        self.app.push_screen(screen, self._done)

    def action_compared(self) -> None:
        """Say that the translation says what the text says that it translates."""
        beside = self.beside
        if beside is None:
            return
        translation = beside.translation
        if translation is None:
            say(self.app, _("Neither of these two translates the other."), severity="warning")
        elif not beside.exact:
            text = _("What it translates was changed since: it has to be amended first (a).")
            say(self.app, text, severity="warning")
        else:
            source = beside.one if translation is beside.other else beside.other
            self.app.push_screen(self._compared_form(beside.view, source, translation), self._done)

    def _compared_form(
        self, view: StatementView, source: RevisionView, translation: RevisionView
    ) -> Form[StatementView]:
        async def compared(values: Values) -> StatementView:
            command = CommentStatement(
                campaign=view.campaign,
                statement=view.id,
                revision=translation.id,
                paragraph=0,
                text=values["text"],
                stance=Stance.CHECKED,
                credit=values["credit"],
            )
            return await self.mesh.session.send(command, StatementView)

        return Form(
            _("I compared these two"),
            (
                forms.credit_field(),
                Field(name="text", label=_("What I want to say"), placeholder=_("may stay empty")),
            ),
            compared,
            submit=_("They say the same"),
            explain=_(
                "You say that the text in %(language)s says the same as the text in %(source)s, all of it. "
                "Members see your name beside it. Whoever wrote a translation cannot compare it."
            )
            % {
                "language": name(shown.language(translation.language), 16),
                "source": name(shown.language(source.language), 16),
            },
        )
