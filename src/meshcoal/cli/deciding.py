"""`meshcoal statement request`, `decide`: an organisation's own decision on a letter, step by step."""

from __future__ import annotations

import click

from meshcoal.api.commands import DecideRequest, RequestSignature, Verdict
from meshcoal.api.views import RequestState, RequestView, StatementView
from meshcoal.cli.find import find_statement
from meshcoal.cli.leaf import leaf
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import when
from meshcoal.cli.office import find_office
from meshcoal.cli.output import block, say, until
from meshcoal.cli.session import Session
from meshcoal.ids import short


@leaf("request", example='meshcoal statement request evin free "The Centre" --note "Deadline on Friday"')
@click.argument("campaign")
@click.argument("statement")
@click.argument("office")
@click.option("--note", default="", help="For those who decide.")
@click.pass_obj
def request(session: Session, campaign: str, statement: str, office: str, note: str) -> None:
    """Ask an office in which you have a part to sign an open letter."""
    letter = find_statement(session, campaign, statement)
    command = RequestSignature(
        campaign=letter.campaign,
        statement=letter.id,
        office=find_office(session, letter.campaign, office),
        note=note,
    )
    view = session.ask(command, StatementView)
    session.show(view, lambda: print_requests(view.requests, session.now_ms()))


@leaf("decide", example='meshcoal statement decide evin free "The Centre" approve')
@click.argument("campaign")
@click.argument("statement")
@click.argument("request_name", metavar="OFFICE")
@click.argument("verdict", type=click.Choice([verdict.value for verdict in Verdict]))
@click.option("--text", default="", help="A reason, or what has to be answered first.")
@click.pass_obj
def decide(
    session: Session, campaign: str, statement: str, request_name: str, verdict: str, text: str
) -> None:
    """Approve, refuse, or ask about, the step that waits for you.

    OFFICE is the office's name, or the request's id. The last step is not approved but signed:
    `meshcoal statement sign --for OFFICE`.
    """
    letter = find_statement(session, campaign, statement)
    command = DecideRequest(
        campaign=letter.campaign,
        statement=letter.id,
        request=find_request(letter, request_name),
        verdict=Verdict(verdict),
        text=text,
    )
    view = session.ask(command, StatementView)
    session.show(view, lambda: print_requests(view.requests, session.now_ms()))


def find_request(letter: StatementView, wanted: str) -> bytes:
    """The open request of an office. Raises `Unknown`, `Ambiguous`."""
    open_states = (RequestState.WAITING, RequestState.TO_SIGN)
    known = [Thing(one.id, one.office) for one in letter.requests if one.state in open_states]
    return pick("open request", wanted, known)


def print_requests(requests: tuple[RequestView, ...], now_ms: int) -> None:
    """Who was asked, who holds it up, and since when."""
    for one in requests:
        say(
            "{office} was asked by {name}, {at} ({id}): {state}",
            office=one.office,
            name=one.name,
            at=when(one.at_ms),
            id=short(one.id),
            state=one.state.value,
        )
        if one.note:
            block(one.note, indent="    ")
        for decided in one.decisions:
            say(
                "    {step}: {name}{deputy}, {at}: {verdict}{text}",
                step=decided.step,
                name=decided.name,
                deputy=", standing in" if decided.deputy else "",
                at=when(decided.at_ms),
                verdict=decided.verdict.value,
                text=f": {decided.text}" if decided.text else "",
            )
        if one.step:
            say(
                "    {step} waits for {name} since {at}{mine}.",
                step=one.step,
                name=one.waits_for,
                at=when(one.since_ms),
                mine=": your turn" if one.my_turn else "",
            )
        if one.deputies:
            say(
                "    {names} may stand in{when}.",
                names=", ".join(one.deputies),
                when=f", {until(one.deputies_from_ms, now_ms)}" if one.deputies_from_ms > now_ms else " now",
            )
