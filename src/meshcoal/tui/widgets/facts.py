"""What stands above a letter: how things stand, which text is shown, and what is wrong.

Law: facts first, warnings below, each with a sign; nothing is left out because the room is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from meshcoal.api.views import RedLine, RevisionView, StatementPhase, StatementView
from meshcoal.tui import shown
from meshcoal.tui.countdown import countdown
from meshcoal.tui.differences import differences, title_difference
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.course import next_line
from meshcoal.tui.widgets.plain import Styled, lines, name, styled


def letter_facts(
    view: StatementView,
    revision: RevisionView | None,
    language: str,
    *,
    now_ms: int,
    zone: tzinfo | None,
    motion: bool = False,
) -> Styled:
    """Where the letter stands, and of what language and revision the text is that is shown.

    Args:
        motion: whether the time that is left may be shown by the second.
    """
    first = [shown.PHASES[view.phase]]
    if view.phase == StatementPhase.OPEN:
        first.append(shown.signed(view.tally.counted))
        if view.soft_deadline_ms > now_ms:
            first.append(_("asked by %(when)s") % {"when": shown.exact(view.soft_deadline_ms, zone=zone)})
        first.append(countdown(view, now_ms=now_ms, motion=motion))
        first.append(_("deadline %(when)s") % {"when": shown.exact(view.deadline_ms, zone=zone)})
    if view.phase == StatementPhase.RELEASED:
        first.append(
            _("on %(when)s by %(who)s")
            % {"when": shown.exact(view.released_ms, zone=zone), "who": name(view.released_by, 24)}
        )
        first.append(shown.signed(view.tally.counted))
    held = _("held by %(by)d of %(of)d (h: who)") % {"by": view.held_by, "of": view.held_of}
    parts: list[str | Styled] = [" · ".join(first if view.digest else [*first, held])]
    if view.digest:
        digest = _("Version %(version)d, digest: %(digest)s") % {
            "version": view.version,
            "digest": shown.short_digest(view.digest),
        }
        parts.append(styled((f"{digest} · {held}", "dim")))
    coming = next_line(view.course, now_ms=now_ms, zone=zone)
    if coming is not None:
        parts.append(coming)
    if view.mine is not None:
        parts.append(_("My signature: %(state)s") % {"state": shown.ENTRY_STATES[view.mine]})
    if revision is not None:
        parts.append(_language_line(view, revision, language, now_ms, zone))
    if view.ineffective:
        late = _("! %(count)d acts came too late or without the right, and count for nothing.")
        parts.append(styled((late % {"count": view.ineffective}, "$warning")))
    lines_drawn = sum(comment.red_line is RedLine.STANDS for comment in view.comments)
    if lines_drawn:
        standing = _("! Red lines that stand: %(count)d") % {"count": lines_drawn}
        parts.append(styled((standing, "$warning")))
    if view.replies:
        waiting = ngettext(
            "! %(count)d reply from outside waits for a decision: o",
            "! %(count)d replies from outside wait for a decision: o",
            view.replies,
        )
        parts.append(styled((waiting % {"count": view.replies}, "$warning")))
    if view.lapsed:
        names = ", ".join([name(member, 24) for member in view.lapsed])
        before = _("! Signed an earlier version, and not this one: %(names)s")
        parts.append(styled((before % {"names": names}, "$warning")))
    if view.set_aside:
        who = ", ".join([name(member, 24) for member in view.set_aside])
        aside = _("! Set aside, since that device gave two different operations at one place: %(names)s")
        parts.append(styled((aside % {"names": who}, "$warning")))
    return lines(parts)


def _language_line(
    view: StatementView, revision: RevisionView, language: str, now_ms: int, zone: tzinfo | None
) -> Styled:
    revisions = [one for one in view.revisions if one.language == language]
    languages = dict.fromkeys(one.language for one in view.revisions)
    at = revisions.index(revision) + 1
    current = [other for other in revisions if other.current]
    listed = [f"[{code}]" if code == language else code for code in languages]
    line = _("%(languages)s  revision %(at)d of %(of)d by %(name)s, %(when)s") % {
        "languages": " ".join([name(code, 16) for code in listed]),
        "at": at,
        "of": len(revisions),
        "name": name(revision.name, 20),
        "when": shown.moment(revision.at_ms, now_ms=now_ms, zone=zone),
    }
    if len(languages) > 1:
        line += _(" (b: side by side)")
    if revision.translates:
        if revision.checked_by:
            by = ", ".join([name(one, 20) for one in revision.checked_by])
            line += "\n" + _("a translation, checked by %(names)s") % {"names": by}
        else:
            line += "\n" + _("a translation that nobody has checked (c on the title)")
    if revision.stale:
        line += "\n" + _("! What it translates was changed since: a amends it.")
    if len(current) > 1:
        line += "\n" + _("! %(count)d revisions stand side by side: , and . go between them, m merges.") % {
            "count": len(current)
        }
    return styled((line, "dim"))


def what_changed(revisions: Sequence[RevisionView], revision: RevisionView) -> Styled:
    """A revision against the one it was made from."""
    base = next((other for other in revisions if other.id == revision.base), None)
    if base is None:
        return lines([_("The first text in this language; there is nothing to compare it with.")])
    headline = _("What %(name)s changed from the revision by %(before)s:") % {
        "name": name(revision.name, 24),
        "before": name(base.name, 24),
    }
    return lines(
        [
            headline,
            title_difference(base.title, revision.title),
            differences(base.paragraphs, revision.paragraphs),
        ]
    )
