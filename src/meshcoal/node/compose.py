"""Writing an operation of my own: key, seal, signature, and in through the same door as everybody's.

Law: what I write cites the heads I have seen, and is sealed so that exactly the active members in my view can
open it. Where no epoch is safe for that, a `rekey` is written first; members whom the epoch does not cover
are handed its keys with the operation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from enum import Enum
from typing import Final

from meshcoal.campaign.membership import may
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import padded_size, seal_body
from meshcoal.crypto.signing import SEED_BYTES, SigningKey
from meshcoal.errors import NoKey, NotPermitted
from meshcoal.group import agreement, keyring, prekeys
from meshcoal.group.agreement import Courier, Place, Ready
from meshcoal.group.coverage import View
from meshcoal.group.keyring import Keyring
from meshcoal.group.pairwise import RENEW_BYTES
from meshcoal.ids import NO_EPOCH, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import CARRIED_EPOCHS_MAX, DIRECT_BYTES_MAX, OPERATION_BYTES_MAX
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.inserting import Own
from meshcoal.node.pace import USUAL, Pace
from meshcoal.node.step import Step
from meshcoal.wire.bodies import AddBody, Body, CreateBody, RekeyBody, RemoveBody, encode_body
from meshcoal.wire.operation import (
    NO_CAMPAIGN,
    SALT_BYTES,
    SIGNATURE_BYTES,
    TALK_KINDS,
    Direct,
    Header,
    Kind,
    Operation,
    body_hash,
    directs_hash,
    signing_input,
)

# At most, of what goes along with directs: header, body with a bundle but without lists of epochs; the bare
# direct with its framing; in a direct, an epoch without chains, and a chain; in the body, an epoch's name.
_HEAD_BYTES: Final = 48 * 1024
_DIRECT_BYTES: Final = RENEW_BYTES + 64
_EPOCH_BYTES: Final = 80
_CHAIN_BYTES: Final = 84
_NAME_BYTES: Final = 34


class Why(Enum):
    """Why an epoch is begun by a rekey: what others make of it depends on that."""

    NO_EPOCH = "none is there that I may write under, or I ask for keys"
    UPDATE = "its time has come: whoever knows of it uses no epoch begun beside it"
    THEFT = "my keys may be in other hands: as above, and prekeys that no copy holds"


class Composer:
    """Writes operations. Holds no state of its own."""

    def __init__(
        self,
        *,
        acceptor: Acceptor,
        courier: Courier,
        sealer: Sealer,
        entropy: Entropy,
        pace: Pace = USUAL,
    ) -> None:
        self._acceptor = acceptor
        self._pace = pace
        self._courier = courier
        self._sealer = sealer
        self._entropy = entropy

    def create(self, *, key: SigningKey, body: CreateBody, now_ms: int) -> tuple[Operation, Own]:
        """The first operation of a campaign; its id is the campaign's."""
        place = Place(
            campaign=NO_CAMPAIGN,
            author=AuthorId(key.public),
            kind=Kind.CREATE,
            seq=0,
            parents=(),
            salt=self._entropy.take(SALT_BYTES),
        )
        _, keys, _ = agreement.begin(
            Keyring(campaign=NO_CAMPAIGN, me=place.author),
            place=place,
            recipients=(),
            carried=(),
            courier=self._courier,
            entropy=self._entropy,
            now_ms=now_ms,
        )
        sealed = _seal(place, keys.record, body)
        operation = _build(key=key, place=place, backlink=b"", epoch=NO_EPOCH, sealed=sealed, directs=())
        return operation, Own(body=body, keys=keys)

    def write(self, campaign: Campaign, step: Step, kind: Kind, body: Body) -> Operation:
        """An operation under a safe epoch, after a `rekey` where there is none.

        Raises:
            NoKey: I am not an active member, or hold no key yet.
            LostKey: the key that signs my log is not here.
        """
        return self._under(campaign, step, kind, body, newcomer=None)

    def write_control(self, campaign: Campaign, step: Step, kind: Kind, body: Body) -> Operation:
        """As `write`, for an operation that changes the campaign. Raises `NotPermitted` besides."""
        if not may(campaign.roster(), campaign.me, body):
            raise NotPermitted("Your role in this campaign does not allow this, or it was done already.")
        if isinstance(body, RemoveBody):
            return self._begin_epoch(campaign, step, kind, body)
        return self.write(campaign, step, kind, body)

    def admit(self, campaign: Campaign, step: Step, body: AddBody, prekey: bytes) -> Operation:
        """Add a member, and welcome them with the keys of all safe epochs. Raises as `write_control`.

        Args:
            prekey: the one-time prekey that the newcomer made for me; empty: none.
        """
        if not may(campaign.roster(), campaign.me, body):
            raise NotPermitted("Your role in this campaign does not allow this, or it was done already.")
        campaign.seeds.signing_key()
        newcomer = AuthorId(body.member.author)
        bundle = prekeys.of_request(body.member.seal, prekey, now_ms=step.now_ms)
        campaign.keyring = keyring.note_bundle(campaign.keyring, newcomer, bundle, (campaign.me,))
        return self._under(campaign, step, Kind.ADD, body, newcomer=newcomer)

    def rekey(self, campaign: Campaign, step: Step, why: Why) -> Operation:
        """Begin an epoch for exactly the present members, with fresh prekeys where it is time."""
        campaign.seeds.signing_key()
        bundle = b""
        if why is Why.THEFT or prekeys.low(campaign.keyring.prekeys, now_ms=step.now_ms):
            made, published = prekeys.publish(
                campaign.keyring.prekeys, sealer=self._sealer, entropy=self._entropy, now_ms=step.now_ms
            )
            campaign.keyring = dataclasses.replace(campaign.keyring, prekeys=made)
            bundle = prekeys.encode_bundle(published)
        rotate = self._rotation_due(campaign, step)
        at_ms = step.now_ms
        if rotate:  # a closing that is dated before its key began would never count as one
            held = campaign.seeds.get(campaign.seeds.public)
            at_ms = max(at_ms, held.from_ms if held is not None else 0)
        body = RekeyBody(
            at_ms=at_ms, bundle=bundle, lacks=campaign.missing_epochs(), heals=why is not Why.NO_EPOCH
        )
        return self._begin_epoch(campaign, step, Kind.REKEY, body, rotate=rotate)

    def _rotation_due(self, campaign: Campaign, step: Step) -> bool:
        """Whether the key that signs is to be closed by the rekey that is about to be written."""
        held = campaign.seeds.get(campaign.seeds.public)
        if held is None:
            return False
        last_seq, _ = campaign.dag.frontier.get(campaign.me, (-1, OperationId(b"")))
        old = step.now_ms - held.from_ms >= self._pace.rotate_age_ms
        return old or last_seq + 1 - held.from_seq >= self._pace.rotate_operations

    def _rekey_before_talk(self, campaign: Campaign) -> bool:
        """Whether I wrote so much since my last epoch that the next message begins one."""
        seq, _ = campaign.dag.frontier.get(campaign.me, (-1, OperationId(b"")))
        several = len(campaign.view().inside) > 1
        return several and seq - campaign.own_epoch[0] >= self._pace.rekey_messages

    def _ready(self, campaign: Campaign, step: Step, *, talk: bool) -> Ready:
        if not campaign.roster().is_active(campaign.me):
            raise NoKey("You are not an active member of this campaign, so nothing can be written in it.")
        campaign.seeds.signing_key()  # refused before anything has changed
        ready = agreement.ready(campaign.keyring, campaign.view())
        due = talk and self._rekey_before_talk(campaign)
        if ready is None or due:
            self.rekey(campaign, step, Why.UPDATE if due else Why.NO_EPOCH)
            ready = agreement.ready(campaign.keyring, campaign.view())
            assert ready is not None, "a fresh epoch is safe"
        return ready

    def _under(
        self, campaign: Campaign, step: Step, kind: Kind, body: Body, *, newcomer: AuthorId | None
    ) -> Operation:
        """Write under an epoch that is there already."""
        ready = self._ready(campaign, step, talk=kind in TALK_KINDS)
        place = self._place(campaign, kind)
        to = set(ready.lacking)
        chains_of = [ready.epoch]
        if newcomer is not None:
            to.add(newcomer)
            chains_of += [
                epoch
                for epoch in agreement.safe_epochs(campaign.keyring, campaign.view())
                if epoch != ready.epoch
            ]
        directs: tuple[Direct, ...] = ()
        ring = campaign.keyring
        if to:
            handed, carried = fitting(ring, to, chains_of, campaign.view())
            ring, directs = agreement.hand(
                ring,
                place=place,
                to=to,
                epochs=handed,
                carried=carried,
                courier=self._courier,
                entropy=self._entropy,
                now_ms=step.now_ms,
            )
            body = dataclasses.replace(body, handed=tuple(handed), carried=carried)
        index = 0
        if kind in TALK_KINDS:
            ring, sealed, index = agreement.write(
                ring, place=place, epoch=ready.epoch, plaintext=encode_body(body)
            )
        else:
            sealed = _seal(place, ring.epochs[ready.epoch].record, body)
        campaign.keyring = ring
        operation = _build(
            key=campaign.seeds.signing_key(),
            place=place,
            backlink=_backlink(campaign),
            epoch=ready.epoch,
            index=index,
            sealed=sealed,
            directs=directs,
        )
        self._acceptor.insert(campaign, step, operation, own=Own(body=body))
        return operation

    def _begin_epoch(
        self,
        campaign: Campaign,
        step: Step,
        kind: Kind,
        body: RemoveBody | RekeyBody,
        *,
        rotate: bool = False,
    ) -> Operation:
        key = campaign.seeds.signing_key()
        recipients = set(campaign.roster().active())
        if isinstance(body, RemoveBody):
            recipients.discard(AuthorId(body.member))
        recipients.discard(campaign.me)
        _, carried = fitting(campaign.keyring, recipients, (), campaign.view())
        place = self._place(campaign, kind)
        ring, keys, directs = agreement.begin(
            campaign.keyring,
            place=place,
            recipients=recipients,
            carried=carried,
            courier=self._courier,
            entropy=self._entropy,
            now_ms=step.now_ms,
        )
        body = dataclasses.replace(body, carried=carried)
        campaign.keyring = ring
        successor = b""
        if rotate:
            campaign.seeds.close(step, key.public, at_ms=body.at_ms)
            seed = self._entropy.take(SEED_BYTES)
            successor = campaign.seeds.add(
                step, seed, author=campaign.me, seq=place.seq + 1, at_ms=body.at_ms
            )
        operation = _build(
            key=key,
            place=place,
            backlink=_backlink(campaign),
            epoch=NO_EPOCH,
            sealed=_seal(place, keys.record, body),
            directs=directs,
            successor=successor,
        )
        self._acceptor.insert(campaign, step, operation, own=Own(body=body, keys=keys))
        return operation

    def _place(self, campaign: Campaign, kind: Kind) -> Place:
        last_seq, _ = campaign.dag.frontier.get(campaign.me, (-1, OperationId(b"")))
        return Place(
            campaign=campaign.id,
            author=campaign.me,
            kind=kind,
            seq=last_seq + 1,
            parents=campaign.dag.parents_for_next,
            salt=self._entropy.take(SALT_BYTES),
        )


