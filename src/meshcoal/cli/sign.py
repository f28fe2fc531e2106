"""`meshcoal statement sign`: under a name, a role, for an office, sealed, or counted.

Law: as in `cli.signing`: nobody signs a text that they did not see.
"""

from __future__ import annotations

import click

from meshcoal.api.commands import (
    Capacity,
    ListOffices,
    NameIn,
    NameMode,
    SignStatement,
)
from meshcoal.api.views import Action, OfficesView, StatementPhase, StatementView
from meshcoal.cli import counting, sealing
from meshcoal.cli.deciding import find_request
from meshcoal.cli.drafting import print_tally
from meshcoal.cli.exact import show_changes, show_exactly
from meshcoal.cli.find import find_statement
from meshcoal.cli.leaf import leaf
from meshcoal.cli.office import find_mandate
from meshcoal.cli.options import (
    CAPACITY_IN_WORDS,
    MODE_IN_WORDS,
    MODES,
    need_in_words,
)
from meshcoal.cli.output import say
from meshcoal.cli.profile import entered
from meshcoal.cli.session import Session
from meshcoal.client.entering import parse_names, parse_need
from meshcoal.errors import BadArgument, WrongPhase


@leaf(
    "sign",
    example='meshcoal statement sign evin free --as organisation --name "Committee of Families" '
    "--country Iran",
)
@click.argument("campaign")
@click.argument("statement")
@click.option(
    "--as",
    "signer",
    help="organisation, individual, affiliated (with an affiliation that does not endorse), network; "
    "or a profile (`meshcoal profile`).",
)
@click.option(
    "--name", help="Of the organisation or the person, as it shall be published; else the profile's."
)
@click.option(
    "--name-in", "names", multiple=True, metavar="LANGUAGE=NAME", help="In another script; repeatable."
)
@click.option("--members", type=click.IntRange(1), help="With --as network: on behalf of how many.")
@click.option("--mode", type=MODES, default="named", help="How you stand on the list, as the letter permits.")
@click.option("--role", help="With --mode role: what is published instead of your name.")
@click.option(
    "--for", "office", help="The last step of an office that was asked (`meshcoal statement request`)."
)
@click.option("--under", "mandate", help="A mandate of yours to sign for an office (`meshcoal office list`).")
@click.option(
    "--if",
    "needs",
    multiple=True,
    metavar="'3 in-country'",
    help="Count only with so many others.",
)
@click.option("--title", default="", help="Such as Director or Dr.")
@click.option("--affiliation", default="", help="With --as affiliated, and only there.")
@click.option("--country", default="")
@click.option("--read", "languages", multiple=True, help="A language you read the text in; may be repeated.")
@click.option(
    "--late", is_flag=True, help="Also behind the deadline or the release: to stand in an addendum."
)
@click.option("--sealed", is_flag=True, help="Nobody sees your name until enough have signed.")
@click.option("--floor", type=int, default=0, help="With --sealed: not before so many have signed.")
@click.option(
    "--counted", is_flag=True, help="You are counted, and your name stands nowhere. Alone, without --as."
)
@click.option("--digest", help="Digest of the text you have seen, all 64 digits.")
@click.option("--yes", is_flag=True, help="Do not ask; only together with --digest.")
@click.pass_obj
def sign(
    session: Session,
    campaign: str,
    statement: str,
    signer: str | None,
    name: str | None,
    names: tuple[str, ...],
    members: int | None,
    mode: str,
    role: str | None,
    office: str | None,
    mandate: str | None,
    needs: tuple[str, ...],
    title: str,
    affiliation: str,
    country: str,
    languages: tuple[str, ...],
    late: bool,
    sealed: bool,
    floor: int,
    counted: bool,
    digest: str | None,
    yes: bool,
) -> None:
    """Sign the frozen text of a letter.

    Shows the exact text and asks you to type a word. A program names the digest of the text it has seen
    instead, and adds --yes.
    """
    if yes and digest is None:
        raise click.UsageError("--yes needs --digest: nobody signs what they did not see")
    if floor and not sealed:
        raise click.UsageError("--floor goes with --sealed")
    if sealed and (needs or office or mandate or NameMode(mode) is not NameMode.NAMED):
        raise click.UsageError(
            "what is sealed is named when it opens, for no office, and without further conditions"
        )
    named = None if digest is None else _digest(digest)
    if counted:
        if any(
            (signer, name, names, role, office, mandate, needs, title, affiliation, country, sealed, late)
        ):
            raise click.UsageError("--counted goes alone: whoever is counted says nothing else")
        counting.sign_counted(session, find_statement(session, campaign, statement), named, yes=yes)
        return
    if signer is None:
        raise click.UsageError("say --as what you sign, or --counted")
    who = entered(session, signer)
    chosen = NameMode(mode)
    capacity = who.capacity
    affiliation = affiliation or who.affiliation
    if (capacity is Capacity.AFFILIATED) != bool(affiliation):
        raise click.UsageError("--affiliation goes with --as affiliated, and only with it")
    if chosen is NameMode.ROLE:
        called, title, logo = role or who.role, "", b""
        spelled: tuple[NameIn, ...] = ()
    else:
        called, spelled, title = name or who.name, parse_names(names) or who.names, title or who.title
        logo = who.logo if chosen is NameMode.NAMED else b""
    if not called:
        raise click.UsageError("say --name, or with --mode role --role")
    country = country or who.country
    members = members or who.members
    conditions = tuple(parse_need(need) for need in needs)
    letter = find_statement(session, campaign, statement)
    if letter.phase is StatementPhase.DRAFT or not letter.digest:
        raise WrongPhase("This letter is still a draft: it can be signed once it is frozen.")
    if named is not None and named != letter.digest:
        raise BadArgument("The frozen text has another digest than the one you named: nothing was signed.")
    is_late = Action.SIGN_LATE in letter.actions
    if is_late and (sealed or not late):
        raise WrongPhase(
            "It is too late for the list of this letter. To sign and stand in an addendum, add --late."
            if not sealed
            else "It is too late to sign this letter sealed."
        )
    if not yes:
        show_exactly(letter)
        if letter.earlier_text:
            show_changes(letter)
        say(
            "You sign as {capacity}: {name}",
            capacity=CAPACITY_IN_WORDS[capacity],
            name=", ".join(
                part for part in (called, *[one.name for one in spelled], title, affiliation, country) if part
            ),
            err=True,
        )
        if members:
            say("On behalf of {members} members.", members=members, err=True)
        say("{mode}", mode=MODE_IN_WORDS[chosen], err=True)
        for need in conditions:
            say("It counts only {need}.", need=need_in_words(need), err=True)
        if is_late:
            say("This is late: your name will stand in an addendum, beside the list.", err=True)
        if sealed:
            sealing.tell_before_sealing(letter, floor)
        word = "seal" if sealed else "sign"
        session.confirm(f"To sign exactly this text, type {word}", yes=False, word=word)
    command = SignStatement(
        campaign=letter.campaign,
        statement=letter.id,
        digest=letter.digest,
        capacity=capacity,
        name=called,
        names=spelled,
        members=members,
        mode=chosen,
        logo=logo,
        needs=conditions,
        request=find_request(letter, office) if office is not None else b"",
        mandate=_mandate(session, letter, mandate) if mandate is not None else b"",
        late=late,
        title=title,
        affiliation=affiliation,
        country=country,
        languages_read=tuple(language.lower() for language in languages),
    )
    if sealed:
        sealing.sign_sealed(session, command, floor)
        return
    view = session.ask(command, StatementView)

    def for_people() -> None:
        say("Signed. Your signature is {state}.", state=view.mine.value if view.mine else "not counted")
        print_tally(view.tally)

    session.show(view, for_people)


def _mandate(session: Session, letter: StatementView, wanted: str) -> bytes:
    return find_mandate(session.ask(ListOffices(campaign=letter.campaign), OfficesView), wanted)


def _digest(text: str) -> bytes:
    try:
        value = bytes.fromhex(text.strip())
    except ValueError:
        value = b""
    if len(value) != 32:
        raise BadArgument("A digest is 64 hexadecimal digits, all of them.")
    return value
