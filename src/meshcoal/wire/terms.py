"""Words that stand in operations, commands and views alike."""

from __future__ import annotations

import enum


class Seat(enum.StrEnum):
    """Where a member stands; every rule can refer to it."""

    IN_COUNTRY = "in-country"
    EXILE = "exile"
    INGO = "ingo"
    OBSERVER = "observer"


class Role(enum.StrEnum):
    """What a member may do. Any organiser may admit, remove, freeze and release: nobody is the only one."""

    ORGANISER = "organiser"
    MEMBER = "member"


class Capacity(enum.StrEnum):
    """In what capacity somebody signs a statement."""

    ORGANISATION = "organisation"
    INDIVIDUAL = "individual"
    AFFILIATED = "individual-affiliation-not-endorsing"


class Stance(enum.StrEnum):
    """What a comment says of the text it is about: all but a remark are red lines."""

    REMARK = "remark"
    BLOCK = "block"  # we cannot sign with this
    STAND_ASIDE = "stand-aside"  # we do not sign with this, and hold nobody up
    REWORD = "reword"  # we sign if it says the following


class WordList(enum.StrEnum):
    """In which words keys are read aloud: the lists of `crypto.fingerprint`, in different scripts."""

    ENGLISH = "english"
    RUSSIAN = "russian"
