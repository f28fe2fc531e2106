"""Handing a file to the daemon, to go with what is sent next.

Law: given up in the middle, nothing of it stays with the daemon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from meshcoal.api.commands import AppendUpload, BeginUpload, DropUpload
from meshcoal.api.views import Done, UploadView
from meshcoal.client.attaching import Prepared
from meshcoal.tui.session import Session

Tell = Callable[[int, int], None]  # done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file that the daemon has, to go with the next message."""

    upload: bytes
    name: str
    size: int
    cleaned: bool


def _quietly(_done: int, _total: int) -> None:
    """Nobody watches."""


async def hand_over(session: Session, campaign: bytes, file: Prepared, tell: Tell = _quietly) -> Handed:
    """Give a file to the daemon in parts; given up in the middle, it is dropped there."""
    begin = BeginUpload(
        campaign=campaign,
        name=file.name,
        media_type=file.media_type,
        size=len(file.data),
        hash=file.hash,
    )
    view = await session.send(begin, UploadView)
    whole = False
    try:
        for part in file.parts():
            command = AppendUpload(campaign=campaign, upload=view.upload, data=part)
            view = await session.send(command, UploadView)
            tell(view.received, view.size)
        whole = True
    finally:
        if not whole:
            drop = DropUpload(campaign=campaign, upload=view.upload)
            await asyncio.shield(asyncio.ensure_future(session.send(drop, Done)))
    return Handed(upload=view.upload, name=file.name, size=len(file.data), cleaned=file.cleaned)
