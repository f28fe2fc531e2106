"""How a letter's paragraphs and signatures are drawn.

Law: what somebody said stands beside the words it is about, red lines louder than remarks; no meaning is
in the colour alone.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import tzinfo

from meshcoal.api.commands import NameMode, Stance
from meshcoal.api.views import EntryState, EntryView, RedLine, RevisionView, StatementView
from meshcoal.client.remarks import Remark, remarks
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.sentences import where_now
from meshcoal.tui.widgets.plain import Row, Styled, lines, name, styled


def paragraph_rows(
    view: StatementView,
    revision: RevisionView,
    *,
    now_ms: int,
    zone: tzinfo | None,
    unfolded: Container[int] = (),
) -> list[Row]:
    """The title and each paragraph, with what was said about it in this language.

    Args:
        unfolded: numbers of paragraphs whose remarks are shown in full. Of the others a line says how many
            there are; red lines that were not lifted are shown in any case.
    """
    by_paragraph: dict[int, list[Remark]] = {}
    for remark in remarks(view, revision):
        by_paragraph.setdefault(remark.paragraph, []).append(remark)
    texts = [(0, revision.title), *enumerate(revision.paragraphs, start=1)]
    rows = []
    for number, text in texts:
        said = by_paragraph.get(number, [])
        drawn = [_head(number, text, said)]
        if number == 0:
            drawn += [styled(("    " + shown.file_line(one), "dim")) for one in revision.attachments]
        in_full = said if number in unfolded else [one for one in said if one.loud]
        for remark in in_full:
            drawn += _remark(remark, now_ms, zone)
        hidden = [one for one in said if one not in in_full]
        if hidden:
            drawn.append(_hidden(hidden, now_ms, zone))
        rows.append(Row(str(number), lines([*drawn, ""])))
    return rows


def _head(number: int, text: str, said: Sequence[Remark]) -> Styled:
    """The words, and in the margin how many comments wait for somebody."""
    open_ones = sum(one.open for one in said)
    mark = (f"»{open_ones} ", "bold $accent" if any(one.loud for one in said) else "bold")
    marks = [mark] if open_ones else []
    if number == 0:
        return styled(*marks, (name(text, 200), "bold"))
    return styled((f"¶{number} ", "dim"), *marks, text)


def _hidden(hidden: Sequence[Remark], now_ms: int, zone: tzinfo | None) -> Styled:
    last = hidden[-1].comment
    told = _("» 1 comment, by %(name)s, %(when)s (Enter shows it)")
    if len(hidden) > 1:
        told = ngettext(
            "» %(count)d comment, the last by %(name)s, %(when)s (Enter shows them)",
            "» %(count)d comments, the last by %(name)s, %(when)s (Enter shows them)",
            len(hidden),
        )
    when = shown.moment(last.at_ms, now_ms=now_ms, zone=zone)
    fields = {"count": len(hidden), "name": name(last.name, 24), "when": when}
    return styled(("    " + told % fields, "dim"))


def _remark(remark: Remark, now_ms: int, zone: tzinfo | None) -> list[Styled]:
    comment = remark.comment
    when = shown.moment(comment.at_ms, now_ms=now_ms, zone=zone)
    said = f"    » {name(comment.name, 24)}, {when}: "
    drawn: list[Styled] = []
    if comment.stance is Stance.CHECKED:
        drawn.append(styled((said, "dim"), _("checked this translation. "), (comment.text, "italic")))
    elif comment.stance is Stance.AGREE:
        agreed = _("does not agree any more. ") if comment.lifts else _("agrees that it goes out. ")
        drawn.append(styled((said, "dim"), agreed, (comment.text, "italic")))
    elif comment.lifts:
        drawn.append(styled((said, "dim"), _("lifted a red line. "), (comment.text, "italic")))
    elif comment.red_line is RedLine.NONE:
        drawn.append(styled((said, "dim"), (comment.text, "italic")))
    else:
        state = f"{shown.STANCES[comment.stance]} ({shown.RED_LINES[comment.red_line]}): "
        loud = "bold $warning" if comment.red_line is RedLine.STANDS else "dim"
        drawn.append(styled((said, "dim"), (state, loud), (comment.text, "italic")))
    about = where_now(remark)
    if about:
        drawn.append(styled(("      ↳ " + about, "dim")))
    drawn += [styled(("      " + shown.file_line(one), "dim")) for one in comment.attachments]
    return drawn


def entry_lines(view: StatementView, *, now_ms: int, zone: tzinfo | None) -> Styled:
    """Who signed, how and when, and what became of it."""
    waited_for: list[str | Styled] = []
    if view.unsigned:
        names = ", ".join([name(member, 24) for member in view.unsigned])
        waited_for = ["", _("Not signed yet: %(names)s") % {"names": names}]
    if view.quorum:
        consent = _("Before the release: %(shares)s") % {"shares": shown.quorum(view)}
        waited_for = [*waited_for, "", consent]
    asked = request_lines(view, now_ms=now_ms, zone=zone)
    if not view.tally.entries:
        return lines([*asked, _("Nobody has signed yet."), *waited_for])
    entries = [
        _entry(view, number, entry, now_ms, zone) for number, entry in enumerate(view.tally.entries, 1)
    ]
    return lines([*asked, *entries, *waited_for])


def _entry(view: StatementView, number: int, entry: EntryView, now_ms: int, zone: tzinfo | None) -> Styled:
    others = [one.name for one in entry.names]
    details = [part for part in (*others, entry.title, entry.affiliation, entry.country) if part]
    how = shown.CAPACITIES[entry.capacity]
    if entry.members:
        how += _(" of %(count)d") % {"count": entry.members}
    if entry.mode is not NameMode.NAMED:
        how += f", {shown.HIDDEN_MODES[entry.mode]}"
    if entry.office:
        how += _(", for the office %(office)s") % {"office": name(entry.office, 30)}
    if entry.mandate:
        how += _(" under a mandate of %(name)s") % {"name": name(entry.mandate, 24)}
    if entry.languages_read:
        how += _(", read in %(languages)s") % {"languages": ", ".join(entry.languages_read)}
    for one in entry.needs:
        how += f", {shown.need(one)}"
    when = shown.moment(entry.at_ms, now_ms=now_ms, zone=zone)
    counted = entry.state in (EntryState.COUNTED, EntryState.ADDED)
    waiting = entry.state in (EntryState.WAITING, EntryState.LATE, EntryState.AFTER_RELEASE)
    mark = "✓" if counted else "…" if waiting else "✗"
    state = "" if counted else "  " + shown.ENTRY_STATES[entry.state]
    if entry.addendum:
        state = "  " + _("addendum %(number)d") % {"number": entry.addendum} + state
    return styled(
        f"{number:>3} {mark} ",
        (name(entry.name, 44), "bold" if counted else "italic" if waiting else "strike"),
        ", " + ", ".join([name(part, 30) for part in details]) if details else "",
        (_held(entry, view), "dim"),
        (
            _("\n      as %(capacity)s, %(seat)s; entered by %(member)s, %(when)s")
            % {
                "capacity": how,
                "seat": shown.SEATS[entry.seat],
                "member": name(entry.member, 24),
                "when": when,
            },
            "dim",
        ),
        (state, "bold $warning"),
    )


def _held(entry: EntryView, view: StatementView) -> str:
    """On how many devices, where that is known."""
    if entry.sealed:
        return _("  was sealed")
    return _("  held %(by)d/%(of)d") % {"by": entry.held_by, "of": view.held_of}


def request_lines(view: StatementView, *, now_ms: int, zone: tzinfo | None) -> list[str | Styled]:
    """Offices that were asked, who holds each up, and since when."""
    found: list[str | Styled] = []
    for one in view.requests:
        said = {"office": name(one.office, 40), "state": shown.REQUEST_STATES[one.state]}
        found.append(styled((_("%(office)s: %(state)s") % said, "bold")))
        for decided in one.decisions:
            found.append(
                _("  %(step)s: %(verdict)s by %(name)s, %(when)s%(deputy)s  %(text)s")
                % {
                    "step": name(decided.step, 24),
                    "verdict": shown.VERDICTS[decided.verdict],
                    "name": name(decided.name, 24),
                    "when": shown.moment(decided.at_ms, now_ms=now_ms, zone=zone),
                    "deputy": _(", standing in") if decided.deputy else "",
                    "text": name(decided.text, 200),
                }
            )
        if one.step:
            since = shown.moment(one.since_ms, now_ms=now_ms, zone=zone)
            waits = {"step": name(one.step, 24), "name": name(one.waits_for, 24), "since": since}
            found.append(_("  %(step)s waits for %(name)s since %(since)s") % waits)
            if one.my_turn:
                found.append(styled((_("  It is your turn."), "bold $warning")))
        if one.deputies:
            over = one.deputies_from_ms < now_ms
            told = (
                _("  %(names)s may stand in since %(when)s")
                if over
                else _("  %(names)s may stand in from %(when)s (%(left)s)")
            )
            found.append(
                told
                % {
                    "names": ", ".join([name(deputy, 24) for deputy in one.deputies]),
                    "when": shown.moment(one.deputies_from_ms, now_ms=now_ms, zone=zone),
                    "left": shown.until(one.deputies_from_ms, now_ms=now_ms),
                }
            )
    return [*found, ""] if found else []
