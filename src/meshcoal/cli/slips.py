"""`meshcoal paper`: an alert, some messages, a sign-on, as codes on paper that any camera reads.

Law: as `meshcoal bundle`: who can open it is said before it is written, and nothing is taken in before the
person has seen what it is and said yes.
"""

from __future__ import annotations

from pathlib import Path

import click

from meshcoal.api.commands import BeginBundle, BundleFor, EndBundle, NextPart
from meshcoal.api.views import BundlePartView, BundleView, Done
from meshcoal.cli import files
from meshcoal.cli.bundle import drive, print_shipments, take_in
from meshcoal.cli.find import find_campaign, find_member
from meshcoal.cli.leaf import branch, yes_option
from meshcoal.cli.moments import parse_since
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.client.carrying import Found, looking_at
from meshcoal.client.pictures import codes_in
from meshcoal.errors import BadArgument, OverLimit, Unknown
from meshcoal.export.slips import sheet
from meshcoal.limits import MIB, SLIP_PIECE_BYTES
from meshcoal.wire.pictures import is_picture
from meshcoal.wire.slips import codes_of, slips_in

_TEXT_BYTES_MAX = 4 * MIB


@branch("paper")
def paper() -> None:
    """Carry a little of a campaign on paper: write, read."""


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

    For some 12 KiB: an alert, a dozen messages, a few signatures. Four in five codes are enough.
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
    begun = session.ask(command, BundleView)
    if not session.as_json:
        print_shipments(begun)
    slip = session.ask(NextPart(bundle=begun.bundle), BundlePartView).data
    session.ask(EndBundle(bundle=begun.bundle), Done)
    if not slip:
        raise Unknown("There is nothing that the others are not known to have. Nothing was written.")
    codes, enough = codes_of(slip), len(slip) // SLIP_PIECE_BYTES
    files.write_new(target, sheet(codes, enough), private=True, replace=force)
    session.show(
        {"path": str(target), "codes": len(codes), "enough": enough},
        lambda: say(
            "{path}: {count} codes, of which any {enough} are enough. Print it, and erase the file.",
            path=target,
            count=len(codes),
            enough=enough,
        ),
    )


@paper.command("read", example="meshcoal paper read photo-1.jpg photo-2.jpg")
@click.argument(
    "sources", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False)
)
@yes_option
@click.pass_obj
def read(session: Session, sources: tuple[Path, ...], yes: bool) -> None:
    """Take in what is on paper, after showing it.

    Each FILE is a picture of codes (PNG, JPEG, WebP), or a text with one code a line, as a telephone's camera
    tells them. In any order; some may be missing.
    """
    slips, lacking = slips_in([text for source in sources for text in _texts_in(source)])
    if not session.as_json:
        for one in lacking:
            say(
                "Of one sheet {held} codes of {of} were read; {needed} are needed.",
                held=one.held,
                of=one.of,
                needed=one.needed,
                err=True,
            )
    if not slips:
        raise Unknown("No sheet is whole. Hold the camera straight and closer; read all pictures together.")
    found = [Found(path=sources[0], at=0, data=slip) for slip in slips]
    take_in(session, drive(session, looking_at(found, lambda done, total: None)), yes=yes)


def _texts_in(source: Path) -> tuple[str, ...]:
    try:
        with source.expanduser().open("rb") as file:
            data = file.read(_TEXT_BYTES_MAX + 1)
    except (OSError, RuntimeError) as exc:
        reason = getattr(exc, "strerror", None) or "no such place"
        raise BadArgument(f"The file cannot be read: {reason.lower()}.") from None
    if is_picture(data):
        return codes_in(source)
    if len(data) > _TEXT_BYTES_MAX:
        raise OverLimit(f"A text with codes has at most {_TEXT_BYTES_MAX // MIB} MiB.")
    return tuple(data.decode("ascii", "replace").splitlines())
