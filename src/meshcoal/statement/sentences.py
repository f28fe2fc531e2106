"""What a check of a letter says: one English sentence for each key, with gaps for what was found.

Law: one table. The command reads it, and the page that checks itself is filled from it; other
languages have the same keys and gaps (`export/words/findings`). What stands before the first dot of a key is
the finding's code. A gap's name says what it holds, wherever it stands: see `GAPS`. A sentence that counts
has a form for each plural category of its language (CLDR), chosen by the gap `count`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final

from meshcoal.clock import iso_utc
from meshcoal.statement.counted_sentences import COUNTED_FINDINGS
from meshcoal.wire.naming import TO_ADDRESSEE

Value = str | int
Template = str | Mapping[str, str]  # forms by plural category, `other` among them


class Gap(enum.StrEnum):
    """What a gap holds, and so how it is shown."""

    NAME = "name"  # of somebody; empty where only the addressee is told
    NUMBER = "number"
    TIME = "time"  # Unix milliseconds
    CODE = "code"  # what is compared sign by sign
    ENGLISH = "english"  # words of a refusal, which are in English only


GAPS: Final[Mapping[str, Gap]] = {
    "name": Gap.NAME,
    "other": Gap.NAME,
    "count": Gap.NUMBER,
    "number": Gap.NUMBER,
    "place": Gap.NUMBER,
    "witnesses": Gap.NUMBER,
    "at": Gap.TIME,
    "digest": Gap.CODE,
    "witness": Gap.CODE,
    "day": Gap.CODE,
    "language": Gap.CODE,
    "direction": Gap.CODE,
    "detail": Gap.ENGLISH,
}

FINDINGS: Final[Mapping[str, Template]] = {
    "malformed-package": "This is not a sound package file: {detail}.",
    "over-limit": "This is not a sound package file: {detail}.",
    "text-digest.ok": "The text has the digest {digest}.",
    "text-digest.changed": "The text was changed: it does not have the digest that was signed.",
    "text-form": "The text is not in the form of a statement: {detail}.",
    "direction": "The text in `{language}` is said to run {direction}, but does not.",
    "rules": "The statement was made under rules that this version does not know.",
    "version": "This is version {number} of the letter. It replaces the text with the digest {digest}: what "
    "was signed under that one does not count here.",
    "composition": "The text is not in composed form (NFC): typed anew it may differ.",
    "swapped-name": "Entry {place} carries the name {name}, but its key signed as {other}: swapped.",
    "signature": "Entry {place}, {name}: the signature does not hold. It was forged, made for another text, "
    "or the name or another detail was changed.",
    "order": "The list is not in its order.",
    "signatures": {
        "one": "The one signature holds for this digest.",
        "other": "All {count} signatures hold for this digest.",
    },
    "other-text": {
        "one": "The one signature holds for another text, whose digest the file names: nobody signed the "
        "text that stands here.",
        "other": "The {count} signatures hold for another text, whose digest the file names: nobody signed "
        "the text that stands here.",
    },
    "doubled.key": "Entry {place}, {name}: one key signed more than once.",
    "doubled.signature": "Entry {place}, {name}: its signature stands at another name too.",
    "same-name": "{count} entries carry the name {name}: perhaps the same signatory.",
    "name-mode": "Entry {place}, {name}: the letter does not permit this way of signing without a name.",
    "annex": "Named to the addressee only: {count}. Who they are stands in an annex, not in this file.",
    "condition": "Signed on a condition that this file does not tell: {count}. Who released the letter says "
    "by it that the conditions hold.",
    "logo.order": "The logos are not in order, each once, each of an entry.",
    "logo.picture": "The file holds something that is no logo: {detail}.",
    "logo-missing": "Logos that were signed and are not in this file: {count}.",
    "late": "Entry {place}, {name}, is dated {at}: behind the deadline.",
    "deadline": "All are dated before the deadline, {at}.",
    "languages-read": "{name} names a language in which the statement has no text.",
    "counts": "The counts that the package states are not those of its list.",
    "tally.ok": {
        "one": "The list is the one that was released: {count} sign-on.",
        "other": "The list is the one that was released: {count} sign-ons.",
    },
    "tally.changed": "The list is not the one that was released: an entry was changed, added or left out.",
    "empty": "Nobody signed.",
    "release.ok": "It was released on {at} by the key that signed so.",
    "release.forged": "The signature under the release does not hold: list, digest or time was changed.",
    "embargo": "It is not to be published before {at}.",
    "clocks": "A sign-on is dated behind the release: somebody's clock is wrong.",
    "addendum": {
        "one": "Addendum {number}, published on {at}, adds {count} sign-on.",
        "other": "Addendum {number}, published on {at}, adds {count} sign-ons.",
    },
    "addendum-order": "The addenda do not stand in the order of their numbers, each once.",
    "addendum-missing": "Addendum {number} is missing.",
    "addendum-release": "Addendum {number} belongs to another release.",
    "addendum-chain": "Addendum {number} does not follow the one before it: it names another.",
    "addendum-tally": "The list of addendum {number} is not the one that was published: an entry was "
    "changed, added, moved or left out.",
    "addendum-empty": "Addendum {number} adds nobody, and tells of no withdrawal.",
    "addendum-signature": "The signature under addendum {number} does not hold: its number, list, time or "
    "place in the chain was changed.",
    "addendum-late": "Dated behind the deadline, in the addenda: {count}.",
    "signature.addendum": "Addendum {number}, entry {place}, {name}: the signature does not hold. It was "
    "forged, made for another text, or the name or another detail was changed.",
    "doubled.addendum": "Addendum {number}, entry {place}, {name}: its key stands on the list already.",
    "name-mode.addendum": "Addendum {number}, entry {place}, {name}: the letter does not permit this way of "
    "signing without a name.",
    "order.addendum": "The list of addendum {number} is not in its order.",
    "doubled-withdrawal.addendum": "The withdrawals of addendum {number} are not in order, each once.",
    "withdrawal.addendum": "Addendum {number}: a withdrawal belongs to nobody who stood on the list "
    "before it.",
    "withdrawal.addendum-signature": "Addendum {number}: the signature under the withdrawal of {name} does "
    "not hold.",
    "withdrawn.addendum": "{name} withdrew on {at}: addendum {number} says so.",
    "clocks.addendum": "Addendum {number} is dated before what it follows: somebody's clock is wrong.",
    "doubled-withdrawal": "The withdrawals are not in order, each once.",
    "withdrawal.stray": "A withdrawal belongs to no sign-on on the list.",
    "withdrawal.forged": "The signature under the withdrawal of {name} does not hold.",
    "withdrawn": "{name} withdrew on {at}, too late for the released list.",
    "doubled-withdrawal.paper": "The withdrawals of lines on paper are not in order, each once.",
    "paper": "On paper: {count}, entered by witnesses: {witnesses}. Their signatures hold.",
    "paper-rule": "The letter does not permit signatures on paper.",
    "paper-signature": "Sheet {number} of the witness with the key {witness}: the witness's signature does "
    "not hold. It was forged, made for another text, or a name or another detail was changed.",
    "paper-order": "The sheets of paper or their lines are not in their order, each once.",
    "paper-late": "Sheet {number} of the witness with the key {witness} is dated {day}: behind the deadline.",
    "paper-left-out": "Lines on these sheets that are not on the list, and are not told: {count}.",
    "paper-same-name": "{count} entries, on paper or by a key, carry the name {name}: perhaps the same "
    "signatory.",
    "paper-same-scan": "{count} sheets name one scan: a file with several sheets, or a sheet entered twice.",
    "paper-withdrawal.stray": "A withdrawal belongs to no line of a sheet on the list, or is of nobody who "
    "may take it back.",
    "paper-withdrawal.forged": "The signature under a withdrawal from sheet {number} of the witness with the "
    "key {witness} does not hold.",
    "paper-withdrawn": "{name}, on paper, was taken back on {at}, too late for the released list.",
    **COUNTED_FINDINGS,
    "page.ok": "The page is, byte for byte, the one that this version makes of this package.",
    "page.other": "The page is not the one that this version makes of this package: another version made it, "
    "or somebody changed what it shows. Believe what is printed here, not what the page shows.",
    "pdf.ok": "The PDF is, byte for byte, the one that this version makes of this package.",
    "pdf.other": "What the PDF shows was not found to be what the package says: another version made it, "
    "with other fonts, or somebody changed what it shows. Believe what is printed here, not what the PDF "
    "shows.",
    "pdf.fonts": "What the PDF shows was not found to be what the package says: its fonts are not "
    "on this machine. Believe what is printed here, not what the PDF shows.",
    "pdf.typst": "What the PDF shows was not found to be what the package says: typst, which sets it, is not "
    "installed here. Believe what is printed here, not what the PDF shows.",
    "pdf.none": "What the PDF shows was not found to be what the package says: no PDF can be made of it. "
    "Believe what is printed here, not what the PDF shows.",
}

CANNOT_KNOW: Final = (
    "Whether the people and organisations are who they say: each made their own key, and no authority "
    "vouches for it. Ask them, or compare with what they publish.",
    "Whether a network has as many members as it says, and whether somebody is what their role says.",
    "Whether the list is complete: the organiser who released it may have left sign-ons out.",
    "Whether somebody withdrew or signed later: a notice, or the last addenda, may be missing from this "
    "copy.",
    "Whether the times are true: each signatory's own clock told them.",
    "Whether another text was released to others: compare the digest.",
)
# Said as well where there are signatures on paper.
CANNOT_KNOW_OF_PAPER: Final = (
    "Whether the paper exists, and whether those people signed it: a witness says so. Ask the witness for "
    "the scan, and compare it (meshcoal verify FILE --scan SCAN).",
)

_GAP: Final = re.compile(r"{([a-z]+)}")


def english(key: str, values: Mapping[str, Value]) -> str:
    """The sentence in English, with times as ISO 8601: what the command says, and what is compared."""
    template = FINDINGS[key]
    if not isinstance(template, str):
        template = template["one" if values["count"] == 1 else "other"]
    return _GAP.sub(lambda gap: _plain(gap[1], values[gap[1]]), template)


def _plain(gap: str, value: Value) -> str:
    match GAPS[gap]:
        case Gap.TIME:
            assert isinstance(value, int), "a time is in milliseconds"
            return iso_utc(value)
        case Gap.NAME:
            return str(value) or TO_ADDRESSEE
        case Gap.NUMBER | Gap.CODE | Gap.ENGLISH:
            return str(value)
