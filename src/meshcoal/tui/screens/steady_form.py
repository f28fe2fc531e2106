"""The question whether to send at a constant rate.

Law: what it hides, what it does not, and what it costs is said before it begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meshcoal.api.commands import SetSteady
from meshcoal.api.views import SteadyView
from meshcoal.tui.locale import _
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.widgets.steady import CHOICES_S, choice_words, cost_words

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp


def steady_form(app: MeshcoalApp, view: SteadyView) -> Form[SteadyView]:
    """Off, or one of some intervals."""

    async def choose(values: Values) -> SteadyView:
        return await app.session.send(SetSteady(every_s=int(values["every"])), SteadyView)

    intervals = sorted({0, view.every_s, *CHOICES_S})
    choices = tuple([(str(one), choice_words(one)) for one in intervals])
    rate = Field(name="every", label=_("One packet"), kind="choice", value=str(view.every_s), choices=choices)
    return Form(
        _("Send at a constant rate"),
        (rate,),
        choose,
        submit=_("Choose"),
        explain=_(
            "Whoever watches your network then sees the same whether you write, sign or sleep: one small "
            "packet each way, day and night. What you write waits for its packet, a long letter for minutes. "
            "Files wait until it is off, and relays are not used.\n\n"
            "It does not hide that this computer is on and to whom it is connected. All connections begin "
            "anew now."
        ),
        note=lambda values: cost_words(int(values["every"] or 0), view.people),
    )
