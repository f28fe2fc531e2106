"""Who decides that an organisation signs: the steps of its office, and what a standing mandate covers.

Law: an office names people and what each decides, never a rule that acts by itself. A mandate covers what its
words say and what programs can match; where a letter says nothing to match, no mandate covers it. Specified
in docs/protocol/authority.md. Ours, unreviewed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from meshcoal.errors import MalformedBody, MeshcoalError
from meshcoal.limits import (
    COMMENT_CHARS_MAX,
    DEPUTIES_WAIT_MS_MAX,
    HOLDERS_MAX,
    NAME_CHARS_MAX,
    OFFICE_STEPS_MAX,
)
from meshcoal.wire.body import Body, Name
from meshcoal.wire.naming import Tags
from meshcoal.wire.record import Chars, Id32, Items, OptionalId32, Range, Record, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeStep(Record):
    """One decision, such as `policy`: whoever comes first decides, the others stand in after a wait."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    name: Annotated[str, Chars(1, NAME_CHARS_MAX)]
    holders: Annotated[tuple[Id32, ...], Items(1, HOLDERS_MAX)]  # authors; behind the first: deputies
    wait_ms: Annotated[int, Range(0, DEPUTIES_WAIT_MS_MAX)]  # until deputies may decide

    def may_act(self, author: bytes, *, since_ms: int, at_ms: int) -> bool:
        """Whether this author may decide at that time, by the clocks of those who wrote."""
        return author == self.holders[0] or (author in self.holders and at_ms >= since_ms + self.wait_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateScope(Record):
    """What may be signed under a mandate."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    words: Annotated[str, Chars(1, COMMENT_CHARS_MAX)]  # for people
    topics: Tags  # a letter's topics are all among these; empty: any
    countries: Tags  # likewise
    asks_excluded: Tags  # none of the letter's asks is among these

    def covers(self, *, topics: tuple[str, ...], countries: tuple[str, ...], asks: tuple[str, ...]) -> bool:
        """Whether a letter that says this of itself is within the scope. One that says nothing is not."""
        return (
            bool(topics and countries)
            and (not self.topics or set(topics) <= set(self.topics))
            and (not self.countries or set(countries) <= set(self.countries))
            and not set(asks) & set(self.asks_excluded)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeBody(Body):
    """An organisation's way to a signature; the operation's id is the office's. The last step signs."""

    name: Name
    steps: Annotated[tuple[OfficeStep, ...], Items(1, OFFICE_STEPS_MAX)]
    replaces: OptionalId32 = b""  # an office that this one takes the place of


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateBody(Body):
    """Whoever decides the last step of an office lets somebody sign for it, within a scope and a time."""

    office: Id32
    holder: Id32  # who may sign
    scope: MandateScope
    expires_ms: TimeMs


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeBody(Body):
    """A mandate holds no longer for what has this in its past."""

    mandate: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBody(Body):
    """Asks an office to sign a frozen text; the operation's id is the request's."""

    statement: Id32
    digest: Id32
    office: Id32
    note: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalBody(Body):
    """A decision on one step of a request. On the last step to approve is to sign, with a sign-on."""

    statement: Id32
    request: Id32
    step: Annotated[int, Range(0, OFFICE_STEPS_MAX - 1)]
    verdict: Verdict
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""
