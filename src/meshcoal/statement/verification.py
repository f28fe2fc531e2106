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

from meshcoal.clock import iso_utc
from meshcoal.crypto.signing import verify as verify_signature
from meshcoal.errors import BadKey, BadSignature, MalformedPackage, OverLimit
from meshcoal.ids import Digest
from meshcoal.statement.report import CANNOT_KNOW as CANNOT_KNOW
from meshcoal.statement.report import Finding as Finding
from meshcoal.statement.report import Report as Report
from meshcoal.statement.report import Severity as Severity
from meshcoal.statement.report import Signatory as Signatory
from meshcoal.statement.report import Tallied as Tallied
from meshcoal.statement.report import called
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
        finding = Finding(
            code=exc.code, severity=Severity.PROBLEM, sentence=f"This is not a sound package file: {exc}."
        )
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

    def report(self) -> Report:
        self._check_text()
        self._check_sign_ons()
        self._check_doubles()
        self._check_modes()
        self._check_logos()
        self._check_deadline()
        self._check_tally()
        self._check_release()
        self._check_withdrawals()
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
            ),
        )

    # --- The text

    def _check_text(self) -> None:
        data = self._package.canonical_text.encode()
        if digest_of(data) == self._package.digest:
            self._ok("text-digest", f"The text has the digest {self._package.digest.hex()}.")
        else:
            self._text_signed = False
            self._problem("text-digest", "The text was changed: it does not have the digest that was signed.")
        try:
            text = parse_canonical_text(data)
        except (MalformedPackage, OverLimit) as exc:
            self._problem("text-form", f"The text is not in the form of a statement: {exc}.")
            return
        self._text = text
        for part in text.texts:
            if direction_of("\n\n".join(part.paragraphs)) is not part.direction:
                self._problem(
                    "direction",
                    f"The text in `{part.language}` is said to run {part.direction.value}, but does not.",
                )
        if text.rules != rules_of(text.modes):
            self._problem("rules", "The statement was made under rules that this version does not know.")
        if text.version > 1:
            self._notice(
                "version",
                f"This is version {text.version} of the letter. It replaces the text with the digest "
                f"{text.replaces.hex()}: what was signed under that one does not count here.",
            )
        if not unicodedata.is_normalized("NFC", self._package.canonical_text):
            self._notice("composition", "The text is not in composed form (NFC): typed anew it may differ.")

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
            self._problem("order", "The list is not in its order.")
        if changed or not self._package.sign_ons:
            return
        count = len(self._package.sign_ons)
        if self._text_signed:
            self._ok("signatures", f"All {count} signatures hold for this digest.")
        else:
            self._problem(
                "other-text",
                f"The {count} signatures hold for another text, whose digest the file names: "
                "nobody signed the text that stands here.",
            )

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
        shown = called(sign_on.fields)
        for name in names:
            renamed = dataclasses.replace(sign_on.fields, name=name)
            if name != sign_on.fields.name and self._holds(sign_on, renamed) is not None:
                self._problem(
                    "swapped-name",
                    f"Entry {place} carries the name {shown}, "
                    f"but its key signed as {called(renamed)}: swapped.",
                )
                return
        self._problem(
            "signature",
            f"Entry {place}, {shown}: the signature does not hold. It was forged, made for another text, "
            "or the name or another detail was changed.",
        )

    def _check_doubles(self) -> None:
        sign_ons = self._package.sign_ons
        keys = Counter([sign_on.act_key for sign_on in sign_ons])
        signatures = Counter([sign_on.signature for sign_on in sign_ons])
        for place, sign_on in enumerate(sign_ons, start=1):
            if keys[sign_on.act_key] > 1:
                self._problem(
                    "doubled", f"Entry {place}, {called(sign_on.fields)}: one key signed more than once."
                )
            elif signatures[sign_on.signature] > 1:
                self._problem(
                    "doubled",
                    f"Entry {place}, {called(sign_on.fields)}: its signature stands at another name too.",
                )
        named: dict[str, list[str]] = {}
        for sign_on in sign_ons:
            # Not `casefold`: browsers have no such thing, and the page finds what this finds.
            if sign_on.fields.mode is NameMode.NAMED:
                named.setdefault(sign_on.fields.name.lower(), []).append(sign_on.fields.name)
        for names in named.values():
            if len(names) > 1:
                self._notice(
                    "same-name",
                    f"{len(names)} entries carry the name {names[0]}: perhaps the same signatory.",
                )

    def _check_modes(self) -> None:
        sign_ons = self._package.sign_ons
        permitted = self._text.modes if self._text else tuple(NameMode)
        for place, sign_on in enumerate(sign_ons, start=1):
            if sign_on.fields.mode not in permitted:
                self._problem(
                    "name-mode",
                    f"Entry {place}, {called(sign_on.fields)}: the letter does not permit this way of "
                    "signing without a name.",
                )
        hidden = sum(sign_on.fields.mode is NameMode.ADDRESSEE for sign_on in sign_ons)
        if hidden:
            self._notice(
                "annex",
                f"Named to the addressee only: {hidden}. Who they are stands in an annex, not in this file.",
            )
        conditional = sum(bool(sign_on.fields.condition) for sign_on in sign_ons)
        if conditional:
            self._notice(
                "condition",
                f"Signed on a condition that this file does not tell: {conditional}. Who released the letter "
                "says by it that the conditions hold.",
            )

    def _check_logos(self) -> None:
        wanted = {sign_on.fields.logo for sign_on in self._package.sign_ons if sign_on.fields.logo}
        digests = [logo_digest(logo) for logo in self._package.logos]
        if digests != sorted(set(digests)) or not set(digests) <= wanted:
            self._problem("logo", "The logos are not in order, each once, each of an entry.")
        for digest, logo in zip(digests, self._package.logos, strict=True):
            try:
                check_logo(logo)
            except MalformedPackage as exc:
                self._problem("logo", f"The file holds something that is no logo: {exc}.")
            else:
                self._logos.add(digest)
        missing = len(wanted - set(digests))
        if missing:
            self._notice("logo-missing", f"Logos that were signed and are not in this file: {missing}.")

    def _check_deadline(self) -> None:
        if self._text is None:
            return
        late = 0
        for place, sign_on in enumerate(self._package.sign_ons, start=1):
            if sign_on.fields.signed_ms > self._text.deadline_ms:
                late += 1
                self._problem(
                    "late",
                    f"Entry {place}, {called(sign_on.fields)}, is dated {iso_utc(sign_on.fields.signed_ms)}: "
                    "behind the deadline.",
                )
        if not late:
            self._ok("deadline", f"All are dated before the deadline, {iso_utc(self._text.deadline_ms)}.")
        for sign_on in self._package.sign_ons:
            strange = set(sign_on.fields.languages_read) - {part.language for part in self._text.texts}
            if strange:
                self._notice(
                    "languages-read",
                    f"{called(sign_on.fields)} names a language in which the statement has no text.",
                )

    # --- The list as a whole

    def _check_tally(self) -> None:
        sign_ons = self._package.sign_ons
        counts = self._package.counts
        organisations = sum(sign_on.fields.capacity in ORGANISATIONS for sign_on in sign_ons)
        if (counts.organisations, counts.individuals) != (organisations, len(sign_ons) - organisations):
            self._problem("counts", "The counts that the package states are not those of its list.")
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
        listed = digest_of(tally_text(self._package.digest, tuple(lines)))
        if listed == self._package.release.tally_digest:
            self._ok("tally", f"The list is the one that was released: {len(lines)} sign-ons.")
        else:
            self._problem(
                "tally", "The list is not the one that was released: an entry was changed, added or left out."
            )
        if not sign_ons:
            self._problem("empty", "Nobody signed.")

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
            self._problem(
                "release", "The signature under the release does not hold: list, digest or time was changed."
            )
            return
        self._ok("release", f"It was released on {iso_utc(release.released_ms)} by the key that signed so.")
        if release.not_before_ms:
            self._notice("embargo", f"It is not to be published before {iso_utc(release.not_before_ms)}.")
        if any(sign_on.fields.signed_ms > release.released_ms for sign_on in self._package.sign_ons):
            self._notice("clocks", "A sign-on is dated behind the release: somebody's clock is wrong.")

    def _check_withdrawals(self) -> None:
        names = {sign_on.act_key: called(sign_on.fields) for sign_on in self._package.sign_ons}
        keys = [withdrawal.act_key for withdrawal in self._package.withdrawals]
        if keys != sorted(set(keys)):
            self._problem("doubled-withdrawal", "The withdrawals are not in order, each once.")
        for withdrawal in self._package.withdrawals:
            signed = self._good.get(withdrawal.act_key)
            if signed is None:
                self._problem("withdrawal", "A withdrawal belongs to no sign-on on the list.")
                continue
            text = withdrawal_text(self._package.digest, withdrawal.act_key, signed, withdrawal.withdrawn_ms)
            try:
                verify_signature(withdrawal.act_key, text, withdrawal.signature)
            except (BadKey, BadSignature):
                self._problem(
                    "withdrawal",
                    f"The signature under the withdrawal of {names[withdrawal.act_key]} does not hold.",
                )
                continue
            self._withdrawn.add(withdrawal.act_key)
            self._notice(
                "withdrawn",
                f"{names[withdrawal.act_key]} withdrew on {iso_utc(withdrawal.withdrawn_ms)}, "
                "too late for the released list.",
            )

    # --- Results

    def _counts(self) -> Tallied:
        good = {
            sign_on.act_key: sign_on.fields.capacity
            for sign_on in self._package.sign_ons
            if self._text_signed and sign_on.act_key in self._good
        }
        organisations = sum(capacity in ORGANISATIONS for capacity in good.values())
        return Tallied(
            organisations=organisations,
            individuals=len(good) - organisations,
            withdrawn=len(self._withdrawn),
        )

    def _signatory(self, sign_on: SignOn, *, holds: bool) -> Signatory:
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
        )

    def _ok(self, code: str, sentence: str) -> None:
        self._findings.append(Finding(code=code, severity=Severity.OK, sentence=sentence))

    def _notice(self, code: str, sentence: str) -> None:
        self._findings.append(Finding(code=code, severity=Severity.NOTICE, sentence=sentence))

    def _problem(self, code: str, sentence: str) -> None:
        self._findings.append(Finding(code=code, severity=Severity.PROBLEM, sentence=sentence))
