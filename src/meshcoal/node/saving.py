"""Saving battery and data: what is spared when, and how much went over the network this day and this month.

Law: what people wait for goes on at every level: alerts, talk, signatures, what must be sent so that nobody
sees who signs. What is spared is what the node does by itself: looking again, dialling whoever is away,
fetching files, telling who holds what. Bytes are what the shell counted on its sockets, both ways, beyond the
local network; sums of one day and one month are kept, and nothing that says when or with whom.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from meshcoal.api.saving import Cap, DataView, SavingLevel
from meshcoal.api.views import NoticeKind
from meshcoal.clock import DAY_MS
from meshcoal.errors import DataCap
from meshcoal.log.reader import LogReader
from meshcoal.node.links import Links
from meshcoal.node.records import Document, load
from meshcoal.node.step import Step
from meshcoal.wire import shape
from meshcoal.wire.record import Count

SAVING: Final = "saving"
SAVING_TIMER: Final = "saving"
_CHOICE: Final = b"choice"
_USED: Final = b"used"
NEAR_TENTHS: Final = 8  # of a cap: from there on it is spared without being asked to


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class SavingRecord(Document):
    """The user's choice."""

    saving: bool
    day_bytes_max: Cap
    month_bytes_max: Cap


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class UsedRecord(Document):
    """The last day and month in which anything went, in UTC, and how much."""

    day: Count  # since 1970
    day_bytes: Count
    month: Count  # since the year 0
    month_bytes: Count


ALL: Final = SavingRecord(saving=False, day_bytes_max=0, month_bytes_max=0)


class Saving:
    """The choice and the sums of one node; it tells `Links` how much to spare."""

    def __init__(self, reader: LogReader, links: Links) -> None:
        self._links = links
        self.choice = load(reader, SavingRecord, SAVING, _CHOICE) or ALL
        self._used = load(reader, UsedRecord, SAVING, _USED) or UsedRecord(
            day=0, day_bytes=0, month=0, month_bytes=0
        )

    def choose(self, step: Step, choice: SavingRecord) -> None:
        """From now on so."""
        self.choice = choice
        step.put(SAVING, _CHOICE, choice)
        self.look(step)

    def used(self, step: Step, count_bytes: int) -> None:
        """So much went, in both directions together."""
        used = self._now(step.now_ms)
        self._used = replace(
            used, day_bytes=used.day_bytes + count_bytes, month_bytes=used.month_bytes + count_bytes
        )
        step.put(SAVING, _USED, self._used)
        self.look(step)

    def look(self, step: Step) -> None:
        """Time went by, or bytes: how much is to be spared? Called at the start, too."""
        level = self.level(step.now_ms)
        if level is not self._links.level:
            self._links.level = level
            self._links.steady.declines = level is not SavingLevel.FULL
            step.notice(NoticeKind.PEERS)
            step.notice(NoticeKind.STATUS)
        if self.choice.day_bytes_max or self.choice.month_bytes_max:
            step.timer(SAVING_TIMER, (step.now_ms // DAY_MS + 1) * DAY_MS)

    def level(self, now_ms: int) -> SavingLevel:
        """How much is spared."""
        used = self._now(now_ms)
        caps = (
            (used.day_bytes, self.choice.day_bytes_max),
            (used.month_bytes, self.choice.month_bytes_max),
        )
        if any(most and spent >= most for spent, most in caps):
            return SavingLevel.CAPPED
        near = any(most and 10 * spent >= NEAR_TENTHS * most for spent, most in caps)
        return SavingLevel.SAVING if near or self.choice.saving else SavingLevel.FULL

    def check_files(self, now_ms: int) -> None:
        """Before a person has a file fetched. Raises `DataCap`."""
        if self.level(now_ms) is SavingLevel.CAPPED:
            raise DataCap(
                "The cap on data is reached, so that no file is fetched. Raise it, or wait until it begins "
                "anew: `meshcoal data`. Talk and signatures go on."
            )

    def view(self, now_ms: int) -> DataView:
        used = self._now(now_ms)
        return DataView(
            level=self.level(now_ms),
            saving=self.choice.saving,
            day_bytes=used.day_bytes,
            month_bytes=used.month_bytes,
            day_bytes_max=self.choice.day_bytes_max,
            month_bytes_max=self.choice.month_bytes_max,
        )

    def _now(self, now_ms: int) -> UsedRecord:
        """The sums, of which a day or month that is over counts no more."""
        day, month = now_ms // DAY_MS, month_of(now_ms)
        used = self._used
        return UsedRecord(
            day=day,
            day_bytes=used.day_bytes if used.day == day else 0,
            month=month,
            month_bytes=used.month_bytes if used.month == month else 0,
        )


def month_of(now_ms: int) -> int:
    """Months since the year 0, in UTC."""
    at = datetime.fromtimestamp(now_ms // 1000, tz=UTC)
    return 12 * at.year + at.month - 1
