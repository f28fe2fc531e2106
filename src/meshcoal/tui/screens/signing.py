"""What a letter's screen does about signing: with which profile, sealed or not, for an office step by step.

Law: nothing is signed here. Each way ends before `screens.sign`, which shows exactly what is signed.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from meshcoal.api.commands import (
    DecideRequest,
    ListOffices,
    ListProfiles,
    NameMode,
    SignCounted,
    SignStatement,
    Verdict,
)
from meshcoal.api.views import (
    MandateView,
    OfficesView,
    ProfilesView,
    ProfileView,
    RequestState,
    RequestView,
    StatementView,
)
from meshcoal.errors import BadArgument
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.modes import Way
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.count import CountScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.modes import ModesScreen
from meshcoal.tui.screens.office_forms import request_form
from meshcoal.tui.screens.seal_forms import floor_form
from meshcoal.tui.screens.sign import SignScreen
from meshcoal.tui.screens.sign_forms import covering, fill, profile_form, sign_form
from meshcoal.tui.standing import may_count
from meshcoal.tui.widgets.plain import name, say

VERDICTS: Final = (
    (Verdict.APPROVE.value, _("approve it")),
    (Verdict.ASK.value, _("ask something first")),
    (Verdict.REFUSE.value, _("refuse it")),
)


class SigningScreen(MeshScreen[None]):
    """Base of the screen of one letter."""

    def __init__(self) -> None:
        super().__init__()
        self.view: StatementView | None = None
        self._signer: Values = {}
        self._way: Way | None = None  # in which I am signing, or did last
        self._floor = 0  # of a sealed sign-on that is being entered; 0: of one that all members see

    @abstractmethod
    def action_signatures(self) -> None:
        """Show the list."""

    @abstractmethod
    def _done(self, view: StatementView | None) -> None:
        """Show the letter as an act of mine made it."""

    def action_sign(self) -> None:
        """First of all, how."""
        if self.view is not None:
            self.app.push_screen(ModesScreen(self.view, self._way), self._sign_so)

    def action_seal(self) -> None:
        self._sign_so(Way.SEALED)

    def _sign_so(self, way: Way | None) -> None:
        view = self.view
        if way is None or view is None:
            return
        if way is Way.COUNTED:  # not kept: nobody shall find it chosen here
            self._count(SignCounted(campaign=view.campaign, statement=view.id, digest=view.digest), view)
            return
        self._way = way
        if way is not Way.SEALED:
            self._understood(0)
        elif view.seal is not None:
            self.app.push_screen(floor_form(view.seal), self._understood)

    def _understood(self, floor: int | None) -> None:
        if floor is not None:
            self._floor = floor
            self.ask(ListProfiles(), ProfilesView, self._choose_profile)

    def _choose_profile(self, kept: ProfilesView) -> None:
        if kept.profiles:
            self.app.push_screen(profile_form(kept.profiles, self._signer), self._enter_signer)
        else:
            self._enter_signer("")

    def _enter_signer(self, chosen: ProfileView | str | None) -> None:
        if chosen is None or self.view is None:
            return
        profile = chosen if isinstance(chosen, ProfileView) else None
        if profile is not None:
            fill(self._signer, profile)
        if self.view.topics and self.view.countries and not self._floor:  # a mandate may cover it
            command = ListOffices(campaign=self.view.campaign)
            self.ask(command, OfficesView, lambda known: self._enter_fields(profile, known.mandates))
        else:
            self._enter_fields(profile, ())

    def _enter_fields(self, profile: ProfileView | None, mandates: tuple[MandateView, ...]) -> None:
        if self.view is not None:
            mine = covering(mandates, self.view, self.mesh.now_ms())
            mode = self._way.mode if self._way is not None else NameMode.NAMED
            form = sign_form(self.mesh, self.view, self._signer, profile, mine, mode=mode)
            self.app.push_screen(form, self._review)

    def _review(self, command: SignStatement | None) -> None:
        if command is None or self.view is None:
            return
        if command.digest != self.view.digest:
            say(self.app, _("The letter changed meanwhile: look at it again."), severity="warning")
            return
        plain = command.mode is NameMode.NAMED and not (command.needs or command.request or command.mandate)
        if self._floor and not plain:
            text = _("What is sealed is named when it opens, for no office, and without further conditions.")
            say(self.app, text, severity="warning")
            return
        self.app.push_screen(SignScreen(command, self.view, floor=self._floor), self._signed)

    def _count(self, command: SignCounted, view: StatementView) -> None:
        count = view.unnamed
        if count is None or not may_count(view):
            why = count.refusal if count is not None and count.refusal else _("It is not possible now.")
            say(self.app, _("You cannot be counted: %(why)s") % {"why": name(why, 200)}, severity="warning")
            return
        self.app.push_screen(CountScreen(command, view, count), self._signed)

    def _signed(self, view: StatementView | None) -> None:
        if view is not None:
            self._done(view)
            self.action_signatures()

    def action_request(self) -> None:
        """Ask an office in which I have a part to sign."""
        if self.view is not None:
            self.ask(ListOffices(campaign=self.view.campaign), OfficesView, self._choose_office)

    def _choose_office(self, known: OfficesView) -> None:
        mine = [one for one in known.offices if one.mine]
        if not mine:
            text = _("You have a part in no office here. They are made on the campaign's screen (f).")
            say(self.app, text, severity="warning")
        elif self.view is not None:
            self.app.push_screen(request_form(self.mesh, self.view, mine), self._decided)

    def action_decide(self) -> None:
        if self.view is not None and my_turns(self.view):
            self.app.push_screen(self._decide_form(self.view, my_turns(self.view)[0]), self._decided)

    def _decided(self, view: StatementView | None) -> None:
        if view is not None:
            self._done(view)
            self.action_signatures()

    def _decide_form(self, view: StatementView, request: RequestView) -> Form[StatementView]:
        async def decide(values: Values) -> StatementView:
            verdict = Verdict(values["verdict"])
            if verdict is Verdict.ASK and not values["text"]:
                raise BadArgument(_("write what has to be answered first"))
            command = DecideRequest(
                campaign=view.campaign,
                statement=view.id,
                request=request.id,
                verdict=verdict,
                text=values["text"],
            )
            return await self.mesh.session.send(command, StatementView)

        return Form(
            _("Decide for %(office)s") % {"office": name(request.office, 40)},
            (
                Field(
                    name="verdict",
                    label=name(request.step, 24),
                    kind="choice",
                    choices=VERDICTS,
                    value=Verdict.APPROVE.value,
                ),
                Field(name="text", label=_("Reason or question"), kind="text"),
            ),
            decide,
            submit=_("Decide"),
            explain=_(
                "Asked by %(name)s, %(when)s. Every member of the campaign reads what you decide and write.\n"
                "%(note)s"
            )
            % {
                "name": name(request.name, 24),
                "when": shown.exact(request.at_ms, zone=self.mesh.zone),
                "note": name(request.note, 400),
            },
        )


def my_turns(view: StatementView) -> list[RequestView]:
    """Requests whose open step I may decide now, but for a last step: that is to sign."""
    return [one for one in view.requests if one.my_turn and one.state is RequestState.WAITING]
