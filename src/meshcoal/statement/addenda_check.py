"""Checks the addenda of a package: numbers, chain, signatures, and that nobody stands on the list twice.

Law: as in `statement.verification`, of which this is a part. An addendum that is left out in the middle,
moved, changed or taken from another release is named; those at the end can be missing from a copy, and
nobody can tell. Specified in docs/protocol/package.md. Ours, unreviewed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from meshcoal.crypto.signing import verify as verify_signature
from meshcoal.errors import BadKey, BadSignature, MalformedPackage
from meshcoal.ids import Digest
from meshcoal.statement.report import Severity
from meshcoal.wire.addendum import AddendumFields, addendum_text
from meshcoal.wire.package import Addendum, Package, SignOn, Withdrawal
from meshcoal.wire.public_text import (
    SignOnFields,
    StatementText,
    TallyLine,
    digest_of,
    tally_text,
    withdrawal_text,
)
from meshcoal.wire.terms import NameMode

_NOTHING: Final = Digest(b"")


class Say(Protocol):
    """Notes a finding: the key of its sentence, and what stands in the gaps of it."""

    def __call__(self, severity: Severity, key: str, /, **values: str | int) -> None: ...


class AddendaCheck:
    """Goes through the addenda in the order in which they stand.

    Args:
        good: by act key, the digest of what it signed: of the released list; those of addenda are added.
        withdrawn: act keys whose withdrawal holds; those of addenda are added.
        names: how signatories are called, by act key; those of addenda are added.
        holds: the digest of the text that an entry signed, or None.
    """

    def __init__(
        self,
        package: Package,
        text: StatementText | None,
        *,
        good: dict[bytes, Digest],
        withdrawn: set[bytes],
        names: dict[bytes, SignOnFields],
        holds: Callable[[SignOn, SignOnFields], Digest | None],
        say: Say,
    ) -> None:
        self._package = package
        self._text = text
        self._good = good
        self._withdrawn = withdrawn
        self._names = names
        self._holds = holds
        self._say = say
        self._seen = {one.act_key for one in package.sign_ons}
        self._texts: dict[int, Digest] = {}  # SHA-256 of the text of each, by number
        self.changed: set[tuple[int, int]] = (
            set()
        )  # addendum and entry, from 0, whose signature does not hold

    def run(self) -> None:
        """Check them all."""
        addenda = self._package.addenda
        numbers = [addendum.number for addendum in addenda]
        if numbers != sorted(set(numbers)):
            self._problem("addendum-order")
        for number in range(1, max(numbers, default=0)):
            if number not in numbers:
                self._problem("addendum-missing", number=number)
        before_ms = self._package.release.released_ms
        for index, addendum in enumerate(addenda):
            self._check(index, addendum, before_ms)
            before_ms = addendum.published_ms
        deadline_ms = self._text.deadline_ms if self._text else 0
        late = sum(one.fields.signed_ms > deadline_ms for addendum in addenda for one in addendum.sign_ons)
        if late and self._text:
            self._notice("addendum-late", count=late)

    def _check(self, index: int, addendum: Addendum, before_ms: int) -> None:
        number = addendum.number
        if addendum.release != self._package.release.tally_digest:
            self._problem("addendum-release", number=number)
        told = number == 1 or number - 1 in self._texts
        if told and addendum.before != self._texts.get(number - 1, b""):
            self._problem("addendum-chain", number=number)
        known = dict(self._good)
        lines = self._check_entries(index, addendum)
        if digest_of(tally_text(self._package.digest, tuple(lines))) != addendum.tally_digest:
            self._problem("addendum-tally", number=number)
        withdrawals = [self._check_withdrawal(number, one, known) for one in addendum.withdrawals]
        keys = [one.act_key for one in addendum.withdrawals]
        if keys != sorted(set(keys)):
            self._problem("doubled-withdrawal.addendum", number=number)
        if not addendum.sign_ons and not addendum.withdrawals:
            self._problem("addendum-empty", number=number)
        self._check_signature(addendum, tuple(withdrawals))
        if addendum.published_ms < before_ms:
            self._notice("clocks.addendum", number=number)

    def _check_entries(self, index: int, addendum: Addendum) -> list[TallyLine]:
        """What of them holds, as it stands in a tally."""
        number = addendum.number
        lines = []
        for place, one in enumerate(addendum.sign_ons, start=1):
            name = one.fields.name
            signed = self._holds(one, one.fields)
            if signed is None:
                self._problem("signature.addendum", number=number, place=place, name=name)
                self.changed.add((index, place - 1))
            else:
                self._good.setdefault(one.act_key, signed)
                lines.append(
                    TallyLine(act_key=one.act_key, sign_on=signed, capacity=one.fields.capacity, name=name)
                )
            if one.act_key in self._seen:
                self._problem("doubled.addendum", number=number, place=place, name=name)
            self._seen.add(one.act_key)
            self._names.setdefault(one.act_key, one.fields)
            if one.fields.mode not in (self._text.modes if self._text else tuple(NameMode)):
                self._problem("name-mode.addendum", number=number, place=place, name=name)
            if self._text and set(one.fields.languages_read) - {part.language for part in self._text.texts}:
                self._notice("languages-read", name=name)
        keys = [one.act_key for one in addendum.sign_ons]
        if keys != sorted(keys):
            self._problem("order.addendum", number=number)
        return lines

    def _check_withdrawal(self, number: int, one: Withdrawal, known: dict[bytes, Digest]) -> Digest:
        """The digest of its text; nothing where it belongs to nobody who stood on the list before."""
        signed = known.get(one.act_key)
        if signed is None or one.act_key in self._withdrawn:
            self._problem("withdrawal.addendum", number=number)
            return _NOTHING if signed is None else self._withdrawal_digest(one, signed)
        text = withdrawal_text(self._package.digest, one.act_key, signed, one.withdrawn_ms)
        name = self._names[one.act_key].name
        try:
            verify_signature(one.act_key, text, one.signature)
        except (BadKey, BadSignature):
            self._problem("withdrawal.addendum-signature", number=number, name=name)
        else:
            self._withdrawn.add(one.act_key)
            self._notice("withdrawn.addendum", number=number, name=name, at=one.withdrawn_ms)
        return digest_of(text)

    def _withdrawal_digest(self, one: Withdrawal, signed: Digest) -> Digest:
        return digest_of(withdrawal_text(self._package.digest, one.act_key, signed, one.withdrawn_ms))

    def _check_signature(self, addendum: Addendum, withdrawals: tuple[Digest, ...]) -> None:
        number = addendum.number
        try:
            text = addendum_text(
                self._package.digest,
                addendum.act_key,
                AddendumFields(
                    release=addendum.release,
                    number=number,
                    before=addendum.before,
                    tally_digest=addendum.tally_digest,
                    withdrawals=withdrawals,
                    published_ms=addendum.published_ms,
                ),
            )
            verify_signature(addendum.act_key, text, addendum.signature)
        except (MalformedPackage, BadKey, BadSignature):
            self._problem("addendum-signature", number=number)
            return
        self._texts.setdefault(number, digest_of(text))
        count = len(addendum.sign_ons)
        self._say(Severity.OK, "addendum", number=number, at=addendum.published_ms, count=count)

    def _notice(self, key: str, **values: str | int) -> None:
        self._say(Severity.NOTICE, key, **values)

    def _problem(self, key: str, **values: str | int) -> None:
        self._say(Severity.PROBLEM, key, **values)
