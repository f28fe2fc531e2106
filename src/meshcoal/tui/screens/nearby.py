"""Meeting on this network: begin, stop, and who is found.

Law: what others on the network can see is said before anything is announced.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from meshcoal.api.commands import ShowNearby, StartNearby, StopNearby
from meshcoal.api.views import NearbyPeerView, NearbyView, NoticeKind
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Form, Values
from meshcoal.tui.widgets.plain import PlainStatic, Styled, lines, name, say, styled

MINUTES = 10
_EVERY_S = 15.0  # the time left is told anew


class NearbyScreen(MeshScreen[None]):
    """How it stands above, who was found below."""

    PLACE = "nearby"
    CONCERNS = frozenset({NoticeKind.PEERS, NoticeKind.INTRODUCTIONS})
    BINDINGS = bindings("nearby")
    AUTO_FOCUS = ""

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="nearby-state")
        yield PlainStatic("", id="nearby-found")

    def on_mount(self) -> None:
        self.head(_("People on this network"))
        self.set_interval(_EVERY_S, self.refetch)

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ShowNearby(), NearbyView)
        return lambda: self.show(view)

    def show(self, view: NearbyView) -> None:
        """Draw it."""
        self.query_one("#nearby-state", PlainStatic).show(_state(view, self.mesh.now_ms()))
        self.query_one("#nearby-found", PlainStatic).show(_found(view, self.mesh.now_ms()))

    # --- Actions

    def action_begin(self) -> None:
        form: Form[NearbyView] = Form(
            _("Meet people on this network"),
            (),
            self._begin,
            submit=_("Begin"),
            explain=_(
                "For ten minutes this computer says on this network that it is here, and looks for members "
                "of your campaigns and people you invited who do the same. No internet is needed.\n\n"
                "Everybody on this network, and whoever runs it, can see that a program here announces "
                "something: no name, and nothing they could know again another time. Who knows a campaign "
                "of yours, former members too, can tell that you are here."
            ),
        )
        self.app.push_screen(form, self._begun)

    async def _begin(self, values: Values) -> NearbyView:
        return await self.mesh.session.send(StartNearby(minutes=MINUTES), NearbyView)

    def _begun(self, view: NearbyView | None) -> None:
        if view is not None:
            self.show(view)

    def action_silent(self) -> None:
        self.ask(StopNearby(), NearbyView, self._stopped)

    def _stopped(self, view: NearbyView) -> None:
        self.show(view)
        say(self.app, _("Nothing is announced any more. Connections that stand go on."))


def _state(view: NearbyView, now_ms: int) -> Styled:
    if view.until_ms < 0:
        return lines(
            [
                styled((_("Off. Nothing is announced on this network."), "bold")),
                _("b begins. The others must do the same at about the same time."),
            ]
        )
    left = shown.until(max(view.until_ms, now_ms), now_ms=now_ms)
    drawn: list[str | Styled] = [styled((_("On; it ends %(when)s.") % {"when": left}, "bold"))]
    if view.trouble:
        drawn.append(
            _(
                "! This network cannot be used: is the computer on a WLAN or a cable, and may programs "
                "announce themselves there? It is tried again when the network changes."
            )
        )
    elif not view.listening:
        drawn.append(_("Beginning…"))
    return lines(drawn)


def _found(view: NearbyView, now_ms: int) -> Styled:
    if view.until_ms < 0:
        return lines([])
    drawn: list[str | Styled] = [""]
    if not view.found:
        drawn.append(_("Nobody you know so far. Have the others begun, too?"))
    drawn += [_line(one, now_ms) for one in view.found]
    if view.others:
        told = ngettext(
            "%(count)d announcement of people you do not know.",
            "%(count)d announcements of people you do not know.",
            view.others,
        )
        drawn.append(styled((told % {"count": view.others}, "dim")))
    return lines(drawn)


def _line(one: NearbyPeerView, now_ms: int) -> Styled:
    state = _("connected") if one.connected else _("found, not connected yet")
    facts = [state, shown.since(one.seen_ms, now_ms=now_ms)]
    if one.campaign_name:
        facts.insert(0, name(one.campaign_name, 30))
    return styled("  – ", (name(one.name, 30), "bold"), ("  " + " · ".join(facts), "dim"))
