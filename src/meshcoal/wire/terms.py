"""Words that stand in operations, commands and views alike."""

from __future__ import annotations

import enum
from typing import Final


class Seat(enum.StrEnum):
    """Where a member stands; every rule can refer to it."""

    IN_COUNTRY = "in-country"
    EXILE = "exile"
    INGO = "ingo"
    OBSERVER = "observer"


DRAFT_SEATS: Final = (Seat.IN_COUNTRY, Seat.EXILE, Seat.INGO)  # who may write letters, unless rules say less


class Role(enum.StrEnum):
    """What a member may do. Any organiser may admit, remove, freeze and release: nobody is the only one."""

    ORGANISER = "organiser"
    MEMBER = "member"


class Capacity(enum.StrEnum):
    """In what capacity somebody signs a statement."""

    ORGANISATION = "organisation"
    INDIVIDUAL = "individual"
    AFFILIATED = "individual-affiliation-not-endorsing"
    NETWORK = "network"  # on behalf of so many member organisations


ORGANISATIONS: Final = frozenset({Capacity.ORGANISATION, Capacity.NETWORK})  # each counts as one


class NameMode(enum.StrEnum):
    """Under what a signatory stands on the public list. A freeze says which of these it permits."""

    NAMED = "named"
    ADDRESSEE = "addressee"  # the name goes to the addressee only, in an annex
    ROLE = "role"  # what they are is published instead of who
    COUNTED = "counted"  # nothing is told of them but that they are one of so many: no sign-on in a log


NAMED_ALONE: Final = (NameMode.NAMED,)


class Stance(enum.StrEnum):
    """What a comment says of the text it is about."""

    REMARK = "remark"
    CHECKED = "checked"  # of a translation: I compared it with what it translates
    BLOCK = "block"  # we cannot sign with this
    STAND_ASIDE = "stand-aside"  # we do not sign with this, and hold nobody up
    REWORD = "reword"  # we sign if it says the following
    AGREE = "agree"  # of a frozen text: I agree that it goes out, whether I sign it or not


class Verdict(enum.StrEnum):
    """What somebody decides on a step of a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    ASK = "ask"  # something is to be answered first; the step stays open


RED_LINES: Final = frozenset({Stance.BLOCK, Stance.STAND_ASIDE, Stance.REWORD})


class CaseKind(enum.StrEnum):
    """What an entry of a case tells."""

    ANSWER = "answer"  # I have read the alert, and say what I do
    FACT = "fact"
    SOURCE = "source"  # who or what supports a fact, or the alert
    CONSENT = "consent"  # what those concerned say to publicity
    CLOSE = "close"  # nothing is left to do
    REOPEN = "reopen"


class Consent(enum.StrEnum):
    """What those concerned say to publicity."""

    NONE = ""  # the entry is not about it
    GIVEN = "given"
    LIMITED = "limited"  # only as the text of the entry says
    REFUSED = "refused"


class Consenter(enum.StrEnum):
    """Who speaks for those concerned."""

    NONE = ""  # the entry is not about it
    PERSON = "person"  # the person concerned
    FAMILY = "family"
    LAWYER = "lawyer"
    OTHER = "other"


class AftermathKind(enum.StrEnum):
    """What an entry of the log behind a release tells."""

    DELIVERY = "delivery"  # the letter was handed to somebody
    REPLY = "reply"  # what came back on a delivery
    FOLLOW_UP = "follow-up"  # when to ask again about an entry, or that it is done
    OUTCOME = "outcome"
    REPRISAL = "reprisal"
    LESSON = "lesson"


class Means(enum.StrEnum):
    """By which means a letter was delivered."""

    NONE = ""  # it is no delivery
    BY_HAND = "by-hand"
    POST = "post"
    EMAIL = "e-mail"
    MEETING = "meeting"
    WEB_FORM = "web-form"
    OTHER = "other"


class WordList(enum.StrEnum):
    """In which words keys are read aloud: the lists of `crypto.fingerprint`, in different scripts."""

    ENGLISH = "english"
    RUSSIAN = "russian"


class TalkAct(enum.StrEnum):
    """What a post does. All but the first are about an earlier message, and none shows from outside."""

    SAY = "say"
    REACT = "react"  # an emoji, in place of the author's one before; without one it is taken back
    EDIT = "edit"  # the author says it otherwise; what was said first is kept beside it
    TAKE_BACK = "take-back"  # the author's own, for good; or an organiser hides another's
    PIN = "pin"  # keep it in sight
    UNPIN = "unpin"
