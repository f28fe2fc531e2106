"""Checks a package with nothing but the package: no vault, no network, no clock.

Law: what is wrong is named, what holds is said, and what nobody can tell from a file is said as well. A
package is sound exactly when no finding is a problem. Sentences quote the file's names: whoever shows them
cleans them first. Specified in docs/protocol/package.md. Ours, unreviewed.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections import Counter
from typing import Final

from meshcoal.crypto.signing import verify as verify_signature
from meshcoal.errors import BadKey, BadSignature, MalformedPackage, OverLimit
from meshcoal.ids import Digest
from meshcoal.statement.addenda_check import AddendaCheck
from meshcoal.statement.counted_checks import CountExamination, tally_of
from meshcoal.statement.paper_checks import PaperExamination
from meshcoal.statement.report import Finding as Finding
from meshcoal.statement.report import Report as Report
from meshcoal.statement.report import Severity as Severity
from meshcoal.statement.report import Signatory as Signatory
from meshcoal.statement.report import Tallied as Tallied
from meshcoal.statement.sentences import CANNOT_KNOW, CANNOT_KNOW_OF_PAPER, Value
from meshcoal.wire.logo import check_logo, logo_digest
from meshcoal.wire.package import Package, SignOn, decode_package
from meshcoal.wire.plain import direction_of
from meshcoal.wire.public_text import (
    SignOnFields,
    StatementText,
    TallyLine,
    digest_of,
    parse_canonical_text,
    release_text,
    rules_of,
    sign_on_text,
    tally_text,
    withdrawal_text,
)
from meshcoal.wire.terms import ORGANISATIONS, NameMode

_SWAPS_TRIED_MAX: Final = 64  # changed entries whose names are tried on each other


def verify(data: bytes) -> Report:
    """Check a package file. Never raises for what is in the file: that is what findings are for."""
    try:
        package = decode_package(data)
    except (MalformedPackage, OverLimit) as exc:
        finding = Finding(key=exc.code, severity=Severity.PROBLEM, values={"detail": str(exc)})
        return Report(
            findings=(finding,),
            digest=Digest(b""),
            title="",
            languages=(),
            addressees=(),
            deadline_ms=-1,
            released_ms=-1,
            counts=Tallied(organisations=0, individuals=0, withdrawn=0),
            signatories=(),
        )
    return _Examination(package).report()


class _Examination:
    """One run over one package; collects findings in the order of the checks."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._findings: list[Finding] = []
        self._text: StatementText | None = None
        self._good: dict[bytes, Digest] = {}  # act key -> digest of the sign-on's text, where it holds
        self._text_signed = True  # the text is the one with the digest that the file names
        self._changed: set[int] = set()  # places in the list whose signature does not hold
        self._withdrawn: set[bytes] = set()
        self._logos: set[bytes] = set()  # digests of those in the file
        self._everybody = (*package.sign_ons, *[one for each in package.addenda for one in each.sign_ons])
        self._names = {one.act_key: one.fields for one in package.sign_ons}
        self._addenda_changed: set[tuple[int, int]] = set()  # as `_changed`: addendum and entry, from 0
        self._unnamed = 0  # members who are counted and not named

    def report(self) -> Report:
        self._check_text()
        self._check_sign_ons()
        self._check_doubles()
        self._check_modes()
        self._check_logos()
        self._check_deadline()
        self._paper = PaperExamination(
            package=self._package, say=self._say, text=self._text, text_signed=self._text_signed
        )
        self._paper.check()
        self._check_tally()
        self._check_release()
        self._addenda_changed = self._check_addenda()
        self._check_withdrawals()
        self._paper.check_withdrawals()
        self._check_unnamed()
        text = self._text
        return Report(
            findings=tuple(self._findings),
            digest=digest_of(self._package.canonical_text.encode()),
            title=text.texts[0].title if text else "",
            languages=tuple([part.language for part in text.texts]) if text else (),
            addressees=text.addressees if text else (),
            deadline_ms=text.deadline_ms if text else -1,
            released_ms=self._package.release.released_ms,
            counts=self._counts(),
            signatories=tuple(
                [
                    self._signatory(sign_on, holds=self._text_signed and place not in self._changed)
                    for place, sign_on in enumerate(self._package.sign_ons, start=1)
                ]
                + [
                    self._signatory(
                        sign_on,
                        holds=self._text_signed and (index, place) not in self._addenda_changed,
                        addendum=addendum.number,
                    )
                    for index, addendum in enumerate(self._package.addenda)
                    for place, sign_on in enumerate(addendum.sign_ons)
                ]
            ),
            on_paper=self._paper.signatories(),
            cannot_know=(*CANNOT_KNOW, *(CANNOT_KNOW_OF_PAPER if self._package.paper else ())),
        )

    # --- The text

    def _check_text(self) -> None:
        data = self._package.canonical_text.encode()
        if digest_of(data) == self._package.digest:
            self._ok("text-digest.ok", digest=self._package.digest.hex())
        else:
            self._text_signed = False
            self._problem("text-digest.changed")
        try:
            text = parse_canonical_text(data)
        except (MalformedPackage, OverLimit) as exc:
            self._problem("text-form", detail=str(exc))
            return
        self._text = text
        for part in text.texts:
            if direction_of("\n\n".join(part.paragraphs)) is not part.direction:
                self._problem("direction", language=part.language, direction=part.direction.value)
        if text.rules not in (rules_of(text.modes), rules_of(text.modes, paper=True)):
            self._problem("rules")
        if text.version > 1:
            self._notice("version", number=text.version, digest=text.replaces.hex())
        if not unicodedata.is_normalized("NFC", self._package.canonical_text):
            self._notice("composition")

    # --- The sign-ons

    def _check_sign_ons(self) -> None:
        changed = []
        for place, sign_on in enumerate(self._package.sign_ons, start=1):
            text_digest = self._holds(sign_on, sign_on.fields)
            if text_digest is None:
                changed.append((place, sign_on))
                self._changed.add(place)
            else:
                self._good[sign_on.act_key] = text_digest
        names = sorted({sign_on.fields.name for _, sign_on in changed[:_SWAPS_TRIED_MAX]})
        for place, sign_on in changed:
            self._name_change(place, sign_on, names if len(changed) <= _SWAPS_TRIED_MAX else [])
        keys = [sign_on.act_key for sign_on in self._package.sign_ons]
        if keys != sorted(keys):
            self._problem("order")
        if changed or not self._package.sign_ons:
            return
        count = len(self._package.sign_ons)
        if self._text_signed:
            self._ok("signatures", count=count)
        else:
            self._problem("other-text", count=count)

    def _holds(self, sign_on: SignOn, fields: SignOnFields) -> Digest | None:
        """The digest of the text that was signed, or None."""
        try:
            text = sign_on_text(self._package.digest, sign_on.act_key, fields)
            verify_signature(sign_on.act_key, text, sign_on.signature)
        except (MalformedPackage, BadKey, BadSignature):
            return None
        return digest_of(text)

    def _name_change(self, place: int, sign_on: SignOn, names: list[str]) -> None:
        """Say as well as can be told what is wrong with an entry whose signature does not hold."""
        for name in names:
            renamed = dataclasses.replace(sign_on.fields, name=name)
            if name != sign_on.fields.name and self._holds(sign_on, renamed) is not None:
                self._problem("swapped-name", place=place, name=sign_on.fields.name, other=name)
                return
        self._problem("signature", place=place, name=sign_on.fields.name)

    def _check_doubles(self) -> None:
        sign_ons = self._package.sign_ons
        keys = Counter([sign_on.act_key for sign_on in sign_ons])
        signatures = Counter([sign_on.signature for sign_on in sign_ons])
        for place, sign_on in enumerate(sign_ons, start=1):
            if keys[sign_on.act_key] > 1:
                self._problem("doubled.key", place=place, name=sign_on.fields.name)
            elif signatures[sign_on.signature] > 1:
                self._problem("doubled.signature", place=place, name=sign_on.fields.name)
        named: dict[str, list[str]] = {}
        for sign_on in self._everybody:
            # Not `casefold`: browsers have no such thing, and the page finds what this finds.
            if sign_on.fields.mode is NameMode.NAMED:
                named.setdefault(sign_on.fields.name.lower(), []).append(sign_on.fields.name)
        for names in named.values():
            if len(names) > 1:
                self._notice("same-name", count=len(names), name=names[0])

    def _check_modes(self) -> None:
        sign_ons = self._package.sign_ons
        permitted = self._text.modes if self._text else tuple(NameMode)
        for place, sign_on in enumerate(sign_ons, start=1):
            if sign_on.fields.mode not in permitted:
                self._problem("name-mode", place=place, name=sign_on.fields.name)
        hidden = sum(sign_on.fields.mode is NameMode.ADDRESSEE for sign_on in self._everybody)
        if hidden:
            self._notice("annex", count=hidden)
        conditional = sum(bool(sign_on.fields.condition) for sign_on in self._everybody)
        if conditional:
            self._notice("condition", count=conditional)

    def _check_logos(self) -> None:
        wanted = {sign_on.fields.logo for sign_on in self._everybody if sign_on.fields.logo}
        digests = [logo_digest(logo) for logo in self._package.logos]
        if digests != sorted(set(digests)) or not set(digests) <= wanted:
            self._problem("logo.order")
        for digest, logo in zip(digests, self._package.logos, strict=True):
            try:
                check_logo(logo)
            except MalformedPackage as exc:
                self._problem("logo.picture", detail=str(exc))
            else:
                self._logos.add(digest)
        missing = len(wanted - set(digests))
        if missing:
            self._notice("logo-missing", count=missing)

    def _check_deadline(self) -> None:
        if self._text is None:
            return
        late = 0
        for place, sign_on in enumerate(self._package.sign_ons, start=1):
            if sign_on.fields.signed_ms > self._text.deadline_ms:
                late += 1
                self._problem("late", place=place, name=sign_on.fields.name, at=sign_on.fields.signed_ms)
        if not late:
            self._ok("deadline", at=self._text.deadline_ms)
        for sign_on in self._package.sign_ons:
            strange = set(sign_on.fields.languages_read) - {part.language for part in self._text.texts}
            if strange:
                self._notice("languages-read", name=sign_on.fields.name)

    # --- The list as a whole

    def _check_tally(self) -> None:
        sign_ons = self._package.sign_ons
        counts = self._package.counts
        organisations = sum(sign_on.fields.capacity in ORGANISATIONS for sign_on in sign_ons)
        on_paper = sum(len(sheet.lines) for sheet in self._package.paper)
        stated = (counts.organisations, counts.individuals, counts.on_paper)
        if stated != (organisations, len(sign_ons) - organisations, on_paper):
            self._problem("counts")
        lines = []
        for sign_on in sign_ons:
            text_digest = self._good.get(sign_on.act_key)
            if text_digest is not None:
                lines.append(
                    TallyLine(
                        act_key=sign_on.act_key,
                        sign_on=text_digest,
                        capacity=sign_on.fields.capacity,
                        name=sign_on.fields.name,
                    )
                )
        ring = tally_of(self._package.unnamed)
        listed = digest_of(tally_text(self._package.digest, tuple(lines), self._paper.tally_lines, ring))
        if listed == self._package.release.tally_digest:
            self._ok("tally.ok", count=len(lines))
        else:
            self._problem("tally.changed")
        if not (sign_ons or on_paper):
            self._problem("empty")

    def _check_release(self) -> None:
        release = self._package.release
        text = release_text(
            self._package.digest,
            release.act_key,
            release.tally_digest,
            release.released_ms,
            release.not_before_ms,
        )
        try:
            verify_signature(release.act_key, text, release.signature)
        except (BadKey, BadSignature):
            self._problem("release.forged")
            return
        self._ok("release.ok", at=release.released_ms)
        if release.not_before_ms:
            self._notice("embargo", at=release.not_before_ms)
        if any(sign_on.fields.signed_ms > release.released_ms for sign_on in self._package.sign_ons):
            self._notice("clocks")

    def _check_addenda(self) -> set[tuple[int, int]]:
        check = AddendaCheck(
            self._package,
            self._text,
            good=self._good,
            withdrawn=self._withdrawn,
            names=self._names,
            holds=self._holds,
            say=self._say,
        )
        check.run()
        return check.changed

    def _check_withdrawals(self) -> None:
        told = frozenset(self._withdrawn)  # in an addendum
        names = {key: fields.name for key, fields in self._names.items()}
        keys = [withdrawal.act_key for withdrawal in self._package.withdrawals]
        if keys != sorted(set(keys)):
            self._problem("doubled-withdrawal")
        for withdrawal in self._package.withdrawals:
            signed = self._good.get(withdrawal.act_key)
            if signed is None or withdrawal.act_key in told:
                self._problem("withdrawal.stray")
                continue
            text = withdrawal_text(self._package.digest, withdrawal.act_key, signed, withdrawal.withdrawn_ms)
            try:
                verify_signature(withdrawal.act_key, text, withdrawal.signature)
            except (BadKey, BadSignature):
                self._problem("withdrawal.forged", name=names[withdrawal.act_key])
                continue
            self._withdrawn.add(withdrawal.act_key)
            self._notice("withdrawn", name=names[withdrawal.act_key], at=withdrawal.withdrawn_ms)

    def _check_unnamed(self) -> None:
        if self._package.unnamed is None:
            return
        examination = CountExamination(
            self._package.unnamed,
            digest=self._package.digest,
            permitted=self._text is None or NameMode.COUNTED in self._text.modes,
            names={one.act_key: one.fields.name for one in self._package.sign_ons},
            later=sum(len(one.sign_ons) for one in self._package.addenda),
        )
        examination.run()
        self._findings += examination.findings
        self._unnamed = examination.counted

    # --- Results

    def _counts(self) -> Tallied:
        good = {
            sign_on.act_key: sign_on.fields.capacity
            for sign_on in self._everybody
            if self._text_signed and sign_on.act_key in self._good
        }
        organisations = sum(capacity in ORGANISATIONS for capacity in good.values())
        at_release = {sign_on.act_key for sign_on in self._package.sign_ons}
        return Tallied(
            organisations=organisations,
            individuals=len(good) - organisations,
            withdrawn=len(self._withdrawn),
            since=len(good.keys() - at_release),
            addenda=len(self._package.addenda),
            on_paper=self._paper.on_paper,
            witnesses=self._paper.witnesses,
            unnamed=self._unnamed if self._text_signed else 0,
        )

    def _signatory(self, sign_on: SignOn, *, holds: bool, addendum: int = 0) -> Signatory:
        fields = sign_on.fields
        return Signatory(
            name=fields.name,
            title=fields.title,
            affiliation=fields.affiliation,
            country=fields.country,
            capacity=fields.capacity,
            signed_ms=fields.signed_ms,
            holds=holds,
            withdrawn=sign_on.act_key in self._withdrawn,
            names=fields.names,
            members=fields.members,
            mode=fields.mode,
            logo=bool(fields.logo) and fields.logo in self._logos,
            addendum=addendum,
        )

    def _say(self, severity: Severity, key: str, /, **values: Value) -> None:
        self._findings.append(Finding(key=key, severity=severity, values=values))

    def _ok(self, key: str, **values: Value) -> None:
        self._say(Severity.OK, key, **values)

    def _notice(self, key: str, **values: Value) -> None:
        self._say(Severity.NOTICE, key, **values)

    def _problem(self, key: str, **values: Value) -> None:
        self._say(Severity.PROBLEM, key, **values)
