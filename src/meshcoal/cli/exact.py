"""The text that is to be signed, to the letter, and what was changed of it.

Law: it goes to standard error, for standard output may be a program's; what a terminal must not show is told.
"""

from __future__ import annotations

from meshcoal.api.views import EntryState, StatementView
from meshcoal.cli.output import altered_by_cleaning, block, say
from meshcoal.text.changes import changed_lines


def show_changes(letter: StatementView) -> None:
    """What differs from the version that was signed, or from the one before."""
    signed = letter.mine is EntryState.LAPSED
    say("", err=True)
    say(
        "Changed since version {version}{signed}:",
        version=letter.earlier_version,
        signed=", which you signed" if signed else "",
        err=True,
    )
    for mark, line in changed_lines(letter.earlier_text, letter.canonical_text):
        block(line, indent=f"  {mark} ", err=True)


def show_exactly(letter: StatementView) -> None:
    """The text to be signed and its digest, on standard error: standard output may be a program's."""
    say("This is the text, to the letter:", err=True)
    say("", err=True)
    block(letter.canonical_text, indent="  | ", err=True)
    say("", err=True)
    if altered_by_cleaning(letter.canonical_text):
        say(
            "Careful: the text holds characters that a terminal must not show. They stand as \ufffd, "
            "or are left out.",
            err=True,
        )
    say("Digest: {digest}", digest=letter.digest.hex(), err=True)
