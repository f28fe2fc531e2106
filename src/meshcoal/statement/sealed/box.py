"""All that a node holds of one round of sealed sign-ons, and what it does with what comes.

Law: whatever order things come in, and however often, nodes that were given the same hold the same. What is
held is bounded by the number of members: per member one envelope and one withdrawal, per envelope its shares
until they give its key, then the key alone. A withdrawal outweighs its envelope; of two envelopes of one
maker the lesser id; an opened one outlives the date, a shut one does not. Ours, unreviewed:
docs/protocol/sealed-signons.md.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.errors import BadEnvelope, BadShare, DoubledEnvelope, OverLimit, SealExpired
from meshcoal.ids import OperationId
from meshcoal.statement.sealed.envelope import (
    Checked,
    Round,
    Signed,
    check,
    check_maker,
    check_withdrawal,
)
from meshcoal.statement.sealed.opening import (
    Standing,
    check_share,
    open_with_key,
    open_with_shares,
    stand,
    tell_share,
)
from meshcoal.wire.sealed import (
    Envelope,
    EnvelopeWithdrawal,
    LooseItem,
    SealedItem,
    ToldKey,
    ToldShare,
    item_id,
)

_WAITING_PER_MEMBER = 4


class State(enum.Enum):
    """Of one envelope."""

    SHUT = "shut"
    OPEN = "open"
    FALSE = "false"  # opened, or tried with enough sound shares, and not what it should be


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What an item changed: items that are held from now on, and ids of those that are not any more."""

    added: tuple[LooseItem, ...] = ()
    dropped: tuple[OperationId, ...] = ()


@dataclass(slots=True)
class _Slot:
    """One maker's envelope and what came of it."""

    checked: Checked
    shares: dict[int, ToldShare] = field(default_factory=dict)
    key: ToldKey | None = None
    signed: Signed | None = None
    state: State = State.SHUT

    def items(self) -> list[SealedItem]:
        held: list[SealedItem] = [self.checked.envelope, *self.shares.values()]
        return held if self.key is None else [*held, self.key]


