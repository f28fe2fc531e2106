"""`meshcoal campaign rules`: what organisers allow, and whose consent a release needs."""

from __future__ import annotations

import click

from meshcoal.api.commands import SetRules
from meshcoal.api.views import CampaignView
from meshcoal.cli.attachment import parse_size, size_of
from meshcoal.cli.find import find_campaign
from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.limits import MEMBERS_MAX
from meshcoal.wire.terms import DRAFT_SEATS, Seat


@leaf("rules", example='meshcoal campaign rules evin --largest-file "2 MiB"')
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.option(
    "--largest-file", metavar="SIZE", help="Files may be no larger: `500 KiB`, `2 MiB`, or 0 for no files."
)
@click.option(
    "--kept-files", metavar="SIZE", help="How much of the campaign's files each device keeps at most."
)
@click.option(
    "--letters-by",
    "draft_seats",
    multiple=True,
    type=click.Choice([seat.value for seat in DRAFT_SEATS]),
    help="Only these seats write and amend letters; repeatable.",
)
@click.option(
    "--paper-by",
    "witness_seats",
    multiple=True,
    type=click.Choice([seat.value for seat in DRAFT_SEATS]),
    help="Only these seats enter signatures on paper; repeatable.",
)
@click.option(
    "--tor-for",
    "tor_seats",
    multiple=True,
    type=click.Choice([*[seat.value for seat in Seat], "nobody"]),
    help="Recommend Tor alone to these seats; repeatable.",
)
@click.option(
    "--apart",
    "apart_seats",
    multiple=True,
    type=click.Choice([*[seat.value for seat in Seat], "nobody"]),
    help="Recommend to these seats to keep off local networks; repeatable.",
)
@click.option(
    "--comments-by", type=click.Choice(["name", "seat"]), help="How others see who comments on a letter."
)
@click.option(
    "--changes", type=click.Choice(["allowed", "refused"]), help="Whether members change what they said."
)
@click.option(
    "--hiding",
    type=click.Choice(["allowed", "refused"]),
    help="Whether organisers hide what others said.",
)
@click.option("--in-country", type=click.IntRange(0, MEMBERS_MAX), help="Consent that a release needs.")
@click.option("--exile", type=click.IntRange(0, MEMBERS_MAX), help="The same, of members in exile.")
@click.option("--ingo", type=click.IntRange(0, MEMBERS_MAX), help="The same, of international organisations.")
@click.pass_obj
def rules(
    session: Session,
    campaign_name: str,
    largest_file: str | None,
    kept_files: str | None,
    draft_seats: tuple[str, ...],
    witness_seats: tuple[str, ...],
    tor_seats: tuple[str, ...],
    apart_seats: tuple[str, ...],
    comments_by: str | None,
    changes: str | None,
    hiding: str | None,
    in_country: int | None,
    exile: int | None,
    ingo: int | None,
) -> None:
    """Show the campaign's rules; organisers can change them.

    A letter goes out when enough members of each seat have signed it, or agreed that it goes out. Only an
    in-country organiser can lower what is asked of in-country seats.

    Every member's device keeps to it: a larger file is refused when it is attached, and fetched by nobody.
    What was attached before the change may stay. Which ways a seat takes is a recommendation: each device
    follows it or refuses (`meshcoal campaign ways`).
    """
    view = find_campaign(session, campaign_name)
    given = (
        largest_file,
        kept_files,
        comments_by,
        changes,
        hiding,
        in_country,
        exile,
        ingo,
        draft_seats or None,
        witness_seats or None,
        tor_seats or None,
        apart_seats or None,
    )
    if any(one is not None for one in given):
        command = SetRules(
            campaign=view.id,
            file_bytes_max=view.file_bytes_max if largest_file is None else parse_size(largest_file),
            kept_bytes_max=view.kept_bytes_max if kept_files is None else parse_size(kept_files),
            draft_seats=tuple(Seat(seat) for seat in draft_seats) or view.draft_seats,
            comments_by_seat=view.comments_by_seat if comments_by is None else comments_by == "seat",
            authors_change=view.authors_change if changes is None else changes == "allowed",
            organisers_hide=view.organisers_hide if hiding is None else hiding == "allowed",
            in_country_quorum=view.in_country_quorum if in_country is None else in_country,
            exile_quorum=view.exile_quorum if exile is None else exile,
            ingo_quorum=view.ingo_quorum if ingo is None else ingo,
            witness_seats=tuple(Seat(seat) for seat in witness_seats) or view.witness_seats,
            tor_seats=_advised(tor_seats, view.tor_seats),
            apart_seats=_advised(apart_seats, view.apart_seats),
        )
        view = session.ask(command, CampaignView)
    session.show(view, lambda: print_rules(view))


def _advised(given: tuple[str, ...], before: tuple[Seat, ...]) -> tuple[Seat, ...]:
    if not given:
        return before
    return tuple(Seat(seat) for seat in given if seat != "nobody")


def print_rules(view: CampaignView) -> None:
    """What organisers allow of files and letters, and whose consent a release needs."""
    say(
        "A release needs consent: {in_country} in-country, {exile} in exile, {ingo} of international "
        "organisations; never more than there are.",
        in_country=view.in_country_quorum,
        exile=view.exile_quorum,
        ingo=view.ingo_quorum,
    )
    say("Letters are written by: {seats}.", seats=", ".join(seat.value for seat in view.draft_seats))
    say(
        "Signatures on paper are entered by: {seats}.",
        seats=", ".join(seat.value for seat in view.witness_seats),
    )
    if view.tor_seats:
        say("Recommended to use Tor alone: {seats}.", seats=", ".join(seat.value for seat in view.tor_seats))
    if view.apart_seats:
        say(
            "Recommended to keep off local networks: {seats}.",
            seats=", ".join(seat.value for seat in view.apart_seats),
        )
    if view.comments_by_seat:
        say("Who comments on a letter is shown by seat, not by name.")
    if not view.authors_change:
        say("What was said stays as it was said: nobody changes or takes back a message.")
    if view.organisers_hide:
        say("Organisers can hide what others said.")
    if not view.file_bytes_max:
        say("Files: none are allowed.")
        return
    say(
        "Files: at most {each} each; each device keeps at most {kept} of them.",
        each=size_of(view.file_bytes_max),
        kept=size_of(view.kept_bytes_max),
    )
