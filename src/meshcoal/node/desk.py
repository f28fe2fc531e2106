"""The organisers' desk on this device: notes that are opened here.

Law: a note is opened once, and kept in memory alone. What does not open stays unread.
"""

from __future__ import annotations

from typing import Final

from meshcoal.errors import BadEnvelope, BadKey, BadSeal, BadShare, MalformedBody, OverLimit
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import DESK_NOTES_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.reply_desk import links_of
from meshcoal.statement.desk import Told, open_note
from meshcoal.statement.model import DeskEntry, Statement
from meshcoal.statement.outside import me_among
from meshcoal.wire.desk import DeskNote

_KEPT_MAX: Final = 4 * DESK_NOTES_MAX


class Desk:
    """Notes that were opened, by operation; None: not for us, or it does not open."""

    def __init__(self) -> None:
        self._opened: dict[OperationId, DeskNote | None] = {}

    def told(self, campaign: Campaign, statement: Statement) -> list[Told]:
        """The newest notes that can be read here, in the order of the log."""
        found = []
        for entry in statement.desk[-DESK_NOTES_MAX:]:
            if entry.id not in self._opened:
                if len(self._opened) >= _KEPT_MAX:
                    self._opened.clear()
                self._opened[entry.id] = _open(campaign, entry)
            note = self._opened[entry.id]
            if note is not None:
                found.append(Told(author=entry.author, at_ms=entry.at_ms, note=note))
        return found


def _open(campaign: Campaign, entry: DeskEntry) -> DeskNote | None:
    body = entry.body
    at = me_among(body.holders, campaign.me)
    if not at:
        return None
    try:
        return open_note(
            body.note,
            at,
            campaign.persona.link,
            links_of(campaign, body.holders),
            digest=body.digest,
            author=entry.author,
        )
    except (BadShare, BadEnvelope, BadKey, BadSeal, MalformedBody, OverLimit):
        return None  # its author made it so: nobody can be told more


def organisers_of(campaign: Campaign) -> tuple[AuthorId, ...]:
    """Active organisers, me among them where I am one."""
    roster = campaign.roster()
    return tuple([author for author in roster.active() if roster.is_organiser(author)])
