"""Whom to ask for a signature: who could sign and has not, what is known of each, and which office decides.

Law: as in `api.views`, of which this is a part. Who declined is not told apart from who has not read.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Short, SignedMs
from meshcoal.limits import AUTHORS_MAX
from meshcoal.wire.desk import Way
from meshcoal.wire.record import Count, Id32, Items, Record
from meshcoal.wire.shape import dataclass


class AskedState(enum.StrEnum):
    """What is known of somebody who could sign and has not."""

    UNKNOWN = "unknown"  # nothing shows that their device has the frozen text
    REACHED = "reached"  # it has
    EARLIER = "earlier"  # they signed a version before this one


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedView(Record):
    author: Id32
    name: Short
    me: bool
    state: AskedState
    agrees: bool  # that it goes out
    decides_for: Annotated[tuple[Short, ...], Items(0, 256)]  # offices whose open step is theirs
    connected: bool
    last_seen_ms: SignedMs  # when our two nodes last talked; -1: never
    wrote_ms: SignedMs  # the time on the newest thing of theirs that can be read here; -1: nothing is here
    # When they were last asked, as far as I may know: organisers tell each other.
    asked_ms: SignedMs = -1
    asked_by: Short = ""
    asked_way: Way = Way.NONE
    times: Count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeAskedView(Record):
    """An office that was asked to sign and has not decided."""

    office: Short
    step: Short  # the open one
    waits_for: Short  # who decides it
    since_ms: SignedMs


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseView(Record):
    campaign: Id32
    statement: Id32
    title: Short
    version: Count
    digest: Id32
    deadline_ms: SignedMs
    soft_deadline_ms: SignedMs  # -1: none
    counted: Count
    sealed: bool  # some may sign sealed: until it opens, who did stands here too
    asked: Annotated[tuple[AskedView, ...], Items(0, AUTHORS_MAX)]  # who can be reached first
    offices: Annotated[tuple[OfficeAskedView, ...], Items(0, 256)]
    may_mark: bool = False  # I am an organiser: who was asked can be noted
    unnamed: bool = False  # some may be counted and not named: whoever is stands here too
