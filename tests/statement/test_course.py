"""The course of a letter: what comes next, for whom it waits and since when, from alert to outcome."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, HOUR_MS, SEATS, START_MS, Desk, Row, author, released_desk

from meshcoal.statement.aftermath import make_entry as make_aftermath
from meshcoal.statement.case import Case, fold, make_case
from meshcoal.statement.case import make_entry as make_case_entry
from meshcoal.statement.course import CourseStep, People, Stage, StepState, course
from meshcoal.statement.drafting import make_amend, make_comment
from meshcoal.statement.model import Standing
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import AftermathKind, CaseKind, Consent, Consenter, Means, Seat, Stance

ANA, BEN, CHI, DOV = (author(name) for name in ("ana", "ben", "chi", "dov"))
NOBODY = Standing(needed={}, seats={author(name): seat for name, seat in SEATS.items()})
PEOPLE = People(organisers=(ANA,), writers=(ANA, BEN, CHI, DOV), asked=(ANA, BEN, CHI), standing=NOBODY)


def stages_of(
    desk: Desk, draft: Row | None, case: Case | None = None, now_ms: int = 0
) -> dict[CourseStep, Stage]:
    statement = desk.view(draft.id) if draft is not None else None
    found = course(case, statement, PEOPLE, now_ms=now_ms or desk.now_ms)
    steps = [one.step for one in found]
    assert steps == [one for one in CourseStep if one in steps]  # in their order, each once
    return {one.step: one for one in found}


def now(stages: dict[CourseStep, Stage]) -> list[CourseStep]:
    return [one.step for one in stages.values() if one.state is StepState.NOW]


def comment(desk: Desk, draft: Row, who: str, stance: Stance, lifts: bytes = b"") -> Row:
    view = desk.view(draft.id)
    body = make_comment(
        view,
        me=author(who),
        revision=view.revisions[-1].id,
        paragraph=1,
        text="" if lifts else "Not so.",
        stance=stance,
        lifts=lifts,
        now_ms=desk.now_ms,
    )
    return desk.write(who, Kind.COMMENT, body)


def alerted() -> tuple[Desk, Row]:
    desk = Desk()
    body = make_case(title="Dr. Haddad was taken", text="", answer_by_ms=START_MS + HOUR_MS, now_ms=START_MS)
    return desk, desk.write("ben", Kind.CASE, body)


def case_now(desk: Desk) -> Case:
    kinds = (Kind.CASE, Kind.REPORT)
    return fold([(one, True) for one in desk.rows if one.kind in kinds])[0]


def enter(desk: Desk, who: str, entry: CaseKind, **fields: object) -> None:
    body = make_case_entry(case_now(desk), me=author(who), entry=entry, now_ms=desk.now_ms, **fields)  # type: ignore[arg-type]
    desk.write(who, Kind.REPORT, body)


def test_an_alert_waits_for_sources_consent_and_a_letter() -> None:
    """Goal: nobody asks what to do now. Method: an alert; then each of the three."""
    desk, _ = alerted()
    stages = stages_of(desk, None, case_now(desk))
    assert now(stages) == [CourseStep.SOURCES, CourseStep.CONSENT, CourseStep.DRAFT]
    assert (stages[CourseStep.DRAFT].waits_for, stages[CourseStep.DRAFT].due_ms) == (
        PEOPLE.writers,
        START_MS + HOUR_MS,
    )
    assert stages[CourseStep.SOURCES].waits_for == (BEN,)
    assert set(stages) == set(CourseStep) - {CourseStep.ADDENDUM}
    enter(desk, "chi", CaseKind.SOURCE, text="Her brother")
    enter(desk, "ben", CaseKind.CONSENT, consent=Consent.GIVEN, consenter=Consenter.FAMILY)
    stages = stages_of(desk, None, case_now(desk))
    assert now(stages) == [CourseStep.DRAFT]
    draft = desk.draft()
    assert now(stages_of(desk, draft, case_now(desk))) == [CourseStep.FREEZE]


def test_a_refusal_is_shown_as_what_stands_in_the_way() -> None:
    """Goal: the family's no is not overlooked. Method: enter it; who entered it, since when."""
    desk, _ = alerted()
    enter(desk, "chi", CaseKind.CONSENT, consent=Consent.REFUSED, consenter=Consenter.FAMILY)
    consent = stages_of(desk, desk.draft(), case_now(desk))[CourseStep.CONSENT]
    assert (consent.state, consent.waits_for) == (StepState.STUCK, (CHI,))
    assert consent.since_ms == case_now(desk).entries[-1].at_ms


def test_a_draft_waits_for_agreement_and_translators_before_it_is_frozen() -> None:
    """Goal: the freeze is offered when the text is ready. Method: red lines, two texts, a stale one."""
    desk = Desk()
    draft = desk.draft()
    assert now(stages_of(desk, draft)) == [CourseStep.FREEZE]
    comment(desk, draft, "dov", Stance.STAND_ASIDE)
    assert now(stages_of(desk, draft)) == [CourseStep.FREEZE]  # holds nobody up
    line = comment(desk, draft, "chi", Stance.BLOCK)
    stages = stages_of(desk, draft)
    assert now(stages) == [CourseStep.AGREE]
    assert stages[CourseStep.AGREE].waits_for == (CHI,)
    assert stages[CourseStep.FREEZE].state is StepState.LATER
    assert stages[CourseStep.FREEZE].waits_for == ()
    comment(desk, draft, "chi", Stance.BLOCK, lifts=line.id)
    assert now(stages_of(desk, draft)) == [CourseStep.FREEZE]
    translation = desk.translate(draft, "ben")
    seen = list(desk.rows)
    desk.amend(draft, "ana", text="Sir,\n\nRelease her.", seen=seen)
    stages = stages_of(desk, draft)
    assert (now(stages), stages[CourseStep.TRANSLATE].waits_for) == ([CourseStep.TRANSLATE], (BEN,))
    desk.amend(draft, "dov", text="Sir,\n\nFree her.", seen=seen)
    assert now(stages_of(desk, draft)) == [CourseStep.AGREE, CourseStep.TRANSLATE]
    assert set(stages_of(desk, draft)[CourseStep.AGREE].waits_for) == {ANA, DOV}
    assert translation.id


