"""The languages of the interface, and how one is chosen.

Law: what the person said decides, then what they chose before, then what the system says, then English. A
language is listed under its own name, so that whoever cannot read the present one finds theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from meshcoal.errors import BadArgument

ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """`code` names its folder of this package, and is that of CLDR."""

    code: str
    name: str  # in the language itself
    english: str
    from_right: bool = False


TONGUES: Final[tuple[Tongue, ...]] = (
    Tongue(code="en", name="English", english="English"),
    Tongue(code="es", name="español", english="Spanish"),
    Tongue(code="fr", name="français", english="French"),
    Tongue(code="ar", name="العربية", english="Arabic", from_right=True),
    Tongue(code="fa", name="فارسی", english="Persian", from_right=True),
    Tongue(code="ru", name="русский", english="Russian"),
    Tongue(code="zh_Hans", name="中文（简体）", english="Chinese (simplified)"),
    Tongue(code="my", name="မြန်မာ", english="Burmese"),
    Tongue(code="pt", name="português", english="Portuguese"),
    Tongue(code="so", name="Soomaali", english="Somali"),
    Tongue(code="am", name="አማርኛ", english="Amharic"),
    Tongue(code="si", name="සිංහල", english="Sinhala"),
)
BY_CODE: Final = {tongue.code: tongue for tongue in TONGUES}
# Persian of Afghanistan goes by its own code; traditional script is another language to read.
_OTHER_CODES: Final = {"prs": "fa", "zh": "zh_Hans", "zh_CN": "zh_Hans", "zh_SG": "zh_Hans"}
_ANOTHER_SCRIPT: Final = ("zh_TW", "zh_HK", "zh_MO", "zh_Hant")


def tongue_of(tag: str) -> Tongue | None:
    """The language of a locale's name such as `fa_IR.UTF-8`, `pt-BR`, `zh_CN`; None where there is none."""
    place = tag.strip().partition(".")[0].partition("@")[0].replace("-", "_")
    if place.startswith(_ANOTHER_SCRIPT):
        return None
    for code in (place, place.partition("_")[0]):
        found = BY_CODE.get(_OTHER_CODES.get(code, code))
        if found is not None:
            return found
    return None


def named(tag: str) -> Tongue:
    """The language that somebody asked for by name.

    Raises:
        BadArgument: it is none of the interface's.
    """
    found = tongue_of(tag)
    if found is None:
        codes = ", ".join([tongue.code for tongue in TONGUES])
        raise BadArgument(f"The interface does not speak {tag}. It speaks: {codes}.")
    return found


def of_system(environment: Mapping[str, str]) -> Tongue:
    """The language that the system's variables ask for, as gettext reads them.

    Source: GNU gettext manual, "Locale Environment Variables" and "The LANGUAGE variable".
    """
    locale = next((environment[one] for one in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(one)), "")
    wanted = [locale]
    if locale not in ("", "C", "POSIX"):
        wanted = [*environment.get("LANGUAGE", "").split(":"), locale]
    for one in wanted:
        found = tongue_of(one)
        if found is not None:
            return found
    return BY_CODE[ENGLISH]


def chosen(given: str | None, saved: str, environment: Mapping[str, str]) -> Tongue:
    """The language to speak.

    Args:
        given: by `--language`; None where it was not.
        saved: what was chosen in the interface before; empty for "as the system says".
        environment: of this process.

    Raises:
        BadArgument: `given` is none of the interface's.
    """
    if given is not None:
        return named(given)
    return tongue_of(saved) or of_system(environment)
