"""Meeting on a local network: when this node announces itself there, and whom it finds.

Law: off unless a user asked for it, and off again when the time is over or the node starts anew. What is
announced says nothing to whoever may not knock here anyway. A sighting is a hint like any other, where to
dial somebody this node wants a link to: the handshake decides who it is, so false sightings cost a few dials.
Kept in memory alone, bounded, and forgotten with the meeting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from meshcoal.api.nearby import NearbyPeerView, NearbyView
from meshcoal.api.views import NoticeKind
from meshcoal.clock import MINUTE_MS
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import MalformedAnnouncement
from meshcoal.limits import NEARBY_HINTS_MAX, NEARBY_SHOWN_MAX, SIGHTINGS_MAX
from meshcoal.node.links import CONTACT, Target, TargetKey
from meshcoal.node.step import Step
from meshcoal.node.ways import Ways
from meshcoal.sync.knock import Door, door_secret
from meshcoal.sync.nearby import BEACONS, Announcement, announce, decode_announcement

NEARBY_TIMER: Final = "nearby"
_RENEWED_MS: Final = 15 * MINUTE_MS  # a node is called something else after this
_LOOKS_MS: Final = 3_000  # how often it is asked whether there is anything new to say
_COMPARED_MAX: Final = 50_000  # announcements by targets
_NEXT_DOORS_MS: Final = 20_000  # where there are more doors than beacons, the others have their turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Somebody's announcement, and where it said that links come in."""

    announcement: Announcement
    hints: tuple[str, ...]
    seen_ms: int


