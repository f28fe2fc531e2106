"""What a check says of those who are counted and not named: a part of `statement.sentences`.

Law: as there: one sentence a key, the same gaps in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COUNTED_FINDINGS: Final[Mapping[str, str | Mapping[str, str]]] = {
    "counted-mode": "The letter does not permit members to be counted and not named.",
    "ring.broken": "The ring of members is not in order, or what stands in it is no key.",
    "in-ring.order": "What named members say of the ring is not in order, each once.",
    "in-ring.stray": "A key of the ring is said to be of somebody who is not on the list.",
    "in-ring.doubled": "{name} shares one key of the ring with somebody else on the list.",
    "in-ring.forged": "What {name} says of the ring does not hold: a key was swapped, or the ring was "
    "changed.",
    "counted-order": "Those who are counted and not named are not in their order.",
    "counted-doubled": "Number {place} of those who are counted and not named is counted before: one member "
    "twice.",
    "counted-named": "Number {place} of those who are counted and not named stands on the list by name as "
    "well.",
    "counted-signature": "Number {place} of those who are counted and not named: nobody of the ring signed "
    "this.",
    "counted-withdrawal.order": "What was taken back without a name is not in order, each once.",
    "counted-withdrawal.stray": "A withdrawal without a name belongs to nobody who is counted.",
    "counted-withdrawal.forged": "The signature under a withdrawal without a name does not hold.",
    "counts.unnamed": "The number of members that the package counts without a name is not that of its list.",
    "ring.nobody": "Nobody on the list attests that the {number} keys of the ring are of members: it is the "
    "word of whoever released the letter alone.",
    "ring.ok": {
        "one": "One named signatory attests that the {number} keys of the ring are of members, one each. "
        "That is their word: a file cannot show it.",
        "other": "{count} named signatories attest that the {number} keys of the ring are of members, one "
        "each. That is their word: a file cannot show it.",
    },
    "counted": {
        "one": "One member signed without a name, is none of those who say which key of the ring is theirs, "
        "and is among {number} whom nobody can tell apart.",
        "other": "{count} members signed without their names: different members, none of them among those "
        "who say which key of the ring is theirs, each among {number} whom nobody can tell apart.",
    },
    "counted-later": {
        "one": "One name in the addenda may be of a member who was counted at the release: nobody can tell.",
        "other": "{count} names in the addenda may be of members who were counted at the release: nobody can "
        "tell.",
    },
    "counted-withdrawn": {
        "one": "One member who was counted without a name took it back, too late for the released list, and "
        "is not counted here.",
        "other": "{count} members who were counted without their names took it back, too late for the "
        "released list, and are not counted here.",
    },
    "crowd.everybody": "All members of the ring who are not named have signed: that each of them did is no "
    "secret.",
    "crowd.small": "The crowd is small: those who are counted are among {count} members. Pressure on a few "
    "people could find out who.",
    "not-in-ring": {
        "one": "One entry says nothing of the ring, as somebody from outside it does. That they are not "
        "counted a second time is the word of those who attest the ring.",
        "other": "{count} entries say nothing of the ring, as people from outside it do. That none of them "
        "is counted a second time is the word of those who attest the ring.",
    },
}
