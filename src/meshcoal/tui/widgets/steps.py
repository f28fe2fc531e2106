"""The first steps on the first screen: which are done, and what is next.

Law: gone when all are done or somebody put them away; never in a rehearsal, where the coach speaks.
"""

from __future__ import annotations

from meshcoal.tui.locale import _
from meshcoal.tui.steps import TITLES, FirstSteps, Step, waiting_words
from meshcoal.tui.widgets.plain import PlainStatic, Styled, lines, styled

DONE, NEXT, LATER = "✓", "→", "·"


def mark_of(step: Step, steps: FirstSteps) -> str:
    """Done, next or later."""
    if step in steps.done:
        return DONE
    return NEXT if step is steps.next else LATER


class StepsBlock(PlainStatic):
    """All of them where there is no campaign yet, else one line."""

    def __init__(self) -> None:
        super().__init__("", id="first-steps")
        self.display = False

    def tell(self, steps: FirstSteps | None) -> None:
        """Draw these, or nothing."""
        self.display = steps is not None and not steps.finished
        if steps is not None and self.display:
            self.show(_draw(steps))


def _draw(steps: FirstSteps) -> Styled:
    if steps.next is None:
        return styled("")
    if Step.CAMPAIGN in steps.done:
        return styled(
            (
                _("First steps: %(done)d of %(of)d done. Next: %(step)s (s shows them)")
                % {"done": len(steps.done), "of": len(Step), "step": TITLES[steps.next]},
                "$accent",
            )
        )
    parts: list[str | Styled] = [styled((_("First steps (press s to go through them)"), "bold"))]
    for step in Step:
        mark = mark_of(step, steps)
        parts.append(styled((f"  {mark} {TITLES[step]}", "dim" if mark == DONE else "")))
    waiting = waiting_words(steps)
    if waiting:
        parts.append(styled((f"  {waiting}", "$accent")))
    return lines([*parts, ""])