@dataclass(slots=True)
class Nearby:
    """The meeting in progress, if any."""

    entropy: Entropy
    all_doors: Callable[[int], list[Door]]
    ways: Ways
    until_ms: int = -1
    listening: bool = False
    trouble: str = ""
    _said_ms: int = 0
    _said_doors: set[tuple[str, bytes]] = field(default_factory=set)  # those whose turn comes, too
    _turn: int = 0
    _sightings: dict[bytes, Sighting] = field(default_factory=dict)  # by what was announced
    _compared: dict[tuple[bytes, TargetKey], bool] = field(default_factory=dict)
    _found: dict[TargetKey, bytes] = field(default_factory=dict)  # the newest of these that is of them

    @property
    def found(self) -> Mapping[TargetKey, bytes]:
        """Whom the newest sightings are of."""
        return self._found

    @property
    def on(self) -> bool:
        return self.until_ms >= 0

    def doors(self, now_ms: int) -> list[Door]:
        """Those that may be announced."""
        return self.ways.announced(self.all_doors(now_ms))

    # --- What users ask

    def start(self, step: Step, lasts_ms: int) -> None:
        """Begin, or go on for so long from now."""
        self.until_ms = step.now_ms + lasts_ms
        self.trouble = ""
        self._say(step)
        self._set_timer(step)

    def again(self, step: Step) -> None:
        """Other doors may be announced than before."""
        if self.on:
            self._say(step)

    def stop(self, step: Step) -> None:
        """Be silent, and forget who was found."""
        if not self.on:
            return
        self.until_ms = -1
        self.listening = False
        self._forget()
        step.hush()
        step.notice(NoticeKind.PEERS)

    def _forget(self) -> None:
        self._sightings.clear()
        self._found.clear()
        self._compared.clear()

    def view(
        self, name_of: Callable[[TargetKey], tuple[str, str]], connected: Callable[[TargetKey], bool]
    ) -> NearbyView:
        """Who was found, once for each link that is wanted."""
        found = []
        for key, data in list(self._found.items())[:NEARBY_SHOWN_MAX]:
            name, campaign_name = name_of(key)
            found.append(
                NearbyPeerView(
                    name=name,
                    campaign_name=campaign_name,
                    seen_ms=self._sightings[data].seen_ms,
                    connected=connected(key),
                )
            )
        return NearbyView(
            until_ms=self.until_ms,
            listening=self.listening,
            trouble=self.trouble,
            found=tuple(sorted(found, key=lambda one: (one.campaign_name, one.name))),
            others=len(self._sightings.keys() - set(self._found.values())),
        )

    # --- What the shell tells

    def began(self, step: Step) -> None:
        """Links come in from this network."""
        self.listening, self.trouble = True, ""
        step.notice(NoticeKind.PEERS)

    def failed(self, step: Step, code: str) -> None:
        """The network cannot be used. The meeting goes on: there may be one soon."""
        if not self.on:
            return
        self.listening, self.trouble = False, code
        step.notice(NoticeKind.PEERS)

    def moved(self, step: Step) -> None:
        """Another network: under another name, and whom one saw there is not here."""
        if not self.on:
            return
        self._forget()
        self._say(step)

    def sighted(self, step: Step, data: bytes, hints: Sequence[str]) -> bool:
        """Somebody announced something. Returns whether that is news: targets are worked out afresh then.

        Raises:
            MalformedAnnouncement: it is no announcement, or no address comes with it.
        """
        if not self.on:
            return False
        announcement = decode_announcement(data)
        if not hints:
            raise MalformedAnnouncement("an announcement comes without an address")
        before = self._sightings.get(data)
        if before is None and len(self._sightings) >= SIGHTINGS_MAX:
            del self._sightings[next(iter(self._sightings))]
        self._sightings[data] = now = Sighting(
            announcement=announcement, hints=tuple(hints[:NEARBY_HINTS_MAX]), seen_ms=step.now_ms
        )
        return before is None or before.hints != now.hints

    # --- Targets

    def near(self, targets: Iterable[Target]) -> list[Target]:
        """The same, those who were seen with the addresses that they have here, first."""
        if not self._sightings:
            self._found.clear()
            return list(targets)
        found: dict[TargetKey, bytes] = {}
        nearer = []
        for target in targets:
            if not self.ways.may_meet(target):
                nearer.append(target)
                continue
            hints: list[str] = []
            for data in self._seen(target):
                found.setdefault(target.key, data)
                hints += [hint for hint in self._sightings[data].hints if hint not in hints]
            if hints:
                hints += [hint for hint in target.hints if hint not in hints]
                target = replace(target, hints=tuple(hints))
            nearer.append(target)
        self._found = found
        return nearer

    def sighted_among(self, targets: Iterable[Target]) -> list[Target]:
        """Those who were seen here and may be met. Where nobody was, no target is looked at."""
        if not self._sightings:
            return []
        return [one for one in targets if self.ways.may_meet(one) and self._seen(one)]

    def _seen(self, target: Target) -> list[bytes]:
        """What this target announced, the newest first. Each is compared once."""
        secret = b""
        found = []
        for data, sighting in reversed(self._sightings.items()):
            is_theirs = self._compared.get((data, target.key))
            if is_theirs is None:
                secret = secret or door_secret(target.pattern, target.psk, target.remote)
                is_theirs = sighting.announcement.is_of(secret)
                if len(self._compared) >= _COMPARED_MAX:
                    self._compared.clear()
                self._compared[data, target.key] = is_theirs
            if is_theirs:
                found.append(data)
        return found

    # --- Time

    def timer(self, step: Step) -> bool:
        """Time is over, or somebody else has their turn among the beacons. Returns whether it is over."""
        if not self.on:
            return False
        if step.now_ms >= self.until_ms:
            self.stop(step)
            return True
        doors = self.doors(step.now_ms)
        lasts_ms = _RENEWED_MS if len(doors) <= BEACONS else _NEXT_DOORS_MS
        news = {door.name for door in doors} - self._said_doors  # an invitation made since, say
        if news or step.now_ms >= self._said_ms + lasts_ms:
            self._say(step)
        self._set_timer(step)
        return False

    def _set_timer(self, step: Step) -> None:
        step.timer(NEARBY_TIMER, min(self.until_ms, step.now_ms + _LOOKS_MS))

    def _say(self, step: Step) -> None:
        # Contacts last: with most of them there is a campaign, which says the same with fewer beacons.
        doors = sorted(self.doors(step.now_ms), key=lambda door: door.name[0] == CONTACT)
        self._said_doors = {door.name for door in doors}
        if len(doors) > BEACONS:
            first = self._turn % len(doors)
            doors = (doors + doors)[first : first + BEACONS]
            self._turn = first + BEACONS
        self._said_ms = step.now_ms
        step.announce(announce(doors, self.entropy).encode())
