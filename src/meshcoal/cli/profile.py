"""`meshcoal profile`: how you sign letters, entered once.

Law: a profile stays on this device; it leaves it inside a signature that you make with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from meshcoal.api.commands import Capacity, ListProfiles, NameIn, RemoveProfile, SetProfile
from meshcoal.api.views import ProfilesView, ProfileView
from meshcoal.cli import files
from meshcoal.cli.leaf import branch
from meshcoal.cli.options import CAPACITIES, CAPACITY_IN_WORDS
from meshcoal.cli.output import plural, say, table
from meshcoal.cli.session import Session
from meshcoal.client.entering import parse_names
from meshcoal.errors import BadArgument, Unknown
from meshcoal.limits import LOGO_BYTES_MAX


@branch("profile")
def profile() -> None:
    """How you sign letters: names in several scripts, country, logo."""


@profile.command(
    "set",
    example='meshcoal profile set centre --as organisation --name "The Centre" --name-in ru="Tsentr" '
    "--country Iran --logo logo.png",
)
@click.argument("label")
@click.option("--as", "capacity", type=click.Choice(list(CAPACITIES)), required=True)
@click.option("--name", required=True, help="As it shall be published.")
@click.option("--name-in", "names", multiple=True, metavar="LANGUAGE=NAME", help="In another script.")
@click.option("--title", default="", help="Such as Director or Dr.")
@click.option("--affiliation", default="", help="With --as affiliated, and only there.")
@click.option("--country", default="")
@click.option("--members", type=click.IntRange(1), default=None, help="Of a network: on behalf of how many.")
@click.option("--role", default="", help="What is published instead of the name, where a letter permits it.")
@click.option(
    "--logo", type=click.Path(path_type=Path, dir_okay=False), help="PNG, at most 512 by 512 pixels, 16 KiB."
)
@click.pass_obj
def set_(
    session: Session,
    label: str,
    capacity: str,
    name: str,
    names: tuple[str, ...],
    title: str,
    affiliation: str,
    country: str,
    members: int | None,
    role: str,
    logo: Path | None,
) -> None:
    """Keep a profile under LABEL on this device, instead of what stood there."""
    if label in CAPACITIES:
        raise BadArgument("That word says in what capacity somebody signs: choose another label.")
    command = SetProfile(
        label=label,
        capacity=CAPACITIES[capacity],
        name=name,
        names=parse_names(names),
        title=title,
        affiliation=affiliation,
        country=country,
        members=members or 0,
        role=role,
        logo=files.read_bytes(logo, bytes_max=16 * LOGO_BYTES_MAX) if logo is not None else b"",
    )
    view = session.ask(command, ProfilesView)
    session.show(view, lambda: say("Kept. Sign with `meshcoal statement sign --as {label}`.", label=label))


@profile.command("show", example="meshcoal profile show")
@click.argument("label", required=False)
@click.pass_obj
def show(session: Session, label: str | None) -> None:
    """Show the profiles of this device, or one of them."""
    view = session.ask(ListProfiles(), ProfilesView)
    shown = view.profiles if label is None else (_pick(view, label),)

    def for_people() -> None:
        if not shown:
            say("No profile yet. Make one with `meshcoal profile set`.")
            return
        table(
            ("LABEL", "AS", "NAME", "IN OTHER SCRIPTS", "TITLE", "AFFILIATION", "COUNTRY", "MEMBERS", "LOGO"),
            [
                (
                    one.label,
                    CAPACITY_IN_WORDS[one.capacity],
                    one.name,
                    "; ".join(f"{other.language}: {other.name}" for other in one.names),
                    one.title,
                    one.affiliation,
                    one.country,
                    one.members or "",
                    plural(len(one.logo), "byte", "bytes") if one.logo else "",
                )
                for one in shown
            ],
        )
        for one in shown:
            if one.role:
                say("{label} by role: {role}", label=one.label, role=one.role)

    session.show(ProfilesView(profiles=shown), for_people)


@profile.command("remove", example="meshcoal profile remove centre")
@click.argument("label")
@click.pass_obj
def remove(session: Session, label: str) -> None:
    """Take a profile off this device. What was signed with it stays signed."""
    view = session.ask(RemoveProfile(label=label), ProfilesView)
    session.show(view, lambda: say("Removed."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """How somebody signs, as far as a profile says it."""

    capacity: Capacity
    name: str = ""
    names: tuple[NameIn, ...] = ()
    title: str = ""
    affiliation: str = ""
    country: str = ""
    members: int = 0
    role: str = ""
    logo: bytes = b""


def entered(session: Session, signer: str) -> Entered:
    """A profile of this device, or no more than a capacity where one was named. Raises `Unknown`."""
    if signer in CAPACITIES:
        return Entered(capacity=CAPACITIES[signer])
    one = _pick(session.ask(ListProfiles(), ProfilesView), signer)
    return Entered(
        capacity=one.capacity,
        name=one.name,
        names=one.names,
        title=one.title,
        affiliation=one.affiliation,
        country=one.country,
        members=one.members,
        role=one.role,
        logo=one.logo,
    )


def _pick(view: ProfilesView, label: str) -> ProfileView:
    for one in view.profiles:
        if one.label == label:
            return one
    raise Unknown(f"That is neither a profile of this device nor one of {', '.join(CAPACITIES)}.")
