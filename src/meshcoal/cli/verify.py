"""`meshcoal verify`: what a released letter proves, and what it cannot.

Law: needs no vault, no daemon and no network, and loads none of the code for them. What is not known is
said as plainly as what is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from meshcoal.cli import files
from meshcoal.cli.leaf import leaf
from meshcoal.cli.moments import when, when_here
from meshcoal.cli.output import emit, plain, plural, say, table
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument, OverLimit
from meshcoal.limits import PACKAGE_BYTES_MAX

if TYPE_CHECKING:
    from meshcoal.statement.verification import Report, Signatory

SOUND: Final = 0
NOT_SOUND: Final = 1

_SEVERITY_IN_WORDS: Final = {"ok": "holds", "notice": "note", "problem": "WRONG"}
_CAPACITY_IN_WORDS: Final = {
    "organisation": "organisation",
    "individual": "individual",
    "individual-affiliation-not-endorsing": "individual; affiliation does not endorse",
}


@leaf("verify", example="meshcoal verify statement-3f9a12bc.meshcoal.json")
@click.argument("package", type=click.Path(path_type=Path))
@click.pass_obj
def verify(session: Session, package: Path) -> int:
    """Check a released letter, without vault or network.

    Takes the package, or the page or PDF that holds it. Says what is true, what is not, and what no check
    of a file can know. Exit code 0: sound; 1: not sound; 2: the file cannot be read.
    """
    from meshcoal.export.reading import examine

    try:
        data = files.read_bytes(package, bytes_max=PACKAGE_BYTES_MAX)
    except OverLimit as error:
        raise BadArgument(str(error)) from None
    report = examine(data)
    if session.as_json:
        emit({"sound": report.sound, **plain(report)})
    else:
        _print(report)
    return SOUND if report.sound else NOT_SOUND


def _print(report: Report) -> None:
    if report.title:
        say("{title}", title=report.title)
        say("  Languages: {languages}", languages=", ".join(report.languages))
        if report.addressees:
            say("  To:        {addressees}", addressees="; ".join(report.addressees))
        say("  Deadline:  {at}", at=when_here(report.deadline_ms))
        say("  Released:  {at}", at=when_here(report.released_ms))
    if report.digest:
        say("  Digest:    {digest}", digest=report.digest.hex())
    if report.signatories:
        say("")
        say(
            "Signatures that hold: {organisations}, {individuals}{withdrawn}.",
            organisations=plural(report.counts.organisations, "organisation", "organisations"),
            individuals=plural(report.counts.individuals, "individual", "individuals"),
            withdrawn=f"; {report.counts.withdrawn} withdrew since" if report.counts.withdrawn else "",
        )
        table(
            ("SIGNATURE", "NAME", "TITLE", "AFFILIATION", "COUNTRY", "AS", "DATED"),
            [_row(one) for one in report.signatories],
        )
    say("")
    say("What was found:")
    for finding in report.findings:
        say(
            "  {severity}: {sentence} ({code})",
            severity=_SEVERITY_IN_WORDS[finding.severity.value],
            sentence=finding.sentence,
            code=finding.code,
        )
    say("")
    say("What no check of this file can know:")
    for sentence in report.cannot_know:
        say("  {sentence}", sentence=sentence)
    say("")
    if report.sound:
        say("SOUND: the text, the list and every signature hold.")
    else:
        say(
            "NOT SOUND: {count}. Do not rely on this file.",
            count=plural(len(report.problems), "thing is wrong", "things are wrong"),
        )


def _row(one: Signatory) -> tuple[str, ...]:
    return (
        "withdrawn" if one.withdrawn else "holds" if one.holds else "DOES NOT HOLD",
        one.name,
        one.title,
        one.affiliation,
        one.country,
        _CAPACITY_IN_WORDS[one.capacity.value],
        when(one.signed_ms),
    )
