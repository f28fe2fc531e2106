"""What would hurt most: weak spots of this device, worked out from what its node knows.

Law: facts go in, findings come out, the weightiest first; nothing is looked up on the way, and nothing is
judged safe. What a node cannot know (whether the disk is encrypted, how good the passphrase is, who looks
over a shoulder) is in no finding, and docs/guide/settings.md says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.api.posture import (
    Danger,
    FindingView,
    PostureView,
    ShowPosture,
    Weakness,
    Weight,
    weightiest_first,
)
from meshcoal.api.views import MemberState
from meshcoal.clock import DAY_MS
from meshcoal.node import talk
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.core import Core
from meshcoal.node.step import Step
from meshcoal.wire.onion import is_onion
from meshcoal.wire.path import PathKind, path_of_hint
from meshcoal.wire.record import Record
from meshcoal.wire.terms import Seat

OPEN_DAYS: Final = 1
OPEN_LONG_DAYS: Final = 7
SILENT_DAYS: Final = 28
KEYS_OLD_DAYS: Final = 21  # three times what it usually takes
TALK_LONG_DAYS: Final = 90
TALK_VERY_LONG_DAYS: Final = 180
SEVERAL: Final = 3  # members, from which on one organiser is too few


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """What matters of one campaign of which I am an active member."""

    id: bytes
    name: str
    in_country: bool = False  # my seat
    members: int = 1  # active ones, me among them
    organisers: int = 1
    uncompared: int = 0  # other members with whom I compared no words
    uncompared_organisers: int = 0
    silent: int = 0  # others of whom nothing was heard for `SILENT_DAYS`
    silent_days: int = 0  # since the longest silent of them was heard of
    plain: bool = False  # members are dialled at plain addresses
    advised_tor: bool = False  # for my seat
    members_exposed: int = 0  # others, advised to use Tor alone, who tell plain addresses
    keys_days: int = 0  # since this device began an epoch, where others wrote after it
    relays: int = 0  # in use
    relay_namers: int = 0  # members who added them
    plain_relays: int = 0  # of them, which see my address
    talk_days: int = 0  # so long messages stay


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What matters of a device."""

    campaigns: tuple[CampaignFacts, ...] = ()
    warnings: int = 0  # not looked into
    open_days: int = 0  # since the vault was opened
    invitations: int = 0  # that nobody used yet
    nearby: bool = False


def findings(facts: Facts) -> tuple[FindingView, ...]:
    """What is weak, the weightiest first."""
    return weightiest_first([*_of_device(facts), *_of_campaigns(facts.campaigns)])


def _of_device(facts: Facts) -> Iterator[FindingView]:
    if facts.warnings:
        yield FindingView(
            weakness=Weakness.WARNED, danger=Danger.POSED, weight=Weight.GRAVE, count=facts.warnings
        )
    if facts.open_days >= OPEN_DAYS:
        weight = Weight.SERIOUS if facts.open_days >= OPEN_LONG_DAYS else Weight.SLIGHT
        yield FindingView(
            weakness=Weakness.OPEN_LONG, danger=Danger.TAKEN, weight=weight, days=facts.open_days
        )
    plain = [one for one in facts.campaigns if one.plain]
    if plain:
        weight = Weight.SERIOUS if any(one.in_country for one in plain) else Weight.SLIGHT
        yield FindingView(
            weakness=Weakness.PLAIN,
            danger=Danger.WATCHED,
            weight=weight,
            count=len(plain),
            of=len(facts.campaigns),
        )
    if facts.invitations:
        yield FindingView(
            weakness=Weakness.INVITED,
            danger=Danger.POSED,
            weight=Weight.SLIGHT,
            count=facts.invitations,
        )
    if facts.nearby:
        yield FindingView(weakness=Weakness.NEARBY, danger=Danger.WATCHED, weight=Weight.SLIGHT)


def _of_campaigns(campaigns: Sequence[CampaignFacts]) -> Iterator[FindingView]:
    for one in campaigns:
        for weakness, danger, weight, count, of, days in _rows(one):
            yield FindingView(
                weakness=weakness,
                danger=danger,
                weight=weight,
                campaign=one.id,
                campaign_name=one.name,
                count=count,
                of=of,
                days=days,
            )


