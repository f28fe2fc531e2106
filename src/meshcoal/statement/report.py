"""What checking a package finds: plain values, for the command and for whoever calls it.

Law: what is wrong is named, what holds is said, and what nobody can tell from a file is said as well. Codes
are stable (docs/protocol/package.md). What is said of each finding stands in `statement/sentences.py`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from meshcoal.ids import Digest
from meshcoal.statement.sentences import CANNOT_KNOW, Value, english
from meshcoal.wire.naming import NameIn
from meshcoal.wire.terms import Capacity, NameMode


class Severity(enum.StrEnum):
    OK = "ok"
    NOTICE = "notice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is true, noteworthy or wrong.

    `key` names the sentence (`statement/sentences.py`), `values` what stands in its gaps.
    """

    severity: Severity
    key: str
    values: Mapping[str, Value]

    @property
    def code(self) -> str:
        """Codes are stable (docs/protocol/package.md)."""
        return self.key.partition(".")[0]

    @property
    def sentence(self) -> str:
        """In English."""
        return english(self.key, self.values)


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
    addendum: int = 0  # in which it stands; 0: it was on the list at the release


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSignatory:
    """A line of a sheet as the package has it; `holds`: the witness's signature under the sheet does."""

    name: str
    title: str
    affiliation: str
    country: str
    capacity: Capacity
    dated_ms: int  # the day on the sheet
    witness: str  # as they wish to be named, or empty
    key: bytes  # the witness's
    sheet: int
    line: int
    scan: bytes  # SHA-256 of the scan's file
    holds: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """Entries that hold, counted anew."""

    organisations: int
    individuals: int
    withdrawn: int  # of these, since the release
    since: int = 0  # of these, in addenda
    addenda: int = 0
    on_paper: int = 0  # lines of sheets, counted apart
    witnesses: int = 0  # who entered these
    unnamed: int = 0  # members who are counted beside them, and not named


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
    on_paper: tuple[PaperSignatory, ...] = ()
    cannot_know: tuple[str, ...] = CANNOT_KNOW

    @property
    def sound(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> tuple[Finding, ...]:
        return tuple([finding for finding in self.findings if finding.severity is Severity.PROBLEM])
