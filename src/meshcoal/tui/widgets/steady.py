"""Sending at a constant rate, in words: how it stands, what it costs, what it leaves out.

Law: the cost is said before it is chosen; what waits or is left alone meanwhile is named.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.steady import day_bytes
from meshcoal.api.views import SteadyView
from meshcoal.limits import MIB
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.plain import Styled, lines, name, styled

CHOICES_S: Final = (1, 2, 5, 10, 20)


def steady_lines(view: SteadyView) -> Styled:
    """A line or two for the network screen."""
    if not view.every_s:
        told = [_("Off: this device sends when there is something to say. t changes that.")]
        if view.links:
            asked = ngettext(
                "%(count)d connection is steady, because the other side asked for it.",
                "%(count)d connections are steady, because the other sides asked for it.",
                view.links,
            )
            told.append(asked % {"count": view.links})
        return lines(told)
    drawn: list[str | Styled] = [
        styled((every(view.every_s), "bold")),
        ngettext(
            "%(count)d connection sends so now; about %(size)d MiB a day with all that are kept.",
            "%(count)d connections send so now; about %(size)d MiB a day with all that are kept.",
            view.links,
        )
        % {"count": view.links, "size": mebibytes(view.day_bytes)},
    ]
    if view.waiting_bytes:
        seconds = max(1, view.waiting_bytes * view.every_s // (2_045 * max(1, view.links)))
        drawn.append(
            ngettext(
                "What you wrote waits for its turn: some %(count)d second.",
                "What you wrote waits for its turn: some %(count)d seconds.",
                seconds,
            )
            % {"count": seconds}
        )
    if view.files or view.relays:
        drawn.append(_("Files wait, and relays are left alone, until it is off."))
    drawn += [
        _("! %(who)s's device saves data and takes no part: nothing is said to it meanwhile.")
        % {"who": name(who, 30)}
        for who in view.refusing
    ]
    return lines(drawn)


def every(every_s: int) -> str:
    """The interval."""
    return ngettext(
        "On: one packet each way every second, whatever there is to say.",
        "On: one packet each way every %(count)d seconds, whatever there is to say.",
        every_s,
    ) % {"count": every_s}


def choice_words(every_s: int) -> str:
    """One of the choices."""
    if not every_s:
        return _("Off")
    return ngettext("every second", "every %(count)d seconds", every_s) % {"count": every_s}


def cost_words(every_s: int, people: int) -> str:
    """What a choice costs, in time and data."""
    if not every_s:
        return _("This device sends when there is something to say; who watches your network sees when.")
    return ngettext(
        "A message takes some %(wait)d s more for each device it passes. With %(count)d connection: about "
        "%(size)d MiB a day, both ways; the other side's too.",
        "A message takes some %(wait)d s more for each device it passes. With %(count)d connections: about "
        "%(size)d MiB a day, both ways; the other sides' too.",
        people,
    ) % {"wait": (every_s + 1) // 2, "count": people, "size": mebibytes(day_bytes(every_s, people))}


def mebibytes(count: int) -> int:
    """In whole MiB, up."""
    return -(-count // MIB)
