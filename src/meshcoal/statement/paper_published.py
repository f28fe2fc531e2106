"""What of signatures on paper goes out with a released letter.

Law: lines on the list go out as the witness entered them; of a line that is not on it, its salted digest
alone. The witness's note and the scan stay in the campaign.
"""

from __future__ import annotations

from meshcoal.statement.model import EntryState, PaperEntry, PaperSheet, Statement
from meshcoal.wire.naming import shown_parts
from meshcoal.wire.paper import LeftOut, PaperWithdrawal, Sheet, line_digest, shown_fields


def sheets(statement: Statement) -> tuple[Sheet, ...]:
    """Those with lines on the list, ascending by witness's key and number."""
    found: dict[tuple[bytes, int], tuple[PaperSheet, set[int]]] = {}
    for entry in statement.counted_on_paper():
        found.setdefault(entry.sheet.place, (entry.sheet, set()))[1].add(entry.line.line)
    return tuple([_sheet(sheet, listed) for _, (sheet, listed) in sorted(found.items())])


def _sheet(sheet: PaperSheet, listed: set[int]) -> Sheet:
    return Sheet(
        head=sheet.head,
        lines=tuple([line for line in sheet.body.lines if line.line in listed]),
        left_out=tuple(
            [
                LeftOut(line=line.line, digest=line_digest(line))
                for line in sheet.body.lines
                if line.line not in listed
            ]
        ),
        signature=sheet.body.act_signature,
    )


def withdrawals(statement: Statement) -> tuple[PaperWithdrawal, ...]:
    """Of lines on the list that were taken back since, each once, in their order."""
    found = {
        (one.witness, one.number, one.withdrawn_ms, one.signature): one
        for entry in statement.paper
        if (one := entry.withdrawal) is not None and entry.state is EntryState.WITHDRAWN_AFTER_RELEASE
    }
    return tuple([found[key] for key in sorted(found)])


def listing(statement: Statement) -> list[str]:
    """The lines of a list of signatories for people to read; none where nobody signed on paper."""
    listed = sorted(statement.counted_on_paper(), key=lambda one: (one.line.name, one.sheet.place))
    if not listed:
        return []
    witnesses = len({entry.sheet.head.act_key for entry in listed})
    told = [_line(entry, statement.language) for entry in listed]
    return ["", f"On paper ({len(listed)}), entered by {in_words(witnesses)}", "", *told]


def in_words(witnesses: int) -> str:
    """`1 witness`, `3 witnesses`."""
    return f"{witnesses} {'witness' if witnesses == 1 else 'witnesses'}"


def _line(entry: PaperEntry, language: str) -> str:
    parts = shown_parts(shown_fields(entry.line, entry.sheet.head.dated_ms), language)
    withdrawn = entry.state is EntryState.WITHDRAWN_AFTER_RELEASE
    return ", ".join(parts) + (" (withdrew after the release)" if withdrawn else "")
