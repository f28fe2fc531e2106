"""What comes next on a letter, and what is dealt with on the way: one key leads to each.

Law: a step that waits for somebody else is not begun here: it is said for whom it waits.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.case_views import next_step
from meshcoal.api.views import Action, CourseStep, StatementPhase, StepView
from meshcoal.tui.locale import _
from meshcoal.tui.screens.case import CaseScreen
from meshcoal.tui.screens.preview import PreviewScreen
from meshcoal.tui.screens.signing import SigningScreen, my_turns
from meshcoal.tui.sentences import STEPS, who_waits
from meshcoal.tui.widgets.plain import say

# Of each step, which actions of the letter's screen take it: the first that may be done now.
_TAKEN_BY: Final = {
    CourseStep.ALERT: ("case",),
    CourseStep.SOURCES: ("case",),
    CourseStep.CONSENT: ("case",),
    CourseStep.DRAFT: ("amend",),
    CourseStep.AGREE: ("merge", "text"),
    CourseStep.TRANSLATE: ("beside", "translate"),
    CourseStep.FREEZE: ("freeze", "revise"),
    CourseStep.SIGN: ("decide", "sign", "chase"),
    CourseStep.QUORUM: ("comment", "chase"),
    CourseStep.RELEASE: ("preview",),
    CourseStep.ADDENDUM: ("addendum",),
    CourseStep.DELIVER: ("enter",),
    CourseStep.FOLLOW_UP: ("enter",),
    CourseStep.OUTCOME: ("enter",),
}


class ComingScreen(SigningScreen):
    """Base of the screen of one letter."""

    campaign: bytes
    statement: bytes

    def action_preview(self) -> None:
        """What a release would publish, and what is left to do before."""
        if self.view is not None and self.view.phase is not StatementPhase.DRAFT:
            self.app.push_screen(PreviewScreen(self.campaign, self.statement), self._deal_with)

    def action_case(self) -> None:
        """The case that the letter is about."""
        if self.view is not None and self.view.case:
            self.app.push_screen(CaseScreen(self.campaign, self.view.case))

    def action_next(self) -> None:
        """Do what comes next."""
        step = next_step(self.view.course) if self.view is not None else None
        if step is None:
            say(self.app, _("Nothing waits on this letter."))
            return
        action = self._for(step)
        if action is None or not (step.waits_for_me or action in _LOOKS):
            facts = [_("Next: %(step)s") % {"step": STEPS[step.step]}]
            facts += [who_waits(step)] if step.waits_for else []
            say(self.app, " · ".join(facts))
            return
        self._deal_with(action)

    def _for(self, step: StepView) -> str | None:
        for action in _TAKEN_BY[step.step]:
            if action == "decide" and not (self.view is not None and my_turns(self.view)):
                continue
            if action == "sign" and not (self.view is not None and self._may_sign()):
                continue
            if self.check_action(action, ()) is not False:
                return action
        return None

    def _may_sign(self) -> bool:
        return self.view is not None and self.view.mine is None and Action.SIGN in self.view.actions

    def _deal_with(self, action: str | None) -> None:
        """Do what a key of this screen does."""
        if action is not None and self.check_action(action, ()) is not False:
            self.call_after_refresh(self.run_action, action)


_LOOKS: Final = frozenset({"chase", "preview", "text", "case"})  # anybody may
