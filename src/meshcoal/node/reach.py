"""Where this node can be reached, and at which relays all are to look: telling the members of it.

Law: what is told replaces what was told before, addresses and relays together. A board's secret is drawn
anew as soon as somebody is out who knew it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import OperationId
from meshcoal.node.boards import RelaysRecord
from meshcoal.node.campaign import Campaign
from meshcoal.node.compose import Composer
from meshcoal.node.contacts import Contacts
from meshcoal.node.step import Step
from meshcoal.sync.board import SECRET_BYTES
from meshcoal.wire.bodies import HintsBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.relay_text import Relay

_NONE: Final = RelaysRecord(seq=0, relays=(), board=b"")


def tell_hints(
    step: Step, campaign: Campaign, people: Contacts, composer: Composer, entropy: Entropy
) -> None:
    """My addresses changed: tell the members where that is news."""
    if not campaign.may_write:
        return
    if address_is_out(campaign):
        people.onions.renew(step, campaign.id)
    tell_reach(step, campaign, composer, hints=people.hints_in(step, campaign.id), entropy=entropy)


def tell_hints_once(step: Step, campaign: Campaign, people: Contacts) -> None:
    """Newly admitted: my card may hold an old address. Or somebody is out who knows my boards."""
    hints = people.hints_in(step, campaign.id)
    moved = hints and campaign.hints_of(campaign.me) != hints
    campaign.boards.moved = bool(campaign.boards.told)
    known = people.onions.on and address_is_out(campaign)
    if moved or known or secret_is_out(campaign):
        step.timer(f"hints:{campaign.id.hex()}", step.now_ms + 1)


def tell_reach(
    step: Step, campaign: Campaign, composer: Composer, *, hints: tuple[str, ...], entropy: Entropy
) -> None:
    """Tell the members where that is news: my addresses, or a fresh secret for the boards I began."""
    if not campaign.may_write:
        return
    mine = own_relays(campaign)
    board = entropy.take(SECRET_BYTES) if mine.relays and _known_outside(campaign, mine) else mine.board
    if board == mine.board and (not hints or campaign.hints_of(campaign.me) == hints):
        return
    body = HintsBody(
        at_ms=step.now_ms, hints=hints or campaign.hints_of(campaign.me), relays=mine.relays, board=board
    )
    composer.write(campaign, step, Kind.HINTS, body)


def tell_relays(
    step: Step, campaign: Campaign, composer: Composer, relays: Iterable[Relay], entropy: Entropy
) -> None:
    """From now on these are the relays that I name. Raises `NoKey` or `LostKey`."""
    told = tuple(relays)
    board = own_relays(campaign).board or entropy.take(SECRET_BYTES)
    body = HintsBody(
        at_ms=step.now_ms,
        hints=campaign.hints_of(campaign.me),
        relays=told,
        board=board if told else b"",
    )
    composer.write(campaign, step, Kind.HINTS, body)


def own_relays(campaign: Campaign) -> RelaysRecord:
    """What I told last."""
    return campaign.boards.told.get(campaign.me, _NONE)


def secret_is_out(campaign: Campaign) -> bool:
    """Whether somebody who is no member now knows the secret of the boards that I began."""
    mine = own_relays(campaign)
    return bool(mine.relays) and _known_outside(campaign, mine)


def address_is_out(campaign: Campaign) -> bool:
    """Whether somebody who is no member now knows the addresses that I told last."""
    told = campaign.hints.get(campaign.me)
    return bool(campaign.out()) if told is None else _member_then_is_out(campaign, told[0])


def _known_outside(campaign: Campaign, mine: RelaysRecord) -> bool:
    return _member_then_is_out(campaign, mine.seq)


def _member_then_is_out(campaign: Campaign, seq: int) -> bool:
    """Whether somebody was a member at an operation of mine who is none now."""
    told = campaign.dag.operations_at(campaign.me, seq)
    place = campaign.dag.place(OperationId(told[0])) if told else None
    if place is None:
        return False
    return not set(campaign.roster_at(place.context).active()) <= set(campaign.roster().active())
