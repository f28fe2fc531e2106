"""Cases, courses and the log behind a release, for the daemon in memory of the interface's tests."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any, Final

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.errors import Unknown
from meshcoal.wire.record import Record

NOW_MS: Final = 1_795_356_000_000  # 22 November 2026, 14:00 UTC
HOUR_MS: Final = 3_600_000


def _id(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


CASE: Final = _id("case")


def step(which: v.CourseStep, state: v.StepState = v.StepState.NOW, **changes: Any) -> v.StepView:
    base = v.StepView(
        step=which,
        state=state,
        waits_for=(),
        more=0,
        waits_for_me=False,
        since_ms=-1,
        due_ms=-1,
        done=0,
        of=0,
    )
    return dataclasses.replace(base, **changes)


def case_entry(kind: c.CaseKind, name: str = "Ben", text: str = "", **changes: Any) -> v.CaseEntryView:
    base = v.CaseEntryView(
        id=_id(f"entry {kind} {name} {text}"),
        entry=kind,
        name=name,
        mine=name == "Ana",
        at_ms=NOW_MS - HOUR_MS,
        text=text,
        about=b"",
        consent=c.Consent.NONE,
        consenter=c.Consenter.NONE,
        corrects=b"",
        replaced=False,
    )
    return dataclasses.replace(base, **changes)


def case(campaign: bytes, **changes: Any) -> v.CaseView:
    """An alert of Ben's with a fact and its source; consent and a letter are missing."""
    fact = case_entry(c.CaseKind.FACT, "Ana", "She is held in the old barracks.")
    source = case_entry(c.CaseKind.SOURCE, "Chi", "The family, by telephone", about=fact.id)
    base = v.CaseView(
        campaign=campaign,
        id=CASE,
        title="Maryam was taken",
        text="At four this morning, two cars without plates.",
        country="Iran",
        name="Ben",
        mine=False,
        at_ms=NOW_MS - 5 * HOUR_MS,
        answer_by_ms=NOW_MS + 20 * HOUR_MS,
        closed=False,
        answered_by_me=False,
        publicity=v.Publicity.UNKNOWN,
        answered=2,
        members=4,
        entries=(fact, source),
        letters=(),
        course=(
            step(v.CourseStep.ALERT, v.StepState.DONE),
            step(v.CourseStep.SOURCES, v.StepState.DONE, done=1),
            step(v.CourseStep.CONSENT, waits_for=("Ben",), since_ms=NOW_MS - 5 * HOUR_MS),
            step(
                v.CourseStep.DRAFT,
                waits_for=("Ana", "Ben", "Chi"),
                waits_for_me=True,
                since_ms=NOW_MS - 5 * HOUR_MS,
                due_ms=NOW_MS + 20 * HOUR_MS,
            ),
            step(v.CourseStep.FREEZE, v.StepState.LATER),
            step(v.CourseStep.SIGN, v.StepState.LATER),
        ),
    )
    return dataclasses.replace(base, **changes)


def delivery(**changes: Any) -> v.AftermathView:
    base = v.AftermathView(
        id=_id("delivery"),
        entry=c.AftermathKind.DELIVERY,
        name="Ben",
        mine=False,
        at_ms=NOW_MS - HOUR_MS,
        happened_ms=NOW_MS - 2 * HOUR_MS,
        addressee="The Minister of Justice",
        deliverer="Ben",
        means=c.Means.BY_HAND,
        text="The doorman took it.",
        receipt=b"",
        about=b"",
        follow_up_ms=NOW_MS - 1,
        corrects=b"",
        replaced=False,
        due_ms=NOW_MS - 1,
    )
    return dataclasses.replace(base, **changes)


def line_of(view: v.CaseView) -> v.CaseSummaryView:
    return v.CaseSummaryView(
        id=view.id,
        title=view.title,
        country=view.country,
        name=view.name,
        at_ms=view.at_ms,
        answer_by_ms=view.answer_by_ms,
        closed=view.closed,
        answered_by_me=view.answered_by_me,
        publicity=view.publicity,
    )


