"""Relays: which each campaign uses, which work, adding one, taking one away, asking one now.

Law: what a relay sees is said before one is added, and what changes for whom before one is removed. What
rests on a member's word is told apart from what this device saw itself.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from meshcoal.api.commands import AddRelay, CheckRelay, ListCampaigns, ListRelays, RemoveRelay
from meshcoal.api.views import CampaignsView, MemberState, NoticeKind, RelaysView, RelayView
from meshcoal.errors import MeshcoalError
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, name, say
from meshcoal.tui.widgets.relays import relay_lines
from meshcoal.wire.onion import is_onion
from meshcoal.wire.relay_text import Relay, decode_relay


class RelaysScreen(MeshScreen[None]):
    """One line of words for each relay of each campaign; of one campaign where it was opened from there."""

    PLACE = "relays"
    CONCERNS = frozenset({NoticeKind.RELAYS, NoticeKind.PEERS})
    BINDINGS = bindings("relays")

    def __init__(self, campaign: bytes = b"") -> None:
        super().__init__()
        self._only = campaign
        self._campaigns: dict[str, str] = {}  # those to which one can be added: hex to name
        self._relays: dict[str, tuple[bytes, RelayView]] = {}

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="relays")

    def on_mount(self) -> None:
        self.head(_("Relays"))

    async def load(self) -> Callable[[], None]:
        campaigns = (await self.mesh.session.send(ListCampaigns(), CampaignsView)).campaigns
        shown_here = [one for one in campaigns if self._only in (b"", one.id)]
        relays: dict[str, tuple[bytes, RelayView]] = {}
        drawn: list[Row] = []
        for one in shown_here:
            view = await self.mesh.session.send(ListRelays(campaign=one.id), RelaysView)
            for relay in view.relays:
                key = f"{one.id.hex()} {relay.named_by} {relay.closing} {relay.address}"
                relays[key] = one.id, relay
                drawn.append(Row(key, relay_lines(relay, one.name, self._moment)))
        active = {one.id.hex(): one.name for one in shown_here if one.state is MemberState.ACTIVE}
        return lambda: self._show(relays, drawn, active)

    def _show(
        self, relays: dict[str, tuple[bytes, RelayView]], drawn: list[Row], campaigns: dict[str, str]
    ) -> None:
        self._relays, self._campaigns = relays, campaigns
        self.query_one("#empty", PlainStatic).show(
            _(
                "A relay keeps sealed envelopes for members who are never online together. One that is "
                "added here serves all members."
            )
            if drawn
            else _(
                "No relay is used. Where members are never online together, somebody runs one "
                "(meshcoal relay serve) and hands on a line that begins with MESHCOALRELAY1: n adds it."
            )
        )
        self.query_one("#relays", PlainOptions).fill(drawn)

    def _moment(self, at_ms: int) -> str:
        return shown.moment(at_ms, now_ms=self.mesh.now_ms(), zone=self.mesh.zone)

    def _chosen(self) -> tuple[bytes, RelayView] | None:
        key = self.query_one("#relays", PlainOptions).chosen
        found = self._relays.get(key) if key is not None else None
        if found is None:
            say(self.app, _("Choose a relay first."))
        return found

    # --- Adding

    def action_add_relay(self) -> None:
        if not self._campaigns:
            say(self.app, _("You are in no campaign to which a relay could be added."))
            return
        fields = [
            Field(
                name="text",
                label=_("Line of the relay"),
                placeholder="MESHCOALRELAY1…@host:port",
                required=True,
            )
        ]
        if len(self._campaigns) > 1:
            choices = tuple([(key, name(title, 40)) for key, title in self._campaigns.items()])
            fields.append(
                Field(
                    name="campaign", label=_("Campaign"), kind="choice", value=choices[0][0], choices=choices
                )
            )
        form: Form[RelaysView] = Form(
            _("Add a relay"),
            tuple(fields),
            self._add,
            submit=_("Add"),
            explain=_(
                "All members’ devices post and look there from then on. It sees when some device asks, from "
                "which network address (unless through Tor), and how much; it cannot read anything and "
                "sees no names.\n"
                "Add two, of people who do not work together: then what one keeps back shows."
            ),
            note=_about,
        )
        self.app.push_screen(form, self._added)

    async def _add(self, values: Values) -> RelaysView:
        campaign = bytes.fromhex(values.get("campaign") or next(iter(self._campaigns)))
        text = "".join(values["text"].split())
        return await self.mesh.session.send(AddRelay(campaign=campaign, text=text), RelaysView)

    def _added(self, view: RelaysView | None) -> None:
        if view is not None:
            say(self.app, _("Added. Whether it works shows here in a moment."))
            self.refetch()

    # --- Removing, asking

    def action_drop_relay(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        campaign, relay = chosen
        if relay.closing:
            say(self.app, _("It is not used any more; what is there is read to its end."))
            return
        if not relay.mine:
            told = _("%(who)s added it, and only they can take it away.")
            say(self.app, told % {"who": name(relay.named_by, 30)})
            return

        async def remove(values: Values) -> RelaysView:
            command = RemoveRelay(campaign=campaign, address=relay.address)
            return await self.mesh.session.send(command, RelaysView)

        form: Form[RelaysView] = Form(
            _("Take a relay away"),
            (),
            remove,
            submit=_("Take away"),
            danger=True,
            explain=_(
                "%(address)s\nNobody posts there any more. For two weeks your devices still read what is "
                "there. You can add it again."
            )
            % {"address": name(relay.address, 80)},
        )
        self.app.push_screen(form, lambda _view: self.refetch())

    def action_check_relay(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            campaign, relay = chosen
            self.ask(CheckRelay(campaign=campaign, address=relay.address), RelaysView, self._checked)

    def _checked(self, view: RelaysView) -> None:
        say(self.app, _("It is asked now. What it answers shows here."))
        self.refetch()


def _about(values: Values) -> str:
    """What the line says, as far as it is written."""
    text = "".join(values["text"].split())
    if not text:
        return ""
    try:
        relay: Relay = decode_relay(text)
    except MeshcoalError:
        return _("! This is not the whole line, or a letter of it is wrong.")
    where = name(relay.address, 80)
    if is_onion(relay.address):
        return _("%(address)s: through Tor. It does not see from where you ask.") % {"address": where}
    return _("%(address)s: it sees the network address of each device that asks.") % {"address": where}
