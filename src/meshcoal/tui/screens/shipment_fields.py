"""What forms ask before something is written for others to carry, on a stick or on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.api.views import MemberView
from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument
from meshcoal.tui.locale import _
from meshcoal.tui.screens.form import Field, Values
from meshcoal.tui.widgets.plain import name

_DAYS_MAX: Final = 9_999


def sealed_field() -> Field:
    """Whether sign-ons that nobody has yet go along."""
    return Field(
        name="sealed",
        label=_("What I sealed"),
        kind="choice",
        value="",
        choices=(
            ("", _("leave out what nobody has yet")),
            ("with", _("take along: readers may guess it is me")),
        ),
    )


def days_field() -> Field:
    """How old it may be."""
    return Field(name="days", label=_("Only the last days"), placeholder=_("all"))


def members_field(others: Sequence[MemberView]) -> Field:
    """Who can open it; nobody checked: all."""
    return Field(
        name="members",
        label=_("Only for"),
        kind="checks",
        choices=tuple([(one.author.hex(), name(one.name, 40)) for one in others]),
    )


def members_of(values: Values) -> tuple[bytes, ...]:
    """Who was checked."""
    return tuple([bytes.fromhex(one) for one in values.get("members", "").split("\n") if one])


def since_days(days: str, now_ms: int) -> int:
    """So many days ago, in Unix milliseconds; 0 where nothing is written. Raises `BadArgument`."""
    if not days:
        return 0
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= _DAYS_MAX):
        raise BadArgument(_("write a number of days, such as 3, or nothing for all"))
    return max(1, now_ms - int(days) * DAY_MS)