_DOV: Final = v.AskedView(
    author=_id("author Dov"),
    name="Dov",
    me=False,
    state=v.AskedState.UNKNOWN,
    agrees=False,
    decides_for=(),
    connected=False,
    last_seen_ms=-1,
    wrote_ms=-1,
)


def with_file(entries: tuple[Any, ...], of: bytes, number: int, **changes: Any) -> tuple[Any, ...] | None:
    """The entries, with one file of one of them changed; None where none of them names it."""
    if not any(one.id == of and number < len(one.attachments) for one in entries):
        return None
    made = []
    for one in entries:
        files = list(one.attachments)
        if one.id == of:
            files[number] = dataclasses.replace(files[number], **changes)
        made.append(dataclasses.replace(one, attachments=tuple(files)))
    return tuple(made)


class FakeCases:
    """Answers the commands about cases."""

    uploads: dict[bytes, v.AttachmentView]

    def __init__(self) -> None:
        self.cases: dict[bytes, v.CaseView] = {}
        self.asked: dict[bytes, v.AskedView] = {}  # noted, by author

    def lines(self, campaign: bytes) -> tuple[v.CaseSummaryView, ...]:
        return tuple([line_of(one) for one in self.cases.values() if one.campaign == campaign])

    def on_open_case(self, command: c.OpenCase) -> Record:
        made = case(
            command.campaign,
            id=_id(f"case {len(self.cases)}"),
            title=command.title,
            text=command.text,
            country=command.country,
            name="Ana",
            mine=True,
            answered_by_me=True,
            answer_by_ms=command.answer_by_ms or -1,
            entries=(),
            attachments=tuple([self.uploads[one] for one in command.attachments]),
        )
        self.cases[made.id] = made
        return made

    def of_case(self, of: bytes, number: int, **changes: Any) -> v.CaseView | None:
        """The case, where it or an entry of it names the file."""
        for view in self.cases.values():
            entries = with_file(view.entries, of, number, **changes)
            if entries is not None:
                self.cases[view.id] = dataclasses.replace(view, entries=entries)
                return self.cases[view.id]
            alert = with_file((view,), of, number, **changes)
            if alert is not None:
                (self.cases[view.id],) = alert
                return self.cases[view.id]
        return None

    def on_show_case(self, command: c.ShowCase) -> Record:
        if command.case not in self.cases:
            raise Unknown("There is no such case in this campaign.")
        return self.cases[command.case]

    def on_list_cases(self, command: c.ListCases) -> Record:
        return v.CasesView(cases=self.lines(command.campaign))

    def on_enter_case(self, command: c.EnterCase) -> Record:
        view = self.cases[command.case]
        made = case_entry(
            command.entry,
            "Ana",
            command.text,
            about=command.about,
            consent=command.consent,
            consenter=command.consenter,
            corrects=command.corrects,
            attachments=tuple([self.uploads[one] for one in command.attachments]),
        )
        entries = tuple([dataclasses.replace(e, replaced=e.id == command.corrects) for e in view.entries])
        refused = command.consent is c.Consent.REFUSED
        self.cases[view.id] = dataclasses.replace(
            view,
            entries=(*entries, made),
            answered_by_me=True,
            closed=command.entry is c.CaseKind.CLOSE,
            publicity=v.Publicity.REFUSED if refused else view.publicity,
        )
        return self.cases[view.id]

    def on_show_chase(self, command: c.ShowChase) -> Record:
        return v.ChaseView(
            campaign=command.campaign,
            statement=command.statement,
            title="Free Maryam Rahimi",
            version=1,
            digest=_id("digest"),
            deadline_ms=NOW_MS + 72 * HOUR_MS,
            soft_deadline_ms=-1,
            counted=2,
            sealed=False,
            asked=(self.asked.get(_DOV.author, _DOV),),
            offices=(),
            may_mark=True,
        )

    def on_mark_asked(self, command: c.MarkAsked) -> Record:
        for author in command.members:
            self.asked[author] = dataclasses.replace(
                _DOV, asked_ms=NOW_MS, asked_by="Ana", asked_way=command.way, times=1
            )
        return self.on_show_chase(c.ShowChase(campaign=command.campaign, statement=command.statement))
