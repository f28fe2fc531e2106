"""Writing an operation of my own: key, seal, signature, and in through the same door as everybody's.

Law: what I write cites the heads I have seen, and is sealed so that exactly the active members in my view can
open it. Where no epoch does that, a `rekey` is written first.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from meshcoal.campaign.membership import may
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import seal_body
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import NoKey, NotPermitted
from meshcoal.group.epochs import Envelope, LaneKeys, Recipient, begin
from meshcoal.ids import NO_EPOCH, AuthorId, EpochId, OperationId
from meshcoal.limits import OPERATION_BYTES_MAX
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.step import Step
from meshcoal.wire.bodies import AddBody, Body, CreateBody, RekeyBody, RemoveBody, encode_body
from meshcoal.wire.operation import (
    NO_CAMPAIGN,
    SALT_BYTES,
    SIGNATURE_BYTES,
    Direct,
    Header,
    Kind,
    Operation,
    body_hash,
    directs_hash,
    signing_input,
)

# At most, of what `_begin_epoch` writes: header, body but for what it carries; one direct; one carried epoch,
# in the body and in the direct of each member who lacks it.
_HEAD_BYTES: Final = 8_192
_DIRECT_BYTES: Final = 1_300
_CARRIED_BYTES: Final = 128


class Composer:
    """Writes operations. Holds no state of its own."""

    def __init__(self, *, acceptor: Acceptor, sealer: Sealer, entropy: Entropy) -> None:
        self._acceptor = acceptor
        self._sealer = sealer
        self._entropy = entropy

    def create(self, *, key: SigningKey, body: CreateBody) -> tuple[Operation, LaneKeys]:
        """The first operation of a campaign; its id is the campaign's."""
        salt = self._entropy.take(SALT_BYTES)
        envelope = Envelope(
            campaign=NO_CAMPAIGN,
            author=AuthorId(key.public),
            seq=0,
            backlink=b"",
            kind=Kind.CREATE,
            salt=salt,
        )
        keys, directs = begin(
            envelope=envelope,
            recipients=(),
            carried={},
            covered={},
            with_talk={},
            sealer=self._sealer,
            entropy=self._entropy,
        )
        operation = _build(
            key=key,
            envelope=envelope,
            parents=(),
            epoch=NO_EPOCH,
            lane_key=keys.record,
            body=body,
            directs=directs,
        )
        return operation, keys

    def write(self, campaign: Campaign, step: Step, kind: Kind, body: Body) -> Operation:
        """An operation under the current epoch, after a `rekey` where there is none.

        Raises:
            NoKey: I am not an active member, or hold no key yet.
        """
        roster = campaign.roster()
        if not roster.is_active(campaign.me):
            raise NoKey("You are not an active member of this campaign, so nothing can be written in it.")
        epoch = campaign.epochs.usable(roster.active(), campaign.out())
        if epoch is None:
            self.rekey(campaign, step)
            epoch = campaign.epochs.usable(roster.active(), campaign.out())
            assert epoch is not None, "a fresh epoch covers exactly the active members"
        lane_key = campaign.epochs.key_for(epoch, kind)
        assert lane_key is not None
        envelope = self._envelope(campaign, kind)
        operation = _build(
            key=campaign.persona.operation,
            envelope=envelope,
            parents=campaign.dag.parents_for_next,
            epoch=epoch,
            lane_key=lane_key,
            body=body,
            directs=(),
        )
        self._acceptor.insert(campaign, step, operation)
        return operation

    def write_control(self, campaign: Campaign, step: Step, kind: Kind, body: Body) -> Operation:
        """As `write`, for an operation that changes the campaign. Raises `NotPermitted` besides."""
        if not may(campaign.roster(), campaign.me, body):
            raise NotPermitted("Your role in this campaign does not allow this, or it was done already.")
        if isinstance(body, (AddBody, RemoveBody, RekeyBody)):
            return self._begin_epoch(campaign, step, kind, body)
        return self.write(campaign, step, kind, body)

    def rekey(self, campaign: Campaign, step: Step) -> Operation:
        """Begin an epoch for exactly the present members."""
        body = RekeyBody(at_ms=step.now_ms, carried=())
        return self._begin_epoch(campaign, step, Kind.REKEY, body)

    def _begin_epoch(
        self, campaign: Campaign, step: Step, kind: Kind, body: AddBody | RemoveBody | RekeyBody
    ) -> Operation:
        roster = campaign.roster()
        seals = {author: roster.members[author].card.seal for author in roster.active()}
        newcomer: AuthorId | None = None
        if isinstance(body, AddBody):
            newcomer = AuthorId(body.member.author)
            seals[newcomer] = body.member.seal
        elif isinstance(body, RemoveBody):
            del seals[AuthorId(body.member)]
        lacking = _fitting(campaign, campaign.epochs.lacking(seals), tuple(seals))
        body = dataclasses.replace(body, carried=tuple(lacking))
        carried: dict[EpochId, LaneKeys] = {}
        covered: dict[EpochId, frozenset[AuthorId]] = {}
        for epoch in lacking:
            known = campaign.epochs.by_id[epoch]
            assert known.keys is not None
            carried[epoch] = known.keys
            covered[epoch] = frozenset(known.covered)
        envelope = self._envelope(campaign, kind)
        keys, directs = begin(
            envelope=envelope,
            recipients=[
                Recipient(author=author, seal=seal) for author, seal in seals.items() if author != campaign.me
            ],
            carried=carried,
            covered=covered,
            with_talk={
                author: self._readable_talk(campaign, author, lacking) if author != newcomer else frozenset()
                for author in seals
            },
            sealer=self._sealer,
            entropy=self._entropy,
        )
        operation = _build(
            key=campaign.persona.operation,
            envelope=envelope,
            parents=campaign.dag.parents_for_next,
            epoch=NO_EPOCH,
            lane_key=keys.record,
            body=body,
            directs=directs,
        )
        self._acceptor.insert(campaign, step, operation, keys=keys)
        return operation

    @staticmethod
    def _readable_talk(
        campaign: Campaign, member: AuthorId, epochs: tuple[EpochId, ...]
    ) -> frozenset[EpochId]:
        """Which of these epochs a member may read the talk of: all that do not lie before their admission."""
        controls = campaign.membership.controls
        admission = controls[campaign.roster().members[member].added]
        readable = set()
        for epoch in epochs:
            began = controls.get(OperationId(epoch))
            if began is None or not admission.past >> began.number & 1:
                readable.add(epoch)
        return frozenset(readable)

    def _envelope(self, campaign: Campaign, kind: Kind) -> Envelope:
        last_seq, last = campaign.dag.frontier.get(campaign.me, (-1, OperationId(b"")))
        return Envelope(
            campaign=campaign.id,
            author=campaign.me,
            seq=last_seq + 1,
            backlink=last,
            kind=kind,
            salt=self._entropy.take(SALT_BYTES),
        )