class Box:
    """One round at one node. `take` what comes, `tell` what is due, `expire` at the date."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        self._slots: dict[bytes, _Slot] = {}  # by tag
        self._tags: dict[bytes, bytes] = {}  # of envelopes, by id
        self._withdrawn: dict[bytes, EnvelopeWithdrawal] = {}  # by tag
        self._waiting: dict[OperationId, SealedItem] = {}  # for the envelope or the key that they belong to
        self._told: dict[bytes, None] = {}  # envelopes that hold no sound share for me

    # --- What is here

    def items(self) -> list[SealedItem]:
        """Everything that is held, for the store and for peers; not what waits."""
        held: list[SealedItem] = list(self._withdrawn.values())
        for slot in self._slots.values():
            held += slot.items()
        return held

    def standing(self, now_ms: int) -> Standing:
        """Who has signed, without those who took it back and those whose envelope is known to be false."""
        sound = [slot.checked for slot in self._slots.values() if slot.state is not State.FALSE]
        return stand(self.round, sound, self._withdrawn, now_ms=now_ms)

    def states(self) -> dict[bytes, State]:
        """Of each envelope held, by id; ascending."""
        return {slot.checked.id: slot.state for slot in sorted(self._slots.values(), key=_by_id)}

    def opened(self) -> tuple[Signed, ...]:
        """Sign-ons that came out, ascending by act key."""
        found = [slot.signed for slot in self._slots.values() if slot.signed is not None]
        return tuple(sorted(found, key=lambda signed: signed.content.act_key))

    def opened_by_envelope(self) -> dict[bytes, Signed]:
        """The same by the envelopes' ids."""
        return {slot.checked.id: slot.signed for slot in self._slots.values() if slot.signed is not None}

    def mark_of(self, tag: bytes) -> State | None:
        """How the envelope with this tag stands; None: there is none, or it was taken back."""
        slot = self._slots.get(tag)
        return slot.state if slot is not None else None

    def floor_of(self, tag: bytes) -> int:
        """The number its signer asked for; 0: there is none."""
        slot = self._slots.get(tag)
        return slot.checked.envelope.floor if slot is not None else 0

    def is_withdrawn(self, tag: bytes) -> bool:
        """Whether whoever has this tag took their envelope back."""
        return tag in self._withdrawn

    # --- What comes

    def examine(self, item: SealedItem, *, now_ms: int) -> None:
        """Return only if `take` would hold this now; holds nothing. For what is passed on and not yet known.

        Raises:
            DoubledEnvelope, BadEnvelope, BadSignature, SealExpired: as `take`; a share or a key is no
                beginning (`BadEnvelope`).
        """
        match item:
            case Envelope():
                self._refuse_doubled(item)
                check(self.round, item, now_ms=now_ms)
            case EnvelopeWithdrawal():
                if now_ms >= self.round.terms.expires_ms:
                    raise SealExpired("a withdrawal after the date")
                if check_withdrawal(self.round, item) in self._withdrawn:
                    raise DoubledEnvelope("it was taken back already")
            case _:
                raise BadEnvelope("a share or a key, which nobody has to hide that they tell")

    def take(self, item: SealedItem, *, now_ms: int) -> Moved:
        """Judge an item and hold it.

        What belongs to an envelope that is not here waits for it, in bounded number.

        Raises:
            DoubledEnvelope: its maker has another that counts, or withdrew; or it is here already.
            BadEnvelope, BadSignature: it is not of this round, or nobody of the roster made it.
            BadShare: it is not the share or key of its envelope.
            SealExpired: a share after the date.
            OverLimit: too much waits already.
        """
        match item:
            case Envelope():
                return self._take_envelope(item, now_ms)
            case EnvelopeWithdrawal():
                return self._take_withdrawal(item)
            case ToldShare():
                if now_ms >= self.round.terms.expires_ms:
                    raise SealExpired("a share comes after the date")
                return self._take_share(item)
            case ToldKey():
                return self._take_key(item)

    def _take_envelope(self, envelope: Envelope, now_ms: int) -> Moved:
        late = now_ms >= self.round.terms.expires_ms
        self._refuse_doubled(envelope)
        checked = check_maker(self.round, envelope)
        if late and not self._key_waits(checked):
            self._wait_late(envelope)
            return Moved()
        dropped = self._drop(checked.tag)
        self._slots[checked.tag] = _Slot(checked)
        self._tags[checked.id] = checked.tag
        added: list[LooseItem] = [envelope]
        for moved in self._retry(checked.id):
            added += moved.added
            dropped += moved.dropped
        return _moved(added, dropped)

    def _refuse_doubled(self, envelope: Envelope) -> None:
        if envelope.tag in self._withdrawn:
            raise DoubledEnvelope("its maker has taken it back")
        held = self._slots.get(envelope.tag)
        if held is not None and held.checked.id <= envelope.id:
            raise DoubledEnvelope("its maker has signed already")

    def _take_withdrawal(self, withdrawal: EnvelopeWithdrawal) -> Moved:
        tag = check_withdrawal(self.round, withdrawal)
        held = self._withdrawn.get(tag)
        if held is not None and item_id(held) <= item_id(withdrawal):
            raise DoubledEnvelope("it was taken back already")
        dropped = [item_id(held)] if held is not None else []
        self._withdrawn[tag] = withdrawal
        return _moved([withdrawal], [*dropped, *self._drop(tag)])

    def _take_share(self, told: ToldShare) -> Moved:
        tag = self._tags.get(told.envelope)
        if tag is None:
            self._wait(told)
            return Moved()
        slot = self._slots[tag]
        check_share(self.round, slot.checked, told)
        if slot.key is not None or told.member in slot.shares:
            raise DoubledEnvelope("the share is here, or needed no more")
        slot.shares[told.member] = told
        if len(slot.shares) < self.round.terms.shares_needed or slot.state is State.FALSE:
            return Moved(added=(told,))
        return self._open(slot, told)

    def _open(self, slot: _Slot, last: ToldShare) -> Moved:
        shares = {member: told.share for member, told in slot.shares.items()}
        try:
            signed, key = open_with_shares(self.round, slot.checked, shares)
        except BadEnvelope:
            # So many sound shares give the key of any envelope that was made as it should be. They stay, so
            # that others find the same.
            slot.state = State.FALSE
            return Moved(added=(last,))
        dropped = [item_id(told) for member, told in slot.shares.items() if member != last.member]
        slot.shares.clear()
        slot.key, slot.signed, slot.state = key, signed, State.OPEN
        return _moved([key], dropped)

    def _take_key(self, told: ToldKey) -> Moved:
        tag = self._tags.get(told.envelope)
        if tag is None:
            waiting = self._envelope_waits(told.envelope)
            if waiting is None:
                self._wait(told)
                return Moved()
            open_with_key(self.round, check_maker(self.round, waiting), told)
            self._wait(told)
            return self._take_envelope(waiting, self.round.terms.expires_ms)
        slot = self._slots[tag]
        if slot.key is not None:
            raise DoubledEnvelope("the key is here")
        try:
            slot.signed = open_with_key(self.round, slot.checked, told)
            slot.state = State.OPEN
        except BadEnvelope:
            slot.state = State.FALSE
        dropped = [item_id(share) for share in slot.shares.values()]
        slot.shares.clear()
        slot.key = told
        return _moved([told], dropped)

    # --- What waits

    def _wait(self, item: SealedItem) -> None:
        if item_id(item) in self._waiting:
            return
        if len(self._waiting) >= _WAITING_PER_MEMBER * self.round.members:
            raise OverLimit("too much waits for envelopes that are not here")
        self._waiting[item_id(item)] = item

    def _wait_late(self, envelope: Envelope) -> None:
        """An envelope after the date: one of each maker waits for its key."""
        for item in self._waiting.values():
            if isinstance(item, Envelope) and item.tag == envelope.tag and item != envelope:
                raise OverLimit("another envelope of its maker waits already")
        self._wait(envelope)

    def _envelope_waits(self, envelope: bytes) -> Envelope | None:
        for item in self._waiting.values():
            if isinstance(item, Envelope) and item.id == envelope:
                return item
        return None

    def _key_waits(self, checked: Checked) -> bool:
        """Whether a key waits that opens this one."""
        for item in self._waiting.values():
            if isinstance(item, ToldKey) and item.envelope == checked.id:
                try:
                    open_with_key(self.round, checked, item)
                except (BadEnvelope, BadShare):
                    continue
                return True
        return False

    def _retry(self, envelope: bytes) -> list[Moved]:
        """An envelope came: what waited for it is judged; what does not fit it is nobody's, and goes."""
        found = []
        for name, item in list(self._waiting.items()):
            if isinstance(item, Envelope) and item.id == envelope:
                del self._waiting[name]
            if not isinstance(item, ToldShare | ToldKey) or item.envelope != envelope:
                continue
            del self._waiting[name]
            try:
                found.append(self._take_share(item) if isinstance(item, ToldShare) else self._take_key(item))
            except (BadEnvelope, BadShare, DoubledEnvelope):
                continue
        return found

    def _drop(self, tag: bytes) -> list[OperationId]:
        slot = self._slots.pop(tag, None)
        if slot is None:
            return []
        del self._tags[slot.checked.id]
        return [item_id(item) for item in slot.items()]

    # --- What goes

    def tell(self, *, member: int, trustee: AgreementKey, now_ms: int) -> tuple[ToldShare, ...]:
        """My shares that are due and not here yet; the caller takes each of them, and sends it.

        An envelope without a sound share for me is passed over; others' shares may open it.
        """
        due = []
        for checked in self.standing(now_ms).openable:
            slot = self._slots[checked.tag]
            if slot.state is not State.SHUT or member in slot.shares or checked.id in self._told:
                continue
            try:
                told = tell_share(self.round, checked, member=member, trustee=trustee, now_ms=now_ms)
            except BadShare:
                self._told[checked.id] = None
            else:
                due.append(told)
        return tuple(due)

    def expire(self) -> Moved:
        """The date is past: all that is shut or false goes. Erasing the trustee's key is the caller's."""
        dropped = []
        for tag, slot in list(self._slots.items()):
            if slot.state is not State.OPEN:
                dropped += self._drop(tag)
        self._waiting.clear()
        return _moved([], dropped)