def _rows(one: CampaignFacts) -> Iterator[tuple[Weakness, Danger, Weight, int, int, int]]:
    """Kind, danger, weight, how many, of how many, days."""
    others = one.members - 1
    if one.advised_tor and one.plain:
        yield Weakness.EXPOSED, Danger.WATCHED, Weight.GRAVE, 1, 1, 0
    if one.uncompared_organisers:
        count = one.uncompared_organisers
        yield Weakness.UNCOMPARED_ORGANISER, Danger.POSED, Weight.SERIOUS, count, one.organisers, 0
    ordinary = one.uncompared - one.uncompared_organisers
    if ordinary:
        weight = Weight.SERIOUS if one.uncompared == others else Weight.SLIGHT
        yield Weakness.UNCOMPARED, Danger.POSED, weight, ordinary, others, 0
    if one.silent:
        yield Weakness.SILENT, Danger.ARRESTED, Weight.SERIOUS, one.silent, others, one.silent_days
    if one.organisers == 1 and one.members >= SEVERAL:
        yield Weakness.ONE_ORGANISER, Danger.ARRESTED, Weight.SERIOUS, 1, one.members, 0
    if one.keys_days >= KEYS_OLD_DAYS:
        yield Weakness.KEYS_OLD, Danger.TAKEN, Weight.SERIOUS, 1, 1, one.keys_days
    if one.talk_days > TALK_LONG_DAYS:
        weight = Weight.SERIOUS if one.talk_days > TALK_VERY_LONG_DAYS else Weight.SLIGHT
        yield Weakness.TALK_LONG, Danger.TAKEN, weight, 1, 1, one.talk_days
    if one.members_exposed:
        yield Weakness.MEMBERS_EXPOSED, Danger.WATCHED, Weight.SLIGHT, one.members_exposed, others, 0
    if one.relays and one.relay_namers == 1:
        yield Weakness.ONE_RELAY, Danger.WATCHED, Weight.SLIGHT, one.relays, one.relays, 0
    if one.plain_relays and one.plain:
        yield Weakness.PLAIN_RELAY, Danger.WATCHED, Weight.SLIGHT, one.plain_relays, one.relays, 0


# --- The facts of a node


def facts_of(core: Core, now_ms: int) -> Facts:
    """Gather them."""
    people = core.people
    return Facts(
        campaigns=tuple(
            [
                _facts(core, campaign, now_ms)
                for campaign in core.campaigns.values()
                if campaign.my_member() is not None and campaign.my_state is MemberState.ACTIVE
            ]
        ),
        warnings=len(core.namesakes.view().warnings),
        open_days=max(0, now_ms - core.opened_ms) // DAY_MS,
        invitations=sum(one.expires_ms > now_ms for one in people.invitations.values()),
        nearby=core.nearby.until_ms > now_ms,
    )


def _facts(core: Core, campaign: Campaign, now_ms: int) -> CampaignFacts:
    ways = core.people.ways
    roster = campaign.roster()
    create = roster.create
    me = roster.members[campaign.me]
    active = roster.active()
    others = [one for one in active if one != campaign.me]
    unknown = [one for one in others if not core.shows.seals.knows(campaign, one)]
    holders = campaign.holders
    quiet_days = [
        (
            now_ms
            - max(holders.seen_ms.get(one, 0), holders.wrote_ms.get(one, 0), roster.members[one].since_ms)
        )
        // DAY_MS
        for one in others
    ]
    silent = [days for days in quiet_days if days >= SILENT_DAYS]
    used = [board for board in campaign.boards.boards.values() if not board.until_ms]
    _, began_ms = campaign.own_epoch
    keys_days = (now_ms - max(began_ms, me.since_ms)) // DAY_MS if campaign.stirred and others else 0
    exposed = [
        one
        for one in others
        if ways.advised(campaign.id, roster.members[one].seat).only_tor
        and any(path_of_hint(hint) is not PathKind.ONION for hint in campaign.hints_of(one))
    ]
    return CampaignFacts(
        id=campaign.id,
        name=create.name if create is not None else "",
        in_country=me.seat is Seat.IN_COUNTRY,
        members=len(active),
        organisers=sum(roster.is_organiser(one) for one in active),
        uncompared=len(unknown),
        uncompared_organisers=sum(roster.is_organiser(one) for one in unknown),
        silent=len(silent),
        silent_days=max(silent, default=0),
        plain=core.people.direct and ways.door(campaign.id).permits(PathKind.PLAIN) and bool(others),
        advised_tor=ways.advised(campaign.id, me.seat).only_tor,
        members_exposed=len(exposed),
        keys_days=max(0, keys_days),
        relays=len(used),
        relay_namers=len({board.author for board in used}),
        plain_relays=sum(not is_onion(board.relay.address) for board in used),
        talk_days=talk.days(campaign) if create is not None else 0,
    )


def posture_of(core: Core, now_ms: int) -> tuple[FindingView, ...]:
    """What is weak here and now."""
    return findings(facts_of(core, now_ms))


@handles(ShowPosture)
def _show_posture(self: Commands, step: Step, command: ShowPosture) -> Record:
    return PostureView(findings=posture_of(self.core, step.now_ms))
