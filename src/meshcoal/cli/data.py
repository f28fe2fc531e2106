"""`meshcoal data`: how much went over the network, saving battery and data, caps."""

from __future__ import annotations

from typing import Final

import click

from meshcoal.api.commands import SetSaving, ShowData
from meshcoal.api.views import DataView, SavingLevel
from meshcoal.cli.attachment import parse_size, size_of
from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument
from meshcoal.limits import DATA_CAP_BYTES_MAX, MIB

_BAR_CELLS: Final = 20
_GIB: Final = 1024 * MIB


@leaf(
    "data",
    example='meshcoal data\nmeshcoal data save\nmeshcoal data --day "50 MiB" --month "1 GiB"\n'
    "meshcoal data full --day none",
)
@click.argument("choice", required=False, type=click.Choice(["save", "full"]))
@click.option("--day", metavar="SIZE", help="A cap for each day: `50 MiB`, or none.")
@click.option("--month", metavar="SIZE", help="A cap for each month: `1 GiB`, or none.")
@click.pass_obj
def data(session: Session, choice: str | None, day: str | None, month: str | None) -> None:
    """Show how much went over the network; save battery and data.

    `save`: files come only when you ask for them, whoever is away is tried seldomer, relays are asked
    seldomer. Talk, alerts and signatures come as quickly as before. Near a cap this happens by itself; at the
    cap no file goes in or out. `full` goes back. Days and months are those of UTC. What goes over your own
    network is not counted.
    """
    view = session.ask(ShowData(), DataView)
    if choice is not None or day is not None or month is not None:
        command = SetSaving(
            saving=view.saving if choice is None else choice == "save",
            day_bytes_max=view.day_bytes_max if day is None else _cap(day),
            month_bytes_max=view.month_bytes_max if month is None else _cap(month),
        )
        view = session.ask(command, DataView)
    session.show(view, lambda: print_data(view))


def _cap(text: str) -> int:
    """Bytes; 0 for none. Raises `BadArgument`."""
    if text.strip().lower() == "none":
        return 0
    number, gib, _ = text.strip().partition("GiB")
    found = parse_size(f"{number.strip()} MiB") * 1024 if gib else parse_size(text)
    if not 0 < found <= DATA_CAP_BYTES_MAX:
        raise BadArgument("A cap is a size such as `50 MiB` or `1 GiB`, or `none`.")
    return found


def print_data(view: DataView) -> None:
    """The sums with their bars, and what is spared."""
    for label, spent, most in (
        ("Today:", view.day_bytes, view.day_bytes_max),
        ("This month:", view.month_bytes, view.month_bytes_max),
    ):
        if most:
            say(
                "{label} {bar} {spent} of {most}",
                label=label,
                bar=bar(spent, most),
                spent=in_words(spent),
                most=in_words(most),
            )
        else:
            say("{label} {spent}, no cap", label=label, spent=in_words(spent))
    match view.level:
        case SavingLevel.FULL:
            say("Nothing is spared. `meshcoal data save` spares battery and data.")
        case SavingLevel.SAVING:
            why = "as you chose" if view.saving else "because a cap is near"
            say("Sparing, {why}: files come only when you ask for them.", why=why)
            say("Whoever is away is tried every ten minutes, and relays are asked so often.")
            say("Who has what is told within 15 seconds. Words and signatures come as before.")
        case SavingLevel.CAPPED:
            say("A cap is reached: no file goes in or out until it is over or raised.")
            say("Words, alerts and signatures go on, and count.")


def bar(spent: int, most: int) -> str:
    """Twenty cells."""
    full = min(_BAR_CELLS, _BAR_CELLS * spent // most)
    return f"[{'#' * full}{'.' * (_BAR_CELLS - full)}]"


def in_words(count: int) -> str:
    """As sizes of files, and `1.5 GiB`."""
    return f"{count / _GIB:.1f} GiB" if count >= _GIB else size_of(count)
