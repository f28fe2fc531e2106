"""What is left to do before a release, what becomes public by it, and what does not: sentences, and what does
each.

Law: read from the daemon's view alone. What a release does not need is told as well, and says that it holds
nobody up; only the daemon refuses.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from meshcoal.api.case_views import CourseStep, StepState
from meshcoal.api.commands import NameMode
from meshcoal.api.views import (
    Action,
    EntryState,
    RedLine,
    RequestState,
    RevisionView,
    SealPhase,
    StatementPhase,
    StatementView,
)
from meshcoal.text.sanitise import one_line
from meshcoal.tui import shown
from meshcoal.tui.bidi import isolated
from meshcoal.tui.locale import _, formats, ngettext

LISTED: Final = (EntryState.COUNTED, EntryState.ADDED)


class Mark(enum.Enum):
    """How a point stands. Each has a sign of its own."""

    DONE = "✓"
    OPEN = "·"  # would be good, and holds nothing up
    CARE = "!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One line of the checklist, and the action of the letter's screen that deals with it."""

    mark: Mark
    text: str
    action: str


def points(view: StatementView, *, now_ms: int, zone: tzinfo | None) -> tuple[Point, ...]:
    """All of them, in the order in which they are dealt with; the last is the release."""
    if view.phase is StatementPhase.DRAFT:
        return ()
    return (*_text(view), *_people(view, now_ms, zone), *_consent(view), *_last(view))


def _text(view: StatementView) -> Iterator[Point]:
    fixed = _("The text is frozen: version %(version)d, in %(languages)s.") % {
        "version": view.version,
        "languages": formats().list([shown.language(one) for one in view.languages]),
    }
    yield Point(mark=Mark.DONE, text=fixed, action="exact")
    lines = sum(one.red_line is RedLine.STANDS for one in view.comments)
    if lines:
        told = ngettext("%(count)d red line stands.", "%(count)d red lines stand.", lines)
        yield Point(mark=Mark.CARE, text=told % {"count": lines}, action="text")
    for one in _frozen(view):
        if one.translates and not one.checked_by:
            told = _("Nobody has compared the translation into %(language)s.")
            text = told % {"language": shown.language(one.language)}
            yield Point(mark=Mark.OPEN, text=text, action="beside")


def _people(view: StatementView, now_ms: int, zone: tzinfo | None) -> Iterator[Point]:
    count = view.tally.counted
    told = ngettext("%(count)d signature is on the list.", "%(count)d signatures are on the list.", count)
    listed = count or view.tally.on_paper
    yield Point(mark=Mark.DONE if listed else Mark.CARE, text=told % {"count": count}, action="signatures")
    waited_ms = view.deadline_ms + view.grace_ms
    if view.phase is StatementPhase.OPEN and now_ms <= waited_ms:
        told = _("Signatures are waited for until %(when)s. Whoever comes later is not on this list.")
        text = told % {"when": shown.exact(waited_ms, zone=zone)}
        yield Point(mark=Mark.CARE, text=text, action="chase")
    elif view.phase is StatementPhase.OPEN:
        yield Point(mark=Mark.DONE, text=_("The time for signing is over."), action="chase")
    if view.unsigned and view.phase is StatementPhase.OPEN:
        count = len(view.unsigned)
        told = ngettext("%(count)d member has not signed.", "%(count)d members have not signed.", count)
        yield Point(mark=Mark.OPEN, text=told % {"count": count}, action="chase")
    pending = (RequestState.WAITING, RequestState.TO_SIGN)
    count = sum(one.state in pending for one in view.requests)
    if count:
        told = ngettext(
            "%(count)d organisation was asked and has not decided.",
            "%(count)d organisations were asked and have not decided.",
            count,
        )
        mine = any(one.my_turn and one.state is RequestState.WAITING for one in view.requests)
        action = "decide" if mine else "signatures"
        yield Point(mark=Mark.OPEN, text=told % {"count": count}, action=action)
    if view.replies:
        told = ngettext(
            "%(count)d reply from outside waits for a decision.",
            "%(count)d replies from outside wait for a decision.",
            view.replies,
        )
        yield Point(mark=Mark.CARE, text=told % {"count": view.replies}, action="replies")
    if view.seal is not None and view.seal.phase in (SealPhase.SHUT, SealPhase.OPENING) and view.seal.count:
        told = ngettext(
            "%(count)d sealed signature is not open, and stays off the list.",
            "%(count)d sealed signatures are not open, and stay off the list.",
            view.seal.count,
        )
        yield Point(mark=Mark.CARE, text=told % {"count": view.seal.count}, action="signatures")


