"""What users do with letters, from the first draft to what comes after the release.

Law: as in `sim.workload`, of which this is a part.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import (
    AftermathKind,
    AmendStatement,
    Capacity,
    CaseKind,
    CommentStatement,
    Consent,
    Consenter,
    DraftStatement,
    EnterAftermath,
    EnterCase,
    ExportStatement,
    FreezeStatement,
    Means,
    OpenCase,
    ReleaseStatement,
    ShowCase,
    SignStatement,
    WithdrawSignature,
)
from meshcoal.api.views import Action, CaseView, StatementPhase, StatementView
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.sim.broken import Broken
from meshcoal.sim.hands import Hands
from meshcoal.wire.record import Record

LANGUAGES: Final = ("en", "fa", "ar", "zh-hans")


class Letters(Hands):
    """One thing about a letter, at one node."""

    def _draft(self, name: str) -> None:
        view = self._campaign(name)
        if view is None or len(view.statements) >= 4:
            return
        text = "\n\n".join(self._text() for _ in range(self._chance.randint(1, 4)))
        language = self._chance.choice(LANGUAGES)
        case = self._pick(view.cases) if self._chance.random() < 0.5 else None
        command = DraftStatement(
            campaign=view.id,
            language=language,
            title=self._text(1),
            text=text,
            case=case.id if case else b"",
        )
        self._do(name, command, StatementView)

    def _amend(self, name: str) -> None:
        view = self._statement(name)
        if view is None:
            return
        base = self._pick(list(view.revisions)) if self._chance.random() < 0.8 else None
        language = base.language if base else self._chance.choice(LANGUAGES)
        command = AmendStatement(
            campaign=view.campaign,
            statement=view.id,
            language=language,
            title=self._text(1),
            text=self._text(12),
            base=base.id if base else b"",
        )
        self._do(name, command, StatementView)

    def _comment(self, name: str) -> None:
        view = self._statement(name)
        revision = self._pick(list(view.revisions)) if view else None
        if view is not None and revision is not None:
            command = CommentStatement(
                campaign=view.campaign,
                statement=view.id,
                revision=revision.id,
                paragraph=self._chance.randint(0, len(revision.paragraphs)),
                text=self._text(),
            )
            self._do(name, command, StatementView)

    def _freeze(self, name: str) -> None:
        view = self._statement(name, StatementPhase.DRAFT)
        if view is not None:
            self._fix(name, view)

    def _revise(self, name: str) -> None:
        view = self._statement(name, StatementPhase.OPEN)
        if view is not None:
            self._fix(name, view, replaces=view.digest)

    def _fix(self, name: str, view: StatementView, *, replaces: bytes = b"") -> None:
        deadline_ms = self.world.now_ms + self._chance.choice((MINUTE_MS, DAY_MS, 7 * DAY_MS))
        command = FreezeStatement(
            campaign=view.campaign,
            statement=view.id,
            revisions=(),
            addressees=(self._text(1),),
            deadline_ms=deadline_ms,
            soft_deadline_ms=self._chance.choice((0, deadline_ms - MINUTE_MS // 2)),
            grace_ms=self._chance.choice((0, HOUR_MS)),
            replaces=replaces,
        )
        self._do(name, command, StatementView)

    def _sign(self, name: str) -> None:
        view = self._statement(name, StatementPhase.OPEN)
        if view is None or not view.digest:
            return
        wrong = self._chance.random() < 0.1
        capacity = self._chance.choice(list(Capacity))
        command = SignStatement(
            campaign=view.campaign,
            statement=view.id,
            digest=self._chance.randbytes(32) if wrong else view.digest,
            capacity=capacity,
            name=self._text(0),
            affiliation=self._text(0) if capacity is Capacity.AFFILIATED else "",
        )
        answer = self._do(name, command, StatementView)
        if wrong and answer is not None:
            raise Broken("signatures", f"{name} signed a digest that is not the statement's")

    def _withdraw(self, name: str) -> None:
        view = self._statement(name, StatementPhase.OPEN, StatementPhase.RELEASED)
        if view is not None:
            command = WithdrawSignature(campaign=view.campaign, statement=view.id)
            self._do(name, command, StatementView)

    def _release(self, name: str) -> None:
        view = self._statement(name, StatementPhase.OPEN)
        if view is not None and (view.tally.counted > 2 or self._chance.random() < 0.2):
            command = ReleaseStatement(campaign=view.campaign, statement=view.id)
            self._do(name, command, StatementView)

    def _enter(self, name: str) -> None:
        """Something that happened behind a release, or what came back on it."""
        view = self._statement(name, StatementPhase.RELEASED)
        if view is None or Action.ENTER not in view.actions:
            return
        delivered = [one for one in view.aftermath if one.entry is AftermathKind.DELIVERY]
        entry = self._chance.choice(list(AftermathKind)) if delivered else AftermathKind.DELIVERY
        answer = entry in (AftermathKind.REPLY, AftermathKind.FOLLOW_UP)
        delivery = entry is AftermathKind.DELIVERY
        corrected = [one for one in view.aftermath if one.mine and one.entry is entry]
        command = EnterAftermath(
            campaign=view.campaign,
            statement=view.id,
            entry=entry,
            addressee=self._text(1) if delivery else "",
            means=Means.MEETING if delivery else Means.NONE,
            text=self._text(),
            about=self._chance.choice(delivered).id if answer else b"",
            follow_up_ms=self._chance.choice((0, self.world.now_ms + MINUTE_MS)),
            corrects=corrected[-1].id if corrected and self._chance.random() < 0.2 else b"",
        )
        self._do(name, command, StatementView)

    def _export(self, name: str) -> None:
        view = self._statement(name, StatementPhase.RELEASED)
        if view is not None and Action.EXPORT in view.actions:
            self._do(name, ExportStatement(campaign=view.campaign, statement=view.id), Record)

    def _alert(self, name: str) -> None:
        view = self._campaign(name)
        if view is not None and len(view.cases) < 4:
            command = OpenCase(campaign=view.id, title=self._text(1), text=self._text())
            self._do(name, command, CaseView)

    def _tell(self, name: str) -> None:
        """Something about a case."""
        view = self._campaign(name)
        case = self._pick(view.cases) if view else None
        if view is None or case is None:
            return
        shown = self.world.look(name, ShowCase(campaign=view.id, case=case.id), CaseView)
        entry = self._chance.choice(list(CaseKind))
        consent = entry is CaseKind.CONSENT
        mine = [one for one in shown.entries if one.mine and one.entry is entry]
        command = EnterCase(
            campaign=view.id,
            case=case.id,
            entry=entry,
            text=self._text(),
            consent=self._chance.choice((Consent.GIVEN, Consent.REFUSED)) if consent else Consent.NONE,
            consenter=self._chance.choice((Consenter.FAMILY, Consenter.LAWYER))
            if consent
            else Consenter.NONE,
            corrects=mine[-1].id if mine and self._chance.random() < 0.2 else b"",
        )
        self._do(name, command, CaseView)