def restore(round_: Round, items: Iterable[SealedItem], opened: Mapping[bytes, Signed]) -> Box:
    """The box from what a store kept of it: envelopes, withdrawals and keys, each of which `take` judged.

    Nothing is checked again: that would take seconds at a start. Shares are told anew.

    Args:
        opened: what came out of envelopes, by id.
    """
    box = Box(round_)
    told: list[ToldKey] = []
    for item in items:
        match item:
            case Envelope():
                one = Checked(envelope=item, id=item.id, tag=item.tag)
                box._slots[one.tag] = _Slot(one)
                box._tags[one.id] = one.tag
            case EnvelopeWithdrawal():
                box._withdrawn[item.tag] = item
            case ToldKey():
                told.append(item)
            case ToldShare():
                continue
    for key in told:
        slot = box._slots[box._tags[key.envelope]]
        slot.key, slot.signed = key, opened.get(key.envelope)
        slot.state = State.OPEN if slot.signed is not None else State.FALSE
    return box


def _moved(added: Iterable[LooseItem], dropped: Iterable[OperationId]) -> Moved:
    """Net: what was added and dropped at once was never there."""
    kept = {item_id(item): item for item in added}
    gone = dict.fromkeys(dropped)
    both = [name for name in kept if name in gone]
    for name in both:
        del kept[name], gone[name]
    return Moved(added=tuple(kept.values()), dropped=tuple(gone))


def _by_id(slot: _Slot) -> bytes:
    return slot.checked.id
