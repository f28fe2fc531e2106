"""Talk vanishes: what was said is erased here after as many days as the campaign's founder set.

Law: by the time of arrival on this device's clock. An author's clock neither erases nor keeps what others
hold. The sealed operation stays, because others cite it; nothing here opens it any more.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.views import NoticeKind
from meshcoal.clock import DAY_MS
from meshcoal.ids import OperationId
from meshcoal.limits import TALK_DAYS
from meshcoal.log.changes import EraseMessages
from meshcoal.node.campaign import Campaign
from meshcoal.node.step import Step
from meshcoal.wire.operation import Kind, decode_operation

AGAIN_MS: Final = 600_000  # at the earliest after this, so that a busy channel is not a step for each message
_SWEEP_AFTER_MS: Final = 1_000  # files that no message names any more go then
LOOK_MS: Final = 12 * 3_600_000  # at the latest: the rule may have become known since


def days(campaign: Campaign) -> int:
    """How many days talk lives on each device: the founder's number, once it can be read here."""
    create = campaign.roster().create
    return create.talk_days if create else TALK_DAYS


def expire(campaign: Campaign, step: Step) -> None:
    """Erase what was received too long ago, and have this called again when more is due."""
    lifetime_ms = days(campaign) * DAY_MS
    before_ms = step.now_ms - lifetime_ms + 1
    oldest_ms = campaign.reader.oldest_message_ms(campaign.id)
    if oldest_ms is not None and oldest_ms < before_ms:
        step.change(EraseMessages(campaign=campaign.id, before_ms=before_ms))
        step.notice(NoticeKind.ERASED, campaign.id)
        step.timer(f"keep:{campaign.id.hex()}", step.now_ms + _SWEEP_AFTER_MS)
        oldest_ms = before_ms  # perhaps: the store knows when this step is done
    due_ms = lifetime_ms + (step.now_ms if oldest_ms is None else oldest_ms)
    wait_ms = min(max(due_ms - step.now_ms, AGAIN_MS), LOOK_MS)
    step.timer(f"expire:{campaign.id.hex()}", step.now_ms + wait_ms)


def place_of(campaign: Campaign, message: OperationId) -> tuple[int, bytes] | None:
    """Where a message stands in its timeline, also after it was erased; None where it never was.

    So an open screen may go on from a message, or mark it as read, that has vanished meanwhile.
    """
    encoded = campaign.reader.operation(message)
    place = campaign.reader.place(message)
    if encoded is None or place is None:
        return None
    header = decode_operation(encoded).header
    return (place.depth, message) if header.kind is Kind.POST and header.campaign == campaign.id else None
