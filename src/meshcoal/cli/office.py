"""`meshcoal office`: by which steps an organisation signs, and standing mandates.

Law: nobody signs for somebody absent but under a mandate that everybody in the campaign can read.
"""

from __future__ import annotations

import click

from meshcoal.api.commands import (
    GiveMandate,
    ListOffices,
    MakeOffice,
    MandateScope,
    OfficeStep,
    RevokeMandate,
)
from meshcoal.api.views import CampaignView, OfficesView
from meshcoal.cli.find import find_campaign, find_campaign_id, find_member
from meshcoal.cli.leaf import branch
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import parse_moment, parse_span, when
from meshcoal.cli.output import block, say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument
from meshcoal.ids import short
from meshcoal.limits import HOLDERS_MAX, NAME_CHARS_MAX, OFFICE_STEPS_MAX


@branch("office")
def office() -> None:
    """Offices: by which steps an organisation signs; mandates."""


@office.command(
    "make",
    example='meshcoal office make evin "The Centre" --step "policy: Ben, Chi after 48h" '
    '--step "director: Ana"',
)
@click.argument("campaign")
@click.argument("name")
@click.option(
    "--step",
    "steps",
    multiple=True,
    required=True,
    metavar="'NAME: WHO, DEPUTY after 48h'",
    help="In their order; the last one signs.",
)
@click.option("--replaces", help="The office that this one takes the place of.")
@click.pass_obj
def make(session: Session, campaign: str, name: str, steps: tuple[str, ...], replaces: str | None) -> None:
    """Say by which steps an organisation with several members here decides that it signs.

    Whoever stands first in a step decides it; the others are deputies, who may after the time.
    """
    view = find_campaign(session, campaign)
    before = b""
    if replaces is not None:
        known = session.ask(ListOffices(campaign=view.id), OfficesView)
        before = _office(known, replaces)
    if len(steps) > OFFICE_STEPS_MAX:
        raise BadArgument(f"An office has at most {OFFICE_STEPS_MAX} steps.")
    command = MakeOffice(
        campaign=view.id, name=name, steps=tuple(_step(view, one) for one in steps), replaces=before
    )
    made = session.ask(command, OfficesView)
    session.show(made, lambda: _print(made, session.now_ms()))


@office.command("list", example="meshcoal office list evin")
@click.argument("campaign")
@click.pass_obj
def list_(session: Session, campaign: str) -> None:
    """List the offices of a campaign, the mandates, and what was signed under each."""
    view = session.ask(ListOffices(campaign=find_campaign_id(session, campaign)), OfficesView)
    session.show(view, lambda: _print(view, session.now_ms()))


@office.command(
    "mandate",
    example='meshcoal office mandate evin "The Centre" Ben "Death-penalty cases, no call for sanctions" '
    "--topic death-penalty --country ir --not sanctions --until 30d",
)
@click.argument("campaign")
@click.argument("office_name", metavar="OFFICE")
@click.argument("member")
@click.argument("words")
@click.option("--topic", "topics", multiple=True, help="A letter's topics are all among these; else any.")
@click.option("--country", "countries", multiple=True, help="Likewise.")
@click.option("--not", "asks", multiple=True, help="None of these may the letter ask for.")
@click.option("--until", required=True, help="ISO 8601 with a zone, or `30d`.")
@click.pass_obj
def mandate(
    session: Session,
    campaign: str,
    office_name: str,
    member: str,
    words: str,
    topics: tuple[str, ...],
    countries: tuple[str, ...],
    asks: tuple[str, ...],
    until: str,
) -> None:
    """Let MEMBER sign for an office whose last step you decide, without the steps.

    Only letters that say what they are about can be signed under it. Each use stands in the list.
    """
    view = find_campaign(session, campaign)
    known = session.ask(ListOffices(campaign=view.id), OfficesView)
    command = GiveMandate(
        campaign=view.id,
        office=_office(known, office_name),
        holder=find_member(view, member).author,
        scope=MandateScope(words=words, topics=topics, countries=countries, asks_excluded=asks),
        expires_ms=parse_moment(until, session.now_ms()),
    )
    given = session.ask(command, OfficesView)
    session.show(given, lambda: _print(given, session.now_ms()))


@office.command("revoke", example="meshcoal office revoke evin 3f9a")
@click.argument("campaign")
@click.argument("mandate_id", metavar="MANDATE")
@click.pass_obj
def revoke(session: Session, campaign: str, mandate_id: str) -> None:
    """Take a mandate back. What was signed under it by somebody who had not heard of that stands."""
    where = find_campaign_id(session, campaign)
    known = session.ask(ListOffices(campaign=where), OfficesView)
    command = RevokeMandate(campaign=where, mandate=find_mandate(known, mandate_id))
    view = session.ask(command, OfficesView)
    session.show(view, lambda: _print(view, session.now_ms()))


def find_mandate(view: OfficesView, wanted: str) -> bytes:
    """Raises `Unknown`, `Ambiguous`."""
    return pick("mandate", wanted, [Thing(one.id, one.office_name) for one in view.mandates])


def find_office(session: Session, campaign: bytes, wanted: str) -> bytes:
    """Raises `Unknown`, `Ambiguous`."""
    return _office(session.ask(ListOffices(campaign=campaign), OfficesView), wanted)


def _office(view: OfficesView, wanted: str) -> bytes:
    return pick("office", wanted, [Thing(one.id, one.name) for one in view.offices])


def _step(view: CampaignView, text: str) -> OfficeStep:
    name, colon, people = text.partition(":")
    people, _, wait = people.partition(" after ")
    names = [one.strip() for one in people.split(",") if one.strip()]
    if not colon or not 1 <= len(name.strip()) <= NAME_CHARS_MAX or not 1 <= len(names) <= HOLDERS_MAX:
        raise BadArgument("A step is written as `policy: Ben, Chi after 48h`.")
    return OfficeStep(
        name=name.strip(),
        holders=tuple(find_member(view, one).author for one in names),
        wait_ms=parse_span(wait.strip()) if wait else 0,
    )


def _print(view: OfficesView, now_ms: int) -> None:
    if not view.offices:
        say("No office yet. Make one with `meshcoal office make`.")
    for one in view.offices:
        say("{name}  ({id}){mine}", name=one.name, id=short(one.id), mine=", yours" if one.mine else "")
        for step in one.steps:
            say(
                "    {step}: {first}{deputies}",
                step=step.name,
                first=step.holders[0],
                deputies=f"; after {step.wait_ms // 3_600_000} h {', '.join(step.holders[1:])}"
                if len(step.holders) > 1
                else "",
            )
    for given in view.mandates:
        say("")
        say(
            "Mandate {id}: {holder} for {office}, given by {giver}, {state}",
            id=short(given.id),
            holder=given.holder,
            office=given.office_name or "an office that was replaced",
            giver=given.giver,
            state="revoked"
            if given.revoked
            else f"until {when(given.expires_ms)}"
            if given.expires_ms > now_ms
            else "expired",
        )
        block(given.words, indent="    ")
        matched = [*given.topics, *given.countries, *[f"not {one}" for one in given.asks_excluded]]
        say("    Matched: {matched}", matched=", ".join(matched) or "any topic and country")
        for use in given.uses:
            say("    Used {at}: {title}", at=when(use.at_ms), title=use.title)
        if not given.uses:
            say("    Not used.")
