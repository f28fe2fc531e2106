"""What people are told before grave steps, and how a letter's course is called: words that draw nothing.

Law: the sentences are made here from the daemon's numbers, for every tongue and every interface; of others
numbers are told, and no name.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

from meshcoal.api.views import (
    CountedMine,
    CountedView,
    CourseStep,
    SealedMine,
    SealView,
    StepState,
    StepView,
    TorStanding,
    TorView,
)
from meshcoal.client.remarks import Remark
from meshcoal.limits import COUNTED_CROWD_MIN
from meshcoal.text.following import Standing
from meshcoal.tui import shown
from meshcoal.tui.bidi import isolated
from meshcoal.tui.faults import state_of
from meshcoal.tui.hiding import one_line
from meshcoal.tui.locale import _, ngettext, pgettext

STEPS: Final = {
    CourseStep.ALERT: _("Give the alert"),
    CourseStep.SOURCES: _("Name a source"),
    CourseStep.CONSENT: _("Ask those concerned whether it may be public"),
    CourseStep.DRAFT: _("Draft a letter"),
    CourseStep.AGREE: _("Settle red lines and texts side by side"),
    CourseStep.TRANSLATE: _("Bring translations up to date"),
    CourseStep.FREEZE: _("Freeze the text"),
    CourseStep.SIGN: _("Sign"),
    CourseStep.QUORUM: _("Ask those who must agree that it goes out"),
    CourseStep.RELEASE: _("Release it"),
    CourseStep.ADDENDUM: _("Publish who signed since"),
    CourseStep.DELIVER: _("Deliver it"),
    CourseStep.FOLLOW_UP: _("Ask again"),
    CourseStep.OUTCOME: _("Enter what came of it"),
}
STEP_STATES: Final = {
    StepState.DONE: _("done"),
    StepState.NOW: _("now"),
    StepState.STUCK: pgettext("a step of a letter", "refused"),
    StepState.LATER: _("later"),
}
COUNTED_MINE: Final = {
    CountedMine.NONE: "",
    CountedMine.LEAVING: _("I am being counted: stay on for a minute."),
    CountedMine.THERE: _("I am counted."),
    CountedMine.TAKING_BACK: _("My withdrawal is on its way: stay on for a minute."),
    CountedMine.TAKEN_BACK: _("I took it back, and am not counted."),
    CountedMine.NAMED: _("I stand there by name, and am not counted beside it."),
}
SEALED_MINE: Final = {
    SealedMine.NONE: "",
    SealedMine.LEAVING: _("My sealed sign-on is on its way: stay on for a minute."),
    SealedMine.THERE: _("My sealed sign-on is there."),
    SealedMine.TAKING_BACK: _("My withdrawal is on its way: stay on for a minute."),
    SealedMine.TAKEN_BACK: _("I took my sealed sign-on back."),
    SealedMine.OPEN: _("My sealed sign-on is opened: my name is on the list."),
}


def counted_sentences(count: CountedView) -> tuple[str, ...]:
    """What a signer is told before being counted: what it gives, what is left of the risk, small crowds."""
    told = [
        _(
            "Your name stands nowhere: not on the list, not in the files, and no member sees it. You are "
            "counted as one of the %(crowd)d members who are not named."
        )
        % {"crowd": count.crowd},
        _(
            "Whoever opens this device while the letter is open can tell whether you signed. Once it is "
            "released, the key that tells it is erased, and you cannot take it back any more."
        ),
    ]
    if count.counted + 1 >= count.crowd:
        told.append(
            _("With you, all members who are not named have signed: that each did is then no secret.")
        )
    if count.crowd < COUNTED_CROWD_MIN:
        told.append(
            _(
                "The crowd is small. Whoever leans on each of these %(crowd)d people, or asks them one by "
                "one, finds out who signed. Each member who signs by name makes it smaller."
            )
            % {"crowd": count.crowd}
        )
    return tuple(told)


def seal_sentences(seal: SealView) -> tuple[str, ...]:
    """What a signer is told before sealing."""
    return (
        _("No name is shown before %(threshold)d of %(members)d members have signed.")
        % {"threshold": seal.threshold, "members": seal.members},
        _(
            "%(needed)d of these %(members)d people could open it early, if they acted together; "
            "%(verified)d of them you verified in person."
        )
        % {"needed": seal.shares_needed, "members": seal.members, "verified": seal.verified},
        _("It still opens when %(gone)d of their devices are gone.")
        % {"gone": seal.members - seal.shares_needed},
        _(
            "Members who sign only to make up the number can open it sooner than it should be: each of them "
            "makes the crowd you hide in smaller by one."
        ),
        _(
            "Whoever watches the network can see who sends something first; whoever takes a device whose "
            "vault is open can see whether its owner has signed."
        ),
    )


def who_waits(step: StepView) -> str:
    """For whom a step waits."""
    count = len(step.waits_for) + step.more
    if step.waits_for_me and count == 1:
        return _("waits for you")
    if step.waits_for_me:
        return ngettext(
            "waits for you and %(count)d other", "waits for you and %(count)d others", count - 1
        ) % {"count": count - 1}
    names = ", ".join([one_line(one, 20) for one in step.waits_for[:3]])
    if count > 3:
        return _("waits for %(names)s and %(count)d more") % {"names": names, "count": count - 3}
    return _("waits for %(names)s") % {"names": names}


def step_facts(step: StepView, *, now_ms: int, zone: tzinfo | None) -> list[str]:
    """How far it is, since when, and until when."""
    facts = []
    if step.of:
        facts.append(_("%(done)d of %(of)d") % {"done": step.done, "of": step.of})
    if step.since_ms >= 0:
        since = shown.moment(step.since_ms, now_ms=now_ms, zone=zone)
        facts.append(_("since %(when)s") % {"when": since})
    if step.due_ms >= 0 and step.state is not StepState.DONE:
        left = shown.until(step.due_ms, now_ms=now_ms)
        facts.append(_("overdue") if step.due_ms < now_ms else _("due %(when)s") % {"when": left})
    return facts


def tor_words(view: TorView) -> str:
    """How Tor stands; what is wrong comes with what to try next. Nothing where it is off."""
    if view.sentence:
        return f"! {state_of(view.code, view.sentence)}"
    if view.standing is TorStanding.OFF:
        return ""
    if view.standing is TorStanding.BOOTSTRAPPING:
        return _("Tor: %(percent)d %% of its way into its network.") % {"percent": view.percent}
    if view.standing is not TorStanding.READY:
        return _("Tor: looking for it.")
    if view.published < view.services:
        return _("Tor: ready; your addresses there are being announced.")
    if view.only_tor:
        return _("Tor: ready. Nothing else is used.")
    return _("Tor: ready.")


def where_now(remark: Remark) -> str:
    """What became of the words that a comment is about, where they are not there any more; else nothing."""
    words = isolated(one_line(remark.words, 60))
    match remark.standing:
        case Standing.SAME:
            return ""
        case Standing.GONE:
            return _("about a paragraph that is gone: “%(words)s”") % {"words": words}
        case Standing.CHANGED if remark.words:
            return _("about this paragraph as it was before: “%(words)s”") % {"words": words}
        case Standing.CHANGED:
            return _("about an older text, which is not shown any more")
