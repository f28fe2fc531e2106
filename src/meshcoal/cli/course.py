"""How far a letter has come: each step, for whom it waits and since when; the next one first.

Law: words only, no colour: it is read aloud, sent on and printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.api.case_views import next_step
from meshcoal.api.views import CourseStep, StepState, StepView
from meshcoal.cli.output import ago, say, table, until

STEPS: Final = {
    CourseStep.ALERT: "Give the alert",
    CourseStep.SOURCES: "Name a source",
    CourseStep.CONSENT: "Ask those concerned whether it may be public",
    CourseStep.DRAFT: "Draft a letter",
    CourseStep.AGREE: "Settle red lines and texts side by side",
    CourseStep.TRANSLATE: "Bring translations up to date",
    CourseStep.FREEZE: "Freeze the text",
    CourseStep.SIGN: "Sign",
    CourseStep.QUORUM: "Ask those who must agree that it goes out",
    CourseStep.RELEASE: "Release it",
    CourseStep.ADDENDUM: "Publish who signed since, in an addendum",
    CourseStep.DELIVER: "Deliver it",
    CourseStep.FOLLOW_UP: "Ask again",
    CourseStep.OUTCOME: "Enter what came of it",
}
STATES: Final = {
    StepState.DONE: "done",
    StepState.NOW: "now",
    StepState.STUCK: "refused",
    StepState.LATER: "later",
}


def print_next(course: Sequence[StepView], now_ms: int) -> None:
    """One line."""
    step = next_step(course)
    if step is None:
        return
    say(
        "Next: {step}{who}{since}",
        step=STEPS[step.step],
        who=f", by {_who(step)}" if step.waits_for else "",
        since=f", {_facts(step, now_ms)}" if _facts(step, now_ms) else "",
    )


def print_course(course: Sequence[StepView], now_ms: int) -> None:
    """All steps."""
    rows = [(STATES[one.state], STEPS[one.step], _who(one), _facts(one, now_ms)) for one in course]
    table(("", "STEP", "WAITS FOR", ""), rows)


def _who(step: StepView) -> str:
    names = ["you"] if step.waits_for_me else []
    shown = step.waits_for[:4]
    rest = len(step.waits_for) - len(shown) + step.more
    if step.waits_for_me and len(step.waits_for) + step.more == 1:
        return "you"
    if step.waits_for_me:
        rest += len(shown)
        return f"you and {rest - 1} more"
    names += shown
    return ", ".join(names) + (f" and {rest} more" if rest else "")


def _facts(step: StepView, now_ms: int) -> str:
    facts = []
    if step.of:
        facts.append(f"{step.done} of {step.of}")
    if step.since_ms >= 0:
        facts.append(f"since {ago(step.since_ms, now_ms).removesuffix(' ago')}")
    if step.due_ms >= 0 and step.state is not StepState.DONE:
        facts.append(f"due {until(step.due_ms, now_ms)}")
    return "; ".join(facts)
