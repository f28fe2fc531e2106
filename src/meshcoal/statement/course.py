"""The course of a letter, from the alert to the outcome: what comes next, and for whom it waits.

Law: worked out anew from what is known, and stored nowhere. It names who can take a step, never who refused
to sign. No step stops another by itself: people decide, and what is not allowed is refused where it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.api.case_views import WAITING_STATES
from meshcoal.api.case_views import CourseStep as CourseStep
from meshcoal.api.case_views import StepState as StepState
from meshcoal.ids import AuthorId
from meshcoal.statement.case import Case, Publicity
from meshcoal.statement.model import RedLine, Standing, Statement, StatementPhase
from meshcoal.statement.quorum import agreeing, reached_so_far
from meshcoal.wire.terms import AftermathKind, CaseKind, Stance

_HOLDS_UP: Final = (Stance.BLOCK, Stance.REWORD)  # who stands aside holds nobody up


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the course."""

    step: CourseStep
    state: StepState
    waits_for: tuple[AuthorId, ...] = ()
    since_ms: int = 0  # since when it waits; 0: it does not
    due_ms: int = 0  # 0: no date
    done: int = 0  # of `of`, where a step has parts
    of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who can take which step, of the members of now."""

    organisers: tuple[AuthorId, ...]
    writers: tuple[AuthorId, ...]  # who may draft
    asked: tuple[AuthorId, ...]  # who may sign
    standing: Standing  # of which seats somebody has to consent


def course(
    case: Case | None, statement: Statement | None, people: People, *, now_ms: int, late_since_ms: int = 0
) -> tuple[Stage, ...]:
    """Every step in its order; those of a case only where there is one.

    Args:
        statement: the letter; None: none was begun about the case.
        late_since_ms: since when somebody waits for an addendum; 0: nobody does.
    """
    stages = [*_of_case(case)] if case is not None else []
    if statement is None:
        assert case is not None, "a course of something"
        begun = Stage(
            step=CourseStep.DRAFT,
            state=StepState.NOW,
            waits_for=people.writers,
            since_ms=case.at_ms,
            due_ms=case.answer_by_ms,
        )
        later = [Stage(step=step, state=StepState.LATER) for step in CourseStep if step not in _APART]
        return (*stages, begun, *later)
    stages.append(Stage(step=CourseStep.DRAFT, state=StepState.DONE))
    frozen = statement.frozen is not None
    agree, translate = _agreed(statement), _translated(statement)
    ready = agree.state is translate.state is StepState.DONE
    stages += [agree, translate, _freeze(statement, people, ready=ready)]
    sign = _signed(statement, people, now_ms=now_ms)
    quorum = _quorum(statement, people)
    over = frozen and sign.state is quorum.state is StepState.DONE
    stages += [sign, quorum, _release(statement, people, signed=over)]
    if late_since_ms or statement.addenda:
        state = StepState.NOW if late_since_ms else StepState.DONE
        stages.append(
            _open(
                CourseStep.ADDENDUM,
                state,
                people.organisers,
                since_ms=late_since_ms,
                done=len(statement.addenda),
            )
        )
    return (*stages, *_afterwards(statement, people, now_ms=now_ms))


_FIRST: Final = frozenset({CourseStep.ALERT, CourseStep.SOURCES, CourseStep.CONSENT, CourseStep.DRAFT})
_APART: Final = _FIRST | {CourseStep.ADDENDUM}


def _of_case(case: Case) -> Iterable[Stage]:
    yield Stage(step=CourseStep.ALERT, state=StepState.DONE)
    sources = len(case.standing(CaseKind.SOURCE))
    state = StepState.DONE if sources else StepState.NOW
    yield _open(CourseStep.SOURCES, state, (case.author,), since_ms=case.at_ms, done=sources)
    match case.publicity:
        case Publicity.GIVEN | Publicity.LIMITED:
            yield Stage(step=CourseStep.CONSENT, state=StepState.DONE)
        case Publicity.REFUSED:
            last = case.standing(CaseKind.CONSENT)[-1]
            yield _open(CourseStep.CONSENT, StepState.STUCK, (last.author,), since_ms=last.at_ms)
        case Publicity.UNKNOWN:
            yield _open(CourseStep.CONSENT, StepState.NOW, (case.author,), since_ms=case.at_ms)


def _open(
    step: CourseStep,
    state: StepState,
    waits_for: Sequence[AuthorId],
    *,
    since_ms: int,
    due_ms: int = 0,
    done: int = 0,
    of: int = 0,
) -> Stage:
    """A step that waits for people while it is not done, nor due later."""
    waits = state in WAITING_STATES
    return Stage(
        step=step,
        state=state,
        waits_for=tuple(dict.fromkeys(waits_for)) if waits else (),
        since_ms=since_ms if waits else 0,
        due_ms=due_ms,
        done=done,
        of=of,
    )


def _agreed(statement: Statement) -> Stage:
    """No red line holds anybody up, and of each language one text stands."""
    if statement.frozen is not None:
        return Stage(step=CourseStep.AGREE, state=StepState.DONE)
    lines = [
        one
        for one in statement.comments
        if one.stance in _HOLDS_UP and one.red_line in (RedLine.STANDS, RedLine.REWORDED)
    ]
    current = [one for one in statement.revisions if one.current]
    languages = [one.language for one in current]
    beside = [one for one in current if languages.count(one.language) > 1]
    if not lines and not beside:
        return Stage(step=CourseStep.AGREE, state=StepState.DONE)
    return _open(
        CourseStep.AGREE,
        StepState.NOW,
        [*[one.author for one in lines], *[one.author for one in beside]],
        since_ms=min([*[one.at_ms for one in lines], *[one.at_ms for one in beside]]),
    )


def _translated(statement: Statement) -> Stage:
    """No translation is older than what it translates."""
    stale = [one for one in statement.revisions if one.stale and one.current]
    if statement.frozen is not None or not stale:
        return Stage(step=CourseStep.TRANSLATE, state=StepState.DONE)
    known = {bytes(one.id): one for one in statement.revisions}
    bases = {known[one.translates].language for one in stale}
    changed = [one.at_ms for one in statement.revisions if one.current and one.language in bases]
    return _open(
        CourseStep.TRANSLATE,
        StepState.NOW,
        [one.author for one in stale],
        since_ms=min(changed, default=stale[0].at_ms),
    )


def _freeze(statement: Statement, people: People, *, ready: bool) -> Stage:
    if statement.frozen is not None:
        return Stage(step=CourseStep.FREEZE, state=StepState.DONE)
    last_ms = max(one.at_ms for one in statement.revisions)
    state = StepState.NOW if ready else StepState.LATER
    return _open(CourseStep.FREEZE, state, people.organisers, since_ms=last_ms)


def _signed(statement: Statement, people: People, *, now_ms: int) -> Stage:
    """Until everybody who may sign has, or the time for it is over."""
    frozen = statement.frozen
    if frozen is None:
        return Stage(step=CourseStep.SIGN, state=StepState.LATER)
    standing = {entry.sign_on.author for entry in statement.entries if entry.standing is not None}
    deciding, decided = _offices(statement, frozen.digest)
    unsigned = [author for author in people.asked if author not in standing and author not in decided]
    unsigned += [author for author in deciding if author not in unsigned]
    over = statement.released is not None or now_ms > frozen.deadline_ms + frozen.body.grace_ms
    return _open(
        CourseStep.SIGN,
        StepState.DONE if over or not unsigned else StepState.NOW,
        unsigned,
        since_ms=frozen.body.at_ms,
        due_ms=0 if over else frozen.body.soft_deadline_ms or frozen.deadline_ms,
        done=len(statement.counted()),
        of=len(statement.counted()) if over else len(standing) + len(unsigned),
    )


def _quorum(statement: Statement, people: People) -> Stage:
    """Until enough of each seat that has to consent have signed, or agree that it goes out."""
    frozen = statement.frozen
    if frozen is None:
        return Stage(step=CourseStep.QUORUM, state=StepState.LATER)
    lacking = [one for one in reached_so_far(statement, people.standing) if one.have < one.needed]
    if statement.released is not None or not lacking:
        return Stage(step=CourseStep.QUORUM, state=StepState.DONE)
    seats = {one.seat for one in lacking}
    consented = {*[one.author for one in statement.counted()], *agreeing(statement)}
    return _open(
        CourseStep.QUORUM,
        StepState.NOW,
        [
            author
            for author in people.asked
            if people.standing.seats.get(author) in seats and author not in consented
        ],
        since_ms=frozen.body.at_ms,
        done=sum(one.have for one in lacking),
        of=sum(one.needed for one in lacking),
    )


def _offices(statement: Statement, digest: bytes) -> tuple[list[AuthorId], set[AuthorId]]:
    """Who decides the open step of each request; and who has a part in an office that was asked.

    An organisation waits for one person at a time, and signs once.
    """
    deciding: list[AuthorId] = []
    decided: set[AuthorId] = set()
    for one in statement.requests:
        if one.digest == digest and not one.refused:
            decided |= {AuthorId(holder) for step in one.terms.steps for holder in step.holders}
            if one.pending:
                deciding.append(AuthorId(one.terms.steps[one.step].holders[0]))
    return deciding, decided


def _release(statement: Statement, people: People, *, signed: bool) -> Stage:
    if statement.released is not None:
        return Stage(step=CourseStep.RELEASE, state=StepState.DONE)
    listed = statement.counted()
    if statement.frozen is None or not signed or not listed:
        return Stage(step=CourseStep.RELEASE, state=StepState.LATER)
    last_ms = max(one.body.at_ms for one in listed)
    since_ms = min(statement.frozen.deadline_ms, last_ms)
    return _open(CourseStep.RELEASE, StepState.NOW, people.organisers, since_ms=since_ms)


def _afterwards(statement: Statement, people: People, *, now_ms: int) -> Iterable[Stage]:
    released, frozen = statement.released, statement.frozen
    if statement.phase is not StatementPhase.RELEASED or released is None or frozen is None:
        for step in (CourseStep.DELIVER, CourseStep.FOLLOW_UP, CourseStep.OUTCOME):
            yield Stage(step=step, state=StepState.LATER)
        return
    standing = [one for one in statement.aftermath if not one.replaced]
    # Whoever has the letter without its last addendum has an older list: it is handed over anew.
    reached = {
        one.addressee.casefold()
        for one in standing
        if one.entry is AftermathKind.DELIVERY and one.addenda >= len(statement.addenda)
    }
    wanted = frozen.body.addressees
    done = sum(one.casefold() in reached for one in wanted)
    delivered = done == len(wanted) and bool(reached or not wanted)
    yield _open(
        CourseStep.DELIVER,
        StepState.DONE if delivered else StepState.NOW,
        people.organisers,
        since_ms=statement.addenda[-1].body.at_ms if statement.addenda else released.body.at_ms,
        done=done,
        of=len(wanted),
    )
    due = sorted([one for one in standing if one.due_ms], key=lambda one: (one.due_ms, one.id))
    now = [one for one in due if one.due_ms <= now_ms]
    yield _open(
        CourseStep.FOLLOW_UP,
        StepState.NOW if now else StepState.LATER if due else StepState.DONE,
        [one.author for one in now],
        since_ms=now[0].due_ms if now else 0,
        due_ms=due[0].due_ms if due else 0,
    )
    outcome = any(one.entry is AftermathKind.OUTCOME for one in standing)
    yield _open(
        CourseStep.OUTCOME,
        StepState.DONE if outcome else StepState.NOW if delivered else StepState.LATER,
        people.organisers,
        since_ms=max([one.at_ms for one in standing], default=released.body.at_ms),
    )
