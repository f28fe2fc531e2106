"""Where replies to calls are opened: with the keys that are here, each reply once.

Law: a call's key is put together from the parts of enough holders each time it is needed, and kept nowhere
whole. A withdrawal that holds needs nobody's consent. What cannot be read is told by its code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.crypto.agreement import Sealer
from meshcoal.errors import (
    BadEnvelope,
    BadKey,
    BadSeal,
    BadShare,
    BadSignature,
    MalformedPackage,
    MalformedReply,
    MeshcoalError,
    OverLimit,
)
from meshcoal.ids import AuthorId
from meshcoal.limits import REPLIES_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.replies import Replies, ReplyRecord, likeness, reply_id
from meshcoal.node.step import Step
from meshcoal.statement import outside, replies
from meshcoal.statement.model import Called, Frozen, Statement
from meshcoal.wire.outsider import OutsiderWithdrawal, Said, said_digest

Openers = tuple[tuple[Called, replies.Opener], ...]


class ReplyDesk:
    """Takes replies in one after another, within one step."""

    def __init__(self, campaign: Campaign, statement: Statement, step: Step) -> None:
        self._step = step
        self._kept = Replies(campaign.reader, campaign.id, statement.id)
        self._count = self._kept.count()
        self._on_letter = {
            reply_id(one.sign_on.said.act_key, one.sign_on.text_digest): one for one in statement.outside
        }
        self._keys = {one.sign_on.said.act_key for one in statement.outside}  # and of those of this step
        self._now: set[bytes] = set()  # ids of those that came in this step
        self._back: set[bytes] = set()  # taken back in this step
        self._withdrawn: dict[bytes, dict[bytes, OutsiderWithdrawal]] = {}  # by letter, then id

    def take(self, sealed: bytes, openers: Openers) -> show.ImportedOneView:
        """Open one reply with the keys that are here, and keep what it says.

        Raises:
            OverLimit: more wait for a decision than this device keeps.
        """
        error: MeshcoalError = BadSeal("no call's key opens it")
        for called, opener in openers:
            try:
                said = opener.open(sealed)
            except BadSeal:
                continue
            except (MalformedReply, MalformedPackage, BadKey, BadSignature) as exc:
                error = exc
                break
            return self._note(called, said)
        return show.ImportedOneView(outcome=show.Imported.REFUSED, code=error.code, id=b"")

    def withdrawn(self) -> list[tuple[bytes, list[OutsiderWithdrawal]]]:
        """What is to be taken off each version of the letter."""
        return [(letter, list(taken.values())) for letter, taken in sorted(self._withdrawn.items())]

    def _note(self, called: Called, said: Said) -> show.ImportedOneView:
        if isinstance(said, OutsiderWithdrawal):
            identifier = reply_id(said.act_key, said.sign_on)
            self._take_back(called, identifier, said)
            return show.ImportedOneView(outcome=show.Imported.WITHDRAWAL, code="", id=identifier)
        identifier = reply_id(said.act_key, said_digest(called.body.digest, said))
        outcome = show.Imported.NEW
        if identifier in self._on_letter or identifier in self._now or self._kept.get(identifier):
            outcome = show.Imported.KNOWN
        elif identifier in self._back or self._kept.taken_back(identifier):
            outcome = show.Imported.WITHDRAWAL  # it was taken back before it came
        elif self._count >= REPLIES_MAX:
            raise OverLimit(f"More than {REPLIES_MAX} replies wait here: decide on some first.")
        else:
            if said.act_key in self._keys or self._kept.has_key(said.act_key):
                outcome = show.Imported.FURTHER
            self._keys.add(said.act_key)
            self._now.add(identifier)
            self._count += 1
            record = ReplyRecord(
                letter=called.body.digest,
                said=said,
                state=ask.ReplyState.WAITING,
                note="",
                read_ms=self._step.now_ms,
                like=likeness(said),
            )
            self._kept.put(self._step, identifier, record)
        return show.ImportedOneView(outcome=outcome, code="", id=identifier)

    def _take_back(self, called: Called, identifier: bytes, said: OutsiderWithdrawal) -> None:
        """Off the letter if it is there, and never onto it if it is not."""
        standing = self._on_letter.get(identifier)
        if standing is not None:
            if standing.withdrawal is None:
                self._withdrawn.setdefault(called.body.digest, {})[identifier] = said
            return
        self._now.discard(identifier)
        self._kept.erase(self._step, identifier)
        self._back.add(identifier)
        self._kept.take_back(self._step, said)


def openers(
    campaign: Campaign, statement: Statement, sealer: Sealer, count: Callable[[str], None]
) -> Openers:
    """Each call whose key is here whole; the newest first."""
    found = []
    for called in reversed(statement.calls):
        frozen = frozen_of(statement, called)
        seed = seed_of(campaign, called, frozen, sealer, count) if frozen is not None else None
        if frozen is not None and seed is not None:
            found.append((called, replies.Opener(outside.call_of(called, frozen), seed, sealer)))
    return tuple(found)


def seed_of(
    campaign: Campaign, called: Called, frozen: Frozen, sealer: Sealer, count: Callable[[str], None]
) -> bytes | None:
    """The private half of a call's key, where my part and those that were passed to me are enough.

    Args:
        count: told the code of a part that is not what it should be.
    """
    body = called.body
    mine = outside.me_among(body.holders, campaign.me)
    if not mine:
        return None
    links, place, link = links_of(campaign, body.holders), frozen.digest, campaign.persona.link
    parts: dict[int, bytes] = {}
    try:
        parts[mine] = replies.own_part(body.shares, mine, link, body.needed, place)
    except BadShare as exc:
        count(exc.code)
    for author, grant in called.grants:
        at = outside.me_among(body.holders, author)
        if at != mine and len(parts) < body.needed:
            try:
                parts[at] = replies.passed_part(grant.share, at, mine, link, links, place)
            except (BadShare, BadEnvelope) as exc:
                count(exc.code)
    if len(parts) < body.needed:
        return None
    try:
        seed = replies.join_key(body.shares, parts, links, body.needed, place)
        replies.check_key(seed, body.key, sealer)
    except (BadShare, BadEnvelope, BadKey) as exc:
        count(exc.code)
        return None
    return seed


def frozen_of(statement: Statement, called: Called) -> Frozen | None:
    """The version of the letter that a call is for."""
    return outside.frozen_of(called.body.digest, statement.frozen, statement.replaced)


def links_of(campaign: Campaign, holders: Sequence[bytes]) -> tuple[bytes, ...]:
    """The X25519 keys on their cards; of somebody who never was a member, zeros, which no key is."""
    members = campaign.roster().members
    known = [members.get(AuthorId(one)) for one in holders]
    return tuple([member.card.link if member else bytes(32) for member in known])
