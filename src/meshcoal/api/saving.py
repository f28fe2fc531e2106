"""Saving battery and data: commands and view.

Law: as in `api.commands` and `api.views`, of which this is a part.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command
from meshcoal.limits import DATA_CAP_BYTES_MAX
from meshcoal.wire.record import Count, Range, Record
from meshcoal.wire.shape import dataclass

Cap = Annotated[int, Range(0, DATA_CAP_BYTES_MAX)]  # 0: none


class SavingLevel(enum.StrEnum):
    """How much this node spares."""

    FULL = "full"  # nothing
    SAVING = "saving"  # it looks seldomer, and fetches no files by itself
    CAPPED = "capped"  # a cap is reached: no files at all


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowData(Command):
    """How much went over the network, and what is spared. Answered by `DataView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSaving(Command):
    """Spare battery and data from now on, or only near a cap. Kept. Answered by `DataView`.

    Caps are in bytes, sent and received together, of a day and of a month in UTC.
    """

    saving: bool
    day_bytes_max: Cap
    month_bytes_max: Cap


@dataclass(frozen=True, slots=True, kw_only=True)
class DataView(Record):
    """What went through this node's connections beyond the local network, as its sockets counted it."""

    level: SavingLevel
    saving: bool  # as chosen; near a cap it is spared without
    day_bytes: Count
    month_bytes: Count
    day_bytes_max: Cap
    month_bytes_max: Cap
