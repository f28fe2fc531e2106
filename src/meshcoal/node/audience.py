"""Who is to open a bundle, and by which keys they can.

Law: nobody who is out is given a key: only epochs serve that nobody holds who is out, as far as is known
here. Of each member it is said whether they surely hold one of these keys: by what they themselves told or
wrote, and not by what was sent to them. Whoever may hold none is sealed to alone. Ours, unreviewed:
docs/protocol/bundle.md.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Final

from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.sealing import derive
from meshcoal.errors import OverLimit
from meshcoal.group.keyring import EpochKeys
from meshcoal.ids import AuthorId, EpochId, OperationId
from meshcoal.limits import BUNDLE_EPOCH_SLOTS, BUNDLE_MEMBER_SLOTS_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.wire import record
from meshcoal.wire.bundle import MINE_BYTES, Content

_MINE: Final = b"meshcoal bundle mine 1"
_PART: Final = b"meshcoal bundle part 1"
_LOOKED_AT_MAX: Final = 128  # epochs, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What the parts of one campaign are sealed to."""

    recipients: tuple[AuthorId, ...]
    epochs: tuple[bytes, ...]  # record keys
    members: tuple[bytes, ...]  # sealing keys
    doubtful: tuple[AuthorId, ...]  # of the recipients: there was no room for a key that they surely hold
    key: bytes  # of mine alone, and another for others: by it I know parts again

    def marked(self, content: Content) -> Content:
        """A part that I can know again: nobody else can make it, not even of another of mine."""
        blank = replace(content, mine=bytes(MINE_BYTES))
        return replace(content, mine=derive(self.key, _PART, record.encode(blank), MINE_BYTES))

    def is_mine(self, content: Content) -> bool:
        """Whether I wrote this part, for the same members."""
        return hmac.compare_digest(self.marked(content).mine, content.mine)


def audience_of(campaign: Campaign, chosen: tuple[AuthorId, ...], sealer: Sealer) -> Audience:
    """Keys for these members, or, where none is named, for all who are active; and for me.

    Raises:
        OverLimit: more are named than a part has slots for.
    """
    recipients = chosen or tuple([one for one in campaign.roster().active() if one != campaign.me])
    if len(chosen) >= BUNDLE_MEMBER_SLOTS_MAX:
        raise OverLimit(f"A bundle is for at most {BUNDLE_MEMBER_SLOTS_MAX - 1} members, or for all of them.")
    who = campaign.id + bytes([bool(chosen)]) + b"".join(sorted(recipients))
    key = derive(campaign.persona.link.private, _MINE, who)
    if chosen:
        publics = [_public(campaign, one) for one in chosen] + _mine(campaign, sealer)
        return Audience(recipients=chosen, epochs=(), members=tuple(publics), doubtful=(), key=key)
    epochs = _usable(campaign)
    taken: dict[EpochId, None] = dict.fromkeys(list(epochs)[:1])  # the newest: for whoever comes
    alone = []
    for member in recipients:
        if any(_holds(campaign, member, epoch, epochs[epoch]) for epoch in taken):
            continue
        found = next((one for one, keys in epochs.items() if _holds(campaign, member, one, keys)), None)
        if found is not None and len(taken) < BUNDLE_EPOCH_SLOTS:
            taken[found] = None
        else:
            alone.append(member)
    own = [] if taken else _mine(campaign, sealer)
    room = BUNDLE_MEMBER_SLOTS_MAX - len(own)
    return Audience(
        recipients=recipients,
        epochs=tuple([epochs[epoch].record for epoch in taken]),
        members=tuple([_public(campaign, one) for one in alone[:room]] + own),
        doubtful=tuple(alone[room:]),
        key=key,
    )


def _usable(campaign: Campaign) -> dict[EpochId, EpochKeys]:
    """Epochs whose record key is held here, and by nobody who is out; the newest first."""
    out = campaign.out()
    view = campaign.view()
    numbered = sorted([(began.number, epoch) for epoch, began in view.began.items()], reverse=True)
    found = {}
    for _, epoch in numbered[:_LOOKED_AT_MAX]:
        keys = campaign.keyring.epochs.get(epoch)
        if keys is None or not keys.record or not keys.proven:
            continue
        if out.isdisjoint(keys.covered) and out.isdisjoint(keys.readers):
            found[epoch] = keys
    return found


def _holds(campaign: Campaign, member: AuthorId, epoch: EpochId, keys: EpochKeys) -> bool:
    """Whether a member surely holds an epoch's record key: was given it, and has what gave it."""
    if keys.lacked_by(member):
        return False
    place = campaign.dag.place(OperationId(epoch))
    if place is None:
        return False
    return place.author == member or campaign.holders.upto(member, place.author) >= place.seq


def _public(campaign: Campaign, member: AuthorId) -> bytes:
    """The sealing key of a member that does not go with its first use."""
    published = campaign.keyring.bundles.get(member)
    if published is not None:
        return published.bundle.last_resort
    return campaign.roster().members[member].card.seal


def _mine(campaign: Campaign, sealer: Sealer) -> list[bytes]:
    bundles = campaign.keyring.prekeys.bundles
    return [sealer.public_of(bundles[-1].last_resort.seed)] if bundles else []
