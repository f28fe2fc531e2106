"""Checks of signatures on paper in a package.

Law: as in `statement.verification`, of which this is a part. What holds is what the witness signed; whether
the paper exists, and whether those people signed it, no file can tell. Ours, unreviewed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from meshcoal.crypto.signing import verify as verify_signature
from meshcoal.errors import BadKey, BadSignature, MalformedPackage
from meshcoal.ids import Digest
from meshcoal.statement.report import PaperSignatory, Severity
from meshcoal.statement.sentences import Value
from meshcoal.wire.package import Package
from meshcoal.wire.paper import (
    PaperLine,
    PaperWithdrawal,
    Sheet,
    line_digests,
    paper_withdrawal_text,
    sheet_text,
    spell_day,
    tally_lines,
)
from meshcoal.wire.public_text import PAPER_RULE, StatementText, digest_of
from meshcoal.wire.terms import NameMode


class Say(Protocol):
    def __call__(self, severity: Severity, key: str, /, **values: Value) -> None: ...


@dataclass(slots=True, kw_only=True)
class PaperExamination:
    """One run over the sheets of one package.

    Args:
        say: takes severity, code and sentence of a finding.
        text_signed: whether the letter's text is the one whose digest the file names.
    """

    package: Package
    say: Say
    text: StatementText | None
    text_signed: bool
    _good: dict[int, Digest] = field(default_factory=dict)  # place in the list -> digest of the sheet's text
    _withdrawn: set[tuple[bytes, int, int]] = field(default_factory=set)  # witness, number, line

    def check(self) -> None:
        """The sheets; then, behind other withdrawals, `check_withdrawals`."""
        if not self.package.paper:
            return
        self._check_rule()
        self._check_signatures()
        self._check_order()
        self._check_dates()
        self._check_left_out()
        self._check_doubles()

    def _check_rule(self) -> None:
        if self.text is not None and PAPER_RULE not in self.text.rules:
            self.say(Severity.PROBLEM, "paper-rule")

    def _check_signatures(self) -> None:
        for place, sheet in enumerate(self.package.paper):
            try:
                text = sheet_text(self.package.digest, sheet.head, line_digests(sheet))
                verify_signature(sheet.head.act_key, text, sheet.signature)
            except (MalformedPackage, BadKey, BadSignature):
                self.say(Severity.PROBLEM, "paper-signature", **_sheet(sheet))
            else:
                self._good[place] = digest_of(text)
        if len(self._good) == len(self.package.paper) and self.text_signed:
            self.say(Severity.OK, "paper", count=self.on_paper, witnesses=self.witnesses)

    def _check_order(self) -> None:
        places = [sheet.place for sheet in self.package.paper]
        lines = [[line.line for line in sheet.lines] for sheet in self.package.paper]
        lines += [[one.line for one in sheet.left_out] for sheet in self.package.paper]
        if places != sorted(set(places)) or any(one != sorted(set(one)) for one in lines):
            self.say(Severity.PROBLEM, "paper-order")

    def _check_dates(self) -> None:
        for sheet in self.package.paper:
            if self.text is not None and sheet.head.dated_ms > self.text.deadline_ms:
                day = spell_day(sheet.head.dated_ms)
                self.say(Severity.PROBLEM, "paper-late", **_sheet(sheet), day=day)

    def _check_left_out(self) -> None:
        left_out = sum(len(sheet.left_out) for sheet in self.package.paper)
        if left_out:
            self.say(Severity.NOTICE, "paper-left-out", count=left_out)

    def _check_doubles(self) -> None:
        scans: dict[bytes, int] = {}
        named: dict[str, list[str]] = {}
        on_paper = set()
        for sign_on in self.package.sign_ons:
            if sign_on.fields.mode is NameMode.NAMED:
                named.setdefault(sign_on.fields.name.lower(), []).append(sign_on.fields.name)
        for sheet in self.package.paper:
            scans[sheet.head.scan] = scans.get(sheet.head.scan, 0) + 1
            for line in sheet.lines:
                named.setdefault(line.name.lower(), []).append(line.name)
                on_paper.add(line.name.lower())
        for key, names in named.items():
            if len(names) > 1 and key in on_paper:
                self.say(Severity.NOTICE, "paper-same-name", count=len(names), name=names[0])
        for count in scans.values():
            if count > 1:
                self.say(Severity.NOTICE, "paper-same-scan", count=count)

    def check_withdrawals(self) -> None:
        """Lines that were taken back after the release."""
        told = [
            (one.witness, one.number, one.withdrawn_ms, one.signature)
            for one in self.package.paper_withdrawals
        ]
        if told != sorted(set(told)):
            self.say(Severity.PROBLEM, "doubled-withdrawal.paper")
        sheets = {sheet.place: sheet for place, sheet in enumerate(self.package.paper) if place in self._good}
        for withdrawal in self.package.paper_withdrawals:
            self._check_withdrawal(withdrawal, sheets.get((withdrawal.witness, withdrawal.number)))

    def _check_withdrawal(self, withdrawal: PaperWithdrawal, sheet: Sheet | None) -> None:
        keys = (withdrawal.witness, self.package.release.act_key)
        lines = {line.line: line for line in sheet.lines} if sheet is not None else {}
        taken = [lines[number] for number in withdrawal.lines if number in lines]
        if sheet is None or not taken or withdrawal.act_key not in keys:
            self.say(Severity.PROBLEM, "paper-withdrawal.stray")
            return
        try:
            text = paper_withdrawal_text(self.package.digest, withdrawal)
            verify_signature(withdrawal.act_key, text, withdrawal.signature)
        except (MalformedPackage, BadKey, BadSignature):
            self.say(Severity.PROBLEM, "paper-withdrawal.forged", **_sheet(sheet))
            return
        for line in taken:
            self._withdrawn.add((withdrawal.witness, withdrawal.number, line.line))
            self.say(Severity.NOTICE, "paper-withdrawn", name=line.name, at=withdrawal.withdrawn_ms)

    # --- Results

    @property
    def tally_lines(self) -> tuple[str, ...]:
        """What the tally says of the sheets that hold."""
        return tally_lines(
            [
                (
                    *self.package.paper[place].place,
                    digest,
                    [one.line for one in self.package.paper[place].lines],
                )
                for place, digest in self._good.items()
            ]
        )

    @property
    def on_paper(self) -> int:
        """Lines of the sheets that hold."""
        return sum(len(sheet.lines) for sheet in self._holding())

    @property
    def witnesses(self) -> int:
        return len({sheet.head.act_key for sheet in self._holding() if sheet.lines})

    def _holding(self) -> list[Sheet]:
        return [self.package.paper[place] for place in self._good] if self.text_signed else []

    def signatories(self) -> tuple[PaperSignatory, ...]:
        """Every line, as the package has it."""
        return tuple(
            [
                self._signatory(sheet, line, holds=self.text_signed and place in self._good)
                for place, sheet in enumerate(self.package.paper)
                for line in sheet.lines
            ]
        )

    def _signatory(self, sheet: Sheet, line: PaperLine, *, holds: bool) -> PaperSignatory:
        return PaperSignatory(
            name=line.name,
            title=line.title,
            affiliation=line.affiliation,
            country=line.country,
            capacity=line.capacity,
            dated_ms=sheet.head.dated_ms,
            witness=sheet.head.witness,
            key=sheet.head.act_key,
            sheet=sheet.head.number,
            line=line.line,
            scan=sheet.head.scan,
            holds=holds,
            withdrawn=(*sheet.place, line.line) in self._withdrawn,
        )


def _sheet(sheet: Sheet) -> dict[str, Value]:
    """How a sentence calls a sheet."""
    return {"number": sheet.head.number, "witness": sheet.head.act_key.hex()[:8]}