def _consent(view: StatementView) -> Iterator[Point]:
    for step in view.course:
        if step.step is CourseStep.CONSENT and step.state is not StepState.DONE:
            told = _("Those concerned REFUSE publicity: it cannot be released.")
            if step.state is not StepState.STUCK:
                told = _("Nobody has entered that those concerned agree to publicity.")
            yield Point(mark=Mark.CARE, text=told, action="case")
    for one in view.quorum:
        fields = {"seat": shown.SEATS[one.seat], "have": one.have, "needed": one.needed}
        told = _("%(seat)s: %(have)s of %(needed)s agreed") % fields
        there = one.have >= one.needed
        action = "chase" if there or view.mine is not None or view.agreed_by_me else "comment"
        yield Point(mark=Mark.DONE if there else Mark.CARE, text=told, action=action)


def _last(view: StatementView) -> Iterator[Point]:
    if view.phase is StatementPhase.RELEASED:
        yield Point(mark=Mark.DONE, text=_("The letter is released: write its files."), action="export")
    elif Action.RELEASE in view.actions:
        yield Point(mark=Mark.OPEN, text=_("Release the letter: it cannot be undone."), action="release")
    else:
        yield Point(mark=Mark.OPEN, text=_("An organiser releases the letter."), action="course")


def _frozen(view: StatementView) -> list[RevisionView]:
    return [one for one in view.revisions if one.frozen]


def becomes_public(view: StatementView) -> tuple[str, ...]:
    """What everybody can read in the files, for good."""
    listed = [one for one in view.tally.entries if one.state in LISTED]
    by = {mode: sum(one.mode is mode for one in listed) for mode in NameMode}
    told = [
        _("The letter in %(languages)s, and to whom it goes.")
        % {"languages": formats().list([shown.language(one) for one in view.languages])}
    ]
    named = by[NameMode.NAMED]
    if named:
        sentence = ngettext(
            "%(count)d name, as it was entered: with title, affiliation, country, languages read and the "
            "time.",
            "%(count)d names, as they were entered: with title, affiliation, country, languages read and the "
            "time.",
            named,
        )
        told.append(sentence % {"count": named})
    logos = sum(one.logo for one in listed)
    if logos:
        told.append(ngettext("%(count)d logo.", "%(count)d logos.", logos) % {"count": logos})
    if by[NameMode.ROLE]:
        count = by[NameMode.ROLE]
        sentence = ngettext("%(count)d role in place of a name.", "%(count)d roles in place of names.", count)
        told.append(sentence % {"count": count})
    if by[NameMode.ADDRESSEE]:
        count = by[NameMode.ADDRESSEE]
        sentence = ngettext(
            "%(count)d line that says “named to the addressee only”.",
            "%(count)d lines that say “named to the addressee only”.",
            count,
        )
        told.append(sentence % {"count": count})
    if view.tally.outside:
        sentence = ngettext(
            "%(count)d name from outside the campaign.",
            "%(count)d names from outside the campaign.",
            view.tally.outside,
        )
        told.append(sentence % {"count": view.tally.outside})
    if view.tally.on_paper:
        sentence = ngettext(
            "%(count)d name on paper, and who saw it given.",
            "%(count)d names on paper, and who saw them given.",
            view.tally.on_paper,
        )
        told.append(sentence % {"count": view.tally.on_paper})
    if view.unnamed is not None and view.unnamed.counted:
        sentence = ngettext(
            "%(count)d member who is counted and not named, among %(crowd)d.",
            "%(count)d members who are counted and not named, among %(crowd)d.",
            view.unnamed.counted,
        )
        told.append(sentence % {"count": view.unnamed.counted, "crowd": view.unnamed.crowd})
    credits = [one.credit for one in _frozen(view) if one.credit]
    if credits:
        names = formats().list([isolated(one_line(one, 40)) for one in dict.fromkeys(credits)])
        told.append(_("Who wrote or translated it: %(names)s.") % {"names": names})
    told.append(
        _("A key for each signature. Whoever signs two letters of this campaign is seen to be the same.")
    )
    told.append(_("When it was released, and a key of whoever releases it."))
    return tuple(told)


def stays_inside(view: StatementView) -> tuple[str, ...]:
    """What no file of the release holds."""
    told = []
    hidden = sum(one.mode is NameMode.ADDRESSEE and one.state in LISTED for one in view.tally.entries)
    if hidden:
        told.append(
            ngettext(
                "%(count)d name for the addressee: it is in a file of its own, which you hand over yourself.",
                "%(count)d names for the addressee: they are in a file of their own, which you hand over "
                "yourself.",
                hidden,
            )
            % {"count": hidden}
        )
    off = sum(one.state not in LISTED for one in view.tally.entries)
    if off:
        sentence = ngettext(
            "%(count)d signature that does not count: late, taken back, or waiting for others.",
            "%(count)d signatures that do not count: late, taken back, or waiting for others.",
            off,
        )
        told.append(sentence % {"count": off})
    told += [
        _("What members are called here, their seats, and who is in the campaign."),
        _("Who was asked, and who has not signed."),
        _("Comments, red lines and earlier texts, and their files."),
        _("How offices decided, and which conditions signers set. That there was a condition is seen."),
    ]
    if view.case:
        told.append(_("The case, its facts and sources, and what happens after the release."))
    return tuple(told)
