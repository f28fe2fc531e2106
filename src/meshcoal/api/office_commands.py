"""Offices and mandates: how an organisation decides that it signs.

Law: as in `api.commands` and `api.views`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, Name, Short, Text
from meshcoal.limits import (
    COMMENT_CHARS_MAX,
    HOLDERS_MAX,
    MANDATES_MAX,
    OFFICE_STEPS_MAX,
    OFFICES_MAX,
    USES_SHOWN_MAX,
)
from meshcoal.wire.authority import MandateScope, OfficeStep
from meshcoal.wire.record import Chars, Count, Id32, Items, OptionalId32, Record, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffice(Command):
    """Say by which steps an organisation decides; I am in one of them. Answered by `OfficesView`."""

    campaign: Id32
    name: Name
    steps: Annotated[tuple[OfficeStep, ...], Items(1, OFFICE_STEPS_MAX)]  # the last one signs
    replaces: OptionalId32 = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveMandate(Command):
    """Let somebody sign for an office whose last step I decide. Answered by `OfficesView`."""

    campaign: Id32
    office: Id32
    holder: Id32
    scope: MandateScope
    expires_ms: TimeMs


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeMandate(Command):
    """Answered by `OfficesView`."""

    campaign: Id32
    mandate: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOffices(Command):
    """Offices of a campaign, mandates, and each use of one. Answered by `OfficesView`."""

    campaign: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSignature(Command):
    """Ask an office in which I have a part to sign the open text. Answered by `StatementView`."""

    campaign: Id32
    statement: Id32
    office: Id32
    note: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRequest(Command):
    """Decide the open step of a request; the last one is decided by signing. Answered by `StatementView`."""

    campaign: Id32
    statement: Id32
    request: Id32
    verdict: Verdict
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView(Record):
    name: Short
    holders: Annotated[tuple[Short, ...], Items(0, HOLDERS_MAX)]  # the first decides
    wait_ms: Count  # until the others may stand in


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeView(Record):
    id: Id32
    name: Short
    steps: Annotated[tuple[StepView, ...], Items(1, OFFICE_STEPS_MAX)]
    mine: bool  # I have a part in it


@dataclass(frozen=True, slots=True, kw_only=True)
class UseView(Record):
    """A letter that was signed under a mandate."""

    statement: Id32
    title: Short
    at_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateView(Record):
    id: Id32
    office: Id32
    office_name: Short
    giver: Short
    holder: Short
    words: Text
    topics: Annotated[tuple[Short, ...], Items(0, 8)]
    countries: Annotated[tuple[Short, ...], Items(0, 8)]
    asks_excluded: Annotated[tuple[Short, ...], Items(0, 8)]
    expires_ms: Count
    revoked: bool
    mine: bool  # I may sign under it
    uses: Annotated[tuple[UseView, ...], Items(0, USES_SHOWN_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficesView(Record):
    offices: Annotated[tuple[OfficeView, ...], Items(0, OFFICES_MAX)]
    mandates: Annotated[tuple[MandateView, ...], Items(0, MANDATES_MAX)]
