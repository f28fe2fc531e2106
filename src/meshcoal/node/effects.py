"""What a node asks of its shell: the only things that leave the core.

Law: all `Persist` of a step are committed in one transaction before any other effect of the step is
performed; the others follow in order. A crash in between loses sends and answers, which sync and the user
repair; the other order would lose what was promised and fork our own log. What is committed may be put off,
and lost with the process, until something comes that `must_last` names: before that is done it is on disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from meshcoal.api.views import Notice
from meshcoal.errors import MeshcoalError
from meshcoal.log.changes import Change
from meshcoal.wire.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Persist:
    """Write these in one transaction.

    Where they are not `whole`, what they leave out follows with a later step, before anything `must_last`:
    they are not to outlive a crash without it. A step that writes nothing leaves that as it was.
    """

    changes: tuple[Change, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFrame:
    """Send one frame. Sending on a link that has gone down is not an error."""

    link: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """Try to open a link to an address. Answered by `LinkUp` or `DialFailed` with the same number.

    Through Tor, links to one service of which `apart` differs never share a circuit.
    """

    dial: int
    hint: str
    apart: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Take links from the local network, say these 80 bytes there, and look for others who do.

    What was announced before is taken back. Answered by `NearbyBegan` or `NearbyFailed`, then `Sighted`.
    """

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush:
    """Be silent on the local network, and take no more links from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellSent:
    """Say `Sent` once all frames that were queued on this link so far have left; never, if it ends before."""

    link: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """From now on frames of this link leave one at each beat, and at each beat one leaves.

    `Sent` is then said shortly before the next beat, so that what leaves then is as new as can be.
    """

    link: int
    every_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """Send what is queued, then close."""

    link: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTurns:
    """Somebody known is at the other end of a link: it takes its turns with a group, such as a campaign's.

    Until then all links share the turns of one stranger.
    """

    link: int
    group: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Fire `TimerFired(key)` at or soon after this time. Setting a key again replaces it."""

    key: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Answer a command."""

    request: int
    answer: Record | MeshcoalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Tell subscribed clients that something changed."""

    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class OnionService:
    """One address of mine in Tor. It is made from its key, so that it stays the same."""

    seed: bytes  # 32 bytes, Ed25519
    clients: tuple[bytes, ...]  # X25519 public keys, 32 bytes each, that it answers to; nobody else


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """From now on keep exactly these onion services up, as long as Tor is there."""

    services: tuple[OnionService, ...]


Effect = (
    Persist
    | SendFrame
    | TellSent
    | Pace
    | Dial
    | HangUp
    | TakeTurns
    | SetTimer
    | Reply
    | Publish
    | Announce
    | Hush
    | Serve
)


def must_last(effects: Iterable[Effect]) -> bool:
    """Whether all that was ever committed must outlive a power cut before these are performed.

    So it is before a frame leaves, which may say what is held here or carry what was written here, and before
    a user hears that something is done. What merely came from others, and is shown, comes again from them.
    """
    changes = answers = False
    for effect in effects:
        if isinstance(effect, SendFrame):
            return True
        changes = changes or isinstance(effect, Persist)
        answers = answers or isinstance(effect, Reply)
    return changes and answers


def is_whole(effects: Iterable[Effect], before: bool) -> bool:
    """Whether nothing is owed to what was written so far, where before these it was so or not."""
    for effect in effects:
        if isinstance(effect, Persist):
            return effect.whole
    return before
