"""What the daemon shows of sealed sign-ons: how many, how safe, never who.

Law: as in `api.views`, of which this is a part. Until envelopes open, nothing here tells one signer from
another, but for what is my own.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Short, SignedMs
from meshcoal.api.people_views import Spellings
from meshcoal.limits import AUTHORS_MAX
from meshcoal.wire.record import Count, Id32, Items, Record
from meshcoal.wire.shape import dataclass


class SealPhase(enum.StrEnum):
    """Where the sealed sign-ons to a letter are."""

    UNSAFE = "unsafe"  # it asks for them, and too few members had published keys when it was frozen
    SHUT = "shut"  # too few have signed as yet
    OPENING = "opening"  # enough have: shares are being told
    OPEN = "open"  # names came out
    EXPIRED = "expired"  # the date is past and nothing was opened: it stays shut for good


class SealedMine(enum.StrEnum):
    """Where my own sealed sign-on is."""

    NONE = "none"
    LEAVING = "leaving"  # on its way: not seen spread yet
    THERE = "there"
    TAKING_BACK = "taking-back"  # the withdrawal is on its way
    TAKEN_BACK = "taken-back"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealView(Record):
    """Sealed sign-ons to a letter."""

    phase: SealPhase
    threshold: Count  # so many must have signed
    members: Count  # who may sign, and hold shares
    shares_needed: Count  # so many of them together could open it early
    verified: Count  # of the others, those whom I verified in person
    expires_ms: SignedMs
    count: Count  # sealed sign-ons that stand
    opened: Count  # names that came out
    false_envelopes: Count  # that were opened and held no sign-on
    mine: SealedMine
    floor: Count  # the number that I asked for; 0: I signed nothing
    # What a signer is told before sealing; and why I cannot sign sealed, empty where I can.
    sentences: Annotated[tuple[Short, ...], Items(0, 8)]
    refusal: Short
    without_keys: Annotated[tuple[Short, ...], Items(0, AUTHORS_MAX)]  # members who had published none then


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberWordsView(Record):
    """Words that two members read to each other; the same on both sides."""

    campaign: Id32
    author: Id32
    name: Short
    words: Spellings
    verified: bool