def _fitting(
    campaign: Campaign, lacking: tuple[EpochId, ...], recipients: tuple[AuthorId, ...]
) -> tuple[EpochId, ...]:
    """As many of the latest epochs as one operation can carry; a further `rekey` carries the others."""
    left_bytes = OPERATION_BYTES_MAX - _HEAD_BYTES - _DIRECT_BYTES * len(recipients)
    taken = 0
    for epoch in reversed(lacking):
        covered = campaign.epochs.by_id[epoch].covered
        left_bytes -= _CARRIED_BYTES * (1 + sum(1 for recipient in recipients if recipient not in covered))
        if left_bytes < 0:
            break
        taken += 1
    return lacking[len(lacking) - taken :]


def _build(
    *,
    key: SigningKey,
    envelope: Envelope,
    parents: tuple[OperationId, ...],
    epoch: EpochId,
    lane_key: bytes,
    body: Body,
    directs: tuple[Direct, ...],
) -> Operation:
    sealed = seal_body(
        lane_key, envelope.salt, envelope.author, envelope.seq, envelope.campaign, encode_body(body)
    )
    header = Header(
        campaign=envelope.campaign,
        author=envelope.author,
        seq=envelope.seq,
        backlink=envelope.backlink,
        parents=parents,
        kind=envelope.kind,
        epoch=epoch,
        salt=envelope.salt,
        body_hash=body_hash(sealed),
        directs_hash=directs_hash(directs),
    )
    unsigned = Operation(header=header, sealed_body=sealed, directs=directs, signature=bytes(SIGNATURE_BYTES))
    return Operation(
        header=header,
        sealed_body=sealed,
        directs=directs,
        signature=key.sign(signing_input(unsigned.id)),
    )
