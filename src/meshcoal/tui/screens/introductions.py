"""People met through invitations: comparing words, admitting, turning down.

Law: the words are the only thing that shows that nobody stands between two people; they are shown large,
nobody is admitted here without the screen saying whether they were compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import Admit, ConfirmWords, ListIntroductions, Refuse, Role, Seat
from meshcoal.api.views import (
    CampaignView,
    ContactView,
    Done,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    NoticeKind,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.screens.home import SEAT_CHOICES
from meshcoal.tui.screens.members import ROLE_CHOICES
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

WORDS_PER_LINE = 4


def words_block(words: tuple[str, ...]) -> Styled:
    """Words to read aloud, numbered, a few to a line."""
    cells = [f"{number}. {name(word, 24)}" for number, word in enumerate(words, 1)]
    width = max([len(cell) for cell in cells], default=0)
    rows = [cells[at : at + WORDS_PER_LINE] for at in range(0, len(cells), WORDS_PER_LINE)]
    return styled("\n".join(["   ".join([cell.ljust(width) for cell in row]).rstrip() for row in rows]))


class IntroductionsScreen(MeshScreen[None]):
    """A list above, the words of the chosen person below."""

    PLACE = "introductions"
    CONCERNS = frozenset({NoticeKind.INTRODUCTIONS, NoticeKind.CONTACTS, NoticeKind.PEERS})
    BINDINGS = bindings("introductions")

    def __init__(self) -> None:
        super().__init__()
        self._met: dict[str, IntroductionView] = {}

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="introductions")
        yield PlainStatic("", id="ask")
        yield PlainStatic("", id="words", classes="words")

    def on_mount(self) -> None:
        self.head(_("New people"))
        self.query_one("#words").display = False

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ListIntroductions(), IntroductionsView)
        return lambda: self.show(view)

    def show(self, view: IntroductionsView) -> None:
        """Draw the list and the words."""
        self._met = {met.id.hex(): met for met in view.introductions}
        empty = self.query_one("#empty", PlainStatic)
        empty.display = not self._met
        empty.show(_("Nobody yet. Invite somebody, or accept an invitation, on the first screen."))
        self.query_one("#introductions", PlainOptions).fill(
            [Row(key, self._draw(met)) for key, met in self._met.items()]
        )
        self._show_words()

    def _draw(self, met: IntroductionView) -> Styled:
        facts = [shown.INTRODUCTION_STATES[met.state]]
        if met.campaign:
            facts.append(name(met.campaign_name, 36))
        facts.append(shown.SEATS[met.seat])
        if met.person:
            facts.append(_("✓ words compared") if met.verified else _("? words not compared"))
        direction = _("invited me") if met.mine else _("was invited")
        return styled(
            (name(met.name, 40) if met.name else _("somebody not reached yet"), "bold"),
            (f"  {direction}", "dim"),
            ("\n    " + " · ".join(facts), "dim"),
        )

    @on(PlainOptions.OptionHighlighted)
    def _show_words(self) -> None:
        met = self._chosen()
        block = self.query_one("#words", PlainStatic)
        block.display = met is not None and bool(met.words)
        sentence = ""
        if met is not None and met.words:
            block.show(words_block(met.words))
            sentence = _(
                "Call %(name)s, or meet. Read these words to each other. "
                "Press m if all are the same, d if any differs."
            ) % {"name": name(met.name, 30)}
        self.query_one("#ask", PlainStatic).show(sentence)

    def _chosen(self) -> IntroductionView | None:
        return self._met.get(self.query_one("#introductions", PlainOptions).chosen or "")

    def action_match(self) -> None:
        met = self._chosen()
        if met is not None and met.person:
            self.ask(ConfirmWords(person=met.person, match=True), ContactView, self._compared)

    def _compared(self, _contact: ContactView) -> None:
        say(self.app, _("Noted: the words match."))
        self.refetch()

    def action_differ(self) -> None:
        met = self._chosen()
        if met is not None and met.person:
            self.app.push_screen(differ_form(self.mesh, met.person, met.name), self._cut_off)

    def _cut_off(self, contact: ContactView | None) -> None:
        if contact is not None:
            say(self.app, _("Cut off. Somebody may stand between you: warn each other."), severity="warning")
            self.refetch()

    def action_admit(self) -> None:
        met = self._chosen()
        if met is None or met.state != IntroductionState.ASKING:
            return

        async def admit(values: Values) -> CampaignView:
            command = Admit(introduction=met.id, seat=Seat(values["seat"]), role=Role(values["role"]))
            return await self.mesh.session.send(command, CampaignView)

        if met.verified:
            explain = _("You compared words with %(name)s. The keys change; they read what follows.")
        else:
            explain = _(
                "! You have NOT compared words with %(name)s. Somebody else may be at the other end.\n"
                "Better: cancel, call them, compare, press m."
            )
        form: Form[CampaignView] = Form(
            _("Admit to %(campaign)s") % {"campaign": name(met.campaign_name, 40)},
            (
                Field(
                    name="seat", label=_("Seat"), kind="choice", choices=SEAT_CHOICES, value=met.seat.value
                ),
                Field(
                    name="role",
                    label=_("Role"),
                    kind="choice",
                    choices=ROLE_CHOICES,
                    value=Role.MEMBER.value,
                ),
            ),
            admit,
            submit=_("Admit"),
            explain=explain % {"name": name(met.name, 30)},
            danger=not met.verified,
        )
        self.app.push_screen(form, self._admitted)

    def _admitted(self, campaign: CampaignView | None) -> None:
        if campaign is not None:
            say(self.app, _("Admitted."))
            self.refetch()

    def action_refuse(self) -> None:
        met = self._chosen()
        if met is not None:
            self.ask(Refuse(introduction=met.id), Done, lambda _done: self.refetch())


def differ_form(app: MeshcoalApp, person: bytes, who: str) -> Form[ContactView]:
    """Confirm that words differ: it cuts the contact off."""
    word = _("differ")
    check = must_type(word)

    async def differ(values: Values) -> ContactView:
        check(values)
        return await app.session.send(ConfirmWords(person=person, match=False), ContactView)

    return Form(
        _("The words differ"),
        (typed_field(word),),
        differ,
        submit=_("Cut off"),
        danger=True,
        explain=_(
            "Then somebody may be reading along, pretending to each of you to be the other.\n"
            "%(name)s is cut off. Begin anew with another invitation, handed over another way."
        )
        % {"name": name(who, 30)},
    )
