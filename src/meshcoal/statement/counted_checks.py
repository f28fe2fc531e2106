"""Checks of those on a published list who are counted and not named.

Law: as in `statement.verification`, whose checks these are: nothing but the file. Each of the counted is of
the ring, no two are one, and none is named beside. Whom the ring's keys belong to is said by people.
Specified in docs/protocol/counted.md. Ours, unreviewed.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from meshcoal.errors import BadKey, BadRing, BadSignature
from meshcoal.statement.counted import Count, Poll, check_counted, check_counted_withdrawal, check_named
from meshcoal.statement.report import Finding, Severity
from meshcoal.statement.sentences import Value
from meshcoal.wire.counted import CountedSignOn, CountedWithdrawal, PublicRing, named_at
from meshcoal.wire.package_counted import PublicCount
from meshcoal.wire.public_text import RingTally

_TAG_BYTES = 32


def tally_of(count: PublicCount | None) -> RingTally | None:
    """What the released tally says of the ring, if it is this one."""
    if count is None:
        return None
    return RingTally(
        ring=PublicRing(keys=count.ring).digest,
        named=tuple([(one.act_key, one.place.ring_key) for one in count.named]),
        tags=tuple([signature[:_TAG_BYTES] for signature in count.sign_ons]),
    )


class CountExamination:
    """One run over the count of one package.

    Args:
        digest: of the text, as the file names it.
        permitted: whether the text lets members be counted.
        names: of the entries of the released list, by act key.
        later: how many entries stand in addenda.
    """

    def __init__(
        self, count: PublicCount, *, digest: bytes, permitted: bool, names: Mapping[bytes, str], later: int
    ) -> None:
        self._count = count
        self._digest = digest
        self._permitted = permitted
        self._names = names
        self._later = later
        self.findings: list[Finding] = []
        self.counted = 0  # that hold, each once, less who took it back

    def run(self) -> None:
        """All checks, in their order."""
        if not self._permitted:
            self._problem("counted-mode")
        try:
            if list(self._count.ring) != sorted(set(self._count.ring)):
                raise BadRing("not in order")
            poll = Poll.of(self._digest, self._count.ring)
        except (BadRing, BadKey):
            self._problem("ring.broken")
            return
        tags = self._check_named(poll)
        good = self._check_counted(poll, tags)
        gone = self._check_withdrawals(poll, good)
        self.counted = len(good) - gone
        if self._count.counted != self.counted:
            self._problem("counts.unnamed")
        if not self.findings:
            self._say_count(gone)

    def _check_named(self, poll: Poll) -> set[bytes]:
        """Tags of who is named."""
        keys = [one.act_key for one in self._count.named]
        if keys != sorted(set(keys)):
            self._problem("in-ring.order")
        tags: set[bytes] = set()
        for one in self._count.named:
            name = self._names.get(one.act_key)
            if name is None:
                self._problem("in-ring.stray")
                continue
            if one.place.tag in tags:
                self._problem("in-ring.doubled", name=name)
            tags.add(one.place.tag)
            try:
                check_named(poll, named_at(self._digest, poll.public.digest, one.act_key, one.place))
            except (BadRing, BadKey, BadSignature):
                self._problem("in-ring.forged", name=name)
        return tags

    def _check_counted(self, poll: Poll, named: set[bytes]) -> set[bytes]:
        """Tags of who is counted and holds."""
        found = [signature[:_TAG_BYTES] for signature in self._count.sign_ons]
        if any(one > other for one, other in itertools.pairwise(found)):
            self._problem("counted-order")
        good: set[bytes] = set()
        seen: set[bytes] = set()
        for place, (tag, signature) in enumerate(zip(found, self._count.sign_ons, strict=True), start=1):
            entry = CountedSignOn(statement=self._digest, ring=poll.public.digest, signature=signature)
            if tag in seen:
                self._problem("counted-doubled", place=place)
            elif tag in named:
                self._problem("counted-named", place=place)
            elif _holds(poll, entry):
                good.add(tag)
            else:
                self._problem("counted-signature", place=place)
            seen.add(tag)
        return good

    def _check_withdrawals(self, poll: Poll, good: set[bytes]) -> int:
        """How many of the counted took it back."""
        tags = [signature[:_TAG_BYTES] for signature in self._count.withdrawals]
        if tags != sorted(set(tags)):
            self._problem("counted-withdrawal.order")
        gone = set()
        for tag, signature in zip(tags, self._count.withdrawals, strict=True):
            entry = CountedWithdrawal(statement=self._digest, ring=poll.public.digest, signature=signature)
            if tag not in good:
                self._problem("counted-withdrawal.stray")
            elif _holds(poll, entry):
                gone.add(tag)
            else:
                self._problem("counted-withdrawal.forged")
        return len(gone)

    def _say_count(self, gone: int) -> None:
        named = len(self._count.named)
        count = Count(members=len(self._count.ring), named=named, counted=self.counted)
        if named:
            self._say(Severity.OK, "ring.ok", count=named, number=count.members)
        else:
            self._say(Severity.NOTICE, "ring.nobody", number=count.members)
        self._say(Severity.OK, "counted", count=self.counted, number=count.crowd)
        if gone:
            self._say(Severity.NOTICE, "counted-withdrawn", count=gone)
        if self.counted and count.is_everybody:
            self._say(Severity.NOTICE, "crowd.everybody")
        elif self.counted and count.is_small:
            self._say(Severity.NOTICE, "crowd.small", count=count.crowd)
        others = len(set(self._names) - {one.act_key for one in self._count.named})
        if others:
            self._say(Severity.NOTICE, "not-in-ring", count=others)
        if self.counted and self._later:
            self._say(Severity.NOTICE, "counted-later", count=self._later)

    def _problem(self, key: str, **values: Value) -> None:
        self._say(Severity.PROBLEM, key, **values)

    def _say(self, severity: Severity, key: str, **values: Value) -> None:
        self.findings.append(Finding(key=key, severity=severity, values=values))


def _holds(poll: Poll, entry: CountedSignOn | CountedWithdrawal) -> bool:
    try:
        if isinstance(entry, CountedSignOn):
            check_counted(poll, entry)
        else:
            check_counted_withdrawal(poll, entry)
    except BadSignature:
        return False
    return True
