"""What became of sign-ons on a text that was changed since.

Law: nobody's signature carries over; who signed an earlier version only is asked anew.
"""

from __future__ import annotations

from meshcoal.ids import Digest
from meshcoal.statement.model import Frozen, Lapsed
from meshcoal.statement.tally import Ledger


def lapsed_of(versions: list[Frozen], ledgers: dict[Digest, Ledger]) -> tuple[Lapsed, ...]:
    """What stood on an earlier version, of those who never signed the one that holds."""
    if not versions:
        return ()
    signed = set(ledgers[versions[-1].digest].last)
    found = []
    for frozen in reversed(versions[:-1]):
        ledger = ledgers[frozen.digest]
        for author, sign_on in ledger.last.items():
            if author not in signed:
                signed.add(author)
                if sign_on.id not in ledger.withdrawals:
                    found.append(Lapsed(sign_on=sign_on, frozen=frozen))
    return tuple(sorted(found, key=lambda lapsed: lapsed.sign_on.act_key))
