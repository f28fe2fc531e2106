"""What people write of how they sign: names by language, and conditions.

Law: one way of writing for the command line and the interface.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meshcoal.api.commands import NameIn, Need, Seat
from meshcoal.errors import BadArgument
from meshcoal.limits import MEMBERS_MAX, NAME_CHARS_MAX
from meshcoal.wire.plain import LANGUAGE_CHARS_MAX

ANY_SEAT: Final = "any"


def parse_need(text: str) -> Need:
    """`3 in-country`, `5 any`. Raises `BadArgument`."""
    number, _, seat = text.strip().partition(" ")
    seat = seat.strip() or ANY_SEAT
    known = [ANY_SEAT, *[one.value for one in Seat if one is not Seat.OBSERVER]]
    if (
        not number.isascii()
        or not number.isdecimal()
        or not 1 <= int(number) <= MEMBERS_MAX
        or seat not in known
    ):
        raise BadArgument(
            f"A condition is a number and a seat, such as `3 in-country`; seats: {', '.join(known)}."
        )
    return Need(at_least=int(number), seat=None if seat == ANY_SEAT else Seat(seat))


def parse_names(texts: Iterable[str]) -> tuple[NameIn, ...]:
    """Each as `fa=NAME`. Raises `BadArgument`."""
    found = []
    for text in texts:
        language, equals, name = text.partition("=")
        if not equals or not 2 <= len(language) <= LANGUAGE_CHARS_MAX or not 1 <= len(name) <= NAME_CHARS_MAX:
            raise BadArgument("A name in another language is given as LANGUAGE=NAME, such as `fa=...`.")
        found.append(NameIn(language=language.lower(), name=name))
    return tuple(found)
