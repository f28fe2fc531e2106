"""How much went over the network, as bars, and what is spared; and the form that chooses it.

Law: what saving costs is said where it is chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meshcoal.api.commands import SetSaving
from meshcoal.api.views import DataView, SavingLevel
from meshcoal.errors import BadArgument
from meshcoal.limits import DATA_CAP_BYTES_MAX, MIB
from meshcoal.tui.locale import _
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.widgets.plain import Styled, lines, styled

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

_BAR_CELLS: Final = 20


def data_lines(view: DataView) -> Styled:
    """Today, this month, what is spared."""
    drawn: list[str | Styled] = []
    for spent, most, capped, free in (
        (
            view.day_bytes,
            view.day_bytes_max,
            _("Today %(bar)s %(spent)s of %(most)s MiB"),
            _("Today %(spent)s MiB, no cap"),
        ),
        (
            view.month_bytes,
            view.month_bytes_max,
            _("This month %(bar)s %(spent)s of %(most)s MiB"),
            _("This month %(spent)s MiB, no cap"),
        ),
    ):
        words = capped if most else free
        drawn.append(words % {"bar": bar(spent, most), "spent": mib(spent), "most": mib(most)})
    drawn.append(styled((spared(view), "" if view.level is SavingLevel.FULL else "bold")))
    return lines(drawn)


def spared(view: DataView) -> str:
    """What is spared, and why."""
    match view.level:
        case SavingLevel.FULL:
            return _("Nothing is spared; d changes it.")
        case SavingLevel.SAVING if view.saving:
            return _("Sparing battery and data, as you chose: files come only when you ask for them.")
        case SavingLevel.SAVING:
            return _("Sparing data, because a cap is near: files come only when you ask for them.")
        case SavingLevel.CAPPED:
            return _("! A cap is reached: no file goes in or out. Words, alerts and signatures go on.")


def bar(spent: int, most: int) -> str:
    """Twenty cells; none without a cap."""
    full = min(_BAR_CELLS, _BAR_CELLS * spent // most) if most else 0
    return "█" * full + "░" * (_BAR_CELLS - full)


def mib(count: int) -> str:
    """Such as `12.5`."""
    return f"{count / MIB:.1f}"


def data_form(mesh: MeshcoalApp, view: DataView) -> Form[DataView]:
    """Choose what is spared, and caps."""

    async def choose(values: Values) -> DataView:
        command = SetSaving(
            saving=values["saving"] == "save",
            day_bytes_max=_cap(values["day"]),
            month_bytes_max=_cap(values["month"]),
        )
        return await mesh.session.send(command, DataView)

    return Form(
        _("Battery and data"),
        (
            Field(
                name="saving",
                label=_("Spare"),
                kind="choice",
                choices=(("full", _("Nothing")), ("save", _("Battery and data"))),
                value="save" if view.saving else "full",
            ),
            Field(name="day", label=_("A day (MiB)"), value=_typed(view.day_bytes_max)),
            Field(name="month", label=_("A month (MiB)"), value=_typed(view.month_bytes_max)),
        ),
        choose,
        submit=_("Choose"),
        explain=_(
            "Sparing: files come only when you ask for them; whoever is away is tried every ten minutes "
            "instead of every minute; relays are asked every ten minutes, and who has what is told up to 15 "
            "seconds later. Words, alerts and signatures come as before.\n"
            "Caps (empty: none) count what goes in and out, but for your own network. Near a cap it is "
            "spared by itself; at the cap no file goes in or out, and words go on. Your provider counts "
            "somewhat more."
        ),
    )


def _typed(most: int) -> str:
    return f"{most / MIB:g}" if most else ""


def _cap(text: str) -> int:
    """Bytes; empty: none. Raises `BadArgument`."""
    if not text.strip():
        return 0
    try:
        found = int(float(text.replace(",", ".")) * MIB)
    except (ValueError, OverflowError):
        found = -1
    if not 0 <= found <= DATA_CAP_BYTES_MAX:
        raise BadArgument(_("A cap is a number of MiB, such as 50, or nothing."))
    return found
