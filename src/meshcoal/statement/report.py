"""What checking a package finds: plain values, for the command and for whoever calls it.

Law: what is wrong is named, what holds is said, and what nobody can tell from a file is said as well. Codes
are stable (docs/protocol/package.md).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from meshcoal.ids import Digest
from meshcoal.wire.naming import NameIn, SignOnFields
from meshcoal.wire.terms import Capacity, NameMode

CANNOT_KNOW: Final = (
    "Whether the people and organisations are who they say: each made their own key, and no authority "
    "vouches for it. Ask them, or compare with what they publish.",
    "Whether a network has as many members as it says, and whether somebody is what their role says.",
    "Whether the list is complete: the organiser who released it may have left sign-ons out.",
    "Whether somebody withdrew later: a notice may be missing from this copy.",
    "Whether the times are true: each signatory's own clock told them.",
    "Whether another text was released to others: compare the digest.",
)


class Severity(enum.StrEnum):
    OK = "ok"
    NOTICE = "notice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is true, noteworthy or wrong. Codes are stable (docs/protocol/package.md)."""

    code: str
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """An entry as the package has it; `holds` says whether its signature does."""

    name: str
    title: str
    affiliation: str
    country: str
    capacity: Capacity
    signed_ms: int
    holds: bool
    withdrawn: bool
    names: tuple[NameIn, ...]
    members: int
    mode: NameMode
    logo: bool  # the file holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """Entries that hold, counted anew."""

    organisations: int
    individuals: int
    withdrawn: int  # of these, since the release


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found. With an unreadable file, all but `findings` is empty."""

    findings: tuple[Finding, ...]
    digest: Digest  # of the text in the file, computed; empty if there is none
    title: str
    languages: tuple[str, ...]
    addressees: tuple[str, ...]
    deadline_ms: int  # -1 if unknown
    released_ms: int  # -1 if unknown
    counts: Tallied
    signatories: tuple[Signatory, ...]
    cannot_know: tuple[str, ...] = CANNOT_KNOW

    @property
    def sound(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> tuple[Finding, ...]:
        return tuple([finding for finding in self.findings if finding.severity is Severity.PROBLEM])


def called(fields: SignOnFields) -> str:
    """How a sentence calls a signatory."""
    return fields.name or "named to the addressee only"