def fitting(
    ring: Keyring, to: Iterable[AuthorId], chains_of: Iterable[EpochId], view: View
) -> tuple[list[EpochId], tuple[EpochId, ...]]:
    """Which epochs' chains, and which older record keys, one operation can bring to these members.

    Chains come first, in the order given, then record keys, those of the oldest epochs first: whoever lacks
    one waits behind it with all that is newer. What does not fit goes with a later operation. At least the
    first epoch's chains always fit.
    """
    members = sorted(to)
    left_bytes = OPERATION_BYTES_MAX - _HEAD_BYTES - _DIRECT_BYTES * len(members)
    each_bytes = 0  # in every direct, chains
    handed: list[EpochId] = []
    for epoch in chains_of:
        more_bytes = _EPOCH_BYTES + _CHAIN_BYTES * len(ring.chains[epoch])
        if handed and not _fits(each_bytes + more_bytes, len(members), left_bytes):
            break
        each_bytes += more_bytes
        handed.append(epoch)
    carried: list[EpochId] = []
    box_bytes = dict.fromkeys(members, each_bytes)
    used_bytes = padded_size(each_bytes) * len(members)
    latest = 1 + max([began.number for began in view.began.values()], default=0)
    age = {epoch: began.number for epoch, began in view.began.items()}
    wanted = [epoch for epoch in keyring.lacking_records(ring, members) if epoch not in handed]
    for epoch in sorted(wanted, key=lambda one: (age.get(one, latest), one))[:CARRIED_EPOCHS_MAX]:
        for member in filter(ring.epochs[epoch].lacked_by, members):
            before_bytes = box_bytes[member]
            box_bytes[member] += _EPOCH_BYTES + _NAME_BYTES
            used_bytes += padded_size(box_bytes[member]) - padded_size(before_bytes)
        if used_bytes > left_bytes or padded_size(max(box_bytes.values())) + _DIRECT_BYTES > DIRECT_BYTES_MAX:
            break
        carried.append(epoch)
    return handed, tuple(sorted(carried))


def _fits(box_bytes: int, count: int, left_bytes: int) -> bool:
    padded_bytes = padded_size(box_bytes)
    return padded_bytes + _DIRECT_BYTES <= DIRECT_BYTES_MAX and padded_bytes * count <= left_bytes


def _backlink(campaign: Campaign) -> bytes:
    _, last = campaign.dag.frontier.get(campaign.me, (-1, OperationId(b"")))
    return last


def _seal(place: Place, record_key: bytes, body: Body) -> bytes:
    return seal_body(record_key, place.salt, place.author, place.seq, place.campaign, encode_body(body))


def _build(
    *,
    key: SigningKey,
    place: Place,
    backlink: bytes,
    epoch: EpochId,
    sealed: bytes,
    directs: tuple[Direct, ...],
    index: int = 0,
    successor: bytes = b"",
) -> Operation:
    header = Header(
        campaign=CampaignId(place.campaign),
        author=place.author,
        seq=place.seq,
        backlink=backlink,
        parents=place.parents,
        kind=place.kind,
        epoch=epoch,
        salt=place.salt,
        index=index,
        successor=successor,
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
