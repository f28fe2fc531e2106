"""The keys of somebody who comes in: where their admission is, and what it brings before it can be read.

Law: an admission stands behind operations that only the keys in it open. So its keys are taken while it
waits, and only if they open something that is here.
"""

from __future__ import annotations

from typing import Final

from meshcoal.ids import EpochId, OperationId
from meshcoal.node.campaign import Campaign
from meshcoal.node.keys import Keys, place_of
from meshcoal.wire.bodies import AddBody
from meshcoal.wire.operation import EPOCH_KINDS, Kind, Operation, decode_operation

_WELCOMES_MAX: Final = 16  # admissions of me that wait; one for each member who admitted me, as a rule one


def take_welcomes(keys: Keys, campaign: Campaign, operation: Operation, now_ms: int) -> list[EpochId]:
    """What a newcomer learns from an operation that waits: from an admission, or by what proves an older one.

    Returns:
        Epochs of which something was learnt.
    """
    kind = operation.header.kind
    if kind is Kind.ADD and _names_me(campaign, operation):
        learnt = keys.take_welcome(campaign, operation, now_ms)
        if not learnt and operation.id not in campaign.welcomes and len(campaign.welcomes) < _WELCOMES_MAX:
            campaign.welcomes.append(operation.id)
        return learnt
    if kind in EPOCH_KINDS:  # it may be what the keys that are here already open
        for admission in campaign.welcomes:
            waiting = campaign.pending.get(admission)
            if waiting is not None and (learnt := keys.take_welcome(campaign, waiting.operation, now_ms)):
                return learnt
    return []


def my_admission(campaign: Campaign) -> OperationId | None:
    """The admission of the persona that I have become: opened, or one that brings me something."""
    for control in campaign.membership.controls.values():
        if isinstance(control.body, AddBody) and control.body.member.author == campaign.me:
            return control.id
    for epoch in campaign.unopened:
        waiting = [decode_operation(encoded) for encoded in campaign.reader.unopened(campaign.id, epoch)]
        for operation in waiting + campaign.unopened_now.get(epoch, []):
            if operation.header.kind is Kind.ADD and _names_me(campaign, operation):
                return operation.id
    return None


def _names_me(campaign: Campaign, operation: Operation) -> bool:
    mine = place_of(operation).tag(campaign.me)
    return any(direct.tag == mine for direct in operation.directs)
