"""How many shares there are is a rule, and who could break it early is said."""

from __future__ import annotations

import math
import pathlib
import sys
from dataclasses import replace
from typing import Any

import pytest

from meshcoal.errors import BadEnvelope, BadRing, MalformedSealed, UnsafeSeal
from meshcoal.limits import MEMBERS_MAX
from meshcoal.statement.sealed.terms import check_known, check_terms, choose
from meshcoal.wire.sealed import SealedRoster

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from sealedround import Coalition


@pytest.mark.parametrize("threshold", range(5, 40))
def test_the_rule(threshold: int) -> None:
    """Goal: k is max(t, ceil(n/3)+1), and n - max(2, ceil(n/4)) at most. Method: all sizes, by fractions."""
    for members in range(1, MEMBERS_MAX + 1):
        needed = max(threshold, math.ceil(members / 3) + 1)
        if needed > members - max(2, math.ceil(members / 4)):
            with pytest.raises(UnsafeSeal):
                choose(members, threshold)
        else:
            choice = choose(members, threshold)
            assert choice.shares_needed == needed
            assert choice.may_be_gone >= members / 4


def test_it_takes_seven_members_and_five_sign_ons() -> None:
    """Goal: small campaigns are told no. Method: both sides of the bounds."""
    assert choose(7).shares_needed == 5
    for members, threshold in ((6, 5), (12, 4), (12, 10), (MEMBERS_MAX + 1, 5)):
        with pytest.raises(UnsafeSeal):
            choose(members, threshold)


def test_strangers_must_not_be_able_to_open() -> None:
    """Goal: a founder who made up members learns nothing. Method: verified members one by one."""
    choice = choose(12)  # 5 shares open it
    assert choice.shares_needed == 5
    for verified in range(12):
        if choice.unverified(verified) >= 5:
            with pytest.raises(UnsafeSeal) as refused:
                check_known(choice, verified)
            assert f"Verify {choice.unverified(verified) - 4} more" in str(refused.value)
        else:
            check_known(choice, verified)


def test_the_words_hold_the_numbers() -> None:
    """Goal: the signer is told what protects her. Method: read each sentence."""
    told = choose(40, 10).sentences(30)
    assert told[0] == "No name is shown before 10 of 40 members have signed."
    assert told[1].startswith("15 of these 40 people could open it early")
    assert told[1].endswith("30 of them you verified in person.")
    assert "25 of their devices" in told[2]


def test_terms_for_another_roster_are_refused() -> None:
    """Goal: a drafter cannot pick accomplices. Method: terms of one roster beside another one."""
    one, other = Coalition(8), Coalition(8, label="made up ")
    check_terms(one.terms, one.roster)
    with pytest.raises(BadRing):
        check_terms(one.terms, other.roster)


@pytest.mark.parametrize("change", [{"shares_needed": 4}, {"shares_needed": 6}, {"threshold": 7}])
def test_numbers_beside_the_rule_are_refused(change: dict[str, Any]) -> None:
    """Goal: nobody lowers the number of shares. Method: each number changed."""
    coalition = Coalition(8)
    with pytest.raises(BadEnvelope):
        check_terms(replace(coalition.terms, **change), coalition.roster)


def test_every_term_makes_another_event() -> None:
    """Goal: tags are for these terms alone. Method: change each field; each id is another."""
    terms = Coalition(8).terms
    changes: list[dict[str, Any]] = [
        {"campaign": bytes(32)}, {"statement": bytes(32)}, {"roster": bytes(32)},
        {"shares_needed": 6}, {"threshold": 6}, {"expires_ms": 1},
    ]  # fmt: skip
    ids = [terms.id, *[replace(terms, **one).id for one in changes]]
    assert len(set(ids)) == 7


def test_a_roster_has_each_key_once_and_one_order() -> None:
    """Goal: nobody stands in it twice. Method: disorder, and a doubled ring key."""
    entries = Coalition(7).roster.entries
    wrong = [
        tuple(reversed(entries)),
        (*entries[:6], entries[5]),
    ]
    for one in wrong:
        with pytest.raises(MalformedSealed):
            SealedRoster(entries=one)
    assert SealedRoster.of(tuple(reversed(entries))).digest == Coalition(7).roster.digest
