"""Who takes part in the rehearsal, and every word they say.

Law: everybody and everything here is invented, the country too, and each text says REHEARSAL, so that a
page that gets out by mistake alarms nobody. Several scripts are used on purpose: what the program does to
Persian is best seen in Persian.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.api.commands import Capacity, Role, Seat
from meshcoal.rehearsal.coach import marked

MARK: Final = "REHEARSAL"
CAMPAIGN_NAME: Final = f"{MARK}: the teachers of Tal Noor"
CAMPAIGN_GOAL: Final = (
    f"{MARK}. One joint letter for three invented teachers, signed by those who can sign safely."
)
ALERTS: Final = "alerts"
LETTER: Final = "letter"
CHANNELS: Final = (ALERTS, LETTER)
ADDRESSEES: Final = (
    f"{MARK}: the Minister of Justice of Belmara, a country that does not exist",
    f"{MARK}: the mission of Belmara to the United Nations, which has none",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAs:
    """How somebody signs; all of it is published."""

    capacity: Capacity
    name: str
    title: str = ""
    affiliation: str = ""
    country: str = ""
    languages_read: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the six: a node with a vault of its own."""

    name: str
    seat: Seat
    role: Role
    about: str  # for the person who takes part
    signs: SignedAs | None  # None: observers do not sign


ANA: Final = Part(
    name="Ana",
    seat=Seat.EXILE,
    role=Role.ORGANISER,
    about=marked("you: an organiser in exile"),
    signs=SignedAs(
        capacity=Capacity.ORGANISATION,
        name=f"Harbour House ({MARK})",
        country="Belmara, in exile",
        languages_read=("en", "fa"),
    ),
)
BEN: Final = Part(
    name="Ben",
    seat=Seat.EXILE,
    role=Role.ORGANISER,
    about=marked("founded the coalition, writes the first draft"),
    signs=SignedAs(
        capacity=Capacity.ORGANISATION, name=f"Lantern Committee ({MARK})", country="Belmara, in exile"
    ),
)
CHI: Final = Part(
    name="Chi",
    seat=Seat.IN_COUNTRY,
    role=Role.MEMBER,
    about=marked("speaks for the families, and loses the network for a while"),
    signs=SignedAs(
        capacity=Capacity.ORGANISATION,
        name=f"Families of Tal Noor ({MARK})",
        country="Belmara",
        languages_read=("fa",),
    ),
)
DOV: Final = Part(
    name="Dov",
    seat=Seat.INGO,
    role=Role.MEMBER,
    about=marked("works for an international organisation, translates into Spanish"),
    signs=SignedAs(
        capacity=Capacity.AFFILIATED,
        name=f"Dov ({MARK})",
        title="Legal officer",
        affiliation="Open Docket International",
        languages_read=("en", "es"),
    ),
)
FARAH: Final = Part(
    name="Farah",
    seat=Seat.IN_COUNTRY,
    role=Role.MEMBER,
    about=marked("a teacher in the country, translates into Persian"),
    signs=SignedAs(
        capacity=Capacity.INDIVIDUAL,
        name=f"Farah ({MARK})",
        title="Teacher",
        country="Belmara",
        languages_read=("en", "fa"),
    ),
)
INES: Final = Part(
    name="Ines",
    seat=Seat.OBSERVER,
    role=Role.MEMBER,
    about=marked("observes: reads and comments, does not sign"),
    signs=None,
)

FOUNDER: Final = BEN
USER: Final = ANA
CAST: Final = (ANA, BEN, CHI, DOV, FARAH, INES)


# --- What is said

ARREST: Final = (
    f"{MARK}. This morning at seven three teachers were taken from the school in Tal Noor: two women and a "
    "man. No warrant was shown. Their phones were taken; please write to nobody of the school."
)
ARREST_IN_PERSIAN: Final = (
    f"تمرین ({MARK}). خانواده‌ها موافق‌اند که نامه منتشر شود، ولی نام شاگردان نباید در آن بیاید."
)
ANA_ANSWERS: Final = (
    f"{MARK}. I have read it. Ben, can you draft a letter today? I will sign for Harbour House."
)
BEN_ANSWERS: Final = (
    f"{MARK}. Thank you, Ana. I am writing a draft now. Nothing goes out before everybody has read it."
)
INES_SAYS: Final = f"{MARK}. As an observer I do not sign. The text reads as careful and fair to me. ¡Ánimo!"
DOV_COMMENTS: Final = f"{MARK}. Say which right was broken: courts and embassies look for that first."
FARAH_EXPLAINS: Final = (
    f"تمرین ({MARK}). امضایم را پس می‌گیرم؛ امروز دم خانهٔ ما آمدند. نامه بدون نام من منتشر شود."
)
FURTHER_ANSWERS: Final = (
    (CHI, f"{MARK}. Read here in the country, thank you."),
    (DOV, f"{MARK}. Noted. I am not real, so I cannot say more than that."),
    (BEN, f"{MARK}. Good. Back to the letter: the coach line says what comes next."),
)

TITLE: Final = f"{MARK}: release the three teachers of Tal Noor"
DRAFT: Final = f"""\
{MARK}. This letter is part of an exercise. Nobody in it exists.

This morning three teachers were arrested at their school in Tal Noor. No warrant was shown.

We ask the Minister of Justice to release them at once, and to tell their families where they are held."""
AMENDED: Final = f"""\
{MARK}. This letter is part of an exercise. Nobody in it exists.

This morning three teachers were arrested at their school in Tal Noor. No warrant was shown. To be told the \
reasons of one's arrest is a right (International Covenant on Civil and Political Rights, article 9).

We ask the Minister of Justice to release them at once, and to tell their families where they are held."""
TITLE_IN_PERSIAN: Final = f"تمرین ({MARK}): سه معلم تل‌نور را آزاد کنید"
IN_PERSIAN: Final = f"""\
تمرین ({MARK}). این نامه بخشی از یک تمرین است. هیچ‌کس در آن واقعی نیست.

امروز صبح سه معلم در مدرسه‌شان در تل‌نور بازداشت شدند. هیچ حکمی نشان داده نشد. آگاهی از دلیل بازداشت حق هر کس \
است (میثاق بین‌المللی حقوق مدنی و سیاسی، مادهٔ ۹).

از وزیر دادگستری می‌خواهیم آنان را فوراً آزاد کند و به خانواده‌هایشان بگوید کجا نگهداری می‌شوند."""
TITLE_IN_SPANISH: Final = f"SIMULACRO ({MARK}): libertad para los tres docentes de Tal Noor"
IN_SPANISH: Final = f"""\
SIMULACRO ({MARK}). Esta carta es parte de un ejercicio. Nadie en ella existe.

Esta mañana tres docentes fueron detenidos en su escuela de Tal Noor. No se mostró ninguna orden. Conocer \
las razones de la propia detención es un derecho (Pacto Internacional de Derechos Civiles y Políticos, \
artículo 9).

Pedimos al Ministro de Justicia que los libere de inmediato y que diga a sus familias dónde se encuentran."""
