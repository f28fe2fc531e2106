"""`meshcoal verify`: what a released letter proves, and what it cannot.

Law: needs no vault, no daemon and no network, and loads none of the code for them. What is not known is
said as plainly as what is.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from meshcoal.cli import files
from meshcoal.cli.leaf import leaf
from meshcoal.cli.moments import when, when_here
from meshcoal.cli.output import emit, plain, plural, say, table
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument, OverLimit
from meshcoal.limits import MIB, PACKAGE_BYTES_MAX

if TYPE_CHECKING:
    from meshcoal.statement.report import PaperSignatory
    from meshcoal.statement.verification import Report, Signatory
    from meshcoal.wire.naming import Annex, NameIn

_SCAN_BYTES_MAX: Final = 256 * MIB
SOUND: Final = 0
NOT_SOUND: Final = 1

LANGUAGES: Final = ("ar", "en", "es", "fa", "fr", "my", "pt", "ru", "zh")
_SEVERITY_IN_WORDS: Final = {"ok": "holds", "notice": "note", "problem": "WRONG"}
_CAPACITY_IN_WORDS: Final = {
    "organisation": "organisation",
    "individual": "individual",
    "individual-affiliation-not-endorsing": "individual; affiliation does not endorse",
    "network": "network",
}


@leaf("verify", example="meshcoal verify statement-3f9a12bc.meshcoal.json")
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "--annex", type=click.Path(path_type=Path), help="The file for the addressee: who is named in it only."
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Say what was found in this language. With --json nothing changes.",
)
@click.option(
    "--scan", type=click.Path(path_type=Path), help="A scan of a signature sheet: which sheet it belongs to."
)
@click.pass_obj
def verify(
    session: Session, package: Path, annex: Path | None, language: str | None, scan: Path | None
) -> int:
    """Check a released letter, without vault or network.

    Takes the package, or the page or PDF that holds it. Says what is true, what is not, and what no check
    of a file can know. Exit code 0: sound; 1: not sound, or the scan belongs to no sheet;
    2: a file cannot be read.
    """
    from meshcoal.export.reading import examine

    try:
        data = files.read_bytes(package, bytes_max=PACKAGE_BYTES_MAX)
    except OverLimit as error:
        raise BadArgument(str(error)) from None
    report = examine(data)
    named = _named(annex, data) if annex is not None else {}
    sheets = _sheets_of(scan, report) if scan is not None else []
    if session.as_json:
        told = {key.hex(): plain(one) for key, one in named.items()}
        findings = [plain(one) | {"code": one.code, "sentence": one.sentence} for one in report.findings]
        more = {"annex": told} if annex is not None else {}
        if scan is not None:
            more["scan_of"] = plain(sheets)
        emit({"sound": report.sound, **plain(report), "findings": findings, **more})
    else:
        _print_in(report, language) if language else _print(report)
        if named:
            say("")
            say("Named to the addressee only, each as its key signed it:")
            table(
                ("NAME", "TITLE", "COUNTRY", "KEY"),
                [
                    (_names(one.name, one.names), one.title, one.country, key.hex())
                    for key, one in named.items()
                ],
            )
        if scan is not None:
            _print_sheets(sheets)
    return SOUND if report.sound and (scan is None or sheets) else NOT_SOUND


def _sheets_of(scan: Path, report: Report) -> list[tuple[str, int]]:
    """Key of the witness and number of each sheet that names this scan, as it is or freed of its metadata."""
    from meshcoal.wire.pictures import cleaned

    data = files.read_bytes(scan, bytes_max=_SCAN_BYTES_MAX)
    digests = {hashlib.sha256(data).digest()}
    with contextlib.suppress(BadArgument):  # a broken picture has its own digest alone
        digests.add(hashlib.sha256(cleaned(data)).digest())
    return list(dict.fromkeys([(one.key.hex(), one.sheet) for one in report.on_paper if one.scan in digests]))


def _print_sheets(sheets: list[tuple[str, int]]) -> None:
    say("")
    if not sheets:
        say("The scan belongs to no sheet of this letter. A copy that was saved anew is another file.")
    for key, number in sheets:
        say("The scan is that of sheet {number} of the witness with the key {key}.", number=number, key=key)
    if sheets:
        say("Whether it shows the names that were entered is for you to see.")


def _named(annex: Path, data: bytes) -> dict[bytes, Annex]:
    """Whom the annex names. Raises `MalformedPackage` where a name is not what was signed."""
    from meshcoal.export.reading import package_of
    from meshcoal.wire.annex import decode_annex, named_in
    from meshcoal.wire.package import decode_package

    read = files.read_bytes(annex, bytes_max=PACKAGE_BYTES_MAX)
    return named_in(decode_annex(read), decode_package(package_of(data)))


def _names(name: str, names: tuple[NameIn, ...]) -> str:
    return "; ".join([name, *[one.name for one in names]])


def _print_in(report: Report, language: str) -> None:
    from meshcoal.export.telling import told

    for depth, line in told(report, language):
        match depth:
            case 0:
                say("{line}", line=line)
            case 1:
                say("  {line}", line=line)
            case _:
                say("    {line}", line=line)


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
            "Signatures that hold: {organisations}, {individuals}{unnamed}{withdrawn}.",
            organisations=plural(report.counts.organisations, "organisation", "organisations"),
            individuals=plural(report.counts.individuals, "individual", "individuals"),
            unnamed=_unnamed(report.counts.unnamed),
            withdrawn=f"; {report.counts.withdrawn} withdrew since" if report.counts.withdrawn else "",
        )
        if report.counts.addenda:
            counts = report.counts
            say(
                "{released} at the release, {since} since, in {addenda}.",
                released=counts.organisations + counts.individuals - counts.since,
                since=counts.since,
                addenda=plural(counts.addenda, "addendum", "addenda"),
            )
        table(
            ("SIGNATURE", "NAME", "TITLE", "AFFILIATION", "COUNTRY", "AS", "DATED", "ADDENDUM"),
            [_row(one) for one in report.signatories],
        )
    if report.on_paper:
        say("")
        say(
            "On paper: {count}, entered by {witnesses}.",
            count=report.counts.on_paper,
            witnesses=plural(report.counts.witnesses, "witness", "witnesses"),
        )
        table(
            (
                "WITNESS SIGNED",
                "NAME",
                "TITLE",
                "AFFILIATION",
                "COUNTRY",
                "AS",
                "DATED",
                "SHEET",
                "LINE",
                "BY",
            ),
            [_paper_row(one) for one in report.on_paper],
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


def _unnamed(count: int) -> str:
    if not count:
        return ""
    members = plural(count, "member of the coalition", "members of the coalition")
    return f", and {members} who cannot be named"


def _row(one: Signatory) -> tuple[str, ...]:
    return (
        "withdrawn" if one.withdrawn else "holds" if one.holds else "DOES NOT HOLD",
        _names(one.name, one.names) if one.name else "named to the addressee only",
        one.title,
        one.affiliation,
        one.country,
        _capacity(one),
        when(one.signed_ms),
        str(one.addendum or ""),
    )


def _paper_row(one: PaperSignatory) -> tuple[object, ...]:
    return (
        "withdrawn" if one.withdrawn else "holds" if one.holds else "DOES NOT HOLD",
        one.name,
        one.title,
        one.affiliation,
        one.country,
        _CAPACITY_IN_WORDS[one.capacity.value],
        when(one.dated_ms)[:10],
        one.sheet,
        one.line,
        one.witness or one.key.hex()[:8],
    )


def _capacity(one: Signatory) -> str:
    said = _CAPACITY_IN_WORDS[one.capacity.value]
    if one.members:
        said += f", on behalf of {one.members} members"
    return f"{said}, by role" if one.mode.value == "role" else said
