"""What a check found, line by line in the reader's language: `meshcoal verify --language` says it so.

Law: the same sentences as the page, from the same tables; what stands here besides is the verdict. Lines are
foreign text: whoever prints them cleans them first, and sets them as far in as they say, so that no name can
pass for a verdict. All languages but English are unreviewed, and say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from meshcoal.export.naming import GROUPS, said_parts
from meshcoal.export.speech import Speech
from meshcoal.statement.report import PaperSignatory, Report, Signatory, Tallied

Line = tuple[int, str]  # how deep it stands, and what it says
EMPTY: Final = (0, "")


def told(report: Report, language: str) -> Iterator[Line]:
    """The lines, the verdict last; empty ones stand between parts.

    Args:
        language: one that there are words in (`export.words.known_languages`).
    """
    speech = Speech(language, "command")
    yield from _facts(report, speech)
    yield from _signatories(report, speech)
    yield 0, speech.text("page.found")
    for finding in report.findings:
        severity = speech.text(f"page.{finding.severity.value}")
        sentence = speech.text(f"finding.{finding.key}", **finding.values)
        yield 1, f"{severity}: {sentence} ({finding.code})"
    yield EMPTY
    yield 0, speech.text("letter.cannot")
    yield from [(1, speech.text(key)) for key in speech.keys("letter.cannot_know")]
    if report.on_paper:
        yield 1, speech.text("letter.cannot_know_of_paper")
    yield EMPTY
    if unreviewed := speech.text("letter.unreviewed"):
        yield 0, unreviewed
    if report.sound:
        yield 0, speech.text("command.sound")
    else:
        yield 0, speech.text("command.not_sound", count=len(report.problems))


def _facts(report: Report, speech: Speech) -> Iterator[Line]:
    if report.title:
        yield 1, report.title
        if report.addressees:
            yield 1, f"{speech.text('letter.to')}: {'; '.join(report.addressees)}"
        yield 1, f"{speech.text('letter.deadline')}: {speech.spell_moment(report.deadline_ms)}"
        yield 1, f"{speech.text('letter.released')}: {speech.spell_moment(report.released_ms)}"
    if report.digest:
        yield 1, f"{speech.text('letter.digest')}: {report.digest.hex()}"
        yield EMPTY


def _signatories(report: Report, speech: Speech) -> Iterator[Line]:
    if not report.signatories and not report.on_paper:
        return
    counts = report.counts
    said = [
        speech.text("page.organisations", count=counts.organisations),
        speech.text("page.individuals", count=counts.individuals),
        *([speech.text("page.unnamed", count=counts.unnamed)] if counts.unnamed else []),
        *([_on_paper(counts, speech)] if counts.on_paper else []),
        *([speech.text("page.withdrawn", count=counts.withdrawn)] if counts.withdrawn else []),
        *([speech.text("page.since", count=counts.since)] if counts.addenda else []),
        *([speech.text("page.addenda", count=counts.addenda)] if counts.addenda else []),
    ]
    yield 0, f"{speech.text('page.hold')}: {speech.comma.join(said)}"
    for capacity, heading in GROUPS:
        members = [one for one in report.signatories if one.capacity is capacity]
        if members:
            yield 1, f"{speech.text(heading)} ({speech.spell_number(len(members))})"
            yield from [(2, _line(one, speech)) for one in members]
    if report.on_paper:
        yield 1, _on_paper(counts, speech)
        yield from [(2, _line_on_paper(one, speech)) for one in report.on_paper]
    yield EMPTY


def _line(one: Signatory, speech: Speech) -> str:
    names = [other.name for other in one.names]
    typed = dict.fromkeys((one.name, *names, one.title, one.affiliation, one.country))
    said = [speech.text(key, **values) for key, values in said_parts(one.mode, one.members)]
    notes = [
        *([speech.text("page.in_addendum", number=one.addendum)] if one.addendum else []),
        *([speech.text("letter.withdrew")] if one.withdrawn else []),
        *([] if one.holds else [speech.text("page.bad")]),
    ]
    parts = speech.comma.join([*[speech.apart(part) for part in typed if part], *said])
    return parts + "".join([f" ({note})" for note in notes])


def _on_paper(counts: Tallied, speech: Speech) -> str:
    return speech.text("page.on_paper", count=counts.on_paper, witnesses=counts.witnesses)


def _line_on_paper(one: PaperSignatory, speech: Speech) -> str:
    notes = [
        *([speech.text("letter.withdrew")] if one.withdrawn else []),
        *([] if one.holds else [speech.text("page.paper_bad")]),
    ]
    typed = (one.name, one.title, one.affiliation, one.country)
    parts = speech.comma.join([speech.apart(part) for part in typed if part])
    return parts + "".join([f" ({note})" for note in notes])