def test_signing_waits_for_those_who_have_not_and_ends_with_the_time_for_it() -> None:
    """Goal: who holds it up, until when. Method: sign one after another; then let the deadline pass."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    sign = stages_of(desk, draft)[CourseStep.SIGN]
    assert (sign.state, sign.waits_for, sign.due_ms) == (StepState.NOW, (ANA, BEN, CHI), DEADLINE_MS)
    desk.sign(draft, "ben")
    sign = stages_of(desk, draft)[CourseStep.SIGN]
    assert (sign.waits_for, sign.done, sign.of) == ((ANA, CHI), 1, 3)
    late = stages_of(desk, draft, now_ms=DEADLINE_MS + 1)
    assert now(late) == [CourseStep.RELEASE]
    assert late[CourseStep.RELEASE].waits_for == (ANA,)
    assert late[CourseStep.SIGN].waits_for == ()
    for who in ("ana", "chi"):
        desk.sign(draft, who)
    assert now(stages_of(desk, draft)) == [CourseStep.RELEASE]


def test_a_release_waits_for_the_seats_that_must_agree() -> None:
    """Goal: those who pay the price are asked, by name. Method: two of the country; one, then both sign."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ben")
    asked = Standing(needed={Seat.IN_COUNTRY: 2}, seats=NOBODY.seats)
    people = dataclasses.replace(PEOPLE, asked=(ANA, BEN, DOV), standing=asked)

    def quorum(now_ms: int = 0) -> Stage:
        found = course(None, desk.view(draft.id), people, now_ms=now_ms or desk.now_ms)
        states = {one.step: one.state for one in found}
        late = now_ms > DEADLINE_MS
        waits = next(one for one in found if one.step is CourseStep.QUORUM)
        done = late and waits.state is StepState.DONE
        assert states[CourseStep.RELEASE] is (StepState.NOW if done else StepState.LATER)
        return waits

    stage = quorum(DEADLINE_MS + 1)
    assert (stage.state, stage.waits_for, stage.done, stage.of) == (StepState.NOW, (ANA, DOV), 0, 2)
    desk.sign(draft, "ana")
    assert quorum().waits_for == (DOV,)
    desk.sign(draft, "dov")
    assert quorum(DEADLINE_MS + 1).state is StepState.DONE


def test_nothing_is_released_where_nobody_signed() -> None:
    """Goal: no step is offered that will be refused. Method: the deadline passes without a signature."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    late = stages_of(desk, draft, now_ms=DEADLINE_MS + 1)
    assert (now(late), late[CourseStep.RELEASE].state) == ([], StepState.LATER)


def test_behind_a_release_come_delivery_replies_and_the_outcome() -> None:
    """Goal: a letter is not over when it is out. Method: deliver, let a date come, answer it, end it."""
    desk, draft = released_desk()
    assert now(stages_of(desk, draft)) == [CourseStep.DELIVER]
    again_ms = desk.now_ms + HOUR_MS

    def tell(who: str, entry: AftermathKind, **fields: object) -> Row:
        view = desk.view(draft.id)
        body = make_aftermath(view, me=author(who), entry=entry, now_ms=desk.now_ms, **fields)  # type: ignore[arg-type]
        return desk.write(who, Kind.AFTERMATH, body)

    delivery = tell(
        "chi",
        AftermathKind.DELIVERY,
        addressee="The Minister of JUSTICE",
        means=Means.POST,
        follow_up_ms=again_ms,
    )
    stages = stages_of(desk, draft)
    assert now(stages) == [CourseStep.OUTCOME]
    assert (stages[CourseStep.FOLLOW_UP].state, stages[CourseStep.FOLLOW_UP].due_ms) == (
        StepState.LATER,
        again_ms,
    )
    stages = stages_of(desk, draft, now_ms=again_ms)
    assert now(stages) == [CourseStep.FOLLOW_UP, CourseStep.OUTCOME]
    assert stages[CourseStep.FOLLOW_UP].waits_for == (CHI,)
    tell("chi", AftermathKind.REPLY, about=delivery.id, text="No.")
    tell("ana", AftermathKind.OUTCOME, text="She is free.")
    assert now(stages_of(desk, draft)) == []


def test_a_merge_ends_what_stood_side_by_side() -> None:
    """Goal: the step ends when it is done. Method: two texts, then one that takes up both."""
    desk = Desk()
    draft = desk.draft()
    seen = list(desk.rows)
    first = desk.amend(draft, "ana", text="Sir,\n\nRelease her.", seen=seen)
    second = desk.amend(draft, "dov", text="Sir,\n\nFree her.", seen=seen)
    assert now(stages_of(desk, draft)) == [CourseStep.AGREE]
    body = make_amend(
        desk.view(draft.id),
        language="en",
        title="Free her",
        text="Sir,\n\nRelease and free her.",
        base=first.id,
        merges=(second.id,),
        now_ms=desk.now_ms,
    )
    desk.write("ben", Kind.AMEND, body)
    assert now(stages_of(desk, draft)) == [CourseStep.FREEZE]
