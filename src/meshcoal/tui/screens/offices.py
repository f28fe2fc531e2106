"""The offices of a campaign and the mandates: who decides what, who may stand in, what was signed under each.

Law: what holds and what does not any more is told in words. Making and giving is for those whom the daemon
lets; the screen only asks.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import ListOffices, ShowCampaign
from meshcoal.api.views import CampaignView, MandateView, Notice, NoticeKind, OfficesView, OfficeView
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.info import InfoScreen
from meshcoal.tui.screens.office_forms import (
    Plan,
    confirm_office_form,
    mandate_form,
    office_form,
    plan_of,
    revoke_form,
    step_form,
)
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, lines, name, say, styled

_USES_LISTED_MAX = 3


class OfficesScreen(MeshScreen[None]):
    """Offices above, mandates below."""

    PLACE = "offices"
    CONCERNS = frozenset({NoticeKind.CAMPAIGN, NoticeKind.STATEMENT})
    BINDINGS = bindings("offices")

    def __init__(self, campaign: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.view: OfficesView | None = None
        self._members: CampaignView | None = None
        self._plan = Plan()  # what was entered of a new office and not made

    def body(self) -> ComposeResult:
        yield PlainStatic(
            _("How organisations with several members here decide that they sign. It binds nobody else."),
            classes="note",
        )
        yield PlainOptions(id="offices")

    def on_mount(self) -> None:
        self.head(_("Offices and mandates"))

    def about(self, notice: Notice) -> bool:
        return notice.campaign in (b"", self.campaign)

    async def load(self) -> Callable[[], None]:
        members = await self.mesh.session.send(ShowCampaign(campaign=self.campaign), CampaignView)
        view = await self.mesh.session.send(ListOffices(campaign=self.campaign), OfficesView)

        def show() -> None:
            self._members = members
            self.show(view)

        return show

    def show(self, view: OfficesView) -> None:
        """Draw both lists."""
        self.view = view
        rows = [Row("offices", styled((_("Offices"), "bold")), live=False)]
        rows += [Row("o" + one.id.hex(), office_lines(one)) for one in view.offices]
        if not view.offices:
            rows.append(Row("none", styled((_("  None yet: press n to make one."), "dim")), live=False))
        rows.append(Row("mandates", styled((_("Mandates"), "bold")), live=False))
        rows += [Row("m" + one.id.hex(), self._mandate(one, _USES_LISTED_MAX)) for one in view.mandates]
        if not view.mandates:
            rows.append(Row("no-mandate", styled((_("  None."), "dim")), live=False))
        self.query_one("#offices", PlainOptions).fill(rows)
        self.refresh_bindings()

    def _mandate(self, view: MandateView, uses_max: int) -> Styled:
        now_ms, zone = self.mesh.now_ms(), self.mesh.zone
        if view.revoked:
            state = _("✗ taken back")
        elif view.expires_ms <= now_ms:
            state = _("✗ over since %(when)s") % {
                "when": shown.moment(view.expires_ms, now_ms=now_ms, zone=zone)
            }
        else:
            state = _("✓ until %(when)s, %(left)s") % {
                "when": shown.moment(view.expires_ms, now_ms=now_ms, zone=zone),
                "left": shown.until(view.expires_ms, now_ms=now_ms),
            }
        office = view.office_name or _("an office that was changed since: it holds no longer")
        head = _("%(holder)s for %(office)s, given by %(giver)s") % {
            "holder": name(view.holder, 24) + (_(" (me)") if view.mine else ""),
            "office": name(office, 60),
            "giver": name(view.giver, 24),
        }
        drawn: list[str | Styled] = [
            styled("  ", (head, "bold"), f"  {state}"),
            styled(("    " + name(view.words, 400 if uses_max > _USES_LISTED_MAX else 140), "italic")),
            styled(("    " + scope_in_words(view), "dim")),
        ]
        for use in view.uses[:uses_max]:
            when = shown.moment(use.at_ms, now_ms=now_ms, zone=zone)
            drawn.append(
                _("    signed under it %(when)s: %(title)s") % {"when": when, "title": name(use.title, 50)}
            )
        more = len(view.uses) - uses_max
        if more > 0:
            sentence = ngettext(
                "    and %(count)d letter more (Enter)", "    and %(count)d letters more (Enter)", more
            )
            drawn.append(sentence % {"count": more})
        if not view.uses:
            drawn.append(styled((_("    not used"), "dim")))
        return lines([*drawn, ""])

    # --- Choosing

    def _office(self) -> OfficeView | None:
        return next((one for one in self._known().offices if self._chosen() == "o" + one.id.hex()), None)

    def _mandate_chosen(self) -> MandateView | None:
        return next((one for one in self._known().mandates if self._chosen() == "m" + one.id.hex()), None)

    def _known(self) -> OfficesView:
        return self.view or OfficesView(offices=(), mandates=())

    def _chosen(self) -> str:
        return self.query_one("#offices", PlainOptions).chosen or ""

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        """The chosen entry in full."""
        office, mandate = self._office(), self._mandate_chosen()
        if office is not None:
            self.app.push_screen(InfoScreen(name(office.name, 50), office_lines(office)))
        elif mandate is not None:
            self.app.push_screen(InfoScreen(_("Mandate"), self._mandate(mandate, len(mandate.uses) + 4)))

    # --- Making and changing

    def action_new(self) -> None:
        self._enter(self._plan)

    def action_change(self) -> None:
        """Put another office in the place of the chosen one."""
        office = self._office()
        if office is None:
            say(self.app, _("Choose an office first."))
        elif not office.mine:
            say(self.app, _("Only somebody who has a part in an office changes it."), severity="warning")
        else:
            self._enter(plan_of(office))

    def _enter(self, plan: Plan) -> None:
        def named(entered: Plan | None) -> None:
            if entered is not None:
                self._enter_step(plan, 1)

        self.app.push_screen(office_form(plan), named)

    def _enter_step(self, plan: Plan, number: int) -> None:
        view = self._members
        if view is None:
            return

        def entered(further: bool | None) -> None:
            if further:
                self._enter_step(plan, number + 1)
            elif further is not None:
                self.app.push_screen(confirm_office_form(self.mesh, view, plan), made)

        def made(offices: OfficesView | None) -> None:
            if offices is not None:
                self._plan = Plan()
                self.show(offices)

        self.app.push_screen(step_form(view, plan, number), entered)

    def action_mandate(self) -> None:
        """Let somebody sign for the chosen office."""
        office = self._office()
        if office is None or self._members is None:
            say(self.app, _("Choose an office first."))
        else:
            self.app.push_screen(mandate_form(self.mesh, self._members, office), self._changed)

    def action_revoke(self) -> None:
        mandate = self._mandate_chosen()
        if mandate is None or mandate.revoked:
            say(self.app, _("Choose a mandate that holds first."))
        else:
            self.app.push_screen(revoke_form(self.mesh, self.campaign, mandate), self._changed)

    def _changed(self, view: OfficesView | None) -> None:
        if view is not None:
            self.show(view)


def office_lines(view: OfficeView) -> Styled:
    """An office and its steps, a line each."""
    drawn: list[str | Styled] = [
        styled("  ", (name(view.name, 50), "bold"), _("  (I am in it)") if view.mine else "")
    ]
    for number, step in enumerate(view.steps, 1):
        first, *deputies = [name(one, 24) for one in step.holders]
        last = number == len(view.steps)
        does = (
            _("%(number)d. %(step)s: %(name)s signs") if last else _("%(number)d. %(step)s: %(name)s decides")
        )
        line = does % {"number": number, "step": name(step.name, 30), "name": first}
        if deputies:
            may = _("; %(names)s may stand in %(when)s")
            line += may % {"names": ", ".join(deputies), "when": shown.span(step.wait_ms)}
        drawn.append("    " + line)
    return lines([*drawn, ""])


def scope_in_words(view: MandateView) -> str:
    """What letters a mandate covers, as programs match it."""
    topics = ", ".join([name(one, 40) for one in view.topics]) or _("any topic")
    countries = ", ".join([name(one, 40) for one in view.countries]) or _("any country")
    covers = _("covers: %(topics)s; %(countries)s") % {"topics": topics, "countries": countries}
    if view.asks_excluded:
        asks = ", ".join([name(one, 40) for one in view.asks_excluded])
        covers += _("; never if it asks for: %(asks)s") % {"asks": asks}
    return covers
