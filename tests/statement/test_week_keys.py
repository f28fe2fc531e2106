"""Keys of a week: one's own, in one roster, and gone when they have served."""

from __future__ import annotations

from dataclasses import replace

import pytest

from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.errors import BadKey, BadRing, BadSignature, OverLimit
from meshcoal.ids import AuthorId
from meshcoal.limits import WEEK_KEYS_AGE_MS
from meshcoal.statement.sealed.keys import (
    NO_WEEKS,
    begin_week,
    check_week,
    gather,
    is_due,
    mine,
    prune,
)
from meshcoal.statement.sealed.terms import make_terms
from meshcoal.wire import record
from meshcoal.wire.sealed import SealedRoster, SealedTerms
from meshcoal.wire.week_keys import WEEKS_KEPT_MAX, HeldWeeks, WeekKeys

CAMPAIGN, NOW_MS = b"c" * 32, 20_000 * DAY_MS
AUTHORS = [AuthorId(bytes([number]) * 32) for number in range(8)]
ACTS = {author: bytes([100 + author[0]]) * 32 for author in AUTHORS}


def week(at: int, held: HeldWeeks = NO_WEEKS, now_ms: int = NOW_MS) -> tuple[HeldWeeks, WeekKeys]:
    entropy = SeededEntropy(f"{at} {len(held.weeks)} {now_ms}".encode())
    return begin_week(held, campaign=CAMPAIGN, author=AUTHORS[at], entropy=entropy, now_ms=now_ms)


def terms_of(roster: SealedRoster, expires_ms: int) -> SealedTerms:
    return make_terms(
        campaign=CAMPAIGN, statement=bytes(32), roster=roster, threshold=5, expires_ms=expires_ms
    )


def test_keys_are_shown_to_be_one_s_own() -> None:
    """Goal: nobody stands in the roster with another's key. Method: published keys under another name, in
    another campaign, with another trustee key, with a proof of another ring key, of small order."""
    _, keys = week(0)
    check_week(keys, campaign=CAMPAIGN, author=AUTHORS[0])
    with pytest.raises(BadSignature):
        check_week(keys, campaign=CAMPAIGN, author=AUTHORS[1])
    with pytest.raises(BadSignature):
        check_week(keys, campaign=bytes(32), author=AUTHORS[0])
    _, other = week(1)
    for wrong in (replace(keys, trustee=other.trustee), replace(keys, ring=other.ring)):
        with pytest.raises(BadSignature):
            check_week(wrong, campaign=CAMPAIGN, author=AUTHORS[0])
    for wrong in (replace(keys, trustee=bytes(32)), replace(keys, ring=bytes(32))):
        with pytest.raises(BadKey):
            check_week(wrong, campaign=CAMPAIGN, author=AUTHORS[0])


def test_secrets_fit_what_is_published() -> None:
    """Goal: what is held opens what is sealed. Method: make both publics again, from the stored bytes."""
    held, keys = week(3)
    stored = record.decode(HeldWeeks, record.encode(held))
    assert RingKey(stored.weeks[0].ring_seed).public == keys.ring
    assert AgreementKey(stored.weeks[0].trustee).public == keys.trustee


def test_a_week_later_new_ones_are_due() -> None:
    """Goal: a key does not outlive its week. Method: a moment before and at the week; none at all."""
    held, keys = week(0)
    assert is_due(NO_WEEKS, NOW_MS)
    assert not is_due(held, NOW_MS + WEEK_KEYS_AGE_MS - 1)
    assert is_due(held, NOW_MS + WEEK_KEYS_AGE_MS)
    later, fresh = week(0, held, NOW_MS + WEEK_KEYS_AGE_MS)
    assert fresh.ring != keys.ring
    assert fresh.trustee != keys.trustee
    assert len(later.weeks) == 2


def test_keys_go_with_their_round() -> None:
    """Goal: after the date nothing opens. Method: three weeks; a round of the first is under way until it
    is not; the newest stays always."""
    all_held = {at: week(at) for at in range(8)}
    published = {AUTHORS[at]: keys for at, (_, keys) in all_held.items()}
    roster = gather(ACTS, published)
    terms = terms_of(roster, NOW_MS + 30 * DAY_MS)
    held = all_held[0][0]
    for number in (1, 2):
        held, _ = week(0, held, NOW_MS + number * WEEK_KEYS_AGE_MS)
    kept = prune(held, [(terms, roster)], NOW_MS + 20 * DAY_MS)
    assert kept.weeks == (held.weeks[0], held.weeks[2])
    place, secrets = mine(kept, roster)
    assert roster.entries[place - 1].ring == secrets.public.ring
    after = prune(kept, [(terms, roster)], terms.expires_ms)
    assert after.weeks == (held.weeks[2],)
    with pytest.raises(BadKey):
        mine(after, roster)
    assert prune(NO_WEEKS, [], NOW_MS) == NO_WEEKS


def test_the_roster_is_of_those_who_published() -> None:
    """Goal: all nodes make one roster of one log. Method: some without keys, strangers with keys, another
    order; two with one key, of whom the lesser author stands; none at all."""
    published = {AUTHORS[at]: week(at)[1] for at in range(7)}
    roster = gather(ACTS, published)
    assert len(roster.entries) == 7
    backwards = gather(dict(reversed(ACTS.items())), {**published, AuthorId(b"s" * 32): week(7)[1]})
    assert backwards.digest == roster.digest
    doubled = gather(ACTS, {**published, AUTHORS[7]: published[AUTHORS[0]]})
    assert doubled.digest == roster.digest
    with pytest.raises(BadRing):
        gather(ACTS, {})


def test_weeks_are_bounded() -> None:
    """Goal: nothing piles up. Method: one week more than are kept."""
    one = week(0)[0].weeks[0]
    full = HeldWeeks(weeks=(one,) * WEEKS_KEPT_MAX)
    with pytest.raises(OverLimit):
        week(0, full)
