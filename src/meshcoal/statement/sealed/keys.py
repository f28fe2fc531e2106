"""Keys of a week: made, shown to be one's own, gathered into a roster, erased.

Law: a secret half is held as long as a round that names it can still open, and the newest for the next round;
not a day longer. What stayed shut in a round is then shut for good, and a seized device tells nothing of
rounds that are over. Ours, unreviewed: docs/protocol/sealed-signons.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from meshcoal.crypto import ring
from meshcoal.crypto.agreement import AgreementKey, check_agreement_public
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.ring import Ring, RingKey
from meshcoal.errors import BadKey, BadRing, BadSignature, OverLimit
from meshcoal.ids import AuthorId
from meshcoal.limits import WEEK_KEYS_AGE_MS
from meshcoal.wire.sealed import RosterEntry, SealedRoster, SealedTerms
from meshcoal.wire.week_keys import (
    WEEKS_KEPT_MAX,
    HeldWeeks,
    WeekKeys,
    WeekSecrets,
    possession_event,
)

NO_WEEKS = HeldWeeks(weeks=())


def begin_week(
    held: HeldWeeks, *, campaign: bytes, author: bytes, entropy: Entropy, now_ms: int
) -> tuple[HeldWeeks, WeekKeys]:
    """Fresh keys; what is published of them goes into the member's log.

    Raises:
        OverLimit: too many rounds are under way; `prune` first.
    """
    if len(held.weeks) >= WEEKS_KEPT_MAX:
        raise OverLimit(f"keys of at most {WEEKS_KEPT_MAX} weeks are held")
    seed, private = entropy.take(ring.SEED_BYTES), entropy.take(32)
    key, trustee = RingKey(seed), AgreementKey(private)
    proof = key.sign(Ring((key.public,)), possession_event(campaign, author), trustee.public, entropy)
    public = WeekKeys(ring=key.public, trustee=trustee.public, proof=proof)
    fresh = WeekSecrets(ring_seed=seed, trustee=private, public=public, since_ms=now_ms)
    return HeldWeeks(weeks=(*held.weeks, fresh)), public


def is_due(held: HeldWeeks, now_ms: int) -> bool:
    """Whether the newest keys are a week old, or there are none."""
    return not held.weeks or now_ms - held.weeks[-1].since_ms >= WEEK_KEYS_AGE_MS


def check_week(keys: WeekKeys, *, campaign: bytes, author: bytes) -> None:
    """Return only if whoever writes this log holds the ring key that it publishes.

    Raises:
        BadKey: a key is not sound.
        BadSignature: they do not show to hold it.
    """
    check_agreement_public(keys.trustee)
    try:
        one = Ring((keys.ring,))
    except BadRing as exc:
        raise BadSignature("a ring of one key") from exc
    ring.verify(one, possession_event(campaign, author), keys.trustee, keys.proof)


def prune(
    held: HeldWeeks,
    rounds: Iterable[tuple[SealedTerms, SealedRoster]],
    now_ms: int,
    *,
    rings: frozenset[bytes] = frozenset(),
) -> HeldWeeks:
    """What is still needed: the newest keys, and those that a round names whose date is not past.

    The store erases the rest, as it does with other keys.

    Args:
        rings: ring keys that others still need.
    """
    needed = {
        key
        for terms, roster in rounds
        if now_ms < terms.expires_ms
        for entry in roster.entries
        for key in (entry.ring, entry.trustee)
    }
    kept = [
        week
        for week in held.weeks
        if week is held.weeks[-1] or week.public.ring in needed | rings or week.public.trustee in needed
    ]
    return HeldWeeks(weeks=tuple(kept))


def gather(members: Mapping[AuthorId, bytes], published: Mapping[AuthorId, WeekKeys]) -> SealedRoster:
    """The roster of those members who have published keys that were checked.

    Two who published one ring key hold it both, and are one person or in league: the lesser author stands.

    Args:
        members: act key of each active member.
        published: the newest keys of each, as the log stands where the statement is frozen.

    Raises:
        BadRing: nobody has.
    """
    found: dict[bytes, RosterEntry] = {}
    for author, act in sorted(members.items()):
        keys = published.get(author)
        if keys is not None and keys.ring not in found:
            found[keys.ring] = RosterEntry(ring=keys.ring, act=act, trustee=keys.trustee)
    if not found:
        raise BadRing("no member has published keys to seal for")
    return SealedRoster.of(tuple(found.values()))


def mine(held: HeldWeeks, roster: SealedRoster) -> tuple[int, WeekSecrets]:
    """My place in a roster, from 1, and my secrets there.

    Raises:
        BadKey: none of the keys held is in it: I was no member then, or have erased them.
    """
    for week in held.weeks:
        for place, entry in enumerate(roster.entries, start=1):
            if entry.ring == week.public.ring and entry.trustee == week.public.trustee:
                return place, week
    raise BadKey("no key held here is in this roster")
