"""New people: met through invitations, or introduced by a contact. Comparing words, admitting, turning down.

Law: the words are the only thing that shows that nobody stands between two people; they are shown large,
nobody is admitted here without the screen saying whether they were compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import (
    Admit,
    AnswerAcquaintance,
    ConfirmWords,
    ListAcquaintances,
    ListIntroductions,
    ListWarnings,
    Refuse,
    Role,
    Seat,
    SetWordList,
    ShowIdentity,
    WordList,
)
from meshcoal.api.views import (
    AcquaintanceState,
    AcquaintancesView,
    AcquaintanceView,
    BrokeredView,
    CampaignView,
    ContactView,
    Done,
    IdentityView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    NoticeKind,
    WarningsView,
    spelled,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, pgettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.screens.founding import SEAT_CHOICES
from meshcoal.tui.screens.members import ROLE_CHOICES
from meshcoal.tui.screens.warnings import AlarmBar
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


def other_list(word_list: WordList) -> WordList:
    """The next list after this one."""
    lists = list(WordList)
    return lists[(lists.index(word_list) + 1) % len(lists)]


class IntroductionsScreen(MeshScreen[None]):
    """A list above, the words of the chosen person below."""

    PLACE = "introductions"
    CONCERNS = frozenset(
        {
            NoticeKind.INTRODUCTIONS,
            NoticeKind.CONTACTS,
            NoticeKind.PEERS,
            NoticeKind.WARNINGS,
            NoticeKind.WITHHELD,
        }
    )
    BINDINGS = bindings("introductions")

    def __init__(self) -> None:
        super().__init__()
        self._met: dict[str, IntroductionView] = {}
        self._offered: dict[str, AcquaintanceView] = {}
        self._made: dict[str, BrokeredView] = {}
        self._word_list = WordList.ENGLISH

    def body(self) -> ComposeResult:
        yield AlarmBar()
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="introductions")
        yield PlainStatic("", id="ask")
        yield PlainStatic("", id="words", classes="words")

    def on_mount(self) -> None:
        self.head(_("New people"))
        self.query_one("#words").display = False

    async def load(self) -> Callable[[], None]:
        send = self.mesh.session.send
        met = await send(ListIntroductions(), IntroductionsView)
        known = await send(ListAcquaintances(), AcquaintancesView)
        me = await send(ShowIdentity(), IdentityView)
        warnings = await send(ListWarnings(), WarningsView)

        def show() -> None:
            self.query_one(AlarmBar).tell(one for one in warnings.warnings if not one.campaign)
            self._word_list = me.word_list
            self.show(met, known)

        return show

    def show(self, view: IntroductionsView, known: AcquaintancesView) -> None:
        """Draw the list and the words."""
        self._met = {met.id.hex(): met for met in view.introductions}
        self._offered = {one.id.hex(): one for one in known.offered}
        self._made = {made.id.hex(): made for made in known.made}
        empty = self.query_one("#empty", PlainStatic)
        empty.display = not (self._met or self._offered or self._made)
        empty.show(_("Nobody yet. Invite somebody, or accept an invitation, on the first screen."))
        self.query_one("#introductions", PlainOptions).fill(
            [
                *[Row(key, self._draw_offered(one)) for key, one in self._offered.items()],
                *[Row(key, self._draw(met)) for key, met in self._met.items()],
                *[Row(key, _draw_made(made)) for key, made in self._made.items()],
            ]
        )
        self._show_words()

    def _draw(self, met: IntroductionView) -> Styled:
        facts = [shown.INTRODUCTION_STATES[met.state]]
        if met.campaign:
            facts.append(name(met.campaign_name, 36))
        facts.append(shown.SEATS[met.seat])
        if met.person:
            facts.append(_("✓ words compared") if met.verified else _("? words not compared"))
        if met.by_file and not met.mine and met.state != IntroductionState.ASKING:
            facts.append(_("r replies by file"))
        direction = _("invited me") if met.mine else _("was invited")
        return styled(
            ("!! " if met.warned else "", "bold"),
            (name(met.name, 40) if met.name else _("somebody not reached yet"), "bold"),
            (f"  {direction}", "dim"),
            ("\n    " + " · ".join(facts), "dim"),
        )

    def _draw_offered(self, one: AcquaintanceView) -> Styled:
        facts = [shown.ACQUAINTANCE_STATES[one.state]]
        if not one.introducer_verified:
            facts.append(_("? words with %(name)s not compared") % {"name": name(one.introducer_name, 24)})
        if one.known:
            facts.append(_("a contact already"))
        return styled(
            ("!! " if one.warned else "", "bold"),
            (name(one.name, 40), "bold"),
            (_("  introduced by %(name)s") % {"name": name(one.introducer_name, 30)}, "dim"),
            ("\n    " + " · ".join(facts), "dim"),
        )

    @on(PlainOptions.OptionHighlighted)
    def _show_words(self) -> None:
        met = self._chosen()
        block = self.query_one("#words", PlainStatic)
        block.display = met is not None and bool(met.words)
        sentence = ""
        if met is not None and met.words:
            block.show(words_block(spelled(met.words, self._word_list)))
            who = name(met.name, 30) if met.name else _("the person who invited you")
            sentence = _(
                "Call %(name)s, or meet. Read these words to each other. "
                "Press m if all are the same, d if any differs. %(list)s"
            ) % {"name": who, "list": shown.same_list(self._word_list)}
        one = self._chosen_offered()
        if one is not None:
            sentence = _trust(one)
        self.query_one("#ask", PlainStatic).show(sentence)

    def _chosen(self) -> IntroductionView | None:
        return self._met.get(self.query_one("#introductions", PlainOptions).chosen or "")

    def _chosen_offered(self) -> AcquaintanceView | None:
        return self._offered.get(self.query_one("#introductions", PlainOptions).chosen or "")

    def action_words(self) -> None:
        command = SetWordList(word_list=other_list(self._word_list))
        self.ask(command, IdentityView, lambda _me: self.refetch())

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
        offered = self._chosen_offered()
        if offered is not None:
            self._accept(offered)
            return
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
        if met.warned:
            explain = _("!! WARNING: this name stands under ANOTHER key than before (press k).\n") + explain
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
            danger=met.warned or not met.verified,
        )
        self.app.push_screen(form, self._admitted)

    def _accept(self, one: AcquaintanceView) -> None:
        if one.state is not AcquaintanceState.OFFERED:
            return

        async def accept(_values: Values) -> AcquaintancesView:
            command = AnswerAcquaintance(acquaintance=one.id, accept=True)
            return await self.mesh.session.send(command, AcquaintancesView)

        warned = _("!! WARNING: this name stands under ANOTHER key than before (press k).\n")
        form: Form[AcquaintancesView] = Form(
            _("Accept %(name)s") % {"name": name(one.name, 30)},
            (),
            accept,
            submit=_("Accept"),
            explain=(warned if one.warned else "") + _trust(one),
            danger=one.warned,
        )
        self.app.push_screen(form, self._accepted)

    def _accepted(self, view: AcquaintancesView | None) -> None:
        if view is not None:
            say(self.app, _("Accepted. You are contacts as soon as they have accepted too."))
            self.refetch()

    def _admitted(self, campaign: CampaignView | None) -> None:
        if campaign is not None:
            say(self.app, _("Admitted."))
            self.refetch()

    def action_answer(self) -> None:
        from meshcoal.tui.screens.replying import reply_form

        met = self._chosen()
        if met is None or met.mine or not met.by_file:
            say(self.app, _("Only who asked by a file is answered by one."), severity="warning")
        elif met.state == IntroductionState.ASKING:
            say(self.app, _("Decide first: a admits, x refuses."), severity="warning")
        else:
            self.app.push_screen(reply_form(self, met), self._replied)

    def _replied(self, place: str | None) -> None:
        if place is not None:
            say(self.app, _("Written: %(place)s. Hand it over.") % {"place": place})

    def action_refuse(self) -> None:
        offered = self._chosen_offered()
        if offered is not None and offered.state is not AcquaintanceState.MET:
            command = AnswerAcquaintance(acquaintance=offered.id, accept=False)
            self.ask(command, AcquaintancesView, lambda _view: self._declined())
            return
        met = self._chosen()
        if met is not None:
            self.ask(Refuse(introduction=met.id), Done, lambda _done: self.refetch())

    def _declined(self) -> None:
        say(self.app, _("Declined. Nobody is told."))
        self.refetch()


def _trust(one: AcquaintanceView) -> str:
    """What an introduction is worth, in words."""
    said = ""
    if one.note:
        said = (
            _("%(by)s says: %(note)s") % {"by": name(one.introducer_name, 30), "note": name(one.note)} + "\n"
        )
    if one.state is AcquaintanceState.MET:
        return said + _("You are contacts. Compare words under Contacts (c on the first screen).")
    return said + _(
        "Only %(by)s says that this key belongs to %(name)s. Whoever lies about it could read along: "
        "compare words with %(name)s afterwards. A no is told to nobody."
    ) % {"by": name(one.introducer_name, 30), "name": name(one.name, 30)}


def _draw_made(made: BrokeredView) -> Styled:
    told = {True: pgettext("a person", "told"), False: pgettext("a person", "not reached yet")}
    return styled(
        (
            _("You introduced %(first)s and %(second)s")
            % {"first": name(made.first_name, 24), "second": name(made.second_name, 24)},
            "bold",
        ),
        (
            "\n    "
            + _("%(first)s: %(one)s · %(second)s: %(other)s · what they decide is not told to you")
            % {
                "first": name(made.first_name, 20),
                "one": told[made.first_told],
                "second": name(made.second_name, 20),
                "other": told[made.second_told],
            },
            "dim",
        ),
    )


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
