"""What people write in a line: names by language, conditions, members by name, topics.

Law: one way of writing for the command line and the interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from meshcoal.api.commands import NameIn, Need, Seat
from meshcoal.api.views import MemberState, MemberView
from meshcoal.errors import Ambiguous, BadArgument, Unknown
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


def parse_tags(text: str) -> tuple[str, ...]:
    """Topics, countries or asks between commas; the daemon says which do not fit."""
    return tuple([word for word in ("-".join(part.split()).lower() for part in text.split(",")) if word])


def eligible(members: Iterable[MemberView]) -> list[MemberView]:
    """Who may decide for an office: those who take part and do not only look on."""
    return [one for one in members if one.state is MemberState.ACTIVE and one.seat is not Seat.OBSERVER]


def find_members(members: Sequence[MemberView], text: str) -> tuple[MemberView, ...]:
    """Members by their names between commas: the whole name, or how it begins where only one begins so.

    Raises:
        Unknown: nobody is called that.
        Ambiguous: several are.
        BadArgument: somebody stands twice.
    """
    found = [_member(members, part.strip()) for part in text.split(",") if part.strip()]
    if len({one.author for one in found}) < len(found):
        raise BadArgument("One of them stands there twice.")
    return tuple(found)


def _member(members: Sequence[MemberView], wanted: str) -> MemberView:
    sought = wanted.casefold()
    same = [one for one in members if sought in (one.name.casefold(), one.given_name.casefold())]
    matches = same or [one for one in members if one.name.casefold().startswith(sought)]
    if not matches:
        raise Unknown(f"No member who could decide is called “{wanted}”.")
    if len(matches) > 1:
        raise Ambiguous(f"Several members are called “{wanted}”: write more of the name.")
    return matches[0]
