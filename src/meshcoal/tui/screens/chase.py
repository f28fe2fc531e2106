"""Whom to ask for a signature: what is known of each, when they were last asked and by whom.

Law: who declined is listed like who has not read it. What is not known is said as not known. Nothing is
sent: the person sends, by the way they choose, and notes it for the other organisers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.app import ComposeResult

from meshcoal.api.commands import MarkAsked, ShowChase, Way
from meshcoal.api.views import AskedState, AskedView, ChaseView, Notice, NoticeKind
from meshcoal.clock import DAY_MS
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, lines, name, styled

_STATES: Final = {
    AskedState.UNKNOWN: _("nothing shows yet that it has arrived"),
    AskedState.REACHED: _("has the letter"),
    AskedState.EARLIER: _("signed an earlier version"),
}
_WAYS: Final = {
    Way.MESSAGE: _("by message"),
    Way.CALL: _("by a call"),
    Way.MEETING: _("in person"),
    Way.EMAIL: _("by e-mail"),
    Way.OTHER: _("in another way"),
}


class ChaseScreen(MeshScreen[None]):
    """Those who could sign and have not; who can be reached stands first."""

    PLACE = "chase"
    CONCERNS = frozenset({NoticeKind.STATEMENT, NoticeKind.HELD})
    BINDINGS = bindings("chase")

    def __init__(self, campaign: bytes, statement: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.statement = statement
        self.view: ChaseView | None = None

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="so-far", classes="note")
        yield PlainOptions(id="asked")

    def on_mount(self) -> None:
        self.head(_("Whom to ask"))

    def about(self, notice: Notice) -> bool:
        return notice.subject in (b"", self.statement) and notice.campaign in (b"", self.campaign)

    async def load(self) -> Callable[[], None]:
        command = ShowChase(campaign=self.campaign, statement=self.statement)
        view = await self.mesh.session.send(command, ChaseView)
        return lambda: self.show(view)

    def show(self, view: ChaseView) -> None:
        """Draw the list."""
        self.view = view
        now_ms = self.mesh.now_ms()
        count = ngettext("%(count)d signature so far.", "%(count)d signatures so far.", view.counted)
        drawn: list[str | Styled] = [styled((count % {"count": view.counted}, "bold"))]
        due_ms = view.soft_deadline_ms if view.soft_deadline_ms >= 0 else view.deadline_ms
        told = _("The day by which signing was asked for has passed.")
        if due_ms >= now_ms:
            left = shown.until(due_ms, now_ms=now_ms)
            told = _("Asked to sign: %(left)s at the latest.") % {"left": left}
        drawn.append(told)
        if not view.asked:
            drawn.append(_("Everybody who could sign has signed."))
        for office in view.offices:
            facts = {"office": name(office.office, 30), "who": name(office.waits_for, 30)}
            since = shown.since(office.since_ms, now_ms=now_ms)
            drawn.append(styled(_("%(office)s waits for %(who)s") % facts, (f"  {since}", "dim")))
        self.query_one("#so-far", PlainStatic).show(lines(drawn))
        rows = [Row(one.author.hex(), _line(one, now_ms), live=not one.me) for one in view.asked]
        self.query_one("#asked", PlainOptions).fill(rows)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only organisers note who was asked."""
        if action == "asked":
            return self.view is not None and self.view.may_mark and any(not one.me for one in self.view.asked)
        return True

    def action_asked(self) -> None:
        chosen = self.query_one("#asked", PlainOptions).chosen
        view = self.view
        if view is None:
            return
        for one in view.asked:
            if one.author.hex() == chosen and not one.me:
                self.app.push_screen(self._form(view, one), self._noted)

    def _noted(self, view: ChaseView | None) -> None:
        if view is not None:
            self.show(view)

    def _form(self, view: ChaseView, one: AskedView) -> Form[ChaseView]:
        now_ms = self.mesh.now_ms()

        async def note(values: Values) -> ChaseView:
            command = MarkAsked(
                campaign=view.campaign,
                statement=view.statement,
                members=(one.author,),
                way=Way(values["way"]),
                again=True,
            )
            return await self.mesh.session.send(command, ChaseView)

        due_ms = view.soft_deadline_ms if view.soft_deadline_ms >= 0 else view.deadline_ms
        told = [
            _("To send, by a way that is safe for them:"),
            "",
            _(
                "“%(title)s” is open for signing until %(when)s. Please read it in meshcoal and sign, or say "
                "that you do not. Version %(version)d, digest %(digest)s."
            )
            % {
                "title": name(view.title, 70),
                "when": shown.exact(due_ms, zone=self.mesh.zone),
                "version": view.version,
                "digest": view.digest.hex()[:16],
            },
        ]
        if one.asked_ms >= 0 and now_ms - one.asked_ms < DAY_MS:
            told = [_("! %(asked)s. Better not again so soon.") % {"asked": _asked(one, now_ms)}, "", *told]
        return Form(
            _("Ask %(name)s") % {"name": name(one.name, 30)},
            (
                Field(
                    name="way",
                    label=_("I asked"),
                    kind="choice",
                    choices=tuple((way.value, words) for way, words in _WAYS.items()),
                    value=Way.MESSAGE.value,
                ),
            ),
            note,
            submit=_("Note that I asked"),
            explain="\n".join(told),
        )


def _asked(one: AskedView, now_ms: int) -> str:
    """When, by whom and how somebody was last asked."""
    return _("Asked %(when)s by %(name)s, %(way)s") % {
        "when": shown.since(one.asked_ms, now_ms=now_ms),
        "name": name(one.asked_by, 24),
        "way": _WAYS.get(one.asked_way, ""),
    }


def _line(one: AskedView, now_ms: int) -> Styled:
    if one.me:
        return styled("  – ", (_("me"), "bold $accent"))
    facts = [_STATES[one.state]]
    if one.connected:
        facts.append(_("connected now"))
    elif one.last_seen_ms >= 0:
        facts.append(_("last met %(when)s") % {"when": shown.since(one.last_seen_ms, now_ms=now_ms)})
    drawn = styled("  – ", (name(one.name, 30), "bold"), ("  " + " · ".join(facts), "dim"))
    if one.asked_ms >= 0:
        drawn += styled("\n      " + _asked(one, now_ms))
    return drawn
