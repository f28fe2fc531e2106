"""Epoch operations of an insider's own making: truly signed, with welcomes that say what they like."""

from __future__ import annotations

from collections.abc import Sequence

from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.sealing import seal_body, unseal_body
from meshcoal.group.epochs import CarriedKeys, Envelope, LaneKeys, Welcome, lanes_of
from meshcoal.ids import NO_EPOCH, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.sim.insider import Insider, replace_signature
from meshcoal.sim.world import World
from meshcoal.wire import record
from meshcoal.wire.bodies import AddBody, RekeyBody, RemoveBody, encode_body
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


def begin_epoch(
    insider: Insider,
    kind: Kind,
    body: AddBody | RekeyBody | RemoveBody,
    *,
    carried: Sequence[tuple[EpochId, LaneKeys]] = (),
    to: Sequence[AuthorId] | None = None,
    after: Operation | None = None,
) -> tuple[Operation, LaneKeys]:
    """The insider's next operation, or the one behind `after`; welcomes go `to` these, else to all others."""
    campaign = insider.campaign
    seq, last = campaign.dag.frontier.get(campaign.me, (-1, OperationId(b"")))
    if after is not None:
        seq, last = after.header.seq, after.id
    salt, secret = CHANCE.take(16), CHANCE.take(32)
    lanes = lanes_of(secret)
    envelope = Envelope(
        campaign=campaign.id, author=campaign.me, seq=seq + 1, backlink=last, kind=kind, salt=salt
    )
    keys = tuple([CarriedKeys(epoch=epoch, keys=given) for epoch, given in carried])
    roster = campaign.roster()
    chosen = [one for one in roster.active() if one != campaign.me] if to is None else to
    directs = tuple(
        [
            Direct(
                tag=envelope.tag(one),
                sealed=SEALER.seal(
                    roster.members[one].card.seal,
                    record.encode(Welcome(secret=secret, carried=keys)),
                    envelope.info(one),
                ),
            )
            for one in chosen
        ]
    )
    sealed = seal_body(lanes.record, salt, campaign.me, seq + 1, campaign.id, encode_body(body))
    header = Header(
        campaign=campaign.id,
        author=campaign.me,
        seq=seq + 1,
        backlink=last,
        parents=(after.id,) if after is not None else campaign.dag.heads,
        kind=kind,
        epoch=NO_EPOCH,
        salt=salt,
        body_hash=body_hash(sealed),
        directs_hash=directs_hash(directs),
    )
    unsigned = Operation(header=header, sealed_body=sealed, directs=directs, signature=bytes(64))
    signature = campaign.persona.operation.sign(signing_input(unsigned.id))
    return replace_signature(unsigned, signature), lanes


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
