"""Meeting on a local network: commands and views.

Law: as in `api.commands` and `api.views`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, Short, SignedMs
from meshcoal.limits import NEARBY_MINUTES_MAX, NEARBY_SHOWN_MAX
from meshcoal.wire.record import Items, Range, Record
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StartNearby(Command):
    """Look for whom one knows on this network, and be found by them. Answered by `NearbyView`."""

    minutes: Annotated[int, Range(1, NEARBY_MINUTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopNearby(Command):
    """Be silent at once. Links that stand go on. Answered by `NearbyView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowNearby(Command):
    """Answered by `NearbyView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyPeerView(Record):
    """Somebody who was found on this network."""

    name: Short
    campaign_name: Short  # empty: a contact outside any campaign
    seen_ms: SignedMs
    connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyView(Record):
    """How meeting on this network stands."""

    until_ms: SignedMs  # -1: it is off
    listening: bool  # the network is used, and links come in
    trouble: Short  # a code, where the network cannot be used
    found: Annotated[tuple[NearbyPeerView, ...], Items(0, NEARBY_SHOWN_MAX)]
    others: Annotated[int, Range(0, 2**32)]  # announcements seen that are of nobody one knows
