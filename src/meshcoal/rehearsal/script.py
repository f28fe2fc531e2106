"""The case, step by step, as data: who does what, and when it waits for the person who takes part.

Law: a step says everything about itself; how it is carried out is told in `performance`, once for each kind
of act. The steps of `cast.USER` are the person's: in the headless form the program takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.clock import DAY_MS
from meshcoal.rehearsal import cast
from meshcoal.rehearsal.cast import ALERTS, ANA, BEN, CHI, DOV, FARAH, INES, LETTER, Part
from meshcoal.rehearsal.coach import marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    channel: str
    text: str
    to_user: bool = False  # in reply to what the person wrote last


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend:
    """A new text of a language; the first one in a further language is a translation."""

    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    language: str
    paragraph: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    addressees: tuple[str, ...]
    lifetime_ms: int  # from now to the deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """As the part's `signs` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOffline:
    """The node ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack:
    """The node starts again, is unlocked, and fetches what it missed."""


Act = Say | Draft | Amend | Comment | Freeze | Sign | Withdraw | Release | GoOffline | ComeBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    who: Part
    act: Act
    told: str  # what happened, once it has
    asked: str = ""  # of the person, on steps of theirs


SCRIPT: Final = (
    Step(
        who=CHI,
        act=Say(channel=ALERTS, text=cast.ARREST),
        told=marked("Chi reports an arrest in #alerts."),
    ),
    Step(
        who=FARAH,
        act=Say(channel=ALERTS, text=cast.ARREST_IN_PERSIAN),
        told=marked("Farah adds in Persian what the families want."),
    ),
    Step(
        who=ANA,
        act=Say(channel=ALERTS, text=cast.ANA_ANSWERS),
        asked=marked(
            "You are Ana. An arrest was reported: open the campaign, read #alerts, and answer there."
        ),
        told=marked("Ana has read it and answers."),
    ),
    Step(
        who=BEN,
        act=Say(channel=ALERTS, text=cast.BEN_ANSWERS, to_user=True),
        told=marked("Ben answers, and begins to write."),
    ),
    Step(who=CHI, act=GoOffline(), told=marked("Chi loses the network: her node is off.")),
    Step(
        who=BEN,
        act=Draft(language="en", title=cast.TITLE, text=cast.DRAFT),
        told=marked("Ben drafts a letter in English."),
    ),
    Step(
        who=DOV,
        act=Comment(language="en", paragraph=2, text=cast.DOV_COMMENTS),
        told=marked("Dov comments on the second paragraph."),
    ),
    Step(
        who=BEN,
        act=Amend(language="en", title=cast.TITLE, text=cast.AMENDED),
        told=marked("Ben amends the letter; both versions can be compared."),
    ),
    Step(
        who=FARAH,
        act=Amend(language="fa", title=cast.TITLE_IN_PERSIAN, text=cast.IN_PERSIAN),
        told=marked("Farah translates it into Persian."),
    ),
    Step(
        who=DOV,
        act=Amend(language="es", title=cast.TITLE_IN_SPANISH, text=cast.IN_SPANISH),
        told=marked("Dov translates it into Spanish."),
    ),
    Step(
        who=INES,
        act=Say(channel=LETTER, text=cast.INES_SAYS),
        told=marked("Ines, who observes, says what she thinks in #letter."),
    ),
    Step(who=CHI, act=ComeBack(), told=marked("Chi is back, and has caught up with all she missed.")),
    Step(
        who=BEN,
        act=Freeze(addressees=cast.ADDRESSEES, lifetime_ms=DAY_MS),
        told=marked("Ben freezes the letter: no word can change now, and it is open for signing."),
    ),
    Step(who=BEN, act=Sign(), told=marked("Ben signs for the Lantern Committee.")),
    Step(
        who=DOV, act=Sign(), told=marked("Dov signs as himself; his employer is named and does not endorse.")
    ),
    Step(who=FARAH, act=Sign(), told=marked("Farah signs as herself.")),
    Step(
        who=ANA,
        act=Sign(),
        asked=marked("The letter is frozen. Open it, read it in the languages you know, and sign it."),
        told=marked("Ana has read the letter and signs for Harbour House."),
    ),
    Step(who=CHI, act=Sign(), told=marked("Chi signs for the families.")),
    Step(
        who=FARAH,
        act=Withdraw(),
        told=marked("Farah withdraws her signature: it is not safe for her any more."),
    ),
    Step(
        who=FARAH,
        act=Say(channel=LETTER, text=cast.FARAH_EXPLAINS),
        told=marked("Farah explains it in #letter."),
    ),
    Step(
        who=ANA,
        act=Release(),
        asked=marked(
            "All who can sign have signed. Look at the list once more: you are an organiser, release it."
        ),
        told=marked("Ana releases the letter."),
    ),
)
