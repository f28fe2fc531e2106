"""Which ways a campaign may take from this machine: commands and view.

Law: as in `api.commands` and `api.views`, of which this is a part.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshcoal.api.fields import Command
from meshcoal.wire.record import Id32, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWays(Command):
    """Choose the ways of one campaign from this machine. Answered by `WaysView`.

    `only_tor`: its members are told no plain address, and no plain way leads to or from them. `nearby`: it
    takes part when this machine meets on a local network.
    """

    campaign: Id32
    only_tor: bool
    nearby: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWays(Command):
    """Answered by `WaysView`."""

    campaign: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysView(Record):
    campaign: Id32
    only_tor: bool
    nearby: bool
