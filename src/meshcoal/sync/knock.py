"""Knocking at a door: what the first frame of a link begins with, and who is answered.

Law: nothing is said to a stranger. A door has a secret that only those share who may knock; the first frame
begins with 16 random bytes and a tag over them that only this secret makes, good for one day (and, because
clocks differ, for the day before and after). What was answered once is not answered again. The handshake's
messages lie under a mask of the same secret, so that every byte of a link is uniform to whoever lacks it.

Ours, unreviewed. docs/protocol/session.md.
"""

from __future__ import annotations

import enum
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.mask import Mask
from meshcoal.crypto.sealing import derive
from meshcoal.errors import HandshakeTruncated, KnockRepeated, KnockUnknown
from meshcoal.limits import KNOCKS_KEPT_MAX, PADDING_CLASSES_BYTES

CHANCE_BYTES: Final = 16
TAG_BYTES: Final = 16
KNOCK_BYTES: Final = CHANCE_BYTES + TAG_BYTES
KEY_BYTES: Final = 32
# As long as a sealed frame of the second size class: the opening of a link has no length of its own.
HANDSHAKE_FRAME_BYTES: Final = PADDING_CLASSES_BYTES[1] + 16

_INVITATION_LABEL: Final = b"meshcoal invitation psk 2"
_CONTACT_LABEL: Final = b"meshcoal contact psk 1"
_INTRODUCED_LABEL: Final = b"meshcoal introduced psk 1"
_CAMPAIGN_LABEL: Final = b"meshcoal campaign psk 1"
_DOOR_LABEL: Final = b"meshcoal door 1"
_TAG_LABEL: Final = b"meshcoal first tag 2"
_MASK_LABEL: Final = b"meshcoal link mask 1"


class Pattern(enum.StrEnum):
    """How two peers shake hands: a name of the Noise specification with its modifiers."""

    INVITATION = "XXhfs+psk0"
    KNOWN = "XKhfs+psk0"


def invitation_psk(code: bytes) -> bytes:
    """Of whoever holds an invitation: 32 bytes from its code of 16."""
    return derive(code, _INVITATION_LABEL)


def contact_psk(pair: bytes) -> bytes:
    """Of two contacts: 32 bytes from the secret that they share since they met."""
    return derive(pair, _CONTACT_LABEL)


def introduced_psk(secret: bytes) -> bytes:
    """Of two whom a contact introduces: 32 bytes from the secret that the contact sent to both."""
    return derive(secret, _INTRODUCED_LABEL)


def campaign_psk(campaign: bytes) -> bytes:
    """Of the members of a campaign, past ones too: 32 bytes from its id, which outsiders do not know."""
    return derive(campaign, _CAMPAIGN_LABEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Something one may knock at: a persona's link key, or mine, with a contact's or an invitation's secret.

    `name` is the owner's word for it: a campaign, a contact, an invitation.
    """

    name: tuple[str, bytes]
    pattern: Pattern
    static: AgreementKey
    psk: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """One knock, as both sides know it: its door's secret, its day, its chance."""

    secret: bytes  # 32 bytes
    day: int
    chance: bytes  # 16 bytes

    @property
    def head(self) -> bytes:
        """What the first frame begins with: the chance and the tag."""
        place = self.day.to_bytes(8, "big") + self.chance
        return self.chance + derive(self.secret, _TAG_LABEL, place, TAG_BYTES)

    def mask(self) -> Mask:
        """What lies over the three messages of the handshake, one after the other."""
        place = self.day.to_bytes(8, "big") + self.chance
        return Mask(derive(self.secret, _MASK_LABEL, place))


def door_secret(pattern: Pattern, psk: bytes, responder: bytes) -> bytes:
    """What both sides of a door know: 32 bytes from the psk and the link key of whoever answers.

    The responder's key gives it a direction: a frame sent to Ben means nothing at Ana's door.
    """
    return derive(psk, _DOOR_LABEL, responder + pattern.encode())


def day_of(now_ms: int) -> int:
    """Days since 1970 in UTC."""
    return now_ms // DAY_MS


class Knocks:
    """Which knocks were answered: none is answered twice while its tag is good.

    Bounded: past `KNOCKS_KEPT_MAX` the oldest is forgotten. It begins empty when a node starts.
    """

    def __init__(self) -> None:
        self._answered: dict[bytes, int] = {}  # chance and tag -> day, in order of arrival

    def answered(self, head: bytes) -> bool:
        return head in self._answered

    def note(self, knock: Knock, now_ms: int) -> None:
        """Remember a knock that is answered now, and forget those whose day is over."""
        today = day_of(now_ms)
        while self._answered:
            oldest = next(iter(self._answered))
            if len(self._answered) < KNOCKS_KEPT_MAX and self._answered[oldest] >= today - 1:
                break
            del self._answered[oldest]
        self._answered[knock.head] = knock.day

    def __len__(self) -> int:
        return len(self._answered)


def find_door(frame: bytes, *, doors: Iterable[Door], knocks: Knocks, now_ms: int) -> tuple[Door, Knock]:
    """Whose door a first frame knocks at.

    Raises:
        BadHandshake: nobody's, or it was answered before: close without a word. The code tells the owner of
            the door which, never whoever knocks.
    """
    if len(frame) != HANDSHAKE_FRAME_BYTES:
        raise HandshakeTruncated("a first frame has another size")
    head = frame[:KNOCK_BYTES]
    if knocks.answered(head):
        raise KnockRepeated("a knock was repeated")
    today = day_of(now_ms)
    for door in doors:
        secret = door_secret(door.pattern, door.psk, door.static.public)
        for day in (today, today - 1, today + 1):
            if day < 0:
                continue
            knock = Knock(secret=secret, day=day, chance=head[:CHANCE_BYTES])
            if hmac.compare_digest(knock.head, head):
                return door, knock
    raise KnockUnknown("a stranger knocked")
