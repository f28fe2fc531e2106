"""Accepting an invitation: over a connection, or by a request on a stick or on paper.

Law: which way is chosen is the person's; nothing is dialled where a file was chosen.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from meshcoal.api.commands import AcceptInvitation, AnswerInvitation
from meshcoal.api.views import CarriedRequestView, IntroductionView
from meshcoal.client.carrying import Stick, place_request
from meshcoal.client.pictures import invitation_in
from meshcoal.errors import BadArgument
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.slips import pages_of_slips

LINK, STICK, PAPER = "link", "stick", "paper"


def way_fields(*, link: bool) -> tuple[Field, ...]:
    """Which way, and where to: for what is carried. `link`: a connection is one of the ways."""
    ways = (
        *([(LINK, _("over a connection"))] if link else []),
        (STICK, _("by a file, on a stick")),
        (PAPER, _("on paper: pages to print")),
    )
    return (
        Field(name="way", label=_("How"), kind="choice", choices=ways, value=ways[0][0]),
        Field(
            name="place",
            label=_("Folder or file"),
            placeholder=_("for a file or paper: /media/stick"),
            required=not link,
        ),
    )


def accept_form(screen: MeshScreen[None]) -> Form[bool]:
    """Asks for the invitation and the way. Gives whether a request was written."""
    session = screen.mesh.session

    async def accept(values: Values) -> bool:
        given, way = values["text"], values["way"]
        if given.startswith(("/", "~", "./")) and "\n" not in given:
            text = await asyncio.to_thread(invitation_in, Path(given))
        else:
            text = "".join(given.split())  # mail programs break long lines
        if way == LINK:
            await session.send(AcceptInvitation(text=text), IntroductionView)
            return False
        if not values["place"]:
            raise BadArgument(_("say where the request is to be written"))
        command = AnswerInvitation(text=text, paper=way == PAPER)
        view = await session.send(command, CarriedRequestView)
        if way == PAPER:
            await pages_of_slips((view.data,), values["place"])
        else:
            stick = await asyncio.to_thread(Stick.at, values["place"])
            await asyncio.to_thread(place_request, stick, view.data, view.name)
        return True

    return Form(
        _("Accept an invitation"),
        (
            Field(
                name="text",
                label=_("The invitation"),
                kind="text",
                placeholder=_("its text; or a path: ~/invitation.png"),
                required=True,
            ),
            *way_fields(link=True),
        ),
        accept,
        submit=_("Accept"),
        explain=_(
            "Paste the whole text, or write where its file is, or a picture of its QR code. It works "
            "once. Afterwards compare a few words with the person who gave it to you, aloud, to be sure "
            "that nobody stands between you."
        ),
    )
