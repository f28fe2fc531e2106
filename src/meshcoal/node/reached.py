"""Over which paths each person was reached last, and which failed.

Law: while the node runs it knows times to the millisecond. On disk stand days alone, one for each path, of
plain addresses, Tor and relays; that two devices were on one network, or a stick went between them, is never
written. Days are erased after `KEPT_DAYS`, with the contact and with the campaign. No list of times is kept
anywhere: each is replaced by the next. The hourly look is set while there is somebody to look for, and no
longer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Final

from meshcoal.api.views import MemberState
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.ids import CampaignId, PersonId
from meshcoal.log.reader import LogReader
from meshcoal.node.records import ContactRecord, Document, load_all
from meshcoal.node.step import Step
from meshcoal.wire import shape
from meshcoal.wire.path import PathKind, path_of_hint
from meshcoal.wire.record import Count, Items, Record

if TYPE_CHECKING:
    from meshcoal.node.campaign import Campaign

REACHED: Final = "reached"
REACHED_TIMER: Final = "reached"
KEPT_DAYS: Final = 30
_WRITTEN: Final = (PathKind.PLAIN, PathKind.ONION, PathKind.RELAY)
_CAMPAIGN: Final = "campaign"
_RELAY: Final = "relay"

Whom = tuple[bytes, bytes]  # a campaign, or empty for a contact; the link key


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class DayReached(Record):
    """The last day, UTC, on which a path worked: days since 1970."""

    path: PathKind
    day: Count


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class ReachedRecord(Document):
    """Of one person; the key is the campaign's id, if any, and their link key."""

    days: Annotated[tuple[DayReached, ...], Items(0, len(_WRITTEN))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """How one path to one person did. Times are -1 for never."""

    worked_ms: int = -1
    by_day: bool = False  # `worked_ms` is the beginning of a day in which it worked
    failed_ms: int = -1  # since it worked last
    code: str = ""


NOTHING: Final = Experience()


def known_in(
    campaigns: Mapping[CampaignId, Campaign], contacts: Mapping[PersonId, ContactRecord]
) -> Callable[[Whom], bool]:
    """Whether a link key is a contact's, or an active member's of a campaign in which I am one, too."""

    def known(whom: Whom) -> bool:
        place, remote = whom
        if not place:
            return PersonId(remote) in contacts
        campaign = campaigns.get(CampaignId(place))
        if campaign is None or campaign.my_state is not MemberState.ACTIVE:
            return False
        return campaign.member_by_link(remote) is not None

    return known


@dataclass(slots=True)
class Reached:
    """What one node has seen of its paths."""

    _seen: dict[Whom, dict[PathKind, Experience]] = field(default_factory=dict)
    _days: dict[Whom, dict[PathKind, int]] = field(default_factory=dict)
    _looking: bool = False  # the timer is set

    def recover(self, reader: LogReader) -> None:
        """Read the days that are kept."""
        for key, kept in load_all(reader, ReachedRecord, REACHED):
            whom = (key[:-32], key[-32:])
            self._days[whom] = {one.path: one.day for one in kept.days}
            self._seen[whom] = {
                one.path: Experience(worked_ms=one.day * DAY_MS, by_day=True) for one in kept.days
            }

    def of(self, whom: Whom, path: PathKind) -> Experience:
        return self._seen.get(whom, {}).get(path, NOTHING)

    def worked(self, step: Step, whom: Whom, path: PathKind, at_ms: int) -> None:
        """Something of theirs came this way."""
        self.look_hourly(step)
        before = self.of(whom, path)
        if at_ms >= before.worked_ms:
            self._seen.setdefault(whom, {})[path] = Experience(worked_ms=at_ms)
        day = at_ms // DAY_MS
        if path in _WRITTEN and self._days.get(whom, {}).get(path, -1) < day:
            self._days.setdefault(whom, {})[path] = day
            self._write(step, whom)

    def failed(self, step: Step, target: tuple[str, bytes, bytes], hint: str, code: str) -> None:
        """A try came to nothing."""
        kind, place, remote = target
        if kind == _RELAY:
            return
        self.look_hourly(step)
        whom = (place if kind == _CAMPAIGN else b"", remote)
        path = path_of_hint(hint)
        before = self.of(whom, path)
        seen = self._seen.setdefault(whom, {})
        seen[path] = replace(before, failed_ms=step.now_ms, code=code)

    def forget_failures(self) -> None:
        """The ways out of this machine are others now: what failed before says nothing."""
        for paths in self._seen.values():
            for path, seen in paths.items():
                paths[path] = replace(seen, failed_ms=-1, code="")

    def look_hourly(self, step: Step) -> None:
        """There is somebody: have the timer set. One that is set keeps its time."""
        if not self._looking:
            self._looking = True
            step.timer(REACHED_TIMER, step.now_ms + HOUR_MS)

    def tidy(self, step: Step, known: Callable[[Whom], bool]) -> None:
        """Erase what is old, and what is of nobody any more; when the timer is due, and at the start.

        Where anything is left the timer is set again.
        """
        first = step.now_ms // DAY_MS - KEPT_DAYS
        for whom in [one for one in self._seen if not known(one)]:
            del self._seen[whom]
        for whom, days in list(self._days.items()):
            kept = {path: day for path, day in days.items() if day >= first and known(whom)}
            if kept != days or not kept:
                self._days[whom] = kept
                self._write(step, whom)
        for paths in self._seen.values():
            for path in [one for one, seen in paths.items() if seen.worked_ms < first * DAY_MS]:
                if paths[path].worked_ms >= 0:
                    paths[path] = replace(paths[path], worked_ms=-1, by_day=False)
        self._looking = False
        if self._seen or self._days:
            self.look_hourly(step)

    def _write(self, step: Step, whom: Whom) -> None:
        days = self._days[whom]
        if not days:
            del self._days[whom]
            step.erase(REACHED, whom[0] + whom[1])
            return
        kept = tuple([DayReached(path=path, day=day) for path, day in sorted(days.items())])
        step.put(REACHED, whom[0] + whom[1], ReachedRecord(days=kept))
