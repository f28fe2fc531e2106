"""Two members' nodes meet: which of the two lacks what?

Law: equal stores know each other by one short message each way. Whoever turns out to hold more says in which
logs it is ahead, before it sends them. What is spooled counts as held. A peer that says nothing of this is
sent nothing.
"""

from __future__ import annotations

from meshcoal.crypto.entropy import Entropy
from meshcoal.limits import AUTHORS_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Links
from meshcoal.node.step import Step
from meshcoal.sync.exchange import Exchange, held_of
from meshcoal.sync.reconcile import Reconciliation
from meshcoal.wire.frames import Frontier, Held, Message
from meshcoal.wire.reconciling import Agreed, Rungs


def begin(step: Step, links: Links, link: Link, campaign: Campaign, *, entropy: Entropy) -> None:
    """A link to a member stands: say what is held here, all in one digest."""
    assert link.session is not None
    assert link.exchange is not None
    link.reconciling = Reconciliation(
        campaign.spool,
        campaign.loose,
        operations=campaign.count + campaign.spool.beyond(),
        secret=link.session.handshake_hash,
        dialled=link.target is not None,
        entropy=entropy,
    )
    link.exchange.fill(filling=bool(campaign.spool))
    link.exchange.take_as_told(campaign.spool)
    links.say(step, link, [link.reconciling.digest])


def hear(
    step: Step, links: Links, link: Link, exchange: Exchange, campaign: Campaign, message: Message
) -> Frontier | None:
    """Act on a word of the comparison.

    Returns:
        Once, when nothing more is awaited: what the peer holds of the logs that are held here.

    Raises:
        RemoteError: said out of turn, or more than was asked for.
    """
    reconciling = link.reconciling
    assert reconciling is not None, "a link to a member begins with a digest"
    before = reconciling.done
    outcome = reconciling.hear(message)
    done = reconciling.done
    links.say(step, link, outcome.say)
    links.say(step, link, campaign.rounds.packed(outcome.send))
    said = exchange.on_compared(
        outcome.holds,
        campaign.spool,
        done=done,
        relayed=campaign.relays,
        parted=isinstance(message, (Rungs, Agreed)),
    )
    if done and not before and reconciling.told_ends:
        ahead = exchange.behind(campaign.spool)
        if ahead:
            held = tuple([held_of(campaign.spool, author) for author in ahead[:AUTHORS_MAX]])
            links.say(step, link, [Frontier(whole=False, held=held)])
    links.say(step, link, said)
    if not done or before:
        return None
    link.opening = not reconciling.told_ends
    mine = campaign.spool
    entries = []
    for author, seq in exchange.theirs.items():
        if seq >= 0:
            # Of what is beyond mine the mark is not known, and not asked for.
            mark = mine.mark(author, min(seq, mine.top(author))) if mine.top(author) >= 0 else bytes(16)
            entries.append(Held(author=author, seq=seq, mark=mark))
    return Frontier(whole=True, held=tuple(entries))
