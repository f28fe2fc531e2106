"""The keys that operations bring, and what they open: the reading side of the key agreement.

Law: a direct is taken once, when its operation comes in, and what it gave is written down in the step that
takes the operation in. Who holds which key is noted from what operations say, never guessed. What somebody
handed is believed only as far as it opens something.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.sealing import unseal_body
from meshcoal.errors import BadSeal, MalformedBody, RemoteError, SkippedTooFar
from meshcoal.group import agreement, keyring
from meshcoal.group.agreement import Courier, Place, Taken
from meshcoal.group.prekeys import decode_bundle, of_card
from meshcoal.group.ratchet import heading_bytes
from meshcoal.ids import AuthorId, EpochId, OperationId
from meshcoal.node.campaign import Campaign
from meshcoal.wire.bodies import AddBody, Body, CreateBody, RekeyBody
from meshcoal.wire.operation import EPOCH_KINDS, TALK_KINDS, Kind, Operation, decode_operation


def place_of(operation: Operation) -> Place:
    """Where an operation stands, as the key agreement wants it told."""
    header = operation.header
    return Place(
        campaign=header.campaign,
        author=header.author,
        kind=header.kind,
        seq=header.seq,
        parents=header.parents,
        salt=header.salt,
    )


class Keys:
    """Takes keys into keyrings and opens bodies with them. Holds no state of its own."""

    def __init__(self, *, courier: Courier, sealer: Sealer, count: Callable[[str], None]) -> None:
        self._courier = courier
        self._sealer = sealer
        self._count = count

    # --- Taking

    def take(self, campaign: Campaign, operation: Operation, now_ms: int) -> tuple[list[EpochId], bytes]:
        """Open what an operation's directs bring me, and take in what was handed.

        Returns:
            Epochs of which something was learnt; and the secret of the epoch that the operation begins, or
            empty. What is refused is its author's fault and counted: the operation stays, and its epoch
            stays closed to me until its keys are handed.
        """
        taken = self._taken(campaign, operation, now_ms)
        if taken is None:
            return [], b""
        campaign.keyring, found = taken
        learnt = []
        for handed in found.handed:
            epoch = EpochId(handed.epoch)
            fits = self._fits(campaign, epoch, handed.record)
            if fits is False:
                self._count(BadSeal.code)
                continue
            campaign.keyring = keyring.learn(
                campaign.keyring, handed, giver=operation.header.author, proven=fits is True
            )
            learnt.append(epoch)
        return learnt, found.secret if operation.header.kind in EPOCH_KINDS else b""

    def take_stranger(
        self, campaign: Campaign, operation: Operation, now_ms: int
    ) -> tuple[list[EpochId], bytes] | None:
        """As `take`, of an operation that waits and whose author nothing here names a member yet.

        Whoever was admitted where I cannot read may be the one who brings the keys that say so. What they
        bring proves itself: a record key opens what its epoch began with, a secret the operation that
        brings it. Nothing is taken where it does not.

        Returns:
            None: it proves nothing so far, and is to be looked at again.
        """
        before = campaign.keyring
        learnt, secret = self.take(campaign, operation, now_ms)
        if campaign.keyring is before:
            return [], b""  # it brings me nothing
        proven = any(campaign.keyring.epochs[epoch].proven for epoch in learnt)
        if not proven and not (secret and _opens(keyring.fresh(secret, {}).record, operation)):
            campaign.keyring = before
            return None
        return learnt, secret

    def take_welcome(self, campaign: Campaign, operation: Operation, now_ms: int) -> list[EpochId]:
        """A newcomer's keys come with an admission that stands behind operations which only they open.

        So they are taken while it waits; nothing changes unless they open something that is held.
        """
        if campaign.my_member() is not None or operation.header.kind is not Kind.ADD:
            return []
        before = campaign.keyring
        learnt, _ = self.take(campaign, operation, now_ms)
        if not any(campaign.keyring.epochs[epoch].proven for epoch in learnt):
            campaign.keyring = before
            return []
        return learnt

    def _taken(
        self, campaign: Campaign, operation: Operation, now_ms: int
    ) -> tuple[keyring.Keyring, Taken] | None:
        header = operation.header
        if not operation.directs or header.author == campaign.me:
            return None
        channel = campaign.keyring.channels.get(header.author)
        if channel is not None and header.seq <= channel.last_seq:
            return None  # taken while the operation waited
        try:
            after, found = agreement.take(
                campaign.keyring,
                place=place_of(operation),
                directs=operation.directs,
                courier=self._courier,
                now_ms=now_ms,
            )
        except RemoteError as refusal:
            self._count(refusal.code)
            return None
        return None if found is None else (after, found)

    def begin(self, campaign: Campaign, operation: Operation, secret: bytes) -> None:
        """Take in the keys of the epoch that an operation begins, once all who are named in it are known."""
        header = operation.header
        place = place_of(operation)
        # Whoever wrote something may be a recipient too whose admission is not opened here yet.
        known = campaign.membership.ever_in().union(campaign.dag.frontier, campaign.pending.highest())
        holders = place.recipients(operation.directs, known) | {header.author, campaign.me}
        keys = keyring.fresh(secret, place.names(holders), [direct.tag for direct in operation.directs])
        campaign.keyring = keyring.adopt(campaign.keyring, EpochId(operation.id), keys)

    def try_record(self, campaign: Campaign, operation: Operation) -> None:
        """The first operation of an epoch is here: does the record key that was handed before it open it?"""
        epoch = EpochId(operation.id)
        known = campaign.keyring.epochs.get(epoch)
        if known is None or not known.record or known.proven:
            return
        holds = _opens(known.record, operation)
        if not holds:
            self._count(BadSeal.code)
        campaign.keyring = keyring.prove(campaign.keyring, epoch, holds=holds)

    @staticmethod
    def _fits(campaign: Campaign, epoch: EpochId, record: bytes) -> bool | None:
        """Whether a record key that was handed is that epoch's; None while its first operation is not here.

        That operation's body opens under the record key alone, so nobody can plant another.
        """
        known = campaign.keyring.epochs.get(epoch)
        if known is not None and known.proven:
            return record == known.record
        first = _first(campaign, epoch)
        if first is None:
            return None
        return first.header.kind in EPOCH_KINDS and _opens(record, first)

    # --- Opening

    def unseal(self, campaign: Campaign, operation: Operation, now_ms: int) -> bytes | None:
        """The plaintext of a body; None while its key is not held. A key of talk is erased by it.

        Raises:
            RemoteError: it never opens, by its author's fault.
        """
        header = operation.header
        epoch = operation.epoch
        if header.kind is Kind.POST:
            winding = campaign.winding(epoch, header.author)
            if winding is not None and winding.index == header.index:
                heading = heading_bytes(
                    header.campaign,
                    header.author,
                    header.seq,
                    header.parents,
                    header.kind,
                    epoch,
                    header.index,
                )
                return winding.open_next(heading, operation.sealed_body)
        ring = campaign.keyring
        if header.kind not in TALK_KINDS:
            known = ring.epochs.get(epoch)
            return unseal_record(known.record, operation) if known is not None and known.record else None
        chain = ring.chains.get(epoch, {}).get(header.author)
        if chain is None:
            ring = self._match(campaign, epoch, header.author)
            chain = ring.chains.get(epoch, {}).get(header.author)
            if chain is None:
                return None
        if header.index < chain.index and not chain.proven:
            return None  # handed from a later message on, or handed falsely
        try:
            campaign.keyring, plain = agreement.read(
                ring,
                place=place_of(operation),
                epoch=epoch,
                index=header.index,
                sealed=operation.sealed_body,
                now_ms=now_ms,
            )
        except (BadSeal, SkippedTooFar) as refusal:
            if chain.proven:
                raise
            self._count(refusal.code)  # of whoever handed the chain, it seems
            campaign.keyring = keyring.distrust(ring, epoch, header.author)
            return None
        return plain

    def _match(self, campaign: Campaign, epoch: EpochId, author: AuthorId) -> keyring.Keyring:
        """Whether an epoch was sealed to somebody of whom nothing was known when its keys were taken."""
        known = campaign.keyring.epochs.get(epoch)
        if known is not None and known.unmatched:
            first = _first(campaign, epoch)
            if first is not None:
                tag = place_of(first).tag(author)
                campaign.keyring = keyring.match(campaign.keyring, epoch, author, tag)
        return campaign.keyring

    # --- Noting

    def note(self, campaign: Campaign, operation: Operation, body: Body) -> None:
        """An opened operation shows who was given which keys, and which prekeys its author published.

        Raises:
            MalformedBody, BadKey: the prekeys are not sound. Nothing was noted.
        """
        header = operation.header
        bundle = None
        if isinstance(body, RekeyBody) and body.bundle:
            bundle = decode_bundle(body.bundle, self._sealer)
            if bundle.number == 0:
                raise MalformedBody("the first bundle is the card's, and is not published")
        if isinstance(body, AddBody):
            newcomer = AuthorId(body.member.author)
            for begun in [one for one, known in campaign.keyring.epochs.items() if known.unmatched]:
                self._match(campaign, begun, newcomer)
        ring = campaign.keyring
        if isinstance(body, AddBody):
            ring = keyring.name(
                ring, newcomer, lambda one: agreement.tag_of(campaign.id, one.author, one.salt, newcomer)
            )
        match body:
            case CreateBody(founder=card) | AddBody(member=card):
                ring = keyring.note_bundle(ring, AuthorId(card.author), of_card(card.seal), ())
        if operation.directs:
            candidates = campaign.membership.ever_in()
            if isinstance(body, AddBody):
                candidates |= {AuthorId(body.member.author)}
            named = place_of(operation).recipients(operation.directs, candidates)
            handed = (*body.handed, *((operation.id,) if header.kind in EPOCH_KINDS else ()))
            for epoch in handed:
                ring = keyring.cover(ring, EpochId(epoch), named)
            for epoch in body.carried:
                ring = keyring.cover_records(ring, EpochId(epoch), named)
            ring = _note_unnamed(ring, operation, named, handed=handed, carried=body.carried)
        if header.kind in EPOCH_KINDS:
            ring = keyring.cover(ring, EpochId(operation.id), (header.author,))
        if isinstance(body, RekeyBody):
            for epoch in body.lacks:
                ring = keyring.note_lacking(ring, EpochId(epoch), header.author)
        if bundle is not None:
            place = campaign.dag.place(operation.id)
            assert place is not None
            roster = campaign.membership.roster_at(campaign.dag.context_bits(place.context))
            heals = isinstance(body, RekeyBody) and body.heals
            ring = keyring.note_bundle(ring, header.author, bundle, roster.active(), heals=heals)
        campaign.keyring = ring


def _note_unnamed(
    ring: keyring.Keyring,
    operation: Operation,
    named: AbstractSet[AuthorId],
    *,
    handed: tuple[bytes, ...],
    carried: tuple[bytes, ...],
) -> keyring.Keyring:
    """Some of an operation's recipients may be people whose admission is not opened here yet."""
    if len(named) >= len(operation.directs) or not (handed or carried):
        return ring
    place = place_of(operation)
    known = {place.tag(one) for one in named}
    left = tuple(sorted({direct.tag for direct in operation.directs} - known))
    if not left:
        return ring
    unnamed = keyring.Unnamed(
        author=place.author, salt=place.salt, unclaimed=left, handed=handed, carried=carried
    )
    return keyring.note_unnamed(ring, OperationId(operation.id), unnamed)


def _first(campaign: Campaign, epoch: EpochId) -> Operation | None:
    """The operation that began an epoch, if it is here."""
    now: tuple[Operation, ...] = (*campaign.unopened_now.get(epoch, ()), *campaign.taken_now)
    first = next((one for one in now if EpochId(one.id) == epoch), None)
    if first is not None:
        return first
    if (held := campaign.pending.get(OperationId(epoch))) is not None:
        return held.operation
    encoded = campaign.reader.operation(OperationId(epoch))
    return decode_operation(encoded) if encoded is not None else None


def unseal_record(record: bytes, operation: Operation) -> bytes:
    """A body of the record lane. Raises `BadSeal`, `OverLimit`."""
    header = operation.header
    return unseal_body(record, header.salt, header.author, header.seq, header.campaign, operation.sealed_body)


def _opens(record: bytes, operation: Operation) -> bool:
    try:
        unseal_record(record, operation)
    except RemoteError:
        return False
    return True
