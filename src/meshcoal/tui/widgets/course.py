"""How the course of a letter, the entries of a case and the log behind a release are drawn.

Law: words say it all; no meaning is in a colour alone. What waits for me is said first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from meshcoal.api.case_views import WAITING_STATES, next_step
from meshcoal.api.commands import AftermathKind, CaseKind, Consent, Consenter, Means
from meshcoal.api.views import (
    AftermathView,
    CaseEntryView,
    Publicity,
    StepState,
    StepView,
)
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.sentences import STEP_STATES, STEPS, step_facts, who_waits
from meshcoal.tui.widgets.plain import Row, Styled, lines, name, styled

PUBLICITY: Final = {
    Publicity.UNKNOWN: _("Nobody has asked those concerned yet whether it may be public."),
    Publicity.GIVEN: _("Those concerned agree that it becomes public."),
    Publicity.LIMITED: _("Those concerned agree, with limits: see below."),
    Publicity.REFUSED: _("Those concerned REFUSE publicity: no letter about it is released."),
}
CASE_KINDS: Final = {
    CaseKind.ANSWER: _("answered"),
    CaseKind.FACT: _("fact"),
    CaseKind.SOURCE: _("source"),
    CaseKind.CONSENT: _("publicity"),
    CaseKind.CLOSE: _("closed the case"),
    CaseKind.REOPEN: _("opened the case again"),
}
CONSENTERS: Final = {
    Consenter.PERSON: _("the person concerned"),
    Consenter.FAMILY: _("the family"),
    Consenter.LAWYER: _("the lawyer"),
    Consenter.OTHER: _("somebody else for them"),
}
CONSENTS: Final = {
    Consent.GIVEN: _("agrees"),
    Consent.LIMITED: _("agrees with limits"),
    Consent.REFUSED: _("refuses"),
}
AFTERMATH: Final = {
    AftermathKind.DELIVERY: _("delivered"),
    AftermathKind.REPLY: _("reply"),
    AftermathKind.FOLLOW_UP: _("follow-up"),
    AftermathKind.OUTCOME: _("outcome"),
    AftermathKind.REPRISAL: _("reprisal"),
    AftermathKind.LESSON: _("lesson"),
}
MEANS: Final = {
    Means.BY_HAND: _("by hand"),
    Means.POST: _("by post"),
    Means.EMAIL: _("by e-mail"),
    Means.MEETING: _("at a meeting"),
    Means.WEB_FORM: _("by a web form"),
    Means.OTHER: _("by other means"),
}
ANSWERS: Final = (AftermathKind.REPLY, AftermathKind.FOLLOW_UP)
_MARKS: Final = {StepState.DONE: "✓", StepState.NOW: "▸", StepState.STUCK: "!", StepState.LATER: "·"}


def next_line(course: Sequence[StepView], *, now_ms: int, zone: tzinfo | None) -> Styled | None:
    """One line, or None where nothing waits."""
    step = next_step(course)
    if step is None:
        return None
    what = _("Next: %(step)s") % {"step": STEPS[step.step]}
    facts = [*([who_waits(step)] if step.waits_for else []), *step_facts(step, now_ms=now_ms, zone=zone)]
    loud = "bold $accent" if step.waits_for_me else "bold"
    return styled((what, loud), ("".join(f"  ·  {fact}" for fact in facts), "dim"))


def course_lines(course: Sequence[StepView], *, now_ms: int, zone: tzinfo | None) -> Styled:
    """All steps, each with its state, for whom it waits and since when."""
    drawn: list[Styled] = []
    for step in course:
        waits = step.state in WAITING_STATES
        facts = [
            *([who_waits(step)] if waits and step.waits_for else []),
            *step_facts(step, now_ms=now_ms, zone=zone),
        ]
        drawn.append(
            styled(
                f"{_MARKS[step.state]} ",
                (f"{STEP_STATES[step.state]:<8}", "dim"),
                (STEPS[step.step], "bold" if waits else "dim" if step.state is StepState.LATER else ""),
                ("".join(f"  ·  {fact}" for fact in facts), "$accent" if step.waits_for_me else "dim"),
            )
        )
    return lines(drawn)


def case_rows(entries: Sequence[CaseEntryView], *, now_ms: int, zone: tzinfo | None) -> list[Row]:
    """Entries that stand, in the order of the log; sources below the facts that they support."""
    standing = [one for one in entries if not one.replaced]
    facts = {one.corrects or one.id for one in standing if one.entry is CaseKind.FACT}
    rows = []
    for entry in standing:
        if entry.about in facts:
            continue
        rows.append(Row(entry.id.hex(), _case_entry(entry, "", now_ms, zone)))
        if entry.entry is CaseKind.FACT:
            below = [one for one in standing if one.about == (entry.corrects or entry.id)]
            rows += [Row(one.id.hex(), _case_entry(one, "    ", now_ms, zone)) for one in below]
    return rows


def _case_entry(entry: CaseEntryView, indent: str, now_ms: int, zone: tzinfo | None) -> Styled:
    what = CASE_KINDS[entry.entry]
    if entry.entry is CaseKind.CONSENT:
        what = f"{what}: {CONSENTERS[entry.consenter]} {CONSENTS[entry.consent]}"
    if entry.corrects:
        what = _("%(what)s, corrected") % {"what": what}
    when = shown.moment(entry.at_ms, now_ms=now_ms, zone=zone)
    loud = "bold $warning" if entry.consent is Consent.REFUSED else "bold"
    said = f"\n{indent}    {entry.text}" if entry.text else ""
    files = "".join(f"\n{indent}    {shown.file_line(one)}" for one in entry.attachments)
    return styled(indent, (what, loud), (f"  {name(entry.name, 24)}, {when}", "dim"), said, (files, "dim"))


def aftermath_lines(entries: Sequence[AftermathView], *, now_ms: int, zone: tzinfo | None) -> Styled:
    """Each entry that stands, and below it what belongs to it; and when to ask again."""
    standing = [one for one in entries if not one.replaced]
    firsts = {one.corrects or one.id for one in standing if one.entry not in ANSWERS}
    drawn: list[Styled] = []
    for entry in standing:
        if entry.entry in ANSWERS and entry.about in firsts:
            continue  # below what it is about
        drawn.append(_aftermath(entry, "", now_ms, zone))
        if entry.entry not in ANSWERS:
            below = [
                one for one in standing if one.entry in ANSWERS and one.about == (entry.corrects or entry.id)
            ]
            drawn += [_aftermath(one, "    ", now_ms, zone) for one in below]
    return lines(drawn)


def _aftermath(entry: AftermathView, indent: str, now_ms: int, zone: tzinfo | None) -> Styled:
    what = AFTERMATH[entry.entry]
    who = name(entry.name, 24)
    if entry.entry is AftermathKind.DELIVERY:
        what = _("delivered to %(addressee)s, %(means)s") % {
            "addressee": name(entry.addressee, 60),
            "means": MEANS[entry.means],
        }
        who = name(entry.deliverer, 24)
        if entry.addenda:
            with_addenda = ngettext(", with %(count)d addendum", ", with %(count)d addenda", entry.addenda)
            what += with_addenda % {"count": entry.addenda}
    when = shown.moment(entry.happened_ms, now_ms=now_ms, zone=zone)
    parts: list[str | tuple[str, str]] = [indent, (what, "bold"), (f"  {who}, {when}", "dim")]
    if entry.text:
        parts.append(f"\n{indent}    {entry.text}")
    if entry.receipt:
        receipt = _("receipt %(digest)s") % {"digest": shown.short_digest(entry.receipt)}
        parts.append((f"\n{indent}    {receipt}", "dim"))
    parts += [(f"\n{indent}    {shown.file_line(one)}", "dim") for one in entry.attachments]
    if entry.due_ms >= 0:
        again = _("ask again %(left)s") % {"left": shown.until(entry.due_ms, now_ms=now_ms)}
        if entry.due_ms <= now_ms:
            again = _("! ask again now")
        parts.append((f"\n{indent}    {again}", "bold $accent" if entry.due_ms <= now_ms else "dim"))
    return styled(*parts)
