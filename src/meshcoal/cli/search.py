"""`meshcoal search`: find messages, comments, letters and cases by their words."""

from __future__ import annotations

import click

from meshcoal.api.commands import Search
from meshcoal.api.views import FoundKind, FoundsView, FoundView
from meshcoal.cli.find import find_campaign_id
from meshcoal.cli.leaf import leaf
from meshcoal.cli.moments import when
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.ids import short
from meshcoal.limits import FOUND_PAGE_MAX

_FEW = 2_000  # operations that are looked through in no time
_KINDS = {
    FoundKind.MESSAGE: "message",
    FoundKind.EDITION: "a message, since changed",
    FoundKind.LETTER: "letter",
    FoundKind.COMMENT: "comment",
    FoundKind.CASE: "case",
}


@leaf("search", example="meshcoal search hearing tuesday\nmeshcoal search gate --in evin")
@click.argument("words", nargs=-1, required=True)
@click.option("--in", "campaign", help="Only in this campaign.")
@click.option(
    "--limit", type=click.IntRange(1, FOUND_PAGE_MAX), default=50, show_default=True, help="How many."
)
@click.option(
    "--before", type=click.IntRange(1), help="Go on behind a page, with the number that it ended with."
)
@click.pass_obj
def search(
    session: Session, words: tuple[str, ...], campaign: str | None, limit: int, before: int | None
) -> None:
    """Find what was said and written, on this device.

    What has all WORDS is found, each from its beginning; case, accents and Arabic vowel signs do not count.
    The last to arrive comes first. What vanished or was taken back is not found. Nothing of it leaves this
    computer; but your shell may remember what you type: the interface does not.
    """
    where = b"" if campaign is None else find_campaign_id(session, campaign)
    command = Search(text=" ".join(words), campaign=where, before=before or 0, limit=limit)
    view = session.ask(command, FoundsView)
    session.show(view, lambda: _print(view))


def _print(view: FoundsView) -> None:
    if not view.found:
        say("Nothing was found.")
    for one in view.found:
        _print_one(one)
    if view.before:
        say("(more: add --before {before})", before=view.before)
    if view.unindexed > _FEW:
        say(
            "({left} of {all} are not in the index yet: searching takes longer meanwhile)",
            left=view.unindexed,
            all=view.operations,
        )


def _print_one(one: FoundView) -> None:
    say(
        "{id}  {at}  {name}  {campaign} / {place}  ({kind})",
        id=short(one.message or one.about),
        at=when(one.at_ms),
        name=one.name,
        campaign=one.campaign_name,
        place=one.place,
        kind=_KINDS[one.kind],
    )
    say("    {excerpt}", excerpt=" ".join(one.excerpt.split()))
