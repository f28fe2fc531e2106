"""This machine: drafts that wait, connections, and the network around it, in words."""

from __future__ import annotations

from meshcoal.api.commands import (
    DropDraft,
    GetTor,
    ListCampaigns,
    ListDrafts,
    ListPeers,
    ListRelays,
    ShowNearby,
    StartNearby,
    StopNearby,
)
from meshcoal.api.views import (
    CampaignsView,
    DraftsView,
    DraftView,
    NearbyView,
    PeersView,
    PeerView,
    RelayFault,
    RelayState,
    RelaysView,
    RelayView,
    TorView,
)
from meshcoal.browser.elements import Child, Element, el, name, put, said
from meshcoal.browser.forms import Values
from meshcoal.browser.visit import Answer, Page, Sheet, Visit, opened, place_in
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.sentences import tor_words

MINUTES = 10


class DraftsPage(Page):
    """What was written and not sent."""

    async def show(self, visit: Visit) -> Sheet:
        kept = (await visit.ask(ListDrafts(), DraftsView)).drafts
        body: list[Child] = [
            el("p", _("Drafts lie in the vault of this device. Nobody else sees them before you send them."))
        ]
        if kept:
            body.append(el("ul", [_draft(visit, one) for one in kept], class_="things plain"))
        else:
            body.append(el("p", _("No draft waits.")))
        return Sheet(heading=_("Drafts"), body=body)

    async def act(self, visit: Visit, values: Values) -> Answer:
        await visit.ask(DropDraft(slot=values["slot"] or "-"), DraftsView)
        return visit.place


def _what(page: str) -> str:
    return {
        "channel": _("a message"),
        "message": _("an answer"),
        "draft": _("a new letter"),
        "amend": _("a revision"),
        "translate": _("a translation"),
        "comment": _("a comment"),
    }.get(page, _("something of another program"))


def _draft(visit: Visit, one: DraftView) -> Element:
    place = place_in(one.slot)
    what = _what(place.page if place is not None else "")
    made = el("li")
    if place is not None:
        put(made, el("p", visit.link(what, place.page, *place.ids), ", ", visit.moment(one.at_ms)))
    else:
        put(made, el("p", what, ", ", visit.moment(one.at_ms)))
    values = opened(one)
    begun = values.line("title") or values.line("text")
    if begun:
        put(made, el("p", said(begun[:200])))
    return put(made, visit.form((), (("drop", _("Delete the draft")),), hidden={"slot": one.slot}))


class NetworkPage(Page):
    """How this device reaches others."""

    async def show(self, visit: Visit) -> Sheet:
        tor = await visit.ask(GetTor(), TorView)
        nearby = await visit.ask(ShowNearby(), NearbyView)
        peers = (await visit.ask(ListPeers(), PeersView)).peers
        ways = tor_words(tor) or _("Plain addresses are used; Tor is off.")
        body: list[Child] = [el("h2", _("Ways")), el("p", ways)]
        body.append(el("h2", _("People on this network")))
        body += _nearby(visit, nearby)
        body.append(el("h2", _("Connections")))
        if peers:
            body.append(el("ul", [_peer(visit, one) for one in peers], class_="things plain"))
        else:
            body.append(el("p", _("Nobody to connect to yet.")))
        body.append(el("h2", _("Relays")))
        rows = []
        for campaign in (await visit.ask(ListCampaigns(), CampaignsView)).campaigns:
            found = await visit.ask(ListRelays(campaign=campaign.id), RelaysView)
            rows += [_relay(visit, campaign.name, one) for one in found.relays]
        body.append(el("ul", rows, class_="things plain") if rows else el("p", _("None.")))
        return Sheet(heading=_("Network"), body=body)

    async def act(self, visit: Visit, values: Values) -> Answer:
        if values["do"] == "begin":
            await visit.ask(StartNearby(minutes=MINUTES), NearbyView)
        else:
            await visit.ask(StopNearby(), NearbyView)
        return visit.place


def _nearby(visit: Visit, view: NearbyView) -> list[Child]:
    if view.until_ms < 0:
        explain = _(
            "For ten minutes this computer says on this network that it is here, and looks for members "
            "of your campaigns and people you invited who do the same. No internet is needed.\n\n"
            "Everybody on this network, and whoever runs it, can see that a program here announces "
            "something: no name, and nothing they could know again another time. Who knows a campaign "
            "of yours, former members too, can tell that you are here."
        )
        return [
            el("p", _("Off. Nothing is announced on this network.")),
            el("p", explain, class_="said dim"),
            visit.button(_("Begin"), "begin"),
        ]
    left = shown.until(max(view.until_ms, visit.now_ms), now_ms=visit.now_ms)
    rows: list[Child] = [el("p", _("On; it ends %(when)s.") % {"when": left})]
    if view.found:
        found = []
        for one in view.found:
            state = _("connected") if one.connected else _("found, not connected yet")
            found.append(
                el("li", said(one.name), f" · {state} · ", shown.since(one.seen_ms, now_ms=visit.now_ms))
            )
        rows.append(el("ul", found))
    else:
        rows.append(el("p", _("Nobody you know so far. Have the others begun, too?")))
    return [*rows, visit.button(_("Stop"), "silent")]


def _peer(visit: Visit, peer: PeerView) -> Element:
    def moment(at_ms: int) -> str:
        return shown.moment(max(0, at_ms), now_ms=visit.now_ms, zone=visit.zone)

    if peer.connected:
        fields = {"transport": name(peer.transport, 20), "when": moment(peer.since_ms)}
        state = _("✓ connected by %(transport)s since %(when)s") % fields
    elif peer.next_try_ms >= 0:
        state = _("✗ not connected; next try %(when)s") % {"when": moment(peer.next_try_ms)}
    else:
        state = _("✗ not connected")
    if peer.last_error:
        state += _(" (%(error)s)") % {"error": name(peer.last_error, 30)}
    made = el("li", el("p", el("strong", said(peer.name))))
    if peer.campaign_name:
        put(made[0], " · ", said(peer.campaign_name))
    return put(made, el("p", state, class_="dim"))


def _relay(visit: Visit, campaign: str, one: RelayView) -> Element:
    states = {
        RelayState.WORKING: _("✓ works"),
        RelayState.UNREACHED: _("✗ cannot be reached (%(error)s)") % {"error": name(one.last_error, 30)},
        RelayState.REFUSING: _("✗ takes nothing now (%(error)s)") % {"error": name(one.last_error, 30)},
        RelayState.UNTRIED: _("– not tried yet"),
    }
    closing = _("– not used any more; what is there is read to its end")
    made = el("li", el("p", el("strong", said(one.address)), " · ", said(campaign)))
    put(made, el("p", closing if one.closing else states[one.state], class_="dim"))
    if one.fault in (RelayFault.LOST, RelayFault.FALSE):
        put(made, el("p", _("!! WARNING: it did wrong, for certain. Use another relay."), class_="warn"))
    elif one.fault is not RelayFault.NONE:
        put(made, el("p", _("! It may be keeping something back."), class_="warn"))
    return made
