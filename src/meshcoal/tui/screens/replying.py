"""Replying to somebody who asked by a file: who I am, what was decided, and what they need of the campaign.

Law: it goes to that person alone.
"""

from __future__ import annotations

import asyncio

from meshcoal.api.commands import BeginBundle, BundleFor
from meshcoal.api.views import IntroductionState, IntroductionView
from meshcoal.client.carrying import Stick, writing
from meshcoal.tui.locale import _
from meshcoal.tui.screens.accepting import PAPER, way_fields
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.carrying import drive
from meshcoal.tui.screens.form import Form, Values
from meshcoal.tui.screens.slips import pages_written
from meshcoal.tui.widgets.plain import name


def reply_form(screen: MeshScreen[None], met: IntroductionView) -> Form[str]:
    """Asks which way, and writes. Gives where it was written."""

    async def reply(values: Values) -> str:
        admitted = met.state is IntroductionState.ADMITTED and met.author
        command = BeginBundle(
            campaigns=(BundleFor(campaign=met.campaign, members=(met.author,)),) if admitted else (),
            answers=(met.id,),
            paper=values["way"] == PAPER,
        )
        if values["way"] == PAPER:
            path, _pages = await pages_written(screen, command, values["place"])
            return str(path)
        stick = await asyncio.to_thread(Stick.at, values["place"])
        said = writing(stick, command, lambda _view: None, lambda _done, _total: None)
        await drive(screen.mesh.session, said)
        return values["place"]

    return Form(
        _("Reply to %(name)s") % {"name": name(met.name, 40)},
        way_fields(link=False),
        reply,
        submit=_("Write"),
        explain=_(
            "It says who you are and what you decided and, if you let them in, holds what they need of the "
            "campaign. They alone can open it. Written again, it says the same."
        ),
    )
