"""Which ways each campaign may take from this machine, as its user has chosen.

Law: what a campaign may not use is not dialled, not answered, not announced, and not told to its members. The
choice is this machine's alone; nobody else hears of it. Without one, a campaign takes all ways the node has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from meshcoal.ids import CampaignId
from meshcoal.log.reader import LogReader
from meshcoal.node.links import CAMPAIGN, Link, Target
from meshcoal.node.records import Document, load_all
from meshcoal.node.step import Step
from meshcoal.sync.knock import Door
from meshcoal.wire.onion import ONION_TRANSPORT, is_onion

WAYS: Final = "ways"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysRecord(Document):
    """The choice for one campaign."""

    only_tor: bool
    nearby: bool


ALL_WAYS: Final = WaysRecord(only_tor=False, nearby=True)


class CampaignWays:
    """The choices of one node."""

    def __init__(self, reader: LogReader) -> None:
        self._chosen = dict(load_all(reader, WaysRecord, WAYS))

    def of(self, campaign: bytes) -> WaysRecord:
        return self._chosen.get(campaign, ALL_WAYS)

    def choose(self, step: Step, campaign: CampaignId, ways: WaysRecord) -> None:
        self._chosen[campaign] = ways
        step.put(WAYS, campaign, ways)

    def told(self, campaign: bytes, plain: Sequence[str]) -> tuple[str, ...]:
        """Of my plain addresses, those that a campaign's members are told."""
        return () if self.of(campaign).only_tor else tuple(plain)

    def open(self, campaign: bytes, targets: Iterable[Target]) -> list[Target]:
        """The same targets with the addresses that may be dialled."""
        if not self.of(campaign).only_tor:
            return list(targets)
        return [replace(one, hints=tuple(filter(is_onion, one.hints))) for one in targets]

    def answered(self, doors: Iterable[Door], transport: str) -> list[Door]:
        """The doors that open to somebody who comes this way."""
        return [door for door in doors if transport == ONION_TRANSPORT or not self._door(door).only_tor]

    def announced(self, doors: Iterable[Door]) -> list[Door]:
        """The doors that are announced on a local network."""
        return [door for door in doors if self.met_nearby(self._door(door))]

    def may_meet(self, target: Target) -> bool:
        """Whether somebody may be dialled where they were seen on a local network."""
        return target.key[0] != CAMPAIGN or self.met_nearby(self.of(target.key[1]))

    @staticmethod
    def met_nearby(ways: WaysRecord) -> bool:
        return ways.nearby and not ways.only_tor

    def closed(self, campaign: CampaignId, links: Iterable[Link]) -> list[Link]:
        """Links of a campaign that stand over a way that it may not take."""
        if not self.of(campaign).only_tor:
            return []
        return [link for link in links if link.serves == campaign and link.transport != ONION_TRANSPORT]

    def _door(self, door: Door) -> WaysRecord:
        kind, place = door.name
        return self.of(place) if kind == CAMPAIGN else ALL_WAYS
