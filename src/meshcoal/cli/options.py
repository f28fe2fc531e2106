"""Choices that several commands share, spelled as the protocol spells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from meshcoal.api.commands import Capacity, NameMode, Need, Role, Seat

F = TypeVar("F", bound=Callable[..., Any])
SEATS: Final = click.Choice([seat.value for seat in Seat])
ROLES: Final = click.Choice([role.value for role in Role])
# Shorter to type than `individual-affiliation-not-endorsing`; help spells it out.
CAPACITIES: Final = {
    "organisation": Capacity.ORGANISATION,
    "individual": Capacity.INDIVIDUAL,
    "affiliated": Capacity.AFFILIATED,
    "network": Capacity.NETWORK,
}
CAPACITY_IN_WORDS: Final = {capacity: word for word, capacity in CAPACITIES.items()}
MODE_IN_WORDS: Final = {
    NameMode.NAMED: "Your name will be public.",
    NameMode.ADDRESSEE: "Your name goes to the addressee only. The members of the campaign see it too.",
    NameMode.ROLE: "Your role will be public, and not your name. The members know who you are.",
}
MODES: Final = click.Choice([mode.value for mode in NameMode if mode is not NameMode.COUNTED])


def need_in_words(need: Need) -> str:
    """`with at least 3 others in-country`."""
    return f"with at least {need.at_least} others{f' of the seat {need.seat.value}' if need.seat else ''}"


def modes_option(function: F) -> F:
    """`--permit`, of a freeze."""
    return click.option(
        "--permit",
        "permitted",
        multiple=True,
        type=click.Choice([mode.value for mode in NameMode if mode is not NameMode.NAMED]),
        help="Let people sign without a public name, in this way too; repeatable. `counted`: members are "
        "counted and not named.",
    )(function)


def paper_option(function: F) -> F:
    """`--paper`, of a freeze."""
    return click.option(
        "--paper",
        is_flag=True,
        help="Let members enter signatures on paper that they saw given; the letter then says so.",
    )(function)


def matter_options(function: F) -> F:
    """`--topic`, `--about`, `--ask`, of a freeze: what standing mandates name."""
    for option, help_text in (
        ("--ask", "What the letter asks for, such as `release`; repeatable."),
        ("--about", "A country that it is about, such as `ir`; repeatable."),
        ("--topic", "What it is about, such as `death-penalty`; repeatable."),
    ):
        function = click.option(option, multiple=True, help=help_text)(function)
    return function


def modes_of(permitted: tuple[str, ...]) -> tuple[NameMode, ...]:
    """What `modes_option` was given, and names, which are always permitted."""
    return tuple(mode for mode in NameMode if mode is NameMode.NAMED or mode.value in permitted)
