"""`meshcoal paper`: an alert, some messages, a sign-on, as codes on paper that any camera reads.

Law: as `meshcoal bundle`: who can open it is said before it is written, and nothing is taken in before the
person has seen what it is and said yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from meshcoal.api.commands import BeginBundle, BundleFor
from meshcoal.cli import files
from meshcoal.cli.bundle import drive, print_shipments, take_in
from meshcoal.cli.find import find_campaign, find_member
from meshcoal.cli.leaf import branch, yes_option
from meshcoal.cli.moments import parse_since
from meshcoal.cli.output import plural, say
from meshcoal.cli.session import Session
from meshcoal.client.carrying import looking_at
from meshcoal.client.sheets import as_found, slips_written, texts_in_files
from meshcoal.errors import BadArgument, Unknown
from meshcoal.export.slips import sheet
from meshcoal.limits import SLIP_TEXT_BYTES_MAX
from meshcoal.wire.slips import Lacking, enough_of, pages_of, slips_in, text_slips

_PAGES_NAMED_MAX = 12


@branch("paper")
def paper() -> None:
    """Carry a campaign or a text on paper: write, print, read."""


@paper.command("write", example="meshcoal paper write evin --to sheet.html --since 1d")
@click.argument("campaign")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A page to print, as HTML.",
)
@click.option("--for", "members", multiple=True, metavar="MEMBER", help="Only for this member; repeatable.")
@click.option("--since", help="Only what came here since then: 3d, or 2026-11-22T18:00+04:00.")
@click.option(
    "--with-sealed",
    is_flag=True,
    help="Also what you signed sealed and nobody has yet. Whoever reads the sheet may guess whose it is.",
)
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@click.pass_obj
def write(
    session: Session,
    campaign: str,
    target: Path,
    members: tuple[str, ...],
    since: str | None,
    with_sealed: bool,
    force: bool,
) -> None:
    """Write what the other members lack as QR codes, without files.

    Twelve codes a page; four in five are enough. An alert, messages and signatures take a page or two, all
    of a campaign of eight some fifteen; 80 pages are the most.
    """
    view = find_campaign(session, campaign)
    chosen = tuple([find_member(view, one).author for one in members])
    command = BeginBundle(
        campaigns=(BundleFor(campaign=view.id, members=chosen),),
        since_ms=parse_since(since, session.now_ms()) if since else 0,
        files=False,
        begun=with_sealed,
        paper=True,
    )
    write_sheet(session, command, target, replace=force)


def write_sheet(session: Session, command: BeginBundle, target: Path, *, replace: bool) -> None:
    """Say who can open it, and write the page. Raises `Unknown` where there is nothing to write."""
    slips = drive(
        session, slips_written(command, lambda view: None if session.as_json else print_shipments(view))
    )
    print_slips(session, slips, target, replace=replace)


def print_slips(
    session: Session, slips: Sequence[bytes], target: Path, *, replace: bool, quiet: bool = False
) -> None:
    """Write slips as codes on a page to print, and say how many unless `quiet`."""
    files.write_new(target, sheet(slips), private=True, replace=replace)
    if quiet:
        return
    enough, count = (sum(numbers) for numbers in zip(*[enough_of(len(slip)) for slip in slips], strict=True))
    pages = sum([pages_of(len(slip)) for slip in slips])
    session.show(
        {"path": str(target), "codes": count, "enough": enough, "pages": pages},
        lambda: say(
            "{path}: {count} on {pages}, of which four in five are enough. Print it, and erase the file.",
            path=target,
            count=plural(count, "code", "codes"),
            pages=plural(pages, "page", "pages"),
        ),
    )


@paper.command("print", example="meshcoal paper print invitation.txt --to sheet.html")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A page to print, as HTML.",
)
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@click.pass_obj
def print_(session: Session, source: Path, target: Path, force: bool) -> None:
    """Print a text of meshcoal's as codes of which four in five are enough.

    For a long invitation, a call, replies. It is not hidden: whoever reads the codes reads the text. The
    commands that take such a text read it from a photo; several photos, `meshcoal statement read-picture`.
    """
    text = files.read_text(source, bytes_max=SLIP_TEXT_BYTES_MAX)
    if not text.strip():
        raise BadArgument("The file is empty.")
    print_slips(session, text_slips(text.strip()), target, replace=force)


@paper.command("read", example="meshcoal paper read photo-1.jpg photo-2.jpg")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@yes_option
@click.pass_obj
def read(session: Session, sources: tuple[Path, ...], yes: bool) -> None:
    """Take in what is on paper, after showing it.

    Each FILE is a picture of codes (PNG, JPEG, WebP), or a text with one code a line, as a telephone's camera
    tells them; or a folder of such. In any order; some may be missing.
    """
    slips, lacking = slips_in(texts_in_files(sources))
    if not session.as_json:
        for one in lacking:
            print_lacking(one)
    if not slips:
        raise Unknown("No sheet is whole. Hold the camera straight and closer; read all pictures together.")
    found = as_found(slips)
    take_in(session, lambda: drive(session, looking_at(found, lambda done, total: None)), yes=yes)


def print_lacking(one: Lacking) -> None:
    """How far a slip was read, and which of its pages to photograph again."""
    say(
        "{label}: {held} of {needed} codes read (of {of}). Photograph again: {pages}.",
        label=one.label,
        held=one.held,
        needed=one.needed,
        of=one.of,
        pages=", ".join([f"page {page}" for page in one.pages[:_PAGES_NAMED_MAX]]),
        err=True,
    )
