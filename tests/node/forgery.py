"""Operations of an insider's own making: truly signed, with directs that say what they like."""

from __future__ import annotations

from collections.abc import Sequence

from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.sealing import seal_body, unseal_body
from meshcoal.group import agreement, keyring
from meshcoal.group.agreement import PairwiseCourier, Place
from meshcoal.group.keyring import Keyring
from meshcoal.ids import NO_EPOCH, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.sim.insider import Insider, replace_signature
from meshcoal.sim.world import World
from meshcoal.wire.bodies import Body, RekeyBody, RemoveBody, encode_body
from meshcoal.wire.operation import (
    Direct,
    Header,
    Kind,
    Operation,
    body_hash,
    decode_operation,
    directs_hash,
    signing_input,
)

CHANCE = SeededEntropy(b"forgery")
SEALER = DeterministicSealer(CHANCE)
COURIER = PairwiseCourier(sealer=SEALER, entropy=CHANCE)
NOW_MS = 1_800_000_000_000


def begin_epoch(
    insider: Insider,
    kind: Kind,
    body: RekeyBody | RemoveBody,
    *,
    ring: Keyring | None = None,
    to: Sequence[AuthorId] | None = None,
    successor: bytes = b"",
) -> Operation:
    """The insider's next operation begins an epoch, sealed `to` these, else to all others.

    It brings the record keys that `body.carried` names, as they stand in `ring` (else the insider's own).
    The insider goes on behind it.
    """
    campaign = insider.campaign
    place = _place(insider, kind)
    chosen = [one for one in campaign.roster().active() if one != campaign.me] if to is None else to
    after, keys, directs = agreement.begin(
        campaign.keyring if ring is None else ring,
        place=place,
        recipients=chosen,
        carried=[EpochId(epoch) for epoch in body.carried],
        courier=COURIER,
        entropy=CHANCE,
        now_ms=NOW_MS,
    )
    operation = _signed(insider, place, keys.record, NO_EPOCH, body, directs, successor)
    campaign.keyring = keyring.adopt(after, EpochId(operation.id), keys)
    return operation


def forward(
    insider: Insider, kind: Kind, body: Body, *, ring: Keyring, to: Sequence[AuthorId], under: EpochId
) -> Operation:
    """The insider's next operation, under an epoch, hands the chains that `body.handed` names."""
    place = _place(insider, kind)
    after, directs = agreement.hand(
        ring,
        place=place,
        to=to,
        epochs=[EpochId(epoch) for epoch in body.handed],
        carried=(),
        courier=COURIER,
        entropy=CHANCE,
        now_ms=NOW_MS,
    )
    insider.campaign.keyring = after
    return _signed(insider, place, after.epochs[under].record, under, body, directs)


def _place(insider: Insider, kind: Kind) -> Place:
    campaign = insider.campaign
    seq, _ = campaign.dag.frontier.get(campaign.me, (-1, OperationId(b"")))
    return Place(
        campaign=campaign.id,
        author=campaign.me,
        kind=kind,
        seq=seq + 1,
        parents=campaign.dag.heads,
        salt=CHANCE.take(16),
    )


def _signed(
    insider: Insider,
    place: Place,
    record: bytes,
    epoch: EpochId,
    body: Body,
    directs: tuple[Direct, ...],
    successor: bytes = b"",
) -> Operation:
    campaign = insider.campaign
    sealed = seal_body(record, place.salt, place.author, place.seq, place.campaign, encode_body(body))
    header = Header(
        campaign=place.campaign,
        author=place.author,
        seq=place.seq,
        backlink=campaign.dag.frontier.get(campaign.me, (-1, OperationId(b"")))[1],
        parents=place.parents,
        kind=place.kind,
        epoch=epoch,
        salt=place.salt,
        successor=successor,
        body_hash=body_hash(sealed),
        directs_hash=directs_hash(directs),
    )
    unsigned = Operation(header=header, sealed_body=sealed, directs=directs, signature=bytes(64))
    operation = replace_signature(unsigned, campaign.seeds.signing_key().sign(signing_input(unsigned.id)))
    behind(insider, operation)
    return operation


def behind(insider: Insider, after: Operation) -> Insider:
    """The same insider once they hold `after`, of their own."""
    insider.campaign.dag.frontier[insider.author] = (after.header.seq, after.id)
    insider.campaign.dag._heads = {after.id: None}
    return insider


def held_operations(world: World, name: str, campaign: CampaignId) -> list[Operation]:
    """Everything in a machine's log."""
    disk = world.machines[name].disk
    found, _ = disk.after(campaign, {}, row=0, operations_max=10_000, bytes_max=2**30)
    return [decode_operation(encoded) for encoded in found]


def unsealed(key: bytes, one: Operation) -> bytes:
    """Raises `BadSeal`."""
    header = one.header
    return unseal_body(key, header.salt, header.author, header.seq, header.campaign, one.sealed_body)
