"""What a campaign's organisers allow of files, and how each node keeps to it.

Law: whether a file may stand with a message follows from the rules in the message's own past: all nodes
agree, and a later rule takes nothing back. How much is kept here follows from the rules as they are now. Who
has changed their program can name any file; nobody fetches or keeps it. Specified in
docs/protocol/attachments.md.
"""

from __future__ import annotations

from meshcoal.campaign.membership import Roster
from meshcoal.errors import OverRule
from meshcoal.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_CAMPAIGN_BYTES_MAX, KIB, MIB
from meshcoal.node.campaign import Campaign


def file_bytes_max(roster: Roster) -> int:
    """How large a file may be, without padding; 0: no files at all."""
    return roster.rules.file_bytes_max if roster.rules else ATTACHMENT_BYTES_MAX


def kept_bytes_max(roster: Roster) -> int:
    """How much of the campaign's files each device may keep, padded."""
    return roster.rules.kept_bytes_max if roster.rules else ATTACHMENTS_CAMPAIGN_BYTES_MAX


def allowed(campaign: Campaign, size: int, context: int) -> bool:
    """Whether a file of this size may stand with something written in this context."""
    most = file_bytes_max(campaign.roster_at(context))
    return most > 0 and size <= most


def check_file(campaign: Campaign, size: int) -> None:
    """Raises `OverRule` where I may not attach a file of this size now."""
    most = file_bytes_max(campaign.roster())
    if not most:
        raise OverRule("This campaign allows no files. An organiser can change that.")
    if size > most:
        raise OverRule(
            f"This campaign allows files of at most {in_words(most)}. An organiser can change that."
        )
    if size > kept_bytes_max(campaign.roster()):
        raise OverRule("This file is larger than all that a device may keep of this campaign's files.")


def in_words(size: int) -> str:
    """`1.5 MiB`, `200 KiB`, `12 bytes`."""
    if size >= MIB:
        return f"{size / MIB:.1f} MiB".replace(".0 ", " ")
    return f"{size // KIB} KiB" if size >= KIB else f"{size} bytes"
