"""Commands about relays: which serve a campaign, and how they do.

Law: as in `node.commands`.
"""

from __future__ import annotations

from meshcoal.api import commands as ask
from meshcoal.api.relay_views import RelaysView, RelayView
from meshcoal.clock import MINUTE_MS
from meshcoal.errors import BadArgument, MalformedOnion, NotPermitted, Unknown
from meshcoal.limits import BOARDS_MAX, RELAYS_TOLD_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.reach import own_relays, tell_relays
from meshcoal.node.step import Step
from meshcoal.wire.onion import decode_onion, is_onion
from meshcoal.wire.record import Record
from meshcoal.wire.relay_text import decode_relay


@handles(ask.AddRelay)
def _add_relay(self: Commands, step: Step, command: ask.AddRelay) -> Record:
    campaign = self.acting(command.campaign)
    relay = decode_relay(command.text)
    host, _, port = relay.address.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
        raise BadArgument("The relay's address is not a host, a colon and a port.")
    if is_onion(relay.address):
        try:
            decode_onion(relay.address)
        except MalformedOnion as exc:
            raise BadArgument("The relay's onion address is not one. Ask whoever runs it.") from exc
    known = own_relays(campaign).relays
    if any(one.key == relay.key and one.address == relay.address for one in known):
        return relays_view(self, campaign)
    kept = tuple([one for one in known if one.key != relay.key])
    if len(kept) >= RELAYS_TOLD_MAX:
        raise NotPermitted(f"Each member names at most {RELAYS_TOLD_MAX} relays. Remove one first.")
    if len(campaign.boards.named(campaign.roster().active())) >= BOARDS_MAX // 2:
        raise NotPermitted(f"A campaign uses at most {BOARDS_MAX // 2} relays.")
    tell_relays(step, campaign, self.core.composer, (*kept, relay), self.core.entropy)
    self.core.review_relays(step, campaign)
    return relays_view(self, campaign)


@handles(ask.RemoveRelay)
def _remove_relay(self: Commands, step: Step, command: ask.RemoveRelay) -> Record:
    campaign = self.acting(command.campaign)
    known = own_relays(campaign).relays
    kept = tuple([one for one in known if one.address != command.address])
    if len(kept) == len(known):
        raise Unknown("You have added no relay of that address to this campaign.")
    tell_relays(step, campaign, self.core.composer, kept, self.core.entropy)
    self.core.review_relays(step, campaign)
    return relays_view(self, campaign)


@handles(ask.CheckRelay)
def _check_relay(self: Commands, step: Step, command: ask.CheckRelay) -> Record:
    campaign = self.campaign(command.campaign)
    found = [one for one in campaign.boards.boards.values() if one.relay.address == command.address]
    if not found:
        raise Unknown("This campaign uses no relay of that address.")
    for board in found:
        self.core.relays.check(step, campaign, board)
    return relays_view(self, campaign)


@handles(ask.CoverRelays)
def _cover_relays(self: Commands, step: Step, command: ask.CoverRelays) -> Record:
    campaign = self.acting(command.campaign)
    self.core.relays.cover(step, campaign, command.minutes * MINUTE_MS)
    return relays_view(self, campaign)


@handles(ask.ListRelays)
def _list_relays(self: Commands, step: Step, command: ask.ListRelays) -> Record:
    return relays_view(self, self.campaign(command.campaign))


def relays_view(self: Commands, campaign: Campaign) -> RelaysView:
    """Each relay of a campaign: those in use first."""
    views = []
    for board in campaign.boards.boards.values():
        state, error, waiting = self.core.relays.state(campaign, board)
        views.append(
            RelayView(
                address=board.relay.address,
                named_by=self.core.shows.name_of(campaign, board.author),
                mine=board.author == campaign.me,
                closing=board.until_ms > 0,
                state=state,
                last_error=error,
                answered_ms=board.answered_ms or -1,
                taken_ms=board.taken_ms or -1,
                waiting=waiting,
                fault=board.fault,
                fault_ms=board.fault_ms or -1,
                keeps_back=board.keeps_back,
                through_tor=is_onion(board.relay.address),
                kept_days=self.core.relays.kept_days(campaign, board),
            )
        )
    views.sort(key=lambda one: (one.closing, one.address))
    return RelaysView(relays=tuple(views[:BOARDS_MAX]), cover_minutes=campaign.boards.cover_ms // MINUTE_MS)
